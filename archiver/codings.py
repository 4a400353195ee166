"""Content codings: what a body is before gzip and deflate were laid over it."""

import zlib
from collections.abc import Iterable, Iterator, Sequence

GZIP = frozenset({"gzip", "x-gzip"})
MAX_CODINGS = 4  # nobody honest stacks more; each layer of a bomb multiplies by a thousand
STEP_BYTES = 1 << 16  # of output, and of input: so a bomb is stopped within this much of the limit

_GZIP_MAGIC = b"\x1f\x8b"


def decode_content(payload: bytes | Iterable[bytes], codings: Sequence[str], limit: int) -> tuple[bytes, bool]:
    """The decoded body, never more than `limit` bytes, and whether that is *not* the whole of it.

    `codings` as `messages.content_codings` gives them, in the order in which they were applied. The flag is True where the limit
    cut, where the stream breaks off or is damaged (what came before is returned), and where a coding is unknown: the payload is
    then returned as it is. br and zstd count as unknown on purpose: the fetcher never offers them, and findings must not depend
    on which packages a machine happens to have. A server that says gzip and sends plain text gets its plain text back.
    """
    pieces: Iterable[bytes] = (payload,) if isinstance(payload, bytes) else payload
    layers = [coding.strip().lower() for coding in codings]
    layers = [coding for coding in layers if coding not in ("", "identity")]
    damage: list[str] = []
    if len(layers) > MAX_CODINGS or not all(coding in GZIP or coding == "deflate" for coding in layers):
        damage.append("unknown coding")
        layers = []
    for coding in reversed(layers):
        stream = _Input(pieces)
        pieces = _gunzipped(stream, damage) if coding in GZIP else _inflated(stream, damage)
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

    def peek(self, count: int) -> bytes:
        while len(self._held) < count and (piece := next(self._pieces, None)) is not None:
            self._held += piece
        return self._held[:count]

    def push_back(self, data: bytes) -> None:
        self._held = data + self._held

    def __iter__(self) -> Iterator[bytes]:
        while True:
            held, self._held = self._held, b""
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
