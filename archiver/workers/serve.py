"""The other end of `elsewhere.py`: a process that answers messages one by one, until there are no more."""

import gc
import pickle
import struct
import sys
from collections.abc import Callable
from typing import Any, BinaryIO

GARBAGE_THRESHOLD = 20_000  # a page's tree makes thousands of objects, none of them in circles: looking for those took 5 %
LENGTH = struct.Struct("<I")
"""Stands before each message, either way: how many bytes of pickle follow."""


def framed(message: object) -> bytes:
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return LENGTH.pack(len(data)) + data


def serve(answer: Callable[[Any], object], requests: BinaryIO | None = None, answers: BinaryIO | None = None) -> None:
    """Says that it is there, with None; then answers each message in turn. From standard input to standard output, by default."""
    requests, answers = requests or sys.stdin.buffer, answers or sys.stdout.buffer
    gc.set_threshold(GARBAGE_THRESHOLD)
    answers.write(framed(None))
    answers.flush()
    while len(prefix := requests.read(LENGTH.size)) == LENGTH.size:
        message = pickle.loads(requests.read(LENGTH.unpack(prefix)[0]))
        answers.write(framed(answer(message)))
        answers.flush()
