"""Every oddity, over http, https and through proxies: what is recorded equals what crossed the wire."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from archiver.model.exchange import Exchange
from archiver.network.fetcher import ConnectTo, Fetched, Fetcher
from archiver.wire.http1 import content_codings, decode_content, parse_response
from tests.support.certificates import Authority
from tests.support.oddities import ODDITIES, Oddity, OddServer, odd_server
from tests.support.proxies import http_proxy

HOST = "odd.example"


async def as_it_is(exchange: Exchange) -> Exchange:
    return exchange


def assert_recorded_as_on_the_wire(oddity: Oddity, fetched: Fetched[Exchange], server: OddServer) -> None:
    exchange = fetched.exchange
    seen = server.seen[f"/{oddity.name}"][-1]
    assert exchange.request == seen.request
    behind = oddity.name == "bytes-behind-the-body"  # they belong to no response
    expected = seen.sent.removesuffix(b"HTTP/1.1 200 OK\r\n") if behind else seen.sent
    assert exchange.response.bytes() == expected
    assert exchange.head.status == oddity.status
    assert exchange.payload.bytes() == oddity.payload
    assert exchange.truncated == oddity.truncated
    assert bool(exchange.malformed) == oddity.malformed, exchange.malformed
    head, payload, _ = parse_response(exchange.response.bytes(), oddity.method)
    assert (head, payload) == (exchange.head, oddity.payload), "the stored block reads as the wire did"
    if oddity.decoded is not None:
        assert decode_content(payload, content_codings(exchange.head), 1_000_000) == (oddity.decoded, False)


@asynccontextmanager
async def fetcher_for(server: OddServer, authority: Authority, proxy: str | None = None) -> AsyncIterator[Fetcher[Exchange]]:
    routes = (ConnectTo("", None, "127.0.0.1", server.port),) if proxy is None else ()
    fetcher = Fetcher(as_it_is, user_agent="tests", connect_to=routes, cacert=authority.pem, proxy=proxy)
    try:
        yield fetcher
    finally:
        await fetcher.close()


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_every_oddity_is_recorded_as_it_crossed_the_wire(scheme: str, authority: Authority) -> None:
    context = authority.server(HOST) if scheme == "https" else None
    async with odd_server(context) as server, fetcher_for(server, authority) as fetcher:
        for oddity in ODDITIES:
            fetched = await fetcher.fetch(f"{scheme}://{HOST}/{oddity.name}", method=oddity.method)
            assert_recorded_as_on_the_wire(oddity, fetched, server)
            assert fetched.exchange.ip == "127.0.0.1"
            tls = {p for p in fetched.exchange.protocols if p.startswith("tls/1.")}
            assert bool(tls) == (scheme == "https")
        assert 1 < server.connections < len(ODDITIES), "connections are used again where the answers allow it"


async def test_every_oddity_comes_through_a_tunnel_of_a_proxy(authority: Authority) -> None:
    async with odd_server(authority.server(HOST)) as server, http_proxy(server.port) as proxy:
        async with fetcher_for(server, authority, f"http://ann:p%40ss@127.0.0.1:{proxy.port}") as fetcher:
            for oddity in ODDITIES:
                fetched = await fetcher.fetch(f"https://{HOST}/{oddity.name}", method=oddity.method)
                assert_recorded_as_on_the_wire(oddity, fetched, server)
                assert fetched.exchange.ip is None
        assert all(head.startswith(b"CONNECT odd.example:443 HTTP/1.1\r\nHost: odd.example:443\r\n") for head in proxy.heads)
        assert all(b"Proxy-Authorization: Basic YW5uOnBAc3M=\r\n" in head for head in proxy.heads)


async def test_a_plain_request_goes_to_the_proxy_in_absolute_form_and_without_a_password_on_record(authority: Authority) -> None:
    async with odd_server() as server, http_proxy(server.port) as proxy:
        async with fetcher_for(server, authority, f"http://ann:secret@127.0.0.1:{proxy.port}") as fetcher:
            fetched = await fetcher.fetch(f"http://{HOST}/plain?q=1")
        seen = server.seen["/plain"][0]
        secret = b"Proxy-Authorization: Basic YW5uOnNlY3JldA==\r\n"
        assert seen.request.startswith(b"GET http://odd.example/plain?q=1 HTTP/1.1\r\n" + secret)
        assert fetched.exchange.request == seen.request.replace(secret, b"")
        assert fetched.exchange.response.bytes() == seen.sent
