"""How much memory processes hold together: those of a command, or this one and all below it (Linux, from /proc)."""

import os
import re
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SAMPLE_SECONDS = 0.1  # one look at three processes of 100 MB costs about 3 ms, so 3 % of one core
BROWSERS_SAMPLE_SECONDS = 0.5  # thirty processes of browsers cost 40 ms, most of it in the kernel
FIELD = re.compile(r"^(Rss|Pss):\s+(\d+) kB$", re.M)


@dataclass(frozen=True, slots=True)
class Run:
    """How one command went."""

    returncode: int
    seconds: float
    peak_pss_mb: float
    """The highest sum of the proportional set sizes: pages that processes share count once. 1 MB is 10^6 bytes."""
    peak_rss_mb: float
    """The highest sum of the resident set sizes: shared pages count in each process."""
    processes: int
    """At that peak."""


def watched(command: Sequence[str], log: Path) -> Run:
    """Runs the command to its end, output into `log`."""
    with log.open("wb") as out:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
        peak = (0, 0, 0)
        while True:
            try:
                process.wait(SAMPLE_SECONDS)
                break
            except subprocess.TimeoutExpired:
                peak = max(peak, held_by(process.pid))
        seconds = time.perf_counter() - started
    pss, rss, count = peak
    return Run(process.returncode, seconds, pss / 1e6, rss / 1e6, count)


def held_by(root: int) -> tuple[int, int, int]:
    """PSS and RSS in bytes, summed over a process and all below it, and how many they are."""
    pss = rss = count = 0
    for pid in family(root):
        try:
            fields = dict(FIELD.findall(Path(f"/proc/{pid}/smaps_rollup").read_text()))
        except (FileNotFoundError, ProcessLookupError):  # ended in the meantime
            continue
        pss += 1024 * int(fields["Pss"])
        rss += 1024 * int(fields["Rss"])
        count += 1
    return pss, rss, count


def family(root: int) -> list[int]:
    """A process and all its descendants, by the parent that /proc/PID/stat names."""
    parents: dict[int, int] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                # The name in brackets may hold spaces and brackets itself; the parent is the second field after it (proc(5)).
                stat = Path(entry.path, "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            parents[int(entry.name)] = int(stat[1])
    found = [root]
    for pid in found:
        found.extend(child for child, parent in parents.items() if parent == pid)
    return found


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
        while not self._over.wait(BROWSERS_SAMPLE_SECONDS):
            self.highest = max(self.highest, held_by(os.getpid())[0])
            self.processes |= set(family(os.getpid())) - self._before
