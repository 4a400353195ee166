"""The log of runs: JSON Lines, one event a line, for programs that watch."""

import os
from pathlib import Path
from typing import Any

from archiver.text import json_line
from archiver.times import Clock, to_warc_date, utc_now


class EventLog:
    """Appends to a file that it opens anew for each line, so that whoever rotates logs may move it away at any time."""

    def __init__(self, path: Path | None, clock: Clock = utc_now) -> None:
        """None: nothing is written."""
        self._path, self._clock = path, clock
        self.trouble: str | None = None
        """Why the last line could not be written. A run does not end of that."""

    def write(self, event: str, **fields: Any) -> None:
        """`{"at": "<WARC-Date>", "event": …, …}`; fields that are None are left out. The caller keeps secrets away."""
        if self._path is None:
            return
        told = {"at": to_warc_date(self._clock()), "event": event}
        told |= {name: value for name, value in fields.items() if value is not None}
        line = f"{json_line(told, default=str)}\n".encode()  # a log is read in terminals
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
            try:
                size = os.fstat(descriptor).st_size
                if size and os.pread(descriptor, 1, size - 1) != b"\n":  # a full disk took half of the last line
                    line = b"\n" + line
                os.write(descriptor, line)  # at once: two processes that append do not mix their lines
            finally:
                os.close(descriptor)
        except OSError as error:
            self.trouble = f"the log {self._path} cannot be written: {error.strerror}"
