"""What all tests share."""

from pathlib import Path

import hypothesis
import pytest

from tests.crawled import Crawled, crawl_sample_web

# How long an example takes says more about the machine than about us, and the tests run on all its cores at once.
hypothesis.settings.register_profile("project", deadline=None)
hypothesis.settings.load_profile("project")


@pytest.fixture(scope="session")
def project() -> Path:
    """The folder of the checkout."""
    return Path(__file__).parent.parent


@pytest.fixture(scope="session")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    """The sample web, crawled on three of its days. Read it, or take a `copy` to change."""
    return crawl_sample_web(tmp_path_factory.mktemp("crawled"))
