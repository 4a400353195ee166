"""Reads WARC files, ours and other people's, record by record, through FastWARC."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from archiver.errors import BadRecord
from archiver.spool import CHUNK_BYTES, Spool


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
    """All whole records from byte `start` on, up to `end`. A torn record at the end of a file ends the reading; nothing is raised.

    Raises `BadRecord` where the file cannot be opened.
    """
    try:
        size = path.stat().st_size if end is None else end
        with path.open("rb", buffering=0) as file:
            file.seek(start)
            iterator = ArchiveIterator(file, record_types=WarcRecordType.any_type, parse_http=False, quirks_mode=True)
            yield from _with_lengths(iterator, size)
    except OSError as error:
        raise BadRecord(f"cannot read {path}: {error.strerror or error}") from error


def _with_lengths(iterator: Iterator[WarcRecord], size: int) -> Iterator[StoredRecord]:
    """A record's length is where the next one begins less where it begins; the last one goes to the end of the file."""
    held: StoredRecord | None = None
    while True:
        try:
            record = next(iterator, None)
        except (OSError, EOFError):  # what FastWARC raises for bytes that are no record
            record = None
        begins = size if record is None else record.stream_pos
        if held is not None:
            yield replace(held, length=begins - held.offset)
        if record is None or begins >= size:
            return
        headers = {name.lower(): value for name, value in record.headers.items()}
        block = _block(record)
        if len(block) < int(headers.get("content-length", 0)):
            return  # torn: the crawl that wrote it was killed
        held = StoredRecord(headers.get("warc-type", ""), headers.get("warc-record-id", ""), headers, block, begins, 0)


def _block(record: WarcRecord) -> Spool:
    block = Spool()
    while chunk := record.reader.read(CHUNK_BYTES):
        block.write(chunk)
    return block


def read_record(path: Path, offset: int, length: int | None = None) -> StoredRecord:
    """The one record that begins at `offset`. Raises `BadRecord` where none does."""
    record = next(read_records(path, offset, offset + length if length else None), None)
    if record is None:
        raise BadRecord(f"{path} has no readable record at byte {offset}")
    return record
