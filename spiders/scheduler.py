"""The frontier as Scrapy's scheduler, and the item pipeline that tells it what came of each request.

Scrapy's own scheduler hands out whatever it has as soon as the downloader has a free slot, where a request to a slow host then
waits. Here a request is handed out when its host is ready, so one that waits takes no slot, and it waits in state.db, where it
survives a kill. See docs/decisions/0006-scheduler.md.
"""

import asyncio
import uuid
from dataclasses import replace
from typing import Self

from scrapy import Request, Spider
from scrapy.core.scheduler import BaseScheduler
from scrapy.crawler import Crawler

from archiver.model.exchange import Purpose
from archiver.model.findings import PostRef
from spiders.crawl_request import CRAWL_REQUEST, GATED, SEQ, CrawlRequest, RequestKind
from spiders.download import EARLIER, PURPOSE
from spiders.posts import PostsSpider
from spiders.response_policy import RequestResult
from spiders.robots import FORBIDDEN, robots_apply


class FrontierScheduler(BaseScheduler):
    """Scrapy's scheduler of the spider `posts`, which owns the frontier."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._timer: asyncio.TimerHandle | None = None
        self._pages_begun = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def open(self, spider: Spider) -> None:
        if not isinstance(spider, PostsSpider):
            raise TypeError(f"this scheduler is the spider `posts`' own, and cannot serve `{spider.name}`")
        self._spider, self._frontier = spider, spider.frontier
        self._frontier.on_change = self._wake_engine

    def close(self, reason: str) -> None:
        self._frontier.on_change = None
        if self._timer is not None:
            self._timer.cancel()

    def has_pending_requests(self) -> bool:
        """Whether Scrapy is to keep the spider open: something waits for its host, or a browser renders."""
        return self._frontier.pending()

    def enqueue_request(self, request: Request) -> bool:
        """Keeps a request in state.db. False where the run has it already, or it cannot be kept."""
        try:
            return self._frontier.add([request.meta[CRAWL_REQUEST]]) > 0
        except Exception as error:  # noqa: BLE001  a full disk or a bug of ours: Scrapy has nobody who hears of it
            self._spider.give_up(error)
            return False

    def next_request(self) -> Request | None:
        """The next request whose host is ready; None where none may go now. Then the engine is woken when one may."""
        if not self._spider.started:
            return None
        try:
            while (found := self._frontier.next_request()) is not None:
                request = self._admit(*found)
                if request is not None:
                    return request
            self._wake_after(self._frontier.wait)
        except Exception as error:  # noqa: BLE001  as in `enqueue_request`
            self._spider.give_up(error)
        return None

    # --- waking Scrapy ----------------------------------------------------------------------------------------------------

    def _wake_after(self, seconds: float | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._wake_engine) if seconds is not None else None

    def _wake_engine(self) -> None:
        """Has the engine ask for requests, and look whether the spider is idle.

        Scrapy 2.19 does so by itself after each response, and every 5 seconds. Nothing public does it without a request.
        """
        slot = self._crawler.engine._slot if self._crawler.engine is not None else None
        if slot is not None:
            slot.nextcall.schedule()

    # --- whether a request is made ----------------------------------------------------------------------------------------

    def _admit(self, seq: int, request: CrawlRequest) -> Request | None:
        """The request for Scrapy's downloader. None where it goes to a browser, robots.txt comes first or forbids it, the crawl
        has enough pages, or a browser has met it."""
        spider, session = self._spider, self._spider.session
        if request.kind is RequestKind.RENDER:
            if spider.renders is not None:
                session.stats.renders_wanted = self._frontier.renders_wanted
                spider.renders.begin(seq, request)
            return None
        asked = request.kind is RequestKind.ASK and not (request.tries or request.again)
        if asked and session.response_cache.get(request.url) is not None:  # a browser asked the platform meanwhile
            self._frontier.cancel_delay(seq)
            self._frontier.done(seq)
            return None
        if robots_apply(request):
            if not spider.robots.knows(request.url) and session.plan.settings.ignore_robots is None:
                spider.robots_gate.require_robots(seq, request)
                return None
            if not self._may_go(seq, request):
                return None
        request = replace(request, page_visit=str(uuid.uuid4()) if request.kind is RequestKind.PAGE else request.page_visit)
        earlier = spider.resume.answer(seq, request)
        if earlier is not None:  # nothing is sent: the response is read from the archive
            self._frontier.cancel_delay(seq)
        headers = session.recorder.crawl_index.validators(request.url) if request.kind in GATED else []
        admitted = spider.scrapy_request(request).replace(headers=headers)
        admitted.meta.update({SEQ: seq, PURPOSE: self._purpose(request), EARLIER: earlier})
        return admitted

    def _purpose(self, request: CrawlRequest) -> Purpose:
        """With what a platform is asked, so that its reply is read by that wherever a redirect leads."""
        if request.kind is not RequestKind.ASK or request.post is None:
            return request.purpose
        asked = request.via[0] if request.via else request.url
        question = self._spider.session.doors.question(PostRef(*request.post), asked, control=request.control)
        return replace(request.purpose, question=question)

    def _may_go(self, seq: int, request: CrawlRequest) -> bool:
        limit = self._spider.session.plan.settings.max_pages
        begins = request.kind is RequestKind.PAGE and not request.tries and not request.redirects  # else it was counted before
        if begins and limit is not None and self._pages_begun >= limit:
            self._spider.session.outcome.limited = True
            self._frontier.cancel_delay(seq)
            if request.again:  # an audit requeued it: it stays in the requeue list
                self._frontier.failed(seq, "more pages than --max-pages")
            else:
                self._frontier.done(seq)
            return False
        if not self._spider.robots.allows(request.url):
            self._frontier.cancel_delay(seq)
            self._refused_by_robots(seq, request)
            return False
        self._pages_begun += begins
        return True

    def _refused_by_robots(self, seq: int, request: CrawlRequest) -> None:
        unread = self._spider.robots.unread(request.url)
        if unread is None:
            self._frontier.done(seq)
        else:  # nobody said no: the next run asks again
            self._frontier.failed(seq, unread)
        if request.seed or (unread is not None and request.kind is RequestKind.PAGE):
            self._spider.failures.add(request.url, unread or FORBIDDEN)


class FrontierPipeline:
    """Scrapy's item pipeline of the spider `posts`: its only items are results.

    A result counts only here, when the scheduler has all requests that the callback yielded before it. A commit of the frontier
    in between leaves the request unfinished, so a kill loses none of them.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, item: RequestResult) -> RequestResult:
        assert isinstance(self._crawler.spider, PostsSpider)  # the scheduler serves no other
        self._crawler.spider.settle(item)
        return item
