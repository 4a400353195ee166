"""The fetcher: what it sends, keeps, reuses, gives up on, and how it says so."""

import asyncio
import socket
import struct
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archiver.errors import (
    AddressRefused,
    BadUrl,
    CertificateRefused,
    ConnectionFailed,
    HostNotFound,
    NotHttp,
    ProxyFailed,
    TooSlow,
    UsageError,
)
from archiver.model.exchange import Exchange, Purpose, ResourceType, Truncated
from archiver.network.fetcher import ConnectTo, Fetcher, FetchLimits
from tests.support.certificates import Authority
from tests.support.oddities import HTML, Oddity, odd_server
from tests.support.proxies import http_proxy
from tests.support.servers import answering, serving

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


async def as_it_is(exchange: Exchange) -> Exchange:
    return exchange


@asynccontextmanager
async def fetching(port: int | None = None, **options: Any) -> AsyncIterator[Fetcher[Exchange]]:
    """A fetcher; with a port, every host is on that loopback port."""
    if port is not None:
        options["connect_to"] = (ConnectTo.parse(f"::127.0.0.1:{port}"),)
    fetcher = Fetcher(as_it_is, user_agent="tests/1", **options)
    try:
        yield fetcher
    finally:
        await fetcher.close()


# --- what is sent -------------------------------------------------------------------------------------------------------------


async def test_a_plain_request_has_a_browsers_order_of_headers() -> None:
    async with odd_server() as server, fetching(server.port) as fetcher:
        await fetcher.fetch("http://ann:secret@Example.ORG:80/a b?q=ї#fragment")
    assert server.seen["/a%20b"][0].request == (
        b"GET /a%20b?q=%D1%97 HTTP/1.1\r\nHost: example.org\r\nUser-Agent: tests/1\r\n"
        b"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
        b"Accept-Encoding: gzip, deflate\r\nConnection: keep-alive\r\n\r\n"
    )


async def test_the_exchange_knows_its_purpose_time_and_address() -> None:
    moment = datetime(2022, 9, 11, tzinfo=UTC)
    purpose = Purpose(ResourceType.DOCUMENT, "page-1")
    async with odd_server() as server, fetching(server.port, clock=lambda: moment) as fetcher:
        exchange = (await fetcher.fetch("http://example.org/plain", purpose=purpose)).exchange
    assert (exchange.url, exchange.method) == ("http://example.org/plain", "GET")
    assert (exchange.started_at, exchange.purpose, exchange.ip) == (moment, purpose, "127.0.0.1")
    assert exchange.protocols == ("http/1.1",)


async def test_the_exchange_is_kept_before_the_caller_sees_it() -> None:
    kept: list[str] = []

    async def keep(exchange: Exchange) -> int:
        await asyncio.sleep(0)
        kept.append(exchange.url)
        return len(kept)

    async with odd_server() as server:
        fetcher = Fetcher(keep, user_agent="tests", allow_private=True)
        fetched = await fetcher.fetch(f"http://127.0.0.1:{server.port}/plain")
        assert (fetched.kept, kept) == (1, [fetched.exchange.url])
        await fetcher.close()


async def test_a_body_is_posted_with_its_length() -> None:
    async with odd_server() as server, fetching(server.port) as fetcher:
        exchange = (await fetcher.fetch("http://example.org/plain", method="post", body=b"a=1")).exchange
    assert exchange.request == server.seen["/plain"][0].request
    assert exchange.request.endswith(b"\r\nContent-Length: 3\r\n\r\na=1")


# --- connections --------------------------------------------------------------------------------------------------------------


async def test_one_connection_serves_many_requests() -> None:
    async with odd_server() as server, fetching(server.port) as fetcher:
        for _ in range(5):
            await fetcher.fetch("http://example.org/plain")
    assert {seen.connection for seen in server.seen["/plain"]} == {1}


async def test_no_more_connections_than_allowed_are_opened_to_one_host() -> None:
    async with odd_server() as server, fetching(server.port, connections_per_host=3) as fetcher:
        await asyncio.gather(*(fetcher.fetch(f"http://example.org/plain?{n}") for n in range(20)))
    assert server.connections == 3


async def test_a_request_on_a_connection_that_the_server_has_just_closed_is_sent_again() -> None:
    requests: list[bytes] = []

    async def answers_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(OK)
        requests.append(await reader.readuntil(b"\r\n\r\n"))  # takes a second request, and closes without a word

    async with serving(answers_once) as port, fetching(port) as fetcher:
        await fetcher.fetch("http://example.org/1")
        exchange = (await fetcher.fetch("http://example.org/2")).exchange
        assert exchange.payload.bytes() == b"ok"
        with pytest.raises(ConnectionFailed, match=r"example\.org closed the connection without an answer"):
            await fetcher.fetch("http://example.org/3", method="POST")
    assert [request.split()[1] for request in requests] == [b"/1", b"/2", b"/2", b"/3"]


async def test_a_fetch_that_is_cancelled_frees_its_place() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with serving(silent) as port, odd_server() as server:
        routes = (ConnectTo("silent.example", None, "127.0.0.1", port), ConnectTo("", None, "127.0.0.1", server.port))
        async with fetching(connect_to=routes, connections_per_host=1) as fetcher:
            waiting = asyncio.create_task(fetcher.fetch("http://silent.example/"))
            queued = asyncio.create_task(fetcher.fetch("http://silent.example/"))
            assert (await fetcher.fetch("http://example.org/plain")).exchange.head.status == 200
            waiting.cancel()
            queued.cancel()
            await asyncio.wait([waiting, queued])
            assert waiting.cancelled()
            assert queued.cancelled()


async def test_closing_ends_what_is_under_way() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with serving(silent) as port, fetching(port) as fetcher:
        waiting = asyncio.create_task(fetcher.fetch("http://example.org/"))
        await asyncio.sleep(0.05)
        await fetcher.close()
        with pytest.raises(ConnectionFailed):
            await waiting
        with pytest.raises(ConnectionFailed, match="the fetcher is closed"):
            await fetcher.fetch("http://example.org/")


# --- caps ---------------------------------------------------------------------------------------------------------------------


async def test_what_came_before_the_size_cap_is_kept() -> None:
    big = b"HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n" + b"x" * 5_000_000
    async with serving(answering(big)) as port, fetching(port, limits=FetchLimits(max_bytes=100_000)) as fetcher:
        exchange = (await fetcher.fetch("http://example.org/")).exchange
    assert exchange.truncated is Truncated.LENGTH
    assert exchange.response.bytes() == big[:100_000]
    assert exchange.payload.bytes() == b"x" * (100_000 - big.index(b"x"))


async def test_a_response_of_exactly_the_cap_is_whole() -> None:
    async with serving(answering(OK)) as port, fetching(port, limits=FetchLimits(max_bytes=len(OK))) as fetcher:
        exchange = (await fetcher.fetch("http://example.org/")).exchange
    assert (exchange.truncated, exchange.payload.bytes()) == (None, b"ok")


async def test_what_dripped_in_before_the_time_cap_is_kept() -> None:
    slow = Oddity("slow", b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"x" * 5000, drip_seconds=0.02)
    async with odd_server(oddities=(slow,)) as server, fetching(server.port, limits=FetchLimits(max_seconds=1.0)) as fetcher:
        exchange = (await fetcher.fetch("http://example.org/slow")).exchange
    assert exchange.truncated is Truncated.TIME
    assert 0 < len(exchange.payload) < 5000
    assert slow.response.startswith(exchange.response.bytes())


async def test_a_host_that_never_answers_is_too_slow() -> None:
    async def half_a_head(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nX-A: ")
        await reader.read()

    async with serving(half_a_head) as port, fetching(port, limits=FetchLimits(head_seconds=0.2)) as fetcher:
        with pytest.raises(TooSlow, match=r"example\.org did not answer"):
            await fetcher.fetch("http://example.org/")


async def test_a_video_of_200_mb_does_not_stay_in_memory() -> None:
    piece = bytes(range(256)) * 4096

    async def video(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (200 * len(piece)))
        for _ in range(200):
            writer.write(piece)
            await writer.drain()

    async with serving(video) as port, fetching(port, limits=FetchLimits(max_bytes=300_000_000)) as fetcher:
        tracemalloc.start()
        exchange = (await fetcher.fetch("http://example.org/")).exchange
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert exchange.truncated is None
    assert len(exchange.payload) == 200 * len(piece)
    assert exchange.payload.bytes(199 * len(piece)) == piece
    assert exchange.payload.on_disk
    assert peak < 30_000_000


# --- broken off ---------------------------------------------------------------------------------------------------------------


async def _cut(writer: asyncio.StreamWriter) -> None:
    """Ends the connection as a crash does: a reset, no close_notify."""
    await writer.drain()
    await asyncio.sleep(0.05)  # let the client read what was sent; a reset throws away what is unread
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_body_up_to_the_close_that_ends_in_a_reset_is_truncated(scheme: str, authority: Authority) -> None:
    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n" + HTML)
        await _cut(writer)

    context = authority.server("example.org") if scheme == "https" else None
    async with serving(reset, context) as port, fetching(port, cacert=authority.pem) as fetcher:
        exchange = (await fetcher.fetch(f"{scheme}://example.org/")).exchange
    assert exchange.truncated is Truncated.DISCONNECT
    assert exchange.payload.bytes() == HTML


async def test_tls_that_ends_without_goodbye_is_truncated(authority: Authority) -> None:
    async def no_goodbye(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n" + HTML)
        await writer.drain()
        writer.transport.abort()

    async with serving(no_goodbye, authority.server("example.org")) as port, fetching(port, cacert=authority.pem) as fetcher:
        exchange = (await fetcher.fetch("https://example.org/")).exchange
    assert exchange.truncated is Truncated.DISCONNECT
    assert exchange.payload.bytes() == HTML


async def test_a_connection_closed_within_the_head_is_a_failure() -> None:
    async def half_a_head(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nX-A: 1\r\n")

    async with serving(half_a_head) as port, fetching(port) as fetcher:
        with pytest.raises(ConnectionFailed, match="in the middle of the response's head"):
            await fetcher.fetch("http://example.org/")


@pytest.mark.parametrize("garbage", [b"SSH-2.0-OpenSSH_9\r\n", b"<html>no head</html>", b"HTTP/1.1 OK\r\n\r\n", b"\x00\x01"])
async def test_garbage_is_not_http_and_is_kept_in_the_error(garbage: bytes) -> None:
    async with serving(answering(garbage)) as port, fetching(port) as fetcher:
        with pytest.raises(NotHttp, match=r"example\.org does not speak HTTP") as caught:
            await fetcher.fetch("http://example.org/")
    assert caught.value.received == garbage


# --- names, certificates, routes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["", "example.org", "ftp://example.org/", "http://", "http://[::1", "https://a b/", "data:,x"])
async def test_what_is_no_url_is_told(url: str) -> None:
    async with fetching() as fetcher:
        with pytest.raises(BadUrl):
            await fetcher.fetch(url)


async def test_a_host_that_does_not_resolve_is_told_by_name() -> None:
    async def nothing(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    async with fetching(resolve=nothing) as fetcher:
        with pytest.raises(HostNotFound, match=r"nowhere\.example was not found: name or service not known"):
            await fetcher.fetch("http://nowhere.example/")


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "a..example", "-a_b.example", "%41.example"])
async def test_names_that_no_host_can_have_are_only_not_found(host: str) -> None:
    async def by_encoding(name: str, port: int) -> list[str]:
        name.encode("idna")  # what the system's resolver does first
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    async with fetching(resolve=by_encoding) as fetcher:
        with pytest.raises(HostNotFound):
            await fetcher.fetch(f"https://{host}/")


async def test_a_name_with_an_underscore_is_served_over_tls(authority: Authority) -> None:
    async with odd_server(authority.server("*.example.org")) as server, fetching(server.port, cacert=authority.pem) as fetcher:
        assert (await fetcher.fetch("https://my_blog.example.org/plain")).exchange.head.status == 200
        for host in ("my_blog.example.com", "my_blog.sub.example.org"):
            with pytest.raises(CertificateRefused, match=f"certificate of {host} is not trusted"):
                await fetcher.fetch(f"https://{host}/plain")


async def test_a_refused_connection_is_told_with_its_port() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        async with fetching(allow_private=True) as fetcher:
            with pytest.raises(ConnectionFailed, match=f"127.0.0.1 cannot be connected to on port {port}: connection refused"):
                await fetcher.fetch(f"http://127.0.0.1:{port}/")


async def test_the_next_address_of_a_host_is_tried_where_the_first_is_dead() -> None:
    async def two_addresses(host: str, port: int) -> list[str]:
        return ["127.0.0.9", "127.0.0.1"]  # the server listens on the second alone

    async with odd_server() as server, fetching(resolve=two_addresses, allow_private=True) as fetcher:
        exchange = (await fetcher.fetch(f"http://example.org:{server.port}/plain")).exchange
    assert exchange.ip == "127.0.0.1"


async def test_a_certificate_of_a_stranger_is_refused_in_words(authority: Authority, stranger: Authority) -> None:
    async with odd_server(stranger.server("example.org")) as server, fetching(server.port, cacert=authority.pem) as fetcher:
        with pytest.raises(CertificateRefused, match=r"example\.org is not trusted: unable to get local issuer.*--cacert"):
            await fetcher.fetch("https://example.org/plain")
    assert server.seen == {}


async def test_a_certificate_for_another_name_is_refused(authority: Authority) -> None:
    async with odd_server(authority.server("other.example")) as server, fetching(server.port, cacert=authority.pem) as fetcher:
        with pytest.raises(CertificateRefused, match=r"example\.org is not trusted: hostname mismatch"):
            await fetcher.fetch("https://example.org/plain")


async def test_a_certificate_that_has_expired_is_refused(authority: Authority) -> None:
    context = authority.server("example.org", days=-1)
    async with odd_server(context) as server, fetching(server.port, cacert=authority.pem) as fetcher:
        with pytest.raises(CertificateRefused, match="certificate has expired"):
            await fetcher.fetch("https://example.org/plain")


async def test_a_server_without_tls_is_told_apart_from_a_wrong_certificate() -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with serving(plain) as port, fetching(port) as fetcher:
        with pytest.raises(ConnectionFailed, match=r"cannot be spoken to over TLS.*http://"):
            await fetcher.fetch("https://example.org/")


def test_a_file_without_certificates_is_a_wrong_argument(tmp_path: Path) -> None:
    empty = tmp_path / "ca.pem"
    with pytest.raises(UsageError, match="No such file"):
        Fetcher(as_it_is, user_agent="tests", cacert=empty)
    empty.write_text("nothing")
    with pytest.raises(UsageError, match="holds no certificate"):
        Fetcher(as_it_is, user_agent="tests", cacert=empty)


async def test_sni_and_host_stay_those_of_the_url(authority: Authority) -> None:
    context = authority.server("example.org")
    names: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    async with odd_server(context) as server, fetching(server.port, cacert=authority.pem) as fetcher:
        await fetcher.fetch("https://example.org/plain")
    assert names == ["example.org"]
    assert b"\r\nHost: example.org\r\n" in server.seen["/plain"][0].request


# --- proxies ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["http://example.org/", "https://example.org/"])
async def test_a_proxy_that_wants_a_password_is_told(url: str) -> None:
    refusal = b"HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n"
    async with http_proxy(1, answer=refusal) as proxy, fetching(proxy=f"http://127.0.0.1:{proxy.port}") as fetcher:
        with pytest.raises(ProxyFailed, match="user and a password"):
            await fetcher.fetch(url)


async def test_a_proxy_that_is_not_there_is_told() -> None:
    async with fetching(proxy="http://127.0.0.1:1") as fetcher:
        with pytest.raises(ProxyFailed, match=r"the proxy 127\.0\.0\.1:1 could not be reached"):
            await fetcher.fetch("https://example.org/")


async def test_a_proxy_is_not_asked_for_addresses_of_this_machine() -> None:
    async with http_proxy(1) as proxy, fetching(proxy=f"127.0.0.1:{proxy.port}") as fetcher:
        for host in ("127.0.0.1", "0x7f.1", "localhost", "[::1]", "169.254.169.254"):
            for scheme in ("http", "https"):
                with pytest.raises(AddressRefused):
                    await fetcher.fetch(f"{scheme}://{host}/")
        assert proxy.heads == []


async def test_a_route_through_a_proxy_takes_a_tunnel_even_for_plain_http() -> None:
    async with odd_server() as server, http_proxy(server.port) as proxy:
        async with fetching(7, proxy=f"http://127.0.0.1:{proxy.port}") as fetcher:
            exchange = (await fetcher.fetch("http://example.org/plain")).exchange
        assert proxy.heads[0].startswith(b"CONNECT 127.0.0.1:7 HTTP/1.1\r\n")
    assert exchange.request.startswith(b"GET /plain HTTP/1.1\r\nHost: example.org\r\n")
