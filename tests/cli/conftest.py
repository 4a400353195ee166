"""What the tests of the command line share: webs to crawl, and one archive that all may read."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from archiver.sampleweb import DIARY_URL, SAMPLE_POST, SampleWeb, running_sample_web
from tests.support.crawling import crawl_of


@dataclass(frozen=True)
class Crawled:
    """An archive of the sample post and of the page that holds its tweet as text; nobody writes to it."""

    data_dir: Path
    web: SampleWeb


@pytest.fixture(scope="session")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawled]:
    folder = tmp_path_factory.mktemp("crawled")
    with running_sample_web(folder) as web:
        crawl_of(web, folder / "archive", SAMPLE_POST, f"{DIARY_URL}copied-from-the-news.html")
        yield Crawled(folder / "archive", web)
