"""Which jobs are due: by the clock, and by how they last ended."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archiver.config.settings import Config, JobSettings, RunSettings
from archiver.errors import ConfigError
from archiver.storage.state.job_runs import JobRun
from archiver.tasks.schedule.due import DUE_AT_ONCE, JobOutcome, JobState, due_in_order, job_states, states_of
from archiver.times import to_warc_date

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SEEDS = ("https://blog.example/",)


def state(
    last: JobRun | None, *, schedule: str | None = "17 3 * * *", enabled: bool = True, now: datetime = NOON, timezone: str = "UTC"
) -> JobState:
    job = JobSettings(seeds=SEEDS, schedule=schedule, enabled=enabled)
    runs = {"blog": last} if last is not None else {}
    [found] = states_of(Config(jobs={"blog": job}, run=RunSettings(timezone=timezone)), runs, now)
    return found


def ran(started: datetime, ended: str | None = "finished", code: int = 0) -> JobRun:
    moment = to_warc_date(started)
    return JobRun("blog", moment, None if ended is None else moment, ended, None if ended is None else code)


def test_a_job_that_never_ran_is_due() -> None:
    assert state(None).due == "it never ran"


def test_a_job_is_due_once_when_its_time_has_come() -> None:
    night = datetime(2026, 11, 22, 3, 17, tzinfo=UTC)

    assert state(ran(night - timedelta(hours=1))).due == "its time was 2026-11-22 03:17"
    assert state(ran(night)).due is None
    assert state(ran(night)).next_at == night + timedelta(days=1)


def test_many_times_that_were_missed_are_one() -> None:
    assert state(ran(NOON - timedelta(days=400)), schedule="0 * * * *").due is not None
    assert state(ran(NOON), schedule="0 * * * *", now=NOON + timedelta(minutes=1)).due is None


def test_the_time_of_a_schedule_is_that_of_its_zone() -> None:
    last = ran(datetime(2026, 11, 22, 1, 0, tzinfo=UTC))

    assert (
        state(last, now=datetime(2026, 11, 22, 1, 30, tzinfo=UTC), timezone="Europe/Kyiv").due == "its time was 2026-11-22 03:17"
    )
    assert state(last, now=datetime(2026, 11, 22, 1, 30, tzinfo=UTC)).due is None


@pytest.mark.parametrize("ended", [None, *DUE_AT_ONCE])
def test_what_did_not_get_its_turn_goes_on_at_once(ended: str | None) -> None:
    assert state(ran(NOON, ended, 130), now=NOON + timedelta(minutes=1)).due is not None


@pytest.mark.parametrize("ended", sorted(set(JobOutcome) - DUE_AT_ONCE.keys()))
def test_what_came_to_its_end_waits_for_its_time(ended: str) -> None:
    assert state(ran(NOON, ended, 4), now=NOON + timedelta(minutes=1)).due is None


def test_where_nobody_answered_it_is_tried_again_after_an_hour() -> None:
    """A machine that starts without its network found no host, and waited until the next night."""
    last = ran(NOON, JobOutcome.UNANSWERED, 4)

    assert state(last, now=NOON + timedelta(minutes=59)).due is None
    assert state(last, now=NOON + timedelta(minutes=60)).due == "nobody answered the last time"


def test_a_clock_that_was_wrong_for_once_stops_no_job_for_years() -> None:
    assert state(ran(datetime(2038, 1, 19, tzinfo=UTC))).due == "its last run is dated in the future"


@pytest.mark.parametrize(
    ("line", "says"), [("proxy = 'socks5://x'", "--proxy is not"), ("connect_to = ['a:1']", "--connect-to 'a:1'")]
)
def test_a_way_into_the_network_that_nobody_understands_is_told_by_day(tmp_path: Path, line: str, says: str) -> None:
    # `run --list` found nothing wrong, and each night's run ended with exit code 2.
    (tmp_path / "archiver.toml").write_text(f"[crawl]\n{line}\n[jobs.blog]\nseeds = ['https://blog.example/']\n")

    with pytest.raises(ConfigError, match=f"`jobs.blog`: {says}"):
        job_states(tmp_path)


@pytest.mark.parametrize("last", [None, ran(NOON, None)])
def test_a_job_that_rests_or_has_no_schedule_is_never_due(last: JobRun | None) -> None:
    assert state(last, enabled=False).due is None
    assert state(last, schedule=None).due is None


@pytest.mark.parametrize("ended", [None, JobOutcome.DISK])
def test_a_job_that_was_killed_or_lacked_room_comes_behind_the_others(ended: str | None) -> None:
    """One that needs more memory than there is was killed each time, and no job behind it ever ran. One whose min_free was more
    than the disk has ended each run likewise."""
    jobs = {name: JobSettings(seeds=SEEDS, schedule="17 3 * * *") for name in ("greedy", "blog", "news")}

    states = states_of(Config(jobs=jobs), {"greedy": ran(NOON, ended, 6)}, NOON)

    assert [each.name for each in due_in_order(states)] == ["blog", "news", "greedy"]
