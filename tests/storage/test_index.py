"""The index by itself: its format, its transactions, and that the order of what is said changes nothing."""

import os
import random
import sqlite3
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import astuple

from archiver.errors import NewerFormat, StorageError, UsageError
from archiver.model.exchange import Capture
from archiver.model.findings import (
    Alias,
    Embed,
    EmbedFindings,
    EmbedKind,
    Findings,
    MediaFile,
    MediaKind,
    MediaRef,
    Page,
    PostRef,
    PostState,
    Source,
    Statement,
)
from archiver.query.archive import Archive
from archiver.storage.index import database as index_module
from archiver.storage.index.database import EXTRACTOR, migrations, open_index, open_index_to_read
from archiver.storage.index.lookup import without_hash
from archiver.storage.index.rows import rows_of
from archiver.storage.index.writer import IndexWriter
from tests.support.captures import WARC, capture


def said(source: Source, **fields: Any) -> Statement:
    return Statement("twitter", "1568", source, **fields)


def contents(database: sqlite3.Connection) -> dict[str, list[Any]]:
    """All rows, by table. Segments of full text are left out: their words are in, by `rowid, *`."""
    names = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    wanted = [name for name in names if "_text_" not in name and not name.startswith("sqlite_")]
    return {name: sorted(database.execute(f"SELECT rowid, * FROM {name}" if name.endswith("_text") else f"SELECT * FROM {name}"),
                         key=repr) for name in wanted}  # fmt: skip


def built(facts: list[tuple[Capture, Findings]], commits: set[int] = frozenset()) -> dict[str, list[Any]]:  # type: ignore[assignment]
    """An index of these, in this order, committed after those of these numbers."""
    database = open_index(Path(":memory:"), safe=False)
    writer = IndexWriter(database)
    for number, (one, findings) in enumerate(facts):
        writer.add(one, findings)
        writer.reached(one.warc, None, one.offset + one.length)
        if number in commits:
            writer.commit()
    writer.commit()
    found = contents(database)
    database.close()
    return found


# --- format -------------------------------------------------------------------------------------------------------------------


def test_a_new_index_has_the_newest_format_and_wal(tmp_path: Path) -> None:
    database = open_index(tmp_path / "index.db")
    assert database.execute("PRAGMA user_version").fetchone() == (migrations()[-1][0],)
    assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert database.execute("PRAGMA foreign_keys").fetchone() == (1,)
    database.close()


def test_all_tables_are_strict(tmp_path: Path) -> None:
    database = open_index(tmp_path / "index.db")
    loose = [row[1] for row in database.execute("PRAGMA table_list") if row[2] == "table" and not row[5]]
    assert [name for name in loose if not name.startswith("sqlite_")] == []
    database.close()


def test_a_new_index_that_was_broken_off_is_made_as_a_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed between two steps, it took itself for one that an older version had filled."""
    with monkeypatch.context() as killed:
        killed.setattr(index_module, "migrations", lambda: [*MIGRATIONS[:-1], (MIGRATIONS[-1][0], "no SQL;")])
        with pytest.raises(StorageError):
            open_index(tmp_path / "index.db")

    database = open_index(tmp_path / "index.db")

    assert database.execute("SELECT extractor FROM made_by").fetchone() == (EXTRACTOR,)
    database.close()


def test_a_migration_that_fails_leaves_the_index_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_index(tmp_path / "index.db").close()
    newest = migrations()[-1][0]
    broken = "CREATE TABLE one (a INTEGER) STRICT; CREATE TABLE one (a INTEGER) STRICT;"
    monkeypatch.setattr(index_module, "migrations", lambda: [*MIGRATIONS, (newest + 1, broken)])
    with pytest.raises(StorageError):
        open_index(tmp_path / "index.db")
    database = sqlite3.connect(tmp_path / "index.db")
    assert database.execute("PRAGMA user_version").fetchone() == (newest,)
    assert database.execute("SELECT count(*) FROM sqlite_master WHERE name = 'one'").fetchone() == (0,)
    database.close()
    good = "CREATE TABLE one (a INTEGER) STRICT;"
    monkeypatch.setattr(index_module, "migrations", lambda: [*MIGRATIONS, (newest + 1, good)])
    again = open_index(tmp_path / "index.db")
    assert again.execute("PRAGMA user_version").fetchone() == (newest + 1,)
    again.close()


MIGRATIONS = migrations()


def test_a_newer_format_is_refused_in_words_for_reading_and_writing(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    open_index(path).close()
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 999")
    database.close()
    for opened in (open_index, open_index_to_read):
        with pytest.raises(NewerFormat, match=r"has format 999, this program knows up to \d+: upgrade embed-archiver"):
            opened(path)
    assert NewerFormat.exit_code == 6


def test_what_an_older_version_indexed_is_known_to_lack_hashes_and_gets_them_when_it_is_seen_again(tmp_path: Path) -> None:
    picture = MediaFile("ab" * 32, "image/jpeg", 1_000, 640, 480)
    hashed = replace(picture, pdq="1" * 64, pdq_trimmed="2" * 64, exif='{"Make":"Kodiak"}')
    old = sqlite3.connect(tmp_path / "index.db", isolation_level=None)
    old.executescript(f"{MIGRATIONS[0][1]}; PRAGMA user_version = {MIGRATIONS[0][0]}")
    row = rows_of(capture(1), Findings(media=picture))["media"][0]
    old.execute("INSERT INTO media VALUES (?, ?, ?, ?, ?, ?)", astuple(row)[:6])
    old.execute("INSERT INTO media VALUES (7, 'svg', 'image/svg+xml', 1, NULL, NULL), (8, 'icon', 'image/png', 1, 16, 16)")
    old.close()

    database = open_index(tmp_path / "index.db")
    assert without_hash(database) == 1
    database.execute("DELETE FROM media WHERE id IN (7, 8)")
    writer = IndexWriter(database)
    writer.add(capture(1), Findings(media=hashed))
    writer.reached(WARC, None, 200)
    writer.commit()
    assert without_hash(database) == 0
    found, anew = contents(database), built([(capture(1), Findings(media=hashed))])
    database.close()
    assert (found.pop("made_by"), anew.pop("made_by")) == ([("2",)], [(EXTRACTOR,)])
    assert found == anew


def test_a_new_index_lacks_no_hashes(tmp_path: Path) -> None:
    database = open_index(tmp_path / "index.db")
    writer = IndexWriter(database)
    writer.add(capture(1), Findings(media=MediaFile("ab" * 32, "image/jpeg", 1_000, 640, 480)))  # all of one colour
    writer.reached(WARC, None, 200)
    writer.commit()
    assert without_hash(database) == 0
    database.close()


def test_an_empty_index_is_told_in_words(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "index.db").close()
    (tmp_path / "index.db").touch()
    with pytest.raises(StorageError, match="older format, or is empty: `archiver reindex` makes it anew"):
        Archive.open(tmp_path)


def test_on_a_disk_that_is_read_only_it_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite wanted to make the files that readers share, so that an archive on such a disk could not be read at all."""
    path = tmp_path / "index.db"
    open_index(path).close()
    monkeypatch.setattr(os, "access", lambda folder, wanted: False)
    database = open_index_to_read(path)

    assert database.execute("SELECT count(*) FROM captures").fetchone()[0] == 0
    assert [each.name for each in tmp_path.iterdir()] == ["index.db"]
    database.close()


def test_a_file_that_is_no_database_is_told_in_words(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    path.write_bytes(b"this is no database, and never was one" * 100)
    for opened in (open_index, open_index_to_read):
        with pytest.raises(StorageError, match=r"file is not a database.*`archiver reindex` makes it anew"):
            opened(path)


def test_damage_inside_is_told_in_words_when_it_is_met(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    database = open_index(path)
    writer = IndexWriter(database)
    for number in range(300):
        writer.add(capture(number, f"https://blog.example/{number}"), Findings())
    writer.reached(WARC, None, 1)
    writer.commit()
    database.close()
    data = bytearray(path.read_bytes())
    data[8192:] = b"\xa5" * (len(data) - 8192)
    path.write_bytes(data)
    with (
        pytest.raises(StorageError, match=r"cannot be read .*`archiver reindex` makes it anew"),
        Archive.open(tmp_path) as archive,
    ):
        archive.index.execute("SELECT * FROM captures").fetchall()


def test_an_archive_without_an_index_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no archive in .*: begin one with `archiver crawl"):
        Archive.open(tmp_path)
    (tmp_path / "warc").mkdir()
    with pytest.raises(StorageError, match="has WARC files and no index: run `archiver reindex"):
        Archive.open(tmp_path)


def test_a_mistake_in_our_own_sql_is_not_blamed_on_the_disk(tmp_path: Path) -> None:
    open_index(tmp_path / "index.db").close()
    with pytest.raises(sqlite3.ProgrammingError), Archive.open(tmp_path) as archive:
        archive.index.execute("SELECT ?, ?", (1,))


# --- transactions -------------------------------------------------------------------------------------------------------------


def test_nothing_of_a_batch_is_written_where_one_row_cannot_be(tmp_path: Path) -> None:
    database = open_index(tmp_path / "index.db")
    writer = IndexWriter(database)
    writer.add(capture(1), Findings())
    writer.reached(WARC, "a crawl that nobody added", 100)
    with pytest.raises(sqlite3.IntegrityError):
        writer.commit()
    assert database.execute("SELECT count(*) FROM warcs").fetchone() == (0,)
    database.close()


def test_readers_read_while_a_writer_writes(tmp_path: Path) -> None:
    """A reader sees all of a commit or nothing of it, and never waits."""
    path = tmp_path / "index.db"
    database = open_index(path)
    writer = IndexWriter(database)
    ended, torn, errors = threading.Event(), [], []

    def read() -> None:
        reader = open_index_to_read(path)
        reader.execute("PRAGMA busy_timeout = 0")
        try:
            while not ended.is_set():
                sql = "SELECT (SELECT count(*) FROM captures), (SELECT count(*) FROM posts)"
                captures, posts = reader.execute(sql).fetchone()
                if captures % 20 or posts % 20:
                    torn.append((captures, posts))
        except sqlite3.OperationalError as error:
            errors.append(error)
        finally:
            reader.close()

    thread = threading.Thread(target=read)
    thread.start()
    for number in range(600):
        statement = Statement("twitter", str(1000 + number), Source.OEMBED, text="words")
        writer.add(capture(number), Findings(statements=(statement,)))
        writer.reached(WARC, None, number)
        if number % 20 == 19:
            writer.commit()
    ended.set()
    thread.join()
    database.close()
    assert (torn, errors) == ([], [])


# --- the order changes nothing ------------------------------------------------------------------------------------------------

KEY = "pbs.twimg.com/media/FcSbF8eXwAAyV3q"
_TEXTS = st.sampled_from([None, "Ізюм", "Izyum is free", ""])
_REFS = st.sampled_from([None, PostRef("twitter", "15"), PostRef("twitter", "16")])
_MEDIA = st.lists(
    st.builds(
        MediaRef,
        url=st.sampled_from(["https://pbs.twimg.com/media/FcSbF8eXwAAyV3q.jpg", "https://pbs.twimg.com/media/Other.jpg"]),
        key=st.sampled_from([KEY, "pbs.twimg.com/media/Other"]),
        kind=st.sampled_from(MediaKind),
    ),
    max_size=2,
).map(tuple)
_STATEMENTS = st.builds(
    Statement,
    platform=st.just("twitter"),
    post_id=st.sampled_from(["1568", "1569"]),
    source=st.sampled_from(Source),
    state=st.sampled_from([None, *PostState]),
    author=st.sampled_from([None, "AnonymousUK2022", "Someone"]),
    author_name=_TEXTS,
    text=_TEXTS,
    posted_at=st.sampled_from([None, "2022-09-10", "2022-09-10T10:00:00Z"]),
    language=st.sampled_from([None, "en"]),
    short_links=st.lists(st.sampled_from(["pic.twitter.com/uOWxLTTvGP", "t.co/Other"]), max_size=2, unique=True).map(tuple),
    media=_MEDIA,
    quotes=_REFS,
    replies_to=_REFS,
)


def page_of(title: str, text: str, embeds: tuple[Embed, ...]) -> Findings:
    return Findings(page=Page("https://blog.example/", title=title, text=text), embeds=EmbedFindings(embeds=embeds))


_TEXT_EMBED = Embed(
    "twitter", None, None, EmbedKind.TEXT, 1, "AnonymousUK2022", text="Izyum", short_links=("pic.twitter.com/uOWxLTTvGP",)
)
_PAGES = st.sampled_from([
    ("https://blog.example/", "sha256:aa", page_of("First", "one", (_TEXT_EMBED,))),
    ("https://www.blog.example/", "sha256:bb", page_of("Second", "two", ())),
    ("http://blog.example/", "sha256:cc", page_of("Third", "three", (replace(_TEXT_EMBED, post_id="1568", url="x"),))),
])  # fmt: skip


@st.composite
def facts(draw: st.DrawFn) -> list[tuple[Capture, Findings]]:
    """Captures that say something of two posts and one page, several of them at the same moment."""
    found: list[tuple[Capture, Findings]] = []
    for number in range(draw(st.integers(2, 7))):
        at = f"2022-09-11T12:00:0{draw(st.integers(0, 2))}.000Z"
        if draw(st.booleans()):
            statements = tuple(
                replace(one, position=n) for n, one in enumerate(draw(st.lists(_STATEMENTS, min_size=1, max_size=2)))
            )
            aliases = (Alias("t.co/uOWxLTTvGP", PostRef("twitter", "1568")),) if draw(st.booleans()) else ()
            found.append((capture(number, captured_at=at), Findings(statements=statements, aliases=aliases)))
        else:
            url, digest, page = draw(_PAGES)
            found.append((capture(number, url, captured_at=at, payload_digest=digest), page))
    return found


@settings(max_examples=60)
@given(facts(), st.randoms(use_true_random=False), st.sets(st.integers(0, 6)))
def test_the_order_of_what_is_said_changes_nothing(
    told: list[tuple[Capture, Findings]], dice: random.Random, commits: set[int]
) -> None:
    shuffled = dice.sample(told, len(told))
    assert built(told) == built(shuffled, commits) == built([*shuffled, *told], commits)


def test_the_best_source_has_the_word_and_within_one_the_earliest(tmp_path: Path) -> None:
    database = open_index(tmp_path / "index.db")
    writer = IndexWriter(database)
    writer.add(capture(5), Findings(statements=(said(Source.SYNDICATION, text="edited", author="a"),)))
    writer.add(capture(3), Findings(statements=(said(Source.EMBED, text="as shown", author="A", author_name="Ann"),)))
    writer.add(capture(4), Findings(statements=(said(Source.SYNDICATION, text="as it was"),)))
    writer.reached(WARC, None, 600)
    writer.commit()
    row = database.execute("SELECT text, author, author_name FROM posts WHERE post_id = '1568'").fetchone()
    assert tuple(row) == ("as it was", "a", "Ann")
    database.close()


def test_the_same_page_at_an_earlier_time_is_the_version_s_capture_whichever_was_read_first(tmp_path: Path) -> None:
    early, late = capture(1, payload_digest="sha256:aa"), capture(2, payload_digest="sha256:aa")
    dated = replace(page_of("Title", "text", ()), page=Page("https://blog.example/", title="Title", published_at="2022-09-11"))
    for order in ([(early, dated), (late, page_of("Title", "text", ()))], [(late, page_of("Title", "text", ())), (early, dated)]):
        rows = built(order)["page_versions"]
        assert [(row[3], row[9]) for row in rows] == [("2022-09-11T12:00:01.000Z", "2022-09-11")]
