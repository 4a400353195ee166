"""A video's title, where its player's attributes keep it: often the last trace of what a dead video was called."""

import re
from typing import ClassVar

from selectolax.lexbor import LexborNode

from archiver.html.addresses import address_of
from archiver.html.embed_candidates import EmbedCandidate
from archiver.html.pattern import Pattern
from archiver.model.findings import Findings
from archiver.platforms.declared import Declared, EmbedContent

MAX_TITLE = 500  # characters; no video site takes nearly as many

# `title` is what WordPress copies from the oEmbed reply; the others are of facades (lite-youtube-embed, lite-vimeo, WP Rocket).
_ATTRIBUTES = ("title", "data-title", "videotitle", "data-video-title", "playlabel", "data-alt")
_PLAY = Pattern(r"(?:(?:play|watch)(?: (?:the )?video)?\s?[:\u2013\u2014-]|embedded video for)\s", re.I)
# What players are called when nobody gave them a title: "YouTube video player", "Dailymotion Video Player", "Embedded video".
_NO_TITLE = Pattern(
    r"(?:[\W\d_]|youtube|vimeo|dailymotion|twitch|streamable|rumble|odysee|vine|video|player|embed(?:ded)?|iframe|frame|content|media|clip"
    r"|play|watch|from|the|an?|vid\u00e9o|lecteur|reproductor|de|untitled|undefined|null)*",
    re.I,
)


class VideoSite(Declared):
    """A video site: its frames and placeholders have the title in an attribute, and no text within.

    Some have an API that knows more than oEmbed: then override `requests_about` and `read_api`.
    """

    plays_videos = True
    api: ClassVar[Pattern | None] = None
    """The API's addresses, matched against what `address_of` gives; its groups name the post."""

    def is_reply(self, url: str) -> bool:
        return super().is_reply(url) or self._api_match(url) is not None

    def read_reply(self, url: str, status: int, location: str | None, body: bytes) -> Findings | None:
        match = self._api_match(url)
        return super().read_reply(url, status, location, body) if match is None else self.read_api(match, url, status, body)

    def read_api(self, match: re.Match[str], url: str, status: int, body: bytes) -> Findings:
        """What a reply of the API says; `match` is the URL's match of `api`."""
        raise NotImplementedError

    def _api_match(self, url: str) -> re.Match[str] | None:
        return self.api.match(address_of(url)) if self.api is not None else None

    def read_frame(self, candidate: EmbedCandidate) -> EmbedContent:
        return EmbedContent(text=title_of(candidate.node))

    def read_box(self, node: LexborNode) -> EmbedContent:
        return EmbedContent(text=title_of(node))


def title_of(node: LexborNode) -> str | None:
    """The title in an element's attributes; None where they have none, or only what the player itself is called."""
    attributes = node.attributes
    for name in _ATTRIBUTES:
        title = " ".join((attributes.get(name) or "")[: 4 * MAX_TITLE].split())[:MAX_TITLE]
        title = _PLAY.sub("", title, count=1) if _PLAY.match(title) else title
        if title and _NO_TITLE.fullmatch(title) is None:
            return title
    return None
