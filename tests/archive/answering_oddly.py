"""What the tests of `elsewhere.py` run in the other process: it does what the message says."""

import os
import signal
import time

from archiver.workers.serve import serve


def answer(message: str) -> str:
    if message == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if message == "hang":
        time.sleep(600)
    return message.upper()


if __name__ == "__main__":
    serve(answer)
