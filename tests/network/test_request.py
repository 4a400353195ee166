"""The request's bytes: order, overriding, and what callers cannot break."""

import pytest

from archiver.network.request import request_bytes

DEFAULT = (
    b"GET /x HTTP/1.1\r\nHost: example.org\r\nUser-Agent: us\r\n"
    b"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\nAccept-Encoding: gzip, deflate\r\n"
    b"Connection: keep-alive\r\n\r\n"
)


def request(*headers: tuple[str, str], method: str = "GET", body: bytes = b"") -> bytes:
    return request_bytes(method, "/x", "example.org", "us", headers, body)


def test_without_wishes_the_defaults_are_sent() -> None:
    assert request() == DEFAULT


def test_a_wish_replaces_the_default_in_its_place_and_others_follow_in_order() -> None:
    sent = request(("cookie", "a=1"), ("USER-AGENT", "them"), ("X-A", "1"), ("X-A", "2"))
    assert sent == DEFAULT.replace(b"User-Agent: us", b"USER-AGENT: them")[:-2] + b"cookie: a=1\r\nX-A: 1\r\nX-A: 2\r\n\r\n"


@pytest.mark.parametrize(
    ("wish", "sent"),
    [
        ("gzip, deflate, br, zstd", "gzip, deflate"),
        ("br", "identity"),
        ("*", "identity"),
        ("br;q=1.0, gzip;q=0.5", "gzip;q=0.5"),
    ],
)
def test_no_coding_is_offered_that_is_not_read(wish: str, sent: str) -> None:
    assert f"\r\nAccept-Encoding: {sent}\r\n".encode() in request(("Accept-Encoding", wish))


def test_a_header_beyond_latin_1_leaves_the_bytes_of_others_as_they_are() -> None:
    """A cookie's value may be any bytes; with a name in Cyrillic in the user agent it was sent as other ones."""
    sent = request(("User-Agent", "Архів"), ("Cookie", "a=\xc3\xa9"))
    assert b"\r\nCookie: a=\xc3\xa9\r\n" in sent and "\r\nUser-Agent: Архів\r\n".encode() in sent


def test_what_frames_the_message_is_ours_to_say() -> None:
    sent = request(
        ("Content-Length", "99"), ("Transfer-Encoding", "chunked"), ("Upgrade", "h2c"), ("Content-Type", "text/plain"),
        method="POST", body=b"abc",
    )  # fmt: skip
    assert sent.endswith(b"Connection: keep-alive\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nabc")
    assert request(method="POST").endswith(b"\r\nContent-Length: 0\r\n\r\n")


@pytest.mark.parametrize("header", [("X", "a\r\nHost: evil"), ("X: y", "a"), ("", "a"), ("X\n", "a"), ("X", "a\0")])
def test_a_header_that_would_break_the_request_is_refused(header: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="cannot be sent as a header"):
        request(header)


def test_values_go_out_as_latin_1_where_they_can_and_as_utf_8_where_not() -> None:
    assert b"X-A: \xe9\r\n" in request(("X-A", "é"))
    assert "X-A: Ізюм\r\n".encode() in request(("X-A", "Ізюм"))
