"""A process that has imported all that a crawl needs, and forks one crawl after the other: each may be killed, and is seen off.

Whoever a killed crawl leaves behind (the process that reads pages, browsers) becomes a child of this one, which waits until the
last of them has ended by itself. `attempts.Nursery` starts it.
"""

import contextlib
import os
import pickle
import select
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import IO

import scrapy.crawler  # noqa: F401  these three are what a fork would have to import

import spiders.posts
import spiders.settings  # noqa: F401
from tests.faults.attempts import LENGTH, Attempt, Ended, framed
from tests.faults.moments import Watch, adopt_orphans, names_of, watch_all

PATIENCE_SECONDS = 240.0  # for what takes a few
ORPHANS_SECONDS = 30.0  # for processes that have lost their parent; they end within one


def bear(watch: Watch, attempt: Attempt) -> Ended:
    """Forks, waits, and sees off whoever is left."""
    watch.begin()
    began = time.monotonic()
    with tempfile.TemporaryFile() as told, tempfile.TemporaryFile() as result:
        pid = os.fork()
        if pid == 0:
            _live(watch, attempt, told, result)
        _wait(pid, attempt.seconds or PATIENCE_SECONDS)
        status = os.waitpid(pid, 0)[1]
        seconds = time.monotonic() - began
        left = _see_off()
        told.seek(0)
        words = told.read().decode(errors="replace")
        killed = os.WIFSIGNALED(status)
        if killed and attempt.seconds is None and attempt.moment is None:
            words += f"\nit was ended by signal {os.WTERMSIG(status)}, or did not end within {PATIENCE_SECONDS:.0f} seconds"
            killed = False
        failed = not killed and status != 0
        result.seek(0)
        value = None if killed or failed else pickle.load(result)
    under_way = watch.under_way() if killed else frozenset()
    return Ended(killed, failed, value, words, seconds, watch.counts(), under_way, tuple(left))


def _live(watch: Watch, attempt: Attempt, told: IO[bytes], result: IO[bytes]) -> None:
    """The forked process: does the work and ends. It never comes back."""
    code = 1
    with contextlib.suppress(BaseException):
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(told.fileno(), 1)
        os.dup2(told.fileno(), 2)
        watch.moment = attempt.moment
        try:
            pickle.dump(attempt.work(), result)
            result.flush()
            code = 0
        except BaseException:  # noqa: BLE001  whoever forked it raises it again, with these words
            traceback.print_exc()
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def _wait(pid: int, seconds: float) -> None:
    """Until it has ended, or has had its time: then it is killed."""
    descriptor = os.pidfd_open(pid)
    try:
        if not select.select([descriptor], [], [], seconds)[0]:
            os.kill(pid, signal.SIGKILL)
    finally:
        os.close(descriptor)


def _see_off() -> list[str]:
    """Waits until nobody is left below this process. Returns those who had to be killed."""
    end = time.monotonic() + ORPHANS_SECONDS
    killed: list[str] = []
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG)[0]:
                continue
        except ChildProcessError:
            return killed
        if time.monotonic() > end:
            children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
            killed += names_of([int(child) for child in children])
            for child in children:
                os.kill(int(child), signal.SIGKILL)
        time.sleep(0.01)


def main() -> None:
    adopt_orphans()
    watch = Watch()
    watch_all(watch)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints must not get between the answers
    answers.write(framed(None))  # it is there
    answers.flush()
    while len(prefix := sys.stdin.buffer.read(LENGTH.size)) == LENGTH.size:
        attempt = pickle.loads(sys.stdin.buffer.read(LENGTH.unpack(prefix)[0]))
        answers.write(framed(bear(watch, attempt)))
        answers.flush()


if __name__ == "__main__":
    main()
