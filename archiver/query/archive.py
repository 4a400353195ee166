"""One archive, for readers: where its files are, its index, and the bytes behind a capture."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from archiver.errors import StorageError, UsageError
from archiver.storage.files.paths import ArchivePaths
from archiver.storage.index.database import open_index_to_read

if TYPE_CHECKING:
    from archiver.model.exchange import CapturedResponse


@dataclass(frozen=True, slots=True)
class Archive:
    """Opened with `open_archive`; in a `with` block damage of the index that comes to light is a `StorageError`."""

    paths: ArchivePaths
    index: sqlite3.Connection

    def response_at(self, warc: str, offset: int, length: int | None = None) -> "CapturedResponse | None":
        """The response in the record at this place; None where it is no HTTP response. Raises `BadRecord`."""
        from archiver.recording.warc_responses import read_response  # 0.1 s, which `find` does without  # noqa: PLC0415
        from archiver.storage.warc.reader import read_record  # noqa: PLC0415

        return read_response(read_record(self.paths.data_dir / warc, offset, length))

    def resource_at(self, warc: str, offset: int, length: int | None = None) -> "CapturedResponse | None":
        """The file in the resource record at this place (a screenshot); None where it is another kind of record.

        Raises `BadRecord`.
        """
        from archiver.recording.warc_responses import read_resource  # as above  # noqa: PLC0415
        from archiver.storage.warc.reader import read_record  # noqa: PLC0415

        record = read_record(self.paths.data_dir / warc, offset, length)
        return read_resource(record) if record.record_type == "resource" else None

    def close(self) -> None:
        self.index.close()

    def __enter__(self) -> "Archive":
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        self.close()
        if type(error) in (sqlite3.DatabaseError, sqlite3.OperationalError):  # the others are mistakes in our SQL
            raise StorageError(f"{self.paths.index} cannot be read ({error}): `archiver reindex` makes it anew") from error


def open_archive(data_dir: Path) -> Archive:
    """For reading. Raises `UsageError` where there is no archive, `StorageError` where it cannot be read."""
    paths = ArchivePaths(data_dir)
    try:
        has_index, has_warcs = paths.index.exists(), paths.warc_dir.is_dir()
    except OSError as error:  # a folder that may not be looked into, or a name that is too long
        raise StorageError(f"cannot look into {data_dir}: {error.strerror}. Choose another folder with --archive DIR") from error
    if not has_index:
        if has_warcs:
            raise StorageError(f"{data_dir} has WARC files and no index: run `archiver reindex --archive {data_dir}`")
        raise UsageError(f"there is no archive in {data_dir}: begin one with `archiver crawl URL --archive {data_dir}`")
    return Archive(paths, open_index_to_read(paths.index))
