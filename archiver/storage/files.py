"""Writes files that are derived from the archive: whole, or not at all."""

import contextlib
import os
from pathlib import Path

from archiver.errors import StorageError


def write_whole(path: Path, data: bytes) -> None:
    """Under another name first, one of this process alone, so that nobody sees a part of it and two processes may write the same
    file. Raises `StorageError` where it cannot be written."""
    part = path.with_suffix(f".{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(data)
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise StorageError(f"cannot write {path}: {error.strerror}. Is the folder writable, is there room?") from error
