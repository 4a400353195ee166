"""The chunked transfer coding (RFC 9112, 7.1), read leniently and in pieces of any size."""

import re
from enum import Enum, auto

MAX_LINE_BYTES = 1 << 14  # of a chunk's size with its extensions, or of one trailer

_SIZE_LINE = re.compile(rb"[ \t]*([0-9a-fA-F]{1,15})[ \t]*(?:;.*)?\r?", re.S)
_MAY_BECOME_SIZE_LINE = re.compile(rb"[ \t]*[0-9a-fA-F]{0,15}[ \t]*(?:;.*)?\r?", re.S)


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
