"""state.db: what a run still has to do. A loss of it costs only work."""

import sqlite3
from pathlib import Path
from typing import Any

from archiver.storage.files.sqlite_errors import raising_storage_error, unusable_state
from archiver.storage.state.database import BUSY_SECONDS

_SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (id INTEGER PRIMARY KEY, key INTEGER NOT NULL, what TEXT NOT NULL, finished INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS wishes (
  seq INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs,
  key INTEGER NOT NULL,
  host TEXT NOT NULL,
  priority INTEGER NOT NULL,
  state TEXT NOT NULL,            -- waiting, done, failed
  not_before REAL NOT NULL,       -- seconds since 1970; what was recorded before it does not meet the wish
  wish TEXT NOT NULL,             -- JSON
  reason TEXT,                    -- why it failed
  UNIQUE (run, key)
);
CREATE INDEX IF NOT EXISTS wishes_waiting ON wishes (run, host, priority, seq) WHERE state = 'waiting';
-- When a run was last worked on, in seconds since 1970.
CREATE TABLE IF NOT EXISTS worked (run INTEGER PRIMARY KEY REFERENCES runs, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS hosts (host TEXT PRIMARY KEY, paused_until REAL NOT NULL) WITHOUT ROWID;
-- The crawls that worked on a run: what they recorded, and the run does not know of, is not asked for again.
CREATE TABLE IF NOT EXISTS run_crawls (run INTEGER NOT NULL REFERENCES runs, crawl TEXT NOT NULL, PRIMARY KEY (run, crawl))
  WITHOUT ROWID;
"""


class _Cursor(sqlite3.Cursor):
    def execute(self, sql: str, parameters: Any = ()) -> "_Cursor":
        with raising_storage_error("state.db"):
            super().execute(sql, parameters)
        return self

    def __next__(self) -> Any:
        with raising_storage_error("state.db"):
            return super().__next__()

    def fetchone(self) -> Any:
        with raising_storage_error("state.db"):
            return super().fetchone()

    def fetchall(self) -> list[Any]:
        with raising_storage_error("state.db"):
            return super().fetchall()


class StateDatabase(sqlite3.Connection):
    """Raises `StorageError` where SQLite says that the disk is full, not writable or broken."""

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        return self.cursor(_Cursor).execute(sql, parameters)

    def roll_back(self) -> None:
        """Where something is left to roll back: after some errors SQLite has done so by itself."""
        if self.in_transaction:
            self.execute("ROLLBACK")


def open_state(path: Path) -> StateDatabase:
    """Raises `StorageError` where the file cannot be used, with what to do about it.

    With `synchronous` FULL a commit survives a power cut. It is one fsync a second, 2 ms on an SSD.
    """
    try:
        database = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, factory=StateDatabase)
    except sqlite3.DatabaseError as error:
        raise unusable_state(path, error) from error
    try:
        database.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; {_SCHEMA}")
    except sqlite3.DatabaseError as error:
        database.close()
        raise unusable_state(path, error) from error
    return database
