"""What a crawl does when it is over: thumbnails of what it captured, whose trouble takes nothing from its report."""

import os
import signal
from pathlib import Path

import pytest

from archiver.errors import StorageError
from archiver.tasks import thumbnails
from archiver.tasks.crawl.crawl import THUMBNAILS, CrawlReport
from archiver.tasks.init import begin_archive
from tests.support.crawling import crawl_of
from tests.support.mastodon_web import BLOG, FILES, NUMBERS, add_post, embedding, picture_of, status
from tests.support.photos import landscape, saved
from tests.support.webs import Asked, Web, reply


@pytest.fixture
def pictured(web: Web, monkeypatch: pytest.MonkeyPatch) -> Web:
    """Two pages, each with a post that has a picture; and no browser, which thumbnails do not need."""
    monkeypatch.setenv("ARCHIVER_BROWSER", "/nonexistent")
    for number in NUMBERS[:2]:
        add_post(web, number, status(number, **picture_of(number)))
        picture = reply(saved(landscape(number), "PNG"), "image/png")
        web[FILES, f"/media_attachments/files/111/213/356/original/{number}.png"] = picture
        web["blog.example", f"/{number}/"] = embedding(number)
    return web


def crawled(web: Web, data_dir: Path, number: str) -> CrawlReport:
    return crawl_of(web, data_dir, f"{BLOG}/{number}/", scope="page", screenshots="posts")


def made(data_dir: Path) -> set[Path]:
    return set((data_dir / "thumbnails").rglob("*.webp"))


def test_a_crawl_makes_thumbnails_of_what_it_captured_and_looks_at_nothing_else(pictured: Web, data_dir: Path) -> None:
    crawled(pictured, data_dir, NUMBERS[0])
    [first] = made(data_dir)
    first.unlink()

    crawled(pictured, data_dir, NUMBERS[1])

    [second] = made(data_dir)
    assert second != first
    thumbnails.make_thumbnails(data_dir)
    assert made(data_dir) == {first, second}


def test_the_next_crawl_makes_those_that_an_interrupted_one_did_not_come_to(pictured: Web, data_dir: Path) -> None:
    address = FILES, f"/media_attachments/files/111/213/356/original/{NUMBERS[0]}.png"
    picture = reply(saved(landscape(NUMBERS[0]), "PNG"), "image/png")

    def interrupting(_asked: Asked) -> bytes:
        os.kill(os.getpid(), signal.SIGINT)
        return picture

    pictured[address] = interrupting
    first = crawled(pictured, data_dir, NUMBERS[0])
    assert (first.stats.media, first.outcome.interrupted, made(data_dir)) == (1, True, set())

    crawled(pictured, data_dir, NUMBERS[1])

    assert len(made(data_dir)) == 2


def test_a_folder_that_cannot_be_written_is_told_behind_the_report(pictured: Web, data_dir: Path) -> None:
    begin_archive(data_dir)  # as else the file would be somebody else's
    (data_dir / "thumbnails").write_bytes(b"a file where the folder should be")

    report = crawled(pictured, data_dir, NUMBERS[0])

    assert (report.stats.pages, report.stats.media, report.outcome.failed) == (1, 1, [])
    assert isinstance(report.outcome.trouble, StorageError)
    assert report.written == sum(file.stat().st_size for file in (data_dir / "warc").rglob("*.gz"))


def test_a_process_that_does_not_start_is_a_note(pictured: Web, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thumbnails, "MODULE", "tests.no_such_module")

    report = crawled(pictured, data_dir, NUMBERS[0])

    assert report.stats.media == 1 and report.outcome.trouble is None
    assert list(report.outcome.notes) == [THUMBNAILS]


def test_ctrl_c_among_the_thumbnails_leaves_the_report(pictured: Web, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("archiver.tasks.crawl.crawl.make_thumbnails", interrupted)

    report = crawled(pictured, data_dir, NUMBERS[0])

    assert report.stats.media == 1 and report.outcome.interrupted
