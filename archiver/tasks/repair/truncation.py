"""Repairs what a killed run left, as the next crawl would: partial records, records without rows, unsealed files."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, replace

from archiver.errors import BadRecord
from archiver.recording.recorder import Recorder
from archiver.storage.files.paths import ArchivePaths, warc_files
from archiver.storage.warc.manifests import covered, read_manifests
from archiver.storage.warc.reader import read_records
from archiver.tasks.reindex import unreadable_in_words
from archiver.tasks.repair.context import RepairContext, RepairFinding
from archiver.tasks.repair.databases import readable_index


@dataclass(frozen=True, slots=True)
class UnfinishedFile:
    """What is not yet in order about one file."""

    warc: str
    records: int
    """That are not in the index."""
    torn: int | None
    """Bytes behind the last whole record; 0 for a file that holds nothing at all, None where its end is whole."""
    sealed: bool


def repair_ends(context: RepairContext) -> list[RepairFinding]:
    """Raises `ArchiveHeld`, `BadRecord`, `StorageError`."""
    before = unfinished_files(context.paths)
    if not before:
        return []
    if context.dry_run:
        return [finding for left in before for finding in _findings_of(left, None)]
    recorder = Recorder(context.paths.data_dir, context.crawl(), clock=context.clock)
    try:
        recorder.catch_up()
    finally:
        recorder.close()
    after = {left.warc: left for left in unfinished_files(context.paths)}
    findings = [finding for left in before for finding in _findings_of(left, after.get(left.warc))]
    unread = unreadable_in_words(recorder.unreadable, len(recorder.unreadable))
    indexed = next((n for n, finding in enumerate(findings) if finding.kind == "unindexed" and finding.done is not None), None)
    if unread and indexed is not None:
        findings[indexed] = replace(findings[indexed], done=f"{findings[indexed].done}{unread}")
    return findings


def unfinished_files(paths: ArchivePaths) -> list[UnfinishedFile]:
    """The files with something unfinished. Quick: files that a manifest covers and the index knows to their end are
    not opened."""
    sealed = covered(read_manifests(paths))
    with readable_index(paths) as index:
        if index is None:
            return []
        indexed = dict(tuple(row) for row in index.execute("SELECT path, indexed_to FROM warcs"))
    found = (_unfinished(paths, paths.relative(file), indexed, sealed) for file in warc_files(paths))
    return [left for left in found if left.records or left.torn is not None or not left.sealed]


def _unfinished(paths: ArchivePaths, warc: str, indexed: Mapping[str, int], sealed: Container[str]) -> UnfinishedFile:
    """Raises `BadRecord` for a file that cannot be read: nobody could tell where its last whole record ends."""
    size = (paths.data_dir / warc).stat().st_size
    whole, records = indexed.get(warc, 0), 0
    try:
        for record in read_records(paths.data_dir / warc, whole) if size > whole else ():
            whole, records = record.offset + record.length, records + 1
    except BadRecord:
        if warc not in sealed:  # one that is sealed is reported already
            raise
    torn = size - whole if warc not in sealed and (size > whole or size == whole == 0) else None
    return UnfinishedFile(warc, records, torn, warc in sealed)


def _findings_of(left: UnfinishedFile, after: UnfinishedFile | None) -> list[RepairFinding]:
    """What was found of one file, and whether it is in order now."""
    findings = []
    again = "run `archiver repair` again; should it stay, `archiver verify` tells more"
    if left.torn is not None:
        what = f"ends in a torn record, {left.torn:,} bytes" if left.torn else "holds nothing"
        done, stays = "is kept in torn/, and cut off", after is not None and after.torn is not None
        findings.append(RepairFinding("torn", left.warc, what, None if stays else done, again if stays else None))
    if left.records:
        what, stays = f"records that are not in the index: {left.records:,}", after is not None and bool(after.records)
        findings.append(
            RepairFinding("unindexed", left.warc, what, None if stays else "they are indexed", again if stays else None)
        )
    if not left.sealed:
        what, stays = "is closed, and no manifest covers it", after is not None and not after.sealed
        findings.append(
            RepairFinding("unsealed", left.warc, what, None if stays else "is in a manifest now", again if stays else None)
        )
    return findings
