"""Finds rows by one scrap: a short link, an id, a handle, an address, a digest. Each function one question."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from archiver.findings import PostRef
from archiver.ids import natural_id
from archiver.platforms import short_link_of
from archiver.urls import url_key


@dataclass(frozen=True, slots=True)
class Hits:
    """Row ids, each once."""

    posts: tuple[int, ...] = ()
    embeds: tuple[int, ...] = ()
    """Text-only ones."""
    pages: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.posts or self.embeds or self.pages)

    def __add__(self, other: "Hits") -> "Hits":
        return Hits(
            tuple(dict.fromkeys(self.posts + other.posts)),
            tuple(dict.fromkeys(self.embeds + other.embeds)),
            tuple(dict.fromkeys(self.pages + other.pages)),
        )


def by_link(index: sqlite3.Connection, key: str) -> Hits:
    """Who a short link or media key leads to. The case of the key counts: short codes differ in nothing else."""
    rows = index.execute("SELECT DISTINCT target, target_kind FROM links WHERE key = ?", (key,)).fetchall()
    return Hits(
        posts=tuple(row[0] for row in rows if row[1] == "post"), embeds=tuple(row[0] for row in rows if row[1] == "embed")
    )


def by_post(index: sqlite3.Connection, ref: PostRef) -> Hits:
    return _posts(index.execute("SELECT id FROM posts WHERE platform = ? AND post_id = ?", (ref.platform, ref.post_id)))


def by_id(index: sqlite3.Connection, post_id: str) -> Hits:
    """On whatever platform."""
    return _posts(index.execute("SELECT id FROM posts WHERE post_id = ? ORDER BY platform", (post_id,)))


def by_author(index: sqlite3.Connection, handle: str) -> Hits:
    """All posts of a handle, whatever its case, oldest first; and the text-only embeds that name it."""
    posts = _posts(index.execute("SELECT id FROM posts WHERE author = ? COLLATE NOCASE ORDER BY posted_at, id", (handle,)))
    sql = "SELECT id FROM embeds WHERE post IS NULL AND author = ? COLLATE NOCASE ORDER BY posted_at, id"
    rows = index.execute(sql, (handle,))
    return posts + Hits(embeds=tuple(row[0] for row in rows))


def posts_of_embed(index: sqlite3.Connection, embed: int) -> tuple[int, ...]:
    """The posts that a text-only embed's codes lead to. A code may be a link to somebody else's: authors must not differ."""
    author, links = index.execute("SELECT author, short_links FROM embeds WHERE id = ?", (embed,)).fetchone()
    keys = [short_link_of(link) or link for link in json.loads(links)]
    rows = index.execute(
        "SELECT DISTINCT p.id FROM links l JOIN posts p ON p.id = l.target WHERE l.target_kind = 'post'"
        f" AND l.key IN ({','.join('?' * len(keys))}) AND coalesce(p.author = ? COLLATE NOCASE, TRUE) ORDER BY p.id",
        (*keys, author),
    )
    return tuple(row[0] for row in rows)


def embeds_of_post(index: sqlite3.Connection, post: int, short_links: Iterable[str]) -> tuple[int, ...]:
    """The reverse: the text-only embeds that show one of a post's codes."""
    keys = [short_link_of(link) or link for link in short_links]
    rows = index.execute(
        "SELECT DISTINCT e.id FROM links l JOIN embeds e ON e.id = l.target JOIN posts p ON p.id = ?"
        f" WHERE l.target_kind = 'embed' AND l.key IN ({','.join('?' * len(keys))})"
        " AND coalesce(p.author = e.author COLLATE NOCASE, TRUE) ORDER BY e.id",
        (post, *keys),
    )
    return tuple(row[0] for row in rows)


def by_page(index: sqlite3.Connection, url: str) -> Hits:
    """A page, and the posts that it embeds in any of its versions."""
    page = natural_id("page", url_key(url))
    if index.execute("SELECT 1 FROM pages WHERE id = ?", (page,)).fetchone() is None:
        return Hits()
    rows = index.execute(
        "SELECT e.post, e.id FROM embeds e JOIN page_versions v ON v.id = e.version WHERE v.page = ?"
        " ORDER BY v.captured_at, e.position",
        (page,),
    ).fetchall()
    embeds = tuple(row[1] for row in rows if row[0] is None)
    return Hits(tuple(dict.fromkeys(row[0] for row in rows if row[0] is not None)), embeds, (page,))


def by_media_key(index: sqlite3.Connection, keys: Iterable[str]) -> Hits:
    """The posts and pages that show a picture or video, by its key."""
    hits = Hits()
    for key in keys:
        posts = _posts(index.execute("SELECT post FROM post_media WHERE media_key = ? ORDER BY post", (key,)))
        rows = index.execute(
            "SELECT DISTINCT v.page FROM page_pictures p JOIN page_versions v ON v.id = p.version WHERE p.media_key = ?"
            " ORDER BY v.page",
            (key,),
        )
        hits += posts + Hits(pages=tuple(row[0] for row in rows))
    return hits


def by_digest(index: sqlite3.Connection, sha256: str) -> Hits:
    """By the sha256 of a file or of a payload (hex): the posts and pages that show it, or the page that it is."""
    digests = [f"sha256:{sha256}"]
    digests += [row[0] for row in index.execute(
        "SELECT p.payload_digest FROM media m JOIN media_payloads p ON p.media = m.id WHERE m.sha256 = ?", (sha256,)
    )]  # fmt: skip
    marks = ",".join("?" * len(digests))
    rows = index.execute(
        f"SELECT DISTINCT media_key, url_key FROM captures WHERE payload_digest IN ({marks}) ORDER BY media_key, url_key", digests
    ).fetchall()
    keys = dict.fromkeys(row[0] for row in rows if row[0])
    pages = index.execute(f"SELECT DISTINCT page FROM page_versions WHERE payload_digest IN ({marks}) ORDER BY page", digests)
    said = index.execute(
        f"SELECT DISTINCT s.post FROM statements s JOIN captures c ON c.id = s.capture WHERE c.payload_digest IN ({marks})"
        " AND s.source <> 'embed' ORDER BY s.post",
        digests,
    )
    return by_media_key(index, keys) + Hits(posts=tuple(row[0] for row in said), pages=tuple(row[0] for row in pages))


def _posts(rows: Iterable[sqlite3.Row]) -> Hits:
    return Hits(posts=tuple(row[0] for row in rows))
