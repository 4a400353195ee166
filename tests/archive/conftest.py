"""What the tests of the archive share."""

import os
from pathlib import Path

import pytest

from tests.support.certificates import Authority
from tests.support.crawled import Crawled, crawl_sample_web, crawled_in
from tests.support.made_once import made_once


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    """The sample web, crawled on three of its days. Read it, or take a `copy` to change."""
    return crawled_in(made_once(tmp_path_factory, "crawled-sample-web", crawl_sample_web))


@pytest.fixture(scope="session")
def wayback(project: Path) -> Path:
    """pywb's server: a program of its own, in an environment of its own."""
    program = Path(os.environ.get("ARCHIVER_PYWB") or project / ".venv-pywb" / "bin" / "wayback")
    if not program.exists():
        pytest.fail(f"there is no pywb at {program}: `make test` installs it, and ARCHIVER_PYWB may name another")
    return program


@pytest.fixture(scope="session")
def replayweb(project: Path) -> Path:
    """The folder with the two scripts that ReplayWeb.page consists of."""
    folder = Path(os.environ.get("ARCHIVER_REPLAYWEB") or project / ".replayweb")
    if not (folder / "ui.js").exists() or not (folder / "sw.js").exists():
        pytest.fail(
            f"there is no ReplayWeb.page in {folder}: `make replayweb` fetches it, and ARCHIVER_REPLAYWEB may name another folder"
        )
    return folder
