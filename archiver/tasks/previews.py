"""Makes the WebPs of screenshots anew where they are missing: what people browse, out of the PNGs in the WARC files."""

import asyncio
import hashlib
import json
import re
import sqlite3
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from archiver import __version__
from archiver.errors import BadRecord
from archiver.media.webp import MODULE, MakeWebp
from archiver.model.exchange import Crawl
from archiver.model.render import Preview
from archiver.query.archive import Archive
from archiver.recording.recorder import Recorder
from archiver.recording.render_records import PREVIEW_URN, parse_previews
from archiver.storage.files.atomic import is_nonempty_file, write_whole
from archiver.storage.files.paths import ArchivePaths
from archiver.storage.warc.reader import Choice, read_records
from archiver.times import Clock, to_warc_date, utc_now
from archiver.workers.process import WorkerCrashed, WorkerNotStarted, WorkerProcess

JOB = "previews"
"""Of the WARC file that has the hashes of those that did not come out as they were."""
PATIENCE_SECONDS = 60  # for one picture; one of 16,384 pixels' height takes about one
MAX_PNG_BYTES = 256 << 20
MAX_NOTE_BYTES = 1 << 20  # of a record with hashes: a page has some hundred embeds at most, of 300 bytes each
# As `ArchivePaths.screenshot` names them. A foreign WARC file may say anything.
_OURS = re.compile(r"screenshots(/[A-Za-z0-9._-]{1,200}){2,3}\.webp", re.ASCII)
# Of several records the first counts: besides `min` SQLite gives the other columns of its row (lang_select, 2.5).
_NAMED = """
SELECT s.path, group_concat(DISTINCT s.sha256), s.url, c.record_id, w.path, c.offset, c.length,
  min(w.path || printf(' %020d', c.offset))
FROM screenshots s JOIN captures c ON c.id = s.capture JOIN warcs w ON w.id = c.warc
WHERE s.path IS NOT NULL GROUP BY s.path
"""

OnProgress = Callable[[int, int], None]
"""Called with how many files were looked at, and how many there are."""


@dataclass(frozen=True, slots=True)
class NamedPreview:
    """A WebP that a screenshot's record names, whether it is there or not."""

    path: str
    """Relative to the archive."""
    sha256s: tuple[str, ...]
    """Of the one that was made first; of several where several records name it."""
    url: str
    """Of the page that was rendered."""
    of: str
    """The id of the record with the PNG."""
    warc: str
    """The file with that record, relative to the archive."""
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class PreviewReport:
    """How many files a run made."""

    made: int = 0
    skipped: int = 0
    """Files whose PNG cannot be read; and all that were left, where no process can be started to read them."""


def remake_previews(
    data_dir: Path,
    on_progress: OnProgress | None = None,
    *,
    again: Collection[str] = (),
    keep: bool = True,
    job: str = JOB,
    clock: Clock = utc_now,
) -> PreviewReport:
    """Makes those that are missing; can be interrupted at any time, and goes on where it was.

    `again`: paths of others that are replaced as well. They have the names that the records say, and need not be the same byte
    for byte as those that were lost: encoders differ from version to version. Of those that differ the hashes go into a WARC file
    of `job`; for that alone the archive's lock is needed. `keep=False` writes nothing, and counts what could be made. Runs an
    event loop of its own.

    Raises `StorageError` where the folder cannot be written to or the archive cannot be read, `ArchiveHeld` where a hash is to be
    written and another run holds the archive: that file and those after it are made by the next one.
    """
    with Archive.open(data_dir) as archive:
        wanted = [preview for preview in named_previews(archive.index) if _is_wanted(preview, data_dir, again)]
        wanted.sort(key=lambda preview: (preview.warc, preview.offset))
        if not wanted:
            return PreviewReport()
        with _noting(data_dir, job, clock) as note:

            def take(preview: NamedPreview, webp: bytes) -> None:
                if keep:
                    _keep(archive.paths, preview, webp, note)

            return asyncio.run(_make(archive, wanted, take, on_progress))


def named_previews(index: sqlite3.Connection) -> Iterator[NamedPreview]:
    """All that the records name, each path once."""
    for path, sha256s, url, of, warc, offset, length, _ in index.execute(_NAMED):
        if _OURS.fullmatch(path):
            yield NamedPreview(path, tuple(sha256s.split(",")) if sha256s else (), url, of, warc, offset, length)


def noted_hashes(files: Collection[Path]) -> dict[str, set[str]]:
    """What the metadata records in these WARC files say: path of a WebP -> the sha256 of each that was made there."""
    hashes: dict[str, set[str]] = {}
    choice = Choice(_is_note, MAX_NOTE_BYTES)
    for path in files:
        with suppress(BadRecord):  # a file that cannot be opened: `archiver verify` reports it
            for record in read_records(path, choice=choice):
                for preview in parse_previews(record.block.bytes()):
                    hashes.setdefault(preview.path, set()).add(preview.sha256)
    return hashes


def _is_note(headers: Mapping[str, str], _: bytes) -> bool:
    return headers.get("warc-type") == "metadata" and headers.get("warc-target-uri", "").startswith(PREVIEW_URN)


def _is_wanted(preview: NamedPreview, data_dir: Path, again: Collection[str]) -> bool:
    return preview.path in again or not is_nonempty_file(data_dir / preview.path)


Note = Callable[[NamedPreview, str], None]
"""Keeps the sha256 of a WebP in the WARC."""


@contextmanager
def _noting(data_dir: Path, job: str, clock: Clock) -> Iterator[Note]:
    """A recorder is opened by the first note, so that nothing is locked or written where all came out as they were."""
    recorder: Recorder | None = None

    def note(preview: NamedPreview, sha256: str) -> None:
        nonlocal recorder
        if recorder is None:
            recorder = Recorder(data_dir, _crawl(job, clock), clock=clock)
        recorder.note_previews(preview.url, [Preview(preview.path, sha256, preview.of)])

    try:
        yield note
    finally:
        if recorder is not None:
            recorder.close()


def _crawl(job: str, clock: Clock) -> Crawl:
    """What a WARC file of ours says of the run that made it."""
    settings = json.dumps({"job": job})
    return Crawl(str(uuid.uuid4()), job, to_warc_date(clock()), f"embed-archiver/{__version__}", settings)


async def _make(
    archive: Archive, wanted: list[NamedPreview], take: Callable[[NamedPreview, bytes], None], on_progress: OnProgress | None
) -> PreviewReport:
    made = 0
    worker = WorkerProcess(MODULE, patience=PATIENCE_SECONDS)
    try:
        for number, preview in enumerate(wanted, 1):
            webp = await _webp(archive, preview, worker)
            if webp is not None:
                take(preview, webp)
                made += 1
            if on_progress is not None:
                on_progress(number, len(wanted))
    except WorkerNotStarted:
        pass  # nor will it for the others; its own words are on standard error
    finally:
        await worker.close()
    return PreviewReport(made, len(wanted) - made)


def _keep(paths: ArchivePaths, preview: NamedPreview, webp: bytes, note: Note) -> None:
    """The hash first: a file without one would count as damaged, a hash without its file is made good by the next run."""
    digest = hashlib.sha256(webp).hexdigest()
    if digest not in preview.sha256s:
        note(preview, digest)
    write_whole(paths.data_dir / preview.path, webp)


async def _webp(archive: Archive, preview: NamedPreview, worker: WorkerProcess) -> bytes | None:
    """None where there is no PNG that can be read; `archiver verify` reports a damaged record."""
    try:
        resource = archive.resource_at(preview.warc, preview.offset, preview.length)
        request = MakeWebp(resource.decoded(MAX_PNG_BYTES)) if resource is not None else None
        webp: bytes | None = await worker.ask(request, bytes | None) if request is not None else None
    except WorkerNotStarted:
        raise
    except (BadRecord, WorkerCrashed):
        return None
    return webp
