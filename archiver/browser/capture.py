"""Captures a page that has settled: the window, the whole page, each embed, and its text."""

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace

from archiver.browser.crop import Canvas, Crop, crop_post
from archiver.browser.load_tracking import LoadTracker
from archiver.browser.matching import frame_domains, match_embeds
from archiver.browser.overlays import hide_overlays, release_sticky
from archiver.browser.page import MAX_FRAMES, Box, Frame, FrameRead, LivePage, PageRead, ScriptResult, read_page
from archiver.browser.quality import ShownFacts
from archiver.browser.settle import Rest, Settling
from archiver.browser.wording import refusal, says
from archiver.model.findings import Embed, EmbedKind, PostRef
from archiver.model.render import LABEL, REFUSALS, RenderedEmbed, RenderTarget, Screenshot, ScreenshotKind
from archiver.platforms import platform_named
from archiver.platforms.base import Platform

EmbedFinder = Callable[[str, str], Awaitable[tuple[RenderedEmbed, ...]]]
"""From a page's URL and its markup, each element labelled, to the embeds in it. Called with hostile markup."""

MAX_MARKUP = 5_000_000  # characters of a rendered page that are looked at for embeds
MAX_EMBEDS = 100  # of one page that get a picture of their own
MAX_EMBED_HEIGHT = 6_000  # pixels
# Of all embeds together, so many times the page's own pixels, as they may stand within each other, and so many at most: sixty
# that lie over each other, as large as they may be, took 56 seconds and 1.4 GB.
PAGES_OVER, MAX_EMBED_PIXELS = 2, 40_000_000
MAX_BOX_TRIES = 3  # at where the embeds are, while frames come and go
LEAST_SIDE = 16  # pixels: what is smaller cannot be read
TALL = 8_000  # pixels; of a taller page the window is captured first, in case the whole takes too long
# Whose text is the post's own words; that of other kinds is a title, which no page shows.
SPOKEN = frozenset((EmbedKind.BLOCKQUOTE, EmbedKind.STATIC, EmbedKind.TEXT))
_NUMBER = re.compile(r"e(\d{1,6})")


@dataclass(slots=True)
class RenderDraft:
    """What one attempt to render a page has brought so far. Filled step by step, so that a time limit loses only what is
    missing."""

    screenshots: list[Screenshot] = field(default_factory=list)
    text: str | None = None
    reason: str | None = None
    """Why not all is shown, where that is about the page as a whole."""
    notes: Counter[str] = field(default_factory=Counter)
    final: bool = False
    """A second attempt would bring the same."""
    refused: bool = False
    """The post that should be seen by itself is refused, by words or a code of its network."""
    answered: set[int] = field(default_factory=set)
    """The positions of embeds whose frame came: what it shows is what there is."""


@dataclass(frozen=True, slots=True)
class Window:
    """The size of the browser window in pixels, and the height at which a picture of a whole page is cut."""

    width: int
    height: int
    max_height: int


@dataclass(frozen=True, slots=True)
class FinalDocument:
    """The document that the page holds in the end."""

    status: int | None
    """The HTTP status of the response that it came with."""
    moved_to: str | None
    """Its URL, where the page navigated by itself to another than was requested."""


class PageCapture:
    """Captures one page into a draft. Raises `Unresponsive` and `PageLost`."""

    def __init__(
        self,
        page: LivePage,
        target: RenderTarget,
        window: Window,
        tracker: LoadTracker,
        settling: Settling,
        final_document: FinalDocument,
        *,
        scripts: bool,
    ) -> None:
        self._page = page
        self._target = target
        self._window = window
        self._tracker = tracker
        self._settling = settling
        self._final_document = final_document
        self._scripts = scripts
        self._lacking: str | None = None

    async def capture(self, rest: Rest, draft: RenderDraft, find_embeds: EmbedFinder) -> None:
        self._lacking = rest.lacking if self._scripts else None
        tidied = await hide_overlays(self._page)
        draft.notes["banners_hidden"] += self._settling.banners + tidied.count("hidden")
        if self._target.post is not None:
            await self._capture_post(draft)
        else:
            await self._capture_page(draft, find_embeds, tidied)

    async def _capture_post(self, draft: RenderDraft) -> None:
        height = await self._grow_window()
        read = await self._read(draft)
        box = Box(0, 0, self._window.width, min(height, self._window.max_height))
        png = await self._page.picture(box)
        facts = self._facts(read, read.text, self._target.words)
        note = _cut_at(min(height, self._window.max_height), height)
        draft.screenshots += await asyncio.to_thread(crop_post, png, self._window.height, facts, self._target.post, note)
        draft.refused = facts.refusal is not None
        draft.notes[REFUSALS] += draft.refused

    async def _capture_page(self, draft: RenderDraft, find_embeds: EmbedFinder, tidied: ScriptResult) -> None:
        finding = asyncio.create_task(self._locate_embeds(find_embeds)) if self._target.embeds else None
        try:
            view = None
            if tidied.count("sticks") or tidied.count("height") > TALL:
                view = await self._page.picture(Box(0, 0, self._window.width, self._window.height))
            height = await self._grow_window()
            read = await self._read(draft)
            facts = self._facts(read, read.text, self._target.words)
            if view is not None:
                await self._cut(draft, view, [self._view(facts)])
            found = await finding if finding is not None else {}
            facts = replace(facts, embeds_found=len(found))
        finally:
            if finding is not None:
                finding.cancel()
        embeds = await self._embeds(draft, found, read, height)
        full = self._full(facts, height)
        inside = [one for one in embeds if one.box.y + one.box.height <= full.box.height]
        views = [self._view(facts)] if view is None else []
        await self._cut(draft, await self._page.picture(full.box), [*views, full, *inside])
        for each in embeds:
            if each.box.y + each.box.height > full.box.height:  # below where the picture of the whole page was cut
                await self._page.ask("scroll", each.box.y)
                await self._settling.settle()
                await self._cut(draft, await self._page.picture(each.box), [each.alone()])

    async def _cut(self, draft: RenderDraft, png: bytes, cuts: list[Crop]) -> None:
        """Piece by piece, so that time may be up between two of them."""
        canvas = await asyncio.to_thread(Canvas, png)
        for one in cuts:
            draft.screenshots.append(await asyncio.to_thread(canvas.cut, one))

    async def _grow_window(self) -> int:
        """Nothing sticks to the window any more, and all of the page is painted; returns its height, of the window's at least.

        Chromium does not paint frames that lie outside of the window (Chromium 156), so the window is made as tall as the page.
        """
        unstuck = await release_sticky(self._page)
        height = unstuck.count("height")
        frames = {number for number in unstuck.items("frames", MAX_FRAMES) if isinstance(number, int)}
        if frames and height > self._window.height:
            await self._page.widen(self._window.width, min(height, self._window.max_height))
            height = (await self._page.ask("freeze")).count("height")
            await self._settling.settle(frames)
        return max(height, self._window.height)

    async def _read(self, draft: RenderDraft) -> PageRead:
        read = await read_page(self._page, self._tracker.statuses, scripts=self._scripts)
        draft.text = read.text
        draft.notes[REFUSALS] += 0  # from here on it is looked for
        return read

    def _view(self, facts: ShownFacts) -> Crop:
        return Crop(ScreenshotKind.VIEW, Box(0, 0, self._window.width, self._window.height), facts)

    def _full(self, facts: ShownFacts, height: int) -> Crop:
        most = self._window.max_height
        box = Box(0, 0, self._window.width, min(height, most))
        return Crop(ScreenshotKind.FULL_PAGE, box, facts, note=_cut_at(most, height))

    def _facts(self, read: PageRead, text: str, words: str | None) -> ShownFacts:
        own = read.own
        passwords = own.passwords + (
            sum(one.passwords for frame in read.of_frames.values() for one in frame) if self._target.post else 0
        )
        lacking = self._lacking or (own.lacking if self._target.post else None)
        moved_to = self._final_document.moved_to
        if moved_to is not None and not self._shows_the_post(moved_to) and not (words and says(text, words)):
            lacking = f"by itself it led to {moved_to}"
        platform = platform_named(self._target.post.platform) if self._target.post is not None else None
        return ShownFacts(
            text=text,
            words=words,
            status=self._final_document.status or own.status,
            passwords=passwords,
            page=self._target.post is None,
            gone=platform.embed_gone if platform is not None else (),
            url=own.url,
            asked_url=self._target.url,
            lacking=lacking,
            unscripted=not self._scripts,
            refusal=self._refusal(platform, text, words, [own, *(one for each in read.of_frames.values() for one in each)]),
        )

    def _shows_the_post(self, url: str) -> bool:
        """Whether it is an address of the post that was asked for: a challenge leads back to where it came from."""
        post = self._target.post
        platform = platform_named(post.platform) if post is not None else None
        return post is not None and platform is not None and platform.parse_url(url) == post.post_id

    def _refusal(self, platform: Platform | None, text: str, words: str | None, frames: Iterable[FrameRead]) -> str | None:
        """By which words or code these documents, which hold `text`, refuse a post of this platform; None: they do not."""
        if platform is None:
            return None
        codes = (code for one in frames for code in self._tracker.refusals.get(one.url, ()))
        return next((code for code in codes if code in platform.embed_refused_codes), None) or refusal(text, words, platform)

    async def _locate_embeds(self, find_embeds: EmbedFinder) -> dict[int, RenderedEmbed]:
        """By position, the embeds that are found in the rendered page."""
        markup = (await self._page.ask("label", LABEL, MAX_MARKUP)).text("html", MAX_MARKUP)
        return match_embeds(self._target.embeds, await find_embeds(self._target.url, markup))

    async def _embeds(self, draft: RenderDraft, found: dict[int, RenderedEmbed], read: PageRead, height: int) -> list[Crop]:
        """A crop for each embed that was found, within the bounds of how many there may be."""
        labelled = [
            (embed, int(number[1]))
            for embed in self._target.embeds
            if (place := found.get(embed.position)) is not None and (number := _NUMBER.fullmatch(place.label or "")) is not None
        ]
        boxes, frames = await self._boxes(labelled[:MAX_EMBEDS]) if labelled else ([], {})
        cuts: list[Crop] = []
        room = min(PAGES_OVER * self._window.width * height, MAX_EMBED_PIXELS)
        unpictured = len(labelled[MAX_EMBEDS:])
        for (embed, _), value in zip(labelled, boxes, strict=False):
            if (box := _box(there := ScriptResult(value), self._window.width)) is None:
                continue
            if box.width * box.height > room:
                unpictured += 1
                continue
            room -= box.width * box.height
            cuts.append(
                self._embed(draft, embed, box, there, [_read_of(frame, frames, read) for frame in there.items("frames", 20)])
            )
        draft.notes["embeds_not_drawn"] += len(self._target.embeds) - len(cuts)
        if unpictured:
            more = (
                f"{unpictured} of its embeds have no picture of their own: they are more, or larger, than are cut out of one page"
            )
            draft.reason = "; ".join(filter(None, (draft.reason, more)))
        return cuts

    async def _boxes(self, labelled: list[tuple[Embed, int]]) -> tuple[list[object], dict[int, Frame]]:
        """Where labelled elements are, and the frames of the page by the numbers that go with this answer. No frames, where they
        come and go so fast that nobody can tell which was meant."""
        asked = [number for _, number in labelled], [frame_domains(embed) for embed, _ in labelled]
        boxes: list[object] = []
        for _ in range(MAX_BOX_TRIES):
            before = self._of_page(await self._page.frames())
            result = await self._page.ask("boxes", *asked)
            boxes = result.value if isinstance(result.value, list) else []
            if self._of_page(await self._page.frames()) == before:
                return boxes, before
        return boxes, {}

    def _of_page(self, frames: list[Frame]) -> dict[int, Frame]:
        return {frame.number: frame for frame in frames if frame.parent == self._page.main}

    def _embed(
        self, draft: RenderDraft, embed: Embed, box: Box, result: ScriptResult, of_frames: list[tuple[FrameRead, ...] | None]
    ) -> Crop:
        """`of_frames`: what was read of each frame in it; None: nothing, and so its words are not judged."""
        unread = None in of_frames
        frames = [one for read in of_frames if read is not None for one in read]
        if frames and not unread and frames[0].status is not None:
            draft.answered.add(embed.position)
        pending = result.count("pending")
        lacking = (
            f"{pending} of its pictures did not come" if pending else next(filter(None, (one.lacking for one in frames)), None)
        )
        text = "\n".join((result.text("text", 20_000), *(one.text for one in frames)))
        platform = platform_named(embed.platform)
        refused = self._refusal(platform, text, embed.text, frames) if not unread else None
        draft.notes[REFUSALS] += refused is not None
        facts = ShownFacts(
            text=text,
            words=embed.text if embed.kind in SPOKEN and not unread else None,
            status=frames[0].status if frames else None,
            passwords=sum(one.passwords for one in frames),
            url=frames[0].url if frames else "",
            gone=platform.embed_gone if platform is not None else (),
            lacking=lacking,
            unscripted=not self._scripts,
            refusal=refused,
        )
        post = PostRef(embed.platform, embed.post_id) if embed.post_id is not None else None
        note = _cut_at(MAX_EMBED_HEIGHT, result.count("height"))
        return Crop(ScreenshotKind.EMBED, box, facts, post=post, position=embed.position, note=note)


def _read_of(number: object, frames: dict[int, Frame], read: PageRead) -> tuple[FrameRead, ...] | None:
    """What was read of a frame, if it still is the same document that is there."""
    frame = frames.get(number) if isinstance(number, int) else None
    found = read.of_frames.get(frame.id) if frame is not None else None
    return found if found and frame is not None and found[0].loader == frame.loader else None


def _cut_at(most: int, height: int) -> str | None:
    return f"cut at {most:,} of {height:,} pixels" if height > most else None


def _box(result: ScriptResult, width: int) -> Box | None:
    """The part of the page where something is, within the page; None where it cannot be seen."""
    left, top = int(result.number("x")), int(result.number("y"))
    box = Box(left, top, min(int(result.number("width")), width - left), min(int(result.number("height")), MAX_EMBED_HEIGHT))
    return box if box.width >= LEAST_SIDE and box.height >= LEAST_SIDE else None
