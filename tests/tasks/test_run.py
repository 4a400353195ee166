"""`archiver run`: what is due runs, each job on its own; how it went is written down."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from archiver.config.settings import load_config
from archiver.crawling.session import CrawlOutcome, CrawlPlan, CrawlStats, plan_of_job
from archiver.errors import ArchiveHeld, ConfigError, DiskFull, StorageError, UsageError
from archiver.storage.files.lock import ArchiveLock
from archiver.storage.files.paths import ArchivePaths
from archiver.storage.state import job_runs as jobs
from archiver.tasks.crawl.crawl import CrawlReport
from archiver.tasks.schedule.due import job_states
from archiver.tasks.schedule.jobs import crawl_job
from archiver.tasks.schedule.run import RunReport, run_due
from tests.tasks.nights import BUG, NAMES, Night


def test_each_job_that_is_due_runs_once_a_night(night: Night) -> None:
    assert [job.name for job in night.run().jobs] == list(NAMES)

    night.now += timedelta(hours=1)
    assert night.run().jobs == []
    night.now += timedelta(days=1)
    assert [plan.seeds for plan in (night.run(), night.plans)[1]] == [(f"https://{name}.example/",) for name in NAMES]


def test_a_job_by_its_name_runs_also_where_it_is_not_due(night: Night) -> None:
    night.run()

    assert [job.name for job in night.run(only="news").jobs] == ["news"]
    with pytest.raises(ConfigError, match=r"has no job `nwes`: there are blog, news, radio; write \[jobs.nwes\]"):
        night.run(only="nwes")


@pytest.mark.parametrize(
    ("end", "ended", "code"),
    [
        (CrawlOutcome(failed=[("https://news.example/", "answered 404")]), "failed", 4),
        (CrawlOutcome(limited=True), "limit", 0),
        (CrawlOutcome(out_of_time=True), "stopped", 0),
        (CrawlOutcome(trouble=BUG), "bug", 1),
        (BUG, "bug", 1),
        (UsageError("--proxy is no URL"), "wrong", 2),
        (ArchiveHeld("held by process 7"), "held", 3),
    ],
)
def test_a_job_that_does_not_go_well_keeps_no_other_from_its_turn(
    night: Night, end: Exception | CrawlOutcome, ended: str, code: int
) -> None:
    night.ends["news"] = end

    report = night.run()

    assert [job.ended for job in report.jobs] == ["finished", ended, "finished"]
    assert report.exit_code == report.jobs[1].exit_code == code
    assert jobs.last_runs(ArchivePaths(night.data_dir).state)["news"].exit_code == code


@pytest.mark.parametrize(
    ("end", "code"),
    [
        (DiskFull("1 MB is free"), 6),
        (CrawlOutcome(trouble=StorageError("read-only")), 6),
        (CrawlOutcome(interrupted=True), 130),
    ],
)
def test_a_full_disk_and_ctrl_c_end_the_run_and_the_next_one_goes_on(
    night: Night, end: Exception | CrawlOutcome, code: int
) -> None:
    night.ends["news"] = end

    report = night.run()

    assert [job.name for job in report.jobs] == ["blog", "news"]
    assert report.exit_code == code
    assert night.due == ["news", "radio"]


@pytest.mark.parametrize(("codes", "worst"), [((0, 4, 1), 1), ((4, 3, 1), 3), ((2, 4), 2), ((3, 6), 6), ((6, 130), 130), ((), 0)])
def test_of_several_exit_codes_the_gravest_counts(night: Night, codes: tuple[int, ...], worst: int) -> None:
    [job] = night.run(only="blog").jobs
    assert RunReport([replace(job, exit_code=code) for code in codes]).exit_code == worst


def test_a_run_that_is_killed_is_seen_and_goes_on(night: Night) -> None:
    class Killed(BaseException):
        """Nothing of ours runs any more."""

    def killed(plan: CrawlPlan, **_: Any) -> CrawlReport:
        raise Killed

    night.run()
    with pytest.raises(Killed):
        run_due(night.data_dir, only="news", clock=night.clock, crawl=killed)

    [news] = [state for state in job_states(night.data_dir, night.clock) if state.name == "news"]
    assert news.due == "its last run was killed"
    assert [job.name for job in night.run().jobs] == ["news"]


def test_ctrl_c_before_a_crawl_begins_is_written_down(night: Night) -> None:
    def interrupted(plan: CrawlPlan, **_: Any) -> CrawlReport:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_due(night.data_dir, clock=night.clock, crawl=interrupted)

    assert jobs.last_runs(ArchivePaths(night.data_dir).state)["blog"].ended == "interrupted"


def test_a_second_run_is_told_which_job_the_first_is_at(night: Night) -> None:
    told = []

    def crawl(plan: CrawlPlan, **_: Any) -> CrawlReport:
        with pytest.raises(ArchiveHeld) as error:
            night.run()
        told.append(str(error.value))
        with pytest.raises(ArchiveHeld):
            crawl_job(plan, clock=night.clock)
        return CrawlReport(CrawlStats(), CrawlOutcome())

    run_due(night.data_dir, only="radio", clock=night.clock, crawl=crawl)

    [said] = told
    assert "(archiver run, job radio, since 2026-11-22T04:00:00Z): wait for it to end, or stop it" in said
    assert "radio" not in night.due


def test_a_job_run_by_hand_is_written_down_as_any_other(night: Night) -> None:
    plan = plan_of_job(night.data_dir, load_config(ArchivePaths(night.data_dir).config), "blog")
    lock = ArchiveLock(night.data_dir / ".lock", "another crawl")

    with pytest.raises(ArchiveHeld, match="another crawl"):
        crawl_job(plan, clock=night.clock)
    lock.release()

    assert jobs.last_runs(ArchivePaths(night.data_dir).state)["blog"].ended == "held"


def test_what_the_command_line_says_goes_over_the_job(night: Night) -> None:
    night.config("delay = 5\nmax_pages = 7\n[crawl]\nconcurrency = 2\n[hosts.'radio.example']\ndelay = 9\n")

    plan = plan_of_job(night.data_dir, load_config(ArchivePaths(night.data_dir).config), "radio", max_pages=3, delay=None)

    assert (plan.settings.delay, plan.settings.max_pages, plan.settings.concurrency) == (5, 3, 2)
    assert plan.hosts["radio.example"].delay == 9


def test_without_jobs_the_way_to_one_is_told(data_dir: Path) -> None:
    with pytest.raises(ConfigError, match="has no jobs: `archiver init URL"):
        run_due(data_dir)
