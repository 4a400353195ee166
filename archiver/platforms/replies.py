"""What platforms reply, read leniently: JSON of any shape, times, sizes, media, the pages they make for frames, oEmbed.

Nobody promised the shape of a reply: what is missing, or of another type than expected, is nothing, and never an exception.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from archiver.html.document import Document
from archiver.html.text import text_of
from archiver.model.findings import Findings, MediaKind, MediaRef, PostState, Source, Statement
from archiver.platforms.base import Platform
from archiver.text import json_loads
from archiver.times import from_iso, to_iso
from archiver.urls import absolute, query_value, url_key

Json = dict[str, Any]

MAX_BODY = 4_000_000  # bytes of an embed page; they have 40 to 700 KB, most of it scripts
MAX_MEDIA = 100  # of one post

# What most oEmbed endpoints mean: the specification has 404 for "no such thing", 401 for "not public".
OEMBED_STATES: Mapping[int, PostState] = {
    401: PostState.PROTECTED,
    403: PostState.PROTECTED,
    404: PostState.GONE,
    410: PostState.GONE,
}
_EARLIEST = datetime(2004, 2, 1, tzinfo=UTC)  # the first of these platforms opened; before it a number is no time
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)
_BACKGROUND = re.compile(r"background(?:-image)?\s*:[^;]{0,50}?url\(\s*[\"']?([^\"')\s]{4,4000})", re.I)
# Pages of platforms that are not in UTF-8 say so at the very beginning.
_WINDOWS_1251 = re.compile(rb"charset\s*=\s*[\"']?windows-1251", re.I)

# --- JSON ---------------------------------------------------------------------------------------------------


def object_in(body: bytes | str) -> Json | None:
    """The JSON object that a reply is; None where it is no JSON, or JSON of another type."""
    try:
        reply = json_loads(body)
    except (ValueError, RecursionError):
        return None
    return reply if isinstance(reply, dict) else None


def value_at(value: object, *keys: str) -> object:
    """The value under one key after another, in objects within objects; None where a key is missing."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def object_at(value: object, *keys: str) -> Json:
    """The object under these keys; {} where there is none, or a value of another type."""
    found = value_at(value, *keys)
    return found if isinstance(found, dict) else {}


def objects_at(value: object, *keys: str) -> list[Json]:
    """The objects in the list under these keys, other items left out; [] where there is no list."""
    found = value_at(value, *keys)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def text_at(value: object, *keys: str) -> str | None:
    """The text under these keys, without white space around it; None where it is missing, empty or no text."""
    found = value_at(value, *keys)
    return found.strip() or None if isinstance(found, str) else None


# --- times and sizes -----------------------------------------------------------------------------------------


def time_of_milliseconds(milliseconds: int, earliest: datetime = _EARLIEST) -> str | None:
    """ISO 8601, UTC, of milliseconds since 1970; None for what cannot be the time of a post, such as the bits of a serial number.

    `earliest` is when the platform opened.
    """
    if not earliest.timestamp() * 1_000 <= milliseconds < _LATEST.timestamp() * 1_000:
        return None
    return to_iso(datetime.fromtimestamp(milliseconds / 1_000, UTC))


def time_of_seconds(seconds: object) -> str | None:
    """ISO 8601, UTC, of seconds since 1970, as a number or as digits; None for all else, and for what cannot be a post's time."""
    if isinstance(seconds, str) and seconds.isascii() and seconds.isdigit() and len(seconds) < 12:
        seconds = int(seconds)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds < 1e11:
        return None
    return time_of_milliseconds(int(seconds * 1_000))


def time_of_text(text: object) -> str | None:
    """ISO 8601, UTC, of `2022-03-01T10:00:00+02:00` and its like; None for what is no ISO 8601, or no post's time."""
    if not isinstance(text, str):
        return None
    try:
        moment = from_iso(text.strip())
        return to_iso(moment) if _EARLIEST <= moment < _LATEST else None
    except (ValueError, OverflowError):
        return None


def pixels(value: object) -> int | None:
    """A width or height in pixels, which some endpoints give as text; None for what is neither, or no plausible size."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 7:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1_000_000 else None


# --- pages made for frames -----------------------------------------------------------------------------------


def page_tree(url: str, body: bytes) -> LexborHTMLParser:
    """The tree of a page that a platform makes for frames, whatever its size or nesting; empty for what is no page."""
    encoding = "cp1251" if _WINDOWS_1251.search(body, 0, 2_000) else "utf-8"
    return Document(url, body[:MAX_BODY].decode(encoding, "replace")).tree


def findings_of_status(platform: Platform, post_id: str, status: int) -> Findings | None:
    """What the HTTP status alone says: 404 and 410 that the post is gone, others nothing; None for 200, where the body tells."""
    if status in (404, 410):
        return state_only(platform.name, post_id, PostState.GONE)
    return Findings() if status != 200 else None


def shown_text(node: LexborNode | None) -> str | None:
    """The text of an element as a reader sees it; None without an element, or without words in it."""
    return (text_of(node) or None) if node is not None else None


def meta_content(tree: LexborHTMLParser, name: str) -> str | None:
    """The `content` of `<meta property="name">` (Open Graph: `og:title`); None without one, or where it is empty."""
    node = tree.css_first(f"meta[property='{name}']")
    return (node.attributes.get("content") or "").strip() or None if node is not None else None


def background_url(node: LexborNode) -> str | None:
    """The URL in `style="background-image:url('…')"`, as it stands there, relative or absolute; None without one."""
    found = _BACKGROUND.search(node.attributes.get("style") or "")
    return found[1] if found else None


def media_ref(
    base: str,
    address: object,
    key: str | None,
    kind: MediaKind = MediaKind.PICTURE,
    *,
    alt: str | None = None,
    width: int | None = None,
    height: int | None = None,
) -> MediaRef | None:
    """A picture or video by its address as it stands in a page or a reply; None where that is no http(s) URL.

    `base` is what relative addresses refer to. `key` is the platform's key for all sizes of the medium; without one the URL's own
    is taken. `width` and `height` are in pixels.
    """
    url = absolute(base, address) if isinstance(address, str) and address else None
    if url is None or url_key(url) == url_key(base):  # nothing but white space or a fragment leads back to the page
        return None
    return MediaRef(url, key or url_key(url), kind, alt=alt or None, width=width, height=height)


def distinct_media(media: Iterable[MediaRef | None]) -> tuple[MediaRef, ...]:
    """One of each key and kind, in order, at most MAX_MEDIA."""
    by_key: dict[tuple[str, MediaKind], MediaRef] = {}
    for one in media:
        if one is not None:
            by_key.setdefault((one.key, one.kind), one)
    return tuple(by_key.values())[:MAX_MEDIA]


def state_only(platform: str, post_id: str, state: PostState) -> Findings:
    """A statement, from the page made for frames, that says nothing but the post's state."""
    return Findings(statements=(Statement(platform, post_id, Source.EMBED_PAGE, state),))


# --- oEmbed --------------------------------------------------------------------------------------------------


def read_oembed(
    platform: Platform, url: str, status: int, body: bytes, states: Mapping[int, PostState] = OEMBED_STATES
) -> Findings:
    """What an oEmbed endpoint's reply (https://oembed.com, version 1.0) says of the post that its request's `url` names.

    `states` are the HTTP statuses that say something of the post. Nothing from a firewall's page or an overload page.
    """
    post_id = platform.parse_url(query_value(url, "url") or "")
    return read_oembed_of(platform, post_id, url, status, body, states) if post_id is not None else Findings()


def read_oembed_of(
    platform: Platform, post_id: str, url: str, status: int, body: bytes, states: Mapping[int, PostState] = OEMBED_STATES
) -> Findings:
    """What an oEmbed reply says of a post whose id is known by other means than `platform.parse_url`; see `read_oembed`."""
    if status in (401, 403) and body.lstrip()[:1] == b"<":
        return Findings()  # a firewall's page or a login wall; an endpoint that refuses a post says so in JSON or in a word
    if status in states:
        return Findings(statements=(Statement(platform.name, post_id, Source.OEMBED, states[status]),))
    reply = object_in(body)
    if status != 200 or reply is None or not ({"html", "title", "url", "author_name"} & reply.keys()):
        return Findings()
    statement = Statement(
        platform=platform.name,
        post_id=post_id,
        source=Source.OEMBED,
        state=PostState.LIVE,
        author=platform.author_in(text_at(reply, "author_url") or ""),
        author_name=text_at(reply, "author_name"),
        text=text_at(reply, "title") or text_at(reply, "description"),
        media=_oembed_media(platform, url, reply),
    )
    return Findings(statements=(statement,))


def _oembed_media(platform: Platform, base: str, reply: Json) -> tuple[MediaRef, ...]:
    kind = MediaKind.PICTURE if reply.get("type") == "photo" else MediaKind.POSTER
    found: dict[str, MediaRef] = {}
    for name, prefix in (("url", ""), ("thumbnail_url", "thumbnail_")):
        if name == "url" and reply.get("type") != "photo":
            continue
        written = text_at(reply, name)
        if written is not None and (address := absolute(base, written)) not in (None, base):
            key = platform.media_key(address) or url_key(address)
            width, height = pixels(reply.get(f"{prefix}width")), pixels(reply.get(f"{prefix}height"))
            found.setdefault(key, MediaRef(address, key, kind, width=width, height=height))
    return tuple(found.values())
