"""`archiver verify`: one line a problem, with file, byte, record and remedy; a summary; exit code 7."""

import json
import shutil
from hashlib import sha256
from pathlib import Path

import pytest

from archiver.cli import run
from tests.support.exchanges import exchange
from tests.support.little_archive import LONG, OTHER_URL, changed, make_little_archive, member_of, warc_of
from tests.support.recording import keep, recording
from tests.support.warc_members import members_of

FAILED, USAGE = 7, 2


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data_dir = tmp_path_factory.mktemp("made") / "archive"
    make_little_archive(data_dir)
    return data_dir


@pytest.fixture
def archive(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "archive"))


def damage(archive: Path) -> tuple[str, int, str]:
    """Of a record. Returns the file, the byte where it begins, and its id."""
    path = warc_of(archive, "first")
    page = member_of(path, "response", OTHER_URL)
    changed(path, lambda data: data[: page.offset + 100] + b"?????" + data[page.offset + 105 :])
    return path.relative_to(archive).as_posix(), page.offset, page.record_id


def test_all_is_well(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["verify", "--archive", str(archive)]) == 0

    told = capsys.readouterr()
    assert "2 WARC files, 2 of them in manifests, with 24 records" in told.out and "6 screenshots" in told.out
    assert told.out.endswith("no problems\n") and told.err == ""
    assert run(["verify", "--archive", str(archive), "-q"]) == 0
    assert capsys.readouterr() == ("", "")


def test_a_problem_is_one_line_that_says_where_and_what_to_do(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, offset, record_id = damage(archive)
    assert run(["verify", "--archive", str(archive), "-q"]) == FAILED

    told = capsys.readouterr()
    assert told.out.startswith(f"warc  {file}, byte {offset:,}, {record_id}: its gzip member is damaged")
    assert told.out.count("\n") == 1 and "archiver repair --from" in told.out
    assert told.err.startswith("archiver: 1 problem in ") and told.err.count("\n") == 1


def test_json_is_a_line_for_each_problem_and_a_summary(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, offset, record_id = damage(archive)
    assert run(["verify", "--archive", str(archive), "--json"]) == FAILED

    problem, summary = map(json.loads, capsys.readouterr().out.splitlines())
    assert set(problem) == {"type", "kind", "file", "offset", "record_id", "what", "remedy"}
    assert (problem["type"], problem["kind"]) == ("problem", "warc")
    assert (problem["file"], problem["offset"], problem["record_id"]) == (file, offset, record_id)
    assert set(summary) == {
        "type", "problems", "notes", "files", "files_kept", "files_there", "files_sealed", "records", "bytes", "screenshots",
        "manifests", "newest_manifest", "timestamps", "existed_by", "seed", "goes_on_from",
    }  # fmt: skip
    assert (summary["type"], summary["problems"], summary["records"]) == ("summary", 1, 23)
    newest = sorted(archive.glob("manifests/*.json"))[-1]
    told = {"name": newest.name, "number": 2, "sha256": sha256(newest.read_bytes()).hexdigest()}
    assert summary["newest_manifest"] == told  # what a chain that was cut off lacks, for whoever noted it before


def test_what_is_no_damage_is_a_note(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(archive / "manifests")
    assert run(["verify", "--archive", str(archive)]) == 0

    assert "note  warc: 2 WARC files are in no manifest yet" in capsys.readouterr().out


def test_the_seed_of_a_sample_chooses_the_same_files_again(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["verify", "--archive", str(archive), "--sample", "50%"]) == 0
    first = capsys.readouterr().out
    seed = first.partition("--seed ")[2].split()[0]

    assert "1 WARC file of 2" in first
    assert run(["verify", "--archive", str(archive), "--sample", "50%", "--seed", seed]) == 0
    assert capsys.readouterr().out == first


def test_a_seed_without_a_sample_is_no_sample_of_all(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["verify", "--archive", str(archive), "--seed", "5"]) == USAGE
    assert "give --sample too" in capsys.readouterr().err


@pytest.mark.parametrize("sample", ["0", "0%", "101%", "ten", "-1", "1.5"])
def test_a_sample_is_a_number_or_a_share(archive: Path, capsys: pytest.CaptureFixture[str], sample: str) -> None:
    assert run(["verify", "--archive", str(archive), "--sample", sample]) == USAGE
    assert "neither a number of files" in capsys.readouterr().err


def test_what_a_damaged_record_says_cannot_rewrite_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    archive = tmp_path / "archive"
    url = "https://blog.example/\x1b[2J\u202ea"
    with recording(archive) as recorder:
        keep(recorder, exchange(url, LONG))
    path = next(archive.rglob("*.warc.gz"))
    start = members_of(path)[1].offset
    changed(path, lambda data: data[: start + 60] + b"?" * 40 + data[start + 100 :])
    assert run(["verify", "--archive", str(archive)]) == FAILED

    told = capsys.readouterr().out
    assert "\x1b" not in told and "\u202e" not in told and "blog.example/\ufffd[2J" in told


def test_without_an_archive_there_is_nothing_to_verify(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["verify", "--archive", str(tmp_path / "none")]) == USAGE
    assert "no archive" in capsys.readouterr().err
