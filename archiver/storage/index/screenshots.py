"""Screenshots, as the index knows them, best first.

Good ones first, so that a later picture of an error page never stands before the post; then a post by itself, cut to its
size, before the window that shows it, before its places in pages; a page's view before the whole of it; then the earliest, which
shows what was there at first.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from archiver.model.render import Quality, ScreenshotKind


@dataclass(frozen=True, slots=True)
class ArchivedScreenshot:
    """What it looked like: where the PNG is in the WARC, and the WebP for people."""

    path: str | None
    """Of the WebP, relative to the archive; null where none was written."""
    taken_at: str
    warc: str
    offset: int
    length: int
    kind: str
    """view, fullPage, embed"""
    url: str
    """Of the page that was rendered: for a post by itself its platform's embed page."""
    position: int | None
    """Of the embed in its page, from 1; null: a page, or a post by itself."""
    width: int
    height: int
    quality: str
    """good, unscripted, half_loaded, text_missing, blank, login_wall, refused"""
    reason: str | None
    sha256: str | None
    """Of the WebP."""
    with_cookies: bool = False
    """The user's own cookies were sent for some of it: it may show what the public does not see."""


_QUALITIES = {quality.value: rank for rank, quality in enumerate(Quality)}
_KINDS = {ScreenshotKind.EMBED.value: 0, ScreenshotKind.VIEW.value: 1, ScreenshotKind.FULL_PAGE.value: 2}


def screenshots_of_post(index: sqlite3.Connection, post: int, embeds: Iterable[int]) -> tuple[ArchivedScreenshot, ...]:
    """A post by itself and in pages, by its row id; and where the text-only `embeds` stand that belong to it."""
    return _best_first([*_screenshots(index, "s.post = ?", (post,)), *_places(index, embeds)])


def screenshots_of_embeds(index: sqlite3.Connection, embeds: Iterable[int]) -> tuple[ArchivedScreenshot, ...]:
    """Where text-only embeds stand in their pages."""
    return _best_first(_places(index, embeds))


def screenshots_of_page(index: sqlite3.Connection, url_key: str) -> tuple[ArchivedScreenshot, ...]:
    """A page's view, and the whole of it."""
    bound = (url_key, ScreenshotKind.EMBED.value)
    return _best_first(_screenshots(index, "s.url_key = ? AND s.kind <> ? AND s.post IS NULL", bound))


def _screenshots(index: sqlite3.Connection, where: str, bound: tuple[Any, ...], joined: str = "") -> list[ArchivedScreenshot]:
    rows = index.execute(
        "SELECT s.path, s.taken_at, w.path, c.offset, c.length, s.kind, s.url, s.position, s.width, s.height, s.quality,"
        " s.reason, s.sha256, c.with_cookies"
        f" FROM screenshots s JOIN captures c ON c.id = s.capture JOIN warcs w ON w.id = c.warc {joined}"
        f" WHERE {where} ORDER BY s.id",
        bound,
    )
    return [ArchivedScreenshot(*(*row[:-1], bool(row[-1]))) for row in rows]


# An embed without a post is known by its place, and a page that was edited may have something else there: the picture must have
# been taken while this version was the page's newest.
_OF_ITS_VERSION = """
JOIN embeds e ON e.position = s.position AND e.post IS NULL
JOIN page_versions v ON v.id = e.version
JOIN pages p ON p.id = v.page AND p.url_key = s.url_key
"""
_NEWEST_THEN = (
    "e.id = ? AND s.kind = ? AND s.post IS NULL AND v.id = (SELECT id FROM page_versions WHERE page = v.page"
    " AND captured_at <= s.taken_at ORDER BY captured_at DESC, id DESC LIMIT 1)"
)


def _places(index: sqlite3.Connection, embeds: Iterable[int]) -> list[ArchivedScreenshot]:
    """Where text-only embeds stand in their pages, in screenshots."""
    bounds = [(embed, ScreenshotKind.EMBED.value) for embed in embeds]
    return [one for bound in bounds for one in _screenshots(index, _NEWEST_THEN, bound, _OF_ITS_VERSION)]


def _best_first(found: Iterable[ArchivedScreenshot]) -> tuple[ArchivedScreenshot, ...]:
    return tuple(sorted(found, key=_worth))


def _worth(one: ArchivedScreenshot) -> tuple[int, bool, int, str]:
    quality = _QUALITIES.get(one.quality, len(_QUALITIES))
    return quality, one.position is not None, _KINDS.get(one.kind, len(_KINDS)), one.taken_at
