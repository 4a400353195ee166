"""The frontier: all wishes of a run in state.db, handed out at each host's own pace; what must wait stays here."""

import asyncio
import heapq
import json
from collections.abc import Iterable
from pathlib import Path

from archiver.ids import natural_id
from archiver.session import MAX_LISTED, CrawlPlan
from archiver.times import Clock, utc_now
from spiders.hosts import Host, Hosts
from spiders.state import open_state
from spiders.wishes import BROWSER, PRIORITY, Wish, WishKind, wish_from_json

MAX_INSERTED = 500  # wishes in one statement; SQLite takes 32,766 values
WINDOW = 500  # wishes of one host in memory; the others wait in state.db, so a crawl of a million URLs stays small
PATIENCE_SECONDS = 60.0  # when nothing can be asked for longer than this, the run ends and leaves the rest to the next one


class Frontier:
    """Wishes go in with `add`, come out of `next`, and end with `done`, `later` or `failed`."""

    def __init__(
        self, path: Path, what: str, *, delay: float | None, paces: dict[str, float], concurrency: int, renders: int = 0,
        clock: Clock = utc_now,
    ) -> None:  # fmt: skip
        """`what` names the run (its seeds and scope): the same again goes on with an unfinished run. Raises `StorageError`.

        At most `concurrency` requests are under way at once, and beside them `renders` pages that a browser draws.
        """
        self._concurrency, self._clock = concurrency, clock
        self._database = open_state(path)
        now = clock().timestamp()
        paused = dict(self._database.execute("SELECT host, paused_until FROM hosts WHERE paused_until > ?", (now,)))
        self._hosts = Hosts(delay=delay, paces=paces, concurrency=concurrency, renders=renders, paused=paused, clock=clock)
        self._under_way: dict[int, Wish] = {}
        self._delayed: list[tuple[float, int, Wish]] = []
        self._changed = asyncio.Event()
        self.stopped = False
        """`stop` was called: the run ends unfinished."""
        self.renders_wanted = 0
        """Wishes for a render that this run took in, those included that an earlier one left."""
        self.resumed = False
        """This goes on with a run that did not finish."""
        self._run = self._open_run(what)
        self._database.execute("BEGIN")
        self._load()

    # --- runs -------------------------------------------------------------------------------------------------------------

    def _open_run(self, what: str) -> int:
        database, key = self._database, natural_id("run", what)
        last = database.execute("SELECT id, finished FROM runs WHERE key = ? ORDER BY id DESC LIMIT 1", (key,)).fetchone()
        if last is not None and not last[1]:
            self.resumed = True
            # What robots.txt said was in memory only, so it is asked for again.
            robots = PRIORITY[WishKind.ROBOTS]
            self._forget_robots_redirects(last[0])
            database.execute("UPDATE wishes SET state = 'waiting' WHERE run = ? AND priority = ?", (last[0], robots))
            return int(last[0])
        inserted = database.execute("INSERT INTO runs (key, what, finished) VALUES (?, ?, 0) RETURNING id", (key, what))
        run = int(inserted.fetchone()[0])
        if last is not None:  # what was set aside or failed is wanted again; what was done is asked anew
            self._forget_robots_redirects(last[0])
            database.execute(
                "UPDATE wishes SET run = ?, state = 'waiting', reason = NULL, wish = json_set(wish, '$.tries', 0)"
                " WHERE run = ? AND state <> 'done'",
                (run, last[0]),
            )
            database.execute("DELETE FROM wishes WHERE run = ?", (last[0],))
            database.execute("DELETE FROM runs WHERE id = ?", (last[0],))
        return run

    def _forget_robots_redirects(self, run: int) -> None:
        """A robots.txt is asked for from its beginning: an old hop would make the redirect to it look like one in a circle."""
        self._database.execute(
            "DELETE FROM wishes WHERE run = ? AND priority = ? AND wish ->> '$.speaks_for' IS NOT NULL",
            (run, PRIORITY[WishKind.ROBOTS]),
        )

    def _load(self) -> None:
        sql = "SELECT DISTINCT host FROM wishes WHERE run = ? AND state = 'waiting'"
        rows = self._database.execute(sql, (self._run,)).fetchall()
        for (name,) in rows:
            self._hosts[name].more = True
        self._count_renders()

    def _count_renders(self) -> None:
        """While nothing was handed out yet, all that wait are all that are wanted."""
        left = "SELECT count(*) FROM wishes WHERE run = ? AND state = 'waiting' AND host = ?"
        (self.renders_wanted,) = self._database.execute(left, (self._run, BROWSER)).fetchone()

    def finish(self) -> None:
        """The run is over; what is left waits for the next run of the same name."""
        self._database.execute("UPDATE runs SET finished = 1 WHERE id = ?", (self._run,))

    def commit(self) -> None:
        """Makes the state safe. Call it after the archive's own commit: a wish counts as met only when its bytes are safe."""
        self._database.execute("COMMIT")
        self._database.execute("BEGIN")

    def close(self, *, safe: bool = True) -> None:
        """`safe=False`: what was recorded since the last commit may be lost, so it is wished for again."""
        self._database.execute("COMMIT" if safe else "ROLLBACK")
        self._database.close()

    def stop(self) -> None:
        """Hands nothing out any more; what is under way may end. The run stays unfinished."""
        self.stopped = True
        self._changed.set()

    # --- in ---------------------------------------------------------------------------------------------------------------

    def add(self, wishes: Iterable[Wish]) -> int:
        """Takes wishes that are new to this run. Returns how many were."""
        found = {wish.key: wish for wish in wishes}
        added = 0
        keys = list(found)
        for start in range(0, len(keys), MAX_INSERTED):
            chosen = [(key, found[key]) for key in keys[start : start + MAX_INSERTED]]
            rows = [(self._run, key, wish.host, PRIORITY[wish.kind], wish.to_json()) for key, wish in chosen]
            marks = ",".join(["(?, ?, ?, ?, 'waiting', 0, ?)"] * len(rows))
            inserted = self._database.execute(
                "INSERT OR IGNORE INTO wishes (run, key, host, priority, state, not_before, wish)"
                f" VALUES {marks} RETURNING key, seq",
                [value for row in rows for value in row],
            ).fetchall()
            added += len(inserted)
            for key, seq in inserted:
                self._take_in(seq, found[key])
        if added:
            self._changed.set()
        return added

    def reopen(self, wishes: Iterable[Wish]) -> None:
        """Call it before anything is handed out: what was met before it was wished for `again`, or is left, is to be met."""
        hosts = self._database.execute(
            "UPDATE wishes SET state = 'waiting', not_before = 0,"
            " wish = json_set(wish, '$.again', json('true'), '$.tries', 0)"
            " WHERE run = ? AND key IN (SELECT value FROM json_each(?)) AND NOT coalesce(wish ->> '$.again', 0) RETURNING host",
            (self._run, json.dumps([wish.key for wish in wishes if wish.again])),
        ).fetchall()
        for (name,) in hosts:
            self._hosts[name].more = True
        self._count_renders()

    def states(self, wishes: Iterable[Wish]) -> dict[int, str]:
        """How it stands with these, by key: waiting, done or failed. What was never wished for is left out."""
        sql = "SELECT key, state FROM wishes WHERE run = ? AND key IN (SELECT value FROM json_each(?))"
        return dict(self._database.execute(sql, (self._run, json.dumps([wish.key for wish in wishes]))))

    def _take_in(self, seq: int, wish: Wish) -> None:
        host = self._hosts[wish.host]
        self.renders_wanted += wish.kind is WishKind.RENDER
        if (host.more or len(host.queue) >= WINDOW) and wish.kind is not WishKind.ROBOTS:
            host.more = True
        else:
            heapq.heappush(host.queue, (PRIORITY[wish.kind], seq, wish))

    # --- out --------------------------------------------------------------------------------------------------------------

    async def next(self) -> tuple[int, Wish] | None:
        """The next wish whose host is ready, with its number; waits for one. None when the run can do no more."""
        while not self.stopped:
            self._changed.clear()
            now = self._clock().timestamp()
            self._wake_delayed(now)
            drawn = self._hosts[BROWSER]
            full = len(self._under_way) - drawn.under_way >= self._concurrency
            found, wait = self._pick(now, [(BROWSER, drawn)] if full else self._hosts.crawled.items())
            if found is not None:
                return found
            if not self._under_way and (wait is None or wait > PATIENCE_SECONDS):
                return None
            try:
                await asyncio.wait_for(self._changed.wait(), wait)
            except TimeoutError:
                continue
        return None

    def _pick(self, now: float, hosts: Iterable[tuple[str, Host]]) -> tuple[tuple[int, Wish] | None, float | None]:
        """A wish that may go now; else how many seconds until one may (None: not before something ends)."""
        soonest: float | None = self._delayed[0][0] if self._delayed else None
        for name, host in hosts:
            if host.set_aside or host.under_way >= host.at_once or not (host.queue or host.more):
                continue
            if host.ready_at > now:
                soonest = host.ready_at if soonest is None else min(soonest, host.ready_at)
                continue
            if not host.queue:
                self._refill(name, host)
            if host.queue and (not host.held or host.queue[0][0] == PRIORITY[WishKind.ROBOTS]):
                _, seq, wish = heapq.heappop(host.queue)
                host.under_way += 1
                host.ready_before, host.ready_at = host.ready_at, now + host.delay
                self._under_way[seq] = wish
                return (seq, wish), None
        return None, None if soonest is None else max(0.0, soonest - now)

    def _refill(self, name: str, host: Host) -> None:
        known = self._under_way.keys() | {seq for _, seq, _ in self._delayed}
        rows = self._database.execute(
            "SELECT priority, seq, wish, not_before FROM wishes WHERE run = ? AND host = ? AND state = 'waiting'"
            " ORDER BY priority, seq LIMIT ?",
            (self._run, name, WINDOW + len(known)),
        ).fetchall()
        now = self._clock().timestamp()
        fresh = [row for row in rows if row[1] not in known]
        host.queue = [(priority, seq, wish_from_json(wish)) for priority, seq, wish, moment in fresh if moment <= now]
        for _, seq, wish, moment in fresh:  # put off by a run that did not come to its end
            if moment > now:
                heapq.heappush(self._delayed, (moment, seq, wish_from_json(wish)))
        host.more = len(rows) >= WINDOW + len(known)

    def _wake_delayed(self, now: float) -> None:
        while self._delayed and self._delayed[0][0] <= now:
            _, seq, wish = heapq.heappop(self._delayed)
            heapq.heappush(self._hosts[wish.host].queue, (PRIORITY[wish.kind], seq, wish))

    # --- how it went ------------------------------------------------------------------------------------------------------

    def done(self, seq: int) -> None:
        self._end(seq, "done", None)

    def failed(self, seq: int, reason: str) -> None:
        """Not met in this run; the next one tries again."""
        self._end(seq, "failed", reason)

    def _end(self, seq: int, state: str, reason: str | None) -> None:
        self._leave(seq)
        self._database.execute("UPDATE wishes SET state = ?, reason = ? WHERE seq = ?", (state, reason, seq))

    def later(self, seq: int, wish: Wish, seconds: float) -> None:
        """To be tried again after a while; `wish` is as it shall then be."""
        self._leave(seq)
        moment = self._clock().timestamp() + seconds
        self._database.execute("UPDATE wishes SET wish = ?, not_before = ? WHERE seq = ?", (wish.to_json(), moment, seq))
        heapq.heappush(self._delayed, (moment, seq, wish))

    def pass_over(self, seq: int) -> None:
        """Call it at once after `next` where that wish will not be asked for: its host's pace then knows nothing of it."""
        host = self._hosts[self._under_way[seq].host]
        host.ready_at = host.ready_before

    def put_back(self, seq: int, wish: Wish) -> None:
        """It was not asked for after all (robots.txt comes first); its turn comes again."""
        self.pass_over(seq)
        self._leave(seq)
        heapq.heappush(self._hosts[wish.host].queue, (PRIORITY[wish.kind], seq, wish))

    def _leave(self, seq: int) -> None:
        self._hosts[self._under_way.pop(seq).host].under_way -= 1
        self._changed.set()

    # --- hosts ------------------------------------------------------------------------------------------------------------

    def slow_down(self, name: str, seconds: float) -> None:
        """At least this long between two requests: a Crawl-delay."""
        host = self._hosts[name]
        host.delay = max(host.delay, seconds)

    def pause(self, name: str, seconds: float) -> None:
        """No request to this host for a while: it said so. Remembered over runs."""
        self._database.execute("INSERT OR REPLACE INTO hosts VALUES (?, ?)", (name, self._hosts.pause(name, seconds)))

    def paused(self, name: str) -> bool:
        """Whether this host asked us to come back at a time that has not come."""
        return self._hosts.paused(name)

    async def turn(self, name: str, *, requisite: bool) -> bool:
        """Waits until a browser's own request may go to this host: see `Hosts.turn`."""
        return not self.stopped and await self._hosts.turn(name, requisite=requisite)

    def set_aside(self, name: str) -> None:
        """No more requests to this host in this run; its wishes wait for the next one."""
        self._hosts[name].set_aside = True
        self._changed.set()

    def hold(self, name: str) -> None:
        self._hosts[name].held = True

    def release(self, name: str) -> None:
        self._hosts[name].held = False
        self._changed.set()

    def unmet_pages(self, limit: int = MAX_LISTED) -> tuple[int, list[Wish]]:
        """Seeds and pages that were wanted and never got their turn: how many, and the first of them, `limit` at most."""
        chosen = "FROM wishes WHERE run = ? AND state = 'waiting' AND (priority = ? OR wish ->> '$.seed')"
        bound = (self._run, PRIORITY[WishKind.PAGE])
        (count,) = self._database.execute(f"SELECT count(*) {chosen}", bound).fetchone()
        rows = self._database.execute(f"SELECT wish {chosen} ORDER BY seq LIMIT ?", (*bound, limit))
        return count, [wish_from_json(wish) for (wish,) in rows]

    def waiting(self) -> int:
        row = self._database.execute("SELECT count(*) FROM wishes WHERE run = ? AND state = 'waiting'", (self._run,)).fetchone()
        return int(row[0])


def run_name(plan: CrawlPlan) -> str:
    """Names a run by what it is asked to do: the same again goes on with it, and anything else begins anew."""
    draws = plan.posts or plan.missing or plan.redraw
    drawn = [[[ref.platform, ref.post_id] for ref in plan.posts], plan.missing, plan.redraw] if draws else []
    return json.dumps([plan.job, sorted(plan.seeds), plan.scope, plan.include, plan.exclude, plan.since, *drawn])
