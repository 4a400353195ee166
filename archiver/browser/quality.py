"""Quality: whether a screenshot shows what it is there for. Pure functions of a picture and of what is known of the page."""

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import urlsplit

from PIL import Image, ImageChops

from archiver.model.render import Quality

ALIKE = 24  # of 255, in any channel: JPEG noise, antialiasing and subtle gradients are the same colour
LEAST_INK = 0.00005  # of the picture; "Not found" in a window of 1280x1024 makes 0.0002
LEAST_INK_UNREAD = 0.005  # where there is no text at all: a spinner or a lone logo
OBVIOUS_INK = 0.2  # of some of its pixels: more than any frame around nothing has
SAMPLE = 256  # pixels each way
EDGE = 6  # pixels that a frame around nothing may take
LEAST_WORDS = 3  # letters and digits; below that words say nothing
STRETCH = 16  # letters and digits in a row that are found again: three or four words
STEP = 4
LEAST_SHARE = 0.5  # of the stretches of a post; what all posts of a channel end with is a smaller part of them
BEGINNING = 60  # letters and digits: an ellipsis and "Show more" come later, in whatever network
MAX_WORDS = 4_000  # characters of a post; what a reply says that a post says may be of any length
MAX_COMPARED = 2_000  # letters and digits of a post; posts that have more are still known by their beginning
MAX_RENDERED = 50_000  # characters of rendered text: a post by itself, or an embed, stands before its comments
LITTLE_TEXT = 500  # characters: a login and a placeholder say less, a page that is worth reading says more

# Addresses end where Chinese, Japanese and Korean letters begin: those put no space between.
_DENSE = "\u3000-\u9fff\uac00-\ud7af\uff00-\uffef"
_LINKS = re.compile(rf"(?:https?://|www\.|pic\.(?:twitter|x)\.com/|t\.co/)[^\s{_DENSE}]*", re.I)
_RUNS = re.compile(rf"[^\s{_DENSE}]+")
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


def assess(picture: Image.Image, facts: ShownFacts) -> tuple[Quality, str | None]:
    """The quality of a picture, and a one-line reason where it is not good. What explains most comes first."""
    missing = facts.words is not None and says(facts.text, facts.words) is False
    unsure = facts.words is None or missing
    phrase = _unavailable_phrase(facts) if unsure else None
    if facts.status is not None and facts.status >= 400:
        return Quality.REFUSED, f"the server answered {facts.status}"
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


def _unavailable_phrase(facts: ShownFacts) -> str | None:
    """The phrase of the platform that stands in for the post; None where more is rendered than that.

    A short one has to be a line by itself: people have "not found" things too.
    """
    if not facts.gone or len(facts.text.strip()) >= LITTLE_TEXT:
        return None
    rendered = letters_only(facts.text)
    lines = {letters_only(line) for line in facts.text.splitlines()}
    for phrase in facts.gone:
        letters = letters_only(phrase)
        if letters in lines or (len(letters) >= STRETCH and letters in rendered):
            return phrase
    return None


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


def says(rendered: str, words: str) -> bool | None:
    """Whether the words of a post stand in the rendered page. None: there are no words to look for.

    Compared by letters and digits alone: emoji are rendered as pictures, lines break anywhere, links are shortened or left out, a
    long text ends in an ellipsis. So half of its stretches of 16 letters are enough, or its first half ("Foghorn by Shore Sounds"
    is rendered in two places), of which the first 60 letters; where it has less than 16, all of it.
    """
    wanted = letters_only(_without_links(words[:MAX_WORDS]))[:MAX_COMPARED]
    if len(wanted) < LEAST_WORDS:
        return None
    there = letters_only(rendered[:MAX_RENDERED])[:MAX_RENDERED]
    if wanted[: min(max(len(wanted) // 2, STRETCH), BEGINNING)] in there:
        return True
    stretches = [wanted[at : at + STRETCH] for at in range(0, len(wanted) - STRETCH + 1, STEP)]
    return bool(stretches) and sum(stretch in there for stretch in stretches) >= LEAST_SHARE * len(stretches)


def _without_links(text: str) -> str:
    """A text without its addresses, those without a scheme that were cut short included (`paper.example/2022/st…`)."""
    return _RUNS.sub(lambda run: " " if _is_cut_link(run[0]) else run[0], _LINKS.sub(" ", text))


def _is_cut_link(run: str) -> bool:
    spoken = run.rstrip("….")
    return run.endswith(("…", "...")) and ("/" in spoken or "." in spoken)


def letters_only(text: str) -> str:
    """Letters and digits only, without case, width and accents' spelling."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))
