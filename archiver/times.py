"""Times: always UTC. ISO 8601 in the index, 14 digits in file names and CDX, WARC-Date in records."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The one clock; whoever needs the time takes a `Clock` argument, and tests hand in another."""
    return datetime.now(UTC)


def to_iso(moment: datetime) -> str:
    """`2022-09-10T12:00:00Z`, whole seconds: what pages and platforms say of themselves."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def to_warc_date(moment: datetime) -> str:
    """`2022-09-10T12:00:00.250Z`, always milliseconds, so that these texts sort by time: captures (WARC/1.1, WARC-Date)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def from_iso(text: str) -> datetime:
    """The reverse of `to_iso` and `to_warc_date`; also takes offsets (`+03:00`). A time without a zone is taken as UTC."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def to_14_digits(moment: datetime) -> str:
    """`20220910120000`, as CDX lines, replay URLs and file names have it."""
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M%S")


def from_14_digits(digits: str) -> datetime:
    """The reverse of `to_14_digits`; a shorter stamp (`2022`, `202209`) means its beginning."""
    padded = digits + "00000101000000"[len(digits) :]
    return datetime.strptime(padded, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
