"""The index against the WARC files, both ways: each row has its record, and each record its row."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from archiver.errors import NotAnArchive, StorageError
from archiver.ids import natural_id
from archiver.storage.files.paths import ArchivePaths
from archiver.storage.index.database import open_index_to_read
from archiver.storage.index.rows import warc_id
from archiver.tasks.verify.problems import FROM_BACKUP, REINDEX, Note, Problem, shortened
from archiver.tasks.verify.records import ReadRecord
from archiver.times import from_iso, to_warc_date

MAX_COMPLAINTS = 5  # of SQLite about one file; the remedy is the same for all
ROWS_AT_ONCE = 500
MAX_REPORTED = (
    50  # disagreements about one file; an index that belongs to other files disagrees about every record, with one remedy
)

# Rows by their places, which the index has no order for; in SQLite's own temporary file, as there may be millions.
_PLACES = """
CREATE TEMP TABLE places (warc, offset, capture, PRIMARY KEY (warc, offset, capture)) WITHOUT ROWID;
INSERT INTO places SELECT warc, offset, id FROM captures;
CREATE TEMP TABLE reached (path PRIMARY KEY, warc, indexed_to) WITHOUT ROWID;
INSERT INTO reached SELECT path, id, indexed_to FROM warcs;
"""
_ROWS = """
SELECT c.record_id, c.record_type, c.url, c.captured_at, c.payload_digest, c.refers_to, p.offset, c.length
FROM places p JOIN captures c ON c.id = p.capture WHERE p.warc = ? ORDER BY p.offset, c.id
"""
# In a foreign archive something of that name may be a view, which has no end.
_TABLES = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ('captures', 'warcs')"
_HELD_AT = "SELECT w.path, c.offset FROM captures c JOIN warcs w ON w.id = c.warc WHERE c.id = ?"


@dataclass(frozen=True, slots=True)
class IndexedCapture:
    """One capture, as the index has it."""

    record_id: str
    record_type: str
    url: str
    captured_at: str
    digest: str | None
    refers_to: str | None
    offset: int
    length: int


class IndexRows:
    """The index as it was at one moment, for reading. A missing or damaged one is a problem, and then has no rows."""

    def __init__(self, paths: ArchivePaths) -> None:
        self.problems: list[Problem] = []
        self.known = False
        """Whether the index can be asked."""
        self._database: sqlite3.Connection | None = None
        try:
            self._database = open_index_to_read(paths.index)
        except (NotAnArchive, StorageError) as error:
            what = "is not there, though there are WARC files" if not paths.index.exists() else str(error)
            self._report(what)
            return
        self.known = True
        with self._asked():
            self._database.row_factory = None
            self._check()
            # One moment for all: a crawl that runs beside this adds rows, and the sizes of files are taken later than this.
            if self.known:
                self._database.executescript(f"BEGIN; {_PLACES} COMMIT;")

    def _check(self) -> None:
        assert self._database is not None
        if self._database.execute(_TABLES).fetchone() != (2,):
            self._report("has no tables of captures and WARC files: it was not made by this program")
            self.known = False
            return
        complaints = self._database.execute(f"PRAGMA quick_check({MAX_COMPLAINTS})").fetchall()
        for (complaint,) in complaints if complaints != [("ok",)] else ():
            self._report(f"is damaged: {complaint}")
        self.known = not self.problems

    def files(self) -> list[str]:
        """The WARC files that it knows, relative to the data folder; not those outside of it."""
        with self._asked() as database:
            if database is not None:
                paths = (str(path) for (path,) in database.execute("SELECT path FROM reached ORDER BY path"))
                return [path for path in paths if "://" not in path and "#" not in path]
        return []

    def indexed_to(self, warc: str) -> int:
        """Up to which byte it knows a file; 0 where it does not."""
        with self._asked() as database:
            sql = "SELECT indexed_to FROM reached WHERE path = ?"
            return next((int(end) for (end,) in database.execute(sql, (warc,))), 0) if database is not None else 0
        return 0

    def count(self, warc: str) -> int:
        """How many captures of a file it has."""
        with self._asked() as database:
            sql = "SELECT count(*) FROM places WHERE warc = ?"
            return int(database.execute(sql, (warc_id(warc),)).fetchone()[0]) if database is not None else 0
        return 0

    def rows(self, warc: str) -> Iterator[IndexedCapture]:
        """The captures of a file by their places."""
        with self._asked() as database:
            if database is not None:
                found = database.execute(_ROWS, (warc_id(warc),))
                while some := found.fetchmany(ROWS_AT_ONCE):
                    yield from (IndexedCapture(*row) for row in some)

    def place_of(self, record_id: str) -> tuple[str, int] | None:
        """File and offset where it has a record; None where it has none of this id."""
        with self._asked() as database:
            row = database.execute(_HELD_AT, (natural_id("capture", record_id),)).fetchone() if database is not None else None
            if row is not None:
                path, offset = row
                return str(path), int(offset)
        return None

    def digest_of(self, record_id: str) -> str | None:
        """The payload digest of the capture with this record id; None where the index has none."""
        with self._asked() as database:
            sql = "SELECT payload_digest FROM captures WHERE id = ?"
            rows = database.execute(sql, (natural_id("capture", record_id),)) if database is not None else ()
            return next((digest for (digest,) in rows), None)
        return None

    def close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None

    @contextmanager
    def _asked(self) -> Iterator[sqlite3.Connection | None]:
        """Damage that comes to light is one problem, and the index is not asked again: the WARC files do not depend on it."""
        try:
            yield self._database if self.known else None
        except sqlite3.DatabaseError as error:
            if type(error) not in (sqlite3.DatabaseError, sqlite3.OperationalError):
                raise  # a mistake in our SQL
            self._report(f"cannot be read: {error}")
            self.known = False

    def _report(self, what: str) -> None:
        self.problems.append(Problem("index", "index.db", None, None, what, REINDEX))


class IndexComparison:
    """Compares one file's records with its rows, both in the order of their offsets."""

    def __init__(self, index: IndexRows, warc: str) -> None:
        self.problems: list[Problem] = []
        self.indexed_to = index.indexed_to(warc)
        self.waiting = 0
        """Records that the index will have: they lie behind what it has read."""
        self._index, self._warc = index, warc
        self._unreported = 0
        self._rows = index.rows(warc)
        self._row = next(self._rows, None)

    def take(self, record: ReadRecord) -> tuple[IndexedCapture | None, int]:
        """Compares all up to this record's end. Returns the row at its beginning, and how many lie in it: those of a damaged
        stretch are lost."""
        for row in self._rows_before(record.offset):
            self._no_record(row)
        here, count = None, 0
        for row in self._rows_before(record.end):
            count += 1
            if count == 1 and row.offset == record.offset:
                here = row
            elif record.readable:
                self._no_record(row)
        if not record.readable:
            return here, count
        if here is not None and not record.flaws:  # else its flaws are reported already
            self._compare(here, record)
        elif here is None and record.indexed and self._index.known:
            self._no_row(record)
        return here, count

    def finish(self, end: int, *, torn: bool) -> None:
        """The file has ended, at byte `end`. `torn`: within a record, which is reported already."""
        for row in self._rows_before(end):
            self._no_record(row)
        lost = self._rows_before(None)
        first = next(lost, None)
        if first is not None or (self.indexed_to > end and not torn):
            known = f"the file ends here, and the index knows it up to byte {self.indexed_to:,}"
            count, shown = sum(1 for _ in lost) + (first is not None), f", the first of {first.url}" if first is not None else ""
            what, record_id = f"{known}: {count:,} captures are lost{shown}", first.record_id if first is not None else None
            self.problems.append(Problem("warc", self._warc, end, record_id, shortened(what), FROM_BACKUP))
        if self._unreported:
            what = f"{self._unreported:,} more disagreements between the index and this file"
            self.problems.append(Problem("index", self._warc, None, None, what, REINDEX))

    def notes(self) -> Iterable[Note]:
        if self.waiting:
            many = f"{self.waiting:,} records are" if self.waiting > 1 else "1 record is"
            yield Note(self._warc, f"{many} not in the index yet: the next crawl does that")

    def _rows_before(self, end: int | None) -> Iterator[IndexedCapture]:
        while self._row is not None and (end is None or self._row.offset < end):
            row, self._row = self._row, next(self._rows, None)
            yield row

    def _no_row(self, record: ReadRecord) -> None:
        if record.offset >= self.indexed_to:
            self.waiting += 1
            return
        head = record.head
        assert head is not None  # it was read
        place = self._index.place_of(head.record_id)
        if place is None:
            what = f"the index does not know this {head.kind} of {head.url}"
            self._report(record.offset, head.record_id, what, REINDEX)
        else:
            what = f"the index has this record at another place: {place[0]}, byte {place[1]:,}"
            remedy = f"if one of the files is a copy, move it away; then {REINDEX}"
            self._report(record.offset, head.record_id, what, remedy)

    def _no_record(self, row: IndexedCapture) -> None:
        what = f"the index has a {row.record_type} of {row.url} here, and no record begins at this place"
        self._report(row.offset, row.record_id, what, REINDEX)

    def _compare(self, row: IndexedCapture, record: ReadRecord) -> None:
        head = record.head
        assert head is not None  # it was read
        date = to_warc_date(from_iso(head.get("WARC-Date") or ""))
        refers_to = head.get("WARC-Refers-To") if head.kind != "resource" else None
        fields = {
            "record id": (row.record_id, head.record_id),
            "type": (row.record_type, head.kind),
            "address": (row.url, head.url),
            "date": (row.captured_at, date),
            "payload digest": (row.digest, record.digest),
            "original": (row.refers_to, refers_to),
            "length": (row.length, record.segment.length),
        }
        for name, (indexed, stored) in fields.items():
            if indexed != stored:
                what = f"the index says that its {name} is {indexed}, and it is {stored}"
                self._report(record.offset, head.record_id, what, REINDEX)

    def _report(self, offset: int, record_id: str, what: str, remedy: str) -> None:
        if len(self.problems) >= MAX_REPORTED:
            self._unreported += 1
            return
        self.problems.append(Problem("index", self._warc, offset, shortened(record_id), shortened(what), remedy))
