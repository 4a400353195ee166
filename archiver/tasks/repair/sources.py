"""Fetches one file back from a backup; what lies in its place is kept in `torn/`."""

from collections.abc import Callable
from pathlib import Path

from archiver.errors import BadFile, StorageError
from archiver.storage.files.atomic import sync_to_disk
from archiver.storage.files.lock import ArchiveLock
from archiver.storage.files.paths import ArchivePaths
from archiver.storage.warc.manifests import hash_of
from archiver.tasks.repair.work import Work

DIGITS = 16  # of a damaged file's sha256, in the name under which it is kept


def kept_name(paths: ArchivePaths, relative: str) -> Path | None:
    """Where the file that lies there now will be kept: `torn/<name>.<digits of its sha256>`; None where there is none."""
    path = paths.data_dir / relative
    try:
        return paths.torn / f"{path.name}.{hash_of(path)[1][:DIGITS]}" if path.exists() else None
    except StorageError:  # not even readable: it is renamed all the same
        return paths.torn / f"{path.name}.unreadable"


def fetch(work: Work, relative: str, sha256: str, accept: Callable[[Path], bool] = lambda _: True) -> None:
    """Beside the place first: what lies there makes way only for a whole file that `accept` takes. For the holder of the lock.

    Raises `BadFile` where the backup has none that is, `StorageError`.
    """
    assert work.store is not None
    path, kept_in = work.paths.data_dir / relative, kept_name(work.paths, relative)
    fetched = path.with_name(f"{path.name}.fetched.part")  # what a kill leaves of this name no backup copies
    try:
        work.store.fetch(relative, fetched, sha256)
        if not accept(fetched):
            raise BadFile(f"{relative} in {work.store.name} does not belong here: it is of another archive, or of another time")
        if kept_in is not None:
            kept_in.parent.mkdir(exist_ok=True)
            path.rename(kept_in)
            sync_to_disk(kept_in.parent)
        fetched.rename(path)
        sync_to_disk(path.parent)
    except OSError as error:
        raise StorageError(f"cannot put {path} in its place: {error.strerror}. Is the folder writable?") from error
    finally:
        fetched.unlink(missing_ok=True)


def fetch_under_lock(work: Work, relative: str, sha256: str) -> None:
    """The same, for whoever does not hold the lock. Raises `ArchiveHeld`, `BadFile`, `StorageError`."""
    lock = ArchiveLock(work.paths.data_dir / ".lock", "repair")
    try:
        fetch(work, relative, sha256)
    finally:
        lock.release()
