"""Merges what several sources said into one row: the same result in whatever order the records were read."""

import json
import sqlite3
from collections.abc import Iterable
from typing import Any

from archiver.model.findings import Source
from archiver.storage.index.normalize import fold
from archiver.urls import host_of, url_key

RANK = {source.value: rank for rank, source in enumerate(Source)}
FIELDS = ("author", "author_name", "posted_at", "text", "language")


def merge_posts(database: sqlite3.Connection, posts: Iterable[int]) -> None:
    """Makes `posts`, `post_media`, `relations` and the full text anew for these posts, from their statements."""
    for post in sorted(posts):
        said = database.execute(
            "SELECT source, said_at, id, author, author_name, posted_at, text, language, media, quotes, replies_to"
            " FROM statements WHERE post = ?",
            (post,),
        ).fetchall()
        if not said:
            continue  # only linked, quoted or named so far
        said.sort(key=lambda row: (RANK.get(row[0], len(RANK)), row[1], row[2]))
        _merge_fields(database, post, said)
        _merge_media(database, post, said)
        relations = {("quotes", row[9]) for row in said if row[9]} | {("replies_to", row[10]) for row in said if row[10]}
        database.executemany("INSERT OR IGNORE INTO relations VALUES (?, ?, ?)", [(post, *pair) for pair in sorted(relations)])


def _merge_fields(database: sqlite3.Connection, post: int, said: list[Any]) -> None:
    """Field by field the best source's word; within one source the earliest, so that an edit does not rewrite what was shown."""
    merged = tuple(next((row[index] for row in said if row[index]), None) for index in range(3, 8))
    held = database.execute("SELECT author, author_name, posted_at, text, language FROM posts WHERE id = ?", (post,)).fetchone()
    if held == merged:
        return
    database.execute(f"UPDATE posts SET {', '.join(f'{field} = ?' for field in FIELDS)} WHERE id = ?", (*merged, post))
    author, author_name, _, text, _ = merged
    if any(held):
        database.execute("DELETE FROM posts_text WHERE rowid = ?", (post,))
    if author or author_name or text:
        names = fold(f"{author or ''} {author_name or ''}".strip())
        database.execute("INSERT INTO posts_text (rowid, text, author) VALUES (?, ?, ?)", (post, fold(text or ""), names))


def _merge_media(database: sqlite3.Connection, post: int, said: list[Any]) -> None:
    media: dict[str, tuple[Any, ...]] = {}
    for row in said:
        if row[8] == "[]":
            continue
        for ref in json.loads(row[8]):
            media.setdefault(ref["key"], (post, ref["key"], len(media) + 1, ref["url"], ref["kind"], ref["alt"]))
    if media:
        database.execute("DELETE FROM post_media WHERE post = ?", (post,))
        database.executemany("INSERT INTO post_media VALUES (?, ?, ?, ?, ?, ?)", media.values())


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
        held = database.execute("SELECT version FROM pages WHERE id = ?", (page,)).fetchone()
        *fields, tags, text = database.execute(_NEWEST, (page,)).fetchone()
        url, _, title, author = fields[:4]
        database.execute(_PAGE, (page, url_key(url), host_of(url), *fields))  # www.a.example and a.example share a key
        if held is not None:
            database.execute("DELETE FROM pages_text WHERE rowid = ?", (page,))
        head = " ".join(filter(None, (title, author, *json.loads(tags))))
        database.execute("INSERT INTO pages_text (rowid, title, text) VALUES (?, ?, ?)", (page, fold(head), fold(text)))
