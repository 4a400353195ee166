"""The spider `posts`: from seeds to pages, from pages to the posts they embed, from posts to their pictures."""

import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from typing import Any, Self

import scrapy
from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure

from archiver.crawling.robots import MAX_ROBOTS_BYTES, Robots
from archiver.crawling.session import MAX_LISTED, CrawlOutcome, Session, open_session
from archiver.errors import HostNotFound, NetworkError, StorageError
from archiver.model.exchange import Truncated
from archiver.model.findings import Findings, PostRef
from archiver.recording.recorder import Recorded
from archiver.storage.files.paths import ArchivePaths
from archiver.storage.files.sqlite_errors import as_storage_error
from archiver.text import printable_line
from archiver.urls import checked, host_of
from archiver.wire.http1 import content_codings, decode_content
from spiders import settings as project
from spiders.arguments import plan_of_arguments
from spiders.crawl_request import CRAWL_REQUEST, SEQ, CrawlRequest, RequestKind
from spiders.discovery import (
    RenderPolicy,
    mark_third_party,
    requests_after,
    requests_for_control,
    requests_for_seed,
    requests_to_render,
    unrenderable,
)
from spiders.download import RECORDED
from spiders.frontier import Frontier
from spiders.frontier_store import run_name
from spiders.platform_replies import PlatformReplies, says_nothing
from spiders.renders import Renders
from spiders.requeue import AuditRequeue
from spiders.response_policy import Action, Decision, RequestResult, decide, decide_error, endless
from spiders.resume import ResumeLookup
from spiders.robots import RobotsGate
from spiders.scope import scope_of

SILENT_ANSWERS = 3  # a host that gave no response so often in a row is abandoned for the rest of the crawl


class PostsSpider(scrapy.Spider):
    """Says which URLs follow from a response; the scheduler says when each is asked for, and the download handler records it.

    `archiver crawl` hands it a session. Under `scrapy crawl posts -a url=…` it opens one itself: see `spiders/arguments.py`.
    """

    name = "posts"
    # Of the spider, not only of this project: in another one, with `SPIDER_MODULES = ["spiders"]`, it records all the same.
    custom_settings = {name: getattr(project, name) for name in project.OF_THE_SPIDER}  # noqa: RUF012  Scrapy declares it

    def __init__(self, session: Session, *, logs_outcome: bool = False, **kwargs: Any) -> None:
        """`logs_outcome`: what the crawl did goes to Scrapy's log, as nobody else tells it."""
        super().__init__(**kwargs)
        self.session, self._logs_outcome = session, logs_outcome
        plan, settings = session.plan, session.plan.settings
        renders = session.rendering is not None
        self.scope = scope_of(plan)
        self.robots = Robots(settings.user_agent)
        state = ArchivePaths(plan.data_dir).state
        self.frontier = Frontier(
            state,
            run_name(plan),
            delay=settings.delay,
            paces=session.doors.paces(),
            concurrency=settings.concurrency,
            renders=settings.renders if renders else 0,
            hosts=plan.hosts,
            clock=session.clock,
            anew=session.begins_anew,
        )
        self.robots_gate = RobotsGate(self.robots, self.frontier, self.scope, settings.delay, plan.hosts)
        self.render_policy = RenderPolicy(settings.screenshots if renders else "none", plan.redraw, session.doors)
        self.replies = PlatformReplies(session.outcome)
        self.audit_requeue = AuditRequeue(state, self.frontier, self.render_policy)
        self.resume = ResumeLookup(session.recorder, self.frontier, plan.hosts, session.clock)
        self.failures = FailureReport(session.outcome, self.frontier)
        self.renders: Renders | None = None
        if session.rendering is not None:
            self.renders = Renders(session, session.rendering, self.frontier, self, self.resume)
        self.started = False
        """The frontier has all that `start` asks for. Until then nothing is handed out."""
        self._silent: Counter[str] = Counter()
        session.stop = self._stop
        session.recorder.on_safe = self.frontier.commit  # a request counts as done only when its bytes are safe
        session.recorder.on_low = self.give_up
        session.resumed = self.frontier.resumed

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, session: Session | None = None, **kwargs: Any) -> Self:
        spider = cls(session or open_session(plan_of_arguments(kwargs)), logs_outcome=session is None)
        spider._set_crawler(crawler)
        for signal in (signals.spider_error, signals.item_error):  # an exception in `start`, a callback or the pipeline
            crawler.signals.connect(spider._broken, signal)
        return spider

    # --- requests ---------------------------------------------------------------------------------------------------------

    async def start(self) -> AsyncIterator[Request]:
        """The seeds, and what an audit requeued or was never rendered."""
        plan, crawl_index = self.session.plan, self.session.recorder.crawl_index
        doors = self.session.doors
        seeds = (request for seed in plan.seeds for request in requests_for_seed(checked(seed), self.scope, doors))
        for request in self.audit_requeue.mark_seeds(seeds):
            yield self.scrapy_request(request)
        self.audit_requeue.enqueue(crawl_index)
        for request in requests_to_render(plan, self.render_policy, crawl_index):
            yield self.scrapy_request(request)
        self.session.outcome.undrawn += unrenderable(plan, self.render_policy, crawl_index)
        self.started = True

    def scrapy_request(self, request: CrawlRequest) -> Request:
        """The request as Scrapy has it: `parse` or `parse_robots` reads the response."""
        callback = self.parse_robots if request.kind is RequestKind.ROBOTS else self.parse
        # Scrapy would write the URL otherwise than the page does, and two URLs that differ in the archive would be one.
        meta = {CRAWL_REQUEST: request, "verbatim_url": True}
        return Request(request.url, callback=callback, errback=self.failed, meta=meta)

    def _requests_after(self, request: CrawlRequest, recorded: Recorded) -> Iterator[CrawlRequest]:
        crawl_index = self.session.recorder.crawl_index
        discovered = requests_after(request, recorded.findings, self.scope, crawl_index, self.session.doors)
        yield from mark_third_party(discovered, request, self.session.plan.hosts)
        yield from self.render_policy.requests_after(request, recorded, crawl_index)

    def follow(self, request: CrawlRequest, recorded: Recorded) -> None:
        """Requests what follows from a response that a browser was given."""
        self.frontier.add(self._requests_after(request, recorded))

    # --- responses --------------------------------------------------------------------------------------------------------

    def parse(self, response: Response, **_: Any) -> Iterator[Request | RequestResult]:
        """Of a page, feed, sitemap, platform's reply, short link or picture: the requests that follow, then what came of it."""
        request, recorded, decision = self._received(response)
        self._count(request, recorded, decision)
        if decision.action in (Action.DONE, Action.FAILED):
            discovered = self._requests_after(request, recorded)
            if recorded.findings.feed is not None:  # a sitemap's 50,000 URLs, one by one, take twice the time: decisions/0006
                self.frontier.add(discovered)
            else:
                yield from (self.scrapy_request(each) for each in discovered if not self.frontier.added_recently(each))
        yield RequestResult(response.meta[SEQ], request, decision)

    def parse_robots(self, response: Response, **_: Any) -> Iterator[RequestResult]:
        request, recorded, decision = self._received(response)
        body = decode_content(response.body, content_codings(recorded.head), MAX_ROBOTS_BYTES)[0]
        self.robots_gate.handle_response(request, recorded, body, decision)
        self._count(request, recorded, decision)
        yield RequestResult(response.meta[SEQ], request, decision)

    def _received(self, response: Response) -> tuple[CrawlRequest, Recorded, Decision]:
        request: CrawlRequest = response.meta[CRAWL_REQUEST]
        recorded: Recorded = response.meta[RECORDED]
        if request.kind is RequestKind.PAGE:  # a response out of the archive belongs to its own visit
            request = replace(request, page_visit=recorded.capture.page_visit)
        self._silent.pop(request.host, None)
        cut = Truncated(recorded.capture.truncated) if recorded.capture.truncated else None
        target = next(iter(recorded.findings.links), None)
        if request.kind is RequestKind.ASK and (why := self._why_not_followed(request, target)) is not None:
            findings = recorded.findings
            says_more = findings.statements or findings.aliases  # else it says as little as a refusal
            recorded = replace(recorded, findings=replace(findings, links=(), refusal=findings.refusal if says_more else why))
        silent = request.kind is RequestKind.ASK and says_nothing(recorded.findings)
        decision = decide(request, recorded.head, cut, self.session.clock(), target, silent=silent)
        if request.kind is RequestKind.ASK and decision.action not in (Action.RETRY, Action.PAUSE_HOST):
            self._take_reply(request, recorded.findings)
        if request.kind is RequestKind.MEDIA:
            self.replies.add_picture(request, recorded.findings)
        return request, recorded, decision

    def _why_not_followed(self, request: CrawlRequest, target: str | None) -> str | None:
        """Why a platform's reply does not lead on to `target`; None where it does, or leads nowhere."""
        if target is not None and request.post is not None and self.session.doors.is_off(PostRef(*request.post), target):
            return f"leads on to {host_of(target)}, which is switched off"
        return endless(request, target)

    def _take_reply(self, request: CrawlRequest, findings: Findings) -> None:
        """Notes how a platform answered; the first time that a host says "not found", a control post is asked for there."""
        ref = PostRef(*request.post) if request.post is not None else None
        if ref is not None and self.replies.add(ref, request, findings):
            self.frontier.add(requests_for_control(ref, self.session.doors, request.via[0] if request.via else request.url))

    def failed(self, failure: Failure) -> Iterator[RequestResult]:
        """No response came, or it could not be kept."""
        error = failure.value
        meta = failure.request.meta  # type: ignore[attr-defined]  # Scrapy puts the request there
        request: CrawlRequest = meta[CRAWL_REQUEST]
        if not isinstance(error, NetworkError):  # the disk, or a bug of ours
            self.give_up(error if isinstance(error, Exception) else RuntimeError(repr(error)))
            return
        decision = decide_error(request, error)
        if request.kind is RequestKind.ROBOTS and decision.action is not Action.RETRY:
            self.robots_gate.apply(request, None, b"", f"its robots.txt could not be read: {error}")
        if request.post is not None and request.kind is RequestKind.ASK and decision.action is Action.FAILED:
            self.replies.add_unreached(PostRef(*request.post), request, str(error))
        self._silent[request.host] += 1
        if isinstance(error, HostNotFound) or self._silent[request.host] >= SILENT_ANSWERS:
            self._abandon(request.host, str(error))
        yield RequestResult(meta[SEQ], request, decision)

    def _abandon(self, host: str, reason: str) -> None:
        notes = self.session.outcome.notes
        if len(notes) < MAX_LISTED:  # a list of links may name a hundred thousand hosts that are gone
            notes.setdefault(host, reason)
        self._silent.pop(host, None)
        self.frontier.abandon_host(host)

    def settle(self, result: RequestResult) -> None:
        """Tells the frontier what came of a request."""
        seq, request, decision = result.seq, result.request, result.decision
        match decision.action:
            case Action.DONE:
                self.frontier.done(seq)
            case Action.RETRY:
                self.frontier.postpone(seq, replace(request, tries=request.tries + 1), decision.seconds)
            case Action.PAUSE_HOST:
                self.frontier.pause(request.host, decision.seconds)
                self.frontier.postpone(seq, replace(request, tries=request.tries + 1), decision.seconds)
            case Action.FALLBACK:
                self.frontier.done(seq)
                self.frontier.add(filter(None, [request.fallback()]))
            case Action.FAILED:
                self.frontier.failed(seq, decision.reason)
                if (request.seed or request.kind is RequestKind.PAGE) and not request.optional:
                    self.failures.add(request.url, decision.reason)

    def _count(self, request: CrawlRequest, recorded: Recorded, decision: Decision) -> None:
        stats, findings = self.session.stats, recorded.findings
        if findings.unreadable is not None and len(self.session.outcome.unread) < MAX_LISTED:
            self.session.outcome.unread.append((request.url, findings.unreadable))
        if findings.page is not None and decision.action is Action.DONE:  # not a redirect, not one that is tried again
            stats.pages += 1
            stats.unchanged += recorded.capture.record_type == "revisit"
            stats.embeds += len(findings.embeds.embeds) if findings.embeds is not None else 0
        stats.renders_wanted = self.frontier.renders_wanted if self.renders is not None else 0
        stats.posts_asked += request.kind is RequestKind.ASK
        shown = recorded.capture.status == 200 and findings.refusal is None
        stats.media += request.kind is RequestKind.MEDIA and shown
        if self.session.on_progress is not None:
            self.session.on_progress(stats, request.url)

    # --- the end ----------------------------------------------------------------------------------------------------------

    def _broken(self, failure: Failure) -> None:
        self.give_up(failure.value if isinstance(failure.value, Exception) else RuntimeError(repr(failure.value)))

    def give_up(self, error: Exception) -> None:
        """Ends the crawl soon because of an error; the run stays unfinished, so the same command resumes it."""
        self.session.outcome.trouble = self.session.outcome.trouble or as_storage_error(error)
        self._stop()

    def _stop(self) -> None:
        """Downloads may end; a render takes too long, and one that gets no more responses would show half a page."""
        self.frontier.stop()
        if self.renders is not None:
            self.renders.stop()

    async def closed(self, reason: str) -> None:
        """`reason` is Scrapy's: "finished", or another where Ctrl-C or an extension closed the spider before its end."""
        outcome = self.session.outcome
        stopped = self.frontier.stopped or outcome.trouble is not None or reason != "finished"
        outcome.interrupted = stopped and outcome.trouble is None and not outcome.out_of_time
        if self.renders is not None:
            await self.renders.close()
        self._finally(lambda: self.failures.add_unreached(stopped), always=True)
        self._finally(self.replies.report, always=True)
        self._finally(lambda: self.audit_requeue.review(self.session.recorder.crawl_index))
        safe = True
        try:
            await self.session.close()
        except (StorageError, sqlite3.DatabaseError) as error:
            outcome.trouble, safe = outcome.trouble or as_storage_error(error), False
        if not stopped:
            self._finally(self.frontier.finish)
        self._finally(lambda: self.frontier.close(safe=safe), always=True)
        self._finally(self.audit_requeue.settle)
        if self._logs_outcome:
            self._log_outcome()

    def _log_outcome(self) -> None:
        """What `archiver crawl` prints, into Scrapy's log. Whatever hosts wrote is made safe for a terminal."""
        stats, outcome = self.session.stats, self.session.outcome
        self.logger.info(
            "%d pages (%d unchanged) with %d embeds, %d platform replies, %d pictures and videos, %d renders;"
            " %d requests, %d bytes received;"
            " %d seeds or pages failed, %d not rendered, %d requests wait for the next run", stats.pages, stats.unchanged,
            stats.embeds, stats.posts_asked, stats.media, stats.renders, stats.requests, stats.bytes, len(outcome.failed),
            len(outcome.undrawn), outcome.waiting,
        )  # fmt: skip
        warnings = [*outcome.notes.items(), *outcome.undrawn, *outcome.unread]
        if outcome.no_browser:
            warnings.append(("screenshots", "no browser was found; `archiver doctor` says what to install"))
        if outcome.limited:
            warnings.append(("max_pages", "more pages were known"))
        if outcome.interrupted or outcome.out_of_time:
            warnings.append(("interrupted", "the same command resumes the crawl"))
        for subject, reason in warnings:
            self.logger.warning("%s", printable_line(f"{subject}: {reason}"))
        for url, reason in outcome.failed:
            self.logger.error("%s", printable_line(f"{url}: {reason}"))
        if outcome.trouble is not None:
            self.logger.error("%s", printable_line(str(outcome.trouble)))

    def _finally(self, step: Callable[[], None], *, always: bool = False) -> None:
        """Takes one of the last steps; `always`: also where something went wrong before."""
        outcome = self.session.outcome
        if outcome.trouble is not None and not always:
            return
        try:
            step()
        except (StorageError, sqlite3.DatabaseError) as error:  # Scrapy would only log it
            outcome.trouble = outcome.trouble or as_storage_error(error)


class FailureReport:
    """The seeds and pages that a crawl could not capture, as its outcome lists them.

    The first `MAX_LISTED` are named, the others counted: a site may have a million.
    """

    def __init__(self, outcome: CrawlOutcome, frontier: Frontier) -> None:
        self._outcome, self._frontier = outcome, frontier
        self._unlisted = 0

    def add(self, url: str, reason: str) -> None:
        if len(self._outcome.failed) < MAX_LISTED:
            self._outcome.failed.append((url, reason))
        else:
            self._unlisted += 1

    def add_unreached(self, stopped: bool) -> None:
        """Adds what the crawl did not come to, unless it was stopped: then that waits for the next. Call it once, at the end."""
        self._outcome.waiting = self._frontier.requests.waiting()
        count, unreached = self._frontier.requests.unreached_pages() if not stopped else (0, [])
        for request in unreached:
            paused = self._frontier.paused(request.host)
            reason = "its host asked us to come back later" if paused else "was not reached in this run"
            self.add(request.url, self._outcome.notes.get(request.host, reason))
        self._unlisted += count - len(unreached)
        if self._unlisted:
            self._outcome.failed.append((f"{self._unlisted:,} more", "failed, or were not reached in this run"))
