"""Opening index.db, for writing or for reading, and bringing its format up to date."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

from archiver.errors import NewerFormat, StorageError
from archiver.storage.files.archive_folder import INDEX, refuse_foreign, uri_to_read

BUSY_SECONDS = 30.0  # readers never wait in WAL mode; this is for a checkpoint or a second program that writes by hand
CACHE_KIB = 16_384

# Raise it when what is read from the same bytes changes; `archiver reindex` then brings an index up to date. 3: pictures have
# perceptual hashes and EXIF fields. 4: a platform's reply is read by the door that was asked, a bare 404 is no "gone".
EXTRACTOR = "4"
OLDEST_TO_READ = 4  # formats from this one on are read as they are: the tables have had the same columns since


def migrations() -> list[tuple[int, str]]:
    """The numbered SQL files, in order. They are never edited once released."""
    folder = resources.files("archiver.storage.index") / "migrations"
    files = sorted(item.name for item in folder.iterdir() if item.name.endswith(".sql"))
    return [(int(name.split("_")[0]), (folder / name).read_text(encoding="utf-8")) for name in files]


def open_index(path: Path, *, safe: bool = True, on_migration: Callable[[int], None] | None = None) -> sqlite3.Connection:
    """Opens the index for writing, making or migrating it as needed. `safe=False` is for a file that is swapped in when whole.

    `on_migration` gets the bytes of an older index before it is brought up to date: with 200,000 posts (1.4 GB) that takes half
    a minute, and as many bytes of room for the time being (2026-11).

    Raises `NewerFormat` where a newer program made it, `NotAnArchive` where another one did, `StorageError` where it cannot be
    written.
    """
    try:
        # One thread at a time: `writer.IndexWriter.write` may be called in another one.
        database = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        with _closed_on_error(database):
            refuse_foreign(database, path, INDEX)
            _prepare(database, safe)
            _migrate(database, path, on_migration)
            database.execute("PRAGMA temp_store = MEMORY")  # not before: a migration sorts more than should lie in memory
    except sqlite3.OperationalError as error:
        raise StorageError(f"cannot write {path}: {error}. Is the folder writable, is there room?") from error
    except sqlite3.DatabaseError as error:
        raise StorageError(f"{path} is damaged ({error}): `archiver reindex` makes it anew from the WARC files") from error
    return database


def open_index_to_read(path: Path) -> sqlite3.Connection:
    """Opens the index for reading only; writers are not disturbed. Raises `NewerFormat`, `NotAnArchive`, `StorageError`."""
    if path.exists() and not path.is_file():  # in an archive from elsewhere: a pipe would be waited for
        raise StorageError(f"cannot read {path}: it is no regular file. `archiver reindex` makes it anew, once it is moved away")
    try:
        database = sqlite3.connect(uri_to_read(path), uri=True, timeout=BUSY_SECONDS, isolation_level=None)
        with _closed_on_error(database):
            refuse_foreign(database, path, INDEX)
            version = database.execute("PRAGMA user_version").fetchone()[0]
            _refuse_newer(version, path)
            if version < OLDEST_TO_READ:
                # A crawl brings the format up to date and does not read again what it holds.
                remedy = "has an older format, or is empty: `archiver reindex` makes it anew from the WARC files"
                raise StorageError(f"{path} {remedy}")
    except sqlite3.DatabaseError as error:
        raise StorageError(f"cannot read {path}: {error}. `archiver reindex` makes it anew from the WARC files") from error
    database.row_factory = sqlite3.Row
    return database


@contextmanager
def _closed_on_error(database: sqlite3.Connection) -> Iterator[None]:
    """A connection that is left open in the middle of something locks everybody out."""
    try:
        yield
    except BaseException:
        database.close()
        raise


def _prepare(database: sqlite3.Connection, safe: bool) -> None:
    database.executescript(f"PRAGMA cache_size = -{CACHE_KIB};")
    if safe:
        database.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")
    else:
        database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")


def _migrate(database: sqlite3.Connection, path: Path, on_migration: Callable[[int], None] | None) -> None:
    version = database.execute("PRAGMA user_version").fetchone()[0]
    _refuse_newer(version, path)
    steps = [f"{script}\nPRAGMA user_version = {number};" for number, script in migrations() if number > version]
    if version == 0:
        steps.append(f"UPDATE made_by SET extractor = '{EXTRACTOR}';")
    if not steps:
        database.execute("PRAGMA foreign_keys = ON")
        return
    if version and on_migration is not None:
        on_migration(path.stat().st_size)
    # Off, because a table that is made anew is dropped under its old form; within a transaction the setting cannot change.
    database.execute("PRAGMA foreign_keys = OFF")
    # All or nothing: a new index that was killed half-way would take itself for an old one.
    database.executescript("\n".join(["BEGIN;", *steps, "COMMIT;"]))
    database.execute("PRAGMA foreign_keys = ON")


def _refuse_newer(version: int, path: Path) -> None:
    newest = migrations()[-1][0]
    if version > newest:
        raise NewerFormat(
            f"{path} has format {version}, this program knows up to {newest}: upgrade embed-archiver, or move the file away"
            " and run `archiver reindex`"
        )
