"""Bluesky: posts are records of the AT protocol, named by who wrote them (a DID or a handle) and a key made from the time.

What the public API says is read as its lexicon has it (app.bsky.feed.getPostThread, github.com/bluesky-social/atproto).
"""

import re
from collections.abc import Mapping
from typing import ClassVar
from urllib.parse import quote, unquote

from selectolax.lexbor import LexborNode

from archiver.html.addresses import address_of
from archiver.html.embed_candidates import EmbedCandidate
from archiver.html.pattern import Pattern
from archiver.model.findings import EmbedKind, Findings
from archiver.platforms.base import Door, Example, PostRequest
from archiver.platforms.bluesky import own_server
from archiver.platforms.bluesky.embed_code import read_embed_code
from archiver.platforms.bluesky.identity import DID, HANDLE, first_requests
from archiver.platforms.bluesky.replies import name_of, read_thread, time_of_key, with_embed_code
from archiver.platforms.declared import Declared, EmbedContent, Marker, MediaForm
from archiver.urls import query_value

_ACTOR = r"(?P<actor>[^/?#\s\"]{3,300})"
_KEY = r"(?P<key>[\w~:-]{1,64})"
_AT_URI = Pattern(rf"\bat://{_ACTOR}/app\.bsky\.feed\.post/{_KEY}")
# Other doors to the same posts, with Bluesky's paths: applications, and previews for chats (as gallery-dl lists them).
_FRONT_ENDS = (
    *("deer.social", "blacksky.community", "mu.social", "main.bsky.dev", "staging.bsky.app", "staging.bsky.dev"),
    *("fxbsky.app", "vxbsky.app", "xbsky.app", "cbsky.app", "bskyx.app", "bskye.app", "bsyy.app", "bskx.app", "psky.app"),
)
_BLOB_DID = r"did(?::|%3A)(?P<method>plc|web)(?::|%3A)(?P<did>[\w.-]+)"
_BLOB = r"(?P<cid>b[a-z0-9]{20,100})"
_API = "https://public.api.bsky.app/xrpc/app.bsky.feed.getPostThread?"
_OTHER_API = "https://api.bsky.app/xrpc/app.bsky.feed.getPostThread?"
_OPTED_OUT = "has requested their posts not be displayed on external sites"

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
        Door("api", "2026-09", "aiwatch#1374, last30days-skill#398 (2026-05): 403 at one host, 200 at the other", verified=True),
        Door(
            "own_server",
            "2025-09",
            "atproto.com/specs/did; VixBluesky#32",
            spare=True,
            why="up to three requests, where Bluesky's hosts are silent; also where the API does not find the post, and for the"
            " uploaded file of a video",
        ),
        Door(
            "oembed",
            "2025",
            "docs.bsky.app/docs/advanced-guides/oembed",
            spare=True,
            why="has no pictures, and refuses posts whose authors opted out of embeds",
        ),
        Door("embed_page", "2025-09", "bluesky-social/social-app#9073: it wants a DID", verified=True),
    )
    hosts = ("bsky.app", "bsky.social", "bsky.network", "plc.directory", *_FRONT_ENDS)
    media_anywhere = ("/xrpc/com.atproto.sync.getBlob",)
    # `bskyembed` of github.com/bluesky-social/social-app, 2025. Who opted out of embeds has posts that are there all the same.
    embed_gone = ("Post not found, it may have been deleted",)
    embed_refused = (_OPTED_OUT,)
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
        # What was uploaded, one file, is at the author's own server (`own_server`). Where that is one of Bluesky's, bsky.social
        # redirects to it (yt-dlp uses that); of others it says 400 "Could not find repo" (gallery-dl#6406). Up to 300 MB and ten
        # minutes since 2026-09 (php2Bluesky#40).
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
            (
                "https://{host}/xrpc/com.atproto.sync.getBlob?did=did:{method}:{did}&cid={cid}",
                "https://cdn.bsky.app/img/feed_fullsize/plain/did:{method}:{did}/{cid}@jpeg",  # of a video there is none
            ),
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
        "api.bsky.app": 0.3,
        "plc.directory": 0.5,  # 500 requests in five minutes (its own limits, 2024) [?]
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
        if DID.fullmatch(actor) is None:
            actor = actor.lower()
            if HANDLE.fullmatch(actor) is None:
                return None
        return f"{actor}/{groups['key']}"

    def canonical_url(self, post_id: str) -> str:
        actor, _, key = post_id.partition("/")
        return f"https://bsky.app/profile/{actor}/post/{key}"

    def embed_page(self, post_id: str, author: str | None = None) -> str | None:
        """It wants a DID and says 400 "Invalid DID" to a handle (social-app#9073, 2025-09): see `embed_page_named`."""
        actor, _, key = post_id.partition("/")
        return f"https://embed.bsky.app/embed/{actor}/app.bsky.feed.post/{key}"

    def alias_key(self, post_id: str) -> str | None:
        return name_of(post_id) if not post_id.startswith("did:") else None

    def embed_page_named(self, post_id: str, other_id: str) -> str | None:
        """`ref_url`, where the frame stands, as the embed code sends it: it keeps this render apart from that of the other id."""
        if post_id.startswith("did:") or not other_id.startswith("did:"):
            return None
        return f"{self.embed_page(other_id)}?ref_url={quote(self.canonical_url(post_id), safe='')}"

    def posted_at(self, post_id: str) -> str | None:
        return time_of_key(post_id.partition("/")[2])

    def author_in(self, url: str) -> str | None:
        found = re.match(r"[^/?#]+/profile/@?(?P<handle>[^/?#]+)", address_of(url))
        handle = unquote(found["handle"]).lower() if found else ""
        return handle if HANDLE.fullmatch(handle) else None

    def read_frame(self, candidate: EmbedCandidate) -> EmbedContent:
        return EmbedContent(author=self.author_in(candidate.value))

    def read_box(self, node: LexborNode) -> EmbedContent:
        content = read_embed_code(node)
        return content if content is not None else super().read_box(node)

    def requests_about(self, post_id: str) -> tuple[PostRequest, ...]:
        asked = f"uri={name_of(post_id)}&depth=0&parentHeight=1"
        requests = [PostRequest(_API + asked, "api", (_OTHER_API + asked,))]
        if steps := first_requests(post_id):
            requests.append(PostRequest(steps[0], "own_server", steps[1:]))
        return (*requests, PostRequest(self._oembed_url(post_id), "oembed"))

    def is_reply(self, url: str) -> bool:
        return url.startswith((_API, _OTHER_API)) or own_server.is_first_step(url) or super().is_reply(url)

    def read_step(self, post_id: str, url: str, status: int, body: bytes) -> Findings | None:
        return own_server.read_step(self, post_id, url, status, body)

    def read_reply(self, url: str, status: int, location: str | None, body: bytes) -> Findings | None:
        if url.startswith((_API, _OTHER_API)):
            post_id = self.parse_url(query_value(url, "uri") or "")
            return read_thread(self, post_id, status, body) if post_id is not None else Findings()
        if own_server.is_first_step(url):
            return Findings()  # it names no post
        findings = super().read_reply(url, status, location, body)
        return with_embed_code(self, findings, body) if findings is not None else None
