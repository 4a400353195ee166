"""The table of a run's wishes in state.db: what waits, what is done, what failed."""

import json
import sqlite3
from collections.abc import Iterable, Mapping

from archiver.crawling.session import MAX_LISTED
from spiders.crawl_request import BROWSER, PRIORITY, CrawlRequest, RequestKind, crawl_request_from_json


class RequestTable:
    """Of one run. Moments are seconds since 1970. All in the transaction of whoever opened the database."""

    def __init__(self, database: sqlite3.Connection, run: int) -> None:
        self._database, self._run = database, run

    def insert(self, batch: Mapping[int, CrawlRequest], now: float) -> list[tuple[int, int]]:
        """Those that are new to the run, by their keys; returns key and number of each that was."""
        rows = [
            (self._run, key, request.host, PRIORITY[request.kind], now if request.again else 0.0, request.to_json())
            for key, request in batch.items()
        ]
        marks = ",".join(["(?, ?, ?, ?, 'waiting', ?, ?)"] * len(rows))
        return self._database.execute(
            f"INSERT OR IGNORE INTO wishes (run, key, host, priority, state, not_before, wish) VALUES {marks} RETURNING key, seq",
            [value for row in rows for value in row],
        ).fetchall()

    def reopen(self, requests: Iterable[CrawlRequest], now: float) -> list[str]:
        """What was met before it was wished for `again`, or is left, is to be met. Returns the hosts of these."""
        hosts = self._database.execute(
            "UPDATE wishes SET state = 'waiting', not_before = ?,"
            " wish = json_set(wish, '$.again', json('true'), '$.tries', 0)"
            " WHERE run = ? AND key IN (SELECT value FROM json_each(?)) AND NOT coalesce(wish ->> '$.again', 0) RETURNING host",
            (now, self._run, json.dumps([request.key for request in requests if request.again])),
        ).fetchall()
        return [name for (name,) in hosts]

    def end(self, seq: int, state: str, reason: str | None) -> None:
        self._database.execute("UPDATE wishes SET state = ?, reason = ? WHERE seq = ?", (state, reason, seq))

    def put_off(self, seq: int, request: CrawlRequest, moment: float) -> None:
        """Not before this moment; `request` is as it shall then be."""
        self._database.execute("UPDATE wishes SET wish = ?, not_before = ? WHERE seq = ?", (request.to_json(), moment, seq))

    # --- questions --------------------------------------------------------------------------------------------------------

    def of_host(self, name: str, count: int) -> list[tuple[int, int, CrawlRequest, float]]:
        """What waits for this host, so many at most, in their order: priority, number, wish, not before when."""
        rows = self._database.execute(
            "SELECT priority, seq, wish, not_before FROM wishes WHERE run = ? AND host = ? AND state = 'waiting'"
            " ORDER BY priority, seq LIMIT ?",
            (self._run, name, count),
        ).fetchall()
        return [(priority, seq, crawl_request_from_json(text), moment) for priority, seq, text, moment in rows]

    def known_until(self, seq: int) -> float:
        """Up to when the run knows what came of a wish."""
        return float(self._database.execute("SELECT not_before FROM wishes WHERE seq = ?", (seq,)).fetchone()[0])

    def states(self, requests: Iterable[CrawlRequest]) -> dict[int, str]:
        """How it stands with these, by key: waiting, done or failed. What was never wished for is left out."""
        sql = "SELECT key, state FROM wishes WHERE run = ? AND key IN (SELECT value FROM json_each(?))"
        return dict(self._database.execute(sql, (self._run, json.dumps([request.key for request in requests]))))

    def unmet_pages(self, limit: int = MAX_LISTED) -> tuple[int, list[CrawlRequest]]:
        """Seeds and pages that were wanted and never got their turn: how many, and the first of them, `limit` at most."""
        chosen = "FROM wishes WHERE run = ? AND state = 'waiting' AND (priority = ? OR wish ->> '$.seed')"
        bound = (self._run, PRIORITY[RequestKind.PAGE])
        (count,) = self._database.execute(f"SELECT count(*) {chosen}", bound).fetchone()
        rows = self._database.execute(f"SELECT wish {chosen} ORDER BY seq LIMIT ?", (*bound, limit))
        return count, [crawl_request_from_json(request) for (request,) in rows]

    def waiting(self) -> int:
        """How many there are that wait."""
        return self._count("", ())

    def renders(self) -> int:
        """How many of these are to be drawn."""
        return self._count(" AND host = ?", (BROWSER,))

    def _count(self, chosen: str, bound: tuple[str, ...]) -> int:
        sql = f"SELECT count(*) FROM wishes WHERE run = ? AND state = 'waiting'{chosen}"
        return int(self._database.execute(sql, (self._run, *bound)).fetchone()[0])
