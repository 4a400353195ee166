"""One crawler's archive: what its spider asks for is fetched, recorded and counted here."""

import json
import logging
import os
import uuid
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from scrapy.statscollectors import StatsCollector

from archiver import __version__
from archiver.crawling.session import MAX_LISTED, MAX_RECEIVED, CrawlOutcome, CrawlStats
from archiver.errors import ArchiveHeld, DiskFull, NetworkError, NotHttp, StorageError
from archiver.extraction.record import HTML_TYPES
from archiver.extraction.worker import PageReader
from archiver.model.exchange import Crawl, Exchange, Failure, Purpose, ResourceType
from archiver.network.connection import FetchLimits
from archiver.network.fetcher import Fetched, Fetcher
from archiver.recording.recorder import Recorded, Recorder
from archiver.scrapy.options import ArchiveOptions
from archiver.times import Clock, to_warc_date, utc_now

CONNECT_SECONDS = 20.0  # for name, connection and TLS; less where a request's own timeout is less
MAX_ROUTES = 256  # fetchers kept open; a project that rotates its proxies may have thousands of them
_BY_TYPE = {
    "text/css": ResourceType.STYLESHEET,
    "text/javascript": ResourceType.SCRIPT,
    "application/javascript": ResourceType.SCRIPT,
    "application/x-javascript": ResourceType.SCRIPT,
    "application/json": ResourceType.FETCH,
}
_BY_FAMILY = {
    "image": ResourceType.IMAGE,
    "video": ResourceType.MEDIA,
    "audio": ResourceType.MEDIA,
    "font": ResourceType.FONT,
}
_UNTOLD = ("", "application/octet-stream", "binary/octet-stream")  # Content-Types that say nothing of what it is

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Route:
    """How a request goes out."""

    proxy: str | None = field(default=None, repr=False)
    """`http://user:password@host:port`; the password is sent to the proxy and never recorded."""
    local_address: tuple[str, int] | None = None
    """Address and port of this machine; port 0 is any."""


@dataclass(frozen=True, slots=True)
class OutgoingRequest:
    """A request of the spider's as the fetcher takes it."""

    url: str
    method: str
    headers: list[tuple[str, str]]
    body: bytes
    asked_for: ResourceType
    """DOCUMENT where it may be anything, MEDIA for a pipeline that downloads files, FETCH for robots.txt, XHR for whatever is
    no GET. What is recorded goes by the response's Content-Type as well: see `resource_type`."""
    limits: FetchLimits
    route: Route = Route()


class Recording:
    """Recorder, reader of pages and fetchers of one crawler. `close` it in the event loop in which it fetched."""

    def __init__(
        self,
        options: ArchiveOptions,
        job: str,
        about: Mapping[str, Any],
        stats: StatsCollector,
        *,
        user_agent: str,
        connections_per_host: int,
        on_trouble: Callable[[StorageError], None],
        clock: Clock = utc_now,
    ) -> None:
        """`about` goes into the archive: what kind of crawl this is, as JSON, without secrets. `on_trouble` is to end the crawl:
        nothing more can be recorded.

        Raises `ArchiveHeld`, `StorageError`, `UsageError`.
        """
        self.options, self._stats, self._on_trouble, self._clock = options, stats, on_trouble, clock
        settings = json.dumps({"job": job, **about}, ensure_ascii=False, sort_keys=True, default=str)
        crawl = Crawl(str(uuid.uuid4()), job, to_warc_date(clock()), f"embed-archiver/{__version__}", settings)
        self._reader = PageReader()
        self._open_fetcher: Callable[[Route], Fetcher[Recorded | None]] = lambda route: Fetcher(
            self._record,
            user_agent=user_agent,
            allow_private=options.allow_private,
            connect_to=options.connect_to,
            cacert=options.cacert,
            proxy=route.proxy,
            local_address=route.local_address,
            limits=FetchLimits(connect_seconds=CONNECT_SECONDS),
            connections_per_host=connections_per_host,
            clock=clock,
        )
        self._fetchers: OrderedDict[Route, Fetcher[Recorded | None]] = OrderedDict({Route(): self._open_fetcher(Route())})
        self._under_way: Counter[Route] = Counter()
        self._posts: set[tuple[str, str]] = set()
        self.crawl_stats, self.outcome = CrawlStats(), CrawlOutcome()
        self.closed = False
        try:
            self.recorder = Recorder(options.directory, crawl, read=self._reader.read, clock=clock, min_free=options.min_free)
        except ArchiveHeld as error:
            if f"process {os.getpid()} " not in str(error):
                raise
            told = "another crawler of this process: give each an ARCHIVE_DIR of its own, or start one when the other has ended"
            raise ArchiveHeld(f"{options.directory} is being written to by {told}") from error
        try:
            self.recorder.catch_up()
        except BaseException:
            self.recorder.close()
            raise
        self.recorder.on_low = self.trouble
        self.outcome.notes |= {warc: f"it is missing or too short, with {n} captures" for warc, n in self.recorder.lost.items()}

    # --- fetching ---------------------------------------------------------------------------------------------------------

    async def fetch(self, request: OutgoingRequest) -> Fetched[Recorded | None]:
        """One recorded request. A failure is noted in the archive and raised: `NetworkError`, or `StorageError`. Raises
        `UsageError` for a proxy, `ValueError` for a method or header that cannot be sent."""
        purpose = Purpose(request.asked_for)
        fetcher = await self._fetcher(request.route)
        self._under_way[request.route] += 1
        try:
            fetched = await fetcher.fetch(
                request.url,
                method=request.method,
                headers=request.headers,
                body=request.body,
                purpose=purpose,
                limits=request.limits,
                secret=self.options.blank_headers,
            )
        except NetworkError as error:
            received = error.received[:MAX_RECEIVED] if isinstance(error, NotHttp) else b""
            self.recorder.note(Failure(request.url, self._clock(), type(error).__name__, str(error), received, purpose))
            self._count("failures")
            raise
        finally:
            self._under_way[request.route] -= 1
        self.crawl_stats.requests += 1
        self.crawl_stats.bytes += len(fetched.exchange.response)
        self._count("bytes", len(fetched.exchange.response))
        return fetched

    async def _fetcher(self, route: Route) -> Fetcher[Recorded | None]:
        if route not in self._fetchers:
            idle = [other for other in self._fetchers if not self._under_way[other]]
            if len(self._fetchers) >= MAX_ROUTES and idle:
                del self._under_way[idle[0]]
                await self._fetchers.pop(idle[0]).close()
            self._fetchers[route] = self._open_fetcher(route)
        self._fetchers.move_to_end(route)
        return self._fetchers[route]

    async def _record(self, exchange: Exchange) -> Recorded | None:
        """None for a HEAD: that is kept as a note, with no capture of its URL."""
        if exchange.method == "HEAD":
            self.recorder.note_head(exchange)
            self._count("heads")
            return None
        kind = resource_type(exchange.purpose.resource_type, exchange.head.get("Content-Type"))
        page_id = str(uuid.uuid4()) if kind is ResourceType.DOCUMENT else None
        recorded = await self.recorder.record(replace(exchange, purpose=Purpose(kind, page_id)))
        self._count_recorded(recorded)
        return recorded

    def _count_recorded(self, recorded: Recorded) -> None:
        findings, unchanged = recorded.findings, recorded.capture.record_type == "revisit"
        self._count("captures")
        self._count("revisits", unchanged)
        self._count("truncated", recorded.capture.truncated is not None)
        if findings.page is not None:
            embeds = findings.embeds.embeds if findings.embeds is not None else ()
            posts = {(embed.platform, embed.post_id) for embed in embeds if embed.post_id is not None}
            self._count("pages")
            self._count("embeds", len(embeds))
            self._count("posts", len(posts - self._posts))
            self._posts |= posts
            self.crawl_stats.pages += 1
            self.crawl_stats.unchanged += unchanged
            self.crawl_stats.embeds += len(embeds)
        if findings.media is not None:
            self._count("media")
            self.crawl_stats.media += 1
        if findings.unreadable is not None:
            self._count("unreadable")
            if len(self.outcome.unread) < MAX_LISTED:
                self.outcome.unread.append((recorded.capture.url, findings.unreadable))

    def _count(self, name: str, number: int = 1) -> None:
        if number:
            self._stats.inc_value(f"archive/{name}", int(number))

    # --- the end ----------------------------------------------------------------------------------------------------------

    def trouble(self, error: StorageError) -> None:
        """The archive cannot be written to, or its disk is nearly full: the crawl is to end."""
        if self.outcome.trouble is None:
            self.outcome.trouble = error
            logger.error("%s", error)
            self._on_trouble(error)

    def commit(self) -> None:
        """Makes all that was recorded safe and findable at once, for who does not say when it ends. Raises `StorageError`."""
        self.recorder.commit()

    async def close(self) -> None:
        """Writes down how the crawl ended, makes everything safe, seals the files, and lets the archive go."""
        if self.closed:
            return
        self.closed = True
        try:
            for fetcher in self._fetchers.values():
                await fetcher.close()
            await self._reader.close()
        finally:
            try:
                self.recorder.finish({**self.outcome.to_json(), "tally": asdict(self.crawl_stats)})
            finally:
                self.recorder.close()

    def summary(self) -> str:
        """What was recorded and where, in one line."""
        names = ("captures", "revisits", "pages", "embeds", "posts", "media", "heads", "failures", "truncated", "unreadable")
        numbers = {name: self._stats.get_value(f"archive/{name}", 0) for name in names}
        told = [f"{number:,} {name}" for name, number in numbers.items() if number or name in ("captures", "pages", "embeds")]
        full = " (the disk is nearly full)" if isinstance(self.outcome.trouble, DiskFull) else ""
        return f"recorded in {self.options.directory.resolve()}: {', '.join(told)}{full}"


def resource_type(asked_for: ResourceType, content_type: str | None) -> ResourceType:
    """What a response is to be recorded as: WARC-Resource-Type, which says to every later reader how to take it.

    `asked_for`: as `OutgoingRequest` has it. A GET's response is a page where its Content-Type is HTML's, or where it has none.
    """
    kind = (content_type or "").split(";")[0].strip().lower()
    if asked_for in (ResourceType.XHR, ResourceType.FETCH):
        return asked_for
    if kind in HTML_TYPES:
        return ResourceType.DOCUMENT
    if kind in _UNTOLD:
        return asked_for if asked_for is ResourceType.MEDIA or not kind else ResourceType.OTHER
    if kind.endswith(("+json", "xml")):  # also feeds and sitemaps
        return ResourceType.FETCH
    return _BY_TYPE.get(kind) or _BY_FAMILY.get(kind.partition("/")[0], ResourceType.OTHER)
