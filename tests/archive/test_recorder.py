"""The recorder: what becomes a revisit, what is safe when, and who may write."""

import asyncio
import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import pytest

import archiver.recording.recorder as recorder_module
from archiver.errors import ArchiveHeld, StorageError
from archiver.model.exchange import CapturedResponse, Exchange, Failure, ResourceType, Truncated
from archiver.model.findings import Findings
from archiver.recording.recorder import Recorder
from archiver.tasks.reindex import reindex
from tests.support.crawled import index_of
from tests.support.exchanges import MOMENT, PAGE_URL, PICTURE_URL, exchange
from tests.support.full_disk import files_limited_to
from tests.support.recording import CRAWL, NEXT_CRAWL, keep, recording
from tests.support.tables import tables_of
from tests.support.warc_members import members_of, records_of

LONG = b"<title>A long post</title>" + b"words " * 400
PICTURE = b"\xff\xd8\xff" + sha256(b"picture").digest() * 100
OTHER_PICTURE_URL = "https://blog.example/wp-content/uploads/copy.jpg"


def picture(url: str = PICTURE_URL, *, seconds: float = 0, chunked: bool = False) -> Exchange:
    types = ("Content-Type: image/jpeg",)
    return exchange(url, PICTURE, headers=types, resource_type=ResourceType.IMAGE, seconds=seconds, chunked=chunked)


# --- revisits -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("when", ["in one group", "after a commit", "in the next crawl"])
def test_the_same_payload_of_one_address_becomes_a_revisit(tmp_path: Path, when: str) -> None:
    with recording(tmp_path) as recorder:
        first = keep(recorder, exchange(body=LONG))
        if when == "after a commit":
            recorder.commit()
        if when != "in the next crawl":
            second = keep(recorder, exchange(body=LONG, seconds=5))
    if when == "in the next crawl":
        with recording(tmp_path, NEXT_CRAWL) as recorder:
            second = keep(recorder, exchange(body=LONG, seconds=5))
    assert (first.capture.record_type, second.capture.record_type) == ("response", "revisit")
    assert second.capture.refers_to == first.capture.record_id
    assert second.capture.payload_digest == first.capture.payload_digest
    assert second.findings == first.findings, "its links are still to be followed"
    revisit = next(member for member in records_of(tmp_path) if member.kind == "revisit")
    assert revisit.get("WARC-Refers-To") == first.capture.record_id
    assert revisit.get("WARC-Refers-To-Target-URI") == PAGE_URL
    assert revisit.get("WARC-Refers-To-Date") == first.capture.captured_at == "2022-09-11T12:00:00.250Z"


@pytest.mark.parametrize(("size", "kind"), [(1_023, "response"), (1_024, "revisit"), (1_025, "revisit")])
def test_a_payload_of_1024_bytes_is_the_smallest_that_becomes_a_revisit(tmp_path: Path, size: int, kind: str) -> None:
    """Of a smaller one the revisit record is longer than what it saves."""
    with recording(tmp_path) as recorder:
        keep(recorder, exchange(body=LONG[:size]))
        assert keep(recorder, exchange(body=LONG[:size], seconds=5)).capture.record_type == kind


def test_a_page_with_the_payload_of_another_is_kept_itself(tmp_path: Path) -> None:
    with recording(tmp_path) as recorder:
        kinds = [keep(recorder, exchange(url, LONG)).capture.record_type for url in (PAGE_URL, PAGE_URL + "?page=2")]
    assert kinds == ["response", "response"]


@pytest.mark.parametrize("committed", [True, False])
def test_a_picture_is_the_same_at_any_address(tmp_path: Path, committed: bool) -> None:
    with recording(tmp_path) as recorder:
        first = keep(recorder, picture())
        if committed:
            recorder.commit()
        second = keep(recorder, picture(OTHER_PICTURE_URL, seconds=1))
    assert (second.capture.record_type, second.capture.refers_to) == ("revisit", first.capture.record_id)
    revisit = next(member for member in records_of(tmp_path) if member.kind == "revisit")
    assert (revisit.url, revisit.get("WARC-Refers-To-Target-URI")) == (OTHER_PICTURE_URL, PICTURE_URL)


def test_a_picture_in_chunks_is_no_revisit_of_one_at_another_address(tmp_path: Path) -> None:
    """pywb looks for an original at another address by its digest, which the record of one in chunks does not say."""
    with recording(tmp_path) as recorder:
        kinds = []
        for number, url in enumerate((PICTURE_URL, OTHER_PICTURE_URL, OTHER_PICTURE_URL)):
            kinds.append(keep(recorder, picture(url, seconds=number, chunked=True)).capture.record_type)
            recorder.commit()
    assert kinds == ["response", "response", "revisit"]


def test_a_304_is_a_revisit_of_the_newest_whole_capture(tmp_path: Path) -> None:
    etag = ('ETag: "a"', "Last-Modified: Sat, 10 Sep 2022 10:00:00 GMT")
    with recording(tmp_path) as recorder:
        keep(recorder, exchange(body=b"<title>old</title>"))
        newest = keep(recorder, exchange(body=b"<title>new</title>", headers=etag, seconds=1))
        keep(recorder, exchange(body=b"<title>cu", seconds=2, truncated=Truncated.DISCONNECT))
        keep(recorder, exchange(body=b"<title>gone</title>", status="404 Not Found", seconds=3))
        recorder.commit()
        assert recorder.crawl_index.validators(PAGE_URL) == [
            ("If-None-Match", '"a"'),
            ("If-Modified-Since", "Sat, 10 Sep 2022 10:00:00 GMT"),
        ]
        unchanged = keep(recorder, exchange(body=b"", status="304 Not Modified", seconds=4))
    assert (unchanged.capture.record_type, unchanged.capture.status) == ("revisit", 304)
    assert unchanged.capture.refers_to == newest.capture.record_id
    assert unchanged.findings.page is not None and unchanged.findings.page.title == "new"


def test_a_304_that_nobody_asked_for_is_kept_as_a_response(tmp_path: Path) -> None:
    with recording(tmp_path) as recorder:
        kept = keep(recorder, exchange(body=b"", status="304 Not Modified"))
    assert kept.capture.record_type == "response"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (exchange(body=b"<p>short"), exchange(body=b"<p>short", seconds=1)),
        (exchange(body=LONG, truncated=Truncated.LENGTH), exchange(body=LONG, seconds=1)),
        (exchange(body=LONG), exchange(body=LONG, seconds=1, truncated=Truncated.TIME)),
        (exchange(body=LONG, status="404 Not Found"), exchange(body=LONG, status="404 Not Found", seconds=1)),
        (exchange(body=LONG, status="206 Partial Content"), exchange(body=LONG, seconds=1)),
    ],
    ids=["short", "cut before", "cut now", "not found", "a part"],
)
def test_what_is_short_cut_off_or_no_success_is_kept_itself(tmp_path: Path, first: Exchange, second: Exchange) -> None:
    with recording(tmp_path) as recorder:
        keep(recorder, first)
        assert keep(recorder, second).capture.record_type == "response"


# --- one writer, in one order -------------------------------------------------------------------------------------------------


def test_what_is_committed_is_in_the_index_while_the_crawl_goes_on(tmp_path: Path) -> None:
    with recording(tmp_path) as recorder:
        keep(recorder, exchange())
        recorder.commit()
        with index_of(tmp_path) as database:
            assert database.execute("SELECT url FROM captures").fetchall() == [(PAGE_URL,)]
        keep(recorder, picture())


def test_a_group_is_made_safe_after_so_many_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder_module, "GROUP_RECORDS", 3)
    monkeypatch.setattr(recorder_module, "GROUP_SECONDS", 1_000.0)
    times, safe = [], 0
    with recording(tmp_path) as recorder:

        def count() -> None:
            nonlocal safe
            safe += 1

        recorder.on_safe = count
        for number in range(5):
            keep(recorder, exchange(f"{PAGE_URL}{number}", seconds=number))
            times.append(safe)
    assert times == [0, 0, 1, 1, 1]


def test_and_after_so_many_seconds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 5_000.0
    monkeypatch.setattr(recorder_module, "time", SimpleNamespace(monotonic=lambda: now))
    safe: list[float] = []
    with recording(tmp_path) as recorder:
        recorder.on_safe = lambda: safe.append(now)
        for now in (5_000.0, 5_000.999, 5_001.0, 5_001.5, 5_002.0):
            keep(recorder, exchange(f"{PAGE_URL}{now}"))
    assert safe[:2] == [5_001.0, 5_002.0]


def test_bytes_are_safe_before_what_met_a_wish_is_forgotten(tmp_path: Path) -> None:
    told = []
    with recording(tmp_path) as recorder:
        recorder.on_safe = lambda: told.append([member.url for member in records_of(tmp_path) if member.kind == "response"])
        keep(recorder, exchange())
        recorder.commit()
    assert told[0] == [PAGE_URL]


def test_a_response_that_is_still_being_read_is_found_again_after_a_crash(tmp_path: Path) -> None:
    """What stands behind it in the file is indexed already; the place up to where the index goes must not pass it."""
    release = asyncio.Event()

    async def slowly(seen: CapturedResponse) -> Findings:
        if seen.url == PAGE_URL:
            await release.wait()
        return Findings()

    async def crash() -> list[str]:
        recorder = Recorder(tmp_path, CRAWL, read=slowly, clock=lambda: MOMENT)
        slow = asyncio.create_task(recorder.record(exchange()))
        await asyncio.sleep(0)
        await recorder.record(picture())
        recorder.commit()
        with index_of(tmp_path) as database:
            size = database.execute("SELECT indexed_to FROM warcs").fetchone()[0]
            urls = [row[0] for row in database.execute("SELECT url FROM captures")]
        (file,) = tmp_path.rglob("*.warc.gz")
        assert size == next(member.offset for member in members_of(file) if member.url == PAGE_URL)
        release.set()
        await slow
        recorder.close()
        return urls

    assert asyncio.run(crash()) == [PICTURE_URL]
    closed = tables_of(tmp_path)
    reindex(tmp_path)
    again = tables_of(tmp_path)
    assert [row[1:4] for row in closed["captures"]] == [row[1:4] for row in again["captures"]]
    assert closed["warcs"] == again["warcs"]


def test_only_one_can_write(tmp_path: Path) -> None:
    with recording(tmp_path), pytest.raises(ArchiveHeld, match=r"is being written to by process \d+"):
        Recorder(tmp_path, NEXT_CRAWL)
    Recorder(tmp_path, NEXT_CRAWL).close()


def test_reindex_waits_for_nobody_and_says_so(tmp_path: Path) -> None:
    with recording(tmp_path) as recorder:
        keep(recorder, exchange())
        recorder.commit()
        with pytest.raises(ArchiveHeld):
            reindex(tmp_path)


def test_a_crawl_that_wrote_nothing_leaves_nothing(tmp_path: Path) -> None:
    with recording(tmp_path):
        pass
    with index_of(tmp_path) as database:
        assert database.execute("SELECT count(*) FROM crawls").fetchone() == (0,)
    assert records_of(tmp_path) == []


def test_failures_outcome_and_settings_survive_a_reindex(tmp_path: Path) -> None:
    """Settings may hold characters that some programs take for the end of a line."""
    with recording(tmp_path) as recorder:
        recorder.note(Failure("https://gone.example/", MOMENT, "HostNotFound", "gone.example was not found: немає"))
        recorder.finish({"ended": "finished", "failed": [("https://gone.example/", "не знайдено")], "waiting": 0})
    live = tables_of(tmp_path)
    assert [row[4:6] for row in live["failures"]] == [("HostNotFound", "gone.example was not found: немає")]
    assert live["crawls"][0][6] == CRAWL.settings
    assert json.loads(live["crawls"][0][7])["ended"] == "finished"
    reindex(tmp_path)
    assert tables_of(tmp_path) == live


# --- a full disk --------------------------------------------------------------------------------------------------------------


def test_on_a_full_disk_the_crawl_ends_and_no_row_is_without_its_bytes(tmp_path: Path) -> None:
    noise = b"".join(sha256(n.to_bytes(3)).digest() for n in range(60_000))
    recorder = Recorder(tmp_path, CRAWL, clock=lambda: MOMENT)
    keep(recorder, exchange(body=LONG))
    recorder.commit()
    with files_limited_to(1_000_000), pytest.raises(StorageError):
        keep(recorder, exchange("https://blog.example/noise.bin", noise, headers=("Content-Type: application/zip",)))
        recorder.commit()
    with pytest.raises(StorageError):
        recorder.close()
    (file,) = tmp_path.rglob("*.warc.gz")
    with index_of(tmp_path) as database:
        places = database.execute("SELECT record_id, offset FROM captures").fetchall()
    assert places == [(member.record_id, member.offset) for member in members_of(file, torn=True) if member.url == PAGE_URL][:1]
    with recording(tmp_path, NEXT_CRAWL) as following:
        following.catch_up()
        assert keep(following, exchange(body=LONG, seconds=9)).capture.record_type == "revisit"


def test_what_lies_in_a_lost_file_is_not_repeated(tmp_path: Path) -> None:
    """A page whose first capture was lost was kept as a revisit of nothing, and its host was asked whether it had changed."""
    page = exchange(body=LONG, headers=('ETag: "one"',))
    with recording(tmp_path) as recorder:
        keep(recorder, page)
    for file in (tmp_path / "warc").rglob("*.gz"):
        file.unlink()
    with recording(tmp_path, replace(NEXT_CRAWL, job="next")) as recorder:
        assert recorder.crawl_index.validators(PAGE_URL) == []
        assert keep(recorder, page).capture.record_type == "response"
        recorder.commit()
        assert recorder.crawl_index.validators(PAGE_URL) == [("If-None-Match", '"one"')]
