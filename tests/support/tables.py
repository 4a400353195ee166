"""All that an index says, table by table, so that two of them can be compared."""

from pathlib import Path
from typing import Any

from tests.support.crawled import index_of

# What is no data, and may differ:
EXEMPT = {
    "sqlite_stat1": "SQLite's own statistics for its query planner, taken by PRAGMA optimize at moments of its choice",
    "sqlite_stat4": "the same",
}
FULL_TEXT = ("posts_text", "pages_text", "embeds_text")
# Segments of the full-text index, which SQLite lays out by the order of insertion. What is found is compared instead.
SEGMENTS = tuple(f"{table}_{part}" for table in FULL_TEXT for part in ("data", "idx", "content", "docsize", "config"))
WORDS = ("izyum", "ізюм", "изюм", "kharkiv", "bridge", "the", "в", "anonymousuk2022")

Tables = dict[str, list[Any]]


def tables_of(data_dir: Path) -> Tables:
    """All rows of all tables, ids included, and what each word finds, with its rank."""
    tables: Tables = {}
    with index_of(data_dir) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall():
            if name not in EXEMPT and name not in SEGMENTS:
                columns = "rowid, *" if name in FULL_TEXT else "*"
                tables[name] = sorted(database.execute(f"SELECT {columns} FROM {name}"), key=repr)
        for table in FULL_TEXT:
            for word in WORDS:
                sql = f"SELECT rowid, bm25({table}) FROM {table} WHERE {table} MATCH ? ORDER BY rank, rowid"
                tables[f"{table}: {word}"] = database.execute(sql, (f'"{word}"',)).fetchall()
    return tables


def assert_same(live: Tables, again: Tables) -> None:
    """Equal, and nothing of it empty."""
    assert live.keys() == again.keys()
    for name, rows in live.items():
        assert again[name] == rows, name
    for name in ("captures", "page_versions", "pages", "embeds", "posts", "statements", "media", "post_media", "links", "crawls"):
        assert live[name], f"{name} is empty: nothing was compared"
    for table in FULL_TEXT:
        assert any(live[f"{table}: {word}"] for word in WORDS), table
