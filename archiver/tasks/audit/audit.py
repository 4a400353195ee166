"""Assesses how well each post and page was captured, from 0 to 1, and requeues those that can be improved.

A part counts only where it can be had: what a platform's reply about a post leaves out is no fault of the archive, nor is the
screenshot of a post that was gone before it could be rendered. Words always count: what the raw page says of a post is as good as
what its platform says, and where neither kept them they are lost.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from archiver.query.archive import Archive
from archiver.query.find import file_named, hits_for, hits_of_file
from archiver.storage.index import audit_queries, lookup
from archiver.storage.index.audit_queries import PageFacts, PostFacts
from archiver.storage.index.lookup import Hits
from archiver.storage.state import requeue_list
from archiver.storage.state.requeue_list import PAGE, POST, RequeueCounts, Requeued
from archiver.tasks.audit.page import assess_page
from archiver.tasks.audit.post import assess_post
from archiver.tasks.audit.reasons import Assessment
from archiver.tasks.audit.refusals import EarlierRenders
from archiver.times import Clock, to_warc_date, utc_now

# A post that lacks nothing but its author or date has 0.9, as has a page that lacks nothing but its title.
MINIMUM = 0.9


@dataclass(slots=True)
class QualityCounts:
    """Counts of the assessments of all posts, or of all pages."""

    count: int = 0
    bad: int = 0
    """Below the minimum, or with something that can be improved."""
    mendable: int = 0
    total: float = field(default=0.0, repr=False)

    @property
    def mean(self) -> float | None:
        """The mean of all figures; None where there are none."""
        return round(self.total / self.count, 4) if self.count else None

    def add(self, one: Assessment, bad: bool) -> None:
        self.count += 1
        self.total += one.figure
        self.bad += bad
        self.mendable += one.mendable


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit found. Lives as long as the `with` block of `audited`."""

    posts: QualityCounts
    pages: QualityCounts
    minimum: float
    unknown: tuple[str, ...]
    """References that nothing was found for."""
    _worst: sqlite3.Connection = field(repr=False)

    def bad(self) -> Iterator[Assessment]:
        """Worst first; of equals pages first, as improving a page improves its posts."""
        for (content,) in self._worst.execute("SELECT content FROM bad ORDER BY figure, kind, url"):
            fields: dict[str, Any] = json.loads(content)
            yield Assessment(**{**fields, "reasons": tuple(fields["reasons"])})


@contextmanager
def audited(archive: Archive, references: Iterable[str] = (), minimum: float = MINIMUM) -> Iterator[Audit]:
    """An audit of all posts and pages, or of those that `references` lead to. Raises nothing for figures, however bad."""
    hits = {}
    for reference in references:
        path = file_named(reference)
        hits[reference] = hits_for(archive.index, reference) if path is None else hits_of_file(archive.index, path)
    unknown = tuple(reference for reference, found in hits.items() if not found)
    earlier = EarlierRenders(archive.index, archive.paths.data_dir)
    everything = _of_hits(archive.index, sum(hits.values(), Hits()), earlier) if hits else _of_all(archive.index, earlier)
    # There may be a million bad ones, in no order: a file of SQLite's without a name sorts them, and goes by itself.
    with closing(sqlite3.connect("", isolation_level=None)) as worst:
        worst.execute("CREATE TABLE bad (figure REAL, kind TEXT, url TEXT, content TEXT)")
        worst.execute("BEGIN")
        audit = Audit(QualityCounts(), QualityCounts(), minimum, unknown, worst)
        worst.executemany("INSERT INTO bad VALUES (?, ?, ?, ?)", _bad_rows(everything, audit))
        worst.execute("COMMIT")
        yield audit


def requeue(archive: Archive, audit: Audit, clock: Clock = utc_now) -> RequeueCounts:
    """Requeues what can be improved. Returns how many wait now, those of earlier audits included. Raises `StorageError`."""
    at = to_warc_date(clock())
    again = (Requeued(one.url, at, one.platform, one.post_id, one.asks, one.draws) for one in audit.bad() if one.mendable)
    requeue_list.put(archive.paths.state, again)
    return requeue_list.count(archive.paths.state)


def _bad_rows(everything: Iterable[Assessment], audit: Audit) -> Iterator[tuple[float, str, str, str]]:
    tallies = {POST: audit.posts, PAGE: audit.pages}
    for one in everything:
        bad = one.mendable or one.figure < audit.minimum
        tallies[one.kind].add(one, bad)
        if bad:
            yield (
                one.figure,
                one.kind,
                one.url,
                json.dumps({name: getattr(one, name) for name in Assessment.__slots__}, ensure_ascii=False),
            )


def _of_all(index: sqlite3.Connection, earlier: EarlierRenders) -> Iterator[Assessment]:
    return _assessed(audit_queries.all_pages(index), audit_queries.all_posts(index), earlier)


def _assessed(pages: Iterable[PageFacts], posts: Iterable[PostFacts], earlier: EarlierRenders) -> Iterator[Assessment]:
    return chain(map(assess_page, map(earlier.of_page, pages)), map(assess_post, map(earlier.of_post, posts)))


def _of_hits(index: sqlite3.Connection, hits: Hits, earlier: EarlierRenders) -> Iterator[Assessment]:
    """The text-only embeds among them stand for the posts that their codes lead to."""
    posts = dict.fromkeys((*hits.posts, *(post for embed in hits.embeds for post in lookup.posts_of_embed(index, embed))))
    return _assessed(audit_queries.pages_of(index, hits.pages), audit_queries.posts_of(index, posts), earlier)
