"""Repairs an archive: rebuilds what can be rebuilt, and says what cannot."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from archiver.errors import ArchiverError, StorageError, UsageError
from archiver.storage.backup.store import BackupStore
from archiver.storage.files.archive_folder import is_archive, require_archive_folder
from archiver.storage.files.lock import ArchiveLock, refuse_if_held
from archiver.storage.files.paths import ArchivePaths
from archiver.tasks.repair.context import Progress, RepairContext, RepairFinding, no_progress
from archiver.tasks.repair.databases import repair_index, repair_rows, repair_state
from archiver.tasks.repair.files import DamagedFile, damaged_sealed_files, fetch_from_backup, report_lost
from archiver.tasks.repair.manifests import repair_manifests
from archiver.tasks.repair.pictures import repair_screenshots, repair_thumbnails
from archiver.tasks.repair.truncation import repair_ends
from archiver.times import Clock, utc_now
from archiver.workers.process import WorkerNotStarted

AGAIN = "put that right, then run `archiver repair` again"


@dataclass(frozen=True, slots=True)
class RepairReport:
    """All that was not as it should be, in the order in which it was looked at."""

    findings: tuple[RepairFinding, ...]

    @property
    def repaired(self) -> int:
        return sum(finding.remedy is None for finding in self.findings)

    @property
    def remaining(self) -> int:
        """How many need somebody."""
        return len(self.findings) - self.repaired


def repair(
    data_dir: Path,
    *,
    source: str | None = None,
    dry_run: bool = False,
    progress: Progress = no_progress,
    clock: Clock = utc_now,
) -> RepairReport:
    """Looks at all of an archive and rebuilds what can be: done once more, there is nothing left to do.

    `source`: a folder or URL with a backup. `dry_run` writes nothing. A sealed WARC file is never changed, but for the file as it
    was sealed; what makes way is kept: damaged databases under another name, damaged WARC files in `torn/`. What goes wrong with
    one part is a finding, and the others are still repaired.

    Raises `UsageError` (no archive there, or no backup), `ArchiveHeld`, `StorageError` where the folder cannot be looked into.
    """
    paths = ArchivePaths(data_dir)
    _check_is_archive(paths)
    if dry_run:
        refuse_if_held(data_dir / ".lock")
    else:
        ArchiveLock(data_dir / ".lock", "repair").release()  # a crawl that runs: known before anything is begun
    if source is None:
        return _repair(RepairContext(paths, dry_run, None, progress, clock))
    with BackupStore.open(source) as store:
        if not store.inventory.files:
            raise UsageError(f"there is no backup in {store.name}: give the place that `archiver backup` was given")
        return _repair(RepairContext(paths, dry_run, store, progress, clock))


def _check_is_archive(paths: ArchivePaths) -> None:
    try:
        if not any(path.exists() for path in (paths.index, paths.warc_dir, paths.manifests)):
            raise UsageError(f"there is no archive in {paths.data_dir}: name its folder with --archive DIR")
        if not is_archive(paths):
            require_archive_folder(paths.data_dir)  # another program's index.db would be moved aside
    except OSError as error:
        raise StorageError(f"cannot look into {paths.data_dir}: {error.strerror}") from error


def _repair(context: RepairContext) -> RepairReport:
    """Files first, as all else is made of them; then the index, which the rest asks."""
    findings: list[RepairFinding] = []
    broken: list[DamagedFile] = []
    coming: set[str] = set()  # files that lie there as they were, as this is a dry run, and would come back

    def sealed() -> list[RepairFinding]:
        came, still = fetch_from_backup(context, damaged_sealed_files(context))
        broken.extend(still)
        coming.update(finding.file for finding in came if finding.file and context.dry_run)
        return came

    def ends() -> list[RepairFinding]:
        manifests_come = context.dry_run and any(finding.kind == "manifest" and not finding.remedy for finding in findings)
        return [finding for finding in repair_ends(context) if not (manifests_come and finding.kind == "unsealed")]

    def records() -> list[RepairFinding]:
        return repair_rows(context, {finding.file for finding in findings if finding.kind == "warc" and finding.remedy}, coming)

    parts: tuple[Callable[[], list[RepairFinding]], ...] = (
        lambda: repair_state(context),
        lambda: repair_manifests(context),
        sealed,
        lambda: repair_index(context),
        ends,
        lambda: report_lost(context, broken, coming),
        records,
        lambda: repair_screenshots(context),
        lambda: repair_thumbnails(context),
    )
    for part in parts:
        findings += _one_part(part)
    return RepairReport(tuple(findings))


def _one_part(part: Callable[[], list[RepairFinding]]) -> list[RepairFinding]:
    """What goes wrong with one part must not keep the others from being repaired; nor does a crawl that begins meanwhile."""
    try:
        return part()
    except (ArchiverError, WorkerNotStarted, OSError) as error:
        return [RepairFinding("error", None, str(error), remedy=AGAIN)]
