"""The fetcher: every byte from the network comes through here, and is recorded before it is used."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar
from urllib.parse import urlsplit

from archiver.config.settings import CrawlSettings
from archiver.errors import ConnectionFailed, ProxyFailed, TooSlow
from archiver.model.exchange import Exchange, Purpose
from archiver.network.connection import Connection, FetchLimits, Received
from archiver.network.cookies import BLANKED, Cookies, with_cookies
from archiver.network.dialing import Dialer, Resolve, ServerOrigin, proxy_refusal, resolve_by_system
from archiver.network.pool import Pool
from archiver.network.request import Headers, request_bytes, with_proxy_authorization
from archiver.network.routes import ConnectTo, Proxy
from archiver.network.tls import protocol_name
from archiver.times import Clock, utc_now
from archiver.urls import DEFAULT_PORTS, checked

__all__ = ["ConnectTo", "FetchLimits", "Fetched", "Fetcher", "plain_fetcher"]

CONNECTIONS_PER_HOST = 16
NO_PURPOSE = Purpose()
DEFAULT_LIMITS = FetchLimits()
REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})  # idempotent: RFC 9110, 9.2.2

T = TypeVar("T")
_METHOD = re.compile(r"[A-Z]+")


@dataclass(frozen=True, slots=True)
class Fetched(Generic[T]):
    """A recorded exchange, and what came of recording it."""

    exchange: Exchange
    kept: T
    """What `on_exchange` returned: in a crawl, the findings."""


class Fetcher(Generic[T]):
    """An HTTP/1.1 client that keeps what crosses the wire. For one event loop; `close` it there.

    `on_exchange` is awaited with each exchange before `fetch` returns, so nothing is used that is not kept. Redirects are not
    followed: each hop is a fetch of its own, so it is guarded and recorded like any other.
    """

    def __init__(
        self,
        on_exchange: Callable[[Exchange], Awaitable[T]],
        *,
        user_agent: str,
        allow_private: bool = False,
        connect_to: Sequence[ConnectTo] = (),
        cacert: Path | None = None,
        proxy: str | None = None,
        limits: FetchLimits = DEFAULT_LIMITS,
        connections_per_host: int = CONNECTIONS_PER_HOST,
        clock: Clock = utc_now,
        resolve: Resolve = resolve_by_system,
        cookies: Cookies | None = None,
        local_address: tuple[str, int] | None = None,
    ) -> None:
        """`local_address`: as `Dialer` has it.

        Raises `UsageError` for a proxy or a file of certificate authorities that cannot be understood.
        """
        self._on_exchange = on_exchange
        self._user_agent = user_agent
        self._limits = limits
        self._clock = clock
        self._cookies = cookies
        self._proxy = Proxy.parse(proxy) if proxy else None
        self._dialer = Dialer(
            allow_private=allow_private, connect_to=connect_to, cacert=cacert, proxy=self._proxy, limits=limits, resolve=resolve,
            local_address=local_address,
        )  # fmt: skip
        self._pool = Pool(self._dialer.connect, connections_per_host)

    async def fetch(
        self,
        url: str,
        *,
        method: str = "GET",
        headers: Headers = (),
        body: bytes = b"",
        purpose: Purpose = NO_PURPOSE,
        limits: FetchLimits | None = None,
        secret: Collection[str] = (),
    ) -> Fetched[T]:
        """One request and its response, whatever its status; both are recorded when this returns. `limits` replace the fetcher's.

        Raises `BadUrl` and the other `NetworkError`s where no response came: then nothing is recorded. A user name or password in
        the URL is not sent. The user's cookies for it are, unless the `purpose` says no; what is recorded has them blanked.
        So are the values of `headers` that `secret` names, in lower case. Whatever `on_exchange` raises comes through. Raises
        `ValueError` for a method or a header that cannot be sent.
        """
        exchange = await self._exchange(checked(url), method.upper(), headers, body, purpose, limits or self._limits, secret)
        return Fetched(exchange, await _shielded(self._on_exchange(exchange)))

    async def close(self) -> None:
        """Closes all connections. A fetch that is under way fails."""
        await self._pool.close()

    async def _exchange(
        self, url: str, method: str, headers: Headers, body: bytes, purpose: Purpose, limits: FetchLimits, secret: Collection[str]
    ) -> Exchange:
        if not _METHOD.fullmatch(method) or method == "CONNECT":
            raise ValueError(f"{method!r} is no method to fetch with")
        parts = urlsplit(url)
        port = DEFAULT_PORTS[parts.scheme] if parts.port is None else parts.port
        origin = ServerOrigin(parts.scheme, parts.hostname or "", port)
        target = f"{parts.path}?{parts.query}" if "?" in url else parts.path
        by_proxy = self._proxy if self._dialer.speaks_to_proxy(origin) else None
        if by_proxy is not None:
            target = url
        own = self._cookies.header_for(url) if self._cookies is not None else None
        with_own = own is not None and purpose.with_cookies
        sending, recording = with_cookies(headers, own) if own is not None and with_own else (headers, headers)
        recording = [(name, BLANKED if name.lower() in secret else value) for name, value in recording]
        blanked = [name.title() for name, _ in headers if name.lower() in secret] + ["Cookie"] * with_own
        recorded = request_bytes(method, target, parts.netloc, self._user_agent, recording, body)
        sent = request_bytes(method, target, parts.netloc, self._user_agent, sending, body)
        if by_proxy is not None and by_proxy.authorization is not None:
            sent = with_proxy_authorization(sent, by_proxy.authorization)
        async with self._pool.slot(origin):
            started_at = self._clock()
            connection, received = await self._ask(origin, method, sent, limits)
            self._pool.release(origin, connection)
        if by_proxy is not None and received.head.status == 407:
            raise ProxyFailed(f"the proxy {by_proxy.host} would not fetch {url}: {proxy_refusal(407)}")
        http = "http/1.0" if received.head.version.upper() == "HTTP/1.0" else "http/1.1"
        tls = protocol_name(connection.tls)
        return Exchange(
            url=url,
            method=method,
            started_at=started_at,
            request=recorded,
            response=received.wire,
            head=received.head,
            payload=received.payload,
            body_start=received.head_size,
            ip=connection.ip,
            protocols=(http, tls) if tls else (http,),
            truncated=received.truncated,
            malformed=received.malformed,
            purpose=purpose,
            blanked=tuple(dict.fromkeys(blanked)),
            withheld=own is not None and not with_own,
        )

    async def _ask(self, origin: ServerOrigin, method: str, request: bytes, limits: FetchLimits) -> tuple[Connection, Received]:
        """Sends a request over an idle connection, if there is one; over a fresh one where the server has just closed that."""
        idle = self._pool.take(origin)
        if idle is not None:
            try:
                return idle, await idle.exchange(request, method, limits)
            except ConnectionFailed:
                if idle.answered or method not in REPEATABLE:
                    raise
        try:
            async with asyncio.timeout(limits.connect_seconds):
                connection = await self._pool.dial(origin)
        except TimeoutError:  # this request's own limit, shorter than the fetcher's, which the dialer reports itself
            seconds = limits.connect_seconds
            raise TooSlow(f"{origin.host} could not be connected to within {seconds:g} s; try again later") from None
        return connection, await connection.exchange(request, method, limits)


async def _shielded(recording: Awaitable[T]) -> T:
    """Awaits a recording to its end also when the caller is cancelled: one that is cut short would have to be recovered."""
    task = asyncio.ensure_future(recording)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


def plain_fetcher(
    settings: CrawlSettings, *, limits: FetchLimits = DEFAULT_LIMITS, routed: bool = False, clock: Clock = utc_now
) -> Fetcher[None]:
    """A fetcher that records nothing and refuses no private address, for requests to the user's own addresses: a ping, a
    timestamp.

    User agent, proxy and certificate authorities are those of `settings`; `routed`: `connect_to` counts as well. `close` it.
    Raises `UsageError` for a proxy, a route or certificates that cannot be understood.
    """

    async def recorded_nowhere(_: Exchange) -> None:
        return None

    return Fetcher(
        recorded_nowhere,
        user_agent=settings.user_agent,
        allow_private=True,
        connect_to=tuple(map(ConnectTo.parse, settings.connect_to)) if routed else (),
        cacert=settings.cacert,
        proxy=settings.proxy,
        limits=limits,
        clock=clock,
    )
