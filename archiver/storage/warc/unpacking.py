"""The frames of a file of records: gzip members, zstd frames, bzip2 and xz streams, or bytes that are not compressed.

Writers of WARC files give each record a frame of its own; others compress a whole file at once (`gzip file.warc`), or cut it into
frames wherever a block is full (bgzip). Where the decompressor stands is no proof of where a record or the file ends.
"""

import bz2
import lzma
import re
import sys
import zlib
from collections.abc import Callable
from io import BytesIO, FileIO
from typing import Any, Protocol

from isal import isal_zlib

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

GZIP_MAGIC = b"\x1f\x8b\x08"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
LZ4_MAGIC = b"\x04\x22\x4d\x18"
PIECE_BYTES = 1 << 14  # of a file; of gzip a bomb blows up to a thousand times that
OUTPUT_BYTES = 1 << 20  # at most at once, of those that blow up further
READ_BYTES = (1 << 16, 1 << 20)  # of a file at once: at first, since often one record is wanted, and later on
TRIAL_BYTES = 1 << 10  # of a frame, that show what it begins with
MAX_DICTIONARY_BYTES = 16 << 20  # wget-at's have 1 MB
SALVAGE_BYTES = 32  # of a damaged frame, fed at once to come close to the damage: what one call decodes before it fails is lost

_XZ, _BZIP2 = b"\xfd7zXZ\0", re.compile(rb"BZh[1-9](?:1AY&SY|\x17\x72\x45\x38\x50\x90)")
_SKIPPABLE = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18", re.S)  # RFC 8878, 3.1.2
_SKIPPABLE_HEAD_BYTES = 8
_DICTIONARY = b"\x5d\x2a\x4d\x18"  # https://iipc.github.io/warc-specifications/specifications/warc-zstd/, 2019
MAGICS = re.compile(
    rb"\x1f\x8b\x08|\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18|\xfd7zXZ\0|BZh[1-9](?:1AY&SY|\x17\x72\x45\x38\x50\x90)|\x04\x22\x4d\x18",
    re.S,
)
"""Where a frame may begin."""
MAGIC_BYTES = 10  # the longest of them

_ISAL_ERROR: type[Exception] = isal_zlib.error  # type: ignore[assignment]  # declared as an instance in its stubs
ERRORS = (_ISAL_ERROR, zlib.error, zstd.ZstdError, lzma.LZMAError, OSError, EOFError, ValueError, MemoryError)
"""What decompressors raise for bytes that they cannot read."""


class FilePart:
    """The bytes of a file up to `end`, by their place, read ahead."""

    def __init__(self, file: FileIO | BytesIO, end: int) -> None:
        self.file, self.end = file, end
        self._buffer, self._view, self._buffer_at = b"", memoryview(b""), 0
        self._ahead = READ_BYTES[0]

    def piece(self, place: int, most: int = PIECE_BYTES) -> memoryview:
        """What lies at `place`: `most` bytes, or fewer; empty at the end only. Raises `OSError`."""
        begin = place - self._buffer_at
        if not 0 <= begin < len(self._buffer):
            self._fill(place)
            begin = 0
        return self._view[begin : begin + most]

    def bytes(self, place: int, count: int) -> bytes:
        """`count` bytes, fewer only at the end. Raises `OSError`."""
        begin = place - self._buffer_at
        if begin >= 0 and begin + count <= len(self._buffer):
            return self._buffer[begin : begin + count]
        found = bytes(self.piece(place, count))
        while len(found) < count and (more := self.piece(place + len(found), count - len(found))):
            found += more
        return found

    def _fill(self, place: int) -> None:
        self.file.seek(place)
        self._buffer, self._buffer_at = self.file.read(max(0, min(self._ahead, self.end - place))) or b"", place
        self._view = memoryview(self._buffer)
        self._ahead = READ_BYTES[1]


class _Decompressor(Protocol):
    def decompress(self, data: Any) -> bytes: ...
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...


class PackedFrame:
    """One frame, read from its beginning on."""

    __slots__ = ("_bounded", "_decompressor", "_part", "damage", "ended", "given", "name", "packed", "place", "start")

    def __init__(self, part: FilePart, start: int, name: str, decompressor: "_Decompressor | None") -> None:
        self._part = part
        self._decompressor = decompressor
        self._bounded = name not in ("", "gzip")
        self.packed = decompressor is not None
        self.start = start
        self.name = name
        """`gzip`, `zstd`, `bzip2`, `xz`; empty for bytes that are not compressed."""
        self.place = start
        """Up to where the file was read. Once `ended`: where the frame ends."""
        self.given = 0
        """Bytes that came out."""
        self.ended = False
        self.damage: str | None = None

    def read(self) -> bytes:
        """The next bytes; none once it has `ended` or there is `damage`. Raises `OSError` where the file cannot be read."""
        while not self.ended and self.damage is None:
            piece = self._part.piece(self.place)
            if self._decompressor is None:
                self.place += len(piece)
                self.ended = not piece
                data = bytes(piece)
            else:
                data = self._unpacked(self._decompressor, piece)
            if data:
                self.given += len(data)
                return data
        return b""

    def jump(self, count: int) -> int:
        """Passes over bytes that are not compressed; returns how many, fewer only at the end."""
        count = min(count, max(0, self._part.end - self.place))
        self.place += count
        self.given += count
        return count

    def _unpacked(self, decompressor: _Decompressor, piece: memoryview) -> bytes:
        waits = self._bounded and not decompressor.needs_input  # type: ignore[attr-defined]
        if not piece and not waits:
            self.damage = "breaks off"
            return b""
        try:
            if self._bounded:
                data: bytes = decompressor.decompress(b"" if waits else piece, OUTPUT_BYTES)  # type: ignore[call-arg]
            else:
                data = decompressor.decompress(piece)
        except ERRORS as error:
            self.damage = f"is damaged ({str(error) or type(error).__name__})"
            return self._salvaged(piece)
        if not waits:
            self.place += len(piece)
        if decompressor.eof:
            self.place -= len(decompressor.unused_data)
            self.ended = True
        return data

    def _salvaged(self, piece: memoryview) -> bytes:
        """What stands before the damage in a piece of a gzip member: the member is read again, and the piece in small steps."""
        if self.name != "gzip":
            return b""
        again = zlib.decompressobj(31)
        found: list[bytes] = []
        try:
            place = self.start
            while place < self.place:
                before = self._part.piece(place, min(PIECE_BYTES, self.place - place))
                place += len(before)
                again.decompress(before)
            for begin in range(0, len(piece), SALVAGE_BYTES):
                found.append(again.decompress(piece[begin : begin + SALVAGE_BYTES]))
        except zlib.error:
            pass  # here is the damage
        return b"".join(found)


class Frames:
    """Opens the frames of one file."""

    def __init__(self, file: FileIO | BytesIO, base: int, end: int) -> None:
        """`base`: where the file of records begins inside the open file; a zstd dictionary lies there."""
        self.part = FilePart(file, end)
        self._base = base
        self._dictionary: zstd.ZstdDict | None = None
        self._dictionary_sought = False

    def at(self, place: int) -> PackedFrame | None:
        """The frame that begins at `place`, or behind the skippable frames that begin there; bytes without compression where no
        magic number stands. None for a frame that is not read (lz4)."""
        start = self.part.bytes(place, MAGIC_BYTES)
        if start.startswith(GZIP_MAGIC):
            return PackedFrame(self.part, place, "gzip", isal_zlib.decompressobj(31))
        if _SKIPPABLE.match(start):
            behind = self._skipped(place)
            return self.at(behind) if behind > place else PackedFrame(self.part, place, "", None)
        if start.startswith(ZSTD_MAGIC):
            return PackedFrame(self.part, place, "zstd", zstd.ZstdDecompressor(self.dictionary()))
        if start.startswith(_XZ):
            return PackedFrame(self.part, place, "xz", lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=256 << 20))
        if _BZIP2.match(start):
            return PackedFrame(self.part, place, "bzip2", bz2.BZ2Decompressor())
        return None if start.startswith(LZ4_MAGIC) else PackedFrame(self.part, place, "", None)

    def _skipped(self, place: int) -> int:
        """Where the first frame with content begins at `place` or behind it."""
        while place < self.part.end:
            head = self.part.bytes(place, _SKIPPABLE_HEAD_BYTES)
            if len(head) < _SKIPPABLE_HEAD_BYTES or not _SKIPPABLE.match(head):
                return place
            behind = place + _SKIPPABLE_HEAD_BYTES + int.from_bytes(head[4:], "little")
            if behind > self.part.end:
                return place  # no frame, or torn
            place = behind
        return place

    def begins_with(self, place: int, test: Callable[[bytes], object]) -> bool:
        """Whether the start of what the frame at `place` holds passes a test."""
        frame = self.at(place)
        if frame is None or not frame.packed:
            return False
        if frame.name == "gzip":  # of which a piece is enough, and among a hostile file's bytes there are many
            try:
                return bool(test(zlib.decompressobj(31).decompress(self.part.piece(frame.start, TRIAL_BYTES), 4 * TRIAL_BYTES)))
            except zlib.error:
                return False
        return bool(test(frame.read()))

    def dictionary(self) -> "zstd.ZstdDict | None":
        if not self._dictionary_sought:
            self._dictionary_sought = True
            self._dictionary = self._find_dictionary()
        return self._dictionary

    def _find_dictionary(self) -> "zstd.ZstdDict | None":
        head = self.part.bytes(self._base, _SKIPPABLE_HEAD_BYTES)
        size = int.from_bytes(head[4:], "little")
        if not head.startswith(_DICTIONARY) or not 0 < size <= MAX_DICTIONARY_BYTES:
            return None
        content = self.part.bytes(self._base + _SKIPPABLE_HEAD_BYTES, size)
        try:
            if content.startswith(ZSTD_MAGIC):
                content = zstd.ZstdDecompressor().decompress(content, MAX_DICTIONARY_BYTES)
            return zstd.ZstdDict(content)
        except ERRORS:
            return None


def unpacked_start(start: bytes) -> bytes:
    """What the first bytes of a file unpack to, as far as they tell; itself where it is not compressed."""
    frames = Frames(BytesIO(start), 0, len(start))
    frame = frames.at(0)
    if frame is None:
        return start
    return frame.read()
