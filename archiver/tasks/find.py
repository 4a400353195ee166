"""Finds posts by whatever scrap a person still has."""

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

from archiver.archive import Archive
from archiver.errors import UsageError
from archiver.findings import PostRef
from archiver.platforms import PLATFORMS, platform_named, post_of_url, short_link_of
from archiver.storage import lookup
from archiver.storage.found import Found, found_embed, found_page, found_post
from archiver.storage.lookup import Hits
from archiver.urls import url_key, without_wayback

_SHA256 = re.compile(r"(?:sha256:)?([0-9a-f]{64})", re.I)
_ID = re.compile(r"\d{2,20}")
_HANDLE = re.compile(r"@([\w.\-]+)")
_BARE_CODE = re.compile(r"[A-Za-z0-9]{8,12}")  # what stands behind pic.twitter.com/ and t.co/
_BEHIND = ".,;:!?)]}'\"»”’…"  # what is copied along at the end of a short link
_BARE_MEDIA_KEY = re.compile(r"[A-Za-z0-9_-]{15}")  # what stands behind pbs.twimg.com/media/


@dataclass(frozen=True, slots=True)
class Answer:
    """What one reference led to; empty where it is not known."""

    reference: str
    found: tuple[Found, ...]


def find(archive: Archive, references: list[str]) -> Iterator[Answer]:
    """One answer for each reference, in order."""
    for reference in references:
        yield Answer(reference, tuple(found_for(archive.index, hits_for(archive.index, reference.strip()))))


def found_for(index: sqlite3.Connection, hits: Hits) -> Iterator[Found]:
    """Pages first, then posts, each with the text-only embeds whose code leads to it, then the embeds whose post is not known."""
    for page in hits.pages:
        if (found := found_page(index, page)) is not None:
            yield found
    leads_to = {embed: lookup.posts_of_embed(index, embed) for embed in hits.embeds}
    for post in dict.fromkeys((*hits.posts, *(post for posts in leads_to.values() for post in posts))):
        if (found := found_post(index, post, [embed for embed, posts in leads_to.items() if post in posts])) is not None:
            yield found
    for embed, posts in leads_to.items():
        if not posts and (found := found_embed(index, embed)) is not None:
            yield found


def hits_for(index: sqlite3.Connection, reference: str) -> Hits:
    """The rows that a reference names: by what it looks like; where that could be several things the first that is known."""
    if match := _SHA256.fullmatch(reference):
        return lookup.by_digest(index, match[1].lower())
    if match := _HANDLE.fullmatch(reference):
        return lookup.by_author(index, match[1])
    if (key := short_link_of(reference) or short_link_of(without_wayback(reference).rstrip(_BEHIND))) is not None:
        return lookup.by_link(index, key)
    if _ID.fullmatch(reference):
        return lookup.by_id(index, reference)
    if "/" in reference or "." in reference:
        return _by_address(index, reference)
    return _by_bare_name(index, reference)


def _by_address(index: sqlite3.Connection, reference: str) -> Hits:
    if (digest := _digest_of_file(Path(reference))) is not None:
        return lookup.by_digest(index, digest)
    url = reference if "://" in reference else f"https://{reference}"
    if (post := post_of_url(url)) is not None and (hits := lookup.by_post(index, post) + _under_another_name(index, post)):
        return hits
    keys = [key for platform in PLATFORMS if (key := platform.media_key(url)) is not None]
    if keys and (hits := lookup.by_media_key(index, keys)):
        return hits
    for address in (url, without_wayback(url)):
        if hits := lookup.by_page(index, address) + _embedded_as_such(index, address):
            return hits
    return lookup.by_media_key(index, [url_key(url)])


def _under_another_name(index: sqlite3.Connection, post: PostRef) -> Hits:
    """The posts that a platform said to be this one: a Bluesky address has the author's handle or a DID."""
    platform = platform_named(post.platform)
    return lookup.by_link(index, url_key(platform.canonical_url(post.post_id))) if platform is not None else Hits()


def _embedded_as_such(index: sqlite3.Connection, url: str) -> Hits:
    """The post that a page of any site is where another page embeds it: no URL's shape tells that, only the index does."""
    posts = (lookup.by_post(index, PostRef(one.name, url_key(url))) for one in PLATFORMS if one.last_resort)
    return sum(posts, Hits())


def _digest_of_file(path: Path) -> str | None:
    """The sha256 of a file; None where there is none of this name. Raises `UsageError` for one that cannot be read."""
    try:
        if not path.is_file():
            return None
    except OSError:  # the system cannot even look: a URL's path may be longer than a file's name, 255 bytes
        return None
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}): give a file that you may read, or its sha256") from error


def _by_bare_name(index: sqlite3.Connection, reference: str) -> Hits:
    """A code or key without what stood before it, or a handle without its @."""
    if _BARE_CODE.fullmatch(reference):
        for platform in PLATFORMS:
            key = platform.short_link(f"https://t.co/{reference}")
            if key is not None and (hits := lookup.by_link(index, key)):
                return hits
    if _BARE_MEDIA_KEY.fullmatch(reference) and (hits := lookup.by_media_key(index, [f"pbs.twimg.com/media/{reference}"])):
        return hits
    return lookup.by_id(index, reference) or lookup.by_author(index, reference)
