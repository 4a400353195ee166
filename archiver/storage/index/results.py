"""The results of find, search and show: posts, pages and embeds with where each of their bytes lies, read out of the index.

Times are ISO 8601 texts in UTC, as the index and the JSON have them. `captured_at`, `taken_at` and `said_at` always have
milliseconds (`2022-09-11T08:00:00.250Z`), so they sort as text; `posted_at` and `published_at` are as precise as their source:
a day (`2022-09-10`) or a time (`2022-09-10T12:00:00Z`). `datetime.fromisoformat` reads all of them.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from archiver.storage.index.lookup import embeds_of_post
from archiver.storage.index.screenshots import (
    ArchivedScreenshot,
    screenshots_of_embeds,
    screenshots_of_page,
    screenshots_of_post,
)


@dataclass(frozen=True, slots=True)
class ArchivedCapture:
    """One WARC record of one URL at one time, and where it lies."""

    url: str
    captured_at: str
    """As WARC-Date has it, with milliseconds."""
    status: int | None
    """Of the HTTP response; None for a resource record, as a screenshot is."""
    warc: str
    """The WARC file, relative to the archive's folder."""
    offset: int
    """Where in the file the record's gzip member begins."""
    length: int
    """Bytes of the gzip member."""
    digest: str | None
    """`sha256:<hex>` of the payload: the body without chunk framing, content coding kept. A revisit: of what it repeats."""
    with_cookies: bool = False
    """The user's own cookies were sent: it may show what the public does not see."""
    record_type: str = "response"
    """WARC-Type: `response`, `revisit` (the body is in an earlier record with this digest) or `resource`."""
    mime: str | None = None
    """Content-Type without parameters, lower case."""
    resource_type: str | None = None
    """What it was asked for as: `document`, `image`, `fetch`, …"""
    truncated: str | None = None
    """WARC-Truncated: why the body is not whole; None where it is."""

    def to_json(self) -> dict[str, Any]:
        """As `captures` in docs/scripts.md."""
        return {
            "url": self.url,
            "captured_at": self.captured_at,
            "status": self.status,
            "warc": self.warc,
            "offset": self.offset,
            "length": self.length,
            "digest": self.digest,
            "with_cookies": self.with_cookies,
        }


@dataclass(frozen=True, slots=True)
class EmbeddingPage:
    """A page that embeds the post."""

    url: str
    title: str | None
    captured_at: str
    """When it was first seen to embed it."""


@dataclass(frozen=True, slots=True)
class ArchivedMedia:
    """A picture or video, and where its bytes are. Without `sha256` it is known by its address only, and was not captured."""

    url: str
    sha256: str | None = None
    """Hex, over the decoded file."""
    mime: str | None = None
    """As sniffed from the bytes."""
    size: int | None = None
    """Bytes."""
    width: int | None = None
    height: int | None = None
    warc: str | None = None
    offset: int | None = None
    length: int | None = None
    distance: int | None = None
    """Where it was found by a picture that looks like it: bits of 256 in which the perceptual hashes differ."""
    exif_json: str | None = None
    """See `exif`; a text, so that this can be hashed."""

    @property
    def exif(self) -> dict[str, Any] | None:
        """What the file says of its origin, under the standard's names: see `archiver.media.exif`."""
        return None if self.exif_json is None else dict(json.loads(self.exif_json))

    def to_json(self) -> dict[str, Any]:
        """As `media` in docs/scripts.md."""
        content = asdict(self)
        del content["exif_json"]
        return content | {"exif": self.exif}


@dataclass(frozen=True, slots=True)
class ArchivedStatement:
    """What one source said of a post at one time, and the record that proves it."""

    source: str
    """See `archiver.model.findings.Source`: `syndication`, `api`, `embed_page`, `oembed`, `embed`, `third_party`,
    `short_link`."""
    said_at: str
    state: str | None
    """See `archiver.model.findings.PostState`: `live`, `gone`, `deleted`, …; None where the source says nothing of that."""
    author: str | None
    author_name: str | None
    text: str | None
    posted_at: str | None
    capture: ArchivedCapture

    def to_json(self) -> dict[str, Any]:
        """As `statements` of `archiver show --json`."""
        return asdict(self) | {"capture": self.capture.to_json()}


@dataclass(frozen=True, slots=True)
class ArchivedPost:
    """One post: what its sources say, best source first, and all that was captured of it."""

    platform: str
    """`twitter`, `bluesky`, …: see docs/platforms.md."""
    post_id: str
    """The platform's own id."""
    url: str
    """Canonical."""
    author: str | None
    """The handle, without @."""
    author_name: str | None
    posted_at: str | None
    text: str | None
    verdict: str | None = None
    """None: it was never checked whether the post is still up."""
    verdict_since: tuple[str | None, str | None] = (None, None)
    """Last seen live, first seen gone."""
    short_links: tuple[str, ...] = ()
    """`pic.twitter.com/CODE`, `t.co/CODE`: without scheme."""
    pages: tuple[EmbeddingPage, ...] = ()
    media: tuple[ArchivedMedia, ...] = ()
    """Of each the largest file that was captured."""
    screenshots: tuple[ArchivedScreenshot, ...] = ()
    """Best first: see `archiver.storage.index.screenshots`."""
    captures: tuple[ArchivedCapture, ...] = ()
    """Pages that embed it, then replies of its platform, then media."""
    statements: tuple[ArchivedStatement, ...] = field(default=(), repr=False)
    """In the order of time."""

    def to_json(self, *, full: bool = False) -> dict[str, Any]:
        """A line of `archiver find --json`, as docs/scripts.md has it; `full`: of `archiver show --json`."""
        content = {
            "platform": self.platform,
            "post_id": self.post_id,
            "url": self.url,
            "author": self.author,
            "author_name": self.author_name,
            "posted_at": self.posted_at,
            "text": self.text,
            "verdict": self.verdict,
            "verdict_since": list(self.verdict_since),
            "short_links": list(self.short_links),
            "pages": [asdict(page) for page in self.pages],
            "media": [medium.to_json() for medium in self.media],
            "screenshots": [asdict(shot) for shot in self.screenshots],
            "captures": [capture.to_json() for capture in self.captures],
        }
        if full:
            content |= {"statements": [statement.to_json() for statement in self.statements], "checks": []}
        return content


@dataclass(frozen=True, slots=True)
class ArchivedEmbed:
    """One appearance of a post in one version of a page."""

    platform: str
    post_id: str | None
    """None where the page does not tell which post it is: it shows a code, a handle, words."""
    url: str | None
    """The post's canonical URL; None without an id."""
    author: str | None
    """The handle, without @, as the embed has it; so are the next three."""
    author_name: str | None
    posted_at: str | None
    text: str | None
    kind: str
    """See `archiver.model.findings.EmbedKind`: `blockquote`, `iframe`, `text`, …"""
    position: int
    """From 1, in document order."""
    page: EmbeddingPage
    """The version in which it stands: when it was captured, and its title then."""
    capture: ArchivedCapture
    """The record of that version."""
    short_links: tuple[str, ...] = ()
    media: tuple[ArchivedMedia, ...] = ()
    """By address only: what was captured of a known post is in its `ArchivedPost`."""
    screenshots: tuple[ArchivedScreenshot, ...] = ()
    """Of its place in the page, where the post is not known; those of a known post are in its `ArchivedPost`."""
    html: str = field(default="", repr=False)
    """The markup, as parsed."""
    context: str = field(default="", repr=False)
    """Some words of the page before and after."""

    @property
    def pages(self) -> tuple[EmbeddingPage, ...]:
        """The one page, for code that takes posts and embeds alike."""
        return (self.page,)

    @property
    def captures(self) -> tuple[ArchivedCapture, ...]:
        """The one capture, for code that takes all kinds of results alike."""
        return (self.capture,)

    def to_json(self, *, full: bool = False) -> dict[str, Any]:
        """As a post has it, with the one page and capture; `full` adds what `archiver show --json` adds, which is empty."""
        content = {
            "platform": self.platform,
            "post_id": self.post_id,
            "url": self.url,
            "author": self.author,
            "author_name": self.author_name,
            "posted_at": self.posted_at,
            "text": self.text,
            "verdict": None,
            "verdict_since": [None, None],
            "short_links": list(self.short_links),
            "pages": [asdict(self.page)],
            "media": [medium.to_json() for medium in self.media],
            "screenshots": [asdict(shot) for shot in self.screenshots],
            "captures": [self.capture.to_json()],
        }
        if full:
            content |= {"statements": [], "checks": []}
        return content


@dataclass(frozen=True, slots=True)
class ArchivedPage:
    """A page: what its newest version says, its pictures, all its captures."""

    url: str
    title: str | None
    author: str | None
    published_at: str | None
    captured_at: str
    """Of the newest version."""
    text: str
    """The main text, paragraphs on lines of their own."""
    media: tuple[ArchivedMedia, ...] = ()
    screenshots: tuple[ArchivedScreenshot, ...] = ()
    """The view before the whole page."""
    captures: tuple[ArchivedCapture, ...] = ()
    """In the order of time."""

    def to_json(self, *, full: bool = False) -> dict[str, Any]:
        """A line of `archiver find --json` with `platform` null and a `title`; `full`: of `archiver show --json`."""
        content = {
            "platform": None,
            "post_id": None,
            "url": self.url,
            "author": self.author,
            "author_name": None,
            "posted_at": self.published_at,
            "text": self.text,
            "verdict": None,
            "verdict_since": [None, None],
            "short_links": [],
            "pages": [{"url": self.url, "title": self.title, "captured_at": self.captured_at}],
            "media": [medium.to_json() for medium in self.media],
            "screenshots": [asdict(shot) for shot in self.screenshots],
            "captures": [capture.to_json() for capture in self.captures],
        }
        if full:
            content["statements"] = []
        content["title"] = self.title
        if full:
            content["checks"] = []
        return content


Result = ArchivedPost | ArchivedPage | ArchivedEmbed
"""What a search or look-up leads to."""

_CAPTURE_COLUMNS = {
    "url": "c.url",
    "captured_at": "c.captured_at",
    "status": "c.status",
    "warc": "w.path",
    "offset": "c.offset",
    "length": "c.length",
    "digest": "c.payload_digest",
    "with_cookies": "c.with_cookies",
    "record_type": "c.record_type",
    "mime": "c.mime",
    "resource_type": "c.resource_type",
    "truncated": "c.truncated",
}
_CAPTURE = ", ".join(f"{column} AS capture_{name}" for name, column in _CAPTURE_COLUMNS.items())
"""The columns that `_capture` reads, of `captures c JOIN warcs w`; named apart from those of other tables in the same row."""
_WORDS = ("author", "author_name", "posted_at", "text")


def read_post(index: sqlite3.Connection, post: int, embeds: Iterable[int] = ()) -> ArchivedPost | None:
    """A post by its row id, and the text-only `embeds` that belong to it; None where there is no such post."""
    row = index.execute(
        "SELECT platform, post_id, url, author, author_name, posted_at, text FROM posts WHERE id = ?", (post,)
    ).fetchone()
    if row is None:
        return None
    statements = _statements(index, post)
    short_links = _union(
        json.loads(row["short_links"])
        for row in index.execute("SELECT short_links FROM statements WHERE post = ? ORDER BY id", (post,))
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
    said: dict[str, Any] = {name: row[name] if row[name] is not None else words.get(name) for name in _WORDS}
    return ArchivedPost(
        row["platform"],
        row["post_id"],
        row["url"],
        **said,
        short_links=tuple(_union([short_links, words.get("short_links", ())])),
        pages=_distinct(pages),
        media=media,
        screenshots=screenshots_of_post(index, post, silent),
        captures=_distinct([*page_captures, *(statement.capture for statement in statements), *media_captures]),
        statements=statements,
    )


def read_embed(index: sqlite3.Connection, embed: int) -> ArchivedEmbed | None:
    """An embed by its row id: its own words, and where it stands; None where there is no such embed."""
    row = index.execute(
        "SELECT e.platform, e.post, p.post_id, p.url, e.kind, e.position, e.author, e.author_name, e.posted_at, e.text,"
        " e.short_links, e.media, e.html, e.context, v.url AS page_url, v.title AS page_title, v.captured_at AS page_captured_at,"
        f" {_CAPTURE} FROM embeds e JOIN page_versions v ON v.id = e.version JOIN captures c ON c.id = v.capture"
        " JOIN warcs w ON w.id = c.warc LEFT JOIN posts p ON p.id = e.post WHERE e.id = ?",
        (embed,),
    ).fetchone()
    if row is None:
        return None
    return ArchivedEmbed(
        row["platform"],
        row["post_id"],
        row["url"],
        **{name: row[name] for name in _WORDS},
        kind=row["kind"],
        position=row["position"],
        page=EmbeddingPage(row["page_url"], row["page_title"], row["page_captured_at"]),
        capture=_capture(row),
        short_links=tuple(json.loads(row["short_links"])),
        media=tuple(ArchivedMedia(url) for url in json.loads(row["media"])),
        screenshots=screenshots_of_embeds(index, [embed]) if row["post"] is None else (),
        html=row["html"],
        context=row["context"],
    )


def read_page(index: sqlite3.Connection, page: int) -> ArchivedPage | None:
    """A page by its row id; None where there is no such page."""
    row = index.execute(
        "SELECT p.url, p.author, p.published_at, v.text, p.title, p.captured_at, p.version, p.url_key FROM pages p"
        " JOIN page_versions v ON v.id = p.version WHERE p.id = ?",
        (page,),
    ).fetchone()
    if row is None:
        return None
    names = index.execute(
        "SELECT media_key, url FROM page_pictures WHERE version = ? AND NOT smaller ORDER BY position", (row["version"],)
    ).fetchall()
    media, _ = _media(index, names)
    captures = index.execute(
        f"SELECT {_CAPTURE} FROM captures c JOIN warcs w ON w.id = c.warc WHERE c.url_key = ? ORDER BY c.captured_at, c.id",
        (row["url_key"],),
    )
    return ArchivedPage(
        row["url"],
        row["title"],
        row["author"],
        row["published_at"],
        row["captured_at"],
        row["text"],
        media=media,
        screenshots=screenshots_of_page(index, row["url_key"]),
        captures=tuple(_capture(capture) for capture in captures),
    )


def read_captures(index: sqlite3.Connection, captures: Sequence[int]) -> Iterator[ArchivedCapture]:
    """Captures by their row ids, in that order. Row ids that are not there are left out."""
    rows = index.execute(
        f"SELECT {_CAPTURE} FROM json_each(?) wanted JOIN captures c ON c.id = wanted.value JOIN warcs w ON w.id = c.warc"
        " ORDER BY wanted.key",
        (json.dumps(list(captures)),),
    ).fetchall()
    return map(_capture, rows)


def original_of(index: sqlite3.Connection, payload_digest: str) -> ArchivedCapture | None:
    """The first response with a payload of this digest, which revisits refer to; None where there is none."""
    row = index.execute(
        f"SELECT {_CAPTURE} FROM captures c JOIN warcs w ON w.id = c.warc WHERE c.payload_digest = ?"
        " AND c.record_type = 'response' ORDER BY c.captured_at, c.id LIMIT 1",
        (payload_digest,),
    ).fetchone()
    return _capture(row) if row is not None else None


def _statements(index: sqlite3.Connection, post: int) -> tuple[ArchivedStatement, ...]:
    rows = index.execute(
        f"SELECT s.source, s.said_at, s.state, s.author, s.author_name, s.text, s.posted_at, {_CAPTURE} FROM statements s"
        " JOIN captures c ON c.id = s.capture JOIN warcs w ON w.id = c.warc WHERE s.post = ? ORDER BY s.said_at, s.id",
        (post,),
    )
    return tuple(
        ArchivedStatement(
            row["source"],
            row["said_at"],
            row["state"],
            row["author"],
            row["author_name"],
            row["text"],
            row["posted_at"],
            _capture(row),
        )
        for row in rows
    )


def _capture(row: sqlite3.Row) -> ArchivedCapture:
    """The columns of _CAPTURE."""
    values = {name: row[f"capture_{name}"] for name in _CAPTURE_COLUMNS}
    return ArchivedCapture(**values | {"with_cookies": bool(values["with_cookies"])})


def _first_words(index: sqlite3.Connection, embeds: Iterable[int]) -> dict[str, Any]:
    words: dict[str, Any] = {}
    for embed in embeds:
        sql = "SELECT author, author_name, posted_at, text, short_links FROM embeds WHERE id = ?"
        row = index.execute(sql, (embed,)).fetchone()
        for name in _WORDS:
            if row[name] is not None:
                words.setdefault(name, row[name])
        words["short_links"] = (*words.get("short_links", ()), *json.loads(row["short_links"]))
    return words


def _pages(index: sqlite3.Connection, where: str, bound: tuple[Any, ...]) -> tuple[list[EmbeddingPage], list[ArchivedCapture]]:
    rows = index.execute(
        f"SELECT v.url, v.title, v.captured_at, {_CAPTURE} FROM embeds e JOIN page_versions v ON v.id = e.version"
        f" JOIN captures c ON c.id = v.capture JOIN warcs w ON w.id = c.warc WHERE {where} ORDER BY v.captured_at, v.id",
        bound,
    ).fetchall()
    first: dict[str, EmbeddingPage] = {}
    for row in rows:
        first.setdefault(row["url"], EmbeddingPage(row["url"], row["title"], row["captured_at"]))
    return list(first.values()), [_capture(row) for row in rows]


def _media(index: sqlite3.Connection, names: Sequence[sqlite3.Row]) -> tuple[tuple[ArchivedMedia, ...], list[ArchivedCapture]]:
    """For each medium its best file: the largest, then the first captured, at the record that has its bytes."""
    media: list[ArchivedMedia] = []
    captures: list[ArchivedCapture] = []
    for name in names:
        rows = index.execute(
            f"SELECT m.sha256, m.mime, m.size, m.width, m.height, m.exif, {_CAPTURE} FROM captures c"
            " JOIN warcs w ON w.id = c.warc JOIN media_payloads p ON p.payload_digest = c.payload_digest"
            " JOIN media m ON m.id = p.media"
            " WHERE c.media_key = ? ORDER BY coalesce(m.width, 0) * coalesce(m.height, 0) DESC, m.size DESC, c.captured_at, c.id",
            (name["media_key"],),
        ).fetchall()
        if not rows:
            media.append(ArchivedMedia(name["url"]))
            continue
        best = rows[0]
        place = original_of(index, best["capture_digest"]) or _capture(best)
        media.append(
            ArchivedMedia(
                best["capture_url"],
                best["sha256"],
                best["mime"],
                best["size"],
                best["width"],
                best["height"],
                place.warc,
                place.offset,
                place.length,
                exif_json=best["exif"],
            )
        )
        captures += [_capture(row) for row in rows]
    return tuple(media), captures


def _union(lists: Iterable[Iterable[str]]) -> list[str]:
    return list(dict.fromkeys(item for items in lists for item in items))


def _distinct(items: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(items))
