"""Wording: whether a post's words stand in a rendered page, and whether a network's own words stand there instead. Pure."""

import re
import unicodedata
from collections.abc import Iterable

from archiver.platforms.base import Platform

LEAST_WORDS = 3  # letters and digits; below that words say nothing
STRETCH = 16  # letters and digits in a row that are found again: three or four words
STEP = 4
LEAST_SHARE = 0.5  # of the stretches of a post; what all posts of a channel end with is a smaller part of them
BEGINNING = 60  # letters and digits: an ellipsis and "Show more" come later, in whatever network
MAX_WORDS = 4_000  # characters of a post; what a reply says that a post says may be of any length
MAX_COMPARED = 2_000  # letters and digits of a post; posts that have more are still known by their beginning
MAX_RENDERED = 50_000  # characters of rendered text: a post by itself, or an embed, stands before its comments
LITTLE_TEXT = 500  # characters: a login and a placeholder say less, a page that is worth reading says more
MOST_OF_A_WALL = 3_000  # characters; YouTube's, which asks for consent in Europe, has some 1,000

# What firewalls before any network ask of a visitor who may be a program: Cloudflare's "managed challenge" and its older page.
WALLS = (
    "Verify you are human by completing the action below",
    "Verifying you are human. This may take a few seconds",
    "Checking if the site connection is secure",
    "Checking your browser before accessing",
    "Enable JavaScript and cookies to continue",
)

# Addresses end where Chinese, Japanese and Korean letters begin: those put no space between.
_DENSE = "\u3000-\u9fff\uac00-\ud7af\uff00-\uffef"
_LINKS = re.compile(rf"(?:https?://|www\.|pic\.(?:twitter|x)\.com/|t\.co/)[^\s{_DENSE}]*", re.I)
_RUNS = re.compile(rf"[^\s{_DENSE}]+")


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


def phrase_in(text: str, phrases: Iterable[str]) -> str | None:
    """The first of these phrases that stands in a rendered text; None where none does, or where more is rendered than that.

    A short one has to be a line by itself: people have "not found" things too.
    """
    if len(text.strip()) >= LITTLE_TEXT:
        return None
    rendered = letters_only(text)
    lines = {letters_only(line) for line in text.splitlines()}
    for phrase in phrases:
        letters = letters_only(phrase)
        if letters in lines or (len(letters) >= STRETCH and letters in rendered):
            return phrase
    return None


def phrase_on_a_line(text: str, phrases: Iterable[str]) -> str | None:
    """The first of these English phrases that makes most of a line in a text of any length; None where none does."""
    lines = [line for line in text.casefold().splitlines() if len(line) < LITTLE_TEXT]
    everything = "\n".join(lines)
    for phrase in phrases:
        letters, longest = letters_only(phrase), max(phrase.casefold().split(), key=len)
        if longest not in everything:  # decided in 20 us, where the letters of 50,000 characters take 2 ms
            continue
        for line in map(letters_only, (line for line in lines if longest in line)):
            if letters in line and len(line) <= len(letters) + STRETCH:
                return phrase
    return None


def refusal(text: str, words: str | None, platform: Platform) -> str | None:
    """The phrase by which a platform, or a firewall before it, refuses a post that may well be there; None: it shows something.

    `words` are what the post is known to say. They may hold such a phrase themselves; and where they are found nothing was
    refused, unless they are a title: a player shows that beside its error. A wall of consent says a good deal of its cookies.
    """
    phrases = (*platform.embed_refused, *WALLS)
    phrase = phrase_in(text, phrases) or (phrase_on_a_line(text, phrases) if len(text) <= MOST_OF_A_WALL else None)
    if phrase is None or (words is not None and letters_only(phrase) in letters_only(words[:MAX_WORDS])):
        return None
    return phrase if words is None or platform.plays_videos or says(text, words) is not True else None
