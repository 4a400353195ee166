"""Whether a folder is an archive, may become one, or is somebody else's: nothing is written into what is not ours."""

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from archiver.errors import NotAnArchive, StorageError
from archiver.storage.files.paths import ArchivePaths
from archiver.storage.files.sqlite_errors import is_damage

MAX_NAMED = 3  # files that an error names
# What people and systems put into a folder that is to be an archive; hidden files (.git, .DS_Store) are passed over too.
_BESIDE_AN_ARCHIVE = ("readme", "license", "licence", "copying", "notice", "lost+found", "desktop.ini", "thumbs.db")


@dataclass(frozen=True, slots=True)
class OwnDatabase:
    """How a database file of ours is told from another program's file of that name."""

    application_id: int
    """Of SQLite's header, `PRAGMA application_id`; versions before 2026-12 left it 0."""
    columns: Mapping[str, str]
    """By table, a column by which ours is told from another one of that name: for files without an application id."""
    all_tables: bool
    """Whether such a file has all of these tables, and may have others; else it has some of them, and no others."""

    def owns(self, database: sqlite3.Connection) -> bool:
        """Whether it is ours; an empty one is, as a run that was killed may have left it."""
        (application_id,) = database.execute("PRAGMA application_id").fetchone()
        if application_id:
            return bool(application_id == self.application_id)
        listed = database.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
        tables = {name for (name,) in listed if not name.startswith("sqlite_")}
        ours = {table for table in tables & self.columns.keys() if self._has_column(database, table)}
        return not tables or (ours == self.columns.keys() if self.all_tables else tables == ours)

    def _has_column(self, database: sqlite3.Connection, table: str) -> bool:
        sql = "SELECT 1 FROM pragma_table_info(?) WHERE name = ?"
        return database.execute(sql, (table, self.columns[table])).fetchone() is not None


INDEX = OwnDatabase(
    0x456D6249,  # "EmbI"
    {"crawls": "uuid", "warcs": "indexed_to", "captures": "payload_digest", "page_versions": "payload_digest"},
    all_tables=True,
)
STATE = OwnDatabase(
    0x456D6253,  # "EmbS"
    {
        "runs": "what", "wishes": "not_before", "worked": "run", "hosts": "paused_until", "run_crawls": "crawl",
        "jobs": "succeeded_at", "requeued": "draws", "thumbnails_due": "crawl", "verified": "ctime_ns",
    },
    all_tables=False,
)  # fmt: skip


def require_archive_folder(data_dir: Path) -> None:
    """For whoever is about to write: an archive, an empty folder or none at all. README, hidden files, lost+found may be there.

    Raises `NotAnArchive` where a database is another program's, or where the folder is neither empty nor an archive;
    `StorageError` where it cannot be looked into.
    """
    paths = ArchivePaths(data_dir)
    with _looking_into(data_dir):
        if not data_dir.is_dir():
            return  # missing, and will be made; or a file, and whoever makes the folder tells of that
        ours = [_is_own(paths.index, INDEX), _is_own(paths.state, STATE)]
        if is_archive(paths) or any(ours):
            return
        others = _others_in(data_dir)
    if others:
        named = ", ".join(others[:MAX_NAMED]) + (", …" if len(others) > MAX_NAMED else "")
        raise NotAnArchive(
            f"{data_dir} is no archive, and not empty ({named}): choose another folder with --archive DIR. Nothing was written"
        )


def may_become_archive(data_dir: Path) -> bool:
    """Whether nothing lies in the folder `data_dir` but what may lie beside an archive. Raises `StorageError`."""
    with _looking_into(data_dir):
        return not _others_in(data_dir)


def is_archive(paths: ArchivePaths) -> bool:
    """Whether something lies there that nothing but an archive has: settings, WARC files, manifests. Raises `OSError`.

    A folder named `warc` is not enough: other programs have one too.
    """
    # By name alone: whether they are whole is for others to say.
    return paths.config.is_file() or any(paths.warc_dir.glob("*/*.warc*")) or any(paths.manifests.glob("*.json"))


def refuse_foreign(database: sqlite3.Connection, path: Path, kind: OwnDatabase) -> None:
    """For an open database, before anything is written to it. Raises `NotAnArchive`; what SQLite raises goes through."""
    if not kind.owns(database):
        raise NotAnArchive(
            f"{path} is another program's database, and stays as it is: choose another folder with --archive DIR; or, if this is"
            f" your archive, move that file away{' and run `archiver reindex`' if kind is INDEX else ''}"
        )


def _is_own(path: Path, kind: OwnDatabase) -> bool:
    """False where there is none, or where it is no SQLite file: damaged if the rest is an archive, else somebody else's.

    Raises `NotAnArchive` for another program's database.
    """
    if not path.is_file():
        return False
    try:
        with closing(sqlite3.connect(_uri_without_trace(path), uri=True)) as database:
            refuse_foreign(database, path, kind)
    except sqlite3.DatabaseError as error:
        if is_damage(error):
            return False
        raise StorageError(f"cannot read {path}: {error}. Is it in use by another program, is the folder writable?") from error
    return True


def uri_to_read(path: Path) -> str:
    """On a disk that is read-only SQLite cannot make the files that readers share; there nobody writes, and none is needed."""
    nobody_writes = not os.access(path.parent, os.W_OK) and not path.with_name(f"{path.name}-wal").exists()
    return f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if nobody_writes else ''}"


def _uri_without_trace(path: Path) -> str:
    """For a file that may be another program's: SQLite makes no files beside it where it has no journal."""
    has_journal = path.with_name(f"{path.name}-wal").exists()
    return f"{path.absolute().as_uri()}?mode=ro{'' if has_journal else '&immutable=1'}"


def _others_in(data_dir: Path) -> list[str]:
    """What lies in the folder and neither belongs beside an archive nor is an empty folder of one."""
    paths = ArchivePaths(data_dir)
    return sorted(
        each.name
        for each in data_dir.iterdir()
        if not _may_lie_there(each.name)
        and not (each in (paths.warc_dir, paths.manifests) and each.is_dir() and not any(each.iterdir()))
    )


def _may_lie_there(name: str) -> bool:
    plain = name.lower()
    return name.startswith((".", "~")) or plain in _BESIDE_AN_ARCHIVE or plain.partition(".")[0] in _BESIDE_AN_ARCHIVE


@contextmanager
def _looking_into(data_dir: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:  # a folder that may not be looked into, or a name that is too long
        raise StorageError(f"cannot look into {data_dir}: {error.strerror}. Choose another folder with --archive DIR") from error
