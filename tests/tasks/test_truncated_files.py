"""Lost ends: a disk said that bytes were safe, and a power cut took them. No row is left that points there."""

from pathlib import Path

import pytest

from archiver.storage.files.paths import ArchivePaths, warc_files
from archiver.tasks.crawl.truncated_files import reindex_truncated
from archiver.tasks.reindex import reindex
from spiders.frontier import Frontier
from tests.support.crawling import crawl_of, rows
from tests.support.exchanges import PAGE_URL, exchange
from tests.support.recording import NEXT_CRAWL, keep, recording
from tests.support.tables import tables_of
from tests.support.warc_members import members_of
from tests.support.webs import Web, page

SECOND = "https://blog.example/second/"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Two pages, in a file that is in the index and in no manifest."""
    with recording(tmp_path) as recorder:
        keep(recorder, exchange())
        keep(recorder, exchange(SECOND, b"<title>Another</title>" + b"words " * 400, seconds=1))
    unseal(tmp_path)
    return tmp_path


def unseal(data_dir: Path) -> None:
    for manifest in (data_dir / "manifests").glob("*.json"):
        manifest.unlink()


def cut_within(data_dir: Path, url: str) -> str:
    """Takes the last file's end, from the middle of this page's record on. Returns its path in the archive."""
    file = warc_files(ArchivePaths(data_dir))[-1]
    record = next(member for member in members_of(file) if member.url == url)
    with file.open("rb+") as opened:
        opened.truncate(record.offset + record.length // 2)
    return ArchivePaths(data_dir).relative(file)


def test_the_index_forgets_what_a_lost_end_held_and_it_is_told(archive: Path) -> None:
    warc = cut_within(archive, SECOND)

    told = reindex_truncated(archive)

    assert told.keys() == {warc} and "Captures lost: 1. The index is made anew without them" in told[warc]
    assert rows(archive, "SELECT url FROM captures") == rows(archive, "SELECT url FROM pages") == [PAGE_URL]
    assert reindex_truncated(archive) == {}
    with recording(archive, NEXT_CRAWL) as recorder:
        recorder.catch_up()
    caught_up = tables_of(archive)
    reindex(archive)
    assert tables_of(archive) == caught_up, "what was left of the record is in torn/, and noted"


def test_where_another_file_is_missing_the_index_keeps_what_it_knows(archive: Path) -> None:
    warc = cut_within(archive, SECOND)
    with recording(archive, NEXT_CRAWL) as recorder:
        keep(recorder, exchange("https://blog.example/third/", seconds=2))
    unseal(archive)
    warc_files(ArchivePaths(archive))[-1].unlink()

    told = reindex_truncated(archive)

    assert told.keys() == {warc} and "`archiver repair --from DEST`" in told[warc]
    assert len(rows(archive, "SELECT url FROM captures")) == 3


def test_a_file_that_a_manifest_covers_is_for_verify_to_tell_of(tmp_path: Path) -> None:
    with recording(tmp_path) as recorder:
        keep(recorder, exchange())
    cut_within(tmp_path, PAGE_URL)
    assert reindex_truncated(tmp_path) == {}
    assert rows(tmp_path, "SELECT url FROM captures") == [PAGE_URL]


def test_what_was_lost_is_asked_for_again_by_the_run_that_had_it(
    web: Web, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    web["blog.example", "/"] = page("words " * 400)
    with monkeypatch.context() as patched:
        patched.setattr(Frontier, "finish", lambda _: None)  # the power was cut
        crawl_of(web, data_dir, "https://blog.example/", scope="page")
    unseal(data_dir)
    warc = cut_within(data_dir, "https://blog.example/")
    web.asked.clear()

    report = crawl_of(web, data_dir, "https://blog.example/", scope="page")

    assert "https://blog.example/" in web.urls()
    assert warc in report.outcome.notes
