"""What an archive holds already: questions a crawl asks before it asks the network."""

import sqlite3
from collections.abc import Iterable

from archiver.records import PostRef, PostState, Source
from archiver.storage.rows import post_id
from archiver.urls import url_key

# A platform's answer after which a crawl asks no more. What is gone may come back: looking again is the work of liveness checks.
_SETTLED = tuple(state.value for state in PostState if state not in (PostState.LIVE, PostState.TOMBSTONE))


class Held:
    """Reads the index; sees what is committed."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def any_of(self, urls: Iterable[str]) -> bool:
        """Whether one of these addresses was captured whole (200, or a redirect that leads on)."""
        return any(
            self._database.execute(
                "SELECT 1 FROM captures WHERE url_key = ? AND url = ? AND status IN (200, 301, 302) AND truncated IS NULL LIMIT 1",
                (url_key(url), url),
            ).fetchone()
            for url in urls
        )

    def post(self, ref: PostRef) -> bool:
        """Whether the post is complete: its platform told all it tells, or said that it is not there."""
        marks = ",".join("?" * len(_SETTLED))
        return (
            self._database.execute(
                f"SELECT 1 FROM statements WHERE post = ? AND ((source = ? AND state = ?) OR state IN ({marks})) LIMIT 1",
                (post_id(ref), Source.SYNDICATION.value, PostState.LIVE.value, *_SETTLED),
            ).fetchone()
            is not None
        )
