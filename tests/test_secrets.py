"""Secrets that the user gave: each with a word of its own, looked for in all that a run leaves and says."""

import base64
import contextlib
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import spiders.response_policy
from archiver.cli import run
from archiver.tasks.reindex import reindex
from tests.support.crawling import records
from tests.support.webs import page, running_web

BLOG = "blog.example"
KINDS = (
    "proxy-user",
    "proxy-password",
    "cookie",
    "ping-start",
    "ping-failure",
    "seed-password",
    "seed-of-a-job",
    "tsa-password",
    "bad-seed",
    "backup-password",
    "bad-ping",
)
EMPTY_PLACES = 4  # a run leaves index, state, WARC files, manifests at least


def secret(kind: str) -> str:
    return f"zq{kind.replace('-', '')}9w"


@dataclass(frozen=True, slots=True)
class Left:
    """What a run and a crawl by hand left, and what they said."""

    folder: Path
    said: str
    codes: tuple[int, ...]

    @property
    def everything(self) -> bytes:
        """All files but the two that the user wrote, WARC records as they are written, and all that was printed."""
        own = {"archiver.toml", "cookies.txt"}
        files = [path for path in sorted(self.folder.rglob("*")) if path.is_file() and path.name not in own]
        assert len(files) > EMPTY_PLACES
        told = [str(record.headers).encode() + record.block.bytes() for record in records(self.folder / "archive")]
        names = [str(path).encode() for path in files]
        return b"\n".join([*(path.read_bytes() for path in files), *names, *told, self.said.encode()])


def settings(folder: Path, web_options: str, closed: int) -> str:
    return f"""
[crawl]
delay = 0
screenshots = "none"
{web_options}

[jobs.blog]
seeds = ["https://ann:{secret("seed-of-a-job")}@{BLOG}/post/"]
schedule = "17 3 * * *"

[jobs.proxied]
seeds = ["https://bob:{secret("seed-password")}@{BLOG}/post/"]
schedule = "17 3 * * *"
proxy = "http://{secret("proxy-user")}:{secret("proxy-password")}@127.0.0.1:{closed}"

[hosts."{BLOG}"]
cookies = "{folder / "cookies.txt"}"

[run]
log = "{folder / "run.jsonl"}"
metrics = "{folder / "run.prom"}"

[run.ping]
start = "http://127.0.0.1:{closed}/{secret("ping-start")}"
failure = "http://carl:{secret("ping-failure")}@127.0.0.1:{closed}/x"

[[timestamps]]
url = "http://dora:{secret("tsa-password")}@127.0.0.1:{closed}/tsa"
root = "{folder / "ca.pem"}"
"""


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Left]:
    folder = tmp_path_factory.mktemp("secrets")
    said, archive = folder / "said.txt", folder / "archive"
    (folder / "web").mkdir()
    archive.mkdir()
    with running_web(folder / "web") as web, pytest.MonkeyPatch.context() as patch, socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # never listens
        closed = unused.getsockname()[1]
        patch.setattr(spiders.response_policy, "RETRY_SECONDS", 0.01)
        web[BLOG, "/post/"] = page("A post")
        rules = ", ".join(f'"{rule}"' for rule in web.connect_to)
        (folder / "ca.pem").write_bytes(web.cacert.read_bytes())
        (folder / "cookies.txt").write_text(f"{BLOG}\tFALSE\t/\tTRUE\t0\tid\t{secret('cookie')}\n")
        config = settings(folder, f'cacert = "{web.cacert}"\nconnect_to = [{rules}]', closed)
        (archive / "archiver.toml").write_text(config)
        by_hand = (f"https://eve:{secret('seed-password')}@{BLOG}/post/", f"https://fay:{secret('bad-seed')}@[::/", "ftp://x@y/")
        proxy = f"http://{secret('proxy-user')}:{secret('proxy-password')}@127.0.0.1:{closed}"
        at = ("--archive", str(archive), "-v")
        with said.open("w") as file, contextlib.redirect_stdout(file), contextlib.redirect_stderr(file):
            codes: tuple[int, ...] = (
                run(["run", *at]),
                run(["run", "--list", *at]),
                run(["run", "--list", "--json", *at]),
                run(["crawl", *by_hand, *at]),
                run(["crawl", *by_hand, "--json", "--proxy", proxy, *at]),
                run(["crawl", by_hand[0], "--proxy", f"socks5://x:{secret('proxy-password')}@y", *at]),
                run(["find", by_hand[0], "--json", *at]),
                run(["status", *at]),
                run(["status", "--json", *at]),
                run(["verify", *at]),
                run(["verify", "--json", *at]),
                run(["schedule", "--systemd", "--archive", str(archive)]),
                run(["backup", f"http://gus:{secret('backup-password')}@127.0.0.1:{closed}/x", *at]),
            )
            (archive / "archiver.toml").write_text(f'[run.ping]\nstart = "ftp://x/{secret("bad-ping")}"\n')
            codes = (*codes, run(["run", *at]))
            (archive / "archiver.toml").write_text(config)
        assert any(f"id={secret('cookie')}" in asked.headers.get("cookie", "") for asked in web.asked)
    text = said.read_text()
    said.unlink()
    yield Left(folder, text, codes)


@pytest.mark.parametrize("kind", KINDS)
def test_a_secret_is_in_no_file_and_in_nothing_that_is_said(left: Left, kind: str) -> None:
    assert secret(kind).encode() not in left.everything


def test_nor_is_the_password_for_the_proxy_in_the_form_in_which_it_is_sent(left: Left) -> None:
    both = f"{secret('proxy-user')}:{secret('proxy-password')}".encode()
    assert base64.b64encode(both) not in left.everything


def test_all_of_it_was_used_and_told_about(left: Left) -> None:
    assert left.codes[0] == 4, left.said  # the proxied job
    assert "the proxy 127.0.0.1" in left.said and "the ping on start came to nothing" in left.said
    assert "the timestamp authority http://127.0.0.1" in left.said
    assert "cannot write backup.json in http://…@127.0.0.1" in left.said and "ExecStart=" in left.said
    assert "[::/ is not a URL" in left.said and "--proxy is not understood" in left.said
    assert "other users of this machine can read the cookie file" in left.said
    assert b"[blanked]" in left.everything


def test_it_is_so_after_a_reindex(left: Left) -> None:
    reindex(left.folder / "archive")
    assert not [kind for kind in KINDS if secret(kind).encode() in left.everything]
