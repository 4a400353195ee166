"""The index is a projection of the WARC files: made anew from them, in whatever order, it is the same."""

import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from archiver.model.exchange import Crawl
from archiver.recording.indexer import begin_record
from archiver.storage.files.paths import ArchivePaths, warc_files
from archiver.storage.index.database import open_index, open_index_to_read
from archiver.storage.index.writer import IndexWriter
from archiver.storage.warc.reader import read_records
from archiver.tasks.reindex import _remove_journal, reindex
from tests.support.crawled import Crawled, index_of
from tests.support.exchanges import exchange
from tests.support.recording import keep, read_at_once, recording
from tests.support.tables import Tables, assert_same, tables_of


@pytest.fixture(scope="module")
def live(crawled: Crawled) -> Tables:
    return tables_of(crawled.data_dir)


def test_the_second_crawl_made_revisits(crawled: Crawled) -> None:
    with index_of(crawled.data_dir) as database:
        kinds = dict(database.execute("SELECT record_type, count(*) FROM captures GROUP BY 1").fetchall())
        jobs = [row[0] for row in database.execute("SELECT job FROM crawls ORDER BY started_at")]
    assert kinds["revisit"] > 50
    assert jobs == ["notebook", "diary", "notebook", "notebook"]


def test_the_index_made_anew_is_that_of_the_live_crawl(crawled: Crawled, live: Tables, tmp_path: Path) -> None:
    data_dir = crawled.copy(tmp_path)
    (data_dir / "index.db").unlink()
    report = reindex(data_dir)
    assert report.files == 4
    assert_same(live, tables_of(data_dir))


def test_so_it_is_after_the_first_day_alone(crawled: Crawled, tmp_path: Path) -> None:
    data_dir = Path(shutil.copytree(crawled.first_day, tmp_path / "archive"))
    first = tables_of(data_dir)
    reindex(data_dir)
    assert_same(first, tables_of(data_dir))


@pytest.mark.parametrize("seed", range(3))
def test_the_order_in_which_files_are_read_changes_nothing(crawled: Crawled, live: Tables, tmp_path: Path, seed: int) -> None:
    data_dir = crawled.copy(tmp_path)
    files = warc_files(ArchivePaths(data_dir))
    random.Random(seed).shuffle(files)
    reindex(data_dir, files=files)
    assert_same(live, tables_of(data_dir))


@pytest.mark.parametrize("seed", range(2))
def test_nor_does_the_order_of_single_records(crawled: Crawled, live: Tables, tmp_path: Path, seed: int) -> None:
    """As if every record lay in a file of its own, and the index were committed now and then."""
    paths, dice = ArchivePaths(tmp_path), random.Random(seed)
    index = IndexWriter(open_index(paths.index))
    with index_of(crawled.data_dir) as database:
        for row in database.execute("SELECT uuid, job, started_at, software, settings FROM crawls").fetchall():
            index.add_crawl(Crawl(*row))
        files = database.execute("SELECT w.path, w.indexed_to, c.uuid FROM warcs w JOIN crawls c ON c.id = w.crawl").fetchall()
    records = []
    for path, size, crawl in files:
        index.reached(path, crawl, size)
        records += [(record, path, crawl) for record in read_records(crawled.data_dir / path) if record.record_type != "warcinfo"]
    dice.shuffle(records)
    for record, path, crawl in records:
        begin_record(index, record, path, crawl, read_at_once)[0]()
        if dice.random() < 0.02:
            index.commit()
    index.commit()
    index.database.close()
    assert_same(live, tables_of(tmp_path))


def test_reading_everything_again_into_a_full_index_changes_nothing(crawled: Crawled, live: Tables, tmp_path: Path) -> None:
    data_dir = crawled.copy(tmp_path)
    paths = ArchivePaths(data_dir)
    index = IndexWriter(open_index(paths.index))
    for file in warc_files(paths)[:2]:
        crawl = next(row[0] for row in index.database.execute(
            "SELECT c.uuid FROM warcs w JOIN crawls c ON c.id = w.crawl WHERE w.path = ?", (paths.relative(file),)
        ))  # fmt: skip
        for record in read_records(file):
            if record.record_type != "warcinfo":
                begin_record(index, record, paths.relative(file), crawl, read_at_once)[0]()
    index.commit()
    index.database.close()
    assert_same(live, tables_of(data_dir))


def test_whoever_opens_the_old_index_just_before_the_new_one_is_there_sees_all_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its journal went first, with its newest rows."""
    with recording(tmp_path) as recorder:
        keep(recorder, exchange())
        recorder.commit()
        reader = open_index_to_read(tmp_path / "index.db")  # because of whom the journal stays
    removed, seen = _remove_journal, list[tuple[int]]()

    def looks(index: Path) -> None:
        removed(index)
        if index.name == "index.db":
            with closing(sqlite3.connect(index)) as database:
                seen.append(database.execute("SELECT count(*) FROM captures").fetchone())

    monkeypatch.setattr("archiver.tasks.reindex._remove_journal", looks)
    reindex(tmp_path)
    reader.close()
    assert seen == [(1,)]
