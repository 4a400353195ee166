"""One writer per archive: a lock that the operating system drops when its holder dies."""

import fcntl
import os
from io import FileIO
from pathlib import Path

from archiver.errors import ArchiveHeld, StorageError
from archiver.times import Clock, to_iso, utc_now


class ArchiveLock:
    """An exclusive lock, from construction to `release`, or until this process dies: then the next one has it at once, whatever
    the file says.

    Raises `ArchiveHeld`, naming who has it, and `StorageError` where the file cannot be written or locked.
    """

    def __init__(self, path: Path, doing: str = "", *, clock: Clock = utc_now) -> None:
        """`doing`: what for, as in `archiver run, job nightly`; the message of `ArchiveHeld` names it."""
        self._path, self._clock = path, clock
        try:
            # Without a buffer: on a full disk its words would wait in there, and `release` would fail of them.
            self._file = FileIO(path, "a+", opener=_open_no_link)
        except OSError as error:
            raise StorageError(f"cannot write to {path.parent}: {error.strerror}. Choose another folder") from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            with self._file:
                raise _held(path, self._file) from error
        except OSError as error:  # some network file systems
            self._file.close()
            advice = "an archive needs a file system that can (flock)"
            raise StorageError(f"cannot lock {path}: {error.strerror}; {advice}") from error
        self.tell(doing)

    def tell(self, doing: str) -> None:
        """Writes into the file what the lock is used for. A full disk costs these words, not the lock."""
        what = f" ({doing}, since {to_iso(self._clock())})" if doing else ""
        try:
            self._file.truncate(0)
            self._file.write(f"process {os.getpid()}{what}\n".encode())
        except OSError:
            return

    def release(self) -> None:
        self._file.truncate(0)
        self._file.close()


def _open_no_link(path: str, flags: int) -> int:
    """The file is emptied: in a foreign archive its name may be a link to a file of the user's."""
    return os.open(path, flags | os.O_NOFOLLOW, 0o666)


def refuse_if_held(path: Path) -> None:
    """Raises `ArchiveHeld` where another process has the lock. For readers that write nothing, not even the lock file, and would
    take what is being written for damage."""
    try:
        with path.open("rb", buffering=0) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise _held(path, file) from error
    except OSError:  # nobody ever wrote here, or nothing can be locked here
        return


def _held(path: Path, file: FileIO) -> ArchiveHeld:
    file.seek(0)
    holder = file.read(1000).decode(errors="replace").strip() or "another process"
    return ArchiveHeld(f"{path.parent} is being written to by {holder}: wait for it to end, or stop it")
