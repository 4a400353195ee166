"""Disks that are full, read-only, or fail: nothing that was kept is lost, the reason is told, the same command goes on."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from archiver.cli import run
from archiver.sampleweb import DIARY_URL, SampleWeb
from tests.faults.attempts import Attempt, Nursery
from tests.faults.disks import Disk
from tests.faults.moments import WRITE, Moment
from tests.faults.soundness import assert_nothing_waits, assert_same_holdings, assert_sound
from tests.support.program import Ended, pointed_at

FULL, READ_ONLY = 6, 6
ROOMY = "64m"


def complaint(ended: Ended, code: int) -> str:
    """The last line of a command that ended with this code, and without a traceback."""
    assert ended.code == code and "Traceback" not in ended.err, ended
    return ended.complaints[-1]


@pytest.fixture
def disk(nursery: Nursery, tmp_path: Path) -> Iterator[Disk]:
    """Of a megabyte and a half: an archive of the diary takes two."""
    with Disk(nursery, tmp_path, "1500k") as small:
        yield small


def crawl(disk: Disk, web: SampleWeb) -> Ended:
    return disk.archiver("crawl", DIARY_URL, *pointed_at(web))


def test_a_crawl_that_runs_into_a_full_disk_goes_on_when_there_is_room(disk: Disk, sample: SampleWeb, calm: Path) -> None:
    disk.make(min_free="1kB")  # so that it is the disk that says no

    assert "room" in complaint(crawl(disk, sample), FULL)
    assert "room" in complaint(crawl(disk, sample), FULL), "as long as there is none"
    disk.remount(f"size={ROOMY}")
    again = crawl(disk, sample)

    assert again.code == 0, again
    disk.do(partial(assert_nothing_waits, disk.data_dir))
    disk.do(partial(assert_sound, disk.data_dir))
    disk.do(partial(assert_same_holdings, disk.data_dir, calm))


def test_a_crawl_that_would_leave_too_little_room_does_not_begin(disk: Disk, sample: SampleWeb) -> None:
    disk.make(screenshots="none")

    line = complaint(crawl(disk, sample), FULL)

    assert "are free" in line and "500 MB" in line and "min_free" in line
    assert disk.do(partial(sorted, disk.do(partial(_names, disk.data_dir)))) == ["archiver.toml"]


def _names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if not path.name.startswith(".")]


def test_an_archive_on_a_read_only_disk_can_be_read_and_is_crawled_when_that_is_over(
    disk: Disk, sample: SampleWeb, calm: Path
) -> None:
    disk.remount(f"size={ROOMY}")
    disk.make(min_free="1kB")
    assert crawl(disk, sample).code == 0
    disk.remount("ro")

    line = complaint(crawl(disk, sample), READ_ONLY)
    found = disk.archiver("find", DIARY_URL)
    disk.remount("rw")

    assert "Read-only file system" in line and "Choose another folder" in line
    assert found.code == 0, found
    assert crawl(disk, sample).code == 0
    disk.do(partial(assert_sound, disk.data_dir))


@pytest.mark.parametrize("moment", [Moment(WRITE, 1, "refused"), Moment("fsync", 2, "refused")], ids=["write", "fsync"])
def test_a_disk_that_fails_ends_a_crawl_and_the_same_command_goes_on(
    moment: Moment, nursery: Nursery, sample: SampleWeb, calm: Path, tmp_path: Path
) -> None:
    data_dir = tmp_path / "archive"
    command = partial(run, ["crawl", DIARY_URL, "--archive", str(data_dir), *pointed_at(sample)])

    ended = nursery.attempt(Attempt(command, moment=moment))

    assert ended.result == FULL, ended
    assert "Input/output error" in ended.told and "Traceback" not in ended.told
    assert nursery.do(command) == 0
    assert_nothing_waits(data_dir)
    assert_sound(data_dir)
    assert_same_holdings(data_dir, calm)
