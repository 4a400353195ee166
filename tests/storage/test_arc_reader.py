"""ARC files: read as if they were WARC files."""

import gzip
from io import FileIO
from pathlib import Path

import pytest

from archiver.storage.warc.reader import Choice, arc_records_in

VERSION = b"1 0 InternetArchive\nURL IP-address Archive-date Content-type Archive-length\n"
HEAD = b"filedesc://old.arc 0.0.0.0 20050101000000 text/plain %d\n%s\n" % (len(VERSION), VERSION)
BLOCK = b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n<title>%d</title>"


def record(number: int) -> bytes:
    block = BLOCK % number
    return b"http://a.example/%d 192.0.2.7 20050102030405 text/html %d\n%s\n" % (number, len(block), block)


def read(path: Path) -> tuple[list[tuple[str, bytes]], list[int]]:
    """URLs and blocks of the responses; where damage begins."""
    damage: list[int] = []
    choice = Choice(lambda headers, start: headers["warc-type"] == "response", 1 << 20)
    with FileIO(path) as file:
        records = [
            (one.url, one.block.bytes()) for one in arc_records_in(file, choice, lambda since, until: damage.append(since))
        ]
    return records, damage


@pytest.mark.parametrize("packed", [False, True])
def test_each_record_is_read_with_its_address_and_block(tmp_path: Path, packed: bool) -> None:
    parts = [HEAD, *map(record, range(3))]
    path = tmp_path / "old.arc"
    path.write_bytes(b"".join(gzip.compress(part) if packed else part for part in parts))

    assert read(path) == ([(f"http://a.example/{number}", BLOCK % number) for number in range(3)], [])


def test_what_is_behind_damage_is_told_and_not_read(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "old.arc"
    path.write_bytes(HEAD + record(0) + b"garbage\n" * 5 + record(1))

    records, damage = read(path)

    assert [url for url, _ in records] == ["http://a.example/0"]
    assert len(damage) == 1 and damage[0] >= len(HEAD)
    assert capfd.readouterr().err == ""


def test_a_record_that_breaks_off_is_told_and_not_read(tmp_path: Path) -> None:
    path = tmp_path / "old.arc"
    path.write_bytes((HEAD + record(0) + record(1))[:-10])

    end_of_the_first = len(HEAD) + len(record(0).removesuffix(b"\n"))
    assert read(path) == ([("http://a.example/0", BLOCK % 0)], [end_of_the_first])
