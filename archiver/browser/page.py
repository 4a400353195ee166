"""A page that is being rendered: scripts of ours run in a world of their own, each within a time limit, and no answer is trusted.

A script of the page runs in its main world, and may have replaced whatever is there; ours run in an isolated one, which shares
the document and nothing else. What they return is JSON that a page has had its hands on all the same: see `ScriptResult`.
"""

import asyncio
import json
import math
from base64 import b64decode
from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

from playwright.async_api import CDPSession, Error

WORLD = "archiver"
# Of one page, nested ones included: an embed may hold two or three, and 100 embeds of a page get a picture. The most seen on a
# real page were some forty, most of them advertisements. A page of 400 takes 17 seconds, of which 12 are the browser's own.
MAX_FRAMES = 400
MAX_NUMBER = 10_000_000  # pixels and counts; Chromium's own limit for a layout is 33 million
AT_ONCE = 20  # frames that are asked
MAX_LOST = 4  # times that a question is asked again of a page that navigated meanwhile
LOST_SECONDS = 0.1
MAX_TEXT = 2_000_000  # characters of one page, frames included
T = TypeVar("T")
CAPTURE_TIMES = 3  # a picture of a tall page takes longer than an answer; so many times as long it may take


class Unresponsive(Exception):
    """The page does not answer: a script of its own keeps it busy."""


class PageLost(Exception):
    """The page, its process or the browser is gone, or what was asked of it is no longer there."""


class ScriptResult:
    """What a script returned: any JSON at all, or nothing. Reads it into numbers and texts within bounds."""

    def __init__(self, value: object) -> None:
        self.value = value
        self._fields: dict[str, object] = value if isinstance(value, dict) else {}

    def number(self, name: str, most: float = MAX_NUMBER) -> float:
        """The number under this key, from 0 to `most`; 0 for whatever is no number."""
        value = self._fields.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            return 0.0
        return float(min(max(value, 0), most))

    def count(self, name: str) -> int:
        return int(self.number(name))

    def text(self, name: str, most: int) -> str:
        """At most `most` characters, without halves of characters; "" for whatever is no text."""
        value = self._fields.get(name)
        return value[:most].encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else ""

    def items(self, name: str, most: int) -> list[object]:
        value = self._fields.get(name)
        return value[:most] if isinstance(value, list) else []


@dataclass(frozen=True, slots=True)
class Frame:
    """A document in a page: its own, or that of a frame in it."""

    id: str
    url: str
    parent: str | None
    """The frame's id; None for the page itself."""
    number: int
    """Which child of its parent it is, from 0: the n of its parent's `window[n]`."""
    loader: str = ""
    """The id of what loaded the document in it; another document, another id."""
    unreachable: bool = False
    """What should be in it could not be loaded."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of the page, in pixels from its upper left corner."""

    x: int
    y: int
    width: int
    height: int


@cache
def script(name: str) -> str:
    """One of `scripts/*.js`."""
    return (files("archiver.browser") / "scripts" / f"{name}.js").read_text(encoding="utf-8")


class LivePage:
    """The page behind one session of the DevTools protocol. Every method raises `Unresponsive` and `PageLost`."""

    def __init__(self, session: CDPSession, patience: float, window_height: int = 0) -> None:
        """`patience`: seconds that one answer may take. `window_height`: in pixels, as long as it is known."""
        self._session = session
        self._patience = patience
        self.last_sign: Callable[[], float] = lambda: 0.0
        """By the loop's clock: when the page last asked for something. One that does is busy, not hung."""
        self._window_height = window_height
        self.main = ""
        """The id of the page's own frame, once it is known."""

    async def send(self, method: str, params: dict[str, Any] | None = None, *, times: int = 1) -> dict[str, Any]:
        answer: dict[str, Any] = await self.bounded(lambda: self._session.send(method, params or {}), times=times)
        return answer

    async def bounded(self, ask: Callable[[], Coroutine[Any, Any, T]], *, times: int = 1) -> T:
        """Awaits a call of Playwright for at most `times` the patience. Raises `Unresponsive`, `PageLost`."""
        asking = asyncio.ensure_future(ask())
        now = asyncio.get_running_loop().time
        try:
            while not (await asyncio.wait({asking}, timeout=self._patience * times))[0]:
                if now() - self.last_sign() > self._patience / 2:
                    raise Unresponsive
            return asking.result()
        except Error as error:
            raise PageLost(error.message.splitlines()[0]) from error
        finally:
            asking.cancel()

    async def frames(self) -> list[Frame]:
        """All frames: the page's own first, then each followed by those within it, in the order in which they were made."""
        tree = (await self.send("Page.getFrameTree"))["frameTree"]
        found: list[Frame] = []
        waiting: list[tuple[dict[str, Any], str | None, int]] = [(tree, None, 0)]
        while waiting and len(found) < MAX_FRAMES:
            node, parent, number = waiting.pop()
            frame = node["frame"]
            found.append(
                Frame(frame["id"], frame["url"], parent, number, frame.get("loaderId", ""), bool(frame.get("unreachableUrl")))
            )
            children = node.get("childFrames", ())
            waiting += [(child, frame["id"], order) for order, child in reversed(list(enumerate(children)))]
        self.main = found[0].id
        return found

    async def each(self, ask: Callable[[Frame], Coroutine[Any, Any, T]], frames: list[Frame]) -> list[T]:
        """Asks each of these frames, a few at a time: one answer takes two round trips to the browser."""
        found: list[T] = []
        for start in range(0, len(frames), AT_ONCE):
            asking = [asyncio.ensure_future(ask(frame)) for frame in frames[start : start + AT_ONCE]]
            try:
                found += await asyncio.gather(*asking)
            finally:  # the first that fails ends it
                for one in asking:
                    one.cancel()
                await asyncio.gather(*asking, return_exceptions=True)
        return found

    async def ask(self, name: str, *arguments: object, frame: str | None = None) -> ScriptResult:
        """Runs one of `scripts/*.js` in the page, or in one of its frames; the result is empty where the page made it fail.

        A page that navigates takes the script's world with it: then the script runs again, in the next page.
        """
        for _ in range(MAX_LOST if frame is None else 0):
            try:
                return await self._ask(name, arguments, self.main or (await self.frames())[0].id)
            except PageLost:
                await asyncio.sleep(LOST_SECONDS)
        return await self._ask(name, arguments, frame or self.main)

    async def _ask(self, name: str, arguments: tuple[object, ...], frame: str) -> ScriptResult:
        world = await self.send("Page.createIsolatedWorld", {"frameId": frame, "worldName": WORLD})
        answer = await self.send(
            "Runtime.evaluate",
            {
                "expression": _call(name, arguments),
                "contextId": world["executionContextId"],
                "returnByValue": True,
                "awaitPromise": True,
            },
        )
        return ScriptResult(None if "exceptionDetails" in answer else answer["result"].get("value"))

    async def widen(self, width: int, height: int) -> None:
        """Gives the window another size."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        await self.send("Emulation.setDeviceMetricsOverride", size)
        self._window_height = height

    async def picture(self, box: Box) -> bytes:
        """A PNG of a part of the page, in view or not; of one that was not scrolled, where it is in view."""
        clip = {"x": box.x, "y": box.y, "width": box.width, "height": box.height, "scale": 1}
        params = {"format": "png", "captureBeyondViewport": box.y + box.height > self._window_height, "clip": clip}
        return b64decode((await self.send("Page.captureScreenshot", params, times=CAPTURE_TIMES))["data"])


def _call(name: str, arguments: tuple[object, ...]) -> str:
    """An expression: the script is a function, after `ground.js`, on which all of them build."""
    called = ", ".join(json.dumps(each) for each in arguments)
    return f'(() => {{ "use strict";\n{script("ground")}\nreturn (\n{_without_comments(name)}\n)({called}); }})()'


@cache
def _without_comments(name: str) -> str:
    """A script from where its function begins."""
    lines = script(name).splitlines()
    return "\n".join(line for line in lines if not line.startswith("//"))


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
    """Reads all documents of a page. `statuses`: the HTTP status of each document by its URL. Without `scripts` what marks itself
    as busy stays so, and that is ignored."""
    frames = await page.frames()
    results = dict(
        zip((frame.id for frame in frames), await page.each(lambda frame: _ask_frame(page, frame), frames), strict=True)
    )
    read = {frame.id: _frame_read(frame, results[frame.id], statuses, scripts) for frame in frames}
    children: dict[str | None, list[Frame]] = defaultdict(list)
    for frame in frames:
        children[frame.parent].append(frame)

    def below(frame: Frame) -> Iterable[str]:
        """A frame and all within it, in document order."""
        yield frame.id
        order = [int(number) for number in results[frame.id].items("order", 500) if isinstance(number, int)]
        for child in sorted(children[frame.id], key=lambda one: order.index(one.number) if one.number in order else len(order)):
            yield from below(child)

    top = frames[0]
    text = "\n".join(filter(None, (read[each].text.strip() for each in below(top))))
    answered = [child for child in children[top.id] if results[child.id].value is not None]
    return PageRead(read[top.id], text[:MAX_TEXT], {one.id: tuple(read[each] for each in below(one)) for one in answered})


async def _ask_frame(page: LivePage, frame: Frame) -> ScriptResult:
    try:
        return await page.ask("read", MAX_TEXT, frame=frame.id)
    except PageLost:
        if frame.parent is None:
            raise
        return ScriptResult(None)  # this frame went away meanwhile


def _frame_read(frame: Frame, result: ScriptResult, statuses: Mapping[str, int], scripts: bool) -> FrameRead:
    lacking = None
    if frame.unreachable:
        lacking = "what should be in its frame did not come"
    elif pending := result.count("pending"):
        lacking = f"{pending} of its pictures did not come"
    elif scripts and result.count("busy"):
        lacking = "it says of itself that it is still loading"
    return FrameRead(
        frame.url, statuses.get(frame.url), result.text("text", MAX_TEXT), result.count("passwords"), lacking, frame.loader
    )
