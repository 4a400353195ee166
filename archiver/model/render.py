"""The vocabulary of renders: what a browser is asked to draw, and what came of it. Frozen, and nothing in here does anything."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from archiver.model.findings import Embed, PostRef

LABEL = "data-place"
"""The attribute that carries an element's label in the markup of a rendered page."""


REFUSALS = "refusals"
"""Key of a render's notes: how many of the posts in it their networks refused to show. There, and 0, where it was looked for; a
render of before that (2026-12) has none, and may show an error that nobody saw."""


class ScreenshotKind(StrEnum):
    """What a screenshot shows; its URN in the WARC is `urn:<value>:<URL>`, Browsertrix's names where it has one."""

    VIEW = "view"
    """What the window shows before anybody scrolls."""
    FULL_PAGE = "fullPage"
    EMBED = "embed"
    """One embed where it stands in its page: `urn:embed:<page>#<position>`. A post by itself, in its platform's own embed page:
    `urn:embed:<that page>`."""


class Quality(StrEnum):
    """Whether a screenshot shows what it is there for. All are kept; only the first is not tried again."""

    GOOD = "good"
    UNSCRIPTED = "unscripted"
    """Drawn with scripts switched off, because with them the page never came to rest."""
    HALF_LOADED = "half_loaded"
    """Something that it asked for had not come when time was up."""
    TEXT_MISSING = "text_missing"
    """The words of the post, known from elsewhere, are not in what was drawn."""
    BLANK = "blank"
    LOGIN_WALL = "login_wall"
    REFUSED = "refused"
    """The server answered with an error (4xx, 5xx), or its network says in its own words that the post is not there, or that it
    is not shown here: the reason says which. Of whether the post is gone this says nothing."""


class RenderStatus(StrEnum):
    """How a render ended."""

    WHOLE = "whole"
    PARTIAL = "partial"
    """With screenshots, and with a reason why they may not show all."""
    FAILED = "failed"
    """Without any screenshot."""


@dataclass(frozen=True, slots=True)
class RenderTarget:
    """One page to draw."""

    url: str
    post: PostRef | None = None
    """The post that this page shows by itself: it is its platform's embed page. None: a page of a crawled site."""
    words: str | None = None
    """What the post says, as far as it is known: to be found again in what is drawn."""
    embeds: tuple[Embed, ...] = ()
    """What the page's raw bytes embed, in document order: their places are looked for in what is drawn."""
    referer: str | None = None
    """The URL of the page from which it is navigated to. The browser tells the server its origin, as of a frame in that page."""


@dataclass(frozen=True, slots=True)
class RenderedEmbed:
    """One embed in a rendered page, as our extractor finds it there."""

    platform: str
    post_id: str | None
    label: str | None
    """Of the element that carries it, as in the attribute `LABEL`; None where that had none."""
    short_links: tuple[str, ...] = ()
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Screenshot:
    """One picture of a render."""

    kind: ScreenshotKind
    png: bytes
    width: int
    """Pixels."""
    height: int
    quality: Quality
    reason: str | None = None
    """One line for people, where the quality is not good or the picture was cut."""
    post: PostRef | None = None
    position: int | None = None
    """Of the embed in its page, from 1, as in `Embed.position`."""


@dataclass(frozen=True, slots=True)
class ScreenshotRecord:
    """A screenshot without its bytes, as the header of its WARC record tells it."""

    kind: ScreenshotKind
    url: str
    """Of the page that was drawn."""
    width: int
    height: int
    quality: Quality
    reason: str | None = None
    post: PostRef | None = None
    position: int | None = None
    path: str | None = None
    """Of the WebP for people, relative to the data folder."""
    sha256: str | None = None
    """Of that WebP, hex."""


@dataclass(frozen=True, slots=True)
class Preview:
    """A WebP for people as it lies in the archive: what its metadata record tells of it."""

    path: str
    """Relative to the data folder."""
    sha256: str
    """Of its bytes, hex."""
    of: str
    """WARC-Record-ID of the PNG that it was made of."""


@dataclass(frozen=True, slots=True)
class RenderEnd:
    """How a render ended, as its metadata record tells it."""

    url: str
    rendered_at: str
    """As WARC-Date has it."""
    ended: RenderStatus
    reason: str | None = None
    post: PostRef | None = None
    """The post that was to be seen by itself."""
    notes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Render:
    """What came of one render."""

    target: RenderTarget
    started_at: datetime
    """UTC."""
    ended: RenderStatus
    reason: str | None = None
    """One line for people, where it did not end whole."""
    screenshots: tuple[Screenshot, ...] = ()
    text: str | None = None
    """What a reader sees as text, frames included, a line feed between blocks; None where there was nothing to read it from."""
    notes: Mapping[str, int] = field(default_factory=dict)
    """What happened, in counts: `requests`, `refused`, `not_sent` (requests that would have sent data), `dialogs`, `popups`,
    `refusals` (`REFUSALS`), …"""
