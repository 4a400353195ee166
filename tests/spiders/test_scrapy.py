"""The spider under Scrapy's own command, from the folder of the repository."""

import subprocess
import sys
from pathlib import Path

from archiver.sampleweb import SAMPLE_POST, SampleWeb
from archiver.text import printable_line
from tests.support.crawling import captures, rows
from tests.support.program import environment


def scrapy(project: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    words = [sys.executable, "-m", "scrapy", *arguments]
    return subprocess.run(words, cwd=project, env=environment(), capture_output=True, text=True, timeout=120, check=False)


def test_scrapy_crawl_posts_fills_an_archive_too(sample: SampleWeb, data_dir: Path, project: Path) -> None:
    data_dir.mkdir()
    rules = ", ".join(f'"{rule}"' for rule in sample.connect_to)
    (data_dir / "archiver.toml").write_text(
        f'[crawl]\nscreenshots = "none"\ndelay = 0\ncacert = "{sample.cacert}"\nconnect_to = [{rules}]\n'
    )

    ended = scrapy(project, "crawl", "posts", "-a", f"url={SAMPLE_POST}", "-a", f"archive={data_dir}")

    assert ended.returncode == 0, ended.stderr
    assert (SAMPLE_POST, 200) in captures(data_dir)
    assert sample.tweet("izyum").id in rows(data_dir, "SELECT post_id FROM posts")
    assert "Traceback" not in ended.stderr


def test_what_a_server_wrote_cannot_command_the_terminal_that_shows_the_log() -> None:
    """The log had the reason of a failure as it came."""
    assert printable_line("a\x1b[2J\u202eb\nERROR: \u200fc") == "a\ufffd[2J\ufffdb ERROR: \ufffdc"


def test_scrapy_list_knows_the_spider(project: Path) -> None:
    assert scrapy(project, "list").stdout.split() == ["posts"]


def test_under_scrapy_the_log_tells_what_failed(data_dir: Path, project: Path) -> None:
    ended = scrapy(project, "crawl", "posts", "-a", "url=http://127.0.0.1:1/", "-a", f"archive={data_dir}")

    assert "http://127.0.0.1:1/: its robots.txt could not be read: 127.0.0.1 is not on the public internet" in ended.stderr
    assert "Traceback" not in ended.stderr
