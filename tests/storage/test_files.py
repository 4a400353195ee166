"""Derived files are written whole, whoever else writes the same one at the same time."""

import subprocess
import sys
from pathlib import Path

import pytest

from archiver.errors import StorageError
from archiver.storage.files import atomic
from archiver.storage.files.atomic import write_whole

WRITER = """
import sys
from pathlib import Path
from archiver.storage.files.atomic import write_whole
for _ in range(1_000):
    write_whole(Path(sys.argv[1]), sys.argv[2].encode() * 50_000)
"""


def test_two_processes_may_write_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "thumbnails" / "ab" / "picture.webp"
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(path), letter]) for letter in "xy"]

    assert [writer.wait() for writer in writers] == [0, 0]

    assert path.read_bytes() in (b"x" * 50_000, b"y" * 50_000)
    assert list(path.parent.iterdir()) == [path]


def test_what_cannot_be_put_in_its_place_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "picture.webp").mkdir()

    with pytest.raises(StorageError, match="cannot write"):
        write_whole(tmp_path / "picture.webp", b"data")

    assert [path.name for path in tmp_path.iterdir()] == ["picture.webp"]


def test_the_names_of_new_folders_survive_a_power_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[Path] = []
    monkeypatch.setattr(atomic, "sync_to_disk", synced.append)

    atomic.make_folders(tmp_path / "a" / "b" / "c")
    atomic.make_folders(tmp_path / "a" / "b" / "c")

    assert (tmp_path / "a" / "b" / "c").is_dir()
    assert set(synced) == {tmp_path, tmp_path / "a", tmp_path / "a" / "b"} and len(synced) == 3
