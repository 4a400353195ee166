"""Oddities: what real servers send and strict parsers refuse, as exact bytes, and a raw server that sends them.

`odd_server` answers `/NAME` with the oddity of that name, and notes what it received and sent, so that a test can hold a
recording against the wire.
"""

import asyncio
import gzip
import re
import ssl
import zlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlsplit

from archiver.model.exchange import Truncated

HTML = b"<!doctype html><title>odd</title><p>Text of the page."
SMALL_GZIP = gzip.compress(HTML, mtime=0)


@dataclass(frozen=True, slots=True)
class Oddity:
    """One answer, and what a reader must make of it."""

    name: str
    response: bytes
    payload: bytes = HTML
    """The body without chunk framing, content coding kept."""
    status: int = 200
    closes: bool = False
    """The server closes the connection after the last byte."""
    method: str = "GET"
    truncated: Truncated | None = None
    malformed: bool = False
    """The reader had to guess at the framing."""
    decoded: bytes | None = None
    """The body without its content coding, where it has one."""
    drip_seconds: float = 0.0
    """The body goes out byte by byte with this pause between."""


def _sized(*headers: bytes, status: bytes = b"HTTP/1.1 200 OK", body: bytes = HTML, end: bytes = b"\r\n") -> bytes:
    return end.join((status, *headers, b"Content-Length: %d" % len(body), b"", b"")) + body


def _chunked(body: bytes, *headers: bytes, status: bytes = b"HTTP/1.1 200 OK") -> bytes:
    return b"\r\n".join((status, *headers, b"Transfer-Encoding: chunked", b"", b"")) + body


def _in_chunks(body: bytes = HTML, size: int = 20) -> bytes:
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


_CL = b"Content-Length: %d" % len(HTML)

ODDITIES: tuple[Oddity, ...] = (
    Oddity("plain", _sized(b"Content-Type: text/html")),
    # --- the status line
    Oddity("long-reason", _sized(status=b"HTTP/1.1 200 Alles  in   Ordnung, nur zu! ")),
    Oddity("latin-1-reason", _sized(status=b"HTTP/1.1 404 Non trouv\xe9"), status=404),
    Oddity("no-reason", _sized(status=b"HTTP/1.1 200")),
    Oddity("empty-reason", _sized(status=b"HTTP/1.1 200 ")),
    Oddity("unknown-status", _sized(status=b"HTTP/1.1 799 Who knows"), status=799),
    Oddity("lower-case-version", _sized(status=b"http/1.1 200 ok")),
    Oddity("http-1.0", _sized(status=b"HTTP/1.0 200 OK"), closes=True),
    Oddity("http-1.0-keep-alive", _sized(b"Connection: Keep-Alive", status=b"HTTP/1.0 200 OK")),
    Oddity("icy", b"ICY 200 OK\r\nicy-name: radio\r\n\r\n" + HTML, closes=True),
    Oddity("empty-line-first", b"\r\n" + _sized()),
    # --- headers
    Oddity("header-case-and-repeats", _sized(b"sEt-cOOkie: a=1", b"Set-Cookie: b=2", b"SET-COOKIE: a=1", b"x-ODD:v")),
    Oddity("latin-1-value", _sized(b"X-Name: Andr\xe9 \xff\x80")),
    Oddity("utf-8-value", _sized("Location-Hint: Ізюм".encode())),
    Oddity("empty-value", _sized(b"X-Empty:", b"X-Blank:   ")),
    Oddity("long-header", _sized(b"X-Long: " + b"abcdefghij" * 2_000)),
    Oddity("two-hundred-headers", _sized(*(b"X-H%d: %d" % (n, n) for n in range(200)))),
    Oddity("space-before-colon", _sized(b"Content-Type : text/html", b"X-Tab\t: 1")),
    Oddity("nul-in-header", _sized(b"X-Nul: a\0b")),
    Oddity("line-without-colon", _sized(b"this is no header")),
    Oddity("folded-header", _sized(b"X-Folded: one\r\n two\r\n\tthree")),
    Oddity("line-feeds-only", _sized(b"Content-Type: text/html", end=b"\n")),
    Oddity("mixed-line-ends", b"HTTP/1.1 200 OK\nX-A: 1\r\n" + _CL + b"\n\r\n" + HTML),
    # --- interim responses
    Oddity("continue-first", b"HTTP/1.1 100 Continue\r\n\r\n" + _sized()),
    Oddity(
        "early-hints-first",
        b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n" + _sized(),
    ),
    # --- statuses
    Oddity("partial-content", _sized(b"Content-Range: bytes 0-52/999", status=b"HTTP/1.1 206 Partial Content"), status=206),
    Oddity("no-content", b"HTTP/1.1 204 No Content\r\nX-Why: nothing\r\n\r\n", payload=b"", status=204),
    Oddity("no-content-with-length", b"HTTP/1.1 204 No Content\r\nContent-Length: 7\r\n\r\n", payload=b"", status=204),
    Oddity("not-modified", b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n' + _CL + b"\r\n\r\n", payload=b"", status=304),
    Oddity("redirect", _sized(b"Location: /plain", status=b"HTTP/1.1 301 Moved"), status=301),
    Oddity("head", b"HTTP/1.1 200 OK\r\n" + _CL + b"\r\n\r\n", payload=b"", method="HEAD"),
    # --- Content-Length
    Oddity("until-close", b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + HTML, closes=True),
    Oddity("empty-body", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", payload=b""),
    Oddity("equal-lengths", _sized(_CL)),
    Oddity("equal-lengths-in-one", b"HTTP/1.1 200 OK\r\nContent-Length: 53, 53\r\n\r\n" + HTML),
    Oddity("different-lengths", _sized(b"Content-Length: 5"), closes=True, malformed=True),
    Oddity("length-is-no-number", b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n" + HTML, closes=True, malformed=True),
    Oddity(
        "closed-too-early",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + HTML,
        closes=True,
        truncated=Truncated.DISCONNECT,
    ),
    # --- chunks
    Oddity("chunks", _chunked(_in_chunks())),
    Oddity(
        "chunk-extensions-and-trailers",
        _chunked(
            b'0a;name=value; q="a;b"\r\n%s\r\n02B ;x\r\n%s\r\n' % (HTML[:10], HTML[10:])
            + b"000;last\r\nX-Sum: 1\r\nX-B: \r\n\r\n",
            b"Trailer: X-Sum",
        ),
    ),
    Oddity("chunks-with-line-feeds", _chunked(_in_chunks().replace(b"\r\n", b"\n"))),
    Oddity("chunks-and-length", _chunked(_in_chunks(), b"Content-Length: 5")),
    Oddity("chunks-under-http-1.0", _chunked(_in_chunks(), status=b"HTTP/1.0 200 OK"), closes=True),
    Oddity("chunks-in-capitals", _chunked(b"35\r\n" + HTML + b"\r\n0\r\n\r\n").replace(b"chunked", b"Chunked")),
    Oddity(
        "broken-chunk-size",
        _chunked(b"14\r\n" + HTML[:20] + b"\r\nxyz\r\nrest"),
        HTML[:20] + b"xyz\r\nrest",
        closes=True,
        malformed=True,
    ),
    Oddity("chunked-but-is-not", _chunked(HTML), closes=True, malformed=True),
    Oddity(
        "chunks-cut-off",
        _chunked(b"14\r\n" + HTML[:20] + b"\r\n15\r\n" + HTML[20:30]),
        HTML[:30],
        closes=True,
        truncated=Truncated.DISCONNECT,
    ),
    Oddity("no-end-after-last-chunk", _chunked(_in_chunks()[:-2]), closes=True, malformed=True),
    # --- content codings
    Oddity("gzip", _sized(b"Content-Encoding: gzip", body=SMALL_GZIP), SMALL_GZIP, decoded=HTML),
    Oddity("gzip-in-chunks", _chunked(_in_chunks(SMALL_GZIP), b"Content-Encoding: gzip"), SMALL_GZIP, decoded=HTML),
    Oddity(
        "gzip-with-garbage-behind",
        _sized(b"Content-Encoding: x-gzip", body=SMALL_GZIP + b"\0\0junk"),
        SMALL_GZIP + b"\0\0junk",
        decoded=HTML,
    ),
    Oddity("gzip-that-is-plain", _sized(b"Content-Encoding: gzip"), decoded=HTML),
    Oddity("deflate", _sized(b"Content-Encoding: deflate", body=zlib.compress(HTML)), zlib.compress(HTML), decoded=HTML),
    # --- what follows
    Oddity("bytes-behind-the-body", _sized() + b"HTTP/1.1 200 OK\r\n", closes=True),
)


@dataclass(frozen=True, slots=True)
class Seen:
    """One exchange as the server saw it."""

    request: bytes
    sent: bytes
    connection: int
    """Which of its connections carried it, counted from 1."""


@dataclass(slots=True)
class OddServer:
    """A server that runs."""

    port: int
    seen: dict[str, list[Seen]] = field(default_factory=dict)
    """By path."""
    connections: int = 0
    """How many were opened so far."""
    _open: "set[_OddConnection]" = field(default_factory=set)

    @property
    def open(self) -> int:
        """How many connections are open now."""
        return len(self._open)

    def say_to_all(self, data: bytes) -> None:
        """Sends something that nobody asked for over every open connection."""
        for connection in self._open:
            connection.say(data)


@asynccontextmanager
async def odd_server(
    ssl_context: ssl.SSLContext | None = None, oddities: Sequence[Oddity] = ODDITIES
) -> AsyncIterator[OddServer]:
    """Serves oddities on a loopback port, as http, or as https with a server's context. Unknown paths get a 404."""
    answers = {f"/{oddity.name}": oddity for oddity in oddities}
    running = OddServer(port=0)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _OddConnection(running, answers), "127.0.0.1", 0, ssl=ssl_context)
    running.port = server.sockets[0].getsockname()[1]
    try:
        yield running
    finally:
        server.close()
        for connection in list(running._open):
            connection.stop()
        await server.wait_closed()
        await asyncio.sleep(0)  # so that the aborted transports are closed before the loop is


class _OddConnection(asyncio.Protocol):
    _NOT_FOUND = Oddity("not-found", _sized(status=b"HTTP/1.1 404 Not Found", body=b"no such oddity"), status=404)
    _LENGTH = re.compile(rb"\r\nContent-Length: (\d+)", re.I)

    def __init__(self, server: OddServer, answers: dict[str, Oddity]) -> None:
        self._server = server
        self._answers = answers
        self._buffer = b""
        self._number = 0
        self._transport: asyncio.Transport | None = None

    def stop(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def say(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._server.connections += 1
        self._number = self._server.connections
        self._server._open.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._server._open.discard(self)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n") + 4
        if end < 4:
            return
        length = self._LENGTH.search(self._buffer[:end])
        end += int(length[1]) if length else 0
        if len(self._buffer) < end:
            return
        request, self._buffer = self._buffer[:end], self._buffer[end:]
        path = urlsplit(request.split(b" ")[1].decode("ascii")).path
        answer = self._answers.get(path, self._NOT_FOUND)
        self._server.seen.setdefault(path, []).append(Seen(request, answer.response, self._number))
        self._send(answer, answer.response)

    def _send(self, answer: Oddity, left: bytes) -> None:
        if self._transport is None:
            return
        head = answer.response.find(b"\r\n\r\n") + 4
        size = len(left)
        if answer.drip_seconds:
            size = head if len(left) == len(answer.response) else 1
        self._transport.write(left[:size])
        if left[size:]:
            asyncio.get_running_loop().call_later(answer.drip_seconds, self._send, answer, left[size:])
        elif answer.closes:
            self._transport.close()
