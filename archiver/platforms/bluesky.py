"""Bluesky: posts are records of the AT protocol, named by who wrote them (a DID or a handle) and a key made from the time.

What the public API says is read as its lexicon has it (app.bsky.feed.getPostThread, github.com/bluesky-social/atproto).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import ClassVar
from urllib.parse import unquote

from selectolax.lexbor import LexborNode

from archiver.html.addresses import address_of
from archiver.html.embed_candidates import EmbedCandidate
from archiver.html.pattern import Pattern
from archiver.html.text import text_of
from archiver.model.findings import Alias, EmbedKind, Findings, MediaKind, MediaRef, PostRef, PostState, Source, Statement
from archiver.platforms.base import Door, Example, Platform, PostRequest
from archiver.platforms.declared import MAX_TEXT, Declared, EmbedContent, Marker, MediaForm
from archiver.platforms.replies import (
    Json,
    distinct_media,
    media_ref,
    object_at,
    object_in,
    objects_at,
    text_at,
    time_of_milliseconds,
    time_of_text,
    value_at,
)
from archiver.urls import query_value, url_key

_ACTOR = r"(?P<actor>[^/?#\s\"]{3,300})"
_KEY = r"(?P<key>[\w~:-]{1,64})"
_AT_URI = Pattern(rf"\bat://{_ACTOR}/app\.bsky\.feed\.post/{_KEY}")
# https://atproto.com/specs/did and /specs/handle: a handle is a host name, its case does not count.
_DID = Pattern(r"did:[a-z]+:[\w.:%-]*[\w-]")
_HANDLE = Pattern(r"(?:[a-z0-9-]{1,63}\.)+[a-z][a-z0-9-]{0,62}")
# Other doors to the same posts, with Bluesky's paths: applications, and previews for chats (as gallery-dl lists them).
_FRONT_ENDS = (
    *("deer.social", "blacksky.community", "main.bsky.dev", "staging.bsky.app", "staging.bsky.dev"),
    *("fxbsky.app", "vxbsky.app", "xbsky.app", "cbsky.app", "bskyx.app", "bskye.app", "bsyy.app", "bskx.app", "psky.app"),
)
_BLOB_DID = r"did(?::|%3A)(?P<method>plc|web)(?::|%3A)(?P<did>[\w.-]+)"
_BLOB = r"(?P<cid>b[a-z0-9]{20,100})"
_API = "https://public.api.bsky.app/xrpc/app.bsky.feed.getPostThread?"

_WHO, _POST = "did:plc:k4lqx2mwe7orz5hvdat3nsyc", "3lbw5hkq2c22x"
_BOX = (
    f'<blockquote class="bluesky-embed" data-bluesky-uri="at://{_WHO}/app.bsky.feed.post/{_POST}" data-bluesky-cid="bafyreiabc">'
    f'<p lang="en">The ferry is back.<br><br><a href="https://bsky.app/profile/{_WHO}/post/{_POST}?ref_src=embed">'
    f'[image or embed]</a></p>&mdash; Mira (<a href="https://bsky.app/profile/{_WHO}?ref_src=embed">@mira.example</a>) '
    f'<a href="https://bsky.app/profile/{_WHO}/post/{_POST}?ref_src=embed">November 27, 2024 at 9:14 AM</a></blockquote>'
)
_SUBSTACK = (
    f'<div class="bluesky-wrap outer" data-attrs="{{&quot;postId&quot;:&quot;{_POST}&quot;,&quot;text&quot;:&quot;Back.&quot;,'
    f'&quot;uri&quot;:&quot;at://{_WHO}/app.bsky.feed.post/{_POST}&quot;}}"></div>'
)
_BY_DID = (f"{_WHO}/{_POST}",)


class Bluesky(Declared):
    """An id is `actor/key`, the actor being a DID or a handle; which DID a handle has is known from a reply only."""

    name = "bluesky"
    title = "Bluesky"
    doors = (
        Door("api", "", ""),
        Door("embed_page", "", ""),
    )
    hosts = ("bsky.app", "bsky.social", "bsky.network", *_FRONT_ENDS)
    # `bskyembed` of github.com/bluesky-social/social-app, 2025; the first for whatever goes wrong, the second for who opted out.
    embed_gone = ("Post not found, it may have been deleted", "has requested their posts not be displayed on external sites")
    urls = (
        Pattern(rf"(?:bsky\.app|{'|'.join(map(re.escape, _FRONT_ENDS))})/profile/{_ACTOR}/post/{_KEY}"),
        Pattern(rf"embed\.bsky\.app/embed/{_ACTOR}/app\.bsky\.feed\.post/{_KEY}"),
    )
    markers = (
        Marker("[data-bluesky-uri]", ("data-bluesky-uri",), EmbedKind.BLOCKQUOTE, _AT_URI),
        Marker(".bluesky-embed", kind=EmbedKind.BLOCKQUOTE, links=True),  # where a sanitizer took the attribute
        Marker(".bluesky-wrap", ("data-attrs",), EmbedKind.PLACEHOLDER, _AT_URI),  # Substack
        Marker("bluesky-post", ("src",), EmbedKind.PLACEHOLDER, _AT_URI),  # a web component, github.com/mary-ext
    )
    media_forms = (
        MediaForm(
            Pattern(rf"cdn\.bsky\.app/img/feed_\w+/plain/{_BLOB_DID}/{_BLOB}", re.I),
            "cdn.bsky.app/did:{method}:{did}/{cid}",
            (
                "https://cdn.bsky.app/img/feed_fullsize/plain/did:{method}:{did}/{cid}@jpeg",
                "https://cdn.bsky.app/img/feed_thumbnail/plain/did:{method}:{did}/{cid}@jpeg",
            ),
        ),
        # What was uploaded, one file, is at the author's server; bsky.social redirects there (yt-dlp uses it as well) [?].
        MediaForm(
            Pattern(rf"video\.(?:cdn\.)?bsky\.app/(?:watch|hls)/{_BLOB_DID}/{_BLOB}/(?:playlist|\w+/video)\.m3u8", re.I),
            "cdn.bsky.app/did:{method}:{did}/{cid}",
            (
                "https://bsky.social/xrpc/com.atproto.sync.getBlob?did=did:{method}:{did}&cid={cid}",
                "https://video.bsky.app/watch/did%3A{method}%3A{did}/{cid}/playlist.m3u8",
            ),
        ),
        MediaForm(
            Pattern(rf"video\.(?:cdn\.)?bsky\.app/(?:watch|hls)/{_BLOB_DID}/{_BLOB}/thumbnail\.jpg", re.I),
            "video.bsky.app/did:{method}:{did}/{cid}/thumbnail",
            ("https://video.bsky.app/watch/did%3A{method}%3A{did}/{cid}/thumbnail.jpg",),
        ),
        MediaForm(
            Pattern(
                rf"(?P<host>[\w.-]+)/xrpc/com\.atproto\.sync\.getBlob(?=[^#]*[?&]did={_BLOB_DID})(?=[^#]*[?&]cid={_BLOB})", re.I
            ),
            "cdn.bsky.app/did:{method}:{did}/{cid}",
            ("https://{host}/xrpc/com.atproto.sync.getBlob?did=did:{method}:{did}&cid={cid}",),
        ),
    )
    oembed = "https://embed.bsky.app/oembed?format=json&url={url}"
    # 3,000 requests in five minutes is what Bluesky's own servers bear (docs.bsky.app, rate limits, 2024); for the cached public
    # API nothing is published, so it gets a third of that.
    paces: ClassVar[dict[str, float]] = {
        "public.api.bsky.app": 0.3,
        "cdn.bsky.app": 0.1,
        "video.bsky.app": 0.5,
        "bsky.social": 0.5,
    }
    examples = (
        Example(_BOX, _BY_DID),
        Example(
            f'<blockquote data-bluesky-uri="https://bsky.app/profile/Mira.Example/post/{_POST}"><p>Words</p></blockquote>',
            (f"mira.example/{_POST}",),
        ),
        Example(
            f'<iframe src="https://embed.bsky.app/embed/{_WHO}/app.bsky.feed.post/{_POST}?id=77"></iframe>', (f"{_WHO}/{_POST}",)
        ),
        Example(
            f'<div class="bluesky-embed"><iframe data-bluesky-uri="at://{_WHO}/app.bsky.feed.post/{_POST}"></iframe></div>',
            _BY_DID,
        ),
        Example(_SUBSTACK, _BY_DID),
        Example(f'<bluesky-post src="at://{_WHO}/app.bsky.feed.post/{_POST}"></bluesky-post>', _BY_DID),
        Example(
            f'<figure class="wp-block-embed"><div>\nhttps://bsky.app/profile/mira.example/post/{_POST}\n</div></figure>',
            (f"mira.example/{_POST}",),
        ),
        Example(
            f'<p>She <a href="https://bsky.app/profile/did%3Aplc%3A{_WHO[8:]}/post/{_POST}">says</a> so, and '
            f'<a href="https://fxbsky.app/profile/ilya.example/post/3lbw6aaaaaa2k">he</a> too.</p>',
            links=(f"{_WHO}/{_POST}", "ilya.example/3lbw6aaaaaa2k"),
        ),
        Example('<p>Follow <a href="https://bsky.app/profile/mira.example">me</a></p>'),
        Example('<a href="https://bsky.app/intent/compose?text=https%3A%2F%2Fblog.example%2Fa" class="share">Share</a>'),
        Example('<iframe src="https://bsky.app/profile/mira.example/feed/harbour"></iframe>'),
        Example('<bsky-embed username="mira.example" limit="5"></bsky-embed>'),
        Example('<script async src="https://embed.bsky.app/static/embed.js"></script>'),
    )

    def parse_url(self, url: str) -> str | None:
        """The post id that a URL names; `at://` addresses, which are no web URLs, are read too."""
        found = _AT_URI.match(url.strip())
        return self.id_of(found.groupdict()) if found else super().parse_url(url)

    def id_of(self, groups: Mapping[str, str | None]) -> str | None:
        actor = unquote(groups["actor"] or "").removeprefix("@")
        if _DID.fullmatch(actor) is None:
            actor = actor.lower()
            if _HANDLE.fullmatch(actor) is None:
                return None
        return f"{actor}/{groups['key']}"

    def canonical_url(self, post_id: str) -> str:
        actor, _, key = post_id.partition("/")
        return f"https://bsky.app/profile/{actor}/post/{key}"

    def embed_page(self, post_id: str, author: str | None = None) -> str | None:
        """What stands behind `/embed/` it takes as an `at://` address, so that a handle will do as well as a DID."""
        actor, _, key = post_id.partition("/")
        return f"https://embed.bsky.app/embed/{actor}/app.bsky.feed.post/{key}"

    def posted_at(self, post_id: str) -> str | None:
        return _time_of_key(post_id.partition("/")[2])

    def author_in(self, url: str) -> str | None:
        found = re.match(r"[^/?#]+/profile/@?(?P<handle>[^/?#]+)", address_of(url))
        handle = unquote(found["handle"]).lower() if found else ""
        return handle if _HANDLE.fullmatch(handle) else None

    def read_frame(self, candidate: EmbedCandidate) -> EmbedContent:
        return EmbedContent(author=self.author_in(candidate.value))

    def read_box(self, node: LexborNode) -> EmbedContent:
        content = _read_embed_code(node)
        return content if content is not None else super().read_box(node)

    def requests_about(self, post_id: str) -> tuple[PostRequest, ...]:
        actor, _, key = post_id.partition("/")
        return (PostRequest(f"{_API}uri=at://{actor}/app.bsky.feed.post/{key}&depth=0&parentHeight=1", "api"),)

    def is_reply(self, url: str) -> bool:
        return url.startswith(_API) or super().is_reply(url)

    def read_reply(self, url: str, status: int, location: str | None, body: bytes) -> Findings | None:
        if not url.startswith(_API):
            return super().read_reply(url, status, location, body)
        post_id = self.parse_url(query_value(url, "uri") or "")
        return _read_thread(self, post_id, status, body) if post_id is not None else Findings()


# --- the embed code ------------------------------------------------------------------------------------------

# The embed code has this for whatever the post shows beside its words.
_ATTACHED = Pattern(r"\s*\[image or embed\]\s*$", re.I)
_ATTRIBUTION = Pattern(r"^[\s—–-]*+(?P<name>.*?)\s*\(@(?P<handle>[\w.-]+)\)", re.S)
MAX_IMAGES = 20
MAX_NAME = 200  # characters; Bluesky allows 64


def _read_embed_code(node: LexborNode) -> EmbedContent | None:
    """What the box of the embed code, or Substack's `data-attrs`, says of the post; None for other elements."""
    if node.tag == "blockquote":
        return _read_blockquote(node)
    data = object_in(node.attributes.get("data-attrs") or "")
    if data is None:
        return None
    images = value_at(data, "imageUrls")
    return EmbedContent(
        author=text_at(data, "authorHandle"),
        author_name=text_at(data, "authorName"),
        text=text_at(data, "text"),
        posted_at=time_of_text(data.get("createdAt")),
        media=tuple(url for url in images if isinstance(url, str))[:MAX_IMAGES] if isinstance(images, list) else (),
    )


def _read_blockquote(node: LexborNode) -> EmbedContent:
    """`<p>words [image or embed]</p>— Name (@handle) date`; older codes have the name only."""
    words = node.css_first("p")
    if words is None:
        return EmbedContent(text=text_of(node)[:MAX_TEXT] or None)
    tail = text_of(node, without=frozenset((words.mem_id,)))
    found = _ATTRIBUTION.match(tail)
    name = found["name"] if found else tail.lstrip(" —–-") if node.css_first("a[href*='/post/']") is None else ""
    return EmbedContent(
        author=found["handle"].lower() if found else None,
        author_name=" ".join(name.split())[:MAX_NAME] or None,
        text=_ATTACHED.sub("", text_of(words))[:MAX_TEXT] or None,
    )


# --- the API -------------------------------------------------------------------------------------------------

_BASE = "https://bsky.app/"
_TID = Pattern(r"[234567a-j][2-7a-z]{12}")
_TID_DIGITS = "234567abcdefghijklmnopqrstuvwxyz"
_EARLIEST = datetime(2022, 1, 1, tzinfo=UTC)  # the first posts are of November 2022; a key's time may be no clock's
# Names of errors. Only the first is in the lexicon; the others are of accounts [?]. "InvalidRequest" is also the error for a
# handle that nobody has (any more), which says nothing of the post: its author may have another one now.
_ERRORS = {
    "NotFound": PostState.GONE,
    "AccountTakedown": PostState.SUSPENDED,
    "RepoTakendown": PostState.SUSPENDED,
    "AccountDeactivated": PostState.GONE,
    "RepoDeactivated": PostState.GONE,
}


def _time_of_key(key: str) -> str | None:
    """When a record was made: a TID holds microseconds since 1970 (atproto.com/specs/tid); None for keys that are none."""
    if _TID.fullmatch(key) is None:
        return None
    number = 0
    for digit in key:
        number = number * 32 + _TID_DIGITS.index(digit)
    return time_of_milliseconds((number >> 10) // 1_000, _EARLIEST)


def _read_thread(platform: Platform, requested: str, status: int, body: bytes) -> Findings:
    """The post, the one that it quotes, and the one that it answers.

    The reply names the author by DID. A post that was requested by handle gets statements under both ids: pages have either.
    """
    reply = object_in(body)
    if reply is None:
        return Findings()
    if status in (400, 404):
        state = _ERRORS.get(text_at(reply, "error") or "")
        return Findings(statements=(_stated(platform, requested, state),)) if state else Findings()
    thread = object_at(reply, "thread")
    if status != 200 or not thread:
        return Findings()
    if (state := _state_instead(thread)) is not None:
        names = dict.fromkeys((requested, _same_post(platform, requested, thread)))
        return Findings(statements=tuple(_stated(platform, name, state) for name in names))
    post = object_at(thread, "post")
    post_id = _id(platform, post)
    if post_id is None or post_id.partition("/")[2] != requested.partition("/")[2]:
        return Findings()
    if requested.startswith("did:") and requested != post_id:
        return Findings()
    own = (
        _statement(platform, one, post, object_at(post, "record"), _attached(post)) for one in dict.fromkeys((requested, post_id))
    )
    statements = (*own, *_quoted(platform, post), *_answered(platform, thread))
    return Findings(statements=statements, aliases=tuple(_aliases(platform, statements)))


def _aliases(platform: Platform, statements: Iterable[Statement]) -> Iterator[Alias]:
    """Readers pass on addresses with the author's handle, embed codes have the DID: the first has to lead to the second."""
    known = {one.post_id for one in statements}
    for one in statements:
        key = one.post_id.partition("/")[2]
        if one.author is not None and one.post_id.startswith("did:") and f"{one.author}/{key}" not in known:
            yield Alias(url_key(f"{_BASE}profile/{one.author}/post/{key}"), PostRef(platform.name, one.post_id))


def _same_post(platform: Platform, requested: str, view: Json) -> str:
    """The id by DID that a view has for a post that was requested by handle; else the requested id."""
    named = _id(platform, view)
    same = named is not None and not requested.startswith("did:") and named.partition("/")[2] == requested.partition("/")[2]
    return named if named is not None and same else requested


def _state_instead(view: Json) -> PostState | None:
    """What stands in for a post that is not shown: not found, or kept from the viewer by a block."""
    kind = text_at(view, "$type") or ""
    if view.get("notFound") is True or kind.endswith(("#notFoundPost", "#viewNotFound")):
        return PostState.GONE
    return PostState.PROTECTED if view.get("blocked") is True or kind.endswith(("#blockedPost", "#viewBlocked")) else None


def _stated(platform: Platform, post_id: str, state: PostState) -> Statement:
    return Statement(platform.name, post_id, Source.API, state)


def _statement(platform: Platform, post_id: str, view: Json, record: Json, attached: list[Json]) -> Statement:
    """What a view of a post says, and the record in it that its author wrote. Its text is whole: facets only mark the links."""
    quoted = next((ref for one in attached for ref in [_ref(platform, _quoted_record(one))] if ref is not None), None)
    langs = value_at(record, "langs")
    handle = text_at(view, "author", "handle")
    return Statement(
        platform=platform.name,
        post_id=post_id,
        source=Source.API,
        state=PostState.LIVE,
        author=handle.lower() if handle and handle != "handle.invalid" else None,
        author_name=text_at(view, "author", "displayName"),
        text=text_at(record, "text"),
        posted_at=time_of_text(record.get("createdAt")) or time_of_text(view.get("indexedAt")),
        language=next((lang for lang in langs if isinstance(lang, str)), None) if isinstance(langs, list) else None,
        media=distinct_media([medium for one in attached for medium in _media(platform, one)]),
        quotes=quoted,
        replies_to=_ref(platform, object_at(record, "reply", "parent")),
    )


def _attached(view: Json) -> list[Json]:
    """What a post shows beside its words; `recordWithMedia` has a quoted post and media in one."""
    whole = [object_at(view, "embed"), *objects_at(view, "embeds")]
    return [part for one in whole for part in (one, object_at(one, "media")) if part]


def _quoted_record(attached: Json) -> Json:
    record = object_at(attached, "record")
    return object_at(record, "record") or record


def _quoted(platform: Platform, view: Json) -> Iterator[Statement]:
    for attached in _attached(view)[:4]:
        record = _quoted_record(attached)
        post_id = _id(platform, record)
        state = _state_instead(record)
        if post_id is None or state is PostState.PROTECTED:  # a block between the two authors: others can see it
            continue
        if state is not None:
            yield _stated(platform, post_id, state)
        elif value := object_at(record, "value"):
            yield _statement(platform, post_id, record, value, _attached(record))


def _answered(platform: Platform, thread: Json) -> Iterator[Statement]:
    parent = object_at(thread, "parent")
    state = _state_instead(parent)
    post = object_at(parent, "post")
    post_id = _id(platform, parent if state is not None else post)
    if post_id is None or state is PostState.PROTECTED:
        return
    if state is not None:
        yield _stated(platform, post_id, state)
    else:
        yield _statement(platform, post_id, post, object_at(post, "record"), _attached(post))


def _id(platform: Platform, view: Json) -> str | None:
    uri = text_at(view, "uri")
    return platform.parse_url(uri) if uri and uri.startswith("at://") else None


def _ref(platform: Platform, view: Json) -> PostRef | None:
    post_id = _id(platform, view)
    return PostRef(platform.name, post_id) if post_id is not None else None


def _media(platform: Platform, attached: Json) -> Iterator[MediaRef | None]:
    """The post's media, without sizes: `aspectRatio` may be approximate and holds no pixels (lexicon)."""
    for image in objects_at(attached, "images"):
        yield _medium(platform, image, "fullsize", MediaKind.PICTURE) or _medium(platform, image, "thumb", MediaKind.PICTURE)
    yield _medium(platform, attached, "playlist", MediaKind.VIDEO)
    yield _medium(platform, attached, "thumbnail", MediaKind.POSTER)
    card = object_at(attached, "external")
    if (thumb := _medium(platform, card, "thumb", MediaKind.PICTURE)) is not None:
        yield replace(thumb, caption=text_at(card, "title"))


def _medium(platform: Platform, view: Json, name: str, kind: MediaKind) -> MediaRef | None:
    address = text_at(view, name)
    return media_ref(_BASE, address, platform.media_key(address), kind, alt=text_at(view, "alt")) if address else None
