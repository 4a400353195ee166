"""Processes of a browser: which they are, how much memory they may use, and ending them all. From /proc, so Linux only."""

import asyncio
import contextlib
import os
import resource
import signal
from dataclasses import dataclass
from pathlib import Path

KILL_SECONDS = 10.0  # a process that the kernel holds (a disk that does not answer) dies when it lets go
_PAUSE_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class _Stat:
    """One process, as proc(5) tells of it under `stat`."""

    parent: int
    session: int
    started: int
    """Clock ticks since boot: tells a process from a later one with the same id."""


class ProcessTree:
    """A process that we started, its descendants, and all of its session, which keeps those whose parent has ended."""

    def __init__(self, pid: int) -> None:
        """Raises `ProcessLookupError` where there is no such process any more."""
        self.pid = pid
        self._first = _stat(pid)

    def alive(self) -> tuple[int, ...]:
        """The ids of those that run, in ascending order."""
        everybody: dict[int, _Stat] = {}
        for pid in (int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()):
            with contextlib.suppress(OSError):  # it has ended meanwhile
                everybody[pid] = _stat(pid)
        first = everybody.get(self.pid)
        if first is not None and first.started != self._first.started:
            return ()  # somebody else has its id: the kernel gives that away when nobody of its session is left
        found = {self.pid} & everybody.keys()
        if self._first.session == self.pid:  # a session of its own, so never ours
            found |= {pid for pid, stat in everybody.items() if stat.session == self.pid}
        while more := {pid for pid, stat in everybody.items() if stat.parent in found} - found:
            found |= more
        return tuple(sorted(found))

    def bound(self, size: int) -> None:
        """Each of those that run, and of those that they will start, gets at most `size` bytes of memory of its own: what wants
        more fails, or brings down its own process (RLIMIT_DATA, getrlimit(2))."""
        bound: set[int] = set()
        while more := set(self.alive()) - bound:  # again, for what was started meanwhile by one that was not bound yet
            for pid in more:
                with contextlib.suppress(ProcessLookupError, PermissionError):  # it has ended; or a system that allows less
                    resource.prlimit(pid, resource.RLIMIT_DATA, (size, size))
            bound |= more

    async def kill(self) -> None:
        """Ends all of them."""
        end = asyncio.get_running_loop().time() + KILL_SECONDS
        while (pids := self.alive()) and asyncio.get_running_loop().time() < end:  # again, for what was started meanwhile
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            await asyncio.sleep(_PAUSE_SECONDS)


def _stat(pid: int) -> _Stat:
    """Raises `ProcessLookupError` for one that has ended, also where nobody has asked after it yet (a zombie)."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except FileNotFoundError as error:
        raise ProcessLookupError(pid) from error
    fields = text.rpartition(")")[2].split()  # the name before it may hold anything
    if fields[0] in ("Z", "X"):
        raise ProcessLookupError(pid)
    return _Stat(parent=int(fields[1]), session=int(fields[3]), started=int(fields[19]))
