"""A thousand renders: does memory grow? `python -m bench.soak [--renders 1000]`; exits 1 where it does.

Draws the sample web's pages again and again in one process, and compares the highest memory of that process and all below it
(browsers included) over the first fifty renders with the highest over all of them.
"""

import argparse
import asyncio
import itertools
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path

from archiver.config.settings import CrawlSettings
from archiver.crawling.session import CrawlPlan, open_session
from archiver.model.render import RenderStatus, RenderTarget
from archiver.sampleweb import NOTEBOOK_URL, running_sample_web
from archiver.sampleweb.notebook import url_of
from tests.support.memory import held_by

FIRST = 50
MAX_GROWTH = 1.3
SAMPLE_SECONDS = 0.5


async def draw(folder: Path, cacert: Path, connect_to: tuple[str, ...], urls: list[str], count: int) -> None:
    """Prints a line for each render that is done."""
    settings = CrawlSettings(delay=0, cacert=cacert, connect_to=connect_to)
    session = open_session(CrawlPlan(folder / "archive", (NOTEBOOK_URL,), job="soak", settings=settings))
    assert session.rendering is not None, "there is no browser"
    rendering, numbers, endless = session.rendering, itertools.count(1), itertools.cycle(urls)

    async def work() -> None:
        while (number := next(numbers)) <= count:
            render = await rendering.render(RenderTarget(next(endless)), str(uuid.uuid4()))
            assert render.ended is not RenderStatus.FAILED, render.reason
            print(number, flush=True)

    await asyncio.gather(*(work() for _ in range(settings.renders)))
    await session.close()


def measured(command: list[str]) -> tuple[float, float]:
    """The highest memory in MB over the first renders, and over all."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        highest = {"first": 0, "all": 0}
        done = 0

        def sample() -> None:
            while process.poll() is None:
                pss = held_by(process.pid)[0]
                highest["all"] = max(highest["all"], pss)
                if done <= FIRST:
                    highest["first"] = max(highest["first"], pss)
                time.sleep(SAMPLE_SECONDS)

        watching = threading.Thread(target=sample)
        watching.start()
        assert process.stdout is not None
        for line in process.stdout:
            done = int(line)
            if done == FIRST or done % 100 == 0:
                print(f"{done} renders, at most {highest['all'] / 1e6:.0f} MB so far", flush=True)
        watching.join()
    if process.returncode:
        sys.exit(f"the renders ended with {process.returncode}")
    return highest["first"] / 1e6, highest["all"] / 1e6


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--renders", type=int, default=1_000)
    options.add_argument("--drawing", nargs="+", help=argparse.SUPPRESS)  # what this program calls itself with
    given = options.parse_args()
    if given.drawing:
        folder, cacert, urls, *connect_to = given.drawing
        asyncio.run(draw(Path(folder), Path(cacert), tuple(connect_to), urls.split(), given.renders))
        return 0
    with tempfile.TemporaryDirectory(prefix="archiver-soak-") as scratch, running_sample_web(Path(scratch)) as web:
        urls = " ".join(url_of(post) for post in web.posts if post.on(1))
        command = [
            sys.executable,
            "-m",
            "bench.soak",
            "--renders",
            str(given.renders),
            "--drawing",
            scratch,
            str(web.cacert),
            urls,
        ]
        first, highest = measured([*command, *web.connect_to])
    cleared = highest <= MAX_GROWTH * first
    words = f"{highest:.0f} MB at most in {given.renders} renders, {first:.0f} MB in the first {FIRST}"
    print(f"\n{'ok    ' if cleared else 'MISSED'} {words}: {highest / first:.2f} times as much, at most {MAX_GROWTH}")
    return 0 if cleared else 1


if __name__ == "__main__":
    sys.exit(main())
