"""The crawl benchmark: plain Scrapy, this archiver and `wget --warc-file` on one site, in interleaved rounds of one run.

`python -m bench.crawl [--rounds 5] [--archiver .venv/bin/archiver] [--before OTHER/bin/archiver]`; exits 1 where a bar is missed.
Ratios are what counts: all run on the same machine in the same minutes, each as a process of its own, timed from start to end.
"""

import argparse
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench import site
from bench.blobs import ensure_built
from bench.results import check_archive, check_plain_scrapy, check_wget
from tests.support.memory import Run, watched

CACHE = Path(__file__).parent / ".cache" / "site"
CONNECTIONS = 16
# What a crawl asks of Twitter. Nobody answers there in the benchmark: each host costs one refused connection and a note.
PLATFORM_HOSTS = (
    "cdn.syndication.twimg.com",
    "pbs.twimg.com",
    "pic.twitter.com",
    "platform.twitter.com",
    "publish.twitter.com",
    "t.co",
    "video.twimg.com",
)
MIN_TO_SCRAPY = 0.9
MIN_TO_WGET = 1.5
MAX_MEMORY_MB = 250


@dataclass(frozen=True, slots=True)
class Peer:
    """One of those that race. `command` and `check` are given the site's address and an empty folder of the peer's own."""

    name: str
    command: Callable[[str, Path], Sequence[str]]
    check: Callable[[Path], None]
    """Raises `WrongResult` where the work was not done, however fast."""


def archiver_command(archiver: Sequence[str], refusing_port: int) -> Callable[[str, Path], list[str]]:
    nowhere = [part for host in PLATFORM_HOSTS for part in ("--connect-to", f"{host}:443:127.0.0.1:{refusing_port}")]

    def command(base: str, folder: Path) -> list[str]:
        options = [
            "--archive",
            str(folder / "archive"),
            "--allow-private",
            "--concurrency",
            str(CONNECTIONS),
            "--delay",
            "0",
            "--no-screenshots",  # neither of the peers draws anything
            "--quiet",
        ]
        # From a folder of its own: its worker processes must not find another version's package in the current one.
        return ["env", "-C", str(folder), *archiver, "crawl", f"{base}/sitemap.xml", *options, *nowhere]

    return command


def wget_command(base: str, folder: Path) -> list[str]:
    # From the index page, since wget reads no sitemaps. One connection: it knows no more.
    options = ["-q", "-r", "-l", "inf", "-p", "-e", "robots=off", "-P", str(folder / "files"), f"--warc-file={folder / 'site'}"]
    return ["wget", *options, f"{base}/"]


def scrapy_command(base: str, folder: Path) -> list[str]:
    return [sys.executable, "-m", "bench.plain_scrapy", f"{base}/sitemap.xml", str(folder / "found.json")]


def peers(archiver: Sequence[str], before: Sequence[str], refusing_port: int) -> tuple[Peer, ...]:
    """`before` is the command of another version of this program, or empty."""

    def ours(name: str, command: Sequence[str]) -> Peer:
        return Peer(name, archiver_command(command, refusing_port), lambda folder: check_archive(folder / "archive", command))

    return (
        Peer("scrapy", scrapy_command, check_plain_scrapy),
        ours("archiver", archiver),
        *([ours("before", before)] if before else []),
        Peer("wget", wget_command, check_wget),
    )


@contextmanager
def served_site() -> Iterator[str]:
    """The site's address while its server runs."""
    ensure_built(CACHE)
    command = [sys.executable, "-m", "bench.server", str(CACHE)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None and server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.stdin.close()


@contextmanager
def refusing_port() -> Iterator[int]:
    """A loopback port that refuses connections: bound, so that nobody else takes it, and not listening."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


def one_run(peer: Peer, base: str, scratch: Path) -> Run:
    folder = scratch / peer.name
    folder.mkdir()
    log = scratch / f"{peer.name}.log"
    run = watched(peer.command(base, folder), log)
    if run.returncode:
        sys.exit(f"{peer.name} failed with {run.returncode}:\n{log.read_text(errors='replace')[-2000:]}")
    peer.check(folder)
    shutil.rmtree(folder)
    print(f"  {peer.name:9} {site.PAGES / run.seconds:6.1f} pages/s {run.seconds:6.1f} s {run.peak_pss_mb:7.0f} MB", flush=True)
    return run


def race(racing: Sequence[Peer], rounds: int, base: str) -> dict[str, list[Run]]:
    """Interleaved: each round runs all, each time another one first, so that a slow minute of the machine hits all alike."""
    runs: dict[str, list[Run]] = {peer.name: [] for peer in racing}
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}", flush=True)
        shift = number % len(racing)
        for peer in (*racing[shift:], *racing[:shift]):
            with tempfile.TemporaryDirectory(prefix="archiver-bench-") as scratch:
                runs[peer.name].append(one_run(peer, base, Path(scratch)))
    return runs


def report(runs: dict[str, list[Run]]) -> bool:
    """Prints the table and the bars; True where all are cleared."""
    print(f"\n{'':9} {'pages/s, each round':40} {'median':>7} {'PSS MB':>7} {'RSS MB':>7} {'processes':>9}")
    speed = {}
    for name, done in runs.items():
        speeds = [site.PAGES / run.seconds for run in done]
        speed[name] = median(speeds)
        highest = max(done, key=lambda run: run.peak_pss_mb)
        each = " ".join(f"{value:6.1f}" for value in speeds)
        print(
            f"{name:9} {each:40} {speed[name]:7.1f} {highest.peak_pss_mb:7.0f} {highest.peak_rss_mb:7.0f} {highest.processes:9}"
        )
    if "before" in speed and "archiver" in speed:
        print(f"\n      {speed['archiver'] / speed['before']:.2f} of the pages/s of the other version")
    if not {"archiver", "scrapy", "wget"} <= set(speed):
        return True
    peak_mb = max(run.peak_pss_mb for run in runs["archiver"])
    to_scrapy, to_wget = speed["archiver"] / speed["scrapy"], speed["archiver"] / speed["wget"]
    bars = (
        (f"{to_scrapy:.2f} of plain Scrapy's pages/s, at least {MIN_TO_SCRAPY}", to_scrapy >= MIN_TO_SCRAPY),
        (f"{to_wget:.2f} times wget's pages/s, at least {MIN_TO_WGET}", to_wget >= MIN_TO_WGET),
        (f"{peak_mb:.0f} MB at most over all processes, under {MAX_MEMORY_MB}", peak_mb < MAX_MEMORY_MB),
    )
    print()
    for words, cleared in bars:
        print(f"{'ok    ' if cleared else 'MISSED'} {words}")
    return all(cleared for _, cleared in bars)


def command_of(words: str) -> list[str]:
    """The command's words, its program by an absolute path."""
    program, *rest = shlex.split(words) or [""]
    return [str(Path(program).absolute()), *rest] if program else []


def main() -> int:
    beside = Path(sys.executable).with_name("archiver")
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--archiver", default=str(beside), help="the command to measure (default: the one beside this Python)")
    options.add_argument("--before", default="", help="the command of another version, measured in the same rounds")
    options.add_argument("--only", choices=("scrapy", "archiver", "before", "wget"), action="append", help="no bars; repeatable")
    given = options.parse_args()
    if "wget" in (given.only or ["wget"]) and shutil.which("wget") is None:
        sys.exit("wget is missing, one of the three to compare: install it (Debian: apt-get install wget)")
    with refusing_port() as port, served_site() as base:
        racing = peers(command_of(given.archiver), command_of(given.before), port)
        racing = tuple(peer for peer in racing if peer.name in (given.only or [peer.name]))
        print(f"{site.PAGES} pages of {site.PAGE_BYTES // 1000} KB, {site.PAGES} pictures, {CONNECTIONS} connections", flush=True)
        return 0 if report(race(racing, given.rounds, base)) else 1


if __name__ == "__main__":
    sys.exit(main())
