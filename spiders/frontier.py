"""The frontier: all wishes of a run in state.db, handed out at each host's own pace; what must wait stays here."""

import asyncio
import heapq
from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path

from archiver.config.settings import HostSettings
from archiver.times import Clock, utc_now
from spiders.crawl_request import BROWSER, PRIORITY, CrawlRequest, RequestKind
from spiders.crawl_runs import WaitingHosts, open_run
from spiders.politeness import Host, Hosts
from spiders.response_policy import MAX_PAUSE_SECONDS
from spiders.state import open_state
from spiders.wish_table import RequestTable

MAX_INSERTED = 500  # wishes in one statement; SQLite takes 32,766 values
NO_HOSTS: Mapping[str, HostSettings] = {}
WINDOW = 500  # wishes of one host in memory; the others wait in state.db, so a crawl of a million URLs stays small
MAX_LOADED = 10_000  # wishes of all hosts in memory, at 0.8 KB
FEW = 10  # wishes of one host in memory, where that many are
MAX_HOSTS = 5_000  # that take their turns: with a second's pause each, more than any machine can ask
MANY_HOSTS = 500  # that are taken out of state.db at once
SOON_SECONDS = 1.0  # when nobody can be asked within this, others are, however many are known
PATIENCE_SECONDS = 60.0  # when nothing can be asked for longer than this, the run ends and leaves the rest to the next one


class Frontier:
    """Wishes go in with `add`, come out of `next`, and end with `done`, `later` or `failed`."""

    def __init__(
        self, path: Path, what: str, *, delay: float | None, paces: dict[str, float], concurrency: int, renders: int = 0,
        hosts: Mapping[str, HostSettings] = NO_HOSTS, clock: Clock = utc_now, anew: bool = False,
    ) -> None:  # fmt: skip
        """`what` names the run (its seeds and scope): the same again goes on with an unfinished run, unless all begin `anew`, or
        nobody came back to it for a month. Raises `StorageError`.

        At most `concurrency` requests are under way at once, and beside them `renders` pages that a browser draws.
        """
        self._concurrency, self._clock = concurrency, clock
        self._database = open_state(path)
        now = clock().timestamp()
        pauses = "SELECT host, paused_until FROM hosts WHERE paused_until > ? AND paused_until <= ?"
        paused = dict(self._database.execute(pauses, (now, now + MAX_PAUSE_SECONDS)))  # a longer one: the clock was set back
        self._hosts = Hosts(
            delay=delay, paces=paces, concurrency=concurrency, renders=renders, paused=paused, own=hosts, clock=clock
        )
        self._under_way: dict[int, CrawlRequest] = {}
        self._loaded = 0
        self._delayed: list[tuple[float, int, CrawlRequest]] = []
        self._changed = asyncio.Event()
        self.stopped = False
        """`stop` was called: the run ends unfinished."""
        self.renders_wanted = 0
        """Wishes for a render that this run took in, those included that an earlier one left."""
        self._database.execute("BEGIN")
        self._run = open_run(self._database, what, now, anew=anew)
        self.requests = RequestTable(self._database, self._run.id)
        self._waiting_hosts = WaitingHosts(self._database, self._run.id)
        self._look_for_renders()
        self.commit()

    # --- runs -------------------------------------------------------------------------------------------------------------

    @property
    def resumed(self) -> bool:
        """This goes on with a run that did not finish."""
        return self._run.resumed

    @property
    def crawls(self) -> tuple[str, ...]:
        """The crawls that worked on this run before, by their UUIDs."""
        return self._run.crawls

    def worked_on_by(self, crawl: str) -> None:
        """Call it before anything is asked for: a later crawl that goes on with this run then knows whose records are its own."""
        self._database.execute("INSERT OR IGNORE INTO run_crawls VALUES (?, ?)", (self._run.id, crawl))
        self.commit()

    def _look_for_renders(self) -> None:
        """While nothing was handed out yet, all that wait to be drawn are all that are wanted."""
        self.renders_wanted = self.requests.renders()
        if self.renders_wanted:
            self._more_of([BROWSER])

    def _more_of(self, names: Iterable[str]) -> None:
        """Wishes of these hosts wait in state.db."""
        for name in names:
            self._hosts[name].more = True
            self._hosts.enlist(name)

    def finish(self) -> None:
        """The run is over; what is left waits for the next run of the same name."""
        self._database.execute("UPDATE runs SET finished = 1 WHERE id = ?", (self._run.id,))

    def commit(self) -> None:
        """Makes the state safe. Call it after the archive's own commit: a wish counts as met only when its bytes are safe."""
        moment = self._clock().timestamp()
        self._database.execute("INSERT OR REPLACE INTO worked VALUES (?, ?)", (self._run.id, moment))
        self._database.execute("COMMIT")
        self._database.execute("BEGIN")

    def close(self, *, safe: bool = True) -> None:
        """`safe=False`: what was recorded since the last commit may be lost, so it is wished for again. Raises `StorageError`."""
        try:
            if safe:
                self._database.execute("COMMIT")
            else:
                self._database.roll_back()
        finally:
            self._database.close()

    def stop(self) -> None:
        """Hands nothing out any more; what is under way may end. The run stays unfinished."""
        self.stopped = True
        self._changed.set()

    # --- in ---------------------------------------------------------------------------------------------------------------

    def add(self, requests: Iterable[CrawlRequest]) -> int:
        """Takes wishes that are new to this run. Returns how many were."""
        added, left = 0, iter(requests)
        while batch := {request.key: request for request in islice(left, MAX_INSERTED)}:  # a sitemap has 50,000
            added += self._add(batch)
        if added:
            self._changed.set()
        return added

    def _add(self, batch: dict[int, CrawlRequest]) -> int:
        inserted = self.requests.insert(batch, self._clock().timestamp())
        for key, seq in inserted:
            self._take_in(seq, batch[key])
        return len(inserted)

    def reopen(self, requests: Iterable[CrawlRequest]) -> None:
        """Call it before anything is handed out: what was met before it was wished for `again`, or is left, is to be met."""
        self._more_of(self.requests.reopen(requests, self._clock().timestamp()))
        self._look_for_renders()

    def _take_in(self, seq: int, request: CrawlRequest) -> None:
        self.renders_wanted += request.kind is RequestKind.RENDER
        fresh = not self._hosts.knows(request.host)
        if fresh and len(self._hosts.crawled) >= MAX_HOSTS:
            self._waiting_hosts.some = True
            return
        host = self._hosts[request.host]
        host.more |= fresh and self._waiting_hosts.some  # perhaps something older waits: that goes first
        if (host.more or len(host.queue) >= WINDOW or self._loaded >= MAX_LOADED) and request.kind is not RequestKind.ROBOTS:
            host.more = True
            self._hosts.enlist(request.host)
        else:
            self._load_wish(seq, request)

    def _load_wish(self, seq: int, request: CrawlRequest) -> None:
        heapq.heappush(self._hosts[request.host].queue, (PRIORITY[request.kind], seq, request))
        self._loaded += 1
        self._hosts.enlist(request.host)

    # --- out --------------------------------------------------------------------------------------------------------------

    async def next(self) -> tuple[int, CrawlRequest] | None:
        """The next wish whose host is ready, with its number; waits for one. None when the run can do no more."""
        while not self.stopped:
            self._changed.clear()
            now = self._clock().timestamp()
            self._wake_delayed(now)
            drawn = self._hosts[BROWSER]
            full = len(self._under_way) - drawn.under_way >= self._concurrency
            found = self._from(BROWSER, drawn, now) or (None if full else self._pick(now))
            if found is not None:
                return found
            wait = self._wait(now)
            if not full and self._waiting_hosts.some and self._take_in_hosts(wait):
                continue
            if not self._under_way and (wait is None or wait > PATIENCE_SECONDS):
                return None
            try:
                await asyncio.wait_for(self._changed.wait(), wait)
            except TimeoutError:
                continue
        return None

    def _pick(self, now: float) -> tuple[int, CrawlRequest] | None:
        """A wish of a host that may be asked now."""
        for name, host in self._hosts.ready(now):
            found = self._from(name, host, now)
            if found is not None or not host.wanted:
                self._hosts.enlist(name)
            if found is not None:
                return found
        return None

    def _from(self, name: str, host: Host, now: float) -> tuple[int, CrawlRequest] | None:
        if host.set_aside or host.under_way >= host.at_once or host.ready_at > now:
            return None
        if not host.queue and host.more:
            self._refill(name, host)
        if not host.queue or (host.held and host.queue[0][0] != PRIORITY[RequestKind.ROBOTS]):
            return None
        _, seq, request = heapq.heappop(host.queue)
        self._loaded -= 1
        host.under_way += 1
        host.ready_before, host.ready_at = host.ready_at, now + host.delay
        self._under_way[seq] = request
        return seq, request

    def _wait(self, now: float) -> float | None:
        """Seconds until a wish may go; None: not before something ends."""
        times = [self._delayed[0][0] if self._delayed else None, self._hosts.soonest()]
        soonest = min((moment for moment in times if moment is not None), default=None)
        return None if soonest is None else max(0.0, soonest - now)

    def _take_in_hosts(self, wait: float | None) -> bool:
        """More hosts take their turns, where there is room for them, or where all that are known keep us waiting."""
        free = MAX_HOSTS - len(self._hosts.crawled)
        if free < MANY_HOSTS and wait is not None and wait <= SOON_SECONDS:
            return False
        fresh = self._waiting_hosts.take(MANY_HOSTS, self._hosts.knows)
        self._more_of(fresh)
        return bool(fresh)

    def _refill(self, name: str, host: Host) -> None:
        known = self._under_way.keys() | {seq for _, seq, _ in self._delayed}
        wanted = (WINDOW if self._loaded < MAX_LOADED else FEW) + len(known)
        rows = self.requests.of_host(name, wanted)
        now = self._clock().timestamp()
        for priority, seq, request, moment in rows:
            if seq in known:
                continue
            if now < moment <= now + MAX_PAUSE_SECONDS:  # put off by a run that did not come to its end
                heapq.heappush(self._delayed, (moment, seq, request))
            else:
                host.queue.append((priority, seq, request))
        self._loaded += len(host.queue)
        host.more = len(rows) >= wanted

    def _wake_delayed(self, now: float) -> None:
        while self._delayed and self._delayed[0][0] <= now:
            _, seq, request = heapq.heappop(self._delayed)
            self._load_wish(seq, request)

    # --- how it went ------------------------------------------------------------------------------------------------------

    def done(self, seq: int) -> None:
        self._end(seq, "done", None)

    def failed(self, seq: int, reason: str) -> None:
        """Not met in this run; the next one tries again."""
        self._end(seq, "failed", reason)

    def _end(self, seq: int, state: str, reason: str | None) -> None:
        self._leave(seq)
        self.requests.end(seq, state, reason)

    def later(self, seq: int, request: CrawlRequest, seconds: float) -> None:
        """To be tried again after a while; `request` is as it shall then be."""
        self._leave(seq)
        moment = self._clock().timestamp() + seconds
        self.requests.put_off(seq, request, moment)
        heapq.heappush(self._delayed, (moment, seq, request))

    def pass_over(self, seq: int) -> None:
        """Call it at once after `next` where that wish will not be asked for: its host's pace then knows nothing of it."""
        host = self._hosts[self._under_way[seq].host]
        host.ready_at = host.ready_before
        self._hosts.enlist(self._under_way[seq].host)

    def put_back(self, seq: int, request: CrawlRequest) -> None:
        """It was not asked for after all (robots.txt comes first); its turn comes again."""
        self.pass_over(seq)
        self._leave(seq)
        self._load_wish(seq, request)

    def _leave(self, seq: int) -> None:
        name = self._under_way.pop(seq).host
        self._hosts[name].under_way -= 1
        self._hosts.enlist(name)
        self._changed.set()

    # --- hosts ------------------------------------------------------------------------------------------------------------

    def slow_down(self, name: str, seconds: float) -> None:
        """At least this long between two requests: a Crawl-delay."""
        self._hosts.slow_down(name, seconds)

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
        host = self._hosts.set_aside(name)
        self._loaded -= len(host.queue)
        host.queue, host.more = [], False
        self._changed.set()

    def hold(self, name: str) -> None:
        self._hosts[name].held = True

    def release(self, name: str) -> None:
        self._hosts[name].held = False
        self._hosts.enlist(name)
        self._changed.set()
