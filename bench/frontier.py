"""Memory of a crawl that knows a million addresses: `python -m bench.frontier [--urls 1000000] [--hosts 1] [--pages 1000]`.

A server on loopback has a sitemap index whose sitemaps, of 50,000 addresses each, name all of them; `archiver crawl` takes them
in, captures the first of the pages and passes over the others (`--max-pages`). All processes of the crawl together are to hold
less than 300 MB. Exits 1 where they hold more.
"""

import argparse
import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.memory import watched

MAX_MB = 300
ENTRIES = 50_000  # of one sitemap: what sitemaps.org allows
SEED = "http://seed.example"


def url_of(number: int, hosts: int) -> str:
    """As a site with dated posts has them: 60 to 80 characters."""
    return f"http://blog-{number % hosts:06d}.example/2022/{number % 12 + 1:02d}/what-the-post-{number:07d}-is-about/"


def body_of(path: str, urls: int, hosts: int) -> tuple[str, bytes]:
    """Content type and body of an answer."""
    space = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    if path == "/sitemap.xml":
        places = (f"<sitemap><loc>{SEED}/sitemap-{start}.xml</loc></sitemap>" for start in range(0, urls, ENTRIES))
        return "application/xml", f"<sitemapindex {space}>{''.join(places)}</sitemapindex>".encode()
    if path.startswith("/sitemap-"):
        start = int(path.removeprefix("/sitemap-").removesuffix(".xml"))
        entries = (
            f"<url><loc>{url_of(number, hosts)}</loc><lastmod>2022-09-11T12:00:00+00:00</lastmod></url>"
            for number in range(start, min(start + ENTRIES, urls))
        )
        return "application/xml", f"<urlset {space}>{''.join(entries)}</urlset>".encode()
    if path == "/robots.txt":
        return "text/plain", b"User-agent: *\nDisallow: /wp-admin/\n"
    return "text/html", f"<!DOCTYPE html><title>{path}</title><h1>{path}</h1><p>{'words ' * 300}</p>".encode()


async def serve(urls: int, hosts: int) -> None:
    """Prints its port, then serves until its standard input closes."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                path = (await reader.readuntil(b"\r\n\r\n")).split(b" ", 2)[1].decode()
                kind, body = body_of(path, urls, hosts)
                writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.close()


@contextmanager
def served(urls: int, hosts: int) -> Iterator[int]:
    """The port of a server in a process of its own."""
    command = [sys.executable, "-m", "bench.frontier", "--serve", "--urls", str(urls), "--hosts", str(hosts)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield int(server.stdout.readline())
        server.communicate()


def measure(urls: int, hosts: int, pages: int, robots: bool) -> int:
    """Returns the exit code."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, served(urls, hosts) as port:
        archive, log = Path(folder, "archive"), Path(folder, "log")
        command = [
            sys.executable, "-m", "archiver.cli", "crawl", f"{SEED}/sitemap.xml", "--archive", str(archive), "--delay", "0",
            "--max-pages", str(pages), "--no-screenshots", "--quiet", "--connect-to", f"::127.0.0.1:{port}",
            *([] if robots else ["--ignore-robots", "a benchmark of memory"]),
        ]  # fmt: skip
        run = watched(command, log)
        state = sum(path.stat().st_size for path in archive.glob("state.db*"))
        print(
            f"{urls:,} addresses on {hosts:,} hosts: {run.seconds:,.0f} s, at most {run.peak_pss_mb:.0f} MB in"
            f" {run.processes} processes, state.db {state / 1e6:,.0f} MB",
            flush=True,
        )
        if run.returncode:
            print(log.read_text(errors="replace")[-2_000:])
        return 1 if run.returncode or run.peak_pss_mb > MAX_MB else 0


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--urls", type=int, default=1_000_000)
    options.add_argument("--hosts", type=int, default=1)
    options.add_argument("--pages", type=int, default=1_000, help="how many of them are captured")
    options.add_argument("--robots", action="store_true", help="ask each host for its robots.txt")
    options.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.serve:
        asyncio.run(serve(given.urls, given.hosts))
        return 0
    return measure(given.urls, given.hosts, given.pages, given.robots)


if __name__ == "__main__":
    sys.exit(main())
