"""WebP files for people: of screenshots, and small ones of captured pictures. All of it in a process of its own.

It takes longer than rendering some pages, and what comes from the web, or lies on a disk, may crash a decoder.
"""

import io

import msgspec

from archiver.media.inspect import NotDecoded, opened, shown
from archiver.workers.serve import serve

MODULE = "archiver.media.webp"  # runs in the other process

MAX_SIDE = 16_383  # pixels: what WebP can hold
QUALITY = 80
EFFORT = 1  # of 0 to 6: 4, the default, takes twice as long for 5 % less

THUMBNAIL_SIDE = 320  # pixels, the longer one: two columns of a phone, four of a screen
THUMBNAIL_QUALITY = 75
SCALED_FROM = 2 * THUMBNAIL_SIDE  # pixels at least, where there are as many: what it is scaled down from smoothly


class MakeWebp(msgspec.Struct, frozen=True, tag=True):
    """Asks for a PNG as WebP: `bytes | None`."""

    png: bytes


class MakeThumbnail(msgspec.Struct, frozen=True, tag=True):
    """Asks for the thumbnail of a captured picture: `bytes | None`."""

    picture: bytes


class CheckThumbnail(msgspec.Struct, frozen=True, tag=True):
    """Asks whether a thumbnail can be decoded: `bool`."""

    webp: bytes


def webp_of(png: bytes) -> bytes | None:
    """A PNG as WebP, cut at MAX_SIDE (the PNG has all of it); None for what is no PNG."""
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415  only this process needs it

    try:
        with Image.open(io.BytesIO(png), formats=("PNG",)) as image:
            cut = image.convert("RGB").crop((0, 0, min(image.width, MAX_SIDE), min(image.height, MAX_SIDE)))
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError):
        return None
    out = io.BytesIO()
    cut.save(out, "WEBP", quality=QUALITY, method=EFFORT)
    return out.getvalue()


def thumbnail_of(data: bytes) -> bytes | None:
    """A WebP file, upright, on white, without metadata, never larger than the picture; None for what cannot be decoded."""
    from PIL import Image  # only this process needs it  # noqa: PLC0415

    out = io.BytesIO()
    try:
        with opened(data) as image:
            share = min(1.0, SCALED_FROM / max(image.size))
            small = shown(image, (max(1, int(image.width * share)), max(1, int(image.height * share))), "RGB")
            small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
            small.save(out, "WEBP", quality=THUMBNAIL_QUALITY, icc_profile=b"")
    except NotDecoded:
        return None
    return out.getvalue()


def is_decodable_thumbnail(data: bytes) -> bool:
    """Whether every pixel of it can be decoded: a file that was cut off has a head that reads well."""
    try:
        with opened(data) as image:
            if max(image.size) > THUMBNAIL_SIDE:  # none of ours, and a bomb of 20 KB may have a gigabyte of pixels
                return False
            image.load()
    except NotDecoded:
        return False
    return True


def answer(request: MakeWebp | MakeThumbnail | CheckThumbnail) -> bytes | bool | None:
    if isinstance(request, MakeWebp):
        return webp_of(request.png)
    if isinstance(request, MakeThumbnail):
        return thumbnail_of(request.picture)
    return is_decodable_thumbnail(request.webp)


if __name__ == "__main__":
    serve(answer, MakeWebp | MakeThumbnail | CheckThumbnail)
