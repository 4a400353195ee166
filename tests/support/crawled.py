"""An archive of the sample web, made by real crawls: made once, read by many tests."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from archiver.config.settings import CrawlSettings
from archiver.crawling.session import CrawlPlan
from archiver.sampleweb import DIARY_URL, NOTEBOOK_URL, SampleWeb, running_sample_web
from archiver.tasks.crawl.crawl import crawl


@dataclass(frozen=True, slots=True)
class Crawled:
    """Two jobs in one archive: notebook and diary on day 1; the notebook again on days 2 and 3."""

    data_dir: Path
    first_day: Path
    """The same archive as it was after day 1."""

    def copy(self, folder: Path) -> Path:
        """The archive's own copy in `folder`, to change at will."""
        return Path(shutil.copytree(self.data_dir, folder / "archive"))


def settings_for(web: SampleWeb) -> CrawlSettings:
    return CrawlSettings(delay=0, concurrency=16, cacert=web.cacert, connect_to=web.connect_to, screenshots="none")


def crawled_in(folder: Path) -> Crawled:
    """What `crawl_sample_web` has left there."""
    return Crawled(folder / "archive", folder / "first-day")


def crawl_sample_web(folder: Path) -> None:
    data_dir = folder / "archive"
    with running_sample_web(folder) as web:
        for day, url in ((1, NOTEBOOK_URL), (1, DIARY_URL), (2, NOTEBOOK_URL), (3, NOTEBOOK_URL)):
            web.day = day
            job = "diary" if url == DIARY_URL else "notebook"
            if day == 2:
                shutil.copytree(data_dir, folder / "first-day")
            crawl(CrawlPlan(data_dir, (url,), job=job, settings=settings_for(web)))


@contextmanager
def index_of(data_dir: Path) -> Iterator[sqlite3.Connection]:
    """The index, as any program opens it."""
    database = sqlite3.connect(data_dir / "index.db")
    try:
        yield database
    finally:
        database.close()


def places_in_index(data_dir: Path) -> list[tuple[object, ...]]:
    sql = "SELECT w.path, c.offset, c.length, c.record_id, c.url, c.record_type FROM captures c JOIN warcs w ON w.id = c.warc"
    with index_of(data_dir) as database:
        return sorted(database.execute(sql).fetchall())
