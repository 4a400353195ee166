"""Makes thumbnails of the pictures that posts carry, for those who look through an archive."""

import asyncio
import sqlite3
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from archiver.errors import BadRecord
from archiver.media.inspect import MAX_DECODED_BYTES
from archiver.media.webp import MODULE, CheckThumbnail, MakeThumbnail
from archiver.query.archive import Archive
from archiver.storage.files.atomic import is_nonempty_file, open_regular, write_whole
from archiver.workers.process import WorkerCrashed, WorkerNotStarted, WorkerProcess

PATIENCE_SECONDS = 30  # for one picture; the largest that is decoded takes two
MAX_THUMBNAIL_BYTES = 16 << 20  # ours have some 20 KB; a larger one is none of ours

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


def make_thumbnails(
    data_dir: Path, crawl: str | None = None, *, again: Collection[str] = (), keep: bool = True
) -> ThumbnailReport:
    """Makes those that are not there yet; can be interrupted at any time, and goes on where it was.

    `crawl`: the UUID of a crawl, of whose captures alone they are made: a look at all of an archive takes seconds for each
    100,000 pictures, and what cannot be decoded is tried each time. None: of all captures.

    `again`: the sha256 of other pictures, whose thumbnails are replaced. `keep=False` writes nothing, and counts what could be
    made.

    Writes `thumbnails/<first two hex digits>/<sha256>.webp`, each whole or not at all. Needs no lock: two runs at once make some
    twice, and both are whole. Runs an event loop of its own. Raises `StorageError` where the folder cannot be written to or the
    archive cannot be read, `WorkerNotStarted` where no process can be started.
    """
    with Archive.open(data_dir) as archive:
        best = best_pictures(archive.index, crawl)
        missing = [sha256 for sha256 in best if sha256 not in again and not is_nonempty_file(archive.paths.thumbnail(sha256))]
        return asyncio.run(_make(archive, [*missing, *sorted(again)], keep))


async def _make(archive: Archive, wanted: list[str], keep: bool) -> ThumbnailReport:
    made = skipped = 0
    worker = WorkerProcess(MODULE, patience=PATIENCE_SECONDS)
    try:
        for sha256 in wanted:
            small = await _thumbnail(archive, sha256, worker)
            if small is None:
                skipped += 1
                continue
            if keep:
                write_whole(archive.paths.thumbnail(sha256), small)
            made += 1
    finally:
        await worker.close()
    return ThumbnailReport(made, skipped)


def best_pictures(index: sqlite3.Connection, crawl: str | None = None) -> list[str]:
    """The sha256 of each picture that should have a thumbnail."""
    best = _BEST.format(chosen=f"WHERE media_key IN ({_CAPTURED})" if crawl is not None else "")
    bound = (crawl, MAX_DECODED_BYTES) if crawl is not None else (MAX_DECODED_BYTES,)
    return [sha256 for (sha256,) in index.execute(best, bound)]


async def _thumbnail(archive: Archive, sha256: str, worker: WorkerProcess) -> bytes | None:
    place = archive.index.execute(_HOLDER, (sha256,)).fetchone()
    if place is None:
        return None
    try:
        response = archive.response_at(*place)
    except BadRecord:  # `archiver verify` reports it
        return None
    if response is None:
        return None
    try:
        small: bytes | None = await worker.ask(MakeThumbnail(response.decoded(MAX_DECODED_BYTES)), bytes | None)
    except WorkerNotStarted:
        raise
    except WorkerCrashed:
        return None
    return small


def undecodable(files: Sequence[Path], on_progress: Callable[[int, int], None] = lambda done, total: None) -> list[Path]:
    """The thumbnails that cannot be decoded: they have no hashes anywhere, so that no other damage is seen.

    `on_progress` is called with files done and files in all. Runs an event loop of its own. Raises `WorkerNotStarted`.
    """
    return asyncio.run(_undecodable(files, on_progress))


async def _undecodable(files: Sequence[Path], on_progress: Callable[[int, int], None]) -> list[Path]:
    bad = []
    worker = WorkerProcess(MODULE, patience=PATIENCE_SECONDS)
    try:
        for number, path in enumerate(files, 1):
            if not await _decodes(path, worker):
                bad.append(path)
            on_progress(number, len(files))
    finally:
        await worker.close()
    return bad


async def _decodes(path: Path, worker: WorkerProcess) -> bool:
    try:
        with open_regular(path) as file:
            return bool(await worker.ask(CheckThumbnail(file.read(MAX_THUMBNAIL_BYTES)), bool))
    except WorkerNotStarted:
        raise
    except (OSError, WorkerCrashed):
        return False
