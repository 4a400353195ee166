"""Whether other readers of WARC files compute the payload digest that we do: only then it is written into the record."""

import io
from collections.abc import Iterable, Iterator
from itertools import chain

from archiver.wire.spool import Spool


def digest_is_interoperable(block: Spool, body_start: int, payload_size: int, payload_digest: str) -> bool:
    """True where other readers compute `payload_digest` (`sha256:<hex>`) for this response block.

    warcio 1.8.1 and FastWARC 2.0.1 digest all that follows the head, chunk framing included, and take the final response behind
    an interim (1xx) one for content; FastWARC finds no end of a head whose lines end in LF alone (tried with `warcio check` and
    `fastwarc check`). WARC-Payload-Digest may be left out (WARC/1.1, 5.9); one that tools call wrong would be worse than none.
    """
    head = block.bytes(0, body_start)
    if len(block) - body_start != payload_size or head.count(b"\n") != head.count(b"\r\n"):
        return False
    return _is_plain(head) or _warcio_agrees(block, payload_digest)


def _is_plain(head: bytes) -> bool:
    """A head that every reader reads alike, before a body that none of them takes for chunks."""
    return (
        head.startswith(b"HTTP/1.")
        and head.endswith(b"\r\n\r\n")
        and head.count(b"\r\n\r\n") == 1
        and not any(odd in head for odd in (b"\0", b"\n ", b"\n\t", b" :", b"\r\r"))
        and b"transfer-encoding" not in head.lower()
    )


def _warcio_agrees(block: Spool, payload_digest: str) -> bool:
    from warcio.archiveiterator import ArchiveIterator  # only where the wire was odd  # noqa: PLC0415

    fields = (
        f"WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:0>\r\nWARC-Date: 2022-09-10T00:00:00Z\r\n"
        f"WARC-Target-URI: http://a.example/\r\nWARC-Payload-Digest: {payload_digest}\r\n"
        f"Content-Type: application/http;msgtype=response\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    stream = io.BufferedReader(_Pieces(chain([fields.encode()], block.chunks(), [b"\r\n\r\n"])))
    try:
        for record in ArchiveIterator(stream, check_digests=True):
            while record.raw_stream.read(1 << 16):
                pass
            return bool(record.digest_checker.passed)
    except Exception:  # noqa: BLE001  whatever another reader raises on odd bytes: it does not agree
        return False
    return False


class _Pieces(io.RawIOBase):
    """A stream of pieces of bytes."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces: Iterator[bytes] = iter(pieces)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = piece
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count
