"""The index is a projection of the WARC files: made anew from them, in whatever order, it is the same."""

import random
from pathlib import Path
from typing import Any

import pytest

from archiver.tasks.reindex import reindex, warc_files
from archiver.paths import ArchivePaths
from tests.crawled import Crawled, index_of

# What is no data, and may differ:
EXEMPT = {
    "sqlite_stat1": "SQLite's own statistics for its query planner, taken by PRAGMA optimize at moments of its choice",
    "sqlite_stat4": "the same",
}
FULL_TEXT = ("posts_text", "pages_text", "embeds_text")
# Segments of the full-text index, which SQLite lays out by the order of insertion. What is found is compared instead.
SEGMENTS = tuple(f"{table}_{part}" for table in FULL_TEXT for part in ("data", "idx", "content", "docsize", "config"))
WORDS = ("izyum", "ізюм", "изюм", "харків", "bridge", "the", "в", "anonymousuk2022")

Rows = list[tuple[Any, ...]]


def contents(data_dir: Path) -> dict[str, Rows]:
    """All rows of all tables, and what each word finds, with its rank."""
    with index_of(data_dir) as database:
        names = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        wanted = [name for name in names if name not in EXEMPT and name not in SEGMENTS]
        tables = {name: sorted(map(repr, database.execute(f"SELECT rowid, * FROM {name}" if name in FULL_TEXT else f"SELECT * FROM {name}"))) for name in wanted}
        for table in FULL_TEXT:
            for word in WORDS:
                sql = f"SELECT rowid, bm25({table}) FROM {table} WHERE {table} MATCH ? ORDER BY rank, rowid"
                tables[f"{table}: {word}"] = database.execute(sql, (f'"{word}"',)).fetchall()
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    return tables


def assert_same(live: dict[str, Rows], again: dict[str, Rows]) -> None:
    assert live.keys() == again.keys()
    for name, rows in live.items():
        assert again[name] == rows, name
    for name in ("captures", "page_versions", "pages", "embeds", "posts", "statements", "media", "post_media", "links", "crawls"):
        assert live[name], f"{name} is empty: nothing was compared"
    for table in FULL_TEXT:
        assert any(live[f"{table}: {word}"] for word in WORDS), table


def test_the_index_made_anew_is_that_of_the_live_crawl(crawled: Crawled, tmp_path: Path) -> None:
    live = contents(crawled.data_dir)
    data_dir = crawled.copy(tmp_path)
    (data_dir / "index.db").unlink()
    report = reindex(data_dir)
    assert report.files == 4
    assert_same(live, contents(data_dir))


def test_so_it_is_after_the_first_day_alone(crawled: Crawled, tmp_path: Path) -> None:
    import shutil

    data_dir = Path(shutil.copytree(crawled.first_day, tmp_path / "archive"))
    live = contents(data_dir)
    reindex(data_dir)
    assert_same(live, contents(data_dir))


@pytest.mark.parametrize("seed", range(4))
def test_the_order_in_which_files_are_read_changes_nothing(crawled: Crawled, tmp_path: Path, seed: int) -> None:
    live = contents(crawled.data_dir)
    data_dir = crawled.copy(tmp_path)
    files = warc_files(ArchivePaths(data_dir))
    random.Random(seed).shuffle(files)
    reindex(data_dir, files=files)
    assert_same(live, contents(data_dir))
