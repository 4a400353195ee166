"""What others learn of a run: the event log (JSON Lines), pings to a service of the user's, and metrics for Prometheus."""

import asyncio
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archiver.config.settings import CrawlSettings
from archiver.errors import ArchiverError, ConnectionFailed, TooSlow
from archiver.network.fetcher import FetchLimits, plain_fetcher
from archiver.storage.files.atomic import write_whole
from archiver.storage.files.disk_space import free_space
from archiver.storage.state.job_runs import JobRun
from archiver.text import json_line
from archiver.times import Clock, from_iso, to_warc_date, utc_now

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Gauge

PING_SECONDS = 10.0  # monitoring must not delay a run
TRIES = 2  # one lost packet is no reason for an alarm
MAX_PING_BYTES = 10_000
# Of the counts of a job's last run that ended: see `JobReport.counts`.
COUNTS = {
    "requests": "Requests that were answered.",
    "pages": "Pages that were captured.",
    "unchanged": "Pages of them that were the same as before.",
    "embeds": "Embeds in those pages.",
    "posts_asked": "Platform replies that were captured.",
    "media": "Pictures and videos that were captured.",
    "renders": "Pages and posts that a browser rendered.",
    "failed": "Seeds and pages that could not be captured.",
    "undrawn": "Pages and posts that could not be rendered.",
    "waiting": "Requests that wait for the next run.",
    "bytes": "Bytes that were received.",
    "written": "Bytes that were written to WARC files.",
}


# --- the event log ------------------------------------------------------------------------------------------------------


class EventLog:
    """Appends to a file that it opens anew for each line, so that whoever rotates logs may move it away at any time."""

    def __init__(self, path: Path | None, clock: Clock = utc_now) -> None:
        """None: nothing is written."""
        self._path, self._clock = path, clock
        self.trouble: str | None = None
        """Why the last line could not be written. A run does not end of that."""

    def write(self, event: str, **fields: Any) -> None:
        """`{"at": "<WARC-Date>", "event": …, …}`; fields that are None are left out. The caller keeps secrets away."""
        if self._path is None:
            return
        content = {"at": to_warc_date(self._clock()), "event": event}
        content |= {name: value for name, value in fields.items() if value is not None}
        line = f"{json_line(content, default=str)}\n".encode()  # a log is read in terminals
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
            try:
                size = os.fstat(descriptor).st_size
                if size and os.pread(descriptor, 1, size - 1) != b"\n":  # a full disk took half of the last line
                    line = b"\n" + line
                os.write(descriptor, line)  # at once: two processes that append do not mix their lines
            finally:
                os.close(descriptor)
        except OSError as error:
            self.trouble = f"the log {self._path} cannot be written: {error.strerror}"


# --- pings --------------------------------------------------------------------------------------------------------------


def ping(url: str | None, what: str, settings: CrawlSettings) -> str | None:
    """Requests a ping URL, where there is one; nothing is recorded. Returns why that failed, or None. The URL is a secret, and
    stands in no message.

    `what`: which ping this is, for the message.
    """
    if url is None:
        return None
    for left in reversed(range(TRIES)):
        try:
            status = asyncio.run(_status(url, settings))
        except (ConnectionFailed, TooSlow) as error:
            if left:
                continue
            return f"the ping on {what} came to nothing: {type(error).__name__}"
        except ArchiverError as error:
            return f"the ping on {what} came to nothing: {type(error).__name__}"
        return None if 200 <= status < 300 else f"the ping on {what} was answered with {status}"
    return None


async def _status(url: str, settings: CrawlSettings) -> int:
    fetcher = plain_fetcher(settings, limits=FetchLimits(max_bytes=MAX_PING_BYTES, max_seconds=PING_SECONDS))
    try:
        return (await fetcher.fetch(url)).exchange.head.status
    finally:
        await fetcher.close()


# --- metrics ------------------------------------------------------------------------------------------------------------


def write_metrics(
    path: Path, data_dir: Path, names: Iterable[str], runs: dict[str, JobRun], finished_at: datetime, exit_code: int
) -> None:
    """Writes a text file for node_exporter's textfile collector, whole or not at all. `names`: the jobs of archiver.toml. A job
    that never ran has 0 for its times, so that an alert sees it as well.

    Raises `StorageError`.
    """
    from prometheus_client import CollectorRegistry, generate_latest  # 0.1 s, only for who wants them  # noqa: PLC0415

    registry = CollectorRegistry()
    _gauge(registry, "archiver_run_finished_timestamp_seconds", "When `archiver run` last ended.").set(finished_at.timestamp())
    _gauge(registry, "archiver_run_exit_code", "With which exit code.").set(exit_code)
    free = _gauge(registry, "archiver_disk_free_bytes", "What is free where the archive is.")
    free.set(free_space(data_dir).bytes)
    _add_jobs(registry, [runs.get(name) or JobRun(name, "") for name in names])
    write_whole(path, generate_latest(registry))


def _add_jobs(registry: "CollectorRegistry", runs: list[JobRun]) -> None:
    times = {
        "started": "When the job's last run began.",
        "finished": "When the job's last run ended; 0 where it was killed, or never ran.",
        "succeeded": "When a run of the job last ended with exit code 0; 0: never.",
    }
    for name, help_text in times.items():
        gauge = _gauge(registry, f"archiver_job_{name}_timestamp_seconds", help_text, "job")
        for run in runs:
            moment: str | None = getattr(run, f"{name}_at")
            gauge.labels(run.name).set(from_iso(moment).timestamp() if moment else 0)
    code = _gauge(registry, "archiver_job_exit_code", "With which exit code the job's last run ended.", "job")
    for run in runs:
        if run.exit_code is not None:
            code.labels(run.name).set(run.exit_code)
    for name, help_text in COUNTS.items():
        gauge = _gauge(registry, f"archiver_job_{name}", f"{help_text} By the last run that ended.", "job")
        for run in runs:
            if name in run.counts:
                gauge.labels(run.name).set(run.counts[name])


def _gauge(registry: "CollectorRegistry", name: str, help_text: str, *labels: str) -> "Gauge":
    from prometheus_client import Gauge  # noqa: PLC0415  loaded by `write_metrics`

    return Gauge(name, help_text, labels, registry=registry)
