"""Reads captured responses in a process of its own: that takes longer than all the rest of a crawl, and its input is hostile.

A crawl hands over a response and awaits its findings; meanwhile other requests go on. Parsers and decoders are C code: a page or
picture that crashes one, fills the memory or never ends costs that process, not the crawl. The response is kept like any other,
and its findings say that it is unreadable. A reindex and whatever else reads WARC files into the index do it by the same process,
so that they find the same.
"""

from concurrent.futures import Future
from datetime import datetime

import msgspec

from archiver.errors import StorageError
from archiver.extraction.decode import MAX_PAGE_BYTES
from archiver.extraction.embeds import rendered_embeds
from archiver.extraction.record import MAX_REPLY_BYTES, extract, is_media
from archiver.media.inspect import MAX_DECODED_BYTES, sniffed_video
from archiver.model.exchange import CapturedResponse, PostQuestion, ResourceType
from archiver.model.findings import Findings
from archiver.model.render import RenderedEmbed
from archiver.platforms import platform_of_reply
from archiver.wire.http1 import ResponseHead
from archiver.wire.presentation import shows_body
from archiver.wire.spool import Spool
from archiver.workers.process import LoopThread, WorkerCrashed, WorkerNotStarted, WorkerProcess
from archiver.workers.serve import serve

MODULE = "archiver.extraction.worker"  # runs in the other process
PATIENCE_SECONDS = 60  # for one response; no page is known that takes two
# What decoding can need: `extract` looks at so many decoded bytes, and deflate makes nothing longer by more than 0.1 %.
MAX_SENT_BYTES = max(MAX_PAGE_BYTES, MAX_REPLY_BYTES) * 257 // 256
MAX_NAMED = 1_000  # unreadable responses that are named; all of them are counted


class ReadResponse(msgspec.Struct, frozen=True, tag=True):
    """Asks for the `Findings` of a captured response."""

    url: str
    captured_at: datetime
    head: ResponseHead
    payload: bytes
    resource_type: ResourceType | None
    truncated: bool
    question: PostQuestion | None


class FindRenderedEmbeds(msgspec.Struct, frozen=True, tag=True):
    """Asks where the embeds of a rendered page stand: `tuple[RenderedEmbed, ...]`."""

    url: str
    html: bytes
    """UTF-8."""


class PageReader:
    """Starts its process at the first page or picture. For one event loop; `close` it there."""

    def __init__(self) -> None:
        self._worker = WorkerProcess(MODULE, PATIENCE_SECONDS)

    async def read(self, response: CapturedResponse) -> Findings:
        """The findings of a response; nothing but why it is unreadable where it crashes the worker."""
        try:
            return await self.findings(response)
        except WorkerCrashed as error:
            return Findings(unreadable=str(error))

    async def findings(self, response: CapturedResponse) -> Findings:
        """The findings of a response. Raises `WorkerCrashed`, and `WorkerNotStarted`, which is no fault of the response."""
        if (size := _size_to_send(response)) is None:
            return extract(response)
        payload = response.payload.bytes(0, size)
        request = ReadResponse(
            response.url, response.captured_at, response.head, payload, response.resource_type, response.truncated,
            response.question,
        )  # fmt: skip
        findings: Findings = await self._worker.ask(request, Findings)
        return findings

    async def rendered_embeds(self, url: str, html: str) -> tuple[RenderedEmbed, ...]:
        """Where the embeds of a rendered page stand, of markup whose elements carry labels; () where it crashes the worker."""
        try:
            request = FindRenderedEmbeds(url, html.encode("utf-8", "replace"))
            embeds: tuple[RenderedEmbed, ...] = await self._worker.ask(request, tuple[RenderedEmbed, ...])
        except WorkerCrashed:
            return ()
        return embeds

    async def close(self) -> None:
        """Ends the process. Call it when nothing is being read."""
        await self._worker.close()

    async def kill(self) -> None:
        """Ends the process at once, whatever it is reading."""
        await self._worker.kill()


class AheadReader:
    """Reads responses ahead, for callers without an event loop: the worker reads while they do something else.

    A context manager. Thread and process start at the first response.
    """

    def __init__(self) -> None:
        self.unreadable: list[tuple[str, str]] = []
        """URL and reason of the responses that could not be read, MAX_NAMED at most."""
        self.unreadable_count = 0
        self._thread: LoopThread | None = None
        self._reader = PageReader()

    def __enter__(self) -> "AheadReader":
        return self

    def __exit__(self, *_: object) -> None:
        if self._thread is not None:
            self._thread.submit(self._reader.kill()).result()
            self._thread.close()

    def begin(self, response: CapturedResponse) -> "Future[Findings]":
        """Begins to read a response. The result raises `StorageError` where no worker can be started."""
        if self._thread is None:
            self._thread = LoopThread()
        return self._thread.submit(self._read(response))

    async def _read(self, response: CapturedResponse) -> Findings:
        try:
            findings = await self._reader.findings(response)
        except WorkerNotStarted as error:
            raise StorageError(f"{response.url} cannot be read: {error}. Is there enough memory?") from error
        except WorkerCrashed as error:
            findings = Findings(unreadable=str(error))
        if findings.unreadable is not None:
            self.unreadable_count += 1
            if len(self.unreadable) < MAX_NAMED:
                self.unreadable.append((response.url, findings.unreadable))
        return findings


def _size_to_send(response: CapturedResponse) -> int | None:
    """How many bytes of the payload the worker needs; None for what is read here, as no parser looks at it.

    A picture is needed whole, for its digest. One that is too large to be decoded anyway is read here, as videos are: nothing but
    its head is looked at, and it is digested as a stream.
    """
    is_reply = response.question is not None or platform_of_reply(response.url) is not None
    if not shows_body(response.head) and not is_reply:
        return None
    if is_media(response) and not is_reply:
        is_decoded = len(response.payload) <= MAX_DECODED_BYTES and sniffed_video(response.payload.bytes(0, 64)) is None
        return len(response.payload) if is_decoded else None
    return MAX_SENT_BYTES


def _answer(request: ReadResponse | FindRenderedEmbeds) -> Findings | tuple[RenderedEmbed, ...]:
    if isinstance(request, FindRenderedEmbeds):
        return rendered_embeds(request.url, request.html.decode())
    payload = Spool(request.payload)
    return extract(
        CapturedResponse(
            request.url,
            request.captured_at,
            request.head,
            payload,
            request.resource_type,
            request.truncated,
            request.question,
        )
    )


if __name__ == "__main__":
    serve(_answer, ReadResponse | FindRenderedEmbeds)
