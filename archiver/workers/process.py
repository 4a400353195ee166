"""Calls a function in a process of its own: its input is hostile and its libraries are C code, so it may end that process.

The function lies in a module that calls `answering.serve` when it is run. Messages and answers are pickled.
"""

import asyncio
import contextlib
import fcntl
import os
import pickle
import sys
from collections import deque
from typing import Any

from archiver.workers.serve import LENGTH, framed

PIPE_BYTES = 1 << 20  # what Linux allows everybody
CLOSE_SECONDS = 10.0  # for the message that is being answered at the end


class WorkerCrashed(Exception):
    """This message ended the process. What it says goes behind the message's name."""


class WorkerNotStarted(WorkerCrashed):
    """The process ended before it had read any message: that is no message's fault. Its own words are on standard error."""


class WorkerProcess:
    """Starts its process at the first message, and a fresh one when a message has ended it. For one event loop."""

    def __init__(self, module: str, patience: int | None = None) -> None:
        """`patience`: seconds after which a message that is not answered counts as one that ends the process."""
        self.load = 0
        """How many messages wait for their answers."""
        self._module = module
        self._patience = patience
        self._process: _Process | None = None
        self._starting = asyncio.Lock()

    async def ask(self, message: object) -> Any:
        """The answer. Raises `WorkerCrashed` for this message only (others are asked again), and `WorkerNotStarted`."""
        self.load += 1
        try:
            data = framed(message)
            while True:
                async with self._starting:
                    if self._process is None or self._process.dead:
                        self._process = await _Process.start(self._module, self._patience)
                    answer = self._process.ask(data)
                try:
                    return await answer
                except ConnectionResetError:
                    continue  # another message brought the process down; a fresh one answers this
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
        self._waiting: deque[asyncio.Future[Any]] = deque()
        self._patience = patience
        self._waited = 0  # seconds for the first of those
        self._ready = False
        self._reproach = "it brought the reading process down"
        self._tick()
        self._answers = asyncio.create_task(self._take_answers())

    @classmethod
    async def start(cls, module: str, patience: int | None) -> "_Process":
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            module,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            start_new_session=True,  # Ctrl-C is for the parent, which lets what is under way end, or ends it
        )
        _widen(process)
        return cls(process, patience)

    def ask(self, data: bytes) -> "asyncio.Future[Any]":
        """What was written waits in this process's memory: no more than the messages under way."""
        assert self._process.stdin is not None
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append(answer)
        self._process.stdin.write(data)
        return answer

    async def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._process.wait()
        except TimeoutError:  # it answers a message for which nobody waits any more
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
            self._reproach = f"it was not read within {self._patience} seconds"
            self._end()
        else:
            asyncio.get_running_loop().call_later(1, self._tick)

    async def _take_answers(self) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError):
            await self._next()  # it has imported what it needs
            self._ready = True
            while True:
                found = await self._next()
                answer, self._waited = self._waiting.popleft(), 0
                if not answer.done():  # whoever waited may have been cancelled
                    answer.set_result(found)
        self.dead = True  # before anything is awaited: from here on a fresh process is asked
        self._answer_for_the_dead()
        await self._process.wait()

    async def _next(self) -> Any:
        assert self._process.stdout is not None
        (length,) = LENGTH.unpack(await self._process.stdout.readexactly(LENGTH.size))
        return pickle.loads(await self._process.stdout.readexactly(length))

    def _answer_for_the_dead(self) -> None:
        """The first in line brought the process down. The others are asked again."""
        waiting = [answer for answer in self._waiting if not answer.done()]
        for number, answer in enumerate(waiting):
            if not self._ready:
                answer.set_exception(WorkerNotStarted("the process that should read it does not start"))
            elif number == 0:
                answer.set_exception(WorkerCrashed(self._reproach))
            else:
                answer.set_exception(ConnectionResetError("the process ended"))


def _widen(process: asyncio.subprocess.Process) -> None:
    """Room for several pages in each pipe: Linux gives 64 KB, which costs two or three turns of the loop for a page."""
    for stream in (process.stdin, process.stdout):
        pipe = stream._transport.get_extra_info("pipe") if stream is not None else None  # type: ignore[union-attr]
        if pipe is not None and hasattr(fcntl, "F_SETPIPE_SZ"):
            with contextlib.suppress(OSError):  # beyond what the system allows: then it is as it was
                fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, PIPE_BYTES)
