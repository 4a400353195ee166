"""Recovery after an interrupted run: records that are not indexed yet are indexed, partial records at file ends cut off."""

from collections.abc import Callable, Iterable, Iterator

from archiver.errors import BadRecord
from archiver.extraction.worker import AheadReader
from archiver.recording.indexer import index_file
from archiver.storage.files.paths import ArchivePaths, warc_files
from archiver.storage.index.writer import IndexWriter
from archiver.storage.warc.manifests import Manifest, covered, read_manifests
from archiver.storage.warc.recovery import PartialRecord, files_with_partial_record, remove_partial_record


def index_unindexed(
    index: IndexWriter, paths: ArchivePaths, reader: AheadReader, progress: Callable[[int], None] | None = None
) -> int:
    """Indexes the records that the index does not know. Returns how many there were. For the holder of the archive's lock.

    A sealed file that cannot be read stops no crawl: `archiver verify` tells of it. Raises `BadRecord` for any other: nobody
    could tell where its last whole record ends.
    """
    sizes = {paths.relative(path): path.stat().st_size for path in warc_files(paths)}
    count = 0
    for warc, start in index.unindexed(sizes):
        try:
            count += index_file(index, paths, warc, reader, start, progress)
        except BadRecord as error:
            if warc not in covered(read_manifests(paths)):
                raise BadRecord(f"{error}. Look after the disk, or move the file out of {paths.warc_dir}") from error
    return count


def remove_partial_records(
    index: IndexWriter, paths: ArchivePaths, manifests: Iterable[Manifest], note: Callable[[PartialRecord], None]
) -> Iterator[PartialRecord]:
    """Moves partial records from the ends of WARC files to `torn/`, one by one as they are asked for.

    Call it right after `index_unindexed`.

    `manifests`: those of the archive; what they seal is never cut. `note` keeps a record of each and makes it safe. Raises
    `StorageError`.
    """
    sealed = covered(manifests)
    for warc, offset in list(files_with_partial_record(paths, index.indexed_to(), sealed)):  # `note` makes a new file
        yield remove_partial_record(paths, warc, offset, note)
