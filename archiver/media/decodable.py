"""Whether a thumbnail can be decoded, seen in a process of its own: what lies on a disk may bring a decoder down."""

from archiver.media.inspect import NotDecoded, opened
from archiver.media.thumbnail import SIDE
from archiver.workers.serve import serve


def is_decodable(data: bytes) -> bool:
    """Every pixel of it: a file that was cut off has a head that reads well."""
    try:
        with opened(data) as image:
            if max(image.size) > SIDE:  # none of ours, and a bomb of 20 KB may have a gigabyte of pixels
                return False
            image.load()
    except NotDecoded:
        return False
    return True


if __name__ == "__main__":
    serve(is_decodable)
