"""What runs leave to later runs: when each job last began and how it ended, and of which crawls thumbnails are still to be made.

Two tables of state.db; a loss of them makes all jobs due.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archiver.storage.state.database import reading, writing

_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
  name TEXT PRIMARY KEY,          -- as in archiver.toml
  started_at TEXT NOT NULL,       -- UTC, as in WARC-Date; written before the crawl begins
  finished_at TEXT,               -- NULL: it runs, or was killed
  ended TEXT,                     -- how: see archiver/tasks/schedule/due.py
  exit_code INTEGER,
  counts TEXT NOT NULL,           -- JSON: what was captured
  succeeded_at TEXT               -- when a run last ended with exit code 0
)
"""
_BEGIN = """
INSERT INTO jobs (name, started_at, counts) VALUES (?, ?, '{}')
ON CONFLICT (name) DO UPDATE SET started_at = excluded.started_at, finished_at = NULL, ended = NULL, exit_code = NULL
"""
_END = """
UPDATE jobs SET finished_at = ?1, ended = ?2, exit_code = ?3, counts = ?4,
  succeeded_at = CASE WHEN ?3 = 0 THEN ?1 ELSE succeeded_at END
WHERE name = ?5
"""


@dataclass(frozen=True, slots=True)
class JobRun:
    """The last run of a job. Times are UTC, as in WARC-Date."""

    name: str
    started_at: str
    finished_at: str | None = None
    """None: it runs, or was killed."""
    ended: str | None = None
    exit_code: int | None = None
    counts: dict[str, int] = field(default_factory=dict)
    """What it captured. While it runs: what the run before it did."""
    succeeded_at: str | None = None
    """When a run last ended with exit code 0, this one or an earlier one."""


def begin(state: Path, name: str, started_at: str) -> None:
    """Written before the crawl, so that one that is killed is known to have begun. Raises `StorageError`."""
    with writing(state, _SCHEMA) as database:
        database.execute(_BEGIN, (name, started_at))


def end(state: Path, name: str, finished_at: str, ended: str, exit_code: int, counts: dict[str, int]) -> None:
    """Raises `StorageError`."""
    with writing(state, _SCHEMA) as database:
        database.execute(_END, (finished_at, ended, exit_code, json.dumps(counts, sort_keys=True), name))


def last_runs(state: Path) -> dict[str, JobRun]:
    """By name, all that ever began; also jobs that are no longer in archiver.toml. Raises `StorageError`."""
    with reading(state, "jobs") as database:
        if database is None:
            return {}
        rows: list[Any] = database.execute(
            "SELECT name, started_at, finished_at, ended, exit_code, counts, succeeded_at FROM jobs"
        ).fetchall()
    return {
        name: JobRun(name, started, finished, ended, code, json.loads(counts), succeeded)
        for name, started, finished, ended, code, counts, succeeded in rows
    }


# --- thumbnails ---------------------------------------------------------------------------------------------------------------

_THUMBNAILS_DUE = "CREATE TABLE IF NOT EXISTS thumbnails_due (crawl TEXT PRIMARY KEY)  -- UUID"


def begin_thumbnails(state: Path, crawl: str) -> tuple[str, ...]:
    """For the holder of the archive's lock, before its crawl captures anything. Returns the UUIDs of all crawls whose pictures
    may still lack thumbnails: this one, and those that were killed or interrupted. Raises `StorageError`."""
    with writing(state, _THUMBNAILS_DUE) as database:
        database.execute("INSERT OR IGNORE INTO thumbnails_due VALUES (?)", (crawl,))
        return tuple(due for (due,) in database.execute("SELECT crawl FROM thumbnails_due"))


def end_thumbnails(state: Path, crawls: Iterable[str]) -> None:
    """The thumbnails of these crawls are made. Raises `StorageError`."""
    with writing(state, _THUMBNAILS_DUE) as database:
        database.executemany("DELETE FROM thumbnails_due WHERE crawl = ?", [(crawl,) for crawl in crawls])
