"""The runs in state.db: begun anew, or gone on with."""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from archiver.crawling.session import CrawlPlan
from archiver.ids import natural_id
from spiders.crawl_request import PRIORITY, RequestKind

COMES_BACK_SECONDS = 30 * 86_400.0  # after which whoever names a site wants to see it as it is now, not the rest of an old visit
ROBOTS_SECONDS = 86_400.0  # RFC 9309, 2.4: what a robots.txt said should not be gone by for longer than 24 hours


@dataclass(frozen=True, slots=True)
class Run:
    """One run, as it was opened."""

    id: int
    resumed: bool = False
    """It did not finish, and is gone on with."""
    crawls: tuple[str, ...] = ()
    """The crawls that worked on it before, by their UUIDs."""


def run_name(plan: CrawlPlan) -> str:
    """Names a run by what it is asked to do: the same again goes on with it, and anything else begins anew."""
    draws = plan.posts or plan.missing or plan.redraw
    drawn = [[[ref.platform, ref.post_id] for ref in plan.posts], plan.missing, plan.redraw] if draws else []
    return json.dumps([plan.job, sorted(plan.seeds), plan.scope, plan.include, plan.exclude, plan.since, *drawn])


def open_run(database: sqlite3.Connection, what: str, now: float, *, anew: bool = False) -> Run:
    """The unfinished run of this name, or a new one, which takes over what the last one left. Call it within a transaction.

    `anew`: of what any run had, some is lost, so all of them begin anew. So does a run to which nobody came back for long.
    """
    if anew:
        database.execute("UPDATE runs SET finished = 1")
    key = natural_id("run", what)
    named = "SELECT id, finished, at FROM runs LEFT JOIN worked ON run = id WHERE key = ? ORDER BY id DESC LIMIT 1"
    last = database.execute(named, (key,)).fetchone()
    if last is not None and not last[1] and now - (last[2] or now) <= COMES_BACK_SECONDS:
        _want_robots_again(database, last[0], now)
        crawls = database.execute("SELECT crawl FROM run_crawls WHERE run = ? ORDER BY crawl", (last[0],)).fetchall()
        # Where the clock was set back nobody can tell what was recorded before a wish and what after it: it is asked for again.
        known = (last[2] or now) <= now
        return Run(last[0], resumed=True, crawls=tuple(crawl for (crawl,) in crawls) if known else ())
    inserted = database.execute("INSERT INTO runs (key, what, finished) VALUES (?, ?, 0) RETURNING id", (key, what))
    run = int(inserted.fetchone()[0])
    if last is not None:
        _take_over(database, last[0], run)
    return Run(run)


def _want_robots_again(database: sqlite3.Connection, run: int, now: float) -> None:
    """What robots.txt said was in memory only. What was recorded of it counts for a day."""
    _forget_robots_redirects(database, run)
    database.execute(
        "UPDATE wishes SET state = 'waiting', not_before = max(not_before, ?) WHERE run = ? AND priority = ?",
        (now - ROBOTS_SECONDS, run, PRIORITY[RequestKind.ROBOTS]),
    )


def _take_over(database: sqlite3.Connection, last: int, run: int) -> None:
    """What was set aside or failed is wanted again; what was done is asked anew."""
    _forget_robots_redirects(database, last)
    database.execute(
        "UPDATE wishes SET run = ?, state = 'waiting', reason = NULL, wish = json_set(wish, '$.tries', 0)"
        " WHERE run = ? AND state <> 'done'",
        (run, last),
    )
    database.execute("DELETE FROM wishes WHERE run = ?", (last,))
    database.execute("DELETE FROM run_crawls WHERE run = ?", (last,))
    database.execute("DELETE FROM worked WHERE run = ?", (last,))
    database.execute("DELETE FROM runs WHERE id = ?", (last,))


def _forget_robots_redirects(database: sqlite3.Connection, run: int) -> None:
    """A robots.txt is asked for from its beginning: an old hop would make the redirect to it look like one in a circle."""
    database.execute(
        "DELETE FROM wishes WHERE run = ? AND priority = ? AND wish ->> '$.speaks_for' IS NOT NULL",
        (run, PRIORITY[RequestKind.ROBOTS]),
    )


class WaitingHosts:
    """The hosts of which something waits in state.db, some at a time, in the order of their names, over and over."""

    def __init__(self, database: sqlite3.Connection, run: int) -> None:
        self._database, self._run = database, run
        self._seen_to = ""
        self.some = self._next() is not None
        """Perhaps there are some that nobody knows."""

    def take(self, count: int, known: Callable[[str], bool]) -> list[str]:
        """So many that are not known, or as many as there are."""
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
        """One look at the index a host, however many wishes it has."""
        sql = "SELECT min(host) FROM wishes WHERE run = ? AND state = 'waiting' AND host > ?"
        name: str | None = self._database.execute(sql, (self._run, self._seen_to)).fetchone()[0]
        return name
