"""Pictures and videos as files: what kind they are, how large, and what a picture is recognised by."""

import io
import logging
import re
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from archiver.media.exif import exif_of, orientation_of
from archiver.media.pdq import SIDE, Hashes, hashes_if_cut, hashes_of
from archiver.wire.spool import Spool

if TYPE_CHECKING:
    from PIL import Image

# Pillow reads kind and size from the head of a file, and decodes nothing for it: a bomb of a picture costs nothing there.
HEAD_BYTES = 1 << 16
MAX_DECODED_BYTES = 16 << 20  # larger files are kept, and neither hashed nor made small; Twitter takes 15 MB at most, for a GIF
MAX_DECODED_PIXELS = 25_000_000  # 100 MB as Pillow holds them: a camera of 24 megapixels
MAX_REDUCED_PIXELS = 80_000_000  # of a JPEG that is decoded at an eighth of its size, which costs a 64th of the memory
MAX_JPEG_SCANS = 100  # a progressive JPEG has about ten; each costs a pass over the whole picture, and may be a few bytes long
MAX_JPEG_MARKERS = 5_000  # in a photo some hundred at most: colour profiles and edits come in pieces of 64 KB
MIN_HASHED_SIDE = 32  # pixels: below it are icons and counters
HASHED_FROM = (2 * SIDE, 2 * SIDE)  # at least: pixels of what the hash is made from, so that a border can be told from its edge
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "ICO", "AVIF")
# A marker that libjpeg acts upon: no stuffed or filling byte, nor one of those that stand alone within what is coded.
_MARKER = re.compile(rb"\xff([^\x00\x01\xd0-\xd8\xff])", re.DOTALL)
_START_OF_SCAN, _END_OF_IMAGE = b"\xda", b"\xd9"
# What Pillow raises for broken files, by format (seen with Pillow 13).
_BROKEN = (
    OSError, SyntaxError, ValueError, LookupError, ArithmeticError, EOFError, TypeError, RuntimeError, MemoryError, struct.error,
)  # fmt: skip
logging.getLogger("PIL").setLevel(logging.CRITICAL)  # it tells standard error of each file that is out of order


class NotDecoded(Exception):
    """No picture, a damaged one, or one beyond the limits of this module. Nothing is known of what it shows."""


class BeyondLimits(NotDecoded):
    """More than is decoded here, of whatever kind; the message goes on after the file's name."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What the bytes say they are, whatever the server called them."""

    mime: str
    width: int | None = None
    """Pixels, as stored: EXIF may ask for it to be turned. None for videos and SVG."""
    height: int | None = None
    hashes: Hashes = field(default_factory=Hashes)
    """Of the picture as it is shown, of the first one where the file is animated; empty for what cannot be decoded whole."""
    exif: str | None = None
    """See `exif_of`."""


def picture_of(file: Spool) -> Picture | None:
    """All about a picture or video; None for anything else, files that are broken from the start included."""
    start = file.bytes(0, 64)
    if (kind := sniffed_video(start)) is not None:
        return Picture(kind)
    if _is_markup(start):
        return Picture("image/svg+xml") if b"<svg" in file.bytes(0, 4096) else None
    named = _named(file)
    if named is None:
        return None
    exif, hashes = _looked_at(file.bytes()) if len(file) <= MAX_DECODED_BYTES else (None, Hashes())
    return Picture(*named, hashes, exif)


def hashes_to_find(data: bytes) -> tuple[Hashes, tuple[str, ...]]:
    """By what a picture is looked for: its hashes, and those that it may have had before its edges were cut off.

    Raises `NotDecoded`, `BeyondLimits` where its message tells more than that.
    """
    if _is_markup(data[:64]) and b"<svg" in data[:4096]:
        raise BeyondLimits("it is SVG, which is not compared")
    if sniffed_video(data[:64]) is not None:
        raise BeyondLimits("it is a video, which is not compared")
    with opened(data) as image:
        luma = shown(image, HASHED_FROM, "L")
        return hashes_of(luma), hashes_if_cut(luma)


def sniffed_video(start: bytes) -> str | None:
    """The kind of a video, by its first 64 bytes and the WHATWG MIME sniffing standard, section 6.2: mp4, webm, ogg."""
    if start[4:8] == b"ftyp":
        brand = start[8:12]
        return None if brand in (b"avif", b"avis", b"heic", b"heix", b"mif1") else "video/mp4"
    if start.startswith(b"\x1aE\xdf\xa3"):
        return "video/webm"
    if start.startswith(b"OggS"):
        return "video/ogg"
    return None


def _is_markup(start: bytes) -> bool:
    return start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<svg", b"<?xml"))


@contextmanager
def opened(data: bytes) -> "Iterator[Image.Image]":
    """A picture in a `with` block, in which whatever Pillow finds wrong with it is a `NotDecoded`."""
    from PIL import Image  # 40 ms; `find` does without  # noqa: PLC0415

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on sizes and on sloppy metadata; `shown` has limits of its own
        try:
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                if image.format in ("JPEG", "MPO") and not _has_few_scans(data):
                    raise BeyondLimits(
                        f"it has more than {MAX_JPEG_SCANS} scans or {MAX_JPEG_MARKERS:,} parts, and is not decoded"
                    )
                yield image
        except Image.DecompressionBombError as error:
            raise BeyondLimits("it has more pixels than any picture that is decoded here") from error
        except _BROKEN as error:
            raise NotDecoded(f"{type(error).__name__}: {error}") from error


def _has_few_scans(jpeg: bytes) -> bool:
    """Up to the end of the picture: phones put a film behind it, in which anything may stand."""
    scans, place = 0, 2
    for _ in range(MAX_JPEG_MARKERS):
        marker = _MARKER.search(jpeg, place)
        if marker is None or marker[1] == _END_OF_IMAGE:
            return scans <= MAX_JPEG_SCANS
        place = marker.end() + max(2, int.from_bytes(jpeg[marker.end() : marker.end() + 2]))
        scans += marker[1] == _START_OF_SCAN
    return False


def shown(image: "Image.Image", at_least: tuple[int, int], mode: Literal["L", "RGB"]) -> "Image.Image":
    """A picture as browsers show it: turned as EXIF says, on white where it is transparent, the first one of an animated file.

    It is reduced by a whole number as long as it stays `at_least` so large; a JPEG is not even decoded in full for that. Call it
    within `opened`; raises `NotDecoded` for a picture that is too large.
    """
    from PIL import Image  # noqa: PLC0415

    turn = orientation_of(image)
    _refuse_large(image, at_least, mode)
    factor = max(1, min(image.width // at_least[0], image.height // at_least[1]))
    reduced = _eight_bits(image).reduce(factor)
    if reduced.mode == "RGBA":
        reduced = Image.alpha_composite(Image.new("RGBA", reduced.size, "white"), reduced)
    if reduced.mode not in ("L", "RGB"):
        reduced = reduced.convert("RGB")
    return reduced.convert(mode) if turn is None else reduced.convert(mode).transpose(Image.Transpose(turn))


def _refuse_large(image: "Image.Image", at_least: tuple[int, int], mode: str) -> None:
    """Before anything is decoded. Has a JPEG decoded at a half, a quarter or an eighth of its size, where that will do."""
    pixels, most = image.width * image.height, MAX_DECODED_PIXELS
    image.draft(mode, at_least)  # concerns JPEG alone
    if image.width * image.height < pixels and not image.info.get("progressive"):
        most = MAX_REDUCED_PIXELS  # the coefficients of a progressive one are held all at once, whatever becomes of them
    if pixels > most or image.width * image.height > MAX_DECODED_PIXELS:
        raise BeyondLimits(f"it has {pixels:,} pixels, more than are decoded here")


def _eight_bits(image: "Image.Image") -> "Image.Image":
    """In a mode that can be reduced, with an alpha channel where anything is transparent."""
    if image.has_transparency_data:
        return image.convert("RGBA")
    if image.mode in ("P", "1"):
        return image.convert("RGB")
    if image.mode.startswith("I"):  # 16 bits, of which `convert` to L makes white wherever they are more than 255
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    return image


def _looked_at(data: bytes) -> tuple[str | None, Hashes]:
    """EXIF fields and hashes, as far as they can be had."""
    exif = None
    try:
        with opened(data) as image:
            exif = exif_of(image)
            if min(image.size) < MIN_HASHED_SIDE:
                return exif, Hashes()
            return exif, hashes_of(shown(image, HASHED_FROM, "L"))
    except NotDecoded:
        return exif, Hashes()


def _named(file: Spool) -> tuple[str, int, int] | None:
    """MIME type, width and height."""
    from PIL import Image  # noqa: PLC0415

    for size in (HEAD_BYTES, len(file)):  # a JPEG may carry more than 64 KB of metadata before its size
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                with Image.open(io.BytesIO(file.bytes(0, size)), formats=FORMATS) as image:
                    return Image.MIME[image.format or ""], *image.size
        except Image.DecompressionBombError:
            return None
        except _BROKEN:
            if size >= len(file):
                return None
    return None
