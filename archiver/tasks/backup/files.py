"""What a backup copies: the files of an archive that are finished, and what they have to be."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from archiver.errors import StorageError, UsageError
from archiver.storage.backup.store import BackupStore
from archiver.storage.files.paths import ArchivePaths
from archiver.storage.warc.manifests import Manifest, covered, unsealed

WARCS, MANIFESTS = "warc", "manifests"
PICTURES = ("screenshots", "thumbnails")
TORN = "torn"  # what was cut off of WARC files: evidence as well
FOLDERS = (WARCS, MANIFESTS, TORN, *PICTURES)


@dataclass(frozen=True, slots=True)
class BackupFile:
    """A file that is to lie in the store."""

    path: str
    """Relative to the data folder, with forward slashes."""
    bytes: int
    """As it lies in the archive; -1 where it is not there."""
    sha256: str | None = None
    """What it has to be, where a manifest says so."""
    sealed_bytes: int | None = None
    """The size that it has to have, where a manifest says so."""
    picture: bool = False
    """Derived: one that was made again takes the place of the older one."""


@dataclass(frozen=True, slots=True)
class UnsealedWarcs:
    """WARC files that a crawl still writes to, or that the next one will seal."""

    files: int
    bytes: int


def sealed_warcs(paths: ArchivePaths, manifests: Iterable[Manifest]) -> Iterator[BackupFile]:
    """All WARC files that a manifest seals, missing ones included."""
    for seal in covered(manifests).values():
        yield BackupFile(seal.path, size_of(paths.data_dir / seal.path), seal.sha256, seal.bytes)


def evidence(paths: ArchivePaths, manifests: Iterable[Manifest]) -> Iterator[BackupFile]:
    """Manifests, their timestamps with the authorities' certificates, and what was cut off of WARC files."""
    named = {manifest.path: manifest for manifest in manifests}
    for wanted in (*_files_in(paths, MANIFESTS), *_files_in(paths, TORN)):
        manifest = named.pop(wanted.path, None)
        yield BackupFile(wanted.path, wanted.bytes, manifest.sha256) if manifest is not None else wanted


def pictures(paths: ArchivePaths) -> Iterator[BackupFile]:
    """Screenshots and thumbnails."""
    for folder in PICTURES:
        yield from (
            BackupFile(file.path, file.bytes, picture=True) for file in _files_in(paths, folder) if file.path.endswith(".webp")
        )


def waiting_in(paths: ArchivePaths, manifests: Iterable[Manifest]) -> UnsealedWarcs:
    """The WARC files that no manifest seals yet, in counts."""
    sizes = [size_of(paths.data_dir / path) for path in unsealed(paths, manifests)]
    return UnsealedWarcs(len(sizes), sum(size for size in sizes if size > 0))


def size_of(path: Path) -> int:
    """-1 where there is no such file. Raises `StorageError` where that cannot be seen."""
    try:
        return path.stat().st_size
    except (FileNotFoundError, NotADirectoryError):
        return -1
    except OSError as error:
        raise StorageError(f"cannot look at {path}: {error.strerror}. Is the disk in order?") from error


def is_whole_picture(data: bytes) -> bool:
    """A WebP says at its beginning how long it is (RFC 9649, 2.4)."""
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP" and len(data) >= int.from_bytes(data[4:8], "little") + 8


def _files_in(paths: ArchivePaths, folder: str) -> Iterator[BackupFile]:
    """The files below a folder, by name; without what is still being written (`storage/files/atomic.py`)."""
    for top, folders, names in os.walk(paths.data_dir / folder):
        folders.sort()
        for name in sorted(names):
            path = Path(top) / name
            if path.suffix != ".part" and (size := size_of(path)) >= 0:
                yield BackupFile(path.relative_to(paths.data_dir).as_posix(), size)


# --- whether archive and store belong together ----------------------------------------------------------------------------


def refuse_nesting(data_dir: Path, store: BackupStore) -> None:
    """Raises `UsageError` where one lies in the other."""
    if store.folder is None:
        return
    archive, folder = data_dir.resolve(), store.folder.resolve()
    if folder.is_relative_to(archive) or archive.is_relative_to(folder):
        raise UsageError(f"{store.name} and the archive {data_dir} lie in one another: give a folder outside, on another disk")


def refuse_strangers(data_dir: Path, manifests: Iterable[Manifest], store: BackupStore, there: Iterable[str]) -> None:
    """Raises `UsageError` where the store has manifests that are not of this archive, or not in it any more."""
    ours = {manifest.path: manifest.sha256 for manifest in manifests}
    known = {path: kept.sha256 for path, kept in store.inventory.files.items() if _is_manifest(path)}
    lacking = sorted((known.keys() | set(filter(_is_manifest, there))) - ours.keys())
    if known and ours and not any(ours.get(path) == digest for path, digest in known.items()):
        raise UsageError(
            f"{store.name} holds another archive than {data_dir}: its chain of manifests is another. Give another place"
        )
    if lacking:
        way_out = f"if it lost them, `archiver repair --from {store.name}` brings them back; else give another place"
        raise UsageError(f"{store.name} has manifests that {data_dir} has not, {lacking[0]} for one: {way_out}")


def _is_manifest(path: str) -> bool:
    return path.startswith(f"{MANIFESTS}/") and path.endswith(".json") and path.count("/") == 1
