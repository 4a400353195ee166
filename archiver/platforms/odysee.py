"""Odysee, and LBRY before it: a video is a claim, a name with some first digits of a hash."""

import re
from collections.abc import Mapping
from typing import ClassVar
from urllib.parse import quote, unquote

from archiver.html.addresses import address_of
from archiver.html.pattern import Pattern
from archiver.model.findings import PostState
from archiver.platforms.base import Door, Example
from archiver.platforms.video_site import VideoSite

_SITE = r"(?:(?:open|beta|player)\.)?(?:odysee\.com|lbry\.(?:tv|com))"
_NAME = r"[^\s/?\#<>\"\\:@$&%*^=;{}|~`\[\]]{1,250}"  # what a claim may be called (LBRY's specification, "URLs")
_CHANNEL = rf"@(?P<channel>{_NAME}(?:[:#][0-9a-f]{{1,40}})?)"
_END = r"(?=$|[/?#&])"
_WHOLE = Pattern(r"[0-9a-f]{40}")


class Odysee(VideoSite):
    """A post is `name:hash`, or `@channel:hash/name:hash` where the hash is cut short: few digits are unique in a channel only.

    A name alone (`odysee.com/name`) is whoever has paid most for it, so that an address of one part without a hash counts only
    in a player. Channels, also their live players, and playlists are not posts.
    """

    name = "odysee"
    title = "Odysee"
    doors = (
        Door("oembed", "2026", "its own program is public; no report that it changed until 2026-09"),
        Door("embed_page", "2026", "its own program is public; no report that it changed until 2026-09"),
    )
    hosts = ("odysee.com", "lbry.tv", "lbry.com", "lbryplayer.xyz", "odycdn.com")
    urls = (
        Pattern(
            rf"{_SITE}/(?:\$/(?:embed|download|stream)/)?{_CHANNEL}/(?P<name>{_NAME})(?:[:#](?P<claim>[0-9a-f]{{1,40}}))?{_END}"
        ),
        Pattern(rf"{_SITE}/\$/(?:embed|download|stream)/(?P<name>{_NAME})/(?P<claim>[0-9a-f]{{1,40}}){_END}"),
        Pattern(rf"{_SITE}/\$/(?:embed|download)/(?P<name>{_NAME})(?:[:#](?P<claim>[0-9a-f]{{1,40}}))?{_END}"),
        Pattern(rf"{_SITE}/(?P<name>{_NAME})[:#](?P<claim>[0-9a-f]{{1,40}}){_END}"),
        # The file itself, as some pages link or frame it.
        Pattern(
            rf"(?:player|cdn)\.(?:odycdn\.com|lbryplayer\.xyz)/(?:api/v\d/streams/\w+|content/claims)/(?P<name>{_NAME})/(?P<claim>[0-9a-f]{{40}})"
        ),
    )
    oembed = "https://odysee.com/$/oembed?format=json&url={url}"
    # Its reply for a claim that is gone is not known [?]; its pages answer 200 even then. 403 may be a firewall's.
    oembed_states: ClassVar[Mapping[int, PostState]] = {404: PostState.GONE, 410: PostState.GONE}
    paces: ClassVar[dict[str, float]] = {"odysee.com": 0.5}

    def parse_address(self, address: str) -> str | None:
        """Share codes encode the whole path, `$` and `/` included: `odysee.com/%24/embed/%40mira%3A1%2Fbees%3A2`."""
        path, mark, query = address.partition("?")
        return super().parse_address(f"{unquote(path)}{mark}{query}")

    def id_of(self, groups: Mapping[str, str | None]) -> str | None:
        name, claim, channel = groups["name"], groups["claim"], groups.get("channel")
        video = f"{name}:{claim}" if claim else f"{name}"
        if channel is None or _WHOLE.fullmatch(claim or ""):
            return video
        return f"@{channel.replace('#', ':')}/{video}"

    def canonical_url(self, post_id: str) -> str:
        place = "" if ":" in post_id or "/" in post_id else "$/embed/"
        return f"https://odysee.com/{place}{quote(post_id, safe='@:/!()+,;=~')}"

    def embed_page(self, post_id: str, author: str | None = None) -> str | None:
        return f"https://odysee.com/$/embed/{quote(post_id, safe='@:/!()+,;=~')}"

    def author_in(self, url: str) -> str | None:
        found = re.match(rf"{_SITE}/@(?P<handle>{_NAME})", unquote(address_of(url)))
        return found["handle"] if found else None

    examples = (
        Example(
            '<iframe src="https://odysee.com/%24/embed/%40mira%3A1%2Fbees-at-work%3A2f?r=MadeUpReferrer"></iframe>',
            ("@mira:1/bees-at-work:2f",),
        ),
        Example('<iframe src="https://odysee.com/$/embed/@mira:1/bees-at-work:2f"></iframe>', ("@mira:1/bees-at-work:2f",)),
        Example(
            '<iframe src="https://lbry.tv/$/embed/bees-at-work/2f0a1b2c3d4e5f60718293a4b5c6d7e8f9012345"></iframe>',
            ("bees-at-work:2f0a1b2c3d4e5f60718293a4b5c6d7e8f9012345",),
        ),
        Example('<iframe data-src="https://odysee.com/$/embed/bees-at-work"></iframe>', ("bees-at-work",)),
        Example("<figure class='wp-block-embed'><div>\nhttps://odysee.com/@mira:1/bees:2\n</div></figure>", ("@mira:1/bees:2",)),
        Example('<p><a href="https://open.lbry.com/@mira#1/bees#2?r=x">bees</a></p>', links=("@mira:1/bees:2",)),
        Example('<p><a href="https://odysee.com/bees:2f?t=1">bees</a></p>', links=("bees:2f",)),
        Example('<p><a href="https://odysee.com/@mira:1">Mira</a> on <a href="https://odysee.com/">Odysee</a></p>'),
        Example(
            '<p><a href="https://odysee.com/$/playlist/0f1e2d3c">all</a> <a href="https://odysee.com/$/discover">more</a></p>'
        ),
        Example('<iframe src="https://odysee.com/$/embed/@mira:1"></iframe>'),
    )
