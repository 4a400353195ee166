"""Files of records as other programs write them, and as they come out of copying: nothing is lost without being named."""

import bz2
import gzip
import lzma
import random
import struct
from itertools import pairwise
from pathlib import Path

import pytest
from backports import zstd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver.storage.warc.reader import Choice, Gap, StoredRecord, read_record, read_records
from tests.support.arc_files import ARC_HEAD, arc_record


def record(number: int, *, block: bytes | None = None, length: int | None = None, extra: str = "") -> bytes:
    body = b"<p>%d</p>" % number * 30 if block is None else block
    fields = f"WARC-Type: resource\r\nWARC-Record-ID: <urn:{number}>\r\nWARC-Target-URI: https://a.example/{number}\r\n{extra}"
    size = len(body) if length is None else length
    return f"WARC/1.0\r\n{fields}Content-Length: {size}\r\n\r\n".encode() + body + b"\r\n\r\n"


def packed(*records: bytes) -> bytes:
    return b"".join(gzip.compress(one, mtime=0) for one in records)


def frames(*records: bytes, dictionary: "zstd.ZstdDict | None" = None) -> bytes:
    return b"".join(zstd.compress(one, zstd_dict=dictionary) for one in records)


def read(path: Path, data: bytes) -> tuple[list[int], list[Gap]]:
    """The numbers of the records, and what could not be read."""
    gaps: list[Gap] = []
    path.write_bytes(data)
    found = list(read_records(path, on_damage=gaps.append))
    by_choice = list(read_records(path, choice=Choice(lambda headers, start: True, 1 << 20)))
    assert [one.block.bytes() for one in found] == [one.block.bytes() for one in by_choice]
    passed_over = list(read_records(path, choice=Choice(lambda headers, start: "9" in headers["warc-record-id"], 1 << 20)))
    assert [one.record_id for one in passed_over] == [one.record_id for one in found if "9" in one.record_id]
    assert all(one.length == 0 or at(path, one).record_id == one.record_id for one in found)
    return [int(one.record_id.removeprefix("<urn:").removesuffix(">")) for one in found], gaps


def at(path: Path, one: StoredRecord) -> StoredRecord:
    return read_record(path, one.offset, one.length)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "other.warc"


SIXTY = tuple(map(record, range(60)))
WHOLE = b"".join(SIXTY)


@pytest.mark.parametrize(
    "pack",
    [bytes, gzip.compress, zstd.compress, bz2.compress, lzma.compress],
    ids=["plain", "gzip", "zstd", "bzip2", "xz"],
)
def test_a_file_packed_as_a_whole_is_read_to_its_end(path: Path, pack: "type[bytes]") -> None:
    """One record of sixty was read, for the decompressor stood at the file's end by then (webrecorder/pywb#48,
    internetarchive/warc#29, JMMackenzie/CC-News-Tools#7)."""
    assert read(path, pack(WHOLE)) == (list(range(60)), [])


def test_the_tail_of_a_large_member_is_read(path: Path) -> None:
    records = [record(number, block=random.Random(number).randbytes(3000)) for number in range(300)]
    assert read(path, gzip.compress(b"".join(records))) == (list(range(300)), [])


@pytest.mark.parametrize("size", [100, 777, 1 << 16])
def test_frames_that_cut_records_anywhere_are_one_stream(path: Path, size: int) -> None:
    """bgzip, pigz, pbzip2 and pzstd cut where a block is full; bgzip ends with an empty member."""
    pieces = [WHOLE[start : start + size] for start in range(0, len(WHOLE), size)]
    assert read(path, packed(*pieces, b"")) == (list(range(60)), [])
    assert read(path, frames(*pieces)) == (list(range(60)), [])
    assert read(path, b"".join(map(bz2.compress, pieces))) == (list(range(60)), [])


def test_frames_of_a_cut_stream_go_on_behind_damage(path: Path) -> None:
    members = [gzip.compress(WHOLE[start : start + 2000], mtime=0) for start in range(0, len(WHOLE), 2000)]
    members[3] = members[3][:30] + bytes(30) + members[3][60:]

    numbers, gaps = read(path, b"".join(members))

    lost = sorted(set(range(60)) - set(numbers))
    assert 1 <= len(lost) <= 2000 // len(SIXTY[0]) + 2 and lost == list(range(lost[0], lost[-1] + 1))
    assert gaps


def test_empty_members_and_skippable_frames_are_no_damage(path: Path) -> None:
    assert read(path, packed(SIXTY[0], b"", SIXTY[1], b"")) == ([0, 1], [])
    skippable = struct.pack("<II", 0x184D2A50, 5) + b"notes"
    assert read(path, skippable + frames(SIXTY[0]) + skippable + frames(SIXTY[1]) + skippable) == ([0, 1], [])


@pytest.mark.parametrize("coded", [False, True])
def test_a_dictionary_in_front_is_used_wherever_reading_begins(path: Path, coded: bool) -> None:
    """As wget-at writes them (the warc-zstd specification of 2019); `read` takes each record by its place as well."""
    dictionary = zstd.train_dict(list(SIXTY) * 5, 2000)
    content = zstd.compress(dictionary.dict_content) if coded else dictionary.dict_content
    front = struct.pack("<II", 0x184D2A5D, len(content)) + content
    assert read(path, front + frames(*SIXTY, dictionary=dictionary)) == (list(range(60)), [])


def test_names_and_types_come_in_any_case_and_lines_go_on(path: Path) -> None:
    lower = record(1).replace(b"WARC-", b"warc-").replace(b"Content-Length", b"content-length")
    folded = record(3, extra="X-Note: one\r\n  two\r\n")
    data = lower + record(2).replace(b"resource", b"Resource") + folded + record(4).replace(b"\r\n", b"\n")
    assert read(path, data) == ([1, 2, 3, 4], [])
    found = list(read_records(path))
    assert {one.record_type for one in found} == {"resource"}
    assert found[2].get("X-Note") == "one two"


def test_heads_may_be_long(path: Path) -> None:
    """More than 32 KB ended the reading, silently: Browsertrix writes JSON of 40 KB into a head."""
    data = [record(1), record(2, extra=f"WARC-JSON-Metadata: {'x' * 600_000}\r\n"), record(3)]
    assert read(path, b"".join(data)) == read(path, packed(*data)) == ([1, 2, 3], [])


def test_junk_between_records_is_passed_over_and_told(path: Path) -> None:
    junk = b"<!-- a proxy's error page -->" * 20
    start = len(record(1))
    numbers, (gap,) = read(path, record(1) + junk + record(2))
    assert (numbers, gap.start, gap.end) == ([1, 2], start, start + len(junk))
    numbers, (gap,) = read(path, packed(record(1)) + junk + packed(record(2)))
    assert (numbers, gap.end - gap.start) == ([1, 2], len(junk))
    numbers, (gap,) = read(path, gzip.compress(record(1) + junk + record(2)))
    assert numbers == [1, 2] and gap.why == f"{len(junk):,} bytes of its gzip frame are no record"


def test_files_put_behind_each_other_are_all_read(path: Path) -> None:
    kinds = [
        SIXTY[0],
        packed(SIXTY[1]),
        frames(SIXTY[2]),
        SIXTY[3],
        bz2.compress(SIXTY[4] + SIXTY[5]),
        packed(SIXTY[6]),
        SIXTY[7],
    ]
    assert read(path, b"".join(kinds)) == (list(range(8)), [])
    assert read(path, packed(*SIXTY[:2]) + b"".join(SIXTY[2:4])) == ([0, 1, 2, 3], [])


@pytest.mark.parametrize("pack", [packed, frames])
@pytest.mark.parametrize("hurt", [0, 1, 30, 59])
def test_a_damaged_or_torn_frame_costs_one_record(path: Path, pack: "type[bytes]", hurt: int) -> None:
    """A torn .zst ended without a word."""
    parts = [pack(one) for one in SIXTY]
    place = sum(map(len, parts[:hurt]))
    others = [number for number in range(60) if number != hurt]
    for change in (bytes(9), b""):  # bytes that were overwritten, and such that are missing
        parts[hurt] = (whole := pack(SIXTY[hurt]))[:20] + change + whole[29:]
        numbers, (gap,) = read(path, b"".join(parts))
        assert (numbers, gap.start, gap.end) == (others, place, place + len(parts[hurt]))
    numbers, (gap,) = read(path, b"".join(map(pack, SIXTY))[:-5])
    assert (numbers, gap.start) == (list(range(59)), len(b"".join(map(pack, SIXTY[:-1]))))


def test_a_torn_or_damaged_member_of_many_records_gives_those_before(path: Path) -> None:
    records = [record(number, block=random.Random(number).randbytes(700).hex().encode()) for number in range(60)]
    whole = gzip.compress(b"".join(records))
    numbers, (gap,) = read(path, whole[: len(whole) // 2])
    assert numbers == list(range(len(numbers))) and 27 <= len(numbers) <= 31 and gap.end == len(whole) // 2
    assert "breaks off" in gap.why
    half = len(whole) // 2
    numbers, gaps = read(path, whole[:half] + bytes(200) + whole[half + 200 :] + packed(record(99)))
    assert numbers[-1] == 99 and numbers[:-1] == list(range(len(numbers) - 1)) and len(numbers) >= 28
    assert gaps[0].start <= half <= gaps[-1].end


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_length_that_is_wrong_costs_one_record_at_most(path: Path, pack: "type[bytes]") -> None:
    """One that reaches into the next record lost that one, or all behind it."""
    size = len(b"<p>5</p>" * 30)
    for wrong in (size + 7, size + 300, 10**7):
        numbers, gaps = read(path, pack(b"".join([*SIXTY[:5], record(5, length=wrong), *SIXTY[6:20]])))
        assert numbers == [number for number in range(20) if number != 5], wrong
        assert len(gaps) == 1
    numbers, gaps = read(path, pack(b"".join([*SIXTY[:5], record(5, length=size - 7), *SIXTY[6:20]])))
    assert numbers == list(range(20)) and len(gaps) == 1


def test_a_record_in_a_record_is_no_record(path: Path) -> None:
    """A WARC file that was downloaded lies in a block."""
    assert read(path, record(1, block=record(7) + record(8)) + record(2)) == ([1, 2], [])
    assert read(path, packed(record(1, block=record(7) + record(8)), record(2))) == ([1, 2], [])


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_behind_any_damage_each_whole_record_is_read_or_lies_in_a_gap(path: Path, data: st.DataObject) -> None:
    """Truncation, flips, cuts, junk; the records whose bytes are untouched are all there, or in a stretch that was named."""
    kind = data.draw(st.sampled_from(["plain", "gzip", "zstd", "arc", "arc.gz"]))
    texts = [random.Random(number).randbytes(40).hex().encode() * 4 for number in range(12)]
    if kind.startswith("arc"):
        records = [ARC_HEAD, *map(arc_record, range(12))]
    else:
        records = [record(number, block=text) for number, text in enumerate(texts)]
    pack = {"zstd": zstd.compress, "gzip": packed, "arc.gz": packed}.get(kind, bytes)
    parts = [pack(one) for one in records]
    content, places = b"".join(parts), [0]
    for part in parts:
        places.append(places[-1] + len(part))
    begin = data.draw(st.integers(0, len(content)))
    end = min(len(content), begin + data.draw(st.integers(0, 300)))
    junk = data.draw(
        st.sampled_from([b"", b"\0" * 40, b"junk\n" * 9, b"\x1f\x8b\x08\0", b"WARC/1.0\r\n", content[: end - begin]])
    )
    damaged = content[:begin] + junk + content[end:]
    shift = len(junk) - (end - begin)
    path.write_bytes(damaged)
    gaps: list[Gap] = []

    found = [one.block.bytes() for one in read_records(path, on_damage=gaps.append)]

    for (start, stop), one in zip(pairwise(places), records, strict=True):
        if start < end and stop > begin:
            continue  # touched
        moved = start + (shift if start >= end else 0)
        head, _, block = one.partition(b"\n" if kind.startswith("arc") else b"\r\n\r\n")
        block = block.rstrip(b"\r\n")
        there = any(each.rstrip(b"\r\n") == block for each in found)
        named = any(gap.start < moved + stop - start and gap.end > moved for gap in gaps)
        assert there or named, (kind, head, gaps)
