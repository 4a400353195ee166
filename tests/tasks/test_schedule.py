"""Units for cron and systemd: what they start is this program on this archive, whatever the folder is called."""

import re
import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest

from archiver.config.units import Schedule
from archiver.errors import UsageError
from archiver.tasks.schedule.install import Unit, cron_entry, systemd_units
from archiver.times import from_iso

FOLDERS = (
    "archive",
    "my archive",
    "50% of it",
    "it's",
    'say "x"',
    "$HOME",
    "back\\slash",
    "tab\there",
    "ünï",
    "a;b&c|d",
    "%h-%%",
)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Writes its arguments into a file, a line each."""
    path = tmp_path / "bin dir" / "archiver"
    path.parent.mkdir()
    path.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$@\" >'{tmp_path}/given'\necho said\n")
    path.chmod(0o755)
    return path


def as_cron_reads(entry: str) -> str:
    """The command of the one line that is no comment: what stands before the first % that has no backslash (crontab(5))."""
    [line] = [line for line in entry.splitlines() if not line.startswith("#")]
    command = line.split(" ", 5)[5]
    return re.split(r"(?<!\\)%", command)[0].replace("\\%", "%")


@pytest.mark.parametrize("name", FOLDERS)
def test_cron_starts_a_run_on_the_very_folder(name: str, program: Path, tmp_path: Path) -> None:
    folder = tmp_path / name
    folder.mkdir()

    subprocess.run(["/bin/sh", "-c", as_cron_reads(cron_entry([str(program)], folder))], check=True, cwd="/")

    assert (tmp_path / "given").read_text().splitlines() == ["run", "--archive", str(folder)]
    assert (folder / "run.log").read_text() == "said\n"


@pytest.mark.parametrize(("every", "times"), [(1, 1440), (5, 288), (15, 96), (30, 48), (60, 24), (120, 12), (720, 2), (1440, 1)])
def test_it_is_looked_as_often_as_is_said(every: int, times: int) -> None:
    [line] = [line for line in cron_entry(["archiver"], Path("/a"), every).splitlines() if not line.startswith("#")]
    schedule = Schedule(" ".join(line.split(" ")[:5]))

    moment, end, count = from_iso("2026-11-21T23:59:59Z"), from_iso("2026-11-22T23:59:59Z"), 0
    while (moment := schedule.next_after(moment)) <= end:
        count += 1
    assert count == times


@pytest.mark.parametrize("every", [7, 45, 90, 300, 2880])
def test_minutes_that_cron_cannot_say_are_wrong_usage(every: int) -> None:
    for written in (cron_entry, systemd_units):
        with pytest.raises(UsageError, match=f"{every} minutes cannot be written in a crontab: write one that divides"):
            written(["archiver"], Path("/a"), every)


def test_a_line_break_in_a_path_is_refused() -> None:
    for written in (cron_entry, systemd_units):
        with pytest.raises(UsageError, match="rename the folder"):
            written(["archiver"], Path("/a\n* * * * * rm -r /"), 15)


def read(unit: Unit) -> ConfigParser:
    parser = ConfigParser(strict=True, interpolation=None, delimiters="=", comment_prefixes="#")
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(unit.content)
    return parser


def as_systemd_reads(command: str) -> list[str]:
    """Words, quotes, escapes, specifiers and dollars, as systemd.service(5) and systemd.unit(5) have them."""
    words = [quoted or bare for quoted, bare in re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', command)]
    plain = [re.sub(r"\\(.)", lambda match: {"t": "\t"}.get(match[1], match[1]), word) for word in words]
    assert not any(re.search(r"(?<!%)(?:%%)*%(?!%)|(?<!\$)(?:\$\$)*\$(?!\$)", word) for word in plain)
    return [word.replace("%%", "%").replace("$$", "$") for word in plain]


@pytest.mark.parametrize("name", FOLDERS)
def test_systemd_starts_a_run_on_the_very_folder(name: str) -> None:
    service, timer = systemd_units(["/opt/my tools/archiver"], Path("/srv") / name)

    assert as_systemd_reads(read(service)["Service"]["ExecStart"]) == [
        "/opt/my tools/archiver",
        "run",
        "--archive",
        f"/srv/{name}",
    ]
    assert re.fullmatch(r"archiver-[\w-]+\.service", service.name) and read(timer)["Timer"]["Unit"] == service.name


def test_two_archives_of_one_name_have_units_of_their_own() -> None:
    # Both were archiver-archive.service: the second took the first one's nights away, and nothing said so.
    one, other = (systemd_units(["archiver"], Path(f"/srv/{owner}/archive")) for owner in ("ann", "ben"))

    assert {unit.name for unit in one} & {unit.name for unit in other} == set()
    assert all(len(unit.name) < 255 for unit in systemd_units(["archiver"], Path("/", *["long"] * 100)))


def test_a_stop_reaches_the_program_alone() -> None:
    # systemd's default sends SIGTERM to the readers and browsers as well, and what they had under way was lost to the index.
    service, _ = systemd_units(["archiver"], Path("/srv/archive"))

    assert read(service)["Service"]["KillMode"] == "mixed"


def test_the_service_ends_and_the_timer_makes_up_for_a_night_without_power() -> None:
    service, timer = systemd_units(["/usr/bin/archiver"], Path("/srv/archive"), 60)

    assert read(service)["Service"]["Type"] == "oneshot" and "4" in read(service)["Service"]["SuccessExitStatus"].split()
    assert dict(read(timer)["Timer"]) == {
        "OnCalendar": "*-*-* 00/1:00:00", "Persistent": "true", "Unit": "archiver-srv-archive.service",
    }  # fmt: skip
    assert read(timer)["Install"]["WantedBy"] == "timers.target"
