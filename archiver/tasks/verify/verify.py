"""Verifies that everything in an archive is as it was recorded. Changes nothing; names what is wrong, where, and what to do."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from archiver.errors import StorageError, UsageError
from archiver.model.render import Preview
from archiver.storage.files.archive_folder import is_archive, require_archive_folder
from archiver.storage.files.paths import ArchivePaths
from archiver.storage.state import verify_progress
from archiver.storage.state.verify_progress import Stamp
from archiver.storage.warc.manifests import FileSeal, covered
from archiver.tasks.verify.index import IndexRows
from archiver.tasks.verify.manifests import ManifestsRead, read_and_check
from archiver.tasks.verify.pictures import PreviewFiles, thumbnail_problems
from archiver.tasks.verify.problems import FROM_BACKUP, Listener, Note, Problem
from archiver.tasks.verify.progress import FileSelection, VerificationPass, sizes_of, verification_pass
from archiver.tasks.verify.warc_file import FileResult, verify_file
from archiver.times import Clock, utc_now
from archiver.workers.process import WorkerNotStarted

OnProgress = Callable[[int, int], None]
"""Called with the bytes of WARC files that were read, and how many there are."""


@dataclass(slots=True)
class VerifyReport:
    """What was verified, in counts. The problems went to the listener one by one."""

    files: int = 0
    """WARC files that were verified, by an interrupted run or by this one."""
    kept: int = 0
    """How many of them an interrupted run had verified, and have not changed since."""
    files_there: int = 0
    sealed: int = 0
    """How many of them a manifest covers."""
    records: int = 0
    bytes: int = 0
    manifests: ManifestsRead = field(default_factory=lambda: ManifestsRead((), (), (), ()))
    screenshots: int = 0
    """Files in screenshots/ that records name."""
    problems: int = 0
    notes: int = 0
    seed: int | None = None
    """Of the random choice of a sample, with which it can be repeated; None: no sample."""
    goes_on_from: str | None = None
    """When the interrupted run began that this one ended: UTC, as in WARC-Date."""


def verify(
    data_dir: Path,
    chosen: FileSelection = FileSelection(),  # noqa: B008  frozen
    *,
    listener: Listener,
    roots: Sequence[Path] = (),
    fresh: bool = False,
    on_progress: OnProgress = lambda done, total: None,
    clock: Clock = utc_now,
) -> VerifyReport:
    """Manifests and timestamps; every record of the chosen WARC files, against its digests, its seal and the index; screenshots.

    Problems and notes go to `listener` as they are found; none is raised. Needs no lock: of a file that a crawl writes to,
    it looks at what there was when it began. Interrupted, the same call goes on, and looks once more at files that had problems;
    `fresh` begins anew. `roots`: PEM files that alone are trusted for timestamps; where there are none, those that the archive
    names and keeps. Runs an event loop of its own.

    Raises `UsageError` where there is no archive, `NotAnArchive` where another program's index.db lies, `ConfigError` where one
    of `roots` cannot be read, `StorageError` where the folder cannot be looked into.
    """
    paths = ArchivePaths(data_dir)
    try:
        if not (paths.warc_dir.is_dir() or paths.index.exists() or paths.manifests.is_dir()):
            raise UsageError(f"there is no archive in {data_dir}: nothing to verify. Choose a folder with --archive DIR")
        if not is_archive(paths):
            require_archive_folder(data_dir)  # state.db, with how far it came, would be put beside another program's index.db
    except OSError as error:
        raise StorageError(f"cannot look into {data_dir}: {error.strerror}") from error
    index = IndexRows(paths)  # before the sizes: each of its rows then lies within a file
    try:
        check = _Verification(paths, index, listener, on_progress)
        check.manifests(roots)  # before the sizes as well: a file that is sealed meanwhile counts as open
        stamps = sizes_of(paths)
        check.missing(stamps)
        with verification_pass(paths, chosen, stamps, fresh, check, clock) as course:
            check.files(course, stamps)
            check.pictures(course, stamps, with_thumbnails=chosen.all)
            verify_progress.end(course.state)
        check.report.seed = course.seed if chosen.sample is not None else None
        return check.report
    finally:
        index.close()


class _Verification:
    """One verification: its parts in order, the problems and counts of all of them."""

    def __init__(self, paths: ArchivePaths, index: IndexRows, listener: Listener, on_progress: OnProgress) -> None:
        self.report = VerifyReport()
        self._paths, self._index = paths, index
        self._listener, self._on_progress = listener, on_progress
        self._seals: dict[str, FileSeal] = {}
        self._index_reported = 0
        self._report_index()

    def problem(self, problem: Problem) -> None:
        self.report.problems += 1
        self._listener.problem(problem)

    def note(self, note: Note) -> None:
        self.report.notes += 1
        self._listener.note(note)

    def manifests(self, roots: Sequence[Path]) -> None:
        read = read_and_check(self._paths, roots)
        self.report.manifests = read
        self._seals = covered(read.manifests)
        for problem in read.problems:
            self.problem(problem)
        for note in read.notes:
            self.note(note)

    def missing(self, stamps: dict[str, Stamp]) -> None:
        for missing in sorted({*self._seals, *self._index.files()} - stamps.keys()):
            self._missing(missing)

    def _missing(self, warc: str) -> None:
        count = self._index.count(warc)
        captures = f"; the index has {count:,} captures of it" if count else ""
        seal = self._seals.get(warc)
        sealed = f"; {seal.manifest} seals it" if seal is not None else ""
        self.problem(Problem("missing", warc, None, None, f"the WARC file is not there{captures}{sealed}", FROM_BACKUP))

    def files(self, course: VerificationPass, stamps: dict[str, Stamp]) -> None:
        report = self.report
        report.files, report.files_there, report.goes_on_from = len(course.files), len(stamps), course.goes_on_from
        report.sealed = sum(file in self._seals for file in course.files)
        total, before = sum(stamps[file].size for file in course.files), 0
        for file in course.files:
            stamp = stamps[file]
            if not self._is_kept(course, file, stamp):
                self._look_at(course, file, stamp, self._advance(before, total))
            before += stamp.size
            self._on_progress(before, total)
        self._report_index()
        unsealed = len(course.files) - report.sealed
        if unsealed:
            many = f"{unsealed:,} WARC files are" if unsealed > 1 else "1 WARC file is"
            why = "a crawl writes there, or one that was killed did; the next seals it"
            self.note(Note("warc", f"{many} in no manifest yet: {why}"))

    def _advance(self, before: int, total: int) -> Callable[[int], None]:
        return lambda done: self._on_progress(before + done, total)

    def _is_kept(self, course: VerificationPass, file: str, stamp: Stamp) -> bool:
        done = verify_progress.told(course.state, file, stamp)
        if done is None or done["problems"]:
            return False
        self.report.kept += 1
        self._count(done["records"], done["bytes"], [Note(**note) for note in done["notes"]])
        return True

    def _look_at(self, course: VerificationPass, file: str, stamp: Stamp, advance: Callable[[int], None]) -> None:
        result = verify_file(self._paths.data_dir / file, file, stamp.size, self._seals.get(file), self._index, advance)
        for problem in result.problems:
            self.problem(problem)
        self._count(result.records, result.bytes, result.notes)
        verify_progress.done(course.state, file, stamp, _result_json(result))

    def _count(self, records: int, size: int, notes: Sequence[Note]) -> None:
        self.report.records += records
        self.report.bytes += size
        for note in notes:
            self.note(note)

    def pictures(self, course: VerificationPass, stamps: dict[str, Stamp], *, with_thumbnails: bool) -> None:
        pictures = PreviewFiles()
        try:
            for file in course.files:
                done = verify_progress.told(course.state, file, stamps[file])
                pictures.add(file, _previews(done) if done is not None else ())
            unread = [self._paths.data_dir / file for file in stamps.keys() - set(course.files)]
            for problem in pictures.problems(self._paths, unread):
                self.problem(problem)
        finally:
            pictures.close()
        self.report.screenshots = pictures.count
        for problem in self._thumbnails() if with_thumbnails else ():
            self.problem(problem)

    def _thumbnails(self) -> Iterator[Problem]:
        try:
            yield from thumbnail_problems(self._paths, indexed=self._index.known)
        except WorkerNotStarted:
            self.note(Note("thumbnails", "not looked at: no process could be started for it"))
        except (StorageError, sqlite3.DatabaseError) as error:  # of the index: its damage is reported as such
            self.note(Note("thumbnails", f"whether some are missing is not known: {error}"))

    def _report_index(self) -> None:
        for problem in self._index.problems[self._index_reported :]:
            self.problem(problem)
        self._index_reported = len(self._index.problems)


def _result_json(result: FileResult) -> dict[str, Any]:
    return {
        "records": result.records,
        "bytes": result.bytes,
        "problems": len(result.problems),
        "notes": [asdict(note) for note in result.notes],
        "previews": [[preview.path, preview.sha256, preview.of, offset] for preview, offset in result.previews],
    }


def _previews(result: dict[str, Any]) -> Iterator[tuple[Preview, int]]:
    return ((Preview(path, sha256, of), offset) for path, sha256, of, offset in result["previews"])
