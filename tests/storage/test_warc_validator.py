"""The strict walk over WARC files: every byte belongs to a record or to a flaw that is told."""

import gzip
import zlib
from collections.abc import Callable
from hashlib import sha256
from io import FileIO
from pathlib import Path

import pytest

from archiver.storage.warc import validator as members
from archiver.storage.warc.validator import HashedFile, RecordHead, Segment, walk_records

FIRST, SECOND, THIRD = b"first block", b"", b"\r\n\r\nWARC/1.1\r\n in the third \r\n\r\n"


def record(block: bytes, name: str = "1", *, more: bytes = b"", length: int | None = None) -> bytes:
    head = (
        b"WARC/1.1\r\nWARC-Type: metadata\r\nWARC-Record-ID: <urn:uuid:%s>\r\nWARC-Date: 2022-09-11T12:00:00Z\r\n" % name.encode()
    )
    return head + more + b"Content-Length: %d\r\n\r\n%s\r\n\r\n" % (len(block) if length is None else length, block)


RECORDS = (record(FIRST, "1"), record(SECOND, "2", more=b"WARC-Target-URI: <http://a.example/>\r\n"), record(THIRD, "3"))
MEMBERS = tuple(gzip.compress(each, mtime=0) for each in RECORDS)
WHOLE = b"".join(MEMBERS)
STARTS = (0, len(MEMBERS[0]), len(MEMBERS[0]) + len(MEMBERS[1]))


class Looked:
    """What a walk said of a file, and the blocks that it handed over."""

    def __init__(self, path: Path) -> None:
        self.blocks: list[bytes] = []
        self.largest = 0
        with FileIO(path) as file:
            source = HashedFile(file, path.stat().st_size)
            self.stretches = list(walk_records(source, self._begin))
            self.sha256 = source.sha256()

    def _begin(self, head: RecordHead) -> Callable[[bytes], None]:
        self.blocks.append(b"")

        def take(piece: bytes) -> None:
            self.blocks[-1] += piece
            self.largest = max(self.largest, len(piece))

        return take

    @property
    def flaws(self) -> list[tuple[int, str]]:
        return [(one.offset, one.flaw) for one in self.stretches if one.flaw is not None]


def looked_at(folder: Path, data: bytes) -> Looked:
    path = folder / "a.warc.gz"
    path.write_bytes(data)
    looked = Looked(path)
    assert_without_a_gap(looked.stretches, len(data))
    assert looked.sha256 == sha256(data).hexdigest(), "whatever it jumped over"
    return looked


def assert_without_a_gap(stretches: list[Segment], size: int) -> None:
    place = 0
    for one in stretches:
        assert one.offset == place and one.length > 0
        place += one.length
    assert place == size


def test_every_record_is_told_with_its_place_its_head_and_its_block(tmp_path: Path) -> None:
    looked = looked_at(tmp_path, WHOLE)

    assert looked.blocks == [FIRST, SECOND, THIRD]
    assert [one.offset for one in looked.stretches] == list(STARTS) and not looked.flaws
    heads = [one.head for one in looked.stretches]
    assert [head and head.record_id for head in heads] == ["<urn:uuid:1>", "<urn:uuid:2>", "<urn:uuid:3>"]
    assert heads[1] and (heads[1].kind, heads[1].url, heads[1].length) == ("metadata", "http://a.example/", 0)


def test_a_file_that_is_not_compressed_is_read_as_well(tmp_path: Path) -> None:
    looked = looked_at(tmp_path, b"".join(RECORDS))

    assert looked.blocks == [FIRST, SECOND, THIRD] and not looked.flaws
    assert [one.length for one in looked.stretches] == [len(each) for each in RECORDS]


def test_how_the_file_is_cut_into_pieces_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "INFLATE_BYTES", 5)
    monkeypatch.setattr(members, "READ_BYTES", 11)
    for data in (WHOLE, b"".join(RECORDS)):
        looked = looked_at(tmp_path, data)
        assert looked.blocks == [FIRST, SECOND, THIRD] and not looked.flaws


def test_a_large_block_comes_in_small_pieces(tmp_path: Path) -> None:
    """A record can have gigabytes, and a bomb more than its file."""
    bomb = looked_at(tmp_path, gzip.compress(record(bytes(64 << 20)), mtime=0))

    assert not bomb.flaws and len(bomb.blocks[0]) == 64 << 20
    assert bomb.largest < 20 << 20, "a piece of the file blows up to a thousand times its size at most"


def with_checksum(member: bytes, add: int) -> bytes:
    crc, size = int.from_bytes(member[-8:-4], "little"), int.from_bytes(member[-4:], "little")
    return member[:-8] + (crc ^ add).to_bytes(4, "little") + size.to_bytes(4, "little")


def with_size(member: bytes) -> bytes:
    return member[:-4] + (int.from_bytes(member[-4:], "little") + 1).to_bytes(4, "little")


SECOND_MEMBERS = {
    "another checksum": (with_checksum(MEMBERS[1], 1), "incorrect data check"),
    "another length": (with_size(MEMBERS[1]), "incorrect length check"),
    "another method": (MEMBERS[1][:2] + b"\x09" + MEMBERS[1][3:], "no gzip member"),
    "unknown flags": (MEMBERS[1][:3] + b"\x80" + MEMBERS[1][4:], "unknown header flags"),
    "no magic": (b"\x1e" + MEMBERS[1][1:], "no gzip member"),
    "zeros": (bytes(300), "no gzip member"),
    "two records in one": (gzip.compress(RECORDS[1] + RECORDS[1]), "holds 157 bytes more"),
    "nothing in it": (gzip.compress(b""), "before its head is all there"),
    "a block that is shorter": (gzip.compress(record(b"12", "2", length=5)), "not followed by two empty lines"),
    "a block that ends early": (gzip.compress(record(b"12", "2", length=50)), "ends in its block"),
    "a block that is longer": (gzip.compress(record(b"12345", "2", length=2)), "not followed by two empty lines"),
    "no record": (gzip.compress(b"what is this?\r\n\r\n"), "not with WARC/1.1"),
    "another version": (gzip.compress(RECORDS[1].replace(b"WARC/1.1", b"WARC/9.1")), "not with WARC/1.1"),
    "no length": (gzip.compress(RECORDS[1].replace(b"Content-Length", b"Content-Lenght")), "content-length is missing"),
    "two lengths": (gzip.compress(record(b"", more=b"Content-Length: 0\r\n")), "content-length is there twice"),
    "no number": (gzip.compress(RECORDS[1].replace(b"Length: 0", b"Length: +0")), "no length of a record"),
    "no date": (gzip.compress(RECORDS[1].replace(b"2022-09", b"2022-19")), "no date"),
    "no id": (gzip.compress(RECORDS[1].replace(b"<urn:uuid:2>", b"urn:uuid:2")), "no <address>"),
    "a line of no field": (gzip.compress(record(b"", more=b"What: a\r\n day\r\n")), "no header field"),
    "no UTF-8": (gzip.compress(record(b"", more=b"What: \xff\r\n")), "no UTF-8"),
    "a head without end": (gzip.compress(record(b"", more=b"What: %s\r\n" % (b"x" * (2 << 20)))), "longer than 1 MB"),
}  # fmt: skip


@pytest.mark.parametrize("kind", SECOND_MEMBERS)
def test_a_flaw_is_told_with_its_place_and_the_record_behind_it_is_read(tmp_path: Path, kind: str) -> None:
    second, words = SECOND_MEMBERS[kind]
    looked = looked_at(tmp_path, MEMBERS[0] + second + MEMBERS[2])

    ((offset, flaw),) = looked.flaws
    assert offset == STARTS[1] and words in flaw
    assert (looked.blocks[0], looked.blocks[-1]) == (FIRST, THIRD)
    assert not any(one.torn for one in looked.stretches)


@pytest.mark.parametrize("compressed", [True, False])
def test_a_file_that_ends_within_a_record_is_torn_there(tmp_path: Path, compressed: bool) -> None:
    parts = MEMBERS if compressed else RECORDS
    start = len(parts[0]) + len(parts[1])
    for kept in range(1, len(parts[2])):
        looked = looked_at(tmp_path, b"".join(parts)[: start + kept])
        last = looked.stretches[-1]
        assert (last.offset, last.torn, len(looked.flaws)) == (start, True, 1), kept


@pytest.mark.parametrize("tail", [b"\0" * 5000, b"garbage", zlib.compress(RECORDS[0]), MEMBERS[0][:2] + b"\0"])
def test_what_follows_the_last_record_is_no_torn_one(tmp_path: Path, tail: bytes) -> None:
    looked = looked_at(tmp_path, WHOLE + tail)

    assert looked.flaws == [(len(WHOLE), "no gzip member begins here")]
    assert not looked.stretches[-1].torn


def test_behind_a_flaw_of_a_file_that_is_not_compressed_nothing_is_told_apart(tmp_path: Path) -> None:
    looked = looked_at(tmp_path, RECORDS[0] + RECORDS[1].replace(b"WARC/1.1", b"WARC/x.1") + RECORDS[2])

    ((offset, flaw),) = looked.flaws
    assert offset == len(RECORDS[0]) and "cannot be told apart" in flaw


def test_an_empty_file_has_no_records(tmp_path: Path) -> None:
    assert looked_at(tmp_path, b"").stretches == []


def test_members_that_all_go_on_into_the_same_bytes_are_not_inflated_for_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found in review: 250 KB, in which a thousand members each inflate to the same 100 MB, took hours."""
    monkeypatch.setattr(members, "MAX_WASTED_BYTES", 10 << 20)
    head, deflate = record(b"", length=10**12).removesuffix(b"\r\n\r\n"), zlib.compressobj(9, zlib.DEFLATED, -15)
    begun = b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + stored(len(head)) + head
    shared = deflate.compress(bytes(4 << 20)) + deflate.flush()
    looked = looked_at(tmp_path, (begun + stored(len(begun))) * 20 + begun + shared)

    assert len(looked.stretches) == 3 and not looked.stretches[-1].torn, "each took 4 MB, and the third all that was left"


def stored(size: int) -> bytes:
    """What stands before so many bytes that are not compressed: RFC 1951, 3.2.4."""
    return b"\0" + size.to_bytes(2, "little") + (size ^ 0xFFFF).to_bytes(2, "little")
