"""Crawls of X as it is in 2026: by its own two doors, and by the two that archiver.toml switches on."""

from dataclasses import replace
from pathlib import Path

import pytest

from archiver.config.settings import DoorSettings, PlatformSettings
from archiver.query.archive import Archive
from archiver.sampleweb import SampleWeb, running_sample_web
from archiver.sampleweb.broken_hosts import Broken
from archiver.tasks.crawl.crawl import crawl
from archiver.tasks.platforms import platforms
from tests.support.crawling import plan_of, rows

ARTICLE, LATE, DELETED = "mud-article", "ferry-late", "izyum"
_POST = "SELECT author, text FROM posts WHERE post_id = ?"
_STATES = "SELECT s.source, s.state FROM statements s JOIN posts p ON p.id = s.post WHERE p.post_id = ? ORDER BY s.source"
_PICTURES = "SELECT m.media_key FROM post_media m JOIN posts p ON p.id = m.post WHERE p.post_id = ?"


def asked_hosts(data_dir: Path) -> set[str]:
    return {key.split("/")[0].split("?")[0] for key in rows(data_dir, "SELECT url_key FROM captures")}


def crawled(web: SampleWeb, data_dir: Path, *keys: str, on: tuple[str, ...] = ()) -> Path:
    doors = {name: DoorSettings(on=True) for name in on}
    plan = plan_of(web, data_dir, [f"https://x.com/i/status/{web.tweet(key).id}" for key in keys])
    crawl(replace(plan, platforms={"twitter": PlatformSettings(doors=doors)} if doors else {}))
    return data_dir


def test_an_article_has_its_title_opening_and_cover(tmp_path: Path) -> None:
    with running_sample_web(tmp_path, age=2026) as web:
        tweet = web.tweet(ARTICLE)
        data_dir = crawled(web, tmp_path / "archive", ARTICLE)

    assert tweet.article is not None
    ((author, text),) = rows(data_dir, _POST, tweet.id)
    assert author == tweet.handle
    assert tweet.article.title in text and tweet.article.opening in text
    assert any(tweet.article.cover.key in key for key in rows(data_dir, _PICTURES, tweet.id))
    assert not asked_hosts(data_dir) & {"x.com", "api.fxtwitter.com"}


@pytest.mark.parametrize(
    ("door", "host", "source"), [("page", "x.com", "embed_page"), ("fxtwitter", "api.fxtwitter.com", "third_party")]
)
@pytest.mark.parametrize("mode", [Broken.UNKNOWN_ERROR, Broken.FIREWALL, Broken.NOT_FOUND_PAGE])
def test_a_door_that_is_switched_on_answers_where_xs_own_two_say_nothing(
    door: str, host: str, source: str, mode: Broken, tmp_path: Path
) -> None:
    with running_sample_web(tmp_path, age=2026) as web:
        tweet = web.tweet(LATE)
        web.broken = dict.fromkeys(("cdn.syndication.twimg.com", "publish.x.com", "publish.twitter.com"), mode)
        data_dir = crawled(web, tmp_path / "archive", LATE, on=(door,))

    ((author, text),) = rows(data_dir, _POST, tweet.id)
    assert (author, text.split(" https://t.co/")[0]) == (tweet.handle, tweet.text)
    assert (source, "live") in rows(data_dir, _STATES, tweet.id)
    assert not {state for _, state in rows(data_dir, _STATES, tweet.id)} & {"gone", "deleted", "suspended"}
    assert tweet.pictures[0].key in " ".join(rows(data_dir, _PICTURES, tweet.id))
    assert host in asked_hosts(data_dir)


def test_a_third_partys_word_makes_no_post_gone(tmp_path: Path) -> None:
    with running_sample_web(tmp_path, age=2026) as web:
        web.day = 3
        tweet = web.tweet(DELETED)
        web.broken = dict.fromkeys(("cdn.syndication.twimg.com", "publish.x.com", "publish.twitter.com"), Broken.FIREWALL)
        data_dir = crawled(web, tmp_path / "archive", DELETED, on=("fxtwitter",))

    assert rows(data_dir, _STATES, tweet.id) == [("third_party", "gone")]
    with Archive.open(data_dir) as archive:
        counts = next(one.counts for one in platforms(archive) if one.name == "twitter")
    assert counts is not None
    assert (counts.answered, counts.gone) == (0, 0)
