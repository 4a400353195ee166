"""WARC files as they are written: each record, each header, each byte."""

import gzip
import socket
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import pytest

from archiver.errors import StorageError
from archiver.model.exchange import Truncated
from archiver.storage.files.paths import ArchivePaths
from archiver.storage.warc.manifests import hash_of
from archiver.storage.warc.writer import Original, WarcWriter, digest_of
from tests.support.exchanges import MOMENT, PAGE_URL, PICTURE_URL, exchange
from tests.support.full_disk import files_limited_to
from tests.support.warc_members import Member, members_of, records_of
from tests.support.warc_writers import INFO, files_in, ids, writer_in

HOST = socket.gethostname()


def written(data_dir: Path) -> list[Member]:
    (path,) = files_in(data_dir)
    return members_of(path)


def test_each_record_is_a_gzip_member_of_its_own_at_the_place_that_is_told(tmp_path: Path) -> None:
    writer = writer_in(tmp_path)
    places = [
        writer.exchange(one, digest_of(one.payload.chunks())) for one in (exchange(), exchange(PICTURE_URL, b"\xff\xd8" * 999))
    ]
    writer.close()
    members = written(tmp_path)
    assert [member.kind for member in members] == ["warcinfo", "response", "request", "response", "request"]
    assert [(place.offset, place.length, place.record_id) for place in places] == [
        (member.offset, member.length, member.record_id) for member in members if member.kind == "response"
    ]
    assert all((tmp_path / place.warc) == files_in(tmp_path)[0] for place in places)


def test_request_and_response_are_concurrent_to_each_other(tmp_path: Path) -> None:
    writer = writer_in(tmp_path)
    writer.exchange(exchange(), "sha256:0")
    writer.close()
    info, response, request = written(tmp_path)
    assert response.get("WARC-Concurrent-To") == request.record_id
    assert request.get("WARC-Concurrent-To") == response.record_id
    assert {response.get("WARC-Warcinfo-ID"), request.get("WARC-Warcinfo-ID")} == {info.record_id}
    assert response.get("WARC-Date") == request.get("WARC-Date") == "2022-09-11T12:00:00.250Z"
    assert response.url == request.url == PAGE_URL


def test_the_warcinfo_tells_software_job_and_settings(tmp_path: Path) -> None:
    writer = writer_in(tmp_path)
    writer.exchange(exchange(), "sha256:0")
    writer.close()
    info = written(tmp_path)[0]
    fields = dict(line.split(": ", 1) for line in info.block.decode().splitlines())
    assert fields == {**INFO, "filename": files_in(tmp_path)[0].name}
    assert info.get("WARC-Filename") == files_in(tmp_path)[0].name == f"job-20220911120000-00001-{HOST}.warc.gz"


def test_a_whole_file_is_the_same_byte_for_byte_with_the_same_clock_and_ids(tmp_path: Path) -> None:
    for name in ("one", "two"):
        writer = writer_in(tmp_path / name)
        writer.exchange(exchange(), digest_of([b"<title>A post</title>"]))
        writer.close()
    (one,), (two,) = files_in(tmp_path / "one"), files_in(tmp_path / "two")
    assert one.read_bytes() == two.read_bytes()
    assert gzip.decompress(one.read_bytes()).decode() == EXPECTED.replace("\n", "\r\n")


def record(*lines: str, block: str) -> str:
    """One record as text; its digest and length are those of the block."""
    data = block.replace("\n", "\r\n").encode()
    kind = lines[-1]
    digest = f"WARC-Block-Digest: sha256:{sha256(data).hexdigest()}"
    return "\n".join(["WARC/1.1", *lines[:-1], digest, kind, f"Content-Length: {len(data)}", "", block]) + "\n\n"


_COMMON = (
    f"WARC-Target-URI: {PAGE_URL}", "WARC-Date: 2022-09-11T12:00:00.250Z", "WARC-IP-Address: 192.0.2.7",
    "WARC-Protocol: http/1.1", "WARC-Protocol: tls/1.3", "WARC-Resource-Type: document", "WARC-Page-ID: visit-1",
)  # fmt: skip
_ID = "<urn:uuid:00000000-0000-4000-8000-00000000000{}>"
_INFO = "".join(f"{name}: {value}\n" for name, value in INFO.items()) + f"filename: job-20220911120000-00001-{HOST}.warc.gz\n"
EXPECTED = (
    record(
        "WARC-Type: warcinfo", f"WARC-Record-ID: {_ID.format(3)}", "WARC-Date: 2022-09-11T12:00:00.250Z",
        f"WARC-Filename: job-20220911120000-00001-{HOST}.warc.gz", "Content-Type: application/warc-fields", block=_INFO,
    )
    + record(
        "WARC-Type: response", f"WARC-Record-ID: {_ID.format(2)}", *_COMMON, f"WARC-Concurrent-To: {_ID.format(1)}",
        f"WARC-Warcinfo-ID: {_ID.format(3)}", f"WARC-Payload-Digest: {digest_of([b'<title>A post</title>'])}",
        "Content-Type: application/http;msgtype=response",
        block="HTTP/1.1 200 OK\nContent-Type: text/html; charset=utf-8\nContent-Length: 21\n\n<title>A post</title>",
    )
    + record(
        "WARC-Type: request", f"WARC-Record-ID: {_ID.format(1)}", *_COMMON, f"WARC-Concurrent-To: {_ID.format(2)}",
        f"WARC-Warcinfo-ID: {_ID.format(3)}", "Content-Type: application/http;msgtype=request",
        block="GET /a-post/ HTTP/1.1\nHost: blog.example\n\n",
    )
)  # fmt: skip


def test_a_file_is_rolled_at_its_size_and_a_request_stays_with_its_response(tmp_path: Path) -> None:
    writer = writer_in(tmp_path, roll_bytes=1000)
    for number in range(6):
        writer.exchange(exchange(f"{PAGE_URL}{number}", sha256(bytes([number])).hexdigest().encode() * 4), "sha256:0")
    writer.close()
    files = [members_of(path) for path in files_in(tmp_path)]
    assert len(files) > 2
    for members in files:
        assert members[0].kind == "warcinfo"
        assert {member.get("WARC-Warcinfo-ID") for member in members[1:]} == {members[0].record_id}
        ids = {member.record_id for member in members}
        assert all(member.get("WARC-Concurrent-To") in ids for member in members[1:])
    assert len({member.url for members in files for member in members if member.kind == "response"}) == 6


def test_the_ends_of_all_files_written_to_are_told_once(tmp_path: Path) -> None:
    writer = writer_in(tmp_path, roll_bytes=1)
    for number in range(3):
        writer.exchange(exchange(f"{PAGE_URL}{number}"), "sha256:0")
    writer.sync()
    assert writer.take_ends() == {path.relative_to(tmp_path).as_posix(): path.stat().st_size for path in files_in(tmp_path)}
    assert writer.take_ends() == {}
    writer.close()


def test_a_closed_file_is_told_once_with_what_it_holds(tmp_path: Path) -> None:
    writer = writer_in(tmp_path, roll_bytes=1)
    for number in range(3):
        writer.exchange(exchange(f"{PAGE_URL}{number}"), "sha256:0")
    writer.sync()
    open_still = files_in(tmp_path)[-1]
    closed = writer.take_closed()
    assert [tmp_path / file.path for file in closed] == [path for path in files_in(tmp_path) if path != open_still]
    writer.close()
    last = writer.take_closed()
    assert [tmp_path / file.path for file in last] == [open_still]
    assert [(file.bytes, file.sha256) for file in (*closed, *last)] == [hash_of(path) for path in files_in(tmp_path)]
    writer.close()
    assert writer.take_closed() == []


def test_two_crawls_of_one_job_in_the_same_second_get_files_of_their_own_in_order(tmp_path: Path) -> None:
    for url in ("https://a.example/", "https://b.example/"):
        writer = writer_in(tmp_path)
        writer.exchange(exchange(url), "sha256:0")
        writer.close()
    assert [members_of(path)[1].url for path in files_in(tmp_path)] == ["https://a.example/", "https://b.example/"]


def test_a_video_that_lies_on_disk_is_written_whole(tmp_path: Path) -> None:
    big = exchange(
        PICTURE_URL, b"".join(sha256(bytes([n])).digest() * 9000 for n in range(40)), headers=("Content-Type: video/mp4",)
    )
    assert big.response.on_disk
    writer = writer_in(tmp_path)
    writer.exchange(big, digest_of(big.payload.chunks()))
    writer.close()
    response = written(tmp_path)[1]
    assert response.block == big.response.bytes()
    assert response.get("WARC-Payload-Digest") == "sha256:" + sha256(big.payload.bytes()).hexdigest()


ORIGINAL = Original("<urn:uuid:0f>", "https://other.example/p.jpg", "2022-09-10T00:00:00.000Z", "sha256:ab")


@pytest.mark.parametrize(
    ("status", "profile"), [("200 OK", "identical-payload-digest"), ("304 Not Modified", "server-not-modified")]
)
def test_a_revisit_has_the_head_alone_and_says_what_it_repeats(tmp_path: Path, status: str, profile: str) -> None:
    again = exchange(PICTURE_URL, b"" if status.startswith("304") else b"x" * 2000, status=status)
    writer = writer_in(tmp_path)
    place = writer.exchange(again, "sha256:ab", ORIGINAL)
    writer.close()
    _, revisit, request = written(tmp_path)
    assert (revisit.kind, place.record_type) == ("revisit", "revisit")
    assert revisit.block == again.response.bytes(0, again.body_start)
    assert revisit.get("WARC-Profile") == f"http://netpreserve.org/warc/1.1/revisit/{profile}"
    assert revisit.get("WARC-Refers-To") == "<urn:uuid:0f>"
    assert revisit.get("WARC-Refers-To-Target-URI") == "https://other.example/p.jpg"
    assert revisit.get("WARC-Refers-To-Date") == "2022-09-10T00:00:00.000Z"
    assert revisit.get("WARC-Payload-Digest") == "sha256:ab"
    assert revisit.get("WARC-Concurrent-To") == request.record_id


def test_a_truncated_response_says_why(tmp_path: Path) -> None:
    writer = writer_in(tmp_path)
    writer.exchange(exchange(truncated=Truncated.TIME), "sha256:0")
    writer.close()
    assert [member.get("WARC-Truncated") for member in written(tmp_path)] == [None, "time", None]


def test_metadata_is_json_with_an_address_and_a_time(tmp_path: Path) -> None:
    writer = writer_in(tmp_path)
    writer.metadata(PAGE_URL, MOMENT, {"kind": "failure", "reason": "нема"})
    writer.close()
    member = written(tmp_path)[1]
    assert (member.kind, member.url, member.get("Content-Type")) == ("metadata", PAGE_URL, "application/json")
    assert member.block.decode() == '{"kind": "failure", "reason": "нема"}'


def test_what_is_flushed_can_be_read_by_others(tmp_path: Path) -> None:
    writer = writer_in(tmp_path)
    writer.exchange(exchange(), "sha256:0")
    writer.flush()
    assert len(written(tmp_path)) == 3
    writer.close()


def test_after_a_failed_write_nothing_more_is_written_and_nothing_counts_as_safe(tmp_path: Path) -> None:
    writer = writer_in(tmp_path)
    kept = writer.exchange(exchange(), "sha256:0")
    writer.sync()
    noise = b"".join(sha256(n.to_bytes(3)).digest() for n in range(100_000))
    with files_limited_to(100_000), pytest.raises(StorageError, match=r"cannot write warc/.*: File too large"):
        writer.exchange(exchange(PICTURE_URL, noise), "sha256:0")
        writer.sync()
    for attempt in (writer.sync, writer.flush, lambda: writer.exchange(exchange(), "sha256:0")):
        with pytest.raises(StorageError):
            attempt()
    writer.close()
    assert writer.take_closed() == []  # what it holds the next run has to look at
    (path,) = files_in(tmp_path)
    assert [member.kind for member in members_of(path, torn=True)][:3] == ["warcinfo", "response", "request"]
    assert members_of(path, torn=True)[1].record_id == kept.record_id


def test_a_folder_that_cannot_be_written_to_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "warc").write_text("a file where the folder should be")
    with pytest.raises(StorageError, match=r"cannot create .*/warc/.* Is the folder writable, is there room"):
        writer_in(tmp_path).exchange(exchange(), "sha256:0")


def test_a_header_with_half_a_surrogate_pair_is_written_with_a_question_mark(tmp_path: Path) -> None:
    """Once a rename had gone into the name of the error handler, and nothing noticed."""
    writer = writer_in(tmp_path)
    writer.metadata("urn:x", MOMENT, {"kind": "x"}, [("X-Said", "a\udcffb")])
    writer.close()
    assert records_of(tmp_path)[-1].get("X-Said") == "a?b"


def test_dates_have_milliseconds_whatever_the_clock_gives(tmp_path: Path) -> None:
    numbers = ids()
    moment = datetime.fromisoformat("2022-09-11T15:00:00.123999+03:00")
    writer = WarcWriter(ArchivePaths(tmp_path), "job", INFO, clock=lambda: moment, new_id=lambda: next(numbers))
    writer.exchange(exchange(), "sha256:0")
    writer.close()
    assert records_of(tmp_path)[0].get("WARC-Date") == "2022-09-11T12:00:00.123Z"
