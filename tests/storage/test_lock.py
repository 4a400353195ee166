"""The lock: one holds it, the next is told who, and nobody waits for the dead."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archiver.errors import ArchiveHeld, StorageError
from archiver.storage.files.lock import ArchiveLock
from tests.support.full_disk import files_limited_to


def moment() -> datetime:
    return datetime(2026, 11, 22, 3, 17, 5, tzinfo=UTC)


def test_the_next_one_is_told_who_holds_it_for_what_and_since_when(tmp_path: Path) -> None:
    path = tmp_path / ".run.lock"
    lock = ArchiveLock(path, "archiver run", clock=moment)
    lock.tell("archiver run, job blog")

    with pytest.raises(ArchiveHeld) as error:
        ArchiveLock(path, "archiver run")
    lock.release()

    [said] = {str(error.value)}
    assert f"{tmp_path} is being written to by process " in said
    assert said.endswith(" (archiver run, job blog, since 2026-11-22T03:17:05Z): wait for it to end, or stop it")


def test_who_is_dead_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / ".lock"
    code = (
        "import sys, signal; from pathlib import Path; from archiver.storage.files.lock import ArchiveLock\n"
        "lock = ArchiveLock(Path(sys.argv[1]), 'archiver crawl'); print('held', flush=True); signal.pause()"
    )
    with subprocess.Popen([sys.executable, "-c", code, path], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(ArchiveHeld, match=f"process {holder.pid} \\(archiver crawl, since "):
            ArchiveLock(path)
        holder.kill()
    assert path.read_text().startswith(f"process {holder.pid} ")

    ArchiveLock(path).release()


def test_a_released_lock_names_nobody(tmp_path: Path) -> None:
    path = tmp_path / ".lock"
    ArchiveLock(path, "archiver crawl").release()

    assert path.read_text() == ""
    ArchiveLock(path).release()


def test_on_a_full_disk_it_is_held_and_released(tmp_path: Path) -> None:
    # The words for the next one waited in a buffer, and `release` raised OSError: a run on a full disk ended as a bug of ours.
    path = tmp_path / ".lock"
    with files_limited_to(0):
        lock = ArchiveLock(path, "archiver run")
        with pytest.raises(ArchiveHeld, match="another process"):
            ArchiveLock(path)
        lock.release()

    ArchiveLock(path).release()


def test_where_it_cannot_be_written_the_way_out_is_told(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="Choose another folder"):
        ArchiveLock(tmp_path / "none" / ".lock")
