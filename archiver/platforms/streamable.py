"""Streamable: frames, and short ids right behind the host name."""

import re
from collections.abc import Mapping
from typing import ClassVar

from archiver.html.pattern import Pattern
from archiver.model.findings import Findings, MediaKind, MediaRef, PostState, Source, Statement
from archiver.platforms.base import Door, Example, PostRequest
from archiver.platforms.declared import MediaForm
from archiver.platforms.replies import Json, object_at, object_in, pixels, text_at
from archiver.platforms.video_site import VideoSite
from archiver.urls import absolute, url_key

_ID = r"(?P<id>[0-9a-z]{3,8})(?![\w.-])"
_API = Pattern(r"api\.streamable\.com/videos/(?P<id>[0-9a-z]{3,8})(?:$|[?#])")
# The site's own pages stand where ids do.
_PAGES = frozenset(
    (
        *(
            "about",
            "account",
            "api",
            "blog",
            "business",
            "careers",
            "clipper",
            "contact",
            "dmca",
            "embed",
            "explore",
            "faq",
            "features",
        ),
        *("help", "jobs", "library", "login", "logout", "plans", "pricing", "privacy", "recover", "reset", "settings", "signin"),
        *(
            "signup",
            "static",
            "support",
            "teams",
            "terms",
            "tools",
            "upload",
            "upgrade",
            "videos",
            "docs",
            "press",
            "home",
            "status",
        ),
    )
)
_READY = 2  # of 0 uploading, 1 processing, 2 ready, 3 broken (the API's documentation)


class Streamable(VideoSite):
    """Ids are short and in lower case."""

    name = "streamable"
    title = "Streamable"
    doors = (
        Door("api", "2026", "Streamable's documentation; no report that it changed until 2026-09"),
        Door("oembed", "2026", "Streamable's documentation; no report that it changed until 2026-09"),
        Door("embed_page", "2026", "public programs; no report that it changed until 2026-09"),
    )
    hosts = ("streamable.com",)
    urls = (Pattern(rf"streamable\.com/(?:[eost]/)?{_ID}"),)
    canonical = "https://streamable.com/{id}"
    embed = "https://streamable.com/e/{id}"
    media_forms = (
        # Signed addresses that differ in their query each time.
        MediaForm(Pattern(r"[\w-]+\.streamable\.com/image/(?P<id>[0-9a-z]{3,8})(?:_\w+)?\.jpg"), "streamable.com/image/{id}"),
        MediaForm(
            Pattern(r"[\w-]+\.streamable\.com/video/[\w-]+/(?P<id>[0-9a-z]{3,8})(?:_\w+)?\.mp4"), "streamable.com/video/{id}"
        ),
    )
    api = _API
    oembed = "https://api.streamable.com/oembed.json?url={url}"
    oembed_states: ClassVar[Mapping[int, PostState]] = {404: PostState.GONE, 410: PostState.GONE}
    paces: ClassVar[dict[str, float]] = {"api.streamable.com": 0.5}

    def id_of(self, groups: Mapping[str, str | None]) -> str | None:
        return None if groups["id"] in _PAGES else groups["id"]

    def requests_about(self, post_id: str) -> tuple[PostRequest, ...]:
        return (PostRequest(f"https://api.streamable.com/videos/{post_id}", "api"), *super().requests_about(post_id))

    def read_api(self, match: re.Match[str], url: str, status: int, body: bytes) -> Findings:
        if status in self.oembed_states:
            return Findings(statements=(Statement(self.name, match["id"], Source.API, self.oembed_states[status]),))
        reply = object_in(body)
        if status != 200 or reply is None or reply.get("status") != _READY:
            return Findings()
        text = text_at(reply, "title")
        statement = Statement(self.name, match["id"], Source.API, PostState.LIVE, text=text, media=tuple(self._media(url, reply)))
        return Findings(statements=(statement,))

    def _media(self, base: str, reply: Json) -> list[MediaRef]:
        """The video as a file, the larger of those that there are, and its poster."""
        files = (object_at(reply, "files", name) for name in ("mp4", "mp4-mobile"))
        video = next((file for file in files if text_at(file, "url")), {})
        found = []
        for kind, source, name in ((MediaKind.VIDEO, video, "url"), (MediaKind.POSTER, reply, "thumbnail_url")):
            address = absolute(base, text_at(source, name) or "")
            if address is not None and text_at(source, name):
                width, height = pixels(source.get("width")), pixels(source.get("height"))
                found.append(MediaRef(address, self.media_key(address) or url_key(address), kind, width=width, height=height))
        return found

    examples = (
        Example('<iframe src="https://streamable.com/e/b33hv2" allowfullscreen></iframe>', ("b33hv2",)),
        Example('<iframe src="https://streamable.com/o/b33hv2?autoplay=0"></iframe>', ("b33hv2",)),
        Example('<iframe src="//streamable.com/s/b33hv2/kqjxds"></iframe>', ("b33hv2",)),
        Example('<iframe class="streamable-embed" src="https://streamable.com/t/b33hv2"></iframe>', ("b33hv2",)),
        Example("<figure class='wp-block-embed'><div>\nhttps://streamable.com/b33hv2\n</div></figure>", ("b33hv2",)),
        Example('<p><a href="https://www.streamable.com/b33hv2?t=1">goal</a></p>', links=("b33hv2",)),
        Example('<p><a href="https://streamable.com/login">Log in</a> to <a href="https://streamable.com">Streamable</a></p>'),
        Example(
            '<p><a href="https://support.streamable.com/article/12">help</a></p><script src="https://streamable.com/embed.js"></script>'
        ),
    )
