"""Bluesky's embed code, and what Substack writes of a post: what they say of it before any script has run."""

import re

from selectolax.lexbor import LexborNode

from archiver.html.pattern import Pattern
from archiver.html.text import text_of
from archiver.platforms.declared import MAX_TEXT, EmbedContent
from archiver.platforms.replies import object_in, text_at, time_of_text, value_at

# The embed code has this for whatever the post shows beside its words.
_ATTACHED = Pattern(r"\s*\[image or embed\]\s*$", re.I)
_ATTRIBUTION = Pattern(r"^[\s—–-]*+(?P<name>.*?)\s*\(@(?P<handle>[\w.-]+)\)", re.S)
MAX_IMAGES = 20
MAX_NAME = 200  # characters; Bluesky allows 64


def read_embed_code(node: LexborNode) -> EmbedContent | None:
    """What the box of the embed code, or Substack's `data-attrs`, says of the post; None for other elements."""
    if node.tag == "blockquote":
        return read_blockquote(node)
    data = object_in(node.attributes.get("data-attrs") or "")
    if data is None:
        return None
    images = value_at(data, "imageUrls")
    return EmbedContent(
        author=text_at(data, "authorHandle"),
        author_name=text_at(data, "authorName"),
        text=text_at(data, "text"),
        posted_at=time_of_text(data.get("createdAt")),
        media=tuple(url for url in images if isinstance(url, str))[:MAX_IMAGES] if isinstance(images, list) else (),
    )


def read_blockquote(node: LexborNode) -> EmbedContent:
    """`<p>words [image or embed]</p>— Name (@handle) date`; older codes have the name only."""
    words = node.css_first("p")
    if words is None:
        return EmbedContent(text=text_of(node)[:MAX_TEXT] or None)
    tail = text_of(node, without=frozenset((words.mem_id,)))
    found = _ATTRIBUTION.match(tail)
    name = found["name"] if found else tail.lstrip(" —–-") if node.css_first("a[href*='/post/']") is None else ""
    return EmbedContent(
        author=found["handle"].lower() if found else None,
        author_name=" ".join(name.split())[:MAX_NAME] or None,
        text=_ATTACHED.sub("", text_of(words))[:MAX_TEXT] or None,
    )
