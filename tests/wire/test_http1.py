"""The lenient reader: the same result however the bytes are cut, and for stored blocks as for the wire."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.errors import NotHttp
from archiver.wire.http1 import MAX_HEAD_BYTES, ResponseReader, content_codings, parse_head, parse_response
from tests.support.oddities import HTML, ODDITIES, Oddity

BY_NAME = {oddity.name: oddity for oddity in ODDITIES}


def read(pieces: list[bytes], method: str = "GET") -> tuple[ResponseReader, bytes]:
    """The reader after the last piece and the close, and the payload."""
    reader, out = ResponseReader(method), []
    for piece in pieces:
        out += reader.feed(piece)
    out += reader.finish()
    wire = b"".join(pieces)
    return reader, b"".join(out) if reader.chunked else wire[reader.head_size : reader.wire_size]


@pytest.mark.parametrize("oddity", ODDITIES, ids=lambda oddity: oddity.name)
def test_cutting_the_wire_into_single_bytes_changes_nothing(oddity: Oddity) -> None:
    wire = oddity.response
    whole, payload = read([wire], oddity.method)
    dripped, dripped_payload = read([wire[n : n + 1] for n in range(len(wire))], oddity.method)
    assert payload == dripped_payload == oddity.payload
    for name in ("head", "complete", "malformed", "keep_alive", "wire_size", "head_size", "chunked", "ends_with_connection"):
        assert getattr(whole, name) == getattr(dripped, name), name


CHUNKY = st.lists(
    st.sampled_from([b"5\r\nhello\r\n", b"0\r\n", b"\r\n", b"\n", b"A;x\r\n", b"zz", b"X: 1\r\n", b"3\nabc\n", b"\r"])
)


@settings(deadline=None, max_examples=150)
@given(CHUNKY, st.lists(st.integers(0, 120), max_size=6))
def test_cutting_broken_chunks_anywhere_changes_nothing(parts: list[bytes], cuts: list[int]) -> None:
    wire = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"".join(parts)
    edges = sorted({0, len(wire), *(46 + cut for cut in cuts if 46 + cut < len(wire))})
    whole, payload = read([wire])
    cut, cut_payload = read([wire[a:b] for a, b in pairwise(edges)])
    assert (payload, whole.complete, whole.malformed, whole.wire_size) == (
        cut_payload, cut.complete, cut.malformed, cut.wire_size,
    )  # fmt: skip
    head, stored, _ = parse_response(wire[: whole.wire_size])
    assert (head, stored) == (whole.head, payload)


@settings(deadline=None, max_examples=150)
@given(st.binary(max_size=200))
def test_any_bytes_are_a_response_or_not_http(data: bytes) -> None:
    head, payload, malformed = parse_response(b"HTTP/1.1 200 OK\r\n" + data)
    assert head is not None or (payload == b"" and malformed)


@pytest.mark.parametrize(
    ("name", "alive"),
    [
        ("plain", True),
        ("http-1.0", False),
        ("http-1.0-keep-alive", True),
        ("chunks", True),
        ("chunks-and-length", False),
        ("until-close", False),
        ("equal-lengths", True),
        ("different-lengths", False),
        ("icy", False),
        ("not-modified", True),
    ],
)
def test_a_connection_is_kept_where_the_response_allows_it(name: str, alive: bool) -> None:
    reader = ResponseReader()
    reader.feed(BY_NAME[name].response)
    assert reader.keep_alive is alive


@pytest.mark.parametrize("header", [b"Connection: close", b"connection: Keep-Alive, CLOSE", b"Proxy-Connection: close"])
def test_a_connection_is_not_kept_against_the_servers_word(header: bytes) -> None:
    reader = ResponseReader()
    reader.feed(b"HTTP/1.1 200 OK\r\n" + header + b"\r\nContent-Length: 0\r\n\r\n")
    assert reader.complete
    assert not reader.keep_alive


def test_headers_keep_order_case_and_repeats() -> None:
    head = parse_head(BY_NAME["header-case-and-repeats"].response.partition(b"\r\n\r\n")[0])
    assert head.headers[:4] == ((b"sEt-cOOkie", b"a=1"), (b"Set-Cookie", b"b=2"), (b"SET-COOKIE", b"a=1"), (b"x-ODD", b"v"))
    assert head.get("set-cookie") == "a=1"
    assert head.get("missing") is None


@pytest.mark.parametrize(
    ("name", "header", "value"),
    [
        ("folded-header", "X-Folded", "one two three"),
        ("space-before-colon", "Content-Type", "text/html"),
        ("nul-in-header", "X-Nul", "a\0b"),
        ("latin-1-value", "X-Name", "André ÿ\x80"),
        ("empty-value", "X-Blank", ""),
        ("line-feeds-only", "Content-Type", "text/html"),
    ],
)
def test_odd_headers_are_read(name: str, header: str, value: str) -> None:
    head, _, _ = parse_response(BY_NAME[name].response)
    assert head is not None
    assert head.get(header) == value


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("long-reason", b"Alles  in   Ordnung, nur zu! "),
        ("latin-1-reason", b"Non trouv\xe9"),
        ("no-reason", b""),
        ("empty-reason", b""),
    ],
)
def test_the_reason_is_kept_as_sent(name: str, reason: bytes) -> None:
    head, _, _ = parse_response(BY_NAME[name].response)
    assert head is not None
    assert head.reason == reason


def test_a_head_without_end_is_refused_at_one_megabyte() -> None:
    reader = ResponseReader()
    reader.feed(b"HTTP/1.1 200 OK\r\nX: ")
    with pytest.raises(NotHttp, match="longer than"):
        for _ in range(MAX_HEAD_BYTES // 1000 + 1):
            reader.feed(b"x" * 1000)
    with pytest.raises(NotHttp, match="longer than"):
        ResponseReader().feed(b"HTTP/1.1 200 OK\r\nX: " + b"x" * MAX_HEAD_BYTES + b"\r\n\r\n")


def test_switching_protocols_is_a_final_answer() -> None:
    reader, payload = read([b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n\x81\x00"])
    assert (reader.complete, reader.keep_alive, payload) == (True, False, b"")


def test_codings_are_told_in_the_order_in_which_they_were_applied() -> None:
    head = parse_head(b"HTTP/1.1 200 OK\r\nContent-Encoding: deflate, X-Gzip\r\nTransfer-Encoding: gzip, chunked\r\n\r\n")
    assert content_codings(head) == ("deflate", "x-gzip", "gzip")


def test_a_stored_body_that_was_unpacked_under_its_old_headers_is_whole() -> None:
    block = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n" + HTML
    head, payload, malformed = parse_response(block)
    assert head is not None
    assert (payload, malformed) == (HTML, "the body is longer than its Content-Length")
    assert parse_response(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{}")[1] == b"{}"


@pytest.mark.parametrize(
    "block", [b"", b"\r\n", b"GET / HTTP/1.1\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: 1", b"<html>", b"HTTP/1.1 2 0\r\n\r\n"]
)
def test_a_block_that_is_no_response_has_no_head(block: bytes) -> None:
    head, payload, malformed = parse_response(block)
    assert (head, payload) == (None, b"")
    assert malformed


@pytest.mark.parametrize(("status", "alive"), [(200, True), (204, True), (299, True), (300, False), (302, False), (407, False)])
def test_a_proxy_s_2xx_opens_a_tunnel_and_nothing_else_does(status: int, alive: bool) -> None:
    reader, _ = read([b"HTTP/1.1 %d A reason\r\nContent-Length: 0\r\n\r\n" % status], "CONNECT")
    assert (reader.complete, reader.keep_alive) == (True, alive)


@pytest.mark.parametrize(("status", "complete"), [(299, True), (300, False)])
def test_what_follows_a_proxy_s_2xx_is_the_tunnel_s(status: int, complete: bool) -> None:
    reader = ResponseReader("CONNECT")
    reader.feed(b"HTTP/1.1 %d A reason\r\nContent-Length: 5\r\n\r\n" % status)
    assert reader.complete is complete


@pytest.mark.parametrize(
    ("status", "bodyless"), [(101, True), (200, False), (203, False), (204, True), (205, False), (304, True)]
)
def test_some_responses_have_no_body_whatever_they_say(status: int, bodyless: bool) -> None:
    reader = ResponseReader("GET")
    reader.feed(b"HTTP/1.1 %d A reason\r\nContent-Length: 5\r\n\r\n" % status)
    assert reader.complete is bodyless


def test_a_response_that_is_not_whole_ends_its_connection() -> None:
    reader = ResponseReader("GET")
    reader.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell")
    assert (reader.complete, reader.keep_alive) == (False, False)
    reader.finish()
    assert (reader.complete, reader.keep_alive) == (False, False)
    reader, _ = read([b"HTTP/1.1 200 OK\r\n\r\nhello"])
    assert (reader.complete, reader.keep_alive) == (True, False), "only the close told that it was all"


def test_garbage_is_shown_up_to_sixty_bytes() -> None:
    with pytest.raises(NotHttp) as refused:
        ResponseReader("GET").feed(b"\r\nSSH-2.0-" + b"x" * 100)
    assert str(refused.value) == f"the answer begins with {b'SSH-2.0-' + b'x' * 52!r}, which is no HTTP response"
