"""Repair: what can be rebuilt is, what cannot is told, and nothing else changes; done once more, there is nothing to do."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from archiver.errors import ArchiveHeld, UsageError
from archiver.storage.files.lock import ArchiveLock
from archiver.storage.files.paths import ArchivePaths
from archiver.storage.index.database import migrations
from archiver.tasks.reindex import reindex
from archiver.tasks.repair.context import OnProgress, RepairContext
from archiver.tasks.repair.pictures import repair_screenshots, repair_thumbnails
from archiver.tasks.repair.repair import repair
from tests.support.crawled import index_of
from tests.support.exchanges import PAGE_URL
from tests.support.tables import tables_of
from tests.tasks.mended import (
    OTHER_URL,
    assert_in_order,
    files_in,
    first_and_later,
    flip,
    kinds,
    offset_of_picture,
    only,
)

# --- what can be rebuilt ------------------------------------------------------------------------------------------------------


def test_an_archive_in_order_is_left_as_it_is(archive: Path) -> None:
    before = files_in(archive)

    assert repair(archive).findings == ()

    assert files_in(archive) == before


def test_many_things_at_once_are_all_repaired_and_then_there_is_nothing_to_do(drawn: Path) -> None:
    tables, manifests = tables_of(drawn), files_in(drawn / "manifests")
    screenshots, thumbnails = files_in(drawn / "screenshots"), files_in(drawn / "thumbnails")
    (drawn / "index.db").write_bytes(b"no database" * 1000)
    (drawn / "state.db").write_bytes(b"no database" * 1000)
    shutil.rmtree(drawn / "screenshots")
    (thumbnail,) = (drawn / "thumbnails").rglob("*.webp")
    thumbnail.write_bytes(thumbnail.read_bytes()[:100])

    report = repair(drawn)

    assert (kinds(report), report.remaining) == ({"index", "state", "screenshots", "thumbnails"}, 0), report
    assert tables_of(drawn) == tables
    assert files_in(drawn / "manifests") == manifests
    assert (files_in(drawn / "screenshots"), files_in(drawn / "thumbnails")) == (screenshots, thumbnails)
    assert_in_order(drawn)


@pytest.mark.parametrize("name", ["index", "state"])
def test_a_damaged_database_is_moved_aside_with_its_journal(archive: Path, name: str) -> None:
    (archive / f"{name}.db").write_bytes(b"no database")
    (archive / f"{name}.db-wal").write_bytes(b"its journal")

    assert repair(archive).remaining == 0

    (aside,) = archive.glob(f"{name}.damaged-*.db")
    assert len(aside.stem.rpartition("-")[2]) == 14
    assert aside.read_bytes() == b"no database"
    assert aside.with_name(f"{aside.name}-wal").read_bytes() == b"its journal"
    assert_in_order(archive)


def test_an_index_that_is_empty_is_made_anew(archive: Path) -> None:
    tables = tables_of(archive)
    (archive / "index.db").write_bytes(b"")

    assert kinds(repair(archive)) == {"index"}

    assert tables_of(archive) == tables
    assert_in_order(archive)


def test_an_index_that_says_something_else_than_the_files_is_made_anew_and_kept(archive: Path) -> None:
    tables = tables_of(archive)
    with index_of(archive) as index:
        index.execute("UPDATE captures SET offset = offset + 1 WHERE url = ?", (OTHER_URL,))
        index.commit()

    assert "does not agree" in only(repair(archive)).what

    assert tables_of(archive) == tables
    assert len(list(archive.glob("index.damaged-*.db"))) == 1
    assert_in_order(archive)


def test_a_torn_record_is_cut_off_and_what_was_not_indexed_is_indexed(archive: Path) -> None:
    """As a kill leaves them: no manifest has the file yet, and the index does not know its last records."""
    tables = tables_of(archive)
    first, later = first_and_later(archive)
    shutil.rmtree(archive / "manifests")
    (archive / "index.db").unlink()
    kept, torn = later.read_bytes(), first.read_bytes()[:100]
    later.unlink()
    reindex(archive)
    later.write_bytes(kept + torn)

    report = repair(archive)

    assert (kinds(report), report.remaining) == ({"torn", "unindexed", "unsealed"}, 0), report
    assert later.read_bytes() == kept
    assert [path.read_bytes() for path in (archive / "torn").iterdir()] == [torn]
    assert [row for row in tables_of(archive)["captures"] if row not in tables["captures"]] == []
    assert_in_order(archive)


def test_a_webp_that_was_changed_is_made_anew_and_one_that_another_version_made_is_left(drawn: Path) -> None:
    """The hash of each that was made is in the WARC, also of those that a newer encoder made otherwise."""
    first, *others = sorted((drawn / "screenshots").rglob("*.webp"))
    flip(first, -1)
    assert "not as they were made: 1" in only(repair(drawn)).what
    with index_of(drawn) as index:  # as if the first encoder had been another one
        index.execute("UPDATE screenshots SET sha256 = ?", ("0" * 64,))
        index.commit()
    before = {path: path.stat().st_mtime_ns for path in others}

    assert kinds(repair(drawn)) == {"screenshots"}
    assert all(path.stat().st_mtime_ns > before[path] for path in others)
    assert_in_order(drawn)


# --- what cannot --------------------------------------------------------------------------------------------------------------


def test_of_a_lost_file_the_captures_and_pages_are_named_and_what_is_left_of_them_stays(drawn: Path) -> None:
    tables, pictures = tables_of(drawn), files_in(drawn / "screenshots") | files_in(drawn / "thumbnails")
    first, _ = first_and_later(drawn)
    first.unlink()

    report = repair(drawn)

    finding = only(report)
    assert (report.remaining, finding.file) == (1, first.relative_to(drawn).as_posix())
    assert finding.lost is not None and finding.remedy is not None
    assert (finding.lost.captures, finding.lost.pages, finding.lost.kept) == (7, (PAGE_URL,), 5)
    assert "--from DEST" in finding.remedy and "archiver reindex" in finding.remedy
    assert tables_of(drawn) == tables
    assert files_in(drawn / "screenshots") | files_in(drawn / "thumbnails") == pictures
    assert repair(drawn) == report


def test_where_the_index_is_lost_with_a_file_it_is_said_that_its_captures_are_not_known(archive: Path) -> None:
    first, _ = first_and_later(archive)
    first.unlink()
    (archive / "index.db").unlink()

    index, lost = repair(archive).findings

    assert (index.kind, index.remedy, lost.lost) == ("index", None, None)
    assert "made without it" in lost.what and "--from DEST" in (lost.remedy or "")


def test_a_file_that_ends_too_soon_names_what_was_behind_its_end(archive: Path) -> None:
    first, _ = first_and_later(archive)
    place = offset_of_picture(archive)
    with first.open("rb+") as file:
        file.truncate(place)

    lost = only(repair(archive)).lost

    assert lost is not None and (lost.captures, lost.pages) == (1, ())


def test_a_file_that_was_emptied_is_not_filled_with_anything(archive: Path) -> None:
    """Nothing is torn there: all that the index knows of it is gone."""
    _, later = first_and_later(archive)
    shutil.rmtree(archive / "manifests")
    later.write_bytes(b"")

    report = repair(archive)

    assert [(finding.kind, finding.file) for finding in report.findings if finding.remedy] == [
        ("warc", later.relative_to(archive).as_posix())
    ]
    assert later.read_bytes() == b"" and not (archive / "torn").exists()


def test_a_damaged_file_is_left_as_it_is_and_told(archive: Path) -> None:
    first, _ = first_and_later(archive)
    flip(first, first.stat().st_size // 2)
    before = files_in(archive)

    assert "archiver verify" in (only(repair(archive)).remedy or "")

    assert files_in(archive) == before


def test_a_damaged_record_in_a_file_that_no_manifest_covered_is_told(archive: Path) -> None:
    first, _ = first_and_later(archive)
    shutil.rmtree(archive / "manifests")
    place = offset_of_picture(archive)
    flip(first, place + 1_000)

    told = [finding for finding in repair(archive).findings if finding.remedy]

    assert [(finding.kind, finding.file) for finding in told] == [("warc", first.relative_to(archive).as_posix())]
    assert told[0].what.startswith(f"byte {place:,}: ")


def test_where_a_file_is_lost_an_index_with_other_faults_is_not_made_anew(archive: Path) -> None:
    first, _ = first_and_later(archive)
    first.unlink()
    with index_of(archive) as index:
        index.execute("UPDATE captures SET offset = offset + 1 WHERE url = ?", (OTHER_URL,))
        index.commit()
    before = tables_of(archive)

    report = repair(archive)

    assert (kinds(report), report.remaining) == ({"warc", "index"}, 2)
    assert tables_of(archive) == before


def test_what_goes_wrong_with_one_part_keeps_no_other_from_being_repaired(drawn: Path) -> None:
    tables = tables_of(drawn)
    (drawn / "index.db").write_bytes(b"no database")
    shutil.rmtree(drawn / "screenshots")
    (drawn / "screenshots").write_bytes(b"a file where the folder should be")
    (thumbnail,) = (drawn / "thumbnails").rglob("*.webp")
    thumbnail.unlink()

    report = repair(drawn)

    assert [(finding.kind, bool(finding.remedy)) for finding in report.findings] == [
        ("index", False), ("error", True), ("thumbnails", False),
    ]  # fmt: skip
    assert tables_of(drawn) == tables and thumbnail.exists()


# --- looking only -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def broken(drawn: Path) -> Iterator[Path]:
    """Something of nearly everything."""
    shutil.rmtree(drawn / "manifests")
    (drawn / "state.db").write_bytes(b"no database")
    shutil.rmtree(drawn / "screenshots")
    shutil.rmtree(drawn / "thumbnails")
    with first_and_later(drawn)[1].open("ab") as file:
        file.write(b"\x1f\x8b\x08 torn")
    yield drawn


def test_a_dry_run_tells_all_and_writes_nothing(broken: Path) -> None:
    before = files_in(broken)

    looked = repair(broken, dry_run=True)

    assert files_in(broken) == before
    assert kinds(looked) == {"state", "torn", "unsealed", "screenshots", "thumbnails"}
    assert kinds(repair(broken)) == kinds(looked)


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_crawl_that_runs_is_not_disturbed_nor_taken_for_damage(broken: Path, dry_run: bool) -> None:
    before = files_in(broken)
    lock = ArchiveLock(broken / ".lock", "a crawl")
    try:
        with pytest.raises(ArchiveHeld, match="a crawl"):
            repair(broken, dry_run=dry_run)
    finally:
        lock.release()
    assert files_in(broken) == before


def test_a_crawl_that_begins_meanwhile_is_told_with_all_that_was_done_before(archive: Path) -> None:
    """It ended the command at once, and nobody heard what had been repaired by then."""
    (archive / "state.db").write_bytes(b"no database")
    (archive / "index.db").write_bytes(b"no database")
    locks: list[ArchiveLock] = []

    @contextmanager
    def progress(_name: str, _unit: str) -> Iterator[OnProgress]:
        if not locks:
            locks.append(ArchiveLock(archive / ".lock", "a crawl"))
        yield lambda done, total: None

    report = repair(archive, progress=progress)
    locks[0].release()

    assert [finding.kind for finding in report.findings if not finding.remedy] == ["state"]
    assert all("a crawl" in finding.what for finding in report.findings if finding.remedy) and report.remaining
    assert (archive / "index.db").read_bytes() == b"no database"


def test_where_there_is_no_archive_none_is_begun(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no archive"):
        repair(tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()


def test_an_index_of_an_older_format_keeps_what_it_knows_of_lost_files(archive: Path) -> None:
    """Made anew it would forget them; it is brought up to date as a crawl does it."""
    *older, _ = migrations()
    (archive / "index.db").unlink()
    with index_of(archive) as index:
        for number, script in older:
            index.executescript(f"{script}\nPRAGMA user_version = {number};")
        index.execute("INSERT INTO warcs VALUES (1, 'warc/20200101/lost.warc.gz', NULL, 10)")
        index.commit()

    report = repair(archive)

    assert [finding.kind for finding in report.findings] == ["index", "unindexed", "unindexed", "warc"]
    assert [finding.file for finding in report.findings if finding.remedy] == ["warc/20200101/lost.warc.gz"]


def test_an_index_of_a_newer_program_is_left_alone(archive: Path) -> None:
    with index_of(archive) as index:
        index.execute(f"PRAGMA user_version = {migrations()[-1][0] + 1}")
    before = (archive / "index.db").read_bytes()

    assert "upgrade" in only(repair(archive)).what

    assert (archive / "index.db").read_bytes() == before


def test_an_index_that_says_that_it_is_older_and_is_not_is_made_anew(archive: Path) -> None:
    """One flipped bit of its header. "Is there room?", asked the error, at each try."""
    tables = tables_of(archive)
    with index_of(archive) as index:
        index.execute("PRAGMA user_version = 1")

    assert "older format (1)" in only(repair(archive)).what

    assert tables_of(archive) == tables


# --- pictures in odd places ---------------------------------------------------------------------------------------------------


def test_what_lies_in_the_place_of_a_picture_and_cannot_be_read_is_replaced(drawn: Path) -> None:
    """A pipe was waited for, for ever; one unreadable file kept all others from being repaired."""
    first, second, *_ = sorted((drawn / "screenshots").rglob("*.webp"))
    (thumbnail,) = (drawn / "thumbnails").rglob("*.webp")
    for path in (first, thumbnail):
        path.unlink()
        os.mkfifo(path)
    flip(second, -1)

    assert repair(drawn).remaining == 0

    assert first.is_file() and thumbnail.is_file()
    assert_in_order(drawn)


def test_a_damaged_thumbnail_is_made_anew_though_a_better_picture_came(drawn: Path) -> None:
    """`archiver verify` looks at all of them, and sends people here."""
    (thumbnail,) = (drawn / "thumbnails").rglob("*.webp")
    whole = thumbnail.read_bytes()
    thumbnail.write_bytes(whole[:100])
    with index_of(drawn) as index:
        index.execute("DELETE FROM post_media")
        index.commit()

    assert "thumbnails" in {finding.kind for finding in repair_thumbnails(RepairContext(ArchivePaths(drawn)))}

    assert thumbnail.read_bytes() == whole


def test_of_a_path_that_two_records_name_either_hash_is_right(drawn: Path) -> None:
    """`archiver verify` takes any of them."""
    path = sorted((drawn / "screenshots").rglob("*.webp"))[0].relative_to(drawn).as_posix()
    with index_of(drawn) as index:
        index.execute("UPDATE screenshots SET path = ?, sha256 = ? WHERE path != ?", (path, "0" * 64, path))
        index.commit()

    assert repair_screenshots(RepairContext(ArchivePaths(drawn))) == []
