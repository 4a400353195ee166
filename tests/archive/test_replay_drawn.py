"""pywb and ReplayWeb.page, which are not ours, show a page that a browser drew for us: with the tweet in it, and offline."""

import asyncio
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image
from playwright.async_api import Frame, Page, async_playwright

from archiver.browser.chromium import REMEDY, find_browser
from archiver.config.settings import CrawlSettings
from archiver.crawling.session import CrawlPlan
from archiver.sampleweb import SAMPLE_POST, SampleWeb, Tweet, running_sample_web
from archiver.storage.warc.reader import read_records
from archiver.tasks.crawl.crawl import crawl
from tests.archive.replayweb import served
from tests.support.judges import assert_all_accept, cdx_lines
from tests.support.pywb import replaying

DEADLINE_SECONDS = 120  # for a page to be replayed; it takes three, on a machine that has nothing else to do
# Nothing but loopback can be reached, and no proxy is asked instead.
OFFLINE = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--no-proxy-server", "--disable-background-networking"]
TWEET_PAGE = "/https://platform.twitter.com/embed/Tweet.html"
FEW_COLOURS = 100  # of 4,096 dots; a frame of words alone has fewer


@dataclass(frozen=True, slots=True)
class Drawn:
    """An archive of one page with screenshots, as two visits left it; the web that it came from answers no more."""

    data_dir: Path
    web: SampleWeb


@dataclass(frozen=True, slots=True)
class Shown:
    """What a browser showed of a tweet's frame in a page that was replayed."""

    page: str
    """The address of the page around the frame, as the replaying program has it."""
    words: tuple[str, ...]
    """Line by line, empty ones left out."""
    pictures: tuple[int, ...]
    """Their own width in pixels; 0 for one that did not come."""
    colours: int
    """In a small picture of the frame."""
    elsewhere: tuple[str, ...]
    """Whatever was asked of other hosts than loopback."""


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Drawn:
    folder = tmp_path_factory.mktemp("drawn")
    with running_sample_web(folder) as web:
        settings = CrawlSettings(delay=0, cacert=web.cacert, connect_to=web.connect_to, screenshots="posts")
        for web.day in (1, 3):  # on the third day the tweet is gone, and the page answers that it has not changed
            crawl(CrawlPlan(folder / "archive", (SAMPLE_POST,), scope="page", settings=settings))
    return Drawn(folder / "archive", web)


@pytest.fixture
def in_pywb(drawn: Drawn, wayback: Path, tmp_path: Path) -> Iterator[str]:
    """The address of the page in pywb: its own page around a frame with ours."""
    with replaying(wayback, drawn.data_dir, tmp_path) as replay:
        yield f"http://127.0.0.1:{replay.port}/blog/{SAMPLE_POST}"


@pytest.fixture
def in_replayweb(drawn: Drawn, replayweb: Path) -> Iterator[str]:
    """The address of a page that holds ReplayWeb.page, and ours within."""
    with served(replayweb, drawn.data_dir, SAMPLE_POST) as address:
        yield address


@pytest.mark.parametrize("replayed", ["in_pywb", "in_replayweb"])
def test_the_page_replays_offline_with_the_tweet_drawn_in_it(replayed: str, drawn: Drawn, request: pytest.FixtureRequest) -> None:
    tweet = drawn.web.tweet("izyum")
    shown = asyncio.run(look(request.getfixturevalue(replayed), tweet))
    assert shown.page.endswith(f"/{SAMPLE_POST}")
    assert shown.words[:2] == (tweet.account.name, f"@{tweet.handle}")
    assert shown.words[2].startswith(tweet.text)
    assert shown.pictures == tuple(picture.width for picture in tweet.pictures)
    assert shown.colours > FEW_COLOURS
    assert not shown.elsewhere


async def look(address: str, tweet: Tweet) -> Shown:
    """Opens an address in a browser that reaches loopback only, and waits for the frame that shows the tweet."""
    executable = find_browser()
    assert executable is not None, f"there is no browser: `make test` installs one where it can; else {REMEDY}"
    asked: list[str] = []
    async with async_playwright() as playwright, asyncio.timeout(DEADLINE_SECONDS):
        browser = await playwright.chromium.launch(executable_path=executable, args=OFFLINE)
        page = await browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        await page.goto(address, timeout=DEADLINE_SECONDS * 1000)
        frame = await frame_of(page, tweet)
        await frame.wait_for_function(
            "document.querySelector('article:not([aria-busy])') && [...document.images].every(image => image.complete)",
            timeout=DEADLINE_SECONDS * 1000,
        )
        shown = await what(frame, asked)
        await browser.close()
    return shown


async def frame_of(page: Page, tweet: Tweet) -> Frame:
    """It comes once the page's script has asked whether the tweet is still there."""
    while True:
        for frame in page.frames:
            within, _, query = frame.url.partition("?")
            if within.endswith(TWEET_PAGE) and parse_qs(query)["id"] == [tweet.id]:
                return frame
        await asyncio.sleep(0.1)


async def what(frame: Frame, asked: list[str]) -> Shown:
    assert frame.parent_frame is not None
    words: str = await frame.evaluate("document.body.innerText")
    element = await frame.frame_element()
    picture = Image.open(io.BytesIO(await element.screenshot())).convert("RGB").resize((64, 64), Image.Resampling.NEAREST)
    return Shown(
        frame.parent_frame.url,
        tuple(line for line in words.splitlines() if line),
        tuple(await frame.evaluate("[...document.images].map(image => image.naturalWidth)")),
        len(picture.getcolors(64 * 64) or ()),
        tuple(url for url in asked if urlsplit(url).hostname not in ("127.0.0.1", None)),  # None: about:, blob:, data:
    )


def test_screenshots_stand_in_the_way_of_no_judge(drawn: Drawn) -> None:
    files = sorted(drawn.data_dir.rglob("*.warc.gz"))
    assert_all_accept(files, revisits=True)
    records = [record for path in files for record in read_records(path)]
    pictures = {each.url for each in records if each.get("Content-Type") == "image/png" and each.url.startswith("urn:")}
    assert {f"urn:view:{SAMPLE_POST}", f"urn:fullPage:{SAMPLE_POST}", f"urn:embed:{SAMPLE_POST}#1"} <= pictures
    assert {line.url for line in cdx_lines(files) if line.mime == "image/png" and line.url.startswith("urn:")} == pictures


def test_pywb_has_the_screenshots_too(drawn: Drawn, wayback: Path, tmp_path: Path) -> None:
    with replaying(wayback, drawn.data_dir, tmp_path) as replay:
        status, picture = replay.get(f"urn:fullPage:{SAMPLE_POST}", modifier="id_")
    assert status == 200
    assert picture.startswith(b"\x89PNG")
