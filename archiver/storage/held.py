"""What an archive holds already: questions a crawl asks before it asks the network."""

import sqlite3
from collections.abc import Iterable
from typing import Any

from archiver.findings import PostRef, PostState
from archiver.platforms import platform_named
from archiver.storage.rows import post_id
from archiver.storage.warc_writer import Original
from archiver.urls import url_key

# A platform's answer after which a crawl asks no more. What is gone may come back: looking again is the work of liveness checks.
_SETTLED = tuple(state.value for state in PostState if state not in (PostState.LIVE, PostState.TOMBSTONE))

_LEADS_ON = (200, 301, 302, 303, 307, 308)  # RFC 9110, 15.4: the redirects that have a Location


class Held:
    """Reads the index over a connection of its own; sees what is committed."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def file(self, urls: Iterable[str]) -> bool:
        """Whether what lies at one of these addresses was captured whole. A redirect is not what lies behind it."""
        return any(self._answered(url, (200,)) for url in urls)

    def short_link(self, url: str) -> bool:
        """Whether it is known where a short link leads: it redirected, or told in a page (as t.co does for browsers)."""
        return self._answered(url, _LEADS_ON)

    def _answered(self, url: str, statuses: tuple[int, ...]) -> bool:
        marks = ",".join("?" * len(statuses))
        sql = f"SELECT 1 FROM captures WHERE url_key = ? AND url = ? AND status IN ({marks}) AND truncated IS NULL LIMIT 1"
        return self._database.execute(sql, (url_key(url), url, *statuses)).fetchone() is not None

    def post(self, ref: PostRef) -> bool:
        """Whether the post is complete: its platform told all it tells, or said that it is not there."""
        platform = platform_named(ref.platform)
        telling = tuple(source.value for source in platform.telling) if platform is not None else ()
        sources, settled = (",".join("?" * len(values)) for values in (telling, _SETTLED))
        sql = (
            f"SELECT 1 FROM statements WHERE post = ? AND ((state = ? AND source IN ({sources})) OR state IN ({settled})) LIMIT 1"
        )
        bound = (post_id(ref), PostState.LIVE.value, *telling, *_SETTLED)
        return self._database.execute(sql, bound).fetchone() is not None

    def original(self, payload_digest: str, url: str, *, any_url: bool) -> Original | None:
        """The earliest whole response with this payload; of the same URL, unless `any_url`."""
        row = self._database.execute(
            "SELECT record_id, url, captured_at, payload_digest FROM captures WHERE payload_digest = ?"
            " AND record_type = 'response'"
            " AND status = 200 AND truncated IS NULL AND (? OR url = ?) ORDER BY captured_at, id LIMIT 1",
            (payload_digest, any_url, url),
        ).fetchone()
        return Original(*row) if row is not None else None

    def latest(self, url: str) -> Original | None:
        """The newest whole response of this URL."""
        row = self._latest(url)
        return Original(*row[:4]) if row is not None else None

    def validators(self, url: str) -> list[tuple[str, str]]:
        """The headers of a conditional request for what is held: If-None-Match, If-Modified-Since; [] for a new URL."""
        row = self._latest(url)
        names = ("If-None-Match", "If-Modified-Since")
        return [(name, value) for name, value in zip(names, row[4:], strict=True) if value] if row is not None else []

    def place(self, original: Original) -> tuple[str, int, int] | None:
        """WARC path, offset and length of a response."""
        row = self._database.execute(
            "SELECT w.path, c.offset, c.length FROM captures c JOIN warcs w ON w.id = c.warc"
            " WHERE c.record_id = ? AND c.url_key = ?",
            (original.record_id, url_key(original.url)),
        ).fetchone()
        return (row[0], row[1], row[2]) if row is not None else None

    def _latest(self, url: str) -> tuple[Any, ...] | None:
        row = self._database.execute(
            "SELECT record_id, url, captured_at, payload_digest, etag, last_modified FROM captures WHERE url_key = ? AND url = ?"
            " AND record_type = 'response'"
            " AND status = 200 AND truncated IS NULL AND payload_digest IS NOT NULL"
            " ORDER BY captured_at DESC, id DESC LIMIT 1",
            (url_key(url), url),
        ).fetchone()
        return tuple(row) if row is not None else None
