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
from archiver.tasks.repair.databases import readable_index
from archiver.tasks.repair.sources import fetch_under_lock
from archiver.tasks.repair.work import JOB, Finding, Work
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


def mend_screenshots(work: Work) -> list[Finding]:
    """Raises `StorageError`, `ArchiveHeld`."""
    bad = _bad_previews(work)
    if not len(bad):
        return []
    what = f"missing: {len(bad.missing):,}; not as they were made: {len(bad.damaged):,}"
    with work.progress("screenshots", "files") as advance:
        again = bad.damaged.keys()
        report = remake_previews(
            work.paths.data_dir, advance, again=again, keep=not work.dry_run, job=JOB, clock=work.clock
        )  # fmt: skip
    done = f"made anew from the PNGs in the WARC files: {report.made:,}"
    findings = [Finding("screenshots", "screenshots", what, done)] if report.made else []
    if not report.skipped:
        return findings
    if work.dry_run:
        return [*findings, _cannot([], report.skipped)]
    came, still = _fetched_back(work, _bad_previews(work))
    return [*findings, *came, *([_cannot(still, len(still))] if still else [])]


def _cannot(paths: Collection[str], count: int) -> Finding:
    named = ", ".join(list(paths)[:MAX_NAMED]) + (f" and {count - MAX_NAMED:,} more" if count > MAX_NAMED else "")
    what = f"cannot be made anew, as their PNGs cannot be read: {count:,}" + (f" ({named})" if paths else "")
    return Finding("screenshots", "screenshots", what, remedy=CANNOT)


def _fetched_back(work: Work, bad: BadPreviews) -> tuple[list[Finding], list[str]]:
    """Those whose PNGs are lost, where the backup has them as they were made; and the paths of those that it has not."""
    came, still = 0, []
    for path, preview in (bad.missing | bad.damaged).items():
        kept = work.store.inventory.files.get(path) if work.store is not None else None
        still.append(path)
        if kept is not None and kept.sha256 in {*preview.sha256s, *bad.noted.get(path, ())}:
            with suppress(BadFile):  # the copy is damaged as well
                fetch_under_lock(work, path, kept.sha256)
                came += 1
                still.pop()
    if not came or work.store is None:
        return [], still
    what = f"cannot be made anew, as their PNGs cannot be read: {came:,}"
    return [Finding("screenshots", "screenshots", what, f"are fetched back from {work.store.name}")], still


def _bad_previews(work: Work) -> BadPreviews:
    missing: dict[str, NamedPreview] = {}
    other: dict[str, tuple[NamedPreview, str]] = {}
    with readable_index(work.paths) as index:
        for one in named_previews(index) if index is not None else ():
            path = work.paths.data_dir / one.path
            if not is_nonempty_file(path):
                missing[one.path] = one
            elif (digest := _other_hash(path, one)) is not None:
                other[one.path] = one, digest
    # Only a run that made one anew wrote another hash than that of the first: its records need not be read but for such files.
    noted = noted_hashes(warc_files(work.paths)) if other or (missing and work.store is not None) else {}
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


def mend_thumbnails(work: Work) -> list[Finding]:
    """Of archives that have some: a crawl that draws nothing makes none. Raises `StorageError`, `WorkerNotStarted`."""
    folder = work.paths.data_dir / "thumbnails"
    with readable_index(work.paths) as index:
        if index is None or not (folder.is_dir() or index.execute("SELECT 1 FROM screenshots").fetchone()):
            return []
    damaged = _damaged_thumbnails(work, sorted(folder.rglob("*.webp")))
    again = {path.stem for path in damaged if path == work.paths.thumbnail(path.stem) and _THUMBNAIL.fullmatch(path.stem)}
    report = make_thumbnails(work.paths.data_dir, again=again, keep=not work.dry_run)
    findings = []
    if report.made:
        what = f"missing, or cannot be decoded: {report.made:,}"
        findings.append(Finding("thumbnails", "thumbnails", what, "they are made anew"))
    still = len(damaged) if not report.made else 0 if work.dry_run else len(_damaged_thumbnails(work, damaged))
    if still:
        what = f"cannot be decoded, nor the pictures that they were made of: {still:,}"
        findings.append(Finding("thumbnails", "thumbnails", what, remedy=CANNOT))
    return findings


def _damaged_thumbnails(work: Work, files: list[Path]) -> list[Path]:
    """They have no hash anywhere: whether they can be decoded is all that can be seen. Raises `WorkerNotStarted`."""
    with work.progress("thumbnails", "files") as advance:
        return undecodable(files, advance) if files else []
