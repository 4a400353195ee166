"""Crawls for tests, and what they left in the archive."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

from archiver.config.settings import CrawlSettings
from archiver.crawling.session import CrawlPlan
from archiver.storage.warc.reader import StoredRecord, read_records
from archiver.tasks.crawl.crawl import CrawlReport, crawl


class Served(Protocol):
    """The sample web, or a small one."""

    @property
    def cacert(self) -> Path: ...
    @property
    def connect_to(self) -> tuple[str, ...]: ...


def plan_of(
    web: Served, data_dir: Path, seeds: Iterable[str], *, scope: str | None = None, include: tuple[str, ...] = (),
    exclude: tuple[str, ...] = (), since: str | None = None, job: str = "crawl", **settings: Any,
) -> CrawlPlan:  # fmt: skip
    """Settings are those of `CrawlSettings`, without any delay and without screenshots unless they are given."""
    given: dict[str, Any] = {"delay": 0, "screenshots": "none", "cacert": web.cacert, "connect_to": web.connect_to, **settings}
    return CrawlPlan(data_dir, tuple(seeds), scope, job, include, exclude, since, settings=CrawlSettings(**given))


def crawl_of(web: Served, data_dir: Path, *seeds: str, **options: Any) -> CrawlReport:
    return crawl(plan_of(web, data_dir, seeds, **options))


def rows(data_dir: Path, sql: str, *bound: Any) -> list[Any]:
    """Of the index; a single column comes without its tuple."""
    with closing(sqlite3.connect(data_dir / "index.db")) as database:
        found = database.execute(sql, bound).fetchall()
    return [row[0] if len(row) == 1 else row for row in found]


def captures(data_dir: Path) -> set[tuple[str, int]]:
    """URL and status of everything that was captured."""
    return set(rows(data_dir, "SELECT url, status FROM captures"))


def records(data_dir: Path) -> Iterator[StoredRecord]:
    """All WARC records of the archive."""
    for path in sorted((data_dir / "warc").rglob("*.warc.gz")):
        yield from read_records(path)
