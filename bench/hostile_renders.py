"""Pages made to hurt a browser, drawn one after the other: how long each takes, and how it ends.

`python -m bench.hostile_renders [--seconds 60] [PATH...]`; exits 1 where one takes longer than its time and a few seconds, ends
without a screenshot and without a reason, or takes too much memory.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import threading
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from archiver.config.settings import CrawlSettings
from archiver.crawling.session import CrawlPlan, Session, open_session
from archiver.model.render import Ended, Render, RenderTarget
from archiver.sampleweb import SampleWeb, hostile, running_sample_web
from bench.memory import family, held_by

TROUBLE = f"https://{hostile.HOST}"
MADE = ("/pictures", "/redirects", "/deep")
"""Pages that are no rows of the table of hostile pages."""
OVER_SECONDS = 10.0  # beyond the cap: what must be cleaned up, on a machine that does other things as well
MAX_MEMORY_MB = 9_000  # of this process and all below it: a browser has up to three processes that may take 3 GB each
SAMPLE_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Drawn:
    """How one page went."""

    path: str
    seconds: float
    render: Render
    memory_mb: float = 0.0
    """The highest so far while it was drawn, the sample web included."""

    def trouble(self, cap: float) -> str | None:
        if self.seconds > cap + OVER_SECONDS:
            return f"took {self.seconds:.0f} s, the cap is {cap:g}"
        if self.render.ended is Ended.FAILED and not self.render.reason:
            return "has neither a screenshot nor a reason"
        return f"took {self.memory_mb:.0f} MB" if self.memory_mb > MAX_MEMORY_MB else None

    def __str__(self) -> str:
        shots = ", ".join(f"{one.kind.value} {one.quality.value}" for one in self.render.screenshots) or "nothing drawn"
        figures = f"{self.path:<14} {self.seconds:5.1f} s {self.memory_mb:6.0f} MB"
        return f"{figures}  {self.render.ended.value:<8} {shots}; {self.render.reason or 'as any other page'}"


def all_paths() -> tuple[str, ...]:
    """Of every hostile page."""
    return (*hostile.paths(), *MADE)


def session_for(web: SampleWeb, archive: Path, *, seconds: float, at_once: int) -> Session:
    """Whose names alone lead to the sample web: addresses meet the guard."""
    ports = ((443, web.https_port), (80, web.http_port))
    routes = tuple(f"{host}:{port}:127.0.0.1:{here}" for host in web.host_names for port, here in ports)
    settings = CrawlSettings(delay=0, cacert=web.cacert, connect_to=routes, render_time=seconds, renders=at_once)
    session = open_session(CrawlPlan(archive, (), job="hostile", settings=settings))
    if session.rendering is None:
        sys.exit("there is no browser to draw with: `make browser` gets one")
    return session


async def drawn(session: Session, url: str) -> Drawn:
    assert session.rendering is not None
    started = time.monotonic()
    render = await session.rendering.render(RenderTarget(url), str(uuid.uuid4()))
    return Drawn(url.removeprefix(TROUBLE), time.monotonic() - started, render)


class Memory:
    """The highest that this process and all below it held, in bytes, since `restart`; and which it has started."""

    def __init__(self) -> None:
        self.highest = 0
        self.processes: set[int] = set()
        self._before = set(family(os.getpid()))
        self._over = threading.Event()
        self._watching = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Memory":
        self._watching.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._watching.join()

    def restart(self) -> None:
        self.highest = 0

    def _watch(self) -> None:
        while not self._over.wait(SAMPLE_SECONDS):
            self.highest = max(self.highest, held_by(os.getpid())[0])
            self.processes |= set(family(os.getpid())) - self._before


async def draw_all(web: SampleWeb, archive: Path, seconds: float, paths: tuple[str, ...]) -> int:
    """How many went over a bar."""
    session, bad = session_for(web, archive, seconds=seconds, at_once=1), 0
    with Memory() as memory:
        for path in paths:
            memory.restart()
            one = await drawn(session, TROUBLE + path)
            one = Drawn(one.path, one.seconds, one.render, memory.highest / 1e6)
            trouble = one.trouble(seconds)
            bad += trouble is not None
            print(f"{'MISSED' if trouble else 'ok    '} {one}" + (f" ({trouble})" if trouble else ""), flush=True)
    await session.close()
    return bad


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=float, default=CrawlSettings().render_time, help="for one page")
    options.add_argument("paths", nargs="*", metavar="PATH")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="archiver-bench-") as scratch, running_sample_web(Path(scratch)) as web:
        paths = tuple(given.paths) or all_paths()
        bad = asyncio.run(draw_all(web, Path(scratch) / "archive", given.seconds, paths))
    print(f"\n{'MISSED' if bad else 'ok    '} {len(paths)} hostile pages, {bad} over a bar")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
