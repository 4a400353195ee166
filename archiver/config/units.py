"""What people write in archiver.toml and on the command line: sizes (`100MB`), durations (`2h`), schedules in cron's five
fields."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from cronsim import CronSim, CronSimError

from archiver.errors import ConfigError
from archiver.times import from_iso

_UNITS = {"": 1, "k": 1000, "m": 1000**2, "g": 1000**3}
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}
_FIELDS = "minute, hour, day of the month, month, day of the week, as in 17 3 * * * for every night at 3:17"
_SOME_DAY = from_iso("2026-01-01")  # to see whether a schedule has any times at all


def parse_size(text: str) -> int:
    """`100MB`, `2 GB`, `500k`, `1234` in bytes. Raises `ConfigError`."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmg]?)(?:i?b)?\s*", text, re.I)
    if match is None or float(match[1]) <= 0:
        raise ConfigError(f"`{text}` is no size: write 500k, 100MB or 2GB")
    return int(float(match[1]) * _UNITS[match[2].lower()])


def parse_duration(text: str) -> float:
    """`90`, `90s`, `15m`, `2h` in seconds. Raises `ConfigError`."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([smh]?)\s*", text, re.I)
    if match is None:
        raise ConfigError(f"`{text}` is no time: write 90s, 15m or 2h")
    return float(match[1]) * _SECONDS[match[2].lower()]


class Schedule:
    """A schedule in cron's five fields, read in a time zone. A fixed time that a change of clocks skips or doubles comes once, as
    Debian's cron does it."""

    def __init__(self, text: str, zone: ZoneInfo | None = None) -> None:
        """Raises `ConfigError` where `text` is no schedule, or one of which no time ever comes."""
        self._text, self._zone = text, zone or ZoneInfo("UTC")
        if len(text.split()) != 5:  # cronsim takes a sixth, for seconds
            raise ConfigError(f"`{text}` has not the five fields of a schedule: {_FIELDS}")
        try:
            self._words = CronSim(text, _SOME_DAY).explain()
            self.next_after(_SOME_DAY)
        except CronSimError as error:
            raise ConfigError(f"`{text}` is no schedule ({str(error).lower()}): write {_FIELDS}") from error
        except StopIteration:
            raise ConfigError(f"`{text}` is a schedule whose time never comes: write {_FIELDS}") from None

    def next_after(self, moment: datetime) -> datetime:
        """The first of its times behind `moment`, in the schedule's zone."""
        return next(CronSim(self._text, moment.astimezone(self._zone)))

    def in_words(self) -> str:
        """`At 03:17 every day`."""
        return self._words


def parse_zone(name: str) -> ZoneInfo:
    """The time zone of that IANA name. Raises `ConfigError`."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a folder of zones is an OSError, `../x` a ValueError
        known = {zone.lower(): zone for zone in available_timezones()}
        ends = [zone for key, zone in sorted(known.items()) if key.rpartition("/")[2] == name.strip().lower().replace(" ", "_")]
        meant = known.get(name.strip().lower()) or (ends[0] if ends else "Europe/Kyiv, America/New_York or UTC")
        raise ConfigError(f"`{name}` is no time zone: write {meant}") from None
