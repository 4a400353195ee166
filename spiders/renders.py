"""Renders beside the crawl: requests of the kind `RENDER` go to browsers, not to Scrapy's downloader."""

import asyncio
import uuid
from dataclasses import replace
from typing import Protocol

from archiver.config.settings import NEUTRAL_REFERER
from archiver.crawling.render_service import RenderService
from archiver.crawling.session import MAX_LISTED, Session
from archiver.errors import BrowserFailed
from archiver.model.findings import Embed, PostRef
from archiver.model.render import REFUSALS, Quality, Render, RenderStatus, RenderTarget
from archiver.platforms import platform_named
from archiver.recording.recorder import Recorded
from archiver.urls import host_of
from spiders.crawl_request import BROWSER, CrawlRequest, RequestKind
from spiders.frontier import Frontier
from spiders.response_policy import Action, Decision, RequestResult, retry_after
from spiders.resume import ResumeLookup


class Reports(Protocol):
    """Who hears of a render: the spider."""

    def follow(self, request: CrawlRequest, recorded: Recorded) -> None:
        """A browser was given a platform's reply, which other requests may follow from."""

    def settle(self, result: RequestResult) -> None:
        """A render has ended."""

    def give_up(self, error: Exception) -> None:
        """An error ends the crawl: a full disk, or a bug of ours."""


class Renders:
    """The renders of one crawl, each a task of its own."""

    def __init__(
        self,
        session: Session,
        rendering: RenderService,
        frontier: Frontier,
        reports: Reports,
        resume: ResumeLookup,
    ) -> None:
        self._session, self._rendering, self._frontier = session, rendering, frontier
        self._reports, self._resume = reports, resume
        rendering.hooks.turn, rendering.hooks.recorded = self._wait_for_turn, self._follow_reply
        rendering.hooks.earlier = resume.for_browser
        self._under_way: set[asyncio.Task[None]] = set()

    def begin(self, seq: int, request: CrawlRequest) -> None:
        """Begins a render and returns at once; the frontier hands out no more of these than there are browsers.

        What an interrupted crawl of this run has rendered is not rendered again.
        """
        rendered = self._resume.rendered(seq, request)
        task = asyncio.get_running_loop().create_task(
            self._follow_replies(seq, request) if rendered else self._render(seq, request)
        )
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    def stop(self) -> None:
        """Gives up what is under way; the next run renders it."""
        for task in self._under_way:
            task.cancel()

    async def close(self) -> None:
        """Gives up what is under way, and waits until it has ended."""
        self.stop()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _render(self, seq: int, request: CrawlRequest) -> None:
        visit, is_last = request.page_visit or str(uuid.uuid4()), not request.fallbacks
        try:
            # A host that shows no page of the post at all leaves captures, and no render where another address follows.
            render = await self._rendering.render(
                self._target(request), visit, keep=lambda one: is_last or _shows_something(one) or bool(one.notes.get(REFUSALS))
            )
            if not (is_last or _shows_something(render)):
                self._reports.settle(RequestResult(seq, request, Decision(Action.FALLBACK)))
                return
            self._count(request, render)
            action = Action.FAILED if render.ended is RenderStatus.FAILED else Action.DONE
            self._reports.settle(RequestResult(seq, request, Decision(action, reason=render.reason or "")))
        except BrowserFailed as error:
            self._session.outcome.notes.setdefault("the browser", str(error))
            self._list_failed(request, str(error))
            self._frontier.abandon_host(BROWSER)
            self._reports.settle(RequestResult(seq, request, Decision(Action.FAILED, reason=str(error))))
        except Exception as error:  # noqa: BLE001  a full disk or a bug of ours: nobody awaits this task, so it is told here
            self._reports.give_up(error)

    async def _follow_replies(self, seq: int, request: CrawlRequest) -> None:
        """In place of a render that a killed crawl recorded: the run may not know what follows from the replies in it."""
        try:
            for recorded in await self._resume.platform_replies(request.url):
                self._follow_reply(recorded)
            self._reports.settle(RequestResult(seq, request, Decision(Action.DONE)))
        except Exception as error:  # noqa: BLE001  nobody awaits this task either
            self._reports.give_up(error)

    async def _wait_for_turn(self, host: str, requisite: bool) -> bool:
        return await self._frontier.wait_for_turn(host, requisite=requisite)

    def _follow_reply(self, recorded: Recorded) -> None:
        """What a rendered page asked for may be a platform's reply about a post: its pictures are then asked for in full size."""
        head, url = recorded.head, recorded.capture.url
        if head.asks_to_wait:
            self._frontier.pause(host_of(url), retry_after(head, self._session.clock()))
        if recorded.findings.statements:
            self._reports.follow(CrawlRequest(url, RequestKind.ASK), recorded)

    def _target(self, request: CrawlRequest) -> RenderTarget:
        self._session.recorder.commit()  # what the page embeds, and what a post says, was perhaps recorded a moment ago
        crawl_index = self._session.recorder.crawl_index
        if request.post is None:
            return RenderTarget(request.url, embeds=tuple(map(_as_rendered, crawl_index.embeds(request.url))))
        ref = PostRef(*request.post)
        words = crawl_index.words(ref) if _shows_words(ref.platform) else None
        referer = crawl_index.page_embedding(ref) or NEUTRAL_REFERER
        return RenderTarget(request.url, post=ref, words=words, referer=referer)

    def _count(self, request: CrawlRequest, render: Render) -> None:
        stats = self._session.stats
        if render.ended is not RenderStatus.FAILED:
            stats.renders += 1
        else:
            self._list_failed(request, render.reason or "it could not be drawn")
        if self._session.on_progress is not None:
            self._session.on_progress(stats, request.url)

    def _list_failed(self, request: CrawlRequest, reason: str) -> None:
        if len(self._session.outcome.undrawn) < MAX_LISTED:
            self._session.outcome.undrawn.append((request.url, reason))


def _shows_something(render: Render) -> bool:
    return any(shot.quality not in (Quality.REFUSED, Quality.BLANK) for shot in render.screenshots)


def _as_rendered(embed: Embed) -> Embed:
    """Without the text of an embed that its render does not show."""
    return embed if _shows_words(embed.platform) else replace(embed, text=None)


def _shows_words(name: str) -> bool:
    """Whether a render of such an embed shows its text: a map does not show what its page calls it."""
    platform = platform_named(name)
    return platform is not None and platform.shows_words
