"""What the tests of the archive share."""

import pytest

from tests.certificates import Authority
from tests.crawled import Crawled, crawl_sample_web


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    """The sample web, crawled on three of its days. Read it, or take a `copy` to change."""
    return crawl_sample_web(tmp_path_factory.mktemp("crawled"))
