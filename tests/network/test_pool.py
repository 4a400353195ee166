"""The pool: no connection is kept for long, or for many hosts."""

import asyncio

import pytest

from archiver.model.exchange import Exchange
from archiver.network import pool
from archiver.network.fetcher import ConnectTo, Fetcher
from tests.support.oddities import OddServer, odd_server


async def keep(exchange: Exchange) -> None:
    return None


def fetcher_for(server: OddServer) -> Fetcher[None]:
    return Fetcher(keep, user_agent="tests", connect_to=(ConnectTo("", None, "127.0.0.1", server.port),))


async def test_an_idle_connection_is_closed_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "IDLE_SECONDS", 0.05)
    async with odd_server() as server:
        fetcher = fetcher_for(server)
        await fetcher.fetch("http://example.org/plain")
        assert server.open == 1
        while server.open:
            await asyncio.sleep(0.01)
        assert fetcher._pool._lanes == {}
        await fetcher.close()


async def test_many_hosts_do_not_keep_many_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "MAX_IDLE", 3)
    async with odd_server() as server:
        fetcher = fetcher_for(server)
        for number in range(10):
            await fetcher.fetch(f"http://host{number}.example/plain")
        while server.open > 3:
            await asyncio.sleep(0.01)
        await fetcher.fetch("http://host9.example/plain")
        assert (server.connections, len(fetcher._pool._lanes)) == (10, 3)
        await fetcher.close()
        assert fetcher._pool._lanes == {}


async def test_a_connection_on_which_the_server_speaks_unasked_is_not_used_again() -> None:
    async with odd_server() as server:
        fetcher = fetcher_for(server)
        await fetcher.fetch("http://example.org/plain")
        server.say_to_all(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
        while server.open:
            await asyncio.sleep(0.01)
        assert (await fetcher.fetch("http://example.org/plain")).exchange.head.status == 200
        assert server.connections == 2
        await fetcher.close()
