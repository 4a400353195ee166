"""What Prometheus is told of jobs: a text file for node_exporter's textfile collector, written whole or not at all."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from archiver.storage.files.atomic import write_whole
from archiver.storage.files.disk_space import free_space
from archiver.storage.state.job_runs import JobRun
from archiver.times import from_iso

# Of the counts of a job's last run that ended: see `JobReport.counts`.
COUNTS = {
    "requests": "Requests that were answered.",
    "pages": "Pages that were captured.",
    "unchanged": "Pages of them that were the same as before.",
    "embeds": "Embeds in those pages.",
    "posts_asked": "Platform replies that were captured.",
    "media": "Pictures and videos that were captured.",
    "renders": "Pages and posts that a browser drew.",
    "failed": "Seeds and pages that could not be captured.",
    "undrawn": "Pages and posts that could not be drawn.",
    "waiting": "Requests that wait for the next run.",
    "bytes": "Bytes that were received.",
    "written": "Bytes that were written to WARC files.",
}


def write_metrics(
    path: Path, data_dir: Path, names: Iterable[str], runs: dict[str, JobRun], finished_at: datetime, exit_code: int
) -> None:
    """`names`: the jobs of archiver.toml. A job that never ran has 0 for its times, so that an alert sees it as well.

    Raises `StorageError`.
    """
    registry = CollectorRegistry()
    _gauge(registry, "archiver_run_finished_timestamp_seconds", "When `archiver run` last ended.").set(finished_at.timestamp())
    _gauge(registry, "archiver_run_exit_code", "With which exit code.").set(exit_code)
    free = _gauge(registry, "archiver_disk_free_bytes", "What is free where the archive is.")
    free.set(free_space(data_dir).bytes)
    _add_jobs(registry, [runs.get(name) or JobRun(name, "") for name in names])
    write_whole(path, generate_latest(registry))


def _add_jobs(registry: CollectorRegistry, runs: list[JobRun]) -> None:
    times = {
        "started": "When the job's last run began.",
        "finished": "When the job's last run ended; 0 where it was killed, or never ran.",
        "succeeded": "When a run of the job last ended with exit code 0; 0: never.",
    }
    for name, told in times.items():
        gauge = _gauge(registry, f"archiver_job_{name}_timestamp_seconds", told, "job")
        for run in runs:
            moment: str | None = getattr(run, f"{name}_at")
            gauge.labels(run.name).set(from_iso(moment).timestamp() if moment else 0)
    code = _gauge(registry, "archiver_job_exit_code", "With which exit code the job's last run ended.", "job")
    for run in runs:
        if run.exit_code is not None:
            code.labels(run.name).set(run.exit_code)
    for name, told in COUNTS.items():
        gauge = _gauge(registry, f"archiver_job_{name}", f"{told} By the last run that ended.", "job")
        for run in runs:
            if name in run.counts:
                gauge.labels(run.name).set(run.counts[name])


def _gauge(registry: CollectorRegistry, name: str, told: str, *labels: str) -> Gauge:
    return Gauge(name, told, labels, registry=registry)
