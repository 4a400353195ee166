"""Finds posts, pages and embeds by whatever scrap a person still has."""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import overload

from archiver.errors import UsageError
from archiver.model.findings import PostRef
from archiver.platforms import PLATFORMS, platform_named, post_of_url, short_link_of
from archiver.query.similar_pictures import NotComparable, alike, with_distances
from archiver.storage.index import lookup
from archiver.storage.index.lookup import Hits
from archiver.storage.index.results import Result, read_embed, read_page, read_post
from archiver.text import whole_characters
from archiver.urls import url_key, without_wayback

_SHA256 = re.compile(r"(?:sha256:)?([0-9a-f]{64})", re.I)
_ID = re.compile(r"\d{2,20}")
_HANDLE = re.compile(r"@([\w.\-]+)")
_BARE_CODE = re.compile(r"[A-Za-z0-9]{8,12}")  # what stands behind pic.twitter.com/ and t.co/
_BEHIND = ".,;:!?)]}'\"»”’…"  # what is copied along at the end of a short link
_BARE_MEDIA_KEY = re.compile(r"[A-Za-z0-9_-]{15}")  # what stands behind pbs.twimg.com/media/
_PICTURE_NAME = re.compile(r".+\.(?:jpe?g|jfif|png|gif|webp|bmp|tiff?|ico|avif|heic|svg)", re.I)


@dataclass(frozen=True, slots=True)
class FindResults(Sequence[Result]):
    """What one scrap or file leads to: a sequence, empty where it is not known."""

    scrap: str
    """As it was given; of a file its path."""
    results: tuple[Result, ...] = ()
    """Pages first, then posts, then embeds whose post is not known."""
    note: str | None = None
    """Why less was looked for than the scrap or file seems to ask for, in words that go on after its name."""

    def __len__(self) -> int:
        return len(self.results)

    @overload
    def __getitem__(self, index: int) -> Result: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Result, ...]: ...
    def __getitem__(self, index: int | slice) -> Result | tuple[Result, ...]:
        return self.results[index]


def find(index: sqlite3.Connection, scrap: str) -> FindResults:
    """By a short link, an address, an id, a handle, a media key, a sha256; never by a file, whatever the scrap looks like."""
    results = tuple(results_of(index, hits_for(index, scrap)))
    match = _SHA256.fullmatch(scrap.strip())
    is_empty = not results and match is not None and match[1].lower() == lookup.EMPTY_SHA256
    return FindResults(scrap, results, "it is the sha256 of nothing at all" if is_empty else None)


def find_file(index: sqlite3.Connection, path: Path) -> FindResults:
    """By the file's sha256, and by pictures that look like it. Raises `UsageError` for what is no file or cannot be read."""
    exact = hits_of_file(index, path)
    results = tuple(results_of(index, exact))
    similar, note = _similar_to_file(index, path, exact)
    return FindResults(str(path), results + similar, note)


def file_named(reference: str) -> Path | None:
    """The file that an argument of a command line names; None where it names none, and is a scrap.

    A word without a dot or slash is an id, a key or a handle, even where a file in the current folder has that name.
    """
    path = Path(reference)
    try:
        return path if ("/" in reference or "." in reference) and path.is_file() else None
    except OSError:  # the system cannot even look: a URL's path may be longer than a file's name, 255 bytes
        return None


def looks_like_a_picture_file(reference: str) -> bool:
    """Whether it has a picture's ending and is no address: `photo.jpg`, and not `pbs.twimg.com/media/KEY.jpg`."""
    host, slash, _ = reference.partition("/")
    return (
        _PICTURE_NAME.fullmatch(reference) is not None
        and "://" not in reference
        and not (slash and "." in host.strip("."))  # it may be an address without its https://
    )


def results_of(index: sqlite3.Connection, hits: Hits) -> Iterator[Result]:
    """Pages first, then posts, each with the text-only embeds whose code leads to it, then the embeds whose post is not known."""
    for page in hits.pages:
        if (found_page := read_page(index, page)) is not None:
            yield found_page
    leads_to = {embed: lookup.posts_of_embed(index, embed) for embed in hits.embeds}
    for post in dict.fromkeys((*hits.posts, *(post for posts in leads_to.values() for post in posts))):
        own = [embed for embed, posts in leads_to.items() if post in posts]
        if (found_post := read_post(index, post, own)) is not None:
            yield found_post
    for embed, posts in leads_to.items():
        if not posts and (found_embed := read_embed(index, embed)) is not None:
            yield found_embed


def hits_for(index: sqlite3.Connection, scrap: str) -> Hits:
    """The rows that a scrap names: by what it looks like; where that could be several things the first that is known."""
    scrap = whole_characters(scrap.strip())
    if match := _SHA256.fullmatch(scrap):
        return lookup.by_digest(index, match[1].lower())
    if match := _HANDLE.fullmatch(scrap):
        return lookup.by_author(index, match[1])
    if (key := short_link_of(scrap) or short_link_of(without_wayback(scrap).rstrip(_BEHIND))) is not None:
        return lookup.by_link(index, key)
    if _ID.fullmatch(scrap):
        return lookup.by_id(index, scrap)
    if "/" in scrap or "." in scrap:
        return _by_address(index, scrap)
    return _by_bare_name(index, scrap)


def hits_of_file(index: sqlite3.Connection, path: Path) -> Hits:
    """The rows of the very file: by its sha256; a screenshot, by its name too. Raises `UsageError` as `find_file` does."""
    if hits := lookup.by_digest(index, _digest_of(path)):
        return hits
    return lookup.by_screenshot_path(index, whole_characters(str(path))) if _PICTURE_NAME.fullmatch(path.name) else Hits()


def _similar_to_file(index: sqlite3.Connection, path: Path, exact: Hits) -> tuple[tuple[Result, ...], str | None]:
    """What carried a picture like that in the file, and not the very file; and why not all was looked for."""
    notes = []
    results: dict[Result, None] = {}
    shown = exact
    distances: dict[str, int] = {}
    try:
        if not path.stat().st_size:
            return (), "the file is empty"
        for one in alike(index, path):
            distances = one.distances | distances  # the nearest one has the last word
            results |= dict.fromkeys(results_of(index, one.hits - shown))
            shown += one.hits
            if one.left_out:
                notes.append(f"{one.left_out:,} more pages have a similar picture: `archiver find {one.sha256}` gives all")
    except NotComparable as error:
        return (), f"only its sha256 was looked up, {error}"
    except OSError as error:
        raise _unreadable(path, error) from error
    if count := lookup.without_hash(index):
        notes.append(f"pictures that have no hash to compare yet: {count:,}, `archiver reindex` makes them")
    return tuple(with_distances(one, distances) for one in results), "; ".join(notes) or None


def _by_address(index: sqlite3.Connection, scrap: str) -> Hits:
    is_name = _PICTURE_NAME.fullmatch(scrap) is not None and "://" not in scrap
    if is_name and (hits := lookup.by_screenshot_path(index, scrap)):
        return hits
    url = scrap if "://" in scrap else f"https://{scrap}"
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


def _by_bare_name(index: sqlite3.Connection, scrap: str) -> Hits:
    """A code or key without what stood before it, or a handle without its @."""
    if _BARE_CODE.fullmatch(scrap):
        for platform in PLATFORMS:
            key = platform.short_link(f"https://t.co/{scrap}")
            if key is not None and (hits := lookup.by_link(index, key)):
                return hits
    if _BARE_MEDIA_KEY.fullmatch(scrap) and (hits := lookup.by_media_key(index, [f"pbs.twimg.com/media/{scrap}"])):
        return hits
    return lookup.by_id(index, scrap) or lookup.by_author(index, scrap)


def _digest_of(path: Path) -> str:
    """The sha256 of a regular file: a pipe would be waited for."""
    try:
        if not path.is_file():
            what = (
                "is a folder: give a file in it"
                if path.is_dir()
                else "is no file: give a path to one, or another scrap to `find`"
            )
            raise UsageError(f"{path} {what}")
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> UsageError:
    return UsageError(f"{path} cannot be read ({error.strerror}): give a file that you may read, or its sha256")
