"""Reads a drawn page: its text with that of its frames, and what tells how each of them is."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from archiver.browser.page import Frame, LivePage, PageLost, Said

MAX_TEXT = 2_000_000  # characters of one page, frames included


@dataclass(frozen=True, slots=True)
class FrameRead:
    """One document of a page."""

    url: str
    status: int | None
    text: str
    passwords: int
    lacking: str | None
    """What had not come; None: nothing."""
    loader: str = ""
    """`Frame.loader`."""


@dataclass(frozen=True, slots=True)
class PageRead:
    """All of a page's documents."""

    own: FrameRead
    text: str
    """The page's, then that of each frame in document order."""
    of_frames: Mapping[str, tuple[FrameRead, ...]]
    """For each frame that stands in the page itself, by its id: its document and those of the frames in it. Without those that
    did not answer."""


async def read_page(page: LivePage, statuses: Mapping[str, int], *, scripts: bool) -> PageRead:
    """`statuses`: the HTTP status of each document by its address. Without scripts nothing ever ceases to be busy."""
    frames = await page.frames()
    said = dict(zip((frame.id for frame in frames), await page.each(lambda frame: _said(page, frame), frames), strict=True))
    read = {frame.id: _frame_read(frame, said[frame.id], statuses, scripts) for frame in frames}
    children: dict[str | None, list[Frame]] = defaultdict(list)
    for frame in frames:
        children[frame.parent].append(frame)

    def below(frame: Frame) -> Iterable[str]:
        """A frame and all within it, in document order."""
        yield frame.id
        order = [int(number) for number in said[frame.id].items("order", 500) if isinstance(number, int)]
        for child in sorted(children[frame.id], key=lambda one: order.index(one.number) if one.number in order else len(order)):
            yield from below(child)

    top = frames[0]
    text = "\n".join(filter(None, (read[each].text.strip() for each in below(top))))
    answered = [child for child in children[top.id] if said[child.id].value is not None]
    return PageRead(read[top.id], text[:MAX_TEXT], {one.id: tuple(read[each] for each in below(one)) for one in answered})


async def _said(page: LivePage, frame: Frame) -> Said:
    try:
        return await page.ask("read", MAX_TEXT, frame=frame.id)
    except PageLost:
        if frame.parent is None:
            raise
        return Said(None)  # this frame went away meanwhile


def _frame_read(frame: Frame, said: Said, statuses: Mapping[str, int], scripts: bool) -> FrameRead:
    lacking = None
    if frame.unreachable:
        lacking = "what should be in its frame did not come"
    elif pending := said.count("pending"):
        lacking = f"{pending} of its pictures did not come"
    elif scripts and said.count("busy"):
        lacking = "it says of itself that it is still loading"
    return FrameRead(
        frame.url, statuses.get(frame.url), said.text("text", MAX_TEXT), said.count("passwords"), lacking, frame.loader
    )
