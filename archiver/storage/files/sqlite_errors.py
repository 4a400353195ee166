"""Errors of SQLite about the disk or the file, as `StorageError`s that say what to do."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from archiver.errors import StorageError

REMEDY = "Is there room on the disk, and is it in order? What was recorded is safe, and the same command goes on"

WORK_ONLY = "It holds only unfinished work: moving it away is safe"
"""What to do about a damaged state.db. Not about a full disk: there the file is whole, and goes on to be of use."""

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)  # the last: "unsupported file format"
_ERRNOS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)


def is_disk_error(error: BaseException) -> bool:
    """Whether an error is about the disk or the file: full, read-only, broken. SQLite's other errors are bugs of ours."""
    return type(error) in (sqlite3.OperationalError, sqlite3.DatabaseError)


def is_damage(error: sqlite3.DatabaseError) -> bool:
    """Whether the file is no database, or not in order; else the disk is full or not writable, or another program has the file.

    Errors of Python's own, of text that is no UTF-8, have no code: SQLite's tables of itself are damaged then.
    """
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF in _DAMAGED


def unusable_state(path: Path, error: sqlite3.DatabaseError) -> StorageError:
    """The `StorageError` for an error of SQLite on state.db, with what to do."""
    return StorageError(f"cannot use {path}: {error}. {WORK_ONLY if is_damage(error) else REMEDY}")


def as_storage_error(error: Exception) -> Exception:
    """A `StorageError` for an error of SQLite or the system about the disk; any other error unchanged."""
    if is_disk_error(error):
        return StorageError(f"cannot use the database: {error}. {REMEDY}")
    if isinstance(error, OSError) and error.errno in _ERRNOS:
        place = error.filename or "a temporary file (another folder for those may stand in the environment variable TMPDIR)"
        return StorageError(f"cannot write {place}: {error.strerror}. {REMEDY}")
    return error


@contextmanager
def raising_storage_error(file: str) -> Iterator[None]:
    """Raises a `StorageError` that names `file` in place of an error of SQLite about the disk."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if not is_disk_error(error):
            raise
        raise StorageError(f"cannot use {file}: {error}. {REMEDY}") from error
