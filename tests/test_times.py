"""Times: always UTC, in each of their three spellings."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.times import from_14_digits, from_iso, to_14_digits, to_iso, to_warc_date, utc_now

NOON = datetime(2022, 9, 10, 12, 0, 0, 250_999, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 30), timezones=st.just(UTC))


def test_a_moment_in_each_of_its_spellings() -> None:
    assert to_iso(NOON) == "2022-09-10T12:00:00Z"
    assert to_warc_date(NOON) == "2022-09-10T12:00:00.250Z"
    assert to_14_digits(NOON) == "20220910120000"


def test_a_moment_elsewhere_is_told_in_utc() -> None:
    kyiv = NOON.astimezone(timezone(timedelta(hours=3)))

    assert to_iso(kyiv) == to_iso(NOON)
    assert to_warc_date(kyiv) == to_warc_date(NOON)
    assert to_14_digits(kyiv) == to_14_digits(NOON)


@pytest.mark.parametrize("text", ["2022-09-10T12:00:00Z", "2022-09-10T15:00:00+03:00", "2022-09-10T12:00:00", "2022-09-10 12:00"])
def test_a_time_is_read_with_any_offset_and_without_one_as_utc(text: str) -> None:
    assert from_iso(text) == datetime(2022, 9, 10, 12, tzinfo=UTC)


@pytest.mark.parametrize(("digits", "begins"), [("2022", "2022-01-01"), ("202209", "2022-09-01"), ("20220910", "2022-09-10")])
def test_a_shorter_stamp_means_its_beginning(digits: str, begins: str) -> None:
    assert to_iso(from_14_digits(digits)) == f"{begins}T00:00:00Z"


@given(MOMENTS)
def test_whole_seconds_survive_every_spelling(moment: datetime) -> None:
    seconds = moment.replace(microsecond=0)

    assert from_iso(to_iso(moment)) == seconds
    assert from_14_digits(to_14_digits(moment)) == seconds
    assert from_iso(to_warc_date(moment)) == moment.replace(microsecond=moment.microsecond // 1000 * 1000)


@given(MOMENTS, MOMENTS)
def test_dates_of_records_sort_as_their_moments_do(one: datetime, other: datetime) -> None:
    if to_warc_date(one) < to_warc_date(other):
        assert one < other


def test_the_clock_speaks_utc() -> None:
    assert utc_now().tzinfo is UTC
