"""One attempt to render a page: a context of its own, navigation, settling, capture. Ends in time whatever the page does."""

import asyncio
import contextlib
from collections.abc import Coroutine
from dataclasses import dataclass
from enum import Enum
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, CDPSession, Dialog, Error, Page
from playwright.async_api import TimeoutError as PlaywrightTimeout

from archiver.browser.capture import EmbedFinder, FinalDocument, PageCapture, RenderDraft, Window
from archiver.browser.chromium import Chromium
from archiver.browser.gateway import Gateway
from archiver.browser.load_tracking import LoadTracker
from archiver.browser.page import Frame, LivePage, PageLost, Unresponsive, script
from archiver.browser.settle import Settling
from archiver.browser.traffic import RequestHandler, Traffic
from archiver.model.render import RenderTarget

CLOSE_SECONDS = 2.0  # for a context; it takes 10 ms unless the page hangs


class Outcome(Enum):
    """How one attempt ended, beside what it brought."""

    RENDERED = "rendered"
    HUNG = "hung"
    """Its scripts keep the page from answering, or time was up in the middle."""
    LOST = "lost"
    """The page or the browser crashed."""
    FLOODED = "flooded"
    """It asked for far more than is fetched for one page, and went on."""
    NO_PAGE = "no page"
    """There is nothing to render: no response, a download, a refusal."""


@dataclass(frozen=True, slots=True)
class AttemptPlan:
    """How to render, in this attempt."""

    window: Window
    user_agent: str
    scripts: bool
    fresh: bool
    rest_until: float
    """By the loop's clock: from here on it is captured as it is."""
    end: float
    """By the loop's clock: from here on nothing more is awaited."""
    patience: float
    """Seconds in which a page must answer a question."""
    max_screens: int
    referer: str | None = None
    """As `RenderTarget.referer`; a second attempt may have another."""


class RenderAttempt:
    """One attempt to render one page."""

    def __init__(self, chromium: Chromium, gateway: Gateway, target: RenderTarget, plan: AttemptPlan) -> None:
        self.draft = RenderDraft()
        self.clean = True
        """Whether the browser is as it was before: False where it should be replaced."""
        self._chromium = chromium
        self._gateway = gateway
        self._target = target
        self._plan = plan
        self._lost = asyncio.Event()
        self._flooded = asyncio.Event()
        self._chores: set[asyncio.Task[None]] = set()
        self._now = asyncio.get_running_loop().time

    async def run(self, answer: RequestHandler, find_embeds: EmbedFinder) -> Outcome:
        """Renders the page into `draft`, and returns how that ended. Raises what `answer` raised beyond its contract."""
        tracker = LoadTracker(answer)
        work = asyncio.create_task(self._work(tracker, find_embeds))
        events = (self._lost, self._chromium.disconnected, self._flooded)
        ends = [asyncio.create_task(event.wait()) for event in events]
        try:
            await asyncio.wait({work, *ends}, timeout=max(self._plan.end - self._now(), 0), return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                return work.result()
            self.clean = False
            if self._flooded.is_set():
                await self._chromium.kill()  # before anything else is asked of it: that would wait behind the flood
                return Outcome.FLOODED
            return Outcome.LOST if any(end.done() for end in ends) else Outcome.HUNG
        finally:
            for task in (work, *ends, *self._chores):
                task.cancel()
            await asyncio.gather(work, *ends, *self._chores, return_exceptions=True)
            self.draft.notes.update(tracker.notes)

    async def _work(self, tracker: LoadTracker, find_embeds: EmbedFinder) -> Outcome:
        context: BrowserContext | None = None
        try:
            async with asyncio.timeout(self._plan.end - self._now()):
                context = await self._chromium.browser.new_context(**self._options())
            return await self._in_context(context, tracker, find_embeds)
        except (Unresponsive, TimeoutError):  # the page, or the browser itself
            self.clean = False
            return Outcome.HUNG
        except (PageLost, Error):
            return Outcome.LOST
        finally:
            await self._close(context)

    def _options(self) -> dict[str, Any]:
        """The context's options: those of a reader's browser, without any permission that a page could ask for."""
        size = {"width": self._plan.window.width, "height": self._plan.window.height}
        return {
            "viewport": size,
            "screen": size,
            "locale": "en-US",
            "timezone_id": "UTC",
            "reduced_motion": "reduce",
            "color_scheme": "light",
            "user_agent": self._plan.user_agent,
            "service_workers": "block",
            "accept_downloads": False,
            "java_script_enabled": self._plan.scripts,
            "permissions": [],
        }

    async def _in_context(self, context: BrowserContext, tracker: LoadTracker, find_embeds: EmbedFinder) -> Outcome:
        if self._plan.scripts:
            await context.add_init_script(script("hush"))
        page = await context.new_page()
        page.on("crash", lambda _: self._lost.set())
        page.on("dialog", self._dismiss)
        context.on("page", self._close_popup)
        session = await context.new_cdp_session(page)
        live = LivePage(session, self._plan.patience, self._plan.window.height)
        traffic = self._gateway.begin(tracker.answer, (await live.frames())[0].id, fresh=self._plan.fresh)
        traffic.on_full = lambda: self._do(_stop_loading(session))
        traffic.on_flood = self._flooded.set
        live.last_sign = lambda: traffic.last_activity
        try:
            return await self._at_page(page, live, traffic, tracker, find_embeds)
        finally:
            self._note(traffic)

    async def _at_page(
        self, page: Page, live: LivePage, traffic: Traffic, tracker: LoadTracker, find_embeds: EmbedFinder
    ) -> Outcome:
        plan = self._plan
        if (arrived := await self._go(page, traffic)) is None:
            return Outcome.NO_PAGE
        settling = Settling(live, traffic, tracker, until=plan.rest_until, max_screens=plan.max_screens, scripts=plan.scripts)
        rest = await settling.rest()
        if tracker.notes["navigations_stopped"]:
            self.draft.reason = f"it kept navigating; rendered where it was after {tracker.navigated} pages"
        elif traffic.notes["over_cap"]:
            self.draft.reason = "it asked for more than is fetched for one page"
            self.draft.final = True
        tracker.stays, tracker.closed = True, not rest.in_time
        final_document = _final_document_of(arrived, (await live.frames())[0], traffic)
        self.draft.final |= final_document.moved_to is not None
        capture = PageCapture(live, self._target, plan.window, tracker, settling, final_document, scripts=plan.scripts)
        await capture.capture(rest, self.draft, find_embeds)
        return Outcome.RENDERED

    def _referer(self) -> str | None:
        """What the server is told of the page that leads here: what browsers tell by default of a page that frames it, its
        origin, and nothing where that is under https and this is not (Referrer Policy, strict-origin-when-cross-origin).

        Chromium applies no policy to a navigation of DevTools, and would send the whole URL (Chromium 156, tried 2026-12).
        """
        page = urlsplit(self._plan.referer or "")
        if page.scheme not in ("http", "https") or not page.hostname:
            return None
        if page.scheme == "https" and urlsplit(self._target.url).scheme != "https":
            return None
        return f"{page.scheme}://{page.netloc.rpartition('@')[2]}/"

    async def _go(self, page: Page, traffic: Traffic) -> str | None:
        """The URL that was arrived at, after redirects of the server. None: there is no page, and `draft.reason` says why."""
        seconds = max(self._plan.rest_until - self._now(), 0.1)
        try:
            response = await page.goto(self._target.url, wait_until="commit", timeout=seconds * 1000, referer=self._referer())
        except PlaywrightTimeout:
            self.draft.reason = f"there was no answer within {seconds:.0f} s"
        except Error as error:
            if self._lost.is_set() or self._chromium.disconnected.is_set():
                raise
            self.draft.reason = _why(error.message, traffic)
        else:
            return response.url if response is not None else self._target.url
        return None

    def _dismiss(self, dialog: Dialog) -> None:
        self.draft.notes["dialogs"] += 1
        self._do(dialog.dismiss())

    def _close_popup(self, popup: Page) -> None:
        self.draft.notes["popups"] += 1
        self._do(popup.close())

    def _do(self, chore: Coroutine[Any, Any, None]) -> None:
        async def done() -> None:
            with contextlib.suppress(Error):  # gone already
                await chore

        task = asyncio.create_task(done())
        self._chores.add(task)
        task.add_done_callback(self._chores.discard)

    def _note(self, traffic: Traffic) -> None:
        self.draft.notes.update(traffic.notes)
        self.draft.notes["bytes"] += traffic.bytes

    async def _close(self, context: BrowserContext | None) -> None:
        """Whatever happened, the next render finds a browser without this page, or none."""
        if context is None or not self.clean:
            return  # whoever called ends the browser as a whole
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await context.close()
        except (Error, TimeoutError):
            self.clean = False


def _final_document_of(arrived: str, frame: Frame, traffic: Traffic) -> FinalDocument:
    """The document that the page's frame holds by now. Known by what was requested: the page may change its address as it
    likes."""
    document = traffic.documents.get(frame.loader, traffic.document)
    if document is None:
        return FinalDocument(None, None)
    return FinalDocument(document.status, None if _page_key(document.url) == _page_key(arrived) else document.url)


def _page_key(url: str) -> tuple[str, str]:
    """What tells two pages apart: not the scheme, `www.`, or a slash at the end."""
    parts = urlsplit(url)
    return (parts.hostname or "").removeprefix("www."), parts.path.rstrip("/")


async def _stop_loading(session: CDPSession) -> None:
    """Stops the page's scripts and its parser: nothing more is fetched for it."""
    await session.send("Emulation.setScriptExecutionDisabled", {"value": True})
    await session.send("Page.stopLoading")


def _why(message: str, traffic: Traffic) -> str:
    """A reason for people, from Chromium's message about a navigation that failed."""
    document = traffic.document
    if "Download is starting" in message:
        return "it is a download, not a page"
    if document is not None and document.reason is not None:
        return document.reason
    if document is not None and document.status is not None:
        return f"the server answered {document.status}, and nothing to render"
    return message.splitlines()[0].removeprefix("Page.goto: ")
