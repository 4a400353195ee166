"""Repairs what people browse: WebPs of screenshots and thumbnails that are missing or damaged are made anew."""

import re
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from archiver.errors import BadFile, StorageError
from archiver.storage.files.atomic import is_nonempty_file
from archiver.storage.files.paths import warc_files
from archiver.storage.warc.manifests import hash_of
from archiver.tasks.previews import NamedPreview, named_previews, noted_hashes, remake_previews
from archiver.tasks.repair.context import JOB, RepairContext, RepairFinding, fetch_under_lock
from archiver.tasks.repair.databases import readable_index
from archiver.tasks.thumbnails import make_thumbnails, undecodable

MAX_NAMED = 3  # files that are named where many cannot be made
_THUMBNAIL = re.compile(r"[0-9a-f]{64}")
CANNOT = "`archiver repair --from DEST` gets damaged or lost WARC files back from a backup, then they can be made"


# --- screenshots --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BadPreviews:
    """WebPs that are not there as they were made."""

    missing: dict[str, NamedPreview]
    """By their paths."""
    damaged: dict[str, NamedPreview]
    noted: dict[str, set[str]]
    """The hashes of those that were made anew some time, by their paths; nothing where nobody had to know."""

    def __len__(self) -> int:
        return len(self.missing) + len(self.damaged)


def repair_screenshots(context: RepairContext) -> list[RepairFinding]:
    """Raises `StorageError`, `ArchiveHeld`."""
    bad = _bad_previews(context)
    if not len(bad):
        return []
    what = f"missing: {len(bad.missing):,}; not as they were made: {len(bad.damaged):,}"
    with context.progress("screenshots", "files") as advance:
        again = bad.damaged.keys()
        report = remake_previews(
            context.paths.data_dir, advance, again=again, keep=not context.dry_run, job=JOB, clock=context.clock
        )  # fmt: skip
    done = f"made anew from the PNGs in the WARC files: {report.made:,}"
    findings = [RepairFinding("screenshots", "screenshots", what, done)] if report.made else []
    if not report.skipped:
        return findings
    if context.dry_run:
        return [*findings, _cannot([], report.skipped)]
    came, still = _fetched_back(context, _bad_previews(context))
    return [*findings, *came, *([_cannot(still, len(still))] if still else [])]


def _cannot(paths: Collection[str], count: int) -> RepairFinding:
    named = ", ".join(list(paths)[:MAX_NAMED]) + (f" and {count - MAX_NAMED:,} more" if count > MAX_NAMED else "")
    what = f"cannot be made anew, as their PNGs cannot be read: {count:,}" + (f" ({named})" if paths else "")
    return RepairFinding("screenshots", "screenshots", what, remedy=CANNOT)


def _fetched_back(context: RepairContext, bad: BadPreviews) -> tuple[list[RepairFinding], list[str]]:
    """Fetches back screenshots whose PNGs are lost, as they were made. Returns findings, and the paths of the others."""
    came, still = 0, []
    for path, preview in (bad.missing | bad.damaged).items():
        kept = context.store.inventory.files.get(path) if context.store is not None else None
        still.append(path)
        if kept is not None and kept.sha256 in {*preview.sha256s, *bad.noted.get(path, ())}:
            with suppress(BadFile):  # the copy is damaged as well
                fetch_under_lock(context, path, kept.sha256)
                came += 1
                still.pop()
    if not came or context.store is None:
        return [], still
    what = f"cannot be made anew, as their PNGs cannot be read: {came:,}"
    return [RepairFinding("screenshots", "screenshots", what, f"are fetched back from {context.store.name}")], still


def _bad_previews(context: RepairContext) -> BadPreviews:
    missing: dict[str, NamedPreview] = {}
    other: dict[str, tuple[NamedPreview, str]] = {}
    with readable_index(context.paths) as index:
        for one in named_previews(index) if index is not None else ():
            path = context.paths.data_dir / one.path
            if not is_nonempty_file(path):
                missing[one.path] = one
            elif (digest := _other_hash(path, one)) is not None:
                other[one.path] = one, digest
    # Only a run that made one anew wrote another hash than that of the first: its records need not be read but for such files.
    noted = noted_hashes(warc_files(context.paths)) if other or (missing and context.store is not None) else {}
    damaged = {path: one for path, (one, digest) in other.items() if digest not in noted.get(path, ())}
    return BadPreviews(missing, damaged, noted)


def _other_hash(path: Path, preview: NamedPreview) -> str | None:
    """The file's hash where it is not that of the one that was made first; empty for what cannot be read."""
    try:
        _, digest = hash_of(path)
    except StorageError:
        return ""
    return None if digest in preview.sha256s or not preview.sha256s else digest


# --- thumbnails ---------------------------------------------------------------------------------------------------------------


def repair_thumbnails(context: RepairContext) -> list[RepairFinding]:
    """Remakes missing and damaged thumbnails, where an archive has some at all. Raises `StorageError`, `WorkerNotStarted`."""
    folder = context.paths.data_dir / "thumbnails"
    with readable_index(context.paths) as index:
        if index is None or not (folder.is_dir() or index.execute("SELECT 1 FROM screenshots").fetchone()):
            return []
    damaged = _damaged_thumbnails(context, sorted(folder.rglob("*.webp")))
    again = {path.stem for path in damaged if path == context.paths.thumbnail(path.stem) and _THUMBNAIL.fullmatch(path.stem)}
    report = make_thumbnails(context.paths.data_dir, again=again, keep=not context.dry_run)
    findings = []
    if report.made:
        what = f"missing, or cannot be decoded: {report.made:,}"
        findings.append(RepairFinding("thumbnails", "thumbnails", what, "they are made anew"))
    still = len(damaged) if not report.made else 0 if context.dry_run else len(_damaged_thumbnails(context, damaged))
    if still:
        what = f"cannot be decoded, nor the pictures that they were made of: {still:,}"
        findings.append(RepairFinding("thumbnails", "thumbnails", what, remedy=CANNOT))
    return findings


def _damaged_thumbnails(context: RepairContext, files: list[Path]) -> list[Path]:
    """The thumbnails that cannot be decoded. They have no hash, so that no other damage is seen. Raises `WorkerNotStarted`."""
    with context.progress("thumbnails", "files") as advance:
        return undecodable(files, advance) if files else []
