"""The line that tells how far long work is: one line on a terminal, however long the address."""

import os
import pty
import subprocess
import sys
import termios
from collections.abc import Iterator

WIDTH = 80
PROGRAM = """
import time
from archiver.cli.progress import progress_lines
with progress_lines(False) as show:
    show("12 pages, 34 embeds, rendered 6 of 78  https://blog.example/[bold]" + "a" * 200)
    time.sleep(0.5)
"""


def on_a_terminal() -> str:
    """What the program writes on a terminal of 80 columns."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, WIDTH))
    environment = {**os.environ, "TERM": "xterm"}
    environment.pop("COLUMNS", None)
    process = subprocess.Popen([sys.executable, "-c", PROGRAM], stdin=theirs, stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    try:
        return b"".join(_written(ours)).decode()
    finally:
        os.close(ours)
        assert process.wait() == 0


def _written(terminal: int) -> Iterator[bytes]:
    while True:
        try:
            data = os.read(terminal, 65_536)
        except OSError:  # Linux says so where the other side is closed
            return
        if not data:
            return
        yield data


def test_a_status_takes_one_line_of_the_terminal() -> None:
    said = on_a_terminal()

    assert "rendered 6 of 78  https://blog.example/[bold]aa" in said and "…" in said
    assert said.count("\x1b[1A") == 1, "it goes up a line at the end; and before, where it had taken more than one"
