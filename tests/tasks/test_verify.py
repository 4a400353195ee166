"""A verification: each kind of damage is named with file, place, record and remedy; what is no damage is a note."""

import fcntl
import gzip
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from archiver.config.settings import TimestampAuthority
from archiver.errors import ConfigError, UsageError
from archiver.media.webp import webp_of
from archiver.model.render import Preview
from archiver.recording.render_records import previews_content
from archiver.storage.files.paths import ArchivePaths
from archiver.storage.warc.writer import WarcWriter
from archiver.tasks.reindex import reindex
from archiver.tasks.timestamp import timestamp
from archiver.tasks.verify import index as verify_index
from archiver.tasks.verify import warc_file as verify_file
from archiver.tasks.verify.problems import Problem
from archiver.tasks.verify.progress import FileSelection, Sample
from archiver.tasks.verify.verify import verify
from tests.support.exchanges import MOMENT, PAGE_URL, exchange
from tests.support.little_archive import LONG, OTHER_URL, Heard, changed, make_little_archive, member_of, verified, warc_of
from tests.support.photos import page_of_text, saved
from tests.support.recording import keep, recording
from tests.support.tsa import Tsa
from tests.support.warc_members import Member, members_of


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data_dir = tmp_path_factory.mktemp("made") / "archive"
    make_little_archive(data_dir)
    return data_dir


@pytest.fixture
def archive(made: Path, tmp_path: Path) -> Path:
    """Two sealed WARC files, each with its manifest."""
    return Path(shutil.copytree(made, tmp_path / "archive"))


@pytest.fixture
def unsealed(archive: Path) -> Path:
    """The same without manifests, as a killed crawl leaves it."""
    shutil.rmtree(archive / "manifests")
    return archive


def the_problem(data_dir: Path) -> Problem:
    (problem,) = verified(data_dir)[0].problems
    return problem


def rewritten(path: Path, old: Member, change: Callable[[bytes], bytes]) -> None:
    """Replaces what one gzip member holds, checksum and all, as somebody would who knows how."""
    data = path.read_bytes()
    member = data[old.offset : old.offset + old.length]
    after = gzip.compress(change(gzip.decompress(member)), mtime=0)
    path.write_bytes(data[: old.offset] + after + data[old.offset + old.length :])


def seal_all(data_dir: Path) -> None:
    """As the next crawl does first."""
    with recording(data_dir) as recorder:
        recorder.catch_up()


def execute(database: Path, sql: str, *values: object) -> None:
    with closing(sqlite3.connect(database, isolation_level=None)) as opened:
        assert opened.execute(sql, values).rowcount != 0


# --- nothing is wrong ---------------------------------------------------------------------------------------------------------


def test_of_a_sound_archive_it_says_what_was_looked_at(archive: Path) -> None:
    heard, report = verified(archive)

    files = sorted(archive.rglob("*.warc.gz"))
    assert (heard.problems, heard.notes) == ([], [])
    assert (report.files, report.files_there, report.sealed) == (2, 2, 2)
    assert report.records == sum(len(members_of(path)) for path in files)
    assert report.bytes == sum(path.stat().st_size for path in files)
    assert (len(report.manifests.manifests), report.screenshots) == (2, 6)


def test_it_changes_nothing_but_its_own_notes(archive: Path) -> None:
    before = {path: path.read_bytes() for path in archive.rglob("*") if path.is_file()}
    verified(archive)

    own = {archive / name for name in (".lock", ".verify.lock", "state.db", "index.db-shm", "index.db-wal")}
    assert {path: path.read_bytes() for path in archive.rglob("*") if path.is_file() and path not in own} == {
        path: data for path, data in before.items() if path not in own
    }


def test_where_there_is_no_archive_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no archive"):
        verified(tmp_path)


def test_beside_a_crawl_that_writes_it_looks_at_what_is_there(archive: Path) -> None:
    with recording(archive) as recorder:
        keep(recorder, exchange(f"{PAGE_URL}new/", LONG, seconds=90))
        recorder.commit()
        heard, report = verified(archive)

    assert heard.problems == [] and report.files == 3
    assert any("no manifest yet" in note.what for note in heard.notes)


# --- WARC files ---------------------------------------------------------------------------------------------------------------


def test_a_missing_file_is_one_problem_with_the_number_of_its_captures(archive: Path) -> None:
    gone = warc_of(archive, "second")
    gone.unlink()

    problem = the_problem_but_pictures(archive)
    assert (problem.kind, problem.file) == ("missing", gone.relative_to(archive).as_posix())
    assert "4 captures" in problem.what and "20220911120001.json seals it" in problem.what and "--from" in problem.remedy


def the_problem_but_pictures(data_dir: Path) -> Problem:
    (problem,) = [one for one in verified(data_dir)[0].problems if one.kind != "picture"]
    return problem


@pytest.mark.parametrize("digest", ["Block", "Payload"])
def test_a_record_that_was_rewritten_with_its_checksum_is_found_by_its_digests(archive: Path, digest: str) -> None:
    path = warc_of(archive, "first")
    page = member_of(path, "response", PAGE_URL)
    other = "Payload" if digest == "Block" else "Block"

    def without_the_other(record: bytes) -> bytes:
        lines = record.replace(b"A page", b"B page").split(b"\r\n")
        return b"\r\n".join(line for line in lines if not line.startswith(f"WARC-{other}-Digest".encode()))

    shutil.rmtree(archive / "manifests")
    (archive / "index.db").unlink()
    rewritten(path, page, without_the_other)
    index, problem = verified(archive)[0].problems

    assert (index.kind, problem.kind, problem.offset, problem.record_id) == ("index", "warc", page.offset, page.record_id)
    assert f"WARC-{digest}-Digest" in problem.what


def test_a_record_that_was_rewritten_with_all_its_digests_is_found_by_the_index(unsealed: Path) -> None:
    """Its length in the file stays as well: it is not compressed, and its letters change places."""
    path = warc_of(unsealed, "first")
    page = member_of(path, "response", PAGE_URL)
    whole, payload = page.block, page.block.partition(b"\r\n\r\n")[2]

    def all_of_it(record: bytes) -> bytes:
        new, new_payload = whole.replace(b"A page", b"B page"), payload.replace(b"A page", b"B page")
        for old, fresh in ((whole, new), (payload, new_payload)):
            record = record.replace(sha256(old).hexdigest().encode(), sha256(fresh).hexdigest().encode())
        return record.replace(whole, new)

    rewritten(path, page, all_of_it)
    told = [problem.what for problem in verified(unsealed)[0].problems if problem.offset == page.offset]

    assert any("its payload digest is" in what for what in told)


def test_in_a_sealed_file_the_remedy_is_the_backup_not_the_index(archive: Path) -> None:
    path = warc_of(archive, "second")
    page = member_of(path, "revisit")
    rewritten(path, page, lambda record: record.replace(OTHER_URL.encode(), OTHER_URL.replace("comments", "commentz").encode()))

    problems = verified(archive)[0].problems
    assert problems and all("--from" in problem.remedy for problem in problems)
    assert {problem.kind for problem in problems} == {"index", "warc"}


def test_a_sealed_file_that_was_cut_between_two_records_is_found(archive: Path) -> None:
    path = warc_of(archive, "first")
    last = members_of(path)[-1]
    changed(path, lambda data: data[: last.offset])

    problem = the_problem(archive)
    assert (problem.kind, problem.offset) == ("warc", last.offset) and "--from" in problem.remedy
    (archive / "index.db").unlink()
    _, problem = verified(archive)[0].problems
    assert (problem.kind, problem.offset) == ("manifest", last.offset)


def test_a_sealed_file_to_which_a_record_was_added_is_found(archive: Path) -> None:
    path = warc_of(archive, "first")
    size = path.stat().st_size
    changed(path, lambda data: data + gzip.compress(another_record(), mtime=0))

    problem = the_problem(archive)
    assert (problem.kind, problem.offset) == ("manifest", size)


def another_record() -> bytes:
    head = b"WARC/1.1\r\nWARC-Type: metadata\r\nWARC-Record-ID: <urn:uuid:9>\r\nWARC-Date: 2022-09-11T12:00:00Z\r\n"
    return head + b"Content-Length: 0\r\n\r\n\r\n\r\n"


def test_damage_that_was_there_when_the_file_was_sealed_is_told_as_such(unsealed: Path) -> None:
    path = warc_of(unsealed, "first")
    page = member_of(path, "response", OTHER_URL)
    changed(path, lambda data: data[: page.offset + 100] + b"?????" + data[page.offset + 105 :])
    seal_all(unsealed)

    problem = the_problem(unsealed)
    assert problem.record_id == page.record_id and "so it was like this when that was made" in problem.what


def test_a_record_that_is_there_twice_is_told(unsealed: Path) -> None:
    path = warc_of(unsealed, "first")
    request = member_of(path, "request")
    changed(path, lambda data: data + data[request.offset : request.offset + request.length])

    problem = the_problem(unsealed)
    assert problem.record_id == request.record_id and "the same id" in problem.what


def test_a_response_without_its_request_is_told(unsealed: Path) -> None:
    path = warc_of(unsealed, "first")
    response, request = member_of(path, "response", OTHER_URL), members_of(path)[4]
    assert request.get("WARC-Concurrent-To") == response.record_id
    changed(path, lambda data: data[: request.offset] + data[request.offset + request.length :])
    reindex(unsealed)

    problem = the_problem(unsealed)
    assert (problem.offset, problem.record_id) == (response.offset, response.record_id)
    assert "made together with" in problem.what


def test_a_file_that_a_kill_cut_after_a_response_is_noted(unsealed: Path) -> None:
    """What followed, its torn request, went to torn/; the file is sealed like any other, and is no damage for ever."""
    path = warc_of(unsealed, "first")
    response = member_of(path, "response", OTHER_URL)
    changed(path, lambda data: data[: response.offset + response.length])
    warc_of(unsealed, "second").unlink()
    shutil.rmtree(unsealed / "screenshots")
    reindex(unsealed)
    seal_all(unsealed)

    heard, _ = verified(unsealed)
    assert heard.problems == [] and ["has no request" in note.what for note in heard.notes] == [True]


def test_a_revisit_whose_original_is_gone_is_told(unsealed: Path) -> None:
    warc_of(unsealed, "first").unlink()
    (unsealed / "index.db").unlink()
    reindex(unsealed)

    revisit = member_of(warc_of(unsealed, "second"), "revisit")
    problem = the_problem(unsealed)
    assert (problem.offset, problem.record_id) == (revisit.offset, revisit.record_id)
    assert "not in this archive" in problem.what


def test_a_file_of_nothing_but_damage_does_not_fill_the_memory(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Found in review: of a few MB, records with ids of a megabyte each, and a problem each, took a hundred GB."""
    monkeypatch.setattr(verify_file, "MAX_REPORTED", 3)
    monkeypatch.setattr(verify_file, "MAX_IDS", 2)
    bad = another_record().replace(b"uuid:9", b"x" * 100_000).replace(b"Length: 0", b"Length: 1")
    good = b"".join(gzip.compress(another_record().replace(b"uuid:9", b"uuid:%d" % number), mtime=0) for number in range(4))
    changed(warc_of(archive, "first"), lambda data: gzip.compress(bad, mtime=0) * 5 + good)
    heard, _ = verified(archive)

    told = [problem for problem in heard.problems if problem.file.endswith(warc_of(archive, "first").name)]
    whats = [problem.what for problem in told if problem.kind == "warc"]
    assert sum("Content-Length" in what for what in whats) == 3 and "2 more problems in this file" in whats
    assert max(len(problem.record_id or "") for problem in told) < 3_000
    assert any("more than 2 records" in note.what for note in heard.notes)


@pytest.mark.parametrize("part", [0.01, 0.5, 0.99])
def test_what_a_kill_left_torn_is_a_note(unsealed: Path, part: float) -> None:
    path = warc_of(unsealed, "first")
    size, member = path.stat().st_size, members_of(path)[1]
    torn = max(1, int(member.length * part))
    changed(path, lambda data: data + data[member.offset : member.offset + torn])

    heard, _ = verified(unsealed)
    assert heard.problems == []
    assert any(f"from byte {size:,} on" in note.what and "torn/" in note.what for note in heard.notes)


def test_what_was_indexed_once_is_never_torn(unsealed: Path) -> None:
    path = warc_of(unsealed, "first")
    last = members_of(path)[-1]
    changed(path, lambda data: data[:-3])

    problem = the_problem(unsealed)
    assert (problem.kind, problem.offset) == ("warc", last.offset)


def test_a_file_that_cannot_be_read_is_told_and_the_others_are_read(archive: Path) -> None:
    path = warc_of(archive, "first")
    path.unlink()
    path.mkdir()

    heard, report = verified(archive)
    assert [problem.file for problem in heard.problems if problem.kind == "warc"] == [path.relative_to(archive).as_posix()]
    assert report.records == len(members_of(warc_of(archive, "second")))


# --- the index ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("DELETE FROM captures WHERE url = ?1 AND record_type = 'revisit'", "does not know"),
        ("UPDATE captures SET url = url || '#' WHERE url = ?1 AND record_type = 'response'", "address"),
        ("UPDATE captures SET payload_digest = 'sha256:0' WHERE url = ?1 AND record_type = 'response'", "payload digest"),
        ("UPDATE captures SET record_type = 'resource' WHERE url = ?1 AND record_type = 'response'", "type"),
        ("UPDATE captures SET length = length + 1 WHERE url = ?1 AND record_type = 'response'", "length"),
        ("UPDATE captures SET captured_at = '2022' WHERE url = ?1 AND record_type = 'response'", "date"),
        ("UPDATE captures SET record_id = '<urn:uuid:0>' WHERE url = ?1 AND record_type = 'response'", "record id"),
    ],
)  # fmt: skip
def test_a_row_that_is_missing_or_says_something_else_is_told(archive: Path, sql: str, words: str) -> None:
    """A wrong digest makes the revisits of that record doubtful as well."""
    execute(archive / "index.db", sql, OTHER_URL)

    problems = verified(archive)[0].problems
    assert words in problems[0].what or any(words in problem.what for problem in problems)
    assert any(problem.kind == "index" and "reindex" in problem.remedy for problem in problems)


def test_a_row_that_points_to_no_record_is_told_with_its_record(archive: Path) -> None:
    path = warc_of(archive, "first")
    page = member_of(path, "response", OTHER_URL)
    execute(archive / "index.db", "UPDATE captures SET offset = offset + 5 WHERE record_id = ?", page.record_id)

    told = [(problem.offset, problem.record_id) for problem in verified(archive)[0].problems]
    assert sorted(told) == [(page.offset, page.record_id), (page.offset + 5, page.record_id)]


def test_captures_behind_the_end_of_a_file_are_one_problem_with_their_number(unsealed: Path) -> None:
    path = warc_of(unsealed, "first")
    end = members_of(path)[3].offset
    changed(path, lambda data: data[:end])

    problem = next(problem for problem in verified(unsealed)[0].problems if problem.file.endswith(path.name))
    assert (problem.kind, problem.offset) == ("warc", end)
    assert "9 captures are lost, the first of https://blog.example/a-post/comments/" in problem.what


def test_an_index_of_other_files_does_not_fill_the_screen(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify_index, "MAX_REPORTED", 3)
    execute(archive / "index.db", "UPDATE captures SET captured_at = '2021' WHERE warc = (SELECT min(warc) FROM captures)")

    *first, last = verified(archive)[0].problems
    assert len(first) == 3 and "more disagreements" in last.what and "reindex" in last.remedy


def test_an_index_whose_captures_have_no_end_is_not_asked(archive: Path) -> None:
    with closing(sqlite3.connect(archive / "index.db")) as opened:
        opened.execute("ALTER TABLE captures RENAME TO others")
        opened.execute("CREATE VIEW captures AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n")
    problem = the_problem(archive)

    assert (problem.kind, problem.file) == ("index", "index.db") and "not made by this program" in problem.what


def test_what_is_not_indexed_yet_is_a_note(unsealed: Path) -> None:
    path = warc_of(unsealed, "second")
    start = members_of(path)[1].offset
    execute(unsealed / "index.db", "UPDATE warcs SET indexed_to = ? WHERE path LIKE '%second%'", start)
    execute(unsealed / "index.db", "DELETE FROM captures WHERE warc = (SELECT id FROM warcs WHERE path LIKE '%second%')")

    heard, _ = verified(unsealed)
    assert heard.problems == []
    assert any("4 records are not in the index yet" in note.what for note in heard.notes)


def overwrite(path: Path) -> None:
    changed(path, lambda data: data[:8192] + b"\xa5" * (len(data) - 8192))


@pytest.mark.parametrize("harm", [lambda path: path.unlink(), overwrite, lambda path: path.write_bytes(b"no database" * 999)])
def test_a_lost_or_damaged_index_is_a_problem_and_all_else_is_looked_at(archive: Path, harm: Callable[[Path], None]) -> None:
    path = warc_of(archive, "first")
    page = member_of(path, "response", OTHER_URL)
    records = sum(len(members_of(each)) for each in archive.rglob("*.warc.gz"))
    changed(path, lambda data: data[: page.offset + 100] + b"?????" + data[page.offset + 105 :])
    harm(archive / "index.db")

    heard, report = verified(archive)
    index = [problem for problem in heard.problems if problem.kind == "index"]
    assert index and {problem.file for problem in index} == {"index.db"}
    assert all("archiver reindex" in problem.remedy for problem in index)
    assert [problem.offset for problem in heard.problems if problem.kind == "warc"] == [page.offset]
    assert report.records == records - 1


# --- screenshots and thumbnails -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda path: path.unlink(), "is not there"),
        (lambda path: path.write_bytes(b""), "is empty"),
        (lambda path: changed(path, lambda data: data[:-1] + b"?"), "not the file that was made of its screenshot"),
    ],
)
def test_a_screenshot_that_is_not_as_its_record_says_is_told(archive: Path, harm: Callable[[Path], None], words: str) -> None:
    shot = next(archive.glob("screenshots/pages/*/*-view.webp"))
    harm(shot)

    problem = the_problem(archive)
    assert (problem.kind, problem.file) == ("picture", shot.relative_to(archive).as_posix())
    assert problem.record_id == member_of(warc_of(archive, "first"), "resource", "urn:view:").record_id
    assert words in problem.what and "archiver repair" in problem.remedy


def test_a_whole_folder_that_was_deleted_is_one_problem(archive: Path) -> None:
    shutil.rmtree(archive / "screenshots")

    problem = the_problem(archive)
    assert (problem.file, problem.what) == ("screenshots", "is not there, with 6 files")


def make_one_anew(archive: Path) -> Path:
    """With another encoder, it says what it made in a WARC file of its own. Returns the screenshot."""
    shot = next(archive.glob("screenshots/pages/*/*-view.webp"))
    webp = webp_of(saved(page_of_text(9, (30, 20)), "PNG"))
    assert webp is not None
    shot.write_bytes(webp)
    path = shot.relative_to(archive).as_posix()
    content = previews_content([Preview(path, sha256(webp).hexdigest(), "<urn:uuid:of>")])
    writer = WarcWriter(ArchivePaths(archive), "repair", {}, clock=lambda: MOMENT)
    writer.metadata(f"urn:preview:{PAGE_URL}", MOMENT, content)
    writer.close()
    return shot


def test_a_screenshot_that_was_made_anew_is_what_that_record_says(archive: Path) -> None:
    make_one_anew(archive)

    assert verified(archive)[0].problems == []


def test_so_it_is_where_only_the_file_of_its_screenshot_is_looked_at(archive: Path) -> None:
    shot = make_one_anew(archive)
    seed = next(seed for seed in range(99) if chosen_by(archive, seed) == [warc_of(archive, "first")])
    sample = FileSelection(sample=Sample(count=1), seed=seed)

    assert verified(archive, sample)[0].problems == []
    shot.write_bytes(b"something else")
    assert verified(archive, sample)[0].kinds == ["picture"]


def chosen_by(archive: Path, seed: int) -> list[Path]:
    files = sorted(path.relative_to(archive).as_posix() for path in archive.rglob("*.warc.gz"))
    return [archive / file for file in Sample(count=1).of(files, seed)]


def test_a_thumbnail_that_cannot_be_decoded_is_told(archive: Path) -> None:
    small = ArchivePaths(archive).thumbnail("ab" * 32)
    small.parent.mkdir(parents=True)
    whole = webp_of(saved(page_of_text(9, (30, 20)), "PNG"))
    assert whole is not None
    small.write_bytes(whole)
    assert verified(archive)[0].problems == []

    small.write_bytes(whole[: len(whole) // 2])
    problem = the_problem(archive)
    assert (problem.kind, problem.file) == ("picture", small.relative_to(archive).as_posix())


# --- manifests and timestamps -------------------------------------------------------------------------------------------------


def test_a_changed_manifest_is_told_by_the_next(archive: Path) -> None:
    first, _ = sorted(archive.glob("manifests/*.json"))
    changed(first, lambda data: data + b"\n")

    problem = the_problem(archive)
    assert (problem.kind, problem.file) == ("manifest", first.relative_to(archive).as_posix())


def test_timestamps_are_told_with_authority_and_time_also_when_it_is_gone(archive: Path, tmp_path: Path) -> None:
    with Tsa(tmp_path / "tsa").serving() as tsa:
        report = timestamp(archive, [TimestampAuthority(url=tsa.url, root=tsa.root)])
        assert report.made == 2, report.notes
    heard, _ = verified(archive)
    assert heard.problems == [] and ["a copy of the certificate" in note.what for note in heard.notes] == [True]
    shutil.rmtree(archive / "manifests" / "authorities")

    heard, looked = verified(archive, roots=[tsa.root])
    assert (heard.problems, heard.notes) == ([], [])
    assert [(token.authority or "").partition("Tests only")[1] for token in looked.manifests.signed] == ["Tests only"] * 2
    assert all(at.date() == datetime.now(UTC).date() for at in looked.manifests.existed_by.values())

    other = Tsa(tmp_path / "other")
    (archive / "archiver.toml").write_text(f'[[timestamps]]\nurl = "{tsa.url}"\nroot = "{tsa.root}"\n')
    heard, looked = verified(archive)
    assert (heard.problems, heard.notes) == ([], []) and looked.manifests.signed[0].root == "root.pem of archiver.toml"
    heard, looked = verified(archive, roots=[other.root])  # nothing but what is given: the archive's own word is not asked for
    assert looked.manifests.signed == () and heard.kinds == ["timestamp"] * 2
    assert all("--tsa-root FILE" in problem.remedy for problem in heard.problems)

    changed(newest_manifest(archive), lambda data: data.replace(b"embed-archiver/", b"embed-archiver-"))
    (problem,) = verified(archive, roots=[tsa.root])[0].problems
    assert problem.kind == "timestamp" and problem.file.endswith(".tsr") and newest_manifest(archive).stem in problem.file


def newest_manifest(archive: Path) -> Path:
    return sorted(archive.glob("manifests/*.json"))[-1]


def test_a_root_that_is_no_certificate_is_refused(archive: Path, tmp_path: Path) -> None:
    nothing = tmp_path / "nothing.pem"
    nothing.write_text("nothing")
    with pytest.raises(ConfigError):
        verified(archive, roots=[nothing])


# --- which files, and how far ------------------------------------------------------------------------------------------------


def test_since_looks_at_files_that_were_begun_then_or_later(archive: Path) -> None:
    _, at_noon = verified(archive, FileSelection(since=MOMENT.replace(microsecond=0)))
    _, later = verified(archive, FileSelection(since=MOMENT.replace(hour=13)))

    assert (at_noon.files, later.files, later.files_there) == (2, 0, 2)


@pytest.mark.parametrize(
    ("sample", "count"), [(Sample(count=1), 1), (Sample(share=0.5), 1), (Sample(share=1), 2), (Sample(9), 2)]
)
def test_a_sample_is_so_many_whole_files_and_its_seed_is_told(archive: Path, sample: Sample, count: int) -> None:
    _, report = verified(archive, FileSelection(sample=sample))

    assert report.files == count and report.seed is not None


def test_the_same_seed_chooses_the_same_files(archive: Path) -> None:
    for seed in range(8):
        path = chosen_by(archive, seed)[0]
        _, report = verified(archive, FileSelection(sample=Sample(count=1), seed=seed))
        assert (report.seed, report.bytes) == (seed, path.stat().st_size)


class Interrupted(Exception):
    pass


def interrupted_after_the_first(archive: Path, chosen: FileSelection = FileSelection()) -> Heard:  # noqa: B008  frozen
    """As by Ctrl-C. What was heard until then."""
    heard, first = Heard(), warc_of(archive, "first").stat().st_size

    def progress(done: int, total: int) -> None:
        if done > first:
            raise Interrupted

    with pytest.raises(Interrupted):
        verify(archive, chosen, listener=heard, on_progress=progress, clock=lambda: MOMENT)
    return heard


def test_an_interrupted_verification_goes_on_where_it_was(archive: Path) -> None:
    interrupted_after_the_first(archive)
    shot = next(archive.glob("screenshots/pages/*/*-view.webp"))
    shot.unlink()
    heard, report = verified(archive)

    assert (report.kept, report.goes_on_from) == (1, "2022-09-11T12:00:00.250Z")
    assert report.records == 24, "those of the file that was not read again included"
    assert [problem.file for problem in heard.problems] == [shot.relative_to(archive).as_posix()], "it knows what that file names"
    assert verified(archive)[1].kept == 0, "a pass that is through is no longer gone on with"


def test_what_it_had_found_before_it_was_interrupted_is_told_again(archive: Path) -> None:
    path = warc_of(archive, "first")
    changed(path, lambda data: data[:-5] + b"?????")
    before = interrupted_after_the_first(archive)

    assert before.problems and verified(archive)[0].problems == before.problems


@pytest.mark.parametrize("why", ["fresh", "other options", "the file has changed"])
def test_it_looks_at_all_once_more_where(archive: Path, why: str) -> None:
    interrupted_after_the_first(archive)
    chosen = FileSelection(since=MOMENT.replace(day=1)) if why == "other options" else FileSelection()
    if why == "the file has changed":
        changed(warc_of(archive, "first"), lambda data: data[:-5] + b"?????")
    heard, report = verified(archive, chosen, fresh=why == "fresh")

    assert report.kept == 0
    assert bool(heard.problems) is (why == "the file has changed")


def test_that_it_was_looked_at_is_not_believed_of_a_copy(archive: Path, tmp_path: Path) -> None:
    """Found in review: whoever handed an archive over could hand over a state.db with it that said so."""
    interrupted_after_the_first(archive)
    copy = Path(shutil.copytree(archive, tmp_path / "copy"))  # times of change are kept
    execute(copy / "state.db", "DELETE FROM verified WHERE file LIKE '%second%'")
    trigger = "CREATE TRIGGER t BEFORE INSERT ON verified WHEN NEW.file LIKE '%second%' BEGIN SELECT RAISE(IGNORE); END"
    with closing(sqlite3.connect(copy / "state.db")) as opened:
        opened.execute(trigger)
    _, report = verified(copy)

    assert (report.files, report.kept, report.records) == (2, 0, 24)


def test_a_pass_that_is_none_of_ours_begins_anew(archive: Path) -> None:
    interrupted_after_the_first(archive)
    execute(archive / "state.db", "UPDATE verified SET told = '[1]' WHERE place = 0")

    assert verified(archive)[1].goes_on_from is None


@pytest.mark.parametrize("name", ["state.db", ".verify.lock"])
def test_nothing_is_written_where_a_link_leads(archive: Path, tmp_path: Path, name: str) -> None:
    """Found in review: an archive from elsewhere had a file of the user's emptied."""
    precious = tmp_path / "precious"
    precious.write_bytes(b"")  # SQLite would take it for a new database
    (archive / name).unlink(missing_ok=True)
    (archive / name).symlink_to(precious)
    heard, report = verified(archive)

    assert precious.read_bytes() == b"" and heard.problems == [] and report.records == 24
    assert [note.file for note in heard.notes] == ["state.db"]


def test_pipes_in_an_archive_are_not_waited_for(archive: Path) -> None:
    for name in ("archiver.toml", "index.db", "state.db", "manifests/authorities/a.b.pem", "thumbnails/a.webp"):
        path = archive / name
        path.parent.mkdir(exist_ok=True)
        path.unlink(missing_ok=True)
        os.mkfifo(path)
    heard, report = verified(archive)

    told = [(problem.kind, problem.file) for problem in heard.problems]
    assert told == [("index", "index.db"), ("picture", "thumbnails/a.webp")]
    assert report.records == 24


def test_a_sample_that_was_interrupted_goes_on_with_its_files(archive: Path) -> None:
    chosen = FileSelection(sample=Sample(count=2))
    interrupted_after_the_first(archive, chosen)
    _, report = verified(archive, chosen)

    assert (report.kept, report.files) == (1, 2)


def test_a_damaged_state_is_a_problem_and_all_else_is_looked_at(archive: Path) -> None:
    (archive / "state.db").write_bytes(b"no database" * 999)
    heard, report = verified(archive)

    assert heard.kinds == ["state"] and "archiver repair" in heard.problems[0].remedy
    assert report.records == 24


def test_a_second_verification_does_not_disturb_the_first(archive: Path) -> None:
    with (archive / ".verify.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        heard, report = verified(archive)

    assert heard.problems == [] and report.records == 24
    assert any("another verification runs" in note.what for note in heard.notes)
