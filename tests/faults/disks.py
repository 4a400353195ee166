"""A small disk of its own, with an archive on it: it can be filled, and be made read-only."""

import json
import os
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from tests.faults.attempts import Nursery
from tests.support.program import Ended, archiver

BALLAST = "ballast"


class Disk:
    """A tmpfs that only the nursery and those in it see; a context manager."""

    def __init__(self, nursery: Nursery, folder: Path, size: str) -> None:
        self._nursery, self._folder = nursery, folder
        self.data_dir = folder / "archive"
        self._run("mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder))

    def __enter__(self) -> "Disk":
        return self

    def __exit__(self, *_: object) -> None:
        self._run("umount", str(self._folder))

    def make(self, more: str = "", **settings: Any) -> None:
        """The archive's folder, with `[crawl]` of its archiver.toml, and what stands behind that."""
        lines = [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
        self.do(partial(_write, self.data_dir / "archiver.toml", "\n".join(["[crawl]", *lines, more, ""])))

    def remount(self, options: str) -> None:
        self._run("mount", "-o", f"remount,{options}", str(self._folder))

    def fill(self, left: int) -> None:
        """Until no more than so many bytes are free."""
        self.do(partial(_fill, self._folder / BALLAST, left))

    def free(self) -> None:
        self._run("rm", str(self._folder / BALLAST))

    def archiver(self, command: str, *arguments: str | Path) -> Ended:
        """The program, in a process of its own."""
        ended = self.do(partial(archiver, command, *arguments, "--archive", self.data_dir))
        assert isinstance(ended, Ended)
        return ended

    def do(self, work: Callable[[], object]) -> Any:
        """In a process that sees the disk."""
        return self._nursery.do(work)

    def _run(self, *command: str) -> None:
        self.do(partial(subprocess.run, command, check=True))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _fill(path: Path, left: int) -> None:
    found = os.statvfs(path.parent)
    with path.open("wb") as ballast:
        os.posix_fallocate(ballast.fileno(), 0, max(1, found.f_bavail * found.f_frsize - left))
