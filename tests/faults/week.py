"""Days in fast motion: `archiver run` is called once an hour of a simulated clock; the web, the disk and the machine fail."""

import json
import random
import socket
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import spiders.response_policy
from archiver.sampleweb import DIARY_URL, SampleWeb
from archiver.sampleweb.exchanges import Reply, Request
from archiver.tasks.schedule.run import run_due
from archiver.times import from_iso, utc_now
from archiver.urls import host_of
from tests.faults.attempts import Attempt, Nursery
from tests.faults.disks import Disk
from tests.faults.killing import begin_anew
from tests.faults.moments import Moment

MONDAY = from_iso("2026-03-02T00:30:00Z")  # half past each hour, behind the times of the schedules
MAX_RECORDS = 14  # a crawl of the diary in which nothing changed has as many
LEFT_BYTES = 60_000  # on a full disk: less than a crawl takes, so that it is full in the middle of one
RETRY_SECONDS = 0.05


class Weather(StrEnum):
    """What goes wrong in an hour."""

    FAIR = "fair"
    DOWN = "the web is down"
    NAMELESS = "no name is found"
    UNAVAILABLE = "one site answers 503"
    FULL = "the disk is full"
    OFF = "the machine is off"
    KILLED = "the run is killed"


OUTAGES = (Weather.DOWN, Weather.NAMELESS, Weather.UNAVAILABLE, Weather.FULL, Weather.OFF)


def forecast(hours: int, source: random.Random) -> Iterator[Weather]:
    """In blocks of three hours: those in which something is due have an outage, an hour or two long, and each ends fair. From
    three in the afternoon on nothing fails but that a run is killed, so that each day ends with all that it had. Of the five
    outages each day has four; two days have all.

    No outage follows a kill: a run that has nothing left but a platform's hosts, and finds those down, has come to a good end
    (they are notes, not failures), and asks them at its next time, when a post may be gone.
    """
    turns = source.sample(OUTAGES, len(OUTAGES))
    day: list[Weather] = []
    for hour in range(hours):
        if not day:
            chosen = [outage for number, outage in enumerate(turns) if number != hour // 24 % len(turns)]
            blocks = [[outage, source.choice((outage, Weather.KILLED)), Weather.FAIR] for outage in chosen]
            quiet = [Weather.FAIR] * 3
            day = [
                *blocks[0],
                *blocks[1],
                *blocks[2],
                *quiet,
                *blocks[3],
                *quiet,
                Weather.KILLED,
                *quiet,
                Weather.FAIR,
                Weather.FAIR,
            ]
        yield day.pop(0)


@dataclass(frozen=True, slots=True)
class Hour:
    """One call of `archiver run`, to be made in a process of its own. Returns its exit code and how each job ended."""

    data_dir: Path
    moment: datetime
    nameless: bool = False

    def __call__(self) -> tuple[int, list[tuple[str, str]]]:
        spiders.response_policy.RETRY_SECONDS = RETRY_SECONDS
        if self.nameless:
            socket.getaddrinfo = _no_name
        offset = self.moment - utc_now()
        report = run_due(self.data_dir, clock=lambda: utc_now() + offset)
        return report.exit_code, [(job.name, f"{job.ended}: {job.reason}") for job in report.jobs]


def _no_name(*_: Any, **__: Any) -> Any:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


@dataclass(slots=True)
class Lived:
    """What was done in a stretch of hours."""

    codes: Counter[tuple[str, int]] = field(default_factory=Counter)
    """Weather and exit code -> hours. Of a run that was killed the code is -9."""
    jobs: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Job and how it ended -> runs."""


def jobs_of(*, daily: tuple[str, ...], often: tuple[str, ...]) -> str:
    """Two jobs, as archiver.toml has them: one each night, one four times a day."""
    return f"""
[jobs.daily]
seeds = {json.dumps(daily)}
schedule = "17 3 * * *"

[jobs.often]
seeds = {json.dumps(often)}
schedule = "5 */6 * * *"
"""


class Site:
    """An archive on a disk of its own, and the web as it is seen from there."""

    def __init__(self, nursery: Nursery, disk: Disk, web: SampleWeb, jobs: str) -> None:
        self._nursery, self._disk, self._web, self._jobs = nursery, disk, web, jobs
        self.data_dir = disk.data_dir

    def live(self, weathers: Iterable[Weather], source: random.Random) -> Lived:
        """Hour by hour, from Monday on, on a web that nobody has seen before."""
        lived = Lived()
        begin_anew(self._web)
        for number, weather in enumerate(weathers):
            self._web.day = 1 + number // 24
            if weather is Weather.OFF:
                continue
            attempt = Attempt(Hour(self.data_dir, MONDAY + timedelta(hours=number), weather is Weather.NAMELESS))
            if weather is Weather.KILLED:
                attempt = Attempt(attempt.work, moment=Moment("record", 1 + source.randrange(MAX_RECORDS), "after"))
            self._settings(weather)
            with closing(_Outage(self._disk, self._web, weather)):
                ended = self._nursery.attempt(attempt)
            assert not ended.left, ended
            code, jobs = ended.result if not ended.killed else (-9, [])
            lived.codes[weather.value, code] += 1
            lived.jobs.update((name, how.split(":")[0]) for name, how in jobs)
            assert code in _EXPECTED[weather], (number, weather, code, jobs, ended.told)
        return lived

    def _settings(self, weather: Weather) -> None:
        """Whoever is down refuses connections, as port 9 does; who has no name is reached by none."""
        there = {Weather.DOWN: (":443:127.0.0.1:9", ":80:127.0.0.1:9"), Weather.NAMELESS: ()}.get(weather, self._web.connect_to)
        self._disk.make(self._jobs, delay=0, screenshots="none", min_free="1kB", cacert=str(self._web.cacert), connect_to=there)


_EXPECTED = {
    Weather.FAIR: {0},
    Weather.DOWN: {0, 4},  # 0: nothing was due
    Weather.NAMELESS: {0, 4},
    Weather.UNAVAILABLE: {0, 4},
    Weather.FULL: {0, 6},
    Weather.KILLED: {0, -9},  # 0: it had ended before
}


class _Outage:
    """Begins when it is made, ends when it is closed."""

    def __init__(self, disk: Disk, web: SampleWeb, weather: Weather) -> None:
        self._disk, self._hosts, self._weather = disk, web._hosts, weather
        self._answer = self._hosts.answer
        if weather is Weather.UNAVAILABLE:
            self._hosts.answer = self._refuse  # type: ignore[method-assign]
        if weather is Weather.FULL:
            disk.fill(LEFT_BYTES)

    def _refuse(self, request: Request, day: int) -> Reply:
        if request.host == host_of(DIARY_URL):
            return Reply(503, b"<h1>Down for the night</h1>", headers=(("Retry-After", "3000"),))
        return self._answer(request, day)

    def close(self) -> None:
        self._hosts.answer = self._answer  # type: ignore[method-assign]
        if self._weather is Weather.FULL:
            self._disk.free()
