"""A small HTTP proxy for tests: whatever name it is asked for, it goes to one loopback port."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from tests.support.servers import closed, serving


@dataclass(slots=True)
class RunningProxy:
    port: int
    heads: list[bytes] = field(default_factory=list)
    """What clients asked the proxy for, one head a connection."""


@asynccontextmanager
async def http_proxy(to_port: int, *, answer: bytes | None = None) -> AsyncIterator[RunningProxy]:
    """CONNECT opens a tunnel to `to_port`, anything else is passed on there as it stands. `answer`: said instead of all that."""
    heads: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        heads.append(head)
        if answer is None:
            await _pass_on(head, to_port, reader, writer)
        else:
            writer.write(answer)
            await writer.drain()

    async with serving(serve) as port:
        yield RunningProxy(port, heads)


async def _pass_on(head: bytes, to_port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    far_reader, far_writer = await asyncio.open_connection("127.0.0.1", to_port)
    try:
        if head.startswith(b"CONNECT "):
            writer.write(b"HTTP/1.0 200 Connection established\r\nVia: tests\r\n\r\n")
        else:
            far_writer.write(head)
        await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))
        await closed(far_writer)
    finally:
        far_writer.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()
