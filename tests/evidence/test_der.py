"""DER, as far as it is read: where values lie, and what is no DER."""

import pytest

from archiver.evidence.rfc3161 import DerElement, children, element_at, with_sorted

LONG = b"\x04\x81\x80" + b"x" * 128  # an octet string whose length takes a byte more
SET = b"\x31\x09" + b"\x02\x01\x07" + b"\x02\x01\x05" + b"\x02\x01\x06"


def test_values_lie_where_their_lengths_say() -> None:
    assert element_at(LONG, 0, len(LONG)) == DerElement(0x04, 0, 3, 131)
    assert [child.start for child in children(SET, element_at(SET, 0, len(SET)))] == [2, 5, 8]


def test_a_set_is_put_in_the_order_of_its_bytes_and_nothing_else_moves() -> None:
    data = b"\x30\x0e" + SET + b"\x05\x00" + b"\x05"
    whole = element_at(data, 2, len(data))
    assert with_sorted(data, whole) == b"\x30\x0e\x31\x09" + b"\x02\x01\x05\x02\x01\x06\x02\x01\x07" + b"\x05\x00\x05"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no value at byte 0"),
        (b"\x30", "no value at byte 0"),
        (b"\x30\x05\x02\x01", "the value at byte 0 is cut off"),
        (b"\x30\x84\xff\xff\xff\xff", "the value at byte 0 is cut off"),
        (b"\x30\x80\x00\x00", "the length at byte 0 is left open, which DER does not allow"),
        (b"\x30\xff", "the value at byte 0 is cut off"),
    ],
)
def test_what_is_no_der_is_told(data: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        children(data, element_at(data, 0, len(data)))
