"""The magazine as it stands among the platforms of late 2026: each post's words, author, time and pictures by a door that works
then, and what is told of the posts two days later."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

import pytest

from archiver.config.settings import DoorSettings, PlatformSettings
from archiver.crawling.session import CrawlPlan
from archiver.model.findings import PostState
from archiver.query.archive import Archive
from archiver.sampleweb import MAGAZINE_URL, running_sample_web
from archiver.sampleweb.others import other_posts
from archiver.sampleweb.publishers import region_picture
from archiver.storage.index.results import ArchivedPost
from archiver.tasks.crawl.crawl import crawl
from tests.support.crawled import settings_for

POSTS = {post.key: post for post in other_posts(2026)}
SHOWN_BY_BROWSERS_ALONE = {"ice", "ice-2"}  # VK wants strangers' browsers to compute something first
# Imgur has one picture for all that readers of one country may not see. The real one is known by its digest and counts as none;
# the sample web's has another, and is kept as it came. Their pages are withheld as well.
WITHHELD = {"pier-plan", "pier-plan-2"}
# Their oEmbed replies have no time; the posts' own pages do, by a door that is off until archiver.toml switches it on.
PAGES = {"youtube", "flickr", "soundcloud", "oembed", "imgur", "tumblr", "framed"}
NO_TIME = {"youtube", "flickr", "soundcloud", "wordpress", "datawrapper", "imgur", "tumblr", "applepodcasts"}
# A chart says of itself neither who made it nor when; of a sound that is embedded by its number no page is known.
NO_TIME_ANYWHERE = {"datawrapper", "soundcloud"}
NO_AUTHOR = {"datawrapper"}
ARCHIVED_AS = {"substacknote": "substack", "applepodcasts": "framed", "datawrapper": "framed", "wordpress": "oembed"}
# What is told of each two days later; all others are live. A gated post of Instagram is not called gone.
STATES = {
    "boats": PostState.GONE,
    "gulls-vote": PostState.GONE,
    "tide-table": PostState.GONE,
    "knots": PostState.PROTECTED,
    "crab": PostState.GONE,
    "scales": PostState.TOMBSTONE,
}
# Two accounts of Bluesky are taken down and deactivated. Its public host says "not found", as of what is deleted; the servers of
# the accounts, which are asked then, say which.
ACCOUNTS = {"ferry-menu": PostState.SUSPENDED, "old-anchor": PostState.PROTECTED}
NOT_ASKED_AGAIN = {"foghorn", "soup"}  # their own addresses do not tell how they are asked about


@dataclass(frozen=True, slots=True)
class Kept:
    """The archive of the magazine, and how its posts are called there."""

    archive: Archive

    def states(self, key: str) -> list[str]:
        """What was told of a post, under any of its ids, in order of time."""
        sql = (
            "SELECT s.state FROM statements s JOIN posts p ON p.id = s.post"
            " WHERE p.post_id LIKE ? AND s.state IS NOT NULL ORDER BY s.said_at"
        )
        return [state for (state,) in self.archive.index.execute(sql, (f"%{POSTS[key].id}%",))]

    def post(self, key: str) -> ArchivedPost:
        """The archived post that a page embeds."""
        post = POSTS[key]
        platform = ARCHIVED_AS.get(post.network.name, post.network.name)
        rows = self.archive.index.execute("SELECT post_id, url FROM posts WHERE platform = ?", (platform,))
        urls = {name: url for name, url in rows if post.id.lower() in name.lower()}
        found = [one for url in urls.values() for one in self.archive.find(url).results if isinstance(one, ArchivedPost)]
        return next(one for one in found if one.post_id in urls and one.platform == platform and one.text)


@pytest.fixture(scope="module")
def with_pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """The archive after day 1 where the posts' own pages were asked for as well."""
    folder = tmp_path_factory.mktemp("tideline-pages")
    on = PlatformSettings(doors={"page": DoorSettings(on=True)})
    with running_sample_web(folder, age=2026) as web:
        plan = CrawlPlan(folder / "archive", (MAGAZINE_URL,), job="tideline", settings=settings_for(web))
        report = crawl(replace(plan, platforms=dict.fromkeys(PAGES, on)))
        assert report.outcome.failed == []
        with Archive.open(folder / "archive") as archive:
            yield Kept(archive)


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Kept, Kept]]:
    """The archive after day 1, and after the posts' own addresses were crawled on day 3."""
    folder = tmp_path_factory.mktemp("tideline-2026")
    with running_sample_web(folder, age=2026) as web:
        report = crawl(CrawlPlan(folder / "archive", (MAGAZINE_URL,), job="tideline", settings=settings_for(web)))
        assert report.outcome.failed == []
        assert report.stats.pages == 13
        shutil.copytree(folder / "archive", folder / "first-day")
        web.day = 3
        seeds = tuple(post.url for key, post in POSTS.items() if key not in NOT_ASKED_AGAIN)
        report = crawl(CrawlPlan(folder / "archive", seeds, job="again", settings=settings_for(web)))
        assert report.outcome.failed == []
        with Archive.open(folder / "first-day") as first, Archive.open(folder / "archive") as later:
            yield Kept(first), Kept(later)


@pytest.fixture
def kept(days: tuple[Kept, Kept]) -> Kept:
    return days[0]


@pytest.mark.parametrize("key", [key for key in POSTS if key not in SHOWN_BY_BROWSERS_ALONE])
def test_a_post_is_told_in_full(kept: Kept, key: str) -> None:
    check_told(kept, key, timeless=NO_TIME)


@pytest.mark.parametrize("key", [key for key in POSTS if key not in SHOWN_BY_BROWSERS_ALONE])
def test_with_the_posts_own_pages_each_has_its_time(with_pages: Kept, key: str) -> None:
    check_told(with_pages, key, timeless=NO_TIME_ANYWHERE)
    check_pictures(with_pages, key)


def check_told(kept: Kept, key: str, timeless: set[str]) -> None:
    post, told = POSTS[key], kept.post(key)
    assert told.text is not None and post.text in told.text
    if post.network.name not in NO_AUTHOR:
        assert told.author == post.handle or told.author_name == post.name
    if post.network.name in timeless or key in WITHHELD:
        assert told.posted_at is None
    else:
        assert told.posted_at is not None
        assert datetime.fromisoformat(told.posted_at).date() == post.posted_at.date()
    assert PostState.LIVE in kept.states(key)


@pytest.mark.parametrize("key", [key for key in POSTS if key not in SHOWN_BY_BROWSERS_ALONE])
def test_its_pictures_are_held(kept: Kept, key: str) -> None:
    check_pictures(kept, key)


def check_pictures(kept: Kept, key: str) -> None:
    held = [medium.sha256 for medium in kept.post(key).media if medium.sha256 is not None]
    assert len(held) == len(POSTS[key].pictures)
    assert (held == [sha256(region_picture()).hexdigest()]) is (key in WITHHELD)


@pytest.mark.parametrize("key", [key for key in POSTS if key not in SHOWN_BY_BROWSERS_ALONE | NOT_ASKED_AGAIN])
def test_two_days_later_each_has_its_state(days: tuple[Kept, Kept], key: str) -> None:
    before, after = (kept.states(key) for kept in days)
    new = after[len(before) :]
    assert new
    if key in ACCOUNTS:
        assert (set(new), new[-1]) == ({PostState.GONE, ACCOUNTS[key]}, ACCOUNTS[key])
    else:
        assert set(new) == {STATES.get(key, PostState.LIVE)}
