"""Repairs the chain of manifests: those that are missing or damaged come back from a backup, with timestamps and certificates."""

import re
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from archiver.errors import ArchiverError, StorageError
from archiver.storage.files.lock import ArchiveLock
from archiver.storage.files.paths import warc_files
from archiver.storage.warc.manifests import Manifest, Previous, covered, hash_of, manifest_in, read_manifest, read_manifests
from archiver.tasks.repair.context import RepairContext, RepairFinding, fetch, kept_name
from archiver.tasks.repair.files import seal_mismatch
from archiver.tasks.verify.manifests import read_and_check

_MANIFEST = re.compile(r"manifests/[0-9]{14}\.json")
# Tokens and certificates have the beginning of their own sha256 in their names: `archiver/evidence/timestamps.py`.
_MARKED = re.compile(r"manifests/(?:([0-9]{14})\.|authorities/)[A-Za-z0-9._-]{1,160}\.([0-9a-f]{16})\.(?:tsr|pem)")


def repair_manifests(context: RepairContext) -> list[RepairFinding]:
    """Fetches manifests back and checks the chain, before anything is sealed anew. Raises `ArchiveHeld`, `StorageError`."""
    findings = _fetch_back(context) if context.store is not None else []
    if context.dry_run and findings:  # what is still wrong then cannot be seen before
        return findings
    reported = {finding.file for finding in findings if finding.remedy}
    wrong = read_and_check(context.paths, ()).problems
    findings += [RepairFinding(one.kind, one.file, one.what, remedy=one.remedy) for one in wrong if one.file not in reported]
    return findings + ([] if context.store is None else _strange(context, reported))


def _fetch_back(context: RepairContext) -> list[RepairFinding]:
    """Fetches manifests from the backup. Links are followed twice: a manifest that came back may name others before it."""
    lock = None if context.dry_run else ArchiveLock(context.paths.data_dir / ".lock", "repair")
    try:
        return [*_linked(context), *_following(context), *([] if context.dry_run else _linked(context)), *_marked(context)]
    finally:
        if lock is not None:
            lock.release()


def _linked(context: RepairContext) -> Iterator[RepairFinding]:
    """Fetches the manifests whose sha256 the next one names, and no other files: from the newest back, link by link."""
    manifests = {manifest.name: manifest for manifest in read_manifests(context.paths)}
    links = [manifest.previous for manifest in manifests.values() if manifest.previous is not None]
    while links:
        link = links.pop()
        present = manifests.get(link.name)
        if present is not None and present.sha256 == link.sha256:
            continue
        path = f"manifests/{link.name}"
        if not _MANIFEST.fullmatch(path):  # no name leads out of the folder, whatever a manifest says
            continue
        finding = _fetched(context, path, link.sha256, "is not there" if present is None else "is not as it was")
        if finding is None:
            continue
        yield finding
        if finding.remedy is None and not context.dry_run:
            came = manifests[link.name] = _read(context.paths.manifests / link.name, link.name)
            links += [came.previous] if came.previous is not None else []


def _following(context: RepairContext) -> Iterator[RepairFinding]:
    """Fetches manifests at the end of the chain, which no later one names: each has to name the one before it, as it is here."""
    assert context.store is not None
    present = read_manifests(context.paths)
    good = [manifest for manifest in present if manifest.damage is None]
    last: Manifest | None = good[-1] if good else None
    if last is not None and (finding := _differing(context, last)) is not None:
        yield finding
        if finding.remedy is None:
            last = _read(context.paths.manifests / last.name, last.name)
    if last is None and not _is_of_this_archive(context):
        return
    there = {manifest.path for manifest in present}
    for path, kept in sorted(context.store.inventory.files.items()):
        if not _MANIFEST.fullmatch(path) or (last is not None and path <= last.path):
            continue
        what = "cannot be read" if path in there else "is not there"
        came: list[Manifest] = []
        finding = _fetched(context, path, kept.sha256, what, _belonging(Path(path).name, last, came))
        is_refused = finding is not None and finding.remedy is not None and bool(came)
        if finding is None or is_refused:  # `_strange` reports it
            return
        yield finding
        if finding.remedy is not None:
            return
        last = came[-1] if came else last


def _is_of_this_archive(context: RepairContext) -> bool:
    """Where no manifest is left to tell: whether the backup has any WARC file that is here too, or there is none here at all."""
    assert context.store is not None
    copied = (context.paths.data_dir / path for path in context.store.inventory.files if path.startswith("warc/"))
    return any(path.exists() for path in copied) or not warc_files(context.paths)


def _belonging(name: str, last: Manifest | None, came: list[Manifest]) -> Callable[[Path], bool]:
    """Whether a fetched one belongs behind the last one here. `came` gets each that was read."""

    def belongs(fetched: Path) -> bool:
        found = _read(fetched, name)
        came.append(found)
        if found.damage is not None:
            return False
        return last is None or found.previous == Previous(last.name, last.sha256)

    return belongs


def _strange(context: RepairContext, reported: Collection[str | None]) -> list[RepairFinding]:
    """What the backup has beside the chain: another archive's, or from before this one's were lost and begun anew."""
    assert context.store is not None
    there = {manifest.path for manifest in read_manifests(context.paths)}
    lacking = [
        path for path in sorted(context.store.inventory.files) if _MANIFEST.fullmatch(path) and path not in {*there, *reported}
    ]
    if not lacking:
        return []
    what = f"{context.store.name} has manifests that do not belong to the chain here: {len(lacking):,}, first {lacking[0]}"
    remedy = "is it this archive's backup? If so keep it: it still proves what it names. Make the next backup in another place"
    return [RepairFinding("manifest", "manifests", what, remedy=remedy)]


def _differing(context: RepairContext, last: Manifest) -> RepairFinding | None:
    """The finding where the backup has another last manifest. None after it says which one is right, but the WARC files may."""
    assert context.store is not None
    kept = context.store.inventory.files.get(last.path)
    if kept is None or not kept.sha256 or kept.sha256 == last.sha256:
        return None
    wrong = _disagreements(context, last)
    if wrong:
        what = "does not agree with the files that it names"
        finding = _fetched(context, last.path, kept.sha256, what, _agreeing_better(context, last.name, wrong))
        if finding is not None and finding.remedy is None:
            return finding
    remedy = "compare the two: right is the one that agrees with the WARC files that it names, or with its timestamp"
    return RepairFinding("manifest", last.path, f"is another one in {context.store.name}", remedy=remedy)


def _disagreements(context: RepairContext, manifest: Manifest) -> int:
    """With how many files it does not agree: the manifest before it, here or else in the backup, and its WARC files here."""
    assert context.store is not None
    before, wrong = manifest.previous, 0
    if before is not None and _MANIFEST.fullmatch(path := f"manifests/{before.name}"):
        present, copied = read_manifest(context.paths, before.name), context.store.inventory.files.get(path)
        known = present.sha256 if present.damage is None else copied.sha256 if copied is not None else before.sha256
        wrong += known != before.sha256
    files = covered([manifest]).values()
    return wrong + sum(seal_mismatch(context.paths.data_dir / seal.path, seal) is not None for seal in files)


def _agreeing_better(context: RepairContext, name: str, wrong: int) -> Callable[[Path], bool]:
    """Some of the files may be damaged as well, so it need not agree with all of them."""

    def agrees(fetched: Path) -> bool:
        manifest = _read(fetched, name)
        return manifest.damage is None and _disagreements(context, manifest) < wrong

    return agrees


def _marked(context: RepairContext) -> Iterator[RepairFinding]:
    """Timestamps of manifests that are as the backup has them, and the certificates of those who signed."""
    assert context.store is not None
    files = context.store.inventory.files
    present = {manifest.path: manifest.sha256 for manifest in read_manifests(context.paths)}
    for path, kept in files.items():
        match = _MARKED.fullmatch(path)
        if match is None or not kept.sha256.startswith(match[2]):
            continue
        manifest = f"manifests/{match[1]}.json"
        if match[1] is not None and (
            manifest not in present or manifest not in files or files[manifest].sha256 != present[manifest]
        ):
            continue
        what = _unlike(context.paths.data_dir / path, match[2])
        finding = _fetched(context, path, kept.sha256, what, kind="timestamp") if what is not None else None
        yield from (finding,) if finding is not None else ()


def _unlike(path: Path, mark: str) -> str | None:
    """What is wrong with a file whose sha256 begins so; None where nothing is."""
    if not path.exists():
        return "is not there"
    try:
        return None if hash_of(path)[1].startswith(mark) else "is not as it was"
    except StorageError:
        return "cannot be read"


def _fetched(
    context: RepairContext,
    path: str,
    sha256: str,
    what: str,
    accept: Callable[[Path], bool] = lambda _: True,
    *,
    kind: str = "manifest",
) -> RepairFinding | None:
    """None where the backup does not have it as it was."""
    assert context.store is not None
    kept = context.store.inventory.files.get(path)
    if not sha256 or kept is None or kept.sha256 != sha256:
        return None
    kept_in = kept_name(context.paths, path)
    try:
        if not context.dry_run:
            fetch(context, path, sha256, accept)
    except ArchiverError as error:
        return RepairFinding(kind, path, f"{what}; {error}", remedy="another backup may have it: `archiver repair --from DEST`")
    done = f"is fetched back from {context.store.name}"
    return RepairFinding(kind, path, what, done + (f"; the damaged one is {context.paths.relative(kept_in)}" if kept_in else ""))


def _read(path: Path, name: str) -> Manifest:
    """Raises `OSError`."""
    return manifest_in(name, path.read_bytes())
