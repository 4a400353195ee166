"""Crawls that are killed, interrupted, or started twice: the same command goes on."""

import asyncio
import signal
import threading
from pathlib import Path
from subprocess import Popen

import pytest

from tests.support.crawling import captures, crawl_of, rows
from tests.support.program import archiver, begin, pointed_at
from tests.support.waiting import PATIENCE_SECONDS, interrupt, until
from tests.support.webs import Asked, Web, Writer, page, sitemap

SITE = "https://blog.example/"
SEED = f"{SITE}sitemap.xml"
COUNT = 24
SLOW, STUCK = 8, 16
SLOW_SECONDS = 1.2  # longer than a group of records is kept back, so that all before it is safe


@pytest.fixture
def stuck(web: Web) -> threading.Event:
    """A blog whose page 16 says nothing until the event is set. What came before page 8 is safe by then."""
    go_on = threading.Event()

    async def slow(_: Asked, writer: Writer) -> None:
        await asyncio.sleep(0 if go_on.is_set() else SLOW_SECONDS)
        writer.write(page("A slow page"))

    async def silent(_: Asked, writer: Writer) -> None:
        while not go_on.is_set():
            await asyncio.sleep(0.01)
        writer.write(page("A page at last"))

    web["blog.example", "/sitemap.xml"] = sitemap(*(f"{SITE}{number}/" for number in range(COUNT)))
    for number in range(COUNT):
        web["blog.example", f"/{number}/"] = page(f"Post {number}")
    web["blog.example", f"/{SLOW}/"] = slow
    web["blog.example", f"/{STUCK}/"] = silent
    return go_on


def crawl_until_it_is_stuck(web: Web, data_dir: Path) -> "Popen[bytes]":
    process = begin("crawl", SEED, "--archive", data_dir, "--concurrency", "1", *pointed_at(web))
    until(lambda: f"{SITE}{STUCK}/" in web.urls(), process)
    return process


def test_a_crawl_that_was_killed_goes_on_and_ends_as_if_never_killed(web: Web, data_dir: Path, stuck: threading.Event) -> None:
    process = crawl_until_it_is_stuck(web, data_dir)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    safe = {url for url, _ in captures(data_dir)}
    assert f"{SITE}{SLOW - 1}/" in safe
    stuck.set()
    web.asked.clear()

    report = crawl_of(web, data_dir, SEED)

    asked = set(web.urls())
    assert not asked & safe
    assert f"{SITE}{STUCK}/" in asked
    undisturbed = data_dir.with_name("undisturbed")
    crawl_of(web, undisturbed, SEED)
    assert captures(data_dir) == captures(undisturbed)
    assert rows(data_dir, "SELECT count(*) FROM captures") == rows(undisturbed, "SELECT count(*) FROM captures")
    assert rows(data_dir, "SELECT url FROM pages ORDER BY url") == rows(undisturbed, "SELECT url FROM pages ORDER BY url")
    assert report.outcome.failed == [] and report.outcome.waiting == 0


def test_ctrl_c_ends_a_crawl_with_130_and_the_same_command_goes_on(web: Web, data_dir: Path, stuck: threading.Event) -> None:
    process = crawl_until_it_is_stuck(web, data_dir)
    interrupt(process)
    stuck.set()
    out, err = process.communicate(timeout=PATIENCE_SECONDS)

    assert process.returncode == 130, (out, err)
    assert err.strip().endswith(b"interrupted; the same command goes on from what is kept")
    assert b"failed" not in err  # what waits has not failed
    assert (f"{SITE}{STUCK}/", 200) in captures(data_dir)  # what was under way came to its end
    web.asked.clear()
    report = crawl_of(web, data_dir, SEED)
    assert set(web.urls()) == {f"{SITE}{number}/" for number in range(STUCK + 1, COUNT)}
    assert report.outcome.waiting == 0


def test_a_second_ctrl_c_waits_for_nobody(web: Web, data_dir: Path, stuck: threading.Event) -> None:
    process = crawl_until_it_is_stuck(web, data_dir)
    interrupt(process)  # two signals at once would be one
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE_SECONDS)

    assert process.returncode == 130, err
    assert not stuck.is_set()
    stuck.set()
    crawl_of(web, data_dir, SEED)
    assert (f"{SITE}{STUCK}/", 200) in captures(data_dir)


def test_while_one_crawl_writes_another_is_told_who_does(web: Web, data_dir: Path, stuck: threading.Event) -> None:
    process = crawl_until_it_is_stuck(web, data_dir)
    try:
        second = archiver("crawl", f"{SITE}0/", "--archive", data_dir, *pointed_at(web))
    finally:
        process.kill()
        process.communicate()

    assert second.code == 3
    [line] = second.complaints
    assert f"{data_dir} is being written to by process {process.pid} (job crawl, since " in line
    assert line.endswith("): wait for it to end, or stop it")


def test_while_one_crawl_writes_others_may_read(web: Web, data_dir: Path, stuck: threading.Event) -> None:
    process = crawl_until_it_is_stuck(web, data_dir)
    try:
        found = archiver("find", f"{SITE}0/", "--archive", data_dir, "--json")
    finally:
        process.kill()
        process.communicate()

    assert found.code == 0
    assert found.lines[0]["url"] == f"{SITE}0/"
