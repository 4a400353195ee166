"""Draws beside the crawl: wishes to see something go to the browsers, not to Scrapy."""

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import replace

from archiver.crawling.render_service import Rendering
from archiver.crawling.session import MAX_LISTED, Session
from archiver.errors import BrowserFailed
from archiver.model.findings import Embed, PostRef
from archiver.model.render import Render, RenderStatus, RenderTarget
from archiver.platforms import platform_named
from archiver.recording.recorder import Recorded
from archiver.urls import host_of
from spiders.crawl_request import BROWSER, CrawlRequest, RequestKind
from spiders.frontier import Frontier
from spiders.response_policy import Action, Decision, asks_to_wait, retry_after
from spiders.resume import ResumeLookup


class Renders:
    """For one run. What it draws ends in `settle`; what makes going on senseless, in `give_up`; what it sees, in `follow`."""

    def __init__(
        self,
        session: Session,
        rendering: Rendering,
        frontier: Frontier,
        follow: Callable[[CrawlRequest, Recorded], None],
        settle: Callable[[int, CrawlRequest, Decision], None],
        give_up: Callable[[Exception], None],
        resuming: ResumeLookup,
    ) -> None:
        self._session, self._rendering, self._frontier = session, rendering, frontier
        self._follow, self._settle, self._give_up = follow, settle, give_up
        rendering.hooks.turn, rendering.hooks.recorded = self._turn, self._seen
        rendering.hooks.earlier = resuming.for_browser
        self._resuming = resuming
        self._under_way: set[asyncio.Task[None]] = set()

    def begin(self, seq: int, request: CrawlRequest) -> None:
        """Returns at once; the frontier hands out no more of these than there are browsers. What was drawn is not drawn again."""
        drawn = self._resuming.drawn(seq, request)
        task = asyncio.get_running_loop().create_task(self._hear_again(seq, request) if drawn else self._draw(seq, request))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    def stop(self) -> None:
        """What is under way is given up; the next run draws it."""
        for task in self._under_way:
            task.cancel()

    async def close(self) -> None:
        """The same, and waits for it."""
        self.stop()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _draw(self, seq: int, request: CrawlRequest) -> None:
        try:
            render = await self._rendering.render(self._target(request), request.page_visit or str(uuid.uuid4()))
            self._count(request, render)
            failed = render.ended is RenderStatus.FAILED
            self._settle(seq, request, Decision(Action.FAILED if failed else Action.DONE, reason=render.reason or ""))
        except BrowserFailed as error:
            self._session.outcome.notes.setdefault("the browser", str(error))
            self._list_undrawn(request, str(error))
            self._frontier.set_aside(BROWSER)
            self._settle(seq, request, Decision(Action.FAILED, reason=str(error)))
        except Exception as error:  # noqa: BLE001  a full disk or a bug of ours: nobody awaits this task, so it is told here
            self._give_up(error)

    async def _hear_again(self, seq: int, request: CrawlRequest) -> None:
        """It was drawn by a crawl that was killed, perhaps before the run knew what follows from what its browser was told."""
        try:
            for recorded in await self._resuming.heard(request.url):
                self._seen(recorded)
            self._settle(seq, request, Decision(Action.DONE))
        except Exception as error:  # noqa: BLE001  as above
            self._give_up(error)

    async def _turn(self, host: str, requisite: bool) -> bool:
        return await self._frontier.turn(host, requisite=requisite)

    def _seen(self, recorded: Recorded) -> None:
        """What a page asked for may be a platform's word on a post: its pictures are wanted in their original size."""
        head, url = recorded.head, recorded.capture.url
        if asks_to_wait(head):
            self._frontier.pause(host_of(url), retry_after(head, self._session.clock()))
        if recorded.findings.statements:
            self._follow(CrawlRequest(url, RequestKind.ASK), recorded)

    def _target(self, request: CrawlRequest) -> RenderTarget:
        self._session.recorder.commit()  # what the page embeds, and what a post says, was perhaps recorded a moment ago
        held = self._session.recorder.held
        if request.post is None:
            return RenderTarget(request.url, embeds=tuple(map(_as_drawn, held.embeds(request.url))))
        ref = PostRef(*request.post)
        return RenderTarget(request.url, post=ref, words=held.words(ref) if _shows_words(ref.platform) else None)

    def _count(self, request: CrawlRequest, render: Render) -> None:
        stats = self._session.stats
        if render.ended is not RenderStatus.FAILED:
            stats.renders += 1
        else:
            self._list_undrawn(request, render.reason or "it could not be drawn")
        if self._session.on_progress is not None:
            self._session.on_progress(stats, request.url)

    def _list_undrawn(self, request: CrawlRequest, reason: str) -> None:
        if len(self._session.outcome.undrawn) < MAX_LISTED:
            self._session.outcome.undrawn.append((request.url, reason))


def _as_drawn(embed: Embed) -> Embed:
    return embed if _shows_words(embed.platform) else replace(embed, text=None)


def _shows_words(name: str) -> bool:
    """Whether what is drawn has the words that are known of it: a map does not show what its page calls it."""
    platform = platform_named(name)
    return platform is not None and platform.shows_words
