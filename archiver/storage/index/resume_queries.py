"""Where in the archive the answers lie that earlier crawls of an unfinished run got: the look-ups in the index for that."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from archiver.model.findings import PostRef
from archiver.model.render import RenderStatus
from archiver.storage.index.rows import crawl_id, post_id
from archiver.urls import url_key

LASTING = frozenset({200, 203, 204, 301, 302, 303, 307, 308, 404, 410})
"""Statuses that say something about the thing itself, whoever asks. Not 403: a browser says on which page it wants a picture."""
# Of what the crawl itself asked: all but slow down, errors of servers, an answer that broke off.
_SAYS_SOMETHING = "c.status < 500 AND c.status <> 429 AND coalesce(c.truncated, '') <> 'disconnect'"
_LASTS = f"c.status IN ({','.join(map(str, sorted(LASTING)))}) AND c.truncated IS NULL"
_PLACE = (
    "SELECT w.path, c.offset, c.length, c.crawl FROM captures c JOIN warcs w ON w.id = c.warc"
    " WHERE c.url_key = ? AND c.url = ? AND c.record_type IN ('response', 'revisit')"
)


@dataclass(frozen=True, slots=True)
class EarlierAnswer:
    """Where a response or revisit record lies."""

    warc: str
    """Path relative to the data folder."""
    offset: int
    length: int
    crawl: str
    """The UUID of the crawl that recorded it."""


class Earlier:
    """Reads the index over the connection that it is given."""

    def __init__(self, database: sqlite3.Connection, crawls: Iterable[str]) -> None:
        """`crawls`: UUIDs."""
        self._database = database
        self._crawls = {crawl_id(uuid): uuid for uuid in crawls}
        self._among = f"crawl IN ({','.join('?' * len(self._crawls))})"

    def answer(
        self, url: str, resource_type: str, since: str, *, lasting: bool = False, with_cookies: bool = False
    ) -> EarlierAnswer | None:
        """The newest answer that these crawls had from `since` on (as WARC-Date has it) to a request of this type (as
        WARC-Resource-Type has it), made with the user's cookies or without. `lasting`: one that would be the same for others."""
        counts = _LASTS if lasting else _SAYS_SOMETHING
        sql = f"{_PLACE} AND c.{self._among} AND {counts} AND c.captured_at >= ? AND c.resource_type = ? AND c.with_cookies = ?"
        bound = (url_key(url), url, *self._crawls, since, resource_type, with_cookies)
        return self._place(f"{sql} ORDER BY c.captured_at DESC, c.id LIMIT 1", bound)

    def any_answer(self, url: str, since: str) -> EarlierAnswer | None:
        """The newest lasting answer to a request of any type without the user's cookies, for a browser that asks for it again."""
        sql = f"{_PLACE} AND c.{self._among} AND {_LASTS} AND c.captured_at >= ? AND NOT c.with_cookies"
        return self._place(f"{sql} ORDER BY c.captured_at DESC, c.id LIMIT 1", (url_key(url), url, *self._crawls, since))

    def drawn(self, url: str, post: PostRef | None, since: str) -> bool:
        """Whether they drew this page, or this post by itself, from `since` on, and came to the end of it."""
        sql = "SELECT 1 FROM renders WHERE url_key = ? AND url = ? AND post IS ? AND rendered_at >= ? AND ended <> ?"
        bound = (url_key(url), url, post_id(post) if post is not None else None, since, RenderStatus.FAILED.value, *self._crawls)
        return self._database.execute(f"{sql} AND {self._among} LIMIT 1", bound).fetchone() is not None

    def heard(self, url: str) -> list[EarlierAnswer]:
        """What a platform said of a post while they drew this page."""
        sql = (
            "SELECT w.path, c.offset, c.length, c.crawl FROM captures c JOIN warcs w ON w.id = c.warc"
            f" WHERE c.{self._among} AND c.page_visit IN"
            " (SELECT d.page_visit FROM screenshots s JOIN captures d ON d.id = s.capture"
            f" WHERE s.url_key = ? AND s.url = ? AND d.{self._among})"
            " AND EXISTS (SELECT 1 FROM statements WHERE capture = c.id AND source <> 'embed') ORDER BY c.captured_at, c.id"
        )
        rows = self._database.execute(sql, (*self._crawls, url_key(url), url, *self._crawls)).fetchall()
        return [self._found(row) for row in rows]

    def _place(self, sql: str, bound: tuple[object, ...]) -> EarlierAnswer | None:
        row = self._database.execute(sql, bound).fetchone()
        return self._found(row) if row is not None else None

    def _found(self, row: Any) -> EarlierAnswer:
        warc, offset, length, crawl = row
        return EarlierAnswer(warc, offset, length, self._crawls[crawl])
