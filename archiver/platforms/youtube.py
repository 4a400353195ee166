"""YouTube: players of all ages, from Flash objects to lazy facades, and the many forms of a video's URL."""

import re
from collections.abc import Iterable, Mapping
from typing import ClassVar

from archiver.html.addresses import address_of
from archiver.html.embed_forms import ScriptPlayer
from archiver.html.pattern import Pattern
from archiver.model.findings import EmbedKind, Findings, PostState
from archiver.platforms.base import Door, Example, PostRequest
from archiver.platforms.declared import Marker, MediaForm
from archiver.platforms.public_pages import page_door, page_request, read_public_page
from archiver.platforms.replies import OEMBED_STATES
from archiver.platforms.video_site import VideoSite

# Two names stand where an id would: a player of a list or a channel is not of one video.
_ID = r"(?P<id>(?!videoseries|live_stream)[\w-]{11})(?![\w-])"
_BARE_ID = Pattern(rf"^\s*{_ID}\s*$")
# Among the values of attributes that are anybody's, words and numbers of eleven characters are no ids.
_ODD_ID = Pattern(rf"^\s*(?!\d+\s*$|[A-Za-z]?[a-z_-]+\s*$){_ID}\s*$")
_NO_NUMBER = Pattern(rf"^\s*(?!\d+\s*$){_ID}\s*$")  # where only a video's name is meant, and one in 10,000 looks like a word
_IN_JSON = Pattern(rf"\"videoId\"\s{{0,9}}:\s{{0,9}}\"{_ID}\"")
_HOST = r"(?:[\w-]+\.)?(?:youtube(?:-nocookie|education|kids)?\.com|youtube\.googleapis\.com)"
# Other front ends to the same videos, with the same paths (docs.invidious.io lists some; most come and go).
_FRONT_ENDS = (
    "yewtu.be",
    "invidio.us",
    "invidious.snopyta.org",
    "inv.nadeko.net",
    "piped.video",
    "piped.kavin.rocks",
    "hooktube.com",
)
_WATCH_PAGE = Pattern(rf"https://www\.youtube\.com/watch\?v={_ID}$")
_FRONT_END = "|".join(map(re.escape, _FRONT_ENDS))
_YOUTUBE_CLASS = ("class", Pattern(r"youtube|lazyyt|(?:^|[\s_-])(?:yt|lyte|ytp?-lite)(?:$|[\s_-])", re.I))


def _facades(names: Iterable[str], value: Pattern, requires: tuple[str, Pattern] | None = None) -> tuple[Marker, ...]:
    """Markers for attributes in which light players keep the id until a reader clicks."""
    return tuple(Marker(f"[{name}]", (name,), EmbedKind.PLACEHOLDER, value, requires=requires) for name in names)


class YouTube(VideoSite):
    """Ids have 11 characters; case counts. They hold no time. Clips (`/clip/Ugk…`) have ids of their own that name no video.

    Live players of a channel, lists without a current video, and the live chat are not posts.
    """

    name = "youtube"
    title = "YouTube"
    doors = (
        Door("oembed", "2025-07", "iframely#585; meaning of 401 and 403: TryGhost/Ghost#16374, ruby-oembed#79"),
        page_door(
            "2025",
            "public programs: microdata for search engines",
            "a page of a megabyte, for the day on which a video was published; Europeans get a wall of consent",
        ),
        Door(
            "embed_page",
            "2026-08",
            "memry#1627: only with a Referer; without one Error 153 (react-player#1998, lite-youtube#140, since 2025-09-30)",
            verified=True,
        ),
    )
    hosts = (
        *("youtube.com", "youtube-nocookie.com", "youtubeeducation.com", "youtubekids.com", "youtu.be", "y2u.be", "ytimg.com"),
        *("youtube.googleapis.com", *_FRONT_ENDS),
    )
    embed_gone = ("Video unavailable", "This video is unavailable", "This video is private")  # the player, seen by others in 2025
    embed_refused = (
        # "Error 153" above it: no Referer. In force since about 2025-09-30 (react-player#1998, lite-youtube#140).
        "Video player configuration error",
        "Playback on other websites has been disabled by the video owner",  # errors 101 and 150 of the player's API
        "Sign in to confirm you're not a bot",  # iframely#585, 2025-07
        "Sign in to confirm that you're not a bot",
        "Sign in to confirm your age",
        "This video is age-restricted and only available on YouTube",
        "The uploader has not made this video available in your country",
        "This video is not available in your country",
        "Before you continue to YouTube",  # the wall of consent, from European addresses (iframely#326, 2021)
    )
    embed_refused_codes = ("ERROR_CODE_EMBEDDER_IDENTITY_MISSING_REFERRER",)  # memry#1627, 2026-08
    urls = (
        Pattern(rf"(?!img\.|i\d*\.){_HOST}/(?:embed|v|e|shorts|live|vi|movie)/{_ID}"),
        Pattern(
            rf"{_HOST}/(?:(?:watch|watch_popup|ytscreeningroom|movie|embed/?|embed/videoseries|swf/\w+\.swf|v/?|apiplayer)[/\w]*)?/?"
            rf"\?(?:[^#]*?[?&;])?(?:v|video_id)={_ID}"
        ),
        Pattern(rf"{_HOST}/(?:watch/|#!?/?watch\?v=|watch#!?v=|tv\#/watch\S*?[?&]v=)(?:[^#]*?&v=)?{_ID}"),
        Pattern(rf"{_HOST}/(?:user/)?\w+\#[pg]/(?:\w+/){{1,4}}{_ID}"),
        # A step on the way to the video: its own address is quoted in the query.
        Pattern(rf"{_HOST}/(?:attribution_link|verify_\w+|das_captcha)\?\S*?(?:v(?:=|%3D|%253D)|youtu\.be(?:/|%2F)){_ID}", re.I),
        Pattern(rf"(?:youtu\.be|y2u\.be)/(?:(?:embed|shorts|live|v)/|watch\?(?:[^#]*&)?v=)?{_ID}"),
        Pattern(rf"(?:{_FRONT_END})/(?:watch\?(?:[^#]*&)?v=|(?:embed|v|shorts)/){_ID}"),
    )
    canonical = "https://www.youtube.com/watch?v={id}"
    embed = "https://www.youtube.com/embed/{id}"
    markers = (
        # Discourse, since 2023; the box has a link, which would make it one.
        Marker(
            ".lazy-video-container",
            ("data-video-id",),
            EmbedKind.PLACEHOLDER,
            _BARE_ID,
            requires=("data-provider-name", Pattern("youtube")),
        ),
        # A page saved by a browser: the frame's address has become a file's name.
        Marker("iframe", ("src",), EmbedKind.IFRAME, Pattern(rf"_files/{_ID}\.html?$"), requires=("title", Pattern("YouTube"))),
        Marker("lite-youtube", ("videoid", "video-id", "data-videoid"), EmbedKind.PLACEHOLDER, _BARE_ID),
        Marker("lite-yt-embed", ("videoid", "video-id"), EmbedKind.PLACEHOLDER, _BARE_ID),
        Marker("amp-youtube", ("data-videoid",), EmbedKind.AMP, _BARE_ID),
        Marker("youtube-video", ("video-id", "src"), EmbedKind.PLACEHOLDER, _BARE_ID),
        Marker("youtube-embed", ("video-id", "videoid"), EmbedKind.PLACEHOLDER, _BARE_ID),
        # tarteaucitron, a consent banner: <div class="youtube_player" videoID="…">.
        Marker(".youtube_player", ("videoid", "data-videoid"), EmbedKind.PLACEHOLDER, _BARE_ID),
        # Substack: <div class="youtube-wrap" data-attrs='{"videoId":"…"}'>.
        Marker(".youtube-wrap", ("data-attrs",), EmbedKind.PLACEHOLDER, _IN_JSON),
        # WP YouTube Lyte keeps it in the element's own id.
        *(
            Marker(f".{name}", ("id",), EmbedKind.PLACEHOLDER, Pattern(rf"^(?:lyte|WYL)_{_ID}$"))
            for name in ("pL", "lyte", "lyMe")
        ),
        *_facades(
            ("data-youtube-id", "data-youtube-video-id", "data-youtubeid", "data-ytid", "data-yt-id", "data-yt-video-id"),
            _BARE_ID,
        ),
        *_facades(("data-youtube", "data-yt", "data-youtube-video", "data-youtube-video_id", "data-yt-video"), _ODD_ID),
        *_facades(("data-plyr-embed-id",), _BARE_ID, ("data-plyr-provider", Pattern("youtube"))),
        *_facades(("data-id", "data-video"), _ODD_ID, _YOUTUBE_CLASS),
        *_facades(("data-video-id", "data-videoid", "data-embed", "data-embed-id"), _NO_NUMBER, _YOUTUBE_CLASS),
    )
    players = (
        ScriptPlayer("YT.Player", Pattern(rf"YT\.Player\([^;]{{0,600}}?\bvideoId[\"']?\s{{0,9}}:\s{{0,9}}[\"']{_ID}[\"']")),
    )
    media_forms = (
        MediaForm(
            Pattern(rf"(?:i\d*\.ytimg\.com|(?:img|i\d*)\.youtube\.com)/(?:vi|vi_webp|an|an_webp|vi_lc)/{_ID}/\w+"),
            "i.ytimg.com/vi/{id}",
            (
                "https://i.ytimg.com/vi/{id}/maxresdefault.jpg",
                "https://i.ytimg.com/vi/{id}/sddefault.jpg",
                "https://i.ytimg.com/vi/{id}/hqdefault.jpg",
            ),
        ),
    )
    # 401: its owner does not let it be embedded, so it is there, and readers of YouTube see it; until 2021 also private ones [?].
    # 403: private. Both have one word as body, and neither says that it is gone (issue 16374 of TryGhost/Ghost, issue 79 of
    # ruby-oembed). 400, and 200 with "Forbidden", say nothing.
    oembed = "https://www.youtube.com/oembed?format=json&url={url}"
    oembed_states: ClassVar[Mapping[int, PostState]] = {**OEMBED_STATES, 401: PostState.TOMBSTONE}
    paces: ClassVar[dict[str, float]] = {"www.youtube.com": 0.5, "i.ytimg.com": 0.1}

    def requests_about(self, post_id: str) -> tuple[PostRequest, ...]:
        return (*super().requests_about(post_id), page_request(self.canonical_url(post_id)))

    def is_reply(self, url: str) -> bool:
        return _WATCH_PAGE.match(url) is not None or super().is_reply(url)

    def read_reply(self, url: str, status: int, location: str | None, body: bytes) -> Findings | None:
        watched = _WATCH_PAGE.match(url)
        if watched is not None:
            return read_public_page(self, watched["id"], url, status, body)
        return super().read_reply(url, status, location, body)

    def other_embed_pages(self, post_id: str, author: str | None = None) -> tuple[str, ...]:
        """The player at its host without cookies, which shows no wall of consent; it wants a Referer as well."""
        return (f"https://www.youtube-nocookie.com/embed/{post_id}",)

    def author_in(self, url: str) -> str | None:
        """`/@handle`, or the older names of `/user/name` and `/c/name`; a channel's id (`/channel/UC…`) is no name."""
        found = re.match(r"youtube\.com/(?:@|user/|c/)(?P<handle>[^/?#]+)", address_of(url))
        return found["handle"] if found else None

    examples = (
        Example('<iframe src="./A%20page_files/mB7_qLx2Zt4.html" title="YouTube video player"></iframe>', ("mB7_qLx2Zt4",)),
        Example(
            '<div class="lazy-video-container" data-provider-name="youtube" data-video-id="mB7_qLx2Zt4">'
            '<a href="https://www.youtube.com/watch?v=mB7_qLx2Zt4"><img alt="A ferry"></a></div>',
            ("mB7_qLx2Zt4",),
        ),
        Example(
            '<iframe src="https://www.youtube.com/embed/mB7_qLx2Zt4?feature=oembed" allowfullscreen></iframe>', ("mB7_qLx2Zt4",)
        ),
        Example('<iframe src="//www.youtube-nocookie.com/embed/mB7_qLx2Zt4"></iframe>', ("mB7_qLx2Zt4",)),
        Example(
            '<iframe src="about:blank" data-lazy-src="https://www.youtube.com/embed/mB7_qLx2Zt4"></iframe>'
            '<noscript><iframe src="https://www.youtube.com/embed/mB7_qLx2Zt4"></iframe></noscript>',
            ("mB7_qLx2Zt4",),
        ),
        Example('<iframe src="https://www.youtube.com/embed/?v=mB7_qLx2Zt4&amp;list=PLx9"></iframe>', ("mB7_qLx2Zt4",)),
        Example('<lite-youtube videoid="mB7_qLx2Zt4" playlabel="Play: Bees"></lite-youtube>', ("mB7_qLx2Zt4",)),
        Example('<amp-youtube data-videoid="mB7_qLx2Zt4" layout="responsive"></amp-youtube>', ("mB7_qLx2Zt4",)),
        Example("<figure class='wp-block-embed'><div>\nhttps://youtu.be/mB7_qLx2Zt4\n</div></figure>", ("mB7_qLx2Zt4",)),
        Example(
            '<object><param name="movie" value="http://www.youtube.com/v/mB7_qLx2Zt4&amp;hl=en"></param>'
            '<embed src="http://www.youtube.com/v/mB7_qLx2Zt4&amp;hl=en" type="application/x-shockwave-flash"></embed></object>',
            ("mB7_qLx2Zt4",),
        ),
        Example(
            '<script>swfobject.embedSWF("http://www.youtube.com/v/mB7_qLx2Zt4?fs=1", "box", "425", "344");</script>',
            ("mB7_qLx2Zt4",),
        ),
        Example(
            '<div id="box"></div><script>new YT.Player("box", {playerVars: {rel: 0}, videoId: "mB7_qLx2Zt4"})</script>',
            ("mB7_qLx2Zt4",),
        ),
        Example(
            '<div class="rll-youtube-player" data-src="https://www.youtube.com/embed/mB7_qLx2Zt4" data-id="mB7_qLx2Zt4"></div>',
            ("mB7_qLx2Zt4",),
        ),
        Example('<div class="youtube-player" data-id="mB7_qLx2Zt4"></div>', ("mB7_qLx2Zt4",)),
        Example('<div class="lazyYT" data-youtube-id="mB7_qLx2Zt4" data-ratio="16:9">loading…</div>', ("mB7_qLx2Zt4",)),
        Example('<div class="youtube" data-embed="mB7_qLx2Zt4"><div class="play-button"></div></div>', ("mB7_qLx2Zt4",)),
        Example('<div class="youtube" data-embed="abcdefghijk"><div class="play-button"></div></div>', ("abcdefghijk",)),
        Example('<div class="youtube" data-embed="10203040506"></div>'),
        Example('<div class="youtube_player" videoID="mB7_qLx2Zt4" width="560"></div>', ("mB7_qLx2Zt4",)),
        Example(
            '<div class="lyte-wrapper"><div id="lyte_mB7_qLx2Zt4" data-src="//i.ytimg.com/vi/x.jpg" class="pL"></div></div>',
            ("mB7_qLx2Zt4",),
        ),
        Example('<div data-plyr-provider="youtube" data-plyr-embed-id="mB7_qLx2Zt4"></div>', ("mB7_qLx2Zt4",)),
        Example(
            '<div class="youtube-wrap" data-attrs="{&quot;videoId&quot;:&quot;mB7_qLx2Zt4&quot;}"></div>',
            ("mB7_qLx2Zt4",),
        ),
        Example('<p>As <a href="https://www.youtube.com/watch?v=mB7_qLx2Zt4&amp;t=3">here</a>.</p>', links=("mB7_qLx2Zt4",)),
        Example('<p>As <a href="https://m.youtube.com/shorts/mB7_qLx2Zt4">here</a>.</p>', links=("mB7_qLx2Zt4",)),
        Example('<iframe src="https://www.youtube.com/embed/videoseries?list=PLmade0up1list2of3some4videos5x"></iframe>'),
        Example('<iframe src="https://www.youtube.com/embed/live_stream?channel=UCmadeUpMadeUpMadeUpMa"></iframe>'),
        Example(
            '<p>My <a href="https://www.youtube.com/@mira">channel</a>, <a href="https://youtube.com/c/mira/videos">all</a></p>'
        ),
        Example('<div class="g-ytsubscribe" data-channelid="UCmadeUpMadeUpMadeUpMa" data-layout="default"></div>'),
        Example('<a class="youtube-link" data-id="subscribers" href="https://www.youtube.com/user/mira">YouTube</a>'),
        Example('<script src="https://www.youtube.com/iframe_api"></script>'),
    )
