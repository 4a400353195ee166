"""Frontiers for tests: a clock that stands still, runs on one file, and what can be had at once."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archiver.config.settings import HostSettings
from spiders.crawl_request import CrawlRequest, RequestKind
from spiders.frontier import NO_HOSTS, Frontier

BLOG = "blog.example"
RUNNERS: list[asyncio.Runner] = []  # one event loop a test: a frontier belongs to the loop in which it first waits


class SetClock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = datetime(2022, 11, 22, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Runs:
    """Opens frontiers on one file; all are closed in the end."""

    def __init__(self, path: Path, clock: SetClock) -> None:
        self.path, self._clock, self._open = path, clock, list[Frontier]()

    def __call__(
        self, what: str = "a crawl", *, delay: float | None = 0, concurrency: int = 4, renders: int = 0,
        hosts: Mapping[str, HostSettings] = NO_HOSTS, anew: bool = False, **paces: float,
    ) -> Frontier:  # fmt: skip
        named = {name.replace("_", "."): pace for name, pace in paces.items()}
        frontier = Frontier(
            self.path, what, delay=delay, paces=named, concurrency=concurrency, renders=renders, hosts=hosts, clock=self._clock,
            anew=anew,
        )  # fmt: skip
        self._open.append(frontier)
        return frontier

    def close(self, frontier: Frontier) -> None:
        self._open.remove(frontier)
        frontier.close()

    def close_all(self) -> None:
        for frontier in list(self._open):
            self.close(frontier)


def pages(*numbers: int, host: str = BLOG) -> list[CrawlRequest]:
    return [CrawlRequest(f"https://{host}/{number}/", RequestKind.PAGE) for number in numbers]


def soon(frontier: Frontier) -> tuple[int, CrawlRequest] | str | None:
    """What `next_request` gives; "waits" where it gives nothing, and may later."""
    return frontier.next_request() or ("waits" if frontier.pending() else None)


def taken(frontier: Frontier) -> tuple[int, CrawlRequest]:
    found = soon(frontier)
    assert isinstance(found, tuple), found
    return found


def taken_url(frontier: Frontier) -> str:
    return taken(frontier)[1].url


def all_taken(frontier: Frontier) -> list[CrawlRequest]:
    """Everything that can be had now, each met at once."""
    requests = []
    while isinstance(found := soon(frontier), tuple):
        requests.append(found[1])
        frontier.done(found[0])
    return requests
