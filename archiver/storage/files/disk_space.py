"""Free space on the archive's disk: a crawl stops before there is none."""

import os
from dataclasses import dataclass
from pathlib import Path

from archiver.errors import DiskFull, StorageError

MIN_FREE_INODES = 200  # a crawl with screenshots makes some twenty files a minute, and a database two for its journal
URGENT_BYTES = 64 << 20  # below this, or half of what is to stay free, not even what is under way is written: it may be large


@dataclass(frozen=True, slots=True)
class FreeSpace:
    """Free space for the user of this process: less than root may use."""

    bytes: int
    inodes: int | None
    """Files that can still be made; None where the file system counts none (Btrfs, for one)."""


def free_space(folder: Path) -> FreeSpace:
    """Free space of the file system that this folder is on, or will be on once it is made. Raises `StorageError`."""
    while True:
        try:
            found = os.statvfs(folder)
        except (FileNotFoundError, NotADirectoryError) as error:
            if folder == folder.parent:
                raise StorageError(f"cannot see how much is free at {folder}: {error.strerror}") from error
            folder = folder.absolute().parent
        except OSError as error:
            advice = "Is the disk in order? Choose another folder with --archive DIR"
            raise StorageError(f"cannot see how much is free at {folder}: {error.strerror}. {advice}") from error
        else:
            return FreeSpace(found.f_bavail * found.f_frsize, found.f_favail if found.f_files else None)


def require_free_space(folder: Path, min_free: int) -> None:
    """Raises `DiskFull` where less than `min_free` bytes are free, `StorageError` where that cannot be seen."""
    if (lack := lack_of_space(folder, min_free)) is not None:
        raise lack


def lack_of_space(folder: Path, min_free: int) -> DiskFull | None:
    """A `DiskFull` to raise where less than `min_free` bytes or too few inodes are free, else None. Its `urgent` says that not
    even what is under way may be written. Raises `StorageError` where free space cannot be seen."""
    room = free_space(folder)
    if room.bytes < min_free:
        left = f"{_megabytes(room.bytes)} are free for {folder}, and a crawl leaves {_megabytes(min_free)} free"
        advice = "make room, or set min_free in archiver.toml; then the same command goes on"
        return DiskFull(f"{left}: {advice}", urgent=room.bytes < min(URGENT_BYTES, min_free // 2))
    if room.inodes is not None and room.inodes < MIN_FREE_INODES:
        left = f"only {room.inodes} more files can be made on the disk of {folder}, and a crawl leaves {MIN_FREE_INODES}"
        return DiskFull(f"{left}: delete some there, then the same command goes on")
    return None


def _megabytes(count: int) -> str:
    return f"{count / 1e6:,.1f} MB" if count < 10_000_000 else f"{count / 1e6:,.0f} MB"
