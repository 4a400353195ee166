"""What an interrupted crawl recorded, and its run never heard of: it is read from the archive, not asked for again."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from archiver.browser.traffic import BrowserRequest
from archiver.config.settings import HostSettings
from archiver.crawling.response_cache import ResponseCache
from archiver.crawling.subresources import Subresources
from archiver.model.exchange import Crawl, ResourceType
from archiver.model.render import Quality, Render, RenderStatus, RenderTarget, Screenshot, ScreenshotKind, ScreenshotRecord
from archiver.recording.recorder import Recorder
from archiver.sampleweb import SAMPLE_POST, SampleWeb
from archiver.storage.state import requeue_list
from archiver.storage.state.requeue_list import Requeued
from archiver.times import to_warc_date, utc_now
from spiders.crawl_request import CrawlRequest, RequestKind
from spiders.frontier import NO_HOSTS, Frontier
from spiders.resume import ResumeLookup
from tests.spiders.frontiers import Runs, SetClock, taken
from tests.support.crawling import captures, crawl_of, rows
from tests.support.exchanges import MOMENT, exchange
from tests.support.mastodon_web import NUMBERS, api, status
from tests.support.recording import keep
from tests.support.webs import Web, in_turn, page, redirect, reply, sitemap

pytestmark = pytest.mark.usefixtures("one_process")

SITE = "https://blog.example/"
LONG = "words " * 400


def make_forgetful(patched: pytest.MonkeyPatch) -> None:
    """Crawls whose run forgets all that it heard, as if they were killed before the first second was over."""
    close = Frontier.close
    patched.setattr(Recorder, "_make_safe", lambda recorder: recorder._writer.sync())
    patched.setattr(Frontier, "finish", lambda _: None)
    patched.setattr(Frontier, "close", lambda frontier, *, safe=True: close(frontier, safe=False))


@pytest.fixture
def forgetful(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The same until `undo`."""
    make_forgetful(monkeypatch)
    return monkeypatch


@pytest.fixture
def blog(web: Web) -> Web:
    """Pages, one of them moved, one gone; robots.txt and a sitemap."""
    web["blog.example", "/robots.txt"] = reply("User-agent: *\nDisallow: /private/", "text/plain")
    web["blog.example", "/sitemap.xml"] = sitemap(f"{SITE}1/", f"{SITE}2/", f"{SITE}gone/", f"{SITE}old/", f"{SITE}private/")
    web["blog.example", "/1/"] = page(LONG, title="One")
    two = page(LONG, title="Two").replace(b"\r\n\r\n", b'\r\nETag: "two"\r\n\r\n', 1)
    unchanged = b'HTTP/1.1 304 Not Modified\r\nETag: "two"\r\n\r\n'
    web["blog.example", "/2/"] = lambda asked: unchanged if "if-none-match" in asked.headers else two
    web["blog.example", "/old/"] = redirect("/new/")
    web["blog.example", "/new/"] = page(LONG, title="Moved")
    return web


def recorded(data_dir: Path) -> Counter[str]:
    return Counter(rows(data_dir, "SELECT url FROM captures WHERE record_type <> 'resource'"))


def test_nothing_that_was_recorded_is_asked_for_again(blog: Web, data_dir: Path, forgetful: pytest.MonkeyPatch) -> None:
    crawl_of(blog, data_dir, f"{SITE}sitemap.xml")
    forgetful.undo()
    asked = Counter(blog.urls())
    blog.asked.clear()

    report = crawl_of(blog, data_dir, f"{SITE}sitemap.xml")

    assert blog.urls() == []
    assert recorded(data_dir) == asked and set(asked.values()) == {1}
    assert report.stats.pages == 3 and report.outcome.failed == [] and report.outcome.waiting == 0


def test_so_it_is_with_what_was_a_revisit(blog: Web, data_dir: Path) -> None:
    """A second visit: a page that was the same, one that its host said to be the same; both are read where they repeat."""
    crawl_of(blog, data_dir, f"{SITE}sitemap.xml")
    with pytest.MonkeyPatch.context() as patched:
        make_forgetful(patched)
        crawl_of(blog, data_dir, f"{SITE}sitemap.xml")
    blog.asked.clear()

    report = crawl_of(blog, data_dir, f"{SITE}sitemap.xml")

    assert blog.urls() == []
    assert report.stats.pages == report.stats.unchanged == 3
    assert recorded(data_dir)[f"{SITE}1/"] == 2


def test_what_the_archive_cannot_give_back_is_asked_for(blog: Web, data_dir: Path, forgetful: pytest.MonkeyPatch) -> None:
    crawl_of(blog, data_dir, f"{SITE}1/")
    forgetful.undo()
    for file in (data_dir / "warc").rglob("*.gz"):
        file.unlink()
    blog.asked.clear()

    crawl_of(blog, data_dir, f"{SITE}1/")

    assert blog.urls() == [f"{SITE}robots.txt", f"{SITE}1/"]


def test_an_error_of_a_server_is_no_answer_that_counts(web: Web, data_dir: Path, forgetful: pytest.MonkeyPatch) -> None:
    web["blog.example", "/"] = in_turn(*[reply(status="503 Service Unavailable")] * 3, page("A page at last"))
    forgetful.setattr("spiders.response_policy.RETRY_SECONDS", 0.01)
    crawl_of(web, data_dir, f"{SITE}", scope="page")
    forgetful.undo()

    crawl_of(web, data_dir, f"{SITE}", scope="page")

    assert (SITE, 200) in captures(data_dir)


def test_posts_and_their_pictures_are_not_asked_for_again(
    sample: SampleWeb, data_dir: Path, forgetful: pytest.MonkeyPatch
) -> None:
    crawl_of(sample, data_dir, SAMPLE_POST)
    forgetful.undo()
    before = recorded(data_dir)
    sample.requests.clear()

    crawl_of(sample, data_dir, SAMPLE_POST)

    assert [request.url for request in sample.requests] == []
    assert recorded(data_dir) == before
    [visits] = rows(data_dir, "SELECT count(DISTINCT page_visit) FROM captures")
    assert visits == 1, "what belongs to the page belongs to its one visit"


def test_another_run_asks_anew(blog: Web, data_dir: Path, forgetful: pytest.MonkeyPatch) -> None:
    crawl_of(blog, data_dir, f"{SITE}1/")
    forgetful.undo()
    blog.asked.clear()

    crawl_of(blog, data_dir, f"{SITE}1/", f"{SITE}2/")

    assert f"{SITE}1/" in blog.urls()


# --- what counts --------------------------------------------------------------------------------------------------------------


FIRST = Crawl("6b0f1d3e-0000-4000-8000-000000000001", "job", "2022-09-11T12:00:00.000Z", "tests/1", "{}")
SECOND = Crawl("6b0f1d3e-0000-4000-8000-000000000002", "job", "2022-09-11T12:00:00.000Z", "tests/1", "{}")
POST = CrawlRequest(exchange().url, RequestKind.PAGE)
SCRIPT, BROKEN = "https://blog.example/script.js", "https://blog.example/broken/"
REFUSED, REPLY = "https://blog.example/picture.jpg", f"https://social.example{api(NUMBERS[0])}"
DAY = 86_400


@pytest.fixture
def first(tmp_path: Path, clock: SetClock) -> Recorder:
    """Of a crawl that is cut off."""
    clock.now = MOMENT
    return Recorder(tmp_path, FIRST, clock=clock)


@pytest.fixture
def again(tmp_path: Path, runs: Runs, clock: SetClock, first: Recorder) -> Iterator[tuple[Frontier, ResumeLookup]]:
    """A run that is gone on with a minute later. Its first crawl recorded a page and drew it, of which the run knows nothing."""
    frontier = runs()
    resume_of(first, frontier)
    keep(first, exchange())
    keep(first, exchange(SCRIPT, b"let a = 1", headers=("Content-Type: text/javascript",), resource_type=ResourceType.SCRIPT))
    keep(first, exchange(REFUSED, status="403 Forbidden", resource_type=ResourceType.IMAGE))
    said = status(NUMBERS[0]).partition(b"\r\n\r\n")[2]
    keep(first, exchange(REPLY, said, headers=("Content-Type: application/json",), resource_type=ResourceType.XHR))
    shot = Screenshot(ScreenshotKind.VIEW, b"\x89PNG", 1, 1, Quality.GOOD)
    render = Render(RenderTarget(POST.url), MOMENT, RenderStatus.WHOLE, None, screenshots=(shot,))
    first.keep_render(render, [(shot, ScreenshotRecord(shot.kind, POST.url, 1, 1, Quality.GOOD))], "visit-1")
    first.keep_render(Render(RenderTarget(BROKEN), MOMENT, RenderStatus.FAILED, "no answer"), (), "visit-2")
    first.close()
    runs.close(frontier)
    clock.pass_(60)
    second = Recorder(tmp_path, SECOND, clock=clock)
    frontier = runs(renders=1)
    yield frontier, resume_of(second, frontier)
    second.close()


def resume_of(
    recorder: Recorder, frontier: Frontier, hosts: Mapping[str, HostSettings] = NO_HOSTS, seconds: float = 60
) -> ResumeLookup:
    return ResumeLookup(recorder, frontier, hosts, lambda: MOMENT + timedelta(seconds=seconds))


def test_a_page_that_was_recorded_is_known(again: tuple[Frontier, ResumeLookup]) -> None:
    frontier, resume = again
    frontier.add([POST])
    answer = resume.answer(*taken(frontier))
    assert answer is not None and answer.crawl == FIRST.uuid


def test_what_is_wanted_again_is_not_met_by_what_was_recorded_before(again: tuple[Frontier, ResumeLookup]) -> None:
    """An audit put it back since its record is not good enough."""
    frontier, resume = again
    frontier.add([CrawlRequest(POST.url, POST.kind, again=True)])
    assert resume.answer(*taken(frontier)) is None


def test_nor_is_what_was_met_before_and_is_opened_once_more(again: tuple[Frontier, ResumeLookup]) -> None:
    frontier, resume = again
    frontier.add([POST])
    frontier.done(taken(frontier)[0])
    frontier.reopen([CrawlRequest(POST.url, POST.kind, again=True)])
    assert resume.answer(*taken(frontier)) is None


def test_nor_what_the_run_knows_of_and_put_off(again: tuple[Frontier, ResumeLookup], clock: SetClock) -> None:
    frontier, resume = again
    frontier.add([POST])
    frontier.postpone(*taken(frontier), 2.0)
    clock.pass_(3)
    assert resume.answer(*taken(frontier)) is None


def test_what_was_asked_for_another_purpose_is_no_answer(again: tuple[Frontier, ResumeLookup]) -> None:
    frontier, resume = again
    frontier.add([CrawlRequest(POST.url, RequestKind.MEDIA)])
    assert resume.answer(*taken(frontier)) is None


def test_what_was_drawn_is_not_drawn_again_but_for_what_failed_or_is_wanted_again(again: tuple[Frontier, ResumeLookup]) -> None:
    frontier, resume = again
    frontier.add([CrawlRequest(POST.url, RequestKind.RENDER)])
    assert resume.rendered(*taken(frontier))
    frontier.add([CrawlRequest(BROKEN, RequestKind.RENDER)])
    frontier.abandon_host("(browser)")
    assert not resume.rendered(2, CrawlRequest(BROKEN, RequestKind.RENDER))
    frontier.reopen([CrawlRequest(POST.url, RequestKind.RENDER, again=True)])
    assert not resume.rendered(1, CrawlRequest(POST.url, RequestKind.RENDER))


def test_a_browser_is_given_what_was_recorded_before(again: tuple[Frontier, ResumeLookup]) -> None:
    _, resume = again

    async def nobody(*_: object) -> Any:
        raise AssertionError("it was asked for again")

    cache = ResponseCache()
    subresources = Subresources(nobody, cache)
    subresources.hooks.earlier = resume.for_browser
    heard: list[str] = []
    subresources.hooks.recorded = lambda recorded: heard.append(recorded.capture.url)
    visit = subresources.visit(RenderTarget(POST.url), "visit-2")
    for _ in range(2):
        answered = asyncio.run(visit.answer(BrowserRequest(SCRIPT, "GET", (), "script", False, False)))
        assert (answered.status, answered.body) == (200, b"let a = 1")
    assert heard == [SCRIPT], "the crawl hears of it once"


def test_what_a_page_was_refused_says_nothing_to_others(again: tuple[Frontier, ResumeLookup]) -> None:
    """A picture's host may want to see the page on which it stands, or just not that one."""
    frontier, resume = again
    frontier.add([CrawlRequest(REFUSED, RequestKind.MEDIA)])
    assert resume.answer(*taken(frontier)) is None


def test_what_a_browser_was_told_counts_for_a_day(again: tuple[Frontier, ResumeLookup]) -> None:
    """A screenshot shows what was so on its day, however long its run was interrupted."""
    frontier, resume = again
    later = resume_of(resume._recorder, frontier, seconds=DAY + 1)
    frontier.add([CrawlRequest(REPLY, RequestKind.ASK)])
    asked = taken(frontier)
    assert [one.answer(*asked) is not None for one in (resume, later)] == [True, False]
    assert asyncio.run(resume.for_browser(SCRIPT)) is not None
    assert asyncio.run(later.for_browser(SCRIPT)) is None


def test_what_came_without_cookies_is_not_what_comes_with_them(again: tuple[Frontier, ResumeLookup]) -> None:
    frontier, resume = again
    logged_in = resume_of(resume._recorder, frontier, {"blog.example": HostSettings(cookies=Path("cookies.txt"))})
    frontier.add([POST])
    assert logged_in.answer(*taken(frontier)) is None
    assert asyncio.run(logged_in.for_browser(SCRIPT)) is None


def test_what_a_platform_told_a_page_that_was_drawn_is_heard_once_more(again: tuple[Frontier, ResumeLookup]) -> None:
    """The pictures of a post of which a browser alone was told were not wished for in their original size."""
    [reply_again] = asyncio.run(again[1].platform_replies(POST.url))
    assert reply_again.capture.url == REPLY and reply_again.findings.statements


def test_a_robots_txt_counts_for_a_day(tmp_path: Path, runs: Runs, clock: SetClock) -> None:
    robots = CrawlRequest("https://blog.example/robots.txt", RequestKind.ROBOTS)
    frontier = runs()
    frontier.add([robots])
    frontier.done(taken(frontier)[0])
    runs.close(frontier)
    clock.pass_(60)
    frontier = runs()
    assert frontier.requests.known_until(taken(frontier)[0]) == clock().timestamp() - 86_400


def test_put_back_between_two_crawls_of_a_run_a_page_is_asked_once_more(
    blog: Web, data_dir: Path, forgetful: pytest.MonkeyPatch
) -> None:
    crawl_of(blog, data_dir, f"{SITE}1/")
    forgetful.undo()
    requeue_list.put(data_dir / "state.db", [Requeued(f"{SITE}1/", to_warc_date(utc_now()))])
    blog.asked.clear()

    crawl_of(blog, data_dir, f"{SITE}1/")

    assert f"{SITE}1/" in blog.urls()
