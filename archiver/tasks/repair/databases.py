"""Repairs index.db, which is made anew, and state.db, which is moved out of the way."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from archiver.errors import NewerFormat, StorageError
from archiver.storage.files.lock import ArchiveLock
from archiver.storage.files.paths import ArchivePaths, warc_files
from archiver.storage.files.sqlite_errors import is_damage
from archiver.storage.index.database import BUSY_SECONDS, migrations, open_index, open_index_to_read, uri_to_read
from archiver.tasks.reindex import move_aside, reindex
from archiver.tasks.repair.work import Finding, Work


class Damaged(Exception):
    """SQLite says that the file is none of its own, or not in order."""


def mend_state(work: Work) -> list[Finding]:
    """A damaged state.db is moved aside: it holds unfinished work only. Raises `StorageError`."""
    state = work.paths.state
    if not state.exists():
        return []
    try:
        _look_through(state)
    except Damaged as damage:
        aside = work.aside(state)
        if not work.dry_run:
            _move(state, aside)
        forgotten = "the next crawl begins without the list of what it had left to do, and `archiver run` takes all jobs for due"
        done = f"is moved to {aside.name}; {forgotten}"
        return [Finding("state", state.name, f"is damaged: {damage}", done)]
    return []


def mend_index(work: Work) -> list[Finding]:
    """A lost, damaged or empty index is made anew, an old one brought up to date. Raises `StorageError`, `NewerFormat`."""
    index, files = work.paths.index, warc_files(work.paths)
    if not index.exists():
        return [make_anew(work, files, "is not there", keep=False)] if files else []
    try:
        version, newest = _look_through(index), migrations()[-1][0]
    except Damaged as damage:
        return [make_anew(work, files, f"is damaged: {damage}", keep=True)]
    if version > newest:
        told = "upgrade embed-archiver, or move the file away and repair again: then it is made anew"
        raise NewerFormat(f"{index} has format {version}, this program knows up to {newest}: {told}")
    if version == 0 and files:
        return [make_anew(work, files, "is empty", keep=True)]
    return [_brought_up_to_date(work, version, files)] if 0 < version < newest else []


def _brought_up_to_date(work: Work, version: int, files: list[Path]) -> Finding:
    """As a crawl does it: made anew, it would forget the captures of files that are lost."""
    what = f"has an older format ({version})"
    try:
        if not work.dry_run:
            _migrate(work.paths)
    except StorageError as error:  # it is none of an older format, though it says so
        if not files:
            raise
        return make_anew(work, files, f"{what}; {error}", keep=True)
    done = "is brought up to date; `archiver reindex` also reads again what newer versions read better"
    return Finding("index", work.paths.index.name, what, done)


def _migrate(paths: ArchivePaths) -> None:
    lock = ArchiveLock(paths.data_dir / ".lock", "repair")
    try:
        open_index(paths.index).close()
    finally:
        lock.release()


def make_anew(work: Work, files: list[Path], what: str, *, keep: bool) -> Finding:
    """Raises `StorageError`."""
    index = work.paths.index
    aside = work.aside(index) if keep else None
    if not work.dry_run and files:
        with work.progress("reading", "bytes") as advance:
            reindex(work.paths.data_dir, on_progress=advance, keep_old=aside)
    elif not work.dry_run and aside is not None:
        _move(index, aside)
    made = f"is made anew from the WARC files ({len(files):,})" if files else "there are no WARC files to make it of"
    return Finding("index", index.name, what, made + (f"; the old one is kept as {aside.name}" if aside is not None else ""))


@contextmanager
def readable_index(paths: ArchivePaths) -> Iterator[sqlite3.Connection | None]:
    """For reading; None where there is none that can be read: another part has told of it."""
    try:
        index = open_index_to_read(paths.index) if paths.index.exists() else None
    except StorageError:
        index = None
    try:
        yield index
    except sqlite3.DatabaseError as error:
        raise StorageError(f"{paths.index} cannot be read ({error}): `archiver reindex` makes it anew") from error
    finally:
        if index is not None:
            index.close()


def _look_through(path: Path) -> int:
    """All of its pages, and its SQL indexes against its tables; returns its format.

    Raises `Damaged`, and `StorageError` where it cannot be opened at all.
    """
    try:
        with closing(sqlite3.connect(uri_to_read(path), uri=True, timeout=BUSY_SECONDS)) as database:
            (said,) = database.execute("PRAGMA integrity_check(1)").fetchone()
            if said != "ok":
                raise Damaged(said)
            return int(database.execute("PRAGMA user_version").fetchone()[0])
    except sqlite3.DatabaseError as error:
        if is_damage(error):
            raise Damaged(str(error)) from error
        raise StorageError(f"cannot read {path}: {error}. Is it in use by another program, is the folder writable?") from error


def _move(database: Path, aside: Path) -> None:
    lock = ArchiveLock(database.with_name(".lock"), "repair")
    try:
        move_aside(database, aside)
    except OSError as error:
        raise StorageError(f"cannot move {database} away: {error.strerror}. Is the folder writable?") from error
    finally:
        lock.release()
