"""DER, as much of it as putting a set in order takes: X.690, 8.1 and 11.6."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Element:
    """Where one value lies: tag, length, content."""

    tag: int
    start: int
    content: int
    """Where its content begins."""
    end: int


def element_at(data: bytes, start: int, end: int) -> Element:
    """The value that begins at `start` and has to end by `end`. Raises `ValueError`."""
    if start + 2 > end:
        raise ValueError(f"no value at byte {start}")
    length, content = data[start + 1], start + 2
    if length > 0x80:
        size = length - 0x80
        length, content = int.from_bytes(data[content : content + size]), content + size
    elif length == 0x80:
        raise ValueError(f"the length at byte {start} is left open, which DER does not allow")
    if content + length > end:
        raise ValueError(f"the value at byte {start} is cut off")
    return Element(data[start], start, content, content + length)


def children(data: bytes, parent: Element) -> list[Element]:
    """The values in a constructed one. Raises `ValueError`."""
    found = []
    start = parent.content
    while start < parent.end:
        found.append(element_at(data, start, parent.end))
        start = found[-1].end
    return found


def with_sorted(data: bytes, parent: Element) -> bytes:
    """All of `data`, the values in this set put in the order of their bytes. Raises `ValueError`."""
    values = sorted(data[child.start : child.end] for child in children(data, parent))
    return data[: parent.content] + b"".join(values) + data[parent.end :]
