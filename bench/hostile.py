"""Pages made to be expensive, one by one: seconds and memory that each takes to read, in a process of its own.

`python -m bench.hostile [WORD...]` measures those whose names have all the words; exits 1 where a page is over a bar.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from archiver.extraction.record import extract
from archiver.model.exchange import CapturedResponse, ResourceType
from archiver.wire.http1 import parse_head
from archiver.wire.spool import Spool
from bench.hostile_pages import pages

MAX_SECONDS = 2.0
MAX_MEMORY_MB = 1_000  # of the process that reads, the page itself included. 1 MB is 10^6 bytes
PATIENCE_SECONDS = 60.0
HEAD = parse_head(b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n")
SHOWN = 12  # of the pages within both bars, the slowest


@dataclass(frozen=True, slots=True)
class Measured:
    """How reading one page went."""

    name: str
    seconds: float
    """Of the processor, so that other programs do not count."""
    memory_mb: float
    """The peak of the whole process: before the page is read it has some 100 MB, and twice the page's size."""
    embeds: int
    trouble: str | None = None

    @property
    def within(self) -> bool:
        return self.trouble is None and self.seconds <= MAX_SECONDS and self.memory_mb <= MAX_MEMORY_MB


def read(name: str) -> Measured:
    """In this process: what the archive does with a captured page, from its bytes to its findings."""
    body = pages()[name]().encode("utf-8", "replace")
    seen = CapturedResponse(
        "https://blog.example/a/", datetime(2022, 9, 12, tzinfo=UTC), HEAD, Spool(body), ResourceType.DOCUMENT
    )
    started = time.process_time()
    found = extract(seen)
    seconds = time.process_time() - started
    kibibytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    embeds = len(found.embeds.embeds) if found.embeds else 0
    return Measured(name, seconds, kibibytes * 1024 / 1e6, embeds, found.unreadable)


def read_apart(name: str) -> Measured:
    """In a process of its own, which may crash or never end."""
    command = [sys.executable, "-m", "bench.hostile", "--read", name]
    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return Measured(name, PATIENCE_SECONDS, 0.0, 0, f"not read after {PATIENCE_SECONDS:g} s")
    if ended.returncode:
        return Measured(name, 0.0, 0.0, 0, f"exit {ended.returncode}: {ended.stderr.strip()[-200:]}")
    return Measured(**json.loads(ended.stdout))


def line(one: Measured) -> str:
    verdict = "ok  " if one.within else "OVER"
    return (
        f"{verdict} {one.seconds:7.2f} s {one.memory_mb:7.0f} MB {one.embeds:7,} embeds  {one.name}  {one.trouble or ''}".rstrip()
    )


def main(arguments: Sequence[str] | None = None) -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("words", nargs="*", help="parts of names")
    options.add_argument("--read", metavar="NAME", help="reads one page in this process and prints its measures as JSON")
    given = options.parse_args(arguments)
    if given.read:
        one = read(given.read)
        print(json.dumps({field: getattr(one, field) for field in Measured.__slots__}), flush=True)
        os._exit(0)  # to take millions of objects apart takes seconds
    measured = []
    for name in pages():
        if all(word in name for word in given.words):
            measured.append(read_apart(name))
            if not measured[-1].within:
                print(line(measured[-1]), flush=True)
    over = [one for one in measured if not one.within]
    for one in sorted((one for one in measured if one.within), key=lambda one: -one.seconds)[:SHOWN]:
        print(line(one))
    print(f"{len(measured) - len(over)} of {len(measured)} pages within {MAX_SECONDS:g} s and {MAX_MEMORY_MB:,} MB")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
