"""WARC files made to be unpacked without end: what is read of them stays small, and what stands behind them is found."""

import gzip
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from archiver.storage.warc.reader import Choice, read_records

MEGABYTE = 1 << 20
UNPACKED_BYTES = 128 * MEGABYTE
MOST_BYTES = 64 * MEGABYTE  # what one piece of 16 KB unpacks to, some three times


def record(identity: str, length: int) -> bytes:
    fields = f"WARC-Record-ID: <urn:{identity}>\r\nWARC-Date: 2022-09-11T00:00:00Z\r\nContent-Length: {length}\r\n"
    return f"WARC/1.1\r\nWARC-Type: resource\r\nWARC-Target-URI: https://a.example/{identity}\r\n{fields}\r\n".encode()


def good(identity: str) -> bytes:
    return gzip.compress(record(identity, 4) + b"good\r\n\r\n", mtime=0)


def bomb(claims: int) -> bytes:
    """One member of 128 MB of zeros behind a record that `claims` to have so many bytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = packer.compress(record("bomb", claims)) + packer.flush(zlib.Z_FULL_FLUSH)
    piece = packer.compress(bytes(MEGABYTE)) + packer.flush(zlib.Z_FULL_FLUSH)
    rest = (packer.compress(bytes(MEGABYTE)) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(UNPACKED_BYTES // MEGABYTE - 1))
    return packed + piece + b"".join(rest) + packer.flush()


@contextmanager
def bounded() -> Iterator[Callable[[], int]]:
    """Gives what was held at most."""
    tracemalloc.start()
    try:
        yield lambda: tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_member_that_goes_on_behind_its_record_is_walked_and_not_held(tmp_path: Path) -> None:
    path = tmp_path / "bomb.warc.gz"
    path.write_bytes(good("before") + bomb(claims=5) + good("behind"))
    with bounded() as highest:
        found = {each.record_id: len(each.block) for each in read_records(path)}
        assert highest() < MOST_BYTES
    assert found["<urn:before>"] == found["<urn:behind>"] == 4
    assert found.get("<urn:bomb>", 5) == 5


def test_of_a_block_no_more_is_kept_than_its_reader_wants(tmp_path: Path) -> None:
    path = tmp_path / "bomb.warc.gz"
    path.write_bytes(good("before") + bomb(claims=UNPACKED_BYTES) + good("behind"))
    with bounded() as highest:
        chosen = Choice(lambda headers, start: True, most_bytes=MEGABYTE)
        found = {each.record_id: len(each.block) for each in read_records(path, choice=chosen)}
        assert highest() < MOST_BYTES
    assert set(found) == {"<urn:before>", "<urn:bomb>", "<urn:behind>"}
    assert found["<urn:bomb>"] <= 2 * MEGABYTE
