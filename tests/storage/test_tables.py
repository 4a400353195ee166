"""The row classes say what the tables hold: they and the schema that the migrations make must not drift apart."""

import sqlite3
import types
import typing
from pathlib import Path

import pytest

from archiver.storage.index.database import open_index
from archiver.storage.index.tables import TABLES, TableRow, columns, insert_sql

SQL_TYPES = {int: "INTEGER", str: "TEXT"}


@pytest.fixture
def database() -> typing.Iterator[sqlite3.Connection]:
    database = open_index(Path(":memory:"), safe=False)
    yield database
    database.close()


def declared(table: type[TableRow]) -> list[tuple[str, str, bool]]:
    """Name, SQL type and whether it may be null, of each column."""
    found = []
    for name, hint in typing.get_type_hints(table).items():
        optional = isinstance(hint, types.UnionType)
        (kind,) = {each for each in (typing.get_args(hint) if optional else (hint,)) if each is not types.NoneType}
        found.append((name, SQL_TYPES[kind], optional))
    return found


def test_every_table_has_a_row_class_and_every_class_a_table(database: sqlite3.Connection) -> None:
    listed = database.execute("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'virtual')")
    assert sorted(name for (name,) in listed if not name.startswith("sqlite_")) == sorted(TABLES)


@pytest.mark.parametrize("table", [table for table in TABLES if not table.endswith("_text")])
def test_columns_stand_in_order_with_type_and_nullability(database: sqlite3.Connection, table: str) -> None:
    found = database.execute(f"PRAGMA table_info({table})").fetchall()
    assert declared(TABLES[table]) == [(name, kind, not notnull and not key) for _, name, kind, notnull, _, key in found]


@pytest.mark.parametrize("table", [table for table in TABLES if table.endswith("_text")])
def test_full_text_has_its_columns_beside_the_rowid(database: sqlite3.Connection, table: str) -> None:
    found = [name for _, name, *_ in database.execute(f"PRAGMA table_info({table})")]
    assert columns(table) == ("rowid", *found)


def test_each_insert_fits_its_table(database: sqlite3.Connection) -> None:
    for table in TABLES:
        database.execute(f"EXPLAIN {insert_sql(table)}", (1,) * len(columns(table)))


def test_foreign_keys_refer_to_tables_that_stand_before_or_wait_for_the_commit(database: sqlite3.Connection) -> None:
    order = list(TABLES)
    waiting = {("page_versions", "pages")}  # each refers to the other: DEFERRABLE INITIALLY DEFERRED
    for table in TABLES:
        for _, _, other, *_ in database.execute(f"PRAGMA foreign_key_list({table})"):
            assert order.index(other) < order.index(table) or (table, other) in waiting
