"""Reads WARC files, ours and other people's, record by record, through FastWARC; and ARC files, their predecessors, through
warcio."""

import zlib
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field, replace
from io import FileIO
from pathlib import Path
from stat import S_ISREG

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from archiver.errors import BadRecord
from archiver.wire.spool import CHUNK_BYTES, Spool

GZIP_MAGIC = b"\x1f\x8b\x08"
INFLATE_BYTES = 1 << 14  # a bomb blows up to a thousand times that
BEGIN_BYTES = 1 << 10  # of a member, that show what it begins with: a gzip header and that of a deflate block take less


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """One record, with its block, its offset and its length in the file."""

    record_type: str
    record_id: str
    headers: dict[str, str] = field(repr=False)
    """Names in lower case."""
    block: Spool = field(repr=False)
    offset: int
    length: int
    """Bytes that the record takes in the file, compressed."""

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


OnDamage = Callable[[int, int], None]
"""Called with the first byte of a damaged stretch of the file, and the first byte behind it."""


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
        size = found.st_size if end is None else end
        with path.open("rb", buffering=0) as file:
            yield from records_in(file, start, size, choice, on_damage)
    except OSError as error:
        raise BadRecord(f"cannot read {path}: {error.strerror or error}") from error


def records_in(
    file: FileIO, start: int, end: int, choice: Choice | None = None, on_damage: OnDamage | None = None
) -> Iterator[StoredRecord]:
    """All whole records between the bytes `start` and `end` of an open file; a WARC may lie inside another file, as in a zip.
    Calls `on_damage` for each stretch that cannot be read. Raises `OSError`."""
    begin: int | None = start
    while begin is not None and begin < end:
        damaged = yield from _stretch(file, begin, end, choice)
        if damaged is not None and damaged > begin:
            begin = damaged  # what is wrong may be the end of the member before it: then what begins here is whole
            continue
        begin = next_member(file, damaged + 1, end) if damaged is not None else None
        if damaged is not None and on_damage is not None:
            on_damage(damaged, end if begin is None else begin)


def _stretch(file: FileIO, start: int, size: int, choice: Choice | None) -> Generator[StoredRecord, None, int | None]:
    """The records from `start` on; returns where the first one lies that cannot be read, None at the end of the file."""
    file.seek(start)
    iterator = ArchiveIterator(file, record_types=WarcRecordType.any_type, parse_http=False, quirks_mode=True)
    pending: StoredRecord | None = None
    wanted = True
    while True:
        record = _next(iterator)
        if pending is not None:
            # A record's length is where the next one begins less where it begins; of the last one the member has to be walked.
            end = record.stream_pos if record is not None else _end_of_member(file, pending.offset, size)
            if end is None:
                return pending.offset
            if wanted:
                yield replace(pending, length=end - pending.offset)
            if record is None:
                return end if end < size else None
        elif record is None:
            return start
        begins = record.stream_pos
        if begins >= size:
            return None
        pending, wanted = _stored(record, choice)
        if pending is None:
            return begins


def _next(iterator: Iterator[WarcRecord]) -> WarcRecord | None:
    try:
        return next(iterator, None)
    except (OSError, EOFError):  # what FastWARC raises for bytes that are no record
        return None


def _stored(record: WarcRecord, choice: Choice | None) -> tuple[StoredRecord | None, bool]:
    """The record with its block, None where it is not all there; and whether it is wanted (else the block is left out)."""
    headers = {name.lower(): value for name, value in record.headers.items()}
    wanted = True
    try:
        length = int(headers["content-length"])
        block = Spool()
        if choice is None:
            _fill(block, record, length + 1)  # beyond the end, where the checksum is
        else:
            block.write(record.reader.read(CHUNK_BYTES))
            wanted = choice.wanted(headers, block.bytes())
            if wanted:
                _fill(block, record, choice.most_bytes)
        if wanted and len(block) < (length if choice is None else min(length, choice.most_bytes)):
            return None, True
    except (OSError, EOFError, KeyError, ValueError):
        return None, True
    kind, identity = headers.get("warc-type", ""), headers.get("warc-record-id", "")
    return StoredRecord(kind, identity, headers, block if wanted else Spool(), record.stream_pos, 0), wanted


def _fill(block: Spool, record: WarcRecord, most: int) -> None:
    """Adds to the block what comes, until it holds `most` bytes at least."""
    while len(block) < most and (chunk := record.reader.read(CHUNK_BYTES)):
        block.write(chunk)


def _end_of_member(file: FileIO, offset: int, size: int) -> int | None:
    """Where the gzip member at `offset` ends; None where it is torn or damaged. A file that is not compressed ends at its end."""
    file.seek(offset)
    inflate = zlib.decompressobj(31)
    place = offset
    while chunk := file.read(min(INFLATE_BYTES, size - place)):
        if place == offset and not chunk.startswith(GZIP_MAGIC):
            return size
        place += len(chunk)
        try:
            inflate.decompress(chunk)
        except zlib.error:
            return None
        if inflate.eof:
            return place - len(inflate.unused_data)
    return None


def next_member(file: FileIO, start: int, size: int) -> int | None:
    """Where the next gzip member with a WARC record begins, behind damaged bytes; None where there is no further one."""
    kept = b""
    file.seek(start)
    place = start  # of the first byte in `kept`
    while chunk := file.read(min(CHUNK_BYTES, size - place - len(kept))):
        kept += chunk
        found = kept.find(GZIP_MAGIC)
        while found >= 0:
            member = kept[found : found + BEGIN_BYTES]
            if len(member) < BEGIN_BYTES:
                file.seek(place + found)
                member = file.read(BEGIN_BYTES)
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


def arc_records_in(file: FileIO, choice: Choice, on_damage: OnDamage) -> Iterator[StoredRecord]:
    """The records of an open ARC file (https://archive.org/web/researcher/ArcFileFormat.php) that `choice` wants, as WARC
    records, from its first byte on; `length` of each is 0. Behind damage nothing is read. Raises `OSError`."""
    from warcio.archiveiterator import ArchiveIterator  # ARC files are rare  # noqa: PLC0415
    from warcio.exceptions import ArchiveLoadFailed  # noqa: PLC0415

    class Quiet(ArchiveIterator):  # type: ignore[misc]
        INC_RECORD = ""  # else it writes several lines to standard error where a record's length is wrong

    begins = 0
    iterator = Quiet(file, no_record_parse=True, arc2warc=True)
    try:
        for record in iterator:
            headers = {name.lower(): value for name, value in record.rec_headers.headers}
            start = record.raw_stream.read(CHUNK_BYTES)
            if choice.wanted(headers, start):
                block = Spool(start)
                while len(block) < choice.most_bytes and (chunk := record.raw_stream.read(CHUNK_BYTES)):
                    block.write(chunk)
                if len(block) < min(int(headers["content-length"]), choice.most_bytes):
                    raise EOFError
                yield StoredRecord(headers["warc-type"], headers.get("warc-record-id", ""), headers, block, begins, 0)
            begins = iterator.get_record_offset() + iterator.get_record_length()
    except (ArchiveLoadFailed, EOFError, KeyError, ValueError, OverflowError):  # what warcio raises for bytes that are no ARC
        on_damage(begins, file.seek(0, 2))
