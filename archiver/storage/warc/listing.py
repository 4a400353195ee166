"""The WARC files of an archive, as they lie there."""

from pathlib import Path

from archiver.errors import StorageError
from archiver.storage.files.paths import ArchivePaths


def warc_files(paths: ArchivePaths) -> list[Path]:
    """All of them, oldest first. Raises `StorageError` where the folder cannot be looked into."""
    try:
        return sorted(paths.warc_dir.rglob("*.warc.gz")) if paths.warc_dir.is_dir() else []
    except OSError as error:
        raise StorageError(f"cannot look into {paths.warc_dir}: {error.strerror}") from error
