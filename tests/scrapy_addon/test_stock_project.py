"""A stock project does what docs/scrapy.md says, on the sample web; the archive is one like any other."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.sampleweb import SAMPLE_POST, SampleWeb, running_sample_web
from archiver.tasks.reindex import reindex
from tests.support.crawling import captures, rows
from tests.support.program import archiver, pointed_at
from tests.support.pywb import replaying
from tests.support.scrapy_project import ScrapyProject
from tests.support.tables import tables_of

CODE = "pic.twitter.com/uOWxLTTvGP"


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SampleWeb]:
    with running_sample_web(tmp_path_factory.mktemp("web")) as web:
        yield web


@pytest.fixture(scope="module")
def page(project: Path) -> str:
    return (project / "docs" / "scrapy.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def ran(page: str, sample: SampleWeb, tmp_path_factory: pytest.TempPathFactory) -> tuple[ScrapyProject, str]:
    """The project of the page, after the first command of the page; and its log."""
    settings, spider = re.findall(r"```python\n(.*?)```", page, re.S)
    made = ScrapyProject(tmp_path_factory.mktemp("project"), settings=settings)
    (made.folder / "news" / "spiders" / "notebook.py").write_text(spider)
    (command,) = re.findall(r"```bash\nscrapy (crawl \w+)\n", page)
    given = (f"ARCHIVE_CACERT={sample.cacert}", f"ARCHIVE_CONNECT_TO={','.join(sample.connect_to)}")
    ended = made.scrapy(*command.split(), *(word for setting in given for word in ("-s", setting)))
    assert ended.returncode == 0, ended.stderr
    return made, ended.stderr


def test_the_log_and_the_stats_say_what_was_recorded(ran: tuple[ScrapyProject, str]) -> None:
    made, log = ran
    counted = dict(re.findall(r"'archive/(\w+)': (\d+)", log))
    assert f"recorded in {made.archive.resolve()}: {counted['captures']} captures, {counted['pages']} pages" in log
    assert int(counted["captures"]) == len(rows(made.archive, "SELECT 1 FROM captures"))
    assert int(counted["pages"]) == len(rows(made.archive, "SELECT 1 FROM pages")) > 40
    assert int(counted["embeds"]) == len(rows(made.archive, "SELECT 1 FROM embeds")) > 40


def test_verify_find_and_search_take_it(ran: tuple[ScrapyProject, str]) -> None:
    made, _ = ran
    verified = archiver("verify", "--archive", made.archive)
    assert (verified.code, "no problems" in verified.out) == (0, True), verified
    assert "1 of them in manifests" in verified.out
    (found,) = archiver("find", CODE, "--json", "--archive", made.archive).lines
    assert [each["url"] for each in found["pages"]] == [SAMPLE_POST]
    words = archiver("search", "Izyum", "--json", "--archive", made.archive)
    assert SAMPLE_POST in words.out


def test_reindex_makes_the_same_tables(ran: tuple[ScrapyProject, str], tmp_path: Path) -> None:
    copy = tmp_path / "archive"
    shutil.copytree(ran[0].archive, copy)
    live = tables_of(copy)
    reindex(copy)
    again = tables_of(copy)
    assert live["captures"] and live["embeds"] and live["pages"]
    for name, found in live.items():
        assert again[name] == found, name


def test_robots_txt_is_obeyed_recorded_and_no_page(ran: tuple[ScrapyProject, str]) -> None:
    robots = "https://kharkiv-notebook.example/robots.txt"
    assert rows(ran[0].archive, "SELECT status, resource_type FROM captures WHERE url = ?", robots) == [(200, "fetch")]
    assert rows(ran[0].archive, "SELECT 1 FROM pages WHERE url = ?", robots) == []


def test_pywb_replays_it(ran: tuple[ScrapyProject, str], project: Path, tmp_path: Path) -> None:
    wayback = Path(os.environ.get("ARCHIVER_PYWB") or project / ".venv-pywb" / "bin" / "wayback")
    if not wayback.exists():
        pytest.fail(f"there is no pywb at {wayback}: `make test` installs it, and ARCHIVER_PYWB may name another")
    with replaying(wayback, ran[0].archive, tmp_path) as replay:
        status, body = replay.get(SAMPLE_POST)
    assert status == 200
    assert CODE in body.decode()


def test_a_crawl_into_it_asks_for_what_the_embeds_show(ran: tuple[ScrapyProject, str], sample: SampleWeb, tmp_path: Path) -> None:
    """As the page says: the page itself is unchanged, its tweet and the tweet's picture are new."""
    copy = tmp_path / "archive"
    shutil.copytree(ran[0].archive, copy)
    ended = archiver("crawl", SAMPLE_POST, "--scope", "page", *pointed_at(sample), "--archive", copy)
    assert ended.code == 0, ended
    assert (SAMPLE_POST, 304) in captures(copy)
    assert rows(copy, "SELECT count(*) FROM statements WHERE source = 'syndication'") != [0]
    assert archiver("verify", "--archive", copy).code == 0
