"""Expected pictures: small grey ones in `expected/`, and how far a screenshot is from one.

`python -m tests.archive.expecting` makes them anew, after somebody has looked at what a crawl draws.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageChops, ImageFilter, ImageStat

from tests.archive.two_days import BRIDGE_PAGE, NOTEBOOK_URL, SAMPLE_POST, Looked, TwoDays, crawl_two_days, other_ref, tweet_ref

FOLDER = Path(__file__).parent / "expected"
SIDE = 160  # pixels, the longer one of a picture that is kept
COMPARED = 32  # pixels each way of two pictures that are compared
BLUR = 1  # of these pixels: lines of text become grey stripes, wherever their letters stand
PARTS = 4  # each way: the worst of 16 parts counts, so that a picture that is missing far below is missed
TOLERANCE = 23.0  # of 255: see SOURCE.md for what was measured
MAX_STRETCH = 1.2  # other fonts break lines elsewhere


def _tweet(key: str) -> Callable[[TwoDays], Image.Image]:
    return lambda days: days.first.picture(days.first.of_post(tweet_ref(days.web.tweet(key)))[0])


def _other(key: str) -> Callable[[TwoDays], Image.Image]:
    return lambda days: days.first.picture(days.first.of_post(other_ref(key))[0])


def _place(page: str, position: int) -> Callable[[TwoDays], Image.Image]:
    return lambda days: days.first.picture(days.first.in_page(page)[position][0])


def _page(page: str, kind: str, when: Callable[[TwoDays], Looked] = lambda days: days.first) -> Callable[[TwoDays], Image.Image]:
    return lambda days: when(days).picture(when(days).of_page(page, kind))


EXPECTED: dict[str, Callable[[TwoDays], Image.Image]] = {
    "own-izyum": _tweet("izyum"),
    "own-walks": _tweet("walks-1"),
    "own-tram": _tweet("tram"),
    "own-bluesky": _other("boats"),
    "own-mastodon": _other("gulls-vote"),
    "own-telegram": _other("tide-table"),
    "own-instagram": _other("net"),
    "own-facebook": _other("notice"),
    "place-bridge": _place(BRIDGE_PAGE, 1),
    "place-flag": _place(SAMPLE_POST, 3),
    "place-bakery": _place(f"{NOTEBOOK_URL}2022/10/07/third-bakery/", 1),  # the first answer with its picture breaks off
    "place-map": _place(SAMPLE_POST, 2),
    "place-mastodon": _place("https://tideline.example/low-water", 2),
    "place-tiktok": _place("https://tideline.example/four-films", 4),
    "place-flickr": _place("https://tideline.example/sound-and-picture", 2),
    "page-onetrust-and-late-pictures": _page(BRIDGE_PAGE, "fullPage"),
    "page-of-the-tank": _page(SAMPLE_POST, "fullPage"),
    "view-cookiebot": _page(f"{NOTEBOOK_URL}2022/08/24/plums-and-plywood/", "view"),
    "page-blanked": _page(BRIDGE_PAGE, "fullPage", lambda days: days.late),
}
"""Which screenshot is compared with which file, by its name without `.png`."""


def small(picture: Image.Image) -> Image.Image:
    """As it is kept."""
    scale = SIDE / max(picture.size)
    size = (max(round(picture.width * scale), 1), max(round(picture.height * scale), 1))
    return picture.convert("L").resize(size, Image.Resampling.BOX)


def expected(name: str) -> Image.Image:
    with Image.open(FOLDER / f"{name}.png") as picture:
        return picture.convert("L")


def distance(one: Image.Image, other: Image.Image) -> float:
    """From 0 to 255: the mean difference of the part that differs most. Pictures of other shapes have nothing in common."""
    shapes = sorted(picture.width / picture.height for picture in (one, other))
    if shapes[1] > MAX_STRETCH * shapes[0]:
        return 255.0
    seen = ImageChops.difference(_compared(one), _compared(other))
    part = COMPARED // PARTS
    corners = [(x, y) for x in range(0, COMPARED, part) for y in range(0, COMPARED, part)]
    return max(float(ImageStat.Stat(seen.crop((x, y, x + part, y + part))).mean[0]) for x, y in corners)


def _compared(picture: Image.Image) -> Image.Image:
    even = picture.convert("L").resize((COMPARED, COMPARED), Image.Resampling.BOX)
    return even.filter(ImageFilter.GaussianBlur(BLUR))


def write(days: TwoDays) -> None:
    for name, taken in EXPECTED.items():
        small(taken(days)).save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        write(crawl_two_days(Path(folder)))
