"""The moments at which a crawl may be killed: inside the functions that write, and how often each was reached.

A process that is to die is told one of them; it then sends SIGKILL to itself, in the middle of that call. What it was doing
when it died is read from memory that outlives it, also where somebody else killed it.
"""

import ctypes
import errno
import functools
import importlib
import inspect
import mmap
import os
import signal
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any, Literal

# Phase -> the functions that are that phase, as `module:name` or `module:Class.name`.
FUNCTIONS: dict[str, tuple[str, ...]] = {
    "opening": ("archiver.crawling.session:open_session",),
    "torn end": ("archiver.storage.warc.recovery:_copy",),
    "truncate": ("os:truncate",),
    "catching up": ("archiver.recording.recorder:Recorder.catch_up",),
    "record": ("archiver.recording.recorder:Recorder.record",),
    "one record's bytes": ("archiver.storage.warc.writer:WarcWriter._append",),
    "roll": ("archiver.storage.warc.writer:WarcWriter._open_next",),
    "fsync": ("os:fsync",),
    "rename": ("pathlib:Path.replace",),
    "index": ("archiver.storage.index.writer:IndexWriter.write",),
    "frontier": ("spiders.frontier:Frontier.commit", "spiders.frontier:Frontier.finish"),
    "render": ("archiver.crawling.render_service:RenderService.render",),
    "screenshots": ("archiver.recording.recorder:Recorder.keep_render",),
    "thumbnails": ("archiver.tasks.crawl.crawl:make_thumbnails",),
    "closing": ("archiver.recording.recorder:Recorder.close",),
}
# These are no functions: the system call that writes a WARC file, and statements as SQLite is about to run them.
WRITE, STATEMENT, COMMIT = "write", "SQL statement", "SQL commit"
PHASES = (*FUNCTIONS, WRITE, STATEMENT, COMMIT)


@dataclass(frozen=True, slots=True)
class Moment:
    """One call of one phase."""

    phase: str
    call: int
    """Counted from 1."""
    when: Literal["before", "within", "after", "refused"] = "before"
    """`within`: a write, when a part of its bytes is on the disk. `refused`: nobody dies; it and all that follow raise EIO."""
    part: float = 0.5
    """How much of the bytes, from 0 to 1."""


class Watch:
    """What a process is doing, in memory that it shares with the one that forked it."""

    def __init__(self) -> None:
        self._memory = memoryview(mmap.mmap(-1, 8 * len(PHASES))).cast("i")
        self.moment: Moment | None = None
        """At which this process is to die."""

    def begin(self) -> None:
        """Forgets what was."""
        self._memory[:] = memoryview(bytes(len(self._memory) * 4)).cast("i")

    def counts(self) -> dict[str, int]:
        """How often each phase was reached."""
        return dict(zip(PHASES, self._memory[: len(PHASES)], strict=True))

    def under_way(self) -> frozenset[str]:
        """The phases that were begun and not ended."""
        return frozenset(phase for phase, depth in zip(PHASES, self._memory[len(PHASES) :], strict=True) if depth)

    def enter(self, phase: str) -> bool:
        """Whether the process is to die within this call. Raises `OSError` where it is refused."""
        number = PHASES.index(phase)
        self._memory[number] += 1
        if self.moment is None or self.moment.phase != phase or self._memory[number] < self.moment.call:
            self._memory[len(PHASES) + number] += 1
            return False
        if self.moment.when == "refused":
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        self._memory[len(PHASES) + number] += 1
        if self.moment.when == "before":
            die()
        return True

    def leave(self, phase: str, last: bool) -> None:
        if last:
            die()
        self._memory[len(PHASES) + PHASES.index(phase)] -= 1


def die() -> None:
    """At once, with all threads: nothing is flushed, nothing is closed."""
    os.kill(os.getpid(), signal.SIGKILL)
    signal.pause()  # the signal is on its way


def watch_all(watch: Watch) -> None:
    """Wraps everything that `PHASES` names, in this process and all that it forks."""
    _watch_writes(watch)
    _watch_statements(watch)
    for phase, names in FUNCTIONS.items():
        for name in names:
            module, _, path = name.partition(":")
            *owners, last = path.split(".")
            owner = functools.reduce(getattr, owners, importlib.import_module(module))
            setattr(owner, last, _watched(watch, phase, getattr(owner, last)))


def _watched(watch: Watch, phase: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def called(*arguments: Any, **named: Any) -> Any:
        last = watch.enter(phase)
        try:
            return function(*arguments, **named)
        finally:
            watch.leave(phase, last)

    @functools.wraps(function)
    async def awaited(*arguments: Any, **named: Any) -> Any:
        last = watch.enter(phase)
        try:
            return await function(*arguments, **named)
        finally:
            watch.leave(phase, last)

    return awaited if inspect.iscoroutinefunction(function) else called


def _watch_writes(watch: Watch) -> None:
    """A WARC file's bytes go to the system in pieces that know nothing of records: wherever one is cut, a record is torn."""
    module = importlib.import_module("archiver.storage.warc.writer")

    class Torn(FileIO):
        def write(self, data: Any, /) -> int:
            last = watch.enter(WRITE)
            if last and watch.moment is not None and watch.moment.when == "within":
                view = memoryview(data).cast("B")
                super().write(view[: int(len(view) * watch.moment.part)])
                die()
            written = super().write(data)
            watch.leave(WRITE, last)
            return written

    module.FileIO = Torn  # type: ignore[attr-defined]


def _watch_statements(watch: Watch) -> None:
    connect = sqlite3.connect

    def traced(statement: str) -> None:
        phase = COMMIT if statement.startswith("COMMIT") else STATEMENT
        watch.leave(phase, watch.enter(phase))

    def connected(*arguments: Any, **named: Any) -> sqlite3.Connection:
        database = connect(*arguments, **named)
        database.set_trace_callback(traced)
        return database

    sqlite3.connect = connected  # type: ignore[assignment]


def adopt_orphans() -> None:
    """Makes this process the parent of all below it that lose theirs (prctl(2), PR_SET_CHILD_SUBREAPER)."""
    if ctypes.CDLL(None, use_errno=True).prctl(36, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "this system lets nobody adopt orphans")


def names_of(pids: list[int]) -> list[str]:
    """What these processes run, for a complaint."""
    return [Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")[:200] for pid in pids]
