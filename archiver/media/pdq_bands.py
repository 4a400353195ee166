"""The bands of a perceptual hash: pieces by which near hashes are found in an index, without a look at all others.

A hash of 256 bits is cut into 16 pieces of 16 bits. Two hashes that differ in 31 bits or fewer have a piece in which they differ
in one bit at most: with two or more in each of the 16 it would be 32 or more (the pigeonhole principle). So whoever looks up each
piece, as it is and with each one bit turned, 272 look-ups in all, meets every hash within that distance. Others are met as well,
some 4,000 among a million pictures: what is met is compared in full.
"""

from collections.abc import Iterator

BANDS = 16
BAND_BITS = 16
MAX_TURNED = 1  # bits of a piece
# 31, which is also what PDQ's authors call a confident match; pictures that are unlike had 64 or more (docs/decisions/0005).
MAX_DISTANCE = BANDS * (MAX_TURNED + 1) - 1


def bands_of(pdq: str) -> list[int]:
    """The pieces of a hash (64 hex digits), each with its number in front, as in the column `picture_bands.band`."""
    bits = int(pdq, 16)
    return [number << BAND_BITS | bits >> number * BAND_BITS & (1 << BAND_BITS) - 1 for number in range(BANDS)]


def near_bands(pdq: str) -> Iterator[int]:
    """The pieces that a hash within MAX_DISTANCE may share with this one."""
    for band in bands_of(pdq):
        yield band
        yield from (band ^ 1 << turned for turned in range(BAND_BITS))
