"""The bytes of a capture, out of its WARC record: as they lie in the file, as they came off the wire, and decoded."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from archiver.errors import BadRecord, UsageError
from archiver.extraction.decode import decode
from archiver.model.exchange import CapturedResponse
from archiver.recording.warc_responses import read_resource, read_response
from archiver.storage.index.results import ArchivedCapture, ArchivedMedia
from archiver.storage.index.screenshots import ArchivedScreenshot
from archiver.storage.warc.reader import StoredRecord, read_record
from archiver.wire.content_coding import decode_content
from archiver.wire.http1 import content_codings
from archiver.wire.spool import Spool

Readable = ArchivedCapture | ArchivedMedia | ArchivedScreenshot
"""What has bytes in a WARC file."""
MAX_CONTENT_BYTES = 1 << 30  # a compressed bomb ends here; of what is not compressed no platform serves more


@dataclass(frozen=True, eq=False, slots=True)
class ArchivedContent:
    """What the record of a capture, medium or screenshot holds. Its digests were checked."""

    url: str
    record_type: str
    """WARC-Type: `response`, `revisit` or `resource`."""
    status: int | None
    """Of the HTTP response; None for a resource."""
    headers: tuple[tuple[str, str], ...]
    """Of the HTTP response, in order, with case and repeats, as latin-1; of a resource its Content-Type."""
    digest: str
    """`sha256:<hex>` of the payload."""
    content: bytes
    """The payload without content coding: the page, the picture. A revisit has that of the record that it repeats."""
    whole: bool
    """False where `content` is not all of it: the response broke off, its coding is damaged, or `max_bytes` cut it."""
    _path: Path
    _record: StoredRecord
    _body: CapturedResponse

    @property
    def record(self) -> bytes:
        """The WARC record as it lies in the file, which is one gzip member: any WARC reader takes it."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._record.offset)
                return file.read(self._record.length)
        except OSError as error:
            raise BadRecord(f"cannot read {self._path}: {error.strerror}") from error

    @property
    def block(self) -> bytes:
        """The record's block: an HTTP response byte for byte as it came off the wire, head and chunk framing included."""
        return self._record.block.bytes()

    @property
    def payload(self) -> bytes:
        """The body without chunk framing, content coding kept: what `digest` is over."""
        return self._body.payload.bytes()

    @property
    def content_type(self) -> str:
        """Media type without parameters, lower case; "" where none is given."""
        return self._body.content_type

    @property
    def text(self) -> str:
        """The content as text, decoded as browsers would: by BOM, Content-Type, the page's own declaration, or a guess."""
        return decode(self.content, self._body.head.get("Content-Type"))

    def __repr__(self) -> str:
        return f"<ArchivedContent {self.url!r} {self.status} {len(self.content):,} bytes>"


def read_content(
    data_dir: Path, item: Readable, original_of: Callable[[str], ArchivedCapture | None], max_bytes: int = MAX_CONTENT_BYTES
) -> ArchivedContent:
    """What the record behind `item` holds; `original_of` gives the response of a payload digest, for revisits.

    Raises `UsageError` for a medium that was not captured, `BadRecord` where the record cannot be read or its digest is not the
    one that the index or the record itself has.
    """
    if item.warc is None or item.offset is None:
        raise UsageError(f"{item.url} was not captured: it is known by its address only, so there are no bytes to read")
    path = data_dir / item.warc
    record = read_record(path, item.offset, item.length)
    own = _response_in(record)
    if own is None:
        raise BadRecord(f"{path} has no response and no file at byte {item.offset}: run `archiver reindex`")
    _check_block(path, record)
    expected = item.digest if isinstance(item, ArchivedCapture) else None
    body = _repeated(data_dir, expected, original_of) if record.record_type == "revisit" else own
    digest = _digest(body.payload)
    if expected is not None and expected.startswith("sha256:") and digest != expected:
        raise BadRecord(f"{path} has another payload at byte {item.offset} than the index says: run `archiver verify`")
    content, cut = decode_content(body.payload.chunks(), content_codings(body.head), max_bytes)
    if isinstance(item, ArchivedMedia) and not cut and item.sha256 not in (None, sha256(content).hexdigest()):
        raise BadRecord(f"{path} has another file at byte {item.offset} than the index says: run `archiver verify`")
    is_resource = record.record_type == "resource"
    return ArchivedContent(
        record.url,
        record.record_type,
        None if is_resource else own.head.status,
        tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in own.head.headers),
        digest,
        content,
        not cut and record.get("WARC-Truncated") is None,
        path,
        record,
        body,
    )


def _response_in(record: StoredRecord) -> CapturedResponse | None:
    if record.record_type == "resource":
        return read_resource(record)
    return read_response(record) if record.record_type in ("response", "revisit") else None


def _repeated(data_dir: Path, digest: str | None, original_of: Callable[[str], ArchivedCapture | None]) -> CapturedResponse:
    """The response whose payload a revisit repeats."""
    original = original_of(digest) if digest is not None else None
    response = _response_in(read_record(data_dir / original.warc, original.offset, original.length)) if original else None
    if response is None:
        raise BadRecord(f"the record that this revisit repeats ({digest}) is not in the archive: run `archiver verify`")
    return response


def _check_block(path: Path, record: StoredRecord) -> None:
    """Against WARC-Block-Digest, where it is sha256 as in all files of this program. Others were checked by gzip's own sum."""
    claimed = record.get("WARC-Block-Digest") or ""
    if claimed.startswith("sha256:") and claimed != _digest(record.block):
        raise BadRecord(f"{path} has a damaged record at byte {record.offset}: run `archiver verify`")


def _digest(data: Spool) -> str:
    state = sha256()
    for chunk in data.chunks():
        state.update(chunk)
    return f"sha256:{state.hexdigest()}"
