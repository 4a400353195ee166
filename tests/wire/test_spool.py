"""The spool: the same bytes from memory and from disk, as a whole and from a place on."""

import pytest

from archiver.wire.spool import MEMORY_BYTES, Spool


@pytest.mark.parametrize("size", [0, 10, 1000, MEMORY_BYTES, MEMORY_BYTES + 1, MEMORY_BYTES * 2])
def test_the_tail_of_a_spool_reads_as_the_rest_of_it(size: int) -> None:
    content = (bytes(range(256)) * (size // 256 + 1))[:size]
    whole = Spool()
    for start in range(0, size, 300_000):
        whole.write(content[start : start + 300_000])
    tail = whole.tail(7)
    assert whole.on_disk is tail.on_disk is (size > MEMORY_BYTES)
    assert (whole.bytes(), tail.bytes(), len(tail)) == (content, content[7:], len(content[7:]))
    assert tail.bytes(3, 9) == content[10:16]
    assert b"".join(tail.chunks(1, 10**9)) == content[8:]


def test_a_tail_cannot_be_written_to() -> None:
    with pytest.raises(TypeError, match="write to the whole"):
        Spool(b"abc").tail(1).write(b"d")
