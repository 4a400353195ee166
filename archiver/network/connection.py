"""One connection to a server: it carries one exchange after the other, and keeps every byte received."""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from archiver.errors import ConnectionFailed, NetworkError, NotHttp, StorageError, TooSlow
from archiver.model.exchange import Truncated
from archiver.wire.http1 import ResponseHead, ResponseReader
from archiver.wire.spool import Spool

SHUTDOWN_SECONDS = 2.0  # how long we wait for the peer's close_notify when we close; most never send it


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """How much, and for how long, one exchange may take. Beyond `max_bytes` or `max_seconds` what came is kept and marked as
    truncated; the other caps raise `TooSlow`."""

    max_bytes: int = 100_000_000
    """Of the response as it crosses the wire: heads and chunk framing count."""
    max_seconds: float = 120.0
    """From the request's first byte to the response's last."""
    connect_seconds: float = 20.0
    """Name, connection, tunnel and TLS together, over all addresses of a host."""
    head_seconds: float = 60.0
    """From the request's first byte to the end of the response's head."""


@dataclass(frozen=True, slots=True)
class Received:
    """A response as it came, complete at least up to the end of its head."""

    head: ResponseHead
    head_size: int
    """Where in `wire` the body begins."""
    wire: Spool
    payload: Spool
    truncated: Truncated | None
    malformed: str | None


class Connection(asyncio.Protocol):
    """Opened by `dialing`, kept by `pool`. Not for two exchanges at once."""

    def __init__(self, where: str) -> None:
        self.where = where
        """The host for messages: `example.org`."""
        self.ip: str | None = None
        self.tls: str | None = None
        """As the ssl module says it: `TLSv1.3`."""
        self.certificate: Mapping[str, object] | None = None
        self.answered = False
        """At least one byte has come since the last request."""
        self.idle_since = 0.0
        self.closed = asyncio.get_running_loop().create_future()
        self._tls_object: ssl.SSLObject | None = None
        self._orderly = True  # the end came, or would come, as the protocol wants it: close_notify in TLS, a FIN in TCP
        self._transport: asyncio.Transport | None = None
        self._reader: ResponseReader | None = None
        self._wire = Spool()
        self._payload: Spool | None = None
        self._room = 0
        self._started = 0.0
        self._limits = FetchLimits()
        self._timer: asyncio.TimerHandle | None = None
        self._result: asyncio.Future[Received] | None = None

    @property
    def usable(self) -> bool:
        """Open, and nothing is going on."""
        return self._transport is not None and self._reader is None and not self._transport.is_closing()

    async def exchange(self, request: bytes, method: str, limits: FetchLimits) -> Received:
        """Sends a request and gathers its response.

        Raises `TooSlow`, `ConnectionFailed` or `NotHttp` where no complete head came; then `answered` tells whether anything did.
        A body that breaks off, grows too long or takes too long is no error: see `Received.truncated`.
        """
        if self._transport is None or self._transport.is_closing():
            self.answered = False
            raise ConnectionFailed(f"{self.where} closed the connection")
        loop = asyncio.get_running_loop()
        self.answered = False
        self._reader = ResponseReader(method)
        self._wire, self._payload = Spool(), None
        self._room, self._limits, self._started = limits.max_bytes, limits, loop.time()
        self._result = loop.create_future()
        self._timer = loop.call_later(min(limits.head_seconds, limits.max_seconds), self._time_is_up)
        self._transport.write(request)
        try:
            return await self._result
        except asyncio.CancelledError:
            self.abort()
            raise
        finally:
            self._timer.cancel()
            self._reader = None
            self._wire, self._payload, self._result = Spool(), None, None

    def close(self) -> None:
        """Closes in order (TLS: with close_notify)."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Closes at once, without close_notify."""
        if self._transport is not None:
            self._transport.abort()

    async def secure(self, context: ssl.SSLContext, name: str, seconds: float) -> None:
        """Turns the connection, a tunnel through a proxy, into a TLS connection. Raises what `loop.start_tls` raises."""
        transport = self._transport
        if transport is None or transport.is_closing():
            raise ConnectionResetError
        loop = asyncio.get_running_loop()
        upgraded = await loop.start_tls(
            transport, self, context, server_hostname=name, ssl_handshake_timeout=seconds, ssl_shutdown_timeout=SHUTDOWN_SECONDS
        )
        if upgraded is None:
            raise ConnectionResetError
        self.connection_made(upgraded)

    # --- called by the event loop ---------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        self.ip = peer[0] if peer else None
        self._tls_object = transport.get_extra_info("ssl_object")
        if self._tls_object is not None:
            self.tls = self._tls_object.version()
            self.certificate = self._tls_object.getpeercert()
            self._orderly = False

    def data_received(self, data: bytes) -> None:
        self.answered = True
        reader = self._reader
        if reader is None or self._result is None or self._result.done():
            self.abort()  # unrequested bytes, such as a 408 on an idle connection: it cannot be used any more
            return
        full = len(data) >= self._room
        before = reader.wire_size
        try:
            pieces = reader.feed(data[: self._room] if full else data)
        except NotHttp as error:
            self._fail(NotHttp(f"{self.where} does not speak HTTP: {error}", error.received))
            return
        used = reader.wire_size - before
        self._room -= used
        try:
            if self._wire.size:
                self._wire.write(data[:used])
            else:
                self._wire = Spool(data[:used])
            self._keep(pieces)
        except StorageError as error:  # for whoever waits for the answer; asyncio would only log it
            self._fail(error)
            return
        if reader.complete:
            self._finish(None, clean=used == len(data))
        elif full:
            self._stop_at_limit(Truncated.LENGTH)

    def eof_received(self) -> None:
        # asyncio calls this for close_notify as for a bare FIN (seen in Python 3.11 to 3.13, 2026-11). Only the TLS object can
        # tell them apart: after close_notify there is nothing to read, before it more is wanted.
        if self._tls_object is not None:
            try:
                self._orderly = self._tls_object.read(1) == b""
            except ssl.SSLError:
                self._orderly = False

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if not self.closed.done():
            self.closed.set_result(None)
        reader = self._reader
        if reader is None or self._result is None or self._result.done():
            return
        if reader.head is None:
            how = "broke the connection off" if exc is not None else "closed the connection"
            when = "in the middle of the response's head" if self.answered else "without an answer"
            self._fail(ConnectionFailed(f"{self.where} {how} {when}; try again later"))
            return
        try:
            self._keep(reader.finish())
        except StorageError as error:
            self._fail(error)
            return
        # A body that lasts until the close is whole only after an orderly one.
        whole = reader.complete and not (reader.ends_with_connection and (exc is not None or not self._orderly))
        self._finish(None if whole else Truncated.DISCONNECT, clean=False)

    # --- the end of an exchange -----------------------------------------------------------------------------------------------

    def _keep(self, pieces: list[bytes]) -> None:
        if pieces and self._payload is None:
            self._payload = Spool()
        if self._payload is not None:
            for piece in pieces:
                self._payload.write(piece)

    def _finish(self, truncated: Truncated | None, *, clean: bool) -> None:
        reader, result, transport = self._reader, self._result, self._transport
        if reader is None or reader.head is None or result is None:
            return
        payload = (self._payload or Spool()) if reader.chunked else self._wire.tail(reader.head_size)
        result.set_result(Received(reader.head, reader.head_size, self._wire, payload, truncated, reader.malformed))
        if transport is None:
            return
        if truncated is not None:
            transport.abort()
        elif not (clean and reader.keep_alive and transport.get_write_buffer_size() == 0):
            transport.close()

    def _fail(self, error: NetworkError | StorageError) -> None:
        if self._result is not None and not self._result.done():
            self._result.set_exception(error)
        self.abort()

    def _stop_at_limit(self, limit: Truncated) -> None:
        if self._reader is not None and self._reader.head is not None:
            self._finish(limit, clean=False)
        elif limit is Truncated.TIME:
            self._fail(TooSlow(f"{self.where} did not answer within {self._elapsed():.0f} s; try again later"))
        else:
            self._fail(NotHttp(f"{self.where} sent more than {self._limits.max_bytes:,} bytes and no complete head"))

    def _time_is_up(self) -> None:
        if self._reader is None or self._result is None or self._result.done():
            return
        left = self._limits.max_seconds - self._elapsed()
        if self._reader.head is None or left <= 0.001:
            self._stop_at_limit(Truncated.TIME)
        else:
            self._timer = asyncio.get_running_loop().call_later(left, self._time_is_up)

    def _elapsed(self) -> float:
        return asyncio.get_running_loop().time() - self._started
