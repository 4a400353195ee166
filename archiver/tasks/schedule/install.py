"""Units for cron and systemd that call `archiver run`; quoted for those who read them, whatever the paths are."""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from archiver.errors import UsageError

EVERY_MINUTES = 15
DAY_MINUTES = 1440
MAX_NAME = 200  # systemd.unit(5) takes 255 characters, the suffix among them
_CHOICES = "write one that divides an hour or a day evenly, as 5, 15, 30, 60, 360 or 1440"


@dataclass(frozen=True, slots=True)
class Unit:
    """One file of systemd's."""

    name: str
    content: str


def cron_entry(program: list[str], data_dir: Path, every: int = EVERY_MINUTES) -> str:
    """Lines for `crontab -e`. What the run says goes to a file beside the archive's, so that cron sends no mail of each.

    Raises `UsageError` for minutes that cron cannot say, or for paths with a line break, which no crontab can hold.
    """
    folder = data_dir.absolute()
    command = shlex.join([*program, "run", "--archive", str(folder)])
    line = f"{command} >>{shlex.quote(str(folder / 'run.log'))} 2>&1"
    if any(each in line for each in "\r\n"):
        raise UsageError(f"{str(folder)!r} has a line break in it, which no crontab can hold: rename the folder")
    escaped = line.replace("%", "\\%")  # cron makes line breaks of percent signs, also within quotes: crontab(5)
    return f"# What is due in the archive, looked for every {every} minutes.\n{_cron_times(every)} {escaped}\n"


def systemd_units(program: list[str], data_dir: Path, every: int = EVERY_MINUTES) -> tuple[Unit, Unit]:
    """The service and its timer. Raises `UsageError` for minutes that crontab cannot express, or for paths with a line break."""
    folder = data_dir.absolute()
    words = [*program, "run", "--archive", str(folder)]
    if any(each in word for word in words for each in "\r\n\0"):
        raise UsageError(f"{str(folder)!r} has a line break in it: rename the folder")
    name = _unit_name(folder)
    about = _without_specifiers(str(folder))
    service = _SERVICE.format(about=about, command=" ".join(map(_systemd_quoted, words)))
    timer = _TIMER.format(about=about, times=_calendar(every), service=f"{name}.service")
    return Unit(f"{name}.service", service), Unit(f"{name}.timer", timer)


_SERVICE = """\
[Unit]
Description=What is due in the archive {about}
Documentation=man:systemd.service(5)

[Service]
Type=oneshot
ExecStart={command}
Nice=10
IOSchedulingPriority=7
# 3: somebody crawls by hand; 4: seeds or pages failed, and are tried again; 130: stopped, the next run goes on.
SuccessExitStatus=3 4 130
# What is under way may end, and everything is made safe: the program ends those that it started, readers and browsers, itself.
KillMode=mixed
TimeoutStopSec=2min
"""
_TIMER = """\
[Unit]
Description=Looks what is due in the archive {about}

[Timer]
OnCalendar={times}
# A time that passed while the machine was off counts when it is on again.
Persistent=true
Unit={service}

[Install]
WantedBy=timers.target
"""


def _cron_times(every: int) -> str:
    if 0 < every < 60 and 60 % every == 0:
        return f"*/{every} * * * *" if every > 1 else "* * * * *"
    hours = every // 60
    if every % 60 == 0 and 0 < every <= DAY_MINUTES and 24 % hours == 0:
        return "0 * * * *" if hours == 1 else f"0 */{hours} * * *" if hours < 24 else "0 0 * * *"
    raise UsageError(f"{every} minutes cannot be written in a crontab: {_CHOICES}")


def _calendar(every: int) -> str:
    """Every so many minutes, as `OnCalendar` of systemd.time(7) writes it."""
    _cron_times(every)  # the same numbers for both
    if every < 60:
        return f"*:00/{every}:00"
    return f"*-*-* 00/{every // 60}:00:00" if every < DAY_MINUTES else "*-*-* 00:00:00"


def _unit_name(folder: Path) -> str:
    """A unit's name out of the whole path: two archives that are both called `archive` would overwrite each other's units."""
    return f"archiver-{re.sub(r'[^A-Za-z0-9_]+', '-', str(folder)).strip('-')[-MAX_NAME:].lstrip('-') or 'archive'}"


def _systemd_quoted(word: str) -> str:
    """An argument as systemd.service(5) and systemd.unit(5) quote it: quotes, C escapes, doubled percent signs and dollars."""
    escaped = _without_specifiers(word).replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$").replace("\t", "\\t")
    return escaped if re.fullmatch(r"[A-Za-z0-9_./:@%+=,-]+", escaped) else f'"{escaped}"'


def _without_specifiers(text: str) -> str:
    return text.replace("%", "%%")
