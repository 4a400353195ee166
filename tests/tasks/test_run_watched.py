"""`archiver run` tells whoever watches: a log, a file for Prometheus, a service that is pinged. None of them fails a run."""

import json
import shutil
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from archiver.crawling.session import CrawlOutcome, CrawlPlan, CrawlStats
from archiver.errors import StorageError
from archiver.storage.files.paths import ArchivePaths
from archiver.tasks.crawl.crawl import CrawlReport
from archiver.tasks.schedule.run import run_due
from tests.tasks.nights import BUG, Night


def test_the_log_has_an_event_a_line(night: Night) -> None:
    night.config('[run]\nlog = "run.jsonl"\n')
    night.ends["news"] = CrawlOutcome(failed=[("https://news.example/", "answered 404")], notes={"x.example": "was silent"})
    night.run()

    log = night.data_dir / "run.jsonl"
    events = [json.loads(line) for line in log.read_text().splitlines()]
    assert [event["event"] for event in events] == ["run_started", *["job_started", "job_finished"] * 3, "run_finished"]
    news = events[4]
    assert (news["job"], news["ended"], news["exit_code"], news["seconds"]) == ("news", "failed", 4, 120)
    assert news["counts"]["pages"] == 3 and news["failed"] == [["https://news.example/", "answered 404"]]
    assert events[-1]["exit_code"] == 4 and events[-1]["at"] == "2026-11-22T04:06:00.000Z"

    log.rename(log.with_suffix(".1"))  # as logrotate does
    night.run()
    assert [json.loads(line)["event"] for line in log.read_text().splitlines()] == ["run_started", "run_finished"]


def test_half_a_line_that_a_full_disk_left_spoils_no_other(night: Night) -> None:
    night.config('[run]\nlog = "run.jsonl"\n')
    log = night.data_dir / "run.jsonl"
    log.write_text('{"at": "2026-11-2')

    night.run()

    _, *lines = log.read_text().splitlines()
    assert json.loads(lines[0])["event"] == "run_started"


def test_a_bug_that_nobody_was_there_to_see_is_in_the_log_with_its_traceback(night: Night) -> None:
    night.config('[run]\nlog = "run.jsonl"\n')
    night.ends["news"] = BUG
    night.run(only="news")

    _, _, news, _ = map(json.loads, (night.data_dir / "run.jsonl").read_text().splitlines())
    assert news["reason"].startswith("RuntimeError: no such thing. This is a bug of ours")
    assert "Traceback" in news["traceback"] and "nights.py" in news["traceback"]


def metrics(path: Path) -> dict[tuple[str, str | None], float]:
    samples = [sample for family in text_string_to_metric_families(path.read_text()) for sample in family.samples]
    return {(sample.name, sample.labels.get("job")): sample.value for sample in samples}


def test_the_metrics_tell_of_all_jobs_also_of_those_that_never_ran(night: Night) -> None:
    night.config('[run]\nmetrics = "archiver.prom"\n')
    night.ends["news"] = CrawlOutcome(failed=[("https://news.example/", "answered 404")])
    first = night.now
    night.run(only="blog")
    report = night.run(only="news")

    told = metrics(night.data_dir / "archiver.prom")
    assert told["archiver_run_exit_code", None] == report.exit_code == 4
    assert told["archiver_run_finished_timestamp_seconds", None] == night.now.timestamp()
    assert told["archiver_disk_free_bytes", None] > 0
    assert told["archiver_job_succeeded_timestamp_seconds", "blog"] == (first + timedelta(minutes=2)).timestamp()
    assert told["archiver_job_succeeded_timestamp_seconds", "news"] == 0
    assert told["archiver_job_started_timestamp_seconds", "radio"] == 0
    assert told["archiver_job_failed", "news"] == 1 and told["archiver_job_pages", "blog"] == 3
    assert ("archiver_job_exit_code", "radio") not in told


@pytest.fixture
def watcher() -> Iterator[tuple[str, list[str], list[int]]]:
    """A service on loopback: its address, the paths that it was asked for, and the status of its answers."""
    asked: list[str] = []
    answers = [200]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(answers[0])
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked, answers
        server.shutdown()
        thread.join()


def pinged(url: str) -> str:
    told = {"start": "/secret/start", "success": "/secret", "failure": "/secret/fail"}
    return '[run]\nlog = "run.jsonl"\n[run.ping]\n' + "".join(f'{name} = "{url}{path}"\n' for name, path in told.items())


def test_a_service_that_watches_is_told_of_the_beginning_and_the_end(night: Night, watcher: tuple[str, list[str], Any]) -> None:
    url, asked, _ = watcher
    night.config(pinged(url))

    assert night.run().notes == []
    night.ends["news"] = BUG
    night.run(only="news")

    assert asked == ["/secret/start", "/secret", "/secret/start", "/secret/fail"]


def test_it_is_told_also_where_the_run_itself_breaks_off(night: Night, watcher: tuple[str, list[str], Any]) -> None:
    url, asked, _ = watcher
    night.config(pinged(url))
    ArchivePaths(night.data_dir).state.write_bytes(b"this is no database " * 1000)

    with pytest.raises(StorageError):
        night.run()

    assert asked == ["/secret/fail"]


@pytest.mark.parametrize("trouble", ["answer", "silence"])
def test_a_ping_that_comes_to_nothing_is_a_note_that_keeps_its_secret(
    night: Night, watcher: tuple[str, list[str], list[int]], trouble: str
) -> None:
    url, _, answers = watcher
    answers[0] = 500
    night.config(pinged(url if trouble == "answer" else "http://127.0.0.1:1"))

    report = night.run()

    assert report.exit_code == 0 and len(report.notes) == 2
    assert ("the ping on success was answered with 500" if trouble == "answer" else "ConnectionFailed") in report.notes[1]
    assert "secret" not in "".join(report.notes) + (night.data_dir / "run.jsonl").read_text()


def test_a_log_and_metrics_that_cannot_be_written_are_notes(night: Night, tmp_path: Path) -> None:
    folder = tmp_path / "watching"
    folder.mkdir()
    night.config(f'[run]\nlog = "{folder}/run.jsonl"\nmetrics = "{folder}/archiver.prom"\n')

    def crawl(plan: CrawlPlan, **_: Any) -> CrawlReport:
        shutil.rmtree(folder, ignore_errors=True)
        folder.write_bytes(b"a file where the folder was") if not folder.exists() else None
        return CrawlReport(CrawlStats(), CrawlOutcome())

    report = run_due(night.data_dir, clock=night.clock, crawl=crawl)

    assert report.exit_code == 0 and len(report.jobs) == 3
    assert sorted(note.split(" ")[1] for note in report.notes) == ["log", "metrics"]
