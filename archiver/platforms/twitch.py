"""Twitch: clips and recorded videos, in frames, in Flash objects, and by the player that a script makes."""

import re
from collections.abc import Mapping
from urllib.parse import unquote

from selectolax.lexbor import LexborNode

from archiver.html.addresses import value_in
from archiver.html.embed_candidates import EmbedCandidate
from archiver.html.embed_forms import ScriptPlayer
from archiver.html.pattern import Pattern
from archiver.model.findings import EmbedKind
from archiver.platforms.base import Door, Example
from archiver.platforms.declared import Marker
from archiver.platforms.video_site import VideoSite

# Clips are named by words, each with a capital; since 2020 with a code behind `-`. Of 2016 are addresses with the channel before.
_CLIP = r"(?:\w{2,30}(?:/|%2F))?(?P<clip>(?-i:[A-Z])[\w-]{5,120})"
_VIDEO = r"v?(?P<video>\d{4,15})(?!\w)"
_SITE = r"(?:go\.|secure\.)?twitch\.tv"
_OLD = r"(?P<channel>\w{2,30})/(?P<kind>[bc])/(?P<old>\d{4,15})(?!\w)"  # broadcasts and highlights until 2014
_OLD_KINDS = {"a": "b", "b": "b", "c": "c"}


class Twitch(VideoSite):
    """A post is a clip (by its name), a video (by its number), or `channel/b/number`, a recording of the years until 2014.

    The player of a channel shows whatever is on the air when a reader comes: no post. Nor is a collection, unless the player
    names one of its videos. Nothing is open without an account: the oEmbed endpoint went with the fifth API (February 2022).
    """

    name = "twitch"
    title = "Twitch"
    doors = (Door("embed_page", "2026-07", "Twitch's documentation; twitchdev/issues#157: it wants `parent`"),)
    hosts = ("twitch.tv", "justin.tv")
    embed_refused = ("This embed is misconfigured",)  # `parent` is missing or another site (twitchdev/issues#157, 2020; 2026-07)
    urls = (
        Pattern(rf"clips\.twitch\.tv/embed/?\?(?:[^#]*?[?&;])?clip={_CLIP}", re.I),
        Pattern(rf"clips\.twitch\.tv/{_CLIP}(?=$|[/?#])"),
        Pattern(rf"{_SITE}/(?:\w{{2,30}}/)?clip/{_CLIP}"),
        Pattern(rf"{_SITE}/(?:videos|\w{{2,30}}/(?:v|video|videos))/{_VIDEO}"),
        Pattern(rf"(?:player|embed)\.twitch\.tv/[^?#]*\?(?:[^#]*?[?&;])?video={_VIDEO}"),
        Pattern(rf"(?:player|embed)\.twitch\.tv/[^?#]*\#(?:.*&)?video={_VIDEO}"),
        Pattern(rf"{_SITE}/\w{{2,30}}/(?:popout|embed)\?(?:[^#]*?[?&;])?videoId={_VIDEO}"),
        Pattern(rf"(?:{_SITE}|(?:[a-z]{{2}}\.)?justin\.tv)/{_OLD}"),
    )
    markers = (
        Marker("amp-twitch-player", ("data-video",), EmbedKind.AMP, Pattern(rf"^\s*{_VIDEO}")),
        Marker("twitch-video", ("video", "src"), EmbedKind.PLACEHOLDER, Pattern(rf"^\s*{_VIDEO}")),
        Marker(".twitch_player", ("videoid", "data-videoid"), EmbedKind.PLACEHOLDER, Pattern(rf"^\s*{_VIDEO}")),
    )
    players = (
        ScriptPlayer(
            "Twitch.", Pattern(rf"Twitch\.(?:Player|Embed)\([^;]{{0,400}}?\bvideo[\"']?\s{{0,9}}:\s{{0,9}}[\"']?{_VIDEO}")
        ),
    )

    def id_of(self, groups: Mapping[str, str | None]) -> str | None:
        if groups.get("old"):
            return f"{(groups['channel'] or '').lower()}/{groups['kind']}/{groups['old']}"
        return groups.get("clip") or groups.get("video")

    def canonical_url(self, post_id: str) -> str:
        if "/" in post_id:
            return f"https://www.twitch.tv/{post_id}"
        return f"https://www.twitch.tv/videos/{post_id}" if post_id.isdigit() else f"https://clips.twitch.tv/{post_id}"

    def embed_page(self, post_id: str, author: str | None = None) -> str | None:
        """The player. It wants the name of the host that frames it; where nothing does, any will do [?]."""
        if "/" in post_id:  # of the first years
            return None
        player = f"player.twitch.tv/?video={post_id}" if post_id.isdigit() else f"clips.twitch.tv/embed?clip={post_id}"
        return f"https://{player}&parent=www.twitch.tv&autoplay=false"

    def parse_frame(self, candidate: EmbedCandidate) -> str | None:
        return self.parse_address(candidate.address) or (_in_flash(candidate.node) if ".swf" in candidate.address else None)

    examples = (
        Example(
            '<iframe data-src="https://clips.twitch.tv/embed?clip=BusyGoldenBeeHive-Xy7_made0Up9&amp;parent=blog.example"></iframe>',
            ("BusyGoldenBeeHive-Xy7_made0Up9",),
        ),
        Example(
            '<iframe src="https://clips.twitch.tv/embed?clip=mira/BusyGoldenBeeHive"></iframe>',
            ("BusyGoldenBeeHive",),
        ),
        Example(
            '<iframe src="https://player.twitch.tv/?autoplay=false&amp;video=v271828182&amp;parent=a.example"></iframe>',
            ("271828182",),
        ),
        Example('<iframe src="https://player.twitch.tv/?video=271828182&amp;collection=aBcDeF"></iframe>', ("271828182",)),
        Example(
            '<object data="http://www.twitch.tv/swflibs/TwitchPlayer.swf"><param name="movie" '
            'value="http://www.twitch.tv/swflibs/TwitchPlayer.swf" /><param name="flashvars" '
            'value="channel=mira&amp;auto_play=false&amp;videoId=v2718281" /></object>',
            ("2718281",),
        ),
        Example(
            '<embed src="http://www.justin.tv/widgets/archive_embed_player.swf" flashvars="channel=mira&amp;archive_id=2718281">',
            ("mira/b/2718281",),
        ),
        Example('<amp-twitch-player data-video="v271828182" layout="responsive"></amp-twitch-player>', ("271828182",)),
        Example('<div id="t"></div><script>new Twitch.Embed("t", {width: 800, video: "271828182"});</script>', ("271828182",)),
        Example(
            "<figure class='wp-block-embed'><div>\nhttps://clips.twitch.tv/BusyGoldenBeeHive\n</div></figure>",
            ("BusyGoldenBeeHive",),
        ),
        Example(
            '<p><a href="https://m.twitch.tv/mira/clip/BusyGoldenBeeHive">clip</a></p>',
            links=("BusyGoldenBeeHive",),
        ),
        Example('<p><a href="https://www.twitch.tv/mira/v/271828182?t=5m10s">video</a></p>', links=("271828182",)),
        Example('<p><a href="http://www.twitch.tv/Mira/b/27182818">recording</a></p>', links=("mira/b/27182818",)),
        Example('<iframe src="https://player.twitch.tv/?channel=mira&amp;parent=a.example"></iframe>'),
        Example(
            '<iframe src="https://www.twitch.tv/embed/mira/chat"></iframe><a href="https://www.twitch.tv/mira/videos">all</a>'
        ),
        Example(
            '<p><a href="https://clips.twitch.tv/create">cut</a></p><script src="https://player.twitch.tv/js/embed/v1.js"></script>'
        ),
    )


def _in_flash(node: LexborNode) -> str | None:
    """The id in the variables of a Flash player: `channel=mira&videoId=v123`, or `archive_id=123` of the oldest."""
    settings = node.attributes.get("flashvars") or ""
    for param in node.css("param, embed")[:20] if not settings else ():
        if (param.attributes.get("name") or "").lower() == "flashvars" or param.tag == "embed":
            settings = settings or param.attributes.get("value") or param.attributes.get("flashvars") or ""
    query = f"?{unquote(settings)}"
    channel, video = value_in(query, "channel"), value_in(query, "videoId")
    found = re.fullmatch(r"(?P<kind>[vabc]?)(?P<number>\d{4,15})", video or value_in(query, "archive_id") or "")
    if found is None:
        return None
    if video and found["kind"] in ("", "v"):
        return found["number"]
    if channel is None or re.fullmatch(r"\w{2,30}", channel) is None:
        return None
    return f"{channel.lower()}/{_OLD_KINDS.get(found['kind'], 'b')}/{found['number']}"
