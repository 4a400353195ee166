"""Work that is done in a process of its own, which may be killed: it is asked of a nursery, which forks for each attempt."""

import os
import pickle
import struct
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from tests.faults.moments import Moment
from tests.support.program import PROJECT

LENGTH = struct.Struct("<I")
"""Stands before each message between a test and its nursery, either way: how many bytes of pickle follow."""


def framed(message: object) -> bytes:
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return LENGTH.pack(len(data)) + data


@dataclass(frozen=True, slots=True)
class Attempt:
    """Something to do in a process of its own, and when that is killed."""

    work: Callable[[], object]
    """Can be pickled, and so can what it returns."""
    seconds: float | None = None
    """When somebody else kills it, counted from its start."""
    moment: Moment | None = None
    """When it kills itself."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How an attempt ended."""

    killed: bool
    failed: bool
    """It raised an error of its own; `told` has it."""
    result: Any
    told: str
    """Its standard output and standard error."""
    seconds: float
    counts: dict[str, int] = field(default_factory=dict)
    """How often each phase was reached."""
    under_way: frozenset[str] = frozenset()
    """The phases in which it was when it was killed."""
    left: tuple[str, ...] = ()
    """The processes that did not end when it had ended. They were killed."""


class NotKilled(AssertionError):
    """The work ended in an error of its own; what it told is the message."""


class Nursery:
    """A context manager. `apart`: what is mounted there is seen by nobody else, and gone at the end."""

    def __init__(self, *, apart: bool = False) -> None:
        self._apart = apart

    def __enter__(self) -> "Nursery":
        environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
        command = [*(_unshared() if self._apart else ()), sys.executable, "-m", "tests.faults.nursery"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        self._read()  # it is there
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()

    def attempt(self, attempt: Attempt) -> Ended:
        """Waits until it has ended, and all that it started. Raises `NotKilled`."""
        assert self._process.stdin is not None
        self._process.stdin.write(framed(attempt))
        self._process.stdin.flush()
        ended = self._read()
        assert isinstance(ended, Ended)
        if ended.failed:
            raise NotKilled(ended.told)
        return ended

    def do(self, work: Callable[[], object]) -> Any:
        """Without any kill; what it returns."""
        return self.attempt(Attempt(work)).result

    def _read(self) -> object:
        assert self._process.stdout is not None
        prefix = self._process.stdout.read(LENGTH.size)
        return pickle.loads(self._process.stdout.read(LENGTH.unpack(prefix)[0]))


def _unshared() -> list[str]:
    """Before a command: it may mount, unseen by others. As root, or as root of a user namespace of its own."""
    ways = (["unshare", "--mount"], ["unshare", "--user", "--map-root-user", "--mount"])
    for way in ways:
        if subprocess.run([*way, "true"], capture_output=True, check=False).returncode == 0:
            return way
    raise AssertionError("nobody may mount here: run this as root with CAP_SYS_ADMIN, or allow user namespaces")
