"""Finds the WARC files inside a WACZ, which is a zip file. Nothing of it gets a name on the disk.

A zip file has its directory at its end, and copying that breaks off loses it: then each member is found by its own header.
"""

import re
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import SEEK_CUR, SEEK_END, SEEK_SET, FileIO, RawIOBase
from typing import cast

from archiver.errors import BadRecord
from archiver.wire.spool import CHUNK_BYTES

WARC_SUFFIXES = tuple(f".{kind}{packed}" for kind in ("warc", "arc") for packed in ("", ".gz", ".zst", ".bz2", ".xz", ".lz4"))
# WARC files are compressed already, and a plain one shrinks to a tenth. What is beyond both of these is a bomb.
MAX_RATIO = 100
MAX_UNSUSPECTED_BYTES = 256 << 20
_INFLATE_BYTES = 1 << 14

# APPNOTE.TXT 4.3.7: after signature and version: flags, method, 4 bytes of time, CRC-32, sizes, lengths of name and extra field
_LOCAL_HEADER = struct.Struct("<4s2xHH4xIIIHH")
_LOCAL_MAGIC = b"PK\x03\x04"
_SIGNATURE = re.compile(rb"PK(?:\x03\x04|\x01\x02|\x05\x06|\x06\x06)")  # of what comes behind a member's content
_DESCRIPTOR, _DESCRIPTOR_BYTES = (
    b"PK\x07\x08",
    (16, 24),
)  # 4.3.9: behind content whose length was not known, with ZIP64 or without
_SIZE_BEHIND = 0x8
_UTF8 = 0x800
_ZIP64, _IN_ZIP64 = 1, 0xFFFFFFFF
MAX_NAME_BYTES = 4_096
_ENCRYPTED = 0x1
# What zipfile raises for bytes that are no zip file, or not a whole one.
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OverflowError, RuntimeError, struct.error, OSError)


@dataclass(frozen=True, slots=True)
class WarcRange:
    """Where a WARC file lies inside an open file."""

    file: FileIO
    start: int
    end: int
    damage: str | None = None
    """Why there is not all of it."""


class Wacz:
    """A WACZ (https://specs.webrecorder.net/wacz/1.1.1/), or another zip file that holds WARC files, in whatever folder."""

    def __init__(self, file: FileIO) -> None:
        """Raises `BadRecord` where it is no zip file that can be read."""
        self._file = file
        self.damage: str | None = None
        """What is wrong with the file as a whole."""
        self._zip: zipfile.ZipFile | None = None
        self._by_headers: dict[str, zipfile.ZipInfo] | None = None
        try:
            self._zip = zipfile.ZipFile(file)
            members = self._zip.infolist()
        except _BROKEN as error:
            members = list(_members_by_their_headers(file))
            if not members:
                raise BadRecord(f"is no zip file that can be read ({error})") from None
            self.damage = f"has no directory at its end ({error}): what is in it was found without"
        members.sort(key=lambda member: (member.filename, member.header_offset))
        self.warcs = tuple(member for member in members if member.filename.lower().endswith(WARC_SUFFIXES))
        """The WARC files in it, by name."""
        self.waczs = tuple(member for member in members if member.filename.lower().endswith(".wacz"))
        """Further WACZ files in it, as a collection of Browsertrix has them."""

    @contextmanager
    def opened(self, member: zipfile.ZipInfo) -> Iterator[WarcRange]:
        """One of `warcs` or `waczs`. What is only stored is read in place, as WACZ wants it; what is deflated is unpacked into an
        unnamed temporary file. Raises `BadRecord` where it cannot be read, `OSError` where there is no room for it."""
        if member.flag_bits & _ENCRYPTED:
            raise BadRecord("is encrypted: unpack it, and give the WARC file")
        if member.compress_type == zipfile.ZIP_STORED:
            try:
                start, damage = self._content_of(member), None
            except BadRecord as error:
                member, damage = self._found_again(member, error), str(error)
                start = self._content_of(member)
            yield WarcRange(self._file, start, start + member.compress_size, damage)
        elif member.compress_type == zipfile.ZIP_DEFLATED:
            with tempfile.TemporaryFile(prefix="archiver-", buffering=0) as file:
                damage = self._unpack(member, file)
                yield WarcRange(file, 0, file.tell(), damage)
        else:
            raise BadRecord("is neither stored nor deflated: unpack it, and give the WARC file")

    def _content_of(self, member: zipfile.ZipInfo) -> int:
        """Where the bytes of a member begin: behind its local header, whose lengths the directory does not know."""
        end = self._file.seek(0, 2)
        place = self._file.seek(min(max(member.header_offset, 0), end))  # a hostile directory names places before the beginning
        header = self._file.read(_LOCAL_HEADER.size)
        if len(header) < _LOCAL_HEADER.size or not header.startswith(_LOCAL_MAGIC):
            raise BadRecord("is not where the directory of the zip file says")
        *_, name, extra = _LOCAL_HEADER.unpack(header)
        start = place + _LOCAL_HEADER.size + int(name) + int(extra)
        if start + member.compress_size > end:
            raise BadRecord("is not all there: the file breaks off")
        return start

    def _found_again(self, member: zipfile.ZipInfo, error: BadRecord) -> zipfile.ZipInfo:
        """A member that is not where the directory says, or not whole, by its own header. Raises the error where it
        has none."""
        if self._by_headers is None:
            self._by_headers = {found.filename: found for found in _members_by_their_headers(self._file)}
        found = self._by_headers.get(member.filename)
        if found is None or found.compress_type != zipfile.ZIP_STORED:
            raise error
        return found

    def _unpack_alone(self, member: zipfile.ZipInfo, into: FileIO) -> str | None:
        """As `_unpack`, of a file without a directory."""
        most = max(MAX_UNSUSPECTED_BYTES, MAX_RATIO * member.compress_size)
        place = self._content_of(member)
        inflate, size, left = zlib.decompressobj(-15), 0, member.compress_size
        while left and not inflate.eof:
            self._file.seek(place)
            chunk = self._file.read(min(left, _INFLATE_BYTES))
            place, left = place + len(chunk), left - len(chunk)
            try:
                data = inflate.decompress(chunk)
            except zlib.error as error:
                return str(error)
            size += len(data)
            if size > most:
                return f"it unpacks to more than {most:,} bytes, as bombs do"
            into.write(data)
            if not chunk:
                break
        return None if inflate.eof else "the file breaks off"

    def _unpack(self, member: zipfile.ZipInfo, into: FileIO) -> str | None:
        """Writes a member's content; returns why not all of it could be had."""
        most = max(MAX_UNSUSPECTED_BYTES, MAX_RATIO * member.compress_size)
        if self._zip is None:
            return self._unpack_alone(member, into)
        try:
            content = self._zip.open(member)
        except _BROKEN as error:
            return str(error)
        size = 0
        while True:
            try:
                chunk = content.read(CHUNK_BYTES)
            except _BROKEN as error:
                return str(error)
            if not chunk:
                return None
            size += len(chunk)
            if size > most:
                return f"it unpacks to more than {most:,} bytes, as bombs do"
            into.write(chunk)


def _members_by_their_headers(file: FileIO) -> Iterator[zipfile.ZipInfo]:
    """What lies in a zip file whose directory is lost. Raises `OSError`."""
    end = file.seek(0, SEEK_END)
    place = _next_signature(file, 0, end, _LOCAL_MAGIC)
    while place < end:
        member, content = _member_at(file, place)
        if member is None:
            place = _next_signature(file, place + 1, end, _LOCAL_MAGIC)
            continue
        behind = content + member.compress_size
        if member.flag_bits & _SIZE_BEHIND or behind > end or not _is_signature(file, behind):
            behind = _end_of_content(file, content, end)
            member.compress_size = _without_descriptor(file, content, behind) - content
        yield member
        place = _next_signature(file, behind, end, _LOCAL_MAGIC)


def _is_signature(file: FileIO, place: int) -> bool:
    file.seek(place)
    return _SIGNATURE.match(file.read(4)) is not None


def _member_at(file: FileIO, place: int) -> tuple[zipfile.ZipInfo | None, int]:
    """The member whose header stands there, and where its content begins; None where none does."""
    file.seek(place)
    header = file.read(_LOCAL_HEADER.size + MAX_NAME_BYTES + (1 << 16))
    if len(header) < _LOCAL_HEADER.size or not header.startswith(_LOCAL_MAGIC):
        return None, 0
    _, flags, method, _, packed, size, name_length, extra_length = _LOCAL_HEADER.unpack(header[: _LOCAL_HEADER.size])
    name = header[_LOCAL_HEADER.size : _LOCAL_HEADER.size + name_length]
    extra = header[_LOCAL_HEADER.size + name_length :][:extra_length]
    if not 0 < name_length <= MAX_NAME_BYTES or len(extra) < extra_length or b"\0" in name:
        return None, 0
    member = zipfile.ZipInfo(name.decode("utf-8" if flags & _UTF8 else "cp437", "replace"))
    member.header_offset, member.flag_bits, member.compress_type = place, flags, method
    member.compress_size = _packed_size(extra, packed, size)
    return member, place + _LOCAL_HEADER.size + name_length + extra_length


def _packed_size(extra: bytes, packed: int, size: int) -> int:
    """With ZIP64 the sizes that do not fit stand in the extra field (APPNOTE.TXT 4.5.3), that of the content first."""
    while packed == _IN_ZIP64 and len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        if kind == _ZIP64:
            begin = 12 if size == _IN_ZIP64 else 4
            return int.from_bytes(extra[begin : begin + 8], "little")
        extra = extra[4 + length :]
    return packed


def _end_of_content(file: FileIO, content: int, end: int) -> int:
    """Where the next member, or the directory, begins behind content whose length is not told."""
    place = content
    while (place := _next_signature(file, place, end, None)) < end:
        file.seek(place)
        if file.read(4) != _LOCAL_MAGIC or _member_at(file, place)[0] is not None:
            return place
        place += 1
    return end


def _without_descriptor(file: FileIO, content: int, behind: int) -> int:
    for size in _DESCRIPTOR_BYTES:
        if behind - size >= content:
            file.seek(behind - size)
            if file.read(4) == _DESCRIPTOR:
                return behind - size
    return behind


def _next_signature(file: FileIO, place: int, end: int, wanted: bytes | None) -> int:
    """Where the next one stands, at `place` or behind it; the end where there is none."""
    while place < end:
        file.seek(place)
        piece = file.read(CHUNK_BYTES)
        found = _SIGNATURE.search(piece)
        at = piece.find(wanted) if wanted is not None else found.start() if found else -1
        if at >= 0:
            return place + at
        if len(piece) < 4:
            return end
        place += len(piece) - 3
    return end


class _Window(RawIOBase):
    """A stretch of an open file, as a file."""

    def __init__(self, file: FileIO, start: int, end: int) -> None:
        self._file, self._start, self._end = file, start, end
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        base = {SEEK_SET: 0, SEEK_CUR: self._at, SEEK_END: self._end - self._start}[whence]
        if base + offset < 0:
            raise ValueError("a place before the beginning")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        self._file.seek(self._start + self._at)
        data = self._file.read(max(0, min(len(buffer), self._end - self._start - self._at)))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def file_of(stretch: WarcRange) -> FileIO:
    """A file that lies inside an open file, as a file of its own."""
    return cast(FileIO, _Window(stretch.file, stretch.start, stretch.end))
