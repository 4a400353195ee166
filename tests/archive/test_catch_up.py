"""A crash between WARC and index loses nothing: the next start indexes what is there, and no row is without its bytes."""

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from archiver.model.exchange import Crawl
from archiver.recording.recorder import Recorder
from archiver.sampleweb import NOTEBOOK_URL, SampleWeb, running_sample_web
from archiver.storage.files.paths import ArchivePaths, warc_files
from archiver.tasks.reindex import reindex
from tests.support.crawled import Crawled, places_in_index
from tests.support.tables import assert_same, tables_of
from tests.support.warc_members import members_of

NEXT_RUN = Crawl("6b0f1d3e-0000-4000-8000-000000000002", "next", "2030-01-01T00:00:00.000Z", "tests/1", "{}")
DEADLINE_SECONDS = 60  # for what happens in one or two


def catch_up(data_dir: Path) -> int:
    """What the next crawl does first. Returns how many records it found."""
    recorder = Recorder(data_dir, NEXT_RUN)
    try:
        return recorder.catch_up()
    finally:
        recorder.close()


def crashed_after_day_1(crawled: Crawled, folder: Path) -> Path:
    """All WARC files are there; the index is as it was before days 2 and 3."""
    data_dir = crawled.copy(folder)
    shutil.copy(crawled.first_day / "index.db", data_dir / "index.db")
    return data_dir


def places_in_warcs(data_dir: Path) -> list[tuple[object, ...]]:
    """The same, from the files themselves; a torn end is passed over."""
    paths = ArchivePaths(data_dir)
    return sorted(
        (paths.relative(path), member.offset, member.length, member.record_id, member.url, member.kind)
        for path in warc_files(paths)
        for member in members_of(path, torn=True)
        if member.kind in ("response", "revisit")
    )


def test_what_was_written_and_not_indexed_is_indexed_at_the_next_start(crawled: Crawled, tmp_path: Path) -> None:
    data_dir = crashed_after_day_1(crawled, tmp_path)
    assert catch_up(data_dir) > 100
    assert_same(tables_of(crawled.data_dir), tables_of(data_dir))
    assert catch_up(data_dir) == 0, "nothing is read twice"


def test_so_it_is_without_any_index(crawled: Crawled, tmp_path: Path) -> None:
    data_dir = crawled.copy(tmp_path)
    (data_dir / "index.db").unlink()
    catch_up(data_dir)
    assert_same(tables_of(crawled.data_dir), tables_of(data_dir))


@pytest.mark.parametrize(
    ("kind", "part"), [("response", 0.001), ("response", 0.5), ("response", 0.999), ("request", 0.9), ("revisit", 0.3)]
)
def test_a_torn_record_at_the_end_is_passed_over(crawled: Crawled, tmp_path: Path, kind: str, part: float) -> None:
    data_dir = crashed_after_day_1(crawled, tmp_path)
    file = warc_files(ArchivePaths(data_dir))[-1]
    last = [member for member in members_of(file) if member.kind == kind][-1]
    with file.open("rb+") as opened:
        opened.truncate(last.offset + max(1, int(last.length * part)))
    catch_up(data_dir)
    assert places_in_index(data_dir) == places_in_warcs(data_dir)
    assert catch_up(data_dir) == 0


def test_damaged_bytes_in_the_middle_cost_one_record(crawled: Crawled, tmp_path: Path) -> None:
    data_dir = crawled.copy(tmp_path)
    file = warc_files(ArchivePaths(data_dir))[-1]
    hurt = [member for member in members_of(file) if member.kind == "response"][3]
    damaged = bytearray(file.read_bytes())
    damaged[hurt.offset + hurt.length // 2] ^= 0xFF
    file.write_bytes(damaged)
    whole = places_in_index(data_dir)
    reindex(data_dir)
    assert set(whole) - set(places_in_index(data_dir)) == {row for row in whole if row[3] == hurt.record_id}


# --- a crawl that is killed ---------------------------------------------------------------------------------------------------


def crawl_killed_after(web: SampleWeb, data_dir: Path, requests: int) -> list[int]:
    """Starts the command, kills it when the web has seen so many requests. Returns the processes that it had started."""
    command = [sys.executable, "-m", "archiver.cli", "crawl", NOTEBOOK_URL, "--archive", str(data_dir), "--delay", "0", "-q"]
    routes = (part for route in web.connect_to for part in ("--connect-to", route))
    command += ["--no-screenshots", "--cacert", str(web.cacert), *routes]
    process = subprocess.Popen(command)
    wait_until(lambda: len(web.requests) >= requests or process.poll() is not None)
    assert process.poll() is None, "it ended before it could be killed"
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    process.send_signal(signal.SIGKILL)
    process.wait()
    return [int(child) for child in children]


def wait_until(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + DEADLINE_SECONDS
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


@pytest.mark.parametrize("requests", [40, 150])
def test_a_crawl_that_was_killed_leaves_nothing_unindexed_behind(tmp_path: Path, requests: int) -> None:
    data_dir = tmp_path / "archive"
    with running_sample_web(tmp_path) as web:
        children = crawl_killed_after(web, data_dir, requests)
    assert set(places_in_index(data_dir)) <= set(places_in_warcs(data_dir)), "no row without its bytes"
    catch_up(data_dir)
    assert places_in_index(data_dir) == places_in_warcs(data_dir)
    caught_up = tables_of(data_dir)
    reindex(data_dir)
    assert caught_up == tables_of(data_dir)
    wait_until(lambda: not any(Path(f"/proc/{child}").exists() for child in children))


def test_after_a_clean_end_there_is_nothing_to_catch_up_with(crawled: Crawled, tmp_path: Path) -> None:
    assert catch_up(crawled.copy(tmp_path)) == 0
