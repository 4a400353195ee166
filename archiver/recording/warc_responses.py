"""What a WARC record holds, ready to be read by `extract`.

In a stored record the block's end ends the body. Content-Length and Transfer-Encoding told where it ended on the wire; many
writers store the body unpacked under the headers of the wire (CC-NEWS until May 2019, ArchiveWeb.page 0.6.7, WARCreate, WAIL), so
that these say too little, too much, or that there are chunks where there are none. Our own records hold what belonged to the
response on the wire and no byte more, so both come to the same there.
"""

from datetime import UTC, datetime
from hashlib import sha256

from archiver.errors import NotHttp
from archiver.model.exchange import CapturedResponse, PostQuestion, ResourceType
from archiver.storage.warc.reader import StoredRecord
from archiver.storage.warc.writer import JSON_HEADER
from archiver.text import json_loads
from archiver.times import from_iso
from archiver.wire.http1 import ResponseHead, ResponseReader
from archiver.wire.spool import Spool

MAX_QUESTION = 10_000  # characters of the header; a post's id has 1,000 at most
_NO_DATE = datetime(1970, 1, 1, tzinfo=UTC)


def read_response(record: StoredRecord) -> CapturedResponse | None:
    """What a response record holds, ready for `extract`; None where its block is no HTTP response."""
    reader = ResponseReader()
    body = _StoredBody(reader)
    payload = Spool()
    try:
        for chunk in record.block.chunks():
            for piece in body.feed(chunk):
                payload.write(piece)
    except NotHttp:
        return None
    for piece in reader.finish():
        payload.write(piece)
    if reader.head is None:
        return None
    if not reader.chunked:
        payload = record.block.tail(reader.head_size)
    question = _question_in(record.get(JSON_HEADER))
    return CapturedResponse(record.url, date_of(record), reader.head, payload, _resource_type(record), question=question)


class PayloadDigest:
    """The digest of a response's payload, from a block that is fed in pieces and never held: the payload that `read_response`
    finds in it."""

    def __init__(self, method: str = "GET") -> None:
        """`method` HEAD: of a block that is a head alone, as a revisit's."""
        self._reader = ResponseReader(method)
        self._body = _StoredBody(self._reader)
        self._digest = sha256()
        self._no_http = False

    def feed(self, data: bytes) -> None:
        if self._no_http:
            return
        begins = self._body.fed
        try:
            pieces = self._body.feed(data)
        except NotHttp:
            self._no_http = True
            return
        if self._reader.head is not None and not self._reader.chunked:
            pieces = [data[max(0, self._reader.head_size - begins) :]]
        for piece in pieces:
            self._digest.update(piece)

    def finish(self) -> str | None:
        """`sha256:<hex>`; None where the block is no HTTP response."""
        if self._no_http or self._reader.head is None:
            return None
        for piece in self._reader.finish():
            self._digest.update(piece)
        return f"sha256:{self._digest.hexdigest()}"


class _StoredBody:
    """Feeds a response's reader with a block, and knows how much of it was fed."""

    def __init__(self, reader: ResponseReader) -> None:
        self._reader = reader
        self.fed = 0

    def feed(self, data: bytes) -> list[bytes]:
        """The pieces of a chunked body in it, and what stands in the block behind its last chunk; see `ResponseReader.feed`."""
        pieces = self._reader.feed(data)
        begins, self.fed = self.fed, self.fed + len(data)
        if self._reader.complete and self._reader.chunked and self._reader.wire_size < self.fed:
            pieces = [*pieces, data[max(0, self._reader.wire_size - begins) :]]
        return pieces


def read_resource(record: StoredRecord) -> CapturedResponse:
    """What a resource record holds: a file without the response that brought it (WARC/1.1, 6.4.3), as if it had come with 200."""
    kind = (record.get("Content-Type") or "").encode("utf-8", "replace")
    head = ResponseHead("HTTP/1.1", 200, b"OK", ((b"Content-Type", kind),) if kind else ())
    return CapturedResponse(record.url, date_of(record), head, record.block, _resource_type(record))


def date_of(record: StoredRecord) -> datetime:
    """WARC-Date; 1970 where there is none that can be read."""
    try:
        return from_iso(record.get("WARC-Date") or "")
    except ValueError:
        return _NO_DATE


def _question_in(header: str | None) -> PostQuestion | None:
    """What a record's request asked a platform, from the header that `purpose_headers` makes; None for another's, or none."""
    if not header or '"asks"' not in header or len(header) > MAX_QUESTION:
        return None
    try:
        asks = json_loads(header)["asks"]
        platform, door, post_id = (asks[name] for name in ("platform", "door", "post_id"))
        control = asks.get("control") is True
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if not all(isinstance(text, str) for text in (platform, door, post_id)):
        return None
    return PostQuestion(platform, door, post_id, control)


def _resource_type(record: StoredRecord) -> ResourceType | None:
    kind = record.get("WARC-Resource-Type")
    return ResourceType(kind) if kind in set(ResourceType) else None
