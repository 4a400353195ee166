"""Reads ARC files, which came before WARC, as if they were WARC files, through warcio."""

from collections.abc import Iterator
from io import FileIO

from archiver.storage.warc.reader import Choice, OnDamage, StoredRecord
from archiver.wire.spool import CHUNK_BYTES, Spool


def arc_records_in(file: FileIO, choice: Choice, on_damage: OnDamage) -> Iterator[StoredRecord]:
    """The records of an open ARC file (https://archive.org/web/researcher/ArcFileFormat.php) that are wanted, from its first byte
    on; `length` of each is 0. Behind damage nothing is read. Raises `OSError`.
    """
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
