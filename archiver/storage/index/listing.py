"""Lists the posts, pages, embeds and captures that filters let through: their row ids, in the order of time.

All ids at once, 8 bytes each, and not rows one by one: a cursor that is left open for an hour would keep a crawl that writes
meanwhile from emptying its write-ahead log.
"""

import sqlite3
from array import array
from dataclasses import dataclass

from archiver.text import whole_characters
from archiver.urls import host_of, url_key

LAST = "\U0010ffff"  # behind every other character


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a list down; None lets everything through."""

    platform: str | None = None
    author: str | None = None
    """A handle, with or without @, in any case."""
    site: str | None = None
    """A host name or an address of it; `www.` makes no difference."""
    url_prefix: str | None = None
    """The beginning of an address. As in look-ups, scheme and `www.` make no difference."""
    since: str | None = None
    """A day or a UTC time, ISO 8601; texts of this order and later ones pass."""
    until: str | None = None
    """As `since`; the whole day or second is in."""


def list_posts(index: sqlite3.Connection, filters: Filters) -> "array[int]":
    """By `posted_at`; those without a date last, and only where no time is asked for. `site` and `url_prefix` are of pages that
    embed the post."""
    conditions = [
        *_equal(filters, "p"),
        *_between(filters, "p.posted_at"),
    ]
    if filters.site is not None or filters.url_prefix is not None:
        of_page = " AND ".join(_of_page(filters))
        conditions.append(
            "EXISTS (SELECT 1 FROM embeds e JOIN page_versions v ON v.id = e.version JOIN pages g ON g.id = v.page"
            f" WHERE e.post = p.id AND {of_page})"
        )
    return _ids(index, f"SELECT p.id FROM posts p {_where(conditions)} ORDER BY p.posted_at IS NULL, p.posted_at, p.id", filters)


def list_pages(index: sqlite3.Connection, filters: Filters) -> "array[int]":
    """By `published_at`; those without a date last, and only where no time is asked for."""
    conditions = [
        *(["g.author = :author COLLATE NOCASE"] if filters.author is not None else []),
        *_of_page(filters),
        *_between(filters, "g.published_at"),
    ]
    sql = f"SELECT g.id FROM pages g {_where(conditions)} ORDER BY g.published_at IS NULL, g.published_at, g.id"
    return _ids(index, sql, filters)


def list_embeds(index: sqlite3.Connection, filters: Filters) -> "array[int]":
    """By when the version of the page was captured, then in document order. `since` and `until` are of `posted_at`, and with
    `author` of the embed's own words or, where it has none, of its post."""
    conditions = [
        *(["e.platform = :platform"] if filters.platform is not None else []),
        *(["coalesce(e.author, p.author) = :author COLLATE NOCASE"] if filters.author is not None else []),
        *_of_page(filters),
        *_between(filters, "coalesce(e.posted_at, p.posted_at)"),
    ]
    sql = (
        "SELECT e.id FROM embeds e JOIN page_versions v ON v.id = e.version JOIN pages g ON g.id = v.page"
        f" LEFT JOIN posts p ON p.id = e.post {_where(conditions)} ORDER BY v.captured_at, v.id, e.position"
    )
    return _ids(index, sql, filters)


def list_captures(index: sqlite3.Connection, filters: Filters, url: str | None = None) -> "array[int]":
    """By `captured_at`, which `since` and `until` are of. `url`: of this address alone, as `url_key` understands it."""
    conditions = [
        *(["c.url_key = :url_key"] if url is not None else []),
        *([_within_site("c.url_key")] if filters.site is not None else []),
        *([_PREFIX.format(key="c.url_key")] if filters.url_prefix is not None else []),
        *_between(filters, "c.captured_at"),
    ]
    sql = f"SELECT c.id FROM captures c {_where(conditions)} ORDER BY c.captured_at, c.id"
    return _ids(index, sql, filters, url_key=url_key(url) if url is not None else None)


_PREFIX = "({key} = :whole OR ({key} >= :prefix AND {key} < :prefix_end))"


def _equal(filters: Filters, table: str) -> list[str]:
    conditions = [f"{table}.platform = :platform"] if filters.platform is not None else []
    return [*conditions, *([f"{table}.author = :author COLLATE NOCASE"] if filters.author is not None else [])]


def _between(filters: Filters, column: str) -> list[str]:
    conditions = [f"{column} >= :since"] if filters.since is not None else []
    return [*conditions, *([f"{column} <= :until"] if filters.until is not None else [])]


def _of_page(filters: Filters) -> list[str]:
    """Of `pages g`."""
    conditions = ["(g.host = :site OR g.host = 'www.' || :site)"] if filters.site is not None else []
    return [*conditions, *([_PREFIX.format(key="g.url_key")] if filters.url_prefix is not None else [])]


def _within_site(key: str) -> str:
    """Keys begin with the host; a path, port or query follows. Each range is from that sign up to the next one of ASCII."""
    ranges = (f"({key} >= :site || '{sign}' AND {key} < :site || '{chr(ord(sign) + 1)}')" for sign in "/:?")
    return f"({key} = :site OR {' OR '.join(ranges)})"


def _where(conditions: list[str]) -> str:
    return f"WHERE {' AND '.join(conditions)}" if conditions else ""


def _ids(index: sqlite3.Connection, sql: str, filters: Filters, **bound: str | None) -> "array[int]":
    prefix = filters.url_prefix
    if prefix is not None:
        key = url_key(prefix if "://" in prefix else f"https://{prefix}")
        bound["whole"] = key  # `https://blog.example/2022/` lets the page of that address through, and none of `/2022-old/`
        bound["prefix"] = begins = f"{key}/" if prefix.endswith("/") else key
        bound["prefix_end"] = begins + LAST
    bound |= {
        "platform": filters.platform,
        "author": filters.author.removeprefix("@") if filters.author is not None else None,
        "site": _host(filters.site) if filters.site is not None else None,
        "since": filters.since,
        "until": f"{filters.until}{LAST}" if filters.until is not None else None,
    }
    whole = {name: whole_characters(value) if value is not None else None for name, value in bound.items()}
    return array("q", (row_id for (row_id,) in index.execute(sql, whole)))


def _host(site: str) -> str:
    return host_of(site if "://" in site else f"https://{site}").removeprefix("www.")
