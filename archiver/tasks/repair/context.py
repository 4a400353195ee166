"""What all parts of a repair share: the archive and its backup, what they find, and how a file comes back from the backup."""

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from archiver import __version__
from archiver.errors import BadFile, StorageError
from archiver.model.exchange import Crawl
from archiver.storage.backup.store import BackupStore
from archiver.storage.files.atomic import sync_to_disk
from archiver.storage.files.lock import ArchiveLock
from archiver.storage.files.paths import ArchivePaths
from archiver.storage.warc.manifests import hash_of
from archiver.times import Clock, to_14_digits, to_warc_date, utc_now

JOB = "repair"
"""Of the WARC files in which a repair notes what it did."""

DIGITS = 16  # of a damaged file's sha256, in the name under which it is kept

OnProgress = Callable[[int, int], None]
"""Called with how much was looked at, and how much there is."""
Progress = Callable[[str, str], AbstractContextManager[OnProgress]]
"""Begins a part of a repair, by its name and its unit; gives what its progress is reported to."""


@contextmanager
def no_progress(_name: str, _unit: str) -> Iterator[OnProgress]:
    """A `Progress` that shows nothing."""
    yield lambda done, total: None


@dataclass(frozen=True, slots=True)
class RepairContext:
    """One repair: the archive, the backup, and how it runs."""

    paths: ArchivePaths
    dry_run: bool = False
    """Nothing is written; what would be done is reported."""
    store: BackupStore | None = None
    """A backup of this archive, from which files may come back."""
    progress: Progress = no_progress
    clock: Clock = utc_now

    def crawl(self) -> Crawl:
        """The crawl that the WARC files of this repair belong to."""
        settings = json.dumps({"job": JOB})
        return Crawl(str(uuid.uuid4()), JOB, to_warc_date(self.clock()), f"embed-archiver/{__version__}", settings)

    def aside(self, database: Path) -> Path:
        """A free name for a damaged database: `index.damaged-20261122030405.db`."""
        moment = self.clock()
        while True:
            name = database.with_name(f"{database.stem}.damaged-{to_14_digits(moment)}{database.suffix}")
            if not name.exists():
                return name
            moment += timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class LostContent:
    """What was recorded in a file, or behind some byte of it, that is not there any more."""

    captures: int = 0
    pages: tuple[str, ...] = ()
    """Addresses, MAX_PAGES at most."""
    pages_in_all: int = 0
    kept: int = 0
    """WebPs and thumbnails made of it that are still there."""


@dataclass(frozen=True, slots=True)
class RepairFinding:
    """One thing that is not as it should be."""

    kind: str
    """manifest, timestamp, warc, index, state, torn, unindexed, unsealed, screenshots, thumbnails, error."""
    file: str | None
    """Relative to the data folder."""
    what: str
    done: str | None = None
    """What was done about it, or what would be, in a dry run; None where nothing can be."""
    remedy: str | None = None
    """What is left to do for whoever reads this; None where nothing is."""
    lost: LostContent | None = None


def kept_name(paths: ArchivePaths, relative: str) -> Path | None:
    """Where the file that lies there now will be kept: `torn/<name>.<digits of its sha256>`; None where there is none."""
    path = paths.data_dir / relative
    try:
        return paths.torn / f"{path.name}.{hash_of(path)[1][:DIGITS]}" if path.exists() else None
    except StorageError:  # not even readable: it is renamed all the same
        return paths.torn / f"{path.name}.unreadable"


def fetch(context: RepairContext, relative: str, sha256: str, accept: Callable[[Path], bool] = lambda _: True) -> None:
    """Fetches a file from the backup beside its place first: what lies there makes way only for a whole file that `accept` takes,
    and is kept in `torn/`. For the holder of the lock.

    Raises `BadFile` where the backup has none that is, `StorageError`.
    """
    assert context.store is not None
    path, kept_in = context.paths.data_dir / relative, kept_name(context.paths, relative)
    fetched = path.with_name(f"{path.name}.fetched.part")  # what a kill leaves of this name no backup copies
    try:
        context.store.fetch(relative, fetched, sha256)
        if not accept(fetched):
            raise BadFile(
                f"{relative} in {context.store.name} does not belong here: it is of another archive, or of another time"
            )
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


def fetch_under_lock(context: RepairContext, relative: str, sha256: str) -> None:
    """`fetch` under the archive's lock, which it takes and releases. Raises `ArchiveHeld`, `BadFile`, `StorageError`."""
    lock = ArchiveLock(context.paths.data_dir / ".lock", "repair")
    try:
        fetch(context, relative, sha256)
    finally:
        lock.release()
