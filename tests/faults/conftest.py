"""What the tests of faults share: the sample web, an archive to which nothing happened, and places to do things apart."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.sampleweb import DIARY_URL, SampleWeb, running_sample_web
from tests.faults.attempts import Attempt, Nursery
from tests.faults.killing import Crawling, begin_anew
from tests.faults.moments import Moment
from tests.support.crawling import plan_of


@pytest.fixture(scope="module")
def web_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SampleWeb]:
    with running_sample_web(tmp_path_factory.mktemp("web")) as web:
        yield web


@pytest.fixture
def sample(web_once: SampleWeb) -> SampleWeb:
    """The sample web on day 1, as nobody has seen it."""
    begin_anew(web_once)
    return web_once


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    """It may mount, too."""
    with Nursery(apart=True) as opened:
        yield opened


@pytest.fixture(scope="module")
def calm(web_once: SampleWeb, nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The diary in an archive to which nothing happened. Nobody writes to it."""
    data_dir = tmp_path_factory.mktemp("calm") / "archive"
    nursery.do(Crawling(plan_of(web_once, data_dir, (DIARY_URL,))))
    return data_dir


@pytest.fixture(scope="module")
def killed_once(web_once: SampleWeb, nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A crawl of the diary that was killed half-way."""
    data_dir = tmp_path_factory.mktemp("killed") / "archive"
    begin_anew(web_once)
    half_way = Moment("record", 22, "after")
    assert nursery.attempt(Attempt(Crawling(plan_of(web_once, data_dir, (DIARY_URL,))), moment=half_way)).killed
    return data_dir


@pytest.fixture
def killed(killed_once: Path, tmp_path: Path) -> Path:
    """A copy of it, to change at will."""
    return Path(shutil.copytree(killed_once, tmp_path / "killed"))


@pytest.fixture
def whole(calm: Path, tmp_path: Path) -> Path:
    """A copy of the calm archive, to change at will."""
    return Path(shutil.copytree(calm, tmp_path / "whole"))
