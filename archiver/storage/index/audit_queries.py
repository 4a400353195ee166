"""What the index knows of each post and page, for an audit to judge; read in bulk, with one query a question about a thousand."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from archiver.model.findings import SECOND_HAND, PostState, Source
from archiver.model.render import RenderStatus, ScreenshotKind
from archiver.platforms import PLATFORMS, short_link_of

CHUNK = 1_000  # rows of posts or pages; what is known of them takes some MB
_REFUSING = frozenset(platform.name for platform in PLATFORMS if platform.embed_refused)


# --- what is known of one post or page ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PlatformAnswer:
    """What a platform answered about one of its posts at one time."""

    said_at: str
    source: str
    state: str


def last_word(answers: Iterable[PlatformAnswer]) -> str | None:
    """The state that a platform gave last, where it is another one than live; of two at one time the better one."""
    last = max(answers, key=lambda one: (one.said_at, one.state == PostState.LIVE), default=None)
    return last.state if last is not None and last.state != PostState.LIVE else None


def was_described(answers: Iterable[PlatformAnswer], telling: Iterable[str]) -> bool:
    """Whether one of these sources described the post while it was up."""
    return any(one.state == PostState.LIVE and one.source in telling for one in answers)


@dataclass(frozen=True, slots=True)
class CapturedFile:
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
    files: tuple[CapturedFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Shot:
    """One screenshot."""

    quality: str
    reason: str | None
    taken_at: str
    """As in WARC-Date; all screenshots of one render have one time."""
    found_later: bool = False
    """The quality is what an audit found in the render's text; when it was rendered nobody looked for that."""


@dataclass(frozen=True, slots=True)
class RenderText:
    """Where the text of a render is in the WARC files."""

    rendered_at: str
    """As `Shot.taken_at`."""
    warc: str
    """Relative to the data folder."""
    offset: int
    length: int
    """Bytes in the file."""


@dataclass(frozen=True, slots=True)
class PostFacts:
    platform: str
    post_id: str
    url: str
    author: str | None
    posted_at: str | None
    has_text: bool
    answers: tuple[PlatformAnswer, ...] = ()
    """From the platform itself."""
    media: tuple[MediumFacts, ...] = ()
    by_itself: tuple[Shot, ...] = ()
    """These and all other screenshots: the earliest first."""
    in_pages: tuple[Shot, ...] = ()
    only_within: bool = False
    """Whether it is only known as what another post quotes or answers: nobody embeds it, and it is rendered within that one."""
    failed: str | None = None
    """Why the last render of the post by itself came to nothing; None where it did not, or where there was none."""
    unread: tuple[RenderText, ...] = ()
    """The texts of its renders by itself in which nobody looked for the words by which its platform refuses posts."""

    @property
    def gone(self) -> str | None:
        return last_word(self.answers)


@dataclass(frozen=True, slots=True)
class EmbedFacts:
    """One appearance of a post in a page."""

    position: int
    platform: str
    post_id: str | None
    kind: str
    """As in `EmbedKind`."""
    answers: tuple[PlatformAnswer, ...] = ()
    drawn: tuple[Shot, ...] = ()

    @property
    def gone(self) -> str | None:
        return last_word(self.answers)


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
    rendered_before: bool = False
    """Whether there are screenshots of an older version."""
    rendered_as_it_is: bool = False
    """Whether its last render came to something, and was of this version."""
    not_shown: int = 0
    """How many of its embeds that render, where it ended whole, did not find to be seen."""
    failed: str | None = None
    """Why the last render came to nothing; None where it did not, or where there was none."""
    unread: tuple[RenderText, ...] = ()
    """As `PostFacts.unread`, where it embeds posts of platforms that have such words."""


# --- reading it ---------------------------------------------------------------------------------------------------------------


def all_posts(index: sqlite3.Connection) -> Iterator[PostFacts]:
    """Each post that has statements: embedded, quoted or asked about. Those that are only linked are left out."""
    for ids in _chunks(index, "posts"):
        yield from posts_of(index, ids, only_said=True)


def all_pages(index: sqlite3.Connection) -> Iterator[PageFacts]:
    """Each page whose newest version embeds something."""
    for ids in _chunks(index, "pages"):
        yield from pages_of(index, ids)


def posts_of(index: sqlite3.Connection, posts: Iterable[int], *, only_said: bool = False) -> Iterator[PostFacts]:
    """By row id."""
    for ids in _by_the_thousand(posts):
        yield from _posts(_BulkQueries(index, ids), only_said)


def pages_of(index: sqlite3.Connection, pages: Iterable[int]) -> Iterator[PageFacts]:
    """By row id; pages that embed nothing are left out."""
    for ids in _by_the_thousand(pages):
        yield from _pages(_BulkQueries(index, ids))


def _chunks(index: sqlite3.Connection, table: str) -> Iterator[list[int]]:
    last = -1
    sql = f"SELECT id FROM {table} WHERE id > ? ORDER BY id LIMIT ?"
    while ids := [row_id for (row_id,) in index.execute(sql, (last, CHUNK))]:
        yield ids
        last = ids[-1]


def _by_the_thousand(ids: Iterable[int]) -> Iterator[list[int]]:
    left = iter(ids)
    while chunk := list(islice(left, CHUNK)):
        yield chunk


Grouped = dict[Any, list[tuple[Any, ...]]]
"""Rows without their first column, by it: an id, or a text."""


class _BulkQueries:
    """Asks one question about many ids at once: `:ids` in its SQL is their list, and the first column one of them."""

    def __init__(self, index: sqlite3.Connection, ids: Sequence[int]) -> None:
        self._cursor = index.cursor()
        self._cursor.row_factory = None
        self.ids = ids

    def ask(self, sql: str, ids: Iterable[int | str] | None = None) -> Grouped:
        """About other ids or texts where some are given."""
        grouped: Grouped = defaultdict(list)
        bound = {"ids": json.dumps(list(self.ids if ids is None else ids))}
        for first, *others in self._cursor.execute(sql.replace(":ids", "(SELECT value FROM json_each(:ids))"), bound):
            grouped[first].append(tuple(others))
        return grouped


# --- posts --------------------------------------------------------------------------------------------------------------------


class _Statement(NamedTuple):
    """What an audit goes by of a row of `statements`: the columns of `_STATEMENTS` and `_STATES` behind the post."""

    said_at: str
    source: str
    state: str | None
    media: str = "[]"
    short_links: str = "[]"


class _LastRender(NamedTuple):
    """The columns of `_LAST_RENDERS_OF_POSTS` and `_LAST_RENDERS_OF_PAGES` behind the post or page."""

    ended: str
    reason: str | None
    rendered_at: str
    of_older_version: int = 0
    """1: the page has changed since."""
    embeds_not_drawn: int | None = None


_POSTS = "SELECT id, platform, post_id, url, author, posted_at, text IS NOT NULL FROM posts WHERE id IN :ids"
_STATEMENTS = "SELECT post, said_at, source, state, media, short_links FROM statements WHERE post IN :ids"
_MEDIA = """
SELECT DISTINCT o.post, o.position, o.media_key, o.url, o.kind, c.url, c.status, c.truncated, c.mime, m.width, m.height,
  m.id IS NOT NULL
FROM post_media o LEFT JOIN captures c ON c.media_key = o.media_key
LEFT JOIN media_payloads p ON p.payload_digest = c.payload_digest LEFT JOIN media m ON m.id = p.media
WHERE o.post IN :ids
ORDER BY o.post, o.position
"""
_SHOTS_OF_POSTS = "SELECT post, position, quality, reason, taken_at FROM screenshots WHERE post IN :ids ORDER BY taken_at, id"
# SQLite takes the other columns from the row that has the maximum (https://www.sqlite.org/lang_select.html#bareagg).
_LAST_RENDERS_OF_POSTS = "SELECT post, ended, reason, max(rendered_at) FROM renders WHERE post IN :ids GROUP BY post"
# `refusals`, and `urn:text:`: see `archiver.model.render.REFUSALS`, `archiver.recording.render_records.TEXT_URN`.
_UNREAD = """
r.rendered_at, w.path, c.offset, c.length FROM renders r
JOIN captures c ON c.url_key = 'urn:text:' || r.url AND c.captured_at = r.rendered_at JOIN warcs w ON w.id = c.warc
"""
_UNREAD_OF_POSTS = f"SELECT r.post, {_UNREAD} WHERE r.post IN :ids AND r.notes ->> '$.refusals' IS NULL"
_ONLY_WITHIN = """
SELECT other FROM relations WHERE other IN :ids AND NOT EXISTS (SELECT 1 FROM embeds WHERE post = other)
"""
# Who shows a post's code as text has words of it too.
_WORDS_BY_CODE = """
SELECT DISTINCT l.key, e.author FROM links l JOIN embeds e ON e.id = l.target
WHERE l.target_kind = 'embed' AND l.key IN :ids AND e.text IS NOT NULL
"""


def _posts(about: _BulkQueries, only_said: bool) -> Iterator[PostFacts]:
    posts, statements, media = about.ask(_POSTS), about.ask(_STATEMENTS), about.ask(_MEDIA)
    drawn, renders = about.ask(_SHOTS_OF_POSTS), about.ask(_LAST_RENDERS_OF_POSTS)
    only_within = about.ask(_ONLY_WITHIN)
    authors = {post: author for post, [(_, _, _, author, _, has_text)] in posts.items() if not has_text and post in statements}
    unread = about.ask(_UNREAD_OF_POSTS, [post for post in drawn if post in posts and posts[post][0][0] in _REFUSING])
    with_words = _found_by_code(about, {post: statements[post] for post in authors}, authors)
    for post in about.ids:
        said = [_Statement(*row) for row in statements.get(post, [])]
        if post not in posts or (only_said and all(one.source == Source.SHORT_LINK for one in said)):
            continue
        platform, post_id, url, author, posted_at, has_text = posts[post][0]
        shots = drawn.get(post, [])
        yield PostFacts(
            platform,
            post_id,
            url,
            author,
            posted_at,
            bool(has_text) or post in with_words,
            _answers(said),
            _media(media.get(post, []), said),
            tuple(Shot(*shot) for position, *shot in shots if position is None),
            tuple(Shot(*shot) for position, *shot in shots if position is not None),
            post in only_within,
            _failure(_last_render(renders.get(post))),
            tuple(RenderText(*text) for text in unread.get(post, [])),
        )


def _answers(statements: Iterable[_Statement]) -> tuple[PlatformAnswer, ...]:
    """Those of the platform itself that say whether the post is up."""
    return tuple(
        PlatformAnswer(one.said_at, one.source, one.state)
        for one in statements
        if one.state is not None and one.source not in SECOND_HAND
    )


def _found_by_code(about: _BulkQueries, wordless: Grouped, authors: dict[int, str | None]) -> set[int]:
    """The posts without words of their own that a page quotes under one of their codes; its author must not be another one."""
    codes = {
        post: {short_link_of(link) or link for *_, links in rows if links != "[]" for link in json.loads(links)}
        for post, rows in wordless.items()
    }
    wanted = {code for found in codes.values() for code in found}
    if not wanted:
        return set()
    quoting = about.ask(_WORDS_BY_CODE, wanted)
    return {
        post
        for post, found in codes.items()
        for code in found
        for (author,) in quoting.get(code, ())
        if not author or (authors[post] or author).casefold() == author.casefold()
    }


def _media(rows: Iterable[tuple[Any, ...]], said: Iterable[_Statement]) -> tuple[MediumFacts, ...]:
    """Each medium with its files, in the post's order, and the largest size that any statement gives it."""
    found: dict[str, tuple[str, str, list[CapturedFile]]] = {}
    for _, key, url, kind, *answer in rows:
        files = found.setdefault(key, (url, kind, []))[2]
        if answer[0] is not None:
            files.append(CapturedFile(*answer))
    sizes: dict[str, tuple[int, int]] = {}
    for ref in (ref for one in said if found and one.media != "[]" for ref in json.loads(one.media)):
        width, height = sizes.get(ref["key"], (0, 0))
        sizes[ref["key"]] = (max(width, ref["width"] or 0), max(height, ref["height"] or 0))
    return tuple(MediumFacts(url, kind, *sizes.get(key, (0, 0)), tuple(files)) for key, (url, kind, files) in found.items())


def _last_render(rows: Sequence[tuple[Any, ...]] | None) -> _LastRender | None:
    return _LastRender(*rows[0]) if rows else None


def _failure(render: _LastRender | None) -> str | None:
    if render is None or render.ended != RenderStatus.FAILED:
        return None
    return render.reason or "no reason was given"


# --- pages --------------------------------------------------------------------------------------------------------------------

_PAGES = """
SELECT p.id, p.url, p.title, v.is_listing FROM pages p JOIN page_versions v ON v.id = p.version WHERE p.id IN :ids
"""
_EMBEDS = """
SELECT p.id, e.position, e.platform, e.post, o.post_id, e.kind FROM pages p JOIN embeds e ON e.version = p.version
LEFT JOIN posts o ON o.id = e.post WHERE p.id IN :ids ORDER BY p.id, e.position
"""
# `pages.captured_at` is when its newest version was first seen: a picture taken before that shows an older one.
_SHOTS_OF_PAGES = """
SELECT p.id, s.taken_at >= p.captured_at, s.kind, s.post, s.position, s.quality, s.reason, s.taken_at
FROM pages p JOIN screenshots s ON s.url_key = p.url_key
WHERE p.id IN :ids ORDER BY s.taken_at, s.id
"""
# A render may capture the page itself, a moment after it began; an hour is no moment, and no render takes so long.
_LAST_RENDERS_OF_PAGES = """
SELECT p.id, r.ended, r.reason, max(r.rendered_at), julianday(p.captured_at) - julianday(r.rendered_at) > 1.0 / 24,
  r.notes ->> '$.embeds_not_drawn'
FROM pages p JOIN renders r ON r.url_key = p.url_key AND r.post IS NULL
WHERE p.id IN :ids GROUP BY p.id
"""
_UNREAD_OF_PAGES = f"""
SELECT p.id, {_UNREAD} JOIN pages p ON p.url_key = r.url_key AND r.rendered_at >= p.captured_at
WHERE p.id IN :ids AND r.post IS NULL AND r.notes ->> '$.refusals' IS NULL
"""
_STATES = "SELECT post, said_at, source, state FROM statements WHERE post IN :ids AND state IS NOT NULL"


def _pages(about: _BulkQueries) -> Iterator[PageFacts]:
    pages, embeds = about.ask(_PAGES), about.ask(_EMBEDS)
    drawn, renders = about.ask(_SHOTS_OF_PAGES), about.ask(_LAST_RENDERS_OF_PAGES)
    states = about.ask(_STATES, {post for rows in embeds.values() for _, _, post, *_ in rows if post is not None})
    refusing = [page for page, rows in embeds.items() if page in drawn and any(row[1] in _REFUSING for row in rows)]
    unread = about.ask(_UNREAD_OF_PAGES, refusing)
    for page in about.ids:
        if page not in pages or page not in embeds:
            continue
        shots = [shot for of_this, *shot in drawn.get(page, []) if of_this]
        render, places = _last_render(renders.get(page)), _by_embed(shots)
        current = render if render is not None and not render.of_older_version else None
        url, title, is_listing = pages[page][0]
        yield PageFacts(
            url,
            title,
            bool(is_listing),
            tuple(_embed(row, states, places) for row in embeds[page]),
            _of_kind(ScreenshotKind.VIEW, shots),
            _of_kind(ScreenshotKind.FULL_PAGE, shots),
            len(shots) < len(drawn.get(page, [])),
            current is not None and current.ended != RenderStatus.FAILED,
            int(current.embeds_not_drawn or 0) if current is not None and current.ended == RenderStatus.WHOLE else 0,
            _failure(render),
            tuple(RenderText(*text) for text in unread.get(page, [])),
        )


def _of_kind(kind: ScreenshotKind, shots: Iterable[Sequence[Any]]) -> tuple[Shot, ...]:
    return tuple(Shot(*shot) for of_kind, _, _, *shot in shots if of_kind == kind)


def _by_embed(shots: Iterable[Sequence[Any]]) -> dict[tuple[int | None, int | None], list[Shot]]:
    """A post is looked for wherever it stood in the page when that was rendered; an embed without a post in its place."""
    found: dict[tuple[int | None, int | None], list[Shot]] = defaultdict(list)
    for kind, post, position, *shot in shots:
        if kind == ScreenshotKind.EMBED:
            found[(post, None) if post is not None else (None, position)].append(Shot(*shot))
    return found


def _embed(row: tuple[Any, ...], states: Grouped, drawn: dict[tuple[int | None, int | None], list[Shot]]) -> EmbedFacts:
    position, platform, post, post_id, kind = row
    shots = drawn.get((post, None) if post is not None else (None, position), ())
    answers = _answers(_Statement(*state) for state in states.get(post, ()))
    return EmbedFacts(position, platform, post_id, kind, answers, tuple(shots))
