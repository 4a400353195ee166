"""What is in an archive, and what waits to be done."""

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archiver.errors import ConfigError, StorageError
from archiver.query.archive import Archive
from archiver.storage.files.paths import warc_files
from archiver.storage.index.lookup import without_hash
from archiver.storage.state import requeue_list
from archiver.storage.state.requeue_list import RequeueCounts
from archiver.tasks.schedule.due import JobState, due_in_order, job_states
from archiver.times import Clock, utc_now


@dataclass(frozen=True, slots=True)
class Status:
    """Counts of the index, sizes of the files, and the last crawls."""

    archive: str
    pages: int
    embeds: int
    posts: int
    posts_with_text: int
    media: int
    pictures_without_hash: int
    """Pictures that an older version indexed without a perceptual hash; `archiver reindex` may give them one."""
    captures: int
    failures: int
    screenshots: int
    """Screenshots of good quality."""
    screenshots_other: int
    """Screenshots that do not show all that they should: half loaded, blank, a login wall."""
    renders_failed: int
    """Pages, and posts by themselves, whose last render came to nothing."""
    warc_files: int
    warc_bytes: int
    index_bytes: int
    first_captured_at: str | None
    last_captured_at: str | None
    waiting: int | None
    """Requests that wait for the next run of their crawls, without those that failed. None where state.db cannot be read."""
    requeued: RequeueCounts | None
    """Posts and pages that `archiver audit --requeue` requeued. None where state.db cannot be read."""
    jobs: int | None
    """Jobs of archiver.toml. None where it, or state.db, cannot be read."""
    jobs_due: tuple[str, ...]
    """Names of the jobs that the next `archiver run` runs."""
    crawls: tuple[dict[str, Any], ...]
    """The last ten, newest first: job, started_at, finished_at, ended, seeds."""


_COUNTS = {
    "pages": "SELECT count(*) FROM pages",
    "embeds": "SELECT count(*) FROM embeds",
    "posts": "SELECT count(*) FROM posts",
    "posts_with_text": "SELECT count(*) FROM posts WHERE text IS NOT NULL",
    "media": "SELECT count(*) FROM media",
    "captures": "SELECT count(*) FROM captures",
    "failures": "SELECT count(*) FROM failures",
    "screenshots": "SELECT count(*) FROM screenshots WHERE quality = 'good'",
    "screenshots_other": "SELECT count(*) FROM screenshots WHERE quality <> 'good'",
    # SQLite takes the other columns from the row that has the maximum (https://www.sqlite.org/lang_select.html#bareagg).
    "renders_failed": "SELECT count(*) FROM (SELECT ended, max(rendered_at) FROM renders GROUP BY url_key)"
    " WHERE ended = 'failed'",
}
_CRAWLS = """
SELECT job, started_at, finished_at, coalesce(json_extract(outcome, '$.ended'), 'killed, or still running') AS ended,
  json_extract(settings, '$.seeds') AS seeds
FROM crawls ORDER BY started_at DESC, id LIMIT 10
"""


def status(archive: Archive, clock: Clock = utc_now) -> Status:
    """What is in the archive now. Raises `StorageError` where the folder of WARC files cannot be looked into."""
    index, paths = archive.index, archive.paths
    counts = {name: index.execute(sql).fetchone()[0] for name, sql in _COUNTS.items()}
    first, last = index.execute("SELECT min(captured_at), max(captured_at) FROM captures").fetchone()
    warcs = [path.stat().st_size for path in warc_files(paths)]
    states = _jobs(paths.data_dir, clock)
    return Status(
        archive=str(paths.data_dir),
        **counts,
        pictures_without_hash=without_hash(index),
        warc_files=len(warcs),
        warc_bytes=sum(warcs),
        index_bytes=paths.index.stat().st_size,
        first_captured_at=first,
        last_captured_at=last,
        waiting=_waiting(paths.state),
        requeued=_requeued(paths.state),
        jobs=len(states) if states is not None else None,
        jobs_due=tuple(state.name for state in due_in_order(states or ())),
        crawls=tuple({**dict(row), "seeds": json.loads(row["seeds"] or "[]")} for row in index.execute(_CRAWLS)),
    )


def _waiting(state: Path) -> int | None:
    """How many requests wait in state.db, counted as a crawl counts them; 0 where it is missing, None where it cannot be read."""
    if not state.exists():
        return 0
    try:
        with closing(sqlite3.connect(f"{state.absolute().as_uri()}?mode=ro", uri=True)) as database:
            if database.execute("SELECT 1 FROM sqlite_master WHERE name = 'wishes'").fetchone() is None:
                return 0  # an audit made the file
            return int(database.execute("SELECT count(*) FROM wishes WHERE state = 'waiting'").fetchone()[0])
    except sqlite3.DatabaseError:  # also where it cannot be opened; the index may be as good as ever
        return None


def _requeued(state: Path) -> RequeueCounts | None:
    try:
        return requeue_list.count(state)
    except StorageError:
        return None


def _jobs(data_dir: Path, clock: Clock) -> list[JobState] | None:
    try:
        return job_states(data_dir, clock)
    except (ConfigError, StorageError):  # `archiver run --list` tells what is wrong
        return None
