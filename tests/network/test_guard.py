"""The guard: hostile addresses in every spelling, names that lead to them, and redirects to them."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest

from archiver.errors import AddressRefused, BadUrl, ConnectionFailed, HostNotFound
from archiver.model.exchange import Exchange
from archiver.network import dialing
from archiver.network.connection import Connection
from archiver.network.fetcher import ConnectTo, Fetcher
from archiver.network.guard import literal_address, refuse_by_name, refuse_private
from archiver.urls import checked
from tests.support.hostile_addresses import LOCAL_NAMES, NAMES, NO_WEB_PORTS, NOT_HTTP, SPELLINGS, identified, name_server
from tests.support.oddities import Oddity, odd_server
from tests.support.proxies import http_proxy
from tests.support.servers import serving

PUBLIC = (
    "1.1.1.1", "8.8.8.8", "93.184.215.14", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "192.0.1.1",
    "2606:4700::6810:84e5", "2a00:1450:4001:830::200e", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808",
    "2002:808:808::1", "2a00:1450::5efe:8.8.8.8",
)  # fmt: skip


async def nobody(exchange: Exchange) -> None:
    raise AssertionError(f"{exchange.url} was fetched")


@asynccontextmanager
async def guarded(**options: Any) -> AsyncIterator[Fetcher[None]]:
    fetcher = Fetcher(nobody, user_agent="tests", **options)
    yield fetcher
    await fetcher.close()


@pytest.mark.parametrize("host", identified(tuple(SPELLINGS)))
async def test_a_guarded_address_is_refused_in_every_spelling_by_its_name(host: str) -> None:
    url = f"http://{host}/"
    named = urlsplit(checked(url)).hostname or ""
    async with guarded() as fetcher:
        with pytest.raises(AddressRefused, match="--allow-private") as refused:
            await fetcher.fetch(url)
    assert named in str(refused.value) and SPELLINGS[host] in str(refused.value)


@pytest.mark.parametrize("host", identified(LOCAL_NAMES))
async def test_a_name_of_this_machine_or_network_is_refused_and_no_resolver_asked(host: str) -> None:
    asked: list[str] = []

    async def anywhere(name: str, port: int) -> list[str]:
        asked.append(name)
        return ["93.184.215.14"]

    async with guarded(resolve=anywhere) as fetcher:
        with pytest.raises(AddressRefused, match=re.escape(urlsplit(checked(f"http://{host}/")).hostname or "")):
            await fetcher.fetch(f"http://{host}/")
    assert asked == []


@pytest.mark.parametrize("host", NAMES)
async def test_a_name_that_leads_to_a_guarded_address_is_refused(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name_server(monkeypatch)
    async with guarded() as fetcher:
        with pytest.raises(AddressRefused, match=f"{re.escape(host)} leads to {re.escape(NAMES[host][-1])}, which is not"):
            await fetcher.fetch(f"https://{host}/")


@pytest.mark.parametrize("url", identified(NOT_HTTP))
async def test_what_no_browser_would_ask_over_http_is_no_url(url: str) -> None:
    async with guarded() as fetcher:
        with pytest.raises(BadUrl):
            await fetcher.fetch(url)


@pytest.mark.parametrize("port", NO_WEB_PORTS)
async def test_a_port_of_another_service_is_refused(port: int) -> None:
    async with guarded() as fetcher:
        with pytest.raises(AddressRefused, match=f"port {port} of mail.example is another service's"):
            await fetcher.fetch(f"http://mail.example:{port}/")


@pytest.mark.parametrize(
    "host", ["a.example", "internal.example", "my.local.example", "home.example", "4.example", "xn--e1aybc.xn--p1ai"]
)
@pytest.mark.parametrize("port", [80, 443, 3000, 8000, 8080, 8443])
def test_a_public_name_on_a_port_where_blogs_are_is_let_through(host: str, port: int) -> None:
    refuse_by_name(host, port)


async def test_a_site_of_the_local_network_is_reached_where_that_is_allowed() -> None:
    async def here(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    async def keep(exchange: Exchange) -> str:
        return exchange.url

    async with odd_server() as server:
        fetcher = Fetcher(keep, user_agent="tests", resolve=here, allow_private=True)
        for host in ("intranet", "printer.local"):
            assert (await fetcher.fetch(f"http://{host}:{server.port}/plain")).exchange.head.status == 200
        await fetcher.close()


async def test_behind_a_proxy_addresses_and_local_names_are_refused_all_the_same() -> None:
    """The proxy resolves names: what it would find behind them, only it knows."""
    async with (
        odd_server() as server,
        http_proxy(server.port) as proxy,
        guarded(proxy=f"http://127.0.0.1:{proxy.port}") as fetcher,
    ):
        for host in (*SPELLINGS, *LOCAL_NAMES):
            for scheme in ("http", "https"):
                with pytest.raises(AddressRefused):
                    await fetcher.fetch(f"{scheme}://{host}/")
        with pytest.raises(AddressRefused, match="port 25"):
            await fetcher.fetch("http://mail.example:25/")
        assert proxy.heads == []


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_let_through(address: str) -> None:
    refuse_private(address, "example.org")


def test_a_scope_does_not_hide_an_address() -> None:
    with pytest.raises(AddressRefused):
        refuse_private("fe80::1%eth0", "example.org")


async def test_the_address_that_was_checked_is_the_one_connected_to() -> None:
    asked: list[str] = []

    async def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    async def keep(exchange: Exchange) -> None:
        return None

    async with odd_server() as server:
        fetcher = Fetcher(keep, user_agent="tests", resolve=rebinding, allow_private=True)
        fetched = await fetcher.fetch(f"http://rebinding.example:{server.port}/plain")
        await fetcher.close()
    assert (asked, fetched.exchange.ip) == (["rebinding.example"], "127.0.0.1")


async def test_a_name_is_judged_again_whenever_it_is_resolved_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rebinding: a name that leads to the public at first, and to this machine once that has been looked at."""
    answers = [["93.184.215.14"], ["127.0.0.1"]]
    dialled: list[str] = []

    async def rebinding(host: str, port: int) -> list[str]:
        return answers.pop(0)

    async def nobody_there(address: str, *_: Any) -> Connection:
        dialled.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(dialing, "_open", nobody_there)
    monkeypatch.setattr(dialing, "NAME_SECONDS", 0)
    async with guarded(resolve=rebinding) as fetcher:
        with pytest.raises(ConnectionFailed):
            await fetcher.fetch("http://rebinding.example/")
        with pytest.raises(AddressRefused, match=r"rebinding\.example leads to 127\.0\.0\.1"):
            await fetcher.fetch("http://rebinding.example/")
    assert dialled == ["93.184.215.14"]


async def test_each_hop_of_a_redirect_is_guarded() -> None:
    touched: list[str] = []

    async def inner(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        touched.append("inner")

    async def keep(exchange: Exchange) -> str | None:
        return exchange.head.get("Location")

    async with serving(inner) as secret_port:
        to_secret = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%d/\r\nContent-Length: 0\r\n\r\n" % secret_port
        async with odd_server(oddities=(Oddity("hop", to_secret),)) as server:
            route = ConnectTo("example.org", None, "127.0.0.1", server.port)
            fetcher = Fetcher(keep, user_agent="tests", connect_to=(route,))
            location = (await fetcher.fetch("http://example.org/hop")).kept
            assert location is not None
            with pytest.raises(AddressRefused):
                await fetcher.fetch(urljoin("http://example.org/hop", location))
            await fetcher.close()
    assert touched == []


async def test_the_users_own_route_may_lead_to_this_machine_and_opens_nothing_else() -> None:
    async def keep(exchange: Exchange) -> None:
        return None

    async def nowhere(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    async with odd_server() as server:
        only_port = ConnectTo.parse(f"localhost:80::{server.port}")  # keeps the host: then the host is not the user's word
        one_host = ConnectTo.parse(f"example.org:443:127.0.0.1:{server.port}")
        fetcher = Fetcher(keep, user_agent="tests", connect_to=(only_port, one_host), resolve=nowhere)
        with pytest.raises(AddressRefused):
            await fetcher.fetch("http://localhost/plain")
        with pytest.raises(HostNotFound):
            await fetcher.fetch("http://example.org/plain")  # port 80 has no route
        await fetcher.close()
    assert server.seen == {}


@pytest.mark.parametrize("name", ["example.org", "a.b", "cafe", "dead.beef", "face.", "x", "1e100.net", "deadbeef"])
def test_a_name_is_not_taken_for_a_number(name: str) -> None:
    assert literal_address(name) is None
