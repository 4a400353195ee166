"""Finds the pages that `extract` is to read: in files, folders, WARC, ARC and WACZ files, and in what comes through a pipe."""

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from io import FileIO
from pathlib import Path
from typing import BinaryIO

from archiver.errors import BadRecord, UsageError
from archiver.storage.warc.reader import Choice, Gap, StoredRecord, records_in
from archiver.storage.warc.wacz import Wacz, file_of
from archiver.tasks.extract.file_types import SNIFF_BYTES, kind_of, no_text
from archiver.tasks.extract.jobs import GivenPage, Job, RecordedPage, SavedPage, Unread
from archiver.tasks.extract.linked_records import Originals, Revisits, Segments
from archiver.tasks.extract.record_types import hidden_html, may_be_page
from archiver.times import Clock
from archiver.wire.spool import CHUNK_BYTES

STANDARD_INPUT = "-"
MAX_PAGE_BYTES = 5_000_000  # as in `extraction.decode`, which takes 70 ms to import
MAX_DEPTH = 3  # of a WACZ in a WACZ in ...; Browsertrix puts those of a collection into one
MAX_BLOCK_BYTES = MAX_PAGE_BYTES + (2 << 20)  # a page with its head and with the framing of its chunks

OnProgress = Callable[[str, int, int], None]
"""Called with the file that is being read, how many bytes of it were read, and how many it has."""

CONTAINERS = ("warc", "zip")
"""Kinds of files that hold pages."""


class Sources:
    """Gives the pages of all its sources, in order."""

    def __init__(self, paths: Iterable[Path | str], standard_input: BinaryIO, clock: Clock, on_progress: OnProgress) -> None:
        """Raises `UsageError` for a URL, and for a path that is not there, cannot be opened or is no page: before anything is
        read."""
        self._paths = [str(path) for path in paths]
        self._standard_input = standard_input
        self._clock = clock
        self._on_progress = on_progress
        self._source = ""
        self._revisits = Revisits()
        self._segments = Segments(MAX_BLOCK_BYTES)
        self._originals: Originals | None = None
        self._hidden: Counter[str] = Counter()  # in the file that is being read, by what it is served as
        for path in self._paths:
            _refuse_unreadable(path)

    def __iter__(self) -> Iterator[Job | Unread]:
        """At last come pages that are in revisits alone, and segments without an end."""
        yield from self._all()
        for name, record in self._segments.incomplete():
            yield Unread(name, "has further segments, which are not in what was given")
            yield _page_of(name, record)
        for source, count in self._segments.without_beginning():
            yield Unread(source, f"has further segments of records whose first one was not given before them: {count:,}")
        if revisits := self._revisits.unresolved():
            self._originals = Originals(revisits)
            yield from (job for job in self._all() if isinstance(job, RecordedPage))
            yield from self._originals.missing()

    def _all(self) -> Iterator[Job | Unread]:
        for given in self._paths:
            path = Path(given)
            if self._originals is not None and not (path.is_file() or path.is_dir()):
                continue  # what comes through a pipe can be read once
            if given == STANDARD_INPUT:
                yield from self._in_pipe(given, self._standard_input)
            elif path.is_dir():
                for found in _files_below(path):
                    if isinstance(found, Unread):
                        yield found
                    else:
                        yield from self._in_file(found, _shown(found.relative_to(path)), path)
            elif path.is_file():
                yield from self._in_file(path, _shown(path.name), None)
            else:  # a pipe that the shell made: `extract <(curl ...)`
                yield from self._in_named_pipe(path)

    def _in_file(self, path: Path, source: str, folder: Path | None) -> Iterator[Job | Unread]:
        """A file is read as what it is; of a folder, only what is a page or holds pages."""
        try:
            with path.open("rb", buffering=0) as file:
                start = file.read(SNIFF_BYTES)
                kind = kind_of(path.name, start)
                if kind in CONTAINERS:
                    quiet = folder is not None and path.suffix.lower() != ".wacz"
                    yield from self._in_container(kind, file, source, quiet=quiet)
                elif kind == "page" or folder is None:
                    what = no_text(start)
                    yield SavedPage(source, path) if what is None else Unread(source, f"is no page, but {what}")
        except OSError as error:
            yield _unreadable(source, error)

    def _in_named_pipe(self, path: Path) -> Iterator[Job | Unread]:
        try:
            with path.open("rb") as stream:
                yield from self._in_pipe(_shown(path.name), stream)
        except OSError as error:
            yield _unreadable(_shown(path), error)

    def _in_pipe(self, source: str, stream: BinaryIO) -> Iterator[Job | Unread]:
        """What can be read only once: a page, or a WARC or WACZ, which is kept in an unnamed temporary file meanwhile."""
        start = stream.read(SNIFF_BYTES)
        kind = kind_of("", start)
        if kind not in CONTAINERS:
            if (what := no_text(start)) is not None:
                yield Unread(source, f"is no page, but {what}")
                return
            yield GivenPage(source, start + stream.read(MAX_PAGE_BYTES), self._clock())
            return
        try:
            with tempfile.TemporaryFile(prefix="archiver-", buffering=0) as file:
                while start:
                    file.write(start)
                    start = stream.read(CHUNK_BYTES)
                yield from self._in_container(kind, file, source)
        except OSError as error:
            yield _unreadable(source, error)

    def _in_container(self, kind: str, file: FileIO, source: str, *, quiet: bool = False) -> Iterator[Job | Unread]:
        size = file.seek(0, 2)
        if kind == "zip":
            yield from self._in_wacz(file, source, quiet)
        else:
            yield from self._in_warc(file, 0, size, source)

    def _in_wacz(self, file: FileIO, source: str, quiet: bool, depth: int = 0) -> Iterator[Job | Unread]:
        """`quiet`: a zip file that is no WACZ, as there are many in folders, is passed over. `depth`: in how many others it
        lies."""
        try:
            wacz = Wacz(file)
        except BadRecord as error:
            if not quiet:
                yield Unread(source, str(error))
            return
        if not (wacz.warcs or wacz.waczs):
            if not quiet:
                yield Unread(source, "holds no WARC files, so it is no WACZ: unpack it, and give the folder")
            return
        if wacz.damage is not None:
            yield Unread(source, wacz.damage)
        for member in (*wacz.warcs, *wacz.waczs):
            name = f"{source}#{_shown(member.filename)}"
            try:
                with wacz.opened(member) as stretch:
                    if member in wacz.warcs:
                        yield from self._in_warc(stretch.file, stretch.start, stretch.end, name)
                    elif depth < MAX_DEPTH:
                        yield from self._in_wacz(file_of(stretch), name, quiet=False, depth=depth + 1)
                    else:
                        yield Unread(name, "lies too deep in other WACZ files: unpack it, and give the file")
                    if stretch.damage is not None:
                        yield Unread(name, f"is damaged: {stretch.damage}")
            except BadRecord as error:
                yield Unread(name, str(error))
            except OSError as error:  # no room to unpack it
                yield _unreadable(name, error)

    def _in_warc(self, file: FileIO, start: int, end: int, source: str) -> Iterator[Job | Unread]:
        gaps: list[Gap] = []
        self._source = source
        if end == start:
            yield Unread(source, "is empty")
        for record in records_in(file, start, end, Choice(self._is_wanted, MAX_BLOCK_BYTES), gaps.append):
            yield from _gaps(source, start, gaps)
            self._on_progress(source, record.offset - start, end - start)
            name = record.url or f"{source}, the record at byte {record.offset - start:,}"
            if self._originals is not None:
                yield from self._originals.pages(record)
            elif record.record_type == "continuation":
                yield from (_page_of(*whole) for whole in self._segments.go_on(record))
            elif not self._segments.begin(name, record):
                yield _page_of(name, record)
        yield from _gaps(source, start, gaps)
        if self._hidden:
            kinds = ", ".join(f"{served_as or 'no type'}: {count:,}" for served_as, count in self._hidden.items())
            why = f"has HTML that is not served as a page, and was left aside ({kinds}): give it as a file to have it read"
            yield Unread(source, why, is_lost=False)
            self._hidden.clear()

    def _is_wanted(self, headers: Mapping[str, str], start: bytes) -> bool:
        kind = headers.get("warc-type")
        if self._originals is not None:
            if kind not in ("response", "resource") or not self._originals.is_one(headers):
                return False
            if not (wanted := may_be_page(headers, start)):
                self._originals.found(headers)
            return wanted
        if kind == "continuation":
            return self._segments.is_wanted(headers, self._source)
        if kind == "revisit":
            self._revisits.note(headers, start, self._source)
            return False
        wanted = may_be_page(headers, start)
        if wanted:
            self._revisits.page(headers)
        elif (served_as := hidden_html(headers, start)) is not None:
            self._hidden[served_as] += 1
        return wanted


def _page_of(name: str, record: StoredRecord) -> RecordedPage:
    return RecordedPage(name, record.record_type, record.headers, record.block.bytes())


def _gaps(source: str, start: int, gaps: list[Gap]) -> Iterator[Unread]:
    for gap in gaps:
        yield Unread(source, f"cannot be read from byte {gap.start - start:,} to byte {gap.end - start:,}: {gap.why}")
    gaps.clear()


def _refuse_unreadable(path: str) -> None:
    if path == STANDARD_INPUT:
        return
    if "://" in path:
        raise UsageError(f"{path} is a URL, and extract asks no network: save the page first, or `archiver crawl` it")
    try:
        if Path(path).is_dir():
            next(Path(path).iterdir(), None)
        elif Path(path).is_file():
            with Path(path).open("rb") as file:
                start = file.read(SNIFF_BYTES)
            if kind_of(Path(path).name, start) is None and (what := no_text(start)) is not None:
                raise UsageError(f"{path} is no page, but {what}. Give an HTML, WARC or WACZ file, or the folder")
        else:
            Path(path).stat()
    except OSError as error:
        why = f"{path} cannot be read ({error.strerror}). Give an HTML, WARC or WACZ file, a folder, or - for standard input"
        raise UsageError(why) from None


def _files_below(folder: Path) -> Iterator[Path | Unread]:
    """All files in a folder and its folders, by name on each floor. Links to folders are not followed: they may go round."""
    waiting = [folder]
    while waiting:
        path = waiting.pop()
        if path == folder or (path.is_dir() and not path.is_symlink()):
            try:
                waiting.extend(sorted(path.iterdir(), reverse=True))
            except OSError as error:
                yield _unreadable(_shown(path.relative_to(folder)), error)
        elif path.is_file():
            yield path


def _shown(path: Path | str) -> str:
    """A path as text that can be printed: names of files need not be UTF-8."""
    return os.fsencode(path).decode("utf-8", "replace")


def _unreadable(source: str, error: OSError) -> Unread:
    return Unread(source, f"cannot be read ({error.strerror or error})")
