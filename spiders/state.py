"""state.db: what a run still has to do. A loss of it costs only work."""

import sqlite3
from pathlib import Path

from archiver.errors import StorageError

_SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (id INTEGER PRIMARY KEY, key INTEGER NOT NULL, what TEXT NOT NULL, finished INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS wishes (
  seq INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs,
  key INTEGER NOT NULL,
  host TEXT NOT NULL,
  priority INTEGER NOT NULL,
  state TEXT NOT NULL,            -- waiting, done, failed
  not_before REAL NOT NULL,       -- seconds since 1970
  wish TEXT NOT NULL,             -- JSON
  reason TEXT,                    -- why it failed
  UNIQUE (run, key)
);
CREATE INDEX IF NOT EXISTS wishes_waiting ON wishes (run, host, priority, seq) WHERE state = 'waiting';
CREATE TABLE IF NOT EXISTS hosts (host TEXT PRIMARY KEY, paused_until REAL NOT NULL) WITHOUT ROWID;
"""


def open_state(path: Path) -> sqlite3.Connection:
    """Raises `StorageError` where the file cannot be used, with what to do about it."""
    told = "It holds only unfinished work: moving it away is safe"
    try:
        database = sqlite3.connect(path, isolation_level=None)
    except sqlite3.DatabaseError as error:
        raise StorageError(f"cannot use {path}: {error}. {told}") from error
    try:
        database.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; {_SCHEMA}")
    except sqlite3.DatabaseError as error:
        database.close()
        raise StorageError(f"cannot use {path}: {error}. {told}") from error
    return database
