"""Repairs sealed files: what is missing or damaged comes back from a backup, or what is lost with it is reported."""

import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from archiver.errors import ArchiverError, StorageError
from archiver.storage.files.paths import ArchivePaths
from archiver.storage.warc.manifests import FileSeal, covered, hash_of, read_manifests
from archiver.tasks.repair.context import LostContent, RepairContext, RepairFinding, fetch_under_lock, kept_name
from archiver.tasks.repair.databases import readable_index

MAX_PAGES = 10  # addresses of lost pages that are named

_CAPTURES = "FROM captures c JOIN warcs w ON w.id = c.warc WHERE w.path = ? AND c.offset + c.length > ?"
_PAGES = f"SELECT DISTINCT c.url {_CAPTURES} AND c.resource_type = 'document' ORDER BY c.url"
_SHOWN = (
    "SELECT s.path FROM screenshots s JOIN captures c ON c.id = s.capture JOIN warcs w ON w.id = c.warc"
    " WHERE w.path = ? AND c.offset + c.length > ? AND s.path LIKE 'screenshots/%'"
)
_MEDIA = (
    "SELECT DISTINCT m.sha256 FROM media m JOIN media_payloads p ON p.media = m.id"
    " JOIN captures c ON c.payload_digest = p.payload_digest JOIN warcs w ON w.id = c.warc"
    " WHERE w.path = ? AND c.offset + c.length > ?"
)


@dataclass(frozen=True, slots=True)
class DamagedFile:
    """A file that is not, or not all, as it was."""

    warc: str
    what: str
    ends: int | None = None
    """The byte at which it ends too soon, 0 where it is not there; None where something within it is damaged."""
    seal: FileSeal | None = None


def damaged_sealed_files(context: RepairContext) -> list[DamagedFile]:
    """The files that are not as their manifest has them. Reads all of them. Raises `StorageError`."""
    seals = covered(read_manifests(context.paths))
    total, read = sum(seal.bytes for seal in seals.values()), 0
    broken: list[DamagedFile] = []
    with context.progress("sealed files", "bytes") as advance:
        for seal in seals.values():
            broken += filter(None, [seal_mismatch(context.paths.data_dir / seal.path, seal)])
            read += seal.bytes
            advance(read, total)
    return broken


def seal_mismatch(path: Path, seal: FileSeal) -> DamagedFile | None:
    """What is wrong with a file that should be as it was sealed; None where it is. Reads all of it."""
    if not path.exists():
        return DamagedFile(seal.path, f"is not there, and {seal.manifest} has it", 0, seal)
    try:
        size, digest = hash_of(path)
    except StorageError as error:
        return DamagedFile(seal.path, str(error), seal=seal)
    if size != seal.bytes:
        what = f"has {size:,} bytes, and {seal.bytes:,} when {seal.manifest} was made"
        return DamagedFile(seal.path, what, size if size < seal.bytes else None, seal)
    what = f"is not as it was when {seal.manifest} was made: its sha256 is {digest}"
    return DamagedFile(seal.path, what, seal=seal) if digest != seal.sha256 else None


def fetch_from_backup(context: RepairContext, broken: Iterable[DamagedFile]) -> tuple[list[RepairFinding], list[DamagedFile]]:
    """What came back from the backup, and what did not. One file that cannot be had keeps no other from coming back.

    Raises `ArchiveHeld`, and `StorageError` where the folder cannot be written to.
    """
    findings, still = [], []
    for one in broken:
        if context.store is None or one.seal is None:
            still.append(one)
            continue
        kept_in = kept_name(context.paths, one.warc)
        done = f"is fetched back from {context.store.name}" + (
            f"; the damaged one is {context.paths.relative(kept_in)}" if kept_in else ""
        )
        try:
            if not context.dry_run:
                fetch_under_lock(context, one.seal.path, one.seal.sha256)
        except ArchiverError as error:
            still.append(replace(one, what=f"{one.what}; {error}"))
            continue
        findings.append(RepairFinding("warc", one.warc, one.what, done))
    return findings, still


# --- what is lost -----------------------------------------------------------------------------------------------------------


def report_lost(context: RepairContext, broken: Iterable[DamagedFile], coming: Collection[str] = ()) -> list[RepairFinding]:
    """What remains of files that did not come back, sealed or not: their captures are named. Raises `StorageError`.

    `coming`: files that are not back yet, as this is a dry run.
    """
    with readable_index(context.paths) as index:
        lost = list(broken)
        if index is not None:
            known = {*coming, *(one.warc for one in lost)}
            lost += [one for one in _unknown_to_disk(context.paths, index) if one.warc not in known]
        return [_finding(context, one, index) for one in lost]


def _unknown_to_disk(paths: ArchivePaths, index: sqlite3.Connection) -> list[DamagedFile]:
    """Files that the index knows and that are not there, or end before what it knows of them."""
    found = []
    for warc, indexed_to in index.execute("SELECT path, indexed_to FROM warcs ORDER BY path"):
        if not warc.startswith("warc/"):  # a file outside of the archive may be away for a while
            continue
        path = paths.data_dir / warc
        size = path.stat().st_size if path.exists() else None
        if size is None:
            found.append(DamagedFile(warc, "is not there, and the index knows it", 0))
        elif size < indexed_to:
            found.append(DamagedFile(warc, f"has {size:,} bytes, and the index knows {indexed_to:,}", size))
    return found


def _finding(context: RepairContext, one: DamagedFile, index: sqlite3.Connection | None) -> RepairFinding:
    if index is not None and index.execute("SELECT 1 FROM warcs WHERE path = ?", (one.warc,)).fetchone() is None:
        what = f"{one.what}; the index was made without it and does not tell what was in it"
        return RepairFinding("warc", one.warc, what, remedy=f"{_way_back(context, one)}; then what was in it is indexed")
    lost = _lost(context.paths, one.warc, one.ends, index) if index is not None and one.ends is not None else None
    return RepairFinding("warc", one.warc, one.what, remedy=_remedy(context, one), lost=lost)


def _remedy(context: RepairContext, one: DamagedFile) -> str:
    back = _way_back(context, one)
    if one.ends is not None:
        return f"{back}; where there is none, `archiver reindex` takes its captures out of the index, which cannot be undone"
    return f"{back}; `archiver verify` names the records that are damaged, all others are good"


def _way_back(context: RepairContext, one: DamagedFile) -> str:
    if one.seal is None:
        return "put the file back where you have a copy of it"
    if context.store is None:
        return "`archiver repair --from DEST` gets it back from a backup"
    return "another backup may have it: `archiver repair --from DEST`"


def _lost(paths: ArchivePaths, warc: str, ends: int, index: sqlite3.Connection) -> LostContent:
    where = (warc, ends)
    (captures,) = index.execute(f"SELECT count(*) {_CAPTURES}", where).fetchone()
    pages = [url for (url,) in index.execute(_PAGES, where)]
    shown = [paths.data_dir / path for (path,) in index.execute(_SHOWN, where) if ".." not in Path(path).parts]
    small = [paths.thumbnail(sha256) for (sha256,) in index.execute(_MEDIA, where)]
    kept = sum(path.is_file() for path in (*shown, *small))
    return LostContent(captures, tuple(pages[:MAX_PAGES]), len(pages), kept)
