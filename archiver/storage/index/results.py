"""What the index knows of one post or page, put together for people and scripts: the objects of `find`, `search` and `show`."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from archiver.storage.index.lookup import embeds_of_post
from archiver.storage.index.screenshots import FoundScreenshot, screenshots_of_embeds, screenshots_of_page, screenshots_of_post


@dataclass(frozen=True, slots=True)
class FoundCapture:
    url: str
    captured_at: str
    status: int | None
    warc: str
    offset: int
    length: int
    digest: str | None
    with_cookies: bool = False
    """The user's own cookies were sent: it may show what the public does not see."""


@dataclass(frozen=True, slots=True)
class FoundPage:
    """A page that embeds the post; `captured_at` is when it was first seen to."""

    url: str
    title: str | None
    captured_at: str


@dataclass(frozen=True, slots=True)
class FoundMedia:
    """A picture or video: where its bytes are. Without `sha256` it is known by name only, and not held."""

    url: str
    sha256: str | None = None
    mime: str | None = None
    size: int | None = None
    width: int | None = None
    height: int | None = None
    warc: str | None = None
    offset: int | None = None
    length: int | None = None
    distance: int | None = None
    """For a look-up by an image file, where this looks like it: bits of 256 in which their perceptual hashes differ."""
    exif: str | None = None
    """See `archiver.media.exif`: a JSON object, in a string so that this can be hashed."""


@dataclass(frozen=True, slots=True)
class FoundStatement:
    """What one source said at one time, and the record that proves it."""

    source: str
    said_at: str
    state: str | None
    author: str | None
    author_name: str | None
    text: str | None
    posted_at: str | None
    capture: FoundCapture


@dataclass(frozen=True, slots=True)
class Found:
    """One post; or an embed whose post is not known (`post_id` null); or a page (`platform` null)."""

    platform: str | None
    post_id: str | None
    url: str | None
    author: str | None
    author_name: str | None
    posted_at: str | None
    text: str | None
    verdict: str | None = None
    """Null: never checked."""
    verdict_since: tuple[str | None, str | None] = (None, None)
    short_links: tuple[str, ...] = ()
    pages: tuple[FoundPage, ...] = ()
    media: tuple[FoundMedia, ...] = ()
    screenshots: tuple[FoundScreenshot, ...] = ()
    """Best first: see `archiver.storage.index.screenshots`."""
    captures: tuple[FoundCapture, ...] = ()
    statements: tuple[FoundStatement, ...] = field(default=(), repr=False)
    title: str | None = None

    def to_json(self, *, full: bool = False) -> dict[str, Any]:
        """As docs/cli.md has it. `full` adds what `show` shows."""
        content = asdict(self)
        for medium in content["media"]:
            medium["exif"] = json.loads(medium["exif"]) if medium["exif"] is not None else None
        if not full:
            content.pop("statements")
        else:
            content["checks"] = []
        if self.platform is not None:
            content.pop("title")
        return content


_CAPTURE = "c.url, c.captured_at, c.status, w.path, c.offset, c.length, c.payload_digest, c.with_cookies"


def found_post(index: sqlite3.Connection, post: int, embeds: Iterable[int] = ()) -> Found | None:
    """A post by its row id, and the text-only `embeds` that belong to it; None where there is no such post."""
    row = index.execute(
        "SELECT platform, post_id, url, author, author_name, posted_at, text FROM posts WHERE id = ?", (post,)
    ).fetchone()
    if row is None:
        return None
    statements = _statements(index, post)
    short_links = _union(
        json.loads(links) for (links,) in index.execute("SELECT short_links FROM statements WHERE post = ? ORDER BY id", (post,))
    )
    # Who names this post only by its code has words of it too; they count where nobody else has any.
    silent = tuple(dict.fromkeys((*embeds, *embeds_of_post(index, post, short_links))))
    words = _first_words(index, silent)
    pages, page_captures = _pages(index, "e.post = ?", (post,))
    for embed in silent:
        more, captures = _pages(index, "e.id = ?", (embed,))
        pages, page_captures = pages + more, page_captures + captures
    names = index.execute("SELECT media_key, url FROM post_media WHERE post = ? ORDER BY position", (post,)).fetchall()
    media, media_captures = _media(index, names)
    said = {name: row[name] if row[name] is not None else words.get(name) for name in _WORDS}
    return Found(
        row["platform"],
        row["post_id"],
        row["url"],
        said["author"],
        said["author_name"],
        said["posted_at"],
        said["text"],
        short_links=tuple(_union([short_links, words.get("short_links", ())])),
        pages=_distinct(pages),
        media=media,
        screenshots=screenshots_of_post(index, post, silent),
        captures=_distinct([*page_captures, *(statement.capture for statement in statements), *media_captures]),
        statements=statements,
    )


_WORDS = ("author", "author_name", "posted_at", "text")


def found_embed(index: sqlite3.Connection, embed: int) -> Found | None:
    """An embed whose post is not known: its own words, and where it stands."""
    row = index.execute(
        "SELECT platform, author, author_name, posted_at, text, short_links, media FROM embeds WHERE id = ?", (embed,)
    ).fetchone()
    if row is None:
        return None
    pages, captures = _pages(index, "e.id = ?", (embed,))
    media = tuple(FoundMedia(url) for url in json.loads(row[6]))
    return Found(
        row[0], None, None, row[1], row[2], row[3], row[4], short_links=tuple(json.loads(row[5])), pages=_distinct(pages),
        media=media, screenshots=screenshots_of_embeds(index, [embed]), captures=_distinct(captures),
    )  # fmt: skip


def found_page(index: sqlite3.Connection, page: int) -> Found | None:
    """A page: what its newest version says, its pictures, all its captures."""
    row = index.execute(
        "SELECT p.url, p.author, p.published_at, v.text, p.title, p.captured_at, p.version, p.url_key FROM pages p"
        " JOIN page_versions v ON v.id = p.version WHERE p.id = ?",
        (page,),
    ).fetchone()
    if row is None:
        return None
    names = index.execute(
        "SELECT media_key, url FROM page_pictures WHERE version = ? AND NOT smaller ORDER BY position", (row[6],)
    ).fetchall()
    media, _ = _media(index, names)
    captures = index.execute(
        f"SELECT {_CAPTURE} FROM captures c JOIN warcs w ON w.id = c.warc WHERE c.url_key = ? ORDER BY c.captured_at, c.id",
        (row[7],),
    )
    return Found(
        None, None, row[0], row[1], None, row[2], row[3], pages=(FoundPage(row[0], row[4], row[5]),), media=media,
        screenshots=screenshots_of_page(index, row[7]), captures=tuple(_capture(capture, 0) for capture in captures),
        title=row[4],
    )  # fmt: skip


def _statements(index: sqlite3.Connection, post: int) -> tuple[FoundStatement, ...]:
    rows = index.execute(
        "SELECT s.source, s.said_at, s.state, s.author, s.author_name, s.text, s.posted_at, " + _CAPTURE + " FROM statements s"
        " JOIN captures c ON c.id = s.capture JOIN warcs w ON w.id = c.warc WHERE s.post = ? ORDER BY s.said_at, s.id",
        (post,),
    )
    return tuple(FoundStatement(row[0], row[1], row[2], row[3], row[4], row[5], row[6], _capture(row, 7)) for row in rows)


def _capture(row: Sequence[Any], start: int) -> FoundCapture:
    """The columns of _CAPTURE, from `start` on."""
    return FoundCapture(*(*row[start : start + 7], bool(row[start + 7])))


def _first_words(index: sqlite3.Connection, embeds: Iterable[int]) -> dict[str, Any]:
    words: dict[str, Any] = {}
    for embed in embeds:
        sql = "SELECT author, author_name, posted_at, text, short_links FROM embeds WHERE id = ?"
        row = index.execute(sql, (embed,)).fetchone()
        for name, value in zip(_WORDS, tuple(row), strict=False):
            if value is not None:
                words.setdefault(name, value)
        words["short_links"] = (*words.get("short_links", ()), *json.loads(row[4]))
    return words


def _pages(index: sqlite3.Connection, where: str, bound: tuple[Any, ...]) -> tuple[list[FoundPage], list[FoundCapture]]:
    rows = index.execute(
        f"SELECT v.url, v.title, v.captured_at, {_CAPTURE} FROM embeds e JOIN page_versions v ON v.id = e.version"
        f" JOIN captures c ON c.id = v.capture JOIN warcs w ON w.id = c.warc WHERE {where} ORDER BY v.captured_at, v.id",
        bound,
    ).fetchall()
    first: dict[str, FoundPage] = {}
    for row in rows:
        first.setdefault(row[0], FoundPage(row[0], row[1], row[2]))
    return list(first.values()), [_capture(row, 3) for row in rows]


def _media(index: sqlite3.Connection, names: Sequence[Sequence[Any]]) -> tuple[tuple[FoundMedia, ...], list[FoundCapture]]:
    """For each medium its best file: the largest, then the first captured, at the record that has its bytes."""
    media: list[FoundMedia] = []
    captures: list[FoundCapture] = []
    for key, url in names:
        rows = index.execute(
            f"SELECT m.sha256, m.mime, m.size, m.width, m.height, m.exif, {_CAPTURE} FROM captures c"
            " JOIN warcs w ON w.id = c.warc JOIN media_payloads p ON p.payload_digest = c.payload_digest"
            " JOIN media m ON m.id = p.media"
            " WHERE c.media_key = ? ORDER BY coalesce(m.width, 0) * coalesce(m.height, 0) DESC, m.size DESC, c.captured_at, c.id",
            (key,),
        ).fetchall()
        if not rows:
            media.append(FoundMedia(url))
            continue
        best = rows[0]
        place = _holder(index, best)
        size = (best["sha256"], best["mime"], best["size"], best["width"], best["height"])
        media.append(FoundMedia(best["url"], *size, place.warc, place.offset, place.length, exif=best["exif"]))
        captures += [_capture(row, 6) for row in rows]
    return tuple(media), captures


def _holder(index: sqlite3.Connection, row: sqlite3.Row) -> FoundCapture:
    """The capture that holds the payload: for a revisit the one that it repeats."""
    original = index.execute(
        f"SELECT {_CAPTURE} FROM captures c JOIN warcs w ON w.id = c.warc WHERE c.payload_digest = ?"
        " AND c.record_type = 'response' ORDER BY c.captured_at, c.id LIMIT 1",
        (row["payload_digest"],),
    ).fetchone()
    return _capture(original, 0) if original is not None else _capture(row, 6)


def _union(lists: Iterable[Iterable[str]]) -> list[str]:
    return list(dict.fromkeys(item for items in lists for item in items))


def _distinct(items: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(items))
