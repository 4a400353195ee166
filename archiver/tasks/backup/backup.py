"""Copies to another place what is finished and new: beside a crawl, without its lock, in an order that can end anywhere."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from archiver.errors import ArchiverError, BadFile, StorageError, UsageError
from archiver.storage.backup.store import CHUNK_BYTES, BackupStore, pour
from archiver.storage.files.paths import ArchivePaths
from archiver.storage.index.snapshot import copy_index, stamp_of
from archiver.storage.warc.manifests import Manifest, check_chain, read_manifests
from archiver.tasks.backup.files import (
    FOLDERS,
    WARCS,
    BackupFile,
    UnsealedWarcs,
    evidence,
    is_whole_picture,
    pictures,
    refuse_nesting,
    refuse_strangers,
    sealed_warcs,
    size_of,
    waiting_in,
)
from archiver.times import Clock, utc_now

INVENTORY_EVERY_BYTES = 1 << 30  # after so much the inventory is written: what it does not have yet is read again after a kill
MAX_ROUNDS = 3  # WARC files that are sealed meanwhile are copied as well, but a fast crawl must not keep a backup for ever
CONFIG, INDEX = "archiver.toml", "index.db"


@dataclass(frozen=True, slots=True)
class BackupProblem:
    """A file that is not as it should be, here or there."""

    file: str
    """Relative to the archive and to the store."""
    what: str
    remedy: str


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What a backup did, and what it found."""

    dest: str
    """Without user, password and options."""
    files: int
    """Copied by this run."""
    bytes: int
    kept: int
    """Files of this archive that the store has."""
    verified: int
    """Copies that were read again."""
    waiting: UnsealedWarcs
    """WARC files that no manifest covers yet."""
    index: str
    """copied, unchanged, waiting (it names files that are not sealed yet), missing, damaged"""
    problems: tuple[BackupProblem, ...]


def backup(
    data_dir: Path,
    dest: str,
    *,
    verify: bool = False,
    clock: Clock = utc_now,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> BackupReport:
    """Copies what the store at `dest` has not. `verify` reads all copies first; those that are damaged are made again.

    `on_progress` is called with bytes done and bytes in all. A file that is damaged or lost is a problem of the report, and keeps
    no other from being copied. Raises `UsageError` where archive and store do not go together, `ArchiveHeld` where another backup
    writes there, `StorageError` where the store does not answer or is full: what was copied is kept, and not copied again."""
    paths = ArchivePaths(data_dir)
    if not paths.warc_dir.is_dir():
        raise UsageError(f"there is no archive in {data_dir}: give its folder with --archive DIR")
    _refuse_before_making(data_dir, dest.removeprefix("file://"))
    with BackupStore.open(dest, to_write=True, clock=clock) as store:
        refuse_nesting(data_dir, store)
        there = {path: size for folder in FOLDERS for path, size in store.sizes(folder).items()}
        there |= {name: size for name in (CONFIG, INDEX) if (size := store.size(name)) is not None}
        refuse_strangers(data_dir, read_manifests(paths), store, there)
        return _Backup(paths, store, there, on_progress).run(verify)


def _refuse_before_making(data_dir: Path, dest: str) -> None:
    """A folder inside the archive is not even made."""
    if "://" not in dest and Path(dest).expanduser().resolve().is_relative_to(data_dir.resolve()):
        raise UsageError(f"{dest} lies in the archive {data_dir}: give a folder outside, on another disk")


class _NotSealed(ArchiverError):
    """The index has captures in WARC files that are not in the store: its copy would point to nothing."""


class _Backup:
    """One run."""

    def __init__(
        self, paths: ArchivePaths, store: BackupStore, there: dict[str, int], on_progress: Callable[[int, int], None]
    ) -> None:
        self.paths, self.store, self.there, self.on_progress = paths, store, there, on_progress
        self.inventory = store.inventory
        self.problems: list[BackupProblem] = []
        self.spoilt: set[str] = set()  # copies that are no good
        self.files = self.bytes = self.verified = 0
        self.done = self.total = self.since_inventory = 0

    def run(self, verify: bool) -> BackupReport:
        try:
            self.store.write_inventory()  # whether the place can be written to is seen first
            if verify:
                self._verify()
            manifests = self._evidence_and_warcs()
            self._copy_all(pictures(self.paths))
            self._config()
            index = self._index(manifests)
            self.store.write_inventory(finished=True)
        except BaseException:
            with suppress(StorageError):
                self.store.write_inventory()
            raise
        waiting = waiting_in(self.paths, manifests)
        kept = sum(map(self._is_there, self.inventory.files))
        problems = tuple(dict.fromkeys(self.problems))
        return BackupReport(self.store.name, self.files, self.bytes, kept, self.verified, waiting, index, problems)

    def _evidence_and_warcs(self) -> list[Manifest]:
        """WARC files before the manifests that name them; and again while there are new ones. Returns the manifests."""
        manifests: list[Manifest] = []
        for _ in range(MAX_ROUNDS):
            found = read_manifests(self.paths)
            if [one.name for one in found] == [one.name for one in manifests]:
                break
            manifests = found
            self._copy_all(sealed_warcs(self.paths, manifests))
            wrong = check_chain(manifests)
            self.problems += [BackupProblem(problem.file, problem.what, problem.remedy) for problem in wrong]
            damaged = {problem.file for problem in wrong}
            self._copy_all(wanted for wanted in evidence(self.paths, manifests) if wanted.path not in damaged)
        return manifests

    # --- copies that are there --------------------------------------------------------------------------------------------

    def _verify(self) -> None:
        kept = {path: entry for path, entry in self.inventory.files.items() if entry.sha256}
        self.total += sum(entry.bytes for entry in kept.values())
        for path, entry in sorted(kept.items()):
            digest = self.store.sha256(path)
            self.verified += 1
            self._advance(entry.bytes)
            if digest != entry.sha256:
                self.spoilt.add(path)
                what = "its copy is gone" if digest is None else "its copy is damaged"
                remedy = "it is copied again, if the archive has it whole. Find out whether that disk can be trusted"
                self.problems.append(BackupProblem(path, what, remedy))

    def _is_there(self, path: str) -> bool:
        """Whole, by its size and the inventory."""
        kept = self.inventory.files.get(path)
        return bool(kept and kept.sha256 and self.there.get(path) == kept.bytes and path not in self.spoilt)

    def _is_strange(self, path: str) -> bool:
        return path in self.there and path not in self.inventory.files

    # --- files that are written once --------------------------------------------------------------------------------------

    def _copy_all(self, files: Iterable[BackupFile]) -> None:
        due = [wanted for wanted in files if self._is_due(wanted)]
        self.total += sum(wanted.bytes for wanted in due)
        for wanted in due:
            try:
                self._copy(wanted)
            except BadFile as error:
                self._bad(wanted.path, str(error))

    def _is_due(self, wanted: BackupFile) -> bool:
        """Whether it is to be copied. What is wrong with it already by its size is a problem."""
        kept, path = self.inventory.files.get(wanted.path), wanted.path
        if wanted.bytes < 0:
            self._bad(path, "is lost")
            return False
        if wanted.sealed_bytes not in (None, wanted.bytes):
            self._bad(path, f"has {wanted.bytes:,} bytes, and {wanted.sealed_bytes:,} were sealed")
            return False
        if not self._is_there(path) or kept is None:
            return True
        if wanted.picture:
            return wanted.bytes != kept.bytes
        if wanted.bytes != kept.bytes or wanted.sha256 not in (None, kept.sha256):
            self._bad(path, "is another one than was copied before")
        return False

    def _copy(self, wanted: BackupFile) -> None:
        """Raises `BadFile` where it is not what it has to be; then the store stays as it is."""
        path, kept = wanted.path, self.inventory.files.get(wanted.path)
        if self._is_strange(path):
            self._take_over(wanted)
            return
        before = kept.sha256 or None if kept is not None and not wanted.picture else None
        if wanted.sha256 and before and wanted.sha256 != before:
            raise BadFile("its manifest says another sha256 than was copied before")
        self._put(path, self._read(wanted), wanted.sha256 or before, durable=not wanted.picture)

    def _take_over(self, wanted: BackupFile) -> None:
        """A file that is there, of which the inventory does not know: a run was killed, or it is another's. That one stays."""
        digest = wanted.sha256 or pour(self._read(wanted), None)[1]
        if self.store.sha256(wanted.path) != digest:
            self._strange(wanted.path)
            return
        self.store.note(wanted.path, wanted.bytes, digest)

    def _read(self, wanted: BackupFile) -> Iterator[bytes]:
        chunks = self._chunks(wanted.path)
        if not wanted.picture:
            return chunks
        data = b"".join(chunks)
        if not is_whole_picture(data):
            raise BadFile("is no whole WebP file")
        return iter((data,))

    def _chunks(self, path: str) -> Iterator[bytes]:
        try:
            with (self.paths.data_dir / path).open("rb", buffering=0) as file:
                while chunk := file.read(CHUNK_BYTES):
                    yield chunk
                    self._advance(len(chunk))
        except OSError as error:
            raise BadFile(f"cannot be read: {error.strerror}") from error

    def _put(self, path: str, chunks: Iterable[bytes], expected: str | None = None, *, durable: bool = True) -> None:
        put = self.store.put(path, chunks, expected, durable=durable)
        self._was_put(path, put.bytes)

    def _was_put(self, path: str, size: int) -> None:
        self.there[path] = size
        self.spoilt.discard(path)
        self.files += 1
        self.bytes += size
        self.since_inventory += size
        if self.since_inventory >= INVENTORY_EVERY_BYTES:
            self.since_inventory = 0
            self.store.write_inventory()

    # --- files that change ------------------------------------------------------------------------------------------------

    def _config(self) -> None:
        """Its values may be secret (a proxy's password): they go where the archive goes, and the page in docs/ says so."""
        if not self.paths.config.exists():
            return
        try:
            data = b"".join(self._chunks(CONFIG))
        except BadFile as error:
            self._bad(CONFIG, str(error))
            return
        digest, kept = sha256(data).hexdigest(), self.inventory.files.get(CONFIG)
        if self._is_strange(CONFIG):
            self._take_over(BackupFile(CONFIG, len(data), digest))
        elif not self._is_there(CONFIG) or kept is None or kept.sha256 != digest:
            self._is_being_replaced(CONFIG)
            self._put(CONFIG, (data,))

    def _index(self, manifests: list[Manifest]) -> str:
        """The copy of index.db, as `BackupReport.index` has it. Not made anew where neither index.db nor its journal changed."""
        if not self.paths.index.exists():
            return "missing"
        stamp = stamp_of(self.paths.index)
        if self._is_there(INDEX) and self.inventory.index_of == stamp:
            return "unchanged"
        if self._is_strange(INDEX):
            self._strange(INDEX)
            return "unchanged"
        sealed = {file.path for manifest in manifests for file in manifest.files}
        try:
            with self.store.making(INDEX) as copy:
                self._copy_index(copy, sealed)
                self._is_being_replaced(INDEX)
        except _NotSealed:
            return "waiting"
        except BadFile as error:
            self.problems.append(BackupProblem(INDEX, str(error), "`archiver reindex` makes it anew from the WARC files"))
            return "damaged"
        self.inventory.index_of = stamp
        self._was_put(INDEX, self.inventory.files[INDEX].bytes)
        return "copied"

    def _copy_index(self, copy: Path, sealed: set[str]) -> None:
        size = max(size_of(self.paths.index), 0)
        self.total += size
        begun = self.done

        def on_pages(done: int, total: int) -> None:
            self.done = begun + (size * done // total if total else size)
            self._advance(0)

        indexed = copy_index(self.paths.index, copy, on_pages)
        if any(path.startswith(f"{WARCS}/") and path not in sealed for path in indexed):
            raise _NotSealed("the index has captures in WARC files that are not sealed yet")

    def _is_being_replaced(self, path: str) -> None:
        """Marks the file in the inventory as half written, so that a kill before it is whole is seen."""
        self.store.note(path, 0, "")
        self.store.write_inventory()

    # --- reporting --------------------------------------------------------------------------------------------------------

    def _advance(self, size: int) -> None:
        self.done += size
        self.on_progress(self.done, max(self.done, self.total))

    def _bad(self, path: str, what: str) -> None:
        if self._is_there(path):
            remedy = f"the copy in {self.store.name} stays as it was: `archiver repair --from {self.store.name}` fetches it back"
        else:
            remedy = "it was not copied: `archiver verify` says more, `archiver repair` makes again what can be made"
        self.problems.append(BackupProblem(path, what, remedy))

    def _strange(self, path: str) -> None:
        what = f"{self.store.name} has another file of that name, which is not of this backup"
        self.problems.append(BackupProblem(path, what, "it is left alone: move it away, and run this again"))
