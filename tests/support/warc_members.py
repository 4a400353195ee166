"""Reads WARC files with nothing but zlib: what the tests hold our own reader and writer against."""

import zlib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Member:
    """One gzip member, and the one record that it must hold."""

    offset: int
    length: int
    headers: tuple[tuple[str, str], ...]
    block: bytes

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def get(self, name: str) -> str | None:
        return next(iter(self.all(name)), None)

    @property
    def kind(self) -> str:
        return self.get("WARC-Type") or ""

    @property
    def record_id(self) -> str:
        return self.get("WARC-Record-ID") or ""

    @property
    def url(self) -> str:
        return self.get("WARC-Target-URI") or ""


def members_of(path: Path, *, torn: bool = False) -> list[Member]:
    """All records of a file. Fails where a member holds anything but exactly one record, or where bytes are left over.

    `torn`: the file's end may be torn off, and what is left of the last record is passed over.
    """
    data, offset, members = path.read_bytes(), 0, []
    while offset < len(data):
        inflate = zlib.decompressobj(31)
        content = inflate.decompress(data[offset:])
        if torn and not inflate.eof:
            break
        assert inflate.eof, f"{path.name}: the member at {offset} has no end"
        length = len(data) - offset - len(inflate.unused_data)
        members.append(_member(content, offset, length))
        offset += length
    return members


def records_of(data_dir: Path) -> list[Member]:
    """All records of an archive's WARC files, file after file."""
    return [member for path in sorted(data_dir.rglob("*.warc.gz")) for member in members_of(path)]


def _member(content: bytes, offset: int, length: int) -> Member:
    head, _, rest = content.partition(b"\r\n\r\n")
    version, *lines = head.decode("utf-8").split("\r\n")
    assert version == "WARC/1.1"
    headers = tuple((name, value.strip()) for name, _, value in (line.partition(":") for line in lines))
    size = int(next(value for name, value in headers if name == "Content-Length"))
    assert rest[size:] == b"\r\n\r\n", f"the member at {offset} holds {len(rest) - size} bytes behind its block"
    return Member(offset, length, headers, rest[:size])
