"""The render benchmark: `archiver render --missing` and bare Playwright on the same pages with the same browser, in one run.

`python -m bench.render [--rounds 3] [--archiver .venv/bin/archiver]`; exits 1 where the bar is missed. The sample web is served
by this process to both. The archiver asks for each page over its own fetcher, records every byte, extracts, indexes and writes
PNG and WebP; bare Playwright only waits for the network to be idle and takes the same pictures.
"""

import argparse
import json
import shlex
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from statistics import median

from archiver.browser.chromium import find_browser
from archiver.sampleweb import NOTEBOOK_URL, SampleWeb, running_sample_web

AT_ONCE = 2
MIN_RATIO = 0.7


def network(web: SampleWeb) -> list[str]:
    routes = (part for route in web.connect_to for part in ("--connect-to", route))
    return ["--cacert", str(web.cacert), "--delay", "0", *routes]


def crawled(web: SampleWeb, folder: Path, archiver: Sequence[str]) -> Path:
    """An archive of the notebook in which nothing is drawn yet."""
    archive = folder / "crawled"
    options = ["--no-screenshots", "--quiet", "--archive", str(archive), *network(web)]
    subprocess.run([*archiver, "crawl", NOTEBOOK_URL, *options], check=True)
    return archive


def by_archiver(web: SampleWeb, archive: Path, folder: Path, archiver: Sequence[str]) -> tuple[float, list[str]]:
    """Seconds, and the addresses that were drawn."""
    copy = shutil.copytree(archive, folder / "drawn")
    started = time.perf_counter()
    command = [*archiver, "render", "--missing", "--json", "--at-once", str(AT_ONCE), "--archive", str(copy), *network(web)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    if ended.returncode not in (0, 4):
        sys.exit(f"archiver render failed with {ended.returncode}:\n{ended.stderr[-2000:]}")
    with closing(sqlite3.connect(copy / "index.db")) as index:
        drawn = [url for (url,) in index.execute("SELECT url FROM renders WHERE ended <> 'failed' ORDER BY rendered_at")]
    if len(drawn) < json.loads(ended.stdout)["renders"]:
        sys.exit("the index knows of fewer renders than the command tells of")
    shutil.rmtree(copy)
    return seconds, drawn


def by_playwright(web: SampleWeb, urls: Sequence[str], folder: Path) -> float:
    """Seconds for the same pages."""
    listed = folder / "urls.json"
    listed.write_text(json.dumps(list(urls)))
    started = time.perf_counter()
    command = [
        sys.executable,
        "-m",
        "bench.plain_playwright",
        str(listed),
        str(web.https_port),
        str(AT_ONCE),
        str(find_browser()),
    ]
    subprocess.run(command, check=True)
    return time.perf_counter() - started


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--archiver", default=str(Path(sys.executable).with_name("archiver")), help="the command to measure")
    given = options.parse_args()
    if find_browser() is None:
        sys.exit("there is no browser to measure with: `make browser` gets one")
    archiver = shlex.split(given.archiver)
    ratios = []
    with tempfile.TemporaryDirectory(prefix="archiver-bench-") as scratch, running_sample_web(Path(scratch)) as web:
        archive = crawled(web, Path(scratch), archiver)
        for number in range(given.rounds):
            seconds, drawn = by_archiver(web, archive, Path(scratch), archiver)
            bare = by_playwright(web, drawn, Path(scratch))
            ratios.append(bare / seconds)
            rates = f"archiver {len(drawn) / seconds:.2f}, bare Playwright {len(drawn) / bare:.2f} renders/s"
            print(f"round {number + 1}: {len(drawn)} renders, {rates}, ratio {ratios[-1]:.2f}", flush=True)
    cleared = median(ratios) >= MIN_RATIO
    print(f"\n{'ok    ' if cleared else 'MISSED'} {median(ratios):.2f} of bare Playwright's renders/s, at least {MIN_RATIO}")
    return 0 if cleared else 1


if __name__ == "__main__":
    sys.exit(main())
