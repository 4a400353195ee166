"""An archive as a program reads it: walked through, its bytes read and checked, its index asked by SQL."""

import gzip
import io
import os
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from archiver.errors import BadRecord, StorageError, UsageError
from archiver.query.archive import Archive
from archiver.sampleweb import SAMPLE_POST
from archiver.storage.index.results import ArchivedMedia, ArchivedPost
from tests.support.crawled import Crawled, index_of

ID = "1568656084437740674"
BLOG = "https://kharkiv-notebook.example/"


@pytest.fixture(scope="module")
def archive(crawled: Crawled) -> Iterator[Archive]:
    with Archive.open(crawled.data_dir) as opened:
        yield opened


def count(archive: Archive, sql: str) -> int:
    return int(archive.index.execute(sql).fetchone()[0])


# --- opening ------------------------------------------------------------------------------------------------------------------


def test_a_folder_is_given_as_text_or_as_a_path(crawled: Crawled) -> None:
    for folder in (crawled.data_dir, str(crawled.data_dir)):
        with Archive.open(folder) as opened:
            assert opened.find(ID)
    assert repr(opened) == f"<Archive {str(crawled.data_dir)!r}>"


def test_after_it_was_closed_it_says_so(crawled: Crawled) -> None:
    with Archive.open(crawled.data_dir) as opened:
        posts = opened.posts()
        next(posts)
    for use in (lambda: opened.find(ID), lambda: next(posts), lambda: opened.captures()):
        with pytest.raises(UsageError, match="this archive was closed"):
            use()
    opened.close()


def test_damage_that_comes_to_light_while_it_is_walked_through_says_what_to_do(crawled: Crawled, tmp_path: Path) -> None:
    path = crawled.copy(tmp_path) / "index.db"
    with index_of(path.parent) as database:
        database.execute("PRAGMA journal_mode = DELETE")
    data = bytearray(path.read_bytes())
    data[16_384:] = b"\xa5" * (len(data) - 16_384)
    path.write_bytes(data)
    opened = Archive.open(path.parent)
    with pytest.raises(StorageError, match=r"cannot be read .*`archiver reindex` makes it anew"):
        list(opened.captures())
    opened.close()


# --- walking ------------------------------------------------------------------------------------------------------------------


def test_everything_is_walked_through_once(archive: Archive) -> None:
    posts, pages, embeds, captures = (list(walk()) for walk in (archive.posts, archive.pages, archive.embeds, archive.captures))

    assert len({post.url for post in posts}) == len(posts) == count(archive, "SELECT count(*) FROM posts")
    assert len({page.url for page in pages}) == len(pages) == count(archive, "SELECT count(*) FROM pages")
    assert len(set(embeds)) == len(embeds) == count(archive, "SELECT count(*) FROM embeds")
    assert len(set(captures)) == len(captures) == count(archive, "SELECT count(*) FROM captures")


def test_what_is_walked_through_is_what_is_found(archive: Archive) -> None:
    [post] = [post for post in archive.posts() if post.post_id == ID]
    [page] = [page for page in archive.pages() if page.url == SAMPLE_POST]

    assert [post] == list(archive.find(ID))
    assert page == archive.find(SAMPLE_POST)[0]


def test_each_comes_in_the_order_of_time(archive: Archive) -> None:
    days = [post.posted_at for post in archive.posts() if post.posted_at is not None]
    assert days == sorted(days)
    assert [post.posted_at is None for post in archive.posts()] == sorted(post.posted_at is None for post in archive.posts())
    captured = [capture.captured_at for capture in archive.captures()]
    assert captured == sorted(captured)
    places = [(embed.page.captured_at, embed.page.url, embed.position) for embed in archive.embeds()]
    assert [place[0] for place in places] == sorted(place[0] for place in places)
    of_one_page = [position for _, url, position in places if url == SAMPLE_POST]
    assert of_one_page == sorted(of_one_page)


def test_an_embed_knows_its_post_its_page_and_its_markup(archive: Archive) -> None:
    embeds = [embed for embed in archive.embeds(url_prefix=SAMPLE_POST) if embed.post_id == ID]

    assert embeds
    for embed in embeds:
        assert embed.url == f"https://twitter.com/i/status/{ID}"
        assert embed.page.url == embed.capture.url
        assert ID in embed.html
        assert embed.to_json()["pages"] == [
            {"url": embed.page.url, "title": embed.page.title, "captured_at": embed.page.captured_at}
        ]


def test_filters_narrow_it_down(archive: Archive) -> None:
    assert {post.platform for post in archive.posts(platform="twitter")} == {"twitter"}
    assert not list(archive.posts(platform="nowhere"))
    for handle in ("AnonymousUK2022", "@anonymousuk2022"):
        assert ID in {post.post_id for post in archive.posts(author=handle)}
        assert {post.author for post in archive.posts(author=handle)} == {"AnonymousUK2022"}
        assert ID in {embed.post_id for embed in archive.embeds(author=handle)}
    sites = {page.url.split("/")[2] for page in archive.pages()}
    assert len(sites) > 1
    for site in ("kharkiv-notebook.example", "www.kharkiv-notebook.example", BLOG):
        assert {page.url.split("/")[2] for page in archive.pages(site=site)} == {"kharkiv-notebook.example"}
        assert {embed.page.url.split("/")[2] for embed in archive.embeds(site=site)} == {"kharkiv-notebook.example"}
        assert {capture.url.split("/")[2] for capture in archive.captures(site=site)} == {"kharkiv-notebook.example"}
    for post in archive.posts(site="harbour-diary.example"):
        assert any(page.url.startswith("https://harbour-diary.example/") for page in post.pages)


def test_a_prefix_that_ends_in_a_slash_is_a_folder_and_any_other_a_beginning(archive: Archive) -> None:
    everything = [capture.url for capture in archive.captures(site=BLOG)]
    within = [capture.url for capture in archive.captures(url_prefix=f"{BLOG}2022/09/")]
    begins = [capture.url for capture in archive.captures(url_prefix="kharkiv-notebook.example/2022/09/1")]

    assert within == [url for url in everything if url.startswith(f"{BLOG}2022/09/")]
    assert begins == [url for url in everything if url.startswith(f"{BLOG}2022/09/1")]
    assert 0 < len(begins) < len(within)
    assert [capture.url for capture in archive.captures(url=SAMPLE_POST.rstrip("/"))] == [
        url for url in everything if url == SAMPLE_POST
    ]
    assert SAMPLE_POST in {page.url for page in archive.pages(url_prefix=SAMPLE_POST)}
    assert ID in {post.post_id for post in archive.posts(url_prefix=SAMPLE_POST)}


def test_a_whole_day_and_a_whole_second_are_in(archive: Archive) -> None:
    [post] = archive.find(ID)
    assert isinstance(post, ArchivedPost) and post.posted_at is not None
    moment = datetime.fromisoformat(post.posted_at)
    second = timedelta(seconds=1)
    east = timezone(timedelta(hours=3))

    def is_in(**times: str | date | datetime) -> bool:
        return ID in {each.post_id for each in archive.posts(**times)}

    assert is_in(since="2022-09-10", until="2022-09-10")
    assert is_in(since=date(2022, 9, 10), until=date(2022, 9, 10))
    assert not is_in(since="2022-09-11") and not is_in(until="2022-09-09")
    assert is_in(since=moment, until=moment) and is_in(since=post.posted_at, until=post.posted_at)
    assert is_in(since=moment.astimezone(east), until=moment.replace(tzinfo=None))
    assert not is_in(since=moment + second) and not is_in(until=moment - second)
    [page] = [page for page in archive.pages() if page.url == SAMPLE_POST]
    assert page.published_at is not None
    assert page in list(archive.pages(since=page.published_at, until=page.published_at))


def test_captures_of_a_moment(archive: Archive) -> None:
    [first, *_, last] = [datetime.fromisoformat(capture.captured_at) for capture in archive.captures()]

    assert len(list(archive.captures(since=first.replace(microsecond=0), until=last))) == len(list(archive.captures()))
    assert not list(archive.captures(until=first - timedelta(seconds=1)))
    assert not list(archive.captures(since=last + timedelta(seconds=1)))
    assert list(archive.captures(since=datetime.now(UTC).date() - timedelta(days=1)))


@pytest.mark.parametrize("moment", ["last week", "2022-13-01", "2022-09-10T25:00", "10.9.2022", ""])
def test_what_is_no_day_is_told_at_once(archive: Archive, moment: str) -> None:
    for ask in (archive.posts, archive.pages, archive.embeds, archive.captures):
        with pytest.raises(UsageError, match="is no day or time: write 2022-09-10"):
            ask(since=moment)
    with pytest.raises(UsageError, match="is no day or time"):
        archive.search("tanks", until=moment)


def test_words_that_say_nothing_are_told_at_once(archive: Archive) -> None:
    with pytest.raises(UsageError, match="at least one word"):
        archive.search("-football")


def test_a_limit_is_a_number_of_results(archive: Archive) -> None:
    assert len(list(archive.search("tanks", limit=2**70))) > 0
    assert not list(archive.search("tanks", limit=0))
    with pytest.raises(UsageError, match="a limit of -1 says nothing"):
        archive.search("tanks", limit=-1)


HALF = "\ud83d"


@pytest.mark.parametrize("scrap", [HALF, f"@{HALF}", f"t.co/{HALF}", f"{HALF}.jpg", f"{HALF}/", f"https://blog.example/{HALF}"])
def test_half_a_character_is_in_no_archive_and_no_error(archive: Archive, scrap: str) -> None:
    """An argument that is no UTF-8 has some."""
    assert archive.find(scrap).results == ()


def test_a_file_whose_name_is_no_text_is_looked_for(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"\xff.jpg")
    path.write_bytes(b"no picture")
    assert archive.find_file(path).results == ()


@pytest.mark.parametrize("name", ["platform", "author", "site", "url_prefix"])
def test_nor_is_it_in_a_filter(archive: Archive, name: str) -> None:
    assert not list(archive.embeds(**{name: HALF}))
    assert not list(archive.captures(url=HALF))
    if name != "url_prefix":
        assert not list(archive.search("tanks", **{name: HALF}))


def test_no_cursor_stays_open_while_somebody_thinks(crawled: Crawled, tmp_path: Path) -> None:
    """A crawl that writes meanwhile empties its write-ahead log only when nobody reads an older state."""
    data_dir = crawled.copy(tmp_path)
    with index_of(data_dir) as writer, Archive.open(data_dir) as opened:
        walks = [opened.posts(), opened.pages(), opened.embeds(), opened.captures(), opened.search("tanks")]
        for walk in walks:
            next(walk)
        writer.execute("PRAGMA busy_timeout = 0")
        with writer:
            writer.execute("UPDATE made_by SET extractor = extractor")
        blocked, *_ = writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        assert blocked == 0
        assert all(list(walk) for walk in walks[:4]), "and each goes on"


# --- bytes --------------------------------------------------------------------------------------------------------------------


def test_every_capture_can_be_read_and_has_the_digest_that_was_recorded(archive: Archive) -> None:
    kinds = set()
    for capture in archive.captures():
        content = archive.read(capture)
        kinds.add((capture.record_type, capture.status))
        assert (content.url, content.record_type, content.status) == (capture.url, capture.record_type, capture.status)
        assert content.digest == capture.digest == f"sha256:{sha256(content.payload).hexdigest()}"
    assert {("response", 200), ("revisit", 304), ("revisit", 200), ("response", 404)} <= kinds


def test_a_record_in_all_its_forms(archive: Archive) -> None:
    [capture] = [each for each in archive.captures(url=SAMPLE_POST) if each.record_type == "response"][:1]
    content = archive.read(capture)

    [record] = ArchiveIterator(io.BytesIO(content.record))
    assert record.rec_headers["WARC-Target-URI"] == SAMPLE_POST
    assert content.record[:2] == b"\x1f\x8b" and len(content.record) == capture.length
    assert content.block in gzip.decompress(content.record)
    assert content.block.startswith(b"HTTP/1.1 200 OK\r\n")
    assert dict(content.headers)["Content-Type"] == "text/html; charset=UTF-8" and content.content_type == "text/html"
    assert content.text.lstrip().startswith("<!DOCTYPE html>") and content.text.encode() == content.content
    assert content.whole
    assert archive.content(capture) == content.content


def test_a_revisit_has_the_body_of_what_it_repeats(archive: Archive) -> None:
    captures = list(archive.captures(url=SAMPLE_POST))
    [first, *_] = [each for each in captures if each.record_type == "response"]
    [again, *_] = [each for each in captures if each.record_type == "revisit" and each.digest == first.digest]

    assert archive.read(again).status == 304
    assert archive.content(again) == archive.content(first) != b""


def test_a_picture_is_read_by_what_find_gives(archive: Archive) -> None:
    [medium] = archive.find(ID)[0].media

    assert sha256(archive.content(medium)).hexdigest() == medium.sha256
    assert len(archive.content(medium)) == medium.size


def test_what_was_not_captured_has_no_bytes(archive: Archive) -> None:
    with pytest.raises(UsageError, match="was not captured"):
        archive.read(ArchivedMedia("https://pbs.twimg.com/media/nosuch.jpg"))


def test_more_than_is_asked_for_is_not_decoded(archive: Archive) -> None:
    [capture] = [each for each in archive.captures(url=SAMPLE_POST) if each.record_type == "response"][:1]

    cut = archive.read(capture, max_bytes=100)
    assert (len(cut.content), cut.whole) == (100, False)


def test_what_is_not_what_was_recorded_is_not_given_out(archive: Archive) -> None:
    [capture] = [each for each in archive.captures(url=SAMPLE_POST) if each.record_type == "response"][:1]
    [medium] = archive.find(ID)[0].media

    with pytest.raises(BadRecord, match=r"another payload .*than the index says"):
        archive.read(replace(capture, digest=f"sha256:{0:064x}"))
    with pytest.raises(BadRecord, match=r"another file .*than the index says"):
        archive.read(replace(medium, sha256=f"{0:064x}"))
    with pytest.raises(BadRecord, match="no readable record"):
        archive.read(replace(capture, offset=capture.offset + 1))
    with pytest.raises(BadRecord, match="cannot read"):
        archive.read(replace(capture, warc="warc/nosuch.warc.gz"))


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/zero"), Path.mkdir])
def test_a_warc_file_that_is_a_pipe_or_a_device_is_not_waited_for(
    archive: Archive, tmp_path: Path, make: Callable[[Path], None]
) -> None:
    make(tmp_path / "a.warc.gz")
    capture = replace(next(archive.captures()), warc=str(tmp_path / "a.warc.gz"))
    with pytest.raises(BadRecord, match="it is no regular file"):
        archive.read(capture)


def test_a_result_is_saved_with_where_its_bytes_came_from(archive: Archive, tmp_path: Path) -> None:
    [post] = archive.find(ID)
    files = {path.name: path for path in archive.save(post, tmp_path / "found")}

    assert "post.json" in files
    assert archive.content(post.media[0]) in [path.read_bytes() for path in files.values()]


# --- SQL ----------------------------------------------------------------------------------------------------------------------


def test_the_index_is_a_database_of_sqlite_utils(archive: Archive) -> None:
    [row] = archive.db["posts"].rows_where("post_id = ?", [ID])
    assert row["author"] == "AnonymousUK2022"
    assert next(archive.db.query("SELECT count(*) AS number FROM posts")) == {"number": archive.db["posts"].count}
    assert archive.db is archive.db
    assert {"posts", "pages", "captures"} <= set(archive.db.table_names())
    assert "post" in {key.column for key in archive.db["embeds"].foreign_keys}


def test_nothing_can_be_written_and_a_mistake_in_sql_is_not_called_damage(crawled: Crawled) -> None:
    before = (crawled.data_dir / "index.db").stat().st_mtime_ns
    for sql in ("DELETE FROM posts", "CREATE TABLE mine (id)", "SELECT nosuch FROM posts", "PRAGMA user_version = 99"):
        with pytest.raises(sqlite3.OperationalError), Archive.open(crawled.data_dir) as opened:
            opened.db.execute(sql)
    with pytest.raises(sqlite3.OperationalError), Archive.open(crawled.data_dir) as opened:
        opened.db.execute("ATTACH ? AS again", (str(crawled.data_dir / "index.db"),))
        opened.db.execute("DELETE FROM again.posts")
    assert (crawled.data_dir / "index.db").stat().st_mtime_ns == before
