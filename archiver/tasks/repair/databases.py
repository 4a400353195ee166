"""Repairs index.db, which is made anew, and state.db, which is moved out of the way; names damaged records, which nothing
repairs."""

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from archiver.errors import NewerFormat, NotAnArchive, StorageError
from archiver.storage.files.archive_folder import uri_to_read
from archiver.storage.files.lock import ArchiveLock
from archiver.storage.files.paths import ArchivePaths, warc_files
from archiver.storage.files.sqlite_errors import is_damage
from archiver.storage.index.database import BUSY_SECONDS, migrations, open_index, open_index_to_read
from archiver.storage.warc.manifests import covered, read_manifests
from archiver.tasks.reindex import move_aside, reindex, unreadable_in_words
from archiver.tasks.repair.context import RepairContext, RepairFinding
from archiver.tasks.verify.index import IndexRows
from archiver.tasks.verify.problems import REINDEX, Problem
from archiver.tasks.verify.warc_file import verify_file


class DamagedDatabase(Exception):
    """The file is no database of SQLite, or is not in order."""


def repair_state(context: RepairContext) -> list[RepairFinding]:
    """A damaged state.db is moved aside: it holds unfinished work only. Raises `StorageError`."""
    state = context.paths.state
    if not state.exists():
        return []
    try:
        _look_through(state)
    except DamagedDatabase as damage:
        aside = context.aside(state)
        if not context.dry_run:
            _move(state, aside)
        forgotten = "the next crawl begins without the list of what it had left to do, and `archiver run` takes all jobs for due"
        done = f"is moved to {aside.name}; {forgotten}"
        return [RepairFinding("state", state.name, f"is damaged: {damage}", done)]
    return []


def repair_index(context: RepairContext) -> list[RepairFinding]:
    """A lost, damaged or empty index is made anew, an old one brought up to date. Raises `StorageError`, `NewerFormat`."""
    index, files = context.paths.index, warc_files(context.paths)
    if not index.exists():
        return [make_anew(context, files, "is not there", keep=False)] if files else []
    try:
        version, newest = _look_through(index), migrations()[-1][0]
    except DamagedDatabase as damage:
        return [make_anew(context, files, f"is damaged: {damage}", keep=True)]
    if version > newest:
        advice = "upgrade embed-archiver, or move the file away and repair again: then it is made anew"
        raise NewerFormat(f"{index} has format {version}, this program knows up to {newest}: {advice}")
    if version == 0 and files:
        return [make_anew(context, files, "is empty", keep=True)]
    return [_brought_up_to_date(context, version, files)] if 0 < version < newest else []


def _brought_up_to_date(context: RepairContext, version: int, files: list[Path]) -> RepairFinding:
    """Migrates the index as a crawl does. Made anew, it would forget the captures of files that are lost."""
    what = f"has an older format ({version})"
    try:
        if not context.dry_run:
            _migrate(context.paths)
    except (NotAnArchive, StorageError) as error:  # it is none of an older format, though it says so
        if not files:
            raise
        return make_anew(context, files, f"{what}; {error}", keep=True)
    done = "is brought up to date; `archiver reindex` also reads again what newer versions read better"
    return RepairFinding("index", context.paths.index.name, what, done)


def _migrate(paths: ArchivePaths) -> None:
    lock = ArchiveLock(paths.data_dir / ".lock", "repair")
    try:
        open_index(paths.index).close()
    finally:
        lock.release()


def make_anew(context: RepairContext, files: list[Path], what: str, *, keep: bool) -> RepairFinding:
    """Raises `StorageError`."""
    index = context.paths.index
    aside = context.aside(index) if keep else None
    unread = ""
    if not context.dry_run and files:
        with context.progress("reading", "bytes") as advance:
            report = reindex(context.paths.data_dir, on_progress=advance, keep_old=aside)
        unread = unreadable_in_words(report.unreadable, report.unreadable_count)
    elif not context.dry_run and aside is not None:
        _move(index, aside)
    made = f"is made anew from the WARC files ({len(files):,})" if files else "there are no WARC files to make it of"
    kept = f"; the old one is kept as {aside.name}" if aside is not None else ""
    return RepairFinding("index", index.name, what, made + kept + unread)


@contextmanager
def readable_index(paths: ArchivePaths) -> Iterator[sqlite3.Connection | None]:
    """The index, opened for reading; None where it cannot be read, which another part of the repair reports."""
    try:
        index = open_index_to_read(paths.index) if paths.index.exists() else None
    except (NotAnArchive, StorageError):
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

    Raises `DamagedDatabase`, and `StorageError` where it cannot be opened at all.
    """
    try:
        with closing(sqlite3.connect(uri_to_read(path), uri=True, timeout=BUSY_SECONDS)) as database:
            (result,) = database.execute("PRAGMA integrity_check(1)").fetchone()
            if result != "ok":
                raise DamagedDatabase(result)
            return int(database.execute("PRAGMA user_version").fetchone()[0])
    except sqlite3.DatabaseError as error:
        if is_damage(error):
            raise DamagedDatabase(str(error)) from error
        raise StorageError(f"cannot read {path}: {error}. Is it in use by another program, is the folder writable?") from error


def _move(database: Path, aside: Path) -> None:
    lock = ArchiveLock(database.with_name(".lock"), "repair")
    try:
        move_aside(database, aside)
    except OSError as error:
        raise StorageError(f"cannot move {database} away: {error.strerror}. Is the folder writable?") from error
    finally:
        lock.release()


def repair_rows(context: RepairContext, broken: Collection[str | None], coming: Collection[str] = ()) -> list[RepairFinding]:
    """Makes the index anew, where that is all that is wrong: the rows of lost and damaged records would go with the old one.

    `broken`: files that are reported already; `coming`: those that would come back. Raises `StorageError`.
    """
    problems = [problem for problem in _problems(context) if problem.file not in broken and problem.file not in coming]
    damaged: dict[str, list[Problem]] = {}
    for problem in problems:
        if problem.kind != "index":
            damaged.setdefault(problem.file, []).append(problem)
    findings = [_damage(file, found) for file, found in damaged.items()]
    wrong = [problem for problem in problems if problem.kind == "index" and problem.remedy == REINDEX]
    if not wrong:
        return findings
    what = f"does not agree with the WARC files (problems: {len(wrong):,}), first {wrong[0].file}: {wrong[0].what}"
    if broken or damaged:
        remedy = "get what is lost or damaged back first (`archiver repair --from DEST`), or give it up: `archiver reindex`"
        return [*findings, RepairFinding("index", context.paths.index.name, what, remedy=remedy)]
    return [make_anew(context, warc_files(context.paths), what, keep=True)]


def _damage(file: str, problems: list[Problem]) -> RepairFinding:
    first = problems[0]
    place = f"byte {first.offset:,}: " if first.offset is not None else ""
    more = f"; problems in all: {len(problems):,}" if len(problems) > 1 else ""
    return RepairFinding(
        "warc", file, f"{place}{first.what}{more}", remedy=f"{first.remedy}; `archiver verify` names all of them"
    )


def _problems(context: RepairContext) -> list[Problem]:
    """What `archiver verify` says of the WARC files, and of the index beside them. Raises `StorageError`."""
    if not context.paths.index.exists():
        return []
    seals, files = covered(read_manifests(context.paths)), warc_files(context.paths)
    total, read = sum(file.stat().st_size for file in files), 0
    rows = IndexRows(context.paths)
    found: list[Problem] = []
    try:
        with context.progress("records", "bytes") as advance:
            for file in files:
                warc, size = context.paths.relative(file), file.stat().st_size
                found += verify_file(file, warc, size, seals.get(warc), rows, lambda _: None).problems
                read += size
                advance(read, total)
        return found if rows.known else [problem for problem in found if problem.kind != "index"]  # the index is reported already
    finally:
        rows.close()
