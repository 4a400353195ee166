"""Reads what is held of each post and page for an audit: in bulk, with one query for each question about a thousand of them."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from archiver.model.findings import Source
from archiver.model.render import RenderStatus, ScreenshotKind
from archiver.platforms import short_link_of
from archiver.storage.index.audit_queries import EmbedFacts, Heard, HeldFile, MediumFacts, PageFacts, PostFacts, Shot

CHUNK = 1_000  # rows of posts or pages; what is known of them takes some MB
_FROM_ELSEWHERE = (Source.EMBED.value, Source.SHORT_LINK.value)


def all_posts(index: sqlite3.Connection) -> Iterator[PostFacts]:
    """Each post that something is said of: embedded, quoted or asked about. Those that are only linked are left out."""
    for ids in _chunks(index, "posts"):
        yield from posts_of(index, ids, only_said=True)


def all_pages(index: sqlite3.Connection) -> Iterator[PageFacts]:
    """Each page whose newest version embeds something."""
    for ids in _chunks(index, "pages"):
        yield from pages_of(index, ids)


def posts_of(index: sqlite3.Connection, posts: Iterable[int], *, only_said: bool = False) -> Iterator[PostFacts]:
    """By row id."""
    for ids in _by_the_thousand(posts):
        yield from _posts(_Questions(index, ids), only_said)


def pages_of(index: sqlite3.Connection, pages: Iterable[int]) -> Iterator[PageFacts]:
    """By row id; pages that embed nothing are left out."""
    for ids in _by_the_thousand(pages):
        yield from _pages(_Questions(index, ids))


def _chunks(index: sqlite3.Connection, table: str) -> Iterator[list[int]]:
    last = -1
    while ids := [row[0] for row in index.execute(f"SELECT id FROM {table} WHERE id > ? ORDER BY id LIMIT ?", (last, CHUNK))]:
        yield ids
        last = ids[-1]


def _by_the_thousand(ids: Iterable[int]) -> Iterator[list[int]]:
    left = iter(ids)
    while chunk := list(islice(left, CHUNK)):
        yield chunk


Grouped = dict[Any, list[tuple[Any, ...]]]
"""Rows without their first column, by it: an id, or a text."""


class _Questions:
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
_DRAWN_POSTS = "SELECT post, position, quality, reason, taken_at FROM screenshots WHERE post IN :ids ORDER BY taken_at, id"
# SQLite takes the other columns from the row that has the maximum (https://www.sqlite.org/lang_select.html#bareagg).
_LAST_RENDERS_OF_POSTS = "SELECT post, ended, reason, max(rendered_at) FROM renders WHERE post IN :ids GROUP BY post"
_ONLY_WITHIN = """
SELECT other FROM relations WHERE other IN :ids AND NOT EXISTS (SELECT 1 FROM embeds WHERE post = other)
"""
# Who shows a post's code as text has words of it too.
_WORDS_BY_CODE = """
SELECT DISTINCT l.key, e.author FROM links l JOIN embeds e ON e.id = l.target
WHERE l.target_kind = 'embed' AND l.key IN :ids AND e.text IS NOT NULL
"""


def _posts(about: _Questions, only_said: bool) -> Iterator[PostFacts]:
    posts, statements, media = about.ask(_POSTS), about.ask(_STATEMENTS), about.ask(_MEDIA)
    drawn, renders = about.ask(_DRAWN_POSTS), about.ask(_LAST_RENDERS_OF_POSTS)
    only_within = about.ask(_ONLY_WITHIN)
    wordless = {post: statements[post] for post in statements if post in posts and not posts[post][0][5]}
    with_words = _found_by_code(about, wordless, {post: posts[post][0][3] for post in wordless})
    for post in about.ids:
        said = statements.get(post, [])
        if post not in posts or (only_said and all(row[1] == Source.SHORT_LINK for row in said)):
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
            _heard(said),
            _media(media.get(post, []), said),
            tuple(Shot(*shot) for position, *shot in shots if position is None),
            tuple(Shot(*shot) for position, *shot in shots if position is not None),
            post in only_within,
            _failure(renders.get(post, [])),
        )


def _heard(said: Iterable[tuple[Any, ...]]) -> tuple[Heard, ...]:
    return tuple(Heard(*row[:3]) for row in said if row[2] is not None and row[1] not in _FROM_ELSEWHERE)


def _found_by_code(about: _Questions, wordless: Grouped, authors: dict[int, str | None]) -> set[int]:
    """The posts without words of their own that a page quotes under one of their codes; its author must not be another one."""
    codes = {
        post: {short_link_of(link) or link for row in rows if row[4] != "[]" for link in json.loads(row[4])}
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


def _media(rows: Iterable[tuple[Any, ...]], said: Iterable[tuple[Any, ...]]) -> tuple[MediumFacts, ...]:
    """Each medium with its files, in the post's order, and the largest size that any statement gives it."""
    found: dict[str, tuple[str, str, list[HeldFile]]] = {}
    for _, key, url, kind, *answer in rows:
        files = found.setdefault(key, (url, kind, []))[2]
        if answer[0] is not None:
            files.append(HeldFile(*answer))
    sizes: dict[str, tuple[int, int]] = {}
    for ref in (ref for row in said if found and row[3] != "[]" for ref in json.loads(row[3])):
        width, height = sizes.get(ref["key"], (0, 0))
        sizes[ref["key"]] = (max(width, ref["width"] or 0), max(height, ref["height"] or 0))
    return tuple(MediumFacts(url, kind, *sizes.get(key, (0, 0)), tuple(files)) for key, (url, kind, files) in found.items())


def _failure(render: Sequence[tuple[Any, ...]]) -> str | None:
    if not render or render[0][0] != RenderStatus.FAILED:
        return None
    return render[0][1] or "no reason was given"


# --- pages --------------------------------------------------------------------------------------------------------------------

_PAGES = """
SELECT p.id, p.url, p.title, v.is_listing FROM pages p JOIN page_versions v ON v.id = p.version WHERE p.id IN :ids
"""
_EMBEDS = """
SELECT p.id, e.position, e.platform, e.post, o.post_id, e.kind FROM pages p JOIN embeds e ON e.version = p.version
LEFT JOIN posts o ON o.id = e.post WHERE p.id IN :ids ORDER BY p.id, e.position
"""
# `pages.captured_at` is when its newest version was first seen: a picture taken before that shows an older one.
_DRAWN_PAGES = """
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
_STATES = "SELECT post, said_at, source, state FROM statements WHERE post IN :ids AND state IS NOT NULL"


def _pages(about: _Questions) -> Iterator[PageFacts]:
    pages, embeds = about.ask(_PAGES), about.ask(_EMBEDS)
    drawn, renders = about.ask(_DRAWN_PAGES), about.ask(_LAST_RENDERS_OF_PAGES)
    states = about.ask(_STATES, {row[2] for rows in embeds.values() for row in rows if row[2] is not None})
    for page in about.ids:
        if page not in pages or page not in embeds:
            continue
        shots = [shot for of_this, *shot in drawn.get(page, []) if of_this]
        render, places = renders.get(page, []), _by_embed(shots)
        as_it_is = bool(render) and not render[0][3]
        url, title, is_listing = pages[page][0]
        yield PageFacts(
            url,
            title,
            bool(is_listing),
            tuple(_embed(row, states, places) for row in embeds[page]),
            _of_kind(ScreenshotKind.VIEW, shots),
            _of_kind(ScreenshotKind.FULL_PAGE, shots),
            len(shots) < len(drawn.get(page, [])),
            as_it_is and render[0][0] != RenderStatus.FAILED,
            int(render[0][4] or 0) if as_it_is and render[0][0] == RenderStatus.WHOLE else 0,
            _failure(render),
        )


def _of_kind(kind: ScreenshotKind, shots: Iterable[Sequence[Any]]) -> tuple[Shot, ...]:
    return tuple(Shot(*shot[3:]) for shot in shots if shot[0] == kind)


def _by_embed(shots: Iterable[Sequence[Any]]) -> dict[tuple[int | None, int | None], list[Shot]]:
    """A post is looked for wherever it stood in the page when that was drawn; an embed without a post in its place."""
    found: dict[tuple[int | None, int | None], list[Shot]] = defaultdict(list)
    for kind, post, position, *shot in shots:
        if kind == ScreenshotKind.EMBED:
            found[(post, None) if post is not None else (None, position)].append(Shot(*shot))
    return found


def _embed(row: tuple[Any, ...], states: Grouped, drawn: dict[tuple[int | None, int | None], list[Shot]]) -> EmbedFacts:
    position, platform, post, post_id, kind = row
    shots = drawn.get((post, None) if post is not None else (None, position), ())
    return EmbedFacts(position, platform, post_id, kind, _heard(states.get(post, ())), tuple(shots))
