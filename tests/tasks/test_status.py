"""`archiver status`: what waits, by the same count as a crawl's, and without state.db."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.archive import open_archive
from archiver.tasks.status import status
from spiders.frontier import Frontier
from spiders.wishes import Wish, WishKind
from tests.crawled import Crawled


@pytest.fixture
def data_dir(crawled: Crawled, tmp_path: Path) -> Iterator[Path]:
    """A copy of an archive that was crawled to the end, whose state may be changed."""
    folder = tmp_path / "archive"
    shutil.copytree(crawled.data_dir, folder)
    (folder / "state.db").unlink(missing_ok=True)
    yield folder


def waiting(data_dir: Path) -> int | None:
    with open_archive(data_dir) as archive:
        return status(archive).waiting


def test_what_waits_is_what_a_crawl_says_waits(data_dir: Path) -> None:
    """What had failed was counted here and not by the crawl, so the two never agreed."""
    frontier = Frontier(data_dir / "state.db", "a crawl", delay=0, paces={}, concurrency=1)
    frontier.add(Wish(f"https://blog.example/{number}/", WishKind.PAGE) for number in range(3))
    found, _ = frontier._pick(0)
    assert found is None or frontier
    frontier._database.execute("UPDATE wishes SET state = 'failed' WHERE seq = 1")
    said = frontier.waiting()
    frontier.close()

    assert waiting(data_dir) == said == 2


def test_where_nothing_was_left_nothing_waits(data_dir: Path) -> None:
    assert waiting(data_dir) == 0


@pytest.mark.parametrize("kind", ["folder", "damaged"])
def test_a_state_that_cannot_be_read_is_no_damage_of_the_index(data_dir: Path, kind: str) -> None:
    """It was opened outside of the try, so its error was told as the index's, with the advice to reindex."""
    if kind == "folder":
        (data_dir / "state.db").mkdir()
    else:
        (data_dir / "state.db").write_bytes(b"this is no database " * 1000)

    assert waiting(data_dir) is None
