"""What odd servers send is in the WARC as it crossed the wire, and programs that are not ours accept every file."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path

import pytest

from archiver.config.settings import CrawlSettings
from archiver.crawling.session import CrawlPlan
from archiver.model.exchange import Crawl, Purpose, ResourceType, Truncated
from archiver.network.fetcher import ConnectTo, Fetcher, FetchLimits
from archiver.recording.recorder import Recorded, Recorder
from archiver.tasks.crawl.crawl import run_in_loop
from tests.support.certificates import Authority
from tests.support.judges import assert_all_accept, cdx_lines
from tests.support.oddities import HTML, ODDITIES, Oddity, OddServer, odd_server
from tests.support.proxies import http_proxy
from tests.support.warc_members import Member, records_of

HOST = "odd.example"
CRAWL = Crawl("6b0f1d3e-0000-4000-8000-000000000001", "odd", "2022-09-11T00:00:00.000Z", "tests/1", "{}")
WAYS = ("http", "https", "https through a proxy")


def block_of(oddity: Oddity) -> bytes:
    """What of an oddity's bytes belongs to the response: what follows the body does not."""
    return oddity.response[: -len(b"HTTP/1.1 200 OK\r\n")] if oddity.name == "bytes-behind-the-body" else oddity.response


@asynccontextmanager
async def served(way: str, authority: Authority) -> AsyncIterator[tuple[OddServer, str | None, tuple[str, ...]]]:
    """The odd server, the proxy to ask, and the routes that lead to it."""
    context: ssl.SSLContext | None = authority.server(HOST) if way.startswith("https") else None
    async with odd_server(context) as server:
        if "proxy" not in way:
            yield server, None, (f"::127.0.0.1:{server.port}",)
            return
        async with http_proxy(server.port) as proxy:
            yield server, f"http://127.0.0.1:{proxy.port}", ()
            assert all(head.startswith(b"CONNECT odd.example:443 ") for head in proxy.heads)


async def record_oddities(way: str, authority: Authority, data_dir: Path) -> dict[str, tuple[Recorded, bytes]]:
    """Fetches every oddity into an archive. By name: what was recorded, and the request as the server saw it."""
    recorder = Recorder(data_dir, CRAWL)
    kept = {}
    async with served(way, authority) as (server, proxy, routes):
        fetcher = Fetcher(
            recorder.record,
            user_agent="tests/1",
            connect_to=[ConnectTo.parse(route) for route in routes],
            cacert=authority.pem,
            proxy=proxy,
        )
        scheme = way.split(" ", maxsplit=1)[0]
        for oddity in ODDITIES:
            purpose = Purpose(ResourceType.DOCUMENT, f"visit-{oddity.name}")
            fetched = await fetcher.fetch(f"{scheme}://{HOST}/{oddity.name}", method=oddity.method, purpose=purpose)
            kept[oddity.name] = (fetched.kept, server.seen[f"/{oddity.name}"][-1].request)
        await fetcher.close()
    recorder.close()
    return kept


@pytest.fixture(scope="module", params=WAYS)
def recorded(
    request: pytest.FixtureRequest, authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Path, dict[str, tuple[Recorded, bytes]]]:
    """How it was asked, the archive, and what was recorded of each oddity."""
    data_dir = tmp_path_factory.mktemp("odd")
    return request.param, data_dir, asyncio.run(record_oddities(request.param, authority, data_dir))


Recording = tuple[str, Path, dict[str, tuple[Recorded, bytes]]]


def by_name(members: list[Member], kind: str) -> dict[str, Member]:
    return {member.url.rsplit("/", 1)[1]: member for member in members if member.kind == kind}


def test_every_request_and_response_is_kept_as_it_crossed_the_wire(recorded: Recording) -> None:
    _, data_dir, kept = recorded
    members = records_of(data_dir)
    responses, requests = by_name(members, "response"), by_name(members, "request")
    assert set(responses) == set(requests) == {oddity.name for oddity in ODDITIES}
    for oddity in ODDITIES:
        assert responses[oddity.name].block == block_of(oddity), oddity.name
        assert requests[oddity.name].block == kept[oddity.name][1], oddity.name


def test_the_index_says_where_each_record_lies(recorded: Recording) -> None:
    _, data_dir, kept = recorded
    responses = by_name(records_of(data_dir), "response")
    for name, (told, _) in kept.items():
        capture, member = told.capture, responses[name]
        assert (capture.offset, capture.length, capture.record_id) == (member.offset, member.length, member.record_id)
        assert capture.payload_digest == "sha256:" + sha256(next(o.payload for o in ODDITIES if o.name == name)).hexdigest()


def test_a_payload_digest_is_written_where_other_readers_see_the_same_payload(recorded: Recording) -> None:
    _, data_dir, _ = recorded
    silent = set()
    for name, member in by_name(records_of(data_dir), "response").items():
        payload = next(oddity.payload for oddity in ODDITIES if oddity.name == name)
        if (digest := member.get("WARC-Payload-Digest")) is None:
            silent.add(name)
        else:
            assert digest == "sha256:" + sha256(payload).hexdigest(), name
        assert member.get("WARC-Block-Digest") == "sha256:" + sha256(member.block).hexdigest()
    assert silent == MISREAD


# warcio 1.8.1 and FastWARC 2.0.1 digest chunk framing as well, take what follows an interim response for its content, and do
# not look for a status line behind an empty one; FastWARC finds no end of a head whose lines end in LF alone.
MISREAD = {
    "line-feeds-only",
    "mixed-line-ends",
    "empty-line-first",
    "continue-first",
    "early-hints-first",
    "chunks",
    "chunk-extensions-and-trailers",
    "chunks-with-line-feeds",
    "chunks-and-length",
    "chunks-under-http-1.0",
    "chunks-in-capitals",
    "broken-chunk-size",
    "chunks-cut-off",
    "no-end-after-last-chunk",
    "gzip-in-chunks",
}


def test_what_was_cut_off_says_so(recorded: Recording) -> None:
    _, data_dir, _ = recorded
    for name, member in by_name(records_of(data_dir), "response").items():
        truncated = next(oddity.truncated for oddity in ODDITIES if oddity.name == name)
        assert member.get("WARC-Truncated") == (truncated.value if truncated else None), name


def test_records_know_their_address_their_protocol_and_what_they_are_for(recorded: Recording) -> None:
    way, data_dir, _ = recorded
    members = records_of(data_dir)
    for name, member in (by_name(members, "response") | by_name(members, "request")).items():
        assert member.get("WARC-IP-Address") == (None if "proxy" in way else "127.0.0.1")
        protocols = member.all("WARC-Protocol")
        assert protocols[0] in ("http/1.1", "http/1.0")
        assert protocols[1:] == (["tls/1.3"] if way.startswith("https") else [])
        assert (member.get("WARC-Resource-Type"), member.get("WARC-Page-ID")) == ("document", f"visit-{name}")


def test_programs_that_are_not_ours_accept_the_file(recorded: Recording) -> None:
    _, data_dir, kept = recorded
    files = list(data_dir.rglob("*.warc.gz"))
    assert_all_accept(files)
    lines = {line.url.rsplit("/", 1)[1]: line for line in cdx_lines(files) if not line.url.startswith("urn:")}
    assert set(lines) == set(kept)
    for name, (told, _) in kept.items():
        assert (lines[name].offset, lines[name].length) == (told.capture.offset, told.capture.length)


def test_caps_keep_what_came_and_say_why_it_ends(tmp_path: Path, authority: Authority) -> None:
    big = Oddity("big", b"HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\n" + b"x" * 50_000)
    chunked = Oddity(
        "chunked", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"2710\r\n" + b"y" * 10_000 + b"\r\n" + b"a" * 5
    )
    slow = Oddity("slow", b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"z" * 5000, drip_seconds=0.02)

    async def record() -> None:
        recorder = Recorder(tmp_path, CRAWL)
        async with odd_server(oddities=(big, chunked, slow)) as server:
            for names, limits in ((("big", "chunked"), FetchLimits(max_bytes=1000)), (("slow",), FetchLimits(max_seconds=0.3))):
                route = ConnectTo.parse(f"::127.0.0.1:{server.port}")
                fetcher = Fetcher(recorder.record, user_agent="tests", connect_to=(route,), limits=limits)
                for name in names:
                    await fetcher.fetch(f"http://{HOST}/{name}")
                await fetcher.close()
        recorder.close()

    asyncio.run(record())
    responses = by_name(records_of(tmp_path), "response")
    assert {name: member.get("WARC-Truncated") for name, member in responses.items()} == {
        "big": Truncated.LENGTH,
        "chunked": Truncated.LENGTH,
        "slow": Truncated.TIME,
    }
    assert responses["big"].block == big.response[:1000]
    assert responses["chunked"].block == chunked.response[:1000]
    assert slow.response.startswith(responses["slow"].block)
    assert_all_accept(tmp_path.rglob("*.warc.gz"))


@pytest.mark.parametrize("way", WAYS)
def test_the_spider_records_them_as_they_cross_the_wire(way: str, authority: Authority, tmp_path: Path) -> None:
    """Those that are asked for by GET and come whole; what is cut off is asked for again, which takes its time."""
    wanted = [oddity for oddity in ODDITIES if oddity.method == "GET" and not oddity.truncated and oddity.status < 500]

    async def crawl_them() -> dict[str, bytes]:
        async with served(way, authority) as (server, proxy, routes):
            settings = CrawlSettings(
                delay=0, concurrency=4, cacert=authority.pem, proxy=proxy, connect_to=routes, screenshots="none"
            )
            seeds = tuple(f"{way.split(' ', maxsplit=1)[0]}://{HOST}/{oddity.name}" for oddity in wanted)
            report = await run_in_loop(CrawlPlan(tmp_path, seeds, scope="page", settings=settings))
            assert [failed[0].rsplit("/", 1)[1] for failed in report.outcome.failed] == ["latin-1-reason"]  # it is a 404
            return {path.removeprefix("/"): seen[-1].request for path, seen in server.seen.items()}

    requests = asyncio.run(crawl_them())
    members = records_of(tmp_path)
    responses, sent = by_name(members, "response"), by_name(members, "request")
    assert set(responses) == {oddity.name for oddity in wanted} | {"robots.txt"}
    for oddity in wanted:
        assert responses[oddity.name].block == block_of(oddity), oddity.name
        assert sent[oddity.name].block == requests[oddity.name], oddity.name
    assert_all_accept(tmp_path.rglob("*.warc.gz"))
    assert HTML in responses["plain"].block
