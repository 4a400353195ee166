"""The spider under Scrapy's own command: its arguments, its log, its settings, from the repository and from other folders."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from scrapy.settings import default_settings

import spiders.settings
from archiver.config.settings import CrawlSettings
from archiver.errors import UsageError
from archiver.sampleweb import SAMPLE_POST, SampleWeb
from archiver.text import printable_line
from spiders.arguments import KNOWN, plan_of_arguments
from tests.support.crawling import captures, rows
from tests.support.program import PROJECT, environment
from tests.support.webs import Web, page

BLOG_URL = "https://blog.example/"


def scrapy(folder: Path, *arguments: str, **env: str) -> "subprocess.CompletedProcess[str]":
    words = [sys.executable, "-m", "scrapy", *arguments]
    return subprocess.run(words, cwd=folder, env=environment(env), capture_output=True, text=True, timeout=120, check=False)


def arguments_of(web: Web, data_dir: Path, **more: str) -> list[str]:
    """The arguments that send a crawl to this web."""
    given = {
        "archive": str(data_dir), "screenshots": "none", "delay": "0", "cacert": str(web.cacert),
        "connect_to": " ".join(web.connect_to), **more,
    }  # fmt: skip
    return [word for name, value in given.items() for word in ("-a", f"{name}={value}")]


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


# --- arguments ------------------------------------------------------------------------------------------------------------


def test_each_argument_is_honoured(tmp_path: Path) -> None:
    pem = tmp_path / "ca.pem"
    pem.write_text("")
    (tmp_path / "archiver.toml").write_text('[crawl]\ndelay = 5\nmax_pages = 7\n[hosts."blog.example"]\ndelay = 9\n')

    plan = plan_of_arguments({
        "url": "blog.example/ https://news.example/feed/", "archive": str(tmp_path), "scope": "site", "since": "2022-09-01",
        "include": "/2022/|/2023/", "exclude": r"\?print", "user_agent": "us (mail@us.example)", "delay": "0.5",
        "concurrency": "3", "max_bytes": "2MB", "max_time": "1m", "stop_after": "2h", "min_free": "1GB", "screenshots": "none",
        "renders": "1", "render_time": "30s", "proxy": "http://proxy.example:3128", "cacert": str(pem),
        "connect_to": "::127.0.0.1:8443 a.example:80:127.0.0.1:8080", "allow_private": "true", "ignore_robots": "our own blog",
    })  # fmt: skip

    assert (plan.data_dir, plan.seeds, plan.job) == (
        tmp_path, ("https://blog.example/", "https://news.example/feed/"), "crawl",
    )  # fmt: skip
    assert (plan.scope, plan.since, plan.include, plan.exclude) == ("site", "2022-09-01", ("/2022/|/2023/",), (r"\?print",))
    assert plan.settings == CrawlSettings(
        user_agent="us (mail@us.example)", delay=0.5, concurrency=3, max_bytes=2_000_000, max_time=60, max_pages=7,
        stop_after=7200, min_free=1_000_000_000, screenshots="none", renders=1, render_time=30,
        proxy="http://proxy.example:3128", cacert=pem, connect_to=("::127.0.0.1:8443", "a.example:80:127.0.0.1:8080"),
        allow_private=True, ignore_robots="our own blog",
    )  # fmt: skip
    assert plan.hosts["blog.example"].delay is None, "as --delay, it goes over [hosts]"


def test_no_setting_of_a_crawl_is_left_out() -> None:
    assert set(CrawlSettings.__struct_fields__) <= set(KNOWN)


def test_the_docs_name_all_arguments() -> None:
    section = (PROJECT / "docs" / "scripts.md").read_text(encoding="utf-8").partition("## Under Scrapy's own command")[2]
    first_cells = [line.split(" | ")[0] for line in section.splitlines() if line.startswith("| `")]

    assert {name for cell in first_cells[1:] for name in re.findall("`(.*?)`", cell)} == set(KNOWN)


def test_a_job_of_the_archive_can_be_crawled(tmp_path: Path) -> None:
    (tmp_path / "archiver.toml").write_text(
        '[jobs.blog]\nseeds = ["blog.example"]\nscope = "site"\nmax_pages = 7\n[hosts."blog.example"]\ndelay = 9\n'
    )

    plan = plan_of_arguments({"archive": str(tmp_path), "job": "blog", "max_pages": "3"})

    assert (plan.job, plan.seeds, plan.scope) == ("blog", ("https://blog.example",), "site")
    assert (plan.settings.max_pages, plan.hosts["blog.example"].delay) == (3, 9)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "give at least one URL, or a job"),
        ({"url": "ftp://blog.example/"}, r"-a url=…: .*ftp://blog\.example/"),
        (
            {"url": BLOG_URL, "max-pages": "3"},
            r"-a max-pages=… is unknown: did you mean max_pages\? There are url,",
        ),
        ({"url": BLOG_URL, "colour": "red"}, "-a colour=… is unknown: There are url, job, archive, scope, since"),
        ({"url": BLOG_URL, "scope": "blog"}, "-a scope=blog: there are page, feed, prefix, site"),
        ({"url": BLOG_URL, "since": "last week"}, "-a since=last week: write a day like 2022-09-01"),
        ({"url": BLOG_URL, "include": "("}, r"-a include=\(: `\(` is no regular expression"),
        ({"url": BLOG_URL, "exclude": "["}, r"-a exclude=\[: `\[` is no regular expression"),
        ({"url": BLOG_URL, "max_pages": "many"}, "-a max_pages=many: expected a whole number$"),
        ({"url": BLOG_URL, "max_pages": "0"}, "-a max_pages=0: expected a whole number >= 1"),
        ({"url": BLOG_URL, "delay": "-1"}, "-a delay=-1: `-1` is no time"),
        ({"url": BLOG_URL, "max_bytes": "big"}, "-a max_bytes=big: "),
        (
            {"url": BLOG_URL, "screenshots": "some"},
            "-a screenshots=some: `some` is none of none, posts, pages, all",
        ),
        ({"url": BLOG_URL, "allow_private": "perhaps"}, "-a allow_private=perhaps: expected true or false$"),
        ({"url": BLOG_URL, "ignore_robots": " "}, "-a ignore_robots= : write the reason"),
        ({"url": BLOG_URL, "cacert": "nowhere.pem"}, "-a cacert=nowhere.pem: there is no file"),
        (
            {"url": BLOG_URL, "job": "blog"},
            "-a url=https://blog.example/: what a job crawls stands in archiver.toml",
        ),
        ({"job": "blog"}, "has no job `blog`: there is none"),
    ],
)
def test_an_argument_that_is_unknown_or_wrong_is_refused_by_name(tmp_path: Path, given: dict[str, str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        plan_of_arguments({"archive": str(tmp_path), **given})


def test_a_refused_argument_ends_the_command_before_anything_is_made(tmp_path: Path, project: Path) -> None:
    ended = scrapy(
        project, "crawl", "posts", "-a", "url=https://blog.example/", "-a", f"archive={tmp_path / 'a'}", "-a", "depth=2"
    )

    assert ended.returncode == 1
    assert ended.stderr.rstrip().splitlines()[-1].startswith("archiver.errors.UsageError: -a depth=… is unknown")
    assert not (tmp_path / "a").exists()


# --- the log, the end, other projects -------------------------------------------------------------------------------------


def test_in_the_end_the_log_says_what_was_done(web: Web, data_dir: Path, tmp_path: Path) -> None:
    """From an empty folder, by the settings module alone."""
    web["blog.example", "/"] = page("Words")

    ended = scrapy(
        tmp_path, "crawl", "posts", *arguments_of(web, data_dir), "-a", "url=https://blog.example/ https://blog.example/gone/",
        SCRAPY_SETTINGS_MODULE="spiders.settings",
    )  # fmt: skip

    assert ended.returncode == 0, ended.stderr
    assert "1 pages (0 unchanged) with 0 embeds, 0 platform replies, 0 pictures and videos, 0 renders;" in ended.stderr
    assert "1 seeds or pages failed, 0 not rendered, 0 requests wait for the next run" in ended.stderr
    assert "ERROR: https://blog.example/gone/: answered 404" in ended.stderr


def test_in_another_project_the_spider_brings_its_settings_along(web: Web, data_dir: Path, tmp_path: Path) -> None:
    """With Scrapy's own scheduler and download handler nothing was recorded."""
    web["blog.example", "/"] = page("Words")
    (tmp_path / "scrapy.cfg").write_text("[settings]\ndefault = theirs\n")
    (tmp_path / "theirs.py").write_text('SPIDER_MODULES = ["spiders"]\nROBOTSTXT_OBEY = True\n')

    ended = scrapy(tmp_path, "crawl", "posts", *arguments_of(web, data_dir), "-a", "url=https://blog.example/")

    assert ended.returncode == 0, ended.stderr
    assert ("https://blog.example/", 200) in captures(data_dir)


def test_a_crawl_that_scrapy_closes_early_is_resumed(web: Web, data_dir: Path, tmp_path: Path) -> None:
    """It counted as finished, so all that it had done was asked for again."""
    web["blog.example", "/1/"] = web["blog.example", "/2/"] = page("Words")
    seeds = ("-a", "url=https://blog.example/1/ https://blog.example/2/")
    closes = ("-s", "EXTENSIONS_BASE={}", "-s", 'EXTENSIONS={"scrapy.extensions.closespider.CloseSpider": 0}')
    slow = arguments_of(web, data_dir, delay="30")
    told = scrapy(
        tmp_path, "crawl", "posts", *slow, *seeds, *closes, "-s", "CLOSESPIDER_TIMEOUT=3",
        SCRAPY_SETTINGS_MODULE="spiders.settings",
    )  # fmt: skip
    assert "interrupted: the same command resumes the crawl" in told.stderr, told.stderr

    again = scrapy(tmp_path, "crawl", "posts", *arguments_of(web, data_dir), *seeds, SCRAPY_SETTINGS_MODULE="spiders.settings")

    assert again.returncode == 0, again.stderr
    assert sorted(url for url in web.urls() if "robots" not in url) == ["https://blog.example/1/", "https://blog.example/2/"]


# --- settings -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["DOWNLOADER_MIDDLEWARES_BASE", "SPIDER_MIDDLEWARES_BASE", "EXTENSIONS_BASE"])
def test_all_that_scrapy_would_run_is_off_and_named(name: str) -> None:
    """A later Scrapy's new middleware would be off without a reason."""
    ours = getattr(spiders.settings, name)

    assert set(ours) >= set(getattr(default_settings, name))
    assert set(ours.values()) == {None}
