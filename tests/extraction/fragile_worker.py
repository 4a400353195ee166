"""Stands for `archiver.extraction.worker` with parsers that some pages crash: these say what they do to it."""

import os
import signal
import time

from archiver.extraction.worker import FindRenderedEmbeds, ReadResponse, _answer
from archiver.workers.serve import serve


def answer(request: ReadResponse | FindRenderedEmbeds) -> object:
    if isinstance(request, ReadResponse):
        if b"crashes the parser" in request.payload:
            os.kill(os.getpid(), signal.SIGSEGV)
        if b"fills the memory" in request.payload:
            os.kill(os.getpid(), signal.SIGKILL)  # as the kernel does then
        if b"never ends" in request.payload:
            time.sleep(600)
    return _answer(request)


if __name__ == "__main__":
    serve(answer, ReadResponse | FindRenderedEmbeds)
