"""Schedules: which moments they name, also where clocks change."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from archiver.config.units import Schedule, parse_zone
from archiver.errors import ConfigError

BERLIN = ZoneInfo("Europe/Berlin")


def moments(schedule: Schedule, start: datetime, count: int) -> list[str]:
    found = []
    for _ in range(count):
        start = schedule.next_after(start)
        found.append(start.astimezone(UTC).strftime("%m-%d %H:%M"))
    return found


def test_a_schedule_is_read_in_its_time_zone() -> None:
    assert moments(Schedule("17 3 * * *", BERLIN), datetime(2026, 11, 22, tzinfo=UTC), 2) == ["11-22 02:17", "11-23 02:17"]
    assert moments(Schedule("17 3 * * *"), datetime(2026, 11, 22, tzinfo=UTC), 1) == ["11-22 03:17"]


def test_a_time_that_a_change_of_clocks_skips_comes_once_and_one_that_it_doubles_too() -> None:
    # On 2026-03-29 there is no 2:30 in Berlin, on 2026-10-25 there are two.
    assert moments(Schedule("30 2 * * *", BERLIN), datetime(2026, 3, 28, 12, tzinfo=UTC), 2) == ["03-29 01:00", "03-30 00:30"]
    assert moments(Schedule("30 2 * * *", BERLIN), datetime(2026, 10, 24, 12, tzinfo=UTC), 2) == ["10-25 00:30", "10-26 01:30"]


def test_the_moment_itself_is_over() -> None:
    at = datetime(2026, 11, 22, 3, 17, tzinfo=UTC)

    assert Schedule("17 3 * * *").next_after(at) > at


def test_a_schedule_is_said_in_words() -> None:
    assert Schedule("17 3 * * mon-fri").in_words() == "At 03:17 on Monday through Friday"


@pytest.mark.parametrize(
    "text", ["", "@daily", "* * * *", "0 17 3 * * *", "a b c d e", "* 24 * * *", "*/0 * * * *", "1-x * * * *"]
)
def test_what_is_no_schedule_is_told_what_its_fields_are(text: str) -> None:
    with pytest.raises(ConfigError, match="minute, hour, day of the month, month, day of the week, as in 17 3"):
        Schedule(text)


def test_a_time_that_never_comes_is_told() -> None:
    with pytest.raises(ConfigError, match="`0 0 31 2,4 \\*` is"):
        Schedule("0 0 31 2,4 *")


@pytest.mark.parametrize(
    ("name", "meant"),
    [("europe/kyiv", "Europe/Kyiv"), ("New York", "America/New_York"), ("Europe", "Europe/Kyiv, "), ("", "UTC")],
)
def test_of_what_is_no_time_zone_the_nearest_is_told(name: str, meant: str) -> None:
    with pytest.raises(ConfigError, match=f"write .*{meant}"):
        parse_zone(name)
