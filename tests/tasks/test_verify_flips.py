"""Flipped bits: 500 of an archive, each alone; those of sealed files are all found, of open ones all that change a record."""

import random
import shutil
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from archiver.storage.files.paths import ArchivePaths
from archiver.storage.warc.manifests import covered, read_manifests
from archiver.tasks.verify.index import IndexRows
from archiver.tasks.verify.manifests import read_and_check
from archiver.tasks.verify.pictures import PreviewFiles
from archiver.tasks.verify.problems import Problem
from archiver.tasks.verify.warc_file import FileResult, verify_file
from tests.support.little_archive import make_little_archive, verified, warc_of
from tests.support.warc_members import Member, members_of

FLIPS = 500
SEED = 5
GZIP_HEADER = 10  # bytes: RFC 1952, 2.3
TRAILER = 8


class Flipped:
    """An archive of which one bit at a time is turned, and what is then said of that file.

    It is asked part by part, as `verify` asks: a whole verification of each flip would take ten times as long.
    """

    def __init__(self, data_dir: Path, *, sealed: bool) -> None:
        if not sealed:
            shutil.rmtree(data_dir / "manifests")
        heard, _ = verified(data_dir)
        assert not heard.problems
        self.paths = ArchivePaths(data_dir)
        self.seals = covered(read_manifests(self.paths))
        self.index = IndexRows(self.paths)
        self.pictures = PreviewFiles()
        self.warcs = sorted(self.paths.warc_dir.rglob("*.warc.gz"))
        self.members = {path: members_of(path) for path in self.warcs}
        for path in self.warcs:
            result = self._read(path)
            self.pictures.add(self.paths.relative(path), result.previews)

    def problems(self, path: Path, bit: int) -> list[Problem]:
        """What is said of the file with this bit turned."""
        before = path.read_bytes()
        path.write_bytes(flipped(before, bit))
        try:
            if path.suffix == ".json":
                told = list(read_and_check(self.paths, ()).problems)
            elif path.suffix == ".webp":
                told = list(self.pictures.problems(self.paths, ()))
            else:
                told = self._read(path).problems
        finally:
            path.write_bytes(before)
        return [problem for problem in told if problem.file == self.paths.relative(path)]

    def _read(self, path: Path) -> FileResult:
        warc = self.paths.relative(path)
        return verify_file(path, warc, path.stat().st_size, self.seals.get(warc), self.index, lambda done: None)

    def member_at(self, path: Path, bit: int) -> Member:
        return next(member for member in self.members[path] if member.offset <= bit // 8 < member.offset + member.length)

    def close(self) -> None:
        self.index.close()
        self.pictures.close()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data_dir = tmp_path_factory.mktemp("made") / "archive"
    make_little_archive(data_dir)
    return data_dir


@pytest.fixture
def sealed(made: Path, tmp_path: Path) -> Iterator[Flipped]:
    with closing(Flipped(Path(shutil.copytree(made, tmp_path / "archive")), sealed=True)) as archive:
        yield archive


@pytest.fixture
def unsealed(made: Path, tmp_path: Path) -> Iterator[Flipped]:
    """No manifest covers its files, as while a crawl writes to them."""
    with closing(Flipped(Path(shutil.copytree(made, tmp_path / "archive")), sealed=False)) as archive:
        yield archive


def flipped(data: bytes, bit: int) -> bytes:
    return data[: bit // 8] + bytes([data[bit // 8] ^ 1 << bit % 8]) + data[bit // 8 + 1 :]


def chosen_bits(files: list[Path], count: int) -> list[tuple[Path, int]]:
    """Any bit of any of these files, each as likely as any other."""
    dice = random.Random(SEED)
    sizes = [path.stat().st_size for path in files]
    return [(path, dice.randrange(path.stat().st_size * 8)) for path in dice.choices(files, sizes, k=count)]


def says_the_same(before: bytes, after: bytes) -> bool:
    """Whether every gzip member holds what it held, for a reader as strict as zlib is."""
    return unpacked(after) == unpacked(before)


def unpacked(data: bytes) -> list[bytes] | None:
    contents = []
    while data:
        inflate = zlib.decompressobj(31)
        try:
            contents.append(inflate.decompress(data))
        except zlib.error:
            return None
        if not inflate.eof:
            return None
        data = inflate.unused_data
    return contents


def test_in_what_a_manifest_covers_every_flipped_bit_is_found_by_file_and_record(sealed: Flipped) -> None:
    for path, bit in chosen_bits(sealed.warcs, FLIPS):
        before = path.read_bytes()
        problems = sealed.problems(path, bit)

        assert problems, f"bit {bit} of {path.name}"
        if not says_the_same(before, flipped(before, bit)):
            assert_names_the_record(problems, sealed.member_at(path, bit))


def assert_names_the_record(problems: list[Problem], member: Member) -> None:
    (problem,) = problems
    assert problem.offset == member.offset
    if member.kind in ("response", "revisit", "resource"):
        assert problem.record_id == member.record_id


def test_so_it_is_in_manifests_and_in_what_people_browse(sealed: Flipped) -> None:
    """Of the newest manifest only its timestamp tells, or a file that it no longer fits."""
    first, newest = sorted(sealed.paths.manifests.glob("*.json"))
    files = [first, *sealed.paths.screenshots.rglob("*.webp")]

    unseen = [(path.name, bit) for path, bit in chosen_bits(files, 100) if not sealed.problems(path, bit)]

    assert unseen == [] and newest.exists()


def test_in_open_files_every_flipped_bit_that_changes_a_record_is_found(unsealed: Flipped) -> None:
    for path, bit in chosen_bits(unsealed.warcs, FLIPS):
        before = path.read_bytes()
        problems = unsealed.problems(path, bit)

        assert bool(problems) is not says_the_same(before, flipped(before, bit)), f"bit {bit} of {path.name}"
        if problems:
            assert_names_the_record(problems, unsealed.member_at(path, bit))


def test_in_open_files_nothing_is_unseen_but_what_gzip_says_beside_the_data(unsealed: Flipped) -> None:
    """The first bit of the flags (text), time, level and system; and the bits that fill up the last byte of the data."""
    path = warc_of(unsealed.paths.data_dir, "second")
    before, member = path.read_bytes(), unsealed.members[path][2]
    end = member.offset + member.length - TRAILER
    begin, header = member.offset * 8, range(member.offset * 8, (member.offset + GZIP_HEADER) * 8)
    looked_at = [*header, *range((end - 1) * 8, (end + TRAILER) * 8)]

    unseen = {bit for bit in looked_at if not unsealed.problems(path, bit)}

    assert unseen == {bit for bit in looked_at if says_the_same(before, flipped(before, bit))}
    assert unseen & set(header) == {begin + 3 * 8, *range(begin + 4 * 8, begin + GZIP_HEADER * 8)}
    assert all((end - 1) * 8 < bit < end * 8 for bit in unseen - set(header))


def test_once_they_are_sealed_those_are_seen_too(sealed: Flipped) -> None:
    path = warc_of(sealed.paths.data_dir, "second")
    member = sealed.members[path][2]
    for byte in range(3, GZIP_HEADER):
        (problem,) = sealed.problems(path, (member.offset + byte) * 8)
        assert problem.offset == member.offset
        assert problem.kind == "manifest"


def test_a_whole_verification_says_the_same(sealed: Flipped) -> None:
    for path, bit in chosen_bits(sealed.warcs, 5):
        before = path.read_bytes()
        alone = sealed.problems(path, bit)
        path.write_bytes(flipped(before, bit))
        heard, _ = verified(sealed.paths.data_dir)
        path.write_bytes(before)
        assert heard.problems == alone
