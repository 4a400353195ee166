"""Reads WARC files, ours and other people's, record by record, through FastWARC."""

import zlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace
from io import FileIO
from pathlib import Path

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from archiver.errors import BadRecord
from archiver.spool import CHUNK_BYTES, Spool

GZIP_MAGIC = b"\x1f\x8b\x08"
INFLATE_BYTES = 1 << 14  # a bomb blows up to a thousand times that


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """One record, with its block and its place in the file."""

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


def read_records(path: Path, start: int = 0, end: int | None = None) -> Iterator[StoredRecord]:
    """All whole records from byte `start` on, up to `end`. What cannot be read is passed over: a torn record at the end of a
    file, which a killed crawl leaves, or damaged bytes in the middle.

    Raises `BadRecord` where the file cannot be opened.
    """
    try:
        size = path.stat().st_size if end is None else end
        with path.open("rb", buffering=0) as file:
            begin: int | None = start
            while begin is not None and begin < size:
                damaged = yield from _stretch(file, begin, size)
                begin = _next_member(file, damaged + 1, size) if damaged is not None else None
    except OSError as error:
        raise BadRecord(f"cannot read {path}: {error.strerror or error}") from error


def _stretch(file: FileIO, start: int, size: int) -> Generator[StoredRecord, None, int | None]:
    """The records from `start` on; returns where the first one lies that cannot be read, None at the end of the file."""
    file.seek(start)
    iterator = ArchiveIterator(file, record_types=WarcRecordType.any_type, parse_http=False, quirks_mode=True)
    held: StoredRecord | None = None
    while True:
        record = _next(iterator)
        if held is not None:
            # A record's length is where the next one begins less where it begins; of the last one the member has to be walked.
            end = record.stream_pos if record is not None else _end_of_member(file, held.offset, size)
            if end is None:
                return held.offset
            yield replace(held, length=end - held.offset)
            if record is None:
                return end if end < size else None
        elif record is None:
            return start
        begins = record.stream_pos
        if begins >= size:
            return None
        held = _stored(record)
        if held is None:
            return begins


def _next(iterator: Iterator[WarcRecord]) -> WarcRecord | None:
    try:
        return next(iterator, None)
    except (OSError, EOFError):  # what FastWARC raises for bytes that are no record
        return None


def _stored(record: WarcRecord) -> StoredRecord | None:
    """The record with its block; None where it is not all there."""
    headers = {name.lower(): value for name, value in record.headers.items()}
    try:
        block = _block(record)
        if len(block) < int(headers["content-length"]):
            return None
    except (OSError, EOFError, KeyError, ValueError):
        return None
    return StoredRecord(headers.get("warc-type", ""), headers.get("warc-record-id", ""), headers, block, record.stream_pos, 0)


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


def _next_member(file: FileIO, start: int, size: int) -> int | None:
    """Where the next gzip member with a WARC record begins, behind damaged bytes; None where there is no further one."""
    kept = b""
    file.seek(start)
    place = start  # of the first byte in `kept`
    while chunk := file.read(min(CHUNK_BYTES, size - place - len(kept))):
        kept += chunk
        found = kept.find(GZIP_MAGIC)
        while found >= 0:
            if _begins_record(file, place + found):
                return place + found
            found = kept.find(GZIP_MAGIC, found + 1)
        overlap = len(GZIP_MAGIC) - 1
        place, kept = place + len(kept) - overlap, kept[-overlap:]
        file.seek(place + len(kept))
    return None


def _begins_record(file: FileIO, offset: int) -> bool:
    file.seek(offset)
    try:
        return zlib.decompressobj(31).decompress(file.read(INFLATE_BYTES), len(b"WARC/")) == b"WARC/"
    except zlib.error:
        return False


def _block(record: WarcRecord) -> Spool:
    block = Spool()
    while chunk := record.reader.read(CHUNK_BYTES):
        block.write(chunk)
    return block


def read_record(path: Path, offset: int, length: int | None = None) -> StoredRecord:
    """The one record that begins at `offset`. Raises `BadRecord` where none does."""
    record = next(read_records(path, offset, offset + length if length else None), None)
    if record is None or record.offset != offset:
        raise BadRecord(f"{path} has no readable record at byte {offset}")
    return record
