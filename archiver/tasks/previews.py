"""Makes the WebPs of screenshots anew where they are missing: what people browse, out of the PNGs in the WARC files."""

import asyncio
import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from archiver.archive import Archive, open_archive
from archiver.elsewhere import BroughtDown, Elsewhere, NotStarted
from archiver.errors import BadRecord
from archiver.storage.files import write_whole

MODULE = "archiver.previews"  # runs in the other process
PATIENCE_SECONDS = 60  # for one picture; one of 16,384 pixels' height takes about one
MAX_PNG_BYTES = 256 << 20
# As `ArchivePaths.screenshot` names them. A WARC file from elsewhere may say anything.
_OURS = re.compile(r"screenshots(/[A-Za-z0-9._-]{1,200}){2,3}\.webp", re.ASCII)
_NAMED = """
SELECT s.path, w.path, c.offset, c.length FROM screenshots s JOIN captures c ON c.id = s.capture JOIN warcs w ON w.id = c.warc
WHERE s.path IS NOT NULL ORDER BY w.path, c.offset
"""

Place = tuple[str, int, int]
"""Of a record: the WARC file, relative to the archive, the offset and the length."""
OnProgress = Callable[[int, int], None]
"""Is told how many were looked at, and how many there are."""


@dataclass(frozen=True, slots=True)
class PreviewReport:
    """How many files a run made."""

    made: int = 0
    skipped: int = 0
    """Those whose PNG cannot be read; and all that were left, where no process can be started to read them."""


def remake_previews(data_dir: Path, on_progress: OnProgress | None = None) -> PreviewReport:
    """Makes those that are missing; can be interrupted at any time, and goes on where it was.

    They have the names that the records say, and need not be the same byte for byte as those that were lost: encoders differ from
    version to version, and `sha256` is that of the first one. Needs no lock. Runs an event loop of its own. Raises `StorageError`
    where the folder cannot be written to or the archive cannot be read.
    """
    with open_archive(data_dir) as archive:
        missing = _missing(archive.index, archive.paths.data_dir)
        return asyncio.run(_make(archive, missing, on_progress)) if missing else PreviewReport()


def _missing(index: sqlite3.Connection, data_dir: Path) -> dict[str, Place]:
    """The paths, and where their PNGs are. An empty file is what a power cut may leave."""
    named: dict[str, Place] = {}
    for path, *place in index.execute(_NAMED):
        if _OURS.fullmatch(path) and not _is_there(data_dir / path):
            named.setdefault(path, tuple(place))
    return named


def _is_there(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


async def _make(archive: Archive, missing: dict[str, Place], on_progress: OnProgress | None) -> PreviewReport:
    made = 0
    elsewhere = Elsewhere(MODULE, patience=PATIENCE_SECONDS)
    try:
        for number, (path, place) in enumerate(missing.items(), 1):
            webp = await _webp(archive, place, elsewhere)
            if webp is not None:
                write_whole(archive.paths.data_dir / path, webp)
                made += 1
            if on_progress is not None:
                on_progress(number, len(missing))
    except NotStarted:
        pass  # nor will it for the others; its own words are on standard error
    finally:
        await elsewhere.close()
    return PreviewReport(made, len(missing) - made)


async def _webp(archive: Archive, place: Place, elsewhere: Elsewhere) -> bytes | None:
    """None where there is no PNG that can be read; `archiver verify` tells of a damaged record."""
    try:
        seen = archive.resource_at(*place)
        webp: bytes | None = await elsewhere.ask(seen.decoded(MAX_PNG_BYTES)) if seen is not None else None
    except NotStarted:
        raise
    except (BadRecord, BroughtDown):
        return None
    return webp
