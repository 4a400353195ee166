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
_ISATAP = re.compile(r":0?[02]00:5efe:")


def refuse_private(ip: str, what: str) -> None:
    """Raises `AddressRefused` unless `ip` belongs to the public internet. `what` names the host for the message.

    `ip` is an address as a resolver gives it: numbers, not a name, perhaps with a scope (`fe80::1%eth0`).
    """
    reason = why_guarded(ipaddress.ip_address(ip.partition("%")[0]))
    if reason is not None:
        shown = what if what == ip else f"{what} leads to {ip}, which"
        raise AddressRefused(f"{shown} is not on the public internet ({reason}); --allow-private lets it through")


def why_guarded(address: IPv4Address | IPv6Address) -> str | None:
    """The reason in words, or None for a public address."""
    if isinstance(address, IPv4Address):
        return next((reason for network, reason in _GUARDED_V4 if address in network), None)
    for network, shift in _CARRIERS:
        if address in network:
            return why_guarded(IPv4Address(int(address) >> shift & 0xFFFFFFFF))
    if _ISATAP.search(address.exploded) or _ISATAP.search(address.compressed):
        return why_guarded(IPv4Address(int(address) & 0xFFFFFFFF))
    if address not in _GLOBAL_V6:
        return "local, multicast or reserved"
    return next((reason for network, reason in _GUARDED_V6 if address in network), None)


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


def is_local_name(host: str) -> bool:
    """`localhost` and below: loopback by definition (RFC 6761), whoever resolves it."""
    return host == "localhost" or host.endswith(".localhost")
