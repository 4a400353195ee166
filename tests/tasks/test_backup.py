"""`archiver backup`: what is finished and new, in an order that may end anywhere, and nothing good is lost for something bad."""

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import pytest

from archiver.errors import StorageError, UsageError
from archiver.storage.backup.inventory import INVENTORY
from archiver.storage.backup.store import BackupStore
from archiver.storage.files.paths import ArchivePaths
from archiver.storage.index import snapshot
from archiver.storage.index.database import open_index
from archiver.storage.index.writer import IndexWriter
from archiver.storage.warc.manifests import closed_files, read_manifests, seal
from archiver.tasks.backup.backup import BackupReport, backup

PICTURE = "screenshots/twitter/1/20260101000000.webp"
THUMBNAIL = "thumbnails/ab/abcd.webp"


def webp(data: bytes) -> bytes:
    """A WebP, as far as a backup looks into one."""
    return b"RIFF" + (len(data) + 4).to_bytes(4, "little") + b"WEBP" + data


@dataclass(frozen=True)
class Made:
    """An archive of one's own making: sealed files with any bytes, and an index that knows of them."""

    paths: ArchivePaths

    @property
    def data_dir(self) -> Path:
        return self.paths.data_dir

    def write(self, name: str, data: bytes) -> str:
        path = self.data_dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return name

    def warc(self, name: str, size: int = 10_000, *, sealed: bool = True) -> str:
        path = self.write(f"warc/20260101/{name}.warc.gz", (name.encode() * size)[:size])
        with closing(open_index(self.paths.index)) as database:
            index = IndexWriter(database)
            index.reached(path, None, size)
            index.commit()
        if sealed:
            seal(self.paths, closed_files(self.paths, [path]))
        return path

    def files(self) -> dict[str, bytes]:
        """All that a backup takes but the index."""
        own = {"index.db", "index.db-wal", "index.db-shm", "state.db", "cookies.txt"}
        found = (path for path in self.data_dir.rglob("*") if path.is_file() and path.name not in own)
        return {path.relative_to(self.data_dir).as_posix(): path.read_bytes() for path in found}


@pytest.fixture
def made(data_dir: Path) -> Made:
    archive = Made(ArchivePaths(data_dir))
    for name in ("a", "b", "c"):
        archive.warc(name)
    archive.write("manifests/20260101000000.tsa.example.tsr", b"a timestamp")
    archive.write("manifests/authorities/tsa.example.pem", b"a certificate")
    archive.write("torn/a.warc.gz.100", b"half a record")
    archive.write(PICTURE, webp(b"a picture"))
    archive.write(THUMBNAIL, webp(b"a thumbnail"))
    archive.write("archiver.toml", b"[crawl]\n")
    archive.write("state.db", b"unfinished work")
    archive.write("cookies.txt", b"secret")
    return archive


@pytest.fixture(params=["folder", "memory"])
def dest(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return folder_of(tmp_path) if request.param == "folder" else f"memory://{uuid4().hex}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(folder_of(tmp_path))


def folder_of(tmp_path: Path) -> str:
    return str(tmp_path / "depot")


def held(dest: str) -> dict[str, bytes]:
    """What lies there, but for the index, the inventory and the lock."""
    with BackupStore.open(dest) as store:
        names = store.sizes().keys() - {"index.db", INVENTORY, ".backup.lock"}
        return {name: b"".join(store._chunks(name)) for name in names}


def indexed(dest: str, tmp_path: Path) -> list[str]:
    """The WARC files of which the copied index tells."""
    with BackupStore.open(dest) as store:
        store.fetch("index.db", tmp_path / "fetched.db")
    with closing(sqlite3.connect(tmp_path / "fetched.db")) as database:
        return [path for (path,) in database.execute("SELECT path FROM warcs ORDER BY path")]


def problems(report: BackupReport) -> dict[str, str]:
    return {problem.file: f"{problem.what}; {problem.remedy}" for problem in report.problems}


# --- what is copied -------------------------------------------------------------------------------------------------------


def test_all_is_copied_once(made: Made, dest: str, tmp_path: Path) -> None:
    first = backup(made.data_dir, dest)

    assert held(dest) == made.files()
    assert indexed(dest, tmp_path) == [f"warc/20260101/{name}.warc.gz" for name in "abc"]
    assert (first.problems, first.index, first.files) == ((), "copied", len(made.files()) + 1)

    again = backup(made.data_dir, dest)

    assert (again.files, again.index, again.problems) == (0, "unchanged", ())
    assert again.kept == first.files


def test_what_is_new_is_copied(made: Made, dest: str, tmp_path: Path) -> None:
    backup(made.data_dir, dest)
    new = made.warc("d")
    made.write("archiver.toml", b"[crawl]\ndelay = 2\n")

    report = backup(made.data_dir, dest)

    assert held(dest) == made.files()
    assert indexed(dest, tmp_path)[-1] == new
    assert report.files == 4  # the WARC file, its manifest, archiver.toml and the index


def test_a_file_that_is_still_written_to_waits_and_the_index_that_tells_of_it(made: Made, folder: Path, tmp_path: Path) -> None:
    backup(made.data_dir, str(folder))
    opened = made.warc("open", 777, sealed=False)

    report = backup(made.data_dir, str(folder))

    assert not (folder / opened).exists()
    assert (report.waiting.files, report.waiting.bytes, report.index) == (1, 777, "waiting")
    assert opened not in indexed(str(folder), tmp_path), "the older copy of the index points to nothing that is missing"
    seal(made.paths, closed_files(made.paths, [opened]))
    assert backup(made.data_dir, str(folder)).index == "copied"
    assert opened in indexed(str(folder), tmp_path)


def test_a_file_that_is_sealed_meanwhile_is_copied_as_well(made: Made, folder: Path) -> None:
    sealed: list[str] = []

    def on_progress(done: int, total: int) -> None:
        if not sealed:
            sealed.append(made.warc("meanwhile"))

    report = backup(made.data_dir, str(folder), on_progress=on_progress)

    assert held(str(folder)) == made.files()
    assert report.index == "copied"


def test_the_index_is_copied_beside_its_writer(made: Made, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One who adds rows all the time is not held up, and does not keep the copy from its end."""
    monkeypatch.setattr(snapshot, "STEP_PAGES", 1)
    backup(made.data_dir, str(folder))
    late: list[str] = []
    with closing(sqlite3.connect(made.paths.index, isolation_level=None, timeout=0)) as writer:
        writer.execute("UPDATE warcs SET indexed_to = indexed_to + 1")

        def on_progress(done: int, total: int) -> None:
            late.append(f"file:///late-{len(late)}.warc.gz")
            writer.execute("INSERT INTO warcs (id, path, indexed_to) VALUES (?, ?, 1)", (len(late), late[-1]))

        report = backup(made.data_dir, str(folder), on_progress=on_progress)

    assert report.index == "copied" and len(late) > 10
    assert not set(indexed(str(folder), tmp_path)) & set(late[1:])


def test_a_picture_that_was_made_again_takes_the_place_of_the_older_one(made: Made, dest: str) -> None:
    backup(made.data_dir, dest)
    made.write(PICTURE, webp(b"the same picture by another encoder"))

    assert backup(made.data_dir, dest).problems == ()
    assert held(dest) == made.files()


# --- what is not as it should be ------------------------------------------------------------------------------------------


def test_a_damaged_file_is_not_copied_and_all_else_is(made: Made, dest: str) -> None:
    bad = made.write("warc/20260101/b.warc.gz", b"x" * 10_000)
    half = made.write(THUMBNAIL, webp(b"a thumbnail")[:-1])

    report = backup(made.data_dir, dest)

    assert set(problems(report)) == {bad, half}
    assert "sha256" in problems(report)[bad] and "`archiver verify`" in problems(report)[bad]
    assert held(dest) == {name: data for name, data in made.files().items() if name not in (bad, half)}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("warc/20260101/b.warc.gz", b"cut off"),
        ("manifests/20260101000000.tsa.example.tsr", b"another timestamp"),
        (PICTURE, b"RIFF"),
        ("torn/a.warc.gz.100", b""),
    ],
)
def test_nothing_damaged_takes_the_place_of_a_good_copy(made: Made, folder: Path, name: str, data: bytes) -> None:
    backup(made.data_dir, str(folder))
    good = made.files()
    made.write(name, data)

    report = backup(made.data_dir, str(folder))

    assert set(problems(report)) == {name}
    assert f"`archiver repair --from {folder}`" in problems(report)[name]
    assert held(str(folder)) == good


def test_a_changed_manifest_does_not_reach_the_copies(made: Made, folder: Path) -> None:
    backup(made.data_dir, str(folder))
    good = made.files()
    second = read_manifests(made.paths)[1]
    made.write(second.path, good[second.path].replace(b"10000", b"10001"))

    report = backup(made.data_dir, str(folder))

    assert second.path in problems(report)
    assert held(str(folder)) == good


def test_a_lost_file_is_told_with_where_it_still_is(made: Made, folder: Path) -> None:
    backup(made.data_dir, str(folder))
    lost = made.data_dir / "warc/20260101/a.warc.gz"
    lost.unlink()

    report = backup(made.data_dir, str(folder))

    [(name, told)] = problems(report).items()
    assert name == "warc/20260101/a.warc.gz"
    assert told == f"is lost; the copy in {folder} stays as it was: `archiver repair --from {folder}` fetches it back"


def test_a_damaged_index_is_not_copied(made: Made, folder: Path) -> None:
    backup(made.data_dir, str(folder))
    good = (folder / "index.db").read_bytes()
    data = bytearray(made.paths.index.read_bytes())
    data[4096 * 3 : 4096 * 6] = b"\xff" * 4096 * 3
    made.paths.index.write_bytes(data)

    report = backup(made.data_dir, str(folder))

    assert report.index == "damaged"
    assert "`archiver reindex`" in problems(report)["index.db"]
    assert (folder / "index.db").read_bytes() == good


def test_copies_that_are_damaged_or_gone_are_found_and_made_again(made: Made, folder: Path) -> None:
    backup(made.data_dir, str(folder))
    flipped, gone = "warc/20260101/b.warc.gz", "index.db"
    data = bytearray((folder / flipped).read_bytes())
    data[5_000] ^= 1
    (folder / flipped).write_bytes(data)
    (folder / gone).unlink()
    assert backup(made.data_dir, str(folder)).problems == (), "the flipped bit is not looked for; what is gone is copied again"

    report = backup(made.data_dir, str(folder), verify=True)

    assert list(problems(report)) == [flipped]
    assert "its copy is damaged" in problems(report)[flipped]
    assert held(str(folder)) == made.files()
    good = backup(made.data_dir, str(folder), verify=True)
    assert (good.problems, good.verified, good.files) == ((), good.kept, 0)


# --- what is there already ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["warc/20260101/b.warc.gz", "archiver.toml", "index.db", PICTURE])
def test_a_file_that_is_not_ours_is_left_alone(made: Made, folder: Path, name: str) -> None:
    (folder / name).parent.mkdir(parents=True)
    (folder / name).write_bytes(b"somebody's own")
    (folder / "letters.txt").write_bytes(b"somebody's own")

    for _ in range(2):
        report = backup(made.data_dir, str(folder))
        assert list(problems(report)) == [name] and "move it away" in problems(report)[name]

    assert (folder / name).read_bytes() == (folder / "letters.txt").read_bytes() == b"somebody's own"


def test_copies_of_which_the_inventory_is_lost_are_read_and_kept(made: Made, folder: Path) -> None:
    first = backup(made.data_dir, str(folder))
    for name in (INVENTORY, "index.db"):
        (folder / name).unlink()

    again = backup(made.data_dir, str(folder))

    # The same archiver.toml was called somebody else's.
    assert (again.files, again.kept, again.problems) == (1, first.kept, ())


def test_another_archive_is_not_mixed_into_a_backup(made: Made, dest: str, tmp_path: Path) -> None:
    backup(made.data_dir, dest)
    before = held(dest)
    other = Made(ArchivePaths(tmp_path / "other"))
    other.warc("other")

    with pytest.raises(UsageError, match="ive another place"):
        backup(other.data_dir, dest)
    assert held(dest) == before


def test_an_archive_that_lost_manifests_is_told_how_to_get_them_back(made: Made, folder: Path) -> None:
    backup(made.data_dir, str(folder))
    last = read_manifests(made.paths)[-1]
    (made.data_dir / last.path).unlink()

    with pytest.raises(UsageError, match=f"{last.path}.*`archiver repair --from"):
        backup(made.data_dir, str(folder))


@pytest.mark.parametrize("place", [".", "backup", ".."])
@pytest.mark.parametrize("scheme", ["", "file://"])
def test_a_backup_within_the_archive_is_refused(made: Made, place: str, scheme: str) -> None:
    before = set(made.data_dir.rglob("*"))

    with pytest.raises(UsageError, match="outside, on another disk"):
        backup(made.data_dir, f"{scheme}{made.data_dir / place}")
    assert set(made.data_dir.rglob("*")) == before


def test_where_there_is_no_archive_nothing_is_made(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no archive in"):
        backup(tmp_path / "none", str(tmp_path / "depot"))
    assert list(tmp_path.iterdir()) == []


# --- killed at any moment -------------------------------------------------------------------------------------------------


class Killed(BaseException):
    """Raised by all that the store is changed with, in `finally` too."""


def kill_after(steps: int, monkeypatch: pytest.MonkeyPatch) -> Callable[[], bool]:
    """Whatever changes the store is a step; after so many nothing works any more. Gives whether it came to that."""
    left = steps

    def stepped(name: str) -> None:
        real = getattr(Path, name)

        def step(*arguments: object) -> object:
            nonlocal left
            if left <= 0:
                raise Killed
            left -= 1
            return real(*arguments)

        monkeypatch.setattr(Path, name, step)

    stepped("replace")
    return lambda: left <= 0


def test_a_backup_that_is_killed_anywhere_is_an_archive_and_goes_on(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for steps in range(100):
        place = str(tmp_path / f"depot-{steps}")
        with monkeypatch.context() as patch:
            died = kill_after(steps, patch)
            try:
                backup(made.data_dir, place)
            except Killed:
                assert died()
            else:
                break
        assert_is_an_archive(Path(place), made)
        report = backup(made.data_dir, place)
        assert report.problems == () and held(place) == made.files() and report.index in ("copied", "unchanged")
    else:
        pytest.fail("a backup has fewer steps")
    assert steps > len(made.files())


def assert_is_an_archive(folder: Path, made: Made) -> None:
    """Older than the original, with nothing that points to what is not there."""
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() and path.suffix != ".part"}
    source = made.files()
    assert all((folder / name).read_bytes() == source[name] for name in there & source.keys())
    manifests = read_manifests(ArchivePaths(folder))
    assert {file.path for manifest in manifests for file in manifest.files} <= there
    if "index.db" in there:
        address = f"{(folder / 'index.db').as_uri()}?immutable=1"
        with closing(sqlite3.connect(address, uri=True)) as database:
            assert {path for (path,) in database.execute("SELECT path FROM warcs")} <= there


def test_what_was_copied_before_a_full_disk_is_not_copied_again(
    made: Made, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = BackupStore.put

    def full(
        store: BackupStore, path: str, chunks: Iterable[bytes], expected: str | None = None, *, durable: bool = True
    ) -> object:
        if path.endswith("c.warc.gz"):
            raise StorageError("cannot write: No space left on device")
        return put(store, path, chunks, expected, durable=durable)

    with monkeypatch.context() as patch:
        patch.setattr(BackupStore, "put", full)
        with pytest.raises(StorageError, match="No space left"):
            backup(made.data_dir, str(folder))

    assert backup(made.data_dir, str(folder)).files == len(made.files()) + 1 - 2


def test_the_inventory_says_what_there_is(made: Made, dest: str) -> None:
    backup(made.data_dir, dest)

    with BackupStore.open(dest) as store:
        told = {path: (kept.bytes, kept.sha256) for path, kept in store.inventory.files.items() if path != "index.db"}
        assert store.inventory.finished_at is not None
    assert told == {name: (len(data), sha256(data).hexdigest()) for name, data in made.files().items()}
