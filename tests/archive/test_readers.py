"""Readers beside a writer: four processes look things up in a loop while a crawl writes, and while a reindex swaps the file."""

import json
import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from archiver.cli import run
from archiver.recording.recorder import Recorder
from archiver.tasks.reindex import reindex
from tests.support.crawled import index_of
from tests.support.exchanges import MOMENT, PAGE_URL, exchange
from tests.support.recording import NEXT_CRAWL, keep, recording

READERS = 4
ROUNDS = 2  # that each reader comes to while the writer is at work
TWEET = '<blockquote class="twitter-tweet"><p>words {n}</p>&mdash; A (@a) <a href="https://twitter.com/a/status/{n}">x</a></blockquote>'
COMMANDS = (("find", PAGE_URL), ("search", "words"), ("status",), ("show", "https://twitter.com/a/status/1000"))


def read_in_a_loop(data_dir: Path, number: int, ended: Event, told: "multiprocessing.Queue[tuple[int, int]]") -> None:
    """Tells of each round: which reader, and the exit code."""
    while not ended.is_set():
        told.put((number, run([*COMMANDS[number], "--archive", str(data_dir), "--json"])))


@contextmanager
def readers(data_dir: Path) -> Iterator[Callable[[], list[tuple[int, int]]]]:
    """Four of them, until the block ends. What is given waits until each came to so many rounds since it was called."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])  # imported once, not by each of them
    ended, told = context.Event(), context.Queue()
    processes = [context.Process(target=read_in_a_loop, args=(data_dir, number, ended, told)) for number in range(READERS)]
    for process in processes:
        process.start()

    def rounds() -> list[tuple[int, int]]:
        heard: list[tuple[int, int]] = []
        while any(sum(1 for each, _ in heard if each == number) < ROUNDS for number in range(READERS)):
            heard.append(told.get(timeout=60))
        return heard

    try:
        yield rounds
    finally:
        ended.set()
        for process in processes:
            while process.is_alive():  # a queue that nobody empties keeps its process
                while not told.empty():
                    told.get()
                process.join(0.05)


def page_of(number: int) -> str:
    return f"<title>A post {number}</title><p>{TWEET.format(n=number)}</p>"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    with recording(tmp_path) as recorder:
        keep(recorder, exchange(body=page_of(1000).encode()))
    return tmp_path


def test_nobody_waits_for_the_writer_and_nobody_is_locked_out(archive: Path, capfd: pytest.CaptureFixture[str]) -> None:
    writer = Recorder(archive, NEXT_CRAWL, clock=lambda: MOMENT)
    with readers(archive) as rounds:
        keep(writer, exchange("https://blog.example/2/", page_of(2).encode(), seconds=1))
        writer.commit()  # nothing is being written by its own thread
        writer.index.database.execute("BEGIN IMMEDIATE")  # in the middle of a transaction, for as long as they like
        writer.index.database.execute("UPDATE crawls SET job = 'being written'")
        heard = rounds()
        writer.index.database.execute("ROLLBACK")
        for number in range(3, 20):  # while one group after the other is written
            keep(writer, exchange(f"https://blog.example/{number}/", page_of(number).encode(), seconds=number))
            writer.commit()
        heard += rounds()
        writer.close()
        for _ in range(2):  # and while a reindex swaps the file
            reindex(archive)
        heard += rounds()
    said = capfd.readouterr()
    assert {code for _, code in heard} == {0}, said.err
    assert "locked" not in said.err
    assert all(json.loads(line) for line in said.out.splitlines())
    with index_of(archive) as database:
        assert database.execute("SELECT count(*) FROM pages").fetchone() == (19,)
