"""When a post was made, from the numbers and texts in which platforms say it."""

from datetime import UTC, datetime

from archiver.times import from_iso, to_iso

EARLIEST = datetime(2004, 2, 1, tzinfo=UTC)  # the first of these platforms opened; before it a number is no time
LATEST = datetime(2100, 1, 1, tzinfo=UTC)


def from_milliseconds(milliseconds: int, earliest: datetime = EARLIEST) -> str | None:
    """ISO 8601, UTC, of milliseconds since 1970; None for what cannot be the time of a post, such as a serial number's bits."""
    if not earliest.timestamp() * 1_000 <= milliseconds < LATEST.timestamp() * 1_000:
        return None
    return to_iso(datetime.fromtimestamp(milliseconds / 1_000, UTC))


def from_seconds(seconds: object) -> str | None:
    """The same of seconds, as a number or as digits; None for all else."""
    if isinstance(seconds, str) and seconds.isascii() and seconds.isdigit() and len(seconds) < 12:
        seconds = int(seconds)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds < 1e11:
        return None
    return from_milliseconds(int(seconds * 1_000))


def from_text(text: object) -> str | None:
    """`2022-03-01T10:00:00+02:00` in UTC; None for what is no ISO 8601."""
    if not isinstance(text, str):
        return None
    try:
        moment = from_iso(text.strip())
        return to_iso(moment) if EARLIEST <= moment < LATEST else None
    except (ValueError, OverflowError):
        return None
