"""A consistent copy of index.db, taken beside whoever writes to it."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from archiver.errors import BadFile, StorageError
from archiver.storage.index.database import BUSY_SECONDS

STEP_PAGES = 4_096  # 16 MB: often enough for a progress bar


def copy_index(index: Path, into: Path, on_pages: Callable[[int, int], None]) -> list[str]:
    """Copies it as it is at one moment; returns the WARC files of which the copy tells, as the index names them.

    A read transaction holds that moment: in WAL mode the writer goes on beside it, and SQLite does not begin anew whenever a row
    is added (sqlite.org/c3ref/backup_finish.html). `on_pages` gets the pages copied so far and the pages in all.

    Raises `BadFile` where the index is damaged, `StorageError` where the copy cannot be written.
    """
    into.unlink(missing_ok=True)
    uri = f"{index.absolute().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)) as source:
            source.execute("BEGIN")
            source.execute("SELECT count(*) FROM sqlite_master").fetchone()
            with closing(sqlite3.connect(into, isolation_level=None)) as target:
                target.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")  # half a copy is thrown away
                source.backup(target, pages=STEP_PAGES, progress=lambda _, left, total: on_pages(total - left, total), sleep=0)
    except sqlite3.OperationalError as error:
        raise StorageError(f"cannot copy {index} to {into}: {error}. Is there room?") from error
    except sqlite3.DatabaseError as error:
        raise _damaged(index, error) from error
    return _checked(index, into)


def stamp_of(index: Path) -> str:
    """Sizes and times of the index and its journal: the same stamp, the same rows. A reader leaves an empty journal, as good as
    none. Raises `OSError`."""
    journal = index.with_name(f"{index.name}-wal")
    parts = [path.stat() for path in (index, journal) if path.exists()]
    return " ".join(f"{part.st_size}-{part.st_mtime_ns}" for part in parts if part.st_size)


def _checked(index: Path, copy: Path) -> list[str]:
    """So that a damaged index takes the place of no good copy."""
    try:
        # The copy says of itself that it has a journal; it has none, and is to get none.
        with closing(sqlite3.connect(f"{copy.absolute().as_uri()}?immutable=1", uri=True)) as database:
            [(complaint,), *_] = database.execute("PRAGMA quick_check(1)").fetchall()
            if complaint != "ok":
                raise _damaged(index, complaint)
            return [path for (path,) in database.execute("SELECT path FROM warcs ORDER BY path")]
    except sqlite3.DatabaseError as error:
        raise _damaged(index, error) from error


def _damaged(index: Path, what: object) -> BadFile:
    return BadFile(f"{index.name} is damaged ({what})")
