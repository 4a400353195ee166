"""Partial records at the end of WARC files, which a kill or a power cut leaves: copied to `torn/`, noted, and cut off."""

import contextlib
import os
import shutil
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import asdict, dataclass
from hashlib import file_digest
from pathlib import Path
from typing import Any

from archiver.errors import StorageError
from archiver.storage.files.atomic import make_folders, sync_to_disk
from archiver.storage.files.paths import ArchivePaths, warc_files
from archiver.storage.warc.reader import read_records

TORN = "torn"
"""`kind` of the metadata record about a partial record."""


@dataclass(frozen=True, slots=True)
class PartialRecord:
    """The bytes behind the last whole record of a file to which nobody writes any more."""

    warc: str
    """Path relative to the data folder."""
    offset: int
    """Where the last whole record ends; 0 where there is none: then the whole file goes."""
    bytes: int
    sha256: str
    """64 hex digits, of these bytes."""
    kept_in: str
    """Path relative to the data folder: `torn/<name of the WARC file>.<offset>`."""

    @property
    def urn(self) -> str:
        return f"urn:torn:{self.warc}#{self.offset}"

    @property
    def content(self) -> dict[str, Any]:
        """The JSON of the metadata record."""
        return {"kind": TORN, **asdict(self)}


def files_with_partial_record(
    paths: ArchivePaths, whole_to: Mapping[str, int], sealed: Container[str] = ()
) -> Iterator[tuple[str, int]]:
    """The WARC files that go on behind their last whole record, each with the offset where that ends; and empty ones.

    `whole_to`: up to which byte each file was read (0 where it is not named); the caller has read all whole records. A file that
    a manifest seals is left as it is: what is wrong with it is damage, which `archiver verify` reports."""
    for path in warc_files(paths):
        warc = paths.relative(path)
        end, size = whole_to.get(warc, 0), path.stat().st_size
        if warc not in sealed and (size > end or size == end == 0) and next(read_records(path, end), None) is None:
            yield warc, end


def remove_partial_record(paths: ArchivePaths, warc: str, offset: int, note: Callable[[PartialRecord], None]) -> PartialRecord:
    """Copies what lies behind `offset` into a file of its own, calls `note` with it, and cuts it off.

    `note` has to make its record safe before it returns. Killed at any moment, nothing is lost: repeated, it comes to the same
    end, at most with a second note. Raises `StorageError`."""
    path = paths.data_dir / warc
    try:
        end = _keep(paths, path, warc, offset)
        note(end)
        if offset:
            os.truncate(path, offset)
            sync_to_disk(path)
        else:
            path.unlink()
            sync_to_disk(path.parent)
    except OSError as error:
        raise StorageError(f"cannot set aside the torn end of {path}: {error.strerror}. Is there room on the disk?") from error
    return end


def _keep(paths: ArchivePaths, path: Path, warc: str, offset: int) -> PartialRecord:
    """Copies the end; the copy is safe when this returns. Raises `OSError`."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(offset)
        digest = file_digest(file, "sha256").hexdigest()
        kept = _free_name(paths.torn, f"{path.name}.{offset}", digest)
        if not kept.exists():
            file.seek(offset)
            _copy(file, kept)
    return PartialRecord(warc, offset, size - offset, digest, paths.relative(kept))


def _copy(file: Any, kept: Path) -> None:
    """Writes under another name first, so that a file named `kept` is whole."""
    make_folders(kept.parent)
    part = kept.with_name(f"{kept.name}.part")
    try:
        with part.open("wb") as copy:
            shutil.copyfileobj(file, copy, 1 << 20)
            copy.flush()
            os.fsync(copy.fileno())
        part.replace(kept)
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise
    sync_to_disk(kept.parent)


def _free_name(folder: Path, name: str, digest: str) -> Path:
    """The name itself, unless other bytes have it: a file that came back from a backup may be torn at the same place again."""
    number = 1
    kept = folder / name
    while kept.exists():
        with kept.open("rb") as file:
            if file_digest(file, "sha256").hexdigest() == digest:
                return kept
        number += 1
        kept = folder / f"{name}.{number}"
    return kept
