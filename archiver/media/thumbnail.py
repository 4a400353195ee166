"""Makes a small picture out of a captured one, in a process of its own: what comes from the web may bring a decoder down."""

import io

from archiver.media.inspect import NotDecoded, opened, shown
from archiver.workers.serve import serve

SIDE = 320  # pixels, the longer one: two columns of a phone, four of a screen
QUALITY = 75
DRAWN_FROM = 2 * SIDE  # pixels at least, where there are as many: what it is scaled down from smoothly


def thumbnail_of(data: bytes) -> bytes | None:
    """A WebP file, upright, on white, without metadata, never larger than the picture; None for what cannot be decoded."""
    from PIL import Image  # only this process needs it  # noqa: PLC0415

    out = io.BytesIO()
    try:
        with opened(data) as image:
            share = min(1.0, DRAWN_FROM / max(image.size))
            small = shown(image, (max(1, int(image.width * share)), max(1, int(image.height * share))), "RGB")
            small.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
            small.save(out, "WEBP", quality=QUALITY, icc_profile=b"")
    except NotDecoded:
        return None
    return out.getvalue()


if __name__ == "__main__":
    serve(thumbnail_of)
