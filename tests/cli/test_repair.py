"""`archiver repair` as users run it: what it says, and with which exit code it ends."""

import json
from pathlib import Path

import pytest

from archiver.cli import run
from archiver.storage.files.paths import ArchivePaths, warc_files
from tests.support.exchanges import PAGE_URL, exchange
from tests.support.recording import keep, recording


@pytest.fixture
def archive(data_dir: Path) -> Path:
    with recording(data_dir) as recorder:
        keep(recorder, exchange())
    return data_dir


def test_what_is_repaired_is_told_and_the_second_time_there_is_nothing(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (archive / "index.db").write_bytes(b"no database")

    assert run(["repair", "--archive", str(archive)]) == 0
    told = capsys.readouterr().out
    assert "index.db: is damaged" in told and "is made anew from the WARC files (1)" in told
    assert told.splitlines()[-1] == "1 repaired"

    assert run(["repair", "--archive", str(archive)]) == 0
    assert capsys.readouterr().out == "nothing to repair\n"


def test_a_dry_run_ends_with_7_where_something_is_to_be_done(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (archive / "index.db").unlink()

    assert run(["repair", "--dry-run", "--archive", str(archive)]) == 7

    told = capsys.readouterr()
    assert "(without --dry-run) is made anew" in told.out and "without --dry-run" in told.err
    assert not (archive / "index.db").exists()


def test_what_cannot_be_repaired_is_named_and_ends_with_7(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (warc,) = warc_files(ArchivePaths(archive))
    warc.unlink()

    assert run(["repair", "--quiet", "--archive", str(archive)]) == 7

    told = capsys.readouterr()
    assert warc.name in told.out and "1 capture of 1 page" in told.out and PAGE_URL in told.out
    assert "archiver repair --from DEST" in told.out
    assert told.err == "archiver: 1 thing could not be repaired: see what is printed of each\n"


def test_json_has_a_line_for_each_finding_and_a_summary(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (warc,) = warc_files(ArchivePaths(archive))
    warc.unlink()

    assert run(["repair", "--json", "--archive", str(archive)]) == 7

    finding, summary = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (finding["kind"], finding["file"], finding["done"]) == ("warc", warc.relative_to(archive).as_posix(), None)
    assert finding["lost"] == {"captures": 1, "pages": [PAGE_URL], "pages_in_all": 1, "kept": 0}
    assert summary == {"kind": "summary", "dry_run": False, "repaired": 0, "remaining": 1}
