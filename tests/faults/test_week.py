"""A day and a morning in fast motion, with all that goes wrong in a year; `python -m tests.faults.whole_week` does a week."""

import random
from functools import partial
from pathlib import Path

from archiver.sampleweb import DIARY_URL, MAGAZINE_URL, SampleWeb
from tests.faults.attempts import Nursery
from tests.faults.disks import Disk
from tests.faults.soundness import assert_no_day_lacks, assert_sound
from tests.faults.week import Site, Weather, forecast, jobs_of

HOURS = 30  # a day has four of the five outages, the next morning the fifth; each job is due on both days
JOBS = jobs_of(daily=(MAGAZINE_URL,), often=(DIARY_URL,))


def test_after_a_day_and_a_morning_of_outages_the_archive_holds_what_a_perfect_run_would_hold(
    nursery: Nursery, sample: SampleWeb, tmp_path: Path
) -> None:
    (tmp_path / "perfect").mkdir()
    (tmp_path / "disturbed").mkdir()
    source = random.Random(3)
    with Disk(nursery, tmp_path / "perfect", "200m") as first, Disk(nursery, tmp_path / "disturbed", "200m") as second:
        perfect = Site(nursery, first, sample, JOBS).live([Weather.FAIR] * HOURS, source)
        disturbed = Site(nursery, second, sample, JOBS).live(forecast(HOURS, source), source)
        nursery.do(partial(assert_no_day_lacks, second.data_dir, first.data_dir))
        nursery.do(partial(assert_sound, second.data_dir))
    assert perfect.codes == {(Weather.FAIR.value, 0): HOURS}
    assert {weather for weather, _ in disturbed.codes} == {*Weather} - {Weather.OFF}, "when it is off, there is no code"
    assert {code for _, code in disturbed.codes} == {0, 4, 6, -9}, "else nothing was disturbed"
