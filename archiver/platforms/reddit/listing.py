"""Reddit's listings: a page's address with `.json` gives the post, and the comments below it.

Closed to strangers since 2026-05-29 (only-cli/oc#52): asked only where archiver.toml says so. Fields are as in Reddit's API
documentation and in public code up to mid 2026.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from archiver.html.pattern import Pattern
from archiver.model.findings import Findings, MediaKind, MediaRef, PostRef, PostState, Source, Statement
from archiver.platforms.base import Platform
from archiver.platforms.replies import pixels, text_at
from archiver.text import json_loads
from archiver.times import to_iso
from archiver.urls import absolute, url_key

MAX_PICTURES = 50  # of one post; a gallery holds 20

LISTING = Pattern(r"https://www\.reddit\.com/comments/\w+(?:/_/\w+)?\.json\?")
_NUMBER_36 = Pattern(r"[a-z0-9]{2,10}")
BLANKED = {"[deleted]": PostState.DELETED, "[deleted by user]": PostState.DELETED, "[removed]": PostState.WITHHELD}
# `reason` in the error that stands for a post: its community is closed to strangers, or was shut down.
_REASONS = {"private": PostState.PROTECTED, "banned": PostState.SUSPENDED}


def listing_url(canonical: str) -> str:
    """Where to ask about a post: `raw_json` leaves `&` as it is, the limits keep the discussion out."""
    return f"{canonical}.json?raw_json=1&limit=1&depth=1"


def handle_in(author: str | None) -> str | None:
    """The handle; None for what stands there when an account is gone."""
    return author if author is not None and re.fullmatch(r"[\w-]{1,30}", author) else None


def read_listing(platform: Platform, post_id: str, status: int, body: bytes) -> Findings:
    """A statement about the requested post or comment."""
    try:
        reply = json_loads(body)
    except (ValueError, RecursionError):
        return Findings()
    if status in (403, 404):
        state = refusal_in(status, reply)
        return Findings(statements=(Statement(platform.name, post_id, Source.API, state),)) if state else Findings()
    thing = _thing(reply, post_id) if status == 200 else None
    return Findings(statements=(_statement(platform, post_id, thing),)) if thing is not None else Findings()


def refusal_in(status: int, reply: object) -> PostState | None:
    """Only what Reddit's own API words: a firewall's page has the same numbers."""
    if not isinstance(reply, dict):
        return None
    reason = reply.get("reason")
    if isinstance(reason, str) and reason in _REASONS:
        return _REASONS[reason]
    return PostState.GONE if status == 404 and reply.get("error") == 404 and reason is None else None


def _thing(reply: object, post_id: str) -> dict[str, Any] | None:
    """The data of the post or comment of that id."""
    wanted = post_id.rpartition("/")[2]
    for listing in reply[:2] if isinstance(reply, list) else ():
        for thing in _children(listing):
            if thing.get("id") == wanted:
                return thing
    return None


def _children(listing: object) -> Iterator[dict[str, Any]]:
    data = listing.get("data") if isinstance(listing, dict) else None
    children = data.get("children") if isinstance(data, dict) else None
    for child in children[:10] if isinstance(children, list) else ():
        thing = child.get("data") if isinstance(child, dict) else None
        if isinstance(thing, dict):
            yield thing


def _statement(platform: Platform, post_id: str, thing: dict[str, Any]) -> Statement:
    title, body = text_at(thing, "title"), text_at(thing, "selftext") or text_at(thing, "body")
    blanked = BLANKED.get(body or "") or BLANKED.get(title or "")
    words = [words for words in (title, body) if words is not None and words not in BLANKED]
    return Statement(
        platform=platform.name,
        post_id=post_id,
        source=Source.API,
        state=_removed_by(thing) or blanked or PostState.LIVE,
        author=handle_in(text_at(thing, "author")),
        text="\n\n".join(words) or None,
        posted_at=_time(thing.get("created_utc")),
        media=tuple(_media(platform, thing)),
        quotes=_named_post(platform, thing.get("crosspost_parent"), post_id),
        replies_to=_named_post(platform, thing.get("parent_id"), post_id),
    )


def _removed_by(thing: Mapping[str, Any]) -> PostState | None:
    category = text_at(thing, "removed_by_category")
    if category is None:
        return None
    return PostState.DELETED if category in ("deleted", "author") else PostState.WITHHELD


def _time(seconds: object) -> str | None:
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not 1_100_000_000 < seconds < 10_000_000_000:
        return None
    return to_iso(datetime.fromtimestamp(seconds, UTC))


def _named_post(platform: Platform, fullname: object, post_id: str) -> PostRef | None:
    """What `t3_ID` names, a post, or `t1_ID`, a comment in the same discussion."""
    kind, _, name = fullname.partition("_") if isinstance(fullname, str) else ("", "", "")
    if kind not in ("t1", "t3") or _NUMBER_36.fullmatch(name) is None:
        return None
    return PostRef(platform.name, name if kind == "t3" else f"{post_id.partition('/')[0]}/{name}")


def _media(platform: Platform, thing: Mapping[str, Any]) -> Iterator[MediaRef]:
    found: dict[str, MediaRef] = {}
    for address, kind, width, height in _addresses(thing):
        url = absolute("https://www.reddit.com/", address)
        if url is not None:
            key = platform.media_key(url) or url_key(url)
            found.setdefault(key, MediaRef(url, key, kind, width=width, height=height))
    yield from list(found.values())[:MAX_PICTURES]


def _addresses(thing: Mapping[str, Any]) -> Iterator[tuple[str, MediaKind, int | None, int | None]]:
    """A picture that the post is made of, a gallery's, a video, and what Reddit shows of the page that a post links to."""
    own = text_at(thing, "url_overridden_by_dest") or text_at(thing, "url") or ""
    if re.match(r"https?://(?:i\.redd\.it|i\.imgur\.com|preview\.redd\.it)/", own):
        yield own, MediaKind.PICTURE, None, None
    gallery = thing.get("media_metadata")
    for entry in list(gallery.values())[:MAX_PICTURES] if isinstance(gallery, dict) else ():
        largest = entry.get("s") if isinstance(entry, dict) else None
        if isinstance(largest, dict) and (address := text_at(largest, "u") or text_at(largest, "gif")):
            yield address, MediaKind.PICTURE, pixels(largest.get("x")), pixels(largest.get("y"))
    media = thing.get("media")
    video = media.get("reddit_video") if isinstance(media, dict) else None
    if isinstance(video, dict) and (address := text_at(video, "fallback_url")):
        yield address, MediaKind.VIDEO, pixels(video.get("width")), pixels(video.get("height"))
    preview = thing.get("preview")
    images = preview.get("images") if isinstance(preview, dict) else None
    for image in images[:MAX_PICTURES] if isinstance(images, list) else ():
        source = image.get("source") if isinstance(image, dict) else None
        if isinstance(source, dict) and (address := text_at(source, "url")):
            yield address, MediaKind.POSTER, pixels(source.get("width")), pixels(source.get("height"))
