"""The guard's list: addresses that no page may lead us to, in every spelling, and the names that lead to them.

Each with the address that it leads to, as the refusal has to name it. No address of loopback stands here twice: what was refused
can be told by its number.
"""

import socket
from typing import Any

import pytest

SPELLINGS = {
    # this machine, as numbers: what inet_aton takes, getaddrinfo takes
    "127.0.0.1": "127.0.0.1",
    "127.2": "127.0.0.2",
    "127.0.3": "127.0.0.3",
    "2130706436": "127.0.0.4",
    "0x7f000005": "127.0.0.5",
    "0x7f.6": "127.0.0.6",
    "0177.0.0.7": "127.0.0.7",
    "017700000010": "127.0.0.8",
    "127.0.0.011": "127.0.0.9",
    "0X7F.0.0.0xA": "127.0.0.10",
    "127.255.255.254": "127.255.255.254",
    "127.0.0.12.": "127.0.0.12",
    "0": "0.0.0.0",
    "0.1.2.3": "0.1.2.3",
    # numbers that the C library does not take, and browsers, other systems or a proxy may
    "127.0x.0x.1": "127.0x.0x.1",
    "0x.0x.0": "0x.0x.0",
    "127.0.0.08": "127.0.0.08",
    "4294967297": "4294967297",
    "127.0.0.1.1": "127.0.0.1.1",
    "١٢٧.0.0.1": "xn--9hbcp.0.0.1",
    # in other people's letters and dots
    "①②⑦.0.0.13": "127.0.0.13",
    "１２７.0.0.14": "127.0.0.14",
    "127。0。0。15": "127.0.0.15",
    "127．0｡0.16": "127.0.0.16",
    "%31%32%37.0.0.17": "127.0.0.17",
    "%EF%BC%91%EF%BC%92%EF%BC%97%2E0%2E0%2E18": "127.0.0.18",
    "127.0.\t0.19": "127.0.0.19",
    "127.0\n.0.20": "127.0.0.20",
    # with what looks like a host before it
    "public.example@127.0.0.21": "127.0.0.21",
    "public.example:80@127.0.0.22": "127.0.0.22",
    "public.example%2f@127.0.0.23": "127.0.0.23",
    # private networks
    "10.0.0.1": "10.0.0.1",
    "012.0.0.2": "10.0.0.2",
    "172.16.0.1": "172.16.0.1",
    "172.31.255.254": "172.31.255.254",
    "192.168.1.1": "192.168.1.1",
    "3232235778": "192.168.1.2",
    "0xc0a80103": "192.168.1.3",
    "100.64.0.1": "100.64.0.1",
    "198.18.0.1": "198.18.0.1",
    "192.0.2.1": "192.0.2.1",
    "224.0.0.1": "224.0.0.1",
    "255.255.255.255": "255.255.255.255",
    # where clouds keep their metadata
    "169.254.169.254": "169.254.169.254",
    "2852039167": "169.254.169.255",
    "0xa9fea9fd": "169.254.169.253",
    "169.254.170.2": "169.254.170.2",
    "100.100.100.200": "100.100.100.200",
    "168.63.129.16": "168.63.129.16",
    "192.0.0.192": "192.0.0.192",
    "[fd00:ec2::254]": "fd00:ec2::254",
    "[fe80::a9fe:a9fe]": "fe80::a9fe:a9fe",
    # IPv6, and IPv4 within it
    "[::1]": "::1",
    "[0:0:0:0:0:0:0:2]": "::2",
    "[::]": "::",
    "[::127.0.0.24]": "::7f00:18",
    "[::ffff:127.0.0.25]": "::ffff:7f00:19",
    "[::ffff:a00:3]": "::ffff:a00:3",
    "[::ffff:0:127.0.0.26]": "::ffff:0:7f00:1a",
    "[2002:7f00:1b::]": "2002:7f00:1b::",
    "[64:ff9b::7f00:1c]": "64:ff9b::7f00:1c",
    "[64:ff9b:1::a00:1]": "64:ff9b:1::a00:1",
    "[2001:0:4136:e378:8000:63bf:3fff:fdd2]": "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "[2a00:1450::5efe:10.0.0.4]": "2a00:1450::5efe:a00:4",
    "[fd12::5efe:8.8.8.8]": "fd12::5efe:808:808",
    "[2001:db8::200:5efe:8.8.8.8]": "2001:db8::200:5efe:808:808",
    "[fe80::1%25eth0]": "fe80::1%25eth0",
    "[fc00::1]": "fc00::1",
    "[fec0::1]": "fec0::1",
    "[ff02::1]": "ff02::1",
}  # fmt: skip
LOCAL_NAMES = (
    "localhost", "LOCALHOST.", "a.localhost", "localhost.localdomain", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "loc\u00adalhost", "ip6-loopback", "router",
    "printer.local", "nas.lan", "metadata.google.internal", "router.home.arpa",
)  # fmt: skip
# What a name server says. `half` has a public address before the private one; `alias` stands for a CNAME: what comes of it is the
# address, however many names lie between.
NAMES = {
    "inside.example": ("127.0.0.40",),
    "half.example": ("93.184.215.14", "127.0.0.41"),
    "alias.example": ("10.0.0.8",),
    "metadata.example": ("169.254.169.254",),
    "six.example": ("::1",),
    "mapped.example": ("::ffff:127.0.0.42",),
    "scoped.example": ("fe80::1%1",),
    "127.0.0.43.nip.example": ("127.0.0.43",),
}
HOSTS = (*SPELLINGS, *LOCAL_NAMES, *NAMES)
NOT_HTTP = (
    "file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1:70/_", "data:text/html,x", "dict://127.0.0.1:11211/", "ws://127.0.0.1/",
    "javascript:alert(1)", "blob:http://127.0.0.1/x", "http://", "http:///127.0.0.1/", "http://127.0.0.1 /", "http://[::1/",
    "http://127.0.0.1:99999/", "http://127.0.0.1\\@public.example/", "http://%5B::1%5D/", "http://127.0.0.1%00.example/",
    "http://%zz.example/", "//127.0.0.1/", "http://[::1].public.example/", "http://public.example[::1]/", "http://[v1.localhost]/",
)  # fmt: skip
NO_WEB_PORTS = (0, 22, 25, 6667)


def name_server(monkeypatch: pytest.MonkeyPatch, names: dict[str, tuple[str, ...]] | None = None) -> None:
    """From here on names lead where NAMES says, others nowhere, and nobody is asked."""
    known = NAMES if names is None else names

    def getaddrinfo(host: str, port: int, *_: Any, **__: Any) -> list[tuple[Any, ...]]:
        if host not in known:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [
            (socket.AF_INET6 if ":" in each else socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in known[host]
        ]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


def urls(form: str, port: int, hosts: tuple[str, ...] = HOSTS) -> list[str]:
    """One for each host, with its number in the path, so that refusals can be told apart: `http://127.2:8080/seed/1`."""
    return [f"http://{host}:{port}/{form}/{number}" for number, host in enumerate(hosts)]


def identified(hosts: tuple[str, ...]) -> list[Any]:
    """For `parametrize`: ids that a terminal can show."""
    return [pytest.param(host, id=host.encode("unicode_escape").decode("ascii")) for host in hosts]
