"""Files that are lost, overwritten or damaged: all that they did not hold is still there, and what to do is told."""

import random
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from archiver.cli import run
from archiver.sampleweb import DIARY_URL, SampleWeb
from tests.faults.attempts import Attempt, Nursery
from tests.faults.failing import WithFailingFile
from tests.faults.killing import warcs_of
from tests.faults.soundness import assert_nothing_waits, assert_same_holdings, assert_sound, held
from tests.support.program import Ended, archiver, pointed_at
from tests.support.warc_members import members_of

STORAGE, DAMAGED = 6, 7
JUNK = random.Random(5).randbytes(50_000)


def lose(data_dir: Path, *names: str) -> None:
    """The database files of these names, with what SQLite keeps beside them."""
    for name in names:
        for path in data_dir.glob(f"{name}*"):
            path.unlink()


def overwrite(data_dir: Path, name: str) -> None:
    lose(data_dir, name)
    (data_dir / name).write_bytes(JUNK)


def complaint(ended: Ended, code: int) -> str:
    """The one line of a command that ended with this code."""
    assert ended.code == code, ended
    [line] = ended.complaints
    return line


def crawled_on(nursery: Nursery, web: SampleWeb, data_dir: Path) -> Path:
    """After the same command, which comes to a good end."""
    assert nursery.do(partial(run, ["crawl", DIARY_URL, "--archive", str(data_dir), "-q", *pointed_at(web)])) == 0
    return data_dir


# --- databases ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("names", [("index.db",), ("state.db",), ("index.db", "state.db")], ids="+".join)
def test_a_crawl_that_was_killed_goes_on_without_its_databases(
    names: tuple[str, ...], killed: Path, sample: SampleWeb, nursery: Nursery, calm: Path
) -> None:
    before = held(killed)
    lose(killed, *names)

    crawled_on(nursery, sample, killed)

    assert_nothing_waits(killed)
    assert_sound(killed)
    assert not before - held(killed)
    assert_same_holdings(killed, calm, begun_anew="state.db" in names)


def test_an_index_full_of_junk_is_told_with_the_command_that_mends_it(
    killed: Path, sample: SampleWeb, nursery: Nursery, calm: Path
) -> None:
    overwrite(killed, "index.db")

    line = complaint(archiver("crawl", DIARY_URL, "--archive", killed, *pointed_at(sample)), STORAGE)

    assert "index.db" in line and "`archiver reindex`" in line
    assert nursery.do(partial(run, ["reindex", "-q", "--archive", str(killed)])) == 0
    crawled_on(nursery, sample, killed)
    assert_sound(killed)
    assert_same_holdings(killed, calm)


def test_a_frontier_full_of_junk_is_told_and_moved_away_it_is_not_missed(
    killed: Path, sample: SampleWeb, nursery: Nursery, calm: Path
) -> None:
    overwrite(killed, "state.db")

    line = complaint(archiver("crawl", DIARY_URL, "--archive", killed, *pointed_at(sample)), STORAGE)

    assert "state.db" in line and "moving it away is safe" in line
    lose(killed, "state.db")
    crawled_on(nursery, sample, killed)
    assert_sound(killed)
    assert_same_holdings(killed, calm, begun_anew=True)


# --- WARC files ---------------------------------------------------------------------------------------------------------------


def flip_a_bit(file: Path) -> Callable[[], None]:
    """In the middle of a record. Returns what mends it."""
    whole = file.read_bytes()
    record = [member for member in members_of(file) if member.kind == "response"][1]
    damaged = bytearray(whole)
    damaged[record.offset + record.length // 2] ^= 0x10
    file.write_bytes(damaged)
    return lambda: file.write_bytes(whole) and None


def delete(file: Path) -> Callable[[], None]:
    """Returns what brings it back."""
    kept = file.parent.parent.parent / "kept"
    file.rename(kept)
    return lambda: shutil.move(kept, file) and None


@pytest.mark.parametrize("harm", [flip_a_bit, delete])
def test_a_harmed_file_is_named_and_costs_nothing_but_what_it_held(
    harm: Callable[[Path], Callable[[], None]], whole: Path, sample: SampleWeb, nursery: Nursery, calm: Path
) -> None:
    before = held(whole)
    hurt = warcs_of(whole)[1]
    mend = harm(hurt)

    ended = archiver("verify", "--archive", whole)

    assert ended.code == DAMAGED and "Traceback" not in ended.err, ended
    assert hurt.name in ended.out + ended.err and hurt.name not in ended.complaints[-1], ended
    others = [path for path in warcs_of(whole) if path != hurt]
    assert not any(path.name in ended.out + ended.err for path in others), ended
    crawled_on(nursery, sample, whole)  # the harm of one file stops no crawl
    mend()
    assert nursery.do(partial(run, ["verify", "-q", "--archive", str(whole)])) == 0
    assert not before - held(whole)
    assert_sound(whole)


def test_a_file_that_the_disk_cannot_read_is_named_and_takes_nothing_out_of_the_index(whole: Path, nursery: Nursery) -> None:
    hurt = warcs_of(whole)[1]
    before = held(whole)

    for command in ("verify", "reindex"):
        ended = nursery.attempt(Attempt(WithFailingFile(hurt, (command, "--archive", str(whole)))))

        assert ended.result == DAMAGED and "Traceback" not in ended.told
        assert hurt.name in ended.told and "Input/output error" in ended.told and "archiver repair --from" in ended.told
    assert held(whole) == before
    assert_sound(whole)  # the disk is mended


@pytest.mark.parametrize("command", ["reindex", "repair"])
def test_a_file_that_the_disk_cannot_read_keeps_no_other_out_of_a_new_index(command: str, whole: Path, nursery: Nursery) -> None:
    """Where the index was lost as well, nothing at all could be found, for the sake of one file."""
    hurt = warcs_of(whole)[1]
    held_there = {member.url for member in members_of(hurt)}
    before = held(whole)
    lose(whole, "index.db")

    ended = nursery.attempt(Attempt(WithFailingFile(hurt, (command, "--archive", str(whole)))))

    assert ended.result == DAMAGED and hurt.name in ended.told and "archiver repair --from" in ended.told
    missing = {one.url for one in before - held(whole)}
    assert missing and missing <= held_there
    assert archiver("reindex", "-q", "--archive", whole).code == 0
    assert held(whole) == before


def test_a_sealed_file_that_the_disk_cannot_read_stops_no_crawl(whole: Path, sample: SampleWeb, nursery: Nursery) -> None:
    before = held(whole)
    lose(whole, "index.db")
    command = ("crawl", DIARY_URL, "--archive", str(whole), "-q", *pointed_at(sample))

    ended = nursery.attempt(Attempt(WithFailingFile(warcs_of(whole)[1], command)))

    assert ended.result == 0, ended.told
    assert archiver("reindex", "-q", "--archive", whole).code == 0
    assert not before - held(whole)
    assert_sound(whole)


def test_an_index_that_the_disk_cannot_read_is_told_in_one_line(whole: Path) -> None:
    lose(whole, "index.db")
    (whole / "index.db").symlink_to("/proc/self/mem")

    line = complaint(archiver("find", DIARY_URL, "--archive", whole), STORAGE)

    assert "disk I/O error" in line or "Input/output error" in line, line
