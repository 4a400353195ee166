"""Reads one page for `extract`: the function, and the process that does nothing else."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from archiver.extraction.decode import MAX_PAGE_BYTES
from archiver.extraction.record import page_in
from archiver.extraction.saved_page import document_of, own_address, read_saved_page
from archiver.model.exchange import CapturedResponse
from archiver.model.findings import ExtractedPage
from archiver.recording.warc_responses import read_resource, read_response
from archiver.storage.warc.reader import StoredRecord
from archiver.tasks.extract.jobs import GivenPage, Job, RecordedPage, SavedPage, Unread
from archiver.urls import absolute
from archiver.wire.spool import Spool
from archiver.workers.serve import serve

SNIFF_BYTES = 512
_HTTP_2 = re.compile(rb"h[23] \d{3}\b")


def extracted(job: Job) -> ExtractedPage | Unread | None:
    """What a page embeds; None for a record that is no page. Hostile bytes tell less, and never end in an exception."""
    try:
        if isinstance(job, RecordedPage):
            return _of_record(job)
        return _of_file(job)
    except OSError as error:
        return Unread(job.source, f"cannot be read ({error.strerror or error})")
    except Exception as error:  # noqa: BLE001  a bug of ours costs the findings of one page, and not the run; it is reported
        return Unread(job.source, f"this is a bug of ours: {type(error).__name__}: {error}")


def _of_record(job: RecordedPage) -> ExtractedPage | Unread | None:
    record = StoredRecord(job.kind, "", job.headers, Spool(job.block), 0, 0)
    response = read_resource(record) if job.kind == "resource" else read_response(record) or _without_head(record)
    if response is None:
        return Unread(job.source, "its block is no HTTP response")
    document = page_in(response)
    if document is None:
        return None
    if absolute("", response.url) is None:  # a file, or a urn, as resource records may be called
        document.url = own_address(document) or ""
    return read_saved_page(job.source, document, response.captured_at)


def _without_head(record: StoredRecord) -> CapturedResponse | None:
    """A page that came without an HTTP head (HTTP/0.9), or was stored without, or under one of HTTP/2 that some recorders make up
    (`h2 200`); None where it is none."""
    if _HTTP_2.match(block := record.block.bytes()):
        return read_response(replace(record, block=Spool(b"HTTP/" + block[1:])))
    if not record.block.bytes(0, SNIFF_BYTES).lstrip().startswith(b"<"):
        return None
    return read_resource(replace(record, headers={**record.headers, "content-type": ""}))


def _of_file(job: SavedPage | GivenPage) -> ExtractedPage:
    if isinstance(job, SavedPage):
        body, moment = _read(job.path)
    else:
        body, moment = job.body, job.given_at
    document = document_of(body)
    document.url = own_address(document) or job.source
    return read_saved_page(job.source, document, moment)


def _read(path: Path) -> tuple[bytes, datetime]:
    """The bytes, and when they were written: dates in the page that lie beyond that are none of publication."""
    with path.open("rb") as file:
        return file.read(MAX_PAGE_BYTES), datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _answer(job: Job) -> ExtractedPage | str | None:
    """What crosses to the caller: of a page that could not be read, the reason."""
    answer = extracted(job)
    return answer.why if isinstance(answer, Unread) else answer


if __name__ == "__main__":
    serve(_answer, Job)
