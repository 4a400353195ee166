"""Records that are not whole by themselves: revisits, whose body lies in another record, and records in several segments."""

import mimetypes
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from archiver.errors import NotHttp
from archiver.model.exchange import ResourceType
from archiver.storage.warc.reader import StoredRecord
from archiver.tasks.extract.jobs import RecordedPage, Unread
from archiver.tasks.extract.record_types import http_head, is_page_head

MAX_SEGMENTED = 64  # records whose further segments are awaited; they lie in memory


@dataclass(frozen=True, slots=True)
class Revisit:
    """A revisit record that may stand for a page."""

    source: str
    url: str
    date: str
    keys: tuple[int, ...]
    """Of the record that it repeats: any one of its keys."""
    repeats: str
    """The same in words."""


class Revisits:
    """Those of all files that are given. A page that was read under the same address needs no second look; the others are looked
    for when all files have been read once."""

    def __init__(self) -> None:
        self._urls: set[int] = set()
        self._noted: list[Revisit] = []

    def page(self, headers: Mapping[str, str]) -> None:
        self._urls.add(hash(_url(headers)))

    def note(self, headers: Mapping[str, str], start: bytes, source: str) -> None:
        """A revisit record; passed over where it is none of a page."""
        if _may_be_of_page(headers, start):
            target, date = headers.get("warc-refers-to-target-uri", "").strip("<>"), headers.get("warc-refers-to-date", "")
            original = headers.get("warc-refers-to") or headers.get("warc-payload-digest") or "none that it names"
            words = f"{target} of {date}" if target else original
            keys = _keys(headers.get("warc-refers-to"), headers.get("warc-payload-digest"), target, date)
            self._noted.append(Revisit(source, _url(headers), headers.get("warc-date", ""), keys, words))

    def unresolved(self) -> list[Revisit]:
        """Those whose page was not read under the same address."""
        return [revisit for revisit in self._noted if hash(revisit.url) not in self._urls]


class Originals:
    """What revisits repeat, looked for in a second reading."""

    def __init__(self, revisits: list[Revisit]) -> None:
        self._by_key: dict[int, list[Revisit]] = {}
        self._missing = dict.fromkeys(revisits)
        for revisit in revisits:
            for key in revisit.keys:
                self._by_key.setdefault(key, []).append(revisit)

    def is_one(self, headers: Mapping[str, str]) -> bool:
        return bool(self._of(headers))

    def _of(self, headers: Mapping[str, str]) -> list[Revisit]:
        keys = _keys(
            headers.get("warc-record-id"), headers.get("warc-payload-digest"), _url(headers), headers.get("warc-date", "")
        )
        return list(dict.fromkeys(revisit for key in keys for revisit in self._by_key.get(key, ()) if revisit in self._missing))

    def found(self, headers: Mapping[str, str]) -> None:
        """The record is no page, so its revisits are none."""
        for revisit in self._of(headers):
            del self._missing[revisit]

    def pages(self, record: StoredRecord) -> Iterator[RecordedPage]:
        """The record under the address and date of each of its revisits."""
        for revisit in self._of(record.headers):
            del self._missing[revisit]
            headers = {**record.headers, "warc-target-uri": revisit.url, "warc-date": revisit.date}
            yield RecordedPage(revisit.url or revisit.source, record.record_type, headers, record.block.bytes())

    def missing(self) -> Iterator[Unread]:
        for revisit in self._missing:
            why = f"is a revisit of a record that is not in what was given ({revisit.repeats})"
            yield Unread(revisit.url or revisit.source, why)


def _keys(record_id: str | None, digest: str | None, url: str, date: str) -> tuple[int, ...]:
    named: list[tuple[str, ...]] = []
    if record_id:
        named.append(("id", record_id.strip("<>")))
    if digest and ":" in digest:
        named.append(("digest", digest.replace("-", "").lower()))
    if url and date:
        named.append(("at", url, date))
    return tuple(map(hash, named))


def _url(headers: Mapping[str, str]) -> str:
    return headers.get("warc-target-uri", "").strip("<>")


def _may_be_of_page(headers: Mapping[str, str], start: bytes) -> bool:
    """By its HTTP head, where it has one with a type; else by its address."""
    if headers.get("warc-resource-type", ResourceType.DOCUMENT) != ResourceType.DOCUMENT:
        return False
    try:
        head = http_head(start)
    except NotHttp:
        head = None
    if head is not None and head.status != 304 and (head.get("Content-Type") or head.status >= 300):
        return is_page_head(head)
    try:
        url = urlsplit(_url(headers))
    except ValueError:
        return False
    kind = headers.get("warc-identified-payload-type") or mimetypes.guess_type(url.path)[0] or "html"
    return url.scheme.lower() in ("http", "https") and "html" in kind and not url.path.endswith("robots.txt")


class Segments:
    """Records that were cut because they would have made a file too long (WARC/1.1, 8)."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._begun: dict[str, tuple[str, StoredRecord]] = {}
        self._without_beginning: Counter[str] = Counter()

    def is_wanted(self, headers: Mapping[str, str], source: str) -> bool:
        """Whether a further segment belongs to a record that was begun; those that do not are counted by their source."""
        begun = headers.get("warc-segment-origin-id", "") in self._begun
        self._without_beginning[source] += not begun
        return begun

    def without_beginning(self) -> Iterator[tuple[str, int]]:
        """The sources with further segments of records whose first one did not come before, and how many."""
        yield from ((source, count) for source, count in self._without_beginning.items() if count)
        self._without_beginning.clear()

    def begin(self, name: str, record: StoredRecord) -> bool:
        """Keeps a record that is a first segment. False: it is whole."""
        if record.get("WARC-Segment-Number") != "1" or not record.record_id or len(self._begun) >= MAX_SEGMENTED:
            return False
        self._begun[record.record_id] = name, record
        return True

    def go_on(self, record: StoredRecord) -> Iterator[tuple[str, StoredRecord]]:
        """Adds a segment; gives the record, with its name, where that was the last one."""
        origin = record.get("WARC-Segment-Origin-ID") or ""
        name, first = self._begun[origin]
        room = self._most_bytes - len(first.block)
        if room > 0:
            first.block.write(record.block.bytes(0, room))
        if record.get("WARC-Segment-Total-Length") is not None:
            del self._begun[origin]
            yield name, first

    def incomplete(self) -> Iterator[tuple[str, StoredRecord]]:
        """What is there of those whose last segment did not come."""
        yield from self._begun.values()
        self._begun.clear()
