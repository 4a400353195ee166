"""What an oEmbed endpoint's reply says of a post (https://oembed.com, version 1.0)."""

from collections.abc import Mapping
from typing import Any

from archiver.model.findings import Findings, MediaKind, MediaRef, PostState, Source, Statement
from archiver.platforms import loosejson
from archiver.platforms.base import Platform
from archiver.urls import absolute, query_value, url_key

# What most endpoints mean: the specification has 404 for "no such thing", 401 for "not public".
STATES: Mapping[int, PostState] = {
    401: PostState.PROTECTED,
    403: PostState.PROTECTED,
    404: PostState.GONE,
    410: PostState.GONE,
}


def read(platform: Platform, url: str, status: int, body: bytes, states: Mapping[int, PostState] = STATES) -> Findings:
    """A statement from an oEmbed reply; nothing where the reply says nothing of the post (a firewall's page, an overload)."""
    post_id = platform.parse_url(query_value(url, "url") or "")
    return read_of(platform, post_id, url, status, body, states) if post_id is not None else Findings()


def read_of(
    platform: Platform, post_id: str, url: str, status: int, body: bytes, states: Mapping[int, PostState] = STATES
) -> Findings:
    """The same, of a post that the URL of the request does not tell by itself."""
    if status in (401, 403) and body.lstrip()[:1] == b"<":
        return Findings()  # a firewall's page or a login wall; an endpoint that refuses a post says so in JSON or in a word
    if status in states:
        return Findings(statements=(Statement(platform.name, post_id, Source.OEMBED, states[status]),))
    reply = loosejson.object_in(body)
    if status != 200 or reply is None or not ({"html", "title", "url", "author_name"} & reply.keys()):
        return Findings()
    said = Statement(
        platform=platform.name,
        post_id=post_id,
        source=Source.OEMBED,
        state=PostState.LIVE,
        author=platform.author_in(text_in(reply, "author_url") or ""),
        author_name=text_in(reply, "author_name"),
        text=text_in(reply, "title") or text_in(reply, "description"),
        media=_media(platform, url, reply),
    )
    return Findings(statements=(said,))


def _media(platform: Platform, base: str, reply: loosejson.Json) -> tuple[MediaRef, ...]:
    kind = MediaKind.PICTURE if reply.get("type") == "photo" else MediaKind.POSTER
    found: dict[str, MediaRef] = {}
    for name, prefix in (("url", ""), ("thumbnail_url", "thumbnail_")):
        if name == "url" and reply.get("type") != "photo":
            continue
        told = text_in(reply, name)
        if told is not None and (address := absolute(base, told)) not in (None, base):
            key = platform.media_key(address) or url_key(address)
            width, height = pixels(reply.get(f"{prefix}width")), pixels(reply.get(f"{prefix}height"))
            found.setdefault(key, MediaRef(address, key, kind, width=width, height=height))
    return tuple(found.values())


def text_in(reply: Mapping[str, Any], name: str) -> str | None:
    """A text of a reply; None where it is missing, empty or no text."""
    value = reply.get(name)
    return value.strip() or None if isinstance(value, str) else None


def pixels(value: object) -> int | None:
    """A width or height, which some endpoints give as text."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 7:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1_000_000 else None
