"""What all tests share."""

from pathlib import Path

import hypothesis
import pytest

# How long an example takes says more about the machine than about us, and the tests run on all its cores at once.
hypothesis.settings.register_profile("project", deadline=None)
hypothesis.settings.load_profile("project")


@pytest.fixture(scope="session")
def project() -> Path:
    """The folder of the checkout."""
    return Path(__file__).parent.parent
