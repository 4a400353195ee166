"""Finds rows by one scrap: a short link, an id, a handle, an address, a digest. Each function one question."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256 as sha256_of

from archiver.ids import natural_id
from archiver.media.pdq import MAX_DISTANCE, near_bands
from archiver.model.findings import PostRef
from archiver.platforms import short_link_of
from archiver.storage.index.database import EXTRACTOR
from archiver.urls import url_key

# Of redirects, refusals and answers that broke off: what has nothing in common but that nothing came.
EMPTY_SHA256 = sha256_of(b"").hexdigest()
MAX_SIMILAR = 50  # files: a page's own decoration may have been captured a thousand times over, in as many sizes
MAX_PATH_PARTS = 12  # of a file's name; those of the archive have four


@dataclass(frozen=True, slots=True)
class Hits:
    """Row ids, each once."""

    posts: tuple[int, ...] = ()
    embeds: tuple[int, ...] = ()
    """Text-only ones."""
    pages: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.posts or self.embeds or self.pages)

    def __sub__(self, other: "Hits") -> "Hits":
        posts, embeds, pages = set(other.posts), set(other.embeds), set(other.pages)
        return Hits(
            tuple(post for post in self.posts if post not in posts),
            tuple(embed for embed in self.embeds if embed not in embeds),
            tuple(page for page in self.pages if page not in pages),
        )

    def __add__(self, other: "Hits") -> "Hits":
        return Hits(
            tuple(dict.fromkeys(self.posts + other.posts)),
            tuple(dict.fromkeys(self.embeds + other.embeds)),
            tuple(dict.fromkeys(self.pages + other.pages)),
        )


@dataclass(frozen=True, slots=True)
class Similar:
    """A picture that looks like the one asked for."""

    sha256: str
    distance: int
    """Bits of 256 in which the perceptual hashes differ, at most MAX_DISTANCE."""


def by_link(index: sqlite3.Connection, key: str) -> Hits:
    """Who a short link or media key leads to. The case of the key counts: short codes differ in nothing else."""
    rows = index.execute("SELECT DISTINCT target, target_kind FROM links WHERE key = ?", (key,)).fetchall()
    return Hits(
        posts=tuple(target for target, kind in rows if kind == "post"),
        embeds=tuple(target for target, kind in rows if kind == "embed"),
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
    return posts + Hits(embeds=_ids(index.execute(sql, (handle,))))


def posts_of_embed(index: sqlite3.Connection, embed: int) -> tuple[int, ...]:
    """The posts that a text-only embed's codes lead to. A code may be a link to somebody else's: authors must not differ."""
    author, links = index.execute("SELECT author, short_links FROM embeds WHERE id = ?", (embed,)).fetchone()
    keys = [short_link_of(link) or link for link in json.loads(links)]
    rows = index.execute(
        "SELECT DISTINCT p.id FROM links l JOIN posts p ON p.id = l.target WHERE l.target_kind = 'post'"
        f" AND l.key IN ({','.join('?' * len(keys))}) AND coalesce(p.author = ? COLLATE NOCASE, TRUE) ORDER BY p.id",
        (*keys, author),
    )
    return _ids(rows)


def embeds_of_post(index: sqlite3.Connection, post: int, short_links: Iterable[str]) -> tuple[int, ...]:
    """The text-only embeds that show one of a post's codes; their authors must not be others than the post's."""
    keys = [short_link_of(link) or link for link in short_links]
    rows = index.execute(
        "SELECT DISTINCT e.id FROM links l JOIN embeds e ON e.id = l.target JOIN posts p ON p.id = ?"
        f" WHERE l.target_kind = 'embed' AND l.key IN ({','.join('?' * len(keys))})"
        " AND coalesce(p.author = e.author COLLATE NOCASE, TRUE) ORDER BY e.id",
        (post, *keys),
    )
    return _ids(rows)


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
    posts = dict.fromkeys(post for post, _ in rows if post is not None)
    return Hits(tuple(posts), tuple(embed for post, embed in rows if post is None), (page,))


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
        hits += posts + Hits(pages=_ids(rows))
    return hits


def by_digest(index: sqlite3.Connection, sha256: str) -> Hits:
    """By the sha256 of a file or of a payload (hex): the posts and pages that show it, or the page or screenshot that it is."""
    if sha256 == EMPTY_SHA256:
        return Hits()
    digests = [f"sha256:{sha256}"]
    payloads = "SELECT p.payload_digest FROM media m JOIN media_payloads p ON p.media = m.id WHERE m.sha256 = ?"
    digests += [digest for (digest,) in index.execute(payloads, (sha256,))]
    marks = ",".join("?" * len(digests))
    rows = index.execute(
        f"SELECT DISTINCT media_key FROM captures WHERE payload_digest IN ({marks}) ORDER BY media_key", digests
    ).fetchall()
    # From the captures on: they alone have an index by digest.
    pages = index.execute(
        "SELECT DISTINCT v.page FROM captures c JOIN pages p ON p.url_key = c.url_key JOIN page_versions v ON v.page = p.id"
        f" AND v.payload_digest = c.payload_digest WHERE c.payload_digest IN ({marks}) ORDER BY v.page",
        digests,
    )
    replied = index.execute(
        f"SELECT DISTINCT s.post FROM captures c CROSS JOIN statements s ON s.capture = c.id WHERE c.payload_digest IN ({marks})"
        " AND s.source <> 'embed' AND s.source <> 'short_link' ORDER BY s.post",
        digests,
    )
    hits = by_media_key(index, (key for (key,) in rows if key)) + Hits(posts=_ids(replied), pages=_ids(pages))
    taken = f"s.capture IN (SELECT id FROM captures WHERE payload_digest IN ({marks}))"  # as the PNG that the WARC file has
    return hits + _shown_by_screenshots(index, "s.sha256 = ?", [sha256]) + _shown_by_screenshots(index, taken, digests)


def by_screenshot_path(index: sqlite3.Connection, path: str) -> Hits:
    """By the name of a screenshot's file, with whatever folders before it: what the screenshot shows."""
    parts = path.replace("\\", "/").split("/")[-MAX_PATH_PARTS:]
    ends = ["/".join(parts[start:]) for start in range(len(parts))]
    return _shown_by_screenshots(index, f"s.path IN ({','.join('?' * len(ends))})", ends)


def _shown_by_screenshots(index: sqlite3.Connection, where: str, bound: list[str]) -> Hits:
    """What screenshots show: a post; or the embed without a post that stood there when it was taken; or a page."""
    rows = index.execute(
        f"SELECT s.post, s.position, s.taken_at, p.id FROM screenshots s LEFT JOIN pages p ON p.url_key = s.url_key WHERE {where}"
        " ORDER BY s.taken_at, s.id",
        bound,
    ).fetchall()
    hits = Hits()
    for post, position, taken_at, page in rows:
        if post is not None:
            hits += Hits(posts=(post,))
        elif page is not None:
            hits += _in_place(index, page, position, taken_at) or Hits(pages=(page,))
    return hits


def _in_place(index: sqlite3.Connection, page: int, position: int | None, taken_at: str) -> Hits:
    rows = index.execute(
        "SELECT id FROM embeds WHERE post IS NULL AND position = ? AND version = (SELECT id FROM page_versions WHERE page = ?"
        " AND captured_at <= ? ORDER BY captured_at DESC, id DESC LIMIT 1)",
        (position, page, taken_at),
    )
    return Hits(embeds=_ids(rows))


def without_hash(index: sqlite3.Connection) -> int:
    """How many pictures the index has from a version that made no perceptual hashes; those that can have none do not count."""
    (made_by,) = index.execute("SELECT extractor FROM made_by").fetchone()
    if int(made_by) >= int(EXTRACTOR):
        return 0
    from archiver.media.inspect import MIN_HASHED_SIDE  # 60 ms, which most do without  # noqa: PLC0415

    sql = (
        "SELECT count(*) FROM media WHERE pdq IS NULL AND mime LIKE 'image/%' AND mime <> 'image/svg+xml'"
        " AND min(width, height) >= ?"
    )
    (count,) = index.execute(sql, (MIN_HASHED_SIDE,)).fetchone()
    return int(count)


def by_picture(index: sqlite3.Connection, hashes: Iterable[str], limit: int = MAX_SIMILAR) -> tuple[Similar, ...]:
    """The pictures of which a hash is within MAX_DISTANCE of one of these (PDQ, 64 hex digits), nearest first.

    None is missed: `archiver.media.pdq` says why. Each counts with the best pair of its hashes and these.
    """
    asked = list(dict.fromkeys(hashes))
    bands = json.dumps(sorted({band for each in asked for band in near_bands(each)}))
    rows = index.execute(
        "SELECT sha256, pdq, pdq_trimmed FROM media WHERE id IN"
        " (SELECT b.media FROM json_each(?) wanted CROSS JOIN picture_bands b ON b.band = wanted.value)",
        (bands,),
    )
    bits = [int(each, 16) for each in asked]
    near = []
    for sha256, whole, trimmed in rows:
        distance = _nearest(bits, whole, trimmed)
        if distance <= MAX_DISTANCE:
            near.append(Similar(sha256, distance))
    return tuple(sorted(near, key=lambda similar: (similar.distance, similar.sha256))[:limit])


def _nearest(bits: list[int], *hashes: str | None) -> int:
    """In plain loops: some thousand times for a look-up."""
    nearest = 1 << 16
    for each in hashes:
        if each is not None:
            value = int(each, 16)
            for one in bits:
                distance = (value ^ one).bit_count()
                if distance < nearest:
                    nearest = distance
    return nearest


def media_keys_of(index: sqlite3.Connection, sha256: str) -> tuple[str, ...]:
    """The keys under which a file was captured."""
    rows = index.execute(
        "SELECT DISTINCT c.media_key FROM media m JOIN media_payloads p ON p.media = m.id JOIN captures c"
        " ON c.payload_digest = p.payload_digest WHERE m.sha256 = ? AND c.media_key IS NOT NULL ORDER BY c.media_key",
        (sha256,),
    )
    return tuple(key for (key,) in rows)


def _posts(rows: Iterable[sqlite3.Row]) -> Hits:
    return Hits(posts=_ids(rows))


def _ids(rows: Iterable[sqlite3.Row]) -> tuple[int, ...]:
    return tuple(row_id for (row_id,) in rows)
