"""The frontier's tables in state.db: the runs, the requests of each, and until when a host has asked to be left alone.

What a run still has to do survives a kill here; a loss of state.db costs work and no capture.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archiver.crawling.session import MAX_LISTED, CrawlPlan
from archiver.ids import natural_id
from archiver.storage.files.sqlite_errors import raising_storage_error, unusable_state
from archiver.storage.state.database import BUSY_SECONDS, claim_state
from spiders.crawl_request import BROWSER, PRIORITY, CrawlRequest, RequestKind

COMES_BACK_SECONDS = 30 * 86_400.0  # an unfinished run older than this begins anew: its site is another one by now
ROBOTS_SECONDS = 86_400.0  # RFC 9309, 2.4: a robots.txt should not be used for longer than 24 hours

# The table of crawl requests and its column with the request itself: in state.db they have the names of the first version.
TABLE = "wishes"
REQUEST = "wish"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (id INTEGER PRIMARY KEY, key INTEGER NOT NULL, what TEXT NOT NULL, finished INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS wishes (
  seq INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs,
  key INTEGER NOT NULL,
  host TEXT NOT NULL,
  priority INTEGER NOT NULL,
  state TEXT NOT NULL,            -- waiting, done, failed
  not_before REAL NOT NULL,       -- seconds since 1970; a response recorded before it does not answer this request
  wish TEXT NOT NULL,             -- JSON: CrawlRequest.to_json
  reason TEXT,                    -- why it failed
  UNIQUE (run, key)
);
CREATE INDEX IF NOT EXISTS wishes_waiting ON wishes (run, host, priority, seq) WHERE state = 'waiting';
-- When a run was last worked on, in seconds since 1970.
CREATE TABLE IF NOT EXISTS worked (run INTEGER PRIMARY KEY REFERENCES runs, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS hosts (host TEXT PRIMARY KEY, paused_until REAL NOT NULL) WITHOUT ROWID;
-- The crawls that worked on a run, by UUID: what they recorded after the run's last commit is not asked for again.
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
    """A connection to state.db. Raises `StorageError` where SQLite says that the disk is full, not writable or broken."""

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        return self.cursor(_Cursor).execute(sql, parameters)

    def roll_back(self) -> None:
        """Ends the transaction without a commit, unless SQLite has done so by itself after an error."""
        if self.in_transaction:
            self.execute("ROLLBACK")


def open_state(path: Path) -> StateDatabase:
    """Opens state.db, or makes it. Raises `StorageError` where it cannot be used, `NotAnArchive` where it is another program's.

    With `synchronous` FULL a commit survives a power cut. It is one fsync a second, 2 ms on an SSD.
    """
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)) as plain:
            claim_state(plain, path)
        database = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, factory=StateDatabase)
    except sqlite3.DatabaseError as error:
        raise unusable_state(path, error) from error
    try:
        database.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; {_SCHEMA}")
    except sqlite3.DatabaseError as error:
        database.close()
        raise unusable_state(path, error) from error
    return database


# --- runs ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Run:
    """One run as it was opened: all that one command asks for, over as many interrupted crawls as it takes."""

    id: int
    resumed: bool = False
    """An earlier crawl of it was interrupted, and this one goes on where that one ended."""
    crawls: tuple[str, ...] = ()
    """UUIDs of the earlier crawls."""


def run_name(plan: CrawlPlan) -> str:
    """The name of the run that a plan belongs to: a crawl with an equal plan resumes it, any other begins a run of its own."""
    only_renders = plan.posts or plan.missing or plan.redraw
    renders = [[[ref.platform, ref.post_id] for ref in plan.posts], plan.missing, plan.redraw] if only_renders else []
    return json.dumps([plan.job, sorted(plan.seeds), plan.scope, plan.include, plan.exclude, plan.since, *renders])


def open_run(database: sqlite3.Connection, what: str, now: float, *, anew: bool = False) -> Run:
    """The unfinished run of the name `what`, or a new one, which takes over the requests that the last one did not finish.

    Call it within a transaction; `now` is in seconds since 1970.

    A run that nobody resumed within `COMES_BACK_SECONDS` begins anew. `anew`: all runs do, since captures were lost.
    """
    if anew:
        database.execute("UPDATE runs SET finished = 1")
    key = natural_id("run", what)
    named = "SELECT id, finished, at FROM runs LEFT JOIN worked ON run = id WHERE key = ? ORDER BY id DESC LIMIT 1"
    last = database.execute(named, (key,)).fetchone()
    if last is not None and not last[1] and now - (last[2] or now) <= COMES_BACK_SECONDS:
        _request_robots_again(database, last[0], now)
        crawls = database.execute("SELECT crawl FROM run_crawls WHERE run = ? ORDER BY crawl", (last[0],)).fetchall()
        # Where the clock was set back nobody can tell whether a response is older than its request: all are asked for again.
        known = (last[2] or now) <= now
        return Run(last[0], resumed=True, crawls=tuple(crawl for (crawl,) in crawls) if known else ())
    inserted = database.execute("INSERT INTO runs (key, what, finished) VALUES (?, ?, 0) RETURNING id", (key, what))
    run = int(inserted.fetchone()[0])
    if last is not None:
        _take_over(database, last[0], run)
    return Run(run)


def _request_robots_again(database: sqlite3.Connection, run: int, now: float) -> None:
    """The rules were in memory only. A robots.txt that was recorded within the last day is read from the archive."""
    _forget_robots_redirects(database, run)
    database.execute(
        f"UPDATE {TABLE} SET state = 'waiting', not_before = max(not_before, ?) WHERE run = ? AND priority = ?",
        (now - ROBOTS_SECONDS, run, PRIORITY[RequestKind.ROBOTS]),
    )


def _take_over(database: sqlite3.Connection, last: int, run: int) -> None:
    """Gives the run's requests that wait or failed to the new run; those that are done are deleted, so they are made again."""
    _forget_robots_redirects(database, last)
    database.execute(
        f"UPDATE {TABLE} SET run = ?, state = 'waiting', reason = NULL, {REQUEST} = json_set({REQUEST}, '$.tries', 0)"
        " WHERE run = ? AND state <> 'done'",
        (run, last),
    )
    database.execute(f"DELETE FROM {TABLE} WHERE run = ?", (last,))
    database.execute("DELETE FROM run_crawls WHERE run = ?", (last,))
    database.execute("DELETE FROM worked WHERE run = ?", (last,))
    database.execute("DELETE FROM runs WHERE id = ?", (last,))


def _forget_robots_redirects(database: sqlite3.Connection, run: int) -> None:
    """Each robots.txt is asked for from its first hop: an old hop would make the redirect to it look like one in a circle."""
    database.execute(
        f"DELETE FROM {TABLE} WHERE run = ? AND priority = ? AND {REQUEST} ->> '$.speaks_for' IS NOT NULL",
        (run, PRIORITY[RequestKind.ROBOTS]),
    )


# --- requests -----------------------------------------------------------------------------------------------------------------


class RequestTable:
    """The requests of one run, with their states: waiting, done or failed. Moments are seconds since 1970.

    Everything happens in the transaction of whoever opened the database.
    """

    def __init__(self, database: sqlite3.Connection, run: int) -> None:
        self._database, self._run = database, run

    def insert(self, batch: Mapping[int, CrawlRequest], now: float) -> list[tuple[int, int]]:
        """Adds those of `batch` (key -> request) that are new to the run. Returns key and row number of each that was."""
        rows = [
            (self._run, key, request.host, PRIORITY[request.kind], now if request.again else 0.0, request.to_json())
            for key, request in batch.items()
        ]
        marks = ",".join(["(?, ?, ?, ?, 'waiting', ?, ?)"] * len(rows))
        return self._database.execute(
            f"INSERT OR IGNORE INTO {TABLE} (run, key, host, priority, state, not_before, {REQUEST})"
            f" VALUES {marks} RETURNING key, seq",
            [value for row in rows for value in row],
        ).fetchall()

    def reopen(self, requests: Iterable[CrawlRequest], now: float) -> list[str]:
        """Has those of `requests` that are made `again` wait once more, whatever came of them before. Returns their hosts."""
        hosts = self._database.execute(
            f"UPDATE {TABLE} SET state = 'waiting', not_before = ?,"
            f" {REQUEST} = json_set({REQUEST}, '$.again', json('true'), '$.tries', 0)"
            f" WHERE run = ? AND key IN (SELECT value FROM json_each(?)) AND NOT coalesce({REQUEST} ->> '$.again', 0)"
            " RETURNING host",
            (now, self._run, json.dumps([request.key for request in requests if request.again])),
        ).fetchall()
        return [name for (name,) in hosts]

    def end(self, seq: int, state: str, reason: str | None) -> None:
        self._database.execute(f"UPDATE {TABLE} SET state = ?, reason = ? WHERE seq = ?", (state, reason, seq))

    def postpone(self, seq: int, request: CrawlRequest, moment: float) -> None:
        """Stores the request as it is to be made next, not before `moment`."""
        self._database.execute(
            f"UPDATE {TABLE} SET {REQUEST} = ?, not_before = ? WHERE seq = ?", (request.to_json(), moment, seq)
        )

    # --- questions --------------------------------------------------------------------------------------------------------

    def of_host(self, name: str, count: int) -> list[tuple[int, int, CrawlRequest, float]]:
        """The first `count` requests that wait for a host, in their order: priority, row number, request, not before when."""
        rows = self._database.execute(
            f"SELECT priority, seq, {REQUEST}, not_before FROM {TABLE} WHERE run = ? AND host = ? AND state = 'waiting'"
            " ORDER BY priority, seq LIMIT ?",
            (self._run, name, count),
        ).fetchall()
        return [(priority, seq, CrawlRequest.from_json(text), moment) for priority, seq, text, moment in rows]

    def questions_of_host(self, name: str, after: int, count: int) -> list[tuple[int, CrawlRequest]]:
        """The first `count` questions to platforms that wait for a host, behind the row number `after`, each with its own."""
        rows = self._database.execute(
            f"SELECT seq, {REQUEST} FROM {TABLE} WHERE run = ? AND host = ? AND state = 'waiting' AND priority = ? AND seq > ?"
            " ORDER BY seq LIMIT ?",
            (self._run, name, PRIORITY[RequestKind.ASK], after, count),
        ).fetchall()
        return [(seq, CrawlRequest.from_json(text)) for seq, text in rows]

    def known_until(self, seq: int) -> float:
        """The moment of the request's last known state: a response that was recorded later is one that the run has not seen."""
        return float(self._database.execute(f"SELECT not_before FROM {TABLE} WHERE seq = ?", (seq,)).fetchone()[0])

    def states(self, requests: Iterable[CrawlRequest]) -> dict[int, str]:
        """The states of these requests, by key; those that the run does not have are left out."""
        sql = f"SELECT key, state FROM {TABLE} WHERE run = ? AND key IN (SELECT value FROM json_each(?))"
        return dict(self._database.execute(sql, (self._run, json.dumps([request.key for request in requests]))))

    def unreached_pages(self, limit: int = MAX_LISTED) -> tuple[int, list[CrawlRequest]]:
        """Seeds and pages that still wait: how many, and the first `limit` of them."""
        chosen = f"FROM {TABLE} WHERE run = ? AND state = 'waiting' AND (priority = ? OR {REQUEST} ->> '$.seed')"
        bound = (self._run, PRIORITY[RequestKind.PAGE])
        (count,) = self._database.execute(f"SELECT count(*) {chosen}", bound).fetchone()
        rows = self._database.execute(f"SELECT {REQUEST} {chosen} ORDER BY seq LIMIT ?", (*bound, limit))
        return count, [CrawlRequest.from_json(request) for (request,) in rows]

    def waiting(self) -> int:
        """How many requests wait, renders included."""
        return self._count("", ())

    def renders(self) -> int:
        """How many renders wait."""
        return self._count(" AND host = ?", (BROWSER,))

    def _count(self, chosen: str, bound: tuple[str, ...]) -> int:
        sql = f"SELECT count(*) FROM {TABLE} WHERE run = ? AND state = 'waiting'{chosen}"
        return int(self._database.execute(sql, (self._run, *bound)).fetchone()[0])


class WaitingHosts:
    """Reads the hosts with waiting requests out of state.db, a few at a time by name, and from the first again after the last."""

    def __init__(self, database: sqlite3.Connection, run: int) -> None:
        self._database, self._run = database, run
        self._seen_to = ""
        self.some = self._next() is not None
        """Whether state.db may have hosts that the frontier does not know of."""

    def take(self, count: int, known: Callable[[str], bool]) -> list[str]:
        """The next `count` hosts that are not known, or as many as there are."""
        fresh: list[str] = []
        started, wrapped = self._seen_to, False
        while len(fresh) < count:
            name = self._next()
            if name is None and not wrapped:
                self._seen_to, wrapped = "", True
            elif name is None or (wrapped and name > started):  # once around
                self.some = False
                break
            else:
                self._seen_to = name
                if not known(name):
                    fresh.append(name)
        return fresh

    def _next(self) -> str | None:
        # One look into the index for each host, however many requests it has.
        sql = f"SELECT min(host) FROM {TABLE} WHERE run = ? AND state = 'waiting' AND host > ?"
        name: str | None = self._database.execute(sql, (self._run, self._seen_to)).fetchone()[0]
        return name
