"""What SQLite says of the disk, as an error that tells what to do."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from archiver.errors import StorageError

REMEDY = "Is there room on the disk, and is it in order? What was recorded is safe, and the same command goes on"

_ERRNOS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)


def of_the_disk(error: BaseException) -> bool:
    """Whether it is about the disk or the file: full, read-only, broken. The other errors of SQLite are mistakes of ours."""
    return type(error) in (sqlite3.OperationalError, sqlite3.DatabaseError)


def as_storage_error(error: Exception) -> Exception:
    """A `StorageError` for what SQLite or the system says of the disk; any other error as it is."""
    if of_the_disk(error):
        return StorageError(f"cannot use the database: {error}. {REMEDY}")
    if isinstance(error, OSError) and error.errno in _ERRNOS:
        place = error.filename or "a temporary file (another folder for those may stand in the environment variable TMPDIR)"
        return StorageError(f"cannot write {place}: {error.strerror}. {REMEDY}")
    return error


@contextmanager
def told_as_storage_error(file: str) -> Iterator[None]:
    """Turns such an error into a `StorageError` that names this file."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if not of_the_disk(error):
            raise
        raise StorageError(f"cannot use {file}: {error}. {REMEDY}") from error
