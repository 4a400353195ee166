"""Posts and pages that an audit requeued: the next crawl or render of this archive does them again. A table of state.db."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from archiver.ids import natural_id
from archiver.model.findings import PostRef
from archiver.storage.state.database import reading, writing
from archiver.urls import url_key

POST = "post"
PAGE = "page"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS requeued (
  key INTEGER PRIMARY KEY,        -- one of each post and page
  kind TEXT NOT NULL,             -- post, page
  platform TEXT,
  post_id TEXT,
  url TEXT NOT NULL,
  asks INTEGER NOT NULL,          -- 1: a host is to be asked; 0: nothing but rendering is left to do
  draws INTEGER NOT NULL,         -- 1: a browser is to render it
  at TEXT NOT NULL                -- when it was requeued, as in WARC-Date
)
"""
# What is requeued once more is not settled by a run that began with the older entry: see `settle`.
_PUT = """
INSERT INTO requeued VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (key) DO UPDATE SET url = excluded.url, asks = excluded.asks, draws = excluded.draws, at = excluded.at
"""
_COLUMNS = "url, at, platform, post_id, asks, draws"


@dataclass(frozen=True, slots=True)
class Requeued:
    """One post or page that is to be done again."""

    url: str
    """The post's canonical URL, or the page's address."""
    at: str
    """When it was requeued: UTC, as in WARC-Date."""
    platform: str | None = None
    """None for a page."""
    post_id: str | None = None
    asks: bool = True
    """Whether a host is to be asked; False where a render alone would mend it."""
    draws: bool = True
    """Whether a browser is to render it."""

    @property
    def kind(self) -> str:
        """`post` or `page`."""
        return POST if self.post is not None else PAGE

    @property
    def post(self) -> PostRef | None:
        return PostRef(self.platform, self.post_id) if self.platform is not None and self.post_id is not None else None

    @property
    def key(self) -> int:
        name = (self.platform, self.post_id) if self.platform is not None and self.post_id is not None else (url_key(self.url),)
        return natural_id("requeued", self.kind, *name)


@dataclass(frozen=True, slots=True)
class RequeueCounts:
    """How many posts and pages are in the list."""

    posts: int = 0
    pages: int = 0


def put(state: Path, items: Iterable[Requeued]) -> int:
    """Adds them, in one transaction; what is in the list already gets the newer time and remedies. Returns how many were given.

    Raises `StorageError` where state.db cannot be written.
    """
    rows = ((item.key, item.kind, item.platform, item.post_id, item.url, item.asks, item.draws, item.at) for item in items)
    with writing(state, _SCHEMA) as database:
        before = database.total_changes
        database.executemany(_PUT, rows)
        return database.total_changes - before


def pending(state: Path) -> Iterator[Requeued]:
    """All of the list, oldest first, read one by one. Reading takes nothing away: see `settle`. Raises `StorageError`."""
    with reading(state, "requeued") as database:
        if database is not None:
            rows = database.execute(f"SELECT {_COLUMNS} FROM requeued ORDER BY at, key")
            for url, at, platform, post_id, asks, draws in rows:
                yield Requeued(url, at, platform, post_id, asks=bool(asks), draws=bool(draws))


def among(state: Path, keys: Iterable[int]) -> set[int]:
    """Those of these keys that are in the list. Raises `StorageError`."""
    with reading(state, "requeued") as database:
        if database is None:
            return set()
        sql = "SELECT key FROM requeued WHERE key IN (SELECT value FROM json_each(?))"
        return {key for (key,) in database.execute(sql, (json.dumps(list(keys)),))}


def settle(state: Path, items: Iterable[Requeued], asked: Iterable[Requeued] = ()) -> None:
    """Takes `items` away, as they have been done or cannot be; of `asked`, nothing but rendering is left to do.

    What was requeued again in the meantime stays as it is. Raises `StorageError`.
    """
    with writing(state, _SCHEMA) as database:
        for sql, settled in (("DELETE FROM requeued", items), ("UPDATE requeued SET asks = 0", asked)):
            database.executemany(f"{sql} WHERE key = ? AND at = ?", ((item.key, item.at) for item in settled))


def count(state: Path) -> RequeueCounts:
    """How many posts and pages are in the list. Raises `StorageError` where state.db cannot be read."""
    with reading(state, "requeued") as database:
        if database is None:
            return RequeueCounts()
        rows = dict(database.execute("SELECT kind, count(*) FROM requeued GROUP BY kind").fetchall())
    return RequeueCounts(rows.get(POST, 0), rows.get(PAGE, 0))
