"""Settling: waits until a page shows all that it is going to, lazy pictures included, and no longer."""

import asyncio
import contextlib
from collections.abc import Collection
from dataclasses import dataclass

from archiver.browser.load_tracking import LoadTracker
from archiver.browser.overlays import hide_overlays
from archiver.browser.page import Frame, LivePage, PageLost, ScriptResult
from archiver.browser.traffic import Traffic

SILENCE_SECONDS = 0.5  # without a request, as in Playwright's "networkidle": scripts that load others do so within that
TURN_SECONDS = 0.025
GLANCE_SECONDS = 1.0  # between two looks at a page that still loads: does it answer at all?
RESTLESS_SECONDS = 5.0  # after the load event streams, polls and advertisements are no longer waited for
STRAGGLER_SECONDS = 2.5  # for pictures, fonts and frames of which nothing more is asked for
EMPTY_SECONDS = 1.0  # for frames with nothing in them: most stay so
STEP_SECONDS = 0.034  # two frames of a display: observers hear of what came into view once in each
PAINT_SECONDS = 1.0  # for all frames of a page; it takes a thirtieth, but for those that are hidden and never painted
MAX_ROUNDS = 3  # through the page from top to bottom: what comes at its end may make it longer


@dataclass(frozen=True, slots=True)
class Rest:
    """How a page is once there is nothing more to wait for, or time is up."""

    in_time: bool
    """False: something was still under way when time was up."""
    pictures: int = 0
    """How many pictures were requested and have not come."""
    busy: int = 0
    """How many parts of the page, frames included, mark themselves as loading (`aria-busy`)."""
    under_way: int = 0
    """How many requests were not answered yet."""

    @property
    def lacking(self) -> str | None:
        """What is missing, in words; None where nothing is."""
        if not self.in_time:
            return (
                f"{self.under_way} requests were still under way when time was up" if self.under_way else "it never came to rest"
            )
        if self.pictures:
            return f"{self.pictures} of its pictures did not come"
        return "a part of it says that it is still loading" if self.busy else None


@dataclass(frozen=True, slots=True)
class _State:
    """What all documents of a page report together."""

    loaded: bool
    pictures: int
    busy: int
    empty: int
    fonts: int
    height: int
    view: int


class Settling:
    """Waits for one page to settle."""

    def __init__(
        self, page: LivePage, traffic: Traffic, tracker: LoadTracker, *, until: float, max_screens: int, scripts: bool = True
    ) -> None:
        """`until`: by the loop's clock. `max_screens`: how far down lazy pictures are brought into view, in windows. Without
        `scripts` what says that it is busy stays so."""
        self._page = page
        self._traffic = traffic
        self._tracker = tracker
        self._until = until
        self._max_screens = max_screens
        self._scripts = scripts
        self._now = asyncio.get_running_loop().time
        self._loaded_at: float | None = None
        self.banners = 0
        """How many consent dialogs were hidden."""

    async def rest(self) -> Rest:
        """Raises `Unresponsive` and `PageLost`."""
        state = await self._until_loaded()
        self.banners = (await hide_overlays(self._page)).count("hidden")  # a dialog may keep the page from scrolling
        seen = 0
        for _ in range(MAX_ROUNDS):
            if state.height > seen + state.view / 2:
                seen = await self._scroll(seen, state)
            await self._silence()
            state = await self._stragglers()
            if state.height <= seen + state.view / 2 or self._over or seen >= self._max_screens * state.view:
                break
        return Rest(not self._over or self._quiet(), state.pictures, state.busy, self._traffic.in_flight)

    async def settle(self, frames: Collection[int] = ()) -> None:
        """Waits a little for what was only now brought into view: for what it asks for, and for frames, by their numbers, to be
        painted."""
        await asyncio.sleep(2 * STEP_SECONDS)
        if self._scripts:  # else nothing reports what is painted
            asked = [asyncio.create_task(self._painted(frame)) for frame in await self._page.frames() if self._is(frame, frames)]
            await asyncio.wait(asked, timeout=PAINT_SECONDS)
            for one in asked:
                one.cancel()
            await asyncio.gather(*asked, return_exceptions=True)
        until = min(self._now() + STRAGGLER_SECONDS, self._until)
        while self._now() < until and not self._quiet():
            await asyncio.sleep(TURN_SECONDS)

    def _is(self, frame: Frame, numbers: Collection[int]) -> bool:
        """Whether it is the page itself, or one of these frames of it."""
        return frame.parent is None or (frame.parent == self._page.main and frame.number in numbers)

    async def _painted(self, frame: Frame) -> None:
        with contextlib.suppress(PageLost):  # this frame went away
            await self._page.ask("painted", frame=frame.id)

    @property
    def _over(self) -> bool:
        return self._now() >= self._until

    def _quiet(self) -> bool:
        """Nothing is under way, and nothing was for half a second; of a restless page, nothing that matters."""
        now = self._now()
        if self._traffic.in_flight == 0 and now - self._traffic.last_activity >= SILENCE_SECONDS:
            return True
        restless = self._loaded_at is not None and now - self._loaded_at >= RESTLESS_SECONDS
        return restless and self._tracker.pending == 0 and now - self._tracker.last_essential >= SILENCE_SECONDS

    async def _until_loaded(self) -> _State:
        """Asked seldom while requests are under way: a page that loads has better things to do than to answer."""
        glanced = self._now()
        while True:
            if self._traffic.in_flight == 0 or self._now() - glanced >= GLANCE_SECONDS or self._over:
                glanced = self._now()
                state = await self._state(frames=False)
                if state.loaded:
                    self._loaded_at = self._now()
                if state.loaded or self._over:
                    return state
            await asyncio.sleep(TURN_SECONDS)

    async def _silence(self) -> None:
        glanced = self._now()
        while not self._over and not self._quiet():
            await asyncio.sleep(TURN_SECONDS)
            if self._now() - glanced >= GLANCE_SECONDS:
                glanced = self._now()
                await self._state(frames=False)

    async def _stragglers(self) -> _State:
        """Pictures that are being decoded, fonts, frames that say that they are busy or have nothing in them yet."""
        began = self._now()
        while True:
            state = await self._state()
            waited = self._now() - began
            wants = state.pictures or state.fonts or state.busy
            if self._over or not (wants or state.empty) or waited >= (STRAGGLER_SECONDS if wants else EMPTY_SECONDS):
                return state
            await asyncio.sleep(4 * TURN_SECONDS)
            await self._silence()

    async def _scroll(self, seen: int, state: _State) -> int:
        """Scrolls down by one window after another, from `seen` on, and back to the top. Returns how far it got, in pixels."""
        height = state.height
        top = seen
        while top < min(height, self._max_screens * state.view) and not self._over:
            top += state.view
            height = max((await self._page.ask("scroll", min(top, height))).count("height"), 1)
            await asyncio.sleep(STEP_SECONDS)
        await self._page.ask("scroll", 0)
        return min(height, top)

    async def _state(self, *, frames: bool = True) -> _State:
        result = [await self._page.ask("state")]
        if frames:
            result += await self._page.each(lambda frame: self._of_frame(frame.id), (await self._page.frames())[1:])
        own = result[0]
        return _State(
            loaded=own.text("ready", 20) == "complete",
            pictures=sum(one.count("pending") for one in result),
            busy=sum(one.count("busy") for one in result) if self._scripts else 0,
            empty=sum(1 for one in result[1:] if one.count("empty") and one.count("view") >= 50),
            fonts=sum(one.count("fonts") for one in result),
            height=own.count("height"),
            view=max(own.count("view"), 100),
        )

    async def _of_frame(self, frame: str) -> ScriptResult:
        try:
            return await self._page.ask("state", frame=frame)
        except PageLost:
            return ScriptResult(None)  # this frame went away; whether the page did shows at the next question to it
