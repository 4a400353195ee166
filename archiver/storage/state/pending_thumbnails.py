"""Crawls whose pictures may still lack thumbnails: they run, or were killed or interrupted. A table of state.db."""

from collections.abc import Iterable
from pathlib import Path

from archiver.storage.state.database import writing

_SCHEMA = "CREATE TABLE IF NOT EXISTS thumbnails_due (crawl TEXT PRIMARY KEY)  -- UUID"


def add(state: Path, crawl: str) -> tuple[str, ...]:
    """For the holder of the archive's lock, before its crawl captures anything. Returns the UUIDs of all crawls that are due,
    this one and earlier ones. Raises `StorageError`."""
    with writing(state, _SCHEMA) as database:
        database.execute("INSERT OR IGNORE INTO thumbnails_due VALUES (?)", (crawl,))
        return tuple(due for (due,) in database.execute("SELECT crawl FROM thumbnails_due"))


def made(state: Path, crawls: Iterable[str]) -> None:
    """Theirs are made. Raises `StorageError`."""
    with writing(state, _SCHEMA) as database:
        database.executemany("DELETE FROM thumbnails_due WHERE crawl = ?", [(crawl,) for crawl in crawls])
