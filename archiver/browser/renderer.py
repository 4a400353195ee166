"""Renders pages: one browser, which renders one page at a time and is replaced when it is worn or harmed."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from archiver.browser.attempt import AttemptPlan, Outcome, RenderAttempt
from archiver.browser.capture import EmbedFinder, RenderDraft, Window
from archiver.browser.chromium import REMEDY, Chromium, Driver, find_browser
from archiver.browser.gateway import Gateway
from archiver.browser.traffic import GatewayCaps, RequestHandler
from archiver.config.settings import NEUTRAL_REFERER
from archiver.errors import BrowserFailed
from archiver.model.render import REFUSALS, Quality, Render, RenderStatus, RenderTarget
from archiver.times import Clock, utc_now

RENDERS_PER_BROWSER = 25  # then a fresh one: half a second, against what strangers' pages have left behind
RETRIED = frozenset((Quality.BLANK, Quality.HALF_LOADED, Quality.LOGIN_WALL, Quality.TEXT_MISSING))
REST_SHARE = 0.4  # of the time cap, from its start: until then a page may come to rest
FIRST_SHARE = 0.6  # of the time cap, from its start: until then it is rendered; what is left is for a second attempt
SECOND_REST_SHARE = 0.5  # of what is left at the second attempt's start: until then it may come to rest
PATIENCE_SHARE = 5  # a page that has not answered in a fifth of the time cap does not answer
LEAST_PATIENCE = 1.5  # seconds; a busy machine takes one for a large page


@dataclass(frozen=True, slots=True)
class RenderCaps:
    """Upper bounds of what one page may cost."""

    seconds: float = 60.0
    """For all attempts together; what must be cleaned up behind it takes a few more."""
    max_height: int = 16_384
    """Pixels of the picture of a whole page: Chromium renders no taller ones in one piece."""
    max_screens: int = 20
    """Windows that are scrolled down for lazy pictures."""
    renders_per_browser: int = RENDERS_PER_BROWSER
    gateway: GatewayCaps = field(default_factory=GatewayCaps)


# What keeps a page from being rendered with its scripts, and the reason that is given.
FAILED = {
    Outcome.HUNG: "its scripts never came to rest within {seconds} s",
    Outcome.LOST: "its scripts brought the page down",
    Outcome.FLOODED: "its scripts asked for more than is fetched for one page, and went on",
}
OF_A_PICTURE = ("embeds_not_drawn", "banners_hidden", REFUSALS)  # counts of what was kept; all others are sums of both attempts
PAGE_WINDOW = (1280, 1024)
POST_WINDOW = (600, 800)  # a little more than embeds are wide; posts by themselves are rendered in this


@dataclass(slots=True)
class _Lane:
    """A browser, and how often it was used."""

    chromium: Chromium
    gateway: Gateway
    user_agent: str
    renders: int = 0


class Renderer:
    """One browser, started when it is needed, in one event loop; `close` it there."""

    def __init__(
        self,
        *,
        user_agent: str,
        find_embeds: EmbedFinder,
        caps: RenderCaps | None = None,
        executable: Path | None = None,
        clock: Clock = utc_now,
        neutral_referer: str | None = NEUTRAL_REFERER,
    ) -> None:
        """`user_agent`: the token behind Chrome's own. `executable`: the browser; by default the one that is found.
        `neutral_referer`: with which a post is navigated to again that is refused with another, or without any."""
        self._token = user_agent
        self._find_embeds = find_embeds
        self._caps = caps or RenderCaps()
        self._executable = executable
        self._driver = Driver()
        self._clock = clock
        self._neutral_referer = neutral_referer
        self._lane: _Lane | None = None
        self.browsers = 0
        """How many were started so far."""

    async def render(self, target: RenderTarget, answer: RequestHandler) -> Render:
        """Renders a page, within the time cap and a few seconds. Never raises for what a page does.

        Raises `BrowserFailed` where there is no browser that starts, and what `answer` raised beyond its contract.
        """
        await self._ready()  # whatever that takes, it is not the page's fault
        started_at = self._clock()
        start = asyncio.get_running_loop().time()
        end = start + self._caps.seconds
        plan = self._plan(
            target, rest_until=start + REST_SHARE * self._caps.seconds, end=start + FIRST_SHARE * self._caps.seconds
        )
        ending, draft = await self._draw(target, plan, answer)
        now = asyncio.get_running_loop().time()
        if ending in FAILED:
            draft = await self._without_scripts(target, plan, answer, end, ending, draft)
        elif (
            ending is Outcome.RENDERED
            and now - start < REST_SHARE * self._caps.seconds
            and (_needs_another(draft) or (draft.refused and plan.referer != self._neutral_referer))
        ):
            referer = self._neutral_referer if draft.refused else plan.referer
            again = replace(plan, fresh=True, rest_until=now + SECOND_REST_SHARE * (end - now), end=end, referer=referer)
            ending, second = await self._draw(target, again, answer)
            draft = _better(draft, second)
            draft.notes["retried"] += 1
        return _render(target, started_at, draft)

    @property
    def running(self) -> Chromium | None:
        """The browser that runs now."""
        return self._lane.chromium if self._lane is not None else None

    async def close(self) -> None:
        await self._drop()

    def _plan(self, target: RenderTarget, rest_until: float, end: float) -> AttemptPlan:
        width, height = POST_WINDOW if target.post is not None else PAGE_WINDOW
        return AttemptPlan(
            window=Window(width, height, self._caps.max_height),
            user_agent="",
            scripts=True,
            fresh=False,
            rest_until=rest_until,
            end=end,
            patience=max(self._caps.seconds / PATIENCE_SHARE, LEAST_PATIENCE),
            max_screens=self._caps.max_screens,
            referer=target.referer,
        )

    async def _without_scripts(
        self, target: RenderTarget, plan: AttemptPlan, answer: RequestHandler, end: float, why: Outcome, first: RenderDraft
    ) -> RenderDraft:
        await self._ready()
        now = asyncio.get_running_loop().time()
        calm = replace(plan, scripts=False, rest_until=now + SECOND_REST_SHARE * max(end - now, 0), end=max(end, now + 1))
        _, second = await self._draw(target, calm, answer)
        best = _better(first, second)
        what = FAILED[why].format(seconds=f"{self._caps.seconds:g}")
        if not best.screenshots:
            best.reason = f"{what}; without them: {second.reason}" if second.reason else what
        elif best is second:
            best.reason = f"{what}; rendered without scripts"
            best.notes["unscripted"] += 1
        else:
            best.reason = f"{what}; rendered as far as it had come"
        return best

    async def _draw(self, target: RenderTarget, plan: AttemptPlan, answer: RequestHandler) -> tuple[Outcome, RenderDraft]:
        lane = await self._ready()
        lane.renders += 1
        attempt = RenderAttempt(lane.chromium, lane.gateway, target, replace(plan, user_agent=lane.user_agent))
        ending: Outcome | None = None  # stays so where it is cancelled, or an error of ours comes through
        try:
            ending = await attempt.run(answer, self._find_embeds)
        finally:
            healthy = ending is not None and ending not in FAILED and attempt.clean
            try:
                if not healthy:
                    await self._drop(by_force=True)
            finally:  # whatever happened, what was being fetched for it ends
                ended = lane.gateway.end(tell=healthy)
                await (ended if ending is not None else asyncio.gather(ended, return_exceptions=True))
        return ending, attempt.draft

    async def _ready(self) -> _Lane:
        lane = self._lane
        if lane is not None and (lane.renders >= self._caps.renders_per_browser or lane.chromium.disconnected.is_set()):
            await self._drop()
            lane = None
        if lane is None:
            lane = self._lane = await self._launched()
        return lane

    async def _launched(self) -> _Lane:
        executable = self._executable or await asyncio.to_thread(find_browser)
        if executable is None:
            raise BrowserFailed(f"there is no browser here; get one by {REMEDY}")
        chromium = await Chromium.launch(self._driver, executable)
        self.browsers += 1
        try:
            gateway = await Gateway.open(chromium.devtools, self._caps.gateway)
            named = (await chromium.devtools.send("Browser.getVersion", {}))["userAgent"]
        except BrowserFailed:
            await chromium.kill()
            raise
        return _Lane(chromium, gateway, f"{named.replace('HeadlessChrome', 'Chrome')} {self._token}".strip())

    async def _drop(self, *, by_force: bool = False) -> None:
        lane, self._lane = self._lane, None
        if lane is not None:
            await (lane.chromium.kill() if by_force else lane.chromium.close())
        await self._driver.stop()  # it grows by 0.4 MB with each render, and gives none of it back (Playwright 1.65, 2026-11)


def _needs_another(draft: RenderDraft) -> bool:
    """Whether a second attempt may bring what is missing. Words that a frame does not say, though it answered, it will not say
    then either."""
    return not draft.final and any(
        one.quality in RETRIED and not (one.quality is Quality.TEXT_MISSING and one.position in draft.answered)
        for one in draft.screenshots
    )


def _better(first: RenderDraft, second: RenderDraft) -> RenderDraft:
    """The one with fewer bad pictures; the notes of both together."""

    def badness(draft: RenderDraft) -> tuple[bool, int, int]:
        good = sum(1 for one in draft.screenshots if one.quality in (Quality.GOOD, Quality.UNSCRIPTED))
        return (not draft.screenshots, -good, len(draft.screenshots) - good)

    best = min(first, second, key=badness)
    if not best.screenshots:
        best = second if second.reason else first
    notes = first.notes + second.notes
    notes.update({name: best.notes[name] - notes[name] for name in OF_A_PICTURE})
    best.notes = notes
    return best


def _render(target: RenderTarget, started_at: datetime, draft: RenderDraft) -> Render:
    reason = draft.reason or next((one.reason for one in draft.screenshots if one.reason is not None), None)
    ended = RenderStatus.FAILED if not draft.screenshots else RenderStatus.PARTIAL if reason is not None else RenderStatus.WHOLE
    notes = {name: count for name, count in sorted(draft.notes.items()) if count or name == REFUSALS}
    return Render(target, started_at, ended, reason, tuple(draft.screenshots), draft.text, notes)
