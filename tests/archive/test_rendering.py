"""Drawing one page that is given up, goes wrong or is closed in the middle: the next one is drawn, and nothing is left over."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from archiver.crawling.render_service import RenderService
from archiver.crawling.session import Session, open_session
from archiver.model.render import Render, RenderStatus, RenderTarget
from archiver.recording.recorder import Recorded
from tests.support.crawling import plan_of, rows
from tests.support.mastodon_web import BLOG, assert_ended, shown, started_by
from tests.support.webs import Asked, Web, Writer, reply

STUCK, PLAIN = f"{BLOG}/stuck/", f"{BLOG}/plain/"
PATIENCE_SECONDS = 60


@pytest.fixture
def stuck(web: Web) -> Web:
    """A plain page, and one whose script does not come."""

    async def silent(_: Asked, __: Writer) -> None:
        await asyncio.sleep(PATIENCE_SECONDS)

    web["blog.example", "/stuck/"] = shown("<p>Words</p>", head='<script src="/silent.js"></script>')
    web["blog.example", "/plain/"] = shown("<p>Words</p>", head='<script src="/quick.js"></script>')
    web["blog.example", "/silent.js"] = silent
    web["blog.example", "/quick.js"] = reply("", "text/javascript")
    return web


@asynccontextmanager
async def session_of(web: Web, data_dir: Path) -> AsyncIterator[Session]:
    """Closed in the end; then none of the processes that it has started runs."""
    others = started_by(os.getpid())  # of tests that ran before and keep their browser
    session = open_session(plan_of(web, data_dir, (), screenshots="pages", renders=1))
    family: set[tuple[int, str]] = set()
    try:
        yield session
        family = started_by(os.getpid()) - others
    finally:
        await session.close()
    assert len(family) > 3
    assert_ended(family)


def drawer(session: Session) -> RenderService:
    assert session.rendering is not None
    return session.rendering


async def draw(session: Session, url: str) -> Render:
    return await drawer(session).render(RenderTarget(url), "6b0f1d3e-0000-4000-8000-0000000000aa")


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not true():
            await asyncio.sleep(0.02)


def run(scene: Callable[[], Awaitable[None]]) -> None:
    async def within_bounds() -> None:
        async with asyncio.timeout(2 * PATIENCE_SECONDS):
            await scene()

    asyncio.run(within_bounds())


def test_a_render_that_is_given_up_leaves_nothing_and_the_next_one_is_drawn(stuck: Web, data_dir: Path) -> None:
    async def scene() -> None:
        async with session_of(stuck, data_dir) as session:
            given_up = asyncio.create_task(draw(session, STUCK))
            await until(lambda: f"{BLOG}/silent.js" in stuck.urls())
            given_up.cancel()
            with pytest.raises(asyncio.CancelledError):
                await given_up
            assert (await draw(session, PLAIN)).ended is RenderStatus.WHOLE

    run(scene)
    assert rows(data_dir, "SELECT url FROM renders") == [PLAIN]


def test_closed_in_the_middle_of_a_render_everything_ends_and_nothing_more_is_recorded(stuck: Web, data_dir: Path) -> None:
    async def scene() -> None:
        async with session_of(stuck, data_dir) as session:
            under_way = asyncio.create_task(draw(session, STUCK))
            await until(lambda: f"{BLOG}/silent.js" in stuck.urls())
        under_way.cancel()
        await asyncio.gather(under_way, return_exceptions=True)

    run(scene)
    assert rows(data_dir, "SELECT url FROM renders") == []
    assert rows(data_dir, "SELECT url FROM captures") == [STUCK]
    assert len(list((data_dir / "warc").rglob("*.warc.gz"))) == 1


def test_a_mistake_in_what_hears_of_a_browsers_requests_is_raised_and_costs_one_render(stuck: Web, data_dir: Path) -> None:
    def mistaken(recorded: Recorded) -> None:
        raise LookupError(recorded.capture.url)

    async def scene() -> None:
        async with session_of(stuck, data_dir) as session:
            drawer(session).hooks.recorded = mistaken
            with pytest.raises(LookupError, match=PLAIN):
                await draw(session, PLAIN)
            drawer(session).hooks.recorded = None
            assert (await draw(session, PLAIN)).ended is RenderStatus.WHOLE

    run(scene)


def test_a_host_that_is_left_alone_is_not_asked_and_the_page_says_so(stuck: Web, data_dir: Path) -> None:
    async def not_now(_host: str, _requisite: bool) -> bool:
        return False

    async def scene() -> None:
        async with session_of(stuck, data_dir) as session:
            drawer(session).hooks.turn = not_now
            render = await draw(session, PLAIN)
            assert (render.ended, render.reason) == (RenderStatus.FAILED, "its host wants to be left alone for now")

    run(scene)
    assert stuck.urls() == []
    assert rows(data_dir, "SELECT ended FROM renders") == ["failed"]


def test_a_script_that_many_pages_want_is_asked_for_once_and_a_page_is_drawn_from_what_was_captured(
    stuck: Web, data_dir: Path
) -> None:
    for number in range(3):
        stuck["blog.example", f"/{number}/"] = shown(f"<p>Page {number}</p>", head='<script src="/quick.js"></script>')

    async def scene() -> None:
        async with session_of(stuck, data_dir) as session:
            for number in (0, 1, 2, 0):
                assert (await draw(session, f"{BLOG}/{number}/")).ended is RenderStatus.WHOLE

    run(scene)
    assert stuck.urls() == [f"{BLOG}/0/", f"{BLOG}/quick.js", f"{BLOG}/1/", f"{BLOG}/2/"]
    kinds = rows(data_dir, "SELECT DISTINCT resource_type FROM captures WHERE url LIKE '%/0/' AND record_type = 'response'")
    assert kinds == ["document"]
