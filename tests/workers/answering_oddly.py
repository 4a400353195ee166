"""What the tests of `workers.process` run in the other process: it does what the request says."""

import os
import signal
import sys
import time

from archiver.workers.serve import FRAME_HEAD, MAX_ANSWER_BYTES, FrameKind, serve

# What a process might write that a page has taken over: no pickle is read, nothing large is kept, nothing deep is followed.
FALSE = {
    "a pickle": b"cos\nsystem\n(S'touch taken-over'\ntR.",
    "another kind of frame": FRAME_HEAD.pack(77, 0),
    "a second beginning": FRAME_HEAD.pack(FrameKind.READY, 0),
    "far too long": FRAME_HEAD.pack(FrameKind.ANSWER, MAX_ANSWER_BYTES + 1),
    "another type": FRAME_HEAD.pack(FrameKind.ANSWER, 1) + b"\x2a",
    "four billion items": FRAME_HEAD.pack(FrameKind.ANSWER, 5) + b"\xdd\xff\xff\xff\xff",
    "four gigabytes": FRAME_HEAD.pack(FrameKind.ANSWER, 5) + b"\xdb\xff\xff\xff\xff",
    "very deep": FRAME_HEAD.pack(FrameKind.ANSWER, 1 << 20) + b"\x91" * (1 << 20),
    "no UTF-8": FRAME_HEAD.pack(FrameKind.ANSWER, 2) + b"\xa1\xff",
    "more than one": FRAME_HEAD.pack(FrameKind.ANSWER, 3) + b"\xa1a\x00",
    "nothing": FRAME_HEAD.pack(FrameKind.ANSWER, 0),
}


def answer(request: str) -> object:
    if request == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if request == "hang":
        time.sleep(600)
    if request == "half a character":
        return "\ud83d"
    if request == "a large number":
        return 1 << 64
    if request == "too much":
        return "a" * MAX_ANSWER_BYTES
    if request in FALSE:
        sys.stdout.buffer.write(FALSE[request])
        sys.stdout.buffer.flush()
        time.sleep(600)
    return request.upper()


if __name__ == "__main__":
    serve(answer, str)
