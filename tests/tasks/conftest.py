"""What the tests of tasks share: an archive with nightly jobs, and some to break."""

import shutil
from pathlib import Path

import pytest

from tests.support.made_once import made_once
from tests.tasks.mended import make_archive
from tests.tasks.nights import Night


@pytest.fixture
def night(data_dir: Path) -> Night:
    data_dir.mkdir()
    night = Night(data_dir)
    night.config()
    return night


@pytest.fixture(scope="session")
def made_in_words(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Take a copy."""
    folder = made_once(tmp_path_factory, "made-in-words", lambda folder: make_archive(folder / "archive", drawn=False))
    return folder / "archive"


@pytest.fixture(scope="session")
def made_and_drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Take a copy."""
    folder = made_once(tmp_path_factory, "made-and-drawn", lambda folder: make_archive(folder / "archive", drawn=True))
    return folder / "archive"


@pytest.fixture
def archive(made_in_words: Path, tmp_path: Path) -> Path:
    """Two crawls, no screenshots: to repair it no process is started, which takes most of the time."""
    return Path(shutil.copytree(made_in_words, tmp_path / "archive"))


@pytest.fixture
def drawn(made_and_drawn: Path, tmp_path: Path) -> Path:
    """The same with screenshots and a thumbnail."""
    return Path(shutil.copytree(made_and_drawn, tmp_path / "archive"))
