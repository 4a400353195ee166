"""The spider `posts`: from seeds to pages, from pages to the posts they embed, from posts to their pictures."""

import uuid
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import scrapy
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure

from archiver.config import CrawlSettings, load_config
from archiver.errors import HostNotFound, NetworkError, StorageError, UsageError
from archiver.paths import ArchivePaths
from archiver.platforms import PLATFORMS
from archiver.recorder import Recorded
from archiver.session import CrawlPlan, Session, open_session
from archiver.urls import checked
from spiders.answers import Judgement, Turn, judge, judge_error
from spiders.download import PURPOSE, RECORDED
from spiders.follow import wishes_after, wishes_for_seed
from spiders.frontier import Frontier, run_name
from spiders.robots import Robots, origin_of
from spiders.scope import scope_of
from spiders.wishes import GATED, Wish, WishKind

SILENT_ANSWERS = 3  # a host that fails so often in a row is left alone for the rest of the run
_WISH = "archiver_wish"


class PostsSpider(scrapy.Spider):
    """Decides which URLs; the fetcher keeps what comes, the archive says what it tells, the frontier says when.

    `archiver crawl` hands it a session. Under `scrapy crawl posts -a url=… [-a archive=DIR] [-a scope=…]` it opens one itself.
    """

    name = "posts"

    def __init__(self, session: Session, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.session = session
        plan = session.plan
        self.scope = scope_of(plan)
        self.robots = Robots(plan.settings.user_agent)
        self.frontier = Frontier(
            ArchivePaths(plan.data_dir).state,
            run_name(plan.job, plan.seeds, plan.scope),
            delay=plan.settings.delay,
            paces={host: pace for platform in PLATFORMS for host, pace in platform.paces.items()},
            concurrency=plan.settings.concurrency,
            clock=session.clock,
        )
        self._silent: Counter[str] = Counter()
        self._pages_begun = 0
        session.stop = self.frontier.stop
        session.recorder.on_commit = self.frontier.commit  # a wish counts as met only when its bytes are safe

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, session: Session | None = None, **kwargs: Any) -> Self:
        if session is None:
            session = open_session(_plan_of_arguments(kwargs))
        spider = cls(session=session)
        spider._set_crawler(crawler)
        return spider

    # --- asking -----------------------------------------------------------------------------------------------------------

    async def start(self) -> AsyncIterator[Request]:
        seeds = (wish for seed in self.session.plan.seeds for wish in wishes_for_seed(checked(seed), self.scope))
        self.frontier.add(seeds)
        while (found := await self.frontier.next()) is not None:
            request = self._request(*found)
            if request is not None:
                yield request

    def _request(self, seq: int, wish: Wish) -> Request | None:
        """The request for a wish; None where robots.txt must come first, or says no, or the crawl has enough pages."""
        if wish.kind in GATED:
            if not self.robots.knows(wish.url) and self.session.plan.settings.ignore_robots is None:
                self.frontier.put_back(seq, wish)
                self.frontier.hold(wish.host)
                self.frontier.add([Wish(f"{origin_of(wish.url)}/robots.txt", WishKind.ROBOTS, optional=True)])
                return None
            if not self._may_ask(seq, wish):
                return None
        visit = str(uuid.uuid4()) if wish.kind is WishKind.PAGE else wish.page_visit
        wish = replace(wish, page_visit=visit)
        headers = self.session.recorder.validators(wish.url) if wish.kind in GATED else []
        return Request(
            wish.url,
            headers=headers,
            callback=self.parse,
            errback=self.missed,
            dont_filter=True,
            meta={_WISH: (seq, wish), PURPOSE: wish.purpose, "verbatim_url": True},
        )

    def _may_ask(self, seq: int, wish: Wish) -> bool:
        limit = self.session.plan.settings.max_pages
        if wish.kind is WishKind.PAGE and limit is not None and self._pages_begun >= limit:
            self.frontier.done(seq)
            return False
        if not self.robots.allows(wish.url):
            self.frontier.done(seq)
            if wish.seed:
                self.session.outcome.failed.append((wish.url, "robots.txt does not allow it; `--ignore-robots REASON` asks all the same"))
            return False
        if wish.kind is WishKind.PAGE:
            self._pages_begun += 1
        return True

    # --- answers ----------------------------------------------------------------------------------------------------------

    def parse(self, response: Response, **_: Any) -> None:
        seq, wish = response.meta[_WISH]
        recorded: Recorded = response.meta[RECORDED]
        self._silent.pop(wish.host, None)
        judgement = judge(wish, recorded.head, recorded.capture.truncated, self.session.clock())
        if wish.kind is WishKind.ROBOTS:
            self._learn_robots(wish, recorded.capture.status, response.body, judgement)
        self._count(wish, recorded)
        if judgement.turn in (Turn.DONE, Turn.FAILED):
            self.frontier.add(wishes_after(wish, recorded.findings, self.scope, self.session.held))
        self._settle(seq, wish, judgement)

    def missed(self, failure: Failure) -> None:
        """No answer came, or it could not be kept."""
        error = failure.value
        seq, wish = failure.request.meta[_WISH]
        if isinstance(error, StorageError):
            self.session.outcome.trouble = error
            self.frontier.stop()
            raise CloseSpider("storage")
        if not isinstance(error, NetworkError):
            self.frontier.failed(seq, f"{type(error).__name__}: {error}")
            failure.raiseException()
        judgement = judge_error(wish, error)
        if wish.kind is WishKind.ROBOTS and judgement.turn is not Turn.RETRY:
            self._learn_robots(wish, None, b"", judgement)
        self._silent[wish.host] += 1
        if isinstance(error, HostNotFound) or self._silent[wish.host] >= SILENT_ANSWERS:
            self._leave_alone(wish.host, str(error))
        self._settle(seq, wish, judgement)

    def _settle(self, seq: int, wish: Wish, judgement: Judgement) -> None:
        match judgement.turn:
            case Turn.DONE:
                self.frontier.done(seq)
            case Turn.RETRY:
                self.frontier.later(seq, replace(wish, tries=wish.tries + 1), judgement.seconds)
            case Turn.PAUSE_HOST:
                self.frontier.pause(wish.host, judgement.seconds)
                self.frontier.later(seq, replace(wish, tries=wish.tries + 1), judgement.seconds)
            case Turn.NEXT_ADDRESS:
                self.frontier.done(seq)
                self.frontier.add(filter(None, [wish.next_address()]))
            case Turn.FAILED:
                self.frontier.failed(seq, judgement.reason)
                if (wish.seed or wish.kind is WishKind.PAGE) and not wish.optional:
                    self.session.outcome.failed.append((wish.url, judgement.reason))

    def _learn_robots(self, wish: Wish, status: int | None, body: bytes, judgement: Judgement) -> None:
        if judgement.turn in (Turn.RETRY, Turn.PAUSE_HOST):
            return
        self.robots.learn(wish.url, status, body)
        delay = self.robots.crawl_delay(wish.url)
        if delay is not None and self.session.plan.settings.delay is None:
            self.frontier.slow_down(wish.host, delay)
        if self.scope.walks_sites:
            named = (Wish(url, WishKind.SITEMAP, optional=True) for url in self.robots.sitemaps(wish.url) if self.scope.covers(url))
            self.frontier.add(named)
        self.frontier.release(wish.host)

    def _leave_alone(self, host: str, reason: str) -> None:
        if host not in self.session.outcome.notes:
            self.session.outcome.notes[host] = reason
            self.frontier.set_aside(host)

    def _count(self, wish: Wish, recorded: Recorded) -> None:
        tally, findings = self.session.tally, recorded.findings
        if wish.kind is WishKind.PAGE:
            tally.pages += 1
            tally.unchanged += recorded.capture.record_type == "revisit"
        if findings.embeds is not None:
            tally.embeds += len(findings.embeds.embeds)
        tally.posts_asked += wish.kind is WishKind.ASK
        tally.media += wish.kind is WishKind.MEDIA and recorded.capture.status == 200
        if self.session.on_progress is not None:
            self.session.on_progress(tally, wish.url)

    # --- the end ----------------------------------------------------------------------------------------------------------

    async def closed(self, reason: str) -> None:
        outcome = self.session.outcome
        stopped = self.frontier.stopped or outcome.trouble is not None
        outcome.interrupted = stopped and outcome.trouble is None
        outcome.waiting = self.frontier.waiting()
        for wish in self.frontier.unmet_pages():
            outcome.failed.append((wish.url, outcome.notes.get(wish.host, "its host asked us to come back later")))
        try:
            await self.session.close()
            if not stopped:
                self.frontier.finish()
        finally:
            self.frontier.close()


def _plan_of_arguments(arguments: dict[str, str]) -> CrawlPlan:
    """For plain `scrapy crawl posts -a url=…`; settings come from archiver.toml."""
    urls = tuple(arguments.get("url", "").split())
    if not urls:
        raise UsageError("give at least one URL: scrapy crawl posts -a url=https://blog.example/")
    data_dir = Path(arguments.get("archive", "archive"))
    settings: CrawlSettings = load_config(ArchivePaths(data_dir).config).crawl
    return CrawlPlan(data_dir, urls, arguments.get("scope"), settings=settings)
