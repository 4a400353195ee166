"""Jobs of archiver.toml: what crawl one stands for, and one run of it, written down before and after."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from archiver.crawling.session import CrawlPlan, CrawlStats
from archiver.errors import ArchiveHeld, ArchiverError, SeedsFailed, StorageError, UsageError
from archiver.storage.files.archive_folder import require_archive_folder
from archiver.storage.files.lock import ArchiveLock
from archiver.storage.files.paths import ArchivePaths
from archiver.storage.state import job_runs
from archiver.tasks.crawl.crawl import CrawlReport
from archiver.tasks.crawl.crawl import crawl as crawl_pages
from archiver.tasks.schedule.due import JobOutcome
from archiver.times import Clock, to_warc_date, utc_now

OnProgress = Callable[[CrawlStats, str], None]
INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class JobReport:
    """How one run of a job went."""

    name: str
    ended: JobOutcome
    exit_code: int
    reason: str | None
    """What went wrong, on one line."""
    started_at: datetime
    finished_at: datetime
    crawl: CrawlReport | None = None
    """None where none began."""
    error: Exception | None = None
    """What ended it, where that was an error."""

    @property
    def seconds(self) -> float:
        return (self.finished_at - self.started_at).total_seconds()

    @property
    def counts(self) -> dict[str, int]:
        """What was captured, by the names of `CrawlStats`, with failed, undrawn, waiting and written."""
        if self.crawl is None:
            return {}
        outcome = self.crawl.outcome
        others = {"failed": len(outcome.failed), "undrawn": len(outcome.undrawn), "waiting": outcome.waiting}
        return {**asdict(self.crawl.stats), **others, "written": self.crawl.written or 0}


def run_job(
    plan: CrawlPlan,
    *,
    on_progress: OnProgress | None = None,
    clock: Clock = utc_now,
    crawl: Callable[..., CrawlReport] = crawl_pages,
) -> JobReport:
    """One run of the job that the plan is named after. How it ended is in the report, whatever it was. Call it under `run_lock`.

    Before a crawl has begun, and after it, Ctrl-C comes through as a KeyboardInterrupt.
    """
    state, started = ArchivePaths(plan.data_dir).state, clock()
    report, error = None, None
    try:
        job_runs.begin(state, plan.job, to_warc_date(started))
        report = crawl(plan, on_progress=on_progress, clock=clock)
        error = report.outcome.trouble
    except KeyboardInterrupt:
        _record(state, JobReport(plan.job, JobOutcome.INTERRUPTED, INTERRUPTED, None, started, clock()))
        raise
    except Exception as raised:  # noqa: BLE001  what is wrong with one job must not keep the others from their turn; it is reported
        error = raised
    ended = JobReport(plan.job, *_outcome(report, error), started, clock(), report, error)
    _record(state, ended)
    return ended


def _outcome(report: CrawlReport | None, error: Exception | None) -> tuple[JobOutcome, int, str | None]:
    """How it ended, the exit code, and what went wrong."""
    if error is not None:
        return _outcome_of_error(error)
    assert report is not None  # there was no error
    outcome = report.outcome
    if outcome.interrupted:
        return JobOutcome.INTERRUPTED, INTERRUPTED, None
    if report.refused:
        return JobOutcome.WRONG, UsageError.exit_code, report.refused[0][1]
    if outcome.failed:
        (url, reason), count = outcome.failed[0], len(outcome.failed)
        more = f", and {count - 1:,} more" if count > 1 else ""
        ended = (
            JobOutcome.STOPPED if outcome.out_of_time else JobOutcome.FAILED if report.stats.requests else JobOutcome.UNANSWERED
        )
        return ended, SeedsFailed.exit_code, f"{url}: {reason}{more}"
    return (JobOutcome.STOPPED if outcome.out_of_time else JobOutcome.LIMIT if outcome.limited else JobOutcome.FINISHED), 0, None


def _outcome_of_error(error: Exception) -> tuple[JobOutcome, int, str]:
    reason = " ".join(str(error).split()) or type(error).__name__
    match error:
        case StorageError():
            return JobOutcome.DISK, error.exit_code, reason
        case ArchiveHeld():
            return JobOutcome.HELD, error.exit_code, reason
        case UsageError():
            return JobOutcome.WRONG, error.exit_code, reason
        case ArchiverError():
            return JobOutcome.FAILED, error.exit_code, reason
        case _:
            return JobOutcome.BUG, 1, f"{type(error).__name__}: {reason}. This is a bug of ours; please report it"


def _record(state: Path, report: JobReport) -> None:
    """A full disk costs this note only: a job without it counts as killed, and goes on at once."""
    try:
        job_runs.end(state, report.name, to_warc_date(report.finished_at), report.ended, report.exit_code, report.counts)
    except StorageError:
        return


@contextmanager
def run_lock(data_dir: Path, doing: str, clock: Clock = utc_now) -> Iterator[ArchiveLock]:
    """Held while jobs run, one after the other: `ArchiveLock`, whose `tell` says which.

    Raises `ArchiveHeld`, `StorageError`, `NotAnArchive`.
    """
    require_archive_folder(data_dir)
    lock = ArchiveLock(data_dir / ".run.lock", doing, clock=clock)
    try:
        yield lock
    finally:
        lock.release()


def crawl_job(plan: CrawlPlan, *, on_progress: OnProgress | None = None, clock: Clock = utc_now) -> CrawlReport:
    """Runs the job by hand; its schedule goes by that run as by any other. Raises what `crawl` raises, and `ArchiveHeld`."""
    with run_lock(plan.data_dir, f"archiver crawl, job {plan.job}", clock):
        report = run_job(plan, on_progress=on_progress, clock=clock)
    if report.crawl is None:
        assert report.error is not None  # else there was a crawl
        raise report.error
    return report.crawl
