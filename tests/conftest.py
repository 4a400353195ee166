"""What all tests share."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from tests.support.webs import Web, running_web

# How long an example takes says more about the machine than about us, and the tests run on all its cores at once.
hypothesis.settings.register_profile("project", deadline=None)
hypothesis.settings.load_profile("project")


SLOW_FILES = (
    "archive/test_drawn.py", "browser/test_renderer_hostile.py", "extraction/test_mutated_pages.py",
    "archive/test_hostile_renders.py", "spiders/test_renders.py", "cli/test_render.py", "browser/test_renderer.py",
    "test_hostile.py", "faults/", "archive/", "spiders/", "browser/",
)  # fmt: skip
"""Begun first, slowest first (measured 2026-11-30): a file is one worker's, and a slow one at the end would be waited for."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def rank(item: pytest.Item) -> int:
        path = item.path.relative_to(Path(__file__).parent).as_posix()
        return next((place for place, slow in enumerate(SLOW_FILES) if path.startswith(slow)), len(SLOW_FILES))

    items.sort(key=rank)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """With `-n auto`: one more than there are cores, because many tests wait for a browser, a clock or another process."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Thousands of collected tests live to the end: full garbage collections, which went through all of them, leave them out."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


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
