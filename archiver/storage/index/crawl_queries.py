"""What an archive has already: the questions that a crawl asks the index before it sends a request."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sized

from archiver.model.exchange import Capture
from archiver.model.findings import Embed, EmbedKind, PostRef, PostState
from archiver.platforms import platform_named
from archiver.storage.index.rows import page_id, post_id
from archiver.storage.warc.writer import Original
from archiver.urls import url_key

# A platform's answer after which a crawl asks no more. What is gone may come back: looking again is the work of liveness checks.
_SETTLED = tuple(state.value for state in PostState if state not in (PostState.LIVE, PostState.TOMBSTONE, PostState.NOT_FOUND))

_LEADS_ON = (200, 301, 302, 303, 307, 308)  # RFC 9110, 15.4: the redirects that have a Location
_NOT_FOUND = (404, 410)


def shows_posts(posts: Iterable[str | None], *, is_listing: bool) -> bool:
    """Whether a page is rendered for what it embeds: these posts, None for one that is not known.

    A front or tag page whose excerpts quote posts without naming one is not: the pages that it lists are.
    """
    known = [post is not None for post in posts]
    return any(known) or (bool(known) and not is_listing)


class CrawlIndex:
    """Reads the index over a connection of its own; sees what is committed."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def file(self, urls: Iterable[str]) -> bool:
        """Whether the file at one of these addresses was captured whole. A redirect is not what lies behind it."""
        return any(self._answered(url, (200,)) for url in urls)

    def answered_not_found(self, url: str) -> bool:
        """Whether its host answered that there is nothing: 404 or 410."""
        return self._answered(url, _NOT_FOUND)

    def asked(self, url: str) -> bool:
        """Whether this address ever gave a lasting answer: any but an error of the server, or a request to come back later."""
        sql = (
            "SELECT 1 FROM captures WHERE url_key = ? AND url = ? AND truncated IS NULL"
            " AND status < 500 AND status <> 429 LIMIT 1"
        )
        return self._database.execute(sql, (url_key(url), url)).fetchone() is not None

    def answered_about(self, ref: PostRef, url: str) -> bool:
        """Whether what was captured at this address says something of the post, or redirects to where it is said."""
        sql = (
            "SELECT 1 FROM captures c WHERE c.url_key = ? AND c.url = ? AND (c.status BETWEEN 300 AND 399"
            " OR EXISTS (SELECT 1 FROM statements s WHERE s.post = ? AND s.capture = c.id AND s.state <> ?)) LIMIT 1"
        )
        bound = (url_key(url), url, post_id(ref), PostState.NOT_FOUND.value)
        return self._database.execute(sql, bound).fetchone() is not None

    def short_link(self, url: str) -> bool:
        """Whether it is known where a short link leads: by a redirect, or by a page (as t.co answers browsers)."""
        return self._answered(url, _LEADS_ON)

    def posts_behind(self, key: str) -> tuple[PostRef, ...]:
        """The posts to which a short link leads, by its key: `pic.twitter.com/CODE`."""
        sql = (
            "SELECT DISTINCT p.platform, p.post_id FROM links l JOIN posts p ON p.id = l.target"
            " WHERE l.key = ? AND l.target_kind = 'post' ORDER BY p.id"
        )
        return tuple(PostRef(*row) for row in self._database.execute(sql, (key,)))

    def _answered(self, url: str, statuses: tuple[int, ...]) -> bool:
        sql = (
            "SELECT 1 FROM captures WHERE url_key = ? AND url = ?"
            f" AND status IN ({_marks(statuses)}) AND truncated IS NULL LIMIT 1"
        )
        return self._database.execute(sql, (url_key(url), url, *statuses)).fetchone() is not None

    def post(self, ref: PostRef) -> bool:
        """Whether the post is complete: its platform replied in full, or said that it is not there."""
        platform = platform_named(ref.platform)
        telling = tuple(source.value for source in platform.sufficient_sources) if platform is not None else ()
        sources, settled = _marks(telling), _marks(_SETTLED)
        sql = (
            f"SELECT 1 FROM statements WHERE post = ? AND ((state = ? AND source IN ({sources})) OR state IN ({settled})) LIMIT 1"
        )
        bound = (post_id(ref), PostState.LIVE.value, *telling, *_SETTLED)
        return self._database.execute(sql, bound).fetchone() is not None

    def media_of(self, ref: PostRef) -> tuple[str, ...]:
        """The addresses of the pictures and videos that a post is said to show, whether they were captured or not."""
        rows = self._database.execute("SELECT url FROM post_media WHERE post = ? ORDER BY position, media_key", (post_id(ref),))
        return tuple(url for (url,) in rows)

    def quoted(self, ref: PostRef) -> tuple[PostRef, ...]:
        """The posts that a post is said to quote."""
        sql = (
            "SELECT p.platform, p.post_id FROM relations r JOIN posts p ON p.id = r.other"
            " WHERE r.post = ? AND r.relation = 'quotes' ORDER BY p.id"
        )
        return tuple(PostRef(*row) for row in self._database.execute(sql, (post_id(ref),)))

    def original(self, payload_digest: str, url: str, *, any_url: bool, told: bool = False) -> Original | None:
        """The earliest whole response with this payload; of the same URL, unless `any_url`. `told`: only one that is
        indexed with what it says of a post, as no reply to a control question is."""
        row = self._database.execute(
            "SELECT record_id, url, captured_at, payload_digest FROM captures WHERE payload_digest = ?"
            " AND record_type = 'response' AND status = 200 AND truncated IS NULL AND (? OR url = ?)"
            " AND (NOT ? OR EXISTS (SELECT 1 FROM statements WHERE capture = captures.id AND source <> 'embed'))"
            " ORDER BY captured_at, id LIMIT 1",
            (payload_digest, any_url, url, told),
        ).fetchone()
        return Original(*row) if row is not None else None

    def latest(self, url: str) -> Original | None:
        """The newest whole response of this URL."""
        latest = self._latest(url)
        return latest[0] if latest is not None else None

    def validators(self, url: str) -> list[tuple[str, str]]:
        """The headers of a conditional request for what was captured before: If-None-Match, If-Modified-Since; [] for a new URL.

        None where it was captured with the user's cookies: a server that forgets to tell readers apart would answer 304 to
        whoever is not logged in. (With cookies nothing is asked conditionally at all: see `Fetcher`.)
        """
        latest = self._latest(url)
        if latest is None:
            return []
        _, etag, last_modified, with_cookies = latest
        conditions = (("If-None-Match", etag), ("If-Modified-Since", last_modified))
        return [(name, value) for name, value in conditions if value and not with_cookies]

    def place(self, original: Original) -> tuple[str, int, int] | None:
        """WARC path, offset and length of a response."""
        row = self._database.execute(
            "SELECT w.path, c.offset, c.length FROM captures c JOIN warcs w ON w.id = c.warc"
            " WHERE c.record_id = ? AND c.url_key = ?",
            (original.record_id, url_key(original.url)),
        ).fetchone()
        return tuple(row) if row is not None else None

    def _latest(self, url: str) -> tuple[Original, str | None, str | None, bool] | None:
        """With its ETag and Last-Modified, and whether the user's cookies were sent."""
        row = self._database.execute(
            "SELECT record_id, url, captured_at, payload_digest, etag, last_modified, with_cookies FROM captures"
            " WHERE url_key = ? AND url = ? AND record_type = 'response'"
            " AND status = 200 AND truncated IS NULL AND payload_digest IS NOT NULL"
            " AND resource_type IS NOT 'xhr'"  # what a POST got, or a browser's script, is not what a GET would get
            " ORDER BY captured_at DESC, id DESC LIMIT 1",
            (url_key(url), url),
        ).fetchone()
        if row is None:
            return None
        record_id, found_url, captured_at, payload_digest, etag, last_modified, with_cookies = row
        return Original(record_id, found_url, captured_at, payload_digest), etag, last_modified, bool(with_cookies)

    # --- renders ----------------------------------------------------------------------------------------------------------

    def page_rendered(self, capture: Capture) -> bool:
        """Whether a page was rendered as it is now, be it well or badly: since its payload was first captured."""
        row = self._database.execute(
            "SELECT 1 FROM screenshots WHERE url_key = ?1 AND url = ?2 AND kind = 'fullPage' AND taken_at >= coalesce("
            "(SELECT min(captured_at) FROM captures WHERE url_key = ?1 AND url = ?2 AND payload_digest = ?3), '9') LIMIT 1",
            (url_key(capture.url), capture.url, capture.payload_digest),
        ).fetchone()
        return row is not None

    def post_rendered(self, ref: PostRef) -> bool:
        """Whether the post was rendered by itself, be it well or badly."""
        sql = "SELECT 1 FROM screenshots WHERE post = ? AND position IS NULL AND kind = 'embed' LIMIT 1"
        return self._database.execute(sql, (post_id(ref),)).fetchone() is not None

    def unrendered_posts(self) -> Iterator[PostRef]:
        """The embedded posts that were never rendered by themselves, and of which no platform said that they are gone."""
        rows = self._database.execute(
            "SELECT p.platform, p.post_id FROM posts p WHERE EXISTS (SELECT 1 FROM embeds WHERE post = p.id)"
            " AND NOT EXISTS (SELECT 1 FROM screenshots WHERE post = p.id AND position IS NULL AND kind = 'embed')"
            f" AND NOT EXISTS (SELECT 1 FROM statements WHERE post = p.id AND state IN ({_marks(_SETTLED)})) ORDER BY p.id",
            _SETTLED,
        ).fetchall()
        yield from (PostRef(*row) for row in rows)

    def unrendered_pages(self) -> Iterator[str]:
        """The pages that are rendered for what they embed, and were not since they last changed."""
        rows = self._database.execute(
            "SELECT p.url, v.is_listing, max(o.post_id) FROM pages p JOIN page_versions v ON v.id = p.version"
            " JOIN embeds e ON e.version = p.version LEFT JOIN posts o ON o.id = e.post WHERE NOT EXISTS"
            " (SELECT 1 FROM screenshots s WHERE s.url_key = p.url_key AND s.kind = 'fullPage' AND s.taken_at >= p.captured_at)"
            " GROUP BY p.id ORDER BY p.id"
        ).fetchall()
        yield from (url for url, is_listing, post in rows if shows_posts([post], is_listing=bool(is_listing)))

    def words(self, ref: PostRef) -> str | None:
        """What the post says, as far as it is known."""
        rows = self._database.execute("SELECT text FROM posts WHERE id = ?", (post_id(ref),))
        return next((text for (text,) in rows), None)

    def author(self, ref: PostRef) -> str | None:
        """The handle of its author, as far as it is known."""
        rows = self._database.execute("SELECT author FROM posts WHERE id = ?", (post_id(ref),))
        return next((author for (author,) in rows), None)

    def page_embedding(self, ref: PostRef) -> str | None:
        """The URL of the page that embeds the post in its newest version; of several one under https, then the latest."""
        row = self._database.execute(
            "SELECT p.url FROM embeds e JOIN page_versions v ON v.id = e.version"
            " JOIN pages p ON p.id = v.page AND p.version = v.id"
            " WHERE e.post = ? AND p.url LIKE 'http%' ORDER BY p.url LIKE 'https:%' DESC, p.captured_at DESC, p.id LIMIT 1",
            (post_id(ref),),
        ).fetchone()
        return row[0] if row is not None else None

    def embeds(self, url: str) -> tuple[Embed, ...]:
        """What the newest version of a page embeds, in document order."""
        rows = self._database.execute(
            "SELECT e.platform, p.post_id, p.url, e.kind, e.position, e.author, e.author_name, e.posted_at, e.text, e.short_links"
            " FROM embeds e LEFT JOIN posts p ON p.id = e.post WHERE e.version = (SELECT version FROM pages WHERE id = ?)"
            " ORDER BY e.position",
            (page_id(url),),
        )
        return tuple(
            Embed(
                platform=platform,
                post_id=number,
                url=post_url,
                kind=EmbedKind(kind),
                position=position,
                author=author,
                author_name=author_name,
                posted_at=posted_at,
                text=text,
                short_links=tuple(json.loads(short_links)),
            )
            for platform, number, post_url, kind, position, author, author_name, posted_at, text, short_links in rows
        )


def _marks(values: Sized) -> str:
    return ",".join("?" * len(values))
