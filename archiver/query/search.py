"""Searches posts and pages by their words."""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from archiver.query.archive import Archive
from archiver.storage.index import lookup
from archiver.storage.index.results import Found, found_embed, found_page, found_post
from archiver.storage.index.search import Hit, Query
from archiver.storage.index.search import search as search_index

_FOUND: dict[str, Callable[[sqlite3.Connection, int], Found | None]] = {
    "post": found_post,
    "embed": found_embed,
    "page": found_page,
}


@dataclass(frozen=True, slots=True)
class Match:
    """One result, with some of the text around the words."""

    found: Found
    snippet: str
    rank: float
    """bm25: the smaller, the better."""


def search(archive: Archive, query: Query) -> Iterator[Match]:
    """Best first. Raises `UsageError` for a query without a word that is wanted."""
    seen: set[tuple[str, int]] = set()
    for hit in search_index(archive.index, query):
        kind, row = _leads_to(archive, hit)
        if (kind, row) in seen:
            continue
        seen.add((kind, row))
        found = _FOUND[kind](archive.index, row)
        if found is not None:
            yield Match(found, hit.snippet, hit.rank)


def _leads_to(archive: Archive, hit: Hit) -> tuple[str, int]:
    """An embed that names its post only by a code counts as that post, once the code was resolved."""
    posts = lookup.posts_of_embed(archive.index, hit.row) if hit.kind == "embed" else ()
    return ("post", posts[0]) if posts else (hit.kind, hit.row)
