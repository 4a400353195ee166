"""Reading WARC files: each record at its place, ours and other people's, whole and damaged."""

import gzip
from pathlib import Path

import pytest

from archiver.errors import BadRecord
from archiver.storage.warc.reader import read_record, read_records
from tests.support.exchanges import PICTURE_URL, exchange
from tests.support.warc_members import Member, members_of
from tests.support.warc_writers import files_in, writer_in


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Twelve exchanges; one of them lies on disk."""
    writer = writer_in(tmp_path)
    for number in range(12):
        body = bytes(range(256)) * 20_000 if number == 5 else b"<title>%d</title>" % number
        writer.exchange(exchange(f"{PICTURE_URL}&{number}", body), "sha256:0")
    writer.close()
    return files_in(tmp_path)[0]


def places(path: Path, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    return [(record.offset, record.length) for record in read_records(path, start, end)]


def of(members: list[Member]) -> list[tuple[int, int]]:
    return [(member.offset, member.length) for member in members]


def test_each_record_is_read_with_its_block_and_its_place(file: Path) -> None:
    members = members_of(file)
    assert places(file) == of(members)
    for record, member in zip(read_records(file), members, strict=True):
        assert (record.record_id, record.record_type, record.url) == (member.record_id, member.kind, member.url)
        assert record.block.bytes() == member.block


def test_reading_may_begin_and_end_anywhere_between_records(file: Path) -> None:
    members = members_of(file)
    assert places(file, members[7].offset) == of(members[7:])
    assert places(file, members[7].offset, members[9].offset) == of(members[7:9])
    assert places(file, file.stat().st_size) == []


def test_one_record_is_read_by_its_place(file: Path) -> None:
    for member in members_of(file):
        for length in (member.length, None):
            assert read_record(file, member.offset, length).block.bytes() == member.block


@pytest.mark.parametrize("shift", [-1, 1, 10])
def test_a_place_where_no_record_begins_is_told(file: Path, shift: int) -> None:
    member = members_of(file)[6]
    with pytest.raises(BadRecord, match=f"has no readable record at byte {member.offset + shift}"):
        read_record(file, member.offset + shift)


def test_a_damaged_record_is_never_taken_for_the_next_one(file: Path) -> None:
    member = members_of(file)[6]
    damage(file, member.offset + member.length // 2)
    for length in (member.length, None):
        with pytest.raises(BadRecord):
            read_record(file, member.offset, length)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadRecord, match=r"cannot read .*none\.warc\.gz: No such file"):
        list(read_records(tmp_path / "none.warc.gz"))


def damage(path: Path, offset: int) -> None:
    data = bytearray(path.read_bytes())
    data[offset] ^= 0xFF
    path.write_bytes(data)


@pytest.mark.parametrize("index", [0, 1, 11, -1])
@pytest.mark.parametrize("part", [0.0, 0.5, 0.99])
def test_a_flipped_byte_costs_one_record(file: Path, index: int, part: float) -> None:
    members = members_of(file)
    hurt = members[index]
    damage(file, hurt.offset + int(hurt.length * part))
    assert places(file) == [place for place in of(members) if place != (hurt.offset, hurt.length)]


def test_zeros_in_the_middle_cost_what_they_cover(file: Path) -> None:
    """As a power cut leaves them on some file systems."""
    members = members_of(file)
    data = bytearray(file.read_bytes())
    start, end = members[4].offset + 20, members[8].offset + 5
    data[start:end] = bytes(end - start)
    file.write_bytes(data)
    assert places(file) == of([*members[:4], *members[9:]])


@pytest.mark.parametrize("left", [0.001, 0.1, 0.5, 0.999])
def test_a_torn_end_costs_one_record(file: Path, left: float) -> None:
    members = members_of(file)
    with file.open("rb+") as opened:
        opened.truncate(members[-1].offset + max(1, int(members[-1].length * left)))
    assert places(file) == of(members[:-1])


def test_garbage_behind_the_last_record_belongs_to_none(file: Path) -> None:
    members = members_of(file)
    with file.open("ab") as opened:
        opened.write(b"\x1f\x8b\x08\x00 garbage that begins like a gzip member" * 50)
    assert places(file) == of(members)


def test_what_other_programs_write_is_read(tmp_path: Path) -> None:
    """wget writes angle brackets around the URL; some files are not compressed."""
    record = (
        b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:1>\r\nWARC-Target-URI: <http://a.example/>\r\n"
        b"WARC-Date: 2022-09-10T00:00:00Z\r\nContent-Length: 4\r\n\r\nbody\r\n\r\n"
    )
    for name, data in (("plain.warc", record * 3), ("members.warc.gz", gzip.compress(record) * 3)):
        (tmp_path / name).write_bytes(data)
        records = list(read_records(tmp_path / name))
        assert [(one.url, one.block.bytes()) for one in records] == [("http://a.example/", b"body")] * 3, name
    assert places(tmp_path / "plain.warc") == [(number * len(record), len(record)) for number in range(3)]


def test_a_place_beyond_the_end_has_no_record(file: Path) -> None:
    size = file.stat().st_size
    assert places(file, size, size + 1_000) == places(file, size + 10, size + 1_000) == []
    with pytest.raises(BadRecord, match="no readable record"):
        read_record(file, size, 100)
