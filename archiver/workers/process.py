"""The caller's side: requests to a process that may crash, because its input is hostile and its libraries are C code.

The worker is a module that calls `serve` (workers/serve.py) when it is run. Where a request ends it (a parser's bug, memory that
runs out), or takes longer than allowed, that request alone fails, and a fresh process answers the others.
"""

import asyncio
import contextlib
import fcntl
import os
import sys
from collections import deque
from collections.abc import Coroutine
from concurrent.futures import Future
from threading import Thread
from typing import Any, TypeVar

import msgspec

from archiver.workers.serve import FRAME_HEAD, MAX_ANSWER_BYTES, FrameKind, framed, unframed

PIPE_BYTES = 1 << 20  # what Linux allows everybody
CLOSE_SECONDS = 10.0  # for the request that is being answered at the end
NOT_UNICODE = "its text is no valid Unicode"
T = TypeVar("T")


class WorkerCrashed(Exception):
    """This request has no answer: it ended the process, took too long, or what came back is no answer to it.

    The message goes behind the request's name: "it brought the reading process down".
    """


class WorkerNotStarted(WorkerCrashed):
    """The process ended before it had read any request: that is no request's fault. Its own words are on standard error."""


class WorkerProcess:
    """Starts its process at the first request, and a fresh one when a request has ended it. For one event loop."""

    def __init__(self, module: str, patience: int | None = None) -> None:
        """`patience`: seconds after which a request that is not answered counts as one that ends the process."""
        self.load = 0
        """How many requests wait for their answers."""
        self._module = module
        self._patience = patience
        self._process: _Process | None = None
        self._starting = asyncio.Lock()

    async def ask(self, request: object, kind: Any) -> Any:
        """The answer, which is of type `kind`. Requests are answered in the order in which they are made.

        Raises `WorkerCrashed` for this request only (others are asked again), and `WorkerNotStarted`.
        """
        self.load += 1
        try:
            data = framed(request)
            while True:
                async with self._starting:
                    if self._process is None or self._process.dead:
                        self._process = await _Process.start(self._module, self._patience)
                    answer = self._process.ask(data, kind)
                try:
                    return await answer
                except ConnectionResetError:
                    continue  # another request brought the process down; a fresh one answers this
        except (UnicodeEncodeError, OverflowError) as error:
            raise WorkerCrashed(NOT_UNICODE) from error
        finally:
            self.load -= 1

    async def close(self) -> None:
        """Ends the process. Call it when nothing is being asked."""
        process, self._process = self._process, None
        if process is not None:
            await process.close()

    async def kill(self) -> None:
        """Ends the process at once, whatever is being asked."""
        process, self._process = self._process, None
        if process is not None:
            await process.kill()


class _Process:
    """One process, and those who wait for its answers: it answers in the order in which it was asked."""

    def __init__(self, process: asyncio.subprocess.Process, patience: int | None) -> None:
        self.dead = False
        """It has ended, or is about to: nothing more may be asked of it."""
        self._process = process
        self._waiting: deque[tuple[asyncio.Future[Any], Any]] = deque()  # with the type of each answer
        self._patience = patience
        self._waited = 0  # seconds for the first of those
        self._ready = False
        self._reason = "it brought the reading process down"
        self._tick()
        self._answers = asyncio.create_task(self._take_answers())

    @classmethod
    async def start(cls, module: str, patience: int | None) -> "_Process":
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                module,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                start_new_session=True,  # Ctrl-C is for the parent, which lets what is under way end, or ends it
            )
        except OSError as error:  # too many processes, no memory
            raise WorkerNotStarted(f"the process that should read it does not start: {error.strerror}") from error
        _widen(process)
        return cls(process, patience)

    def ask(self, data: bytes, kind: Any) -> "asyncio.Future[Any]":
        """What was written waits in this process's memory: no more than the requests under way."""
        assert self._process.stdin is not None
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((answer, kind))
        self._process.stdin.write(data)
        return answer

    async def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._process.wait()
        except TimeoutError:  # it answers a request for which nobody waits any more
            self._end()
        await self._answers

    async def kill(self) -> None:
        self._end()
        await self._answers

    def _end(self) -> None:
        with contextlib.suppress(ProcessLookupError):  # it has ended by itself
            self._process.kill()

    def _tick(self) -> None:
        """Counts by the second, and not by the clock: while this loop stands still, answers come and nobody takes them."""
        if self._patience is None or self.dead:
            return
        self._waited = self._waited + 1 if self._waiting and self._ready else 0
        if self._waited > self._patience:
            self._reason = f"it was not read within {self._patience} seconds"
            self._end()
        else:
            asyncio.get_running_loop().call_later(1, self._tick)

    async def _take_answers(self) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError):
            try:
                self._ready = (await self._next())[0] is FrameKind.READY
                while self._ready:
                    self._take(*await self._next())
            except (ValueError, msgspec.MsgspecError, RecursionError, MemoryError):
                # Whoever writes such a frame does not do what this program does: nothing else that it says counts either.
                self._reason = "what came back from the reading process is no answer"
                self._end()
        self.dead = True  # before anything is awaited: from here on a fresh process is asked
        self._fail_waiting()
        await self._process.wait()

    async def _next(self) -> tuple[FrameKind, bytes]:
        """Raises `ValueError` for what is no frame, before anything of it is kept."""
        assert self._process.stdout is not None
        kind, length = FRAME_HEAD.unpack(await self._process.stdout.readexactly(FRAME_HEAD.size))
        if length > MAX_ANSWER_BYTES:
            raise ValueError(f"a frame of {length:,} bytes")
        return FrameKind(kind), await self._process.stdout.readexactly(length)

    def _take(self, frame: FrameKind, data: bytes) -> None:
        """Raises `ValueError`, `msgspec.MsgspecError` for what is no answer to the first in line, which goes on waiting."""
        if frame is FrameKind.READY or not self._waiting:
            raise ValueError("nobody has asked for this")
        answer, kind = self._waiting[0]
        found = unframed(data, kind) if frame is FrameKind.ANSWER else None
        self._waiting.popleft()
        self._waited = 0
        if answer.done():  # whoever waited may have been cancelled
            return
        if frame is FrameKind.ANSWER:
            answer.set_result(found)
        else:
            too_long = f"what it holds is longer than {MAX_ANSWER_BYTES:,} bytes"
            answer.set_exception(WorkerCrashed(NOT_UNICODE if frame is FrameKind.NOT_UNICODE else too_long))

    def _fail_waiting(self) -> None:
        """The first in line brought the process down. The others are asked again."""
        waiting = [answer for answer, _ in self._waiting if not answer.done()]
        for number, answer in enumerate(waiting):
            if not self._ready:
                answer.set_exception(WorkerNotStarted("the process that should read it does not start"))
            elif number == 0:
                answer.set_exception(WorkerCrashed(self._reason))
            else:
                answer.set_exception(ConnectionResetError("the process ended"))


def _widen(process: asyncio.subprocess.Process) -> None:
    """Room for several pages in each pipe: Linux gives 64 KB, which costs two or three turns of the loop for a page."""
    for stream in (process.stdin, process.stdout):
        pipe = stream._transport.get_extra_info("pipe") if stream is not None else None  # type: ignore[union-attr]
        if pipe is not None and hasattr(fcntl, "F_SETPIPE_SZ"):
            with contextlib.suppress(OSError):  # beyond what the system allows: then it is as it was
                fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, PIPE_BYTES)


class LoopThread:
    """An event loop in a thread of its own, for callers that have none or whose own stands still meanwhile."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="worker answers", daemon=True)
        self._thread.start()

    def submit(self, work: Coroutine[Any, Any, T]) -> "Future[T]":
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def close(self) -> None:
        """Ends the thread. Work that is not done by then is cancelled."""
        self.submit(_cancel_others()).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _cancel_others() -> None:
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
