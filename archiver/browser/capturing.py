"""Captures a page that has come to rest: the window, the whole page, each embed, and its text."""

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from archiver.browser.cutting import Cut, Sheet, cut_post
from archiver.browser.matching import frame_hosts, matched
from archiver.browser.page import MAX_FRAMES, Box, Frame, LivePage, Said
from archiver.browser.quality import Facts, says
from archiver.browser.reading import FrameRead, PageRead, read_page
from archiver.browser.resting import Rest, Resting
from archiver.browser.tidying import tidy, unstick
from archiver.browser.watching import Watch
from archiver.model.findings import Embed, EmbedKind, PostRef
from archiver.model.render import LABEL, Place, RenderTarget, Screenshot, ScreenshotKind
from archiver.platforms import platform_named

Places = Callable[[str, str], Awaitable[tuple[Place, ...]]]
"""From a page's address and its markup, each element of it labelled, to the embeds in it. Called with hostile markup."""

MAX_MARKUP = 5_000_000  # characters of a rendered page that are looked at for embeds
MAX_EMBEDS = 100  # of one page that get a picture of their own
MAX_EMBED_HEIGHT = 6_000  # pixels
# Of all embeds together, so many times the page's own pixels, as they may stand within each other, and so many at most: sixty
# that lie over each other, as large as they may be, took 56 seconds and 1.4 GB.
PAGES_OVER, MAX_EMBED_PIXELS = 2, 40_000_000
MAX_LOOKS = 3  # at where the embeds are, while frames come and go
LEAST_SIDE = 16  # pixels: what is smaller cannot be read
TALL = 8_000  # pixels; of a taller page the window is drawn first, in case the whole takes too long
# Whose text is the post's own words; what others say of themselves is a title, which nobody draws.
SPOKEN = frozenset((EmbedKind.BLOCKQUOTE, EmbedKind.STATIC, EmbedKind.TEXT))
_NUMBER = re.compile(r"e(\d{1,6})")


@dataclass(slots=True)
class Sketch:
    """What one attempt to draw a page has brought so far. Filled as it comes, so that a cap cuts short and spoils nothing."""

    screenshots: list[Screenshot] = field(default_factory=list)
    text: str | None = None
    reason: str | None = None
    """Why not all is shown, where that is about the page as a whole."""
    notes: Counter[str] = field(default_factory=Counter)
    final: bool = False
    """A second attempt would bring the same."""
    answered: set[int] = field(default_factory=set)
    """The positions of embeds whose frame came: what it shows is what there is."""


@dataclass(frozen=True, slots=True)
class Window:
    """The size in which a page is drawn, in pixels, and the height at which a picture of all of it is cut."""

    width: int
    height: int
    max_height: int


@dataclass(frozen=True, slots=True)
class Landing:
    """What the page holds in the end."""

    status: int | None
    """Of the answer that it is."""
    elsewhere: str | None
    """Its address, where the page went on by itself to another than was asked for."""


class Capturing:
    """Captures one page into a sketch. Raises `Unresponsive` and `PageLost`."""

    def __init__(
        self,
        page: LivePage,
        target: RenderTarget,
        window: Window,
        watch: Watch,
        resting: Resting,
        landing: Landing,
        *,
        scripts: bool,
    ) -> None:
        self._page = page
        self._target = target
        self._window = window
        self._watch = watch
        self._resting = resting
        self._landing = landing
        self._scripts = scripts
        self._lacking: str | None = None

    async def capture(self, rest: Rest, sketch: Sketch, places: Places) -> None:
        self._lacking = rest.lacking if self._scripts else None
        tidied = await tidy(self._page)
        sketch.notes["banners_hidden"] += self._resting.banners + tidied.count("hidden")
        if self._target.post is not None:
            await self._capture_post(sketch)
        else:
            await self._capture_page(sketch, places, tidied)

    async def _capture_post(self, sketch: Sketch) -> None:
        height = await self._let_go()
        read = await self._read(sketch)
        box = Box(0, 0, self._window.width, min(height, self._window.max_height))
        png = await self._page.picture(box)
        facts = self._facts(read, read.text, self._target.words)
        note = _cut_at(min(height, self._window.max_height), height)
        sketch.screenshots += await asyncio.to_thread(cut_post, png, self._window.height, facts, self._target.post, note)

    async def _capture_page(self, sketch: Sketch, places: Places, tidied: Said) -> None:
        finding = asyncio.create_task(self._places(places)) if self._target.embeds else None
        try:
            view = None
            if tidied.count("sticks") or tidied.count("height") > TALL:
                view = await self._page.picture(Box(0, 0, self._window.width, self._window.height))
            height = await self._let_go()
            read = await self._read(sketch)
            facts = self._facts(read, read.text, self._target.words)
            if view is not None:
                await self._cut(sketch, view, [self._view(facts)])
            found = await finding if finding is not None else {}
            facts = replace(facts, embeds_found=len(found))
        finally:
            if finding is not None:
                finding.cancel()
        embeds = await self._embeds(sketch, found, read, height)
        full = self._full(facts, height)
        inside = [one for one in embeds if one.box.y + one.box.height <= full.box.height]
        views = [self._view(facts)] if view is None else []
        await self._cut(sketch, await self._page.picture(full.box), [*views, full, *inside])
        for each in embeds:
            if each.box.y + each.box.height > full.box.height:  # below where the picture of the whole page was cut
                await self._page.ask("scroll", each.box.y)
                await self._resting.settle()
                await self._cut(sketch, await self._page.picture(each.box), [each.alone()])

    async def _cut(self, sketch: Sketch, png: bytes, cuts: list[Cut]) -> None:
        """Piece by piece, so that time may be up between two of them."""
        sheet = await asyncio.to_thread(Sheet, png)
        for one in cuts:
            sketch.screenshots.append(await asyncio.to_thread(sheet.cut, one))

    async def _let_go(self) -> int:
        """Nothing sticks to the window any more, and all of the page is painted; returns its height, of the window's at least.

        Chromium does not paint frames that lie outside of the window (Chromium 156), so the window is made as tall as the page.
        """
        unstuck = await unstick(self._page)
        height = unstuck.count("height")
        frames = {number for number in unstuck.items("frames", MAX_FRAMES) if isinstance(number, int)}
        if frames and height > self._window.height:
            await self._page.widen(self._window.width, min(height, self._window.max_height))
            height = (await self._page.ask("freeze")).count("height")
            await self._resting.settle(frames)
        return max(height, self._window.height)

    async def _read(self, sketch: Sketch) -> PageRead:
        read = await read_page(self._page, self._watch.statuses, scripts=self._scripts)
        sketch.text = read.text
        return read

    def _view(self, facts: Facts) -> Cut:
        return Cut(ScreenshotKind.VIEW, Box(0, 0, self._window.width, self._window.height), facts)

    def _full(self, facts: Facts, height: int) -> Cut:
        most = self._window.max_height
        box = Box(0, 0, self._window.width, min(height, most))
        return Cut(ScreenshotKind.FULL_PAGE, box, facts, note=_cut_at(most, height))

    def _facts(self, read: PageRead, text: str, words: str | None) -> Facts:
        own = read.own
        passwords = own.passwords + (
            sum(one.passwords for frame in read.of_frames.values() for one in frame) if self._target.post else 0
        )
        lacking = self._lacking or (own.lacking if self._target.post else None)
        if self._landing.elsewhere is not None and not (words and says(text, words)):
            lacking = f"by itself it led to {self._landing.elsewhere}"
        gone = _said_of_gone(self._target.post.platform) if self._target.post is not None else ()
        return Facts(
            text=text,
            words=words,
            status=self._landing.status or own.status,
            passwords=passwords,
            page=self._target.post is None,
            gone=gone,
            url=own.url,
            asked_url=self._target.url,
            lacking=lacking,
            unscripted=not self._scripts,
        )

    async def _places(self, places: Places) -> dict[int, Place]:
        """For the position of each embed that is to be found in the rendered page, where."""
        markup = (await self._page.ask("label", LABEL, MAX_MARKUP)).text("html", MAX_MARKUP)
        return matched(self._target.embeds, await places(self._target.url, markup))

    async def _embeds(self, sketch: Sketch, found: dict[int, Place], read: PageRead, height: int) -> list[Cut]:
        """What each embed shows, within the bounds of how many there may be."""
        labelled = [
            (embed, int(number[1]))
            for embed in self._target.embeds
            if (place := found.get(embed.position)) is not None and (number := _NUMBER.fullmatch(place.label or "")) is not None
        ]
        boxes, frames = await self._boxes(labelled[:MAX_EMBEDS]) if labelled else ([], {})
        cuts: list[Cut] = []
        room = min(PAGES_OVER * self._window.width * height, MAX_EMBED_PIXELS)
        unpictured = len(labelled[MAX_EMBEDS:])
        for (embed, _), value in zip(labelled, boxes, strict=False):
            if (box := _box(there := Said(value), self._window.width)) is None:
                continue
            if box.width * box.height > room:
                unpictured += 1
                continue
            room -= box.width * box.height
            cuts.append(
                self._embed(sketch, embed, box, there, [_read_of(frame, frames, read) for frame in there.items("frames", 20)])
            )
        sketch.notes["embeds_not_drawn"] += len(self._target.embeds) - len(cuts)
        if unpictured:
            more = (
                f"{unpictured} of its embeds have no picture of their own: they are more, or larger, than are cut out of one page"
            )
            sketch.reason = "; ".join(filter(None, (sketch.reason, more)))
        return cuts

    async def _boxes(self, labelled: list[tuple[Embed, int]]) -> tuple[list[object], dict[int, Frame]]:
        """Where labelled elements are, and the frames of the page by the numbers that go with this answer. No frames, where they
        come and go so fast that nobody can tell which was meant."""
        asked = [number for _, number in labelled], [frame_hosts(embed) for embed, _ in labelled]
        boxes: list[object] = []
        for _ in range(MAX_LOOKS):
            before = self._of_page(await self._page.frames())
            said = await self._page.ask("boxes", *asked)
            boxes = said.value if isinstance(said.value, list) else []
            if self._of_page(await self._page.frames()) == before:
                return boxes, before
        return boxes, {}

    def _of_page(self, frames: list[Frame]) -> dict[int, Frame]:
        return {frame.number: frame for frame in frames if frame.parent == self._page.main}

    def _embed(self, sketch: Sketch, embed: Embed, box: Box, said: Said, of_frames: list[tuple[FrameRead, ...] | None]) -> Cut:
        """`of_frames`: what was read of each frame in it; None: nothing, and so its words are not judged."""
        unread = None in of_frames
        frames = [one for read in of_frames if read is not None for one in read]
        if frames and not unread and frames[0].status is not None:
            sketch.answered.add(embed.position)
        pending = said.count("pending")
        lacking = (
            f"{pending} of its pictures did not come" if pending else next(filter(None, (one.lacking for one in frames)), None)
        )
        facts = Facts(
            text="\n".join((said.text("text", 20_000), *(one.text for one in frames))),
            words=embed.text if embed.kind in SPOKEN and not unread else None,
            status=frames[0].status if frames else None,
            passwords=sum(one.passwords for one in frames),
            url=frames[0].url if frames else "",
            gone=_said_of_gone(embed.platform),
            lacking=lacking,
            unscripted=not self._scripts,
        )
        post = PostRef(embed.platform, embed.post_id) if embed.post_id is not None else None
        note = _cut_at(MAX_EMBED_HEIGHT, said.count("height"))
        return Cut(ScreenshotKind.EMBED, box, facts, post=post, position=embed.position, note=note)


def _read_of(number: object, frames: dict[int, Frame], read: PageRead) -> tuple[FrameRead, ...] | None:
    """What was read of a frame, if it still is the same document that is there."""
    frame = frames.get(number) if isinstance(number, int) else None
    found = read.of_frames.get(frame.id) if frame is not None else None
    return found if found and frame is not None and found[0].loader == frame.loader else None


def _cut_at(most: int, height: int) -> str | None:
    return f"cut at {most:,} of {height:,} pixels" if height > most else None


def _said_of_gone(name: str) -> tuple[str, ...]:
    """What the platform of that name says instead of a post that it does not show."""
    platform = platform_named(name)
    return platform.embed_gone if platform is not None else ()


def _box(said: Said, width: int) -> Box | None:
    """The part of the page where something is, within the page; None where it cannot be seen."""
    left, top = int(said.number("x")), int(said.number("y"))
    box = Box(left, top, min(int(said.number("width")), width - left), min(int(said.number("height")), MAX_EMBED_HEIGHT))
    return box if box.width >= LEAST_SIDE and box.height >= LEAST_SIDE else None
