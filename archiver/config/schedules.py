"""Schedules: cron's five fields, in a time zone; when one of their times lies between two moments."""

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from cronsim import CronSim, CronSimError

from archiver.errors import ConfigError
from archiver.times import from_iso

_FIELDS = "minute, hour, day of the month, month, day of the week, as in 17 3 * * * for every night at 3:17"
_SOME_DAY = from_iso("2026-01-01")  # to see whether a schedule has any times at all


class Schedule:
    """What a schedule says. A fixed time that a change of clocks skips or doubles comes once, as Debian's cron does it."""

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
