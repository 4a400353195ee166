"""One bad record must not cost the others: text that cannot be written, originals that are lost, readings that differ."""

import asyncio
import random
from pathlib import Path

from archiver.errors import NotHttp
from archiver.model.exchange import Failure, ResourceType
from archiver.model.findings import Findings, Page
from archiver.recording.indexer import capture_of_exchange
from archiver.storage.files.paths import ArchivePaths, warc_files
from archiver.storage.index.database import open_index
from archiver.storage.index.rows import UNREADABLE
from archiver.storage.index.writer import IndexWriter
from archiver.storage.warc.writer import RecordLocation
from archiver.tasks.reindex import reindex
from tests.support.crawled import index_of
from tests.support.exchanges import MOMENT, exchange
from tests.support.recording import NEXT_CRAWL, keep, keep_here, recording
from tests.support.tables import tables_of
from tests.support.warc_members import members_of

REPLY = (
    b'{"__typename":"Tweet","id_str":"1568656084437740674","text":"half \\ud83d of it","created_at":"2022-09-10T17:42:09.000Z",'
    b'"user":{"name":"Anonymous","screen_name":"AnonymousUK2022"}}'
)
REPLY_URL = "https://cdn.syndication.twimg.com/tweet-result?id=1568656084437740674&lang=en&token=x"
CYRILLIC_PAGE = """<title>A page</title><blockquote class="twitter-tweet"><p>Ізюм</p>&mdash; A (@a)
<a href="https://twitter.com/a/status/20">x</a></blockquote>"""


def test_half_an_emoji_in_a_reply_made_the_archive_unusable(tmp_path: Path) -> None:
    with recording(tmp_path) as recorder:
        keep(recorder, exchange(REPLY_URL, REPLY, headers=("Content-Type: application/json",), resource_type=ResourceType.FETCH))
        keep(recorder, exchange())
    with index_of(tmp_path) as index:
        assert index.execute("SELECT text FROM statements").fetchall() == [("half \ufffd of it",)]
        assert index.execute("SELECT count(*) FROM pages").fetchone() == (1,)


def test_a_text_that_cannot_be_written_costs_only_what_its_record_tells(tmp_path: Path) -> None:
    index = IndexWriter(open_index(tmp_path / "index.db"))
    capture = capture_of_exchange(
        exchange(), RecordLocation("a.warc.gz", 0, 9, "<urn:uuid:1>", "response", "sha256:0"), None, "u"
    )
    index.reached("a.warc.gz", None, 9)
    index.add(capture, Findings(page=Page("https://a.example/", title="\ud83d")))
    index.database.execute("PRAGMA foreign_keys = OFF")
    index.commit()
    assert index.database.execute("SELECT error, reason FROM failures").fetchall() == [
        (UNREADABLE, "its text is no valid Unicode")
    ]
    assert index.database.execute("SELECT count(*) FROM captures").fetchone() == (1,)
    index.database.close()


def test_a_304_whose_original_is_lost_stopped_every_later_crawl(tmp_path: Path) -> None:
    with recording(tmp_path) as recorder:
        keep(recorder, exchange(headers=('ETag: "1"',)))
    (first,) = warc_files_of(tmp_path)
    with recording(tmp_path, NEXT_CRAWL) as recorder:
        first.unlink()  # while it runs: what was lost before, a crawl knows, and asks without conditions
        told = keep(recorder, exchange(body=b"", status="304 Not Modified", seconds=9))
        keep(recorder, exchange("https://blog.example/next/", seconds=10))
    assert told.capture.record_type == "revisit"
    assert told.findings.unreadable is not None
    assert told.findings.page is None
    with index_of(tmp_path) as index:
        assert index.execute("SELECT count(*) FROM captures").fetchone() == (3,)


def test_one_payload_under_two_charsets_is_read_as_two_versions_in_whatever_order(tmp_path: Path) -> None:
    body = CYRILLIC_PAGE.encode("windows-1251")
    with recording(tmp_path) as recorder:
        keep(recorder, exchange(body=body, headers=("Content-Type: text/html; charset=windows-1251",)))
    with recording(tmp_path, NEXT_CRAWL) as recorder:
        keep(recorder, exchange(body=body, headers=("Content-Type: text/html; charset=windows-1252",), seconds=9))
    live = tables_of(tmp_path)
    files = warc_files_of(tmp_path)
    for seed in range(4):
        random.Random(seed).shuffle(files)
        reindex(tmp_path, files=files)
        assert tables_of(tmp_path) == live


def test_what_no_http_server_sent_is_kept_with_the_note(tmp_path: Path) -> None:
    error = NotHttp("the answer begins with 'SSH-2.0', which is no HTTP response", b"SSH-2.0-OpenSSH\r\n")
    with recording(tmp_path) as recorder:
        recorder.note(Failure("http://a.example/", MOMENT, type(error).__name__, str(error), error.received))
    (note,) = [
        each for path in warc_files_of(tmp_path) for each in members_of(path) if each.url == "urn:failure:http://a.example/"
    ]
    assert b'"received": "U1NILTIuMC1PcGVuU1NIDQo="' in note.block


def test_bytes_become_safe_though_no_further_record_comes(tmp_path: Path) -> None:
    """Seconds after the last record the WARC file was still empty: a host had asked for a pause, and a kill lost it all."""
    safe = []

    async def record_and_wait() -> None:
        with recording(tmp_path) as recorder:
            recorder.on_safe = lambda: safe.append(sum(path.stat().st_size for path in warc_files_of(tmp_path)))
            await keep_here(recorder, exchange())
            while not safe:
                await asyncio.sleep(0.02)

    asyncio.run(asyncio.wait_for(record_and_wait(), 60))
    assert safe[0] > 0


def warc_files_of(data_dir: Path) -> list[Path]:
    return warc_files(ArchivePaths(data_dir))
