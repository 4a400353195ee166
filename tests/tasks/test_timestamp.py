"""The end of a crawl: its files are sealed, and authorities sign that they were there."""

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archiver.config.settings import TimestampAuthority
from archiver.errors import StorageError
from archiver.evidence.rfc3161 import read_root
from archiver.evidence.timestamps import TokenCheck, check_tokens, kept_roots
from archiver.storage.files.paths import ArchivePaths
from archiver.storage.warc.manifests import ClosedFile, covered, read_manifests, seal
from archiver.tasks.crawl.crawl import TIMESTAMP_AUTHORITY, CrawlReport, crawl
from archiver.tasks.timestamp import MOST_AT_ONCE, timestamp
from tests.support.crawling import plan_of, records
from tests.support.exchanges import exchange
from tests.support.recording import CRAWL, NEXT_CRAWL, keep, recording
from tests.support.tsa import Tsa
from tests.support.webs import Web, page

GONE = "http://127.0.0.1:9/tsr"  # the discard port: nobody listens there


@pytest.fixture
def tsa(tmp_path: Path) -> Iterator[Tsa]:
    with Tsa(tmp_path / "tsa").serving() as running:
        yield running


def authority(tsa: Tsa, url: str | None = None) -> TimestampAuthority:
    return TimestampAuthority(url=url or tsa.url, root=tsa.root)


def crawled(web: Web, data_dir: Path, *authorities: TimestampAuthority) -> CrawlReport:
    web["blog.example", "/"] = page("A page")
    plan = plan_of(web, data_dir, ["https://blog.example/"], scope="page")
    return crawl(replace(plan, timestamps=authorities))


def checked(data_dir: Path) -> list[TokenCheck]:
    paths = ArchivePaths(data_dir)
    return list(check_tokens(paths, read_manifests(paths), kept_roots(paths)))


def sealed(data_dir: Path, count: int) -> ArchivePaths:
    """Manifests, an hour apart, of files that are not looked at here."""
    paths, start = ArchivePaths(data_dir), datetime(2026, 11, 22, tzinfo=UTC)
    for number in range(count):
        moment = start + timedelta(hours=number)
        seal(paths, [ClosedFile(f"warc/{number}.warc.gz", 1, "0" * 64)], lambda moment=moment: moment)  # type: ignore[misc]
    return paths


def test_what_a_crawl_closed_is_signed_at_its_end(web: Web, data_dir: Path, tsa: Tsa) -> None:
    report = crawled(web, data_dir, authority(tsa))
    (manifest,) = read_manifests(ArchivePaths(data_dir))
    assert sorted(covered([manifest])) == [path.relative_to(data_dir).as_posix() for path in data_dir.rglob("*.warc.gz")]
    (check,) = checked(data_dir)
    assert (check.manifest, check.authority, check.problem) == (manifest.name, "Tests only Timestamps", None)
    assert report.outcome.notes == {}
    assert not any("/tsr" in (record.url or "") for record in records(data_dir)), "that is no part of the web that is archived"
    assert not any(word in json.dumps(report.outcome.to_json()) for word in ("tsr", "root.pem"))


def test_an_authority_that_does_not_answer_is_a_note_and_is_asked_again_next_time(web: Web, data_dir: Path, tsa: Tsa) -> None:
    report = crawled(web, data_dir, authority(tsa, GONE))
    ((name, reason),) = report.outcome.notes.items()
    assert name == f"{TIMESTAMP_AUTHORITY}{GONE}"
    assert re.fullmatch(r".*127\.0\.0\.1.*refused.*\. The next run asks again", reason)
    assert report.outcome.trouble is None
    assert len(read_manifests(ArchivePaths(data_dir))) == 1
    assert timestamp(data_dir, [authority(tsa, GONE), authority(tsa)]).made == 1
    assert [check.problem for check in checked(data_dir)] == [None]


def test_one_that_fails_keeps_no_other_from_signing(data_dir: Path, tsa: Tsa, tmp_path: Path) -> None:
    paths = sealed(data_dir, 2)
    with Tsa(tmp_path / "bad").serving() as bad, Tsa(tmp_path / "second", "Second").serving() as second:
        bad.answers = lambda query: (503, "text/html", b"Come back tomorrow")
        report = timestamp(data_dir, [authority(bad), authority(tsa), authority(second)])
    assert report.notes == {bad.url: "it answered with HTTP status 503"}
    assert len(bad.asked) == 1, "it would fail for the second as well"
    assert (report.made, report.waiting) == (4, 2)
    names = [manifest.name for manifest in read_manifests(paths)]
    signed = sorted((check.manifest, str(check.authority)) for check in checked(data_dir))
    assert signed == [(name, who) for name in names for who in ("Second Timestamps", "Tests only Timestamps")]


def test_nobody_is_asked_twice_for_the_same(data_dir: Path, tsa: Tsa) -> None:
    sealed(data_dir, 1)
    assert timestamp(data_dir, [authority(tsa)]).made == 1
    assert timestamp(data_dir, [authority(tsa)]).made == 0
    assert len(tsa.asked) == 1


def test_of_many_the_newest_are_signed_first_and_the_rest_by_later_runs(data_dir: Path, tsa: Tsa) -> None:
    paths = sealed(data_dir, MOST_AT_ONCE + 3)
    report = timestamp(data_dir, [authority(tsa)])
    assert (report.made, report.waiting, report.notes) == (MOST_AT_ONCE, 3, {})
    newest = [manifest.name for manifest in read_manifests(paths)[3:]]
    assert [check.manifest for check in checked(data_dir)] == newest
    assert timestamp(data_dir, [authority(tsa)]).waiting == 0
    assert [check.problem for check in checked(data_dir)] == [None] * (MOST_AT_ONCE + 3)


def test_a_damaged_manifest_is_not_signed(data_dir: Path, tsa: Tsa) -> None:
    paths = sealed(data_dir, 2)
    (paths.manifests / read_manifests(paths)[0].name).write_bytes(b"{")
    assert timestamp(data_dir, [authority(tsa)]).made == 1
    assert len(tsa.asked) == 1


def test_without_its_root_certificate_an_authority_is_not_asked(data_dir: Path, tsa: Tsa) -> None:
    sealed(data_dir, 1)
    tsa.root.unlink()
    report = timestamp(data_dir, [authority(tsa)])
    assert re.search(r"cannot read the root certificate .*root.pem: No such file", report.notes[tsa.url])
    assert tsa.asked == []


def test_a_folder_that_cannot_be_written_to_is_told(data_dir: Path, tsa: Tsa) -> None:
    paths = sealed(data_dir, 1)
    (paths.manifests / "authorities").write_text("a file where the folder should be")
    with pytest.raises(StorageError, match=r"cannot write .*authorities/.*Is the folder writable"):
        timestamp(data_dir, [authority(tsa)])


# --- docs/evidence.md ---


@pytest.fixture
def evidence(data_dir: Path, tsa: Tsa) -> Path:
    """An archive of two runs, with the root certificate that its reader fetched from the authority."""
    for crawl_of_a_day in (CRAWL, NEXT_CRAWL):
        with recording(data_dir, crawl_of_a_day) as recorder:
            keep(recorder, exchange())
        timestamp(data_dir, [authority(tsa)])
    (data_dir / "root.pem").write_bytes(tsa.root.read_bytes())
    return data_dir


def commands(project: Path) -> list[str]:
    """The pieces of shell in the page, in their order: files, chain, tokens."""
    return re.findall(r"^```sh\n(.*?)^```$", (project / "docs" / "evidence.md").read_text(encoding="utf-8"), re.S | re.M)


def run(script: str, folder: Path) -> tuple[int, str]:
    done = subprocess.run(["bash", "-c", script], cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


def test_the_commands_of_the_page_hold_on_an_archive_that_is_whole(project: Path, evidence: Path) -> None:
    files, chain, tokens = (run(script, evidence) for script in commands(project))
    assert files == (0, "".join(f"{path.relative_to(evidence)}: OK\n" for path in sorted(evidence.rglob("*.warc.gz"))))
    assert chain == (0, f"manifests/{read_manifests(ArchivePaths(evidence))[0].name}: OK\n")
    assert tokens[0] == 0
    assert tokens[1].count("Verification: OK") == 2
    assert tokens[1].count(f"{datetime.now(UTC):%Y} GMT") == 2


def test_they_find_whatever_was_changed(project: Path, evidence: Path) -> None:
    files, chain, tokens = commands(project)
    for path, script, said in (
        (next(evidence.rglob("*.warc.gz")), files, ": FAILED"),
        (min((evidence / "manifests").glob("*.json")), chain, ": FAILED"),
        (max((evidence / "manifests").glob("*.json")), tokens, "message imprint mismatch"),
        (max((evidence / "manifests").glob("*.tsr")), tokens, "Verification: FAILED"),
    ):
        whole = path.read_bytes()
        path.write_bytes(whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:])
        status, output = run(script, evidence)
        assert (status != 0, said in output) == (True, True), output
        path.write_bytes(whole)


def test_they_hold_for_a_certificate_that_has_expired(project: Path, tmp_path: Path) -> None:
    made_once = project / "tests" / "evidence" / "expired_timestamp"
    (tmp_path / "manifests").mkdir()
    for name, copy in (("manifest.json", "manifests/2.json"), ("manifest.tsr", "manifests/2.a.b.tsr"), ("root.pem", "root.pem")):
        (tmp_path / copy).write_bytes((made_once / name).read_bytes())
    assert read_root(tmp_path / "root.pem").certificates[0].not_valid_after_utc < datetime.now(UTC)
    assert "Verification: OK" in run(commands(project)[2], tmp_path)[1]
