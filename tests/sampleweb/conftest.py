"""The sample web in a thread, one for each test: a few milliseconds, and no test sees another's day or counts."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.sampleweb import SampleWeb, running_sample_web


@pytest.fixture
def web(tmp_path: Path) -> Iterator[SampleWeb]:
    with running_sample_web(tmp_path) as running:
        yield running
