"""Which WARC files are sealed when: what a recorder closed, what it rolled, and what a killed run left behind."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from archiver.errors import StorageError
from archiver.recording.recorder import Recorder
from archiver.storage.files.paths import ArchivePaths
from archiver.storage.warc.manifests import check_chain, covered, hash_of, read_manifests, unsealed
from archiver.storage.warc.writer import ROLL_BYTES
from tests.support.exchanges import MOMENT, PAGE_URL, exchange
from tests.support.recording import CRAWL, NEXT_CRAWL, keep


@contextmanager
def recording(data_dir: Path, *, roll_bytes: int = ROLL_BYTES) -> Iterator[Recorder]:
    """As a crawl begins and ends."""
    recorder = Recorder(data_dir, CRAWL, clock=lambda: MOMENT, roll_bytes=roll_bytes)
    try:
        recorder.catch_up()
        yield recorder
    finally:
        recorder.close()


def sealed(data_dir: Path) -> list[str]:
    """The paths in the manifests, once it is sure that these are as the files are and hang together."""
    paths = ArchivePaths(data_dir)
    manifests = read_manifests(paths)
    assert check_chain(manifests) == []
    seals = covered(manifests)
    assert all((seal.bytes, seal.sha256) == hash_of(data_dir / path) for path, seal in seals.items())
    return list(seals)


def warcs(data_dir: Path) -> list[str]:
    return sorted(path.relative_to(data_dir).as_posix() for path in data_dir.rglob("*.warc.gz"))


def test_a_file_is_sealed_when_its_crawl_ends(data_dir: Path) -> None:
    with recording(data_dir) as recorder:
        keep(recorder, exchange())
        recorder.commit()
        assert sealed(data_dir) == []
    assert sealed(data_dir) == warcs(data_dir)
    assert len(warcs(data_dir)) == 1


def test_a_file_is_sealed_when_the_next_one_is_begun(data_dir: Path) -> None:
    with recording(data_dir, roll_bytes=1) as recorder:
        for number in range(3):
            keep(recorder, exchange(f"{PAGE_URL}{number}"))
        recorder.commit()
        assert sealed(data_dir) == warcs(data_dir)[:2]
    assert sealed(data_dir) == warcs(data_dir)
    assert [len(manifest.files) for manifest in read_manifests(ArchivePaths(data_dir))] == [2, 1]


def test_a_crawl_that_recorded_nothing_makes_no_manifest(data_dir: Path) -> None:
    with recording(data_dir):
        pass
    assert not ArchivePaths(data_dir).manifests.exists()


def killed_while_recording(data_dir: Path) -> None:
    """What it recorded is safe; no manifest has its file, and the file's end is torn."""
    with recording(data_dir) as recorder:
        keep(recorder, exchange())
    shutil.rmtree(ArchivePaths(data_dir).manifests)
    with (data_dir / warcs(data_dir)[0]).open("ab") as file:
        file.write(b"\x1f\x8b\x08torn")


def test_what_a_killed_run_left_behind_is_sealed_by_the_next_without_its_torn_end(data_dir: Path) -> None:
    killed_while_recording(data_dir)
    assert sealed(data_dir) == []
    left = warcs(data_dir)
    with recording(data_dir):
        assert sealed(data_dir) == left
    assert sealed(data_dir) == warcs(data_dir)
    assert not (data_dir / left[0]).read_bytes().endswith(b"torn")


def test_how_much_of_it_was_read_is_told(data_dir: Path) -> None:
    killed_while_recording(data_dir)
    (path,) = warcs(data_dir)
    told: list[int] = []
    recorder = Recorder(data_dir, NEXT_CRAWL, clock=lambda: MOMENT)
    recorder.catch_up(told.append)
    recorder.close()
    assert sum(told) == (data_dir / path).stat().st_size  # all of it is indexed; it is read for its hash


def test_what_is_sealed_stays_as_it_is_also_where_it_was_damaged(data_dir: Path) -> None:
    """Damage is for `archiver verify` to tell: neither is its seal made anew, nor is anything cut off."""
    with recording(data_dir) as recorder:
        keep(recorder, exchange())
    path = data_dir / warcs(data_dir)[0]
    path.write_bytes(path.read_bytes() + b"\x1f\x8b\x08more")
    recorder = Recorder(data_dir, NEXT_CRAWL, clock=lambda: MOMENT)
    recorder.catch_up()
    recorder.close()
    assert path.read_bytes().endswith(b"more")
    manifests = read_manifests(ArchivePaths(data_dir))
    assert unsealed(ArchivePaths(data_dir), manifests) == []
    assert covered(manifests)[warcs(data_dir)[0]].bytes == path.stat().st_size - len(b"\x1f\x8b\x08more")


def test_where_no_manifest_can_be_written_nothing_recorded_is_lost_and_the_next_run_seals(data_dir: Path) -> None:
    paths = ArchivePaths(data_dir)
    with recording(data_dir):
        pass  # an archive: another folder with a file in it would be refused
    paths.manifests.write_text("a file where the folder should be")
    with pytest.raises(StorageError, match=r"cannot write .*manifests/"), recording(data_dir) as recorder:
        keep(recorder, exchange())
    paths.manifests.unlink()
    with recording(data_dir) as recorder:  # nobody holds the archive any more
        assert recorder.crawl_index.latest(PAGE_URL) is not None
    assert sealed(data_dir) == warcs(data_dir)
