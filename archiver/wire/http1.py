"""HTTP/1.x messages as bytes: the one lenient reader, for the wire and for stored records, in pieces of any size.

Heads by RFC 9112, 2 to 5; the framing of bodies by 6; the chunked transfer coding by 7.1.
"""

import re
from dataclasses import dataclass
from enum import Enum, auto

from archiver.errors import NotHttp
from archiver.wire.content_coding import decode_content

__all__ = ["ResponseHead", "ResponseReader", "content_codings", "decode_content", "parse_head", "parse_response"]

MAX_HEAD_BYTES = 1 << 20  # interim responses included; browsers stop at 256 KB, real pages were seen with 60 KB of cookies
MAX_LINE_BYTES = 1 << 14  # of a chunk's size with its extensions, or of one trailer

_HEAD_END = re.compile(rb"\n\r?\n")
_EMPTY_LINES = re.compile(rb"[\r\n]*")
_STATUS_LINE = re.compile(rb"(HTTP/\d+(?:\.\d+)?|ICY)[ \t]+(\d{3})(?!\d)[ \t]?([^\n]*)", re.I)
_LENGTH = re.compile(rb"\d{1,18}")
_SIZE_LINE = re.compile(rb"[ \t]*([0-9a-fA-F]{1,15})[ \t]*(?:;.*)?\r?", re.S)
_MAY_BECOME_SIZE_LINE = re.compile(rb"[ \t]*[0-9a-fA-F]{0,15}[ \t]*(?:;.*)?\r?", re.S)


@dataclass(frozen=True, slots=True)
class ResponseHead:
    """A response's status line and headers as they were sent; nothing is normalised."""

    version: str
    """`HTTP/1.1`."""
    status: int
    reason: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    """Order, case and repeats kept; values stripped of surrounding white space, otherwise raw (latin-1 or worse)."""

    def get(self, name: str) -> str | None:
        """The first value of a header, whatever its case, as latin-1; None where it is missing."""
        wanted = name.lower().encode("latin-1")
        return next((value.decode("latin-1") for key, value in self.headers if key.lower() == wanted), None)

    @property
    def asks_to_wait(self) -> bool:
        """A 429, or a 503 that says how long."""
        return self.status == 429 or (self.status == 503 and self.get("Retry-After") is not None)

    def tokens(self, name: str) -> tuple[str, ...]:
        """All comma-separated values of all headers of this name, lower case, in order: `("gzip", "chunked")`."""
        wanted = name.lower().encode("latin-1")
        size = len(wanted)  # compared first: this runs several times for every response
        lines = [value.decode("latin-1").lower() for key, value in self.headers if len(key) == size and key.lower() == wanted]
        return tuple(token.strip() for line in lines for token in line.split(",") if token.strip())


def parse_head(block: bytes) -> ResponseHead:
    """One head, from the status line to the empty line. Raises `NotHttp` where the first line is no status line.

    Lines may end in LF alone; a line that begins with white space continues the one before (RFC 9112, 5.2); white space before
    the colon is dropped; a line without a colon is passed over.
    """
    first, *lines = block.split(b"\n")
    status_line = _STATUS_LINE.match(first)
    if status_line is None:
        raise NotHttp(f"the answer begins with {first[:60]!r}, which is no HTTP status line", block)
    headers: list[tuple[bytes, bytes]] = []
    for line in lines:
        if line[:1] in (b" ", b"\t") and headers:
            name, value = headers[-1]
            headers[-1] = (name, (value + b" " + line.strip(b" \t\r")).strip(b" "))
            continue
        name, colon, value = line.partition(b":")
        if colon:
            headers.append((name.strip(b" \t"), value.strip(b" \t\r")))
    version, status, reason = status_line.groups()
    return ResponseHead(version.decode("ascii"), int(status), reason.rstrip(b"\r"), tuple(headers))


def content_codings(head: ResponseHead) -> tuple[str, ...]:
    """What lies over the payload, in the order in which it was applied, for `decode_content`.

    A transfer coding other than chunked (`Transfer-Encoding: gzip, chunked`) is still on the payload, so it counts.
    """
    transfer = tuple(coding for coding in head.tokens("Transfer-Encoding") if coding != "chunked")
    return head.tokens("Content-Encoding") + transfer


# --- the chunked transfer coding -----------------------------------------------------------------------------------------------


class _Next(Enum):
    SIZE = auto()
    DATA = auto()
    END_OF_DATA = auto()
    TRAILER = auto()
    REST = auto()  # of the body, up to the close
    IGNORED = auto()  # the body was all there, what follows up to the close is not understood


class ChunkReader:
    """Takes the framing off. Where the framing is broken, everything from there to the close counts as the body."""

    def __init__(self) -> None:
        self.done = False
        self.malformed: str | None = None
        self._next = _Next.SIZE
        self._left = 0
        self._pending = b""  # of a line that is not complete

    @property
    def broken(self) -> bool:
        return self._next in (_Next.REST, _Next.IGNORED)

    def feed(self, data: bytes) -> tuple[list[bytes], int]:
        """The pieces of the body in `data`, and how many bytes of `data` belong to it: fewer than all once `done`."""
        held = len(self._pending)
        buffer = self._pending + data if held else data
        self._pending = b""
        pieces: list[bytes] = []
        position = 0
        while position < len(buffer) and not self.done:
            if self.broken:
                if self._next is _Next.REST:
                    pieces.append(buffer[position:])
                position = len(buffer)
            elif self._next is _Next.DATA:
                piece = buffer[position : position + self._left]
                pieces.append(piece)
                position += len(piece)
                self._left -= len(piece)
                if not self._left:
                    self._next = _Next.END_OF_DATA
            else:
                newline = buffer.find(b"\n", position, position + MAX_LINE_BYTES)
                if newline >= 0 and self._take_line(buffer[position:newline]):
                    position = newline + 1
                elif newline < 0 and len(buffer) - position < MAX_LINE_BYTES:
                    self._pending = buffer[position:]
                    break
                elif newline < 0:
                    self._break("a line of the chunk framing does not end")
        return pieces, len(data) if not self.done else position - held

    def finish(self) -> list[bytes]:
        """The peer has closed: the last pieces. `done` stays False where chunks are missing."""
        pending, self._pending = self._pending, b""
        if self._next is _Next.TRAILER:
            self.malformed = "no empty line after the last chunk"
            self.done = True
            return []
        if self._next is _Next.SIZE and not _MAY_BECOME_SIZE_LINE.fullmatch(pending):
            self._break(f"no chunk size: {pending[:40]!r}")
        elif self._next is _Next.END_OF_DATA and pending.strip(b"\r"):
            self._break("a chunk is longer than its size")
        self.done = self.broken
        return [pending] if pending and self._next is _Next.REST else []

    def _take_line(self, line: bytes) -> bool:
        """Reads a line, without its LF. False: it breaks the framing, and its bytes belong to the rest."""
        if self._next is _Next.TRAILER:
            self.done = not line.strip(b"\r")
            return True
        if self._next is _Next.END_OF_DATA:
            if line.strip(b"\r"):
                self._break("a chunk is longer than its size")
                return False
            self._next = _Next.SIZE
            return True
        size = _SIZE_LINE.fullmatch(line)
        if size is None:
            self._break(f"no chunk size: {line[:40]!r}")
            return False
        self._left = int(size[1], 16)
        self._next = _Next.DATA if self._left else _Next.TRAILER
        return True

    def _break(self, reason: str) -> None:
        self.malformed = reason + "; read to the close"
        self._next = _Next.IGNORED if self._next is _Next.TRAILER else _Next.REST


# --- responses ------------------------------------------------------------------------------------------------------------------


class ResponseReader:
    """Reads one response from the bytes of a connection, in pieces of any size; how they are cut never changes the result.

    `feed` what comes, then `finish` when the peer has closed. Interim responses (1xx) belong to the wire and are passed over;
    101 is final. A body goes by, in this order: the method and status (none at all), chunked, Content-Length, the close.
    """

    def __init__(self, method: str = "GET") -> None:
        self.head: ResponseHead | None = None
        self.complete = False
        """The response has ended where its framing says; or it ends with the connection, and `finish` was called."""
        self.head_size = 0
        """Where the body begins, counted from the first byte, interim responses included."""
        self.wire_size = 0
        """How many of the bytes fed so far belong to this response. More than these were fed: the peer said too much."""
        self._method = method
        self._malformed: str | None = None
        self._pending = bytearray()  # of a head that is not complete
        self._searched = 0
        self._left: int | None = None  # bytes of the body still to come; None: until the close
        self._chunks: ChunkReader | None = None

    @property
    def malformed(self) -> str | None:
        """What was wrong with the framing, in words; None while nothing had to be guessed."""
        return self._malformed or (self._chunks.malformed if self._chunks is not None else None)

    @property
    def chunked(self) -> bool:
        """True: the payload is what `feed` and `finish` return. False: it is the wire from `head_size` to `wire_size`."""
        return self._chunks is not None

    @property
    def ends_with_connection(self) -> bool:
        """Nothing but the close tells that the body is all there."""
        return self.head is not None and (self._chunks.broken if self._chunks is not None else self._left is None)

    @property
    def keep_alive(self) -> bool:
        """Whether the connection may carry another request, as far as this response tells."""
        head = self.head
        if head is None or not self.complete or self.malformed is not None or self.ends_with_connection:
            return False
        if self._method == "CONNECT":
            return 200 <= head.status < 300
        if self._chunks is not None and head.get("Content-Length") is not None:
            return False  # two framings: proxies disagree on which one is meant (RFC 9112, 6.1)
        options = head.tokens("Connection") + head.tokens("Proxy-Connection")
        if head.status == 101 or "close" in options:
            return False
        return head.version.upper() == "HTTP/1.1" or "keep-alive" in options

    def feed(self, data: bytes) -> list[bytes]:
        """Takes what came; gives the pieces of a chunked payload that are in it (see `chunked`).

        Raises `NotHttp` where this cannot become a response; its `received` holds all of the head that was fed.
        """
        if self.complete or not data:
            return []
        if self.head is None:
            data = self._feed_head(data)
            if self.head is None or self.complete:
                return []
        if self._chunks is not None:
            pieces, used = self._chunks.feed(data)
            self.wire_size += used
            self.complete = self._chunks.done
            return pieces
        if self._left is None:
            self.wire_size += len(data)
        else:
            used = min(self._left, len(data))
            self.wire_size += used
            self._left -= used
            self.complete = self._left == 0
        return []

    def finish(self) -> list[bytes]:
        """The peer has closed. Gives the last pieces of a chunked payload; `complete` stays False where something is missing."""
        if self.head is None or self.complete:
            return []
        pieces: list[bytes] = []
        if self._chunks is not None:
            pieces = self._chunks.finish()
            self.complete = self._chunks.done
        else:
            self.complete = self._left is None
        return pieces

    def _feed_head(self, data: bytes) -> bytes:
        """Reads heads up to the final one; returns what follows it."""
        buffer: bytes | bytearray = data
        if self._pending:
            self._pending += data
            buffer = self._pending
        begin = 0
        while True:
            start = _skip_empty_lines(buffer, begin)
            self._refuse_garbage(buffer, start)
            end = _HEAD_END.search(buffer, max(start, self._searched))
            if end is None:
                self.wire_size = self.head_size + len(buffer) - begin
                self._refuse_long_head(self.wire_size, buffer)
                if begin or buffer is not self._pending:
                    self._pending = bytearray(buffer[begin:])
                self._searched = max(0, len(buffer) - begin - 2)
                return b""
            self.head_size += end.end() - begin
            self._refuse_long_head(self.head_size, buffer)
            head = parse_head(bytes(buffer[start : end.end()]))
            begin, self._searched = end.end(), 0
            if head.status >= 200 or head.status == 101:
                break
        self.head, self.wire_size, self._pending = head, self.head_size, bytearray()
        self._choose_framing(head)
        return bytes(buffer[begin:])

    def _refuse_garbage(self, buffer: bytes | bytearray, start: int) -> None:
        begins = bytes(buffer[start : start + 5]).upper()
        if not (b"HTTP/".startswith(begins) or b"ICY ".startswith(begins[:4])):
            shown = bytes(buffer[start : start + 60])
            raise NotHttp(f"the answer begins with {shown!r}, which is no HTTP response", bytes(buffer))

    def _refuse_long_head(self, size: int, buffer: bytes | bytearray) -> None:
        if size > MAX_HEAD_BYTES:
            raise NotHttp(f"the response's head is longer than {MAX_HEAD_BYTES:,} bytes", bytes(buffer[:MAX_HEAD_BYTES]))

    def _choose_framing(self, head: ResponseHead) -> None:
        tunnel = self._method == "CONNECT" and 200 <= head.status < 300
        if tunnel or self._method == "HEAD" or head.status in (101, 204, 304):
            self._left = 0
        elif "chunked" in (transfer := head.tokens("Transfer-Encoding"))[-1:]:
            self._chunks = ChunkReader()
        elif transfer and transfer != ("identity",):
            self._left = None  # RFC 9112, 6.3: a transfer coding without chunked at its end lasts until the close
        else:
            self._left = self._content_length(head)
        self.complete = self._left == 0 and self._chunks is None

    def _content_length(self, head: ResponseHead) -> int | None:
        lengths = {token.encode("latin-1") for token in head.tokens("Content-Length")}
        if not lengths:
            return None
        if len(lengths) > 1:
            self._malformed = "several Content-Length headers that differ; read to the close"
            return None
        length = lengths.pop()
        if not _LENGTH.fullmatch(length):
            self._malformed = f"Content-Length is no number: {length[:40].decode('latin-1')!r}; read to the close"
            return None
        return int(length)


def _skip_empty_lines(buffer: bytes | bytearray, begin: int) -> int:
    # Some servers send an empty line after the body of the response before (seen with old IIS after POST).
    match = _EMPTY_LINES.match(buffer, begin)
    return match.end() if match else begin


def parse_response(block: bytes, method: str = "GET") -> tuple[ResponseHead | None, bytes, str | None]:
    """Head, payload and what was malformed, of a stored response record's block. The head is None where it is no HTTP response.

    The payload has its chunk framing removed and its content coding kept, equal to what was read from the wire. Records of other
    programs may hold a body that is already unpacked under its old headers; nothing of a block is lost for that.
    """
    reader = ResponseReader(method)
    try:
        pieces = reader.feed(block)
    except NotHttp as error:
        return None, b"", str(error)
    pieces += reader.finish()
    if reader.head is None:
        return None, b"", "the block ends before the response's head does"
    if reader.chunked:
        return reader.head, b"".join(pieces), reader.malformed
    if reader.wire_size < len(block) and reader.wire_size > reader.head_size:
        return reader.head, block[reader.head_size :], "the body is longer than its Content-Length"
    malformed = reader.malformed if reader.complete else "the body is shorter than its Content-Length"
    return reader.head, block[reader.head_size : reader.wire_size], malformed
