"""The guard: which addresses a page may not lead us to."""

import ipaddress
import re
import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from archiver.errors import AddressRefused

# From the IANA special-purpose address registries (read 2026-11). Spelled out, because what `ipaddress.is_global` says changes
# between patch releases of Python.
_GUARDED_V4 = tuple(
    (IPv4Network(network), reason)
    for network, reason in (
        ("0.0.0.0/8", "this machine"),
        ("10.0.0.0/8", "a private network"),
        ("100.64.0.0/10", "a provider's internal network"),
        ("127.0.0.0/8", "this machine"),
        ("168.63.129.16/32", "a cloud's internal service"),  # Azure's; an ordinary public address by its number
        ("169.254.0.0/16", "link-local, where clouds keep their metadata"),
        ("172.16.0.0/12", "a private network"),
        ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "for documentation only"),
        ("192.88.99.0/24", "reserved"),
        ("192.168.0.0/16", "a private network"),
        ("198.18.0.0/15", "for benchmarks only"),
        ("198.51.100.0/24", "for documentation only"),
        ("203.0.113.0/24", "for documentation only"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
    )
)
_GLOBAL_V6 = IPv6Network("2000::/3")  # all that is allocated for the public; the rest is local, multicast or reserved
_GUARDED_V6 = tuple(
    (IPv6Network(network), reason)
    for network, reason in (
        ("2001::/23", "reserved"),  # Teredo, benchmarks, ORCHID and other protocols' numbers
        ("2001:db8::/32", "for documentation only"),
        ("3fff::/20", "for documentation only"),
    )
)
# IPv6 forms that carry an IPv4 address, and by how many bits it is shifted.
_CARRIERS = (
    (IPv6Network("::ffff:0:0/96"), 0),  # IPv4-mapped
    (IPv6Network("::ffff:0:0:0/96"), 0),  # IPv4-translated (RFC 2765)
    (IPv6Network("64:ff9b::/96"), 0),  # NAT64 (RFC 6052): how a network without IPv4 reaches public IPv4 hosts
    (IPv6Network("2002::/16"), 80),  # 6to4
)
# Names that lead nowhere on the public internet, with all below them: RFC 6761 (localhost), RFC 6762 (local, and what its
# appendix G warns of), RFC 8375 (home.arpa), ICANN's resolution of 2024-07-29 (internal: where clouds have their metadata).
_LOCAL_NAMES = frozenset(
    {"localhost", "localdomain", "local", "internal", "home.arpa", "intranet", "private", "corp", "home", "lan"}
)
# No web server is behind these, whatever a URL says: browsers refuse them (Fetch standard, "port blocking", read 2026-11), since
# a request's lines may be commands to who listens there.
_NO_WEB_PORTS = frozenset(
    {
        0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110, 111,
        113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548,
        554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665,
        6666, 6667, 6668, 6669, 6679, 6697, 10080,
    }
)  # fmt: skip
_REMEDY = "--allow-private lets it through"
_ISATAP = 0x0000_5EFE  # RFC 5214, 6.1: before the IPv4 address; two bits of it vary
_ISATAP_BITS = 0xFCFF_FFFF
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*", re.I)


def refuse_private(ip: str, what: str) -> None:
    """Raises `AddressRefused` unless `ip` belongs to the public internet. `what` names the host for the message.

    `ip` is an address as a resolver gives it: numbers, not a name, perhaps with a scope (`fe80::1%eth0`).
    """
    reason = why_guarded(ipaddress.ip_address(ip.partition("%")[0]))
    if reason is not None:
        shown = what if what == ip else f"{what} leads to {ip}, which"
        raise AddressRefused(f"{shown} is not on the public internet ({reason}); {_REMEDY}")


def refuse_by_name(host: str, port: int) -> None:
    """Raises `AddressRefused` for what can be judged without asking a resolver: a proxy's names are resolved by the proxy.

    An address in any spelling, a name that only this machine or a local network has, a port that is no web server's.
    To browsers whatever ends in a number is an address (URL standard, "ends in a number"), and `127.0x.0x.1` is 127.0.0.1 to them
    and perhaps to a proxy, while inet_aton takes it for a name. No top-level domain is a number.
    """
    literal = "127.0.0.1" if _is_below(host, "localhost") else literal_address(host)
    if literal is not None:
        refuse_private(literal, host)
    elif _NUMBER.fullmatch(host.rpartition(".")[2]) and ":" not in host:
        raise AddressRefused(f"{host} ends in a number, and is not an address that is known to be public; {_REMEDY}")
    # The few top-level domains that answered by themselves are given up: resolvers try a name without a dot in their own domain.
    elif "." not in host or any(_is_below(host, name) for name in _LOCAL_NAMES):
        raise AddressRefused(f"{host} is a name of this machine or of a local network, not of the public internet; {_REMEDY}")
    if port in _NO_WEB_PORTS:
        raise AddressRefused(f"port {port} of {host} is another service's, and no web server's; {_REMEDY}")


def why_guarded(address: IPv4Address | IPv6Address) -> str | None:
    """The reason in words, or None for a public address."""
    if isinstance(address, IPv4Address):
        return next((reason for network, reason in _GUARDED_V4 if address in network), None)
    for network, shift in _CARRIERS:
        if address in network:
            return why_guarded(IPv4Address(int(address) >> shift & 0xFFFFFFFF))
    if address not in _GLOBAL_V6:
        return "local, multicast or reserved"
    reason = next((reason for network, reason in _GUARDED_V6 if address in network), None)
    if reason is None and int(address) >> 32 & _ISATAP_BITS == _ISATAP:
        return why_guarded(IPv4Address(int(address) & 0xFFFFFFFF))
    return reason


def literal_address(host: str) -> str | None:
    """The address that a host name *is*, in any spelling that resolvers take; None for a name that must be looked up.

    `0x7f.1`, `2130706433` and `0177.0.0.1` are 127.0.0.1 to the C library's inet_aton, and so to getaddrinfo.
    """
    try:
        return str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        pass
    if not re.fullmatch(r"[0-9a-fA-FxX.]+", host) or not host[-1:].strip("."):
        return None
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except (OSError, ValueError):
        return None


def _is_below(host: str, name: str) -> bool:
    return host == name or host.endswith(f".{name}")
