"""Bytes that may be many: in memory while they are few, in an unnamed temporary file beyond that."""

import tempfile
from collections.abc import Iterator
from typing import BinaryIO

from archiver.errors import StorageError

MEMORY_BYTES = 4 << 20  # a page or picture fits; videos go to disk
CHUNK_BYTES = 1 << 18


class Spool:
    """Append with `write`, then read with `chunks` or `bytes`, any number of times. Frees its file when collected."""

    __slots__ = ("_data", "_file", "size")

    def __init__(self, data: bytes = b"") -> None:
        self._data: bytearray | bytes = data
        self._file: BinaryIO | None = None
        self.size = len(data)

    def __len__(self) -> int:
        return self.size

    def __del__(self) -> None:
        if self._file is not None:
            self._file.close()

    def write(self, data: bytes | memoryview) -> None:
        """Raises `StorageError` where there is no room for a temporary file."""
        self.size += len(data)
        if self._file is None and self.size <= MEMORY_BYTES:
            if not isinstance(self._data, bytearray):
                self._data = bytearray(self._data)
            self._data += data
            return
        try:
            self._write_to_disk(data)
        except OSError as error:
            told = "make room there, or name another folder in the environment variable TMPDIR"
            raise StorageError(f"cannot write a temporary file: {error.strerror or error}: {told}") from error

    def _write_to_disk(self, data: bytes | memoryview) -> None:
        """Past any buffer, so that a full disk is noticed here, and not when it is read."""
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="archiver-", buffering=0)  # noqa: SIM115  lives as long as the spool
            _write_all(self._file, self._data)
            self._data = b""
        self._file.seek(0, 2)  # a reader may have moved it
        _write_all(self._file, data)

    @property
    def on_disk(self) -> bool:
        return self._file is not None

    def chunks(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The content from `start` to `end`, piece by piece. Pieces are CHUNK_BYTES at most where it lies on disk."""
        if self._file is None:
            if piece := bytes(self._data[start:end]):
                yield piece
            return
        stop = self.size if end is None else min(end, self.size)
        while start < stop:
            self._file.seek(start)
            piece = self._file.read(min(CHUNK_BYTES, stop - start))
            if not piece:
                return
            start += len(piece)
            yield piece

    def bytes(self, start: int = 0, end: int | None = None) -> bytes:
        """A stretch of the content, by default all of it. Mind the size of what is on disk."""
        if self._file is None:
            return bytes(self._data) if start == 0 and end is None else bytes(self._data[start:end])
        return b"".join(self.chunks(start, end))

    def tail(self, start: int) -> "Spool":
        """What lies from `start` to the end, as a spool of its own that holds nothing twice. Take it once all is written."""
        return _Tail(self, start)


def _write_all(file: BinaryIO, data: bytes | bytearray | memoryview) -> None:
    left = memoryview(data)
    while left:  # a file without a buffer may take a part
        left = left[file.write(left) :]


class _Tail(Spool):
    """The end of another spool; read-only."""

    __slots__ = ("_start", "_whole")

    def __init__(self, whole: Spool, start: int) -> None:
        super().__init__()
        self._whole = whole
        self._start = start
        self.size = max(0, whole.size - start)

    def write(self, data: bytes | memoryview) -> None:
        raise TypeError("the end of another spool cannot be written to; write to the whole")

    @property
    def on_disk(self) -> bool:
        return self._whole.on_disk

    def chunks(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        return self._whole.chunks(self._start + start, self._end(end))

    def bytes(self, start: int = 0, end: int | None = None) -> bytes:
        return self._whole.bytes(self._start + start, self._end(end))

    def _end(self, end: int | None) -> int:
        return self._start + (self.size if end is None else min(end, self.size))
