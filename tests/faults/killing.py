"""Kills crawls of the sample web at random moments and goes on with them, until they come to their end."""

import functools
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import archiver.crawling.session
import archiver.recording.recorder
import spiders.response_policy
from archiver.crawling.session import CrawlPlan
from archiver.sampleweb import SampleWeb
from archiver.tasks.crawl.crawl import crawl
from tests.faults.attempts import Attempt, Ended, Nursery
from tests.faults.moments import WRITE, Moment
from tests.faults.soundness import (
    assert_no_row_without_bytes,
    assert_nothing_waits,
    assert_same_holdings,
    assert_sound,
    is_over,
)

ROLL_BYTES = 300_000  # so that a crawl of a megabyte fills some files
GROUP_SECONDS = 0.15  # instead of one: a short crawl then commits as often as a long one
RETRY_SECONDS = 0.1  # instead of two, before something is asked for once more


AFTER_KILLS = ("torn end", "truncate")  # phases that a crawl has only where another was killed before


@dataclass(frozen=True, slots=True)
class Crawling:
    """One crawl, to be called in a process of its own. Returns what could not be had, and how many wishes wait."""

    plan: CrawlPlan
    roll_bytes: int = ROLL_BYTES

    def __call__(self) -> dict[str, object]:
        archiver.crawling.session.Recorder = functools.partial(archiver.recording.recorder.Recorder, roll_bytes=self.roll_bytes)  # type: ignore[assignment, misc]
        assert archiver.recording.recorder.GROUP_SECONDS > GROUP_SECONDS
        archiver.recording.recorder.GROUP_SECONDS = GROUP_SECONDS
        spiders.response_policy.RETRY_SECONDS = RETRY_SECONDS
        report = crawl(self.plan)
        if report.outcome.trouble is not None:
            raise report.outcome.trouble
        return report.outcome.to_json()


@dataclass(slots=True)
class Kills:
    """Where a crawl was killed: counts of kills."""

    total: int = 0
    by_itself: int = 0
    """In the middle of a call of a function that was named before."""
    phases: Counter[str] = field(default_factory=Counter)
    """What was under way; of one kill there may be several, or none."""

    def count(self, ended: Ended, moment: Moment | None) -> None:
        self.total += 1
        self.by_itself += moment is not None
        names = set(ended.under_way) | ({f"{moment.when} {moment.phase}"} if moment is not None else set())
        self.phases.update(names or {"elsewhere"})


def attempts(random_source: random.Random, work: Callable[[], object], calm: Ended) -> Iterator[Attempt]:
    """Endless. Half of them are killed at a time, half of them at a call; early ones more often, so that a crawl is killed often.

    `calm` is the same crawl without a kill: how long it takes, and what it calls how often.
    """
    reached = sorted(phase for phase, count in calm.counts.items() if count)
    phases = [*reached, *AFTER_KILLS]
    while True:
        early = random_source.random() ** 3
        if random_source.random() < 0.5:
            yield Attempt(work, seconds=0.02 + early * calm.seconds)
        else:
            phase = random_source.choice(phases)
            call = 1 + int(early * calm.counts[phase])
            when = random_source.choice(("within", "within", "before", "after") if phase == WRITE else ("before", "after"))
            yield Attempt(work, moment=Moment(phase, call, when, random_source.random()))


def kill_until_done(nursery: Nursery, chosen: Iterator[Attempt], kills: Kills, look: Callable[[], None], most: int) -> Ended:
    """Goes on with one crawl, killed again and again, until an attempt comes to its end, which is returned. `look` is called
    after each kill, of which there are `most` at most."""
    for attempt in chosen:
        if most <= 0:
            attempt = Attempt(attempt.work)
        most -= 1
        ended = nursery.attempt(attempt)
        assert not ended.left, f"killed in {sorted(ended.under_way)}, it left behind: {ended.left}"
        if not ended.killed:
            return ended
        kills.count(ended, attempt.moment)
        look()
    raise AssertionError("there are always more attempts")


def campaign(
    nursery: Nursery,
    web: SampleWeb,
    plan: Callable[[Path], CrawlPlan],
    folder: Path,
    wanted: int,
    source: random.Random,
    *,
    each: bool = False,
    told: Callable[[str], None] | None = None,
) -> Kills:
    """Crawls by `plan` into archive after archive, each killed until it is done, until there were `wanted` kills. Each archive is
    then compared with one whose crawl was never killed. `each`: the first one's files are judged one by one. `told` is told of
    each archive."""
    begin_anew(web)
    calm = nursery.attempt(Attempt(Crawling(plan(folder / "calm"))))
    drawn, kills, number = plan(folder).settings.screenshots != "none", Kills(), 0
    while kills.total < wanted:
        number += 1
        data_dir = folder / f"killed-{number}"
        begin_anew(web)
        chosen, was_over = attempts(source, Crawling(plan(data_dir)), calm), list[bool]()

        def look(data_dir: Path = data_dir, was_over: list[bool] = was_over) -> None:
            assert_no_row_without_bytes(data_dir)
            was_over.append(is_over(data_dir))

        kill_until_done(nursery, chosen, kills, look, wanted - kills.total)
        assert_nothing_waits(data_dir)
        assert_sound(data_dir, each=each and number == 1)
        assert_same_holdings(data_dir, folder / "calm", drawn=drawn, begun_anew=any(was_over))
        if told is not None:
            told(f"{kills.total} of {wanted} kills, {number} archives, {len(warcs_of(data_dir))} WARC files in the last one")
    return kills


def begin_anew(web: SampleWeb, day: int = 1) -> None:
    """The web as nobody has seen it: what goes wrong once goes wrong again."""
    web.day = day
    web.reset_counts()


def warcs_of(data_dir: Path) -> list[Path]:
    return sorted((data_dir / "warc").rglob("*.warc.gz"))
