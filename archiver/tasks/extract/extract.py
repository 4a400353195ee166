"""Says what saved and recorded pages embed, without an archive, on all cores."""

import asyncio
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from archiver.model.findings import ExtractedPage
from archiver.tasks.extract.jobs import Job, Unread
from archiver.tasks.extract.sources import OnProgress, Sources
from archiver.times import Clock, utc_now
from archiver.workers.process import WorkerCrashed, WorkerNotStarted, WorkerProcess

PATIENCE_SECONDS = 60  # for one page; no page is known that takes two
ASKED_AT_ONCE = 3  # pages of one process: one is read, the others lie in its pipe meanwhile
WINDOW = 16  # pages of one process that are under way or wait for an earlier one, so that a slow page holds up nobody
WINDOW_BYTES = 64 << 20  # of all of them together


def extract(
    paths: Iterable[Path | str],
    *,
    standard_input: BinaryIO | None = None,
    clock: Clock = utc_now,
    workers: int = 0,
    on_progress: OnProgress = lambda file, done, total: None,
) -> Generator[ExtractedPage | Unread, None, None]:
    """What each page embeds: of files, of all pages in folders, of WARC, ARC and WACZ files, of standard input for `-`.

    Pages come in order: of the arguments, within a folder by name, within a WARC as they lie there. They are read by as many
    processes as `workers` says, so that a page that crashes a parser or never ends costs itself alone; with 0 in this process.
    What cannot be read comes as `Unread` in its place. Raises `UsageError` for a URL, and for a path that cannot be
    opened or is no page, before the first page.
    """
    sources = Sources(paths, standard_input or BytesIO(), clock, on_progress)
    return _read_here(sources) if workers == 0 else _read_in_workers(iter(sources), workers)


def _read_here(jobs: Iterable[Job | Unread]) -> Generator[ExtractedPage | Unread, None, None]:
    from archiver.tasks.extract.page import extracted  # 70 ms, which the other processes take  # noqa: PLC0415

    for job in jobs:
        answer = job if isinstance(job, Unread) else extracted(job)
        if answer is not None:
            yield answer


def _read_in_workers(jobs: Iterator[Job | Unread], workers: int) -> Generator[ExtractedPage | Unread, None, None]:
    with asyncio.Runner() as runner:
        crew = _Crew(jobs, workers)
        try:
            while answers := runner.run(crew.answers()):
                yield from filter(None, answers)
        finally:
            runner.run(crew.kill())


class _Crew:
    """Several processes that read pages, and the pages that are under way, in order."""

    def __init__(self, jobs: Iterator[Job | Unread], workers: int) -> None:
        self._jobs = jobs
        self._places = [WorkerProcess("archiver.tasks.extract.page", PATIENCE_SECONDS) for _ in range(workers)]
        self._turns = asyncio.Semaphore(workers * ASKED_AT_ONCE)
        self._under_way: deque[tuple[int, asyncio.Task[ExtractedPage | Unread | None]]] = deque()
        self._bytes = 0

    async def answers(self) -> list[ExtractedPage | Unread | None]:
        """The next ones, at least one; none at the end."""
        await self._take_jobs()
        ready: list[ExtractedPage | Unread | None] = []
        while self._under_way and (not ready or self._under_way[0][1].done()):
            size, task = self._under_way[0]
            ready.append(await task)
            self._under_way.popleft()
            self._bytes -= size
        return ready

    async def kill(self) -> None:
        """Ends all processes at once, whatever they are reading."""
        for _, task in self._under_way:
            task.cancel()
        await asyncio.gather(*(place.kill() for place in self._places))

    async def _take_jobs(self) -> None:
        """Fills the window; stops early where an answer waits to be handed on."""
        while len(self._under_way) < WINDOW * len(self._places) and self._bytes < WINDOW_BYTES:
            job = next(self._jobs, None)
            if job is None:
                return
            size = 0 if isinstance(job, Unread) else job.size
            self._under_way.append((size, asyncio.create_task(self._read(job))))
            self._bytes += size
            await asyncio.sleep(0)  # so that it is asked for while the next one is looked for
            if self._under_way[0][1].done():
                return

    async def _read(self, job: Job | Unread) -> ExtractedPage | Unread | None:
        if isinstance(job, Unread):
            return job
        async with self._turns:
            place = min(self._places, key=lambda place: place.load)
            try:
                answer: ExtractedPage | str | None = await place.ask(job, ExtractedPage | str | None)
            except WorkerNotStarted:
                raise
            except WorkerCrashed as error:
                return Unread(job.source, f"could not be read: {error}")
        return Unread(job.source, answer) if isinstance(answer, str) else answer
