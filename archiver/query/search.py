"""Searches posts and pages by their words."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from archiver.storage.index import lookup
from archiver.storage.index.results import Result, read_embed, read_page, read_post
from archiver.storage.index.search import Hit, Query
from archiver.storage.index.search import search as search_index


@dataclass(frozen=True, slots=True)
class SearchResult:
    """One result of a search, with some of the text around the words."""

    result: Result
    snippet: str
    rank: float
    """bm25: the smaller, the better."""

    def to_json(self) -> dict[str, Any]:
        """A line of `archiver search --json`, as docs/scripts.md has it."""
        return self.result.to_json() | {"snippet": self.snippet, "rank": self.rank}


def search(index: sqlite3.Connection, query: Query) -> Iterator[SearchResult]:
    """Best first. The index is asked at once, and what was hit is read one by one. Raises `UsageError` for a query without a
    word that is wanted."""
    return _results(index, search_index(index, query))


def _results(index: sqlite3.Connection, hits: list[Hit]) -> Iterator[SearchResult]:
    seen: set[tuple[str, int]] = set()
    for hit in hits:
        kind, row = _leads_to(index, hit)
        if (kind, row) in seen:
            continue
        seen.add((kind, row))
        result = _read(index, kind, row)
        if result is not None:
            yield SearchResult(result, hit.snippet, hit.rank)


def _leads_to(index: sqlite3.Connection, hit: Hit) -> tuple[str, int]:
    """An embed that names its post only by a code counts as that post, once the code was resolved."""
    posts = lookup.posts_of_embed(index, hit.row) if hit.kind == "embed" else ()
    return ("post", posts[0]) if posts else (hit.kind, hit.row)


def _read(index: sqlite3.Connection, kind: str, row: int) -> Result | None:
    if kind == "post":
        return read_post(index, row)
    return read_embed(index, row) if kind == "embed" else read_page(index, row)
