"""Exchanges as the fetcher hands them over, made by hand: for tests of what comes after it."""

from datetime import UTC, datetime, timedelta

from archiver.model.exchange import Exchange, Purpose, ResourceType, Truncated
from archiver.wire.http1 import parse_head
from archiver.wire.spool import Spool

MOMENT = datetime(2022, 9, 11, 12, 0, 0, 250_000, tzinfo=UTC)
PAGE_URL = "https://blog.example/a-post/"
PICTURE_URL = "https://pbs.twimg.com/media/FcSbF8eXwAAyV3q?format=jpg&name=orig"


def exchange(
    url: str = PAGE_URL, body: bytes = b"<title>A post</title>", *, status: str = "200 OK", headers: tuple[str, ...] = (),
    resource_type: ResourceType = ResourceType.DOCUMENT, seconds: float = 0, chunked: bool = False,
    truncated: Truncated | None = None,
) -> Exchange:  # fmt: skip
    """`seconds` after MOMENT. Without a Content-Type among `headers` it is a page."""
    lines = [f"HTTP/1.1 {status}", *headers]
    if not any(line.lower().startswith("content-type:") for line in headers):
        lines.append("Content-Type: text/html; charset=utf-8")
    lines.append("Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(body)}")
    head = ("\r\n".join(lines) + "\r\n\r\n").encode()
    host = url.split("/")[2]
    return Exchange(
        url=url,
        method="GET",
        started_at=MOMENT + timedelta(seconds=seconds),
        request=f"GET {url.split(host, 1)[1]} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode(),
        response=spooled(head + (b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body) if chunked else body)),
        head=parse_head(head),
        payload=spooled(body),
        body_start=len(head),
        ip="192.0.2.7",
        protocols=("http/1.1", "tls/1.3"),
        truncated=truncated,
        purpose=Purpose(resource_type, "visit-1"),
    )


def spooled(data: bytes) -> Spool:
    """As it comes from a connection: in pieces, so that many bytes end up on disk."""
    spool = Spool()
    for start in range(0, len(data), 65_536):
        spool.write(data[start : start + 65_536])
    return spool
