"""Quality: whether a screenshot shows what it is there for. Pure functions of a picture and of what is known of the page."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from PIL import Image, ImageChops

from archiver.browser.wording import LITTLE_TEXT, phrase_in, says
from archiver.model.render import Quality

ALIKE = 24  # of 255, in any channel: JPEG noise, antialiasing and subtle gradients are the same colour
LEAST_INK = 0.00005  # of the picture; "Not found" in a window of 1280x1024 makes 0.0002
LEAST_INK_UNREAD = 0.005  # where there is no text at all: a spinner or a lone logo
OBVIOUS_INK = 0.2  # of some of its pixels: more than any frame around nothing has
SAMPLE = 256  # pixels each way
EDGE = 6  # pixels that a frame around nothing may take

_LOGIN_PATH = re.compile(
    r"/(?:(?:accounts/)?log-?in|sign-?in|auth(?:wall|enticate)?|checkpoint|flow/login|session/new)(?:[/.?]|$)", re.I
)


@dataclass(frozen=True, slots=True)
class ShownFacts:
    """What is known of a rendered document, beside its picture."""

    text: str = ""
    """As rendered, of all that the picture shows."""
    words: str | None = None
    """What should be found in it."""
    status: int | None = None
    passwords: int = 0
    """Visible fields for one."""
    url: str = ""
    """Where it ended."""
    asked_url: str = ""
    lacking: str | None = None
    """What had not come when it was captured; None: nothing."""
    unscripted: bool = False
    page: bool = False
    """A page of a site, not a post: many have a field for a password in their header."""
    embeds_found: int = 0
    """Of those that the page's raw bytes hold, how many stand in the rendered page."""
    gone: tuple[str, ...] = ()
    """What its platform says instead of a post that it does not show."""
    refusal: str | None = None
    """By which words or code its platform refuses it here, though it may well be there (`wording.refusal`)."""


def assess(picture: Image.Image, facts: ShownFacts) -> tuple[Quality, str | None]:
    """The quality of a picture, and a one-line reason where it is not good. What explains most comes first."""
    missing = facts.words is not None and says(facts.text, facts.words) is False
    unsure = facts.words is None or missing
    phrase = phrase_in(facts.text, facts.gone) if unsure else None
    if facts.status is not None and facts.status >= 400:
        also = f', which says "{facts.refusal}"' if facts.refusal else ""
        return Quality.REFUSED, f"the server answered {facts.status}{also}"
    if facts.refusal:
        return Quality.REFUSED, f'the network refuses to show it here: "{facts.refusal}"'
    if unsure and is_login(facts.url, facts.asked_url, _passwords_that_tell(facts)):
        return Quality.LOGIN_WALL, "a login is asked for instead"
    if is_blank(picture, has_text=bool(facts.text.strip())):
        return Quality.BLANK, "nothing but one colour was rendered"
    if facts.lacking is not None:
        return Quality.HALF_LOADED, facts.lacking
    if missing:  # tried once more: some networks say the same where only their own request failed
        also = f', which says "{phrase}"' if phrase else ""
        return Quality.TEXT_MISSING, f"the words of the post are not in the rendered page{also}"
    if phrase:
        return Quality.REFUSED, f'the network says "{phrase}"'
    if facts.unscripted:
        return Quality.UNSCRIPTED, None
    return Quality.GOOD, None


def _passwords_that_tell(facts: ShownFacts) -> int:
    """Fields for a password, where they stand for a login instead of what was asked for."""
    shown = facts.embeds_found > 0 or len(facts.text.strip()) >= LITTLE_TEXT
    return 0 if facts.page and shown else facts.passwords


def is_blank(picture: Image.Image, *, has_text: bool = False) -> bool:
    """Whether it is of one colour, or a frame around one colour. With text in the page it takes less ink not to be."""
    picture = picture.convert("RGB")
    if _share(_ink(_sampled(picture))) > OBVIOUS_INK:
        return False  # decided in 2 ms, where a large page takes 60
    least = LEAST_INK if has_text else LEAST_INK_UNREAD
    ink = _ink(picture)
    if _share(ink) < least:
        return True
    box = ink.getbbox()
    if box is None:
        return True
    left, upper, right, lower = box
    if right - left <= 2 * EDGE + 2 or lower - upper <= 2 * EDGE + 2:
        return False  # a line: too thin for a frame
    # A frame takes most of its ink in its edge: what is left inside of that is of one colour again.
    inside = picture.crop((left + EDGE, upper + EDGE, right - EDGE, lower - EDGE))
    return _share(_ink(inside)) < LEAST_INK


def content_box(picture: Image.Image, margin: int) -> tuple[int, int, int, int] | None:
    """The part of a picture that is not background, with a margin: left, upper, right, lower. None: there is nothing."""
    box = _ink(picture.convert("RGB")).getbbox()
    if box is None:
        return None
    left, upper, right, lower = box
    return max(left - margin, 0), max(upper - margin, 0), min(right + margin, picture.width), min(lower + margin, picture.height)


def _ink(picture: Image.Image) -> Image.Image:
    """255 where a picture differs from its most common colour, else 0."""
    background = Image.new("RGB", picture.size, _most_common(picture))
    red, green, blue = ImageChops.difference(picture, background).split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    return most.point([0] * (ALIKE + 1) + [255] * (255 - ALIKE))


def _most_common(picture: Image.Image) -> tuple[int, int, int]:
    colors = _sampled(picture).getcolors(SAMPLE * SAMPLE) or [(1, (255, 255, 255))]
    _, color = max(colors, key=lambda each: each[0])
    return color if isinstance(color, tuple) and len(color) == 3 else (255, 255, 255)


def _sampled(picture: Image.Image) -> Image.Image:
    """Some of its pixels, evenly spread, as they are."""
    return picture.resize((min(picture.width, SAMPLE), min(picture.height, SAMPLE)), Image.Resampling.NEAREST)


def _share(ink: Image.Image) -> float:
    return ink.histogram()[255] / (ink.width * ink.height)


def is_login(url: str, asked_url: str, passwords: int) -> bool:
    """A password is asked for, or the page led to where one is, without having been asked for that."""
    asked = urlsplit(asked_url)
    led = urlsplit(url)
    moved = (led.hostname, led.path) != (asked.hostname, asked.path)
    return passwords > 0 or (moved and _LOGIN_PATH.search(led.path) is not None)
