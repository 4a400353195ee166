"""Stands for a decoder that one picture in three brings down."""

import os

from archiver.media.thumbnail import thumbnail_of
from archiver.workers.serve import serve
from tests.support.photos import landscape, saved

_DEADLY = saved(landscape("number 1"))


def fragile(data: bytes) -> bytes | None:
    if data == _DEADLY:
        os.abort()
    return thumbnail_of(data)


if __name__ == "__main__":
    serve(fragile)
