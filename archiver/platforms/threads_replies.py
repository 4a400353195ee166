"""What the page of a post on Threads says: data for the page's own program, and words for previews.

Field names as public code had them up to mid 2026. Who is taken for a program may get a page without any of this, or a login
page; that says nothing.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from selectolax.lexbor import LexborHTMLParser

from archiver.model.findings import Findings, MediaKind, MediaRef, PostRef, PostState, Source, Statement
from archiver.platforms import moments
from archiver.platforms.addressed import REDIRECTS
from archiver.platforms.base import Platform
from archiver.platforms.embed_pages import distinct, medium, stated, tree_of
from archiver.platforms.loosejson import Json, child, children, text_at
from archiver.platforms.oembed_replies import pixels
from archiver.text import json_loads
from archiver.urls import absolute

MAX_VALUES = 300_000  # of a page's JSON that are looked at; a page has some 20,000
_EPOCH_MILLISECONDS = 1314220021721  # Instagram's, of 2011-08-24: its ids count from there (Instagram engineering, 2012)
_OPENED = datetime(2023, 1, 1, tzinfo=UTC)  # Threads opened in July 2023
_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def time_of_code(code: str) -> str | None:
    """A code is a number of 64 bits in base 64: 41 bits of milliseconds, 23 of others. None for what holds no such time."""
    number = 0
    for digit in code:
        number = number * 64 + _DIGITS.index(digit) if digit in _DIGITS else 0
    return moments.from_milliseconds((number >> 23) + _EPOCH_MILLISECONDS, _OPENED)


def read(platform: Platform, post_id: str, url: str, status: int, location: str | None, body: bytes) -> Findings:
    """The post, and those that it quotes and answers."""
    if status in REDIRECTS:
        return _redirected(platform, post_id, location)
    if status in (404, 410):
        return stated(platform.name, post_id, PostState.GONE)
    if status != 200 or post_id.encode() not in body:
        return Findings()
    tree = tree_of(url, body)
    posts, answered = _posts_in(tree, post_id)
    if (post := posts.get(post_id)) is None:
        return _read_preview(platform, post_id, tree)
    others = (other for other in (_quoted(post), posts.get(answered or "")) if other)
    statements = [_statement(platform, post_id, post, answered)]
    statements += [_statement(platform, code, other, None) for other in others if (code := _code(platform, other)) is not None]
    return Findings(statements=tuple(statements))


def _redirected(platform: Platform, post_id: str, location: str | None) -> Findings:
    """To the address with the author's name; one to a login page is of no use."""
    target = absolute("https://www.threads.com/", location) if location else None
    if target is None or platform.parse_url(target) != post_id:
        return Findings()
    author = platform.author_in(target)
    said = (Statement(platform.name, post_id, Source.EMBED_PAGE, author=author),) if author else ()
    return Findings(statements=said, links=(target,))


def _posts_in(tree: LexborHTMLParser, post_id: str) -> tuple[dict[str, Json], str | None]:
    """The posts in a page's data by code, and the code of the one that the asked one stands below in its thread."""
    posts: dict[str, Json] = {}
    answered: str | None = None
    left = MAX_VALUES
    for script in tree.css("script[type='application/json']"):
        text = script.text(deep=True) or ""
        if post_id not in text:
            continue
        try:
            stack: list[object] = [json_loads(text)]
        except (ValueError, RecursionError):
            continue
        while stack and left > 0:
            left -= 1
            value = stack.pop()
            if isinstance(value, list):
                stack.extend(reversed(value))
            elif isinstance(value, dict):
                code = text_at(value, "code")
                if code and child(value, "user") and code not in posts:
                    posts[code] = value
                answered = answered or _before(value, post_id)
                stack.extend(reversed(list(value.values())))
    return posts, answered


def _before(value: Json, post_id: str) -> str | None:
    codes = [text_at(item, "post", "code") for item in children(value, "thread_items")]
    return codes[codes.index(post_id) - 1] if post_id in codes[1:] and codes[0] != post_id else None


def _quoted(post: Json) -> Json:
    shared = child(post, "text_post_app_info", "share_info")
    return child(shared, "quoted_post") or child(shared, "quoted_attachment_post") or child(shared, "reposted_post")


def _code(platform: Platform, post: Json) -> str | None:
    """The id of a post that another one names, by its code or its address."""
    code = text_at(post, "code")
    return platform.parse_url(f"https://www.threads.com/t/{code}" if code else text_at(post, "permalink") or "")


def _statement(platform: Platform, post_id: str, post: Json, answered: str | None) -> Statement:
    quoted = _code(platform, _quoted(post))
    above = _code(platform, {"code": answered}) if answered else None
    known = bool(child(post, "user"))
    return Statement(
        platform=platform.name,
        post_id=post_id,
        source=Source.EMBED_PAGE,
        state=PostState.LIVE if known else None,
        author=text_at(post, "user", "username"),
        author_name=text_at(post, "user", "full_name"),
        text=text_at(post, "caption", "text"),
        posted_at=moments.from_seconds(post.get("taken_at")),
        media=distinct(list(_media(platform, post))),
        quotes=PostRef(platform.name, quoted) if quoted else None,
        replies_to=PostRef(platform.name, above) if above else None,
    )


def _media(platform: Platform, post: Json) -> Iterator[MediaRef | None]:
    """Pictures of a carousel, or the one picture or video; the largest of each."""
    linked = child(post, "text_post_app_info", "linked_inline_media")
    for item in [*(children(post, "carousel_media") or [post]), *([linked] if linked else [])]:
        alt = text_at(item, "accessibility_caption")
        video = max(children(item, "video_versions"), key=_width, default={})
        picture = max(children(item, "image_versions2", "candidates"), key=_width, default={})
        yield _medium(platform, video, MediaKind.VIDEO, alt)
        yield _medium(platform, picture, MediaKind.POSTER if video else MediaKind.PICTURE, alt)


def _width(form: Json) -> int:
    return pixels(form.get("width")) or 0


def _medium(platform: Platform, form: Json, kind: MediaKind, alt: str | None) -> MediaRef | None:
    address = text_at(form, "url")
    key = platform.media_key(address) if address else None
    return medium(
        "https://www.threads.com/",
        address,
        key,
        kind,
        alt=alt,
        width=pixels(form.get("width")),
        height=pixels(form.get("height")),
    )


def _read_preview(platform: Platform, post_id: str, tree: LexborHTMLParser) -> Findings:
    """What the page tells to programs that make previews; its picture may be the author's, so it is left out."""
    if platform.parse_url(_meta(tree, "og:url") or "") != post_id:
        return Findings()
    title = _meta(tree, "og:title") or ""
    name, _, rest = title.partition(" (@")
    said = Statement(
        platform=platform.name,
        post_id=post_id,
        source=Source.EMBED_PAGE,
        state=PostState.LIVE if rest else None,
        author=platform.author_in(_meta(tree, "og:url") or "") or rest.partition(")")[0] or None,
        author_name=name.strip() or None if rest else None,
        text=_meta(tree, "og:description") if rest else None,
    )
    return Findings(statements=(said,))


def _meta(tree: LexborHTMLParser, name: str) -> str | None:
    node = tree.css_first(f"meta[property='{name}']")
    return (node.attributes.get("content") or "").strip() or None if node is not None else None
