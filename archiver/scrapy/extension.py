"""The extension that the add-on switches on: it opens and closes the archive, and tells the log and the stats."""

import asyncio
import logging
from typing import Any, Self

import scrapy
from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.utils.asyncio import is_asyncio_available

from archiver.errors import ArchiverError, StorageError, UsageError
from archiver.scrapy.options import in_settings_words, read_options, require_our_handlers
from archiver.scrapy.recording import Recording
from archiver.urls import host_of

INTERACTIVE_JOB = "shell"
# Recorded by Scrapy's S3 handler through ours: it signs a request, and asks for it over https.
RECORDED_SCHEMES = ("http", "https", "s3")

logger = logging.getLogger(__name__)


class ArchiveExtension:
    """Opens the archive before the spider starts, closes it when it has ended, however it ended."""

    def __init__(self, crawler: Crawler) -> None:
        """Raises `ArchiveHeld`, `StorageError`, `UsageError`, which end the crawl before it begins."""
        self._crawler = crawler
        self.interactive = crawler.spider is None
        """In `scrapy shell`, which never says that it ends."""
        self._others: set[str] = set()
        self._stopping: asyncio.Task[None] | None = None  # the loop itself keeps no strong reference to a task
        self._recording: Recording | None = None
        try:
            require_our_handlers(crawler.settings)
            if not is_asyncio_available():
                reactor = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
                raise UsageError(f"the archive's fetcher needs asyncio: set TWISTED_REACTOR = \"{reactor}\", Scrapy's default")
            if not self.interactive:  # else in the thread of the shell's event loop, by the handler: SQLite wants to stay in one
                self._recording = self._open()
        except ArchiverError as error:
            words = in_settings_words(str(error))
            logger.error("nothing is crawled: %s", words)
            error.args = (words,)
            raise
        crawler.signals.connect(self._sees_request, signals.request_reached_downloader)
        crawler.signals.connect(self._sees_response, signals.response_received)
        crawler.signals.connect(self._spider_closed, signals.spider_closed)
        crawler.signals.connect(self._engine_stopped, signals.engine_stopped)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    @property
    def recording(self) -> Recording:
        """Opened at the first call in `scrapy shell`; then raises what `__init__` raises elsewhere."""
        if self._recording is None:
            self._recording = self._open()
        return self._recording

    def _open(self) -> Recording:
        settings = self._crawler.settings
        options = read_options(settings)
        name = INTERACTIVE_JOB if self.interactive else self._crawler.spidercls.name
        recording = Recording(
            options,
            options.job or name or "scrapy",
            _about(self._crawler),
            self._crawler.stats,
            user_agent=settings["USER_AGENT"],
            connections_per_host=max(1, settings.getint("CONCURRENT_REQUESTS")),
            on_trouble=self._end,
        )
        for warc, note in recording.outcome.notes.items():
            logger.warning("%s: %s; `archiver verify` tells more", warc, note)
        return recording

    def _end(self, error: StorageError) -> None:
        engine = self._crawler.engine
        if self._stopping is None and engine.spider is not None:
            self._stopping = asyncio.ensure_future(engine.close_spider_async(reason="archive_failed"))

    # --- what is not recorded ---------------------------------------------------------------------------------------------

    def _sees_request(self, request: Request, **_: Any) -> None:
        scheme = request.url.partition(":")[0].lower()
        if scheme not in RECORDED_SCHEMES:
            self._not_archived(scheme, f"{scheme}: addresses are asked for by Scrapy itself and are not recorded")

    def _sees_response(self, response: Response, **_: Any) -> None:
        if "cached" in response.flags:
            self._not_archived("cached", "what HTTPCACHE answers is not asked for again and is not recorded again")

    def _not_archived(self, kind: str, told: str) -> None:
        self._crawler.stats.inc_value(f"archive/not_archived/{kind}")
        if kind not in self._others:
            self._others.add(kind)
            logger.warning("%s (said once)", told)

    # --- the end ----------------------------------------------------------------------------------------------------------

    async def _spider_closed(self, spider: Spider, reason: str) -> None:
        if self._recording is not None:
            self._recording.outcome.interrupted = reason == "shutdown"
            self._recording.outcome.limited = reason.startswith("closespider_")
        await self._close()

    async def _engine_stopped(self) -> None:
        """Also where no spider was ever opened."""
        await self._close()

    async def _close(self) -> None:
        if self._recording is None or self._recording.closed:
            return
        try:
            await self._recording.close()
        except StorageError as error:
            logger.error("%s. What was recorded is found by the next crawl, or by `archiver reindex`", error)
        logger.info("%s", self._recording.summary())


def _about(crawler: Crawler) -> dict[str, Any]:
    """What the archive is told of this crawl."""
    settings = crawler.settings
    about = {
        "scrapy": scrapy.__version__,
        "bot": settings["BOT_NAME"],
        "user_agent": settings["USER_AGENT"],
        "robots_obeyed": settings.getbool("ROBOTSTXT_OBEY"),
    }
    if crawler.spider is not None:
        about |= {"spider": crawler.spider.name, "seeds": [url for url in crawler.spider.start_urls if host_of(url)]}
    return about
