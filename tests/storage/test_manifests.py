"""Manifests: what they say, how they hang together, and what is told where they do not."""

import json
import os
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path

import pytest

from archiver.errors import StorageError
from archiver.storage.files.paths import ArchivePaths
from archiver.storage.warc import manifests
from archiver.storage.warc.manifests import (
    ClosedFile,
    Manifest,
    check_chain,
    closed_files,
    covered,
    hash_of,
    read_manifests,
    seal,
    unsealed,
)
from archiver.times import Clock

MOMENT = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def paths(data_dir: Path) -> ArchivePaths:
    return ArchivePaths(data_dir)


def ticking(start: datetime = MOMENT, step: timedelta = timedelta(hours=1)) -> Clock:
    numbers = count()
    return lambda: start + step * next(numbers)


def warc(paths: ArchivePaths, name: str, data: bytes = b"a record") -> ClosedFile:
    """A file as a writer leaves it."""
    path = paths.warc_dir / "20261122" / f"{name}.warc.gz"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return ClosedFile(paths.relative(path), len(data), sha256(data).hexdigest())


@pytest.fixture
def chain(paths: ArchivePaths) -> list[Manifest]:
    """Four manifests, of one file each."""
    clock = ticking()
    return [made for name in "abcd" if (made := seal(paths, [warc(paths, name)], clock))]


def told(paths: ArchivePaths) -> list[tuple[str, str]]:
    return [(problem.file, problem.what) for problem in check_chain(read_manifests(paths))]


def rewritten(paths: ArchivePaths, name: str, **changes: object) -> None:
    path = paths.manifests / name
    path.write_text(json.dumps(json.loads(path.read_text()) | changes, indent=1) + "\n")


def test_a_manifest_says_which_bytes_its_files_have_and_which_manifest_came_before(paths: ArchivePaths) -> None:
    first, second = warc(paths, "a"), warc(paths, "b", b"another")
    seal(paths, [first], lambda: MOMENT)
    seal(paths, [second], lambda: MOMENT + timedelta(days=1))
    data = (paths.manifests / "20261122030405.json").read_bytes()
    content = json.loads((paths.manifests / "20261123030405.json").read_text())
    assert content.pop("software").startswith("embed-archiver/")
    assert content == {
        "format": 1,
        "number": 2,
        "made_at": "2026-11-23T03:04:05Z",
        "previous": {"name": "20261122030405.json", "sha256": sha256(data).hexdigest()},
        "files": [{"path": "warc/20261122/b.warc.gz", "bytes": 7, "sha256": sha256(b"another").hexdigest()}],
    }
    assert json.loads(data)["previous"] is None


def test_what_is_read_is_what_was_sealed_in_the_order_of_the_chain(paths: ArchivePaths, chain: list[Manifest]) -> None:
    assert read_manifests(paths) == chain
    assert [manifest.number for manifest in chain] == [1, 2, 3, 4]
    assert told(paths) == []


def test_nothing_is_sealed_where_nothing_was_closed(paths: ArchivePaths) -> None:
    assert seal(paths, []) is None
    assert not paths.manifests.exists()


def test_an_archive_without_manifests_has_none_and_nothing_wrong(paths: ArchivePaths) -> None:
    assert (read_manifests(paths), told(paths), unsealed(paths, [])) == ([], [], [])


@pytest.mark.parametrize("step", [timedelta(0), -timedelta(days=400)], ids=["stands still", "is set back"])
def test_names_stay_in_order_where_the_clock(paths: ArchivePaths, step: timedelta) -> None:
    clock = ticking(step=step)
    for name in "abc":
        seal(paths, [warc(paths, name)], clock)
    manifests = read_manifests(paths)
    assert [manifest.name[:14] for manifest in manifests] == ["20261122030405", "20261122030406", "20261122030407"]
    assert [manifest.number for manifest in manifests] == [1, 2, 3]
    assert manifests[2].made_at == (MOMENT + 2 * step).strftime("%Y-%m-%dT%H:%M:%SZ")  # what the clock said stays said
    assert told(paths) == []


def test_a_name_that_is_no_date_is_told_before_anything_is_sealed(paths: ArchivePaths) -> None:
    paths.manifests.mkdir(parents=True)
    for name in ("99999999999999.json", "99991231235959.json"):
        (paths.manifests / name).write_text("{}")
        with pytest.raises(StorageError, match=f"{name} has no date as its name: move it out"):
            seal(paths, [warc(paths, "a")])
        (paths.manifests / name).unlink()


def test_each_file_has_its_seal(paths: ArchivePaths, chain: list[Manifest]) -> None:
    seals = covered(read_manifests(paths))
    assert list(seals) == [f"warc/20261122/{name}.warc.gz" for name in "abcd"]
    for path, sealed in seals.items():
        assert (sealed.bytes, sealed.sha256) == hash_of(paths.data_dir / path)
    assert [sealed.manifest for sealed in seals.values()] == [manifest.name for manifest in chain]


def test_what_a_killed_run_left_behind_is_found_and_sealed(paths: ArchivePaths, chain: list[Manifest]) -> None:
    left = warc(paths, "left", b"by a killed run")
    found = unsealed(paths, chain)
    assert found == [left.path]
    seal(paths, closed_files(paths, found))
    assert unsealed(paths, read_manifests(paths)) == []
    assert covered(read_manifests(paths))[left.path].sha256 == left.sha256


def test_a_file_that_cannot_be_read_keeps_no_other_from_being_sealed(paths: ArchivePaths) -> None:
    whole = warc(paths, "whole")
    os.mkfifo(paths.warc_dir / "pipe.warc.gz")  # opening it would wait for ever
    assert list(closed_files(paths, ["warc/gone.warc.gz", "warc/pipe.warc.gz", whole.path])) == [whole]
    with pytest.raises(StorageError, match=r"cannot read .*gone.warc.gz: No such file.*Is the disk in order"):
        hash_of(paths.warc_dir / "gone.warc.gz")
    with pytest.raises(StorageError, match=r"cannot read .*: it is no regular file"):
        hash_of(paths.warc_dir / "pipe.warc.gz")


# --- what is wrong with a chain ---


def test_a_changed_manifest_is_named_by_the_one_after_it(paths: ArchivePaths, chain: list[Manifest]) -> None:
    rewritten(paths, chain[1].name, made_at="2020-01-01T00:00:00Z")
    what = f"is not as it was when {chain[2].name} was made: its sha256 was {chain[1].sha256}"
    assert told(paths) == [(chain[1].path, what)]


@pytest.mark.parametrize(("lost", "words"), [((0,), "manifest 1 is not there"), ((1, 2), "manifests 2 to 3 are not there")])
def test_a_missing_manifest_is_missed(paths: ArchivePaths, chain: list[Manifest], lost: tuple[int, ...], words: str) -> None:
    for place in lost:
        (paths.data_dir / chain[place].path).unlink()
    assert told(paths) == [("manifests", f"{words}, before {chain[lost[-1] + 1].name}")]


def test_a_manifest_in_the_place_of_another_is_told_though_no_number_is_missing(
    paths: ArchivePaths, chain: list[Manifest]
) -> None:
    """Found in review: the next one names a file that is not there, and that counted as told by the numbers."""
    path = paths.manifests / chain[1].name
    forged = path.rename(path.with_name("20261122040406.json"))
    rewritten(paths, forged.name, files=[])
    ((file, what),) = told(paths)
    assert file == f"manifests/{forged.name}"
    assert f"{chain[2].name} names as the one before it: that is {chain[1].name}" in what


def test_a_manifest_of_another_archive_stands_out(paths: ArchivePaths, chain: list[Manifest], tmp_path: Path) -> None:
    other = ArchivePaths(tmp_path / "other")
    foreign = seal(other, [warc(other, "z")], lambda: MOMENT + timedelta(days=9))
    assert foreign is not None
    (paths.manifests / foreign.name).write_bytes((other.data_dir / foreign.path).read_bytes())
    whats = [what for file, what in told(paths) if file == foreign.path]
    assert whats == ["its number is 1, and manifest 5 should stand here", "names none before it, though it is number 1"]


def test_two_manifests_that_disagree_about_a_file_are_told_and_the_first_counts(
    paths: ArchivePaths, chain: list[Manifest]
) -> None:
    changed = warc(paths, "a", b"other bytes")
    last = seal(paths, [changed], lambda: MOMENT + timedelta(days=1))
    assert last is not None
    assert told(paths) == [(last.path, f"says of {changed.path} something else than {chain[0].name} said before")]
    assert covered(read_manifests(paths))[changed.path].sha256 == chain[0].files[0].sha256


def swapped(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    return lambda data: data.replace(old, new)


FILE = b"warc/20261122/b.warc.gz"
DAMAGED: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "cut": (lambda data: data[: len(data) // 2], "is no manifest: Input data was truncated"),
    "empty": (lambda data: b"", "is no manifest: Input data was truncated"),
    "nested without end": (lambda data: b"[" * 100_000, "is no manifest: "),
    "a list": (lambda data: b"[]", "is no manifest: Expected `object`, got `array`"),
    "not UTF-8": (swapped(b"warc/", b"war\xff/"), "is no manifest: "),
    "without files": (swapped(b'"files"', b'"fil"'), "is no manifest: Object missing required field `files`"),
    "a date that is none": (swapped(b"2026-11-22T04", b"2026-11-22T44"), "is no manifest: "),
    "number nought": (swapped(b'"number": 2', b'"number": 0'), "is no manifest: its number is 0"),
    "a later format": (swapped(b'"format": 1', b'"format": 2'), "has format 2, and this version of the program reads 1"),
    "leading out": (swapped(b"20261122/", b"../../"), "it names 'warc/../../b.warc.gz', which is no WARC file"),
    "absolute": (swapped(FILE, b"/etc/passwd"), "it names '/etc/passwd', which is no WARC file"),
    "another file": (swapped(FILE, b"archiver.toml"), "it names 'archiver.toml', which is no WARC file"),
    "a size below nought": (swapped(b'"bytes": 8', b'"bytes": -8'), "gives 'warc/20261122/b.warc.gz' no size and sha256"),
    "a key that is there twice": (swapped(b'"bytes": 8', b'"bytes": 8,\n   "bytes": 8'), "two readers may differ"),
    "a key in disguise": (swapped(b'"path"', b'"\\u0070ath"'), "two readers may differ"),
    "all on one line": (lambda data: b"".join(data.split()), "two readers may differ"),
    "a name with a quote": (swapped(FILE, FILE.replace(b"b.", b'\\".')), "which is no WARC file"),
    "no sha256": (swapped(b'"sha256": "', b'"sha256": "X'), "gives 'warc/20261122/b.warc.gz' no size and sha256"),
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_a_damaged_manifest_is_told_and_holds_up_nobody(paths: ArchivePaths, chain: list[Manifest], kind: str) -> None:
    damage, words = DAMAGED[kind]
    path = paths.manifests / chain[1].name
    before = path.read_bytes()
    path.write_bytes(damage(before))
    assert path.read_bytes() != before
    manifests = read_manifests(paths)
    assert [manifest.name for manifest in manifests] == [manifest.name for manifest in chain]
    ((file, what),) = told(paths)
    assert file == chain[1].path
    assert words in what
    assert "warc/20261122/b.warc.gz" not in covered(manifests)


def test_one_that_cannot_be_opened_is_damaged_too(paths: ArchivePaths, chain: list[Manifest]) -> None:
    path = paths.manifests / chain[1].name
    path.unlink()
    os.mkfifo(path)
    assert told(paths) == [(chain[1].path, "cannot be read: it is no regular file")]


def test_a_chain_goes_on_past_damaged_ones_and_is_whole_once_they_are_back(paths: ArchivePaths, chain: list[Manifest]) -> None:
    kept = {manifest.name: (paths.manifests / manifest.name).read_bytes() for manifest in chain}
    for manifest in chain[2:]:
        (paths.manifests / manifest.name).write_bytes(b"\0" * 100)
    made = seal(paths, [warc(paths, "e")], lambda: MOMENT + timedelta(days=1))
    assert made is not None
    assert made.number == 5
    assert made.previous is not None
    assert made.previous.name == chain[1].name
    assert [file for file, _ in told(paths)] == [manifest.path for manifest in chain[2:]]
    restore(paths, kept.items())
    assert told(paths) == []


def restore(paths: ArchivePaths, files: Iterable[tuple[str, bytes]]) -> None:
    for name, data in files:
        (paths.manifests / name).write_bytes(data)


def test_a_chain_of_which_all_is_damaged_goes_on(paths: ArchivePaths, chain: list[Manifest]) -> None:
    for manifest in chain:
        (paths.manifests / manifest.name).write_bytes(b"")
    made = seal(paths, [warc(paths, "e")], lambda: MOMENT + timedelta(days=1))
    assert made is not None
    assert (made.number, made.previous) == (5, None)
    assert [file for file, _ in told(paths)] == [manifest.path for manifest in chain]


def test_a_folder_that_cannot_be_written_to_is_told_in_words(paths: ArchivePaths) -> None:
    closed = warc(paths, "a")
    paths.manifests.write_text("a file where the folder should be")
    with pytest.raises(StorageError, match=r"cannot write .*manifests/.*\.json: .*Is the folder writable, is there room"):
        seal(paths, [closed])


def test_a_manifest_of_the_largest_size_is_read_and_one_byte_more_is_nobodys(
    paths: ArchivePaths, chain: list[Manifest], monkeypatch: pytest.MonkeyPatch
) -> None:
    name = chain[0].name
    size = (paths.manifests / name).stat().st_size
    monkeypatch.setattr(manifests, "MAX_MANIFEST_BYTES", size)
    assert manifests.read_manifest(paths, name) == chain[0]
    monkeypatch.setattr(manifests, "MAX_MANIFEST_BYTES", size - 1)
    assert (manifests.read_manifest(paths, name).damage or "").startswith("is larger than ")
