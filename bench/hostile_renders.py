"""Pages made to hurt a browser, drawn one after the other: how long each takes, and how it ends.

`python -m bench.hostile_renders [--seconds 60] [PATH...]`; exits 1 where one takes longer than its time and a few seconds, ends
without a screenshot and without a reason, or takes too much memory.
"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from archiver.config.settings import CrawlSettings
from archiver.sampleweb import SampleWeb, running_sample_web
from tests.support.hostile_renders import TROUBLE, Drawn, all_paths, drawn, session_for
from tests.support.memory import Memory


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
