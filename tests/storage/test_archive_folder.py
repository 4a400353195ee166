"""What is somebody else's is refused before anything is written into it."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from archiver.errors import NotAnArchive, UsageError
from archiver.query.archive import Archive
from archiver.storage.files.archive_folder import STATE, require_archive_folder
from archiver.storage.index.database import open_index, open_index_to_read
from archiver.storage.state import job_runs
from archiver.tasks.init import begin_archive
from archiver.tasks.reindex import reindex
from archiver.tasks.repair.repair import repair
from archiver.tasks.schedule.jobs import run_lock
from archiver.tasks.verify.verify import verify
from spiders.frontier_store import open_state
from tests.support.full_index import make_full_index, open_old_index
from tests.support.little_archive import make_little_archive
from tests.support.program import archiver
from tests.support.recording import CRAWL, recording


def others_database(path: Path, script: str = "CREATE TABLE bookmarks (url TEXT)") -> Path:
    """Another program's."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.executescript(script)
    return path


def snapshot(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


OTHERS: dict[str, Callable[[Path], object]] = {
    "index.db of another program": lambda folder: others_database(folder / "index.db"),
    "index.db that another program marked as its own": lambda folder: others_database(
        folder / "index.db", "PRAGMA application_id = 1196444487; CREATE TABLE gpkg_contents (a)"  # a GeoPackage
    ),
    "index.db of another program with a table of captures": lambda folder: others_database(
        folder / "index.db", "CREATE TABLE captures (id); CREATE TABLE crawls (id); PRAGMA user_version = 3"
    ),
    "state.db of another program": lambda folder: others_database(folder / "state.db"),
    "state.db of another program with a table of jobs": lambda folder: others_database(
        folder / "state.db", "CREATE TABLE jobs (id, queue)"
    ),
    "index.db that is no database": lambda folder: (folder / "index.db").write_text("my index\n" * 1_000),
    "other files": lambda folder: (folder / "thesis.doc").write_text("chapter one"),
    "a project": lambda folder: [(folder / ".git").mkdir(), (folder / "src").mkdir(), (folder / "README.md").touch()],
}  # fmt: skip


@pytest.fixture(params=OTHERS)
def foreign(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    folder = tmp_path / "folder"
    folder.mkdir()
    OTHERS[request.param](folder)
    return folder


def test_it_is_refused_by_all_that_write(foreign: Path) -> None:
    before = snapshot(foreign)
    with pytest.raises(NotAnArchive, match=r"no archive, and not empty|another program's database"), recording(foreign, CRAWL):
        pass
    with pytest.raises(NotAnArchive):
        begin_archive(foreign, ["https://blog.example/"])
    with pytest.raises(NotAnArchive):
        reindex(foreign)
    with pytest.raises(NotAnArchive), run_lock(foreign, "archiver run"):
        pass
    with pytest.raises(UsageError):
        repair(foreign)
    with pytest.raises(UsageError):
        verify(foreign, listener=lambda _: None)
    assert snapshot(foreign) == before


@pytest.mark.parametrize(
    "command", [("crawl", "https://blog.example/"), ("init",), ("render",), ("reindex",), ("run",), ("repair",), ("verify",)]
)
def test_commands_end_with_2_and_say_what_to_do(command: tuple[str, ...], tmp_path: Path) -> None:
    others_database(tmp_path / "index.db")
    before = snapshot(tmp_path)
    ended = archiver(*command, "--archive", tmp_path)
    assert ended.code == 2, ended
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("command", [("find", "t.co/abcdefghij"), ("search", "words"), ("status",), ("show", "t.co/abcdefghij")])
def test_readers_say_that_it_is_no_archive(command: tuple[str, ...], tmp_path: Path) -> None:
    others_database(tmp_path / "index.db")
    ended = archiver(*command, "--archive", tmp_path)
    assert ended.code == 2, ended
    assert "is another program's database" in " ".join(ended.complaints)


def test_files_beside_an_archive_that_is_to_be_do_no_harm(tmp_path: Path) -> None:
    for name in ("README.md", "LICENSE", ".gitignore", ".DS_Store", "Thumbs.db", "desktop.ini"):
        (tmp_path / name).touch()
    for name in (".git", "lost+found"):
        (tmp_path / name).mkdir()
    require_archive_folder(tmp_path)
    begin_archive(tmp_path)
    (tmp_path / "notes.txt").touch()
    require_archive_folder(tmp_path)  # in an archive anything may lie


def test_no_folder_and_an_empty_one_may_become_an_archive(tmp_path: Path) -> None:
    require_archive_folder(tmp_path)
    require_archive_folder(tmp_path / "not" / "there")


def test_what_a_run_leaves_that_was_killed_at_once_is_an_archive(tmp_path: Path) -> None:
    (tmp_path / "index.db").touch()
    (tmp_path / ".lock").touch()
    (tmp_path / "index.new.db").touch()
    require_archive_folder(tmp_path)


def test_warc_files_alone_are_an_archive(tmp_path: Path) -> None:
    make_little_archive(tmp_path / "archive")
    folder = tmp_path / "copy"
    shutil.copytree(tmp_path / "archive" / "warc", folder / "warc")
    assert reindex(folder).records > 0


def test_a_folder_of_that_name_among_other_files_is_none(tmp_path: Path) -> None:
    (tmp_path / "warc").mkdir()
    require_archive_folder(tmp_path)  # as a run leaves it that was killed at once
    (tmp_path / "letter.txt").touch()
    with pytest.raises(NotAnArchive, match=r"not empty \(letter\.txt\)"):
        require_archive_folder(tmp_path)
    (tmp_path / "letter.txt").unlink()
    (tmp_path / "warc" / "notes.txt").touch()
    with pytest.raises(NotAnArchive, match=r"not empty \(warc\)"):
        require_archive_folder(tmp_path)


def test_a_file_of_the_name_of_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "manifests").touch()
    with pytest.raises(NotAnArchive, match=r"not empty \(manifests\)"):
        require_archive_folder(tmp_path)


def test_nobody_is_sent_to_a_crawl_that_would_refuse_the_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="begin one with `archiver crawl URL"):
        Archive.open(tmp_path)
    (tmp_path / "letter.txt").touch()
    with pytest.raises(UsageError, match="give an archive's folder with --archive DIR"):
        Archive.open(tmp_path)


def test_a_damaged_index_in_an_archive_is_damage_and_not_another_program_s(tmp_path: Path) -> None:
    make_little_archive(tmp_path)
    (tmp_path / "index.db").write_bytes(b"\xa5" * 50_000)
    require_archive_folder(tmp_path)
    assert reindex(tmp_path).records > 0


def test_an_archive_into_which_another_program_s_index_came_is_not_reindexed_over_it(tmp_path: Path) -> None:
    make_little_archive(tmp_path)
    for path in tmp_path.glob("index.db*"):
        path.unlink()
    before = others_database(tmp_path / "index.db").read_bytes()
    with pytest.raises(NotAnArchive, match="move that file away and run `archiver reindex`"):
        reindex(tmp_path)
    assert (tmp_path / "index.db").read_bytes() == before


@pytest.mark.parametrize("version", [1, 2, 3, 4])
def test_an_index_of_an_older_version_is_known_by_its_tables(version: int, tmp_path: Path) -> None:
    open_old_index(tmp_path / "index.db", version).close()
    require_archive_folder(tmp_path)
    open_index(tmp_path / "index.db").close()


def test_another_program_s_database_is_not_opened_as_an_index(tmp_path: Path) -> None:
    path = others_database(tmp_path / "index.db")
    before = path.read_bytes()
    for opened in (open_index, open_index_to_read):
        with pytest.raises(NotAnArchive, match="is another program's database"):
            opened(path)
    with pytest.raises(NotAnArchive):
        Archive.open(tmp_path)
    assert path.read_bytes() == before


# --- state.db -----------------------------------------------------------------------------------------------------------------


def test_state_db_says_whose_it_is_whoever_makes_it(tmp_path: Path) -> None:
    by_frontier, by_job = tmp_path / "a.db", tmp_path / "b.db"
    open_state(by_frontier).close()
    job_runs.begin(by_job, "nightly", "2022-09-11T12:00:00.000Z")
    for path in (by_frontier, by_job):
        assert path.read_bytes()[68:72] == b"EmbS" == STATE.application_id.to_bytes(4)


def test_a_state_db_of_the_version_before_is_known_by_its_tables_and_marked(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    open_state(path).close()
    job_runs.begin(path, "nightly", "2022-09-11T12:00:00.000Z")
    others_database(path, "PRAGMA application_id = 0")
    require_archive_folder(tmp_path)
    job_runs.end(path, "nightly", "2022-09-11T13:00:00.000Z", "finished", 0, {})
    assert path.read_bytes()[68:72] == b"EmbS"
    assert job_runs.last_runs(path)["nightly"].exit_code == 0


def test_another_program_s_state_db_is_not_written_to(tmp_path: Path) -> None:
    path = others_database(tmp_path / "state.db", "CREATE TABLE jobs (id, queue)")
    make_full_index(tmp_path / "index.db")
    before = path.read_bytes()
    with pytest.raises(NotAnArchive, match=r"state\.db is another program's database"):
        job_runs.begin(path, "nightly", "2022-09-11T12:00:00.000Z")
    with pytest.raises(NotAnArchive):
        open_state(path)
    with pytest.raises(NotAnArchive), recording(tmp_path, CRAWL):
        pass
    assert path.read_bytes() == before
