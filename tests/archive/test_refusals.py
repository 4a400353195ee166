"""Players that show an error instead of a post that is there: on the sample web, none of their pictures is good."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from archiver.browser.wording import letters_only
from archiver.config.settings import NEUTRAL_REFERER
from archiver.crawling.session import CrawlPlan
from archiver.platforms import post_of_url
from archiver.sampleweb import running_sample_web
from archiver.sampleweb.refusals import HOST, PAGE_URL, refusals
from archiver.tasks.crawl.crawl import crawl
from tests.support.crawled import settings_for
from tests.support.crawling import records, rows

NEEDS_REFERER = "no-referer"
"""Plays for who comes with one, as the frame in the page does."""


@dataclass(frozen=True)
class Drawn:
    """The page of refusals, and each of its posts by itself that is drawn so."""

    data_dir: Path
    in_page: dict[tuple[str, str], tuple[str, str | None]]
    """Quality and reason by post, in the page; of posts by themselves below."""
    alone: dict[tuple[str, str], tuple[str, str | None]]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drawn]:
    folder = tmp_path_factory.mktemp("refusals")
    with running_sample_web(folder) as web:
        settings = msgspec.structs.replace(settings_for(web), screenshots="posts")
        report = crawl(CrawlPlan(folder / "archive", (PAGE_URL,), "page", settings=settings))
    assert report.outcome.failed == []
    sql = (
        "SELECT s.position IS NULL, p.platform, p.post_id, s.quality, s.reason FROM screenshots s"
        " JOIN posts p ON p.id = s.post WHERE s.kind = 'embed'"
    )
    found = rows(folder / "archive", sql)
    in_page, alone = (
        {(platform, post): (quality, reason) for by_itself, platform, post, quality, reason in found if by_itself == wanted}
        for wanted in (0, 1)
    )
    yield Drawn(folder / "archive", in_page, alone)


@pytest.mark.parametrize("name", [name for name in refusals() if name != NEEDS_REFERER])
def test_a_player_that_shows_an_error_is_never_good(drawn: Drawn, name: str) -> None:
    refusal = refusals()[name]
    post = post_of_url(refusal.frame)
    assert post is not None
    key = (post.platform, post.post_id)
    for quality, reason in (drawn.in_page[key], *([drawn.alone[key]] if key in drawn.alone else [])):
        assert quality == "refused"
        assert reason is not None and reason.startswith("the network refuses to show it here")
        assert letters_only(reason.split('"')[1]) in letters_only(" ".join(refusal.lines))


def test_none_of_them_is_gone(drawn: Drawn) -> None:
    assert set(rows(drawn.data_dir, "SELECT DISTINCT state FROM statements WHERE state IS NOT NULL")) == {"live"}


def test_who_comes_from_a_page_sees_what_plays_only_then(drawn: Drawn) -> None:
    key = ("youtube", "NoReferer_1")
    assert drawn.in_page[key] == drawn.alone[key] == ("good", None)


def test_the_wire_has_the_page_and_then_the_neutral_address_as_referer(drawn: Drawn) -> None:
    asked = [
        record.block.bytes().decode("latin-1").lower()
        for record in records(drawn.data_dir)
        if record.record_type == "request" and record.url == refusals()["embedding-disabled"].frame
    ]
    sent = [line.partition(": ")[2] for request in asked for line in request.split("\r\n") if line.startswith("referer:")]
    assert sent == [f"https://{HOST}/", NEUTRAL_REFERER]
