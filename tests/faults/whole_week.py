"""A week in fast motion, against a perfect one: is anything missing at its end? `python -m tests.faults.whole_week [--hours N]`.

`archiver run` is called once an hour of a simulated week, on the sample web, whose posts vanish as the days go by; the web, its
names, a host, the disk and the machine fail for hours, and runs are killed. Each day is compared with that of 168 runs to which
nothing happened. Exits 1 where something is missing.
"""

import argparse
import random
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from archiver.sampleweb import DIARY_URL, MAGAZINE_URL, NOTEBOOK_URL, running_sample_web
from tests.faults.attempts import Nursery
from tests.faults.disks import Disk
from tests.faults.soundness import assert_no_day_lacks, assert_sound
from tests.faults.week import Lived, Site, Weather, forecast, jobs_of

HOURS = 168
JOBS = jobs_of(daily=(NOTEBOOK_URL, MAGAZINE_URL), often=(DIARY_URL,))


def print_lived(name: str, lived: Lived) -> None:
    print(f"\n{name}: {sum(lived.codes.values())} runs")
    for (weather, code), hours in sorted(lived.codes.items()):
        print(f"  {hours:4} {weather}, {'killed' if code < 0 else f'exit code {code}'}")
    for (job, ended), runs in sorted(lived.jobs.items()):
        print(f"  {runs:4} {job}: {ended}")


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--hours", type=int, default=HOURS)
    options.add_argument("--seed", type=int, default=1, help="another one, another week")
    given = options.parse_args()
    source, began = random.Random(given.seed), time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="archiver-week-") as scratch,
        running_sample_web(Path(scratch)) as web,
        Nursery(apart=True) as nursery,
        Disk(nursery, Path(tempfile.mkdtemp(dir=scratch)), "1g") as calm,
        Disk(nursery, Path(tempfile.mkdtemp(dir=scratch)), "1g") as rough,
    ):
        print_lived("the perfect week", Site(nursery, calm, web, JOBS).live([Weather.FAIR] * given.hours, source))
        print_lived("the other week", Site(nursery, rough, web, JOBS).live(forecast(given.hours, source), source))
        try:
            nursery.do(partial(assert_no_day_lacks, rough.data_dir, calm.data_dir))
            nursery.do(partial(assert_sound, rough.data_dir, each=True))
        except AssertionError as error:
            print(f"\nMISSED {error}")
            return 1
    print(f"\nok     each day ends with what a perfect run would hold ({time.monotonic() - began:.0f} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
