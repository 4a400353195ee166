"""Vimeo: players, facades, Flash objects, and videos under channels, groups, showcases and private links."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from archiver.html.addresses import address_of
from archiver.html.embed_forms import ScriptPlayer
from archiver.html.pattern import Pattern
from archiver.model.findings import EmbedKind, Findings, MediaKind, PostState, Source, Statement
from archiver.platforms.base import Door, Example, PostRequest
from archiver.platforms.declared import Marker, MediaForm
from archiver.platforms.replies import Json, distinct_media, media_ref, object_at, object_in, text_at, time_of_text
from archiver.platforms.video_site import VideoSite
from archiver.urls import query_value

_ID = r"(?P<id>[1-9]\d{0,11})(?![\w.])"
_BARE_ID = Pattern(rf"^\s*{_ID}\s*$")
_HASH = r"(?P<hash>[0-9a-f]{8,12})(?!\w)"
_PLACE = (
    r"(?:channels/[^/?#]+/(?:videos?/)?|groups/[^/?#]+/videos?/|(?:album|showcase|couchmode)/[^?#]*?video/|ondemand/[^/?#]+/(?:video/)?"
    r"|(?:[^/?#]+/)?videos?/|[^/?#]+/review/|m/(?:\#/)?|\#/?|clip:|share/)"
)
_VIMEO_CLASS = ("class", Pattern("vimeo", re.I))


class Vimeo(VideoSite):
    """A post is a video's number, or `event/NUMBER` for a live event, or `NUMBER/HASH` for a link to an unlisted video.

    The hash of an unlisted video (`vimeo.com/NUMBER/HASH`) stays in the id: without it neither a reader nor the oEmbed endpoint
    gets at the video. The `h` of a player's address is not kept: since 2021 Vimeo writes it into the embed codes of public videos
    too, whose links have none, and one video must not become two. What an unlisted video's player loses by that is its reply.
    """

    name = "vimeo"
    title = "Vimeo"
    doors = (
        Door("oembed", "2025", "public programs; what 404 means: videojs-vimeo#141. No report since vimeo.com closed"),
        Door(
            "config",
            "2025",
            "the player's settings, as public programs read them until 2025",
            spare=True,
            why="the pages of vimeo.com answer 403 to programs since 2026-08-05 (yt-dlp#16722); the player has another host",
        ),
        Door("embed_page", "2025", "public programs; where a video is for some sites only it wants the citing page as Referer"),
    )
    hosts = ("vimeo.com", "vimeopro.com", "vimeocdn.com")
    # player.vimeo.com: the first with status 404 (seen by others in 2023), the other for a path that it does not know (2025).
    embed_gone = ("This video does not exist", "Sorry, we're having a little trouble")
    # On sites that its owner did not choose (player.js#846, 2022).
    embed_refused = ("Because of its privacy settings, this video cannot be played here",)
    urls = (
        Pattern(rf"(?:player\.)?vimeo\.com/(?:video/)?{_ID}/{_HASH}"),
        Pattern(rf"vimeo\.com/{_ID}\?(?:[^#]*?[?&;])?unlisted_hash={_HASH}"),
        Pattern(r"(?:player\.)?vimeo\.com/event/(?P<event>\d{1,12})(?!\w)"),
        Pattern(rf"vimeo\.com/(?:{_PLACE})?{_ID}"),
        Pattern(rf"player\.vimeo\.com/(?:video/|progressive_redirect/playback/)?{_ID}"),
        Pattern(r"player\.vimeo\.com/external/(?P<id>\d{1,12})\."),
        Pattern(rf"(?:player\.)?vimeo\.com/(?:moogaloop\w*\.swf|play_redirect\w*|video)/?\?(?:[^#]*?[?&;])?clip_id={_ID}"),
        Pattern(rf"vimeopro\.com/[^?#]+/video/{_ID}"),
    )
    canonical = "https://vimeo.com/{id}"
    markers = (
        # Discourse, since 2023; the box has a link, which would make it one.
        Marker(
            ".lazy-video-container",
            ("data-video-id",),
            EmbedKind.PLACEHOLDER,
            _BARE_ID,
            requires=("data-provider-name", Pattern("vimeo")),
        ),
        # A page saved by a browser: the frame's address has become a file's name.
        Marker(
            "iframe",
            ("src",),
            EmbedKind.IFRAME,
            Pattern(r"_files/(?P<id>\d{5,12})\.html?$"),
            requires=("title", Pattern("(?i)vimeo")),
        ),
        Marker("lite-vimeo", ("videoid", "video-id"), EmbedKind.PLACEHOLDER, _BARE_ID),
        Marker("amp-vimeo", ("data-videoid",), EmbedKind.AMP, _BARE_ID),
        Marker("vimeo-video", ("video-id", "src"), EmbedKind.PLACEHOLDER, _BARE_ID),
        Marker(".vimeo_player", ("videoid", "data-videoid"), EmbedKind.PLACEHOLDER, _BARE_ID),  # tarteaucitron's consent banner
        Marker(
            ".vimeo-wrap", ("data-attrs",), EmbedKind.PLACEHOLDER, Pattern(rf"\"videoId\"\s{{0,9}}:\s{{0,9}}\"?{_ID}")
        ),  # Substack
        *(
            Marker(f"[{name}]", (name,), EmbedKind.PLACEHOLDER, _BARE_ID)
            for name in ("data-vimeo-id", "data-vimeo", "data-vimeo-video-id", "data-vimeoid")
        ),
        Marker(
            "[data-plyr-embed-id]",
            ("data-plyr-embed-id",),
            EmbedKind.PLACEHOLDER,
            _BARE_ID,
            requires=("data-plyr-provider", Pattern("vimeo")),
        ),
        *(
            Marker(f"[{name}]", (name,), EmbedKind.PLACEHOLDER, Pattern(r"^\s*(?P<id>\d{5,12})\s*$"), requires=_VIMEO_CLASS)
            for name in ("data-video-id", "data-id", "data-videoid", "data-embed", "data-video")
        ),
    )
    players = (ScriptPlayer("Vimeo.Player", Pattern(rf"Vimeo\.Player\([^;]{{0,400}}?\bid[\"']?\s{{0,9}}:\s{{0,9}}[\"']?{_ID}")),)
    media_forms = (
        MediaForm(
            # 452001249-1f0e…-d_640x360 and 452001249_640.jpg; without a size it is as large as was uploaded [?].
            Pattern(r"i\.vimeocdn\.com/video/(?P<key>\d+(?:-[0-9a-f]{16,})?(?:-d)?)(?:_\d[\dx]*)?(?:\.\w+)?(?:$|[?#])"),
            "i.vimeocdn.com/video/{key}",
            (
                "https://i.vimeocdn.com/video/{key}_1920",
                "https://i.vimeocdn.com/video/{key}_1280",
                "https://i.vimeocdn.com/video/{key}_640",
            ),
        ),
    )
    api = Pattern(rf"player\.vimeo\.com/video/{_ID}/config/?(?:\?(?:[^#]*&)?h={_HASH}|$|[?#])")
    oembed = "https://vimeo.com/api/oembed.json?url={url}"
    # 404 is the status of deleted, of private and, without their hash, of unlisted videos alike (issue 141 of videojs-vimeo).
    oembed_states: ClassVar[Mapping[int, PostState]] = {403: PostState.PROTECTED, 404: PostState.TOMBSTONE, 410: PostState.GONE}
    paces: ClassVar[dict[str, float]] = {"vimeo.com": 0.5, "player.vimeo.com": 0.5}

    def id_of(self, groups: Mapping[str, str | None]) -> str | None:
        if event := groups.get("event"):
            return f"event/{event}"
        secret = groups.get("hash")
        return f"{groups['id']}/{secret}" if secret else groups["id"]

    def embed_page(self, post_id: str, author: str | None = None) -> str | None:
        """The player; what unlisted videos have behind their number stands in its query."""
        if post_id.startswith("event/"):
            return f"https://vimeo.com/{post_id}/embed"
        number, _, unlisted = post_id.partition("/")
        return f"https://player.vimeo.com/video/{number}" + (f"?h={unlisted}" if unlisted else "")

    def author_in(self, url: str) -> str | None:
        found = re.match(r"vimeo\.com/(?P<handle>[\w-]+)/?(?:$|[?#])", address_of(url))
        return found["handle"] if found else None

    def requests_about(self, post_id: str) -> tuple[PostRequest, ...]:
        """oEmbed, which has the time and all words; then the settings of the player, at a host of its own."""
        number, _, unlisted = post_id.partition("/")
        if not number.isdigit():
            return super().requests_about(post_id)
        config = f"https://player.vimeo.com/video/{number}/config" + (f"?h={unlisted}" if unlisted else "")
        return (*super().requests_about(post_id), PostRequest(config, "config"))

    def read_api(self, match: re.Match[str], url: str, status: int, body: bytes) -> Findings:
        """The player's settings: title, owner and poster of a video, or why it is not played."""
        reply = object_in(body)
        if reply is None:
            return Findings()
        unlisted = match["hash"]
        post_id = f"{match['id']}/{unlisted}" if unlisted else match["id"]
        video = object_at(reply, "video")
        if status == 200 and text_at(video, "title"):
            return Findings(statements=(self._of_config(post_id, url, video),))
        state = {403: PostState.PROTECTED, 404: PostState.TOMBSTONE}.get(status)
        said = text_at(reply, "message") or text_at(reply, "title")  # a firewall's JSON has other keys
        return Findings(statements=(Statement(self.name, post_id, Source.API, state),)) if state and said else Findings()

    def _of_config(self, post_id: str, base: str, video: Json) -> Statement:
        owner = object_at(video, "owner")
        poster = text_at(video, "thumbnail_url") or text_at(video, "thumbs", "base")
        return Statement(
            platform=self.name,
            post_id=post_id,
            source=Source.API,
            state=PostState.LIVE,
            author=self.author_in(text_at(owner, "url") or ""),
            author_name=text_at(owner, "name"),
            text=text_at(video, "title"),
            media=distinct_media([media_ref(base, poster, self.media_key(poster or ""), MediaKind.POSTER)]),
        )

    def read_reply(self, url: str, status: int, location: str | None, body: bytes) -> Findings | None:
        if self._api_match(url) is not None:
            return super().read_reply(url, status, location, body)
        found = super().read_reply(url, status, location, body)
        reply = object_in(body) if found is not None and status == 200 else None
        if found is None or reply is None:
            return found
        if not found.statements:
            return self._restricted(url, reply)
        texts = (text_at(reply, "title"), text_at(reply, "description"))
        day = time_of_text((text_at(reply, "upload_date") or "")[:10])  # no zone is given, so only the day
        statement = replace(
            found.statements[0], text="\n\n".join(filter(None, texts)) or None, posted_at=day[:10] if day else None
        )
        return replace(found, statements=(statement,))

    def _restricted(self, url: str, reply: Json) -> Findings:
        """A video that may be shown on some sites only: 200, no title, and in the body what a frame on our site would get."""
        post_id = self.parse_url(query_value(url, "url") or "")
        if post_id is None or reply.get("domain_status_code") != 403:
            return Findings()
        return Findings(statements=(Statement(self.name, post_id, Source.OEMBED, PostState.PROTECTED),))

    examples = (
        Example('<iframe src="./A%20page_files/271828182.html" title="vimeo-player"></iframe>', ("271828182",)),
        Example(
            '<div class="lazy-video-container" data-provider-name="vimeo" data-video-id="271828182">'
            '<a href="https://vimeo.com/271828182"><img alt="A ferry"></a></div>',
            ("271828182",),
        ),
        Example(
            '<iframe src="https://player.vimeo.com/video/271828182?h=1a2b3c4d5e&amp;app_id=122963"></iframe>', ("271828182",)
        ),
        Example('<iframe src="//player.vimeo.com/video/2718281?title=0&amp;byline=0" allowfullscreen></iframe>', ("2718281",)),
        Example(
            '<object><param name="movie" value="http://vimeo.com/moogaloop.swf?clip_id=2718281&amp;server=vimeo.com" />'
            '<embed src="http://vimeo.com/moogaloop.swf?clip_id=2718281&amp;server=vimeo.com"></embed></object>',
            ("2718281",),
        ),
        Example('<amp-vimeo data-videoid="271828182" layout="responsive"></amp-vimeo>', ("271828182",)),
        Example('<lite-vimeo videoid="271828182" videotitle="Bees at work"></lite-vimeo>', ("271828182",)),
        Example('<div class="vimeo_player" videoID="271828182" width="640"></div>', ("271828182",)),
        Example('<div class="vimeo-wrap" data-attrs="{&quot;videoId&quot;:&quot;271828182&quot;}"></div>', ("271828182",)),
        Example('<div id="v" data-vimeo-id="271828182"></div>', ("271828182",)),
        Example('<div data-plyr-provider="vimeo" data-plyr-embed-id="271828182"></div>', ("271828182",)),
        Example('<div id="v"></div><script>new Vimeo.Player("v", {id: 271828182, width: 640});</script>', ("271828182",)),
        Example(
            "<figure class='wp-block-embed'><div>\nhttps://vimeo.com/271828182/1a2b3c4d5e\n</div></figure>",
            ("271828182/1a2b3c4d5e",),
        ),
        Example('<iframe src="https://vimeo.com/event/314159/embed"></iframe>', ("event/314159",)),
        Example('<p><a href="https://vimeo.com/channels/staffpicks/271828182">Bees</a> from …</p>', links=("271828182",)),
        Example('<p><a href="https://vimeo.com/groups/bees/videos/2718281">Bees</a></p>', links=("2718281",)),
        Example('<p><a href="https://vimeo.com/user271828">Mira</a> on <a href="https://vimeo.com">Vimeo</a></p>'),
        Example(
            '<iframe src="https://vimeo.com/showcase/314159/embed"></iframe><a href="https://vimeo.com/channels/314159">all</a>'
        ),
        Example(
            '<div class="product" data-video-id="271828182"></div><script src="https://player.vimeo.com/api/player.js"></script>'
        ),
    )
