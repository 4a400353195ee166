"""WebP files for people: from whatever a browser drew, and from what is no picture at all."""

import asyncio
import io
import random
import struct
import warnings
import zlib
from collections import Counter

import pytest
from PIL import Image

from archiver.media.webp import MAX_SIDE, MODULE, MakeWebp, is_decodable_thumbnail, webp_of
from archiver.workers.process import WorkerProcess
from tests.support.photos import landscape, page_of_text, saved

PNG = b"\x89PNG\r\n\x1a\n"


def opened(webp: bytes | None) -> Image.Image:
    assert webp is not None
    with Image.open(io.BytesIO(webp)) as image:
        assert image.format == "WEBP"
        return image.convert("RGB")


def declared(width: int, height: int, *chunks: bytes) -> bytes:
    """A PNG that says how large it is, and has next to nothing in it."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return PNG + chunk(b"IHDR", head) + b"".join(chunks) + chunk(b"IDAT", zlib.compress(b"\0" * 1_000)) + chunk(b"IEND", b"")


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def test_a_webp_shows_what_its_png_shows() -> None:
    drawn = page_of_text(1)
    shown = opened(webp_of(saved(drawn, "PNG")))

    assert shown.size == drawn.size
    assert max(abs(a - b) for a, b in zip(shown.getpixel((5, 5)), (255, 255, 255), strict=True)) < 8  # type: ignore[arg-type]


@pytest.mark.parametrize("mode", ["RGBA", "P", "L", "1", "LA"])
def test_every_kind_of_png_becomes_one(mode: str) -> None:
    assert opened(webp_of(saved(landscape(width=240, height=160).convert(mode), "PNG"))).size == (240, 160)


@pytest.mark.parametrize("size", [(40, MAX_SIDE + 500), (MAX_SIDE + 500, 40)])
def test_a_picture_larger_than_webp_can_hold_is_cut_at_its_end(size: tuple[int, int]) -> None:
    tall = Image.new("RGB", size, "teal")
    tall.paste("gold", (0, 0, 40, 40))

    shown = opened(webp_of(saved(tall, "PNG")))

    assert shown.size == (min(size[0], MAX_SIDE), min(size[1], MAX_SIDE))
    assert shown.getpixel((10, 10))[0] > 200  # type: ignore[index]  # the beginning is there


@pytest.mark.parametrize(
    ("hostile", "size"),
    [
        (b"", None),
        (b"<html>", None),
        (PNG, None),
        (saved(landscape(width=240, height=160)), None),  # a JPEG
        (saved(landscape(width=240, height=160), "PNG")[:2_000], None),
        (declared(0, 5), None),
        (declared(60_000, 60_000), None),
        (declared(2**31 - 1, 2**31 - 1), None),
        (declared(10, 10, chunk(b"iCCP", b"x\0\0" + b"\xff" * 40)), (10, 10)),
        (declared(10, 10, chunk(b"acTL", struct.pack(">II", 2**31, 1))), (10, 10)),
    ],
    ids=["nothing", "markup", "signature", "jpeg", "torn", "flat", "bomb", "largest", "profile", "animation"],
)
def test_what_is_no_whole_png_gives_none_or_a_picture_and_never_an_exception(
    hostile: bytes, size: tuple[int, int] | None
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow speaks of sizes and animations
        made = webp_of(hostile)

    assert (opened(made).size if made else None) == size


def test_bytes_changed_at_random_bring_nothing_down() -> None:
    dice, whole = random.Random(1), saved(landscape(width=240, height=160).convert("P"), "PNG")
    kinds: Counter[bytes | None] = Counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(300):
            changed = bytearray(whole)
            for _ in range(dice.randint(1, 6)):
                changed[dice.randrange(len(changed))] = dice.randrange(256)
            made = webp_of(bytes(changed))
            kinds[made[8:12] if made else None] += 1
    assert kinds.keys() == {None, b"WEBP"}, "some are still pictures, and some are none"


def test_they_are_made_in_a_process_of_their_own_in_the_order_in_which_they_are_asked_for() -> None:
    async def ask() -> list[bytes | None]:
        previews = WorkerProcess(MODULE, 30)
        try:
            pictures = [*(saved(landscape(name, 240, 160), "PNG") for name in ("one", "two")), b"no picture"]
            return list(await asyncio.gather(*(previews.ask(MakeWebp(picture), bytes | None) for picture in pictures)))
        finally:
            await previews.close()

    first, second, none = asyncio.run(ask())

    assert opened(first).size == opened(second).size == (240, 160)
    assert first != second and none is None


# --- thumbnails ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("side", "is_ours"), [(320, True), (321, False)])
def test_a_picture_larger_than_any_thumbnail_is_not_even_decoded(side: int, is_ours: bool) -> None:
    """A bomb of a few KB may have a gigabyte of pixels."""
    file = io.BytesIO()
    Image.new("L", (side, 2)).save(file, "WEBP")
    assert is_decodable_thumbnail(file.getvalue()) is is_ours
