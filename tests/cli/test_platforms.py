"""`archiver platforms` on the command line, with an archive and without one."""

from pathlib import Path

from archiver.platforms import PLATFORMS
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
