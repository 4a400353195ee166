"""From a WARC record to the index: the same way for a live crawl, for what a crash left behind, and for a reindex."""

import json
from base64 import b64encode
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from archiver.errors import NotHttp
from archiver.extraction.worker import AheadReader
from archiver.model.exchange import Capture, CapturedResponse, Crawl, Exchange, Failure
from archiver.model.findings import Findings
from archiver.recording.render_records import RENDER, parse_render_end, parse_screenshot_header
from archiver.recording.warc_responses import date_of, read_response
from archiver.storage.files.paths import ArchivePaths
from archiver.storage.index.writer import IndexWriter
from archiver.storage.warc.reader import StoredRecord, read_records
from archiver.storage.warc.writer import BLANKED_HEADER, JSON_HEADER, Original, RecordLocation, digest_of
from archiver.text import json_loads
from archiver.times import to_warc_date
from archiver.wire.http1 import ResponseHead, ResponseReader
from archiver.wire.presentation import media_type_of

COMMIT_RECORDS = 2_000  # of a file that is read in one go; bounds the memory for rows
AHEAD_RECORDS = 256  # that are being read, or wait for one before them
AHEAD_BYTES = 32 << 20  # of those together


# --- live ---------------------------------------------------------------------------------------------------------------------


def capture_of_exchange(exchange: Exchange, place: RecordLocation, original: Original | None, crawl: str) -> Capture:
    """The capture of an exchange that was just written at `place`; `original` is what it repeats, where that is a revisit."""
    head = exchange.head
    return Capture(
        record_id=place.record_id,
        record_type=place.record_type,
        url=exchange.url,
        captured_at=to_warc_date(exchange.started_at),
        status=head.status,
        mime=_mime_of(head.get("Content-Type")),
        payload_digest=original.payload_digest if original else place.payload_digest,
        warc=place.warc,
        offset=place.offset,
        length=place.length,
        resource_type=exchange.purpose.resource_type.value,
        page_visit=exchange.purpose.page_id,
        etag=head.get("ETag"),
        last_modified=head.get("Last-Modified"),
        truncated=exchange.truncated.value if exchange.truncated else None,
        refers_to=original.record_id if original else None,
        crawl=crawl,
        content_type=head.get("Content-Type"),
        with_cookies=bool(exchange.blanked),
    )


def captured_response_of(exchange: Exchange) -> CapturedResponse:
    """What an exchange is to `extract`: the same as its record will be."""
    moment, cut = _to_the_millisecond(exchange.started_at), exchange.truncated is not None
    purpose = exchange.purpose
    return CapturedResponse(exchange.url, moment, exchange.head, exchange.payload, purpose.resource_type, cut, purpose.question)


def _to_the_millisecond(moment: datetime) -> datetime:
    """As WARC-Date will have it, so that the live crawl knows no more than a reindex."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


# --- from files ---------------------------------------------------------------------------------------------------------------


def index_file(
    index: IndexWriter,
    paths: ArchivePaths,
    warc: str,
    reader: AheadReader,
    start: int = 0,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Adds the records of one WARC file from byte `start` on, committing now and then. Returns how many there were.

    `reader` reads responses ahead while rows are made of those before; rows are added in the order of the file. Raises
    `BadRecord` for a file that cannot be opened, `StorageError`.
    """
    crawl = _crawl_of_file(paths, warc) if start else None
    window = deque[_RecordAhead]()
    count = ahead_bytes = 0

    def add_next() -> None:
        nonlocal ahead_bytes
        record = window.popleft()
        ahead_bytes -= record.size
        record.add()
        index.reached(warc, record.crawl, record.end)

    for count, record in enumerate(read_records(paths.data_dir / warc, start), 1):
        end = record.offset + record.length
        if record.record_type == "warcinfo":
            crawl = _add_warcinfo(index, record)
            window.append(_RecordAhead(lambda: None, None, crawl, end, 0))
        else:
            add, findings = begin_record(index, record, warc, crawl, reader.begin)
            window.append(_RecordAhead(add, findings, crawl, end, len(record.block)))
            ahead_bytes += len(record.block)
        while window and (window[0].is_read or len(window) > AHEAD_RECORDS or ahead_bytes > AHEAD_BYTES):
            add_next()
        if progress is not None:
            progress(record.length)
        if count % COMMIT_RECORDS == 0:
            index.commit()
    while window:
        add_next()
    index.commit()
    return count


@dataclass(frozen=True, slots=True)
class _RecordAhead:
    """A record whose rows are to be added, once it is read and those before it are added."""

    add: Callable[[], None]
    findings: Future[Findings] | None
    """None: nothing of it is read in the worker."""
    crawl: str | None
    end: int
    """Of the record, in its file."""
    size: int
    """Bytes that wait in memory for it."""

    @property
    def is_read(self) -> bool:
        return self.findings is None or self.findings.done()


def begin_record(
    index: IndexWriter,
    record: StoredRecord,
    warc: str,
    crawl: str | None,
    begin: Callable[[CapturedResponse], Future[Findings]],
) -> tuple[Callable[[], None], Future[Findings] | None]:
    """Begins to read a record that is no warcinfo: a response, a revisit, a screenshot, a failure, the end of a render or crawl.

    Returns what adds its rows to the index, and what that waits for: the findings of a response, which `begin` reads.
    """
    if record.record_type == "response":
        response = read_response(record)
        if response is not None:
            capture = capture_of_record(record, warc, crawl, response.head, digest_of(response.payload.chunks()))
            findings = begin(replace(response, truncated=capture.truncated is not None))
            return lambda: index.add(capture, findings.result()), findings
    elif record.record_type == "revisit":
        head = _head_of(record)
        if head is not None:
            revisit = capture_of_record(record, warc, crawl, head, record.get("WARC-Payload-Digest"))
            return lambda: index.add(revisit, Findings()), None
    elif record.record_type == "resource" and record.url.startswith("urn:"):
        resource = _capture_of_resource_record(record, warc, crawl)
        screenshot = parse_screenshot_header(record.get(JSON_HEADER))
        return lambda: index.add_resource(resource, screenshot), None
    elif record.record_type == "metadata" and record.get("Content-Type") == "application/json":
        return lambda: _add_judgement(index, record, crawl), None
    return lambda: None, None


def _head_of(record: StoredRecord) -> ResponseHead | None:
    reader = ResponseReader("HEAD")
    try:
        reader.feed(record.block.bytes())
    except NotHttp:
        return None
    return reader.head


def capture_of_record(record: StoredRecord, warc: str, crawl: str | None, head: ResponseHead, digest: str | None) -> Capture:
    """The capture of a response or revisit record that was read; `digest` is that of its payload."""
    return Capture(
        record_id=record.record_id,
        record_type=record.record_type,
        url=record.url,
        captured_at=to_warc_date(date_of(record)),
        status=head.status,
        mime=_mime_of(head.get("Content-Type")),
        payload_digest=digest,
        warc=warc,
        offset=record.offset,
        length=record.length,
        resource_type=record.get("WARC-Resource-Type"),
        page_visit=record.get("WARC-Page-ID"),
        etag=head.get("ETag"),
        last_modified=head.get("Last-Modified"),
        truncated=record.get("WARC-Truncated"),
        refers_to=record.get("WARC-Refers-To"),
        crawl=crawl,
        content_type=head.get("Content-Type"),
        with_cookies=record.get(BLANKED_HEADER) is not None,
    )


def capture_of_resource(
    place: RecordLocation,
    url: str,
    captured_at: str,
    content_type: str,
    page_visit: str | None,
    crawl: str,
    *,
    with_cookies: bool = False,
) -> Capture:
    """The capture of a resource record that was just written at `place`."""
    return Capture(
        record_id=place.record_id,
        record_type="resource",
        url=url,
        captured_at=captured_at,
        status=None,
        mime=_mime_of(content_type),
        payload_digest=place.payload_digest,
        warc=place.warc,
        offset=place.offset,
        length=place.length,
        page_visit=page_visit,
        crawl=crawl,
        content_type=content_type,
        with_cookies=with_cookies,
    )


def _capture_of_resource_record(record: StoredRecord, warc: str, crawl: str | None) -> Capture:
    content_type = record.get("Content-Type")
    return Capture(
        record_id=record.record_id,
        record_type="resource",
        url=record.url,
        captured_at=to_warc_date(date_of(record)),
        status=None,
        mime=_mime_of(content_type),
        payload_digest=digest_of(record.block.chunks()),
        warc=warc,
        offset=record.offset,
        length=record.length,
        page_visit=record.get("WARC-Page-ID"),
        crawl=crawl,
        content_type=content_type,
        with_cookies=record.get(BLANKED_HEADER) is not None,
    )


def _mime_of(content_type: str | None) -> str | None:
    """Content-Type without its parameters, lower case."""
    return media_type_of(content_type) or (content_type or "").split(";")[0].strip().lower() or None


# --- what a crawl says of itself ----------------------------------------------------------------------------------------------

OUTCOME = "outcome"
FAILURE = "failure"
# Under the URL itself a replay would take the note for the page.
FAILURE_URN = "urn:failure:"
PROBE = "probe"
PROBE_URN = "urn:probe:"
HEAD = "head"
HEAD_URN = "urn:head:"


def warcinfo_of(crawl: Crawl) -> dict[str, str]:
    """The fields of a warcinfo record: the standard's names first, then ours."""
    return {
        "software": crawl.software,
        "format": "WARC File Format 1.1",
        "conformsTo": "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        "isPartOf": crawl.job,
        "crawl": f"urn:uuid:{crawl.uuid}",
        "started": crawl.started_at,
        "settings": crawl.settings,
    }


def _fields(block: bytes) -> dict[str, str]:
    lines = (line.partition(":") for line in block.decode("utf-8", "replace").split("\n"))  # settings may hold other line ends
    return {name.strip(): value.strip() for name, colon, value in lines if colon}


def _crawl_in(record: StoredRecord) -> Crawl:
    """The crawl that a warcinfo record speaks of; a foreign file is a crawl by itself."""
    fields = _fields(record.block.bytes())
    uuid = fields.get("crawl", "").removeprefix("urn:uuid:") or record.record_id.strip("<>").removeprefix("urn:uuid:")
    started = fields.get("started") or to_warc_date(date_of(record))
    return Crawl(uuid, fields.get("isPartOf", ""), started, fields.get("software", ""), fields.get("settings", "{}"))


def _add_warcinfo(index: IndexWriter, record: StoredRecord) -> str:
    crawl = _crawl_in(record)
    index.add_crawl(crawl)
    return crawl.uuid


def _crawl_of_file(paths: ArchivePaths, warc: str) -> str | None:
    first = next(read_records(paths.data_dir / warc), None)
    return _crawl_in(first).uuid if first is not None and first.record_type == "warcinfo" else None


def head_content(exchange: Exchange) -> dict[str, Any]:
    request, response = (b64encode(data).decode("ascii") for data in (exchange.request, exchange.response.bytes()))
    return {"kind": HEAD, "status": exchange.head.status, "request": request, "response": response}


def failure_content(failure: Failure) -> dict[str, Any]:
    content = {"kind": FAILURE, "error": failure.error, "reason": failure.reason}
    return content | ({"received": b64encode(failure.received).decode("ascii")} if failure.received else {})


def _add_judgement(index: IndexWriter, record: StoredRecord, crawl: str | None) -> None:
    try:
        content = json_loads(record.block.bytes())
    except ValueError:
        return
    if not isinstance(content, dict):
        return
    if content.get("kind") == FAILURE:
        error, reason = str(content.get("error")), str(content.get("reason"))
        index.add_failure(Failure(record.url.removeprefix(FAILURE_URN), date_of(record), error, reason), crawl)
    elif content.get("kind") == RENDER:
        if (end := parse_render_end(content, to_warc_date(date_of(record)))) is not None:
            index.add_render(end, crawl)
    elif content.get("kind") == OUTCOME and crawl is not None:
        index.add_outcome(crawl, to_warc_date(date_of(record)), json.dumps(content, ensure_ascii=False, sort_keys=True))
