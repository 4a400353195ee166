"""Repair with a backup: what is lost or damaged comes back where it is as it was sealed, and nothing else does."""

import shutil
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from archiver.config.settings import TimestampAuthority
from archiver.errors import UsageError
from archiver.storage.files.paths import ArchivePaths
from archiver.storage.warc.manifests import read_manifests
from archiver.tasks.backup.backup import backup
from archiver.tasks.repair.repair import repair
from archiver.tasks.timestamp import timestamp
from tests.support.exchanges import exchange
from tests.support.recording import CRAWL, keep, recording
from tests.support.tsa import Tsa
from tests.tasks.mended import (
    assert_in_order,
    files_in,
    first_and_later,
    flip,
    kinds,
)


@pytest.fixture
def store(archive: Path, tmp_path: Path) -> Path:
    assert backup(archive, str(tmp_path / "depot")).problems == ()
    return tmp_path / "depot"


def test_lost_and_damaged_files_come_back_and_the_damaged_one_is_kept(archive: Path, store: Path) -> None:
    files = files_in(archive / "warc")
    first, later = first_and_later(archive)
    flip(first, 2_000)
    damaged = first.read_bytes()
    later.unlink()

    report = repair(archive, source=str(store))

    assert (len(report.findings), report.remaining) == (2, 0), report
    assert files_in(archive / "warc") == files
    kept = archive / "torn" / f"{first.name}.{sha256(damaged).hexdigest()[:16]}"
    assert kept.read_bytes() == damaged
    assert_in_order(archive)


def test_a_backup_that_is_damaged_itself_changes_nothing_and_the_other_file_still_comes_back(archive: Path, store: Path) -> None:
    first, later = first_and_later(archive)
    whole = later.read_bytes()
    flip(first, 2_000)
    later.unlink()
    damaged = first.read_bytes()
    flip(store / first.relative_to(archive), 3_000)

    report = repair(archive, source=str(store))

    assert [bool(finding.remedy) for finding in report.findings] == [False, True]
    assert (first.read_bytes(), later.read_bytes()) == (damaged, whole)


@pytest.mark.parametrize("lost", ["first", "last", "all"])
def test_manifests_come_back_instead_of_files_being_sealed_anew(archive: Path, store: Path, lost: str) -> None:
    before = files_in(archive)
    names = sorted((archive / "manifests").iterdir())
    for path in {"first": names[:1], "last": names[-1:], "all": names}[lost]:
        path.unlink()

    report = repair(archive, source=str(store))

    assert (kinds(report), report.remaining) == ({"manifest"}, 0), report
    assert files_in(archive) == before


def test_damaged_manifests_come_back_and_are_kept(archive: Path, store: Path) -> None:
    """The last one too, which no other names; with it the one before it."""
    before = files_in(archive)
    damaged = sorted((archive / "manifests").iterdir())
    for path in damaged:
        path.write_bytes(b"{")

    report = repair(archive, source=str(store))

    assert (kinds(report), len(report.findings), report.remaining) == ({"manifest"}, 2, 0), report
    after = files_in(archive)
    assert {path: after[path] for path in before} == before
    assert [path.read_bytes() for path in (archive / "torn").iterdir()] == [b"{", b"{"]
    assert_in_order(archive)


def test_timestamps_and_the_certificates_of_who_signed_come_back(archive: Path, tmp_path: Path) -> None:
    with Tsa(tmp_path / "tsa").serving() as tsa:
        timestamp(archive, [TimestampAuthority(url=tsa.url, root=tsa.root)])
    before = files_in(archive)
    backup(archive, str(tmp_path / "depot"))
    gone, damaged = sorted((archive / "manifests").glob("*.tsr"))
    (root,) = (archive / "manifests" / "authorities").iterdir()
    gone.unlink()
    flip(damaged, 100)
    root.unlink()
    assert [finding.kind for finding in repair(archive).findings if finding.remedy] == ["timestamp"] * 1

    report = repair(archive, source=str(tmp_path / "depot"))

    assert (kinds(report), len(report.findings), report.remaining) == ({"timestamp"}, 3, 0), report
    after = files_in(archive)
    assert {path: after[path] for path in before} == before
    assert_in_order(archive)


def test_of_two_last_manifests_the_one_that_agrees_with_the_files_is_right(archive: Path, store: Path) -> None:
    last = sorted((archive / "manifests").iterdir())[-1]
    whole = last.read_bytes()
    last.write_bytes(whole.replace(b'"later-', b'"other-').replace(b"/later-", b"/other-"))

    report = repair(archive, source=str(store))

    assert (kinds(report), report.remaining, last.read_bytes()) == ({"manifest"}, 0, whole)


def test_a_place_without_a_backup_is_refused(archive: Path, tmp_path: Path) -> None:
    """A disk that is not mounted is an empty folder. That nothing is to be repaired is no answer then."""
    (tmp_path / "depot").mkdir()

    with pytest.raises(UsageError, match="no backup in"):
        repair(archive, source=str(tmp_path / "depot"))


def test_manifests_of_another_archive_are_not_taken(archive: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    with recording(other, replace(CRAWL, job="other")) as recorder:
        keep(recorder, exchange())
    backup(other, str(tmp_path / "depot"))
    names = [manifest.name for manifest in read_manifests(ArchivePaths(archive))]
    shutil.rmtree(archive / "manifests")

    report = repair(archive, source=str(tmp_path / "depot"))

    assert kinds(report) == {"unsealed", "manifest"}
    assert "do not belong to the chain here: 1" in next(one.what for one in report.findings if one.remedy)
    assert len(names) == 2 and len(read_manifests(ArchivePaths(archive))) == 1


def test_a_dry_run_says_what_would_come_back_and_nothing_against_it(archive: Path, store: Path) -> None:
    """It once told of the same files that they were lost, and of those of a lost manifest that they would be sealed anew."""
    flip(first_and_later(archive)[0], 2_000)
    sorted((archive / "manifests").iterdir())[-1].unlink()
    before = files_in(archive)

    looked = repair(archive, source=str(store), dry_run=True)

    assert files_in(archive) == before
    assert (kinds(looked), looked.remaining) == ({"manifest", "warc"}, 0), looked


@pytest.mark.parametrize("also", ["", "manifests", "warc"])
def test_a_last_manifest_that_names_another_one_before_it_is_not_the_right_one(archive: Path, store: Path, also: str) -> None:
    """All files are as it says. A flipped bit in what it says of the one before it was taken for damage of that one; and where
    that one was lost, or a file of its own, nothing told which of the two last manifests was right."""
    before = files_in(archive)
    first, last = sorted((archive / "manifests").iterdir())
    flip(last, last.read_bytes().index(b'"sha256": "', last.read_bytes().index(b'"previous"')) + 15)
    for path in {"": [], "manifests": [first], "warc": [first_and_later(archive)[1]]}[also]:
        path.unlink()

    assert repair(archive, source=str(store)).remaining == 0

    after = files_in(archive)
    assert {path: after[path] for path in before} == before
    assert_in_order(archive)


def test_no_manifest_leads_out_of_its_folder(archive: Path, store: Path) -> None:
    """A backup lies where others may write: what a manifest names as the one before it is a manifest, or nothing."""
    digest = sha256(b"stray").hexdigest()
    (store / "stray.json").write_bytes(b"stray")
    entry = f'"files": {{"manifests/../stray.json": {{"bytes": 5, "sha256": "{digest}", "at": "2026-11-22T00:00:00Z"}},'
    inventory = (store / "backup.json").read_text()
    (store / "backup.json").write_text(inventory.replace('"files": {', entry))
    found = read_manifests(ArchivePaths(archive))[-1]
    assert found.previous is not None
    text = (archive / found.path).read_text()
    (archive / found.path).write_text(text.replace(found.previous.name, "../stray.json").replace(found.previous.sha256, digest))

    repair(archive, source=str(store))

    assert not (archive / "stray.json").exists()


def test_a_webp_whose_png_is_lost_comes_back_where_it_is_as_it_was_made(drawn: Path, tmp_path: Path) -> None:
    store = tmp_path / "depot"
    backup(drawn, str(store))
    screenshots = files_in(drawn / "screenshots")
    first, _ = first_and_later(drawn)
    for place in (drawn, store):
        (place / first.relative_to(drawn)).unlink()
    shutil.rmtree(drawn / "screenshots")
    flip(sorted((store / "screenshots").rglob("*.webp"))[0], -1)

    report = repair(drawn, source=str(store))

    assert [(finding.kind, bool(finding.remedy)) for finding in report.findings] == [
        ("warc", True), ("screenshots", False), ("screenshots", True),
    ]  # fmt: skip
    here = files_in(drawn / "screenshots")
    assert len(here) == len(screenshots) - 1 and here.items() <= screenshots.items()


def test_manifests_come_back_also_where_the_files_of_the_first_are_lost_with_them(archive: Path, store: Path) -> None:
    """The backup was taken for that of another archive, and what was left was sealed anew."""
    before = files_in(archive)
    first_and_later(archive)[0].unlink()
    shutil.rmtree(archive / "manifests")

    assert repair(archive, source=str(store)).remaining == 0

    assert files_in(archive) == before
