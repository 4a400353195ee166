"""Dates as pages write them, read into ISO 8601: a UTC time, or a date where the page says no more."""

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from archiver.html.dates import month_number

EARLIEST_YEAR = 1800  # newspapers put their old issues on the web with the true date
WEB_BEGINS = 1991  # for dates that were only guessed from an address or from visible words
CLOCK_SKEW = timedelta(days=1)  # a page may be "published" some hours after its capture: time zones, wrong clocks
MAX_DATE_TEXT = 300  # characters looked at

_YEAR = re.compile(r"\d{4}")  # in every form of a date below, and within the seconds of an epoch
_ISO = re.compile(
    r"(?<!\d)(\d{4})([-/.]?)(\d{1,2})\2(\d{1,2})(?!\d)"
    r"(?:[T\s,]{1,3}(\d{1,2})[:.]?(\d{2})(?::?(\d{2})(?:[.,]\d+)?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?",
    re.I,
)
_EPOCH = re.compile(r"1\d{9}(?:\d{3})?")
_DAY_MONTH = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|er|º)?[.,\s-]+(?:de\s+|of\s+)?([^\W\d_]{3,12})\.?,?[\s-]+(?:de\s+)?(\d{4})(?!\d)", re.I
)
_MONTH_DAY = re.compile(r"([^\W\d_]{3,12})\.?\s+(\d{1,2})(?:st|nd|rd|th)?(?:,\s*|\s+)(?:[\d:]+\s+\S+\s+)?(\d{4})(?!\d)", re.I)
_NUMBERS = re.compile(r"(?<!\d)(\d{1,2})([./-])\s?(\d{1,2})\2\s?(\d{4})(?!\d)")
_EAST_ASIAN = re.compile(r"(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일]")
_CLOCK = re.compile(r"(?<!\d)(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([ap]\.?m\b)?\.?\s*(Z\b|UTC|GMT|[+-]\d{2}:?\d{2})?", re.I)
_IN_URL = re.compile(r"/((?:19|20)\d\d)[/_-]?(0[1-9]|1[0-2]|[1-9](?=[/_-]))[/_-]?(0[1-9]|[12]\d|3[01]|[1-9](?=/))(?=[/._-]|$)")


def read_date(text: str | None, captured_at: datetime, *, month_first: bool = False, earliest: int = EARLIEST_YEAR) -> str | None:
    """The first date in `text` as `2022-09-10` or `2022-09-10T09:00:00Z`; None where there is none, or none that can be.

    A time is only given with its zone: `2022-09-10 12:00` without one says no more than the day. Midnight sharp in whatever zone
    is how content systems write a bare date. `month_first` reads 9/10/2022 as 10 September's American spelling does. Dates
    before `earliest` or more than CLOCK_SKEW after `captured_at` are refused, and so is 1970-01-01, the empty field of Unix.
    """
    text = (text or "").strip()[:MAX_DATE_TEXT]
    if len(text) < 6 or _YEAR.search(text) is None:
        return None
    moment = _stated(text, month_first)
    if moment is None:
        return None
    day = moment.date() if isinstance(moment, datetime) else moment
    if not earliest <= day.year or day == date(1970, 1, 1) or day > (captured_at + CLOCK_SKEW).date():
        return None
    # As `times.to_iso`, which takes 3 µs a date: this is in UTC already, and has no fractions of a second.
    return f"{moment.isoformat()[:19]}Z" if isinstance(moment, datetime) else day.isoformat()


def date_in_url(url: str, captured_at: datetime) -> str | None:
    """`/2022/09/11/`, `/2022-09-11-`, `/20220911/` in an address; a month alone is no date of publication."""
    for year, month, day in _IN_URL.findall(url):
        found = read_date(f"{year}-{month}-{day}", captured_at, earliest=WEB_BEGINS)
        if found:
            return found
    return None


@lru_cache(4_096)  # texts; a page says its dates several times over, and a site's pages share the dates of their teasers
def _stated(text: str, month_first: bool) -> date | None:
    return _epoch(text) or _iso(text) or _in_words(text) or _in_numbers(text, month_first)


def _epoch(text: str) -> datetime | None:
    if not _EPOCH.fullmatch(text):
        return None
    return datetime.fromtimestamp(int(text[:10]), UTC)


def _iso(text: str) -> date | None:
    match = _ISO.search(text)
    if match is None:
        return None
    year, _, month, day, hour, minute, second, zone = match.groups()
    found = _day(year, month, day)
    if found is None or hour is None or zone is None:
        return found
    return _moment(found, int(hour), int(minute), int(second or 0), zone)


def _in_words(text: str) -> date | None:
    if match := _EAST_ASIAN.search(text):
        return _day(*match.groups())
    for match in _DAY_MONTH.finditer(text):
        if (month := month_number(match[2])) and (found := _day(match[3], month, match[1])):
            return _with_clock(found, text)
    for match in _MONTH_DAY.finditer(text):
        if (month := month_number(match[1])) and (found := _day(match[3], month, match[2])):
            return _with_clock(found, text)
    return None


def _in_numbers(text: str, month_first: bool) -> date | None:
    match = _NUMBERS.search(text)
    if match is None:
        return None
    first, separator, second, year = match.groups()
    if month_first and separator == "/":
        return _day(year, first, second) or _day(year, second, first)
    return _day(year, second, first) or (_day(year, first, second) if separator == "/" else None)


def _day(year: str, month: str | int, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _with_clock(day: date, text: str) -> date:
    match = _CLOCK.search(text)
    if match is None or match[5] is None:
        return day
    hour = int(match[1])
    if match[4]:
        hour = hour % 12 + (12 if match[4].lower().startswith("p") else 0)
    return _moment(day, hour, int(match[2]), int(match[3] or 0), match[5])


def _moment(day: date, hour: int, minute: int, second: int, zone: str) -> date:
    if hour == minute == second == 0 or hour > 23 or minute > 59 or second > 59:
        return day
    east = int(zone[1:3]) * 60 + int(zone[-2:]) if zone[0] in "+-" else 0  # minutes
    if east >= 24 * 60:
        return day
    moment = datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=UTC)
    try:
        return moment - timedelta(minutes=east if zone[0] == "+" else -east) if east else moment
    except OverflowError:
        return day
