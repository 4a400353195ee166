"""One writer per archive: a lock that the operating system drops when its holder dies."""

import fcntl
import os
from pathlib import Path
from typing import TextIO

from archiver.errors import ArchiveHeld, StorageError


class ArchiveLock:
    """Held from construction to `release`. Raises `ArchiveHeld`, naming the process that has it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._file: TextIO = path.open("a+", encoding="utf-8")
        except OSError as error:
            raise StorageError(f"cannot write to {path.parent}: {error.strerror}. Choose a folder with --archive DIR") from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.seek(0)
            holder = self._file.read().strip() or "another process"
            self._file.close()
            raise ArchiveHeld(f"{path.parent} is being written to by {holder}: wait for it to end, or stop it") from error
        self._file.truncate(0)
        self._file.write(f"process {os.getpid()}\n")
        self._file.flush()

    def release(self) -> None:
        self._file.truncate(0)
        self._file.close()
