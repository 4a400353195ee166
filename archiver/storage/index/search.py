"""Full text over posts, text-only embeds and pages, ranked by bm25."""

import re
import sqlite3
from dataclasses import dataclass

from archiver.errors import UsageError
from archiver.storage.index.listing import LAST
from archiver.storage.index.normalize import fold
from archiver.text import whole_characters

_TERM = re.compile(r'(?P<minus>-)?(?:"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+))')
# With the marks that a decomposed й or ї carries, as file names on macOS have them.
_WORD = re.compile(r"[\w\u0300-\u036f]+(?:['’ʼ`´‘′＇]+[\w\u0300-\u036f]+)*")
SNIPPET_CHARACTERS = 160
MAX_LIMIT = 2**63 - 1  # SQLite's largest number


@dataclass(frozen=True, slots=True)
class Query:
    """What was asked for: the words, and what narrows them down."""

    words: str
    platform: str | None = None
    author: str | None = None
    site: str | None = None
    """Host name of the page, or of a page that embeds the post."""
    since: str | None = None
    """A day or a UTC time without its Z, ISO 8601: of posts their own date, of pages theirs."""
    until: str | None = None
    """As `since`; the whole day or second is in."""
    limit: int = 20


@dataclass(frozen=True, slots=True)
class Hit:
    """A row of posts, embeds or pages, best first: the smaller `rank`, the better."""

    kind: str
    """post, embed or page."""
    row: int
    rank: float
    snippet: str


def match_expression(words: str) -> str:
    """FTS5's expression for what a person types: all words, "a phrase", -not, prefix*. Raises `UsageError` for nothing."""
    wanted: list[str] = []
    unwanted: list[str] = []
    for term in _TERM.finditer(words):
        text = term["phrase"] if term["phrase"] is not None else term["word"]
        prefix = term["phrase"] is None and text.endswith("*")
        tokens = [fold(token) for token in _WORD.findall(text)]
        if tokens:
            quoted = '"' + " ".join(tokens) + '"' + (" *" if prefix else "")
            (unwanted if term["minus"] else wanted).append(quoted)
    if not wanted:
        raise UsageError("search for at least one word that is wanted: archiver search Izyum -football")
    return " AND ".join(wanted) + "".join(f" NOT {term}" for term in unwanted)


def search(index: sqlite3.Connection, query: Query) -> list[Hit]:
    """The best hits of all kinds. Raises `UsageError` for words that say nothing."""
    if query.limit < 0:  # to SQLite that is no limit, to a slice the last ones
        raise UsageError(f"a limit of {query.limit} says nothing: give how many results are wanted")
    match = match_expression(query.words)
    hits = [*_posts(index, query, match), *_embeds(index, query, match)]
    if query.platform is None and query.author is None:
        hits += _pages(index, query, match)
    return sorted(hits, key=lambda hit: (hit.rank, hit.row))[: query.limit]


_EMBEDDED_AT = (
    "EXISTS (SELECT 1 FROM embeds e JOIN page_versions v ON v.id = e.version JOIN pages g ON g.id = v.page"
    " WHERE {join} AND (g.host = :site OR g.host = 'www.' || :site))"
)


def _posts(index: sqlite3.Connection, query: Query, match: str) -> list[Hit]:
    rows = index.execute(
        "SELECT p.id, bm25(posts_text, 1.0, 0.5), p.text FROM posts_text JOIN posts p ON p.id = posts_text.rowid"
        " WHERE posts_text MATCH :match AND (:platform IS NULL OR p.platform = :platform)"
        " AND (:author IS NULL OR p.author = :author COLLATE NOCASE)"
        " AND (:since IS NULL OR p.posted_at >= :since) AND (:until IS NULL OR p.posted_at <= :until)"
        f" AND (:site IS NULL OR {_EMBEDDED_AT.format(join='e.post = p.id')}) ORDER BY 2 LIMIT :limit",
        _bound(query, match),
    )
    return [Hit("post", post, rank, snippet(text or "", query.words)) for post, rank, text in rows]


def _embeds(index: sqlite3.Connection, query: Query, match: str) -> list[Hit]:
    rows = index.execute(
        "SELECT b.id, bm25(embeds_text, 1.0, 0.5), b.text FROM embeds_text JOIN embeds b ON b.id = embeds_text.rowid"
        " WHERE embeds_text MATCH :match AND (:platform IS NULL OR b.platform = :platform)"
        " AND (:author IS NULL OR b.author = :author COLLATE NOCASE)"
        " AND (:since IS NULL OR b.posted_at >= :since) AND (:until IS NULL OR b.posted_at <= :until)"
        f" AND (:site IS NULL OR {_EMBEDDED_AT.format(join='e.id = b.id')})"
        " ORDER BY 2 LIMIT :limit",
        _bound(query, match),
    )
    return [Hit("embed", embed, rank, snippet(text or "", query.words)) for embed, rank, text in rows]


def _pages(index: sqlite3.Connection, query: Query, match: str) -> list[Hit]:
    rows = index.execute(
        "SELECT g.id, bm25(pages_text, 4.0, 1.0), v.text, g.title FROM pages_text JOIN pages g ON g.id = pages_text.rowid"
        " JOIN page_versions v ON v.id = g.version WHERE pages_text MATCH :match"
        " AND (:since IS NULL OR g.published_at >= :since) AND (:until IS NULL OR g.published_at <= :until)"
        " AND (:site IS NULL OR g.host = :site OR g.host = 'www.' || :site) ORDER BY 2 LIMIT :limit",
        _bound(query, match),
    )
    return [Hit("page", page, rank, snippet(text or title or "", query.words)) for page, rank, text, title in rows]


def _bound(query: Query, match: str) -> dict[str, object]:
    texts = {
        "match": match,
        "platform": query.platform,
        "author": query.author.lstrip("@") if query.author else None,
        "site": query.site.lower().removeprefix("www.") if query.site else None,
        "since": query.since,
        "until": f"{query.until}{LAST}" if query.until is not None else None,
    }
    whole = {name: whole_characters(value) if value is not None else None for name, value in texts.items()}
    return {**whole, "limit": min(query.limit, MAX_LIMIT)}


def snippet(text: str, words: str) -> str:
    """Some of the original text around the first word that matches; its beginning where none does."""
    wanted = tuple(
        (fold(token), term["word"] is not None and term["word"].endswith("*"))
        for term in _TERM.finditer(words)
        if not term["minus"]
        for token in _WORD.findall(term["phrase"] or term["word"] or "")
    )
    place = next((match.start() for match in _WORD.finditer(text) if _matches(fold(match[0]), wanted)), 0)
    start = max(0, place - SNIPPET_CHARACTERS // 3)
    if start:
        start = text.find(" ", start, place) + 1 or start
    end = min(len(text), start + SNIPPET_CHARACTERS)
    if end < len(text):
        end = text.rfind(" ", start, end) if text.rfind(" ", start, end) > place else end
    return ("… " if start else "") + " ".join(text[start:end].split()) + (" …" if end < len(text) else "")


def _matches(token: str, wanted: tuple[tuple[str, bool], ...]) -> bool:
    return any(token.startswith(term) if prefix else token == term for term, prefix in wanted)
