"""Reads pages and pictures in a process of its own: that takes longer than all the rest of a crawl, and its input is hostile.

The crawl's loop hands over a response and awaits what it tells; meanwhile other requests go on. Parsers and decoders are C code:
a page or picture that brings one down ends this process, not the crawl. It is kept like any other, and tells nothing.
"""

from collections.abc import Callable
from datetime import datetime

from archiver.extraction.decode import MAX_PAGE_BYTES
from archiver.extraction.embeds import rendered_embeds
from archiver.extraction.record import extract, is_media
from archiver.media.inspect import MAX_DECODED_BYTES, sniffed_video
from archiver.model.exchange import CapturedResponse, ResourceType
from archiver.model.findings import Findings
from archiver.model.render import RenderedEmbed
from archiver.wire.http1 import ResponseHead
from archiver.wire.spool import Spool
from archiver.workers.process import WorkerCrashed, WorkerProcess
from archiver.workers.serve import serve

# What decoding can need of a page: `extract` looks at MAX_PAGE_BYTES, and deflate makes nothing longer by more than 0.1 %.
MAX_SENT_BYTES = MAX_PAGE_BYTES + (MAX_PAGE_BYTES >> 8)


class PageReader:
    """Starts its process at the first page or picture. For one event loop; `close` it there."""

    def __init__(self) -> None:
        self._elsewhere = WorkerProcess("archiver.extraction.worker")

    async def read(self, seen: CapturedResponse) -> Findings:
        """What the response tells: pages and pictures in the other process, the rest, which is quick, here."""
        if (size := _size_to_send(seen)) is None:
            return extract(seen)
        payload = seen.payload.bytes(0, size)
        try:
            findings = await self._elsewhere.ask(
                (_findings, (seen.url, seen.captured_at, seen.head, payload, seen.resource_type, seen.truncated))
            )
        except WorkerCrashed as error:
            return Findings(unreadable=str(error))
        assert isinstance(findings, Findings)
        return findings

    async def places(self, url: str, html: str) -> tuple[RenderedEmbed, ...]:
        """Where the embeds of a drawn page stand, of markup whose elements carry labels; () where it brings the process down."""
        try:
            places = await self._elsewhere.ask((rendered_embeds, (url, html)))
        except WorkerCrashed:
            return ()
        assert isinstance(places, tuple)
        return places

    async def close(self) -> None:
        """Ends the process. Call it when nothing is being read."""
        await self._elsewhere.close()


def _size_to_send(seen: CapturedResponse) -> int | None:
    """How many bytes of the payload the other process needs; None for what is read here.

    A picture is needed whole, for its digest. One that is too large to be decoded anyway is read here, as videos are: nothing but
    its head is looked at, and it is digested as a stream.
    """
    if is_media(seen):
        decoded = len(seen.payload) <= MAX_DECODED_BYTES and sniffed_video(seen.payload.bytes(0, 64)) is None
        return len(seen.payload) if decoded else None
    return MAX_SENT_BYTES if seen.resource_type is ResourceType.DOCUMENT else None


def _findings(
    url: str, captured_at: datetime, head: ResponseHead, payload: bytes, resource_type: ResourceType | None, truncated: bool
) -> Findings:
    return extract(CapturedResponse(url, captured_at, head, Spool(payload), resource_type, truncated))


def _answer(message: tuple[Callable[..., object], tuple[object, ...]]) -> object:
    """A function of the project's, by name, and what to call it with: at the other end of the pipe is this program."""
    function, arguments = message
    return function(*arguments)


if __name__ == "__main__":
    serve(_answer)
