"""Bad input: one crawl meets everything at once. Each thing gets a clear line or is kept and marked; nothing else is lost."""

import asyncio
import gzip
import os
import re
import socket
import struct
import subprocess
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import spiders.response_policy
from tests.support.crawling import captures, crawl_of, records, rows
from tests.support.program import COMMAND, Ended, archiver, environment, pointed_at
from tests.support.webs import Asked, Web, Writer, page, redirect, reply, running_web, sitemap

MEGABYTE = 1 << 20
HUGE_BYTES = 200 * MEGABYTE
CAP_BYTES = 100_000_000  # what one response may have unless the user says otherwise
BOMB_BYTES = 10 << 30
MAX_RSS_KIB = 400 << 10
DEPTH = 100_000
EMBEDS = 50_000
PLATFORMS = ("cdn.syndication.twimg.com", "publish.twitter.com", "t.co", "pbs.twimg.com")
ESCAPES = "\x1b[2J\x1b]0;owned\x07\u202e\x9b31m"
GOOD = tuple(f"https://good{number}.example/post/" for number in range(6))
ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 30))
BOMB_FEED = (
    f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY e0 "ha"><!ENTITY f SYSTEM "file:///etc/hostname">{ENTITIES}]>'
    '<rss version="2.0">'
    "<channel><title>&e29;</title><item><title>&f;</title><link>https://entities.example/post/</link></item></channel></rss>"
)


def gzip_bomb() -> bytes:
    """Ten gigabytes of zeros. One megabyte is compressed so that it stands by itself, and is then repeated."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    piece = packer.compress(bytes(MEGABYTE)) + packer.flush(zlib.Z_FULL_FLUSH)
    end = packer.flush()
    head = gzip.compress(b"", mtime=0)[:10]
    return head + piece * (BOMB_BYTES // MEGABYTE) + end + struct.pack("<II", 0, BOMB_BYTES & 0xFFFFFFFF)


async def huge(_: Asked, writer: Writer) -> None:
    """A page of 200 MB that never repeats itself for long."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n<title>Huge</title>" % HUGE_BYTES)
    piece = b"<p>" + os.urandom(3 * MEGABYTE // 8).hex().encode() + b"</p>"
    for _piece in range(HUGE_BYTES // len(piece)):
        writer.write(piece)
        await writer.drain()


def embeds() -> bytes:
    urls = (f"https://twitter.com/somebody/status/{1_500_000_000_000_000_000 + number}" for number in range(EMBEDS))
    boxes = "".join(f'<blockquote class="twitter-tweet"><a href="{url}"></a></blockquote>' for url in urls)
    return reply(f"<title>Many</title>{boxes}")


def furnish(web: Web) -> None:
    for url in GOOD:
        web[url.split("/")[2], "/post/"] = page("A good post", title=url)
    web["huge.example", "/"] = huge
    web["bomb.example", "/"] = reply(gzip_bomb(), content_encoding="gzip")
    web["noise.example", "/"] = reply(os.urandom(200_000), "text/html; charset=nonsense")
    web["half.example", "/"] = reply("<title>Дві мови</title>".encode() * 20 + "Їжак".encode("cp1251") + b"\xff\xfe\x00\xd8")
    web["escapes.example", "/"] = reply(f"<title>Escape {ESCAPES}</title><p>Text {ESCAPES}</p>")
    web["loop.example", "/"] = redirect("/around/")
    web["loop.example", "/around/"] = redirect("/")
    for number in range(40):
        web["chain.example", f"/{number}/"] = redirect(f"/{number + 1}/")
    web["entities.example", "/feed/"] = reply(BOMB_FEED, "application/rss+xml")
    web["entities.example", "/sitemap.xml"] = reply(BOMB_FEED.replace("rss", "urlset"), "application/xml")
    web["deep.example", "/"] = reply(f"<title>Deep</title>{'<div>' * DEPTH}the bottom")
    web["deep.example", "/b/"] = reply(f"<title>Deep and mixed</title>{'<div><b><table><tr><td><i>' * (DEPTH // 6)}the bottom")
    web["deep.example", "/c/"] = reply(f"<title>Deep and closed</title>{'<div>' * DEPTH}the bottom{'</div>' * DEPTH}")
    anew = "".join(f"<p><b a={number}></p>" for number in range(DEPTH // 10))
    web["swarm.example", "/"] = reply(f"<title>Opened anew in each paragraph</title>{anew}the end")
    attributes = " ".join(f"a{number}=b" for number in range(DEPTH))
    web["swarm.example", "/b/"] = reply(f"<title>Attributes</title><div {attributes}>the end")
    web["many.example", "/"] = embeds()
    web["json.example", "/"] = reply("[" * DEPTH, "application/ld+json")
    web["ld.example", "/"] = reply(f'<title>LD</title><script type="application/ld+json">{"[" * DEPTH}</script><p>Text')
    web["empty.example", "/"] = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    web["nul.example", "/"] = reply(b"<title>N\0UL</title>" + b"\0" * 1000, "text/html")


HOSTILE = (
    "https://huge.example/", "https://bomb.example/", "https://noise.example/", "https://half.example/", "https://escapes.example/",
    "https://loop.example/", "https://chain.example/0/", "https://entities.example/feed/", "https://entities.example/sitemap.xml",
    "https://deep.example/", "https://deep.example/b/", "https://deep.example/c/", "https://swarm.example/",
    "https://swarm.example/b/", "https://many.example/", "https://json.example/", "https://ld.example/",
    "https://empty.example/", "https://nul.example/", "https://no-such-host.invalid/", "https://stranger.example/", "http://169.254.169.254/",
)  # fmt: skip


@dataclass(frozen=True)
class Aftermath:
    data_dir: Path
    ended: Ended
    max_rss_kib: int
    """Of the largest process of the crawl."""

    def one(self, sql: str, *bound: object) -> object:
        [row] = rows(self.data_dir, sql, *bound)
        return row


@pytest.fixture(scope="module")
def aftermath(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aftermath]:
    """All bad things in one crawl, with good pages between them, as a program of its own."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "other").mkdir()
    with socket.socket() as closed, running_web(folder) as web, running_web(folder / "other") as stranger:
        closed.bind(("127.0.0.1", 0))  # never listens: whoever connects is refused
        furnish(web)
        stranger["stranger.example", "/"] = page("Nobody vouches for this")
        rules = [f"{host}::127.0.0.1:{closed.getsockname()[1]}" for host in PLATFORMS]
        options = [*(part for rule in (*rules, *stranger.connect_to) for part in ("--connect-to", rule)), *pointed_at(web)]
        seeds = [GOOD[0], *(url for pair in zip(HOSTILE, GOOD[1:] * len(HOSTILE), strict=False) for url in pair)]
        command = [*COMMAND, "crawl", *dict.fromkeys(seeds), "--archive", str(folder / "archive"), *options]
        measure = (
            "import resource, subprocess, sys; code = subprocess.call(sys.argv[1:]);"
            "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(code)"
        )
        measured = [sys.executable, "-c", measure, *command]
        ended = subprocess.run(measured, env=environment(), capture_output=True, timeout=300, check=False)
        *_, rss = ended.stdout.splitlines()
        yield Aftermath(folder / "archive", Ended(ended.returncode, ended.stdout, ended.stderr), int(rss))


def test_the_good_pages_are_all_captured_and_indexed(aftermath: Aftermath) -> None:
    assert {(url, 200) for url in GOOD} <= captures(aftermath.data_dir)
    assert set(GOOD) <= set(rows(aftermath.data_dir, "SELECT title FROM pages"))
    found = archiver("find", *GOOD, "--archive", aftermath.data_dir, "--json")
    assert found.code == 0 and [line["url"] for line in found.lines] == list(GOOD)


def test_what_failed_is_listed_in_one_clear_line_each(aftermath: Aftermath) -> None:
    ended = aftermath.ended
    assert ended.code == 4, ended
    assert "Traceback" not in ended.err
    failed = dict(re.findall(r"^failed: (\S+): (.*)$", ended.err, re.M))
    assert set(failed) == {
        "https://no-such-host.invalid/", "https://stranger.example/", "http://169.254.169.254/", "https://loop.example/around/",
        "https://chain.example/10/",
    }  # fmt: skip
    assert "was not found" in failed["https://no-such-host.invalid/"]
    assert "certificate" in failed["https://stranger.example/"]
    assert "not on the public internet" in failed["http://169.254.169.254/"]
    assert failed["https://loop.example/around/"] == "redirects in a circle"
    assert failed["https://chain.example/10/"] == "redirects more than 10 times"
    assert ended.complaints[-1] == "archiver: 5 seeds or pages failed; the same command tries them again"


def test_no_process_of_the_crawl_grew_beyond_400_mb(aftermath: Aftermath) -> None:
    assert aftermath.max_rss_kib < MAX_RSS_KIB


def test_a_page_of_200_mb_is_kept_up_to_the_cap_and_marked(aftermath: Aftermath) -> None:
    assert aftermath.one("SELECT status, truncated FROM captures WHERE url = 'https://huge.example/'") == (200, "length")
    of_page = [each for each in records(aftermath.data_dir) if each.url == "https://huge.example/"]
    [record] = [each for each in of_page if each.record_type == "response"]
    assert len(record.block) == CAP_BYTES and record.get("WARC-Truncated") == "length"


def test_a_gzip_bomb_is_kept_as_it_came_and_never_unpacked(aftermath: Aftermath) -> None:
    assert aftermath.one("SELECT status, truncated FROM captures WHERE url = 'https://bomb.example/'") == (200, None)


def test_bytes_in_no_encoding_are_kept(aftermath: Aftermath) -> None:
    for url in ("https://noise.example/", "https://half.example/", "https://nul.example/", "https://empty.example/"):
        assert (url, 200) in captures(aftermath.data_dir)
    assert aftermath.one("SELECT title FROM pages WHERE url = 'https://half.example/'") == "Дві мови"


def test_escape_sequences_reach_no_terminal(aftermath: Aftermath) -> None:
    shown = archiver("search", "escape", "--archive", aftermath.data_dir)

    assert shown.code == 0
    assert not set("\x1b\x07\u202e\x9b") & set(shown.out + aftermath.ended.out + aftermath.ended.err)


def test_redirects_that_never_end_are_left_after_a_while(aftermath: Aftermath) -> None:
    hops = {url for url, status in captures(aftermath.data_dir) if status == 301}

    assert {"https://loop.example/", "https://loop.example/around/"} <= hops
    assert sum("chain.example" in url for url in hops) == 11


def test_entities_are_not_unfolded(aftermath: Aftermath) -> None:
    host = Path("/etc/hostname")
    assert ("https://entities.example/feed/", 200) in captures(aftermath.data_dir)
    name = host.read_text().strip() if host.exists() else "-"
    titles = {title or "" for title in rows(aftermath.data_dir, "SELECT title FROM pages")}
    assert name not in titles and not any("hahaha" in title for title in titles)


def test_nesting_without_end_is_read_as_far_as_it_makes_sense(aftermath: Aftermath) -> None:
    assert aftermath.one("SELECT title FROM pages WHERE url = 'https://deep.example/'") == "Deep"
    assert aftermath.one("SELECT title FROM pages WHERE url = 'https://deep.example/b/'") == "Deep and mixed"
    assert aftermath.one("SELECT title FROM pages WHERE url = 'https://deep.example/c/'") == "Deep and closed"
    assert aftermath.one("SELECT title FROM pages WHERE url = 'https://ld.example/'") == "LD"


def test_elements_and_attributes_that_swarm_are_read_as_far_as_they_make_sense(aftermath: Aftermath) -> None:
    """10,000 paragraphs that each open anew what the ones before left open are 50 million elements to a browser."""
    assert aftermath.one("SELECT title FROM pages WHERE url = 'https://swarm.example/'") == "Opened anew in each paragraph"
    assert aftermath.one("SELECT title FROM pages WHERE url = 'https://swarm.example/b/'") == "Attributes"


def test_a_page_of_50_000_embeds_is_indexed_and_its_platform_left_alone(aftermath: Aftermath) -> None:
    count = aftermath.one(
        "SELECT count(*) FROM embeds e JOIN page_versions v ON v.id = e.version WHERE v.url = 'https://many.example/'"
    )

    assert isinstance(count, int) and 10_000 <= count <= EMBEDS
    assert "note: cdn.syndication.twimg.com was left alone" in aftermath.ended.err


def test_the_archive_is_whole_afterwards(aftermath: Aftermath) -> None:
    assert aftermath.one("PRAGMA integrity_check") == "ok"
    assert rows(aftermath.data_dir, "PRAGMA foreign_key_check") == []
    assert archiver("status", "--archive", aftermath.data_dir).code == 0


# --- hosts that do not speak as they should: each alone, since they take several tries ----------------------------------------


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    with running_web(tmp_path) as running:
        running["good.example", "/post/"] = page("A good post")
        yield running


async def silent(_: Asked, writer: Writer) -> None:
    await asyncio.sleep(30)  # far longer than any cap


async def drip(_: Asked, writer: Writer) -> None:
    """A byte of the head now and then."""
    writer.write(b"HTTP/1.1 200 OK\r\nX: ")
    for _byte in range(100):
        writer.write(b"x")
        await asyncio.sleep(0.05)


async def endless_body(_: Asked, writer: Writer) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>Slow</title>")
    for _part in range(200):
        writer.write(b"<p>more")
        await asyncio.sleep(0.02)


async def endless_head(_: Asked, writer: Writer) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    for _lines in range(200):  # 5 MB
        writer.write(b"X-Header: again and again\r\n" * 1000)
        await writer.drain()


async def ssh(_: Asked, writer: Writer) -> None:
    writer.write(b"SSH-2.0-OpenSSH_9.0\r\n")


async def nothing(_: Asked, writer: Writer) -> None:
    writer.close()


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (silent, "did not answer within 2 s"), (drip, "did not answer within 2 s"), (endless_head, "head is longer than"),
        (ssh, "does not speak HTTP"), (nothing, "closed the connection without an answer"),
    ],
    ids=["silent", "drip", "endless head", "ssh", "nothing"],
)  # fmt: skip
def test_a_host_that_does_not_answer_as_it_should_is_told_and_the_others_are_captured(
    answer: object, says: str, web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spiders.response_policy, "RETRY_SECONDS", 0.02)
    web["bad.example", "/post/"] = answer  # type: ignore[assignment]

    report = crawl_of(web, tmp_path / "archive", "https://bad.example/post/", "https://good.example/post/", max_time=2)

    [(url, reason)] = report.outcome.failed
    assert url == "https://bad.example/post/" and says in reason
    assert ("https://good.example/post/", 200) in captures(tmp_path / "archive")
    assert rows(tmp_path / "archive", "SELECT count(*) FROM failures WHERE url = ?", url) == [3]


def test_a_body_that_never_ends_is_kept_up_to_the_time_cap(web: Web, tmp_path: Path) -> None:
    web["bad.example", "/post/"] = endless_body

    report = crawl_of(web, tmp_path / "archive", "https://bad.example/post/", "https://good.example/post/", max_time=2)

    assert rows(tmp_path / "archive", "SELECT truncated FROM captures WHERE url = 'https://bad.example/post/'") == ["time"]
    assert rows(tmp_path / "archive", "SELECT title FROM pages WHERE url = 'https://bad.example/post/'") == ["Slow"]
    assert report.outcome.failed == []


def test_a_sitemap_of_nonsense_addresses_leads_to_the_good_one(web: Web, tmp_path: Path) -> None:
    nonsense = (
        "javascript:alert(1)",
        "http://[::1",
        "https://" + "a" * 20_000,
        "//",
        "",
        "ftp://x",
        "https://good.example/post/",
    )
    web["good.example", "/sitemap.xml"] = sitemap(*nonsense)

    report = crawl_of(web, tmp_path / "archive", "https://good.example/sitemap.xml")

    assert ("https://good.example/post/", 200) in captures(tmp_path / "archive")
    assert report.outcome.failed == []
