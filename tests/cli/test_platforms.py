"""`archiver platforms` on the command line, with an archive and without one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.platforms import PLATFORMS
from archiver.sampleweb import SampleWeb, running_sample_web
from archiver.sampleweb.broken_hosts import Broken
from tests.cli.conftest import Crawled
from tests.support.program import archiver

KEYS = {"name", "title", "hosts", "any_host", "markup", "example", "asked", "embeds", "posts", "told", "gone"}


def test_a_line_for_each_platform_with_what_the_archive_holds(crawled: Crawled) -> None:
    ended = archiver("platforms", "--json", "--archive", crawled.data_dir)

    assert ended.code == 0
    assert [line["name"] for line in ended.lines] == [platform.name for platform in PLATFORMS]
    assert all(set(line) == KEYS for line in ended.lines)
    twitter = ended.lines[0]
    assert twitter["embeds"] >= 2 and twitter["posts"] >= 1 and twitter["told"] >= 1
    assert twitter["asked"] == ["cdn.syndication.twimg.com", "publish.x.com", "publish.twitter.com"]


def test_without_an_archive_it_lists_them_all_the_same(tmp_path: Path) -> None:
    ended = archiver("platforms", "--json", "--archive", tmp_path / "nowhere")

    assert ended.code == 0
    assert len(ended.lines) == len(PLATFORMS)
    assert {line["embeds"] for line in ended.lines} == {None}
    assert not (tmp_path / "nowhere").exists()


def test_people_read_names_hosts_and_counts(crawled: Crawled, tmp_path: Path) -> None:
    ended = archiver("platforms", "--archive", crawled.data_dir)
    assert ended.code == 0 and ended.err == ""
    assert "youtube.com" in ended.out
    assert "the platform answered for" in ended.out

    ended = archiver("platforms", "--archive", tmp_path / "nowhere")
    assert ended.code == 0 and "there is no archive in" in ended.err
    assert "the platform answered for" not in ended.out


def test_an_archive_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "index.db").write_bytes(b"this is no database " * 1000)

    ended = archiver("platforms", "--archive", tmp_path)

    assert ended.code == 6 and "reindex" in ended.err


@pytest.fixture
def probed(tmp_path: Path) -> Iterator[tuple[SampleWeb, list[str | Path]]]:
    """The sample web, and a probe of it with one of its own tweets as the control post."""
    with running_sample_web(tmp_path, age=2026) as web:
        (tmp_path / "archive").mkdir()
        (tmp_path / "archive" / "archiver.toml").write_text(f'[platforms.twitter]\ncontrol = ["{web.tweet("rail-clock").id}"]\n')
        network = ["--cacert", web.cacert, *(word for route in web.connect_to for word in ("--connect-to", route))]
        yield web, ["platforms", "--probe", "twitter", "--delay", "0", *network, "--archive", tmp_path / "archive"]


def test_a_probe_prints_a_line_for_each_door(probed: tuple[SampleWeb, list[str | Path]], tmp_path: Path) -> None:
    web, command = probed
    ended = archiver(*command, "--json")
    assert ended.code == 0
    assert [line["door"] for line in ended.lines][-1] == "picture"
    assert all(line["ok"] and line["answer"] == "understood" for line in ended.lines)

    web.broken["publish.x.com"] = Broken.PAYMENT
    ended = archiver(*command, "--save", tmp_path / "failing")

    assert ended.code == 4
    assert "1 door of 1 platform does not answer as known" in ended.err
    [line] = [line for line in ended.out.splitlines() if " oembed " in line]
    assert "refuses: publish.x.com answered 402" in line
    assert (tmp_path / "failing" / "twitter-oembed" / "case.json").exists()


def test_what_a_probe_cannot_do_is_told() -> None:
    assert "no platform is called 'twiter'" in archiver("platforms", "--probe", "twiter").err
    assert archiver("platforms", "twiter").code == archiver("platforms", "--save", "x").code == 2
    assert archiver("platforms", "--probe", "--save-all").code == 2


def test_names_choose_what_is_listed() -> None:
    assert [line["name"] for line in archiver("platforms", "youtube", "vimeo", "--json").lines] == ["youtube", "vimeo"]
