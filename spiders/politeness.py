"""Politeness: how often each host is asked, and which is asked next. Moments are seconds since 1970."""

import asyncio
import heapq
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from archiver.config.settings import HostSettings, delay_at
from archiver.times import Clock
from spiders.crawl_request import BROWSER

AT_ONCE_WITH_DELAY = 2  # requests to one host at once: one slow response does not stop the host
MAX_VISITED = 5_000  # hosts that only browsers ask, whose pace is remembered
MAX_TURN_SECONDS = 15.0  # a page is rendered within a minute: a response later than this comes too late for it


@dataclass(slots=True)
class Host:
    """One host's queue and pace."""

    delay: float
    at_once: int
    queue: list[tuple[int, int, Any]] = field(default_factory=list)
    """A heap of (priority, row number, request)."""
    more: bool = False
    """Further requests wait in state.db."""
    ready_at: float = 0.0
    """When the next request may go."""
    ready_before: float = 0.0
    """What `ready_at` was before the last request was handed out, for the case that it is not sent."""
    under_way: int = 0
    blocked: bool = False
    """Nothing but robots.txt is handed out."""
    abandoned: bool = False
    """No more requests from this crawl."""
    listed_at: float | None = None
    """The moment under which it stands in the ready queue; None where it does not."""

    @property
    def has_requests(self) -> bool:
        return bool(self.queue or self.more)


class Hosts:
    """The hosts in memory: those of the frontier's requests, and the browsers' lane, in `crawled`; apart from them the hosts that
    only rendered pages ask."""

    def __init__(
        self,
        *,
        delay: float | None,
        paces: dict[str, float],
        concurrency: int,
        renders: int,
        paused: dict[str, float],
        own: Mapping[str, HostSettings],
        clock: Clock,
    ) -> None:
        """`delay` (seconds) is for all hosts; `paces` (host -> seconds) for hosts where it is None; `own`, what the user set for
        single hosts, overrides both. `paused`: host -> until when, from earlier crawls.
        """
        self._delay, self._paces, self._concurrency, self._clock = delay, paces, concurrency, clock
        self._paused, self._own = paused, own
        self._visited: dict[str, Host] = {}
        self.crawled: dict[str, Host] = {BROWSER: Host(0.0, renders)}
        # A crawl may know 200,000 hosts: not all are looked through for each request, and those it is done with are forgotten.
        self._ready_queue: list[tuple[float, int, str]] = []  # a heap of the hosts that have requests, by when they are ready
        self._idle: list[tuple[float, str]] = []  # a heap of those that have none, by when they may be forgotten
        self._turns = itertools.count()
        self._abandoned: set[str] = set()
        self._slowed: dict[str, float] = {}

    def __getitem__(self, name: str) -> Host:
        host = self.crawled.get(name)
        if host is None:
            host = self.crawled[name] = self._visited.pop(name) if name in self._visited else self._new(name)
        return host

    def _new(self, name: str) -> Host:
        delay = delay_at(name, self._own, self._delay, self._paces)
        at_once = AT_ONCE_WITH_DELAY if delay else self._concurrency
        delay = max(delay, self._slowed.get(name, 0.0))
        return Host(delay, at_once, ready_at=self._paused.get(name, 0.0), abandoned=name in self._abandoned)

    def _visit(self, name: str) -> Host:
        # Apart from `crawled`, and bounded: a hostile page may name thousands of hosts.
        host = self.crawled.get(name) or self._visited.get(name)
        if host is None:
            if len(self._visited) >= MAX_VISITED:
                self._visited.clear()
            host = self._visited[name] = self._new(name)
        return host

    def knows(self, name: str) -> bool:
        """Whether the host is in memory, or was abandoned."""
        return name in self.crawled or name in self._abandoned

    def slow_down(self, name: str, seconds: float) -> None:
        """At least so many seconds between two requests to a host."""
        host = self[name]
        host.delay = self._slowed[name] = max(host.delay, seconds)

    def is_abandoned(self, name: str) -> bool:
        """Whether nothing more is asked of this host in this crawl."""
        return name in self._abandoned

    def abandon_host(self, name: str) -> Host:
        """No more requests to this host from this crawl."""
        host = self[name]
        host.abandoned = True
        self._abandoned.add(name)
        self.enlist(name)
        return host

    # --- turns ------------------------------------------------------------------------------------------------------------

    def enlist(self, name: str) -> None:
        """Puts a host into the ready queue, or among the idle. Call it when it got a request or lost its last one, and when what
        kept it back is over."""
        host = self.crawled[name]
        if name == BROWSER:
            return
        if not host.has_requests or host.abandoned:
            heapq.heappush(self._idle, (host.ready_at, name))
        elif host.listed_at is None or host.ready_at < host.listed_at:
            host.listed_at = host.ready_at
            heapq.heappush(self._ready_queue, (host.ready_at, next(self._turns), name))

    def ready(self, now: float) -> Iterator[tuple[str, Host]]:
        """The hosts that may be asked now, the longest ready first. Each leaves the ready queue."""
        self._forget(now)
        while self._ready_queue and self._ready_queue[0][0] <= now:
            listed_at, _, name = heapq.heappop(self._ready_queue)
            host = self.crawled.get(name)
            if host is None or host.listed_at != listed_at:  # it was listed anew since
                continue
            host.listed_at = None
            if host.ready_at > now:
                self.enlist(name)
            elif not host.abandoned:
                yield name, host

    def soonest(self) -> float | None:
        """When the first host in the ready queue is ready; None where the queue is empty."""
        return self._ready_queue[0][0] if self._ready_queue else None

    def _forget(self, now: float) -> None:
        """Drops hosts without requests once they are ready again: a later request then finds them as in the beginning."""
        while self._idle and self._idle[0][0] <= now:
            _, name = heapq.heappop(self._idle)
            host = self.crawled.get(name)
            if host is None or host.under_way or (not host.abandoned and (host.has_requests or host.blocked)):
                continue
            if host.ready_at > now and not host.abandoned:
                heapq.heappush(self._idle, (host.ready_at, name))
            else:
                del self.crawled[name]

    def pause(self, name: str, seconds: float) -> float:
        """No request to this host for so many seconds, as it asked. Returns the moment at which that ends."""
        host, until = self[name], self._clock().timestamp() + seconds
        host.ready_at = max(host.ready_at, until)
        self._paused[name] = until
        return until

    def paused(self, name: str) -> bool:
        """Whether this host asked us to come back at a time that has not come."""
        return self._paused.get(name, 0.0) > self._clock().timestamp()

    async def wait_for_turn(self, name: str, *, requisite: bool) -> bool:
        """Waits until a browser's own request may go to this host; False where that takes longer than `MAX_TURN_SECONDS`, or
        where the host was abandoned.

        `requisite`: a script, style, picture or font of a page. It goes at once, as from every reader's browser, unless the host
        has asked us to wait; the delay before the crawl's next request is counted from it.
        """
        host = self._visit(name)
        while True:
            now = self._clock().timestamp()
            wait = (self._paused.get(name, 0.0) if requisite else host.ready_at) - now
            if host.abandoned or wait > MAX_TURN_SECONDS:
                return False
            if wait <= 0:
                host.ready_at = max(host.ready_at, now + host.delay)
                return True
            await asyncio.sleep(min(wait, 1.0))
