"""Rumble: a video has one id in its page's address and another in its player's, and neither leads to the other."""

import re
from collections.abc import Mapping
from typing import ClassVar

from archiver.html.addresses import address_of
from archiver.html.embed_forms import ScriptPlayer
from archiver.html.pattern import Pattern
from archiver.model.findings import Findings, MediaKind, MediaRef, PostState, Source, Statement
from archiver.platforms.base import Door, Example, PostRequest
from archiver.platforms.replies import Json, object_at, object_in, text_at, time_of_text
from archiver.platforms.video_site import VideoSite
from archiver.urls import absolute, url_key

_EMBED = r"(?P<embed>v[0-9a-z]{3,10})(?![0-9a-z])"
_PLAYER_DATA = Pattern(rf"rumble\.com/embedJS/u3/?\?(?:[^#]*&)?v={_EMBED}")


class Rumble(VideoSite):
    """`embed/v…` for the id that players have, `v…` for the id in a page's address: the same letters there are another video.

    Which page belongs to a player is known from its reply only; so a video that is embedded here and linked there is two posts.
    """

    name = "rumble"
    title = "Rumble"
    doors = (
        Door("oembed", "2026", "Rumble's documentation; no report that it changed until 2026-09"),
        Door("api", "2026", "public programs: what the player itself asks for"),
        Door("embed_page", "2026", "public programs; no report that it changed until 2026-09"),
    )
    hosts = ("rumble.com",)
    urls = (
        # rumble.com/embed/u4tkb.v271828/?pub=4: whose embed code it is stands before the id.
        Pattern(rf"rumble\.com/embed(?:JS)?/(?:[0-9a-z]+\.)?{_EMBED}"),
        Pattern(r"rumble\.com/(?:shorts/)?(?P<page>v[0-9A-Za-z]{3,9})(?:-[^/?#]*)?\.html"),
        Pattern(r"rumble\.com/(?:shorts/)?(?P<page>v(?=[A-Za-z]*\d)[0-9A-Za-z]{3,9})(?:-[^/?#]*)?/?(?:$|[?#])"),
    )
    players = (
        ScriptPlayer(
            "Rumble(",
            Pattern(rf"Rumble\(\s{{0,9}}[\"']play[\"'][^;]{{0,200}}?[\"']?video[\"']?\s{{0,9}}:\s{{0,9}}[\"']{_EMBED}"),
        ),
    )
    # Answers for pages and for players, and 404 for what is not there; 403 is the firewall's.
    api = _PLAYER_DATA
    oembed = "https://rumble.com/api/Media/oembed.json?url={url}"
    oembed_states: ClassVar[Mapping[int, PostState]] = {404: PostState.GONE, 410: PostState.GONE}
    paces: ClassVar[dict[str, float]] = {"rumble.com": 1.0}

    def id_of(self, groups: Mapping[str, str | None]) -> str | None:
        if embed := groups.get("embed"):
            return f"embed/{embed}"
        return (groups.get("page") or "").lower() or None

    def canonical_url(self, post_id: str) -> str:
        return f"https://rumble.com/{post_id}/" if post_id.startswith("embed/") else f"https://rumble.com/{post_id}.html"

    def embed_page(self, post_id: str, author: str | None = None) -> str | None:
        """The player, by its own id alone."""
        return self.canonical_url(post_id) if post_id.startswith("embed/") else None

    def requests_about(self, post_id: str) -> tuple[PostRequest, ...]:
        """oEmbed; for a player's id also the player's own request, whose reply has the time and the files."""
        player = post_id.removeprefix("embed/")
        if player == post_id:
            return super().requests_about(post_id)
        request = PostRequest(f"https://rumble.com/embedJS/u3/?request=video&ver=2&v={player}", "api")
        return (*super().requests_about(post_id), request)

    def read_api(self, match: re.Match[str], url: str, status: int, body: bytes) -> Findings:
        reply = object_in(body)
        if status != 200 or reply is None or not text_at(reply, "title"):
            return Findings()
        statement = Statement(
            platform=self.name,
            post_id=f"embed/{match['embed']}",
            source=Source.API,
            state=PostState.LIVE,
            author=self.author_in(text_at(reply, "author", "url") or ""),
            author_name=text_at(reply, "author", "name"),
            text=text_at(reply, "title"),
            posted_at=time_of_text(reply.get("pubDate")),
            media=_media(url, reply),
        )
        return Findings(statements=(statement,))

    def author_in(self, url: str) -> str | None:
        found = re.match(r"rumble\.com/(?:c|user)/(?P<handle>[^/?#]+)", address_of(url))
        return found["handle"] if found else None

    examples = (
        Example(
            '<iframe class="rumble" src="https://rumble.com/embed/v2bee42/?pub=4" allowfullscreen></iframe>', ("embed/v2bee42",)
        ),
        Example('<iframe data-src="https://rumble.com/embed/u4hive.v2bee42/"></iframe>', ("embed/v2bee42",)),
        Example(
            '<div id="rumble_v2bee42"></div><script>Rumble("play", {"video":"v2bee42","div":"rumble_v2bee42"});</script>',
            ("embed/v2bee42",),
        ),
        Example(
            '<div class="rumble-wrap" data-attrs="{&quot;url&quot;:&quot;https://rumble.com/embed/v2bee42/?pub=4&quot;}"></div>',
            ("embed/v2bee42",),
        ),
        Example(
            "<figure class='wp-block-embed'><div>\nhttps://rumble.com/v3hive7-bees-at-work.html\n</div></figure>", ("v3hive7",)
        ),
        Example('<p><a href="https://rumble.com/v3HIVE7-bees-at-work.html?mref=4&amp;mc=1">bees</a></p>', links=("v3hive7",)),
        Example('<p><a href="https://rumble.com/c/MirasBees">Mira</a> <a href="https://rumble.com/user/mira">and I</a></p>'),
        Example(
            '<p><a href="https://rumble.com/videos?page=2">all</a></p><script src="https://rumble.com/embedJS/u4hive"></script>'
        ),
    )


def _media(base: str, reply: Json) -> tuple[MediaRef, ...]:
    """The MP4 file with the most lines, and the poster."""
    files = object_at(reply, "ua", "mp4")
    lines = sorted((name for name in files if name.isascii() and name.isdigit() and len(name) < 6), key=int, reverse=True)
    video = next((address for name in lines if (address := text_at(files, name, "url"))), None)
    addresses = ((MediaKind.VIDEO, video), (MediaKind.POSTER, text_at(reply, "i")))
    urls = ((kind, absolute(base, address)) for kind, address in addresses if address)
    return tuple(MediaRef(url, url_key(url), kind) for kind, url in urls if url is not None)
