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
from spiders.crawl_request import GATED, Wish, WishKind
from spiders.crawl_runs import run_name
from spiders.discovery import Drawing, told_apart, undrawable, wishes_after, wishes_for_seed, wishes_to_draw
from spiders.download import EARLIER, PURPOSE, RECORDED
from spiders.failure_report import Failures
from spiders.frontier import Frontier
from spiders.leave import Leave
from spiders.renders import Renders
from spiders.requeue import PutBack
from spiders.response_policy import Judgement, Turn, judge, judge_error
from spiders.resume import Resuming
from spiders.robots import FORBIDDEN, MAX_ROBOTS_BYTES, Robots, needs_leave
from spiders.scope import scope_of

SILENT_ANSWERS = 3  # a host that fails so often in a row is left alone for the rest of the run
_WISH = "archiver_wish"


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
        self.leave = Leave(self.robots, self.frontier, self.scope, plan.settings.delay, plan.hosts)
        self.drawing = Drawing(plan.settings.screenshots if session.rendering is not None else "none", plan.redraw)
        self.put_back = PutBack(state, self.frontier, self.drawing)
        self.resuming = Resuming(session.recorder, self.frontier, plan.hosts, session.clock)
        self.renders: Renders | None = None
        if session.rendering is not None:
            does = (self._follow, self._settle, self._give_up)
            self.renders = Renders(session, session.rendering, self.frontier, *does, self.resuming)
        self._silent: Counter[str] = Counter()
        self._pages_begun = 0
        self.failures = Failures(session.outcome, self.frontier)
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
            seeds = (wish for seed in plan.seeds for wish in wishes_for_seed(checked(seed), self.scope))
            self.frontier.add(self.put_back.marked(seeds))
            self.put_back.begin(held)
            self.frontier.add(wishes_to_draw(plan, self.drawing, held))
            self.session.outcome.undrawn += undrawable(plan, self.drawing, held)
            while (found := await self.frontier.next()) is not None:
                request = self._request(*found)
                if request is not None:
                    self.crawler.engine.crawl(request)
        except Exception as error:
            self._give_up(error)
            raise
        return
        yield  # makes this the asynchronous generator that Scrapy asks for

    def _request(self, seq: int, wish: Wish) -> Request | None:
        """The request for a wish; None where robots.txt must come first, or says no, or the crawl has enough pages; where it is
        to be drawn; and where a browser was told meanwhile what a platform says."""
        if wish.kind is WishKind.RENDER:
            if self.renders is not None:
                self.session.tally.renders_wanted = self.frontier.renders_wanted
                self.renders.begin(seq, wish)
            return None
        if wish.kind is WishKind.ASK and not (wish.tries or wish.again) and self.session.served.get(wish.url) is not None:
            self.frontier.pass_over(seq)
            self.frontier.done(seq)
            return None
        if needs_leave(wish):
            if not self.robots.knows(wish.url) and self.session.plan.settings.ignore_robots is None:
                self.leave.ask_first(seq, wish)
                return None
            if not self._may_ask(seq, wish):
                return None
        visit = str(uuid.uuid4()) if wish.kind is WishKind.PAGE else wish.page_visit
        wish = replace(wish, page_visit=visit)
        headers = self.session.recorder.held.validators(wish.url) if wish.kind in GATED else []
        answer = self.resuming.answer(seq, wish)
        if answer is not None:
            self.frontier.pass_over(seq)
        return Request(
            wish.url,
            headers=headers,
            callback=self.parse,
            errback=self.missed,
            dont_filter=True,
            meta={_WISH: (seq, wish), PURPOSE: wish.purpose, EARLIER: answer, "verbatim_url": True},
        )

    def _may_ask(self, seq: int, wish: Wish) -> bool:
        limit = self.session.plan.settings.max_pages
        begins = wish.kind is WishKind.PAGE and not wish.tries and not wish.redirects  # else it was counted before
        if begins and limit is not None and self._pages_begun >= limit:
            self.session.outcome.limited = True
            self.frontier.pass_over(seq)
            if wish.again:  # put back by an audit: that stays on the list
                self.frontier.failed(seq, "more pages than --max-pages")
            else:
                self.frontier.done(seq)
            return False
        if not self.robots.allows(wish.url):
            self.frontier.pass_over(seq)
            self._refused_by_robots(seq, wish)
            return False
        self._pages_begun += begins
        return True

    def _refused_by_robots(self, seq: int, wish: Wish) -> None:
        unread = self.robots.unread(wish.url)
        if unread is None:
            self.frontier.done(seq)
        else:  # nobody said no: the next run asks again
            self.frontier.failed(seq, unread)
        if wish.seed or (unread is not None and wish.kind is WishKind.PAGE):
            self.failures.add(wish.url, unread or FORBIDDEN)

    # --- answers ----------------------------------------------------------------------------------------------------------

    def parse(self, response: Response, **_: Any) -> None:
        try:
            self._take(response)
        except Exception as error:
            self._give_up(error)
            raise

    def _take(self, response: Response) -> None:
        seq, wish = response.meta[_WISH]
        recorded: Recorded = response.meta[RECORDED]
        if wish.kind is WishKind.PAGE:  # an earlier answer belongs to its own visit
            wish = replace(wish, page_visit=recorded.capture.page_visit)
        self._silent.pop(wish.host, None)
        cut = Truncated(recorded.capture.truncated) if recorded.capture.truncated else None
        target = next(iter(recorded.findings.links), None)
        judgement = judge(wish, recorded.head, cut, self.session.clock(), target)
        if wish.kind is WishKind.ROBOTS:
            body = decode_content(response.body, content_codings(recorded.head), MAX_ROBOTS_BYTES)[0]
            self.leave.learn(wish, recorded, body, judgement)
        self._count(wish, recorded, judgement)
        if judgement.turn in (Turn.DONE, Turn.FAILED) and wish.kind is not WishKind.ROBOTS:
            self._follow(wish, recorded)
        self._settle(seq, wish, judgement)

    def _follow(self, wish: Wish, recorded: Recorded) -> None:
        held = self.session.recorder.held
        self.frontier.add(told_apart(wishes_after(wish, recorded.findings, self.scope, held), wish, self.session.plan.hosts))
        self.frontier.add(self.drawing.wishes_after(wish, recorded, held))

    def missed(self, failure: Failure) -> None:
        """No answer came, or it could not be kept."""
        error = failure.value
        seq, wish = failure.request.meta[_WISH]  # type: ignore[attr-defined]  # Scrapy puts the request there
        if not isinstance(error, NetworkError):  # the disk, or a bug of ours
            self._give_up(error if isinstance(error, Exception) else RuntimeError(repr(error)))
            return
        judgement = judge_error(wish, error)
        if wish.kind is WishKind.ROBOTS and judgement.turn is not Turn.RETRY:
            self.leave.obey(wish, None, b"", f"its robots.txt could not be read: {error}")
        self._silent[wish.host] += 1
        if isinstance(error, HostNotFound) or self._silent[wish.host] >= SILENT_ANSWERS:
            self._leave_alone(wish.host, str(error))
        self._settle(seq, wish, judgement)

    def _give_up(self, error: Exception) -> None:
        """Nothing more is asked; what is under way may end. The run stays unfinished, so the same command goes on with it."""
        self.session.outcome.trouble = self.session.outcome.trouble or as_storage_error(error)
        self._stop()

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
                    self.failures.add(wish.url, judgement.reason)

    def _leave_alone(self, host: str, reason: str) -> None:
        notes = self.session.outcome.notes
        if len(notes) < MAX_LISTED:  # a list of links may name a hundred thousand hosts that are gone
            notes.setdefault(host, reason)
        self._silent.pop(host, None)
        self.frontier.set_aside(host)

    def _count(self, wish: Wish, recorded: Recorded, judgement: Judgement) -> None:
        tally, findings = self.session.tally, recorded.findings
        if findings.unreadable is not None and len(self.session.outcome.unread) < MAX_LISTED:
            self.session.outcome.unread.append((wish.url, findings.unreadable))
        if findings.page is not None and judgement.turn is Turn.DONE:  # not a redirect, not one that is tried again
            tally.pages += 1
            tally.unchanged += recorded.capture.record_type == "revisit"
            tally.embeds += len(findings.embeds.embeds) if findings.embeds is not None else 0
        tally.renders_wanted = self.frontier.renders_wanted if self.renders is not None else 0
        tally.posts_asked += wish.kind is WishKind.ASK
        tally.media += wish.kind is WishKind.MEDIA and recorded.capture.status == 200
        if self.session.on_progress is not None:
            self.session.on_progress(tally, wish.url)

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
