"""`archiver status`: what waits, by the same count as a crawl's, whatever became of state.db."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from archiver.model.render import Quality, RenderStatus
from archiver.query.archive import Archive
from archiver.storage.files.paths import ArchivePaths
from archiver.storage.index.database import open_index
from archiver.storage.state.requeue_list import RequeueCounts, Requeued, put
from archiver.tasks.status import status
from spiders.crawl_request import CrawlRequest, RequestKind
from spiders.frontier import Frontier
from tests.support.drawn import DRAWN_URL, PAGE_URL, POST, made_in, tweet


@pytest.fixture
def paths(tmp_path: Path) -> ArchivePaths:
    """An archive with nothing in it."""
    paths = ArchivePaths(tmp_path)
    open_index(paths.index).close()
    return paths


def waiting(paths: ArchivePaths) -> int | None:
    with Archive.open(paths.data_dir) as archive:
        return status(archive).waiting


def test_what_waits_is_what_a_crawl_says_waits(paths: ArchivePaths) -> None:
    """What had failed was counted here and not by the crawl, so the two never agreed."""
    frontier = Frontier(paths.state, "a crawl", delay=0, paces={}, concurrency=1)
    frontier.add(CrawlRequest(f"https://blog.example/{number}/", RequestKind.PAGE) for number in range(3))
    frontier.commit()
    with closing(sqlite3.connect(paths.state, isolation_level=None)) as database:
        database.execute("UPDATE wishes SET state = 'failed' WHERE seq = 1")
    frontier.commit()
    said = frontier.requests.waiting()
    frontier.close()

    assert waiting(paths) == said == 2


def test_where_nothing_was_left_nothing_waits(paths: ArchivePaths) -> None:
    assert waiting(paths) == 0


@pytest.mark.parametrize("kind", ["folder", "damaged"])
def test_a_state_that_cannot_be_read_is_no_damage_of_the_index(paths: ArchivePaths, kind: str) -> None:
    """It was opened outside of the try, so its error was told as the index's, with the advice to reindex."""
    if kind == "folder":
        paths.state.mkdir()
    else:
        paths.state.write_bytes(b"this is no database " * 1000)

    assert waiting(paths) is None
    with Archive.open(paths.data_dir) as archive:
        assert status(archive).requeued is None


def test_screenshots_are_counted_by_whether_they_show_what_they_are_there_for(data_dir: Path) -> None:
    with made_in(data_dir) as made:
        made.page(tweet())
        made.of_page()
        made.alone(Quality.BLANK)
        made.alone(Quality.HALF_LOADED)

    with Archive.open(data_dir) as archive:
        counts = status(archive)
    assert (counts.screenshots, counts.screenshots_other) == (2, 2)


def test_a_render_that_failed_once_and_not_again_has_not_failed(data_dir: Path) -> None:
    with made_in(data_dir) as made:
        made.page(tweet())
        made.rendered(PAGE_URL, RenderStatus.FAILED, "took too long", day=11)
        made.rendered(PAGE_URL, RenderStatus.WHOLE, day=12)
        made.rendered(DRAWN_URL, RenderStatus.FAILED, "the browser crashed", POST, day=12)

    with Archive.open(data_dir) as archive:
        assert status(archive).renders_failed == 1


def test_what_an_audit_put_back_is_counted_by_itself(paths: ArchivePaths) -> None:
    put(paths.state, [Requeued(PAGE_URL, "2022-09-20T08:00:00.000Z")])

    with Archive.open(paths.data_dir) as archive:
        counts = status(archive)
    assert counts.requeued == RequeueCounts(posts=0, pages=1)
    assert counts.waiting == 0  # the file is there, and no crawl has left anything in it


def test_jobs_that_are_due_are_named(paths: ArchivePaths) -> None:
    paths.config.write_text(
        "[jobs.blog]\nseeds = ['https://a.example/']\nschedule = '17 3 * * *'\n[jobs.hand]\nseeds = ['b.example']\n"
    )

    with Archive.open(paths.data_dir) as archive:
        assert (status(archive).jobs, status(archive).jobs_due) == (2, ("blog",))


def test_a_wrong_configuration_hides_nothing_else(paths: ArchivePaths) -> None:
    paths.config.write_text("[jobs.blog]\n")

    with Archive.open(paths.data_dir) as archive:
        assert (status(archive).jobs, status(archive).captures) == (None, 0)
