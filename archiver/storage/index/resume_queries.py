"""What a crawl that resumes a run asks the index: where the responses lie that earlier crawls of that run recorded."""

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


_Reply = tuple[str, int, EarlierAnswer]
"""When it was captured, the id of the capture, and where it lies."""


class ResumeQueries:
    """Reads the index over the connection that it is given."""

    def __init__(self, database: sqlite3.Connection, crawls: Iterable[str]) -> None:
        """`crawls`: UUIDs."""
        self._database = database
        self._crawls = {crawl_id(uuid): uuid for uuid in crawls}
        self._replies: dict[str, list[_Reply]] | None = None
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

    def rendered(self, url: str, post: PostRef | None, since: str) -> bool:
        """Whether they rendered this page, or this post by itself, from `since` on, and did not fail."""
        sql = "SELECT 1 FROM renders WHERE url_key = ? AND url = ? AND post IS ? AND rendered_at >= ? AND ended <> ?"
        bound = (url_key(url), url, post_id(post) if post is not None else None, since, RenderStatus.FAILED.value, *self._crawls)
        return self._database.execute(f"{sql} AND {self._among} LIMIT 1", bound).fetchone() is not None

    def platform_replies(self, url: str) -> list[EarlierAnswer]:
        """What platforms replied about posts while these crawls rendered this page, earliest first."""
        if self._replies is None:
            self._replies = self._replies_by_visit()
        visits = self._database.execute(
            "SELECT DISTINCT c.page_visit FROM screenshots s JOIN captures c ON c.id = s.capture"
            f" WHERE s.url_key = ? AND s.url = ? AND c.{self._among}",
            (url_key(url), url, *self._crawls),
        )
        replies = [reply for (visit,) in visits for reply in self._replies.get(visit, ())]
        return [answer for _, _, answer in sorted(replies, key=lambda reply: reply[:2])]

    def _replies_by_visit(self) -> "dict[str, list[_Reply]]":
        """All of these crawls, in one pass over the captures: those have no index by crawl or visit, and a pass a page took
        0.3 s where there are 420,000 captures (2026-11). The crawls are over, so nothing is added to them."""
        found: dict[str, list[_Reply]] = {}
        rows = self._database.execute(
            "SELECT c.page_visit, c.captured_at, c.id, w.path, c.offset, c.length, c.crawl FROM captures c"
            f" JOIN warcs w ON w.id = c.warc WHERE c.{self._among} AND c.page_visit IS NOT NULL"
            " AND EXISTS (SELECT 1 FROM statements WHERE capture = c.id AND source <> 'embed')",
            (*self._crawls,),
        )
        for visit, captured_at, capture, warc, offset, length, crawl in rows:
            found.setdefault(visit, []).append((captured_at, capture, EarlierAnswer(warc, offset, length, self._crawls[crawl])))
        return found

    def _place(self, sql: str, bound: tuple[object, ...]) -> EarlierAnswer | None:
        row = self._database.execute(sql, bound).fetchone()
        return self._found(row) if row is not None else None

    def _found(self, row: Any) -> EarlierAnswer:
        warc, offset, length, crawl = row
        return EarlierAnswer(warc, offset, length, self._crawls[crawl])
