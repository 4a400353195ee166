"""Dailymotion: frames, the player that a script makes, Flash objects, and a video's URL in lists and languages."""

import re
from typing import ClassVar

from archiver.html.addresses import address_of
from archiver.html.embed_forms import ScriptPlayer
from archiver.html.pattern import Pattern
from archiver.model.findings import EmbedKind, Findings, MediaKind, MediaRef, PostState, Source, Statement
from archiver.platforms.base import Door, Example, PostRequest
from archiver.platforms.declared import Marker, MediaForm
from archiver.platforms.replies import object_in, text_at, time_of_seconds
from archiver.platforms.video_site import VideoSite
from archiver.urls import absolute, url_key

# `x` and what a counter says in base 36; private videos: `k` and more, where case counts. A slug follows behind `_`.
_XID = r"(?P<id>[xk][0-9A-Za-z]{3,24})(?![0-9A-Za-z-])"
_BARE_ID = Pattern(rf"^\s*{_XID}")
_SITE = r"(?:(?:touch|geo|games|video)\.)?dailymotion\.com"
_API = Pattern(r"api\.dailymotion\.com/video/(?P<id>[0-9A-Za-z]+)\?fields=")
_FIELDS = "title,description,created_time,language,owner.username,owner.screenname,thumbnail_url"
# What the API says of videos that it does not show (developer.dailymotion.com/api, seen in public code).
_STATES = {403: PostState.PROTECTED, 404: PostState.GONE, 410: PostState.GONE}


class Dailymotion(VideoSite):
    """Ids begin with x. Flash codes of the first years carry another kind, with both cases, that leads to the video no more."""

    name = "dailymotion"
    title = "Dailymotion"
    doors = (
        Door("api", "2026-01", "yt-dlp; Dailymotion's documentation"),
        Door("oembed", "2026-01", "Dailymotion's documentation; no report that it changed"),
        Door("embed_page", "2026-01", "Dailymotion's documentation: geo.dailymotion.com"),
    )
    hosts = ("dailymotion.com", "dai.ly", "dmcdn.net")
    embed_refused = (  # nobody here saw one of these in a player [?]
        "This video is not available for embedding",
        "The owner of this video does not allow it to be embedded",
        "This content is not available in your country",
        "This video is not available in your country",
    )
    urls = (
        Pattern(rf"{_SITE}/(?:(?:embed|crawler|swf|related)/)?(?:video/)?{_XID}"),
        Pattern(rf"{_SITE}/(?:[^?#]{{1,200}}/)?video/{_XID}"),
        Pattern(rf"{_SITE}/(?:player(?:/\w+)?\.(?:html|js)|embed/video)/?\?(?:[^#]*?[?&;])?video=(?:[^&#]*/)?{_XID}"),
        Pattern(rf"{_SITE}/[^#]*\#(?:.*&)?!?/?video[=/]{_XID}"),
        Pattern(r"dailymotion\.com/(?:swf|video)/(?P<id>(?!video\b)(?=\w*\d)[0-9A-Za-z]{15,24})(?!\w)"),
        Pattern(rf"dai\.ly/{_XID}"),
    )
    canonical = "https://www.dailymotion.com/video/{id}"
    embed = "https://geo.dailymotion.com/player.html?video={id}"  # where /embed/video/ leads
    markers = (
        Marker("amp-dailymotion", ("data-videoid",), EmbedKind.AMP, _BARE_ID),
        Marker("lite-dailymotion", ("videoid", "video-id"), EmbedKind.PLACEHOLDER, _BARE_ID),
        # <script src="https://geo.dailymotion.com/player/x1.js" data-video="x8…">, the embed code for partners.
        Marker(
            "[data-video]",
            ("data-video",),
            EmbedKind.SCRIPT,
            _BARE_ID,
            requires=("src", Pattern(r"\.dailymotion\.com/player")),
        ),
        Marker(".dailymotion_player", ("videoid", "data-videoid"), EmbedKind.PLACEHOLDER, _BARE_ID),  # tarteaucitron's banner
        Marker("[data-dailymotion-id]", ("data-dailymotion-id",), EmbedKind.PLACEHOLDER, _BARE_ID),
        *(
            Marker(
                f"[{name}]",
                (name,),
                EmbedKind.PLACEHOLDER,
                _BARE_ID,
                requires=("class", Pattern("dailymotion|dm-?player", re.I)),
            )
            for name in ("data-video-id", "data-id", "data-videoid")
        ),
    )
    players = (
        ScriptPlayer("DM.player", Pattern(rf"DM\.player\([^;]{{0,600}}?\bvideo[\"']?\s{{0,9}}:\s{{0,9}}[\"']{_XID}")),
        ScriptPlayer(
            "dailymotion.createPlayer",
            Pattern(rf"dailymotion\.createPlayer\([^;]{{0,600}}?\bvideo[\"']?\s{{0,9}}:\s{{0,9}}[\"']{_XID}"),
        ),
    )
    media_forms = (
        MediaForm(
            Pattern(r"(?P<host>s\d*)\.dmcdn\.net/v/(?P<key>[\w-]{6,})(?:/x\d+)?(?:$|[?#])"),
            "dmcdn.net/v/{key}",
            (
                "https://{host}.dmcdn.net/v/{key}/x1080",
                "https://{host}.dmcdn.net/v/{key}/x720",
                "https://{host}.dmcdn.net/v/{key}/x240",
            ),
        ),
    )
    api = _API
    oembed = "https://www.dailymotion.com/services/oembed?format=json&url={url}"
    paces: ClassVar[dict[str, float]] = {"www.dailymotion.com": 0.5, "api.dailymotion.com": 0.5}

    def embed_page(self, post_id: str, author: str | None = None) -> str | None:
        """The player, which does not know the ids of the first years."""
        return super().embed_page(post_id) if post_id[0] in "xk" else None

    def requests_about(self, post_id: str) -> tuple[PostRequest, ...]:
        """The API, which knows the time; then oEmbed, should the API want an account for a field one day."""
        request = PostRequest(f"https://api.dailymotion.com/video/{post_id}?fields={_FIELDS}", "api")
        return (request, *super().requests_about(post_id))

    def read_api(self, match: re.Match[str], url: str, status: int, body: bytes) -> Findings:
        reply = object_in(body)
        if reply is None:
            return Findings()
        if status in _STATES and isinstance(reply.get("error"), dict):
            return Findings(statements=(Statement(self.name, match["id"], Source.API, _STATES[status]),))
        if status != 200 or "title" not in reply:
            return Findings()
        texts = (text_at(reply, "title"), text_at(reply, "description"))
        statement = Statement(
            platform=self.name,
            post_id=match["id"],
            source=Source.API,
            state=PostState.LIVE,
            author=text_at(reply, "owner.username"),
            author_name=text_at(reply, "owner.screenname"),
            text="\n\n".join(filter(None, texts)) or None,
            posted_at=time_of_seconds(reply.get("created_time")),
            language=text_at(reply, "language"),
            media=self._poster(url, text_at(reply, "thumbnail_url")),
        )
        return Findings(statements=(statement,))

    def _poster(self, base: str, address: str | None) -> tuple[MediaRef, ...]:
        url = absolute(base, address) if address else None
        return (MediaRef(url, self.media_key(url) or url_key(url), MediaKind.POSTER),) if url else ()

    def author_in(self, url: str) -> str | None:
        found = re.match(r"dailymotion\.com/(?P<handle>[\w.-]+)/?(?:$|[?#])", address_of(url))
        return found["handle"] if found else None

    examples = (
        Example('<iframe src="//www.dailymotion.com/embed/video/x7bee42?syndication=1"></iframe>', ("x7bee42",)),
        Example(
            '<iframe src="https://geo.dailymotion.com/player/xa1b2.html?video=x7bee42&amp;mute=true"></iframe>', ("x7bee42",)
        ),
        Example(
            '<iframe src="https://geo.dailymotion.com/player.html?video=k6BeeHive4Honey9Comb"></iframe>',
            ("k6BeeHive4Honey9Comb",),
        ),
        Example(
            '<object><param name="movie" value="http://www.dailymotion.com/swf/video/x7bee42?additionalInfos=0"></param>'
            '<embed type="application/x-shockwave-flash" src="http://www.dailymotion.com/swf/video/x7bee42"></embed></object>',
            ("x7bee42",),
        ),
        Example('<embed src="http://www.dailymotion.com/swf/x7bee42_bees_animals&amp;related=0"></embed>', ("x7bee42",)),
        Example('<embed src="http://www.dailymotion.com/swf/4BeeHiveHoneyComb7"></embed>', ("4BeeHiveHoneyComb7",)),
        Example('<amp-dailymotion data-videoid="x7bee42" layout="responsive"></amp-dailymotion>', ("x7bee42",)),
        Example('<script src="https://geo.dailymotion.com/player/xa1b2.js" data-video="x7bee42"></script>', ("x7bee42",)),
        Example('<div class="dailymotion_player" videoID="x7bee42" width="640"></div>', ("x7bee42",)),
        Example('<div id="d"></div><script>DM.player(document.getElementById("d"), {video: "x7bee42"});</script>', ("x7bee42",)),
        Example("<figure class='wp-block-embed'><div>\nhttps://dai.ly/x7bee42\n</div></figure>", ("x7bee42",)),
        Example(
            '<p><a href="http://www.dailymotion.com/fr/featured/video/x7bee42_bees_animals">Bees</a></p>', links=("x7bee42",)
        ),
        Example(
            '<p><a href="http://www.dailymotion.com/playlist/x1abc_mira_bees/1#video=x7bee42">Bees</a></p>', links=("x7bee42",)
        ),
        Example(
            '<p><a href="https://www.dailymotion.com/mira">Mira</a> <a href="https://www.dailymotion.com/playlist/x6abc">all</a></p>'
        ),
        Example('<iframe src="https://geo.dailymotion.com/player/xa1b2.html?playlist=x6abc"></iframe>'),
        Example('<div class="product" data-video="x7bee42"></div><script src="https://api.dmcdn.net/all.js"></script>'),
    )
