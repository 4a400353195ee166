"""The spider `posts`: from seeds to pages, from pages to the posts they embed, from posts to their pictures."""

import sqlite3
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any, Self

import scrapy
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure

from archiver.crawling.session import MAX_LISTED, Session, open_session
from archiver.errors import HostNotFound, NetworkError, StorageError
from archiver.model.exchange import Truncated
from archiver.platforms import PLATFORMS
from archiver.recording.recorder import Recorded
from archiver.storage.files.paths import ArchivePaths
from archiver.storage.files.sqlite_errors import as_storage_error
from archiver.text import printable_line
from archiver.urls import checked
from archiver.wire.http1 import content_codings, decode_content
from spiders.alone import plan_of_arguments
from spiders.crawl_request import GATED, CrawlRequest, RequestKind
from spiders.crawl_runs import run_name
from spiders.discovery import RenderPolicy, mark_third_party, requests_after, requests_for_seed, requests_to_render, unrenderable
from spiders.download import EARLIER, PURPOSE, RECORDED
from spiders.failure_report import FailureReport
from spiders.frontier import Frontier
from spiders.leave import RobotsGate
from spiders.renders import Renders
from spiders.requeue import AuditRequeue
from spiders.response_policy import Action, Decision, decide, decide_error
from spiders.resume import ResumeLookup
from spiders.robots import FORBIDDEN, MAX_ROBOTS_BYTES, Robots, robots_apply
from spiders.scope import scope_of

SILENT_ANSWERS = 3  # a host that fails so often in a row is left alone for the rest of the run
CRAWL_REQUEST = "archiver_wish"


class PostsSpider(scrapy.Spider):
    """Decides which URLs; the fetcher keeps what comes, the archive says what it tells, the frontier says when.

    `archiver crawl` hands it a session. Under `scrapy crawl posts -a url=… [-a archive=DIR] [-a scope=…]` it opens one itself.
    """

    name = "posts"

    def __init__(self, session: Session, *, tells: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._tells = tells  # nobody else says in the end what failed, so it goes to the log
        self.session = session
        plan = session.plan
        self.scope = scope_of(plan)
        self.robots = Robots(plan.settings.user_agent)
        state = ArchivePaths(plan.data_dir).state
        self.frontier = Frontier(
            state,
            run_name(plan),
            delay=plan.settings.delay,
            paces={host: pace for platform in PLATFORMS for host, pace in platform.paces.items()},
            concurrency=plan.settings.concurrency,
            renders=plan.settings.renders if session.rendering is not None else 0,
            hosts=plan.hosts,
            clock=session.clock,
            anew=session.begins_anew,
        )
        self.leave = RobotsGate(self.robots, self.frontier, self.scope, plan.settings.delay, plan.hosts)
        self.render_policy = RenderPolicy(plan.settings.screenshots if session.rendering is not None else "none", plan.redraw)
        self.put_back = AuditRequeue(state, self.frontier, self.render_policy)
        self.resuming = ResumeLookup(session.recorder, self.frontier, plan.hosts, session.clock)
        self.renders: Renders | None = None
        if session.rendering is not None:
            does = (self._follow, self._settle, self._give_up)
            self.renders = Renders(session, session.rendering, self.frontier, *does, self.resuming)
        self._silent: Counter[str] = Counter()
        self._pages_begun = 0
        self.failures = FailureReport(session.outcome, self.frontier)
        session.stop = self._stop
        session.recorder.on_safe = self.frontier.commit  # a wish counts as met only when its bytes are safe
        session.recorder.on_low = self._give_up
        session.resumed = self.frontier.resumed

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, session: Session | None = None, **kwargs: Any) -> Self:
        tells = session is None
        spider = cls(session or open_session(plan_of_arguments(kwargs)), tells=tells)
        spider._set_crawler(crawler)
        return spider

    def _stop(self) -> None:
        """What Scrapy asks for may end; a render takes too long, and one that gets no more answers would show half a page."""
        self.frontier.stop()
        if self.renders is not None:
            self.renders.stop()

    # --- asking -----------------------------------------------------------------------------------------------------------

    async def start(self) -> AsyncIterator[Request]:
        """Yields nothing: wishes go to the engine one by one, as their hosts become ready.

        While this waits, Scrapy does not take the spider for idle.
        """
        try:
            plan, held = self.session.plan, self.session.recorder.held
            seeds = (crawl_request for seed in plan.seeds for crawl_request in requests_for_seed(checked(seed), self.scope))
            self.frontier.add(self.put_back.marked(seeds))
            self.put_back.begin(held)
            self.frontier.add(requests_to_render(plan, self.render_policy, held))
            self.session.outcome.undrawn += unrenderable(plan, self.render_policy, held)
            while (found := await self.frontier.next()) is not None:
                request = self._request(*found)
                if request is not None:
                    self.crawler.engine.crawl(request)
        except Exception as error:
            self._give_up(error)
            raise
        return
        yield  # makes this the asynchronous generator that Scrapy asks for

    def _request(self, seq: int, crawl_request: CrawlRequest) -> Request | None:
        """The request for a wish; None where robots.txt must come first, or says no, or the crawl has enough pages; where it is
        to be drawn; and where a browser was told meanwhile what a platform says."""
        if crawl_request.kind is RequestKind.RENDER:
            if self.renders is not None:
                self.session.stats.renders_wanted = self.frontier.renders_wanted
                self.renders.begin(seq, crawl_request)
            return None
        if (
            crawl_request.kind is RequestKind.ASK
            and not (crawl_request.tries or crawl_request.again)
            and self.session.served.get(crawl_request.url) is not None
        ):
            self.frontier.pass_over(seq)
            self.frontier.done(seq)
            return None
        if robots_apply(crawl_request):
            if not self.robots.knows(crawl_request.url) and self.session.plan.settings.ignore_robots is None:
                self.leave.require_robots(seq, crawl_request)
                return None
            if not self._may_ask(seq, crawl_request):
                return None
        visit = str(uuid.uuid4()) if crawl_request.kind is RequestKind.PAGE else crawl_request.page_visit
        crawl_request = replace(crawl_request, page_visit=visit)
        headers = self.session.recorder.held.validators(crawl_request.url) if crawl_request.kind in GATED else []
        answer = self.resuming.answer(seq, crawl_request)
        if answer is not None:
            self.frontier.pass_over(seq)
        return Request(
            crawl_request.url,
            headers=headers,
            callback=self.parse,
            errback=self.missed,
            dont_filter=True,
            meta={CRAWL_REQUEST: (seq, crawl_request), PURPOSE: crawl_request.purpose, EARLIER: answer, "verbatim_url": True},
        )

    def _may_ask(self, seq: int, crawl_request: CrawlRequest) -> bool:
        limit = self.session.plan.settings.max_pages
        begins = (
            crawl_request.kind is RequestKind.PAGE and not crawl_request.tries and not crawl_request.redirects
        )  # else it was counted before
        if begins and limit is not None and self._pages_begun >= limit:
            self.session.outcome.limited = True
            self.frontier.pass_over(seq)
            if crawl_request.again:  # put back by an audit: that stays on the list
                self.frontier.failed(seq, "more pages than --max-pages")
            else:
                self.frontier.done(seq)
            return False
        if not self.robots.allows(crawl_request.url):
            self.frontier.pass_over(seq)
            self._refused_by_robots(seq, crawl_request)
            return False
        self._pages_begun += begins
        return True

    def _refused_by_robots(self, seq: int, crawl_request: CrawlRequest) -> None:
        unread = self.robots.unread(crawl_request.url)
        if unread is None:
            self.frontier.done(seq)
        else:  # nobody said no: the next run asks again
            self.frontier.failed(seq, unread)
        if crawl_request.seed or (unread is not None and crawl_request.kind is RequestKind.PAGE):
            self.failures.add(crawl_request.url, unread or FORBIDDEN)

    # --- answers ----------------------------------------------------------------------------------------------------------

    def parse(self, response: Response, **_: Any) -> None:
        try:
            self._take(response)
        except Exception as error:
            self._give_up(error)
            raise

    def _take(self, response: Response) -> None:
        seq, crawl_request = response.meta[CRAWL_REQUEST]
        recorded: Recorded = response.meta[RECORDED]
        if crawl_request.kind is RequestKind.PAGE:  # an earlier answer belongs to its own visit
            crawl_request = replace(crawl_request, page_visit=recorded.capture.page_visit)
        self._silent.pop(crawl_request.host, None)
        cut = Truncated(recorded.capture.truncated) if recorded.capture.truncated else None
        target = next(iter(recorded.findings.links), None)
        decision = decide(crawl_request, recorded.head, cut, self.session.clock(), target)
        if crawl_request.kind is RequestKind.ROBOTS:
            body = decode_content(response.body, content_codings(recorded.head), MAX_ROBOTS_BYTES)[0]
            self.leave.learn(crawl_request, recorded, body, decision)
        self._count(crawl_request, recorded, decision)
        if decision.turn in (Action.DONE, Action.FAILED) and crawl_request.kind is not RequestKind.ROBOTS:
            self._follow(crawl_request, recorded)
        self._settle(seq, crawl_request, decision)

    def _follow(self, crawl_request: CrawlRequest, recorded: Recorded) -> None:
        held = self.session.recorder.held
        self.frontier.add(
            mark_third_party(
                requests_after(crawl_request, recorded.findings, self.scope, held), crawl_request, self.session.plan.hosts
            )
        )
        self.frontier.add(self.render_policy.requests_after(crawl_request, recorded, held))

    def missed(self, failure: Failure) -> None:
        """No answer came, or it could not be kept."""
        error = failure.value
        seq, crawl_request = failure.request.meta[CRAWL_REQUEST]  # type: ignore[attr-defined]  # Scrapy puts the request there
        if not isinstance(error, NetworkError):  # the disk, or a bug of ours
            self._give_up(error if isinstance(error, Exception) else RuntimeError(repr(error)))
            return
        decision = decide_error(crawl_request, error)
        if crawl_request.kind is RequestKind.ROBOTS and decision.turn is not Action.RETRY:
            self.leave.obey(crawl_request, None, b"", f"its robots.txt could not be read: {error}")
        self._silent[crawl_request.host] += 1
        if isinstance(error, HostNotFound) or self._silent[crawl_request.host] >= SILENT_ANSWERS:
            self._leave_alone(crawl_request.host, str(error))
        self._settle(seq, crawl_request, decision)

    def _give_up(self, error: Exception) -> None:
        """Nothing more is asked; what is under way may end. The run stays unfinished, so the same command goes on with it."""
        self.session.outcome.trouble = self.session.outcome.trouble or as_storage_error(error)
        self._stop()

    def _settle(self, seq: int, crawl_request: CrawlRequest, decision: Decision) -> None:
        match decision.turn:
            case Action.DONE:
                self.frontier.done(seq)
            case Action.RETRY:
                self.frontier.later(seq, replace(crawl_request, tries=crawl_request.tries + 1), decision.seconds)
            case Action.PAUSE_HOST:
                self.frontier.pause(crawl_request.host, decision.seconds)
                self.frontier.later(seq, replace(crawl_request, tries=crawl_request.tries + 1), decision.seconds)
            case Action.NEXT_ADDRESS:
                self.frontier.done(seq)
                self.frontier.add(filter(None, [crawl_request.next_address()]))
            case Action.FAILED:
                self.frontier.failed(seq, decision.reason)
                if (crawl_request.seed or crawl_request.kind is RequestKind.PAGE) and not crawl_request.optional:
                    self.failures.add(crawl_request.url, decision.reason)

    def _leave_alone(self, host: str, reason: str) -> None:
        notes = self.session.outcome.notes
        if len(notes) < MAX_LISTED:  # a list of links may name a hundred thousand hosts that are gone
            notes.setdefault(host, reason)
        self._silent.pop(host, None)
        self.frontier.set_aside(host)

    def _count(self, crawl_request: CrawlRequest, recorded: Recorded, decision: Decision) -> None:
        stats, findings = self.session.stats, recorded.findings
        if findings.unreadable is not None and len(self.session.outcome.unread) < MAX_LISTED:
            self.session.outcome.unread.append((crawl_request.url, findings.unreadable))
        if findings.page is not None and decision.turn is Action.DONE:  # not a redirect, not one that is tried again
            stats.pages += 1
            stats.unchanged += recorded.capture.record_type == "revisit"
            stats.embeds += len(findings.embeds.embeds) if findings.embeds is not None else 0
        stats.renders_wanted = self.frontier.renders_wanted if self.renders is not None else 0
        stats.posts_asked += crawl_request.kind is RequestKind.ASK
        stats.media += crawl_request.kind is RequestKind.MEDIA and recorded.capture.status == 200
        if self.session.on_progress is not None:
            self.session.on_progress(stats, crawl_request.url)

    # --- the end ----------------------------------------------------------------------------------------------------------

    async def closed(self, reason: str) -> None:
        outcome = self.session.outcome
        stopped = self.frontier.stopped or outcome.trouble is not None
        outcome.interrupted = stopped and outcome.trouble is None and not outcome.out_of_time
        if self.renders is not None:
            await self.renders.close()
        self._in_the_end(lambda: self.failures.look_back(stopped), always=True)
        self._in_the_end(lambda: self.put_back.look(self.session.recorder.held))
        safe = True
        try:
            await self.session.close()
        except (StorageError, sqlite3.DatabaseError) as error:
            outcome.trouble, safe = outcome.trouble or as_storage_error(error), False
        if not stopped:
            self._in_the_end(self.frontier.finish)
        self._in_the_end(lambda: self.frontier.close(safe=safe), always=True)
        self._in_the_end(self.put_back.settle)
        if self._tells:
            for line in (*(f"{url}: {reason}" for url, reason in outcome.failed), *filter(None, [outcome.trouble])):
                self.logger.error("%s", printable_line(str(line)))

    def _in_the_end(self, step: Callable[[], None], *, always: bool = False) -> None:
        """One of the last steps: not taken where something went wrong before, unless it is taken `always`."""
        outcome = self.session.outcome
        if outcome.trouble is not None and not always:
            return
        try:
            step()
        except (StorageError, sqlite3.DatabaseError) as error:  # Scrapy would only log it
            outcome.trouble = outcome.trouble or as_storage_error(error)
