"""Reads WARC files, ours and other people's, and ARC files, their predecessors, record by record.

Nothing is lost in silence: what is no record, or is damaged, is passed over and told, and behind it the next record is found.
"""

import re
import zlib
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from io import FileIO
from pathlib import Path
from stat import S_ISREG

from archiver.errors import BadRecord
from archiver.storage.warc.record_heads import (
    ARC_BEGINS,
    MAX_ARC_LINE_BYTES,
    MAX_HEAD_BYTES,
    OVERLAP_BYTES,
    WARC_BEGINS,
    begins_arc,
    begins_record,
    begins_warc,
    parse_arc_line,
    parse_warc_head,
    warc_head_end,
)
from archiver.storage.warc.unpacking import GZIP_MAGIC, MAGIC_BYTES, MAGICS, TRIAL_BYTES, Frames, PackedFrame
from archiver.wire.spool import CHUNK_BYTES, MEMORY_BYTES, Spool

MAX_WASTED_BYTES = 1 << 30  # unpacked of damaged frames, beyond which none is looked for within what such a one took up
NO_RECORD = "no record begins there"
_BLANKS = re.compile(rb"[\r\n]*")
_CR = 13  # LF is 10


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """One record, with its block, its offset and its length in the file."""

    record_type: str
    record_id: str
    headers: dict[str, str] = field(repr=False)
    """Names in lower case."""
    block: Spool = field(repr=False)
    offset: int
    """Where it begins in the file; where it does not begin a gzip member or zstd frame, where that begins in which it does."""
    length: int
    """Bytes that the record takes in the file, compressed; 0 where it shares a gzip member or zstd frame with others: then it has
    no place of its own."""

    def get(self, name: str) -> str | None:
        return self.headers.get(name.lower())

    @property
    def url(self) -> str:
        """The target, without the angle brackets that wget writes around it."""
        return (self.get("WARC-Target-URI") or "").strip("<>")


@dataclass(frozen=True, slots=True)
class Choice:
    """Which records a reader wants, and how much of them. The others are passed over without keeping their blocks."""

    wanted: Callable[[Mapping[str, str], bytes], bool]
    """Called with the headers, names in lower case, and the block's first CHUNK_BYTES."""
    most_bytes: int
    """Of a block that is wanted; the rest is left out. Content-Length says how long it was."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of a file that holds no record that can be read."""

    start: int
    end: int
    """The first byte behind it."""
    why: str
    """What is wrong, in words."""


OnDamage = Callable[[Gap], None]
"""Called with each stretch that could not be read, in order, before the records behind it are given."""


def read_records(
    path: Path, start: int = 0, end: int | None = None, choice: Choice | None = None, on_damage: OnDamage | None = None
) -> Iterator[StoredRecord]:
    """All whole records from byte `start` on, up to `end`. What cannot be read is skipped: a partial record at the end of a
    file, which a killed crawl leaves, or damaged bytes in the middle.

    Raises `BadRecord` where the file cannot be opened, or is a pipe or device, which would be waited for.
    """
    try:
        found = path.stat()
        if not S_ISREG(found.st_mode):
            raise BadRecord(f"cannot read {path}: it is no regular file")
        size = found.st_size if end is None else min(end, found.st_size)
        with path.open("rb", buffering=0) as file:
            yield from _Reader(Frames(file, 0, size), choice, on_damage).records(start)
    except OSError as error:
        raise BadRecord(f"cannot read {path}: {error.strerror or error}") from error


def records_in(
    file: FileIO, start: int, end: int, choice: Choice | None = None, on_damage: OnDamage | None = None
) -> Iterator[StoredRecord]:
    """All whole records of the WARC or ARC file that lies between the bytes `start` and `end` of an open file, as in a zip.
    Calls `on_damage` for each stretch that cannot be read. Raises `OSError`."""
    return _Reader(Frames(file, start, end), choice, on_damage).records(start)


class _Stream:
    """What comes out of a frame. Inside a record it goes on in the next frame, as bgzip and pigz cut files into frames."""

    __slots__ = ("_frames", "at", "data", "frame", "joined")

    def __init__(self, frames: Frames, frame: PackedFrame) -> None:
        self._frames = frames
        self.frame = frame
        self.joined = False
        """Whether it went on in another frame."""
        self.data, self.at = b"", 0

    @property
    def position(self) -> int:
        """Of the next byte, in what comes out of the frame."""
        return self.frame.given - len(self.data) + self.at

    @property
    def place(self) -> int:
        """Of the next byte in the file, where it is not compressed."""
        return self.frame.start + self.position

    def more(self, *, inside: bool = False) -> bool:
        """Adds what comes next to `data`. False at the end of the frame and at its damage."""
        piece = self.frame.read() or (self._go_on() if inside else b"")
        if piece:
            self.data, self.at = (self.data[self.at :] + piece if self.at < len(self.data) else piece), 0
        return bool(piece)

    def _go_on(self) -> bytes:
        """The first bytes of the next frame, where that does not begin a record itself."""
        frame: PackedFrame | None = self.frame
        while frame is not None and frame.packed and frame.ended:
            frame = self._frames.at(frame.place)
            if frame is None or not frame.packed:
                break
            if piece := frame.read():
                if begins_record(piece):
                    break
                self.frame, self.joined = frame, True
                return piece
        return b""

    def need(self, count: int) -> bool:
        """Whether so many bytes lie ahead; then they are in `data`."""
        while len(self.data) - self.at < count:
            if not self.more(inside=True):
                return False
        return True

    def skip_blank(self) -> tuple[int, bool]:
        """Passes over line ends. Returns how many bytes, and whether anything follows in this frame."""
        count = 0
        if self.at == len(self.data) and not self.more():
            return 0, False
        if self.data[self.at] > _CR:  # as nearly always
            return 0, True
        while True:
            match = _BLANKS.match(self.data, self.at)
            end = match.end() if match else self.at
            count += end - self.at
            self.at = end
            if end < len(self.data):
                return count, True
            if not self.more():
                return count, False

    def take(self, count: int, into: Spool) -> int:
        """Moves so many bytes into a spool; returns how many, fewer only at the end."""
        left = count
        while left:
            if self.at == len(self.data) and not self.more(inside=True):
                break
            piece = memoryview(self.data)[self.at : self.at + left]
            into.write(piece)
            self.at += len(piece)
            left -= len(piece)
        return count - left

    def gather(self, count: int) -> bytes:
        """The next bytes in one piece, which is quicker for few; fewer than `count` only at the end."""
        pieces: list[memoryview] = []
        left = count
        while left:
            if self.at == len(self.data) and not self.more(inside=True):
                break
            piece = memoryview(self.data)[self.at : self.at + left]
            self.at += len(piece)
            left -= len(piece)
            pieces.append(piece)
        return b"".join(pieces)

    def discard(self, count: int) -> int:
        """As `take`, without keeping."""
        left = count
        while left:
            held = min(left, len(self.data) - self.at)
            self.at += held
            left -= held
            if left and not self.frame.packed:
                return count - left + self.frame.jump(left)
            if left and not self.more(inside=True):
                break
        return count - left

    def find(self, begins: Callable[[bytes, int], int], before: int | None = None) -> bool:
        """Goes on to the place in `data` that `begins` gives (-1: none is there). False: there is none up to the end of the
        frame, or in what comes out of it before the position `before`."""
        while (found := begins(self.data, self.at)) < 0:
            self.at = max(self.at, len(self.data) - OVERLAP_BYTES)
            if (before is not None and self.position >= before) or not self.more():
                self.at = len(self.data)
                return False
        self.at = found
        return before is None or self.position < before


class _Reader:
    """Gives the records of one file."""

    def __init__(self, frames: Frames, choice: Choice | None, on_damage: OnDamage | None) -> None:
        self._frames = frames
        self._end = frames.part.end
        self._choice = choice
        self._on_damage = on_damage
        self._gap: Gap | None = None
        self._wasted = 0
        self._plain: bool | None = None
        self._joined = False
        self._arc = False

    def records(self, start: int) -> Iterator[StoredRecord]:
        place = start
        while place < self._end:
            frame = self._frames.at(place)
            if self._plain is None:
                self._plain = frame is not None and not frame.packed and self._is_plain(frame.start)
            if frame is None:
                place = self._pass_over(place, "it is packed with lz4: unpack it with `lz4 -d`")
            elif (behind := (yield from self._of_frame(frame))) > place:
                place = behind
            else:  # nothing can be read there: the file has become shorter meanwhile
                self._add_gap(place, self._end, "the file ends before")
                break
        self._tell()

    def _is_plain(self, start: int) -> bool:
        """Whether the file's records are not compressed. A file that begins with damage is what comes behind that."""
        return begins_record(self._frames.part.bytes(start, MAX_ARC_LINE_BYTES)) or self._next_beginning(start) >= self._end

    def _of_frame(self, frame: PackedFrame) -> Generator[StoredRecord, None, int]:
        """The records from the beginning of a frame on, to its end or damage; returns where to go on."""
        stream, count = _Stream(self._frames, frame), 0
        while True:
            if not stream.skip_blank()[1]:
                return self._behind(stream.frame, count)
            if not frame.packed and stream.need(MAGIC_BYTES) and MAGICS.match(stream.data, stream.at):
                return stream.place
            began = stream.position
            fields = self._head(stream)
            if fields is None:
                if (behind := self._pass_junk(stream)) is not None:
                    return behind
                continue
            block_at, length = stream.position, int(fields["content-length"])
            block, wanted, got = self._block(stream, fields, length)
            self._joined |= stream.joined
            last = stream.frame
            blank, goes_on = stream.skip_blank() if got == length else (0, False)
            junk = goes_on and not self._begins(stream)
            if (junk or got < length) and not last.damage and not stream.joined:
                within = self._found_within(frame, began, block_at, stream)
                if isinstance(within, int):
                    return within
                if within is not None:
                    stream = within
                    continue
            first = count == 0 and frame.packed
            if junk and first and not stream.joined:  # whether the record is sound, only the end of its frame tells
                self._pass_junk(stream)
                goes_on = len(stream.data) > stream.at
            if last.damage and not goes_on and (got < length or first or not blank):
                return self._behind(last, count if last is frame else 0, since=frame.start)
            if got < length:
                why = f"a record has fewer bytes than its Content-Length of {length:,}"
                self._add_gap(frame.start if frame.packed else frame.start + began, last.place, why)
                return last.place
            count += 1
            if wanted:
                self._tell()
                if frame.packed:
                    offset, taken = frame.start, last.place - frame.start if first and not goes_on else 0
                else:
                    offset, taken = frame.start + began, stream.position - began
                yield StoredRecord(fields.get("warc-type", ""), fields.get("warc-record-id", ""), fields, block, offset, taken)
            if not goes_on:
                return self._behind(last, count if last is frame else 1)
            if last is not frame:
                frame, stream.joined = last, False

    # --- one record ------------------------------------------------------------------------------------------------------------

    def _head(self, stream: _Stream) -> dict[str, str] | None:
        """A record's fields, and the stream at its block; None where none begins here, and the stream as it was."""
        stream.need(9)
        if begins_warc(stream.data[stream.at : stream.at + 5]):
            searched = 0
            while (end := warc_head_end(stream.data, stream.at, stream.at + searched)) < 0:
                searched = max(0, len(stream.data) - stream.at - 3)
                if searched > MAX_HEAD_BYTES or not stream.more(inside=True):
                    return None
            fields = parse_warc_head(stream.data[stream.at : end])
        else:
            searched = 0
            while (end := stream.data.find(b"\n", stream.at + searched) + 1) <= 0:
                searched = len(stream.data) - stream.at
                if searched > MAX_ARC_LINE_BYTES or not stream.more(inside=True):
                    return None
            size = end - stream.at
            stream.need(size + 9)
            line, end = stream.data[stream.at : stream.at + size], stream.at + size
            fields = parse_arc_line(line, stream.data[end : end + 9]) if size <= MAX_ARC_LINE_BYTES else None
            self._arc |= fields is not None
        if fields is None or not _is_length(fields.get("content-length", "")):
            return None
        stream.at = end
        return fields

    def _block(self, stream: _Stream, fields: dict[str, str], length: int) -> tuple[Spool, bool, int]:
        """The block as far as it is wanted, whether it is, and how many bytes of it there were."""
        first = length if self._choice is None else min(length, CHUNK_BYTES)
        if first <= MEMORY_BYTES:
            block = Spool(stream.gather(first))
            got = len(block)
        else:
            block = Spool()
            got = stream.take(first, block)
        if self._choice is None or got < first:
            return block, True, got
        wanted = self._choice.wanted(fields, block.bytes())
        most = min(length, self._choice.most_bytes) if wanted else 0
        if most > got:
            missing = most - got
            taken = stream.take(missing, block)
            got += taken
            if taken < missing:
                return block, True, got
        return block if wanted else Spool(), wanted, got + stream.discard(length - got)

    def _begins(self, stream: _Stream) -> bool:
        """Whether a record, or another frame, begins at this place of a stream."""
        stream.need(MAGIC_BYTES)
        if begins_warc(stream.data[stream.at : stream.at + 5]):
            return True
        if not stream.frame.packed and MAGICS.match(stream.data, stream.at):
            return True
        end = stream.data.find(b"\n", stream.at, stream.at + MAX_ARC_LINE_BYTES)
        while end < 0 and len(stream.data) - stream.at < MAX_ARC_LINE_BYTES and stream.more():
            end = stream.data.find(b"\n", stream.at, stream.at + MAX_ARC_LINE_BYTES)
        return begins_arc(stream.data[stream.at : end + 1]) if end >= 0 else False

    def _found_within(self, frame: PackedFrame, began: int, block_at: int, stream: _Stream) -> _Stream | int | None:
        """A record's length may be wrong, and reach into the next one: where that begins, as a stream or as a place in the file;
        None where no record begins within the block."""
        why = "a record has fewer bytes than its Content-Length says"
        reach = stream.position
        if not frame.packed:
            following = self._next_beginning(frame.start + block_at, frame.start + reach)
            if following >= frame.start + reach:
                return None
            self._add_gap(frame.start + began, following, why)
            return following
        again = self._frames.at(frame.start) if self._wasted <= MAX_WASTED_BYTES else None
        if again is None:
            return None
        self._wasted += frame.given
        new = _Stream(self._frames, again)
        new.discard(block_at)
        if not new.find(self._beginning, reach):
            return None
        self._add_gap(frame.start, stream.frame.place, why)
        return new

    # --- what is no record -----------------------------------------------------------------------------------------------------

    def _pass_junk(self, stream: _Stream) -> int | None:
        """Passes over what is no record, to the next one in this frame, or to its end. Where the frame is not compressed: returns
        the place in the file where a record or a frame begins."""
        frame, began = stream.frame, stream.position
        if not frame.packed:
            place = stream.place
            following = self._next_beginning(place + 1)
            self._add_gap(place, following, NO_RECORD)
            return following
        stream.at += 1
        stream.find(self._beginning)
        self._add_gap(frame.start, frame.place, f"{stream.position - began:,} bytes of its {frame.name} frame are no record")
        return None

    def _beginning(self, data: bytes, at: int) -> int:
        found = WARC_BEGINS.search(data, at)
        other = ARC_BEGINS.search(data, at) if self._arc else None
        return min((match.start() for match in (found, other) if match), default=-1)

    def _behind(self, frame: PackedFrame, count: int, since: int | None = None) -> int:
        """Where to go on behind a frame, of which so many records were given."""
        if frame.damage is None:
            return frame.place
        self._wasted += frame.given
        why = f"its {frame.name} frame {frame.damage}"
        start = frame.start if since is None else since
        following = self._next_beginning(
            frame.start + 1 if self._wasted <= MAX_WASTED_BYTES else max(frame.place, frame.start + 1)
        )
        if count and following > frame.place:
            self._add_gap(frame.place, following, f"{why} behind {count:,} records")
        else:
            self._add_gap(start, following, why)
        return following

    def _pass_over(self, place: int, why: str) -> int:
        following = self._next_beginning(place + 1)
        self._add_gap(place, following, why)
        return following

    def _next_beginning(self, place: int, before: int | None = None) -> int:
        """Where the next frame that begins with a record begins, at `place` or behind it, or a record that is not compressed; the
        end, or `before`, where there is none."""
        part, end = self._frames.part, self._end if before is None else before
        while place < end and (piece := part.bytes(place, CHUNK_BYTES)):
            places = [match.start() for match in MAGICS.finditer(piece)]
            if self._plain:
                # In a file of compressed frames a head that can be seen belongs to a frame that is damaged.
                places += [match.start() for match in WARC_BEGINS.finditer(piece)]
                places += [match.start() for match in ARC_BEGINS.finditer(piece)] if self._arc else []
                places.sort()
            for at in places:
                if place + at >= end:
                    return end
                if not MAGICS.match(piece, at) or self._is_frame(place + at):
                    return place + at
            if len(piece) < CHUNK_BYTES:
                return end
            place += len(piece) - OVERLAP_BYTES
        return end

    def _is_frame(self, place: int) -> bool:
        return self._frames.begins_with(place, bool if self._joined else begins_record)

    def _add_gap(self, start: int, end: int, why: str) -> None:
        if end <= start or (self._gap is not None and self._gap.end >= end and self._gap.start <= start):
            return
        if self._gap is not None and self._gap.end == start:
            self._gap = Gap(self._gap.start, end, self._gap.why)
            return
        self._tell()
        self._gap = Gap(start, end, why)

    def _tell(self) -> None:
        if self._gap is not None and self._on_damage is not None:
            self._on_damage(self._gap)
        self._gap = None


def _is_length(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18


def next_member(file: FileIO, start: int, size: int) -> int | None:
    """Where the next gzip member with a WARC record begins, behind damaged bytes; None where there is no further one."""
    kept = b""
    file.seek(start)
    place = start  # of the first byte in `kept`
    while chunk := file.read(min(CHUNK_BYTES, size - place - len(kept))):
        kept += chunk
        found = kept.find(GZIP_MAGIC)
        while found >= 0:
            member = kept[found : found + TRIAL_BYTES]
            if len(member) < TRIAL_BYTES:
                file.seek(place + found)
                member = file.read(TRIAL_BYTES)
            if _begins_record(member):
                return place + found
            found = kept.find(GZIP_MAGIC, found + 1)
        overlap = len(GZIP_MAGIC) - 1
        place, kept = place + len(kept) - overlap, kept[-overlap:]
        file.seek(place + len(kept))
    return None


def _begins_record(start: bytes) -> bool:
    try:
        return zlib.decompressobj(31).decompress(start, len(b"WARC/")) == b"WARC/"
    except zlib.error:
        return False


def read_record(path: Path, offset: int, length: int | None = None) -> StoredRecord:
    """The one record that begins at `offset`. Raises `BadRecord` where none does."""
    record = next(read_records(path, offset, offset + length if length else None), None)
    if record is None or record.offset != offset:
        raise BadRecord(f"{path} has no readable record at byte {offset}")
    return record
