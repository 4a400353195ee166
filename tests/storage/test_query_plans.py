"""What runs for each request of a crawl, or each question of a person, goes by an index: no table is read from end to end."""

import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from archiver.ids import natural_id
from archiver.model.exchange import Capture
from archiver.storage.index import lookup, results, screenshots
from archiver.storage.index.crawl_queries import CrawlIndex
from archiver.storage.index.database import open_index_to_read
from archiver.storage.index.missing import hide_lost
from archiver.storage.index.resume_queries import ResumeQueries
from archiver.storage.index.rows import version_id
from archiver.storage.index.search import Query, search
from archiver.storage.warc.writer import Original
from archiver.urls import url_key
from tests.support.captures import capture
from tests.support.full_index import CRAWL, PAGE_URL, PICTURE, PICTURE_KEY, PICTURE_URL, POST, SHORT_LINK, WEBP, make_full_index

# A list that the statement was given, a full-text match, rows of a subquery, one row of constants, and the table of one row.
HARMLESS = re.compile(r"SCAN (?:\w+ VIRTUAL TABLE INDEX |CONSTANT ROW|\(subquery|made_by|temp\.lost|lost\b)")
SINCE = "2022-01-01T00:00:00.000Z"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plans") / "index.db"
    make_full_index(path)
    return path


@pytest.fixture
def index(made: Path, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    database = open_index_to_read(shutil.copy(made, tmp_path / "index.db"))
    yield database
    database.close()


def assert_by_index(index: sqlite3.Connection, ask: Callable[[], object]) -> None:
    """Of the statements that are really executed, with the values that they have."""
    statements: list[str] = []
    index.set_trace_callback(statements.append)
    ask()
    index.set_trace_callback(None)
    # What full text asks of its own tables begins with `--`, but for its settings, which it reads once.
    ours = [sql for sql in dict.fromkeys(statements) if sql.startswith("SELECT") and "_text_config'" not in sql]
    assert ours, "nothing was asked"
    plans = {sql: [row["detail"] for row in index.execute(f"EXPLAIN QUERY PLAN {sql}")] for sql in ours}
    assert {sql: plan for sql, plan in plans.items() if not all(map(_goes_by_index, plan))} == {}


def _goes_by_index(step: str) -> bool:
    return ("SCAN" not in step or HARMLESS.match(step) is not None) and "AUTOMATIC" not in step


POST_ID, PAGE_ID = natural_id("post", "twitter", "1568"), natural_id("page", url_key(PAGE_URL))
NAMELESS = natural_id("embed", version_id(capture(1, PAGE_URL)), 2)
"""The text-only embed."""

QUESTIONS: dict[str, Callable[[sqlite3.Connection], object]] = {
    "by_link": lambda index: lookup.by_link(index, SHORT_LINK),
    "by_post": lambda index: lookup.by_post(index, POST),
    "by_id": lambda index: lookup.by_id(index, POST.post_id),
    "by_author": lambda index: lookup.by_author(index, "ann"),
    "by_page": lambda index: lookup.by_page(index, PAGE_URL),
    "by_media_key": lambda index: lookup.by_media_key(index, [PICTURE_KEY]),
    "by_digest": lambda index: lookup.by_digest(index, PICTURE.sha256),
    "by_screenshot_path": lambda index: lookup.by_screenshot_path(index, WEBP),
    "by_picture": lambda index: lookup.by_picture(index, [PICTURE.pdq or ""]),
    "media_keys_of": lambda index: lookup.media_keys_of(index, PICTURE.sha256),
    "without_hash": lambda index: lookup.without_hash(index),
    "posts_of_embed": lambda index: lookup.posts_of_embed(index, NAMELESS),
    "embeds_of_post": lambda index: lookup.embeds_of_post(index, POST_ID, [SHORT_LINK]),
    "read_post": lambda index: results.read_post(index, POST_ID, [NAMELESS]),
    "read_embed": lambda index: results.read_embed(index, NAMELESS),
    "read_page": lambda index: results.read_page(index, PAGE_ID),
    "screenshots_of_page": lambda index: screenshots.screenshots_of_page(index, "blog.example/a-post"),
    "search": lambda index: search(index, Query("Izyum")),
    "search of one site and author": lambda index: search(
        index, Query("Izyum", "twitter", "ann", "blog.example", "2022-01-01", "2023-01-01")
    ),
    "search of one site": lambda index: search(index, Query("Izyum", site="blog.example")),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_what_a_person_asks(question: str, index: sqlite3.Connection) -> None:
    assert_by_index(index, lambda: QUESTIONS[question](index))


def test_the_ids_that_are_asked_for_are_there(index: sqlite3.Connection) -> None:
    """Else the plans above were those of questions that end before they have asked all."""
    assert results.read_post(index, POST_ID, [NAMELESS])
    assert results.read_embed(index, NAMELESS)
    assert results.read_page(index, PAGE_ID)


CRAWLS: dict[str, Callable[[CrawlIndex], object]] = {
    "file": lambda held: held.file([PICTURE_URL]),
    "not_there": lambda held: held.answered_not_found(PICTURE_URL),
    "asked": lambda held: held.asked(PAGE_URL),
    "short_link": lambda held: held.short_link("https://t.co/uOWxLTTvGP"),
    "behind": lambda held: held.posts_behind(SHORT_LINK),
    "post": lambda held: held.post(POST),
    "media_of": lambda held: held.media_of(POST),
    "quoted": lambda held: held.quoted(POST),
    "original": lambda held: held.original(PAGE.payload_digest or "", PAGE_URL, any_url=True),
    "latest": lambda held: held.latest(PAGE_URL),
    "validators": lambda held: held.validators(PAGE_URL),
    "place": lambda held: held.place(Original(PAGE.record_id, PAGE_URL, PAGE.captured_at, PAGE.payload_digest or "")),
    "page_rendered": lambda held: held.page_rendered(PAGE),
    "post_rendered": lambda held: held.post_rendered(POST),
    "words": lambda held: held.words(POST),
    "author": lambda held: held.author(POST),
    "embeds": lambda held: held.embeds(PAGE_URL),
}
PAGE: Capture = capture(1, PAGE_URL)


@pytest.mark.parametrize("lost", [False, True], ids=["", "with a file lost"])
@pytest.mark.parametrize("question", CRAWLS)
def test_what_a_crawl_asks_before_each_request(question: str, lost: bool, index: sqlite3.Connection, tmp_path: Path) -> None:
    if lost:
        assert hide_lost(index, tmp_path)
    assert_by_index(index, lambda: CRAWLS[question](CrawlIndex(index)))


RESUMED: dict[str, Callable[[ResumeQueries], object]] = {
    "answer": lambda earlier: earlier.answer(PAGE_URL, "document", SINCE),
    "lasting answer": lambda earlier: earlier.answer(PAGE_URL, "document", SINCE, lasting=True),
    "any_answer": lambda earlier: earlier.any_answer(PAGE_URL, SINCE),
    "rendered": lambda earlier: earlier.rendered(PAGE_URL, None, SINCE),
    "rendered post": lambda earlier: earlier.rendered(PAGE_URL, POST, SINCE),
}


@pytest.mark.parametrize("question", RESUMED)
def test_what_an_unfinished_crawl_asks_before_each_request(question: str, index: sqlite3.Connection) -> None:
    assert_by_index(index, lambda: RESUMED[question](ResumeQueries(index, [CRAWL.uuid])))


def test_the_replies_of_an_unfinished_crawl_are_gathered_once_and_then_asked_for_by_page(index: sqlite3.Connection) -> None:
    queries = ResumeQueries(index, [CRAWL.uuid])
    queries.platform_replies(PAGE_URL)
    assert_by_index(index, lambda: queries.platform_replies(PAGE_URL))
