"""Opening index.db, for writing or for reading, and bringing its format up to date."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

from archiver.errors import NewerFormat, StorageError

BUSY_SECONDS = 30.0  # readers never wait in WAL mode; this is for a checkpoint or a second program that writes by hand
CACHE_KIB = 16_384

# Raise it when what is read from the same bytes changes; `archiver reindex` then brings an index up to date. 3: pictures have
# perceptual hashes and EXIF fields.
EXTRACTOR = "3"


def migrations() -> list[tuple[int, str]]:
    """The numbered SQL files, in order. They are never edited once released."""
    folder = resources.files("archiver.storage.index") / "migrations"
    files = sorted(item.name for item in folder.iterdir() if item.name.endswith(".sql"))
    return [(int(name.split("_")[0]), (folder / name).read_text(encoding="utf-8")) for name in files]


def open_index(path: Path, *, safe: bool = True) -> sqlite3.Connection:
    """Opens the index for writing, making or migrating it as needed. `safe=False` is for a file that is swapped in when whole.

    Raises `NewerFormat` where a newer program made it, `StorageError` where it cannot be written.
    """
    try:
        # One thread at a time: `writer.IndexWriter.write` may be called in another one.
        database = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        with _closed_on_error(database):
            _prepare(database, safe)
            _migrate(database, path)
    except sqlite3.OperationalError as error:
        raise StorageError(f"cannot write {path}: {error}. Is the folder writable, is there room?") from error
    except sqlite3.DatabaseError as error:
        raise StorageError(f"{path} is damaged ({error}): `archiver reindex` makes it anew from the WARC files") from error
    return database


def open_index_to_read(path: Path) -> sqlite3.Connection:
    """Opens the index for reading only; writers are not disturbed. Raises `NewerFormat`, `StorageError`."""
    if path.exists() and not path.is_file():  # in an archive from elsewhere: a pipe would be waited for
        raise StorageError(f"cannot read {path}: it is no regular file. `archiver reindex` makes it anew, once it is moved away")
    try:
        database = sqlite3.connect(uri_to_read(path), uri=True, timeout=BUSY_SECONDS, isolation_level=None)
        with _closed_on_error(database):
            version = database.execute("PRAGMA user_version").fetchone()[0]
            _refuse_newer(version, path)
            if version < migrations()[-1][0]:
                # A crawl brings the format up to date and does not read again what it holds.
                told = "has an older format, or is empty: `archiver reindex` makes it anew from the WARC files"
                raise StorageError(f"{path} {told}")
    except sqlite3.DatabaseError as error:
        raise StorageError(f"cannot read {path}: {error}. `archiver reindex` makes it anew from the WARC files") from error
    database.row_factory = sqlite3.Row
    return database


def uri_to_read(path: Path) -> str:
    """On a disk that is read-only SQLite cannot make the files that readers share; there nobody writes, and none is needed."""
    nobody_writes = not os.access(path.parent, os.W_OK) and not path.with_name(f"{path.name}-wal").exists()
    return f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if nobody_writes else ''}"


@contextmanager
def _closed_on_error(database: sqlite3.Connection) -> Iterator[None]:
    """A connection that is left open in the middle of something locks everybody out."""
    try:
        yield
    except BaseException:
        database.close()
        raise


def _prepare(database: sqlite3.Connection, safe: bool) -> None:
    import sqlite_utils  # takes 0.1 s to import, which `find` does without  # noqa: PLC0415

    database.executescript(f"PRAGMA cache_size = -{CACHE_KIB}; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;")
    if safe:
        sqlite_utils.Database(database).enable_wal()
        database.execute("PRAGMA synchronous = NORMAL")
    else:
        database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")


def _migrate(database: sqlite3.Connection, path: Path) -> None:
    version = database.execute("PRAGMA user_version").fetchone()[0]
    _refuse_newer(version, path)
    steps = [f"{script}\nPRAGMA user_version = {number};" for number, script in migrations() if number > version]
    if version == 0:
        steps.append(f"UPDATE made_by SET extractor = '{EXTRACTOR}';")
    if steps:  # all or nothing: a new index that was killed half-way would take itself for an old one
        database.executescript("\n".join(["BEGIN;", *steps, "COMMIT;"]))


def _refuse_newer(version: int, path: Path) -> None:
    newest = migrations()[-1][0]
    if version > newest:
        raise NewerFormat(
            f"{path} has format {version}, this program knows up to {newest}: upgrade embed-archiver, or move the file away"
            " and run `archiver reindex`"
        )
