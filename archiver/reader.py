"""Reads pages in a process of its own: extraction takes longer than all the rest of a crawl, and its input is hostile.

The crawl's loop hands over a response and awaits what it tells; meanwhile other requests go on. Parsers are C code: a page that
brings one down ends this process, not the crawl. Such a page is kept like any other, and tells nothing.
"""

import asyncio
import contextlib
import fcntl
import os
import pickle
import struct
import sys
from collections import deque
from typing import BinaryIO

from archiver.extraction.decode import MAX_PAGE_BYTES
from archiver.extraction.record import MEDIA_TYPES, Seen, findings_of
from archiver.findings import Findings
from archiver.records import ResourceType
from archiver.spool import Spool

_LENGTH = struct.Struct("<I")
# What decoding can need of a payload: `findings_of` looks at MAX_PAGE_BYTES, and deflate makes nothing longer by more than 0.1 %.
MAX_SENT_BYTES = MAX_PAGE_BYTES + (MAX_PAGE_BYTES >> 8)
PIPE_BYTES = 1 << 20  # what Linux allows everybody
CLOSE_SECONDS = 10.0  # for the page that is being read when a crawl ends


class PageReader:
    """Starts its process at the first page. For one event loop; `close` it there."""

    def __init__(self) -> None:
        self._worker: _Worker | None = None
        self._starting = asyncio.Lock()

    async def read(self, seen: Seen) -> Findings:
        """What the response tells: pages in the other process, the rest, which is quick, here."""
        if seen.resource_type is not ResourceType.DOCUMENT or seen.content_type.startswith(MEDIA_TYPES):
            return findings_of(seen)  # a picture is streamed, so it needs all of its payload
        message = _framed(_packed(seen))
        while True:
            async with self._starting:
                if self._worker is None or self._worker.dead:
                    self._worker = await _Worker.start()
                answer = self._worker.ask(message)
            try:
                return await answer
            except ConnectionResetError:
                continue  # another page brought the process down; a fresh one reads this

    async def close(self) -> None:
        """Ends the process. Call it when no page is being read."""
        worker, self._worker = self._worker, None
        if worker is not None:
            await worker.close()


class _Worker:
    """One reading process, and those who wait for its answers: it answers in the order in which it was asked."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.dead = False
        """It has ended, or is about to: nothing more may be asked of it."""
        self._process = process
        self._waiting: deque[asyncio.Future[Findings]] = deque()
        self._answers = asyncio.create_task(self._take_answers())

    @classmethod
    async def start(cls) -> "_Worker":
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "archiver.reader",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            start_new_session=True,  # Ctrl-C is for the crawl, which lets what is under way end
        )
        _widen(process)
        return cls(process)

    def ask(self, message: bytes) -> "asyncio.Future[Findings]":
        """What was written waits in this process's memory: no more than the pages under way."""
        assert self._process.stdin is not None
        answer: asyncio.Future[Findings] = asyncio.get_running_loop().create_future()
        self._waiting.append(answer)
        self._process.stdin.write(message)
        return answer

    async def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._process.wait()
        except TimeoutError:  # it reads a page for which nobody waits any more
            self._process.kill()
        await self._answers

    async def _take_answers(self) -> None:
        assert self._process.stdout is not None
        with contextlib.suppress(asyncio.IncompleteReadError):
            while True:
                (length,) = _LENGTH.unpack(await self._process.stdout.readexactly(_LENGTH.size))
                findings = pickle.loads(await self._process.stdout.readexactly(length))
                answer = self._waiting.popleft()
                if not answer.done():  # whoever waited may have been cancelled
                    answer.set_result(findings)
        self.dead = True  # before anything is awaited: from here on a fresh process is asked
        self._answer_for_the_dead()
        await self._process.wait()

    def _answer_for_the_dead(self) -> None:
        """The first page in line brought the process down, and tells nothing. The others are read by a fresh one."""
        waiting = [answer for answer in self._waiting if not answer.done()]
        for number, answer in enumerate(waiting):
            if number == 0:
                answer.set_result(Findings(unreadable="it brought the reading process down"))
            else:
                answer.set_exception(ConnectionResetError("the reading process ended"))


def _widen(process: asyncio.subprocess.Process) -> None:
    """Room for several pages in each pipe: Linux gives 64 KB, which costs two or three turns of the loop for a page."""
    for stream in (process.stdin, process.stdout):
        pipe = stream._transport.get_extra_info("pipe") if stream is not None else None  # type: ignore[union-attr]
        if pipe is not None and hasattr(fcntl, "F_SETPIPE_SZ"):
            with contextlib.suppress(OSError):  # beyond what the system allows: then it is as it was
                fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, PIPE_BYTES)


def _packed(seen: Seen) -> bytes:
    payload = seen.payload.bytes(0, MAX_SENT_BYTES)
    fields = (seen.url, seen.captured_at, seen.head, payload, seen.resource_type, seen.truncated)
    return pickle.dumps(fields, pickle.HIGHEST_PROTOCOL)


def _framed(message: bytes) -> bytes:
    return _LENGTH.pack(len(message)) + message


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """The other process: answers each message in turn, until there are no more."""
    while len(prefix := requests.read(_LENGTH.size)) == _LENGTH.size:
        url, captured_at, head, payload, resource_type, truncated = pickle.loads(requests.read(_LENGTH.unpack(prefix)[0]))
        findings = findings_of(Seen(url, captured_at, head, Spool(payload), resource_type, truncated))
        answers.write(_framed(pickle.dumps(findings, pickle.HIGHEST_PROTOCOL)))
        answers.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
