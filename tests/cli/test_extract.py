"""`archiver extract` as users run it: what it prints, how it ends, and how it is ended."""

import signal
import zipfile
from pathlib import Path

import pytest

from tests.support.foreign_warcs import tweet_page, write_warc
from tests.support.program import archiver, begin

BLOG = "https://blog.example/"


@pytest.fixture
def warc(tmp_path: Path) -> Path:
    return write_warc(tmp_path / "crawl.warc.gz", [(f"{BLOG}{number}", tweet_page(number)) for number in range(4)])


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """So many pages that their lines do not fit into a pipe."""
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(400):
        (folder / f"{number:03}.html").write_bytes(tweet_page(number))
    return folder


def test_a_warc_and_a_wacz_give_a_line_a_page_with_the_records_urls(warc: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "collection.wacz", "w") as wacz:
        wacz.write(warc, "archive/data.warc.gz")

    for arguments, given in (((warc,), b""), ((tmp_path / "collection.wacz",), b""), (("-",), warc.read_bytes())):
        ended = archiver("extract", *arguments, "--json", "--workers", "2", given=given)
        assert ended.code == 0 and ended.err == "", ended
        assert [line["source"] for line in ended.lines] == [f"{BLOG}{number}" for number in range(4)]
        assert all(line["url"] == line["source"] and len(line["embeds"]) == 1 for line in ended.lines)


def test_what_cannot_be_read_is_named_on_standard_error_and_the_rest_is_printed(warc: Path) -> None:
    with warc.open("rb+") as file:
        file.truncate(warc.stat().st_size - 600)

    ended = archiver("extract", warc, "--json")

    assert ended.code == 4
    assert len(ended.lines) == 3
    first, last = ended.complaints
    assert first.startswith("archiver: crawl.warc.gz cannot be read from byte ")
    assert last == "archiver: 1 of the pages, or parts of files, could not be read; all others were"


def test_of_very_many_complaints_the_first_are_shown_and_all_are_counted(tmp_path: Path) -> None:
    for number in range(120):
        (tmp_path / f"{number:03}.wacz").write_bytes(b"nothing of the kind")

    ended = archiver("extract", tmp_path)

    assert ended.code == 4
    assert len(ended.complaints) == 102
    assert ended.complaints[-1].startswith("archiver: 120 of the pages")


def test_a_name_from_a_hostile_wacz_cannot_command_a_terminal(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "hostile.wacz", "w", zipfile.ZIP_BZIP2) as wacz:
        wacz.writestr("archive/\x1b[2J\narchiver: all is well.warc.gz", b"")

    ended = archiver("extract", tmp_path / "hostile.wacz")

    assert ended.code == 4
    assert "\x1b" not in ended.err
    assert len(ended.complaints) == 2


def test_whoever_reads_the_output_may_stop_at_any_line(many: Path) -> None:
    running = begin("extract", many, "--json", "--workers", "2")
    assert running.stdout is not None and running.stderr is not None
    running.stdout.readline()
    running.stdout.close()

    assert running.stderr.read() == b""
    assert running.wait() == 0
    running.stderr.close()


def test_an_interrupt_ends_it_at_once_and_all_its_processes(many: Path) -> None:
    running = begin("extract", many, "--json", "--workers", "2")
    assert running.stdout is not None and running.stderr is not None
    running.stdout.readline()
    children = Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text().split()

    running.send_signal(signal.SIGINT)
    running.stdout.read()
    complaints = running.stderr.read().decode()

    assert running.wait() == 130
    assert complaints.split()[0] == "interrupted;" and "Traceback" not in complaints
    assert len(children) == 2
    assert not [child for child in children if Path(f"/proc/{child}").exists()]
    running.stdout.close()
    running.stderr.close()


def test_zero_processes_are_wrong_usage(many: Path) -> None:
    assert archiver("extract", many, "--workers", "0").code == 2
