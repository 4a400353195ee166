"""Torn ends, as kills and power cuts leave them: kept, noted, cut off; and whatever moment that is killed at, nothing is lost."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.recording.recorder import Recorder
from archiver.storage.files.paths import ArchivePaths, warc_files
from archiver.storage.warc import recovery as torn
from archiver.storage.warc.manifests import closed_files, read_manifests, seal, unsealed
from archiver.tasks.reindex import reindex
from tests.support.crawled import index_of
from tests.support.exchanges import exchange
from tests.support.recording import NEXT_CRAWL, keep, recording
from tests.support.tables import tables_of
from tests.support.warc_members import members_of

SECOND = "https://blog.example/second/"


@pytest.fixture
def killed(tmp_path: Path) -> tuple[Path, Path, bytes]:
    """An archive of two pages, its WARC file, and what that held. No manifest has it, nor the index: its crawl was killed."""
    with recording(tmp_path) as recorder:
        keep(recorder, exchange())
        keep(recorder, exchange(SECOND, b"<title>Another</title>" + b"words " * 400, seconds=1))
    forget(tmp_path)
    [file] = warc_files(ArchivePaths(tmp_path))
    return tmp_path, file, file.read_bytes()


def forget(data_dir: Path) -> None:
    """As if whoever wrote the files had been killed before it could say anything of them."""
    for path in [*(data_dir / "manifests").glob("*"), *data_dir.glob("index.db*")]:
        path.unlink()


def begin_again(data_dir: Path) -> int:
    """What the next crawl does first."""
    with recording(data_dir, NEXT_CRAWL) as recorder:
        return recorder.catch_up()


def notes(data_dir: Path) -> list[dict[str, object]]:
    members = (member for file in warc_files(ArchivePaths(data_dir)) for member in members_of(file))
    return [json.loads(member.block) for member in members if member.url.startswith("urn:torn:")]


def kept(data_dir: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (data_dir / "torn").glob("*")}


def torn_ends(file: Path) -> Iterator[tuple[str, int, bytes]]:
    """By name: where the last whole record ends, and what stands behind it."""
    data = file.read_bytes()
    last = members_of(file)[-1]
    yield "the half of a record", last.offset, data[last.offset : last.offset + last.length // 2]
    yield "its first byte", last.offset, data[last.offset : last.offset + 1]
    yield "all but its last byte", last.offset, data[last.offset : -1]
    yield "zeros, as a power cut leaves them", len(data), b"\0" * 5_000
    yield "a record whose end is zeros", last.offset, data[last.offset : -20] + b"\0" * 20


def test_a_torn_end_is_kept_in_a_file_of_its_own_noted_and_cut_off(killed: tuple[Path, Path, bytes]) -> None:
    data_dir, file, _ = killed
    for number, (name, offset, rest) in enumerate(torn_ends(file)):
        copy = file.with_name(f"killed-{number}.warc.gz")
        copy.write_bytes(file.read_bytes()[:offset] + rest)
        begin_again(data_dir)
        assert copy.read_bytes() == file.read_bytes()[:offset], name
        assert kept(data_dir)[f"{copy.name}.{offset}"] == rest
        assert notes(data_dir)[-1] == {
            "kind": "torn", "warc": f"warc/{copy.parent.name}/{copy.name}", "offset": offset, "bytes": len(rest),
            "sha256": hashlib.sha256(rest).hexdigest(), "kept_in": f"torn/{copy.name}.{offset}",
        }, name  # fmt: skip
    before = notes(data_dir)
    assert begin_again(data_dir) == 0
    assert notes(data_dir) == before, "nothing is torn any more"
    check_with_warcio(data_dir)


@pytest.mark.parametrize("left", [0, 1, 60], ids=["no byte", "one byte", "half a warcinfo"])
def test_a_file_without_a_whole_record_goes_as_a_whole(killed: tuple[Path, Path, bytes], left: int) -> None:
    data_dir, file, data = killed
    empty = file.with_name("killed.warc.gz")
    empty.write_bytes(data[:left])
    begin_again(data_dir)
    assert not empty.exists()
    assert kept(data_dir) == {"killed.warc.gz.0": data[:left]}
    assert [note["bytes"] for note in notes(data_dir)] == [left]
    check_with_warcio(data_dir)


def test_a_file_that_ends_between_a_response_and_its_request_is_whole(killed: tuple[Path, Path, bytes]) -> None:
    data_dir, file, data = killed
    request = members_of(file)[-1]
    assert request.kind == "request"
    file.write_bytes(data[: request.offset])
    begin_again(data_dir)
    assert file.read_bytes() == data[: request.offset] and not notes(data_dir)


def test_damage_with_whole_records_behind_it_is_no_torn_end(killed: tuple[Path, Path, bytes]) -> None:
    data_dir, file, data = killed
    hurt = members_of(file)[1]
    damaged = bytearray(data)
    damaged[hurt.offset + hurt.length // 2] ^= 0xFF
    file.write_bytes(damaged)
    begin_again(data_dir)
    assert file.read_bytes() == damaged and not kept(data_dir)


def test_a_file_that_a_manifest_covers_is_left_as_it_is(killed: tuple[Path, Path, bytes]) -> None:
    data_dir, file, data = killed
    paths = ArchivePaths(data_dir)
    seal(paths, closed_files(paths, unsealed(paths, read_manifests(paths))))
    file.write_bytes(data[:-9])  # damage, which `verify` tells of
    begin_again(data_dir)
    assert file.read_bytes() == data[:-9] and not kept(data_dir)


class Killed(BaseException):
    """As sudden as SIGKILL: nobody catches it."""


STEPS = ("_copy", "_keep", "note", "truncate", "sync_to_disk")


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_any_step_it_comes_to_the_same_end(
    killed: tuple[Path, Path, bytes], monkeypatch: pytest.MonkeyPatch, step: str, when: str
) -> None:
    data_dir, file, data = killed
    offset = members_of(file)[-1].offset
    file.write_bytes(data[:-9])
    whole = {"module": torn, "note": Recorder, "truncate": torn.os}
    owner, name = (whole["note"], "_note_torn") if step == "note" else (whole.get(step, torn), step)
    taken = getattr(owner, name)

    def dies(*arguments: object) -> object:
        if when == "after":
            taken(*arguments)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(owner, name, dies)
        with pytest.raises(Killed):
            begin_again(data_dir)
    assert file.read_bytes() == data[:-9] or kept(data_dir) == {f"{file.name}.{offset}": data[offset:-9]}, "nothing is lost"

    begin_again(data_dir)

    assert file.read_bytes() == data[:offset]
    assert kept(data_dir) == {f"{file.name}.{offset}": data[offset:-9]}
    assert notes(data_dir) and all(note == notes(data_dir)[0] for note in notes(data_dir))
    caught_up = tables_of(data_dir)
    reindex(data_dir)
    assert tables_of(data_dir) == caught_up


def test_another_torn_end_at_the_same_place_is_kept_beside_the_first(killed: tuple[Path, Path, bytes]) -> None:
    data_dir, file, data = killed
    offset = members_of(file)[-1].offset
    for rest in (data[offset:-9], data[offset:-5], data[offset:-9]):  # came back from a backup, and was torn once more
        file.write_bytes(data[:offset] + rest)
        forget(data_dir)
        begin_again(data_dir)
    name = f"{file.name}.{offset}"
    assert kept(data_dir) == {name: data[offset:-9], f"{name}.2": data[offset:-5]}


def test_no_row_is_left_without_its_bytes(killed: tuple[Path, Path, bytes]) -> None:
    data_dir, file, data = killed
    response = next(member for member in members_of(file) if member.url == SECOND)
    file.write_bytes(data[: response.offset + 50])
    begin_again(data_dir)
    with index_of(data_dir) as database:
        assert database.execute("SELECT url FROM captures").fetchall() == [(exchange().url,)]
        [(reached,)] = database.execute("SELECT indexed_to FROM warcs WHERE path LIKE '%/' || ?", (file.name,)).fetchall()
    assert reached == file.stat().st_size == response.offset


def check_with_warcio(data_dir: Path) -> None:
    files = list(map(str, warc_files(ArchivePaths(data_dir))))
    checked = subprocess.run([sys.executable, "-m", "warcio.cli", "check", *files], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
