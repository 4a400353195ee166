"""Writes WARC/1.1 files: one gzip member a record, digests, rolled at a size, bytes as they crossed the wire."""

import json
import os
import socket
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from io import BufferedWriter, FileIO
from pathlib import Path
from typing import Any
from uuid import uuid4

from isal import igzip_lib, isal_zlib

from archiver.errors import StorageError
from archiver.model.exchange import Exchange, Purpose
from archiver.storage.files.atomic import sync_to_disk
from archiver.storage.files.paths import ArchivePaths
from archiver.storage.warc.digest_compat import digest_is_interoperable
from archiver.storage.warc.manifests import ClosedFile
from archiver.times import Clock, to_warc_date, utc_now
from archiver.wire.spool import Spool

ROLL_BYTES = 1 << 30  # the size at which Browsertrix, wget and Zeno roll too; what tools expect to move around
# isal's levels 0 and 1 make JPEGs larger; 2 is 9 times as fast as zlib 6 and a site 2.6 % larger than with zlib 9.
GZIP_LEVEL = 2
BUFFER_BYTES = 1 << 20

REVISIT_PROFILE = "http://netpreserve.org/warc/1.1/revisit/"
SAME_PAYLOAD = REVISIT_PROFILE + "identical-payload-digest"
NOT_MODIFIED = REVISIT_PROFILE + "server-not-modified"
# Ours: names a header of the request whose value was sent and is not recorded. Both records of the exchange have it.
BLANKED_HEADER = "WARC-Request-Blanked"
JSON_HEADER = "WARC-JSON-Metadata"
"""Where webrecorder's tools too keep what they know of a record (seen in warcit and pywb, 2025)."""

Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Original:
    """The capture that a revisit refers to."""

    record_id: str
    url: str
    captured_at: str
    payload_digest: str


@dataclass(frozen=True, slots=True)
class RecordLocation:
    """Where a record lies in which file, and the headers that identify it."""

    warc: str
    """Path relative to the data folder."""
    offset: int
    length: int
    """Bytes of the gzip member."""
    record_id: str
    record_type: str
    payload_digest: str | None


def new_record_id() -> str:
    """`<urn:uuid:…>`, random (WARC/1.1, WARC-Record-ID)."""
    return f"<urn:uuid:{uuid4()}>"


def digest_of(chunks: Iterable[bytes]) -> str:
    """`sha256:<hex>`, as WARC-Payload-Digest and WARC-Block-Digest have it here."""
    state = sha256()
    for chunk in chunks:
        state.update(chunk)
    return f"sha256:{state.hexdigest()}"


class WarcWriter:
    """Appends records for one crawl. Nothing else writes to its files; `sync` makes what was written safe."""

    def __init__(
        self,
        paths: ArchivePaths,
        job: str,
        info: dict[str, str],
        *,
        roll_bytes: int = ROLL_BYTES,
        clock: Clock = utc_now,
        new_id: Callable[[], str] = new_record_id,
    ) -> None:
        self._paths, self._job, self._info = paths, job, info
        self._roll_bytes, self._clock, self._new_id = roll_bytes, clock, new_id
        self._file: BufferedWriter | None = None
        self._relative = ""
        self._warcinfo_id = ""
        self._offset = 0
        self._serial = 0
        self._dirty = False
        self._failure: StorageError | None = None
        self._ends: dict[str, int] = {}
        self._hash = sha256()  # of the file that is written, so that a closed one need not be read again
        self._closed: list[ClosedFile] = []

    # --- records ----------------------------------------------------------------------------------------------------------

    def exchange(self, exchange: Exchange, payload_digest: str, original: Original | None = None) -> RecordLocation:
        """Writes response (or revisit) and request, concurrent to each other. Returns the location of the former."""
        request_id, response_id = self._new_id(), self._new_id()
        common: Headers = [("WARC-Target-URI", exchange.url), ("WARC-Date", to_warc_date(exchange.started_at))]
        if exchange.ip:
            common.append(("WARC-IP-Address", exchange.ip))
        common += [("WARC-Protocol", protocol) for protocol in exchange.protocols]
        common += purpose_headers(exchange.purpose)
        common += [(BLANKED_HEADER, name) for name in exchange.blanked]
        if original is None:
            location = self._response(exchange, response_id, [*common, ("WARC-Concurrent-To", request_id)], payload_digest)
        else:
            location = self._revisit(exchange, response_id, [*common, ("WARC-Concurrent-To", request_id)], original)
        self._write(
            "request", request_id, [*common, ("WARC-Concurrent-To", response_id)], "application/http;msgtype=request",
            Spool(exchange.request),
        )  # fmt: skip
        if exchange.malformed:
            about = [("WARC-Refers-To", response_id), *common[2:]]
            self.metadata(
                f"urn:malformed:{exchange.url}", exchange.started_at, {"kind": "malformed", "reason": exchange.malformed}, about
            )
        return location

    def _response(self, exchange: Exchange, record_id: str, headers: Headers, payload_digest: str) -> RecordLocation:
        if exchange.truncated:
            headers.append(("WARC-Truncated", exchange.truncated.value))
        agreed = digest_is_interoperable(exchange.response, exchange.body_start, len(exchange.payload), payload_digest)
        shown = payload_digest if agreed else None
        location = self._write("response", record_id, headers, "application/http;msgtype=response", exchange.response, shown)
        return RecordLocation(location.warc, location.offset, location.length, record_id, "response", payload_digest)

    def _revisit(self, exchange: Exchange, record_id: str, headers: Headers, original: Original) -> RecordLocation:
        headers += [
            ("WARC-Profile", NOT_MODIFIED if exchange.head.status == 304 else SAME_PAYLOAD),
            ("WARC-Refers-To", original.record_id),
            ("WARC-Refers-To-Target-URI", original.url),
            ("WARC-Refers-To-Date", original.captured_at),
        ]
        head = Spool(exchange.response.bytes(0, exchange.body_start))
        return self._write("revisit", record_id, headers, "application/http;msgtype=response", head, original.payload_digest)

    def metadata(
        self, url: str, moment: datetime, content: dict[str, Any], headers: Iterable[tuple[str, str]] = ()
    ) -> RecordLocation:
        """Writes a metadata record with JSON: what no payload can tell again."""
        block = Spool(json.dumps(content, ensure_ascii=False, sort_keys=True).encode())
        fields: Headers = [("WARC-Target-URI", url), ("WARC-Date", to_warc_date(moment)), *headers]
        return self._write("metadata", self._new_id(), fields, "application/json", block)

    def resource(
        self, url: str, moment: datetime, content_type: str, block: Spool, headers: Iterable[tuple[str, str]]
    ) -> RecordLocation:
        """Writes a resource record: a file that came over no wire, as a screenshot or a page's text."""
        fields: Headers = [("WARC-Target-URI", url), ("WARC-Date", to_warc_date(moment)), *headers]
        digest = digest_of(block.chunks())  # payload and block are one: WARC/1.1, 6.4.3
        return self._write("resource", self._new_id(), fields, content_type, block, digest)

    # --- files ------------------------------------------------------------------------------------------------------------

    def take_ends(self) -> dict[str, int]:
        """The files written to since the last call: path relative to the data folder -> bytes written so far."""
        ends, self._ends = self._ends, {}
        return ends

    @property
    def writes_to(self) -> str | None:
        """The file that is open: path relative to the data folder."""
        return self._relative if self._file is not None else None

    def take_closed(self) -> list[ClosedFile]:
        """The files that were closed since the last call; safe on the disk, and ready for a manifest.

        Without any that could not be written to its end: the next run looks into that.
        """
        closed, self._closed = self._closed, []
        return closed

    def flush(self) -> None:
        """Hands what was written to the operating system: other processes can read it."""
        if self._failure is not None:
            raise self._failure
        if self._file is not None and self._dirty:
            try:
                self._file.flush()
            except OSError as error:
                raise self._failed(error) from error

    def sync(self) -> None:
        """Makes what was written survive a power cut."""
        self.flush()
        if self._file is not None and self._dirty:
            try:
                os.fsync(self._file.fileno())
            except OSError as error:
                raise self._failed(error) from error
            self._dirty = False

    def close(self) -> None:
        if self._file is not None:
            self.sync()
            self._file.close()
            self._file = None
            self._closed.append(ClosedFile(self._relative, self._offset, self._hash.hexdigest()))

    def _failed(self, error: OSError) -> StorageError:
        """The error for a failed write. Nobody knows what reached the disk: nothing more is written, nothing since is safe."""
        self._failure = StorageError(f"cannot write {self._relative}: {error.strerror}. Is there room on the disk?")
        if self._file is not None:
            self._file.raw.close()  # past the buffer, which would try once more
            self._file = None
        return self._failure

    def _open_next(self) -> None:
        self.close()
        path = self._next_path()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            raw = FileIO(path, "xb")
            for folder in (path.parent, path.parent.parent, self._paths.data_dir):
                sync_to_disk(folder)  # a file that is safe in a folder that forgot it is lost all the same
        except OSError as error:
            raise StorageError(f"cannot create {path}: {error.strerror}. Is the folder writable, is there room?") from error
        self._file = BufferedWriter(raw, BUFFER_BYTES)
        self._relative, self._offset, self._hash = self._paths.relative(path), 0, sha256()
        self._warcinfo_id = self._new_id()
        fields = {**self._info, "filename": path.name}
        block = "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode()
        headers: Headers = [("WARC-Date", to_warc_date(self._clock())), ("WARC-Filename", path.name)]
        self._append("warcinfo", self._warcinfo_id, headers, "application/warc-fields", Spool(block), None)

    def _next_path(self) -> Path:
        """The path with the next serial; a later one where two crawls of one job began in the same second."""
        while True:
            self._serial += 1
            path = self._paths.new_warc(self._job, self._clock(), self._serial, socket.gethostname())
            if not path.exists():
                return path

    def _write(
        self, kind: str, record_id: str, headers: Headers, content_type: str, block: Spool, payload_digest: str | None = None
    ) -> RecordLocation:
        if self._failure is not None:
            raise self._failure
        if self._file is None or (self._offset >= self._roll_bytes and kind != "request"):  # a request stays with its response
            self._open_next()
        return self._append(
            kind, record_id, [*headers, ("WARC-Warcinfo-ID", self._warcinfo_id)], content_type, block, payload_digest
        )

    def _append(
        self, kind: str, record_id: str, headers: Headers, content_type: str, block: Spool, payload_digest: str | None
    ) -> RecordLocation:
        lines = [f"WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Record-ID: {record_id}\r\n"]
        lines += [f"{name}: {value}\r\n" for name, value in headers]
        if payload_digest:
            lines.append(f"WARC-Payload-Digest: {payload_digest}\r\n")
        block_digest = payload_digest if kind == "resource" else digest_of(block.chunks())
        lines.append(f"WARC-Block-Digest: {block_digest}\r\n")
        lines.append(f"Content-Type: {content_type}\r\nContent-Length: {len(block)}\r\n\r\n")
        head = "".join(lines).encode("utf-8", "replace")
        assert self._file is not None
        length = 0
        try:
            for piece in _members(head, block):
                self._file.write(piece)
                self._hash.update(piece)
                length += len(piece)
        except OSError as error:
            raise self._failed(error) from error
        location = RecordLocation(self._relative, self._offset, length, record_id, kind, payload_digest)
        self._offset += length
        self._dirty = True
        self._ends[self._relative] = self._offset
        return location


def purpose_headers(purpose: Purpose) -> Headers:
    """WARC-Resource-Type and WARC-Page-ID, as Browsertrix names them (its 1.x sources, 2025), and what a platform is asked."""
    headers = [("WARC-Resource-Type", purpose.resource_type.value)]
    if purpose.page_id:
        headers.append(("WARC-Page-ID", purpose.page_id))
    if purpose.question is not None:
        asks = {name: value for name, value in asdict(purpose.question).items() if value is not False}
        headers.append((JSON_HEADER, json.dumps({"asks": asks})))
    return headers


def _members(head: bytes, block: Spool) -> Iterator[bytes]:
    """The record as one gzip member; what lies on disk is compressed piece by piece."""
    if not block.on_disk:
        yield igzip_lib.compress(b"".join((head, block.bytes(), b"\r\n\r\n")), GZIP_LEVEL, igzip_lib.COMP_GZIP)
        return
    compressor = isal_zlib.compressobj(GZIP_LEVEL, isal_zlib.DEFLATED, 31)
    yield compressor.compress(head)
    for chunk in block.chunks():
        yield compressor.compress(chunk)
    yield compressor.compress(b"\r\n\r\n") + compressor.flush()
