"""A recorder in an archive of its own, and exchanges kept by it."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from archiver.extraction.record import extract
from archiver.model.exchange import CapturedResponse, Crawl, Exchange
from archiver.model.findings import Findings
from archiver.recording.recorder import Recorded, Recorder
from tests.support.exchanges import MOMENT

CRAWL = Crawl(
    "6b0f1d3e-0000-4000-8000-000000000001", "job", "2022-09-11T12:00:00.000Z", "tests/1", '{"seeds": ["Ізюм\u2028\x85"]}'
)
NEXT_CRAWL = replace(CRAWL, uuid="6b0f1d3e-0000-4000-8000-000000000002")


@contextmanager
def recording(data_dir: Path, crawl: Crawl = CRAWL) -> Iterator[Recorder]:
    recorder = Recorder(data_dir, crawl, clock=lambda: MOMENT)
    try:
        yield recorder
    finally:
        recorder.close()


def keep(recorder: Recorder, one: Exchange) -> Recorded:
    return asyncio.run(keep_here(recorder, one))


async def keep_here(recorder: Recorder, one: Exchange) -> Recorded:
    return await recorder.record(one)


def read_at_once(response: CapturedResponse) -> Future[Findings]:
    """Reads a response in this process, where the product has a worker read it ahead."""
    findings = Future[Findings]()
    findings.set_result(extract(response))
    return findings
