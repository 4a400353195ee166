"""The perceptual hash of a picture: PDQ, 256 bits that stay nearly the same when it is scaled or compressed again.

The algorithm is Meta's (ThreatExchange, `pdq/`, 2019): luma, 64 by 64 pixels, a cosine transform, and of 16 by 16 low frequencies
whether each is above their median. Why PDQ, why not by its own library, and with what figures: docs/decisions/0005.

Near hashes are found in an index by bands, without a look at all others. A hash of 256 bits is cut into 16 bands of 16 bits. Two
hashes that differ in 31 bits or fewer have a band in which they differ in one bit at most: with two or more in each of the 16 it
would be 32 or more (the pigeonhole principle). So whoever looks up each band, as it is and with each one bit turned, 272 look-ups
in all, meets every hash within that distance. Others are met as well, some 4,000 among a million pictures: what is met is
compared in full.
"""

import math
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from operator import mul
from sys import byteorder
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

Box = tuple[int, int, int, int]
"""Left, top, right, bottom: pixels."""

SIDE = 64  # pixels each way of what is transformed
FREQUENCIES = 16  # each way; the mean, frequency 0, is none of them
BITS = FREQUENCIES * FREQUENCIES
# Grey levels that the middle one of the 256 frequencies must reach. Plain gradients have 0.7 at most (after JPEG, quality 40), so
# their bits are chance and they would all be alike; pictures and texts had 4.6 at least. PDQ's own quality, the sum of the steps
# between neighbours, gives a round gradient 59 of 100 and a calm photo 29.
MIN_STRENGTH = 2.0
BORDER_TOLERANCE = 16  # of 255: a border that went through JPEG is not of one colour any more
MIN_BORDER = 1 / 50  # of a side: less is the picture's own edge
CUTS = (0.02, 0.05)  # of each side
MIN_CONTENT = 1 / 5  # of each side: less is a mark on an empty sheet, not a picture within a border

BANDS = 16
BAND_BITS = 16
MAX_TURNED = 1  # bits of a piece
# 31, which is also what PDQ's authors call a confident match; pictures that are unlike had 64 or more (docs/decisions/0005).
MAX_DISTANCE = BANDS * (MAX_TURNED + 1) - 1

# Whole numbers, so that every machine gets the same bits: 255 * 64 * _ONE fits into 31 bits, and * 64 * _ONE again into 63.
_ONE = 1 << 14
_BASIS = [
    [round(_ONE * math.cos(math.pi / (2 * SIDE) * v * (2 * r + 1))) for r in range(SIDE)] for v in range(1, FREQUENCIES + 1)
]
_GREY_LEVEL = _ONE * _ONE * SIDE / 2  # how large a frequency of one grey level comes out
_ZERO = {"I": 1 << 31, "Q": 1 << 63}


@dataclass(frozen=True, slots=True)
class Hashes:
    """What a picture is compared by: 64 hex digits each, written as ThreatExchange writes PDQ."""

    whole: str | None = None
    """None where the picture shows too little to be told from others: one colour, a gradient."""
    trimmed: str | None = None
    """Without the border of one colour (letterbox, frame, margin) that it has; None where it has none."""


def hashes_of(luma: "Image.Image") -> Hashes:
    """The hashes of a picture in mode L."""
    box = _within_border(luma)
    return Hashes(hash_of(luma), hash_of(luma, box) if box is not None else None)


def hash_of(luma: "Image.Image", box: Box | None = None) -> str | None:
    """The hash of a picture in mode L, or of a part of it; None where that shows too little."""
    from PIL import Image  # 40 ms; `find` does without  # noqa: PLC0415

    values = _transformed(luma.resize((SIDE, SIDE), Image.Resampling.BOX, box).tobytes())
    if sorted(map(abs, values))[BITS // 2] < MIN_STRENGTH * _GREY_LEVEL:
        return None
    median = sorted(values)[BITS // 2 - 1]
    bits = sum(1 << place for place, value in enumerate(values) if value > median)
    return f"{bits:0{BITS // 4}x}"


def hashes_if_cut(luma: "Image.Image") -> tuple[str, ...]:
    """What the hash of the picture may have been if this is a copy whose edges were cut off, by 2 % or 5 % on all sides."""
    widened = (hash_of(_widened(luma, cut / (1 - 2 * cut))) for cut in CUTS)
    return tuple(each for each in widened if each is not None)


def distance(one: str, other: str) -> int:
    """How many bits differ: near 0 for copies of one picture, near 128 for pictures that have nothing to do with each other."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def _widened(luma: "Image.Image", share: float) -> "Image.Image":
    """With an edge around it that goes on as the picture does, more or less: its own outer part, enlarged with all of it."""
    width, height = luma.size
    across, down = max(1, round(width * share)), max(1, round(height * share))
    wide = luma.resize((width + 2 * across, height + 2 * down))
    wide.paste(luma, (across, down))
    return wide


def _transformed(pixels: bytes) -> list[int]:
    """The frequencies, row by row. Numbers lie side by side in long ones, so that 64 products cost little more than one."""
    rows = [_packed_bytes(pixels[start : start + SIDE]) for start in range(0, SIDE * SIDE, SIDE)]
    down = [_unpacked("I", sum(map(mul, basis, rows)), SIDE) for basis in _BASIS]
    columns = [_packed("Q", column) for column in zip(*down, strict=True)]
    across = [_unpacked("Q", sum(map(mul, basis, columns)), FREQUENCIES) for basis in _BASIS]
    return [value for row in zip(*across, strict=True) for value in row]


def _packed_bytes(values: bytes) -> int:
    """What `_packed("I", values)` gives, sooner: bytes have no sign, so they only have to be moved apart."""
    lanes = bytearray(4 * len(values))
    lanes[0 if byteorder == "little" else 3 :: 4] = values
    return int.from_bytes(lanes, byteorder)


def _packed(kind: str, values: Sequence[int]) -> int:
    """Numbers side by side in one, in lanes of 32 bits ("I") or 64 ("Q"); each must fit in with its sign."""
    zero = _ZERO[kind]
    return int.from_bytes(array(kind, [value + zero for value in values]).tobytes(), byteorder) - _zeros(kind, len(values))


def _unpacked(kind: str, packed: int, count: int) -> list[int]:
    zero, lanes = _ZERO[kind], array(kind)
    lanes.frombytes((packed + _zeros(kind, count)).to_bytes(count * lanes.itemsize, byteorder))
    return [value - zero for value in lanes]


@cache
def _zeros(kind: str, count: int) -> int:
    """What is added to every lane, so that none is negative and borrows from its neighbour."""
    return int.from_bytes(array(kind, [_ZERO[kind]] * count).tobytes(), byteorder)


def _within_border(luma: "Image.Image") -> Box | None:
    """What lies within a border of one colour: that of the upper left corner, where the lower right one has it too."""
    from PIL import Image, ImageChops  # noqa: PLC0415

    width, height = luma.size
    corner, opposite = luma.getpixel((0, 0)), luma.getpixel((width - 1, height - 1))
    assert isinstance(corner, int) and isinstance(opposite, int)  # mode L has one band
    if abs(corner - opposite) > BORDER_TOLERANCE:
        return None
    steps = ImageChops.difference(luma, Image.new("L", luma.size, corner))
    box = steps.point([255 * (step > BORDER_TOLERANCE) for step in range(256)]).getbbox()
    if box is None:
        return None
    left, top, right, bottom = box
    widest = max(left / width, top / height, 1 - right / width, 1 - bottom / height)
    if widest < MIN_BORDER or right - left < MIN_CONTENT * width or bottom - top < MIN_CONTENT * height:
        return None
    # The outermost line of pixels is half border, half picture.
    return left + (left > 0), top + (top > 0), right - (right < width), bottom - (bottom < height)


def bands_of(pdq: str) -> list[int]:
    """The pieces of a hash (64 hex digits), each with its number in front, as in the column `picture_bands.band`."""
    bits = int(pdq, 16)
    return [number << BAND_BITS | bits >> number * BAND_BITS & (1 << BAND_BITS) - 1 for number in range(BANDS)]


def near_bands(pdq: str) -> Iterator[int]:
    """The pieces that a hash within MAX_DISTANCE may share with this one."""
    for band in bands_of(pdq):
        yield band
        yield from (band ^ 1 << turned for turned in range(BAND_BITS))
