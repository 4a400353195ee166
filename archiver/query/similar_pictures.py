"""Finds what carried a picture that looks like a given file: scaled, compressed again, with a border, a little cut."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from archiver.platforms import media_key_of
from archiver.storage.index import lookup
from archiver.storage.index.lookup import Hits, Similar
from archiver.storage.index.results import Result

MAX_PAGES = 50  # of one similar picture: a site's logo stands on all its pages, and each is read in full


@dataclass(frozen=True, slots=True)
class Alike:
    """What one similar picture led to."""

    sha256: str
    hits: Hits
    left_out: int
    """Pages behind the first MAX_PAGES."""
    distances: dict[str, int]
    """Media key -> distance."""


class NotComparable(Exception):
    """The file is no picture, or none that could be decoded or distinguished from others; the message says which."""


def alike(index: sqlite3.Connection, path: Path) -> Iterator[Alike]:
    """Nearest first. Raises `NotComparable`, and `OSError` where the file cannot be read."""
    for similar in _similar_to(index, path):
        keys = lookup.media_keys_of(index, similar.sha256)
        hits = lookup.by_digest(index, similar.sha256)
        some = replace(hits, pages=hits.pages[:MAX_PAGES])
        left_out = len(hits.pages) - len(some.pages)
        yield Alike(similar.sha256, some, left_out, dict.fromkeys(keys, similar.distance))


def with_distances(result: Result, distances: dict[str, int]) -> Result:
    """With the distance at each medium that looks like the picture."""
    media = tuple(replace(medium, distance=distances.get(media_key_of(medium.url))) for medium in result.media)
    return replace(result, media=media)


def _similar_to(index: sqlite3.Connection, path: Path) -> tuple[Similar, ...]:
    """By the picture as it is; only where that leads nowhere as one that was cut."""
    # 60 ms, of which `find` needs nothing for other scraps.
    from archiver.media.inspect import MAX_DECODED_BYTES, BeyondLimits, NotDecoded, hashes_to_find  # noqa: PLC0415

    if path.stat().st_size > MAX_DECODED_BYTES:
        raise NotComparable(f"it is larger than {MAX_DECODED_BYTES >> 20} MB")
    try:
        hashes, if_cut = hashes_to_find(path.read_bytes())
    except BeyondLimits as error:
        raise NotComparable(str(error)) from error
    except NotDecoded as error:
        raise NotComparable("it is no picture that can be decoded") from error
    as_it_is = [each for each in (hashes.whole, hashes.trimmed) if each is not None]
    if not as_it_is:
        raise NotComparable("it shows nothing to be told from other pictures by")
    return lookup.by_picture(index, as_it_is) or lookup.by_picture(index, if_cut)
