"""WARC files as other programs write them, made with warcio."""

from collections.abc import Iterable, Mapping
from io import BytesIO
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

HTML = "text/html; charset=utf-8"


def tweet_page(number: int, filler: int = 0) -> bytes:
    """A page that embeds one tweet, with that number in its id."""
    box = f'<blockquote class="twitter-tweet"><p>No ferry</p>&mdash; Ferry (@ferry_office) <a href="{tweet_url(number)}">x</a>'
    return f"<!doctype html><title>Page {number}</title>{box}</blockquote><p>{'fog ' * filler}</p>".encode()


def tweet_url(number: int) -> str:
    return f"https://twitter.com/ferry_office/status/{1568501234567890000 + number}"


def write_warc(path: Path, pages: Iterable[tuple[str, bytes]]) -> Path:
    """Responses of HTML, each with its request."""
    return write_records(path, [(url, "response", body, {"Content-Type": HTML}) for url, body in pages])


def write_records(path: Path, records: Iterable[tuple[str, str, bytes, Mapping[str, str]]], status: str = "200 OK") -> Path:
    """Records by URL, type, body and headers: HTTP's for a response or revisit, Content-Type alone for others."""
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=path.suffix == ".gz")
        for url, kind, body, headers in records:
            if kind in ("response", "revisit"):
                http = StatusAndHeaders(status, list(headers.items()), protocol="HTTP/1.1")
                writer.write_record(writer.create_warc_record(url, kind, BytesIO(body), len(body), http_headers=http))
                request = StatusAndHeaders("GET / HTTP/1.1", [("Host", "blog.example")], is_http_request=True)
                writer.write_record(writer.create_warc_record(url, "request", http_headers=request))
            else:
                media_type = headers.get("Content-Type", "text/plain")
                writer.write_record(writer.create_warc_record(url, kind, BytesIO(body), len(body), media_type))
    return path
