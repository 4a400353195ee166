"""Makes thumbnails of the pictures that posts carry, for those who look through an archive."""

import asyncio
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from archiver.archive import Archive, open_archive
from archiver.elsewhere import BroughtDown, Elsewhere, NotStarted
from archiver.errors import BadRecord
from archiver.paths import ArchivePaths
from archiver.pictures import MAX_DECODED_BYTES
from archiver.storage.files import write_whole

MODULE = "archiver.thumbnail"  # runs in the other process
PATIENCE_SECONDS = 30  # for one picture; the largest that is decoded takes two

_CAPTURED = "SELECT media_key FROM captures WHERE media_key IS NOT NULL AND crawl = (SELECT id FROM crawls WHERE uuid = ?)"
# The best file of each picture of a post, as `find` shows it: the largest, then the first captured.
_BEST = """
SELECT DISTINCT sha256 FROM (
  SELECT m.sha256, row_number() OVER (
    PARTITION BY pm.media_key ORDER BY coalesce(m.width, 0) * coalesce(m.height, 0) DESC, m.size DESC, c.captured_at, c.id
  ) AS place
  FROM (SELECT DISTINCT media_key FROM post_media {chosen}) pm JOIN captures c ON c.media_key = pm.media_key
  JOIN media_payloads p ON p.payload_digest = c.payload_digest JOIN media m ON m.id = p.media
  WHERE m.mime LIKE 'image/%' AND m.width IS NOT NULL AND m.size <= ?
) WHERE place = 1
"""
_HOLDER = """
SELECT w.path, c.offset, c.length FROM media m JOIN media_payloads p ON p.media = m.id
JOIN captures c ON c.payload_digest = p.payload_digest AND c.record_type = 'response' JOIN warcs w ON w.id = c.warc
WHERE m.sha256 = ? ORDER BY c.captured_at, c.id LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class ThumbnailReport:
    """How many thumbnails a run made."""

    made: int = 0
    skipped: int = 0
    """Pictures that cannot be decoded, are too large, or brought the process down that tried."""


def make_thumbnails(data_dir: Path, crawl: str | None = None) -> ThumbnailReport:
    """Makes those that are not there yet; can be interrupted at any time, and goes on where it was.

    `crawl`: the UUID of a crawl, of whose captures alone they are made: a look at all of an archive takes seconds for each
    100,000 pictures, and what cannot be decoded is tried each time. None: of all captures.

    Writes `thumbnails/<first two hex digits>/<sha256>.webp`, each whole or not at all. Needs no lock: two runs at once make some
    twice, and both are whole. Runs an event loop of its own. Raises `StorageError` where the folder cannot be written to or the
    archive cannot be read, `NotStarted` where no process can be started.
    """
    with open_archive(data_dir) as archive:
        return asyncio.run(_make(archive, crawl))


async def _make(archive: Archive, crawl: str | None) -> ThumbnailReport:
    made = skipped = 0
    elsewhere = Elsewhere(MODULE, patience=PATIENCE_SECONDS)
    try:
        for sha256 in _wanted(archive.index, archive.paths, crawl):
            small = await _thumbnail(archive, sha256, elsewhere)
            if small is None:
                skipped += 1
                continue
            write_whole(archive.paths.thumbnail(sha256), small)
            made += 1
    finally:
        await elsewhere.close()
    return ThumbnailReport(made, skipped)


def _wanted(index: sqlite3.Connection, paths: ArchivePaths, crawl: str | None) -> Iterator[str]:
    """By sha256. An empty file is what a power cut may leave."""
    best = _BEST.format(chosen=f"WHERE media_key IN ({_CAPTURED})" if crawl is not None else "")
    bound = (crawl, MAX_DECODED_BYTES) if crawl is not None else (MAX_DECODED_BYTES,)
    for (sha256,) in index.execute(best, bound).fetchall():
        path = paths.thumbnail(sha256)
        if not path.exists() or path.stat().st_size == 0:
            yield sha256


async def _thumbnail(archive: Archive, sha256: str, elsewhere: Elsewhere) -> bytes | None:
    place = archive.index.execute(_HOLDER, (sha256,)).fetchone()
    if place is None:
        return None
    try:
        seen = archive.response_at(*place)
    except BadRecord:  # `archiver verify` tells of it
        return None
    if seen is None:
        return None
    try:
        small: bytes | None = await elsewhere.ask(seen.decoded(MAX_DECODED_BYTES))
    except NotStarted:
        raise
    except BroughtDown:
        return None
    return small
