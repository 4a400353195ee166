"""The files that a verification reads, and its progress, kept in state.db so that an interrupted one goes on."""

import os
import random
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from archiver.errors import ArchiveHeld, StorageError
from archiver.storage.files.lock import ArchiveLock
from archiver.storage.files.paths import ArchivePaths, warc_files
from archiver.storage.state import verify_progress
from archiver.storage.state.verify_progress import Pass, Stamp
from archiver.tasks.verify.problems import Listener, Note, Problem
from archiver.times import Clock, from_14_digits, to_iso, to_warc_date

SEEDS = 1 << 32
_BEGUN = re.compile(r"-(\d{14})-\d+-")  # in the name of a WARC file of ours: when it was begun


@dataclass(frozen=True, slots=True)
class Sample:
    """A random sample of the files."""

    count: int | None = None
    share: float | None = None
    """From 0 to 1; one file at least."""

    def of(self, files: Sequence[str], seed: int) -> list[str]:
        """The sample of these files, in order; equal files and an equal seed give an equal sample."""
        count = self.count if self.count is not None else max(1, round(len(files) * (self.share or 0)))
        return sorted(random.Random(seed).sample(list(files), min(count, len(files))))


@dataclass(frozen=True, slots=True)
class FileSelection:
    """Which WARC files are verified."""

    since: datetime | None = None
    """Only files that were begun then or later: by the time in their names, else by when they were last changed."""
    sample: Sample | None = None
    seed: int | None = None
    """Of the random choice of a sample, so that it can be repeated; None: a new one."""

    @property
    def all(self) -> bool:
        return self.since is None and self.sample is None

    def __str__(self) -> str:
        since = to_iso(self.since) if self.since is not None else None
        sample = (self.sample.count, self.sample.share) if self.sample is not None else None
        return f"since {since}, sample {sample}, seed {self.seed if sample is not None else None}"


@dataclass(frozen=True, slots=True)
class VerificationPass:
    """The files of one pass, and the database with its progress."""

    state: Path
    seed: int
    files: tuple[str, ...]
    """Relative to the data folder, in the order in which they are looked at."""
    goes_on_from: str | None
    """When the pass began that was interrupted; None: this one begins."""


def sizes_of(paths: ArchivePaths) -> dict[str, Stamp]:
    """The WARC files as they are now, by their paths; those that cannot be looked at count as empty. Raises `StorageError`."""
    plain = sorted(paths.warc_dir.rglob("*.warc")) if paths.warc_dir.is_dir() else []
    return {paths.relative(path): _stamp(path) for path in sorted([*warc_files(paths), *plain])}


def _stamp(path: Path) -> Stamp:
    try:
        found = path.stat()
    except OSError:  # it is gone, or a link into nowhere: whoever opens it will say so
        return Stamp(0, 0, 0)
    return Stamp(found.st_size, found.st_mtime_ns, found.st_ctime_ns)


@contextmanager
def verification_pass(
    paths: ArchivePaths, chosen: FileSelection, stamps: dict[str, Stamp], fresh: bool, listener: Listener, clock: Clock
) -> Iterator[VerificationPass]:
    """Begins a pass, or goes on with an interrupted one of the same selection. Whatever ends the block, its progress is kept."""
    with _kept_in(paths, listener) as state:
        files = [file for file in stamps if chosen.since is None or _begun(file, stamps[file]) >= chosen.since]
        before = None if fresh else verify_progress.unfinished(state)
        if before is not None and before.asked == str(chosen):
            course = dict.fromkeys(file for file in verify_progress.files(state) if file in stamps)
            if chosen.sample is None:
                verify_progress.add(state, files)
                course |= dict.fromkeys(files)
            yield VerificationPass(state, before.seed, tuple(course), before.began_at)
            return
        seed = chosen.seed if chosen.seed is not None else random.randrange(SEEDS)
        files = chosen.sample.of(files, seed) if chosen.sample is not None else files
        verify_progress.begin(state, Pass(str(chosen), seed, to_warc_date(clock())), files)
        yield VerificationPass(state, seed, tuple(files), None)


def _begun(file: str, stamp: Stamp) -> datetime:
    match = _BEGUN.search(Path(file).name)
    try:
        return from_14_digits(match[1]) if match is not None else _changed(stamp)
    except ValueError:
        return _changed(stamp)


def _changed(stamp: Stamp) -> datetime:
    return datetime.fromtimestamp(stamp.mtime_ns / 1e9).astimezone()


@contextmanager
def _kept_in(paths: ArchivePaths, listener: Listener) -> Iterator[Path]:
    """state.db; a file for this pass alone where that cannot be written, or while another verification uses it."""
    lock = _lock(paths, listener)
    if lock is None:
        with TemporaryDirectory(prefix="archiver-verify-") as folder:
            yield Path(folder) / "state.db"
        return
    try:
        yield paths.state
    finally:
        lock.release()


def _lock(paths: ArchivePaths, listener: Listener) -> ArchiveLock | None:
    anew = "interrupted, this verification begins anew"
    try:
        if not os.access(paths.data_dir, os.W_OK):
            raise StorageError("the folder is not writable")
        if paths.state.is_symlink() or (paths.state.exists() and not paths.state.is_file()):
            raise StorageError("it is no regular file, and what it leads to may be somebody else's")
        lock = ArchiveLock(paths.data_dir / ".verify.lock", "archiver verify")
    except ArchiveHeld:
        listener.note(Note("state.db", f"another verification runs: {anew}"))
        return None
    except StorageError as error:
        listener.note(Note("state.db", f"{error}: {anew}"))
        return None
    try:
        verify_progress.add(paths.state, ())
    except StorageError as error:
        lock.release()
        remedy = "move it away, it holds only unfinished work: archiver repair"
        listener.problem(Problem("state", "state.db", None, None, f"cannot be used: {error.__cause__ or error}", remedy))
        return None
    return lock
