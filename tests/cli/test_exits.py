"""Exit codes and complaints: one clear line that says what happened and what to do."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from archiver.cli.crawl import count_of_failed, print_failed
from archiver.sampleweb import SAMPLE_POST
from tests.cli.conftest import Crawled
from tests.support.crawling import captures
from tests.support.program import COMMAND, Ended, archiver, archiver_apart, environment, pointed_at
from tests.support.webs import Web, page

POST = "https://blog.example/post/"


def complaint(ended: Ended, code: int) -> str:
    """The one line of a command that failed."""
    assert ended.code == code, ended
    [line] = ended.complaints
    assert line.startswith("archiver: ")
    return line.removeprefix("archiver: ")


@pytest.mark.parametrize(
    ("seed", "says"),
    [
        ("blog", "must begin with http:// or https://"),
        ("ftp://blog.example/", "must begin with http:// or https://"),
        ("https://", "has no host name"),
        ("https://a b/", "has a character in its host name"),
        ("https://[::1/", "is not a URL"),
        ("https://blog.example:99999/", "is not a URL"),
    ],
)
def test_what_is_no_url_is_wrong_usage(seed: str, says: str, data_dir: Path) -> None:
    assert says in complaint(archiver("crawl", seed, "--archive", data_dir), 2)
    assert not data_dir.exists()


def test_a_seed_that_is_no_url_takes_no_other_seed_with_it(web: Web, data_dir: Path) -> None:
    web["blog.example", "/post/"] = page("A post")

    ended = archiver("crawl", "nonsense", POST, "--archive", data_dir, *pointed_at(web))

    assert "nonsense is not a URL" in complaint(ended, 2)
    assert (POST, 200) in captures(data_dir)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("crawl",), "give at least one URL"),
        (("crawl", POST, "--bogus"), "No such option"),
        (("crawl", POST, "--scope", "all"), "is not one of 'page', 'feed', 'prefix', 'site'"),
        (("crawl", POST, "--max-bytes", "much"), "write 500k, 100MB or 2GB"),
        (("crawl", POST, "--max-time", "long"), "write 90s, 15m or 2h"),
        (("crawl", POST, "--max-pages", "0"), "--max-pages"),
        (("crawl", POST, "--include", "("), "is no regular expression"),
        (("crawl", POST, "--connect-to", "a:b"), "as curl has it"),
        (("crawl", POST, "--cacert", "missing.pem"), "missing.pem"),
        (("crawl", POST, "--proxy", "socks5://a"), "--proxy"),
        (("crawl", POST, "--since", "yesterday"), "--since"),
        (("find",), "give something to find"),
        (("finde",), "No such command"),
        (("extract", "missing.html"), "missing.html"),
    ],
)
def test_wrong_usage_is_told_in_one_line(arguments: tuple[str, ...], says: str, tmp_path: Path) -> None:
    assert says in complaint(archiver(*arguments, cwd=tmp_path), 2)


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        ("[crawl]\ndealy = 2\n", "unknown key `crawl.dealy`: write `delay` instead"),
        ("[crawl]\nmax-pages = 2\n", "unknown key `crawl.max-pages`: write `max_pages` instead"),
        ("[crwal]\ndelay = 2\n", "unknown key `crwal`: write `crawl` instead"),
        ("[crawl]\ndelay = 'two'\n", "`crawl.delay`: `two` is no time: write 90s, 15m or 2h"),
        ("[crawl\n", "is not valid TOML"),
    ],
)
def test_a_misspelt_key_is_named_with_what_to_write_instead(toml: str, says: str, data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "archiver.toml").write_text(toml)

    line = complaint(archiver("crawl", POST, "--archive", data_dir), 2)

    assert says in line and "archiver.toml" in line
    assert [path.name for path in data_dir.iterdir()] == ["archiver.toml"]


def test_seeds_that_fail_are_listed_and_the_others_are_captured(web: Web, data_dir: Path) -> None:
    web["blog.example", "/post/"] = page("A post")
    stranger = "https://blog.example/post/?again"
    no_host, private = "https://no-such-host.invalid/", "http://127.0.0.1:1/secret"

    ended = archiver("crawl", no_host, private, POST, f"{POST}gone/", "--archive", data_dir, *pointed_at(web))

    assert ended.code == 4
    *told, last = ended.complaints
    listed = [line for line in told if line.startswith("failed: ")]
    assert sorted(line.split(": ")[1] for line in listed) == sorted([no_host, private, f"{POST}gone/"])
    assert any("no-such-host.invalid was not found" in line for line in listed)
    assert any("not on the public internet" in line and "--allow-private" in line for line in listed)
    assert any("answered 404" in line for line in listed)
    assert last == "archiver: 3 seeds or pages failed; the same command tries them again"
    assert (POST, 200) in captures(data_dir) and (stranger, 200) not in captures(data_dir)


def test_a_certificate_that_nobody_vouches_for_fails_its_seed_only(web: Web, data_dir: Path, tmp_path: Path) -> None:
    web["blog.example", "/post/"] = page("A post")
    rules = [part for rule in web.connect_to for part in ("--connect-to", rule)]

    ended = archiver("crawl", POST, "http://blog.example/post/", "--archive", data_dir, "--delay", "0", *rules)

    assert ended.code == 4
    assert f"failed: {POST}: its robots.txt could not be read: the certificate of blog.example is not trusted" in ended.err
    assert ("http://blog.example/post/", 200) in captures(data_dir)


def test_what_is_not_known_is_told_for_each_and_for_all(crawled: Crawled) -> None:
    ended = archiver_apart("find", "pic.twitter.com/unknown0", "@nobody", "--archive", crawled.data_dir)

    assert ended.code == 5
    assert len(ended.complaints) == 3
    assert complaint(archiver("show", "@nobody", "--archive", crawled.data_dir), 5).startswith("`@nobody` is not known")
    assert "has these words" in complaint(archiver("search", "xylophone", "--archive", crawled.data_dir), 5)


def test_where_there_is_no_archive_the_way_to_one_is_told(tmp_path: Path) -> None:
    for command in (("find", "x"), ("search", "x"), ("show", "x"), ("status",)):
        assert "begin one with `archiver crawl URL" in complaint(archiver(*command, "--archive", tmp_path / "none"), 2)


@pytest.mark.parametrize("place", ["file", "file/below", "/proc/archive"])
def test_a_folder_that_cannot_be_written_to_is_told_with_the_way_out(place: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")

    line = complaint(archiver("crawl", POST, "--archive", tmp_path / place), 6)

    assert "cannot create" in line and "--archive DIR" in line


def test_a_disk_that_is_full_is_told_and_what_was_safe_stays(web: Web, data_dir: Path) -> None:
    for number in range(40):
        web["blog.example", f"/{number}/"] = page(os.urandom(40_000).hex())
    archiver("crawl", "https://blog.example/0/", "--archive", data_dir, *pointed_at(web))
    urls = [f"https://blog.example/{number}/" for number in range(1, 40)]
    # Files may not grow beyond a size: the operating system then refuses to write as on a full disk, also for root.
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (700_000,) * 2);"
        "from archiver.cli import run; sys.exit(run(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", code, "crawl", *urls, "--archive", str(data_dir), *pointed_at(web)]

    raw = subprocess.run(command, env=environment(), capture_output=True, timeout=60, check=False)
    ended = Ended(raw.returncode, raw.stdout, raw.stderr)

    assert ended.code == 6, ended
    assert "Traceback" not in ended.err and "room" in ended.complaints[-1]
    assert ("https://blog.example/0/", 200) in captures(data_dir)
    assert archiver("find", "https://blog.example/0/", "--archive", data_dir).code == 0
    again = archiver("crawl", *urls, "--archive", data_dir, *pointed_at(web))
    assert again.code == 0, again
    assert {(url, 200) for url in urls} <= captures(data_dir)


def test_a_damaged_index_is_told_with_the_command_that_mends_it(web: Web, data_dir: Path) -> None:
    web["blog.example", "/post/"] = page("A post")
    archiver("crawl", POST, "--archive", data_dir, *pointed_at(web))
    (data_dir / "index.db").write_bytes(b"this is no database " * 1000)

    assert "archiver reindex" in complaint(archiver("find", POST, "--archive", data_dir), 6)
    assert archiver("reindex", "--archive", data_dir).code == 0
    assert archiver("find", POST, "--archive", data_dir).code == 0


def test_an_index_of_a_newer_program_is_refused(web: Web, data_dir: Path) -> None:
    web["blog.example", "/post/"] = page("A post")
    archiver("crawl", POST, "--archive", data_dir, *pointed_at(web))
    with closing(sqlite3.connect(data_dir / "index.db")) as database:
        database.execute("PRAGMA user_version = 999")

    assert "upgrade embed-archiver" in complaint(archiver("find", POST, "--archive", data_dir), 6)


def test_there_is_a_traceback_with_v_and_none_without() -> None:
    arguments = ("crawl", "nonsense", "--archive", "/proc/archive")

    assert "Traceback" not in archiver(*arguments).err
    assert "Traceback" in archiver(*arguments, "-v").err
    assert archiver(*arguments, "-v").complaints[-1] == archiver(*arguments).complaints[-1]


def test_quiet_says_nothing_but_results_and_errors(web: Web, data_dir: Path) -> None:
    web["blog.example", "/post/"] = page("A post")

    good = archiver("crawl", POST, "-q", "--archive", data_dir, *pointed_at(web))
    bad = archiver("crawl", f"{POST}gone/", "-q", "--archive", data_dir, *pointed_at(web))

    assert (good.code, good.out, good.err) == (0, "", "")
    assert bad.code == 4 and bad.out == ""
    assert bad.complaints[0] == f"failed: {POST}gone/: answered 404"


def test_a_crawl_tells_what_it_kept(crawled: Crawled, data_dir: Path) -> None:
    ended = archiver_apart("crawl", SAMPLE_POST, "--archive", data_dir, *pointed_at(crawled.web))

    assert ended.code == 0 and ended.err == ""
    assert ended.out.startswith("1 page with 3 embeds, ")


def test_whoever_reads_only_the_first_line_gets_it_and_nobody_complains(crawled: Crawled) -> None:
    command = subprocess.Popen(
        [*COMMAND, "search", "a*", "--json", "--archive", str(crawled.data_dir)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(),
    )  # fmt: skip
    assert command.stdout is not None and command.stderr is not None
    command.stdout.close()  # before the first line is written, as `head -0` does
    complaints = command.stderr.read()
    command.stderr.close()

    assert command.wait() in (0, -signal.SIGPIPE)
    assert complaints == b""


LONG = "a" * 300


def test_v_is_known_by_parsing_and_not_by_its_letters(tmp_path: Path) -> None:
    """-qv gave no traceback, and a -v that was an argument behind -- gave one."""
    nowhere = tmp_path / "none"

    assert "Traceback" in archiver("status", "-qv", "--archive", nowhere).err
    assert "Traceback" not in archiver("find", "--archive", nowhere, "--", "-v").err
    assert "Traceback" not in archiver("status", "--archive", nowhere).err


def test_a_reference_longer_than_a_file_name_is_one_that_is_not_known(crawled: Crawled) -> None:
    """The system refuses to look for such a file, and that was told as a bug of ours."""
    for reference in (f"https://blog.example/{LONG}", f"{LONG}.jpg", f"x/{LONG}"):
        assert archiver("find", reference, "--archive", crawled.data_dir).code == 5


def test_a_file_that_cannot_be_read_is_told_with_what_to_give(crawled: Crawled) -> None:
    """It was told as a bug of ours. Linux lets anyone open this file, and nobody read its first byte."""
    assert "give a file that you may read" in complaint(archiver("find", "/proc/self/mem", "--archive", crawled.data_dir), 2)


def test_a_folder_with_too_long_a_name_is_told_with_the_way_out(tmp_path: Path) -> None:
    """It was told as a bug of ours."""
    for command in (("find", "x"), ("search", "x"), ("status",)):
        assert "--archive DIR" in complaint(archiver(*command, "--archive", tmp_path / LONG), 6)
    ended = archiver("doctor", "--archive", tmp_path / LONG)
    assert ended.code == 2 and "File name too long" in ended.out and "--archive DIR" in ended.out


def test_a_url_is_nothing_that_extract_reads() -> None:
    """It lost one of its slashes and was then a file that is not there."""
    assert "https://blog.example/ is a URL" in complaint(archiver("extract", "https://blog.example/"), 2)


def test_of_very_many_failures_the_count_stays_true(capsys: pytest.CaptureFixture[str]) -> None:
    """A crawl that left a million pages waiting listed them all."""
    named = [(f"https://blog.example/{number}/", "was not reached in this run") for number in range(1000)]

    print_failed([*named, ("999,000 more", "failed, or were not reached in this run")])

    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 22
    assert lines[-2:] == ["failed: and 980 more", "failed: and 999,000 more that failed, or were not reached in this run"]
    assert count_of_failed(1001) == "more than 1,000 seeds or pages failed; the same command tries them again"
