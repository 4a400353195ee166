"""Content codings: decoded up to the limit and up to the damage, whatever servers claim."""

import gzip
import random
import zlib
from collections.abc import Callable

import brotli
import pytest
from backports import zstd
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.wire.content_coding import decode_content

TEXT = "Ізюм — текст допису. ".encode() * 500
GZIPPED = gzip.compress(TEXT, mtime=0)
LIMIT = 1_000_000
BLOCK = 128 << 10  # what zstd compresses in one go, and gives only whole


def raw_deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(data) + compressor.flush()


@pytest.mark.parametrize(
    ("payload", "codings"),
    [
        (TEXT, ()),
        (TEXT, ("identity",)),
        (GZIPPED, ("gzip",)),
        (GZIPPED, ("X-GZIP",)),
        (gzip.compress(TEXT[:700]) + gzip.compress(TEXT[700:]), ("gzip",)),
        (GZIPPED + b"\0" * 20, ("gzip",)),
        (GZIPPED + b"\r\n<!-- cached -->", ("gzip",)),
        (zlib.compress(TEXT), ("deflate",)),
        (raw_deflate(TEXT), ("deflate",)),
        (zlib.compress(GZIPPED), ("gzip", "deflate")),
        (gzip.compress(GZIPPED), ("gzip", "identity", "gzip")),
        (TEXT, ("gzip",)),
        (b"<p>" + TEXT, ("deflate",)),
        (brotli.compress(TEXT), ("br",)),
        (b"<p>" + TEXT, ("br",)),
        (zstd.compress(TEXT), ("zstd",)),
        (zstd.compress(TEXT[:700]) + b"\x5a\x2a\x4d\x18\x02\0\0\0no" + zstd.compress(TEXT[700:]) + b"\0" * 20, ("zstd",)),
        (b"<p>" + TEXT, ("zstd",)),
        (brotli.compress(GZIPPED), ("gzip", "br")),
        (b"", ("br",)),
        (b"", ("zstd",)),
    ],
)
def test_a_body_is_decoded(payload: bytes, codings: tuple[str, ...]) -> None:
    expected = payload if payload.startswith(b"<p>") or not payload else TEXT
    assert decode_content(payload, codings, LIMIT) == (expected, False)
    assert decode_content((payload[n : n + 7] for n in range(0, len(payload), 7)), codings, LIMIT) == (expected, False)


@pytest.mark.parametrize("coding", ["compress", "dcb", "utf-8"])
def test_an_unknown_coding_is_left_on_and_told(coding: str) -> None:
    assert decode_content(b"abc", (coding,), LIMIT) == (b"abc", True)
    assert decode_content(GZIPPED, (coding, "gzip"), LIMIT) == (GZIPPED, True)


def test_a_bomb_goes_off_no_further_than_the_limit() -> None:
    bomb = gzip.compress(gzip.compress(b"\0" * 200_000_000, compresslevel=1), compresslevel=1)
    assert decode_content(bomb, ("gzip", "gzip"), LIMIT) == (b"\0" * LIMIT, True)
    assert decode_content(bomb, ("gzip",) * 50, LIMIT) == (bomb[:LIMIT], True)


@pytest.mark.parametrize(("coding", "compress"), [("br", brotli.compress), ("zstd", zstd.compress)])
def test_a_bomb_of_another_kind_goes_off_no_further_either(coding: str, compress: Callable[[bytes], bytes]) -> None:
    bomb = compress(bytes(50_000_000))
    assert decode_content(bomb, (coding,), LIMIT) == (bytes(LIMIT), True)
    assert decode_content(compress(bomb), (coding, coding), LIMIT) == (bytes(LIMIT), True)


def test_a_frame_of_zstd_that_wants_more_memory_than_browsers_give_is_not_decoded() -> None:
    long = zstd.compress(TEXT, options={zstd.CompressionParameter.window_log: 27, zstd.CompressionParameter.content_size_flag: 0})
    wide = zstd.compress(bytes(9 << 20), options={zstd.CompressionParameter.window_log: 24})
    assert decode_content(long, ("zstd",), LIMIT) == (TEXT, False)
    assert decode_content(wide, ("zstd",), LIMIT) == (b"", True)


@pytest.mark.parametrize(("coding", "compress"), [("br", brotli.compress), ("zstd", zstd.compress)])
@pytest.mark.parametrize("left", [0.3, 0.9, 0.999])
def test_what_came_of_br_and_zstd_before_the_end_is_kept(coding: str, compress: Callable[[bytes], bytes], left: float) -> None:
    noise = random.Random(7).randbytes(400_000)
    stream = compress(noise)

    decoded, partial = decode_content(stream[: int(len(stream) * left)], (coding,), LIMIT)

    assert partial
    assert noise.startswith(decoded)
    assert len(decoded) > left * len(noise) - BLOCK


@settings(deadline=None, max_examples=100)
@given(st.sampled_from(["br", "zstd"]), st.binary(max_size=300), st.data())
def test_damaged_br_and_zstd_give_the_same_however_they_are_cut(coding: str, content: bytes, data: st.DataObject) -> None:
    compress = brotli.compress if coding == "br" else zstd.compress
    stream = bytearray(compress(content * 20))
    stream[data.draw(st.integers(0, len(stream) - 1))] ^= data.draw(st.integers(1, 255))
    step = data.draw(st.integers(1, 700))
    whole = decode_content(bytes(stream), (coding,), LIMIT)
    assert decode_content((bytes(stream[n : n + step]) for n in range(0, len(stream), step)), (coding,), LIMIT) == whole


def test_exactly_the_limit_is_whole() -> None:
    assert decode_content(GZIPPED, ("gzip",), len(TEXT)) == (TEXT, False)
    assert decode_content(GZIPPED, ("gzip",), len(TEXT) - 1) == (TEXT[:-1], True)


def test_a_stream_that_breaks_off_gives_what_came() -> None:
    decoded, partial = decode_content(GZIPPED[:-20], ("gzip",), LIMIT)
    assert partial
    assert decoded
    assert TEXT.startswith(decoded)


@settings(deadline=None, max_examples=100)
@given(st.binary(min_size=300, max_size=3000), st.data())
def test_a_damaged_stream_gives_the_same_however_it_is_cut(content: bytes, data: st.DataObject) -> None:
    stream = bytearray(gzip.compress(content, mtime=0))
    stream[data.draw(st.integers(10, len(stream) - 1))] ^= data.draw(st.integers(1, 255))
    step = data.draw(st.integers(1, 400))
    whole = decode_content(bytes(stream), ("gzip",), LIMIT)
    assert decode_content((bytes(stream[n : n + step]) for n in range(0, len(stream), step)), ("gzip",), LIMIT) == whole


def test_four_codings_are_taken_off_and_five_are_left_on() -> None:
    payload = TEXT
    for _ in range(4):
        payload = gzip.compress(payload)
    assert decode_content(payload, ("gzip",) * 4, LIMIT) == (TEXT, False)
    assert decode_content(gzip.compress(payload), ("gzip",) * 5, LIMIT) == (gzip.compress(payload), True)


@pytest.mark.parametrize(
    ("first", "frame"), [(0x4F, False), (0x50, True), (0x55, True), (0x5F, True), (0x60, False)], ids=lambda value: str(value)
)
def test_a_frame_that_is_skipped_begins_with_one_of_sixteen_bytes(first: int, frame: bool) -> None:
    skipped = bytes((first,)) + b"\x2a\x4d\x18\x02\0\0\0no"
    assert decode_content(skipped + zstd.compress(TEXT), ("zstd",), LIMIT)[0] == (
        TEXT if frame else skipped + zstd.compress(TEXT)
    )
    plain = bytes((first,)) + b"plain text"
    assert decode_content(plain, ("zstd",), LIMIT) == (plain, False)


def test_a_window_of_eight_megabytes_is_what_browsers_give() -> None:
    for window_log, decoded in ((23, (TEXT, False)), (24, (b"", True))):
        compressor = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: window_log})
        # In two parts, so that the frame cannot tell its size and has to ask for the whole window.
        payload = compressor.compress(TEXT, zstd.ZstdCompressor.FLUSH_BLOCK) + compressor.flush()
        assert decode_content(payload, ("zstd",), LIMIT) == decoded
