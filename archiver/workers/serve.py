"""The worker's side: a process that answers requests one by one, from standard input to standard output, until there are no more.

Requests and answers are MessagePack, written and read by msgspec: what comes out of a process that is full of other people's
bytes is decoded into the one type that is expected there and into nothing else. A frame is a byte that says what it is
(`FrameKind`), the length of what follows (four bytes, little endian), and that much MessagePack.
"""

import contextlib
import gc
import os
import struct
import sys
from collections.abc import Callable
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

GARBAGE_THRESHOLD = 20_000  # a page's tree makes thousands of objects, none of them in circles: looking for those took 5 %
MAX_ANSWER_BYTES = 128 << 20  # findings of a page of 5 MB, a screenshot as WebP: some MB; msgspec makes some ten times that of it
OOM_SCORE = "500"  # of 1,000: where memory runs out, the kernel ends this process, and not the one that writes the archive
FRAME_HEAD = struct.Struct("<BI")


class FrameKind(IntEnum):
    """What a frame holds."""

    ANSWER = 0
    """MessagePack; a request's frame is one too."""
    READY = 1
    """Nothing: the worker has imported what it needs."""
    NOT_UNICODE = 2
    """Nothing: the answer has half a character (a lone surrogate) in a text, or a number of more than 64 bits."""
    TOO_LONG = 3
    """Nothing: the answer is longer than MAX_ANSWER_BYTES."""


def framed(message: object) -> bytes:
    """A message as a frame. Raises `UnicodeEncodeError`, `OverflowError` for what MessagePack cannot hold."""
    return _frame(FrameKind.ANSWER, msgspec.msgpack.encode(message, enc_hook=_encode))


def unframed(data: bytes, kind: Any) -> Any:
    """The message of type `kind` whose MessagePack this is. Raises `msgspec.MsgspecError`, `RecursionError` for anything else."""
    return _decoder(kind).decode(data)


def serve(answer: Callable[[Any], object], kind: Any, requests: BinaryIO | None = None, answers: BinaryIO | None = None) -> None:
    """Answers requests of type `kind`, each in turn. From standard input to standard output, where no others are given."""
    requests, answers = requests or sys.stdin.buffer, answers or sys.stdout.buffer
    gc.set_threshold(GARBAGE_THRESHOLD)
    with contextlib.suppress(OSError):  # no /proc, as in some containers
        Path("/proc/self/oom_score_adj").write_text(OOM_SCORE)
    answers.write(_frame(FrameKind.READY))
    answers.flush()
    while len(head := requests.read(FRAME_HEAD.size)) == FRAME_HEAD.size:
        request = unframed(requests.read(FRAME_HEAD.unpack(head)[1]), kind)
        answers.write(_framed_answer(answer(request)))
        answers.flush()


def _framed_answer(answer: object) -> bytes:
    try:
        frame = framed(answer)
    except (UnicodeEncodeError, OverflowError):
        return _frame(FrameKind.NOT_UNICODE)
    return frame if len(frame) <= MAX_ANSWER_BYTES else _frame(FrameKind.TOO_LONG)


def _frame(kind: FrameKind, data: bytes = b"") -> bytes:
    return FRAME_HEAD.pack(kind, len(data)) + data


@cache
def _decoder(kind: Any) -> msgspec.msgpack.Decoder[Any]:
    return msgspec.msgpack.Decoder(kind, dec_hook=_decode)


def _encode(value: object) -> object:
    """Names of files need not be UTF-8, so they travel as bytes."""
    if isinstance(value, Path):
        return os.fsencode(value)
    raise NotImplementedError(f"{type(value).__name__} does not cross between processes")


def _decode(kind: type, value: object) -> object:
    if kind is Path and isinstance(value, bytes):
        return Path(os.fsdecode(value))
    raise NotImplementedError(f"{kind.__name__} does not cross between processes")
