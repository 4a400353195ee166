"""A backup store: whole files under their names, in a folder and behind fsspec's other places alike."""

import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from archiver.errors import ArchiveHeld, BadFile, StorageError, UsageError
from archiver.storage.backup.inventory import INVENTORY
from archiver.storage.backup.locations import shown
from archiver.storage.backup.store import BackupStore
from tests.support.full_disk import files_limited_to

NAME = "warc/20260101/a.warc.gz"


@pytest.fixture(params=["folder", "memory"])
def dest(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path / "depot") if request.param == "folder" else f"memory://{uuid4().hex}/depot"


def held(dest: str, name: str = NAME) -> bytes | None:
    """What lies there under this name."""
    with BackupStore.open(dest) as store:
        return b"".join(store._chunks(name)) if store.size(name) is not None else None


def test_what_was_put_comes_back_the_same(dest: str, tmp_path: Path) -> None:
    with BackupStore.open(dest, to_write=True) as store:
        put = store.put(NAME, (b"one ", b"two"))
        store.write_inventory()

    with BackupStore.open(dest) as store:
        fetched = store.fetch(NAME, tmp_path / "back" / "a.warc.gz")
        assert store.sizes("warc") == {NAME: 7}
        assert store.sha256(NAME) == put.sha256
    assert (tmp_path / "back" / "a.warc.gz").read_bytes() == b"one two"
    assert fetched == put


def test_a_file_has_its_name_only_when_it_is_whole(dest: str) -> None:
    with BackupStore.open(dest, to_write=True) as store:

        def chunks() -> Iterator[bytes]:
            yield b"one"
            assert store.size(NAME) is None
            yield b"two"

        store.put(NAME, chunks())
        assert store.size(NAME) == 6


def test_what_breaks_off_leaves_the_older_copy(dest: str) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"half of the new"
        raise BadFile("cannot be read")

    with BackupStore.open(dest, to_write=True) as store:
        store.put(NAME, (b"old",))
        with pytest.raises(BadFile, match="cannot be read"):
            store.put(NAME, chunks())
        assert store.inventory.files[NAME].bytes == 3
        assert set(store.sizes("warc")) == {NAME}, "no part of it lies there under another name"

    assert held(dest) == b"old"


def test_what_is_not_as_it_should_be_leaves_the_older_copy(dest: str) -> None:
    with BackupStore.open(dest, to_write=True) as store:
        put = store.put(NAME, (b"good",))
        with pytest.raises(BadFile, match=put.sha256):
            store.put(NAME, (b"evil",), put.sha256)

    assert held(dest) == b"good"


def test_a_file_that_is_made_there_is_put_in_place_at_the_end(dest: str) -> None:
    with BackupStore.open(dest, to_write=True) as store:
        with store.making("index.db") as path:
            path.write_bytes(b"rows")
            assert store.size("index.db") is None
        with pytest.raises(BadFile), store.making("index.db") as path:
            path.write_bytes(b"half")
            raise BadFile("damaged")

    assert held(dest, "index.db") == b"rows"


def test_a_damaged_copy_is_not_fetched(dest: str, tmp_path: Path) -> None:
    into = tmp_path / "a.warc.gz"
    into.write_bytes(b"what is left")
    with BackupStore.open(dest, to_write=True) as store:
        store.put(NAME, (b"good",))
        store.put("warc/evil", (b"evil",))
        store.inventory.files[NAME], other = store.inventory.files["warc/evil"], store.inventory.files[NAME]

        with pytest.raises(BadFile, match="is damaged"):
            store.fetch(NAME, into)
        with pytest.raises(BadFile, match=r"is not in its backup\.json"):
            store.fetch("warc/unknown", into)
        assert into.read_bytes() == b"what is left"
        assert store.fetch(NAME, into, other.sha256).bytes == 4
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["a.warc.gz"]


def test_of_a_copy_that_is_gone_that_is_told(dest: str, tmp_path: Path) -> None:
    with BackupStore.open(dest, to_write=True) as store:
        store.put(NAME, (b"good",))
        store.note("warc/gone", 4, "0" * 64)

        assert store.sha256("warc/gone") is None
        with pytest.raises(BadFile, match="warc/gone is not in"):
            store.fetch("warc/gone", tmp_path / "gone")


def test_a_full_disk_leaves_no_half_file(tmp_path: Path) -> None:
    with BackupStore.open(str(tmp_path / "depot"), to_write=True) as store:
        with files_limited_to(100_000), pytest.raises(StorageError, match="is there room"):
            store.put(NAME, [bytes(1 << 20)])

        assert store.sizes("warc") == {}
        assert NAME not in store.inventory.files


def test_one_folder_takes_one_backup_at_a_time(tmp_path: Path) -> None:
    with BackupStore.open(str(tmp_path / "depot"), to_write=True):
        with pytest.raises(ArchiveHeld, match="process"):
            BackupStore.open(str(tmp_path / "depot"), to_write=True)
        BackupStore.open(str(tmp_path / "depot")).close()  # whoever only reads


@pytest.mark.parametrize("data", [b'{"format": 1, "files": ', b'{"files": [1]}', b"\xff", b'{"format": 2}'])
def test_an_inventory_that_is_not_ours_is_left_alone(tmp_path: Path, data: bytes) -> None:
    (tmp_path / INVENTORY).write_bytes(data)

    with pytest.raises(UsageError, match=r"backup\.json in"):
        BackupStore.open(str(tmp_path), to_write=True)
    assert (tmp_path / INVENTORY).read_bytes() == data


def test_a_disk_that_is_not_mounted_gets_no_folders(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot make the folder"):
        BackupStore.open(str(tmp_path / "mnt" / "disk"), to_write=True)
    with pytest.raises(StorageError, match="mounted"):
        BackupStore.open(str(tmp_path / "disk"))
    assert list(tmp_path.iterdir()) == []


def test_an_address_that_nobody_knows_is_told_with_what_to_give() -> None:
    with pytest.raises(UsageError, match="give a folder, or one such as s3://bucket/path"):
        BackupStore.open("gopher://host/archive")


def test_a_missing_library_is_told_with_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)  # as where it is not installed
    with pytest.raises(UsageError, match=r"pip install 'embed-archiver\[s3\]'"):
        BackupStore.open("s3://bucket/archive")


def test_what_is_secret_in_an_address_is_never_told() -> None:
    with pytest.raises(StorageError) as caught:
        BackupStore.open("ftp://me:s3cret@127.0.0.1:1/archive?token=s3cret")

    assert "ftp://…@127.0.0.1:1/archive" in str(caught.value)
    assert "s3cret" not in str(caught.value) and "me:" not in str(caught.value)
    assert caught.value.__cause__ is None and caught.value.__suppress_context__, "-v shows no more"
    assert shown("sftp://me:p/w@d@host/a?key=x") == "sftp://…@host/a"
    assert shown("https://host/a?key=s3@cret") == "https://…", "an @ in the options is no end of a password"
    assert shown("sftp://me:p?w@host/a") == "sftp://…"
    assert shown("/mnt/disk@home?") == "/mnt/disk@home?"
