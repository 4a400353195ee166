"""One WARC file against all that is known of it: its own digests, its seal, the index, the records that belong together."""

import stat
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from archiver.ids import natural_id
from archiver.model.render import Preview
from archiver.storage.warc.manifests import FileSeal
from archiver.storage.warc.validator import HashedFile
from archiver.tasks.verify.index import IndexComparison, IndexedCapture, IndexRows
from archiver.tasks.verify.problems import FROM_BACKUP, MAX_TEXT, Note, Problem, shortened
from archiver.tasks.verify.records import ReadRecord, validated_records

GZIP_HEADER_BYTES = 10
MAX_NAMED = 5  # members whose gzip headers differ, on one line
MAX_REPORTED = 1_000  # problems of one file; a file of nothing but damage has millions, with one remedy
MAX_IDS = 1_000_000  # of the records of one file, 65 MB; ours have some 100,000
MAX_PREVIEWS = 100_000  # that one file names; ours some thousands
MAX_GZIP_HEADERS = 1_000  # that differ; ours are all the same
KEEP = "nothing can repair it; the file may be whole in a backup: archiver repair --from BACKUP"

Advance = Callable[[int], None]
"""Called with the number of bytes of the file that were read."""


@dataclass(slots=True)
class FileResult:
    """What was found in one file."""

    records: int = 0
    bytes: int = 0
    problems: list[Problem] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    previews: list[tuple[Preview, int]] = field(default_factory=list)
    """WebPs that its records name, each with the offset of that record."""


def verify_file(path: Path, warc: str, size: int, seal: FileSeal | None, index: IndexRows, advance: Advance) -> FileResult:
    """Looks at the first `size` bytes: a crawl may be writing behind them. What cannot be read is a problem, never an error."""
    check = _FileCheck(warc, seal, index)
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise OSError(None, "it is no regular file")
        with path.open("rb", buffering=0) as file:
            source = HashedFile(file, size)
            check.read(source, advance)
            check.compare_seal(source)
    except OSError as error:
        what = f"cannot be read: {error.strerror or error}"
        check.report("warc", check.result.bytes or None, None, what, f"look after the disk, then {FROM_BACKUP}")
    return check.result


class _FileCheck:
    def __init__(self, warc: str, seal: FileSeal | None, index: IndexRows) -> None:
        self.result = FileResult()
        self._warc, self._seal = warc, seal
        self._index, self._rows = index, IndexComparison(index, warc)
        self._record_ids = _RecordIds()
        self._unreported = 0

    def report(self, kind: str, offset: int | None, record_id: str | None, what: str, remedy: str) -> None:
        if len(self.result.problems) >= MAX_REPORTED:
            self._unreported += 1
            return
        named = shortened(record_id) if record_id is not None else None
        self.result.problems.append(Problem(kind, self._warc, offset, named, shortened(what), remedy))

    def read(self, source: HashedFile, advance: Advance) -> None:
        """All records. Raises `OSError`."""
        torn = False
        for record in validated_records(source):
            (here, count), torn = self._rows.take(record), record.segment.torn
            if self._is_tail(record, source.end):
                self._note_tail(record)
            elif record.flaws:
                self._report_flaws(record, here, count)
            if record.readable and record.head is not None:
                self.result.records += 1
                self._record_ids.add(record)
                self._check_original(record)
            self._keep_previews(record)
            self.result.bytes += record.segment.length
            advance(record.end)
        self._rows.finish(source.end, torn=torn)
        self.result.problems += self._rows.problems
        self.result.notes += self._rows.notes()
        for offset, record_id, what in self._record_ids.problems():
            self.report("warc", offset, record_id, what, KEEP)
        if self._record_ids.is_full:
            what = f"has more than {MAX_IDS:,} records: whether an id is there twice was seen of so many only"
            self.result.notes.append(Note(self._warc, what))
        if self._unreported:
            what = f"{self._unreported:,} more problems in this file"
            self.result.problems.append(Problem("warc", self._warc, None, None, what, FROM_BACKUP if self._seal else KEEP))
        if self._record_ids.last_is_alone:
            self.result.notes.append(Note(self._warc, "its last response has no request: a crawl was killed before it had that"))

    def _keep_previews(self, record: ReadRecord) -> None:
        for preview in record.previews:
            if len(self.result.previews) < MAX_PREVIEWS and len(preview.path) + len(preview.of) <= MAX_TEXT:
                self.result.previews.append((preview, record.offset))
            else:
                self.report("warc", record.offset, None, "it names a screenshot's file as no record of ours does", KEEP)

    def _is_tail(self, record: ReadRecord, end: int) -> bool:
        """What a killed crawl leaves behind what it had made safe, or one that runs has not written to its end."""
        if record.readable or record.end < end or self._seal is not None:
            return False
        return record.offset >= self._rows.indexed_to if self._index.known else record.segment.torn

    def _note_tail(self, record: ReadRecord) -> None:
        what = (
            f"its last {record.segment.length:,} bytes, from byte {record.offset:,} on, are no whole record: of a crawl that runs"
        )
        kept = "or was killed; in that case the next one moves them to torn/"
        self.result.notes.append(Note(self._warc, f"{what}: {kept}"))

    def _report_flaws(self, record: ReadRecord, here: IndexedCapture | None, count: int) -> None:
        self._record_ids.damaged = True
        # The index is asked first: a damaged record's own head may be what is damaged.
        record_id = here.record_id if here is not None else record.head.record_id if record.head is not None else None
        for flaw in record.flaws:
            lost = f"; {count:,} captures are in these {record.segment.length:,} bytes" if count > 1 else ""
            shown = f" ({here.record_type} of {here.url})" if here is not None else ""
            self.report("warc", record.offset, record_id, f"{flaw}{shown}{lost}", FROM_BACKUP if self._seal else KEEP)

    def _check_original(self, record: ReadRecord) -> None:
        """A revisit is worth what it refers to."""
        head = record.head
        if head is None or head.kind != "revisit" or not self._index.known or record.offset >= self._rows.indexed_to:
            return
        original = head.get("WARC-Refers-To")
        digest = self._index.digest_of(original) if original else None
        if digest is None:
            what = f"it repeats {original or 'no record that it names'}, which is not in this archive"
            self.report("warc", record.offset, head.record_id, what, f"its file is missing: {FROM_BACKUP}")
        elif record.digest is not None and digest != record.digest:
            what = f"it repeats {original}, whose payload is {digest}, and says {record.digest}"
            self.report("warc", record.offset, head.record_id, what, KEEP)

    def compare_seal(self, source: HashedFile) -> None:
        """The whole file as it was sealed. Raises `OSError`."""
        seal = self._seal
        if seal is None:
            return
        whole = source.file.seek(0, 2) == seal.bytes and source.sha256() == seal.sha256
        problems = self.result.problems
        if whole:
            same = f"; the file is the one that {seal.manifest} seals, so it was like this when that was made"
            problems[:] = [replace(one, what=one.what + same) if one.kind == "warc" else one for one in problems]
            return
        problems[:] = [replace(one, remedy=FROM_BACKUP) for one in problems]
        if not any(one.kind == "warc" for one in problems):
            self.report("manifest", *self._unseen(source, seal), FROM_BACKUP)

    def _unseen(self, source: HashedFile, seal: FileSeal) -> tuple[int | None, None, str]:
        """How the file differs from the sealed one, though all its records are good: the offset, as far as it can be found, and
        words."""
        size = source.file.seek(0, 2)
        if size != seal.bytes:
            what = f"has {size:,} bytes, and {seal.bytes:,} when {seal.manifest} sealed it; what is there reads well"
            return min(size, seal.bytes), None, what
        odd = _odd_members(source)
        where = f", of the gzip header at byte {', '.join(f'{offset:,}' for offset in odd[:MAX_NAMED])}" if odd else ""
        what = f"its sha256 is not the one in {seal.manifest}, and all its records read well: the change is in bytes of no record"
        return (odd[0] if odd else None), None, f"{what}{where or ' (a gzip header, or unused bits behind the data)'}"


def _odd_members(source: HashedFile) -> list[int]:
    """Offsets of the members whose gzip headers are not as those of most: flags, time and system say nothing of a record."""
    counts: Counter[bytes] = Counter()
    first: dict[bytes, list[int]] = {}
    for record in validated_records(source):
        source.file.seek(record.offset)
        header = source.file.read(GZIP_HEADER_BYTES) or b""
        if header in counts or len(counts) < MAX_GZIP_HEADERS:
            counts[header] += 1
            first.setdefault(header, []).extend([record.offset] if counts[header] <= MAX_NAMED else [])
    usual = counts.most_common(1)[0][0] if counts else b""
    return sorted(offset for header, offsets in first.items() if header != usual for offset in offsets)


class _RecordIds:
    """Record ids of one file: each is there once, and records that were made together name each other."""

    def __init__(self) -> None:
        self.damaged = False
        """Whether a record of the file cannot be read: a record that seems missing may have been that one."""
        self.is_full = False
        """There are more records than ids are kept of: the others are not compared."""
        self._ids: set[int] = set()
        self._twice: list[tuple[int, str]] = []
        self._missing: dict[int, tuple[int, str, str, str]] = {}
        self._last = 0

    def add(self, record: ReadRecord) -> None:
        head = record.head
        assert head is not None  # it was read
        self._last = record.offset
        number = _number_of(head.record_id)
        if number in self._ids and len(self._twice) < MAX_REPORTED:
            self._twice.append((record.offset, shortened(head.record_id)))
        if len(self._ids) >= MAX_IDS:
            self.is_full = True
            return
        self._ids.add(number)
        self._missing.pop(number, None)
        if head.kind in ("request", "response", "revisit"):
            for other in head.all("WARC-Concurrent-To"):
                if _number_of(other) not in self._ids and len(self._missing) < MAX_REPORTED:
                    missing = (record.offset, shortened(head.record_id), head.kind, shortened(other))
                    self._missing[_number_of(other)] = missing

    @property
    def last_is_alone(self) -> bool:
        """A kill between two records leaves the first, and what follows was cut off."""
        return any(offset == self._last for offset, *_ in self._missing.values()) and not self.is_full

    def problems(self) -> Iterator[tuple[int, str, str]]:
        """Offset, id, and what is wrong."""
        for offset, record_id in self._twice:
            yield offset, record_id, "a record before it in this file has the same id"
        for offset, record_id, kind, other in self._missing.values():
            if not (self.damaged or self.is_full) and offset != self._last:
                yield offset, record_id, f"this {kind} was made together with {other}, which is not in the file"


def _number_of(record_id: str) -> int:
    """Stands for it in little memory, whatever its length."""
    return natural_id("capture", record_id)
