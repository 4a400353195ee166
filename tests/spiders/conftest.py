"""What the tests of the spider share: the sample web and a small one, each in a thread, and an empty archive."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

import spiders.response_policy
from archiver.extraction.worker import PageReader
from archiver.recording.recorder import read_in_process
from archiver.sampleweb import SampleWeb, running_sample_web
from tests.spiders.frontiers import RUNNERS, Runs, SetClock


@pytest.fixture
def sample(tmp_path: Path) -> Iterator[SampleWeb]:
    with running_sample_web(tmp_path) as web:
        yield web


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries after a twentieth of the usual time."""
    monkeypatch.setattr(spiders.response_policy, "RETRY_SECONDS", 0.1)


@pytest.fixture
def one_process() -> Iterator[None]:
    """Pages are read in this process: half the time of a small crawl is the start of another one."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(PageReader, "read", lambda _, seen: read_in_process(seen))
        yield


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def runs(tmp_path: Path, clock: SetClock) -> Iterator[Runs]:
    """Frontiers on one file, one after the other."""
    opened = Runs(tmp_path / "state.db", clock)
    with asyncio.Runner() as runner:
        RUNNERS.append(runner)
        yield opened
        RUNNERS.remove(runner)
    opened.close_all()
