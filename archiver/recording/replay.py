"""Replays an exchange that was recorded before: read from its WARC file as if it had just come.

storage/index/resume_queries.py says where it lies.
"""

from dataclasses import dataclass, replace
from itertools import islice

from archiver.errors import BadRecord, NotHttp
from archiver.model.exchange import CapturedResponse, Exchange, Purpose, ResourceType, Truncated
from archiver.recording.indexer import capture_of_record
from archiver.recording.recorder import Recorded, Recorder
from archiver.recording.warc_responses import date_of, read_response
from archiver.storage.index.resume_queries import EarlierAnswer
from archiver.storage.warc.reader import StoredRecord, read_records
from archiver.storage.warc.writer import Original, digest_of
from archiver.wire.http1 import ResponseReader


@dataclass(frozen=True, slots=True)
class ReplayedResponse:
    """An exchange that was recorded before, with its capture and its findings."""

    recorded: Recorded
    exchange: Exchange
    """Of a revisit: with the payload of what it repeats. Its request is empty where that record is lost."""


async def replay(recorder: Recorder, answer: EarlierAnswer) -> ReplayedResponse | None:
    """The exchange of an earlier capture. None where its record, or the one that it repeats, cannot be read: then it is requested
    again."""
    try:
        records = list(islice(read_records(recorder.paths.data_dir / answer.warc, answer.offset), 2))
        stored = _stored(recorder, records[0]) if records and records[0].offset == answer.offset else None
    except BadRecord:
        return None
    if stored is None:
        return None
    record, head = records[0], stored.head
    digest = record.get("WARC-Payload-Digest") if record.record_type == "revisit" else digest_of(stored.payload.chunks())
    capture = capture_of_record(record, answer.warc, answer.crawl, head, digest)
    response = replace(stored, truncated=capture.truncated is not None)
    if head.status == 304:  # its findings are those of the page that it says to be unchanged
        response = _original(recorder, record) or response
    kept = Recorded(capture, head, await recorder.read(response))
    return ReplayedResponse(kept, _exchange(record, _request(records), stored))


def _stored(recorder: Recorder, record: StoredRecord) -> CapturedResponse | None:
    if record.record_type == "response":
        return read_response(record)
    reader = ResponseReader("HEAD")
    try:
        reader.feed(record.block.bytes())
    except NotHttp:
        return None
    original = _original(recorder, record)
    if reader.head is None or original is None:
        return None
    return replace(original, url=record.url, captured_at=date_of(record), head=reader.head)


def _original(recorder: Recorder, record: StoredRecord) -> CapturedResponse | None:
    """What a revisit repeats. None where its record is lost."""
    names = ("WARC-Refers-To", "WARC-Refers-To-Target-URI", "WARC-Refers-To-Date", "WARC-Payload-Digest")
    return recorder.dedup.read(Original(*(record.get(name) or "" for name in names)))


def _request(records: list[StoredRecord]) -> bytes:
    """It stands right behind its response."""
    if len(records) < 2 or records[1].record_type != "request" or records[1].get("WARC-Concurrent-To") != records[0].record_id:
        return b""
    return records[1].block.bytes()


def _exchange(record: StoredRecord, request: bytes, stored: CapturedResponse) -> Exchange:
    cut = record.get("WARC-Truncated")
    return Exchange(
        url=record.url,
        method=request.partition(b" ")[0].decode("latin-1"),
        started_at=stored.captured_at,
        request=request,
        response=record.block,
        head=stored.head,
        payload=stored.payload,
        body_start=_head_size(record),
        ip=record.get("WARC-IP-Address"),
        truncated=Truncated(cut) if cut in set(Truncated) else None,
        purpose=Purpose(stored.resource_type or ResourceType.OTHER, record.get("WARC-Page-ID")),
    )


def _head_size(record: StoredRecord) -> int:
    reader = ResponseReader("HEAD")
    for chunk in record.block.chunks():
        reader.feed(chunk)
        if reader.head is not None:
            break
    return reader.head_size
