"""Deduplication: which earlier capture a new exchange repeats, and so is recorded as a revisit of (WARC/1.1, 6.7)."""

from collections.abc import Container
from pathlib import Path

from archiver.errors import BadRecord
from archiver.model.exchange import Capture, CapturedResponse, Exchange, ResourceType
from archiver.recording.warc_responses import read_response
from archiver.storage.index.crawl_queries import CrawlIndex
from archiver.storage.warc.reader import read_record
from archiver.storage.warc.writer import Original

MIN_REVISIT_BYTES = 1024  # below this a revisit record is larger than what it saves (Zeno draws the line there too)


class Deduplicator:
    """Finds the capture that an exchange repeats: in the index, or among what its recorder wrote and has not indexed yet.

    What is not indexed yet is remembered group by group, as the recorder commits it. One recorder has one of these.
    """

    def __init__(self, index: CrawlIndex, data_dir: Path) -> None:
        self._index, self._data_dir = index, data_dir
        self._group: dict[str, Original] = {}  # by payload digest: of this group
        self._written: dict[str, Original] = {}  # of the one whose rows are being written

    def original_of(self, exchange: Exchange, digest: str) -> Original | None:
        """The capture with the same payload, or what a 304 says is unchanged; `digest` is that of the payload."""
        if exchange.head.status == 304:
            return self._index.latest(exchange.url)
        if exchange.head.status != 200 or exchange.truncated or len(exchange.payload) < MIN_REVISIT_BYTES:
            return None
        # A picture is the same picture at any address. What a page or a platform says belongs to its own address.
        # Nor may it have come in chunks: its record then says no digest (docs/decisions/0003), and pywb 2.10 finds an original at
        # another address by digest alone.
        framed = len(exchange.response) - exchange.body_start != len(exchange.payload)
        any_url = exchange.purpose.resource_type in (ResourceType.IMAGE, ResourceType.MEDIA) and not framed
        for group in (self._group, self._written):
            original = group.get(digest)
            if original is not None and (any_url or original.url == exchange.url):
                return original
        # Nothing is indexed of a revisit, nor of the reply to a control question: what repeats that would be lost.
        question = exchange.purpose.question
        return self._index.original(digest, exchange.url, any_url=any_url, told=question is not None and not question.control)

    def read(self, original: Original) -> CapturedResponse | None:
        """The response of an earlier capture; None where its record is lost."""
        place = self._index.place(original)
        try:
            return read_response(read_record(self._data_dir / place[0], place[1], place[2])) if place is not None else None
        except BadRecord:
            return None

    def add(self, capture: Capture, digest: str) -> None:
        """A response that was just written, if it can be repeated at all."""
        if capture.record_type == "response" and capture.status == 200 and capture.truncated is None:
            self._group.setdefault(digest, Original(capture.record_id, capture.url, capture.captured_at, digest))

    def begin_group(self, unread: Container[str]) -> None:
        """The rows of this group are being written from here on, but for those of records that are still `unread` (their ids)."""
        self._written = self._group
        self._group = {digest: original for digest, original in self._group.items() if original.record_id in unread}

    def group_written(self) -> None:
        """The rows of that group are in the index."""
        self._written = {}
