"""Manifests: which WARC files are closed, with size and sha256; each names the one before it, so that they are a chain."""

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path, PurePosixPath

import msgspec

from archiver import __version__
from archiver.errors import StorageError
from archiver.storage.files.atomic import open_regular, write_whole
from archiver.storage.files.paths import ArchivePaths
from archiver.storage.warc.listing import warc_files
from archiver.times import Clock, from_14_digits, from_iso, to_14_digits, to_iso, utc_now

FORMAT = 1
MAX_MANIFEST_BYTES = 64 << 20  # half a million files, which one manifest never has; a larger one is nobody's manifest
PIECE_BYTES = 1 << 20
_NAME = re.compile(r"\d{14}\.json")
_HASH = re.compile(r"[0-9a-f]{64}")
_ESCAPED = re.compile(r'[\x00-\x1f\x7f"\\]')


@dataclass(frozen=True, slots=True)
class ClosedFile:
    """A WARC file to which nothing more is written."""

    path: str
    """Relative to the data folder, with forward slashes."""
    bytes: int
    sha256: str
    """64 hex digits."""


@dataclass(frozen=True, slots=True)
class FileSeal:
    """What a manifest says of one file."""

    path: str
    bytes: int
    sha256: str
    manifest: str
    """The manifest's name: the first that has this file."""
    made_at: str
    """When that manifest was made: UTC, as `to_iso`."""


@dataclass(frozen=True, slots=True)
class Previous:
    """The manifest before, as the one after it names it."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """One manifest, as it was found. One that is damaged has no number, no predecessor and no files."""

    name: str
    """`20261122030405.json`, in `manifests/`."""
    sha256: str
    """Of its bytes as they are; empty where they cannot be read."""
    number: int | None = None
    """Counted from 1 in each archive."""
    made_at: str = ""
    """UTC, as `to_iso`; by the clock of the machine that made it."""
    previous: Previous | None = None
    files: tuple[ClosedFile, ...] = ()
    damage: str | None = None
    """Why it cannot be read; None where it can."""

    @property
    def path(self) -> str:
        """Relative to the data folder."""
        return f"manifests/{self.name}"


class _Wire(msgspec.Struct, frozen=True, kw_only=True):
    """A manifest as JSON."""

    format: int
    number: int
    made_at: str
    software: str
    previous: Previous | None
    files: tuple[ClosedFile, ...]

    def to_bytes(self) -> bytes:
        """The one way to write it, a key a line."""
        return msgspec.json.format(msgspec.json.encode(self), indent=1) + b"\n"


# --- reading --------------------------------------------------------------------------------------------------------------


def read_manifests(paths: ArchivePaths) -> list[Manifest]:
    """All of an archive, in the order in which they were made; damaged ones among them, by their names."""
    return [read_manifest(paths, name) for name in manifest_names(paths)]


def read_manifest(paths: ArchivePaths, name: str) -> Manifest:
    """One by its name; with `damage` where it cannot be read."""
    return read_manifest_bytes(paths, name)[0]


def read_manifest_bytes(paths: ArchivePaths, name: str) -> tuple[Manifest, bytes]:
    """The same, with the bytes that an authority signs."""
    try:
        with open_regular(paths.manifests / name) as file:
            data = file.read(MAX_MANIFEST_BYTES + 1)
    except OSError as error:
        return Manifest(name, "", damage=f"cannot be read: {error.strerror}"), b""
    return manifest_in(name, data), data


def manifest_in(name: str, data: bytes) -> Manifest:
    """What these bytes say as a manifest of this name."""
    digest = sha256(data).hexdigest()
    if len(data) > MAX_MANIFEST_BYTES:
        return Manifest(name, digest, damage=f"is larger than {MAX_MANIFEST_BYTES >> 20} MB")
    try:
        wire = msgspec.json.decode(data, type=_Wire)
        from_iso(wire.made_at)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:  # ValueError: text that is no UTF-8, a date that is none
        return Manifest(name, digest, damage=f"is no manifest: {error}")
    if wire.format != FORMAT:
        return Manifest(name, digest, damage=f"has format {wire.format}, and this version of the program reads {FORMAT}")
    wrong = next(filter(None, (_wrong_with(file) for file in wire.files)), None)
    if wrong is not None or wire.number < 1:
        return Manifest(name, digest, damage=f"is no manifest: {wrong or f'its number is {wire.number}'}")
    if wire.to_bytes() != data:
        # A key that is there twice, or with escapes, is one thing to us and another to the next reader: whoever made such a
        # manifest could show either of two files as the one that was sealed.
        return Manifest(name, digest, damage="is no manifest: it is not written as format 1 is, and two readers may differ on it")
    return Manifest(name, digest, wire.number, wire.made_at, wire.previous, wire.files)


def _wrong_with(file: ClosedFile) -> str | None:
    """An archive may come from elsewhere: what it says of itself leads to no file outside of it. Names that JSON or `sha256sum`
    would write with escapes are none of ours, and no other tool could check them."""
    parts = PurePosixPath(file.path).parts
    inside = file.path.startswith("warc/") and "/".join(parts) == file.path and not {"..", "."} & set(parts)
    if not inside or _ESCAPED.search(file.path):
        return f"it names {file.path!r}, which is no WARC file of an archive"
    if file.bytes < 0 or not _HASH.fullmatch(file.sha256):
        return f"it gives {file.path!r} no size and sha256"
    return None


def manifest_names(paths: ArchivePaths) -> list[str]:
    """In the order in which they were made. Raises `StorageError` where the folder cannot be read."""
    try:
        return sorted(entry.name for entry in paths.manifests.iterdir() if _NAME.fullmatch(entry.name))
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise StorageError(f"cannot read {paths.manifests}: {error.strerror}. Is the folder readable?") from error


def covered(manifests: Iterable[Manifest]) -> dict[str, FileSeal]:
    """Each sealed file by its path. Of a file that several name the first counts: `check_chain` tells where they differ."""
    seals: dict[str, FileSeal] = {}
    for manifest in manifests:
        for file in manifest.files:
            seals.setdefault(file.path, FileSeal(file.path, file.bytes, file.sha256, manifest.name, manifest.made_at))
    return seals


# --- sealing --------------------------------------------------------------------------------------------------------------


def seal(paths: ArchivePaths, closed: Iterable[ClosedFile], clock: Clock = utc_now) -> Manifest | None:
    """Makes a manifest of these files, safe on the disk when this returns; None where there is none of them.

    For the holder of the archive's lock. The files have to be safe themselves, and in no manifest yet. Raises `StorageError`.
    """
    files = tuple(sorted(closed, key=lambda file: file.path))
    if not files:
        return None
    names = manifest_names(paths)
    newest = [read_manifest(paths, name) for name in names[-1:]]
    while newest and newest[-1].number is None and len(newest) < len(names):  # damaged: it may come back from a backup
        newest.append(read_manifest(paths, names[-len(newest) - 1]))
    last = newest[-1] if newest and newest[-1].number is not None else None
    number = (last.number or 0) + len(newest) if last is not None else len(newest) + 1
    previous = Previous(last.name, last.sha256) if last is not None else None
    moment = clock()
    software = f"embed-archiver/{__version__}"
    wire = _Wire(format=FORMAT, number=number, made_at=to_iso(moment), software=software, previous=previous, files=files)
    name = _next_name(to_14_digits(moment), names)
    data = wire.to_bytes()
    write_whole(paths.manifests / name, data, durable=True)
    return manifest_in(name, data)


def _next_name(stamp: str, names: Sequence[str]) -> str:
    """A second later than the last one at least, also where the clock was set back: names stand in the order of the chain."""
    try:
        after = to_14_digits(from_14_digits(names[-1].removesuffix(".json")) + timedelta(seconds=1)) if names else stamp
    except (ValueError, OverflowError) as error:
        raise StorageError(f"manifests/{names[-1]} has no date as its name: move it out of the archive, then go on") from error
    return f"{max(stamp, after)}.json"


def unsealed(paths: ArchivePaths, manifests: Iterable[Manifest]) -> list[str]:
    """WARC files that no manifest has, by their paths: open ones, and those that a killed run left behind."""
    sealed = covered(manifests)
    return sorted(path for path in map(paths.relative, warc_files(paths)) if path not in sealed)


def closed_files(
    paths: ArchivePaths, found: Iterable[str], progress: Callable[[int], None] | None = None
) -> Iterator[ClosedFile]:
    """These files, of which the caller knows that nobody writes to them, with what they hold now.

    One that cannot be read is left out, and stays without a seal: a bad sector is for `archiver verify` to tell of, and no reason
    not to crawl. `progress` is told how many bytes more were read.
    """
    for path in found:
        with contextlib.suppress(StorageError):
            yield ClosedFile(path, *hash_of(paths.data_dir / path, progress))


def hash_of(path: Path, progress: Callable[[int], None] | None = None) -> tuple[int, str]:
    """Size and sha256 of a regular file, read in pieces. Raises `StorageError` where it cannot be read to its end."""
    digest, size = sha256(), 0
    try:
        with open_regular(path) as file:
            while piece := file.read(PIECE_BYTES):
                digest.update(piece)
                size += len(piece)
                if progress is not None:
                    progress(len(piece))
    except OSError as error:
        raise StorageError(f"cannot read {path}: {error.strerror}. Is the disk in order?") from error
    return size, digest.hexdigest()
