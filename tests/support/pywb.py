"""pywb, which is not ours: replays an archive on loopback."""

import gzip
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

DEADLINE_SECONDS = 60  # for pywb to start; it takes two


class Replay:
    """A pywb that runs."""

    def __init__(self, port: int) -> None:
        self.port = port

    def get(self, url: str, *, when: str = "2022", modifier: str = "mp_") -> tuple[int, bytes]:
        """Status and body of a capture; `modifier` is pywb's: `mp_` rewritten, `id_` as it was recorded."""
        return self.follow(f"/blog/{when}{modifier}/{url}")

    def follow(self, path: str) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE_SECONDS)
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read()
        connection.close()
        if response.status in (302, 307) and (location := response.getheader("Location")):
            return self.follow(location.removeprefix(f"http://127.0.0.1:{self.port}"))  # to the capture's exact time
        return response.status, gzip.decompress(body) if response.getheader("Content-Encoding") == "gzip" else body


@contextmanager
def replaying(wayback: Path, data_dir: Path, folder: Path) -> Iterator[Replay]:
    """pywb on a free port, over the archive's own files and an index that cdxj-indexer made of them."""
    indexer = Path(sys.executable).parent / "cdxj-indexer"
    files = sorted(str(path) for path in data_dir.rglob("*.warc.gz"))
    lines = subprocess.run(
        [indexer, "--sort", "--dir-root", data_dir / "warc", *files], check=True, capture_output=True, text=True
    ).stdout.splitlines(keepends=True)
    # pywb 2.10 replays a 304 as a 304, an empty page. Without these lines it takes the capture that the 304 speaks of.
    (folder / "index.cdxj").write_text("".join(line for line in lines if '"status": "304"' not in line))
    (folder / "config.yaml").write_text(
        f"collections:\n  blog:\n    index_paths: {folder / 'index.cdxj'}\n    archive_paths: {data_dir / 'warc'}/\n"
    )
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with (folder / "pywb.log").open("wb") as log:
        process = subprocess.Popen([wayback, "-b", "127.0.0.1", "-p", str(port)], cwd=folder, stdout=log, stderr=log)
        try:
            wait_for(port, process, folder / "pywb.log")
            yield Replay(port)
        finally:
            process.terminate()
            process.wait()


def wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + DEADLINE_SECONDS
    while process.poll() is None and time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"pywb did not start:\n{log.read_text(errors='replace')[-2000:]}")
