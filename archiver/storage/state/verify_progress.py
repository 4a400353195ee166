"""How far a verification has come, so that an interrupted one goes on. A table of state.db; a loss of it costs time alone."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import msgspec

from archiver.storage.state.database import reading, writing

# What is known of a file holds as long as its size and its ctime are what they were. No program can set a ctime: an archive that
# somebody hands over cannot bring along that it was looked at, as its files have new ones wherever they are copied to.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS verified (
  place INTEGER PRIMARY KEY,      -- 0: the pass itself; from 1 on its files, in the order in which they are looked at
  file TEXT NOT NULL UNIQUE,      -- relative to the data folder; empty: the pass
  size INTEGER,                   -- null: not looked at yet
  ctime_ns INTEGER,
  told TEXT NOT NULL              -- JSON: what the pass is, what was found in the file
)
"""


@dataclass(frozen=True, slots=True)
class Pass:
    """One verification, from its beginning to its end."""

    asked: str
    """Which files it is about, in words that are the same for the same options."""
    seed: int
    """From which files are chosen at random, where they are."""
    began_at: str
    """UTC, as in WARC-Date."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """A file as it was when it was looked at."""

    size: int
    mtime_ns: int
    ctime_ns: int


def unfinished(state: Path) -> Pass | None:
    """The pass that was interrupted; None where none was, or what is written of it is not ours. Raises `StorageError`."""
    with reading(state, "verified") as database:
        rows = database.execute("SELECT told FROM verified WHERE place = 0").fetchall() if database is not None else []
    try:
        return next((msgspec.json.decode(written, type=Pass) for (written,) in rows), None)
    except (msgspec.MsgspecError, TypeError, ValueError):
        return None


def files(state: Path) -> list[str]:
    """Those of the pass, in order. Raises `StorageError`."""
    with reading(state, "verified") as database:
        rows = database.execute("SELECT file FROM verified WHERE place > 0 ORDER BY place") if database is not None else ()
        return [file for (file,) in rows]


def begin(state: Path, one: Pass, chosen: Sequence[str]) -> None:
    """Forgets the pass before. Raises `StorageError`."""
    with writing(state, _SCHEMA) as database:
        database.execute("DELETE FROM verified")
        database.execute("INSERT INTO verified VALUES (0, '', NULL, NULL, ?)", (json.dumps(asdict(one)),))
        _add(database, chosen)


def add(state: Path, more: Sequence[str]) -> None:
    """Files that came since the pass began. Raises `StorageError`."""
    with writing(state, _SCHEMA) as database:
        _add(database, more)


def _add(database: Any, more: Iterable[str]) -> None:
    database.executemany("INSERT OR IGNORE INTO verified (file, told) VALUES (?, '{}')", ((file,) for file in more))


def done(state: Path, file: str, stamp: Stamp, told: dict[str, Any]) -> None:
    """What was found in it. Raises `StorageError`."""
    with writing(state, _SCHEMA) as database:
        sql = "UPDATE verified SET size = ?, ctime_ns = ?, told = ? WHERE file = ?"
        database.execute(sql, (stamp.size, stamp.ctime_ns, json.dumps(told), file))


def told(state: Path, file: str, stamp: Stamp) -> dict[str, Any] | None:
    """What was found in it before; None where it was not looked at, or has changed since. Raises `StorageError`."""
    with reading(state, "verified") as database:
        if database is None:
            return None
        sql = "SELECT told FROM verified WHERE file = ? AND size = ? AND ctime_ns = ?"
        rows = database.execute(sql, (file, stamp.size, stamp.ctime_ns)).fetchall()
        return next((dict(json.loads(written)) for (written,) in rows), None)


def end(state: Path) -> None:
    """The pass is through: the next one begins anew. Raises `StorageError`."""
    with writing(state, _SCHEMA) as database:
        database.execute("DELETE FROM verified")
