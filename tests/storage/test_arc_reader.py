"""ARC files: read as if they were WARC files."""

import gzip
from io import FileIO
from pathlib import Path

import pytest

from archiver.storage.warc.reader import Choice, Gap, records_in
from tests.support.arc_files import ARC_BLOCK as BLOCK
from tests.support.arc_files import ARC_HEAD as HEAD
from tests.support.arc_files import arc_record as record


def read(path: Path) -> tuple[list[tuple[str, bytes]], list[tuple[int, int]]]:
    """URLs and blocks of the responses; what could not be read."""
    gaps: list[Gap] = []
    choice = Choice(lambda headers, start: headers["warc-type"] == "response", 1 << 20)
    with FileIO(path) as file:
        records = [(one.url, one.block.bytes()) for one in records_in(file, 0, path.stat().st_size, choice, gaps.append)]
    return records, [(gap.start, gap.end) for gap in gaps]


def expected(*numbers: int) -> list[tuple[str, bytes]]:
    return [(f"http://a.example/{number}", BLOCK % number) for number in numbers]


@pytest.mark.parametrize("packed", [False, True])
def test_each_record_is_read_with_its_address_and_block(tmp_path: Path, packed: bool) -> None:
    parts = [HEAD, *map(record, range(3))]
    path = tmp_path / "old.arc"
    path.write_bytes(b"".join(gzip.compress(part) if packed else part for part in parts))

    assert read(path) == ([(f"http://a.example/{number}", BLOCK % number) for number in range(3)], [])


def test_junk_between_records_is_told_and_costs_none(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """What stands behind damage was not read at all."""
    path = tmp_path / "old.arc"
    whole, junk = HEAD + record(0), b"garbage\n" * 5
    path.write_bytes(whole + junk + record(1))

    assert read(path) == (expected(0, 1), [(len(whole), len(whole + junk))])
    assert capfd.readouterr().err == ""


def test_a_record_that_breaks_off_is_told_and_not_read(tmp_path: Path) -> None:
    path = tmp_path / "old.arc"
    whole = HEAD + record(0)
    path.write_bytes((whole + record(1))[:-10])

    assert read(path) == (expected(0), [(len(whole), len(whole + record(1)) - 10)])


def test_a_damaged_member_costs_itself(tmp_path: Path) -> None:
    path = tmp_path / "old.arc.gz"
    members = [gzip.compress(part) for part in (HEAD, *map(record, range(4)))]
    place, length = len(b"".join(members[:2])), len(members[2])
    members[2] = members[2][:20] + bytes(12) + members[2][32:]
    path.write_bytes(b"".join(members))

    assert read(path) == (expected(0, 2, 3), [(place, place + length)])


def test_a_file_packed_as_a_whole_is_read(tmp_path: Path) -> None:
    """Nothing of it was read, from a byte with a negative number on: ARC files unpacked and packed again, as Common Crawl's of
    2009 (webrecorder/warcio#140)."""
    path = tmp_path / "old.arc.gz"
    path.write_bytes(gzip.compress(HEAD + b"".join(map(record, range(40)))))

    assert read(path) == (expected(*range(40)), [])


def test_a_line_of_version_2_and_one_with_blanks_give_the_address(tmp_path: Path) -> None:
    """The address went on up to the status code; warcio said so on standard error."""
    path = tmp_path / "old.arc"
    block = BLOCK % 1
    lines = [
        b"http://a.example/two 192.0.2.7 20050102030405 text/html 200 - - 0 old.arc %d",
        b"http://a.example/a b 192.0.2.7 20050102030405 text/html; charset=utf-8 %d",
        b"http://a.example/none 192.0.2.7 null text/html %d",
        b"http://a.example/v6 2001:db8::7 20050102030405 no-type %d",
    ]
    path.write_bytes(HEAD + b"".join(line % len(block) + b"\n" + block + b"\n" for line in lines))

    found, gaps = read(path)

    assert [url.removeprefix("http://a.example/") for url, _ in found] == ["two", "a%20b", "none", "v6"]
    assert {body for _, body in found} == {block} and gaps == []


def test_a_block_without_an_http_head_is_a_resource(tmp_path: Path) -> None:
    """As Alexa wrote them (iipc/jwarc#96): HTTP/0.9."""
    path = tmp_path / "old.arc"
    page = b"<html><title>old</title>"
    path.write_bytes(HEAD + record(0) + b"http://a.example/old 192.0.2.7 19961201000000 no-type %d\n%s\n" % (len(page), page))

    with FileIO(path) as file:
        _, _, last = list(records_in(file, 0, path.stat().st_size))

    assert (last.record_type, last.url, last.block.bytes()) == ("resource", "http://a.example/old", page)
    assert last.get("WARC-Date") == "1996-12-01T00:00:00Z"


def test_a_length_that_reaches_into_the_next_record_costs_one(tmp_path: Path) -> None:
    path = tmp_path / "old.arc"
    wrong = record(1).replace(b"text/html %d\n" % len(BLOCK % 1), b"text/html %d\n" % (len(BLOCK % 1) + 90))
    path.write_bytes(HEAD + record(0) + wrong + record(2) + record(3))

    start = len(HEAD + record(0))
    assert read(path) == (expected(0, 2, 3), [(start, start + len(wrong))])
