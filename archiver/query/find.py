"""Finds posts by whatever scrap a person still has."""

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

from archiver.errors import UsageError
from archiver.model.findings import PostRef
from archiver.platforms import PLATFORMS, platform_named, post_of_url, short_link_of
from archiver.query.archive import Archive
from archiver.query.similar_pictures import NotComparable, alike, marked
from archiver.storage.index import lookup
from archiver.storage.index.lookup import Hits
from archiver.storage.index.results import Found, found_embed, found_page, found_post
from archiver.urls import url_key, without_wayback

_SHA256 = re.compile(r"(?:sha256:)?([0-9a-f]{64})", re.I)
_ID = re.compile(r"\d{2,20}")
_HANDLE = re.compile(r"@([\w.\-]+)")
_BARE_CODE = re.compile(r"[A-Za-z0-9]{8,12}")  # what stands behind pic.twitter.com/ and t.co/
_BEHIND = ".,;:!?)]}'\"»”’…"  # what is copied along at the end of a short link
_BARE_MEDIA_KEY = re.compile(r"[A-Za-z0-9_-]{15}")  # what stands behind pbs.twimg.com/media/
_PICTURE_NAME = re.compile(r".+\.(?:jpe?g|jfif|png|gif|webp|bmp|tiff?|ico|avif|heic|svg)", re.I)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one reference led to; empty where it is not known."""

    reference: str
    found: tuple[Found, ...]
    note: str | None = None
    """Why less was looked for than the reference seems to ask for, in words that go on after its name."""


def find(archive: Archive, references: list[str]) -> Iterator[Answer]:
    """One answer for each reference, in order."""
    for reference in references:
        scrap = reference.strip()
        exact = hits_for(archive.index, scrap)
        found = tuple(found_for(archive.index, exact))
        similar, note = _similar_to_file(archive.index, scrap, exact)
        found += similar
        yield Answer(reference, found, note or (_misunderstood(scrap) if not found else None))


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


def _similar_to_file(index: sqlite3.Connection, reference: str, exact: Hits) -> tuple[tuple[Found, ...], str | None]:
    """What carried a picture like that in the file of this name, and not the very file; and why not all was looked for."""
    if not _is_address(reference) or not _is_file(path := Path(reference)):
        return (), None
    notes = []
    found: dict[Found, None] = {}
    shown = exact
    distances: dict[str, int] = {}
    try:
        if not path.stat().st_size:
            return (), "the file is empty"
        for one in alike(index, path):
            distances = one.distances | distances  # the nearest one has the last word
            found |= dict.fromkeys(found_for(index, one.hits - shown))
            shown += one.hits
            if one.left_out:
                notes.append(f"{one.left_out:,} more pages have a similar picture: `archiver find {one.sha256}` gives all")
    except NotComparable as error:
        return (), f"only its sha256 was looked up, {error}"
    except OSError as error:
        raise _unreadable(path, error) from error
    if count := lookup.without_hash(index):
        notes.append(f"pictures that have no hash to compare yet: {count:,}, `archiver reindex` makes them")
    return tuple(marked(one, distances) for one in found), "; ".join(notes) or None


def _misunderstood(reference: str) -> str | None:
    """What the reference may have been meant for, and is not."""
    if (match := _SHA256.fullmatch(reference)) is not None and match[1].lower() == lookup.EMPTY_SHA256:
        return "it is the sha256 of nothing at all"
    if not _is_address(reference) or "://" in reference:
        return None
    if _is_folder(Path(reference)):
        return "it is a folder: give a file in it"
    host, slash, _ = reference.partition("/")
    if _PICTURE_NAME.fullmatch(reference) and not (slash and "." in host.strip(".")):  # it may be an address without its https://
        return f"there is no file {reference}" if not _is_file(Path(reference)) else None
    return None


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
    if _is_address(reference):
        return _by_address(index, reference)
    return _by_bare_name(index, reference)


def _by_address(index: sqlite3.Connection, reference: str) -> Hits:
    digest = _digest_of_file(Path(reference))
    if digest is not None and (hits := lookup.by_digest(index, digest)):
        return hits
    is_name = _PICTURE_NAME.fullmatch(reference) is not None and "://" not in reference
    if is_name and (hits := lookup.by_screenshot_path(index, reference)):
        return hits
    if digest is not None:
        return Hits()
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
    if not _is_file(path):
        return None
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(path, error) from error


def _is_address(reference: str) -> bool:
    """Whether it may be the name of a file or a URL, rather than a name or a code."""
    return "/" in reference or "." in reference


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # the system cannot even look: a URL's path may be longer than a file's name, 255 bytes
        return False


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


def _unreadable(path: Path, error: OSError) -> UsageError:
    return UsageError(f"{path} cannot be read ({error.strerror}): give a file that you may read, or its sha256")


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
