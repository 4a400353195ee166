"""The frontier: all requests of a run, kept in state.db and handed out at each host's own pace; what must wait stays here."""

import heapq
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from pathlib import Path

from archiver.config.settings import HostSettings
from archiver.times import Clock, utc_now
from spiders.crawl_request import BROWSER, PRIORITY, CrawlRequest, RequestKind
from spiders.frontier_store import RequestTable, WaitingHosts, open_run, open_state
from spiders.politeness import Host, Hosts
from spiders.response_policy import MAX_PAUSE_SECONDS

MAX_INSERTED = 500  # requests in one statement; SQLite takes 32,766 values
NO_HOSTS: Mapping[str, HostSettings] = {}
WINDOW = 500  # requests of one host in memory; the others wait in state.db, so a crawl of a million URLs stays small
MAX_LOADED = 10_000  # requests of all hosts in memory, at 0.8 KB
FEW = 10  # requests of one host that are loaded while memory holds MAX_LOADED
MAX_RECENT = 20_000  # keys of requests, at 0.1 KB: the links that all pages of a site have need no look into state.db
MAX_HOSTS = 5_000  # hosts in memory: with a second between two requests to each, more than any machine can ask
MANY_HOSTS = 500  # hosts that are loaded from state.db at once
SOON_SECONDS = 1.0  # when no host in memory is ready within this, others are loaded, however many are in memory
PATIENCE_SECONDS = 60.0  # when no host is ready within this, the run ends and leaves the rest to the next crawl of it


class Frontier:
    """Requests go in with `add`, come out of `next_request`, and end with `done`, `postpone` or `failed`."""

    def __init__(
        self, path: Path, what: str, *, delay: float | None, paces: dict[str, float], concurrency: int, renders: int = 0,
        hosts: Mapping[str, HostSettings] = NO_HOSTS, clock: Clock = utc_now, anew: bool = False,
    ) -> None:  # fmt: skip
        """`what` names the run (see `run_name`): an unfinished run of that name is resumed, unless `anew`, or it is a month old.
        `delay` and `paces` (by host) are seconds between two requests to a host; `hosts` is what the user set for single hosts.
        At most `concurrency` requests are under way at once, and beside them `renders` renders. Raises `StorageError`.
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
        self._recent: dict[int, None] = {}
        self._over = False
        self.wait: float | None = None
        """After `next_request` gave None: seconds until a host is ready; None where only the end of a request changes that."""
        self.on_change: Callable[[], None] | None = None
        """Called when `next_request` may give another answer than it gave before."""
        self.stopped = False
        """`stop` was called: the run ends unfinished."""
        self.renders_wanted = 0
        """Renders that this run has asked for, those included that an earlier crawl of it left."""
        self._database.execute("BEGIN")
        self._run = open_run(self._database, what, now, anew=anew)
        self.requests = RequestTable(self._database, self._run.id)
        self._waiting_hosts = WaitingHosts(self._database, self._run.id)
        self._look_for_renders()
        self.commit()

    # --- runs -------------------------------------------------------------------------------------------------------------

    @property
    def resumed(self) -> bool:
        """An earlier crawl of this run was interrupted."""
        return self._run.resumed

    @property
    def crawls(self) -> tuple[str, ...]:
        """UUIDs of the earlier crawls of this run."""
        return self._run.crawls

    def add_crawl(self, crawl: str) -> None:
        """Names a crawl, by UUID, as one of this run, before it asks for anything: whoever resumes the run finds its records."""
        self._database.execute("INSERT OR IGNORE INTO run_crawls VALUES (?, ?)", (self._run.id, crawl))
        self.commit()

    def _look_for_renders(self) -> None:
        """While nothing was handed out yet, the renders that wait are all that were asked for."""
        self.renders_wanted = self.requests.renders()
        if self.renders_wanted:
            self._more_of([BROWSER])

    def _more_of(self, names: Iterable[str]) -> None:
        """Requests to these hosts wait in state.db."""
        for name in names:
            self._hosts[name].more = True
            self._hosts.enlist(name)

    def finish(self) -> None:
        """Marks the run as finished; requests that are left wait for the next run of the same name."""
        self._database.execute("UPDATE runs SET finished = 1 WHERE id = ?", (self._run.id,))

    def commit(self) -> None:
        """Makes the state safe. Call it when the recorded bytes are safe: only then may a request count as done."""
        moment = self._clock().timestamp()
        self._database.execute("INSERT OR REPLACE INTO worked VALUES (?, ?)", (self._run.id, moment))
        self._database.execute("COMMIT")
        self._database.execute("BEGIN")

    def close(self, *, safe: bool = True) -> None:
        """`safe=False`: what was recorded since the last commit may be lost, so the state since then is given up as well. Raises
        `StorageError`."""
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
        self.wait = None  # else the engine would be woken again and again for as long as something is under way
        self._notify()

    def _notify(self) -> None:
        self._over = False
        if self.on_change is not None:
            self.on_change()

    # --- in ---------------------------------------------------------------------------------------------------------------

    def add(self, requests: Iterable[CrawlRequest]) -> int:
        """Adds the requests that are new to this run. Returns how many were."""
        possible = map(self._at_host_that_answers, requests)
        added, left = 0, ((request.key, request) for request in possible if not self.added_recently(request))
        while batch := dict(islice(left, MAX_INSERTED)):  # a sitemap has 50,000
            added += self._add(batch)
        if added:
            self._notify()
        return added

    def added_recently(self, request: CrawlRequest) -> bool:
        """True where this run certainly has the request; False also where only state.db can tell."""
        return request.key in self._recent

    def _add(self, batch: dict[int, CrawlRequest]) -> int:
        inserted = self.requests.insert(batch, self._clock().timestamp())
        self._recent |= dict.fromkeys(batch)
        for key in list(islice(self._recent, max(0, len(self._recent) - MAX_RECENT))):
            del self._recent[key]
        for key, seq in inserted:
            self._take_in(seq, batch[key])
        return len(inserted)

    def reopen(self, requests: Iterable[CrawlRequest]) -> None:
        """Has the requests that are made `again` wait once more, whatever came of them. Call it before anything is handed out."""
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

    def next_request(self) -> tuple[int, CrawlRequest] | None:
        """The next request whose host is ready, with its row number; None where none may go now: see `wait` and `pending`."""
        while not self.stopped:
            now = self._clock().timestamp()
            self._wake_delayed(now)
            browser = self._hosts[BROWSER]
            full = len(self._under_way) - browser.under_way >= self._concurrency
            found = self._from(BROWSER, browser, now) or (None if full else self._pick(now))
            if found is not None:
                return found
            self.wait = None if full else self._wait(now)  # where a slot is missing, its end has us asked again
            if not full and self._waiting_hosts.some and self._take_in_hosts(self.wait):
                continue
            self._over = not self._under_way and (self.wait is None or self.wait > PATIENCE_SECONDS)
            return None
        return None

    def pending(self) -> bool:
        """False when this run can do no more: it was stopped, or `next_request` found nothing, nothing is under way, and no host
        is ready within `PATIENCE_SECONDS`."""
        return not (self.stopped or self._over)

    def _pick(self, now: float) -> tuple[int, CrawlRequest] | None:
        """A request to a host that may be asked now."""
        for name, host in self._hosts.ready(now):
            found = self._from(name, host, now)
            if found is not None or not host.has_requests:
                self._hosts.enlist(name)
            if found is not None:
                return found
        return None

    def _from(self, name: str, host: Host, now: float) -> tuple[int, CrawlRequest] | None:
        if host.abandoned or host.under_way >= host.at_once or host.ready_at > now:
            return None
        if not host.queue and host.more:
            self._refill(name, host)
        if not host.queue or (host.blocked and host.queue[0][0] != PRIORITY[RequestKind.ROBOTS]):
            return None
        _, seq, request = heapq.heappop(host.queue)
        self._loaded -= 1
        host.under_way += 1
        host.ready_before, host.ready_at = host.ready_at, now + host.delay
        self._under_way[seq] = request
        return seq, request

    def _wait(self, now: float) -> float | None:
        """Seconds until a request may go; None: not before something that is under way ends."""
        times = [self._delayed[0][0] if self._delayed else None, self._hosts.soonest()]
        soonest = min((moment for moment in times if moment is not None), default=None)
        return None if soonest is None else max(0.0, soonest - now)

    def _take_in_hosts(self, wait: float | None) -> bool:
        """Loads further hosts where there is room for them, or where all that are in memory keep us waiting."""
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
            if now < moment <= now + MAX_PAUSE_SECONDS:  # postponed by a crawl that was interrupted
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
        """Ends a request in vain; the next run of the same name tries again."""
        self._end(seq, "failed", reason)

    def _end(self, seq: int, state: str, reason: str | None) -> None:
        self._leave(seq)
        self.requests.end(seq, state, reason)

    def postpone(self, seq: int, request: CrawlRequest, seconds: float) -> None:
        """Has a request made again after a while, as `request` is then; at once at its next address, where its
        host was abandoned."""
        self._leave(seq)
        if (fallback := self._at_host_that_answers(request)) is not request:
            self.requests.end(seq, "done", None)
            self.add([fallback])
            return
        moment = self._clock().timestamp() + seconds
        self.requests.postpone(seq, request, moment)
        heapq.heappush(self._delayed, (moment, seq, request))

    def cancel_delay(self, seq: int) -> None:
        """Call it right after `next_request` where nothing is sent to the host: its next request need not wait for this one."""
        host = self._hosts[self._under_way[seq].host]
        host.ready_at = host.ready_before
        self._hosts.enlist(self._under_way[seq].host)

    def requeue(self, seq: int, request: CrawlRequest) -> None:
        """Takes back a request that was handed out and not sent, since its robots.txt comes first."""
        self.cancel_delay(seq)
        self._leave(seq)
        self._load_wish(seq, request)

    def _leave(self, seq: int) -> None:
        name = self._under_way.pop(seq).host
        self._hosts[name].under_way -= 1
        self._hosts.enlist(name)
        self._notify()

    # --- hosts ------------------------------------------------------------------------------------------------------------

    def slow_down(self, name: str, seconds: float) -> None:
        """At least so many seconds between two requests to a host: a Crawl-delay."""
        self._hosts.slow_down(name, seconds)

    def pause(self, name: str, seconds: float) -> None:
        """No request to this host for so many seconds, as it asked. Kept over runs."""
        self._database.execute("INSERT OR REPLACE INTO hosts VALUES (?, ?)", (name, self._hosts.pause(name, seconds)))

    def paused(self, name: str) -> bool:
        """Whether this host asked us to come back at a time that has not come."""
        return self._hosts.paused(name)

    async def wait_for_turn(self, name: str, *, requisite: bool) -> bool:
        """Waits until a browser's own request may go to this host; False where it may not: see `Hosts.wait_for_turn`."""
        return not self.stopped and await self._hosts.wait_for_turn(name, requisite=requisite)

    def abandon_host(self, name: str) -> None:
        """No more requests to this host from this crawl: they wait for the next one, or are made where else they can be."""
        host = self._hosts.abandon_host(name)
        self._loaded -= len(host.queue)
        host.queue, host.more = [], False
        last = -1
        while batch := self.requests.questions_of_host(name, last, MAX_INSERTED):
            last = batch[-1][0]
            moved = [
                (seq, request)
                for seq, request in batch
                if seq not in self._under_way and self._at_host_that_answers(request) is not request
            ]
            for seq, _ in moved:
                self.requests.end(seq, "done", None)
            self.add(request for _, request in moved)
        self._notify()

    def _at_host_that_answers(self, request: CrawlRequest) -> CrawlRequest:
        """A platform's question, at the first of its addresses whose host was not abandoned; where all were, as it is."""
        candidate: CrawlRequest | None = request
        while candidate is not None and candidate.kind is RequestKind.ASK and self._hosts.is_abandoned(candidate.host):
            candidate = candidate.fallback()
        return candidate or request

    def block_host(self, name: str) -> None:
        """Only robots.txt is asked of this host until `unblock_host`."""
        self._hosts[name].blocked = True

    def unblock_host(self, name: str) -> None:
        self._hosts[name].blocked = False
        self._hosts.enlist(name)
        self._notify()
