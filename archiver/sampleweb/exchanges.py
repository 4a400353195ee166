"""A request as it came in, a reply, and the reply's bytes: just enough HTTP/1.1 for the sample web."""

import asyncio
import gzip
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, formatdate, parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import parse_qs, unquote, urlsplit

CHUNK_BYTES = 3000  # small, so that even short pages come in several chunks
MAX_REQUEST_BODY = 1 << 20  # nobody posts here; a body is read and dropped


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked for."""

    method: str
    host: str
    """Lower case, without port."""
    target: str
    """Path and query as sent."""
    headers: dict[str, str]
    """Names in lower case; of repeated headers the last."""
    secure: bool
    keep_alive: bool = True
    chunks_allowed: bool = True
    """False for HTTP/1.0."""

    @property
    def path(self) -> str:
        """Decoded, without the query."""
        return unquote(urlsplit(self.target).path)

    def query(self, name: str) -> str | None:
        """The first value of a query parameter, decoded; None where it is missing."""
        return next(iter(parse_qs(urlsplit(self.target).query).get(name, ())), None)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a host answers; `to_bytes` makes conditional, partial, compressed and chunked replies of it."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/html; charset=UTF-8"
    headers: tuple[tuple[str, str], ...] = ()
    etag: bool = False
    """Give an entity tag and answer If-None-Match."""
    modified: datetime | None = None
    """Give Last-Modified and answer If-Modified-Since."""
    compress: bool = False
    """gzip where the client accepts it."""
    chunked: bool = False
    ranges: bool = False
    """Answer Range, as video hosts do."""
    delay: float = 0.0
    """Seconds before the first byte."""
    cut: bool = False
    """Promise the whole body, send half of it and hang up."""
    stream: Callable[[], Iterator[bytes]] | None = None
    """Instead of `body`, which may be larger than memory: the pieces of it, made one by one as the client takes them."""


@dataclass(slots=True)
class _Framed:
    status: int
    body: bytes
    headers: list[tuple[str, str]] = field(default_factory=list)


async def read_request(reader: asyncio.StreamReader, *, secure: bool) -> Request | None:
    """The next request on a connection; None where the client has closed it or speaks no HTTP."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        line, *fields = head.rstrip("\r\n").split("\r\n")
        method, target, version = line.split(" ")
        headers = {name.strip().lower(): value.strip() for name, _, value in (each.partition(":") for each in fields)}
        await reader.readexactly(min(int(headers.get("content-length", "0")), MAX_REQUEST_BODY))
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, ValueError):
        return None
    if target.startswith(("http://", "https://")):  # the absolute form, as sent to proxies
        target = "/" + target.split("/", 3)[3] if target.count("/") > 2 else "/"
    modern = version == "HTTP/1.1"
    return Request(
        method=method,
        host=headers.get("host", "").rsplit(":", 1)[0].lower(),
        target=target,
        headers=headers,
        secure=secure,
        keep_alive=modern and headers.get("connection", "").lower() != "close",
        chunks_allowed=modern,
    )


def to_bytes(request: Request, reply: Reply) -> tuple[bytes, int, bool]:
    """The reply as it goes over the wire, its final status (304, 206), and whether the connection stays open after it.

    Of a reply that streams only the head: `streamed` makes the rest.
    """
    framed = _not_modified(request, reply) or _part(request, reply) or _whole(request, reply)
    keep_alive = request.keep_alive and not reply.cut and (reply.stream is None or request.chunks_allowed)
    bodiless = framed.status in (204, 304)
    if bodiless or (reply.stream is not None and not request.chunks_allowed):  # then the body ends with the connection
        framing = []
    elif reply.stream is not None or (reply.chunked and request.chunks_allowed and not reply.cut and framed.status != 206):
        framing = [("Transfer-Encoding", "chunked")]
    else:
        framing = [("Content-Length", str(len(framed.body)))]
    head = [
        f"HTTP/1.1 {framed.status} {_phrase(framed.status)}",
        f"Date: {formatdate(usegmt=True)}",
        *(f"{name}: {value}" for name, value in [*framed.headers, *reply.headers, *framing]),
        f"Connection: {'keep-alive' if keep_alive else 'close'}",
    ]
    raw = "\r\n".join(head).encode("latin-1") + b"\r\n\r\n"
    if request.method == "HEAD" or bodiless or reply.stream is not None:
        return raw, framed.status, keep_alive
    if reply.cut:
        return raw + framed.body[: len(framed.body) // 2], framed.status, False
    body = _in_chunks(framed.body) if framing[0][1] == "chunked" else framed.body
    return raw + body, framed.status, keep_alive


def _phrase(status: int) -> str:
    """Statuses of one firewall's own, like 520, are in no register."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "<none>"


def streamed(request: Request, reply: Reply) -> Iterator[bytes]:
    """The body of a reply that streams, piece by piece as it goes over the wire; nothing for other replies."""
    if reply.stream is None or request.method == "HEAD":
        return
    for piece in reply.stream():
        yield b"%x\r\n%b\r\n" % (len(piece), piece) if request.chunks_allowed else piece
    if request.chunks_allowed:
        yield b"0\r\n\r\n"


def _validators(reply: Reply) -> list[tuple[str, str]]:
    found = []
    if reply.etag and reply.status == 200:
        found.append(("ETag", f'"{hashlib.sha256(reply.body).hexdigest()[:20]}"'))
    if reply.modified and reply.status == 200:
        found.append(("Last-Modified", format_datetime(reply.modified.astimezone(UTC), usegmt=True)))
    return found


def _not_modified(request: Request, reply: Reply) -> _Framed | None:
    validators = dict(_validators(reply))
    known, since = request.headers.get("if-none-match"), request.headers.get("if-modified-since")
    if known is not None:  # RFC 9110, 13.1.3: where both are sent, only the tag counts
        same = validators.get("ETag", "-") in (tag.strip().removeprefix("W/") for tag in known.split(","))
    elif since is not None and reply.modified and "Last-Modified" in validators:
        try:
            same = reply.modified.replace(microsecond=0) <= parsedate_to_datetime(since)
        except (ValueError, TypeError):
            same = False
    else:
        same = False
    return _Framed(304, b"", list(validators.items())) if same else None


def _part(request: Request, reply: Reply) -> _Framed | None:
    wanted = request.headers.get("range", "")
    if not (reply.ranges and reply.status == 200 and wanted.startswith("bytes=") and "," not in wanted):
        return None
    size = len(reply.body)
    first, _, last = wanted.removeprefix("bytes=").partition("-")
    try:
        start = int(first) if first else max(0, size - int(last))
        end = min(int(last), size - 1) if first and last else size - 1
    except ValueError:
        return None
    if start > end:
        return _Framed(416, b"", [("Content-Range", f"bytes */{size}")])
    headers = [("Content-Type", reply.content_type), ("Content-Range", f"bytes {start}-{end}/{size}")]
    return _Framed(206, reply.body[start : end + 1], headers)


def _whole(request: Request, reply: Reply) -> _Framed:
    headers = [("Content-Type", reply.content_type), *_validators(reply)]
    body = reply.body
    if reply.ranges:
        headers.append(("Accept-Ranges", "bytes"))
    if reply.compress:
        headers.append(("Vary", "Accept-Encoding"))
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers.append(("Content-Encoding", "gzip"))
            body = gzip.compress(body, 5, mtime=0)  # mtime=0: the same bytes each time, so that digests can be compared
    return _Framed(reply.status, body, headers)


def _in_chunks(body: bytes) -> bytes:
    pieces = [body[start : start + CHUNK_BYTES] for start in range(0, len(body), CHUNK_BYTES)]
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
