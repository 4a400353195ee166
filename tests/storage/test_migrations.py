"""An index of an older version is brought up to date: equal rows, and the schema of a new one."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlite_utils

from archiver.errors import StorageError
from archiver.query.archive import Archive
from archiver.storage.files.archive_folder import INDEX
from archiver.storage.index import database as database_module
from archiver.storage.index.database import OLDEST_TO_READ, migrations, open_index, open_index_to_read
from archiver.storage.index.tables import TABLES, columns
from archiver.storage.index.writer import IndexWriter
from tests.support.full_index import PAGE_URL, fill, make_full_index, open_old_index

NEWEST = migrations()[-1][0]


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """An index as the version before made it, with rows in every table."""
    path = tmp_path / "index.db"
    with closing(open_old_index(path, 4)) as database:
        fill(IndexWriter(database))
    return path


@pytest.fixture
def new(tmp_path: Path) -> Path:
    path = tmp_path / "new" / "index.db"
    path.parent.mkdir()
    make_full_index(path)
    return path


def rows(database: sqlite3.Connection) -> dict[str, list[Any]]:
    """All rows, by table; of full text the words. Tables of a later format are left out."""
    found = {}
    there = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    for table in there & set(TABLES):
        read = database.execute(f"SELECT {', '.join(columns(table))} FROM {table}")
        found[table] = sorted(map(tuple, read), key=repr)
    return found


def schema(database: sqlite3.Connection) -> list[tuple[str, str, str]]:
    return sorted(map(tuple, database.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_master")))


def foreign_keys(database: sqlite3.Connection) -> Iterator[tuple[str, str, str | None]]:
    """Table, the one referred to, and its column."""
    for table in TABLES:
        for key in database.execute(f"PRAGMA foreign_key_list({table})"):
            yield table, key[2], key[4]


def test_an_index_of_the_version_before_gets_the_schema_of_a_new_one_and_keeps_its_rows(old: Path, new: Path) -> None:
    with closing(sqlite3.connect(old)) as before:
        expected = rows(before)
    with closing(open_index(old)) as migrated, closing(open_index(new)) as fresh:
        assert migrated.execute("PRAGMA user_version").fetchone() == (NEWEST,)
        assert schema(migrated) == schema(fresh)
        found = rows(migrated)
        assert {table: found[table] for table in expected} == expected
        assert found | {"made_by": rows(fresh)["made_by"]} == rows(fresh)
        assert migrated.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert migrated.execute("PRAGMA foreign_key_check").fetchall() == []
        assert migrated.execute("PRAGMA foreign_keys").fetchone() == (1,)


def test_it_takes_further_rows_and_still_refuses_what_refers_to_nothing(old: Path) -> None:
    with closing(open_index(old)) as database:
        fill(IndexWriter(database))  # all there already
        assert database.execute("SELECT count(*) FROM embeds").fetchone() == (2,)
        with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
            database.execute("INSERT INTO linked_posts VALUES (1, 1)")


def test_every_foreign_key_names_its_column(new: Path) -> None:
    """Datasette took none for granted, and answered 500."""
    with closing(open_index(new)) as database:
        keys = list(foreign_keys(database))
    assert len(keys) > 20
    assert {column for _, _, column in keys} == {"id"}


def test_all_of_it_or_nothing(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(sqlite3.connect(old)) as before:
        expected = schema(before), rows(before)
    steps = migrations()
    with monkeypatch.context() as broken:
        broken.setattr(database_module, "migrations", lambda: [*steps[:-1], (NEWEST, f"{steps[-1][1]}; no SQL;")])
        with pytest.raises(StorageError):
            open_index(old)
    with closing(sqlite3.connect(old)) as after:
        assert (schema(after), rows(after)) == expected
    open_index(old).close()


def test_who_waits_for_it_is_told_and_a_new_index_needs_none(old: Path, tmp_path: Path) -> None:
    told: list[int] = []
    size = old.stat().st_size
    open_index(old, on_migration=told.append).close()
    open_index(old, on_migration=told.append).close()
    open_index(tmp_path / "another.db", on_migration=told.append).close()
    assert told == [size]


def test_it_is_read_as_it_is_before_a_crawl_brings_it_up_to_date(old: Path) -> None:
    """`find` in an archive that an upgraded program has not crawled yet, or on a disk that is read-only."""
    assert OLDEST_TO_READ == 4
    with Archive.open(old.parent) as archive:
        assert [tuple(row) for row in archive.index.execute("SELECT url FROM pages")] == [(PAGE_URL,)]
    with closing(sqlite3.connect(old)) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (4,)


def test_an_older_format_than_that_is_not_read_but_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    open_old_index(path, 3).close()
    with pytest.raises(StorageError, match="has an older format"):
        open_index_to_read(path)
    open_index(path).close()
    open_index_to_read(path).close()


def test_a_new_and_a_migrated_index_say_whose_they_are(old: Path, new: Path) -> None:
    for path in (old, new):
        open_index(path).close()
        assert path.read_bytes()[68:72] == b"EmbI" == INDEX.application_id.to_bytes(4)  # sqlite.org/fileformat2.html, 1.3


def test_sqlite_utils_reads_every_table(new: Path) -> None:
    database = sqlite_utils.Database(sqlite3.connect(new))
    for table in TABLES:
        assert next(iter(database[table].rows)), table
        assert database[table].columns_dict  # type: ignore[union-attr]
    assert {key.other_column for table in TABLES for key in database[table].foreign_keys} == {"id"}  # type: ignore[union-attr]
    assert next(iter(database["latest_statements"].rows))["asked"]
    database.conn.close()
