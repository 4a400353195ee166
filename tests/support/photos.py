"""Pictures for tests: drawn, saved as files in every format, and changed as people and platforms change them."""

import io
import random
from typing import Any

from PIL import Image, ImageDraw, ImageOps

from archiver.sampleweb.pictures import picture


def landscape(name: str = "one", width: int = 960, height: int = 640) -> Image.Image:
    """One of the sample web's pictures."""
    return Image.open(io.BytesIO(picture(name, width, height))).convert("RGB")


def page_of_text(seed: int, size: tuple[int, int] = (800, 600)) -> Image.Image:
    """Dark words on white, as in a screenshot of a post."""
    dice, image = random.Random(seed), Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    for top in range(40, size[1] - 60, 44):
        draw.text((40, top), "".join(dice.choice("abcdefghij klmnop") for _ in range(dice.randint(8, 40))), "black", font_size=30)
    return image


def saved(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def letterboxed(image: Image.Image, colour: str = "black") -> Image.Image:
    bar = image.height // 6
    return ImageOps.expand(image, (0, bar, 0, bar), colour)


def cut(image: Image.Image, share: float) -> Image.Image:
    """Without `share` of it on each side."""
    across, down = int(image.width * share), int(image.height * share)
    return image.crop((across, down, image.width - across, image.height - down))


def fitted(image: Image.Image, side: int) -> Image.Image:
    small = image.copy()
    small.thumbnail((side, side))
    return small
