"""Threads: posts have short codes of the kind that Instagram uses, at two domains.

A post's page has data for the page's own program, and words for previews. Field names are as public code had them up to mid 2026.
A request that is taken for a program's may get a page without any of this, or a login page; that says nothing.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import ClassVar

from selectolax.lexbor import LexborHTMLParser, LexborNode

from archiver.html.addresses import address_of
from archiver.html.embed_candidates import EmbedCandidate
from archiver.html.pattern import Pattern
from archiver.model.findings import Findings, MediaRef, PostRef, PostState, Source, Statement
from archiver.platforms.base import Door, Example, Platform, PostRequest
from archiver.platforms.declared import Declared, EmbedContent, Marker
from archiver.platforms.instagram import Instagram
from archiver.platforms.meta_replies import (
    PACE,
    media_of,
    objects_in_data,
    read_tokenless,
    tokenless_door,
    tokenless_endpoint,
    tokenless_request,
)
from archiver.platforms.replies import (
    Json,
    distinct_media,
    meta_content,
    object_at,
    objects_at,
    page_tree,
    state_only,
    text_at,
    time_of_milliseconds,
    time_of_seconds,
)
from archiver.urls import query_value

_HOST = r"threads\.(?:net|com)"
_CODE = r"(?P<id>[\w-]{9,14})(?![\w-])"
_FRONT_ENDS = ("fixthreads.net", "fixthreads.seria.moe", "vxthreads.net")  # previews for chats

_SITE = "https://www.threads.com/"
_POST = "C9kVtRqMx2e"
_LINK = f"https://www.threads.net/@ferry.desk/post/{_POST}"


class Threads(Declared):
    """An id is the code in a post's address; case counts."""

    name = "threads"
    title = "Threads"
    doors = (
        Door("page", "2026-09", "a public program of 2026-09-16; words for previews, data [?]", verified=True),
        tokenless_door("2026-03", "Meta's Threads API changelog, 2026-03-03; wordpress-develop#11252, fbsamples/threads_api#71"),
        Door("embed_page", "2024", "public programs, under threads.net; its script moved to threads.com by 2026-03"),
    )
    hosts = ("threads.net", "threads.com", *_FRONT_ENDS)
    sufficient_sources = (Source.EMBED_PAGE,)  # the oEmbed reply is a sign of life, without content
    embed_gone = ("Post not available", "This post is unavailable", "Sorry, this page isn't available", "Not available")  # [?]
    urls = (Pattern(rf"(?:{_HOST}|{'|'.join(map(re.escape, _FRONT_ENDS))})/(?:(?:@|%40)[\w.]+/post/|t/){_CODE}"),)
    # The form without a name is that of the first year's share button; it leads on to the one with the name.
    canonical = "https://www.threads.com/t/{id}"
    embed = "https://www.threads.com/t/{id}/embed"  # without a name as well (seen by others in 2024, under threads.net)
    short_urls = (Pattern(rf"{_HOST}/share/[\w-]{{6,40}}"),)
    media_forms = Instagram.media_forms  # both keep their pictures at one place, so that one picture has one key
    markers = (
        Marker(".text-post-media", ("data-text-post-permalink", "cite"), links=True),
        Marker("[data-text-post-permalink]", ("data-text-post-permalink",)),
    )
    # For pages nobody publishes a limit.
    paces: ClassVar[dict[str, float]] = {"www.threads.com": 2.0, "www.threads.net": 2.0, "graph.threads.com": PACE}
    examples = (
        Example(
            f'<blockquote class="text-post-media" data-text-post-permalink="{_LINK}" data-text-post-version="0">'
            f'<a href="{_LINK}" target="_blank"><div>Post by @ferry.desk</div><div>View on Threads</div></a>'
            f'</blockquote><script async src="https://www.threads.net/embed.js"></script>',
            (_POST,),
        ),
        Example(
            f'<blockquote class="text-post-media" data-text-post-permalink="https://www.threads.com/t/{_POST}"></blockquote>',
            (_POST,),
        ),
        Example(f'<blockquote class="text-post-media"><a href="{_LINK}">View on Threads</a></blockquote>', (_POST,)),
        Example(f'<iframe src="https://www.threads.net/@ferry.desk/post/{_POST}/embed/"></iframe>', (_POST,)),
        Example(f"<p>https://www.threads.com/@ferry.desk/post/{_POST}?xmt=AQGz</p>", (_POST,)),
        Example(
            f'<p><a href="https://www.threads.net/t/{_POST}?igshid=x">One</a>, <a href="https://threads.com/share/_kR7qPzLm2a/">two</a></p>',
            links=(_POST,),
            short_links=("threads.com/share/_kR7qPzLm2a",),
        ),
        Example('<p>Follow <a href="https://www.threads.net/@ferry.desk">ferry.desk</a></p>'),
        Example('<a href="https://www.threads.net/intent/post?text=https%3A%2F%2Fblog.example%2Fa">Share on Threads</a>'),
        Example('<a href="https://www.threads.com/@ferry.desk/replies">Replies</a>'),
        Example('<script async src="https://www.threads.net/embed.js"></script>'),
    )

    def posted_at(self, post_id: str) -> str | None:
        return _time_of_code(post_id)

    def read_frame(self, candidate: EmbedCandidate) -> EmbedContent:
        return EmbedContent(author=self.author_in(candidate.value))

    def read_box(self, node: LexborNode) -> EmbedContent:
        """The embed code has nothing of the post but its address, and with it the author."""
        links = (link.attributes.get("href") or "" for link in node.css("a[href]")[:5])
        addresses = (node.attributes.get("data-text-post-permalink") or "", *links)
        return EmbedContent(author=next((handle for url in addresses if (handle := self.author_in(url)) is not None), None))

    def author_in(self, url: str) -> str | None:
        found = re.match(r"[^/?#]+/(?:@|%40)(?P<handle>[\w.]+)", address_of(url))
        return found["handle"] if found else None

    def requests_about(self, post_id: str) -> tuple[PostRequest, ...]:
        """The page; then the endpoint of https://developers.facebook.com/docs/threads/tools-and-resources/embed-a-threads-post."""
        page = self.canonical_url(post_id)
        return (PostRequest(page, "page"), tokenless_request("https://graph.threads.com/oembed", page))

    def is_reply(self, url: str) -> bool:
        return self.parse_url(url) is not None or tokenless_endpoint(url) == "oembed" or super().is_reply(url)

    def read_reply(self, url: str, status: int, location: str | None, body: bytes) -> Findings | None:
        if tokenless_endpoint(url) == "oembed":
            named = self.parse_url(query_value(url, "url") or "")
            return read_tokenless(self, named, status, body) if named is not None else Findings()
        post_id = self.parse_url(url)
        if post_id is None:
            return super().read_reply(url, status, location, body)
        return _read_post_page(self, post_id, url, status, body)


# --- the post's page -----------------------------------------------------------------------------------------

_EPOCH_MILLISECONDS = 1314220021721  # Instagram's, of 2011-08-24: its ids count from there (Instagram engineering, 2012)
_OPENED = datetime(2023, 1, 1, tzinfo=UTC)  # Threads opened in July 2023
_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def _time_of_code(code: str) -> str | None:
    """A code is a number of 64 bits in base 64: 41 bits of milliseconds, 23 of others. None for what holds no such time."""
    number = 0
    for digit in code:
        number = number * 64 + _DIGITS.index(digit) if digit in _DIGITS else 0
    return time_of_milliseconds((number >> 23) + _EPOCH_MILLISECONDS, _OPENED)


def _read_post_page(platform: Platform, post_id: str, url: str, status: int, body: bytes) -> Findings:
    """The post, and those that it quotes and answers."""
    if status in (404, 410):
        return state_only(platform.name, post_id, PostState.GONE)
    if status != 200 or post_id.encode() not in body:
        return Findings()
    tree = page_tree(url, body)
    posts, answered = _posts_in(tree, post_id)
    if (post := posts.get(post_id)) is None:
        return _read_preview(platform, post_id, tree)
    others = (other for other in (_quoted(post), posts.get(answered or "")) if other)
    statements = [_statement(platform, post_id, post, answered)]
    statements += [_statement(platform, code, other, None) for other in others if (code := _code(platform, other)) is not None]
    return Findings(statements=tuple(statements))


def _posts_in(tree: LexborHTMLParser, post_id: str) -> tuple[dict[str, Json], str | None]:
    """The posts in a page's data by code, and the code of the one that the requested one stands below in its thread."""
    posts: dict[str, Json] = {}
    answered: str | None = None
    for value in objects_in_data(tree, lambda text: post_id in text):
        code = text_at(value, "code")
        if code and object_at(value, "user") and code not in posts:
            posts[code] = value
        answered = answered or _before(value, post_id)
    return posts, answered


def _before(value: Json, post_id: str) -> str | None:
    codes = [text_at(item, "post", "code") for item in objects_at(value, "thread_items")]
    return codes[codes.index(post_id) - 1] if post_id in codes[1:] and codes[0] != post_id else None


def _quoted(post: Json) -> Json:
    shared = object_at(post, "text_post_app_info", "share_info")
    return object_at(shared, "quoted_post") or object_at(shared, "quoted_attachment_post") or object_at(shared, "reposted_post")


def _code(platform: Platform, post: Json) -> str | None:
    """The id of a post that another one names, by its code or its address."""
    code = text_at(post, "code")
    return platform.parse_url(f"https://www.threads.com/t/{code}" if code else text_at(post, "permalink") or "")


def _statement(platform: Platform, post_id: str, post: Json, answered: str | None) -> Statement:
    quoted = _code(platform, _quoted(post))
    above = _code(platform, {"code": answered}) if answered else None
    known = bool(object_at(post, "user"))
    return Statement(
        platform=platform.name,
        post_id=post_id,
        source=Source.EMBED_PAGE,
        state=PostState.LIVE if known else None,
        author=text_at(post, "user", "username"),
        author_name=text_at(post, "user", "full_name"),
        text=text_at(post, "caption", "text"),
        posted_at=time_of_seconds(post.get("taken_at")),
        media=distinct_media(list(_media(platform, post))),
        quotes=PostRef(platform.name, quoted) if quoted else None,
        replies_to=PostRef(platform.name, above) if above else None,
    )


def _media(platform: Platform, post: Json) -> Iterator[MediaRef | None]:
    """Those of the post, and the one that its text carries within."""
    yield from media_of(platform, _SITE, post)
    if linked := object_at(post, "text_post_app_info", "linked_inline_media"):
        yield from media_of(platform, _SITE, {**linked, "carousel_media": None})


def _read_preview(platform: Platform, post_id: str, tree: LexborHTMLParser) -> Findings:
    """What the page gives to programs that make previews; its picture may be the author's, so it is left out."""
    if platform.parse_url(meta_content(tree, "og:url") or "") != post_id:
        return Findings()
    title = meta_content(tree, "og:title") or ""
    name, _, rest = title.partition(" (@")
    statement = Statement(
        platform=platform.name,
        post_id=post_id,
        source=Source.EMBED_PAGE,
        state=PostState.LIVE if rest else None,
        author=platform.author_in(meta_content(tree, "og:url") or "") or rest.partition(")")[0] or None,
        author_name=name.strip() or None if rest else None,
        text=meta_content(tree, "og:description") if rest else None,
    )
    return Findings(statements=(statement,))
