"""Times: always UTC. ISO 8601 in the index, 14 digits in file names and CDX, WARC-Date in records."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The one clock; whoever needs the time takes a `Clock` argument, and tests hand in another."""
    return datetime.now(UTC)


def to_iso(moment: datetime) -> str:
    """`2022-09-10T12:00:00Z`, in UTC and whole seconds: the times that pages and platforms state."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def to_warc_date(moment: datetime) -> str:
    """`2022-09-10T12:00:00.250Z`, in UTC and always milliseconds, so that these texts sort by time: captures (WARC/1.1,
    WARC-Date)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def from_iso(text: str) -> datetime:
    """A time in ISO 8601 (`2022-09-10T12:00:00Z`, `…T15:00:00.250+03:00`) as UTC. One without a zone is taken as UTC. Raises
    `ValueError`."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def to_14_digits(moment: datetime) -> str:
    """`20220910120000`, in UTC: for CDX lines, replay URLs and file names."""
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M%S")


def from_14_digits(digits: str) -> datetime:
    """A stamp of CDX lines and replay URLs (`20220910120000`) as UTC; a shorter one (`2022`, `202209`) means its beginning.
    Raises `ValueError`."""
    padded = digits + "00000101000000"[len(digits) :]
    return datetime.strptime(padded, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
