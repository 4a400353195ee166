"""An index with rows in every table, in the newest format or in an older one."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from archiver.model.exchange import Capture, Crawl, Failure
from archiver.model.findings import (
    Alias,
    Comment,
    Embed,
    EmbedFindings,
    EmbedKind,
    Findings,
    MediaFile,
    MediaRef,
    Page,
    PostLink,
    PostRef,
    PostState,
    Source,
    Statement,
)
from archiver.model.render import Quality, RenderEnd, RenderStatus, ScreenshotKind, ScreenshotRecord
from archiver.storage.index.database import migrations, open_index
from archiver.storage.index.tables import TABLES
from archiver.storage.index.writer import IndexWriter
from tests.support.captures import WARC, capture

CRAWL = Crawl("00000000-0000-4000-8000-000000000001", "blog", "2022-09-11T12:00:00.000Z", "embed-archiver/0.1.0", "{}")
PAGE_URL = "https://blog.example/a-post/"
PICTURE_URL = "https://pbs.twimg.com/media/FcSbF8eXwAAyV3q.jpg"
PICTURE_KEY = "pbs.twimg.com/media/FcSbF8eXwAAyV3q"
PICTURE = MediaFile("ab" * 32, "image/jpeg", 1_000, 640, 480, pdq="1" * 64, pdq_trimmed="2" * 64, exif='{"Make":"Kodiak"}')
SHORT_LINK = "pic.twitter.com/uOWxLTTvGP"
POST, QUOTED = PostRef("twitter", "1568"), PostRef("twitter", "1569")
WEBP = "screenshots/twitter/1568/20220911120000.webp"


def fill(writer: IndexWriter) -> None:
    """One crawl of a page with a known post and a text-only embed, all that can be known of them, and a request that failed."""
    writer.add_crawl(CRAWL)
    named = Embed("twitter", "1568", "https://twitter.com/i/status/1568", EmbedKind.BLOCKQUOTE, 1, "ann", text="Izyum is free")
    nameless = Embed("twitter", None, None, EmbedKind.TEXT, 2, "bob", text="Izyum", short_links=("pic.twitter.com/Other12345",))
    links = (PostLink("twitter", "1570", "https://twitter.com/i/status/1570"),)
    page = Page(
        PAGE_URL, title="A post", author="Eve", text="What happened in Izyum", tags=("war",),
        comments=(Comment("reader", None, "thanks"),),
        pictures=(MediaRef("https://blog.example/a.jpg", "blog.example/a.jpg", alt="alt"),),
        shown=("https://blog.example/a-300.jpg",),
    )  # fmt: skip
    writer.add(_of_crawl(1, PAGE_URL), Findings(page=page, embeds=EmbedFindings((named, nameless), links)))
    told = Statement(
        "twitter", "1568", Source.SYNDICATION, PostState.LIVE, author="ann", author_name="Ann", text="Izyum is free",
        posted_at="2022-09-10", language="en", short_links=(SHORT_LINK,), media=(MediaRef(PICTURE_URL, PICTURE_KEY),),
        quotes=QUOTED,
    )  # fmt: skip
    reply = _of_crawl(2, "https://cdn.syndication.twimg.com/tweet-result?id=1568", mime="application/json", resource_type="fetch")
    writer.add(reply, Findings(statements=(told,), aliases=(Alias("t.co/uOWxLTTvGP", POST),)))
    writer.add(_of_crawl(3, PICTURE_URL, mime="image/jpeg", resource_type="image"), Findings(media=PICTURE))
    shot = _of_crawl(4, "urn:embed:https://platform.twitter.com/embed/Tweet.html?id=1568", mime="image/png")
    drawn = ScreenshotRecord(ScreenshotKind.EMBED, shot.url[10:], 550, 600, Quality.GOOD, post=POST, path=WEBP, sha256="cd" * 32)
    writer.add_resource(replace(shot, record_type="resource", status=None), drawn)
    writer.add_render(RenderEnd(drawn.url, shot.captured_at, RenderStatus.WHOLE, post=POST, notes={"requests": 3}), CRAWL.uuid)
    failed_at = datetime(2022, 9, 11, 12, 0, 9, tzinfo=UTC)
    writer.add_failure(Failure("https://gone.example/", failed_at, "HostNotFound", "there is no gone.example"), CRAWL.uuid)
    writer.reached(WARC, CRAWL.uuid, 10_000)
    writer.add_outcome(CRAWL.uuid, "2022-09-11T12:01:00.000Z", '{"finished":true}')
    writer.commit()


def _of_crawl(number: int, url: str, **fields: Any) -> Capture:
    return capture(number, url, crawl=CRAWL.uuid, **fields)


def make_full_index(path: Path) -> None:
    """In the newest format."""
    with closing(open_index(path)) as database:
        fill(IndexWriter(database))
        assert [table for table in TABLES if not database.execute(f"SELECT 1 FROM {table}").fetchone()] == []


def open_old_index(path: Path, version: int) -> sqlite3.Connection:
    """A new index in the format of this number, as the version that ended with this migration made it.

    Today's rows can be written to it: a table that it has not is there for this connection alone.
    """
    database = sqlite3.connect(path, isolation_level=None)
    database.executescript("\n".join(script for number, script in migrations() if number <= version))
    database.executescript(f"PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON; PRAGMA user_version = {version}")
    if version < 6:
        database.execute("CREATE TEMP TABLE answering_hosts (crawl, host, PRIMARY KEY (crawl, host))")
    return database
