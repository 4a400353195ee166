"""The hosts that a run asks, each at a pace of its own. Times are seconds since 1970."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from archiver.times import Clock
from spiders.wishes import BROWSER

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
        clock: Clock,
    ) -> None:
        """`paused`: host -> until when, from earlier runs."""
        self._delay, self._paces, self._concurrency, self._clock = delay, paces, concurrency, clock
        self._paused = paused
        self._visited: dict[str, Host] = {}
        self.crawled: dict[str, Host] = {BROWSER: Host(0.0, renders)}

    def __getitem__(self, name: str) -> Host:
        host = self.crawled.get(name)
        if host is None:
            host = self.crawled[name] = self._visited.pop(name) if name in self._visited else self._new(name)
        return host

    def _new(self, name: str) -> Host:
        delay = self._paces.get(name, DEFAULT_DELAY_SECONDS) if self._delay is None else self._delay
        at_once = AT_ONCE_WITH_DELAY if delay else self._concurrency
        return Host(delay, at_once, ready_at=self._paused.get(name, 0.0))

    def _visit(self, name: str) -> Host:
        """A hostile page may name thousands; the crawl looks through all of its own all the time."""
        host = self.crawled.get(name) or self._visited.get(name)
        if host is None:
            if len(self._visited) >= MAX_VISITED:
                self._visited.clear()
            host = self._visited[name] = self._new(name)
        return host

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
