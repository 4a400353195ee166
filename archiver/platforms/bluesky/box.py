"""What the markup of a Bluesky embed says of its post: the box of the embed code, and the data that Substack keeps beside it."""

import re

from selectolax.lexbor import LexborNode

from archiver.html.pattern import Pattern
from archiver.html.text import text_of
from archiver.platforms import moments
from archiver.platforms.declared import MAX_TEXT, Said
from archiver.platforms.loosejson import at, object_in, text_at

# The embed code has this for whatever the post shows beside its words.
_ATTACHED = Pattern(r"\s*\[image or embed\]\s*$", re.I)
_ATTRIBUTION = Pattern(r"^[\s—–-]*+(?P<name>.*?)\s*\(@(?P<handle>[\w.-]+)\)", re.S)
MAX_IMAGES = 20
MAX_NAME = 200  # characters; Bluesky allows 64


def read(node: LexborNode) -> Said | None:
    """None for elements that are neither."""
    if node.tag == "blockquote":
        return _box(node)
    data = object_in(node.attributes.get("data-attrs") or "")
    if data is None:
        return None
    images = at(data, "imageUrls")
    return Said(
        author=text_at(data, "authorHandle"),
        author_name=text_at(data, "authorName"),
        text=text_at(data, "text"),
        posted_at=moments.from_text(data.get("createdAt")),
        media=tuple(url for url in images if isinstance(url, str))[:MAX_IMAGES] if isinstance(images, list) else (),
    )


def _box(node: LexborNode) -> Said:
    """`<p>words [image or embed]</p>— Name (@handle) date`; older codes have the name only."""
    words = node.css_first("p")
    if words is None:
        return Said(text=text_of(node)[:MAX_TEXT] or None)
    tail = text_of(node, without=frozenset((words.mem_id,)))
    found = _ATTRIBUTION.match(tail)
    name = found["name"] if found else tail.lstrip(" —–-") if node.css_first("a[href*='/post/']") is None else ""
    return Said(
        author=found["handle"].lower() if found else None,
        author_name=" ".join(name.split())[:MAX_NAME] or None,
        text=_ATTACHED.sub("", text_of(words))[:MAX_TEXT] or None,
    )
