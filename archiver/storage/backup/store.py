"""A backup store: copies of an archive in a folder or behind any fsspec URL. Its inventory lists its files."""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from archiver.errors import ArchiverError, BadFile, StorageError
from archiver.storage.backup.inventory import INVENTORY, Inventory, StoredFile, read_inventory
from archiver.storage.backup.locations import filesystem_of, is_flat, shown
from archiver.storage.files.atomic import sync_to_disk
from archiver.storage.files.lock import ArchiveLock
from archiver.times import Clock, to_iso, utc_now

LOCK = ".backup.lock"
CHUNK_BYTES = 256 << 10  # fits into the cache between being read, digested and written


class BackupStore:
    """Opened with `BackupStore.open`. Nothing in it is ever deleted; a file is there whole or not at all.

    All methods raise `StorageError` where the place does not answer, refuses or is full.
    """

    def __init__(self, filesystem: Any, root: str, dest: str, folder: Path | None, clock: Clock) -> None:
        self._filesystem, self._root, self._dest, self._clock = filesystem, root.rstrip("/"), dest, clock
        self.folder = folder
        """Where the store is a folder of this machine; else None."""
        self.name = shown(dest)
        """The address as it may be printed: without user, password and options."""
        self._lock: ArchiveLock | None = None
        self.inventory = Inventory()

    @classmethod
    def open(cls, dest: str, *, to_write: bool = False, clock: Clock = utc_now) -> "BackupStore":
        """`dest` is a folder, or a URL that fsspec knows (`s3://bucket/archive`).

        `to_write` makes the last folder of a path where it is missing, and keeps other backups to the same folder away. Raises
        `UsageError` where fsspec knows no such address, a library is missing or `backup.json` is not ours; `ArchiveHeld`.
        """
        filesystem, root, folder = filesystem_of(dest)
        store = cls(filesystem, root, dest, folder, clock)
        if folder is not None:
            store._enter_folder(folder, to_write)
        try:
            store.inventory = store._read_inventory()
        except BaseException:
            store.close()
            raise
        return store

    def _enter_folder(self, folder: Path, to_write: bool) -> None:
        if to_write:
            with self._storage_errors("make the folder"):
                folder.mkdir(exist_ok=True)  # the one above has to be there: a disk that is not mounted gets no backup
            self._lock = ArchiveLock(folder / LOCK, "archiver backup", clock=self._clock)
        elif not folder.is_dir():
            raise StorageError(f"there is no folder {folder}. Is its disk mounted?")

    def close(self) -> None:
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def __enter__(self) -> "BackupStore":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- reading ----------------------------------------------------------------------------------------------------------

    def sizes(self, folder: str = "") -> dict[str, int]:
        """The files in this folder and all below it: path -> bytes, as they lie there now, ours or not."""
        with self._storage_errors("list what is there"):
            self._filesystem.invalidate_cache()
            found = self._filesystem.find(self._at(folder), detail=True)
        return {name.removeprefix(self._root).lstrip("/"): info["size"] or 0 for name, info in found.items()}

    def size(self, path: str) -> int | None:
        """The size in bytes of one file as it lies there now; None where there is none."""
        try:
            with self._storage_errors(f"look at {path}", missing=True):
                return int(self._filesystem.info(self._at(path))["size"] or 0)
        except FileNotFoundError:
            return None

    def sha256(self, path: str) -> str | None:
        """The SHA-256 (64 hex digits) of a file as it lies there now, read to its end; None where there is none."""
        digest = sha256()
        try:
            for chunk in self._chunks(path):
                digest.update(chunk)
        except FileNotFoundError:
            return None
        return digest.hexdigest()

    def fetch(self, path: str, into: Path, expected: str | None = None) -> StoredFile:
        """Copies a file out of the store to `into`: whole and safe on the disk, or not at all, then whatever was there stays.

        `expected` is the sha256 that it must have (64 hex digits), if not that of the inventory. Raises `BadFile` where it has
        another one, is not there, or no one knows what it should be.
        """
        kept = self.inventory.files.get(path)
        wanted = expected or (kept.sha256 if kept is not None else "")
        if not wanted:
            raise BadFile(f"{self.name} has no {path}: it is not in its {INVENTORY}")
        try:
            with _part_of(into) as out:
                size, digest = pour(self._chunks(path), out)
                if digest != wanted:
                    raise BadFile(f"{path} in {self.name} is damaged: its sha256 is {digest}, and should be {wanted}")
        except FileNotFoundError as error:
            raise BadFile(f"{path} is not in {self.name}, though its {INVENTORY} has it") from error
        except OSError as error:
            raise StorageError(f"cannot write {into}: {error.strerror}. Is the folder writable, is there room?") from error
        return StoredFile(size, digest, kept.at if kept is not None else to_iso(self._clock()))

    def _chunks(self, path: str) -> Iterator[bytes]:
        """Raises `FileNotFoundError` where there is none."""
        with self._storage_errors(f"read {path}", missing=True), self._filesystem.open(self._at(path), "rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk

    def _read_inventory(self) -> Inventory:
        try:
            data = b"".join(self._chunks(INVENTORY))
        except FileNotFoundError:
            return Inventory()
        return read_inventory(data, self.name)

    # --- writing ----------------------------------------------------------------------------------------------------------

    def put(self, path: str, chunks: Iterable[bytes], expected: str | None = None, *, durable: bool = True) -> StoredFile:
        """Puts a file there, in place of the one of that name, and into the inventory; `write_inventory` makes that last.

        Raises `BadFile` where `chunks` have another sha256 than `expected`, and whatever `chunks` raise: then the file of that
        name stays as it was. `durable`: it survives a power cut; without, one of wrong size may be found after it.
        """
        with self._storage_errors(f"write {path}"), self._writing(path, durable) as out:
            size, digest = pour(chunks, out)
            if expected is not None and digest != expected:
                raise BadFile(f"its sha256 is {digest}, and should be {expected}")
        return self.note(path, size, digest)

    def note(self, path: str, size: int, digest: str) -> StoredFile:
        """Enters a file into the inventory. An empty digest: it is ours, and may not be whole."""
        kept = StoredFile(size, digest, to_iso(self._clock()))
        self.inventory.files[path] = kept
        return kept

    def write_inventory(self, *, finished: bool = False) -> None:
        """Writes `backup.json`; `finished` where a backup is at its end."""
        if finished:
            self.inventory.finished_at = to_iso(self._clock())
        with self._storage_errors(f"write {INVENTORY}"), self._writing(INVENTORY, True) as out:
            out.write(self.inventory.as_json())

    @contextmanager
    def making(self, path: str) -> Iterator[Path]:
        """Where to make a file that is to be put under this name at the end of the block: in the store itself where that is a
        folder, else where temporary files lie (TMPDIR). Whatever is raised inside leaves the store as it is."""
        if self.folder is None:
            with tempfile.TemporaryDirectory(prefix="archiver-backup-") as temporary:
                made = Path(temporary) / Path(path).name
                yield made
                self.put(path, _chunks_of(made))
            return
        part = _part_path(self.folder / path)
        try:
            with self._storage_errors(f"write {path}"):
                part.unlink(missing_ok=True)
                yield part
                size, digest = pour(_chunks_of(part), None)
                _put_in_place(part, self.folder / path, durable=True)
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)
        self.note(path, size, digest)

    @contextmanager
    def _writing(self, path: str, durable: bool) -> Iterator[BinaryIO]:
        if self.folder is not None:
            with _part_of(self.folder / path, durable=durable) as out:
                yield out
            return
        # What a transaction leaves without an error gets its name only then: an upload in parts is completed, or called off.
        with self._filesystem.transaction:
            if not is_flat(self._filesystem):
                self._filesystem.makedirs(self._at(path).rpartition("/")[0], exist_ok=True)
            with self._filesystem.open(self._at(path), "wb", block_size=16 << 20) as out:  # S3 takes 10,000 parts: 160 GB
                yield out

    def _at(self, path: str) -> str:
        return f"{self._root}/{path}" if path else self._root or "/"

    @contextmanager
    def _storage_errors(self, doing: str, *, missing: bool = False) -> Iterator[None]:
        """Errors of the place in one line, without what is secret in its address."""
        try:
            yield
        except ArchiverError:
            raise
        except Exception as error:  # each filesystem raises kinds of its own: botocore's, for one, are no OSError
            if missing and isinstance(error, FileNotFoundError):
                raise
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            hidden = self._dest != self.name  # an error's text may repeat the address
            way_out = "Is it the right place, can it be reached and written to, is there room? The same command goes on"
            message = f"cannot {doing} in {self.name}: {type(error).__name__ if hidden else reason}. {way_out}"
            raise StorageError(message) from (None if hidden else error)


def pour(chunks: Iterable[bytes], out: BinaryIO | None) -> tuple[int, str]:
    """Size and sha256 (hex) of what was poured, into a file or into nothing."""
    digest, size = sha256(), 0
    for chunk in chunks:
        digest.update(chunk)
        size += len(chunk)
        if out is not None:
            out.write(chunk)
    return size, digest.hexdigest()


def _chunks_of(path: Path) -> Iterator[bytes]:
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def _part_path(path: Path) -> Path:
    """One name, whichever process writes: what a killed one left is written over, not left for ever."""
    return path.with_name(f".{path.name}.part")


@contextmanager
def _part_of(path: Path, *, durable: bool = True) -> Iterator[BinaryIO]:
    """A file to write that gets its name at the end of the block. Raises `OSError`."""
    part = _part_path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as out:
            yield out
        _put_in_place(part, path, durable=durable)
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def _put_in_place(part: Path, path: Path, *, durable: bool) -> None:
    if durable:
        sync_to_disk(part)
    part.replace(path)
    if durable:
        sync_to_disk(path.parent)  # the name is the folder's
