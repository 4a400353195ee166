"""Waiting until something is so, in place of sleeping for as long as it may take."""

import time
from collections.abc import Callable
from subprocess import Popen

PATIENCE_SECONDS = 60.0


def until(true: Callable[[], bool], process: "Popen[bytes]") -> None:
    """Until `true()` is, while the process runs; fails when it ends before, or after a minute."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)
