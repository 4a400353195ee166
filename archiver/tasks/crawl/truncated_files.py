"""WARC files that lost their end to a power cut, though the disk had reported it as written: the index is made anew."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from archiver.errors import BadRecord, StorageError
from archiver.storage.files.paths import ArchivePaths
from archiver.storage.index.database import open_index_to_read
from archiver.storage.index.missing import shortened_files
from archiver.storage.warc.manifests import covered, read_manifests
from archiver.tasks.reindex import reindex, unreadable_in_words


def reindex_truncated(data_dir: Path, on_progress: Callable[[int, int], None] | None = None) -> dict[str, str]:
    """Makes the index anew where it has captures beyond the end of a WARC file. Returns a note by file.

    The index stays where other files are missing or too short: they may come back from a backup, and an index made anew would
    not know their captures. Where nothing is lost this costs one `stat` of each file.

    Raises `StorageError`, `ArchiveHeld`.
    """
    paths = ArchivePaths(data_dir)
    lost, others_whole = _lost_captures(paths)
    if not lost:
        return {}
    note = "a power cut took its end, which the disk had reported as written. Captures lost: {}. {}"
    remedy = "Get what else is missing back (`archiver repair --from DEST`), or give it up: `archiver reindex`"
    if others_whole:
        try:
            report = reindex(data_dir, on_progress=on_progress)
            unread = unreadable_in_words(report.unreadable, report.unreadable_count)
            remedy = f"The index is made anew without them, and what unfinished runs had is asked for again{unread}"
        except BadRecord:  # the old index stays, and with it what it knows of that file
            pass
    return {warc: note.format(f"{count:,}", remedy) for warc, count in lost.items()}


def _lost_captures(paths: ArchivePaths) -> tuple[dict[str, int], bool]:
    """The files with how many captures each has lost; and whether all others are as long as the index knows them."""
    if not paths.index.exists():
        return {}, True
    try:
        index = open_index_to_read(paths.index)
    except StorageError:  # damaged, or of an older format: whoever opens it to write knows what to do
        return {}, True
    with closing(index):
        try:
            known = dict(index.execute("SELECT path, indexed_to FROM warcs").fetchall())
            short = dict(shortened_files(paths, known))
            if not short:
                return {}, True
            sealed = covered(read_manifests(paths))
            lost = {warc: _captures_behind(index, warc, size) for warc, size in short.items() if warc not in sealed}
        except sqlite3.DatabaseError as error:
            raise StorageError(f"{paths.index} cannot be read ({error}): `archiver repair` makes it anew") from error
    whole = short.keys() <= lost.keys() and all((paths.data_dir / warc).is_file() for warc in known)
    return lost, whole


def _captures_behind(index: sqlite3.Connection, warc: str, size: int) -> int:
    behind = "SELECT count(*) FROM captures WHERE warc = (SELECT id FROM warcs WHERE path = ?) AND offset + length > ?"
    return int(index.execute(behind, (warc, size)).fetchone()[0])
