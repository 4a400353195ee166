"""What browsers are given: what this run has recorded already, else what the hosts say now, which is recorded first."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from archiver.browser.traffic import BrowserRequest, BrowserResponse, Refused
from archiver.crawling.response_cache import Served
from archiver.errors import NetworkError
from archiver.model.exchange import Exchange, Purpose, ResourceType, Truncated
from archiver.model.render import RenderTarget
from archiver.network.fetcher import Fetched, FetchLimits
from archiver.platforms import platform_of_reply
from archiver.recording.recorder import Recorded
from archiver.recording.replay import Recalled
from archiver.urls import absolute, checked, host_of
from archiver.wire.content_coding import decode_content
from archiver.wire.http1 import content_codings

# Of one request: what is larger, or takes longer, is kept as far as it came, and the browser goes without.
REQUEST_LIMITS = FetchLimits(max_bytes=20_000_000, max_seconds=20.0, connect_seconds=10.0, head_seconds=15.0)
CUT_BY_US = (Truncated.LENGTH, Truncated.TIME)
TYPES = {
    "document": ResourceType.FRAME,
    "stylesheet": ResourceType.STYLESHEET,
    "image": ResourceType.IMAGE,
    "media": ResourceType.MEDIA,
    "font": ResourceType.FONT,
    "script": ResourceType.SCRIPT,
    "xhr": ResourceType.XHR,
    "fetch": ResourceType.XHR,
}
REQUISITES = frozenset({"stylesheet", "image", "media", "font", "script"})
# A page's own scripts choose what else a request says; a platform's word counts only as it is given to anybody.
PLAIN = frozenset({"user-agent", "origin", "referer"})
SILENT_ANSWERS = 2  # a host that failed so often in a row is left alone: dead widgets stand on all pages of an old blog
MAX_TOLD = 50  # platform replies of one page that the crawl hears of: a hostile page may ask for thousands

Fetch = Callable[[str, list[tuple[str, str]], Purpose, FetchLimits], Awaitable[Fetched[Recorded]]]
"""A recorded request: URL, headers, purpose, limits. Raises `NetworkError`, `StorageError`."""
Turn = Callable[[str, bool], Awaitable[bool]]
"""Waits until a host may be asked; the flag says that it is for what a page is made of. False: not now."""


@dataclass(slots=True)
class Hooks:
    """What the crawl has to say in a render, and hears of it."""

    turn: Turn | None = None
    recorded: Callable[[Recorded], None] | None = None
    """Is told of the exchanges of a browser."""
    earlier: Callable[[str], Awaitable[Recalled | None]] | None = None
    """What an interrupted crawl of the same run recorded of a URL."""


@dataclass(slots=True)
class _Asking:
    task: "asyncio.Task[Exchange]"
    waiting: int = 0


class Supply:
    """For all browsers of a run."""

    def __init__(self, fetch: Fetch, served: Served) -> None:
        self.hooks = Hooks()
        self._fetch, self._served = fetch, served
        self._asking: dict[tuple[str, str, bool], _Asking] = {}
        self._silent: Counter[str] = Counter()

    def visit(self, target: RenderTarget, page_id: str) -> "Visit":
        """For one page; `page_id` is the UUID of this visit."""
        return Visit(self, target, page_id)

    async def close(self) -> None:
        """What is under way for nobody any more is given up: nothing is to be recorded from here on."""
        tasks = [asking.task for asking in self._asking.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def exchange(self, url: str, asked: BrowserRequest, visit: "Visit") -> Exchange:
        """What this run has recorded, else what is recorded now. Raises `Refused`, `NetworkError`, `StorageError`."""
        again = asked.fresh and asked.kind not in REQUISITES  # what a page is made of came well, or was not kept
        exchange = None if again else self._served.get(url, _origin(asked)) or await self._earlier(url, asked, visit)
        if exchange is None:
            exchange = await self._asked_once(url, asked, visit)
        if exchange.truncated is Truncated.DISCONNECT:  # half a picture would be taken for a whole one
            exchange = await self._asked_once(url, asked, visit)
        return exchange

    async def _earlier(self, url: str, asked: BrowserRequest, visit: "Visit") -> Exchange | None:
        """What an interrupted crawl recorded, where it would be served had that crawl gone on."""
        recalled = await self.hooks.earlier(url) if self.hooks.earlier is not None else None
        if recalled is None:
            return None
        self._served.keep(recalled.exchange)
        exchange = self._served.get(url, _origin(asked))
        if exchange is not None and self.hooks.recorded is not None and visit.may_tell(recalled.recorded):
            self.hooks.recorded(recalled.recorded)
        return exchange

    async def _asked_once(self, url: str, asked: BrowserRequest, visit: "Visit") -> Exchange:
        """Two pages that want one script at the same time ask for it once. A HEAD is asked for as a GET, which tells more.

        When nobody waits any more it is given up: a page's time is over, and so are its requests.
        """
        key = (url, _origin(asked), visit.may_log_in(url, asked))
        asking = self._asking.get(key)
        if asking is None or asking.task.cancelling():
            asking = self._asking[key] = _Asking(asyncio.create_task(self._ask(url, asked, visit)))
            asking.task.add_done_callback(lambda done: self._asked(key, done))
        asking.waiting += 1
        try:
            return await asyncio.shield(asking.task)
        finally:
            asking.waiting -= 1
            if not asking.waiting and not asking.task.done():
                asking.task.cancel()

    def _asked(self, key: tuple[str, str, bool], done: "asyncio.Task[Exchange]") -> None:
        if self._asking[key].task is done:  # and not another one that began when this was given up
            del self._asking[key]
        if not done.cancelled():
            done.exception()  # whoever waited for it may be gone

    async def _ask(self, url: str, asked: BrowserRequest, visit: "Visit") -> Exchange:
        host, telling = host_of(url), platform_of_reply(url) is not None
        if self._silent[host] >= SILENT_ANSWERS:
            raise Refused(f"{host} did not answer before in this run")
        requisite = asked.kind in REQUISITES and not telling  # a reply that is asked for as a picture is a reply
        if self.hooks.turn is not None and not await self.hooks.turn(host, requisite):
            raise Refused("its host wants to be left alone for now")
        headers = [(name, value) for name, value in asked.headers if not telling or name.lower() in PLAIN]
        try:
            purpose = Purpose(visit.kind_of(url, asked), visit.page_id, with_cookies=visit.may_log_in(url, asked))
            fetched = await self._fetch(url, headers, purpose, REQUEST_LIMITS)
        except NetworkError:
            self._silent[host] += 1
            raise
        self._silent.pop(host, None)
        if self.hooks.recorded is not None and visit.may_tell(fetched.kept):
            self.hooks.recorded(fetched.kept)
        return fetched.exchange


@dataclass(slots=True)
class Visit:
    """One render: `answer` is what its browser asks."""

    supply: Supply
    target: RenderTarget
    page_id: str
    _way: set[str] = field(default_factory=set)
    """The addresses that the target redirects to, hop by hop."""
    _told: int = 0
    with_cookies: bool = False
    """The user's own cookies were sent for something that was answered."""

    async def answer(self, asked: BrowserRequest) -> BrowserResponse:
        """Raises `Refused`, `NetworkError`; and `StorageError`, which ends the render."""
        url = checked(asked.url)
        exchange = await self.supply.exchange(url, asked, self)
        self.with_cookies |= bool(exchange.blanked)
        if exchange.truncated in CUT_BY_US:
            raise Refused(f"it was cut off after {len(exchange.payload):,} bytes")
        if asked.main and self._on_the_way(url) and 300 <= exchange.head.status < 400:
            self._way |= {target} if (target := absolute(url, exchange.head.get("Location") or "")) else set()
        body, _ = decode_content(exchange.payload.chunks(), content_codings(exchange.head), REQUEST_LIMITS.max_bytes)
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in exchange.head.headers)
        return BrowserResponse(exchange.head.status, headers, body)

    def kind_of(self, url: str, asked: BrowserRequest) -> ResourceType:
        """A page is what was to be drawn, and what it redirects to; where its scripts lead is none of the crawl's pages."""
        if asked.main and self.target.post is None and self._on_the_way(url):
            return ResourceType.DOCUMENT
        return TYPES.get(asked.kind, ResourceType.OTHER)

    def may_log_in(self, url: str, asked: BrowserRequest) -> bool:
        """Whether the user's cookies may go with a request: for the page that was to be drawn, and for what it asks of its own
        host. In a frame that another site's page has, or where its scripts led, nobody is logged in.

        No browser sends cookies where another site's page asks (SameSite=Lax, the default), and what comes for them must not be
        given to its scripts: they could read it, and ask for an address of their own that tells it.
        """
        if asked.main and self._on_the_way(url):
            return True
        if host_of(url) not in map(host_of, (checked(self.target.url), *self._way)):
            return False
        said = {name.lower(): value for name, value in asked.headers}
        from_here = [host_of(said[name]) == host_of(url) for name in ("referer", "origin") if name in said]
        return bool(from_here) and all(from_here)

    def _on_the_way(self, url: str) -> bool:
        return url == checked(self.target.url) or url in self._way

    def may_tell(self, recorded: Recorded) -> bool:
        """Whether the crawl is to hear of it."""
        self._told += bool(recorded.findings.statements)
        return self._told <= MAX_TOLD


def _origin(asked: BrowserRequest) -> str:
    """Of the page that asks, where it may only read what is answered if that names this origin (Fetch standard, CORS check)."""
    return next((value for name, value in asked.headers if name.lower() == "origin"), "")
