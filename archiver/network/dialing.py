"""Dialing: from a host's name to an open connection, over the guard, the user's routes, a proxy and TLS."""

import asyncio
import os
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from archiver.errors import CertificateRefused, ConnectionFailed, HostNotFound, NetworkError, NotHttp, ProxyFailed, TooSlow
from archiver.network import tls
from archiver.network.connection import SHUTDOWN_SECONDS, Connection, FetchLimits
from archiver.network.guard import literal_address, refuse_by_name, refuse_private
from archiver.network.routes import ConnectTo, Proxy, Target, target_for

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""A host's name and port -> its addresses, best first. Raises `OSError` where there are none."""

NAME_SECONDS = 60.0  # how long an answer of the resolver is used: the shortest lifetime that is common in DNS
MAX_NAMES = 10_000
MAX_ADDRESSES = 6  # tried for one host; further ones are hardly ever different machines


@dataclass(frozen=True, slots=True)
class ServerOrigin:
    """The server that a URL names."""

    scheme: str
    host: str
    """Lower case, IPv6 without brackets."""
    port: int


async def resolve_by_system(host: str, port: int) -> Sequence[str]:
    """The addresses in the order in which the system wants them tried (RFC 6724)."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


class Dialer:
    """Opens connections. Every address is judged by the guard after it was resolved, and exactly that address is connected to."""

    def __init__(
        self,
        *,
        allow_private: bool = False,
        connect_to: Sequence[ConnectTo] = (),
        cacert: Path | None = None,
        proxy: Proxy | None = None,
        limits: FetchLimits,
        resolve: Resolve = resolve_by_system,
        local_address: tuple[str, int] | None = None,
    ) -> None:
        """`local_address`: of this machine, from which connections go out, and a port, 0 for any; None: the system chooses."""
        self._allow_private = allow_private
        self._local_address = local_address
        self._routes = tuple(connect_to)
        self._proxy = proxy
        self._limits = limits
        self._resolve = resolve
        self._trust = tls.Trust(cacert)
        self._names: dict[tuple[str, int], tuple[float, Sequence[str]]] = {}

    def speaks_to_proxy(self, origin: ServerOrigin) -> bool:
        """Whether requests go to the proxy itself, in absolute form: plain http without a route of the user's, as curl does
        it."""
        return self._proxy is not None and origin.scheme == "http" and not target_for(origin.host, origin.port, self._routes)

    async def connect(self, origin: ServerOrigin) -> Connection:
        """A fresh connection to an origin, or to the proxy for it. Raises a `NetworkError` that names the host and the remedy."""
        target = target_for(origin.host, origin.port, self._routes) or Target(origin.host, origin.port)
        try:
            async with asyncio.timeout(self._limits.connect_seconds):
                if self._proxy is not None:
                    return await self._through_proxy(self._proxy, origin, target)
                return await self._directly(origin, target)
        except TimeoutError:
            seconds = self._limits.connect_seconds
            raise TooSlow(f"{origin.host} could not be connected to within {seconds:g} s; try again later") from None

    async def _directly(self, origin: ServerOrigin, target: Target) -> Connection:
        guarded = not (self._allow_private or target.chosen_by_user)
        if guarded:
            refuse_by_name(target.host, origin.port)
        addresses = await self._addresses(target)
        if guarded:
            for address in addresses:
                refuse_private(address, target.host)
        if origin.scheme == "http":
            return await self._first_that_answers(addresses, target.port, origin.host, None)
        context = self._trust.context_for(origin.host)
        connection = await self._first_that_answers(addresses, target.port, origin.host, context)
        self._check_name(connection, origin.host)
        return connection

    async def _through_proxy(self, proxy: Proxy, origin: ServerOrigin, target: Target) -> Connection:
        if not (self._allow_private or target.chosen_by_user):
            refuse_by_name(target.host, origin.port)  # all that can be judged: the proxy resolves the name, not we
        where = f"the proxy {proxy.host}:{proxy.port}"
        try:
            addresses = await self._addresses(Target(proxy.host, proxy.port))
            connection = await self._first_that_answers(addresses, proxy.port, proxy.host, None)
        except NetworkError as error:
            raise ProxyFailed(f"{where} could not be reached: {error}; check --proxy") from None
        connection.where = origin.host
        try:
            if not self.speaks_to_proxy(origin):
                await self._open_tunnel(connection, proxy, target, where)
            if origin.scheme == "https":
                await self._secure(connection, origin.host)
        except BaseException:
            connection.abort()
            raise
        connection.ip = None  # the proxy's, not the host's
        return connection

    async def _open_tunnel(self, connection: Connection, proxy: Proxy, target: Target, where: str) -> None:
        name = f"[{target.host}]" if ":" in target.host else target.host
        lines = [f"CONNECT {name}:{target.port} HTTP/1.1", f"Host: {name}:{target.port}"]
        if proxy.authorization is not None:
            lines.append(f"Proxy-Authorization: {proxy.authorization}")
        request = "\r\n".join((*lines, "", "")).encode("latin-1")
        try:
            received = await connection.exchange(request, "CONNECT", self._limits)
        except (ConnectionFailed, NotHttp) as error:
            raise ProxyFailed(f"{where} would not open a tunnel to {target.host}: {error}") from None
        if not 200 <= received.head.status < 300:
            raise ProxyFailed(f"{where} would not open a tunnel to {target.host}: {proxy_refusal(received.head.status)}")

    async def _secure(self, connection: Connection, host: str) -> None:
        try:
            await connection.secure(self._trust.context_for(host), host, self._limits.connect_seconds)
        except OSError as error:
            raise _no_tls(host, error) from None
        self._check_name(connection, host)

    def _check_name(self, connection: Connection, host: str) -> None:
        try:
            self._trust.check(host, connection.certificate)
        except CertificateRefused:
            connection.abort()
            raise

    async def _first_that_answers(
        self, addresses: Sequence[str], port: int, host: str, context: ssl.SSLContext | None
    ) -> Connection:
        """Tries the addresses one after the other; each gets its share of the time, so that a dead one does not eat it all."""
        share = self._limits.connect_seconds / len(addresses)
        last: OSError | None = None
        for address in addresses:
            try:
                async with asyncio.timeout(share if len(addresses) > 1 else None):
                    return await _open(address, port, host, context, self._local_address)
            except ssl.SSLError as error:
                raise _no_tls(host, error) from None
            except OSError as error:  # TimeoutError is one
                last = error
        if isinstance(last, TimeoutError):
            raise last
        raise ConnectionFailed(f"{host} cannot be connected to on port {port}: {_reason(last)}; try again later") from None

    async def _addresses(self, target: Target) -> Sequence[str]:
        literal = literal_address(target.host)
        if literal is not None:
            return (literal,)
        loop = asyncio.get_running_loop()
        expires, addresses = self._names.get((target.host, target.port), (0.0, ()))
        if expires > loop.time():
            return addresses
        try:
            addresses = tuple(await self._resolve(target.host, target.port))[:MAX_ADDRESSES]
        except (OSError, UnicodeError) as error:
            raise HostNotFound(f"{target.host} was not found: {_reason(error)}; check the spelling") from None
        if not addresses:
            raise HostNotFound(f"{target.host} was not found: it has no address; check the spelling")
        if len(self._names) >= MAX_NAMES:
            self._names.clear()
        self._names[target.host, target.port] = (loop.time() + NAME_SECONDS, addresses)
        return addresses


def proxy_refusal(status: int) -> str:
    """A proxy's refusal in words."""
    if status == 407:
        return "it wants a user and a password (--proxy http://USER:PASSWORD@HOST:PORT)"
    return f"it answered {status}"


async def _open(address: str, port: int, host: str, context: ssl.SSLContext | None, local: tuple[str, int] | None) -> Connection:
    loop = asyncio.get_running_loop()
    if context is None:
        return (await loop.create_connection(lambda: Connection(host), address, port, local_addr=local))[1]
    try:
        _, connection = await loop.create_connection(
            lambda: Connection(host), address, port, local_addr=local,
            ssl=context, server_hostname=host, ssl_shutdown_timeout=SHUTDOWN_SECONDS,
        )  # fmt: skip
    except ConnectionResetError as error:
        raise ssl.SSLError(ssl.SSL_ERROR_EOF, "it closed the connection during the handshake") from error
    return connection


def _no_tls(host: str, error: OSError) -> NetworkError:
    if isinstance(error, ssl.SSLCertVerificationError):
        return tls.refused(host, error)
    return ConnectionFailed(f"{host} cannot be spoken to over TLS: {_reason(error)}; perhaps it answers to http://")


def _reason(error: OSError | UnicodeError | None) -> str:
    if isinstance(error, UnicodeError):
        return "no host can have this name"
    if isinstance(error, ssl.SSLError):
        return (getattr(error, "reason", None) or str(error.strerror or error)).lower().replace("_", " ")
    if isinstance(error, socket.gaierror) or error is None or not error.errno:
        return str(error.strerror or error).lower() if error is not None else "no address"
    return os.strerror(error.errno).lower()
