"""Crops screenshots out of one picture of a page, and assesses each."""

from dataclasses import dataclass, replace
from io import BytesIO

from PIL import Image

from archiver.browser.page import Box
from archiver.browser.quality import ShownFacts, assess, content_box
from archiver.model.findings import PostRef
from archiver.model.render import Screenshot, ScreenshotKind

MARGIN = 8  # pixels around a post by itself
PNG_LEVEL = 3  # 19 ms for an embed with a picture, where zlib's own 6 takes 44 and makes it no smaller


@dataclass(frozen=True, slots=True)
class Crop:
    """A part of a page to be cropped, and what is known of it."""

    kind: ScreenshotKind
    box: Box
    """In the page."""
    facts: ShownFacts
    post: PostRef | None = None
    position: int | None = None
    note: str | None = None
    """What there is to say of a picture that is good all the same."""

    def alone(self) -> "Crop":
        """This crop for a picture that shows nothing but its box: the box begins at 0, 0."""
        return replace(self, box=replace(self.box, x=0, y=0))


class Canvas:
    """A picture of a page from its upper left corner, cropped piece by piece: each takes up to a second, for a page of 16,000
    pixels, and a thread cannot be stopped."""

    def __init__(self, png: bytes) -> None:
        self._png = png
        self._picture = _opened(png)

    def cut(self, one: Crop) -> Screenshot:
        """The crop as a screenshot; the PNG itself, unchanged, where it is all of the picture."""
        return _screenshot(self._picture, self._png, one)


def crop_post(png: bytes, view_height: int, facts: ShownFacts, post: PostRef | None, note: str | None = None) -> list[Screenshot]:
    """Crops a post's own page to what is not background; to the window, `view_height` pixels tall, where there is nothing
    else."""
    picture = _opened(png)
    left, upper, right, lower = content_box(picture, MARGIN) or (0, 0, picture.width, min(view_height, picture.height))
    alone = Crop(ScreenshotKind.EMBED, Box(left, upper, right - left, lower - upper), facts, post=post, note=note)
    return [_screenshot(picture, png, alone)]


def _opened(png: bytes) -> Image.Image:
    """Chromium's own picture, so no bomb; of at most the pixels that were asked for."""
    with Image.open(BytesIO(png)) as picture:
        return picture.convert("RGB")


def _screenshot(picture: Image.Image, png: bytes, one: Crop) -> Screenshot:
    box = one.box
    right, lower = min(box.x + box.width, picture.width), min(box.y + box.height, picture.height)
    if (box.x, box.y, right, lower) == (0, 0, picture.width, picture.height):
        part, written = picture, png
    else:
        part = picture.crop((box.x, box.y, max(right, box.x + 1), max(lower, box.y + 1)))
        written = _written(part)
    quality, reason = assess(part, one.facts)
    return Screenshot(one.kind, written, part.width, part.height, quality, reason or one.note, one.post, one.position)


def _written(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "PNG", compress_level=PNG_LEVEL)
    return out.getvalue()
