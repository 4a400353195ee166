"""Merges the statements about a post, and the versions of a page, into one row; in whatever order the records were read."""

import json
import sqlite3
from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import astuple

from archiver.model.findings import Source
from archiver.storage.index.normalize import fold
from archiver.storage.index.tables import PostMediaRow, insert_sql
from archiver.urls import host_of, url_key

RANK = {source.value: rank for rank, source in enumerate(Source)}
FIELDS = ("author", "author_name", "posted_at", "text", "language")
_RELATION, _MEDIUM = insert_sql("relations"), insert_sql("post_media")


class _Statement(Struct, frozen=True, gc=False):
    """What is merged of a row of `statements`."""

    source: str
    said_at: str
    id: int
    author: str | None
    author_name: str | None
    posted_at: str | None
    text: str | None
    language: str | None
    media: str
    quotes: int | None
    replies_to: int | None


_STATEMENTS = f"SELECT {', '.join(_Statement.__struct_fields__)} FROM statements WHERE post = ?"


def merge_posts(database: sqlite3.Connection, posts: Iterable[int]) -> None:
    """Makes `posts`, `post_media`, `relations` and the full text anew for these posts, from their statements."""
    for post in sorted(posts):
        statements = [_Statement(*row) for row in database.execute(_STATEMENTS, (post,))]
        if not statements:
            continue  # only linked, quoted or named so far
        statements.sort(key=lambda one: (RANK.get(one.source, len(RANK)), one.said_at, one.id))
        _merge_fields(database, post, statements)
        _merge_media(database, post, statements)
        relations = {("quotes", one.quotes) for one in statements if one.quotes}
        relations |= {("replies_to", one.replies_to) for one in statements if one.replies_to}
        database.executemany(_RELATION, [(post, relation, other) for relation, other in sorted(relations)])


def _merge_fields(database: sqlite3.Connection, post: int, statements: list[_Statement]) -> None:
    """Field by field the best source's word; within one source the earliest, so that an edit does not rewrite what was shown."""
    merged = tuple(next((value for one in statements if (value := getattr(one, name))), None) for name in FIELDS)
    before = database.execute(f"SELECT {', '.join(FIELDS)} FROM posts WHERE id = ?", (post,)).fetchone()
    if before == merged:
        return
    database.execute(f"UPDATE posts SET {', '.join(f'{field} = ?' for field in FIELDS)} WHERE id = ?", (*merged, post))
    author, author_name, _, text, _ = merged
    if any(before):
        database.execute("DELETE FROM posts_text WHERE rowid = ?", (post,))
    if author or author_name or text:
        names = fold(f"{author or ''} {author_name or ''}".strip())
        database.execute("INSERT INTO posts_text (rowid, text, author) VALUES (?, ?, ?)", (post, fold(text or ""), names))


def _merge_media(database: sqlite3.Connection, post: int, statements: list[_Statement]) -> None:
    media: dict[str, PostMediaRow] = {}
    for one in statements:
        if one.media == "[]":
            continue
        for ref in json.loads(one.media):
            row = PostMediaRow(post, ref["key"], len(media) + 1, ref["url"], ref["kind"], ref["alt"])
            media.setdefault(row.media_key, row)
    if media:
        database.execute("DELETE FROM post_media WHERE post = ?", (post,))
        database.executemany(_MEDIUM, map(astuple, media.values()))


# A page's own row, and its full text, speak of its newest version.
_NEWEST = """
SELECT url, id, title, author, published_at, modified_at, language, site_name, captured_at, tags, text
FROM page_versions WHERE page = ? ORDER BY captured_at DESC, id DESC LIMIT 1
"""
_PAGE = """
INSERT INTO pages (id, url_key, host, url, version, title, author, published_at, modified_at, language, site_name, captured_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET host = excluded.host, url = excluded.url, version = excluded.version, title = excluded.title,
  author = excluded.author, published_at = excluded.published_at, modified_at = excluded.modified_at,
  language = excluded.language, site_name = excluded.site_name, captured_at = excluded.captured_at
"""


def merge_pages(database: sqlite3.Connection, pages: Iterable[int]) -> None:
    """Makes the rows of `pages` and their full text anew, from their newest versions."""
    for page in sorted(pages):
        before = database.execute("SELECT version FROM pages WHERE id = ?", (page,)).fetchone()
        *fields, tags, text = database.execute(_NEWEST, (page,)).fetchone()
        url, _, title, author = fields[:4]
        database.execute(_PAGE, (page, url_key(url), host_of(url), *fields))  # www.a.example and a.example share a key
        if before is not None:
            database.execute("DELETE FROM pages_text WHERE rowid = ?", (page,))
        head = " ".join(filter(None, (title, author, *json.loads(tags))))
        database.execute("INSERT INTO pages_text (rowid, title, text) VALUES (?, ?, ?)", (page, fold(head), fold(text)))
