"""Subresources: the responses that browsers are given, out of what this crawl has recorded, else fetched and recorded now."""

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from archiver.browser.traffic import BrowserRequest, BrowserResponse, Refused
from archiver.crawling.response_cache import ResponseCache
from archiver.errors import NetworkError
from archiver.model.exchange import Exchange, Purpose, ResourceType, Truncated
from archiver.model.render import RenderTarget
from archiver.network.fetcher import Fetched, FetchLimits
from archiver.platforms import is_never_loaded, platform_named, platform_of_reply, post_of_url
from archiver.recording.recorder import Recorded
from archiver.recording.replay import ReplayedResponse
from archiver.urls import absolute, checked, host_of
from archiver.wire.content_coding import decode_content
from archiver.wire.http1 import content_codings

# Of one request. A response that is larger or slower is kept as far as it came, and the browser gets none.
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
# The headers that go to a platform. A page's own scripts choose the others; a reply counts only as anybody is given it.
PLAIN = frozenset({"user-agent", "origin", "referer"})
SILENT_ANSWERS = 2  # a host that failed so often in a row is not asked again: dead widgets stand on all pages of an old blog
MAX_REPORTED = 50  # platform replies of one page that the crawl follows: a hostile page may ask for thousands

Fetch = Callable[[str, list[tuple[str, str]], Purpose, FetchLimits], Awaitable[Fetched[Recorded]]]
"""A recorded request: URL, headers, purpose, limits. Raises `NetworkError`, `StorageError`."""
Turn = Callable[[str, bool], Awaitable[bool]]
"""Waits until a host may be asked; the flag says that the request is for a requisite of a page. False: not now."""

_Asked = tuple[str, str, str, bool]
"""What makes two requests one: URL, origin and Referer as far as the response may depend on them, whether cookies are sent."""


@dataclass(slots=True)
class Hooks:
    """Where the crawl takes part in a render."""

    turn: Turn | None = None
    recorded: Callable[[Recorded], None] | None = None
    """Called with each exchange that was recorded for a browser."""
    earlier: Callable[[str], Awaitable[ReplayedResponse | None]] | None = None
    """Reads the response to a URL that an interrupted crawl of the same run recorded."""


@dataclass(slots=True)
class _SharedFetch:
    """A request that is under way, for all pages that wait for its response."""

    task: "asyncio.Task[Exchange]"
    waiting: int = 0


class Subresources:
    """Answers the requests of all browsers of a crawl."""

    def __init__(self, fetch: Fetch, cache: ResponseCache) -> None:
        self.hooks = Hooks()
        self._fetch, self._cache = fetch, cache
        self._under_way: dict[_Asked, _SharedFetch] = {}
        self._silent: Counter[str] = Counter()

    def visit(self, target: RenderTarget, page_id: str) -> "PageVisit":
        """The visit of one render; `page_id` is its UUID (WARC-Page-ID)."""
        return PageVisit(self, target, page_id)

    async def close(self) -> None:
        """Gives up the requests that are under way: nothing is recorded from here on."""
        tasks = [shared.task for shared in self._under_way.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def exchange(self, url: str, asked: BrowserRequest, visit: "PageVisit") -> Exchange:
        """The exchange that this crawl has recorded of `url`, else one that is recorded now.

        Raises `Refused`, `NetworkError`, `StorageError`.
        """
        if is_never_loaded(url):
            raise Refused(f"{host_of(url)} shows what a stranger put there, and no posts any more")
        again = asked.fresh and asked.kind not in REQUISITES  # a requisite in the cache is whole: it need not come again
        exchange = None if again else self._cached(url, asked) or await self._earlier(url, asked, visit)
        if exchange is None:
            exchange = await self._fetch_once(url, asked, visit)
        if exchange.truncated is Truncated.DISCONNECT:  # half a picture would be taken for a whole one
            exchange = await self._fetch_once(url, asked, visit)
        return exchange

    def _cached(self, url: str, asked: BrowserRequest) -> Exchange | None:
        """What the cache may give to the page that asks."""
        exchange = self._cache.get(url, _origin(asked))
        if exchange is not None and _is_player(asked) and _header(exchange.request, "referer") != _referer(asked):
            return None  # a player that refuses one site, or who comes from nowhere, plays for another
        if exchange is not None and exchange.head.status != 200 and _passes_challenge(url):
            return None  # the redirect to a challenge is that of somebody who has not passed it
        return exchange

    async def _earlier(self, url: str, asked: BrowserRequest, visit: "PageVisit") -> Exchange | None:
        """The exchange that an interrupted crawl of this run recorded, where the cache may give it to this page."""
        replayed = await self.hooks.earlier(url) if self.hooks.earlier is not None else None
        if replayed is None:
            return None
        self._cache.keep(replayed.exchange)
        exchange = self._cached(url, asked)
        if exchange is not None and self.hooks.recorded is not None and visit.may_report(replayed.recorded):
            self.hooks.recorded(replayed.recorded)
        return exchange

    async def _fetch_once(self, url: str, asked: BrowserRequest, visit: "PageVisit") -> Exchange:
        """Fetches `url` once for all pages that ask for it at the same time. A HEAD is sent as a GET, which tells more.

        The request is given up when no page waits for it any more.
        """
        key = (url, _origin(asked), _referer(asked) if _is_player(asked) else "", visit.may_send_cookies(url, asked))
        shared = self._under_way.get(key)
        if shared is None or shared.task.cancelling():
            shared = self._under_way[key] = _SharedFetch(asyncio.create_task(self._fetch_now(url, asked, visit)))
            shared.task.add_done_callback(lambda done: self._forget(key, done))
        shared.waiting += 1
        try:
            return await asyncio.shield(shared.task)
        finally:
            shared.waiting -= 1
            if not shared.waiting and not shared.task.done():
                shared.task.cancel()

    def _forget(self, key: _Asked, done: "asyncio.Task[Exchange]") -> None:
        if self._under_way[key].task is done:  # and not a later one, which began when this was given up
            del self._under_way[key]
        if not done.cancelled():
            done.exception()  # whoever waited for it may be gone

    async def _fetch_now(self, url: str, asked: BrowserRequest, visit: "PageVisit") -> Exchange:
        host, is_reply = host_of(url), platform_of_reply(url) is not None
        if self._silent[host] >= SILENT_ANSWERS:
            raise Refused(f"{host} did not answer before in this run")
        requisite = asked.kind in REQUISITES and not is_reply  # a reply that is asked for as a picture is a reply
        if self.hooks.turn is not None and not await self.hooks.turn(host, requisite):
            raise Refused("its host wants to be left alone for now")
        plain = PLAIN | {"cookie"} if _passes_challenge(url) else PLAIN  # of this render alone: it is the sign that it passed
        headers = [(name, value) for name, value in asked.headers if not is_reply or name.lower() in plain]
        try:
            purpose = Purpose(visit.kind_of(url, asked), visit.page_id, with_cookies=visit.may_send_cookies(url, asked))
            fetched = await self._fetch(url, headers, purpose, REQUEST_LIMITS)
        except NetworkError:
            self._silent[host] += 1
            raise
        self._silent.pop(host, None)
        if self.hooks.recorded is not None and visit.may_report(fetched.kept):
            self.hooks.recorded(fetched.kept)
        return fetched.exchange


@dataclass(slots=True)
class PageVisit:
    """The requests of one render's browser: `answer` responds to each."""

    subresources: Subresources
    target: RenderTarget
    page_id: str
    _hops: set[str] = field(default_factory=set)
    """The URLs that the target redirects to."""
    _reported: int = 0
    with_cookies: bool = False
    """The user's own cookies were sent with a request that got a response."""

    async def answer(self, asked: BrowserRequest) -> BrowserResponse:
        """The response to one request. Raises `Refused`, `NetworkError`; and `StorageError`, which ends the render."""
        url = checked(asked.url)
        exchange = await self.subresources.exchange(url, asked, self)
        self.with_cookies |= bool(exchange.blanked)
        if exchange.truncated in CUT_BY_US:
            raise Refused(f"it was cut off after {len(exchange.payload):,} bytes")
        if asked.main and self._is_target(url) and 300 <= exchange.head.status < 400:
            self._hops |= {target} if (target := absolute(url, exchange.head.get("Location") or "")) else set()
        body, _ = decode_content(exchange.payload.chunks(), content_codings(exchange.head), REQUEST_LIMITS.max_bytes)
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in exchange.head.headers)
        return BrowserResponse(exchange.head.status, headers, body)

    def kind_of(self, url: str, asked: BrowserRequest) -> ResourceType:
        """The kind of resource, for the WARC record. The target and what it redirects to are a document; a page that its scripts
        lead to is none of the crawl's pages."""
        if asked.main and self.target.post is None and self._is_target(url):
            return ResourceType.DOCUMENT
        return TYPES.get(asked.kind, ResourceType.OTHER)

    def may_send_cookies(self, url: str, asked: BrowserRequest) -> bool:
        """Whether the user's cookies may go with a request: for the target, and for what it asks of its own host. In another
        site's frame, or where its scripts led, nobody is logged in.

        No browser sends cookies where another site's page asks (SameSite=Lax, the default), and the response must not be given to
        that page's scripts: they could read it, and send it to a host of their own.
        """
        if asked.main and self._is_target(url):
            return True
        if host_of(url) not in map(host_of, (checked(self.target.url), *self._hops)):
            return False
        headers = {name.lower(): value for name, value in asked.headers}
        from_here = [host_of(headers[name]) == host_of(url) for name in ("referer", "origin") if name in headers]
        return bool(from_here) and all(from_here)

    def _is_target(self, url: str) -> bool:
        return url == checked(self.target.url) or url in self._hops

    def may_report(self, recorded: Recorded) -> bool:
        """Whether the crawl is to follow what was recorded: not beyond `MAX_REPORTED` platform replies."""
        self._reported += bool(recorded.findings.statements)
        return self._reported <= MAX_REPORTED


def _origin(asked: BrowserRequest) -> str:
    """The origin of the page that asks, where the page may read the response only if that names it (Fetch standard, CORS check);
    "" where it may read any."""
    return next((value for name, value in asked.headers if name.lower() == "origin"), "")


def _referer(asked: BrowserRequest) -> str:
    return next((value for name, value in asked.headers if name.lower() == "referer"), "")


def _is_player(asked: BrowserRequest) -> bool:
    """Whether a document is asked for that plays a video, and may do so only in some sites' pages."""
    post = post_of_url(asked.url) if asked.kind == "document" else None
    platform = platform_named(post.platform) if post is not None else None
    return platform is not None and platform.plays_videos


def _passes_challenge(url: str) -> bool:
    """Whether a platform's reply is asked for, to which a browser gets by a script of the platform's."""
    platform = platform_of_reply(url)
    return platform is not None and platform.browser_passes


def _header(request: bytes, name: str) -> str:
    """The value of a header in a request's head; "" where there is none."""
    found = re.search(rb"\r\n" + name.encode() + rb":[ \t]*([^\r\n]*)", request, re.I)
    return found[1].decode("latin-1").strip() if found is not None else ""
