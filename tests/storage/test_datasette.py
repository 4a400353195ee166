"""Datasette, the real program in both of its versions, opens every table, and a row of each, of an index that has rows in all."""

import json
import os
import re
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from archiver.storage.index.tables import TABLES
from archiver.storage.index.writer import IndexWriter
from tests.support.full_index import fill, make_full_index, open_old_index

VIEW = "latest_statements"
LISTENING = re.compile(r"running on (http://127\.0\.0\.1:\d+)")
PROGRAMS = {"0.65": ("ARCHIVER_DATASETTE", ".venv-datasette"), "1.0": ("ARCHIVER_DATASETTE1", ".venv-datasette1")}


@pytest.fixture(params=PROGRAMS)
def datasette(request: pytest.FixtureRequest, project: Path) -> Path:
    """A program of its own, in an environment of its own."""
    variable, folder = PROGRAMS[request.param]
    program = Path(os.environ.get(variable) or project / folder / "bin" / "datasette")
    if not program.exists():
        pytest.fail(f"there is no Datasette at {program}: `make test` installs it, and {variable} may name another")
    return program


@contextmanager
def serving(datasette: Path, index: Path) -> Iterator[str]:
    """The address under which it shows the index."""
    log = index.with_name("datasette.log")
    with log.open("wb") as out:
        server = subprocess.Popen([datasette, "serve", index, "--port", "0"], stdout=out, stderr=subprocess.STDOUT)
        try:
            yield f"{_address(server, log)}/{index.stem}"
        finally:
            server.terminate()
            server.wait()


def _address(server: "subprocess.Popen[bytes]", log: Path) -> str:
    while (found := LISTENING.search(log.read_text())) is None:
        try:
            server.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
        pytest.fail(f"Datasette ended with {server.returncode}: {log.read_text()[-2000:]}")
    return found[1]


def status(url: str) -> int:
    try:
        with urlopen(url, timeout=60) as answer:
            answer.read()
            return int(answer.status)
    except HTTPError as error:
        error.close()
        return error.code


def answer(url: str) -> Any:
    with urlopen(url, timeout=60) as found:
        return json.load(found)


def row_pages(index: Path) -> list[str]:
    """The path of one row's page, for each table: its primary keys, or its rowid; as Datasette spells them in addresses."""
    pages = []
    with closing(sqlite3.connect(index)) as database:
        for table in TABLES:
            keys = [name for _, name, _, _, _, key in database.execute(f"PRAGMA table_info({table})") if key] or ["rowid"]
            row = database.execute(f"SELECT {', '.join(keys)} FROM {table} LIMIT 1").fetchone()
            spelled = (re.sub(r"[^A-Za-z0-9_-]", lambda found: f"~{ord(found[0]):02X}", str(value)) for value in row)
            pages.append(f"{table}/{','.join(spelled)}")
    return pages


def test_it_opens_every_table_view_and_row(datasette: Path, tmp_path: Path) -> None:
    make_full_index(tmp_path / "index.db")
    paths = [*TABLES, VIEW, *row_pages(tmp_path / "index.db")]
    with serving(datasette, tmp_path / "index.db") as index:
        assert {path: code for path in ("", *paths) if (code := status(f"{index}/{path}")) != 200} == {}
        for path in paths:
            assert answer(f"{index}/{path}.json?_shape=objects")["rows"], path


@pytest.mark.parametrize("datasette", ["0.65"], indirect=True)
def test_it_does_not_where_foreign_keys_name_no_column(datasette: Path, tmp_path: Path) -> None:
    """In format 4 it answered 500: the test above sees that. 1.0a41 takes `id` for granted."""
    with closing(open_old_index(tmp_path / "index.db", 4)) as database:
        fill(IndexWriter(database))
    with serving(datasette, tmp_path / "index.db") as index:
        failing = {table for table in TABLES if status(f"{index}/{table}") == 500}
    assert failing == {"embeds", "linked_posts", "page_pictures", "page_versions", "pages"}
