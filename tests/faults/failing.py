"""A file that the disk cannot read any more: whoever reads it is told EIO, and its name and size are as they were."""

import builtins
import errno
import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archiver.cli import run


class Failing(io.FileIO):
    """Opens, and cannot be read."""

    def _fail(self, *_: Any) -> Any:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    read = readall = readinto = _fail  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class WithFailingFile:
    """A command, to be called in a process of its own. Returns its exit code."""

    path: Path
    arguments: tuple[str, ...]

    def __call__(self) -> int:
        io.open = builtins.open = self._opening(io.open)  # type: ignore[assignment]  # Path.open calls the former
        return run(list(self.arguments))

    def _opening(self, opened: Callable[..., Any]) -> Callable[..., Any]:
        def opening(file: Any, mode: str = "r", buffering: int = -1, *more: Any, **named: Any) -> Any:
            path = f"/proc/self/fd/{file}" if isinstance(file, int) else file
            if "r" in mode and os.path.realpath(path) == str(self.path):
                raw = Failing(file, "rb")
                return raw if buffering == 0 else io.BufferedReader(raw)
            return opened(file, mode, buffering, *more, **named)

        return opening
