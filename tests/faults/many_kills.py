"""A crawler killed two hundred times: is anything lost? `python -m tests.faults.many_kills [--kills 200]`; exits 1 where it is.

SIGKILL at random moments of crawls of the sample web: at times spread over the crawl, and in the middle of calls that write (WARC
bytes, fsync, index and frontier, rolls, manifests, torn ends, renders). After each kill the same crawl goes on; each archive is
then compared with one whose crawl was never killed, judged by warcio and FastWARC, verified, and indexed anew.
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

from archiver.crawling.session import CrawlPlan
from archiver.sampleweb import DIARY_URL, MAGAZINE_URL, NOTEBOOK_URL, SAMPLE_POST, SampleWeb, running_sample_web
from tests.faults.attempts import Nursery
from tests.faults.killing import Kills, campaign
from tests.support.crawling import plan_of

# What is crawled, and its share of the kills.
PARTS: dict[str, tuple[float, Callable[[SampleWeb, Path], CrawlPlan]]] = {
    "diary and magazine": (0.45, lambda web, data_dir: plan_of(web, data_dir, (DIARY_URL, MAGAZINE_URL))),
    "notebook": (0.3, lambda web, data_dir: plan_of(web, data_dir, (NOTEBOOK_URL,))),
    "a post, drawn": (0.25, lambda web, data_dir: plan_of(web, data_dir, (SAMPLE_POST,), screenshots="posts")),
}


def print_kills(name: str, kills: Kills, seconds: float) -> None:
    own = f"{kills.by_itself} of them at a call that was named before; what was under way, often several things at once:"
    print(f"\n{name}: {kills.total} kills in {seconds:.0f} s, {own}")
    for phase, count in kills.phases.most_common():
        print(f"  {count:4} {phase}")


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--kills", type=int, default=200)
    options.add_argument("--seed", type=int, default=1, help="another one, other moments")
    options.add_argument("--only", choices=tuple(PARTS), help="crawl nothing else")
    given = options.parse_args()
    parts = {given.only: (1.0, PARTS[given.only][1])} if given.only else PARTS
    source, done, began = random.Random(given.seed), Kills(), time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="archiver-kills-") as scratch,
        running_sample_web(Path(scratch)) as web,
        Nursery() as nursery,
    ):
        for number, (name, (share, plan)) in enumerate(parts.items()):
            folder = Path(scratch) / str(number)
            folder.mkdir()
            told = partial(print, f"{name}:", flush=True)
            wanted = round(given.kills * share)
            try:
                kills = campaign(nursery, web, partial(plan, web), folder, wanted, source, each=True, told=told)
            except AssertionError as error:
                print(f"\nMISSED {name}: {error}")
                return 1
            print_kills(name, kills, time.monotonic() - began)
            done = Kills(done.total + kills.total, done.by_itself + kills.by_itself, Counter(done.phases + kills.phases))
    print_kills("all", done, time.monotonic() - began)
    print("\nok     nothing was lost, nothing is there twice, no process was left")
    return 0


if __name__ == "__main__":
    sys.exit(main())
