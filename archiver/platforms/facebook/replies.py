"""What the frames of Facebook's plugins say: `plugins/post.php?href=…`, HTML that needs no script.

Names of attributes and words as public programs found them up to 2026; nobody here has tried them against the live service.
"""

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from archiver.html.pattern import Pattern
from archiver.html.text import text_of
from archiver.model.findings import Findings, MediaKind, MediaRef, PostState, Source, Statement
from archiver.platforms.base import Platform
from archiver.platforms.embed_pages import distinct, medium, stated, tree_of, words_of
from archiver.platforms.facebook.urls import owner_of
from archiver.platforms.moments import from_seconds
from archiver.text import json_loads

ASKED = Pattern(r"https?://www\.facebook\.com/(?:v\d[\d.]*/)?plugins/(?:post|video|comment_embed)\.php\?")
# Said of posts that are gone or not public, and of public ones that it does not frame (those of groups): a tombstone.
_UNAVAILABLE = Pattern(r"(?:post|video|comment|content) is no longer available|video unavailable|isn.t available right now", re.I)
_MESSAGE = '[data-testid="post_message"], .userContent'
_HIDDEN = ".text_exposed_hide, .text_exposed_link"
_VIDEO = Pattern(r"\"(?P<name>hd_src|sd_src)\"\s{0,9}:\s{0,9}(?P<text>\"(?:[^\"\\]|\\.){8,4000}\")")


def read(platform: Platform, post_id: str, url: str, status: int, body: bytes) -> Findings:
    """A statement on the post; nothing from a login page, a refusal or an overload page."""
    if status != 200:  # what is missing is told in a page with status 200
        return Findings()
    tree = tree_of(url, body)
    message, time = tree.css_first(_MESSAGE), tree.css_first("abbr[data-utime]")
    posted_at = from_seconds(time.attributes.get("data-utime")) if time is not None else None
    media = distinct(_media(platform, url, tree))
    if message is None and posted_at is None and not any(medium.kind is MediaKind.VIDEO for medium in media):
        told = _UNAVAILABLE.search(words_of(tree.body) or "")
        return stated(platform.name, post_id, PostState.TOMBSTONE) if told else Findings()
    author = _author_link(platform, tree)
    said = Statement(
        platform=platform.name,
        post_id=post_id,
        source=Source.EMBED_PAGE,
        state=PostState.LIVE,
        author=(platform.author_in(author.attributes.get("href") or "") if author is not None else None) or owner_of(post_id),
        author_name=_author_name(tree, author),
        text=_text(message),
        posted_at=posted_at,
        media=media,
    )
    return Findings(statements=(said,))


def _text(message: LexborNode | None) -> str | None:
    """All of a long text is there, with `…` and "See more" in between for those who have not asked for it."""
    if message is None:
        return None
    return text_of(message, without={node.mem_id for node in message.css(_HIDDEN)}) or None


def _author_link(platform: Platform, tree: LexborHTMLParser) -> LexborNode | None:
    links = (link for link in tree.css("a[title][href], a[href]:has(img[aria-label])"))
    return next((link for link in links if platform.author_in(link.attributes.get("href") or "") is not None), None)


def _author_name(tree: LexborHTMLParser, link: LexborNode | None) -> str | None:
    """The portrait's label, else the title of the link to the author's page."""
    portrait = tree.css_first("img[aria-label]")
    label = portrait.attributes.get("aria-label") if portrait is not None else None
    return label or (link.attributes.get("title") if link is not None else None) or words_of(link)


def _media(platform: Platform, base: str, tree: LexborHTMLParser) -> list[MediaRef | None]:
    best: dict[str, str] = {}
    for script in tree.css("script"):
        text = script.text(deep=True) or ""
        for found in _VIDEO.finditer(text) if "_src" in text else ():
            best.setdefault(found["name"], _plain(found["text"]))
    video = best.get("hd_src") or best.get("sd_src")
    kind = MediaKind.POSTER if video else MediaKind.PICTURE
    shown = [_picture(platform, base, node, kind) for node in tree.css("img[src]") if "aria-label" not in node.attributes]
    return [*shown, medium(base, video, platform.media_key(video or ""), MediaKind.VIDEO)]


def _picture(platform: Platform, base: str, node: LexborNode, kind: MediaKind) -> MediaRef | None:
    """A picture of the post, which is told from portraits and icons by its address."""
    address = node.attributes.get("src") or ""
    key = platform.media_key(address)
    alt = node.attributes.get("alt") or node.attributes.get("caption")
    return medium(base, address, key, kind, alt=alt) if key is not None else None


def _plain(text: str) -> str:
    try:
        value = json_loads(text)
    except ValueError:
        return ""
    return value if isinstance(value, str) else ""
