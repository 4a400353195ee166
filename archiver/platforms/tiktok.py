"""TikTok: videos and photo posts, by the embed's blockquote, its frames, or one of many forms of link."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from selectolax.lexbor import LexborNode

from archiver.html.addresses import address_of
from archiver.html.pattern import Pattern
from archiver.html.text import text_of
from archiver.model.findings import EmbedKind, Findings, PostState
from archiver.platforms.base import Door, Example
from archiver.platforms.declared import Declared, EmbedContent, Marker, MediaForm
from archiver.platforms.replies import OEMBED_STATES, time_of_milliseconds
from archiver.text import json_loads

MAX_PARAGRAPHS = 20  # of one box, and links in it; one with more was never closed and swallowed what follows

_ID = r"(?P<id>\d{15,20})(?!\d)"
_BARE_ID = Pattern(rf"^\s*{_ID}\s*$")
_HOST = r"(?:[\w-]+\.)?(?:tiktok|vxtiktok|tnktok)\.com/"
_VIDEO, _OTHER = "7210000000000000123", "7100000000000000456"
_PLAYER = "https://www.tiktok.com/player/v1/"


class TikTok(Declared):
    """Ids are numbers that hold the time; the user's name in a URL may be any."""

    name = "tiktok"
    title = "TikTok"
    doors = (
        Door("oembed", "2026-09", "TikTok's documentation; no report that it changed"),
        Door(
            "embed_page",
            "2026-10",
            "TikTok's documentation of 2026-10-23: `player/v1` takes the place of `embed/v2`, which is tried after it",
        ),
    )
    hosts = ("tiktok.com", "tiktokv.com", "tiktokcdn.com", "tiktokcdn-us.com", "tiktokcdn-eu.com", "vxtiktok.com", "tnktok.com")
    embed_gone = (
        "Video currently unavailable",
        "Video isn't available",
        "This post is unavailable",
    )  # the first 2021; others [?]
    urls = (
        Pattern(rf"{_HOST}(?:[a-z]{{2}}(?:-[A-Za-z]{{2}})?/)?@[^/?#]*/(?:video|photo)/{_ID}"),
        Pattern(rf"{_HOST}(?:embed(?:/v\d)?|player/v\d|video|v|i18n/share/video|share/(?:video|item))/{_ID}"),
        Pattern(rf"(?:[\w-]+\.)?tiktokv\.com/(?:i18n/)?share/video/{_ID}"),
        Pattern(rf"{_HOST}[^?#]{{0,200}}\?(?:[^#]*&)?(?:share_item_id|shareId|item_id)={_ID}"),
    )
    canonical = "https://www.tiktok.com/@_/video/{id}"  # opens under any name, as public programs rely on [?]
    # With the words and the music below it; without the two it is the video alone.
    embed = "https://www.tiktok.com/player/v1/{id}?description=1&music_info=1"
    markers = (
        Marker(".tiktok-embed", ("data-video-id", "cite"), value=_BARE_ID),
        # Discourse, since 2023; the box has a link, which would make it one.
        Marker(
            ".lazy-video-container",
            ("data-video-id",),
            EmbedKind.PLACEHOLDER,
            _BARE_ID,
            requires=("data-provider-name", Pattern("tiktok")),
        ),
        Marker("amp-tiktok", ("data-src",), EmbedKind.AMP, _BARE_ID),
        Marker("lite-tiktok", ("videoid", "video-id"), EmbedKind.PLACEHOLDER, _BARE_ID),
    )
    short_urls = (Pattern(r"v[mt]\.tiktok\.com/(?!t/)\w{5,}|tiktok\.com/t/\w{5,}"),)
    media_forms = (
        # The signature and the size in the address change from reply to reply, the name does not.
        MediaForm(
            Pattern(
                r"[\w-]+\.tiktokcdn(?:-\w+)?\.com/(?:obj/|img/)?(?P<name>(?:tos|musically|tiktok-obj)[\w-]*/(?:[\w-]+/)*\w{16,})"
            ),
            "tiktokcdn.com/{name}",
        ),
    )
    oembed = "https://www.tiktok.com/oembed?url={url}"
    # 400 with a JSON body is what it answers for a video that is gone, and perhaps for a private one [?].
    oembed_states: ClassVar[Mapping[int, PostState]] = {**OEMBED_STATES, 400: PostState.GONE}
    paces: ClassVar[dict[str, float]] = {"www.tiktok.com": 0.5, "vm.tiktok.com": 0.5, "vt.tiktok.com": 0.5}
    examples = (
        Example(
            '<div class="lazy-video-container" data-provider-name="tiktok" data-video-id="7210000000000000123">'
            '<a href="https://m.tiktok.com/v/7210000000000000123"><img alt="A ferry"></a></div>',
            ("7210000000000000123",),
        ),
        Example(
            f'<blockquote class="tiktok-embed" cite="https://www.tiktok.com/@quay.log/video/{_VIDEO}" data-video-id="{_VIDEO}" '
            '><section> <a title="@quay.log" href="https://www.tiktok.com/@quay.log?refer=embed">@quay.log</a> '
            '<p>Nine ropes <a title="quay" href="https://www.tiktok.com/tag/quay?refer=embed">#quay</a></p> '
            '<a target="_blank" title="♬ Tide" href="https://www.tiktok.com/music/Tide-123?refer=embed">♬ Tide</a> </section> '
            '</blockquote> <script async src="https://www.tiktok.com/embed.js"></script>',
            (_VIDEO,),
        ),
        Example(
            f'<blockquote class="tiktok-embed" cite="https://www.tiktok.com/@quay.log/photo/{_VIDEO}"><section></section></blockquote>',
            (_VIDEO,),
        ),
        Example(f'<iframe src="https://www.tiktok.com/embed/v2/{_VIDEO}?lang=en-US"></iframe>', (_VIDEO,)),
        Example(
            f'<iframe src="{_PLAYER}{_VIDEO}?music_info=1"></iframe><iframe src="{_PLAYER}{_OTHER}"></iframe>', (_VIDEO, _OTHER)
        ),
        Example(f'<iframe data-src="https://www.tiktok.com/embed/{_VIDEO}"></iframe>', (_VIDEO,)),
        Example(f'<amp-tiktok width="325" height="575" data-src="{_VIDEO}"></amp-tiktok>', (_VIDEO,)),
        Example(f'<amp-tiktok data-src="https://www.tiktok.com/@quay.log/video/{_VIDEO}"></amp-tiktok>', (_VIDEO,)),
        Example(f'<lite-tiktok videoid="{_VIDEO}"></lite-tiktok>', (_VIDEO,)),
        Example(f"<p>https://www.tiktok.com/@quay.log/video/{_VIDEO}?is_from_webapp=1</p>", (_VIDEO,)),
        Example("<p>https://vm.tiktok.com/ZMabc12De/</p>", (None,), short_links=("vm.tiktok.com/ZMabc12De",)),
        Example(f'<a href="https://m.tiktok.com/v/{_VIDEO}.html">see</a>', links=(_VIDEO,)),
        Example('<a href="https://vt.tiktok.com/ZSabc12De/">see</a>', short_links=("vt.tiktok.com/ZSabc12De",)),
        Example('<a href="https://www.tiktok.com/t/ZTabc12De/">see</a>', short_links=("tiktok.com/t/ZTabc12De",)),
        Example(
            '<blockquote class="tiktok-embed" cite="https://www.tiktok.com/@quay.log" data-unique-id="quay.log" '
            'data-embed-type="creator"><section><a href="https://www.tiktok.com/@quay.log?refer=creator_embed">@quay.log</a></section></blockquote>'
        ),
        Example(
            '<iframe src="https://www.tiktok.com/embed/@quay.log"></iframe><a href="https://www.tiktok.com/tag/quay">#quay</a>'
        ),
        Example(
            '<p><a href="https://www.tiktok.com/@quay.log">me</a></p><script async src="https://www.tiktok.com/embed.js"></script>'
        ),
    )

    def other_embed_pages(self, post_id: str, author: str | None = None) -> tuple[str, ...]:
        """The frame of the embed code until 2026; "deprecated soon", says TikTok's documentation of 2026-10-23."""
        return (f"https://www.tiktok.com/embed/v2/{post_id}",)

    def posted_at(self, post_id: str) -> str | None:
        """An id's upper half is the time in seconds, as public programs read it."""
        return time_of_milliseconds((int(post_id) >> 32) * 1_000)

    def read_box(self, node: LexborNode) -> EmbedContent:
        if node.tag != "blockquote":
            return EmbedContent()
        paragraphs = (text_of(paragraph) for paragraph in node.css("p")[:MAX_PARAGRAPHS])
        return EmbedContent(author=self._author_of(node), text="\n".join(filter(None, paragraphs))[:4_000] or None)

    def _author_of(self, box: LexborNode) -> str | None:
        hrefs = (link.attributes.get("href") for link in box.css("a[href]")[:MAX_PARAGRAPHS])
        return next((handle for url in (box.attributes.get("cite"), *hrefs) if (handle := self.author_in(url or ""))), None)

    def author_in(self, url: str) -> str | None:
        found = re.match(rf"{_HOST}@(?P<handle>[\w.-]{{2,}})", address_of(url))
        return found["handle"] if found and found["handle"] != "_" else None

    def read_reply(self, url: str, status: int, location: str | None, body: bytes) -> Findings | None:
        if self._is_oembed(url) and status == 400 and not _is_json(body):
            return Findings()
        found = super().read_reply(url, status, location, body)
        if found is None or not self._is_oembed(url):
            return found
        return replace(
            found,
            statements=tuple(replace(statement, posted_at=self.posted_at(statement.post_id)) for statement in found.statements),
        )


def _is_json(body: bytes) -> bool:
    try:
        return isinstance(json_loads(body), dict)
    except (ValueError, RecursionError):
        return False
