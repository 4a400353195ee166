"""The program's commands: in this process, or as users run them, by `python -m archiver.cli` in a process of their own."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, Protocol
from unittest.mock import patch

from archiver.cli import run

PROJECT = Path(__file__).parent.parent.parent
COMMAND = (sys.executable, "-m", "archiver.cli")
TIMEOUT_SECONDS = 120


class Served(Protocol):
    """A web that a crawl can be pointed at."""

    @property
    def cacert(self) -> Path: ...
    @property
    def connect_to(self) -> tuple[str, ...]: ...


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's, without what would change what the program does; it finds the code from any folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ARCHIVER_", "FORCE_COLOR"))}
    return {**kept, "PYTHONPATH": str(PROJECT), "PYTHONWARNINGS": "default", **(more or {})}


def archiver(
    *arguments: str | Path, given: str | bytes = b"", cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> "Ended":
    """Runs one command to its end, here: a process of its own would spend half a second on its imports. `given` is its standard
    input."""
    raw = given.encode() if isinstance(given, str) else given
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
    with (
        patch.dict(os.environ, environment(env), clear=True),
        patch("sys.stdin", io.TextIOWrapper(io.BytesIO(raw), "utf-8")),
        redirect_stdout(out),
        redirect_stderr(err),
        chdir(cwd or Path.cwd()),
    ):
        code = run([str(each) for each in arguments])
    return Ended(code, _written(out), _written(err))


def _written(stream: io.TextIOWrapper) -> bytes:
    stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue()


def archiver_apart(*arguments: str | Path, env: Mapping[str, str] | None = None) -> "Ended":
    """The same in a process of its own."""
    words = [*COMMAND, *map(str, arguments)]
    ended = subprocess.run(
        words, stdin=subprocess.DEVNULL, capture_output=True, env=environment(env), timeout=TIMEOUT_SECONDS, check=False
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)


def begin(*arguments: str | Path) -> "subprocess.Popen[bytes]":
    """Starts a command and does not wait for it."""
    words = [*COMMAND, *map(str, arguments)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())


def pointed_at(web: Served) -> list[str]:
    """The options that send a crawl to a web on loopback, without any delay, and draw nothing."""
    rules: Iterable[str] = (part for rule in web.connect_to for part in ("--connect-to", rule))
    return ["--cacert", str(web.cacert), "--delay", "0", "--no-screenshots", *rules]


class Ended:
    """How a command ended."""

    def __init__(self, code: int, out: bytes, err: bytes) -> None:
        self.code, self.raw, self.out, self.err = code, out, out.decode(), err.decode()

    def __repr__(self) -> str:
        return f"exit code {self.code}\n--- out\n{self.out}\n--- err\n{self.err}"

    @property
    def complaints(self) -> list[str]:
        return self.err.splitlines()

    @property
    def lines(self) -> list[Any]:
        """JSON Lines, read."""
        return [json.loads(line) for line in self.out.splitlines()]
