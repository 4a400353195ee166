"""The sample web crawled on two days with screenshots: what the tests of what it looked like read."""

import io
import shutil
import sqlite3
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import msgspec
from PIL import Image

from archiver.config.settings import CrawlSettings
from archiver.crawling.session import CrawlPlan
from archiver.query.archive import Archive
from archiver.sampleweb import (
    DIARY_URL,
    MAGAZINE_URL,
    NOTEBOOK_URL,
    SAMPLE_POST,
    Embedding,
    SampleWeb,
    State,
    Tweet,
    running_sample_web,
)
from archiver.storage.index.results import ArchivedEmbed, ArchivedPage, ArchivedPost
from archiver.storage.warc.reader import read_records
from archiver.tasks.crawl.crawl import crawl
from archiver.tasks.render import render
from tests.archive.known_posts import BY_KEY
from tests.support.crawled import settings_for

AMP_PAGE = f"{SAMPLE_POST}amp/"
BRIDGE_PAGE = f"{NOTEBOOK_URL}2022/09/09/bridge-at-the-oskil/"
SITES = (NOTEBOOK_URL, AMP_PAGE, DIARY_URL, MAGAZINE_URL)
LEFT_OUT = (
    "winter-list", "library-is-open", "tea-without-electricity", "four-minutes-slow", "1912-books", "samovar",
    "books-for-the-fifth-form", "how-to-read-mud", "four-hundred-loaves-and-a-cat",
)  # fmt: skip
"""Pages of the notebook whose forms of embeds other pages have too: drawing them shows nothing new."""
GONE_OF_OTHERS = ("boats", "gulls-vote", "tide-table", "knots", "crab")


@dataclass(frozen=True, slots=True)
class Shot:
    """One row of `screenshots`."""

    kind: str
    url: str
    position: int | None
    post: tuple[str, str] | None
    quality: str
    reason: str | None
    path: str | None
    taken_at: str


@dataclass(frozen=True)
class Looked:
    """An archive as it stands at one time, read once."""

    data_dir: Path

    @cached_property
    def shots(self) -> tuple[Shot, ...]:
        """In the order in which they were taken."""
        sql = (
            "SELECT s.kind, s.url, s.position, p.platform, p.post_id, s.quality, s.reason, s.path, s.taken_at"
            " FROM screenshots s LEFT JOIN posts p ON p.id = s.post ORDER BY s.taken_at, s.id"
        )
        index = sqlite3.connect(self.data_dir / "index.db")
        try:
            rows = index.execute(sql).fetchall()
        finally:
            index.close()
        return tuple(Shot(*row[:3], (row[3], row[4]) if row[3] else None, *row[5:]) for row in rows)

    @cached_property
    def texts(self) -> dict[str, list[str]]:
        """What a reader saw as text, by the address that was drawn, in the order in which it was."""
        found: dict[str, list[str]] = {}
        for path in sorted(self.data_dir.rglob("*.warc.gz")):
            for record in read_records(path):
                if record.url.startswith("urn:text:"):
                    words = b"".join(record.block.chunks()).decode()
                    found.setdefault(record.url.removeprefix("urn:text:"), []).append(words)
        return found

    def of_post(self, post: tuple[str, str]) -> list[Shot]:
        """A post by itself, cut to its size."""
        return [shot for shot in self.shots if shot.post == post and shot.kind == "embed" and shot.position is None]

    def in_page(self, url: str) -> dict[int, list[Shot]]:
        """By position."""
        places: dict[int, list[Shot]] = {}
        for shot in self.shots:
            if shot.url == url and shot.position is not None:
                places.setdefault(shot.position, []).append(shot)
        return places

    def of_page(self, url: str, kind: str) -> Shot:
        """The newest one."""
        return [shot for shot in self.shots if shot.url == url and shot.kind == kind and shot.position is None][-1]

    def picture(self, shot: Shot) -> Image.Image:
        """The WebP that is there for people."""
        assert shot.path is not None
        with Image.open(io.BytesIO((self.data_dir / shot.path).read_bytes())) as picture:
            return picture.convert("RGB")

    def found(self, reference: str) -> list[ArchivedPost | ArchivedEmbed]:
        """The posts that a reference leads to, known by their id or by their words alone."""
        with Archive.open(self.data_dir) as archive:
            return [one for one in archive.find(reference) if not isinstance(one, ArchivedPage)]


@dataclass(frozen=True, slots=True)
class TwoDays:
    """One archive at three times, and one that knows nothing of the first day."""

    first: Looked
    """All sites, on day 1."""
    second: Looked
    """The same, after all sites and all posts that vanished were crawled on day 2."""
    redrawn: Looked
    """The same, after `archiver render` of some of them on day 2."""
    late: Looked
    """The page with the bridge, crawled on day 2 alone."""
    web: SampleWeb
    """It answers no more; its tables tell what was there."""


def tweet_ref(tweet: Tweet) -> tuple[str, str]:
    return "twitter", tweet.id


def other_ref(key: str) -> tuple[str, str]:
    return BY_KEY[key].platform, BY_KEY[key].post_id


def embeddings(web: SampleWeb) -> list[Embedding]:
    """Of day 1, in the pages that are drawn; tag pages only list what stands elsewhere."""
    return [each for each in web.embeddings(1) if not any(f"/{part}/" in each.page for part in ("tag", *LEFT_OUT))]


def vanished(web: SampleWeb) -> list[Tweet]:
    """The tweets of the crawled pages that are not to be seen on day 2."""
    tweets = {each.tweet.id: each.tweet for each in embeddings(web)}
    return [tweet for tweet in tweets.values() if tweet.state_on(2) is not State.LIVE]


def crawl_two_days(folder: Path) -> TwoDays:
    """Takes the better part of a minute on two cores. Three browsers: a page that draws itself waits for a while, as a rule."""
    data_dir = folder / "archive"
    with running_sample_web(folder) as web:
        settings = msgspec.structs.replace(settings_for(web), screenshots="posts", renders=3)
        _crawl(data_dir, SITES, "first", settings)
        first = _kept(data_dir, folder / "first")
        web.day = 2
        _crawl(data_dir, SITES, "first", settings)
        gone = (*(tweet.url for tweet in vanished(web)), *(web.other(key).url for key in GONE_OF_OTHERS))
        _crawl(data_dir, gone, "again", settings)
        second = _kept(data_dir, folder / "second")
        again = [web.tweet("oskil-bridge").id, web.tweet("light-plan").id, web.other("boats").url, web.other("net").url]
        render(data_dir, again, settings=settings)
        _crawl(folder / "late", (BRIDGE_PAGE,), "late", settings, scope="page")
    return TwoDays(Looked(first), Looked(second), Looked(data_dir), Looked(folder / "late"), web)


def _crawl(data_dir: Path, seeds: tuple[str, ...], job: str, settings: CrawlSettings, scope: str | None = None) -> None:
    report = crawl(CrawlPlan(data_dir, seeds, scope, job, exclude=LEFT_OUT, settings=settings))
    assert report.outcome.failed == []
    assert report.outcome.undrawn == []
    assert not report.outcome.no_browser


def _kept(data_dir: Path, copy: Path) -> Path:
    return Path(shutil.copytree(data_dir, copy))
