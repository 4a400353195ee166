"""Pages are read in a process of their own, which a page may bring down."""

import asyncio
import gzip
import os
import signal
from datetime import UTC, datetime

from archiver.extraction.record import extract
from archiver.extraction.worker import PageReader
from archiver.media.inspect import MAX_DECODED_BYTES
from archiver.model.exchange import CapturedResponse, ResourceType
from archiver.model.findings import Findings
from archiver.sampleweb.pictures import video
from archiver.wire.http1 import ResponseHead
from archiver.wire.spool import Spool
from tests.support.exchanges import spooled
from tests.support.photos import landscape, saved

HEAD = ResponseHead("HTTP/1.1", 200, b"OK", ((b"Content-Type", b"text/html; charset=utf-8"),))
NOON = datetime(2022, 9, 11, 12, tzinfo=UTC)


def page(title: str, filler: int = 0) -> CapturedResponse:
    html = f"<title>{title}</title><p>{'word ' * filler}</p>".encode()
    return CapturedResponse("https://a.example/", NOON, HEAD, Spool(html), ResourceType.DOCUMENT)


class BrokenSpool(Spool):
    """Stands for a bug of ours: reading it raises what nobody foresaw."""

    def chunks(self, start: int = 0, end: int | None = None):  # type: ignore[no-untyped-def]
        raise ZeroDivisionError("a bug")


def titles(findings: list[Findings]) -> list[str | None]:
    return [each.page.title if each.page is not None else None for each in findings]


def test_pages_are_read_as_in_this_process_and_answered_in_turn() -> None:
    async def read() -> list[Findings]:
        reader = PageReader()
        try:
            return await asyncio.gather(*(reader.read(page(f"Page {number}")) for number in range(20)))
        finally:
            await reader.close()

    found = asyncio.run(read())
    assert titles(found) == [f"Page {number}" for number in range(20)]
    assert found[3] == extract(page("Page 3"))


def picture(data: bytes, kind: str = "image/jpeg", coding: bytes = b"") -> CapturedResponse:
    head = ResponseHead("HTTP/1.1", 200, b"OK", ((b"Content-Type", kind.encode()), (b"Content-Encoding", coding)))
    return CapturedResponse("https://a.example/photo", NOON, head, spooled(data), ResourceType.IMAGE)


def test_pictures_are_read_there_too_and_what_is_not_decoded_is_read_here() -> None:
    image = saved(landscape())
    there = [picture(image), picture(gzip.compress(image), coding=b"gzip"), picture(b"no picture at all")]
    here = [picture(video("one", 200_000), "video/mp4"), picture(image + bytes(MAX_DECODED_BYTES))]

    async def read(responses: list[CapturedResponse]) -> tuple[list[Findings], bool]:
        reader = PageReader()
        try:
            return [await reader.read(one) for one in responses], reader._worker._process is not None
        finally:
            await reader.close()

    assert asyncio.run(read(there)) == ([extract(one) for one in there], True)
    assert asyncio.run(read(here)) == ([extract(one) for one in here], False)
    hashed = [found.media.pdq is not None if found.media else None for found in asyncio.run(read(there + here))[0]]
    assert hashed == [True, True, None, False, False]


def test_a_page_that_brings_the_process_down_says_so_and_the_others_are_read() -> None:
    async def read() -> list[Findings]:
        reader = PageReader()
        try:
            await reader.read(page("warm"))
            other = reader._worker._process
            assert other is not None
            process = other._process
            os.kill(process.pid, signal.SIGSTOP)  # so that all of them wait in it
            asked = [asyncio.ensure_future(reader.read(page(f"Page {number}"))) for number in range(3)]
            await asyncio.sleep(0.05)
            os.kill(process.pid, signal.SIGKILL)
            return await asyncio.gather(*asked)
        finally:
            await reader.close()

    found = asyncio.run(read())
    assert titles(found) == [None, "Page 1", "Page 2"]
    assert found[0].unreadable == "it brought the reading process down"


def test_a_bug_of_ours_costs_what_one_page_tells_and_is_named() -> None:
    broken = CapturedResponse("https://a.example/", NOON, HEAD, BrokenSpool(b"<p>"), ResourceType.DOCUMENT)
    assert extract(broken) == Findings(unreadable="ZeroDivisionError: a bug")
