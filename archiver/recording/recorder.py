"""The one writer: bytes to the WARC file, then rows to the index, in groups; what a crash leaves behind is picked up."""

import asyncio
import contextlib
import json
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from archiver.errors import DiskFull, StorageError
from archiver.extraction.record import extract
from archiver.extraction.worker import AheadReader
from archiver.model.exchange import Capture, CapturedResponse, Crawl, Exchange, Failure, Purpose
from archiver.model.findings import Findings
from archiver.model.render import Preview, Render, Screenshot, ScreenshotRecord
from archiver.recording.dedup import Deduplicator
from archiver.recording.indexer import (
    FAILURE_URN,
    HEAD_URN,
    OUTCOME,
    PROBE,
    PROBE_URN,
    capture_of_exchange,
    capture_of_resource,
    captured_response_of,
    failure_content,
    head_content,
    warcinfo_of,
)
from archiver.recording.recovery import index_unindexed, remove_partial_records
from archiver.recording.render_records import (
    PREVIEW_URN,
    RENDER_URN,
    TEXT_URN,
    parse_render_end,
    parse_screenshot_header,
    previews_content,
    render_end_content,
    screenshot_header,
    screenshot_urn,
)
from archiver.storage.files.archive_folder import require_archive_folder
from archiver.storage.files.atomic import make_folders
from archiver.storage.files.disk_space import lack_of_space, require_free_space
from archiver.storage.files.lock import ArchiveLock
from archiver.storage.files.paths import ArchivePaths
from archiver.storage.files.sqlite_errors import raising_storage_error
from archiver.storage.index.crawl_queries import CrawlIndex
from archiver.storage.index.database import open_index, open_index_to_read
from archiver.storage.index.missing import hide_lost
from archiver.storage.index.writer import IndexWriter
from archiver.storage.warc.manifests import closed_files, read_manifests, seal, unsealed
from archiver.storage.warc.recovery import PartialRecord
from archiver.storage.warc.writer import (
    BLANKED_HEADER,
    JSON_HEADER,
    ROLL_BYTES,
    Original,
    RecordLocation,
    WarcWriter,
    digest_of,
    purpose_headers,
)
from archiver.times import Clock, to_warc_date, utc_now
from archiver.wire.http1 import ResponseHead
from archiver.wire.spool import Spool

LOST_ORIGINAL = "the record that it repeats"
"""Begins the reason for an unchanged page whose first capture is lost or damaged: no fault of the program's."""
GROUP_RECORDS = 1_000
MAX_WAITING_RECORDS = 4 * GROUP_RECORDS  # beyond this recording waits for the index; bounds the memory for rows
GROUP_SECONDS = 1.0  # what a power cut may cost; fsync takes 2 ms, so a group costs little
MIN_FREE_BYTES = 64 << 20  # for whoever says nothing else


async def read_in_process(response: CapturedResponse) -> Findings:
    """Reads a response in this process."""
    return extract(response)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A capture that was written, and its findings."""

    capture: Capture
    head: ResponseHead
    findings: Findings


class Recorder:
    """Writes one archive for one crawl. Only one at a time can be open on an archive."""

    def __init__(
        self,
        data_dir: Path,
        crawl: Crawl,
        *,
        read: Callable[[CapturedResponse], Awaitable[Findings]] = read_in_process,
        clock: Clock = utc_now,
        roll_bytes: int = ROLL_BYTES,
        min_free: int = MIN_FREE_BYTES,
        on_migration: Callable[[int], None] | None = None,
    ) -> None:
        """`read` gives the findings of a response, as `extract` does, in whatever process. `min_free` bytes are to stay free:
        where fewer are, it does not begin.

        Raises `ArchiveHeld`, `StorageError`, `NewerFormat`, `NotAnArchive`. `on_migration`: see `open_index`.
        """
        self.paths, self.crawl, self._clock = ArchivePaths(data_dir), crawl, clock
        require_archive_folder(data_dir)
        _make_folder(data_dir)
        require_free_space(data_dir, min_free)
        self._lock = ArchiveLock(data_dir / ".lock", f"job {crawl.job}", clock=clock)
        try:
            self.index = IndexWriter(open_index(self.paths.index, on_migration=on_migration))
            self.past = open_index_to_read(self.paths.index)
            """The index, to look things up in; what is lost is hidden in it."""
            self.lost = hide_lost(self.past, data_dir)
            """How many captures each WARC file has lost that is missing or too short, by its path."""
            self.crawl_index = CrawlIndex(self.past)
            self.dedup = Deduplicator(self.crawl_index, data_dir)
            self._writer = WarcWriter(self.paths, crawl.job, warcinfo_of(crawl), roll_bytes=roll_bytes, clock=clock)
        except BaseException:
            self._lock.release()
            raise
        self.read = read
        self._unread: dict[int, RecordLocation] = {}  # written, and not read yet; by id of the location
        self._ends: dict[str, int] = {}  # of the files written to since the last commit that covered them
        self._in_group = 0
        self._safe_at = time.monotonic()
        self._timer: asyncio.TimerHandle | None = None
        self._trouble: StorageError | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="index")
        self._writing: Future[None] | None = None
        self.on_safe: Callable[[], None] | None = None
        """Called when all bytes that were recorded are safe, though not all of them are in the index yet."""
        self.unreadable: list[tuple[str, str]] = []
        """URL and reason of the responses that `catch_up` could not read; `extraction.worker.MAX_NAMED` at most."""
        self._min_free = min_free
        self.on_low: Callable[[DiskFull], None] | None = None
        """Called when less than `min_free` bytes are free: whoever records is to end soon. What is under way is still kept."""

    def catch_up(self, progress: Callable[[int], None] | None = None) -> int:
        """Indexes records that an interrupted run wrote and did not get to index, and cuts off torn ends. Returns how many.

        Call it before anything is recorded. `progress` is told how many bytes more were read.
        """
        manifests = read_manifests(self.paths)
        with raising_storage_error("index.db"):
            with AheadReader() as reader:
                indexed = index_unindexed(self.index, self.paths, reader, progress)
            self.unreadable = reader.unreadable
            if any([*remove_partial_records(self.index, self.paths, manifests, self._note_torn)]):
                self.commit()
                manifests = read_manifests(self.paths)  # where a note began another file, the one before it is sealed by now
        # What killed runs left behind: nobody writes to it any more, as the lock is ours, and it is whole by now.
        left = [warc for warc in unsealed(self.paths, manifests) if warc != self._writer.writes_to]
        seal(self.paths, closed_files(self.paths, left, progress), self._clock)
        return indexed

    def _note_torn(self, end: PartialRecord) -> None:
        self._writer.metadata(end.urn, self._clock(), end.content)
        self._writer.sync()

    # --- recording --------------------------------------------------------------------------------------------------------

    async def record(self, exchange: Exchange) -> Recorded:
        """Keeps an exchange, and gives its findings. A payload that the archive has becomes a revisit. Raises `StorageError`."""
        digest = digest_of(exchange.payload.chunks())
        original = self.dedup.original_of(exchange, digest) if exchange.method == "GET" else None
        place = self._writer.exchange(exchange, digest, original)
        capture = capture_of_exchange(exchange, place, original, self.crawl.uuid)
        question = exchange.purpose.question
        if exchange.method == "GET" and (question is None or not question.control):
            self.dedup.add(capture, digest)
        self._unread[id(place)] = place
        findings = await self._findings(exchange, original)
        del self._unread[id(place)]  # not after an error: then the record is not indexed, and the next run has to find it
        # A revisit adds a capture and nothing else; the caller still learns what the payload says.
        self.index.add(capture, findings if original is None else Findings())
        self._tick()
        return Recorded(capture, exchange.head, findings)

    async def _findings(self, exchange: Exchange, original: Original | None) -> Findings:
        if original is not None and exchange.head.status == 304:
            response = self.dedup.read(original)  # an unchanged page: its links are still to be followed
            lost = Findings(unreadable=f"{LOST_ORIGINAL}, {original.record_id}, cannot be read")
            return await self.read(response) if response is not None else lost
        return await self.read(captured_response_of(exchange))

    def note_head(self, exchange: Exchange) -> None:
        """Keeps a HEAD request and its answer, byte for byte, in a metadata record.

        A response record at its URL would stand for the page in replays and in the index, and has no byte of it.
        """
        self._writer.metadata(f"{HEAD_URN}{exchange.url}", exchange.started_at, head_content(exchange))
        self._tick()

    def note(self, failure: Failure) -> None:
        """Keeps that a request got no response: a plain note, in the WARC as well."""
        self._writer.metadata(f"{FAILURE_URN}{failure.url}", failure.failed_at, failure_content(failure))
        self.index.add_failure(failure, self.crawl.uuid)
        self._tick()

    def keep_render(
        self, render: Render, shots: Iterable[tuple[Screenshot, ScreenshotRecord]], page_id: str, *, with_cookies: bool = False
    ) -> None:
        """Keeps what a browser drew: each screenshot with what it shows, the text, and how the render ended.

        `with_cookies`: the user's own were sent for some of it.
        """
        moment, url = render.started_at, render.target.url
        about = [*purpose_headers(Purpose(page_id=page_id)), *([(BLANKED_HEADER, "Cookie")] if with_cookies else [])]
        for shot, record in shots:
            self._resource(screenshot_urn(shot, url), moment, "image/png", shot.png, [*about, screenshot_header(record)], page_id)
        if render.text is not None:
            text = render.text.encode("utf-8", "replace")
            self._resource(f"{TEXT_URN}{url}", moment, "text/plain; charset=utf-8", text, about, page_id)
        content = render_end_content(render)
        self._writer.metadata(f"{RENDER_URN}{url}", moment, content, about)
        end = parse_render_end(content, to_warc_date(moment))
        assert end is not None  # it was made from one
        self.index.add_render(end, self.crawl.uuid)
        self._tick()

    def note_previews(self, url: str, previews: Iterable[Preview]) -> None:
        """Keeps the hashes of WebPs that were made anew, of screenshots of the page at `url`, and came out otherwise."""
        self._writer.metadata(f"{PREVIEW_URN}{url}", self._clock(), previews_content(previews))
        self._tick()

    def _resource(
        self, urn: str, moment: datetime, content_type: str, data: bytes, headers: list[tuple[str, str]], page_id: str
    ) -> None:
        place = self._writer.resource(urn, moment, content_type, Spool(data), headers)
        capture = capture_of_resource(
            place, urn, to_warc_date(moment), content_type, page_id, self.crawl.uuid,
            with_cookies=BLANKED_HEADER in dict(headers),
        )  # fmt: skip
        # As a reindex will read it: what a header cannot hold is not indexed either.
        self.index.add_resource(capture, parse_screenshot_header(dict(headers).get(JSON_HEADER)))

    def note_probe(self, platform: str, moment: datetime, doors: list[dict[str, Any]]) -> None:
        """Keeps what a platform's doors answered about its control posts. No part of the index."""
        self._writer.metadata(f"{PROBE_URN}{platform}", moment, {"kind": PROBE, "platform": platform, "doors": doors})
        self._tick()

    def finish(self, outcome: dict[str, Any]) -> None:
        """Keeps how the crawl ended."""
        moment = self._clock()
        content = {"kind": OUTCOME, **outcome}
        self._writer.metadata(f"urn:uuid:{self.crawl.uuid}", moment, content)
        self.index.add_outcome(self.crawl.uuid, to_warc_date(moment), json.dumps(content, ensure_ascii=False, sort_keys=True))

    # --- groups -----------------------------------------------------------------------------------------------------------

    def commit(self) -> None:
        """Makes all that was recorded safe and findable, and waits for it. Raises `StorageError`."""
        self._begin_commit()
        self._end_commit()

    def _begin_commit(self) -> None:
        """Makes all that was recorded safe; the rows are written by another thread, while recording goes on."""
        self._end_commit()
        self._make_safe()
        self._ends |= self._writer.take_ends()
        if self._ends:  # a crawl that has written nothing is in no WARC file, so it is none
            self.index.add_crawl(self.crawl)
        for warc, end in self._ends.items():  # what is still being read is not indexed: a crash now must find it again
            indexed = min([end, *(place.offset for place in self._unread.values() if place.warc == warc)])
            self.index.reached(warc, self.crawl.uuid, indexed)
        self._ends = {place.warc: self._ends[place.warc] for place in self._unread.values() if place.warc in self._ends}
        self.dedup.begin_group({place.record_id for place in self._unread.values()})
        self._in_group = 0
        self._writing = self._thread.submit(self.index.write, self.index.take())

    def _make_safe(self) -> None:
        """The bytes, not yet the rows. Raises `StorageError`."""
        self._writer.sync()
        seal(self.paths, self._writer.take_closed(), self._clock)  # there are some where a file was rolled
        self._safe_at = time.monotonic()
        if self.on_safe is not None:
            self.on_safe()
        lack = lack_of_space(self.paths.data_dir, self._min_free)
        if lack is not None and self.on_low is not None:
            self.on_low(lack)
        if lack is not None and (lack.urgent or self.on_low is None):
            raise lack

    def _end_commit(self) -> None:
        """Waits for the rows of the last commit. After a failure nothing more is indexed: the next run finds it in the files."""
        if self._writing is not None:
            self._writing.result()
            self._writing = None
            self.dedup.group_written()

    def _tick(self) -> None:
        """After each record: is the group large or old enough?"""
        if self._trouble is not None:
            raise self._trouble
        self._in_group += 1
        if self._in_group >= GROUP_RECORDS or time.monotonic() - self._safe_at >= GROUP_SECONDS:
            self._group_is_due()
        elif self._timer is None:
            with contextlib.suppress(RuntimeError):  # no event loop: whoever records there commits
                self._timer = asyncio.get_running_loop().call_later(GROUP_SECONDS, self._time_is_up)

    def _group_is_due(self) -> None:
        if self._writing is None or self._writing.done() or self._in_group >= MAX_WAITING_RECORDS:
            self._begin_commit()
        else:  # the rows of the last group are still being written; these bytes are made safe all the same
            self._make_safe()

    def _time_is_up(self) -> None:
        """No record came for a while: a host is slow, or has asked us to wait."""
        self._timer = None
        if self._in_group:
            try:
                self._group_is_due()
            except StorageError as error:
                self._trouble = error  # raised where somebody can hear it: at the next record

    def close(self) -> None:
        """Commits, and lets the archive go."""
        if self._timer is not None:
            self._timer.cancel()
        try:
            try:
                self.commit()
            finally:
                self._writer.close()  # also where the index cannot be written: the next run finds what was recorded
            seal(self.paths, self._writer.take_closed(), self._clock)
        finally:
            self._thread.shutdown()
            self.past.close()
            _close_quietly(self.index.database)
            self._lock.release()


def _close_quietly(database: sqlite3.Connection) -> None:
    with contextlib.suppress(sqlite3.OperationalError):  # a full disk: the statistics are only advice
        database.execute("PRAGMA optimize")
    database.close()


def _make_folder(data_dir: Path) -> None:
    try:
        make_folders(data_dir)
    except OSError as error:
        raise StorageError(f"cannot create {data_dir}: {error.strerror}. Choose a folder with --archive DIR") from error
