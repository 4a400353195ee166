"""The index: opening it, bringing its format up to date, and writing rows in one transaction."""

import os
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from archiver.errors import NewerFormat, StorageError
from archiver.model.exchange import Capture, Crawl, Failure
from archiver.model.findings import Findings
from archiver.model.render import Drawn, RenderEnd
from archiver.storage.index.merge import merge_pages, merge_posts
from archiver.storage.index.rows import (
    EXTRACTOR,
    Rows,
    crawl_id,
    crawl_row,
    drawn_rows,
    failure_row,
    render_rows,
    rows_of,
    warc_id,
)

BUSY_SECONDS = 30.0  # readers never wait in WAL mode; this is for a checkpoint or a second program that writes by hand
CACHE_KIB = 16_384

# In the order that foreign keys want. Rows that are there already are the same rows: ids come from what they say.
_TABLES = (
    "captures", "media", "media_payloads", "picture_bands", "posts", "page_versions", "page_pictures", "embeds", "linked_posts",
    "statements", "links", "embeds_text", "screenshots", "renders",
)  # fmt: skip
_COLUMNS = {
    "captures": 21, "media": 9, "media_payloads": 2, "picture_bands": 2, "posts": 9, "page_versions": 19, "page_pictures": 7,
    "embeds": 14, "linked_posts": 2, "statements": 16, "links": 4, "screenshots": 14, "renders": 9,
}  # fmt: skip
# The same payload of one URL twice: the earlier capture is the version's, whichever was read first.
# Dates are read with the time of the capture in mind, and a charset may stand in its headers.
_VERSION_FIELDS = (
    "capture", "captured_at", "canonical_url", "title", "author", "published_at", "modified_at", "language", "site_name",
    "description", "tags", "comments", "is_listing", "text",
)  # fmt: skip
_EARLIER = (
    " ON CONFLICT (id) DO UPDATE SET "
    + ", ".join(f"{field} = excluded.{field}" for field in _VERSION_FIELDS)
    + " WHERE (excluded.captured_at, excluded.capture) < (page_versions.captured_at, page_versions.capture)"
)
# A file that an older version indexed gets what it had not read.
_ADDED = ("pdq", "pdq_trimmed", "exif")
_COMPLETED = " ON CONFLICT (id) DO UPDATE SET " + ", ".join(f"{field} = coalesce({field}, excluded.{field})" for field in _ADDED)
_CONFLICTS = {"page_versions": _EARLIER, "media": _COMPLETED}


def migrations() -> list[tuple[int, str]]:
    """The numbered SQL files, in order. They are never edited once released."""
    folder = resources.files("archiver.storage.index") / "migrations"
    files = sorted(item.name for item in folder.iterdir() if item.name.endswith(".sql"))
    return [(int(name.split("_")[0]), (folder / name).read_text(encoding="utf-8")) for name in files]


def open_index(path: Path, *, safe: bool = True) -> sqlite3.Connection:
    """Opens the index for writing, making or migrating it as needed. `safe=False` is for a file that is swapped in when whole.

    Raises `NewerFormat` where a newer program made it, `StorageError` where it cannot be written.
    """
    try:
        # One thread at a time: `IndexWriter.write` may be called in another one.
        database = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        with _closed_on_error(database):
            _prepare(database, safe)
            _migrate(database, path)
    except sqlite3.OperationalError as error:
        raise StorageError(f"cannot write {path}: {error}. Is the folder writable, is there room?") from error
    except sqlite3.DatabaseError as error:
        raise StorageError(f"{path} is damaged ({error}): `archiver reindex` makes it anew from the WARC files") from error
    return database


def open_index_to_read(path: Path) -> sqlite3.Connection:
    """Opens the index for reading only; writers are not disturbed. Raises `NewerFormat`, `StorageError`."""
    if path.exists() and not path.is_file():  # in an archive from elsewhere: a pipe would be waited for
        raise StorageError(f"cannot read {path}: it is no regular file. `archiver reindex` makes it anew, once it is moved away")
    try:
        database = sqlite3.connect(uri_to_read(path), uri=True, timeout=BUSY_SECONDS, isolation_level=None)
        with _closed_on_error(database):
            version = database.execute("PRAGMA user_version").fetchone()[0]
            _refuse_newer(version, path)
            if version < migrations()[-1][0]:
                # A crawl brings the format up to date and does not read again what it holds.
                told = "has an older format, or is empty: `archiver reindex` makes it anew from the WARC files"
                raise StorageError(f"{path} {told}")
    except sqlite3.DatabaseError as error:
        raise StorageError(f"cannot read {path}: {error}. `archiver reindex` makes it anew from the WARC files") from error
    database.row_factory = sqlite3.Row
    return database


def uri_to_read(path: Path) -> str:
    """On a disk that is read-only SQLite cannot make the files that readers share; there nobody writes, and none is needed."""
    nobody_writes = not os.access(path.parent, os.W_OK) and not path.with_name(f"{path.name}-wal").exists()
    return f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if nobody_writes else ''}"


@contextmanager
def _closed_on_error(database: sqlite3.Connection) -> Iterator[None]:
    """A connection that is left open in the middle of something locks everybody out."""
    try:
        yield
    except BaseException:
        database.close()
        raise


def _prepare(database: sqlite3.Connection, safe: bool) -> None:
    import sqlite_utils  # takes 0.1 s to import, which `find` does without  # noqa: PLC0415

    database.executescript(f"PRAGMA cache_size = -{CACHE_KIB}; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;")
    if safe:
        sqlite_utils.Database(database).enable_wal()
        database.execute("PRAGMA synchronous = NORMAL")
    else:
        database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")


def _migrate(database: sqlite3.Connection, path: Path) -> None:
    version = database.execute("PRAGMA user_version").fetchone()[0]
    _refuse_newer(version, path)
    steps = [f"{script}\nPRAGMA user_version = {number};" for number, script in migrations() if number > version]
    if version == 0:
        steps.append(f"UPDATE made_by SET extractor = '{EXTRACTOR}';")
    if steps:  # all or nothing: a new index that was killed half-way would take itself for an old one
        database.executescript("\n".join(["BEGIN;", *steps, "COMMIT;"]))


def _refuse_newer(version: int, path: Path) -> None:
    newest = migrations()[-1][0]
    if version > newest:
        raise NewerFormat(
            f"{path} has format {version}, this program knows up to {newest}: upgrade embed-archiver, or move the file away"
            " and run `archiver reindex`"
        )


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

    def add_resource(self, capture: Capture, drawn: Drawn | None) -> None:
        """A resource record of a render: a screenshot, or something else (then `drawn` is None)."""
        made = drawn_rows(capture, drawn)
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
        held = self._batch.indexed_to.get(warc, (None, 0))
        self._batch.indexed_to[warc] = (crawl_id(crawl_uuid) or held[0], max(offset, held[1]))

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
            told = "What was recorded is safe in the WARC files: make room if the disk is full, then the same command goes on"
            raise StorageError(f"cannot write the index: {error}. {told}") from error

    def _write(self, batch: Batch) -> None:
        rows, database = batch.rows, self.database
        _insert(database, "crawls", rows.get("crawls", ()), 8)
        database.executemany("UPDATE crawls SET finished_at = ?, outcome = ? WHERE id = ?", batch.outcomes)
        database.executemany(
            "INSERT INTO warcs VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
            " indexed_to = max(indexed_to, excluded.indexed_to), crawl = coalesce(crawl, excluded.crawl)",
            [(warc_id(path), path, crawl, offset) for path, (crawl, offset) in batch.indexed_to.items()],
        )
        _insert(database, "failures", rows.get("failures", ()), 7)
        for table in _TABLES:
            if table == "embeds_text":
                _insert_texts(database, rows.get(table, ()))
            elif table in rows:
                _insert(database, table, rows[table], _COLUMNS[table], _CONFLICTS.get(table, ""))
        merge_posts(database, {row[1] for row in rows.get("statements", ())})
        pages = {row[1] for row in rows.get("page_versions", ())}
        merge_pages(database, pages)

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
    texts = (value for rows in made.values() for row in rows for value in row if isinstance(value, str))
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        return False
    return True


def _insert(database: sqlite3.Connection, table: str, rows: Iterable[tuple[Any, ...]], columns: int, conflict: str = "") -> None:
    marks = ",".join("?" * columns)
    database.executemany(f"INSERT {'' if conflict else 'OR IGNORE '}INTO {table} VALUES ({marks}){conflict}", rows)


def _insert_texts(database: sqlite3.Connection, rows: Iterable[tuple[Any, ...]]) -> None:
    """Full-text tables know no unique keys, so what is there already is looked up."""
    for rowid, text, author in rows:
        if database.execute("SELECT 1 FROM embeds_text WHERE rowid = ?", (rowid,)).fetchone() is None:
            database.execute("INSERT INTO embeds_text (rowid, text, author) VALUES (?, ?, ?)", (rowid, text, author))
