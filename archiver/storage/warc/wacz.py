"""Finds the WARC files inside a WACZ, which is a zip file. Nothing of it gets a name on the disk."""

import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO

from archiver.errors import BadRecord
from archiver.wire.spool import CHUNK_BYTES

WARC_SUFFIXES = tuple(f".{kind}{packed}" for kind in ("warc", "arc") for packed in ("", ".gz", ".zst", ".bz2", ".xz", ".lz4"))
# WARC files are compressed already, and a plain one shrinks to a tenth. What is beyond both of these is a bomb.
MAX_RATIO = 100
MAX_UNSUSPECTED_BYTES = 256 << 20

_LOCAL_HEADER = struct.Struct("<4s22xHH")  # APPNOTE.TXT 4.3.7: the signature and, after 22 bytes, lengths of name and extra field
_LOCAL_MAGIC = b"PK\x03\x04"
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
        """Raises `BadRecord` where it is no zip file, or its directory cannot be read."""
        self._file = file
        try:
            self._zip = zipfile.ZipFile(file)
        except _BROKEN as error:
            raise BadRecord(f"is no zip file that can be read ({error})") from None
        members = sorted(self._zip.infolist(), key=lambda member: (member.filename, member.header_offset))
        self.warcs = tuple(member for member in members if member.filename.lower().endswith(WARC_SUFFIXES))
        """The WARC files in it, by name."""
        self.waczs = tuple(member for member in members if member.filename.lower().endswith(".wacz"))
        """Further WACZ files in it, which are not opened."""

    @contextmanager
    def opened(self, member: zipfile.ZipInfo) -> Iterator[WarcRange]:
        """One of `warcs`. What is only stored is read in place, as WACZ wants it; what is deflated is unpacked into an unnamed
        temporary file. Raises `BadRecord` where it cannot be read, `OSError` where there is no room for it.
        """
        if member.flag_bits & _ENCRYPTED:
            raise BadRecord("is encrypted: unpack it, and give the WARC file")
        if member.compress_type == zipfile.ZIP_STORED:
            start = self._content_of(member)
            yield WarcRange(self._file, start, start + member.compress_size)
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
        _, name, extra = _LOCAL_HEADER.unpack(header)
        start = place + _LOCAL_HEADER.size + int(name) + int(extra)
        if start + member.compress_size > end:
            raise BadRecord("is not all there: the file breaks off")
        return start

    def _unpack(self, member: zipfile.ZipInfo, into: FileIO) -> str | None:
        """Writes a member's content; returns why not all of it could be had."""
        most = max(MAX_UNSUSPECTED_BYTES, MAX_RATIO * member.compress_size)
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
