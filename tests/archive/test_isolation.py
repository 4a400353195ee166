"""A page that ends the process that reads it costs itself, and gives the same rows in a crawl and in all that reads it again."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from archiver.errors import StorageError
from archiver.extraction import worker
from archiver.recording.recorder import Recorder
from archiver.tasks.reindex import reindex
from archiver.tasks.repair.repair import repair
from tests.support.crawled import index_of
from tests.support.crawling import crawl_of
from tests.support.program import archiver
from tests.support.recording import NEXT_CRAWL
from tests.support.tables import tables_of
from tests.support.webs import page, running_web

CRASHED = "it brought the reading process down"
HUNG = "it was not read within 1 seconds"
BAD = {"crashes the parser": CRASHED, "fills the memory": CRASHED, "never ends": HUNG}
GOOD = ("one", "two", "three")
URL = "https://blog.example"
POST = '<p><a href="https://twitter.com/a/status/20">a post</a></p>'
UNREAD = [(f"{URL}/bad-{number}/", reason) for number, reason in enumerate(BAD.values())]


def set_fragile(patch: pytest.MonkeyPatch) -> None:
    """Pages are read by a worker that ends as their titles want it."""
    patch.setattr(worker, "MODULE", "tests.extraction.fragile_worker")
    patch.setattr(worker, "PATIENCE_SECONDS", 1)


@pytest.fixture(scope="module")
def crawled_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of a crawl in which every second page ended the process that read it."""
    folder = tmp_path_factory.mktemp("isolation")
    with running_web(folder) as web, pytest.MonkeyPatch.context() as patch:
        set_fragile(patch)
        paths = []
        for number, (good, bad) in enumerate(zip(GOOD, BAD, strict=True)):
            web["blog.example", f"/good-{number}/"] = page(POST, title=good)
            web["blog.example", f"/bad-{number}/"] = page(POST, title=f"A page that {bad}")
            paths += [f"/good-{number}/", f"/bad-{number}/"]
        report = crawl_of(web, folder / "crawled", *(f"{URL}{path}" for path in paths), scope="page")
    assert sorted(report.outcome.unread) == UNREAD
    assert not report.outcome.failed
    return folder / "crawled"


@pytest.fixture
def crawled(crawled_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, to change at will, while pages are read by the same worker."""
    set_fragile(monkeypatch)
    return Path(shutil.copytree(crawled_once, tmp_path / "crawled"))


def caught_up(data_dir: Path) -> None:
    (data_dir / "index.db").unlink()
    recorder = Recorder(data_dir, NEXT_CRAWL)
    try:
        assert recorder.catch_up() > len(BAD)
        assert sorted(recorder.unreadable) == UNREAD
    finally:
        recorder.close()


def reindexed(data_dir: Path) -> None:
    report = reindex(data_dir)
    assert sorted(report.unreadable) == UNREAD
    assert report.unreadable_count == len(BAD)


def repaired(data_dir: Path) -> None:
    (data_dir / "index.db").write_bytes(b"no database at all" * 1_000)
    (finding,) = (finding for finding in repair(data_dir).findings if finding.kind == "index")
    assert finding.done is not None and "; 3 responses are kept, and could not be read: https://" in finding.done
    assert all(f"{url} ({reason})" in finding.done for url, reason in UNREAD)


@pytest.mark.parametrize("again", [caught_up, reindexed, repaired])
def test_it_has_the_same_rows_however_it_is_read(crawled: Path, tmp_path: Path, again: Callable[[Path], None]) -> None:
    live = tables_of(crawled)
    data_dir = tmp_path / "again"
    shutil.copytree(crawled, data_dir)
    again(data_dir)
    assert tables_of(data_dir) == live


def test_the_others_are_read_and_of_these_it_is_said_why_not(crawled: Path) -> None:
    with index_of(crawled) as database:
        told = database.execute("SELECT url, error, reason FROM failures WHERE url LIKE ? ORDER BY url", (f"{URL}/%",)).fetchall()
        titles = database.execute("SELECT title FROM pages ORDER BY title").fetchall()
        captures = database.execute("SELECT count(*) FROM captures WHERE url LIKE ?", (f"{URL}/%/",)).fetchone()
    assert [tuple(row) for row in told] == [(url, "Unreadable", reason) for url, reason in UNREAD]
    assert [title for (title,) in titles] == sorted(GOOD)
    assert captures[0] == len(GOOD) + len(BAD)


def test_a_reindex_names_what_it_could_not_read_as_a_crawl_does(crawled: Path) -> None:
    ended = archiver("reindex", "--archive", crawled)
    assert ended.code == 0
    for url, reason in UNREAD:
        assert f"note: {url} is kept, and could not be read: {reason}. This is a bug of ours; please report it" in ended.err


def test_where_no_worker_starts_the_old_index_stays(crawled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else every page would count as unreadable, for want of memory."""
    live = tables_of(crawled)
    monkeypatch.setattr(worker, "MODULE", "tests.extraction.there_is_no_such_module")
    with pytest.raises(StorageError, match="the process that should read it does not start"):
        reindex(crawled)
    assert tables_of(crawled) == live
