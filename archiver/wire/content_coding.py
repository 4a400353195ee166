"""Content codings: what a body is before gzip, deflate, br or zstd were laid over it."""

import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence

GZIP = frozenset({"gzip", "x-gzip"})
MAX_CODINGS = 4  # nobody honest stacks more; each layer of a bomb multiplies by a thousand
STEP_BYTES = 1 << 16  # of output, and of input: so a bomb is stopped within this much of the limit
SMALL_STEP_BYTES = 64  # of input, for br and zstd: what an error in them costs, since their state cannot be copied
MAX_ZSTD_WINDOW_LOG = 23  # 8 MB, which RFC 9659 allows and browsers enforce; a frame may claim 2 GB

_GZIP_MAGIC = b"\x1f\x8b"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_ZSTD_SKIPPABLE = b"\x2a\x4d\x18"  # behind a byte from 0x50 to 0x5F: a frame without content (RFC 8878, 3.1.2)


def decode_content(payload: bytes | Iterable[bytes], codings: Sequence[str], limit: int) -> tuple[bytes, bool]:
    """The decoded body, never more than `limit` bytes, and whether that is *not* the whole of it.

    `codings` as `messages.content_codings` gives them, in the order in which they were applied. The flag is True where the limit
    cut, where the stream breaks off or is damaged (what came before it is given; of br and zstd less), and where a coding
    is unknown: the payload is then returned as it is. br and zstd are for other programs' records: the fetcher never offers them.
    A server that names a coding and sends plain text gets its plain text back.
    """
    pieces: Iterable[bytes] = (payload,) if isinstance(payload, bytes) else payload
    layers = [coding.strip().lower() for coding in codings]
    layers = [coding for coding in layers if coding not in ("", "identity")]
    damage: list[str] = []
    if len(layers) > MAX_CODINGS or not all(coding in _DECODERS for coding in layers):
        damage.append("unknown coding")
        layers = []
    for coding in reversed(layers):
        pieces = _DECODERS[coding](_Input(pieces), damage)
    return _collected(pieces, limit, damage)


def _collected(pieces: Iterable[bytes], limit: int, damage: list[str]) -> tuple[bytes, bool]:
    kept: list[bytes] = []
    room = limit
    for piece in pieces:
        if len(piece) > room:
            kept.append(piece[:room])
            return b"".join(kept), True
        kept.append(piece)
        room -= len(piece)
    return b"".join(kept), bool(damage)


class _Input:
    """Pieces of bytes with a look ahead."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._held = b""
        self._at = 0  # what lies before this in `_held` is gone

    def peek(self, count: int) -> bytes:
        while len(self._held) - self._at < count and (piece := next(self._pieces, None)) is not None:
            self._held, self._at = self._held[self._at :] + piece, 0
        return self._held[self._at : self._at + count]

    def take(self, count: int) -> bytes:
        """The next `count` bytes, fewer only at the end: the same however the pieces were cut."""
        taken = self.peek(count)
        self._at += len(taken)
        return taken

    def push_back(self, data: bytes) -> None:
        self._held, self._at = data + self._held[self._at :], 0

    def __iter__(self) -> Iterator[bytes]:
        while True:
            held, self._held, self._at = self._held[self._at :], b"", 0
            if held:
                yield held
            elif (piece := next(self._pieces, None)) is not None:
                yield piece
            else:
                return


def _gunzipped(source: _Input, damage: list[str]) -> Iterator[bytes]:
    """All members one after the other; what follows the last one (padding, a stray line) is dropped, as browsers do."""
    if source.peek(2) != _GZIP_MAGIC:
        yield from source
        return
    while source.peek(2) == _GZIP_MAGIC and not damage:
        yield from _decompressed(source, zlib.MAX_WBITS | 16, damage)


def _inflated(source: _Input, damage: list[str]) -> Iterator[bytes]:
    """`deflate` means zlib (RFC 9110, 8.4.1.2), but some servers send the bare stream, and some send plain text."""
    first = source.peek(2)
    is_zlib = len(first) == 2 and first[0] & 0x0F == 8 and int.from_bytes(first, "big") % 31 == 0
    if is_zlib or _begins_raw_deflate(source.peek(STEP_BYTES)):
        yield from _decompressed(source, zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS, damage)
    else:
        yield from source


def _begins_raw_deflate(start: bytes) -> bool:
    try:
        trial = zlib.decompressobj(-zlib.MAX_WBITS)
        return bool(start) and bool(trial.decompress(start, STEP_BYTES) or trial.eof)
    except zlib.error:
        return False


def _decompressed(source: _Input, wbits: int, damage: list[str]) -> Iterator[bytes]:
    """One compressed stream; what follows its end goes back to `source`."""
    stream = zlib.decompressobj(wbits)
    for piece in source:
        for start in range(0, len(piece), STEP_BYTES):
            data = piece[start : start + STEP_BYTES]
            while data:
                before = stream.copy()  # zlib throws away what it had decoded in a call that ends in an error
                try:
                    decoded = stream.decompress(data, STEP_BYTES)
                except zlib.error as error:
                    damage.append(str(error))
                    yield _up_to_the_damage(before, data)
                    return
                if decoded:
                    yield decoded
                if stream.eof:
                    source.push_back(stream.unused_data + piece[start + STEP_BYTES :])
                    return
                data = stream.unconsumed_tail
    damage.append("the stream ends too early")


def _up_to_the_damage(stream: "zlib._Decompress", data: bytes) -> bytes:
    good: list[bytes] = []
    try:
        for position in range(len(data)):
            good.append(stream.decompress(data[position : position + 1]))
    except zlib.error:
        pass  # expected: this is the byte at which the stream is broken
    return b"".join(good)


def _unbrotlied(source: _Input, damage: list[str]) -> Iterator[bytes]:
    """br has no magic number: what is wrong from its first bytes on is plain text. "<" can begin no stream at all (RFC 7932, 9.2:
    it is a block of metadata whose reserved bit is set)."""
    import brotli  # noqa: PLC0415  10 ms, and few pages need it

    stream = brotli.Decompressor()
    try:
        stream.process(source.peek(SMALL_STEP_BYTES), output_buffer_limit=STEP_BYTES)
    except brotli.error:
        yield from source
        return
    stream, came = brotli.Decompressor(), False
    try:
        while not stream.is_finished() and (data := source.take(SMALL_STEP_BYTES)):
            came = True
            yield stream.process(data, output_buffer_limit=STEP_BYTES)
            while not stream.can_accept_more_data():
                yield stream.process(b"", output_buffer_limit=STEP_BYTES)
    except brotli.error as error:
        damage.append(str(error))
        return
    if came and not stream.is_finished():
        damage.append("the stream ends too early")


def _unzstded(source: _Input, damage: list[str]) -> Iterator[bytes]:
    """All frames one after the other; what follows the last one is dropped, as it is behind gzip."""
    if sys.version_info >= (3, 14):
        from compression import zstd  # noqa: PLC0415  10 ms, and few pages need it
    else:
        from backports import zstd  # noqa: PLC0415

    if not _begins_zstd(source.peek(4)):
        yield from source
        return
    while _begins_zstd(source.peek(4)) and not damage:
        stream = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: MAX_ZSTD_WINDOW_LOG})
        try:
            while not stream.eof and (data := source.take(SMALL_STEP_BYTES)):
                yield stream.decompress(data, STEP_BYTES)
                while not stream.eof and not stream.needs_input:
                    yield stream.decompress(b"", STEP_BYTES)
        except zstd.ZstdError as error:
            damage.append(str(error))
            return
        if not stream.eof:
            damage.append("the stream ends too early")
        source.push_back(stream.unused_data)


def _begins_zstd(start: bytes) -> bool:
    return start == _ZSTD_MAGIC or (b"\x50" <= start[:1] <= b"\x5f" and start[1:] == _ZSTD_SKIPPABLE)


_DECODERS: dict[str, Callable[[_Input, list[str]], Iterator[bytes]]] = {
    **dict.fromkeys(GZIP, _gunzipped),
    "deflate": _inflated,
    "br": _unbrotlied,
    "zstd": _unzstded,
}
