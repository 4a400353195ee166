"""The parts of which a capture's quality is made, how they add up to a figure, and what a screenshot is worth."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from archiver.model.render import Quality
from archiver.platforms.base import Platform
from archiver.storage.index.audit_queries import PlatformAnswer, Shot, last_word, was_described

MAX_REASONS = 12  # of one post or page; a page may have a thousand embeds
DIGITS = 4  # of a figure

# How much of what a screenshot is for is in it.
WORTH: dict[str, float] = {
    Quality.GOOD: 1.0,
    Quality.UNSCRIPTED: 0.8,  # words and most pictures are there, what scripts bring is not
    Quality.HALF_LOADED: 0.5,
    Quality.TEXT_MISSING: 0.3,  # something was rendered, and it may even be the post under another wording
    Quality.BLANK: 0.0,
    Quality.LOGIN_WALL: 0.0,
    Quality.REFUSED: 0.0,
}
_IN_WORDS: dict[str, str] = {
    Quality.UNSCRIPTED: "was rendered without scripts",
    Quality.HALF_LOADED: "is half loaded",
    Quality.TEXT_MISSING: "lacks the words of the post",
    Quality.BLANK: "is blank",
    Quality.LOGIN_WALL: "shows a login wall",
    Quality.REFUSED: "shows an error",
}


@dataclass(frozen=True, slots=True)
class Part:
    """How much of one part was captured."""

    share: float | None
    """0 to 1; None where it cannot be had, so that it does not count."""
    reasons: tuple[str, ...] = ()
    """What is wrong with it, in words."""
    mendable: bool = False
    """Whether doing it again may make it better."""


COMPLETE = Part(1.0)
UNAVAILABLE = Part(None)


@dataclass(frozen=True, slots=True)
class Assessment:
    """How well one post or page was captured."""

    kind: str
    """`post` or `page`."""
    platform: str | None
    """None for a page."""
    post_id: str | None
    url: str
    figure: float
    """From 0 to 1."""
    mendable: bool
    """Whether doing it again may make it better."""
    reasons: tuple[str, ...]
    """What is wrong, in words, one line each."""
    parts: dict[str, float | None]
    """The share of each part that was captured; None: it cannot be had, and does not count."""
    asks: bool = False
    """Whether asking a host once more may make it better."""
    draws: bool = False
    """Whether rendering it once more may make it better."""


def figure_of(parts: dict[str, Part], weights: dict[str, float]) -> float:
    """The weighted mean of the parts that can be had. Where none of them can, all is well unless something was lost."""
    counted = {name: part.share for name, part in parts.items() if part.share is not None}
    if not counted:
        return 0.0 if any(part.reasons for part in parts.values()) else 1.0
    total = sum(weights[name] for name in counted)
    return round(sum(weights[name] * share for name, share in counted.items()) / total, DIGITS)


def reasons_of(parts: Iterable[Part]) -> tuple[str, ...]:
    """Each once, in order; of very many the first ones, and how many more."""
    reasons = tuple(dict.fromkeys(reason for part in parts for reason in part.reasons))
    more = len(reasons) - MAX_REASONS
    return (*reasons[:MAX_REASONS], f"and {more:,} more") if more > 0 else reasons


def best_of(shots: Iterable[Shot]) -> Shot | None:
    """The screenshot that is worth most; None without any."""
    return max(shots, key=worth, default=None)


def of_picture(shots: Sequence[Shot], name: str, share: float | None = None) -> Part:
    """What the screenshots of one thing are worth (or `share`), and what is wrong with the best of them.

    What an earlier render showed in just that way is not rendered again: it would always look so.
    """
    best = best_of(shots)
    assert best is not None
    if worth(best) == 1.0:
        return COMPLETE
    last = shots[-1]
    settled = not last.found_later and any(
        one.taken_at != last.taken_at and (one.quality, one.reason) == (last.quality, last.reason) for one in shots
    )
    again = ", and rendering it again did not make it better" if settled else ""
    return Part(worth(best) if share is None else share, (f"{name} {in_words(best)}{again}",), mendable=not settled)


def worth(shot: Shot) -> float:
    """What a screenshot is worth, from 0 to 1; 0 for a quality that this version does not know."""
    return WORTH.get(shot.quality, 0.0)


def in_words(shot: Shot) -> str:
    """What is wrong with a screenshot, to stand behind what it shows: `is blank (…)`."""
    words = _IN_WORDS.get(shot.quality, f"is marked {shot.quality}")
    return f"{words} ({shot.reason})" if shot.reason else words


def reply_is_missing(platform: Platform, post_id: str, answers: Iterable[PlatformAnswer]) -> bool:
    """Whether a platform that can be asked about a post has neither replied in full nor said that it is gone."""
    return (
        not was_described(answers, platform.sufficient_sources)
        and not last_word(answers)
        and bool(platform.requests_about(post_id))
    )
