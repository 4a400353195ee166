"""Manifests: which WARC files are closed, with size and sha256. Each names the one before it, so that they form a chain."""

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
from archiver.storage.files.paths import ArchivePaths, warc_files
from archiver.times import Clock, from_14_digits, from_iso, to_14_digits, to_iso, utc_now

FORMAT = 1
MAX_MANIFEST_BYTES = 64 << 20  # half a million files, which one manifest never has; a larger one is nobody's manifest
PIECE_BYTES = 1 << 20
FETCH_BACK = "fetch it back from a backup (archiver repair --from)"
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
    """One file as a manifest seals it."""

    path: str
    bytes: int
    sha256: str
    manifest: str
    """The manifest's name: the first that has this file."""
    made_at: str
    """When that manifest was made: UTC, as `to_iso`."""


@dataclass(frozen=True, slots=True)
class Previous:
    """The reference of a manifest to the one before it."""

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


@dataclass(frozen=True, slots=True)
class ManifestProblem:
    """Something that is wrong with a manifest, or between two of them."""

    file: str
    """Relative to the data folder."""
    what: str
    remedy: str


class _ManifestJson(msgspec.Struct, frozen=True, kw_only=True):
    """A manifest as JSON."""

    format: int
    number: int
    made_at: str
    software: str
    previous: Previous | None
    files: tuple[ClosedFile, ...]

    def to_bytes(self) -> bytes:
        """The only form of a manifest that is accepted: one key a line."""
        return msgspec.json.format(msgspec.json.encode(self), indent=1) + b"\n"


# --- reading --------------------------------------------------------------------------------------------------------------


def read_manifests(paths: ArchivePaths) -> list[Manifest]:
    """All manifests of an archive in the order of their names, which is that in which they were made; damaged ones included."""
    return [read_manifest(paths, name) for name in manifest_names(paths)]


def read_manifest(paths: ArchivePaths, name: str) -> Manifest:
    """A manifest by its name (`20261122030405.json`); with `damage` where it cannot be read."""
    return read_manifest_bytes(paths, name)[0]


def read_manifest_bytes(paths: ArchivePaths, name: str) -> tuple[Manifest, bytes]:
    """A manifest by its name, and its bytes, which a timestamp authority signs; with `damage` and no bytes where it cannot be
    read."""
    try:
        with open_regular(paths.manifests / name) as file:
            data = file.read(MAX_MANIFEST_BYTES + 1)
    except OSError as error:
        return Manifest(name, "", damage=f"cannot be read: {error.strerror}"), b""
    return manifest_in(name, data), data


def manifest_in(name: str, data: bytes) -> Manifest:
    """Parses the bytes of the manifest of this name; the result has `damage` where they are none."""
    digest = sha256(data).hexdigest()
    if len(data) > MAX_MANIFEST_BYTES:
        return Manifest(name, digest, damage=f"is larger than {MAX_MANIFEST_BYTES >> 20} MB")
    try:
        wire = msgspec.json.decode(data, type=_ManifestJson)
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
    """A foreign archive must not name a file outside of it. Names that JSON or `sha256sum`
    would write with escapes are none of ours, and no other tool could check them."""
    parts = PurePosixPath(file.path).parts
    inside = file.path.startswith("warc/") and "/".join(parts) == file.path and not {"..", "."} & set(parts)
    if not inside or _ESCAPED.search(file.path):
        return f"it names {file.path!r}, which is no WARC file of an archive"
    if file.bytes < 0 or not _HASH.fullmatch(file.sha256):
        return f"it gives {file.path!r} no size and sha256"
    return None


def manifest_names(paths: ArchivePaths) -> list[str]:
    """The names of all manifests, oldest first. Raises `StorageError` where the folder cannot be read."""
    try:
        return sorted(entry.name for entry in paths.manifests.iterdir() if _NAME.fullmatch(entry.name))
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise StorageError(f"cannot read {paths.manifests}: {error.strerror}. Is the folder readable?") from error


def covered(manifests: Iterable[Manifest]) -> dict[str, FileSeal]:
    """Each sealed file by its path. Of a file that several name the first counts: `check_chain` reports where they differ."""
    seals: dict[str, FileSeal] = {}
    for manifest in manifests:
        for file in manifest.files:
            seals.setdefault(file.path, FileSeal(file.path, file.bytes, file.sha256, manifest.name, manifest.made_at))
    return seals


# --- the chain ------------------------------------------------------------------------------------------------------------


def check_chain(manifests: Sequence[Manifest]) -> list[ManifestProblem]:
    """What is wrong with the manifests themselves, as `read_manifests` gives them: damaged, missing, changed, out of line.

    One changed after the next was made is found by the next; the last one only by its timestamp.
    """
    return [*_damaged(manifests), *_missing(manifests), *_broken_links(manifests), *_contradictions(manifests)]


def _damaged(manifests: Sequence[Manifest]) -> Iterator[ManifestProblem]:
    for manifest in manifests:
        if manifest.damage is not None:
            yield ManifestProblem(manifest.path, manifest.damage, FETCH_BACK)


def _missing(manifests: Sequence[Manifest]) -> Iterator[ManifestProblem]:
    """Gaps in the numbers of manifests; a damaged one, whose number is unknown, fills one place."""
    expected = 1
    for manifest in manifests:
        if manifest.number is None:
            expected += 1
            continue
        if manifest.number > expected:
            one = manifest.number == expected + 1
            lost = f"manifest {expected} is" if one else f"manifests {expected} to {manifest.number - 1} are"
            yield ManifestProblem("manifests", f"{lost} not there, before {manifest.name}", FETCH_BACK)
        elif manifest.number < expected:
            what = f"its number is {manifest.number}, and manifest {expected} should stand here"
            yield ManifestProblem(manifest.path, what, "it belongs to another archive, or was made by hand: move it away")
        expected = max(expected, manifest.number + 1)


def _broken_links(manifests: Sequence[Manifest]) -> Iterator[ManifestProblem]:
    """Between those that are there: a missing one is reported as missing."""
    before: dict[str, Manifest] = {}
    numbers: dict[int | None, str] = {}
    for manifest in manifests:
        if manifest.previous is not None:
            named = before.get(manifest.previous.name)
            other = numbers.get(manifest.number - 1) if manifest.number is not None else None
            if named is None and other is not None:
                what = f"is not the one that {manifest.name} names as the one before it: that is {manifest.previous.name}"
                yield ManifestProblem(f"manifests/{other}", what, f"{FETCH_BACK}; this one was put in its place")
            if named is not None and named.damage is None and named.sha256 != manifest.previous.sha256:
                what = f"is not as it was when {manifest.name} was made: its sha256 was {manifest.previous.sha256}"
                yield ManifestProblem(named.path, what, FETCH_BACK)
        if manifest.number is not None and manifest.previous is None and any(one.number is not None for one in before.values()):
            what = f"names none before it, though it is number {manifest.number}"
            yield ManifestProblem(manifest.path, what, FETCH_BACK)
        before[manifest.name] = manifest
        numbers[manifest.number] = manifest.name


def _contradictions(manifests: Sequence[Manifest]) -> Iterator[ManifestProblem]:
    seals = covered(manifests)
    for manifest in manifests:
        for file in manifest.files:
            first = seals[file.path]
            if (file.bytes, file.sha256) != (first.bytes, first.sha256):
                what = f"says of {file.path} something else than {first.manifest} said before"
                yield ManifestProblem(manifest.path, what, "the older one counts; find out what changed that file in between")


# --- sealing --------------------------------------------------------------------------------------------------------------


def seal(paths: ArchivePaths, closed: Iterable[ClosedFile], clock: Clock = utc_now) -> Manifest | None:
    """Writes a manifest of these files, safe on the disk when this returns; None where there are no files.

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
    wire = _ManifestJson(format=FORMAT, number=number, made_at=to_iso(moment), software=software, previous=previous, files=files)
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

    One that cannot be read is left out, and stays without a seal: a bad sector is for `archiver verify` to report, and no reason
    not to crawl. `progress` is called with the number of further bytes read."""
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
