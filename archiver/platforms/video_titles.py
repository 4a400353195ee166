"""A video's title, where its player's attributes keep it: often the last trace of what a dead video was called."""

import re

from selectolax.lexbor import LexborNode

from archiver.platforms.pattern import Pattern

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


def title_of(node: LexborNode) -> str | None:
    """The title in an element's attributes; None where they have none, or only what the player itself is called."""
    attributes = node.attributes
    for name in _ATTRIBUTES:
        title = " ".join((attributes.get(name) or "")[: 4 * MAX_TITLE].split())[:MAX_TITLE]
        title = _PLAY.sub("", title, count=1) if _PLAY.match(title) else title
        if title and _NO_TITLE.fullmatch(title) is None:
            return title
    return None
