"""Makes the index anew from the WARC files, beside the old one, and swaps it in when it is whole."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from archiver.errors import StorageError, UsageError
from archiver.indexing import index_file
from archiver.paths import ArchivePaths
from archiver.storage.index import IndexWriter, open_index
from archiver.storage.lock import ArchiveLock


@dataclass(frozen=True, slots=True)
class ReindexReport:
    files: int
    records: int


def warc_files(paths: ArchivePaths) -> list[Path]:
    """All WARC files of the archive, oldest first. Raises `StorageError` where the folder cannot be looked into."""
    try:
        return sorted(paths.warc_dir.rglob("*.warc.gz")) if paths.warc_dir.is_dir() else []
    except OSError as error:
        raise StorageError(f"cannot look into {paths.warc_dir}: {error.strerror}") from error


def reindex(
    data_dir: Path, *, files: Iterable[Path] | None = None, on_progress: Callable[[int, int], None] | None = None
) -> ReindexReport:
    """The old index stays in use until the new one is whole. `files` sets the order of reading, which changes nothing.

    `on_progress` is told of bytes read and bytes in all. Raises `ArchiveHeld`, `StorageError`, `BadRecord`.
    """
    paths = ArchivePaths(data_dir)
    chosen = list(files) if files is not None else warc_files(paths)
    if not chosen:
        raise UsageError(f"there are no WARC files under {paths.warc_dir}: nothing to make an index of")
    lock = ArchiveLock(data_dir / ".lock")
    fresh = paths.index.with_name("index.new.db")
    try:
        _remove(fresh)
        records = _build(paths, chosen, fresh, on_progress)
        _remove_journal(paths.index)
        fresh.replace(paths.index)
    except OSError as error:
        raise StorageError(f"cannot write {fresh}: {error.strerror}") from error
    finally:
        lock.release()
    return ReindexReport(len(chosen), records)


def _build(paths: ArchivePaths, files: list[Path], fresh: Path, on_progress: Callable[[int, int], None] | None) -> int:
    total = sum(path.stat().st_size for path in files)
    read = 0

    def progress(length: int) -> None:
        nonlocal read
        read += length
        if on_progress is not None:
            on_progress(read, total)

    index = IndexWriter(open_index(fresh, safe=False))
    try:
        records = 0
        for path in files:
            records += index_file(index, paths, paths.relative(path), progress=progress)
        index.database.execute("PRAGMA optimize")
    finally:
        index.database.close()
    with fresh.open("rb+") as file:
        os.fsync(file.fileno())
    return records


def _remove(database: Path) -> None:
    for name in (database.name, f"{database.name}-wal", f"{database.name}-shm"):
        database.with_name(name).unlink(missing_ok=True)


def _remove_journal(index: Path) -> None:
    """The old index's journal must not be taken for the new one's. The lock keeps writers away meanwhile."""
    for suffix in ("-wal", "-shm"):
        index.with_name(index.name + suffix).unlink(missing_ok=True)
