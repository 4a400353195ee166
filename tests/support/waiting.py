"""Waiting until something is so, in place of sleeping for as long as it may take."""

import signal
import time
from collections.abc import Callable
from pathlib import Path
from subprocess import Popen

PATIENCE_SECONDS = 60.0


def until(true: Callable[[], bool], process: "Popen[bytes]") -> None:
    """Until `true()` is, while the process runs; fails when it ends before, or after a minute."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)


def interrupt(process: "Popen[bytes]") -> None:
    """Sends SIGINT to a process that waits for something, and returns once it has heard it and waits again.

    The kernel has a sleeping process run for a signal, so it is neither pending nor is the process asleep before that was done
    (proc(5): `ShdPnd` in /proc/PID/status, the state in its `State`).
    """
    process.send_signal(signal.SIGINT)

    def is_heard() -> bool:
        status = Path(f"/proc/{process.pid}/status").read_text()
        fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        pending = int(fields["ShdPnd"], 16) | int(fields["SigPnd"], 16)
        return not pending >> (signal.SIGINT - 1) & 1 and fields["State"].startswith("S")

    until(is_heard, process)
