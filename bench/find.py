"""The look-up benchmark: `find` by short link in an index of 2 million links, in the process and from a cold start.

`python -m bench.find [--archiver .venv/bin/archiver]`; exits 1 where a bar is missed.
"""

import argparse
import json
import random
import shlex
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median, quantiles

from archiver.query.archive import Archive
from archiver.storage.files.paths import ArchivePaths
from archiver.storage.index.results import ArchivedPost
from bench.links import EMBEDS_PER_PAGE, LINKS, PAGES, code, ensure_built, tweet_id

CACHE = Path(__file__).parent / ".cache" / "find"
LOOKUPS = 1_000
STARTS = 15
MAX_LOOKUP_MS = 1.0
MAX_START_MS = 250.0


def read_through(path: Path) -> None:
    """Into the system's file cache, so that the program is measured and not the disk, whatever ran before."""
    with path.open("rb") as file:
        while file.read(1 << 24):
            pass


def some_posts(count: int) -> list[int]:
    """Others in each run: the same ones again would find their pages warmer than a person's question does."""
    return random.sample(range(PAGES * EMBEDS_PER_PAGE), count)


def lookups_ms(data_dir: Path) -> list[float]:
    """Milliseconds of each `find`, everything that is shown of a post included."""
    times = []
    with Archive.open(data_dir) as archive:
        for number in some_posts(LOOKUPS):
            reference = f"pic.twitter.com/{code(number)}"
            started = time.perf_counter()
            results = archive.find(reference)
            times.append(1000 * (time.perf_counter() - started))
            if [post.post_id for post in results if isinstance(post, ArchivedPost)] != [tweet_id(number)]:
                sys.exit(f"{reference} led to {results} instead of {tweet_id(number)}")
    return times


def starts_ms(data_dir: Path, archiver: Sequence[str]) -> list[float]:
    """Milliseconds of each `archiver find`, the whole process."""
    times = []
    for number in some_posts(STARTS):
        command = [*archiver, "find", f"pic.twitter.com/{code(number)}", "--archive", str(data_dir), "--json"]
        started = time.perf_counter()
        run = subprocess.run(command, capture_output=True, text=True, check=True)
        times.append(1000 * (time.perf_counter() - started))
        if json.loads(run.stdout)["post_id"] != tweet_id(number):
            sys.exit(f"{shlex.join(command)} printed {run.stdout[:500]} instead of {tweet_id(number)}")
    return times


def cleared(what: str, times: list[float], bar: float) -> bool:
    middle, slow = median(times), quantiles(times, n=20)[-1]
    print(
        f"{'ok    ' if middle < bar else 'MISSED'} {what}: median {middle:.2f} ms, p95 {slow:.2f} ms, under {bar:g} ms",
        flush=True,
    )
    return middle < bar


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    beside = Path(sys.executable).with_name("archiver")
    options.add_argument("--archiver", default=str(beside), help="the command to measure (default: the one beside this Python)")
    archiver = shlex.split(options.parse_args().archiver)
    ensure_built(CACHE)
    read_through(ArchivePaths(CACHE).index)
    print(f"{LINKS:,} links", flush=True)
    inside = cleared(f"find, {LOOKUPS:,} random codes", lookups_ms(CACHE), MAX_LOOKUP_MS)
    outside = cleared(f"archiver find, {STARTS} cold starts", starts_ms(CACHE, archiver), MAX_START_MS)
    return 0 if inside and outside else 1


if __name__ == "__main__":
    sys.exit(main())
