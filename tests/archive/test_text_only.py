"""A post that a page shows as plain text, without markup and without an id: by its code, its handle, its words."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from archiver.crawling.session import CrawlPlan
from archiver.model.exchange import Crawl, ResourceType
from archiver.query.archive import Archive
from archiver.recording.recorder import Recorder
from archiver.sampleweb import SampleWeb, running_sample_web
from archiver.storage.index.results import ArchivedPage, Result
from archiver.tasks.crawl.crawl import crawl
from tests.support.crawled import settings_for
from tests.support.exchanges import exchange
from tests.support.recording import keep

PAGE = "https://harbour-diary.example/copied-from-the-news.html"
CODE = "pic.twitter.com/uOWxLTTvGP"
ID = "1568656084437740674"
SHORT_LINK = "https://t.co/uOWxLTTvGP"


def archive_of(web: SampleWeb, data_dir: Path, *, unreachable: tuple[str, ...]) -> Path:
    """The page alone is crawled; of the platform's hosts some cannot be reached."""
    settings = settings_for(web)
    closed = tuple(f"{host}:443:127.0.0.1:1" for host in unreachable)
    plan = CrawlPlan(data_dir, (PAGE,), scope="page", settings=type(settings)(
        delay=0, concurrency=8, cacert=web.cacert, connect_to=(*closed, *web.connect_to)
    ))  # fmt: skip
    report = crawl(plan)
    assert report.outcome.failed == []
    return data_dir


PLATFORM_HOSTS = ("t.co", "pic.twitter.com", "cdn.syndication.twimg.com", "publish.twitter.com", "pbs.twimg.com")


@pytest.fixture(scope="module", params=["before", "t.co alone", "all hosts"])
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """How far a crawl could ask: nobody, t.co alone, or everybody."""
    unreachable = {"before": PLATFORM_HOSTS, "t.co alone": PLATFORM_HOSTS[1:], "all hosts": ()}[request.param]
    folder = tmp_path_factory.mktemp("text-only")
    with pytest.MonkeyPatch.context() as patch, running_sample_web(folder) as web:
        patch.setattr("spiders.response_policy.RETRY_SECONDS", 0.01)
        return request.param, archive_of(web, folder / "archive", unreachable=unreachable)


def found(data_dir: Path, reference: str) -> tuple[Result, ...]:
    with Archive.open(data_dir) as archive:
        return archive.find(reference).results


@pytest.mark.parametrize("reference", [CODE, SHORT_LINK, "uOWxLTTvGP", "@AnonymousUK2022", "anonymousuk2022"])
def test_it_is_found_by_code_and_by_handle(told: tuple[str, Path], reference: str) -> None:
    when, data_dir = told
    (post,) = found(data_dir, reference)
    assert post.post_id == (None if when == "before" else ID)
    assert post.author == "AnonymousUK2022"
    assert post.posted_at is not None and post.posted_at.startswith("2022-09-10")
    assert post.text is not None and "parked as if for a sale" in post.text
    assert CODE in post.short_links
    assert [page.url for page in post.pages] == [PAGE]


def test_it_is_found_by_its_words(told: tuple[str, Path]) -> None:
    when, data_dir = told
    with Archive.open(data_dir) as archive:
        posts = [each.result for each in archive.search("tanks parked Izyum") if not isinstance(each.result, ArchivedPage)]
    assert [post.post_id for post in posts] == [None if when == "before" else ID]
    assert [page.url for page in posts[0].pages] == [PAGE]


def test_and_by_the_id_that_was_learned_through_the_short_link(told: tuple[str, Path]) -> None:
    when, data_dir = told
    posts = found(data_dir, ID)
    if when == "before":
        assert posts == ()
        return
    assert [(post.post_id, post.author) for post in posts] == [(ID, "AnonymousUK2022")]
    assert posts[0].text is not None and "parked as if for a sale" in posts[0].text
    assert [page.url for page in posts[0].pages] == [PAGE]
    assert "short_link" in [said.source for said in posts[0].statements]


def test_by_its_page(told: tuple[str, Path]) -> None:
    _, data_dir = told
    page, post = found(data_dir, PAGE)
    assert isinstance(page, ArchivedPage) and page.url == PAGE
    assert post.author == "AnonymousUK2022"


def test_the_picture_is_held_where_the_platform_could_be_asked(told: tuple[str, Path]) -> None:
    when, data_dir = told
    (post,) = found(data_dir, CODE)
    assert [medium.width for medium in post.media] == ([960] if when == "all hosts" else [])


# --- who is who ---------------------------------------------------------------------------------------------------------------

CRAWL = Crawl("6b0f1d3e-0000-4000-8000-000000000003", "job", "2022-09-11T12:00:00.000Z", "tests/1", "{}")
PLAIN = "<html><body><p>My sister copied this:</p><p>{text} — {name} (@{handle}) September 10, 2022</p></body></html>"


def text_page(url: str, text: str, handle: str) -> tuple[str, bytes]:
    return url, PLAIN.format(text=text, name=handle.title(), handle=handle).encode()


def archive_with(data_dir: Path, pages: list[tuple[str, bytes]], short_links: dict[str, str]) -> Path:
    recorder = Recorder(data_dir, CRAWL)
    for url, body in pages:
        keep(recorder, exchange(url, body))
    for code, target in short_links.items():
        moved = exchange(f"https://t.co/{code}", b"", status="301 Moved", headers=(f"location: {target}",))
        keep(recorder, replace(moved, purpose=replace(moved.purpose, resource_type=ResourceType.FETCH)))
    recorder.close()
    return data_dir


def test_a_handle_s_known_post_does_not_hide_the_words_of_another(tmp_path: Path) -> None:
    """It once took every text of a handle for the one post of that handle that was known."""
    pages = [
        text_page("https://a.example/", "The bridge holds pic.twitter.com/AAAAAAAAAA", "ann"),
        text_page("https://b.example/", "The market is open pic.twitter.com/BBBBBBBBBB", "ann"),
    ]
    data_dir = archive_with(tmp_path, pages, {"AAAAAAAAAA": "https://twitter.com/ann/status/1000000000000000001/photo/1"})
    posts = found(data_dir, "@ann")
    assert [(post.post_id, [page.url for page in post.pages]) for post in posts] == [
        ("1000000000000000001", ["https://a.example/"]),
        (None, ["https://b.example/"]),
    ]
    assert [post.text is not None and post.text.split(" pic.")[0] for post in posts] == ["The bridge holds", "The market is open"]


def test_a_code_within_a_text_that_leads_to_another_s_post_makes_it_not_theirs(tmp_path: Path) -> None:
    """Whoever quotes a post has its t.co link in the text."""
    pages = [text_page("https://a.example/", "Look at this https://t.co/QQQQQQQQQQ", "ann")]
    data_dir = archive_with(tmp_path, pages, {"QQQQQQQQQQ": "https://twitter.com/bob/status/1000000000000000002"})
    assert [(post.post_id, post.author) for post in found(data_dir, "@ann")] == [(None, "ann")]
    assert [(post.post_id, post.author, post.pages) for post in found(data_dir, "@bob")] == [("1000000000000000002", "bob", ())]
    by_code = found(data_dir, "t.co/QQQQQQQQQQ")
    assert {(post.post_id, post.author) for post in by_code} == {(None, "ann"), ("1000000000000000002", "bob")}


def test_nothing_is_rewritten_when_a_code_is_resolved(tmp_path: Path) -> None:
    pages = [text_page("https://a.example/", "The bridge holds pic.twitter.com/AAAAAAAAAA", "ann")]
    archive_with(tmp_path, pages, {})
    before = embeds(tmp_path)
    archive_with(tmp_path, [], {"AAAAAAAAAA": "https://twitter.com/ann/status/1000000000000000001/photo/1"})
    assert embeds(tmp_path) == before
    assert [post.post_id for post in found(tmp_path, "pic.twitter.com/AAAAAAAAAA")] == ["1000000000000000001"]


def embeds(data_dir: Path) -> list[tuple[object, ...]]:
    database = sqlite3.connect(data_dir / "index.db")
    rows = database.execute("SELECT * FROM embeds").fetchall()
    database.close()
    return rows
