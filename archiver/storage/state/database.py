"""state.db: whose file it is, and its tables beside the frontier's. A write is one transaction; nobody waits for a reader."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from archiver.storage.files.archive_folder import STATE, refuse_foreign
from archiver.storage.files.sqlite_errors import is_disk_error, unusable_state

BUSY_PAUSE = 0.01  # seconds
BUSY_SECONDS = 30.0  # a crawl that has state.db open writes to it in short transactions


@contextmanager
def writing(state: Path, schema: str) -> Iterator[sqlite3.Connection]:
    """For one transaction; `schema` is a `CREATE TABLE IF NOT EXISTS`. Raises `NotAnArchive`, `StorageError`."""
    with _complaining(state), closing(sqlite3.connect(state, timeout=BUSY_SECONDS, isolation_level=None)) as database:
        claim_state(database, state)
        _use_wal(database)
        database.execute(schema)
        database.execute("BEGIN IMMEDIATE")
        try:
            yield database
        except BaseException:
            if database.in_transaction:  # a full disk may have ended it: sqlite.org/lang_transaction.html
                database.execute("ROLLBACK")
            raise
        database.execute("COMMIT")


@contextmanager
def reading(state: Path, table: str) -> Iterator[sqlite3.Connection | None]:
    """For reading; None where there is no such table. state.db may be missing: it holds nothing but unfinished work.

    Raises `StorageError` where it cannot be read.
    """
    if not state.exists():
        yield None
        return
    uri = f"{state.absolute().as_uri()}?mode=ro"
    with _complaining(state), closing(sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS)) as database:
        known = database.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)).fetchone()
        yield database if known is not None else None


def claim_state(database: sqlite3.Connection, path: Path) -> None:
    """Marks a state.db that was just opened for writing as this program's. Raises `NotAnArchive` for another program's file."""
    refuse_foreign(database, path, STATE)
    if database.execute("PRAGMA application_id").fetchone()[0] != STATE.application_id:
        database.execute(f"PRAGMA application_id = {STATE.application_id}")


def _use_wal(database: sqlite3.Connection) -> None:
    """As a crawl has it: readers and a writer do not wait for each other.

    Of two that make a new file at once SQLite turns one away without waiting (sqlite.org/c3ref/busy_handler.html: where that
    might be a deadlock); it finds the work done a moment later.
    """
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            database.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(BUSY_PAUSE)
        else:
            return


@contextmanager
def _complaining(state: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        if not is_disk_error(error):
            raise
        raise unusable_state(state, error) from error
