"""Validates a WARC file record by record: nothing is skipped in silence, and no more than a piece is held in memory.

It inflates with zlib, while `writer.py` deflates with isal: what one library wrote is read by another one.
"""

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from io import FileIO

from archiver.storage.warc.reader import next_member
from archiver.storage.warc.unpacking import GZIP_MAGIC
from archiver.times import from_iso

READ_BYTES = 1 << 20
INFLATE_BYTES = 1 << 14  # what is behind a member's end is copied; a bomb blows up to a thousand times that
MAX_HEAD_BYTES = 1 << 20  # of a record: addresses of 100 KB are met, and a header holds one or two of them
MAX_WASTED_BYTES = (
    1 << 30
)  # inflated of members that came out damaged, beyond which none is looked for within what such a one took up
RECORD_END = b"\r\n\r\n"

_VERSION = re.compile(rb"WARC/1\.[01]")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_LENGTH = re.compile(r"[0-9]{1,18}")
_RECORD_ID = re.compile(r"<[^<>\s]+>")
_MANDATORY = ("warc-type", "warc-record-id", "warc-date", "content-length")  # WARC/1.1, 5


@dataclass(frozen=True, slots=True)
class RecordHead:
    """A record's header fields, as written."""

    fields: tuple[tuple[str, str], ...] = field(repr=False)
    """Names in lower case, in order; a name may come several times."""
    length: int
    """Content-Length."""

    def get(self, name: str) -> str | None:
        wanted = name.lower()
        return next((value for key, value in self.fields if key == wanted), None)

    def all(self, name: str) -> list[str]:
        wanted = name.lower()
        return [value for key, value in self.fields if key == wanted]

    @property
    def kind(self) -> str:
        return self.get("WARC-Type") or ""

    @property
    def record_id(self) -> str:
        return self.get("WARC-Record-ID") or ""

    @property
    def url(self) -> str:
        """The target, without the angle brackets that wget writes around it."""
        return (self.get("WARC-Target-URI") or "").strip("<>")


@dataclass(frozen=True, slots=True)
class Segment:
    """A contiguous part of the file: one record, or bytes that are none."""

    offset: int
    length: int
    head: RecordHead | None = None
    """None where it could not be read. Beside a flaw it may be wrong itself."""
    flaw: str | None = None
    """What is wrong with it, in words; None: a whole record."""
    torn: bool = False
    """The flaw is that the file ends before the record does, and nothing else: what a killed crawl leaves."""


BlockSink = Callable[[bytes], object]
"""Receives a record's block, piece by piece."""
OnRecord = Callable[[RecordHead], BlockSink]
"""Called with each record's head; returns what receives its block."""


ENDS_EARLY = "the file ends before the record does"


class HashedFile:
    """A file from its first byte to `end`, and the SHA-256 of these bytes, whatever the order in which they are read."""

    def __init__(self, file: FileIO, end: int) -> None:
        self.file, self.end = file, end
        self._digest, self._digested = sha256(), 0
        self._buffer, self._buffer_at = b"", 0

    def piece(self, place: int) -> bytes | memoryview:
        """INFLATE_BYTES at most from `place` on; empty at the end. Raises `OSError`."""
        if not self._buffer_at <= place < self._buffer_at + len(self._buffer):
            self._read(place)
        begin = place - self._buffer_at
        return memoryview(self._buffer)[begin : begin + INFLATE_BYTES]

    def sha256(self) -> str:
        """Hex, of all bytes up to `end`. Raises `OSError`."""
        while self._digested < self.end and self._read(self._digested):
            pass
        return self._digest.hexdigest()

    def _read(self, place: int) -> bool:
        self.file.seek(place)
        self._buffer, self._buffer_at = self.file.read(max(0, min(READ_BYTES, self.end - place))) or b"", place
        if place <= self._digested < place + len(self._buffer):
            self._digest.update(memoryview(self._buffer)[self._digested - place :])
            self._digested = place + len(self._buffer)
        return bool(self._buffer)


def walk_records(source: HashedFile, begin: OnRecord) -> Iterator[Segment]:
    """All of the file, segment after segment, without a gap. After a flaw it goes on at the next record that can be found.

    Each record has to be a gzip member of its own, checksum and length included; a file that is not compressed is taken as well,
    and what follows a flaw in such a file is one stretch. A bomb may have a thousand members that all go on into the same bytes:
    those are not inflated for each. Raises `OSError`.
    """
    offset = wasted = 0
    plain = bytes(source.piece(0)[:5]) == b"WARC/"
    while offset < source.end:
        parser = _Parser(begin)
        length, flaw = _plain(source, offset, parser) if plain else _member(source, offset, parser)
        if flaw is None:
            yield Segment(offset, length, parser.head, parser.flaw)
            offset += length
            continue
        wasted += parser.fed
        behind = offset + 1 if wasted <= MAX_WASTED_BYTES else offset + max(1, length)
        following = None if plain else next_member(source.file, behind, source.end)
        torn = flaw == ENDS_EARLY and following is None and wasted <= MAX_WASTED_BYTES
        following = source.end if following is None else following
        yield Segment(offset, following - offset, parser.head, flaw, torn)
        offset = following


def _member(source: HashedFile, offset: int, parser: "_Parser") -> tuple[int, str | None]:
    """Feeds one gzip member. Returns its length, or how far it was read; and what is wrong with the member: the record in it may
    have a flaw of its own."""
    inflate = zlib.decompressobj(31)
    place = offset
    while piece := source.piece(place):
        if place == offset and bytes(piece[:3]) != GZIP_MAGIC[: len(piece)]:
            return 0, "no gzip member begins here"
        place += len(piece)
        try:
            data = inflate.decompress(piece)
        except zlib.error as error:
            return place - offset, f"its gzip member is damaged: {str(error).rpartition(': ')[2]}"
        parser.feed(data)
        if inflate.eof:
            parser.finish()
            return place - len(inflate.unused_data) - offset, None
    return place - offset, ENDS_EARLY


def _plain(source: HashedFile, offset: int, parser: "_Parser") -> tuple[int, str | None]:
    """Feeds one record of a file without compression, where only Content-Length says where it ends. Returns its length and what
    is wrong with it."""
    place = offset
    while piece := source.piece(place):
        place += len(piece)
        parser.feed(bytes(piece))
        if parser.flaw is not None:
            return 0, f"{parser.flaw}; what is behind it cannot be told apart"
        if parser.whole:
            return place - parser.behind - offset, None
    return 0, ENDS_EARLY


class _Parser:
    """Takes one record's bytes: head, block, and the two empty lines behind it."""

    def __init__(self, begin: OnRecord) -> None:
        self.head: RecordHead | None = None
        self.flaw: str | None = None
        self.whole = False
        self.fed = 0
        self.behind = 0
        """Bytes fed that lie behind the record."""
        self._begin = begin
        self._take: BlockSink | None = None
        self._pending = bytearray()  # of the head; then of the two empty lines
        self._left = 0

    def feed(self, data: bytes) -> None:
        self.fed += len(data)
        if self.head is None and self.flaw is None:
            data = self._feed_head(data)
        if self.head is None or self.flaw is not None:
            return
        if self._left:
            block, data = data[: self._left], data[self._left :]
            self._left -= len(block)
            if self._take is not None:
                self._take(block)
        missing = len(RECORD_END) - len(self._pending)
        self._pending += data[:missing]
        self.behind += max(0, len(data) - missing)
        self.whole = self._pending == RECORD_END
        if not RECORD_END.startswith(self._pending):
            self.flaw = f"its block of {self.head.length:,} bytes (Content-Length) is not followed by two empty lines"

    def finish(self) -> None:
        """The gzip member has ended."""
        if self.flaw is not None:
            return
        if not self.whole:
            what = "in its block or behind it" if self.head is not None else "before its head is all there"
            self.flaw = f"its gzip member ends {what}"
        elif self.behind:
            self.flaw = f"its gzip member holds {self.behind:,} bytes more than this record"

    def _feed_head(self, data: bytes) -> bytes:
        """Returns what follows the head."""
        searched = max(0, len(self._pending) - len(RECORD_END) + 1)
        self._pending += data
        end = self._pending.find(RECORD_END, searched)
        if end < 0 or end > MAX_HEAD_BYTES:
            if len(self._pending) > MAX_HEAD_BYTES:
                self.flaw = f"its head is longer than {MAX_HEAD_BYTES >> 20} MB"
            return b""
        try:
            self.head = parse_record_head(bytes(self._pending[:end]))
        except ValueError as error:
            self.flaw = str(error)
            return b""
        behind = bytes(self._pending[end + len(RECORD_END) :])
        self._pending.clear()
        self._left = self.head.length
        self._take = self._begin(self.head)
        return behind


def parse_record_head(data: bytes) -> RecordHead:
    """A record's head without the empty line behind it, as WARC/1.1, 4 and 5 have it. Raises ValueError, in words."""
    version, *lines = data.split(b"\r\n")
    if not _VERSION.fullmatch(version):
        raise ValueError(f"it begins with {bytes(version[:40])!r}, and not with WARC/1.1")
    fields = tuple(map(_field, lines))
    known = dict(reversed(fields))  # the first of each name
    for name in _MANDATORY:
        if sum(key == name for key, _ in fields) != 1:
            raise ValueError(f"its header {name} is {'there twice' if name in known else 'missing'}")
    if not _LENGTH.fullmatch(known["content-length"]):
        raise ValueError(f"its Content-Length is no length of a record: {known['content-length'][:40]!r}")
    if not _RECORD_ID.fullmatch(known["warc-record-id"]):
        raise ValueError(f"its WARC-Record-ID is no <address>: {known['warc-record-id'][:80]!r}")
    try:
        from_iso(known["warc-date"])
    except ValueError:
        raise ValueError(f"its WARC-Date is no date: {known['warc-date'][:40]!r}") from None
    return RecordHead(fields, int(known["content-length"]))


def _field(line: bytes) -> tuple[str, str]:
    try:
        name, colon, value = line.decode().partition(":")
    except UnicodeDecodeError:
        raise ValueError(f"a line of its head is no UTF-8: {line[:60]!r}") from None
    if not colon or not _NAME.fullmatch(name):
        raise ValueError(f"a line of its head is no header field: {line[:60]!r}")
    return name.lower(), value.strip(" \t")
