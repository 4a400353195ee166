"""Which jobs of archiver.toml are due, and why: by their schedules, and by how their last runs ended."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from archiver.config.settings import PROBE_JOB, Config, JobSettings, job_named, load_config
from archiver.config.units import Schedule, parse_zone
from archiver.errors import ConfigError, UsageError
from archiver.network.routes import ConnectTo, Proxy
from archiver.storage.files.paths import ArchivePaths
from archiver.storage.state.job_runs import JobRun, last_runs
from archiver.times import Clock, from_iso, utc_now


class JobOutcome(StrEnum):
    """How a run of a job ended."""

    FINISHED = "finished"
    LIMIT = "limit"
    """More pages are known than `max_pages` lets be asked for."""
    STOPPED = "stopped"
    """`stop_after` was over. The next time of its schedule goes on with it."""
    FAILED = "failed"
    """Seeds or pages failed; the next time of its schedule tries them again."""
    UNANSWERED = "unanswered"
    """All failed, and no host answered: the network may be down, as while a machine starts. An hour later it is tried again."""
    INTERRUPTED = "interrupted"
    DISK = "disk"
    """The disk is full, or cannot be written."""
    HELD = "held"
    """Another run had the archive's lock."""
    WRONG = "wrong"
    """Its settings cannot be used."""
    BUG = "bug"
    """An error that no code expects: a bug of ours."""


DUE_AT_ONCE = {
    JobOutcome.INTERRUPTED: "it was interrupted",
    JobOutcome.DISK: "the disk was full",
    JobOutcome.HELD: "another run held the archive",
}
"""After these a job is due at once, whatever its schedule says: it did not get its turn."""
UNANSWERED_WAIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class JobState:
    """A job, its last run, and whether it is due."""

    name: str
    job: JobSettings
    last: JobRun | None
    due: str | None
    """Why it is due; None where it is not."""
    next_at: datetime | None
    """When it is due next, in the time zone of its schedule; None: due now, or never by itself."""

    @property
    def killed(self) -> bool:
        """Whether its last run began and never ended."""
        return self.last is not None and self.last.finished_at is None

    @property
    def lacked_room(self) -> bool:
        return self.last is not None and self.last.ended == JobOutcome.DISK


def no_jobs(config: Path) -> str:
    """What to do where archiver.toml has none. `archiver init` writes over no file."""
    way_out = "write [jobs.NAME] with its seeds" if config.exists() else "`archiver init URL` writes it, with a first job"
    return f"{config} has no jobs: {way_out}"


def job_states(data_dir: Path, clock: Clock = utc_now, only: str | None = None) -> list[JobState]:
    """All jobs, or one, with their last runs and whether they are due; the probe of the platforms last.

    Raises `ConfigError`, `StorageError`.

    A proxy or route that cannot be parsed is an error here, by day, and not only in the run at night.
    """
    paths = ArchivePaths(data_dir)
    config = load_config(paths.config)
    for name, job in config.jobs.items():
        try:
            for route in job.crawl.connect_to:
                ConnectTo.parse(route)
            if job.crawl.proxy:
                Proxy.parse(job.crawl.proxy)
        except UsageError as error:
            raise ConfigError(f"{paths.config}: `jobs.{name}`: {error}") from None
    if only is not None and not (only == PROBE_JOB and config.run.probe is not None):
        job_named(config, only, ArchivePaths(data_dir).config)
    states = states_of(config, last_runs(paths.state), clock())
    return [state for state in states if only is None or state.name == only]


def states_of(config: Config, runs: dict[str, JobRun], now: datetime) -> list[JobState]:
    """The state of each job, in the order of archiver.toml, and of the probe. `runs`: the last run of each job by name."""
    return [_state(name, job, config, runs.get(name), now) for name, job in scheduled(config).items()]


def scheduled(config: Config) -> dict[str, JobSettings]:
    """What `archiver run` runs, by name: the jobs, then the probe of the platforms where [run] has a schedule for it."""
    if config.run.probe is None:
        return config.jobs
    return {**config.jobs, PROBE_JOB: JobSettings(seeds=(), schedule=config.run.probe, crawl=config.crawl)}


def due_in_order(states: Iterable[JobState]) -> list[JobState]:
    """The jobs that are due, in the order in which they are to run. Last come those that ended a run the last time, so that none
    ends every run.

    They were killed, or lacked room: a job may want more of it free than others do.
    """
    return sorted((state for state in states if state.due is not None), key=lambda state: state.killed or state.lacked_room)


def _state(name: str, job: JobSettings, config: Config, last: JobRun | None, now: datetime) -> JobState:
    if not job.enabled or job.schedule is None:
        return JobState(name, job, last, None, None)
    schedule = Schedule(job.schedule, parse_zone(config.run.timezone))
    due = _why_due(schedule, last, now)
    return JobState(name, job, last, due, None if due is not None else schedule.next_after(now))


def _why_due(schedule: Schedule, last: JobRun | None, now: datetime) -> str | None:
    if last is None:
        return "it never ran"
    if last.finished_at is None:
        return "its last run was killed"
    if last.ended in DUE_AT_ONCE:
        return DUE_AT_ONCE[JobOutcome(last.ended)]
    started = from_iso(last.started_at)
    if started > now:  # the clock was wrong then, or is now; waiting for that time could take years
        return "its last run is dated in the future"
    if last.ended == JobOutcome.UNANSWERED and now - started >= UNANSWERED_WAIT:
        return "nobody answered the last time"
    since = schedule.next_after(started)
    return f"its time was {since:%Y-%m-%d %H:%M}" if since <= now else None
