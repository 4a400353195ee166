"""`archiver backup` as it is run; and docs/operations.md, followed word for word, until the archive is back."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from archiver.cli import run
from tests.cli.conftest import Crawled
from tests.support.program import Ended

FLIPPED_BYTE = 2_000
LINK = "pic.twitter.com/uOWxLTTvGP"  # as the page has it: of the sample post


@pytest.fixture
def archive(crawled: Crawled, tmp_path: Path) -> Path:
    """One to change at will, in `./archive`."""
    return Path(shutil.copytree(crawled.data_dir, tmp_path / "archive"))


def commands_of(project: Path, block: int) -> list[str]:
    """Of the section "Backup and place", but for those that want a bucket."""
    section = (project / "docs" / "operations.md").read_text().partition("## Backup and place")[2].partition("\n## ")[0]
    return [line for line in re.findall(r"```sh\n(.*?)```", section, re.S)[block].splitlines() if "s3://" not in line]


def follow(commands: list[str]) -> None:
    """Runs them one after the other, where the page's disk is a folder: `archiver` in this process, which has read its code."""
    for command in commands:
        program, *words = shlex.split(command.replace("/mnt/", "mnt/"))
        assert (run(words) if program == "archiver" else subprocess.run([program, *words], check=False).returncode) == 0, command


def test_the_page_on_backups_leads_to_an_archive_that_is_whole(
    project: Path, archive: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(archive.parent)
    Path("mnt/backup").mkdir(parents=True)
    follow(commands_of(project, 0))
    copied = {path.relative_to(archive.parent / "mnt/backup/archive") for path in (archive.parent / "mnt").rglob("*.warc.gz")}
    assert copied == {path.relative_to(archive) for path in archive.rglob("*.warc.gz")} != set()
    shutil.rmtree(archive)  # the disk is gone
    restore = commands_of(project, 1)
    assert [line.split()[1] for line in restore] == ["-R", "reindex", "verify", "find"] and LINK in restore[-1]

    capsys.readouterr()
    follow(restore)

    assert LINK in capsys.readouterr().out
    shutil.rmtree(archive.parent / "restored")
    without_reindex = [line for line in restore[:-1] if "reindex" not in line]  # the page says that it may be left out
    follow(without_reindex)


def ended(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> Ended:
    """How `archiver backup` ends with these arguments."""
    code = run(["backup", *map(str, arguments)])
    out, err = capsys.readouterr()
    return Ended(code, out.encode(), err.encode())


def test_what_was_done_is_told_to_people_and_to_scripts(
    archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = ended(capsys, tmp_path / "depot", "--archive", archive)
    assert (told.code, told.err) == (0, "")
    assert re.match(r"\d+ files with [\d,]+ bytes copied to .*depot; it has \d+ files of this archive\n$", told.out)

    [again] = ended(capsys, tmp_path / "depot", "--archive", archive, "--verify", "--json").lines

    assert again["files"] == 0 and again["verified"] == again["kept"] > 0
    assert again["waiting"] == {"files": 0, "bytes": 0} and again["problems"] == [] and again["index"] == "unchanged"
    quiet = ended(capsys, tmp_path / "depot", "--archive", archive, "-q")
    assert (quiet.code, quiet.out, quiet.err) == (0, "", "")


def test_a_damaged_file_is_named_and_the_exit_code_says_so(
    archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    warc = next(archive.rglob("*.warc.gz"))
    data = bytearray(warc.read_bytes())
    data[FLIPPED_BYTE] ^= 1
    warc.write_bytes(data)

    told = ended(capsys, tmp_path / "depot", "--archive", archive)

    assert told.code == 7, told
    named, last = told.complaints
    assert named.startswith(f"{warc.relative_to(archive)}: its sha256 is ")
    assert last.startswith("archiver: 1 problem with these files; everything else is in ")


@pytest.mark.parametrize(
    ("dest", "code", "says"),
    [
        ("missing/depot", 6, "cannot make the folder in missing/depot"),
        ("archive/depot", 2, "give a folder outside"),
        ("gopher://host/archive", 2, "give a folder, or one such as s3://bucket/path"),
        ("ftp://me:s3cret@127.0.0.1:1/archive", 6, "cannot reach ftp://…@127.0.0.1:1/archive: ConnectionRefusedError"),
    ],
)
def test_a_place_that_will_not_do_is_told_in_one_line(
    dest: str, code: int, says: str, archive: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(archive.parent)

    told = ended(capsys, dest, "-v")

    assert told.code == code, told
    assert told.complaints[-1].startswith("archiver: ") and says in told.complaints[-1]
    assert "s3cret" not in told.err
