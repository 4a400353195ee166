"""The hosts that a run asks, each at a pace of its own. Times are seconds since 1970."""

import asyncio
import heapq
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from archiver.config.settings import HostSettings, host_settings
from archiver.times import Clock
from spiders.crawl_request import BROWSER

DEFAULT_DELAY_SECONDS = 1.0  # for a site that says nothing: what robots.txt files ask for most often
AT_ONCE_WITH_DELAY = 2  # so that one slow answer does not stop a host
MAX_VISITED = 5_000  # hosts of which only browsers have asked something, whose pace is remembered
MAX_TURN_SECONDS = 15.0  # a page is drawn within a minute: what may come later than this comes too late for it


@dataclass(slots=True)
class Host:
    """One host's queue and pace."""

    delay: float
    at_once: int
    queue: list[tuple[int, int, Any]] = field(default_factory=list)
    """A heap of (priority, seq, wish)."""
    more: bool = False
    """Further wishes wait in state.db."""
    ready_at: float = 0.0
    ready_before: float = 0.0
    """What `ready_at` was before the last wish was handed out: it is so again where that one was not asked for after all."""
    under_way: int = 0
    held: bool = False
    """Nothing but robots.txt is handed out until it is released."""
    set_aside: bool = False
    """No more requests in this run."""
    listed_at: float | None = None
    """Where it stands in the line; None where it does not."""

    @property
    def wanted(self) -> bool:
        """Something is to be asked of it."""
        return bool(self.queue or self.more)


class Hosts:
    """Those that the crawl asks, with the lane of the browsers, in `crawled`; apart from them those that only pages ask."""

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
        """`paused`: host -> until when, from earlier runs. `own`: what the user says of single hosts; that goes first."""
        self._delay, self._paces, self._concurrency, self._clock = delay, paces, concurrency, clock
        self._paused, self._own = paused, own
        self._visited: dict[str, Host] = {}
        self.crawled: dict[str, Host] = {BROWSER: Host(0.0, renders)}
        # A crawl may know 200,000 hosts: not all are looked through for each request, and those it is done with are forgotten.
        self._line: list[tuple[float, int, str]] = []  # a heap of those of which something is wanted, by when they are ready
        self._resting: list[tuple[float, str]] = []  # a heap of those of which nothing more is wanted
        self._turns = itertools.count()
        self._aside: set[str] = set()
        self._slowed: dict[str, float] = {}

    def __getitem__(self, name: str) -> Host:
        host = self.crawled.get(name)
        if host is None:
            host = self.crawled[name] = self._visited.pop(name) if name in self._visited else self._new(name)
        return host

    def _new(self, name: str) -> Host:
        given = host_settings(self._own, name).delay
        given = self._delay if given is None else given
        delay = self._paces.get(name, DEFAULT_DELAY_SECONDS) if given is None else given
        at_once = AT_ONCE_WITH_DELAY if delay else self._concurrency
        delay = max(delay, self._slowed.get(name, 0.0))
        return Host(delay, at_once, ready_at=self._paused.get(name, 0.0), set_aside=name in self._aside)

    def _visit(self, name: str) -> Host:
        """A hostile page may name thousands; the crawl looks through all of its own all the time."""
        host = self.crawled.get(name) or self._visited.get(name)
        if host is None:
            if len(self._visited) >= MAX_VISITED:
                self._visited.clear()
            host = self._visited[name] = self._new(name)
        return host

    def knows(self, name: str) -> bool:
        """Whether it is among those that the crawl asks now, or asks no more."""
        return name in self.crawled or name in self._aside

    def slow_down(self, name: str, seconds: float) -> None:
        """At least this long between two requests."""
        host = self[name]
        host.delay = self._slowed[name] = max(host.delay, seconds)

    def set_aside(self, name: str) -> Host:
        """No more requests in this run."""
        host = self[name]
        host.set_aside = True
        self._aside.add(name)
        self.enlist(name)
        return host

    # --- turns ------------------------------------------------------------------------------------------------------------

    def enlist(self, name: str) -> None:
        """Call it when something is wanted of a host, or no longer, and when what kept it back is over."""
        host = self.crawled[name]
        if name == BROWSER:
            return
        if not host.wanted or host.set_aside:
            heapq.heappush(self._resting, (host.ready_at, name))
        elif host.listed_at is None or host.ready_at < host.listed_at:
            host.listed_at = host.ready_at
            heapq.heappush(self._line, (host.ready_at, next(self._turns), name))

    def ready(self, now: float) -> Iterator[tuple[str, Host]]:
        """The hosts whose turn has come, who waited longest first. Each leaves the line."""
        self._forget(now)
        while self._line and self._line[0][0] <= now:
            listed_at, _, name = heapq.heappop(self._line)
            host = self.crawled.get(name)
            if host is None or host.listed_at != listed_at:  # it was listed anew since
                continue
            host.listed_at = None
            if host.ready_at > now:
                self.enlist(name)
            elif not host.set_aside:
                yield name, host

    def soonest(self) -> float | None:
        """When the next host in the line is ready, as far as is known."""
        return self._line[0][0] if self._line else None

    def _forget(self, now: float) -> None:
        """Those that were asked all that was wanted, once their rest is over: a new wish finds them as in the beginning."""
        while self._resting and self._resting[0][0] <= now:
            _, name = heapq.heappop(self._resting)
            host = self.crawled.get(name)
            if host is None or host.under_way or (not host.set_aside and (host.wanted or host.held)):
                continue
            if host.ready_at > now and not host.set_aside:
                heapq.heappush(self._resting, (host.ready_at, name))
            else:
                del self.crawled[name]

    def pause(self, name: str, seconds: float) -> float:
        """No request for a while: the host said so. Returns until when."""
        host, until = self[name], self._clock().timestamp() + seconds
        host.ready_at = max(host.ready_at, until)
        self._paused[name] = until
        return until

    def paused(self, name: str) -> bool:
        """Whether this host asked us to come back at a time that has not come."""
        return self._paused.get(name, 0.0) > self._clock().timestamp()

    async def turn(self, name: str, *, requisite: bool) -> bool:
        """Waits until a browser's own request may go to this host; False where that takes too long, or where it is left alone.

        What belongs to a page as a reader's browser shows it (`requisite`: scripts, styles, pictures, fonts) comes at once, as
        for every reader, unless the host has asked us to wait; the host's rest is counted from it.
        """
        host = self._visit(name)
        while True:
            now = self._clock().timestamp()
            wait = (self._paused.get(name, 0.0) if requisite else host.ready_at) - now
            if host.set_aside or wait > MAX_TURN_SECONDS:
                return False
            if wait <= 0:
                host.ready_at = max(host.ready_at, now + host.delay)
                return True
            await asyncio.sleep(min(wait, 1.0))
