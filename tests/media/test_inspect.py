"""What a picture is recognised by, and that no file can cost much: the limits of what is decoded."""

import io
import json
import struct
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from archiver.media.inspect import MAX_DECODED_BYTES, MAX_JPEG_SCANS, Picture, hashes_to_find, picture_of
from archiver.media.pdq import MAX_DISTANCE, distance
from archiver.wire.spool import Spool
from tests.support.photos import cut, fitted, landscape, letterboxed, page_of_text, saved

ORIGINAL = landscape()


def seen(data: bytes) -> Picture:
    found = picture_of(Spool(data))
    assert found is not None
    return found


def pdq(image: Image.Image, kind: str = "JPEG", **options: object) -> str:
    hashed = seen(saved(image, kind, **options)).hashes.whole
    assert hashed is not None
    return hashed


def apart(one: bytes, other: bytes) -> int:
    """As a look-up compares: the best pair of what is looked for and what is held."""
    hashes, if_cut = hashes_to_find(one)
    held = seen(other).hashes
    asked = [each for each in (hashes.whole, hashes.trimmed, *if_cut) if each]
    return min(distance(a, b) for a in asked for b in (held.whole, held.trimmed) if b)


# --- the same picture ---------------------------------------------------------------------------------------------------------

CHANGES: dict[str, Callable[[Image.Image], bytes]] = {
    "half the size": lambda image: saved(fitted(image, image.width // 2)),
    "a quarter": lambda image: saved(fitted(image, image.width // 4)),
    "Twitter's small": lambda image: saved(fitted(image, 680), quality=74),
    "Twitter's thumb": lambda image: saved(fitted(image, 150), quality=74),
    "poor JPEG": lambda image: saved(image, quality=40),
    "progressive JPEG": lambda image: saved(image, quality=75, progressive=True),
    "WebP": lambda image: saved(image, "WEBP", quality=75),
    "PNG": lambda image: saved(image, "PNG"),
    "64 colours": lambda image: saved(image.quantize(64), "GIF"),
    "CMYK": lambda image: saved(image.convert("CMYK")),
    "grey": lambda image: saved(image.convert("L")),
    "16 bits": lambda image: saved(image.convert("L").convert("I").point(lambda value: value * 257).convert("I;16"), "PNG"),
    "letterbox": lambda image: saved(letterboxed(image)),
    "white letterbox": lambda image: saved(letterboxed(image, "white"), quality=60),
    "frame": lambda image: saved(ImageOps.expand(image, 40, "white")),
    "cut by 2 %": lambda image: saved(cut(image, 0.02)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_copy_is_near_its_original(change: str) -> None:
    copy = CHANGES[change](ORIGINAL)
    assert apart(copy, saved(ORIGINAL, quality=90)) <= MAX_DISTANCE
    if "cut" not in change:  # what was cut off is guessed by who looks for it alone
        assert apart(saved(ORIGINAL, quality=90), copy) <= MAX_DISTANCE


@pytest.mark.parametrize("change", ["half the size", "Twitter's small", "poor JPEG", "WebP", "grey"])
def test_so_is_a_screenshot_of_text(change: str) -> None:
    text = page_of_text(1)
    assert apart(CHANGES[change](text), saved(text, "PNG")) <= MAX_DISTANCE


def test_other_pictures_are_far_away() -> None:
    pictures = [landscape(f"number {number}", 480, 320) for number in range(12)] + [page_of_text(seed) for seed in range(12)]
    hashes = [pdq(image) for image in pictures]
    assert min(distance(one, other) for one in hashes for other in hashes if one is not other) > 2 * MAX_DISTANCE - 10


def test_the_hash_is_the_same_on_every_machine() -> None:
    """Drawn without a decoder: what is computed here is whole numbers. The first digits are the highest frequencies."""
    checks = Image.frombytes("L", (64, 64), bytes((x * x + 3 * y * y + x * y) % 251 for y in range(64) for x in range(64)))
    assert pdq(checks, "PNG") == "9bf32e8f56f95fe19d4abfdac7da190037499e281ba0daa47fd02c8059107d20"


def test_pictures_that_show_nothing_are_not_alike_but_not_compared() -> None:
    gradient = Image.linear_gradient("L")
    blank = [Image.new("RGB", (400, 300), colour) for colour in ("white", "black", "teal")]
    round_gradient = Image.radial_gradient("L").resize((800, 600))
    for image in (*blank, gradient, gradient.rotate(90), round_gradient, Image.blend(blank[0], blank[1], 0.5)):
        for options in ({"quality": 95}, {"quality": 30}):
            assert seen(saved(image.convert("RGB"), **options)).hashes.whole is None


# --- as it is shown -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_hash_is_that_of_the_upright_picture(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    turned = saved(ORIGINAL, exif=exif.tobytes())
    with Image.open(io.BytesIO(turned)) as image:
        upright = ImageOps.exif_transpose(image).convert("RGB")
    assert distance(seen(turned).hashes.whole or "", pdq(upright)) <= 8
    assert (seen(turned).width, seen(turned).height) == ORIGINAL.size, "as stored"


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_what_is_transparent_is_white(kind: str) -> None:
    mask = Image.new("L", ORIGINAL.size, 0)
    mask.paste(255, (200, 100, 760, 540))
    layer = ORIGINAL.copy()
    layer.putalpha(mask)
    flat = Image.new("RGB", ORIGINAL.size, "white")
    flat.paste(ORIGINAL, mask=mask)
    assert distance(pdq(layer, kind), pdq(flat)) <= 8
    assert distance(pdq(layer.quantize(200), "PNG"), pdq(flat)) <= 12, "a palette with transparency"


def test_of_an_animated_file_the_first_frame_counts_and_no_other_is_looked_at() -> None:
    still = landscape("still", 96, 64).quantize(16)
    frames = [Image.new("RGB", (96, 64), (number % 256, number // 8, 0)) for number in range(2_000)]
    moving = saved(still, "GIF", save_all=True, append_images=frames)
    broken = moving[: len(moving) // 2]
    assert seen(moving).hashes.whole is not None
    assert seen(moving).hashes == seen(broken).hashes == seen(saved(still, "GIF")).hashes


# --- EXIF ---------------------------------------------------------------------------------------------------------------------


def test_exif_is_kept_under_its_standard_names() -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0112], exif[0x013B] = "Kodiak", "K 1000", 6, "OLENAOLENA\x1b[31m\n"
    exif.get_ifd(0x8769)[0x9003] = "2022:09:10 12:00:00"
    exif.get_ifd(0x8825).update({1: "N", 2: (49.0, 59.0, 24.0), 3: "W", 4: (36.0, 13.0, 48.0)})
    written = exif.tobytes().replace(b"OLENAOLENA", "Олена".encode())  # UTF-8, whatever the standard says
    told = seen(saved(ORIGINAL, exif=written)).exif
    assert told is not None
    assert json.loads(told) == {
        "Artist": "Олена[31m", "DateTimeOriginal": "2022:09:10 12:00:00", "GPSLatitude": 49.99, "GPSLongitude": -36.23,
        "Make": "Kodiak", "Model": "K 1000", "Orientation": 6,
    }  # fmt: skip
    assert seen(saved(ORIGINAL)).exif is None


def test_exif_is_bounded() -> None:
    exif = Image.Exif()
    exif[0x010E] = "word " * 9_000
    told = seen(saved(ORIGINAL, exif=exif.tobytes())).exif
    assert told is not None and len(told) < 1_100


# --- hostile files ------------------------------------------------------------------------------------------------------------


def png_of(width: int, height: int) -> bytes:
    """A PNG whose head promises so many pixels, and which has none."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1 << 20))) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [5_100, 9_000])
def test_more_pixels_than_are_decoded_are_only_measured(side: int) -> None:
    found = seen(png_of(side, side))
    assert (found.width, found.height, found.hashes.whole) == (side, side, None)


def test_a_bomb_is_no_picture() -> None:
    assert picture_of(Spool(png_of(60_000, 60_000))) is None


def test_a_large_jpeg_is_decoded_at_an_eighth_of_its_size() -> None:
    large = ORIGINAL.resize((6_000, 4_000))
    assert distance(pdq(large, quality=60), pdq(ORIGINAL)) <= MAX_DISTANCE


def test_a_jpeg_of_countless_scans_is_not_decoded() -> None:
    """Each scan of a progressive JPEG goes over the whole picture, and takes a few bytes of file."""
    plain = saved(ORIGINAL, progressive=True)
    start = plain.rindex(b"\xff\xda")
    scans = plain[:start] + plain[start:-2] * (MAX_JPEG_SCANS + 1) + b"\xff\xd9"
    assert seen(plain).hashes.whole is not None
    assert (seen(scans).width, seen(scans).hashes.whole) == (960, None)
    tables = plain[:start] + b"\xff\xfe\x00\x02" * 6_000 + plain[start:]
    assert (seen(tables).width, seen(tables).hashes.whole) == (960, None), "nor one of countless parts"


def test_a_film_behind_a_photo_takes_nothing_from_it() -> None:
    """Phones save both as one file; what the film has in it was counted as scans of the photo."""
    exif = Image.Exif()
    exif[0x010F] = "Kodiak"
    photo = saved(ORIGINAL, exif=exif.tobytes())
    film = b"\x00\x00\x00\x18ftypmp42" + b"\xff\xda" * (MAX_JPEG_SCANS + 1)
    assert seen(photo + film) == seen(photo)
    assert seen(photo + film).hashes.whole is not None and seen(photo + film).exif is not None


def test_a_file_that_is_too_large_is_measured_and_not_decoded() -> None:
    data = saved(ORIGINAL) + bytes(MAX_DECODED_BYTES)
    assert (seen(data).width, seen(data).hashes.whole) == (960, None)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP"])
def test_of_a_truncated_file_only_the_size_is_known(kind: str) -> None:
    whole = saved(ORIGINAL.convert("RGB"), kind)
    found = picture_of(Spool(whole[: len(whole) * 2 // 3]))
    if kind == "WEBP":  # Pillow's decoder wants the whole file before it says anything
        assert found is None
    else:
        assert found is not None
        assert (found.width, found.height, found.hashes.whole) == (*ORIGINAL.size, None)


@pytest.mark.parametrize("data", [b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", b"<?xml?><svg/>"])
def test_svg_is_known_and_has_no_hash(data: bytes) -> None:
    assert seen(data) == Picture("image/svg+xml")


@pytest.mark.parametrize("size", [(1, 1), (16, 16), (1, 5_000), (5_000, 40), (31, 900)])
def test_odd_sizes_do_no_harm(size: tuple[int, int]) -> None:
    found = seen(saved(ORIGINAL.resize(size), "PNG"))
    assert (found.width, found.height) == size
    assert (found.hashes.whole is None) is (min(size) < 32)


_EXIF = Image.Exif()
_EXIF[0x010F] = "Kodiak"
_EXIF.get_ifd(0x8825)[2] = (49.0, 59.0, 24.0)
_SMALL = fitted(ORIGINAL, 96)
FILES = [
    saved(_SMALL, kind, **({"exif": _EXIF.tobytes()} if kind in ("JPEG", "PNG", "WEBP", "TIFF") else {}))
    for kind in ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "ICO", "AVIF")
]


@settings(max_examples=400)
@given(st.sampled_from(FILES), st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), max_size=12))
def test_no_damaged_file_raises(file: bytes, damage: list[tuple[float, int]]) -> None:
    data = bytearray(file)
    for place, value in damage:
        data[int(place * place * len(data))] = value  # heads more often than pixels
    picture_of(Spool(bytes(data)))
