"""Atomic writes of files: whole, or not at all; and reading nothing but regular files."""

import contextlib
import errno
import os
import stat
from io import BufferedReader
from pathlib import Path

from archiver.errors import StorageError


def write_whole(path: Path, data: bytes, *, durable: bool = False) -> None:
    """Writes `data` under a temporary name of this process, then renames it, so that nobody sees a part of it and two processes
    may write the same file. `durable`: it survives a power cut, for what cannot be made again. Raises `StorageError` where it
    cannot be written."""
    part = path.with_suffix(f".{os.getpid()}.part")
    try:
        make_folders(path.parent)
        part.write_bytes(data)
        if durable:
            sync_to_disk(part)
        part.replace(path)
        if durable:
            sync_to_disk(path.parent)  # the name is the folder's
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise StorageError(f"cannot write {path}: {error.strerror}. Is the folder writable, is there room?") from error


def make_folders(path: Path) -> None:
    """Makes a folder and all above it that are missing; their names survive a power cut. Raises `OSError`."""
    new = path.absolute()
    while not new.exists():
        new = new.parent
    path.mkdir(parents=True, exist_ok=True)
    for folder in path.absolute().parents:
        if folder.is_relative_to(new):
            sync_to_disk(folder)


def sync_to_disk(path: Path) -> None:
    """fsync of a file, or of a folder and its names: they survive a power cut from here on. Raises `OSError`."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def open_regular(path: Path) -> BufferedReader:
    """Opens a regular file for reading. Anything else is refused: in a foreign archive a pipe would block, a device has no end.

    Raises `OSError`.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "it is no regular file")
    return path.open("rb")


def is_nonempty_file(path: Path) -> bool:
    """Whether a derived file is there and not empty: a power cut may leave an empty one."""
    return path.exists() and path.stat().st_size > 0
