"""The guard: hostile addresses in every spelling, names that lead to them, and redirects to them."""

import asyncio
import socket
from urllib.parse import urljoin

import pytest

from archiver.errors import AddressRefused, HostNotFound
from archiver.network.fetcher import ConnectTo, Fetcher
from archiver.network.guard import literal_address, refuse_private
from archiver.records import Exchange
from tests.network.oddities import Oddity, odd_server
from tests.network.servers import serving

HOSTILE = (
    "127.0.0.1", "127.1", "127.255.255.254", "0.0.0.0", "0", "0.1.2.3",
    "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "127.0.0.01", "127.0.1", "0X7F.0.0.1",
    "10.0.0.1", "10.255.255.255", "012.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "3232235777", "0xc0a80101",
    "169.254.169.254", "2852039166", "0xa9fea9fe", "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192",
    "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "192.88.99.1", "224.0.0.1", "239.255.255.250", "240.0.0.1",
    "255.255.255.255",
    "[::1]", "[::]", "[::127.0.0.1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:10.0.0.1]", "[::ffff:169.254.169.254]",
    "[::ffff:0:127.0.0.1]", "[0:0:0:0:0:0:0:1]", "[fe80::1]", "[fc00::1]", "[fd00:ec2::254]", "[fec0::1]", "[ff02::1]",
    "[2002:7f00:1::]", "[2002:c0a8:101::1]", "[64:ff9b::7f00:1]", "[64:ff9b::10.0.0.1]", "[64:ff9b:1::a00:1]",
    "[2001:0:4136:e378:8000:63bf:3fff:fdd2]", "[2001:db8::1]", "[2001:2::1]", "[100::1]", "[3fff::1]", "[4000::1]",
    "[2a00:1450::5efe:10.0.0.1]", "[2a00:1450::200:5efe:a00:1]",
    "localhost", "LOCALHOST.", "a.localhost", "127.0.0.1.", "①②⑦.0.0.1",
)  # fmt: skip

PUBLIC = (
    "1.1.1.1", "8.8.8.8", "93.184.215.14", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "192.0.1.1",
    "2606:4700::6810:84e5", "2a00:1450:4001:830::200e", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808",
    "2002:808:808::1", "2a00:1450::5efe:8.8.8.8",
)  # fmt: skip


async def nobody(exchange: Exchange) -> None:
    raise AssertionError(f"{exchange.url} was fetched")


async def like_the_system(host: str, port: int) -> list[str]:
    """Numbers in odd spellings as the C library reads them, `localhost` as loopback, and no other names."""
    if host.rstrip(".").endswith("localhost"):
        return ["127.0.0.1", "::1"]
    return [socket.inet_ntoa(socket.inet_aton(host))]


@pytest.mark.parametrize("host", HOSTILE)
async def test_a_guarded_address_is_refused_in_every_spelling(host: str) -> None:
    fetcher = Fetcher(nobody, user_agent="tests", resolve=like_the_system)
    with pytest.raises(AddressRefused, match="--allow-private"):
        await fetcher.fetch(f"http://{host}/")
    await fetcher.close()


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_let_through(address: str) -> None:
    refuse_private(address, "example.org")


def test_a_scope_does_not_hide_an_address() -> None:
    with pytest.raises(AddressRefused):
        refuse_private("fe80::1%eth0", "example.org")


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["93.184.215.14", "10.0.0.1"], ["::ffff:192.168.0.1"]])
async def test_a_public_name_that_leads_to_a_guarded_address_is_refused(addresses: list[str]) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return addresses

    fetcher = Fetcher(nobody, user_agent="tests", resolve=resolve)
    with pytest.raises(AddressRefused, match=r"example\.org leads to"):
        await fetcher.fetch("https://example.org/")
    await fetcher.close()


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

    async with odd_server() as server:
        only_port = ConnectTo.parse(f"localhost:80::{server.port}")  # keeps the host: then the host is not the user's word
        one_host = ConnectTo.parse(f"example.org:443:127.0.0.1:{server.port}")
        fetcher = Fetcher(keep, user_agent="tests", connect_to=(only_port, one_host), resolve=like_the_system)
        with pytest.raises(AddressRefused):
            await fetcher.fetch("http://localhost/plain")
        with pytest.raises((AddressRefused, HostNotFound)):
            await fetcher.fetch("http://example.org/plain")  # port 80 has no route
        await fetcher.close()
    assert server.seen == {}


@pytest.mark.parametrize("name", ["example.org", "a.b", "cafe", "dead.beef", "face.", "x", "1e100.net", "deadbeef"])
def test_a_name_is_not_taken_for_a_number(name: str) -> None:
    assert literal_address(name) is None
