"""Writes rows into index.db: collected one by one, inserted many in one transaction."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import astuple

from archiver.errors import StorageError
from archiver.model.exchange import Capture, Crawl, Failure
from archiver.model.findings import Findings, PostState
from archiver.model.render import RenderEnd, ScreenshotRecord
from archiver.storage.index.merge import merge_pages, merge_posts
from archiver.storage.index.rows import Rows, crawl_id, crawl_row, failure_row, render_rows, resource_rows, rows_of, warc_id
from archiver.storage.index.tables import TABLES, EmbedTextRow, WarcRow, insert_sql

# The same payload of one URL twice: the earlier capture is the version's, whichever was read first. Dates are read with the time
# of the capture in mind, and a charset may stand in its headers.
_OF_THE_EARLIEST_CAPTURE = (
    "capture", "captured_at", "canonical_url", "title", "author", "published_at", "modified_at", "language", "site_name",
    "description", "tags", "comments", "is_listing", "text",
)  # fmt: skip
_EARLIEST_CAPTURE = (
    "ON CONFLICT (id) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _OF_THE_EARLIEST_CAPTURE)
    + " WHERE (excluded.captured_at, excluded.capture) < (page_versions.captured_at, page_versions.capture)"
)
# A file that an older version indexed gets what that version did not read.
_READ_SINCE_FORMAT_2 = ("pdq", "pdq_trimmed", "exif")
_COMPLETED = "ON CONFLICT (id) DO UPDATE SET " + ", ".join(
    f"{name} = coalesce({name}, excluded.{name})" for name in _READ_SINCE_FORMAT_2
)
_REACHED = (
    "ON CONFLICT (id) DO UPDATE SET indexed_to = max(indexed_to, excluded.indexed_to), crawl = coalesce(crawl, excluded.crawl)"
)
_CONFLICTS = {"page_versions": _EARLIEST_CAPTURE, "media": _COMPLETED, "warcs": _REACHED}
# Whichever came first: the host's "not found" of one post, or its answer for another that is live.
_NOT_FOUND_IS_GONE = (
    "UPDATE statements SET state = 'gone' WHERE state = 'not_found' AND EXISTS ("
    " SELECT 1 FROM captures c JOIN answering_hosts a ON a.crawl = coalesce(c.crawl, 0)"
    " AND a.host = substr(c.url_key, 1, instr(replace(c.url_key, '?', '/') || '/', '/') - 1)"
    " WHERE c.id = statements.capture)"
)
# All others are there already, as equal rows: ids come from natural keys. Full-text tables know no unique keys.
_INSERTS = {table: insert_sql(table, _CONFLICTS.get(table, "")) for table in TABLES}


@dataclass(slots=True)
class Batch:
    """Rows for one transaction."""

    rows: Rows = field(default_factory=lambda: defaultdict(list))
    indexed_to: dict[str, tuple[int | None, int]] = field(default_factory=dict)
    """WARC path -> crawl, offset."""
    outcomes: list[tuple[Any, ...]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.rows or self.indexed_to or self.outcomes)


class IndexWriter:
    """Collects rows and writes them in one transaction at `commit`. What is not committed is found again in the WARC files.

    `take` and `write` are the two halves of `commit`: another thread may `write` while this one collects.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        self.database = database
        self._batch = Batch()

    # --- collecting -------------------------------------------------------------------------------------------------------

    def add_crawl(self, crawl: Crawl) -> None:
        self._batch.rows["crawls"].append(crawl_row(crawl))

    def add_outcome(self, crawl_uuid: str, finished_at: str, outcome: str) -> None:
        self._batch.outcomes.append((finished_at, outcome, crawl_id(crawl_uuid)))

    def add_failure(self, failure: Failure, crawl_uuid: str | None) -> None:
        self._batch.rows["failures"].append(failure_row(failure, crawl_uuid))

    def add(self, capture: Capture, findings: Findings) -> None:
        made = rows_of(capture, findings)
        if not _writable(made):  # one record must never keep all others out of the index
            made = rows_of(capture, Findings(unreadable="its text is no valid Unicode"))
        self._extend(made)

    def add_resource(self, capture: Capture, drawn: ScreenshotRecord | None) -> None:
        """A resource record of a render: a screenshot, or something else (then `drawn` is None)."""
        made = resource_rows(capture, drawn)
        if _writable(made):  # a URL of another program's record may hold anything
            self._extend(made)

    def add_render(self, end: RenderEnd, crawl_uuid: str | None) -> None:
        made = render_rows(end, crawl_uuid)
        if _writable(made):
            self._extend(made)

    def _extend(self, made: Rows) -> None:
        for table, rows in made.items():
            self._batch.rows[table] += rows

    def reached(self, warc: str, crawl_uuid: str | None, offset: int) -> None:
        """Up to where this WARC file is indexed, once the next commit is through."""
        crawl, end = self._batch.indexed_to.get(warc, (None, 0))
        self._batch.indexed_to[warc] = (crawl_id(crawl_uuid) or crawl, max(offset, end))

    # --- writing ----------------------------------------------------------------------------------------------------------

    def commit(self) -> None:
        """One transaction for all that was collected. Raises `StorageError` (full, not writable); nothing is half written."""
        self.write(self.take())

    def take(self) -> Batch:
        """What was collected so far; collecting begins anew."""
        batch, self._batch = self._batch, Batch()
        return batch

    def write(self, batch: Batch) -> None:
        """One transaction. Raises `StorageError`; then nothing of the batch is written, and nothing later may be."""
        if not batch:
            return
        try:
            self.database.execute("BEGIN IMMEDIATE")
            try:
                self._write(batch)
                self.database.execute("COMMIT")
            except BaseException:
                if self.database.in_transaction:  # after some errors (a full disk, EIO) SQLite has rolled back by itself
                    self.database.execute("ROLLBACK")
                raise
        except sqlite3.DatabaseError as error:
            if type(error) not in (sqlite3.OperationalError, sqlite3.DatabaseError):
                raise  # a mistake of ours, not of the disk
            remedy = "What was recorded is safe in the WARC files: make room if the disk is full, then the same command goes on"
            raise StorageError(f"cannot write the index: {error}. {remedy}") from error

    def _write(self, batch: Batch) -> None:
        rows, database = batch.rows, self.database
        if batch.indexed_to:
            rows["warcs"] = [WarcRow(warc_id(path), path, crawl, end) for path, (crawl, end) in batch.indexed_to.items()]
        for table, insert in _INSERTS.items():
            if table == "embeds_text":
                _insert_texts(database, rows.get(table, ()))
            elif table in rows:
                database.executemany(insert, map(astuple, rows[table]))
        if rows.get("answering_hosts") or any(row.state == PostState.NOT_FOUND for row in rows.get("statements", ())):
            database.execute(_NOT_FOUND_IS_GONE)
        database.executemany("UPDATE crawls SET finished_at = ?, outcome = ? WHERE id = ?", batch.outcomes)
        merge_posts(database, {statement.post for statement in rows.get("statements", ())})
        merge_pages(database, {version.page for version in rows.get("page_versions", ())})

    # --- what a writer has to know ----------------------------------------------------------------------------------------

    def indexed_to(self) -> dict[str, int]:
        """WARC path -> up to which byte it is indexed."""
        return dict(self.database.execute("SELECT path, indexed_to FROM warcs").fetchall())

    def unindexed(self, sizes: Mapping[str, int]) -> Iterator[tuple[str, int]]:
        """The WARC files that have more bytes than the index knows of, each with where to go on."""
        known = self.indexed_to()
        yield from ((path, known.get(path, 0)) for path, size in sorted(sizes.items()) if size > known.get(path, 0))


def _writable(made: Rows) -> bool:
    """Whether SQLite takes all texts: halves of characters cannot be written as UTF-8."""
    texts = (value for rows in made.values() for row in rows for value in astuple(row) if isinstance(value, str))
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        return False
    return True


def _insert_texts(database: sqlite3.Connection, rows: Iterable[EmbedTextRow]) -> None:
    """Full-text tables know no unique keys, so what is there already is looked up."""
    for row in rows:
        if database.execute("SELECT 1 FROM embeds_text WHERE rowid = ?", (row.rowid,)).fetchone() is None:
            database.execute(_INSERTS["embeds_text"], astuple(row))
