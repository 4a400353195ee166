"""pywb, which is not ours, replays what was crawled: the blog post with its picture, and pages that were the same later."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from archiver.query.archive import Archive
from archiver.sampleweb import SAMPLE_POST
from archiver.sampleweb.tweets import all_tweets
from tests.support.crawled import Crawled, index_of
from tests.support.pywb import Replay, replaying

CODE = "pic.twitter.com/uOWxLTTvGP"


@pytest.fixture(scope="module")
def replay(wayback: Path, crawled: Crawled, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replay]:
    with replaying(wayback, crawled.data_dir, tmp_path_factory.mktemp("pywb")) as running:
        yield running


def bytes_in_archive(data_dir: Path, reference: str) -> tuple[str, bytes]:
    """The address and the file of the first picture that `find` has for a reference."""
    with Archive.open(data_dir) as archive:
        medium = archive.find(reference)[0].media[0]
        assert medium.warc is not None and medium.offset is not None
        seen = archive.response_at(medium.warc, medium.offset, medium.length)
    assert seen is not None
    return medium.url, seen.decoded(10_000_000)


def test_the_blog_post_replays_with_the_words_of_the_tweet(replay: Replay, crawled: Crawled) -> None:
    status, page = replay.get(SAMPLE_POST)
    assert status == 200
    assert CODE in page.decode()
    text = next(tweet.text for tweet in all_tweets() if tweet.key == "izyum")
    assert text.split("https://")[0].strip() in unescape(re.sub(r"<[^>]+>", "", page.decode()))


def test_the_pictures_of_the_post_replay_as_they_were_recorded(replay: Replay, crawled: Crawled) -> None:
    _, page = replay.get(SAMPLE_POST)
    sources = [unescape(src) for src in re.findall(r'<img[^>]*\ssrc="([^"]+)"', page.decode())]
    paths = [src.removeprefix(f"http://127.0.0.1:{replay.port}") for src in sources if "_/https://pbs.twimg.com/" in src]
    assert paths
    for path in paths:
        assert replay.follow(path) == (200, recorded_body(crawled.data_dir, path.split("_/", 1)[1]))


def recorded_body(data_dir: Path, url: str) -> bytes:
    with Archive.open(data_dir) as archive:
        row = archive.index.execute(
            "SELECT w.path, c.offset, c.length FROM captures c JOIN warcs w ON w.id = c.warc WHERE c.url = ? AND c.status = 200"
            " AND c.record_type = 'response' AND c.truncated IS NULL", (url,)
        ).fetchone()  # fmt: skip
        seen = archive.response_at(*row)
    assert seen is not None
    return seen.decoded(10_000_000)


def test_the_lost_picture_is_still_there_in_full_size(replay: Replay, crawled: Crawled) -> None:
    url, picture = bytes_in_archive(crawled.data_dir, CODE)
    assert replay.get(url, modifier="id_") == (200, picture)
    assert len(picture) > 10_000


@pytest.mark.parametrize("record_type", ["response", "revisit"])
def test_every_page_of_every_day_replays(replay: Replay, crawled: Crawled, record_type: str) -> None:
    """Revisits too, whether they repeat what was sent again (200) or what was not modified (304)."""
    with index_of(crawled.data_dir) as database:
        rows = database.execute(
            "SELECT c.url, c.captured_at, v.title, c.status FROM captures c JOIN page_versions v"
            " ON v.payload_digest = c.payload_digest AND v.url = c.url WHERE c.record_type = ?"
            " AND v.title IS NOT NULL GROUP BY c.url, c.status ORDER BY c.url",
            (record_type,),
        ).fetchall()
    assert {row[3] for row in rows} == ({200} if record_type == "response" else {200, 304})
    for url, captured_at, title, _ in rows[:: 1 + len(rows) // 20]:
        status, page = replay.get(url, when=re.sub(r"\D", "", captured_at)[:14], modifier="id_")
        assert status == 200, url
        assert title.split()[0] in unescape(page.decode("utf-8", "replace")), url
