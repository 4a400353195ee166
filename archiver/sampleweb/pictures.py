"""Pictures and videos that look real enough: the same name always gives the same bytes, two names never do."""

import random
import struct
from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageChops, ImageDraw, ImageOps

NOISE = 0.12  # share of noise: film grain, and why no two pictures share a digest or a perceptual hash
QUALITY = {"orig": 88, "4096x4096": 86, "large": 82, "medium": 78, "small": 74}  # each size has its own bytes, as on a real host
LONGEST = {"4096x4096": 4096, "large": 2048, "medium": 1200, "small": 680, "360x360": 360, "240x240": 240, "thumb": 150}
VIDEO_BYTES_PER_KILOBIT = 40  # 2,176 kbit/s give 87 KB: more than one read, less than a second of patience


@lru_cache(maxsize=400)
def picture(name: str, width: int, height: int, extension: str = "jpg", quality: int = 85) -> bytes:
    """A landscape of sky, ground, hills and houses in colours that depend on the name; JPEG or PNG."""
    chance = random.Random(f"sample picture {name}")
    # Drawn at half size and stretched: a quarter of the time, and soft edges for nothing.
    image = _scene(chance, width // 2, height // 2).resize((width, height), Image.Resampling.BILINEAR)
    grain = Image.frombytes("L", (width // 2, height // 2), chance.randbytes((width // 2) * (height // 2)))
    image = Image.blend(image, grain.resize((width, height)).convert("RGB"), NOISE)
    out = BytesIO()
    if extension == "png":
        image.quantize(48, Image.Quantize.FASTOCTREE).save(out, "PNG")
    else:
        image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def _scene(chance: random.Random, width: int, height: int) -> Image.Image:
    def colour(low: int, high: int) -> tuple[int, int, int]:
        return chance.randint(low, high), chance.randint(low, high), chance.randint(low, high)

    gradient = Image.linear_gradient("L").resize((width, height))
    if chance.random() < 0.5:
        gradient = ImageOps.flip(gradient)
    image = ImageOps.colorize(gradient, black=colour(0, 120), white=colour(130, 255))
    horizon = int(height * chance.uniform(0.35, 0.75))
    draw = ImageDraw.Draw(image)
    for _ in range(chance.randint(2, 5)):  # hills
        left, top = chance.randint(-width // 2, width), horizon - chance.randint(0, height // 3)
        draw.ellipse((left, top, left + chance.randint(width // 3, width), height + height // 3), fill=colour(20, 200))
    for _ in range(chance.randint(3, 12)):  # houses, cars, cranes
        left, top = chance.randint(0, width), horizon + chance.randint(-height // 6, height // 4)
        box = (left, top, left + chance.randint(8, width // 5), top + chance.randint(8, height // 4))
        draw.rectangle(box, fill=colour(0, 255))
    light = Image.radial_gradient("L").resize((width, height))
    return ImageChops.multiply(image, ImageOps.invert(light).point(lambda value: 150 + value * 2 // 5).convert("RGB"))


@lru_cache(maxsize=100)
def scaled(name: str, width: int, height: int, extension: str, size: str) -> bytes | None:
    """A picture as pbs.twimg.com scales it: `orig`, `4096x4096`, `large`, `medium`, `small`, `thumb`; None for other sizes."""
    quality = QUALITY.get(size, 70)
    original = picture(name, width, height, extension, QUALITY["orig"])
    if size == "orig":
        return original
    longest = LONGEST.get(size)
    if longest is None:
        return None
    with Image.open(BytesIO(original)) as image:
        image.thumbnail((longest, longest))
        out = BytesIO()
        if extension == "png":
            image.save(out, "PNG", optimize=size != "4096x4096")
        else:
            image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def thumbnail(data: bytes, size: tuple[int, int]) -> bytes:
    """A smaller copy of a JPEG."""
    with Image.open(BytesIO(data)) as image:
        image.thumbnail(size)
        out = BytesIO()
        image.save(out, "JPEG", quality=80)
    return out.getvalue()


@lru_cache(maxsize=60)
def video(name: str, bitrate: int) -> bytes:
    """An MP4 by its boxes (`ftyp`, `free`, `mdat`), noise inside: enough for whoever sniffs, nothing to play."""
    chance = random.Random(f"sample video {name}")
    brand = b"mp42" + struct.pack(">I", 1) + b"mp41mp42isom"
    body = chance.randbytes(max(bitrate, 200_000) // 1000 * VIDEO_BYTES_PER_KILOBIT)
    return _box(b"ftyp", brand) + _box(b"free", b"") + _box(b"mdat", body)


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + kind + content
