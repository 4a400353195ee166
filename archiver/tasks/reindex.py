"""Makes the index anew from the WARC files, beside the old one, and swaps it in when it is whole."""

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from archiver.errors import BadRecord, StorageError, UsageError
from archiver.extraction.worker import AheadReader
from archiver.recording.indexer import index_file
from archiver.storage.files.archive_folder import require_archive_folder
from archiver.storage.files.atomic import sync_to_disk
from archiver.storage.files.lock import ArchiveLock
from archiver.storage.files.paths import ArchivePaths, warc_files
from archiver.storage.index.database import open_index
from archiver.storage.index.writer import IndexWriter

MAX_SHOWN = 10  # responses that are named in one line
READERS_SECONDS = 5.0  # for those that are reading the old index to come to an end


@dataclass(frozen=True, slots=True)
class ReindexReport:
    """What a reindex read."""

    files: int
    records: int
    unread: tuple[str, ...] = ()
    """Why files could not be read, each with its path. What they hold is not in the index."""
    unreadable: tuple[tuple[str, str], ...] = ()
    """URL and reason of the responses that could not be read, `extraction.worker.MAX_NAMED` at most. Their captures are in the
    index, with a note (`failures`, error `Unreadable`)."""
    unreadable_count: int = 0
    """How many responses could not be read in all."""


def unreadable_in_words(responses: Sequence[tuple[str, str]], count: int) -> str:
    """Goes behind what was read: "; 2 responses are kept, and could not be read: URL (reason), URL (reason)"; "" for none."""
    named = ", ".join(f"{url} ({reason})" for url, reason in responses[:MAX_SHOWN])
    more = ", and more" if count > MAX_SHOWN else ""
    kept = "response is kept, and" if count == 1 else "responses are kept, and"
    return f"; {count:,} {kept} could not be read: {named}{more}" if count else ""


def reindex(
    data_dir: Path,
    *,
    files: Iterable[Path] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
    keep_old: Path | None = None,
) -> ReindexReport:
    """The old index stays in use until the new one is whole. `files` sets the order of reading, which changes nothing.

    `keep_old`: where the old one is then moved to, with its journal; else it is replaced. `on_progress` is called with the bytes
    that were read, and those in all. A file that cannot be read keeps no other out where there is no index, or the old one is
    kept; else it raises `BadRecord`: the old index may know what was in that file.

    Raises `ArchiveHeld`, `StorageError`, and `NotAnArchive` where it would replace another program's index.db.
    """
    paths = ArchivePaths(data_dir)
    if keep_old is None:
        require_archive_folder(data_dir)
    chosen = list(files) if files is not None else None
    if not (warc_files(paths) if chosen is None else chosen):
        raise UsageError(f"there are no WARC files under {paths.warc_dir}: nothing to make an index of")
    lock = ArchiveLock(data_dir / ".lock", "archiver reindex")
    fresh = paths.index.with_name("index.new.db")
    try:
        if chosen is None:  # a crawl may have ended since
            chosen = warc_files(paths)
        _remove(fresh)
        partly = keep_old is not None or not paths.index.exists()
        with AheadReader() as reader:
            records, unread = _build(paths, chosen, fresh, reader, on_progress, partly=partly)
        if keep_old is not None:
            move_aside(paths.index, keep_old)
        else:
            _empty_journal(paths.index)
        _remove_journal(paths.index)
        fresh.replace(paths.index)
        sync_to_disk(data_dir)
    except OSError as error:
        raise StorageError(f"cannot write {fresh}: {error.strerror}") from error
    finally:
        lock.release()
    unreadable = tuple(reader.unreadable)
    return ReindexReport(len(chosen) - len(unread), records, tuple(unread), unreadable, reader.unreadable_count)


def _build(
    paths: ArchivePaths,
    files: list[Path],
    fresh: Path,
    reader: AheadReader,
    on_progress: Callable[[int, int], None] | None,
    *,
    partly: bool,
) -> tuple[int, list[str]]:
    """How many records there were, and which files could not be read."""
    total = sum(path.stat().st_size for path in files)
    read = 0

    def progress(length: int) -> None:
        nonlocal read
        read += length
        if on_progress is not None:
            on_progress(read, total)

    index = IndexWriter(open_index(fresh, safe=False))
    try:
        records, unread = 0, list[str]()
        for path in files:
            try:
                records += index_file(index, paths, paths.relative(path), reader, progress=progress)
            except BadRecord as error:
                reason = f"{error}. Look after the disk, or fetch the file back: `archiver repair --from BACKUP`"
                if not partly:
                    raise BadRecord(f"{reason}; the old index stays in use") from error
                unread.append(reason)
        index.database.execute("PRAGMA optimize")
    finally:
        index.database.close()
    with fresh.open("rb+") as file:
        os.fsync(file.fileno())
    return records, unread


def move_aside(database: Path, to: Path) -> None:
    """The database with its journal, which belongs to it: what is not in the one may be in the other. For the holder of the lock.

    Raises `OSError`.
    """
    for suffix in ("-wal", ""):
        file = database.with_name(database.name + suffix)
        if file.exists():
            file.rename(to.with_name(to.name + suffix))
    database.with_name(f"{database.name}-shm").unlink(missing_ok=True)


def _remove(database: Path) -> None:
    database.unlink(missing_ok=True)
    _remove_journal(database)


def _empty_journal(index: Path) -> None:
    """A reader that opens the old index once its journal is gone sees its newest rows all the same.

    It waits for readers in the midst of something. Where one takes longer, or the index is damaged, nothing is lost: the new one
    has all rows.
    """
    if not index.with_name(f"{index.name}-wal").exists():
        return
    with contextlib.suppress(sqlite3.DatabaseError), closing(sqlite3.connect(index, timeout=READERS_SECONDS)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _remove_journal(database: Path) -> None:
    """An old index's journal must not be taken for the new one's. The lock keeps writers away meanwhile."""
    for suffix in ("-wal", "-shm"):
        database.with_name(database.name + suffix).unlink(missing_ok=True)
