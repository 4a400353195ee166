"""`archiver extract` with several processes: the same as with none, whatever the pages do to them."""

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.model.findings import ExtractedPage
from archiver.tasks.extract import extract as task
from archiver.tasks.extract.extract import extract
from archiver.tasks.extract.jobs import Job, SavedPage, Unread
from tests.support.foreign_warcs import tweet_page, write_warc

BLOG = "https://blog.example/"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Pages of different length as files and in a WARC with one damaged record; and a file that is called a WACZ and is none."""
    folder = tmp_path / "pages"
    folder.mkdir()
    for number in range(40):
        (folder / f"{number:02}.html").write_bytes(tweet_page(number, filler=20_000 if number % 9 == 0 else 1))
    path = write_warc(folder / "10.warc.gz", [(f"{BLOG}{number}", tweet_page(number, 5_000)) for number in range(30)])
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    (folder / "20.wacz").write_bytes(b"nothing of the kind")
    return folder


def test_several_processes_give_the_same_in_the_same_order(folder: Path) -> None:
    alone = list(extract([folder]))

    assert len(alone) > 60
    assert sum(isinstance(one, Unread) for one in alone) == 2
    for workers in (1, 3):
        assert list(extract([folder], workers=workers)) == alone


def test_a_single_page_is_read_by_one_process(folder: Path) -> None:
    (page,) = extract([folder / "01.html"], workers=2)

    assert isinstance(page, ExtractedPage)
    assert page.to_json()["title"] == "Page 1"


def test_a_single_page_that_ends_its_process_costs_itself(tmp_path: Path) -> None:
    """It was read in the program's own process, and ended that."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    killing = threading.Thread(target=kill_the_reader_of, args=(pipe,))
    killing.start()

    found = list(task._read_in_workers(iter([SavedPage("bad", pipe)]), 2))

    killing.join()
    assert found == [Unread("bad", "could not be read: it brought the reading process down")]


def test_a_file_whose_name_is_no_unicode_is_read(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.html")
    path.write_bytes(tweet_page(1))

    (page,) = extract([path], workers=1)

    assert isinstance(page, ExtractedPage)
    assert page.source == "caf\ufffd.html"


def test_pages_come_while_later_ones_are_not_found_yet(folder: Path) -> None:
    """A WARC may be larger than memory: no more than a window of it is held."""
    taken = 0

    def jobs() -> Iterator[Job | Unread]:
        nonlocal taken
        for number in range(500):
            taken += 1
            yield SavedPage(f"{number}", folder / "01.html")

    pages = task._read_in_workers(jobs(), 2)
    next(pages)

    assert taken <= 3 * task.WINDOW
    assert len(list(pages)) == 499


def test_no_more_bytes_are_held_than_the_window_has(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task, "WINDOW_BYTES", 1)

    assert list(extract([folder], workers=2)) == list(extract([folder]))


@pytest.mark.parametrize("mishap", ["killed", "hanging"])
def test_a_page_that_ends_its_process_or_never_ends_costs_itself(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mishap: str
) -> None:
    """The page is a pipe: whoever reads it waits until somebody writes, and can be killed there."""
    monkeypatch.setattr(task, "PATIENCE_SECONDS", 2 if mishap == "hanging" else 600)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    jobs = [SavedPage("bad", pipe) if number == 3 else SavedPage(f"{number}", folder / "01.html") for number in range(12)]
    if mishap == "killed":
        killing = threading.Thread(target=kill_the_reader_of, args=(pipe,))
        killing.start()

    found = list(task._read_in_workers(iter(jobs), 2))

    if mishap == "killed":
        killing.join()
    why = "it brought the reading process down" if mishap == "killed" else "it was not read within 2 seconds"
    assert found[3] == Unread("bad", f"could not be read: {why}")
    assert [one.source for one in found if isinstance(one, ExtractedPage)] == [str(number) for number in range(12) if number != 3]


def kill_the_reader_of(pipe: Path) -> None:
    with pipe.open("wb"):  # waits for the reader
        for process in Path("/proc").glob("[0-9]*"):
            if int(process.name) != os.getpid() and has_open(process, pipe):
                os.kill(int(process.name), signal.SIGKILL)


def has_open(process: Path, file: Path) -> bool:
    try:
        return any(descriptor.exists() and descriptor.samefile(file) for descriptor in (process / "fd").iterdir())
    except OSError:  # it has ended, or belongs to somebody else
        return False
