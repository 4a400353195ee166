"""Vine: six seconds of video. Closed in 2017; its frames stand in old pages, and its archive answered for years."""

import re

from archiver.html.pattern import Pattern
from archiver.model.findings import EmbedKind, Findings, MediaKind, MediaRef, PostState, Source, Statement
from archiver.platforms.base import Door, Example, PostRequest
from archiver.platforms.declared import Marker
from archiver.platforms.replies import Json, object_in, text_at, time_of_text
from archiver.platforms.video_site import VideoSite
from archiver.urls import absolute, url_key

_ID = r"(?P<id>[0-9A-Za-z]{8,14})(?!\w)"
_BARE_ID = Pattern(rf"^\s*{_ID}\s*$")
_ARCHIVE = Pattern(rf"archive\.vine\.co/posts/{_ID}\.json")


class Vine(VideoSite):
    """Ids have 11 letters and digits; case counts."""

    name = "vine"
    title = "Vine"
    doors = (
        Door("api", "2022", "public programs; Vine closed in 2017, and nobody has reported on its archive since"),
        Door("embed_page", "2022", "public programs; Vine closed in 2017, and nobody has reported on its archive since"),
    )
    hosts = ("vine.co",)
    urls = (Pattern(rf"vine\.co/(?:v|oembed)/{_ID}"),)
    canonical = "https://vine.co/v/{id}"
    embed = "https://vine.co/v/{id}/embed/simple"
    markers = (
        Marker("amp-vine", ("data-vineid",), EmbedKind.AMP, _BARE_ID),
        Marker(".vine_player", ("videoid", "data-videoid"), EmbedKind.PLACEHOLDER, _BARE_ID),
    )

    api = _ARCHIVE

    def requests_about(self, post_id: str) -> tuple[PostRequest, ...]:
        """The archive that Twitter left standing. Whether it still answers nobody here has tried [?]."""
        return (PostRequest(f"https://archive.vine.co/posts/{post_id}.json", "api"),)

    def read_api(self, match: re.Match[str], url: str, status: int, body: bytes) -> Findings:
        if status == 404:  # 403 is its status for what it does not have as well, but a firewall's too
            return Findings(statements=(Statement(self.name, match["id"], Source.API, PostState.GONE),))
        reply = object_in(body)
        if status != 200 or reply is None or not {"username", "description", "videoUrl", "created"} & reply.keys():
            return Findings()
        statement = Statement(
            platform=self.name,
            post_id=match["id"],
            source=Source.API,
            state=PostState.LIVE,
            author_name=text_at(reply, "username"),  # not unique: the display name
            text=text_at(reply, "description"),
            posted_at=time_of_text(reply.get("created")),
            media=_media(url, reply),
        )
        return Findings(statements=(statement,))

    examples = (
        Example(
            '<iframe class="vine-embed" src="https://vine.co/v/hBeeHive42x/embed/simple" width="320"></iframe>', ("hBeeHive42x",)
        ),
        Example('<iframe src="//www.vine.co/v/hBeeHive42x/embed/postcard?audio=1"></iframe>', ("hBeeHive42x",)),
        Example('<iframe src="https://vine.co/v/hBeeHive42x/card"></iframe>', ("hBeeHive42x",)),
        Example('<amp-vine data-vineid="hBeeHive42x" width="381" height="381"></amp-vine>', ("hBeeHive42x",)),
        Example("<figure class='wp-block-embed'><div>\nhttps://vine.co/v/hBeeHive42x\n</div></figure>", ("hBeeHive42x",)),
        Example('<p><a href="https://vine.co/v/hBeeHive42x">bees</a></p>', links=("hBeeHive42x",)),
        Example('<p><a href="https://vine.co/mira">Mira</a> <a href="https://vine.co/u/906345798374133760">and I</a></p>'),
        Example('<script async src="//platform.vine.co/static/scripts/embed.js" charset="utf-8"></script>'),
    )


def _media(base: str, reply: Json) -> tuple[MediaRef, ...]:
    """The largest of the files that the archive names, and the poster."""
    videos = (text_at(reply, name) for name in ("videoUrl", "videoURL", "videoDashUrl", "videoLowURL", "videoLowUrl"))
    addresses = (
        (MediaKind.VIDEO, next(filter(None, videos), None)),
        (MediaKind.POSTER, text_at(reply, "thumbnailUrl")),
    )
    urls = ((kind, absolute(base, address)) for kind, address in addresses if address)
    return tuple(MediaRef(url, url_key(url), kind) for kind, url in urls if url is not None)
