"""Reads the main text of pages in a process of its own, behind the crawl: it is too slow for the crawl's loop."""

import multiprocessing
from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path

from archiver.errors import BadRecord
from archiver.storage.index import IndexWriter

BATCH_PAGES = 24  # one message to the other process; enough to make the messages' cost vanish
MAX_BATCHES = 2  # under way at once; the rest waits in the index, not in memory


def read_texts(data_dir: Path, places: list[tuple[int, str, str, int, int]]) -> list[tuple[int, str]]:
    """(version, main text) for page versions given as (version, url, WARC path, offset, length). Runs in the other process."""
    from archiver.extraction.decode import MAX_PAGE_BYTES, decode  # only this process needs them  # noqa: PLC0415
    from archiver.extraction.maintext import main_text  # noqa: PLC0415
    from archiver.indexing import read_response  # noqa: PLC0415
    from archiver.storage.warc_reader import read_record  # noqa: PLC0415

    texts = []
    for version, url, warc, offset, length in places:
        try:
            seen = read_response(read_record(data_dir / warc, offset, length))
        except BadRecord:
            continue  # stays without a text, and `verify` will name the record
        html = decode(seen.decoded(MAX_PAGE_BYTES), seen.head.get("Content-Type")) if seen is not None else ""
        texts.append((version, main_text(html, url)))
    return texts


class TextReader:
    """Hands pages that have no text yet to one worker process, and its answers to the index."""

    def __init__(self, index: IndexWriter, data_dir: Path) -> None:
        self._index, self._data_dir = index, data_dir
        self._pool: ProcessPoolExecutor | None = None
        self._waiting: deque[Future[list[tuple[int, str]]]] = deque()
        self._read: list[int] = []
        self._given: set[int] = set()  # handed out and not in the index yet; those that cannot be read stay here

    def step(self) -> None:
        """Takes the answers that are there and hands out more work. Call it after a commit; never waits."""
        while self._waiting and self._waiting[0].done():
            self._take()
        while len(self._waiting) < MAX_BATCHES and (places := self._next_places()):
            if self._pool is None:
                # A fresh interpreter: a copy of the crawler would carry its memory, sockets and threads along.
                self._pool = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))
            self._given.update(place[0] for place in places)
            self._waiting.append(self._pool.submit(read_texts, self._data_dir, places))

    def drain(self) -> None:
        """Reads all that is left, committing as it goes."""
        self.step()
        while self._waiting:
            self._take()
            self._index.commit()
            self.committed()
            self.step()

    def close(self) -> None:
        """Ends the worker. What it had not read is read the next time."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def committed(self) -> None:
        """The index has the answers that were taken: they need not be remembered here."""
        self._given.difference_update(self._read)
        self._read.clear()

    def _next_places(self) -> list[tuple[int, str, str, int, int]]:
        found = self._index.versions_without_text(BATCH_PAGES + len(self._given))
        return [place for place in found if place[0] not in self._given][:BATCH_PAGES]

    def _take(self) -> None:
        for version, text in self._waiting.popleft().result():
            self._index.add_text(version, text)
            self._read.append(version)
