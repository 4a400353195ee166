"""In a stored record the block's end ends the body, whatever the headers of the wire say."""

import gzip
from hashlib import sha256

import pytest

from archiver.recording.warc_responses import PayloadDigest, read_response
from archiver.storage.warc.reader import StoredRecord
from archiver.wire.spool import Spool

PAGE = b"<!doctype html><title>Quay</title>" + b"<p>fog over the harbour</p>" * 40 + b"<p>end</p>"
CHUNKED = b"10\r\n" + PAGE[:16] + b"\r\n" + b"%x\r\n" % (len(PAGE) - 16) + PAGE[16:] + b"\r\n0\r\n\r\n"


def block(body: bytes, *fields: str, status: str = "200 OK") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", "Content-Type: text/html", *fields]).encode() + b"\r\n\r\n" + body


def payload_of(data: bytes) -> bytes:
    response = read_response(StoredRecord("response", "<urn:1>", {"warc-target-uri": "https://a.example/"}, Spool(data), 0, 0))
    assert response is not None
    return response.payload.bytes()


@pytest.mark.parametrize(
    ("data", "payload"),
    [
        # CC-NEWS until May 2019, ArchiveWeb.page 0.6.7: unpacked, with the length of what was packed
        pytest.param(block(PAGE, f"Content-Length: {len(gzip.compress(PAGE))}", "Content-Encoding: gzip"), PAGE, id="unpacked"),
        pytest.param(block(PAGE, "Content-Length: 176"), PAGE, id="too short"),  # WARCreate
        pytest.param(block(PAGE, "Content-Length: 0"), PAGE, id="nought"),
        pytest.param(block(PAGE, "Content-Length: 99999"), PAGE, id="too long"),
        pytest.param(block(PAGE, "Transfer-Encoding: chunked"), PAGE, id="no chunks"),  # WAIL, node-warc, Browsertrix 0.12
        pytest.param(block(PAGE, "Content-Length: 10", status="203 Other"), PAGE, id="status"),
        pytest.param(block(PAGE, "Content-Length: 10", status="304 Not Modified"), PAGE, id="no body by its status"),
        pytest.param(block(CHUNKED, "Transfer-Encoding: chunked"), PAGE, id="chunks"),
        pytest.param(
            block(CHUNKED + b"<p>more</p>", "Transfer-Encoding: chunked"), PAGE + b"<p>more</p>", id="behind the chunks"
        ),
        pytest.param(block(b"", "Content-Length: 12"), b"", id="a head alone"),
    ],
)
def test_the_whole_body_is_the_payload_and_what_its_digest_covers(data: bytes, payload: bytes) -> None:
    """The body was cut at the wire's Content-Length, and a tweet at its end was lost."""
    assert payload_of(data) == payload
    for size in (1, 7, 1000, len(data)):
        digest = PayloadDigest()
        for start in range(0, len(data), size):
            digest.feed(data[start : start + size])
        assert digest.finish() == f"sha256:{sha256(payload).hexdigest()}"
