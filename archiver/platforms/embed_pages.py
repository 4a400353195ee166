"""The page that a platform makes for frames, as replies are read from it: parsed once, whatever its size or nesting."""

import re
from collections.abc import Iterable

from selectolax.lexbor import LexborHTMLParser, LexborNode

from archiver.html.document import Document
from archiver.html.text import text_of
from archiver.model.findings import Findings, MediaKind, MediaRef, PostState, Source, Statement
from archiver.platforms.base import Platform
from archiver.urls import absolute, url_key

MAX_BODY = 4_000_000  # bytes; such pages have 40 to 700 KB, most of it scripts
MAX_MEDIA = 100  # of one post

_BACKGROUND = re.compile(r"background(?:-image)?\s*:[^;]{0,50}?url\(\s*[\"']?([^\"')\s]{4,4000})", re.I)
# Pages of platforms that are not in UTF-8 say so at the very beginning.
_WINDOWS_1251 = re.compile(rb"charset\s*=\s*[\"']?windows-1251", re.I)


def tree_of(url: str, body: bytes) -> LexborHTMLParser:
    """The page's tree; an empty one for what is no page."""
    encoding = "cp1251" if _WINDOWS_1251.search(body, 0, 2_000) else "utf-8"
    return Document(url, body[:MAX_BODY].decode(encoding, "replace")).tree


def told_by_status(platform: Platform, post_id: str, status: int) -> Findings | None:
    """What the status alone says: that the post is gone, or nothing. None where the page itself is to be read."""
    if status in (404, 410):
        return stated(platform.name, post_id, PostState.GONE)
    return Findings() if status != 200 else None


def words_of(node: LexborNode | None) -> str | None:
    """What a reader sees of an element; None without one, or without words in it."""
    return (text_of(node) or None) if node is not None else None


def background_of(node: LexborNode) -> str | None:
    """The address in `style="background-image:url('…')"`, as it stands there."""
    found = _BACKGROUND.search(node.attributes.get("style") or "")
    return found[1] if found else None


def medium(
    base: str,
    address: object,
    key: str | None,
    kind: MediaKind = MediaKind.PICTURE,
    *,
    alt: str | None = None,
    width: int | None = None,
    height: int | None = None,
) -> MediaRef | None:
    """A picture or video, its address as it stands in a page or a reply; None where that is no http(s) URL.

    Without a `key` it has the URL's own.
    """
    url = absolute(base, address) if isinstance(address, str) and address else None
    if url is None or url_key(url) == url_key(base):  # nothing but white space or a fragment leads back to the page
        return None
    return MediaRef(url, key or url_key(url), kind, alt=alt or None, width=width, height=height)


def distinct(media: Iterable[MediaRef | None]) -> tuple[MediaRef, ...]:
    """One of each, in order, at most MAX_MEDIA."""
    by_key: dict[tuple[str, MediaKind], MediaRef] = {}
    for one in media:
        if one is not None:
            by_key.setdefault((one.key, one.kind), one)
    return tuple(by_key.values())[:MAX_MEDIA]


def stated(platform: str, post_id: str, state: PostState) -> Findings:
    """A statement that says no more than how a post is."""
    return Findings(statements=(Statement(platform, post_id, Source.EMBED_PAGE, state),))
