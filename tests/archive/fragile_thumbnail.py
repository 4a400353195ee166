"""Stands for a decoder that one picture in three brings down."""

import os

from archiver.media.webp import MakeThumbnail, thumbnail_of
from archiver.workers.serve import serve
from tests.support.photos import landscape, saved

_DEADLY = saved(landscape("number 1"))


def fragile(request: MakeThumbnail) -> bytes | None:
    if request.picture == _DEADLY:
        os.abort()
    return thumbnail_of(request.picture)


if __name__ == "__main__":
    serve(fragile, MakeThumbnail)
