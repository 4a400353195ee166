"""Runs the jobs of archiver.toml that are due, one after the other; what cron calls."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from traceback import format_exception

from archiver.config.settings import PROBE_JOB, Config, job_named, load_config
from archiver.crawling.session import plan_of_job
from archiver.errors import ConfigError, StorageError
from archiver.storage.files.lock import ArchiveLock
from archiver.storage.files.paths import ArchivePaths
from archiver.storage.state import job_runs
from archiver.tasks.crawl.crawl import CrawlReport
from archiver.tasks.crawl.crawl import crawl as crawl_pages
from archiver.tasks.probe.probe import crawl_of_probe, plan_of_probe
from archiver.tasks.schedule.due import JobOutcome, due_in_order, no_jobs, scheduled, states_of
from archiver.tasks.schedule.jobs import INTERRUPTED, JobReport, OnProgress, run_job, run_lock
from archiver.tasks.schedule.monitoring import EventLog, ping, write_metrics
from archiver.times import Clock, utc_now

WORST_FIRST = (INTERRUPTED, 6, 3, 1, 2, 4)  # of the exit codes of its jobs the run has the first of these
COMMAND = "archiver run"


@dataclass(slots=True)
class RunReport:
    """How a run of `archiver run` went."""

    jobs: list[JobReport] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What else went wrong: a log, a ping, a file of metrics."""

    @property
    def exit_code(self) -> int:
        codes = {job.exit_code for job in self.jobs}
        return next((code for code in WORST_FIRST if code in codes), max(codes, default=0))


def run_due(
    data_dir: Path,
    *,
    only: str | None = None,
    on_job: Callable[[JobReport], None] | None = None,
    on_progress: OnProgress | None = None,
    clock: Clock = utc_now,
    crawl: Callable[..., CrawlReport] = crawl_pages,
) -> RunReport:
    """Runs what is due, or `only` that job, due or not. A job that fails keeps no other from its turn; a full disk does.

    `on_job` is called with the report of each. Raises `ConfigError`, `ArchiveHeld` where another run is under way,
    `StorageError` where nothing can be written; and KeyboardInterrupt between two jobs.
    """
    paths = ArchivePaths(data_dir)
    config = load_config(paths.config)
    if not scheduled(config):
        raise ConfigError(no_jobs(paths.config))
    if only is not None and not (only == PROBE_JOB and config.run.probe is not None):
        job_named(config, only, ArchivePaths(data_dir).config)
    with run_lock(data_dir, COMMAND, clock) as lock:
        return _Run(data_dir, config, lock, clock, crawl).run(only, on_job, on_progress)


@dataclass(slots=True)
class _Run:
    data_dir: Path
    config: Config
    lock: ArchiveLock
    clock: Clock
    crawl: Callable[..., CrawlReport]
    report: RunReport = field(default_factory=RunReport)

    def run(
        self,
        only: str | None,
        on_job: Callable[[JobReport], None] | None,
        on_progress: OnProgress | None,
    ) -> RunReport:
        log = EventLog(self.config.run.log, self.clock)
        try:
            names = [only] if only is not None else self._due()
            log.write("run_started", archive=str(self.data_dir.absolute()), jobs=names)
            self._ping("start")
            for name in names:
                job = self._job(name, log, on_progress)
                if on_job is not None:
                    on_job(job)
                if job.ended in (JobOutcome.INTERRUPTED, JobOutcome.DISK):
                    break
        except BaseException as error:  # the log and the ping report any end
            self._finish(log, INTERRUPTED if isinstance(error, KeyboardInterrupt) else getattr(error, "exit_code", 1))
            raise
        self._finish(log, self.report.exit_code)
        return self.report

    def _due(self) -> list[str]:
        runs = job_runs.last_runs(ArchivePaths(self.data_dir).state)
        return [each.name for each in due_in_order(states_of(self.config, runs, self.clock()))]

    def _job(self, name: str, log: EventLog, on_progress: OnProgress | None) -> JobReport:
        self.lock.tell(f"{COMMAND}, job {name}")
        log.write("job_started", job=name)
        if name == PROBE_JOB:
            plan, crawl = plan_of_probe(self.data_dir, self.config), crawl_of_probe
        else:
            plan, crawl = plan_of_job(self.data_dir, self.config, name), self.crawl
        job = run_job(plan, on_progress=on_progress, clock=self.clock, crawl=crawl)
        self.report.jobs.append(job)
        log.write("job_finished", job=name, **_job_fields(job))
        return job

    def _finish(self, log: EventLog, code: int) -> None:
        self._write_metrics(code)
        self._ping("success" if code == 0 else "failure")
        log.write("run_finished", exit_code=code, notes=self.report.notes or None)
        if log.trouble is not None:
            self.report.notes.append(log.trouble)

    def _ping(self, what: str) -> None:
        note = ping(getattr(self.config.run.ping, what), what, self.config.crawl)
        if note is not None:
            self.report.notes.append(note)

    def _write_metrics(self, code: int) -> None:
        path = self.config.run.metrics
        if path is None:
            return
        try:
            runs = job_runs.last_runs(ArchivePaths(self.data_dir).state)
            write_metrics(path, self.data_dir, scheduled(self.config), runs, self.clock(), code)
        except StorageError as error:
            self.report.notes.append(f"the metrics were not written: {error}")


def _job_fields(job: JobReport) -> dict[str, object]:
    fields: dict[str, object] = {
        "ended": str(job.ended),
        "exit_code": job.exit_code,
        "reason": job.reason,
        "seconds": round(job.seconds, 3),
    }
    if job.crawl is not None:
        outcome = job.crawl.outcome
        fields |= {"crawl": job.crawl.crawl, "counts": job.counts, "failed": outcome.failed or None}
        fields |= {"undrawn": outcome.undrawn or None, "notes": outcome.notes or None}
    if job.ended == JobOutcome.BUG and job.error is not None:
        fields["traceback"] = "".join(format_exception(job.error))
    return fields
