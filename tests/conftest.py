"""What all tests share."""

from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from tests.support.webs import Web, running_web

# How long an example takes says more about the machine than about us, and the tests run on all its cores at once.
hypothesis.settings.register_profile("project", deadline=None)
hypothesis.settings.load_profile("project")


@pytest.fixture(scope="session")
def project() -> Path:
    """The folder of the checkout."""
    return Path(__file__).parent.parent


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    """A small web of a test's own making."""
    with running_web(tmp_path) as running:
        yield running


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """Where an archive may be made."""
    return tmp_path / "archive"
