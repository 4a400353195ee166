"""Pages for a browser from a table in the test, and a renderer that lives as long as the tests of one file."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO

from PIL import Image

from archiver.browser.renderer import RenderCaps, Renderer
from archiver.browser.traffic import BrowserRequest, BrowserResponse, Refused
from archiver.extraction.embeds import find_embeds, rendered_embeds
from archiver.html.document import Document
from archiver.model.findings import PostRef
from archiver.model.render import Render, RenderedEmbed, RenderTarget, Screenshot, ScreenshotKind

PAGE = "https://paper.example/story"
TOKEN = "embed-archiver-test/1"
CAPS = RenderCaps(seconds=20)

Served = str | bytes | BrowserResponse | Callable[[BrowserRequest], Awaitable[BrowserResponse]]


def html(body: str, status: int = 200) -> BrowserResponse:
    return BrowserResponse(status, (("Content-Type", "text/html; charset=utf-8"),), body.encode())


def png(color: str, width: int = 40, height: int = 40) -> BrowserResponse:
    out = BytesIO()
    Image.new("RGB", (width, height), color).save(out, "PNG")
    return BrowserResponse(200, (("Content-Type", "image/png"),), out.getvalue())


@dataclass
class Table:
    """Address -> what is served there; all else is refused."""

    served: Mapping[str, Served]
    asked: list[BrowserRequest] = field(default_factory=list)

    async def answer(self, asked: BrowserRequest) -> BrowserResponse:
        self.asked.append(asked)
        found = self.served.get(asked.url)
        if found is None:
            raise Refused(f"{asked.url} is not in the table")
        if isinstance(found, str):
            return html(found)
        if isinstance(found, bytes):
            return BrowserResponse(200, (("Content-Type", "application/octet-stream"),), found)
        return found if isinstance(found, BrowserResponse) else await found(asked)

    def times(self, url: str) -> int:
        return sum(1 for asked in self.asked if asked.url == url)


async def places(url: str, markup: str) -> tuple[RenderedEmbed, ...]:
    return rendered_embeds(url, markup)


class Lane:
    """A renderer and its loop."""

    def __init__(self, runner: asyncio.Runner, renderer: Renderer) -> None:
        self.runner = runner
        self.renderer = renderer

    def draw(
        self, table: Table, url: str = PAGE, *, post: PostRef | None = None, words: str | None = None, referer: str | None = None
    ) -> Render:
        """A page of the table, with the embeds that its raw bytes hold."""
        found = table.served.get(url)
        raw = found if isinstance(found, str) else found.body.decode() if isinstance(found, BrowserResponse) else ""
        embeds = () if post is not None else find_embeds(Document(url, raw)).embeds
        return self.runner.run(self.renderer.render(RenderTarget(url, post, words, embeds, referer), table.answer))


@contextmanager
def lane(caps: RenderCaps = CAPS) -> Iterator[Lane]:
    with asyncio.Runner() as runner:
        renderer = Renderer(user_agent=TOKEN, find_embeds=places, caps=caps)
        try:
            yield Lane(runner, renderer)
        finally:
            runner.run(renderer.close())


def shot(render: Render, kind: ScreenshotKind, position: int | None = None) -> Screenshot:
    return next(one for one in render.screenshots if one.kind is kind and one.position == position)


def picture(screenshot: Screenshot) -> Image.Image:
    with Image.open(BytesIO(screenshot.png)) as opened:
        return opened.convert("RGB")


def share(drawn: Image.Image, color: tuple[int, int, int]) -> float:
    """How much of a picture has one colour."""
    colors = drawn.getcolors(drawn.width * drawn.height) or []
    return sum(count for count, each in colors if each == color) / (drawn.width * drawn.height)
