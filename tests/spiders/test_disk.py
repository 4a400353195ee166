"""The disk: a crawl stops before it is full, with all it has; and what SQLite says of the disk is no bug of ours."""

import asyncio
import re
import sqlite3
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from archiver.cli import run
from archiver.errors import DiskFull, StorageError
from archiver.storage.files.disk_space import MIN_FREE_INODES, FreeSpace, free_space, require_free_space
from archiver.storage.index.database import open_index
from archiver.storage.index.writer import Batch, IndexWriter
from archiver.wire.spool import Spool
from spiders.frontier import Frontier
from spiders.frontier_store import open_state
from tests.spiders.frontiers import Runs
from tests.spiders.frontiers import pages as requests
from tests.support.crawling import captures, crawl_of, rows
from tests.support.full_disk import files_limited_to
from tests.support.program import pointed_at
from tests.support.webs import Asked, Web, Writer, page, sitemap

pytestmark = pytest.mark.usefixtures("one_process")

SITE = "https://blog.example/"
PAGES = [f"{SITE}{number}/" for number in range(6)]
SEED = f"{SITE}sitemap.xml"
MIN_FREE = 500_000_000


@pytest.fixture
def blog(web: Web) -> Web:
    web["blog.example", "/sitemap.xml"] = sitemap(*PAGES)
    for number in range(len(PAGES)):
        web["blog.example", f"/{number}/"] = page(f"Post {number}")
    return web


class Disk:
    """What is free, as a test says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.room = FreeSpace(2 * MIN_FREE, None)
        monkeypatch.setattr("archiver.storage.files.disk_space.free_space", lambda _: self.room)
        monkeypatch.setattr("archiver.recording.recorder.GROUP_RECORDS", 1)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


def test_a_crawl_stops_before_the_disk_is_full_and_goes_on_when_there_is_room(blog: Web, data_dir: Path, disk: Disk) -> None:
    def fills(_: Asked) -> bytes:
        disk.room = FreeSpace(MIN_FREE - 1, None)
        return page("The last one")

    blog["blog.example", "/2/"] = fills

    first = crawl_of(blog, data_dir, SEED, concurrency=1)

    assert isinstance(first.outcome.trouble, DiskFull)
    assert str(first.outcome.trouble) == (
        f"500 MB are free for {data_dir}, and a crawl leaves 500 MB free: make room, or set min_free in archiver.toml;"
        " then the same command goes on"
    )
    assert first.outcome.to_json()["ended"] == "disk"
    assert rows(data_dir, "SELECT outcome ->> '$.ended' FROM crawls") == ["disk"]
    assert first.outcome.waiting == 3
    assert (PAGES[2], 200) in captures(data_dir), "what was under way is kept"
    blog.asked.clear()
    disk.room = FreeSpace(2 * MIN_FREE, None)
    second = crawl_of(blog, data_dir, SEED, concurrency=1)
    assert second.outcome.trouble is None and second.outcome.waiting == 0
    assert blog.urls() == PAGES[3:]


def test_where_next_to_nothing_is_left_not_even_what_is_under_way_is_kept(blog: Web, data_dir: Path, disk: Disk) -> None:
    def fills(_: Asked) -> bytes:
        disk.room = FreeSpace(1_000_000, None)
        return page("The last one")

    blog["blog.example", "/2/"] = fills

    first = crawl_of(blog, data_dir, SEED, concurrency=1)

    assert isinstance(first.outcome.trouble, DiskFull) and first.outcome.trouble.urgent
    blog.asked.clear()
    disk.room = FreeSpace(2 * MIN_FREE, None)
    crawl_of(blog, data_dir, SEED, concurrency=1)
    assert captures(data_dir) >= {(url, 200) for url in PAGES}
    assert PAGES[1] not in blog.urls()


def test_a_crawl_does_not_begin_without_room_and_says_so_with_6(
    blog: Web, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data_dir.mkdir()
    (data_dir / "archiver.toml").write_text('[crawl]\nmin_free = "900000GB"\n')

    code = run(["crawl", SEED, "--archive", str(data_dir), *pointed_at(blog)])

    assert code == 6
    assert "and a crawl leaves 900,000,000 MB free: make room" in capsys.readouterr().err
    assert blog.urls() == [] and not (data_dir / "index.db").exists()


def test_room_is_measured_where_the_archive_is_going_to_be(tmp_path: Path) -> None:
    assert free_space(tmp_path / "not" / "yet").bytes == pytest.approx(free_space(tmp_path).bytes, rel=0.1)


def test_files_that_can_still_be_made_count_as_room(tmp_path: Path, disk: Disk) -> None:
    disk.room = FreeSpace(2 * MIN_FREE, MIN_FREE_INODES - 1)
    with pytest.raises(DiskFull, match="only 199 more files can be made"):
        require_free_space(tmp_path, MIN_FREE)
    disk.room = FreeSpace(2 * MIN_FREE, None)
    require_free_space(tmp_path, MIN_FREE)


def test_a_full_folder_of_temporary_files_is_told_as_such() -> None:
    spool = Spool()
    with files_limited_to(1 << 20), pytest.raises(StorageError, match=r"cannot write a temporary file: .*TMPDIR"):
        for _ in range(100):
            spool.write(bytes(1 << 20))


def test_what_does_not_fit_among_the_temporary_files_ends_a_crawl_with_6(
    blog: Web, data_dir: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    blog["blog.example", "/1/"] = page("words " * 1_000_000)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "not there"))

    report = crawl_of(blog, data_dir, SEED, concurrency=1)

    assert isinstance(report.outcome.trouble, StorageError) and "TMPDIR" in str(report.outcome.trouble)
    assert (PAGES[0], 200) in captures(data_dir)
    monkeypatch.undo()
    assert crawl_of(blog, data_dir, SEED, concurrency=1).outcome.trouble is None
    assert captures(data_dir) >= {(url, 200) for url in PAGES}


# --- SQLite -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "says"),
    [
        ("writing the index", sqlite3.OperationalError("database or disk is full")),
        ("reading the index", sqlite3.OperationalError("disk I/O error")),
        ("state.db", sqlite3.OperationalError("attempt to write a readonly database")),
    ],
    ids=str,
)
def test_what_sqlite_says_of_the_disk_ends_a_crawl_with_6_and_loses_nothing(
    blog: Web, data_dir: Path, monkeypatch: pytest.MonkeyPatch, where: str, says: Exception
) -> None:
    def fails(*_: Any, **__: Any) -> Any:
        raise says

    def breaks(_: Asked) -> bytes:
        monkeypatch.setattr(
            {
                "writing the index": "archiver.storage.index.writer.IndexWriter._write",
                "reading the index": "archiver.storage.index.crawl_queries.CrawlIndex.validators",
                "state.db": "spiders.frontier_store.StateDatabase.cursor",
            }[where],
            fails,
        )
        return page("The last one")

    monkeypatch.setattr("archiver.recording.recorder.GROUP_RECORDS", 1)
    blog["blog.example", "/2/"] = breaks

    first = crawl_of(blog, data_dir, SEED, concurrency=1)

    assert isinstance(first.outcome.trouble, StorageError) and str(says) in str(first.outcome.trouble)
    monkeypatch.undo()
    blog["blog.example", "/2/"] = page("The last one")
    blog.asked.clear()
    second = crawl_of(blog, data_dir, SEED, concurrency=1)
    assert second.outcome.trouble is None and second.outcome.failed == []
    assert {url for url, _ in captures(data_dir)} >= set(PAGES)
    assert rows(data_dir, "SELECT count(*) FROM captures") == [len(PAGES) + 2], "nothing was recorded twice"


def test_so_it_is_with_a_damaged_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = IndexWriter(open_index(tmp_path / "index.db"))
    index.reached("warc/a.warc.gz", None, 1)

    def fails(_: Batch) -> None:
        raise sqlite3.DatabaseError("database disk image is malformed")

    monkeypatch.setattr(index, "_write", fails)
    with pytest.raises(StorageError, match=r"malformed.*the same command goes on"):
        index.commit()
    index.database.close()


def test_a_full_disk_under_state_db_is_told_as_such(tmp_path: Path, runs: Runs) -> None:
    frontier = Frontier(tmp_path / "state.db", "a crawl", delay=0, paces={}, concurrency=1)
    with files_limited_to(40_000), pytest.raises(StorageError, match=r"cannot use state.db: .*Is there room on the disk"):
        for start in range(0, 50_000, 500):
            frontier.add(requests(*range(start, start + 500)))
            frontier.commit()
    frontier.close(safe=False)
    again = runs()
    assert again.add(requests(10**6)) == 1


def test_where_there_is_no_room_for_state_db_nobody_is_sent_to_move_it_away(tmp_path: Path) -> None:
    """It is whole then, and has what an interrupted crawl still wants."""
    with files_limited_to(1_000), pytest.raises(StorageError, match="Is there room on the disk") as error:
        open_state(tmp_path / "state.db")
    assert "moving it away" not in str(error.value)


def test_state_db_survives_a_power_cut(tmp_path: Path) -> None:
    database = open_state(tmp_path / "state.db")
    assert database.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
    assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    database.close()


# --- time ---------------------------------------------------------------------------------------------------------------------


def test_a_crawl_stops_when_its_time_is_over_and_the_next_goes_on(
    blog: Web, data_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stopped, stop = threading.Event(), Frontier.stop
    monkeypatch.setattr(Frontier, "stop", lambda frontier: (stop(frontier), stopped.set()))

    async def waits(_: Asked, writer: Writer) -> None:
        while not stopped.is_set():
            await asyncio.sleep(0.01)
        writer.write(page("The last one"))

    blog["blog.example", "/2/"] = waits
    data_dir.mkdir()
    (data_dir / "archiver.toml").write_text("[crawl]\nstop_after = 0.5\nconcurrency = 1\n")

    code = run(["crawl", SEED, "--archive", str(data_dir), *pointed_at(blog)])

    assert code == 0
    assert re.search(r"note: \d requests? waits? for the next run of the same command", capsys.readouterr().err)
    assert rows(data_dir, "SELECT outcome ->> '$.ended' FROM crawls") == ["time"]
    (data_dir / "archiver.toml").unlink()
    assert run(["crawl", SEED, "--archive", str(data_dir), *pointed_at(blog)]) == 0
    assert captures(data_dir) >= {(url, 200) for url in PAGES}
    assert set(Counter(blog.urls()).values()) == {1}
