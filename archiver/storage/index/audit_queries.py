"""What is held of one post or page, for an audit to judge. Frozen; `quality_reader` reads it."""

from collections.abc import Iterable
from dataclasses import dataclass

from archiver.model.findings import PostState


@dataclass(frozen=True, slots=True)
class Heard:
    """What a platform let know of one of its posts at one time."""

    said_at: str
    source: str
    state: str


def last_word(heard: Iterable[Heard]) -> str | None:
    """What a platform said last, where that is not that the post is up; of two words at one time the better news."""
    last = max(heard, key=lambda one: (one.said_at, one.state == PostState.LIVE), default=None)
    return last.state if last is not None and last.state != PostState.LIVE else None


def was_told(heard: Iterable[Heard], telling: Iterable[str]) -> bool:
    """Whether one of these sources told of the post while it was up."""
    return any(one.state == PostState.LIVE and one.source in telling for one in heard)


@dataclass(frozen=True, slots=True)
class HeldFile:
    """An answer to a request for a medium."""

    url: str
    status: int | None
    truncated: str | None
    mime: str | None
    width: int | None
    height: int | None
    is_medium: int
    """1 where the bytes are those of a picture or video, else 0."""


@dataclass(frozen=True, slots=True)
class MediumFacts:
    """A picture or video of a post, and what came of asking for it."""

    url: str
    kind: str
    width: int
    """Pixels, as its platform tells; 0 where it does not."""
    height: int
    files: tuple[HeldFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Shot:
    """One screenshot."""

    quality: str
    reason: str | None
    taken_at: str
    """As in WARC-Date; all screenshots of one render have one time."""


@dataclass(frozen=True, slots=True)
class PostFacts:
    platform: str
    post_id: str
    url: str
    author: str | None
    posted_at: str | None
    has_text: bool
    heard: tuple[Heard, ...] = ()
    """From the platform itself."""
    media: tuple[MediumFacts, ...] = ()
    by_itself: tuple[Shot, ...] = ()
    """These and all other screenshots: the earliest first."""
    in_pages: tuple[Shot, ...] = ()
    only_within: bool = False
    """Whether it is only known as what another post quotes or answers: nobody embeds it, and it is drawn within that one."""
    failed: str | None = None
    """Why the last render of the post by itself came to nothing; None where it did not, or where there was none."""

    @property
    def gone(self) -> str | None:
        return last_word(self.heard)


@dataclass(frozen=True, slots=True)
class EmbedFacts:
    """One appearance of a post in a page."""

    position: int
    platform: str
    post_id: str | None
    kind: str
    """As in `EmbedKind`."""
    heard: tuple[Heard, ...] = ()
    drawn: tuple[Shot, ...] = ()

    @property
    def gone(self) -> str | None:
        return last_word(self.heard)


@dataclass(frozen=True, slots=True)
class PageFacts:
    """A page, as its newest version has it."""

    url: str
    title: str | None
    is_listing: bool = False
    embeds: tuple[EmbedFacts, ...] = ()
    views: tuple[Shot, ...] = ()
    """These and all other screenshots are of this version."""
    full_pages: tuple[Shot, ...] = ()
    drawn_before: bool = False
    """Whether there are screenshots of an older version."""
    drawn_as_it_is: bool = False
    """Whether its last render came to something, and was of this version."""
    not_shown: int = 0
    """How many of its embeds that render, where it ended whole, did not find to be seen."""
    failed: str | None = None
    """Why the last render came to nothing; None where it did not, or where there was none."""
