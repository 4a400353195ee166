"""Makes WebP files for people out of screenshots, in a process of its own: it takes longer than drawing some pages."""

import io

from archiver.workers.serve import serve

MAX_SIDE = 16_383  # pixels: what WebP can hold
QUALITY = 80
EFFORT = 1  # of 0 to 6: 4, the default, takes twice as long for 5 % less


def webp_of(png: bytes) -> bytes | None:
    """The same picture as WebP; None for what is no PNG. A higher one is cut at MAX_SIDE: the PNG has all of it."""
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415  only this process needs it

    try:
        with Image.open(io.BytesIO(png), formats=("PNG",)) as image:
            shown = image.convert("RGB").crop((0, 0, min(image.width, MAX_SIDE), min(image.height, MAX_SIDE)))
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError):
        return None
    out = io.BytesIO()
    shown.save(out, "WEBP", quality=QUALITY, method=EFFORT)
    return out.getvalue()


if __name__ == "__main__":
    serve(webp_of)
