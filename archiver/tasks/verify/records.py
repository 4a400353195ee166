"""Reads a WARC file to its end, and checks each record against its own digests."""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from archiver.model.render import Preview
from archiver.recording.render_records import PREVIEW_URN, parse_previews, parse_screenshot_header
from archiver.recording.warc_responses import PayloadDigest
from archiver.storage.warc.validator import HashedFile, RecordHead, Segment, walk_records
from archiver.storage.warc.writer import JSON_HEADER
from archiver.tasks.previews import MAX_NOTE_BYTES

# What other programs write too. Of WARC-Payload-Digest only ours is read: others digest chunk framing (docs/decisions/0003).
_ALGORITHMS = {"sha256": "sha256", "sha1": "sha1", "sha512": "sha512", "md5": "md5", "sha-256": "sha256", "sha-1": "sha1"}
_HTTP_METHODS = {"response": "GET", "revisit": "HEAD"}


@dataclass(frozen=True, slots=True)
class ReadRecord:
    """One segment of a file, and what is wrong with it."""

    segment: Segment
    flaws: tuple[str, ...]
    """In words; none for a whole record whose digests are right."""
    digest: str | None = None
    """As the index has it: of a response's payload, of a resource; what a revisit says that it repeats."""
    indexed: bool = False
    """Whether a record like this has a row among the captures."""
    previews: tuple[Preview, ...] = ()
    """The WebPs whose hashes it has."""

    @property
    def offset(self) -> int:
        return self.segment.offset

    @property
    def end(self) -> int:
        return self.segment.offset + self.segment.length

    @property
    def head(self) -> RecordHead | None:
        return self.segment.head

    @property
    def readable(self) -> bool:
        """Whether it was read as a record at all; its digests may be wrong."""
        return self.segment.flaw is None


def validated_records(source: HashedFile) -> Iterator[ReadRecord]:
    """All of a file, segment after segment. Keeps no more than a piece of a record in memory. Raises `OSError`."""
    blocks: list[_Block] = []

    def begin(head: RecordHead) -> "_Block":
        blocks[:] = [_Block(head)]
        return blocks[0]

    for segment in walk_records(source, begin):
        if segment.flaw is not None or not blocks:
            yield ReadRecord(segment, (segment.flaw or "it holds no record",))
        else:
            yield blocks[0].result(segment)


class _Block:
    """Takes one record's block, and says afterwards what does not fit to its head."""

    def __init__(self, head: RecordHead) -> None:
        self._head = head
        self._stated = _stated(head.get("WARC-Block-Digest"))
        algorithm = self._stated[0] if self._stated is not None else "sha256"
        self._whole = hashlib.new(algorithm, usedforsecurity=False)
        # The payload of a resource is its block, and the index has its SHA-256.
        self._resource = hashlib.sha256() if head.kind == "resource" and algorithm != "sha256" else None
        method = _HTTP_METHODS.get(head.kind)
        self._payload = PayloadDigest(method) if method is not None else None
        is_note = head.kind == "metadata" and head.url.startswith(PREVIEW_URN) and head.length <= MAX_NOTE_BYTES
        self._note: bytearray | None = bytearray() if is_note else None

    def __call__(self, piece: bytes) -> None:
        self._whole.update(piece)
        if self._resource is not None:
            self._resource.update(piece)
        if self._payload is not None:
            self._payload.feed(piece)
        if self._note is not None:
            self._note += piece

    def result(self, segment: Segment) -> ReadRecord:
        digest, indexed = self._indexed()
        flaws = []
        if self._stated is not None and self._stated[1] != self._whole.digest():
            flaws.append("its block is not the one of its WARC-Block-Digest")
        stated = _stated(self._head.get("WARC-Payload-Digest"))
        ours = stated is not None and stated[0] == "sha256" and self._head.kind in ("response", "resource")
        if ours and stated is not None and digest != f"sha256:{stated[1].hex()}":
            flaws.append("its payload is not the one of its WARC-Payload-Digest")
        return ReadRecord(segment, tuple(flaws), digest, indexed, self._previews())

    def _indexed(self) -> tuple[str | None, bool]:
        """The digest, and whether there is a row: as `recording.indexer.begin_record` makes one."""
        if self._payload is not None:
            digest = self._payload.finish()
            stated = self._head.get("WARC-Payload-Digest")
            return (stated if self._head.kind == "revisit" else digest), digest is not None
        if self._head.kind == "resource":
            return f"sha256:{(self._resource or self._whole).hexdigest()}", self._head.url.startswith("urn:")
        return None, False

    def _previews(self) -> tuple[Preview, ...]:
        if self._head.kind == "resource":
            drawn = parse_screenshot_header(self._head.get(JSON_HEADER))
            if drawn is not None and drawn.path is not None and drawn.sha256 is not None:
                return (Preview(drawn.path, drawn.sha256, self._head.record_id),)
        return parse_previews(bytes(self._note)) if self._note is not None else ()


def _stated(label: str | None) -> tuple[str, bytes] | None:
    """Algorithm and digest of `sha256:<hex>`, or of another program's `sha1:<base32>`; None for an algorithm that is not
    known."""
    name, _, text = (label or "").partition(":")
    algorithm = _ALGORITHMS.get(name.strip().lower())
    if algorithm is None:
        return None
    size = hashlib.new(algorithm, usedforsecurity=False).digest_size
    try:
        if len(text) == 2 * size:
            return algorithm, bytes.fromhex(text)
        bare = text.upper().rstrip("=")
        return algorithm, base64.b32decode(bare + "=" * (-len(bare) % 8))
    except ValueError:
        return algorithm, b""  # no digest at all: nothing is equal to it
