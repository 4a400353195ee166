"""`archiver extract` over records that are not whole by themselves: revisits of records in other files, segmented records."""

import gzip
from io import BytesIO
from pathlib import Path

import pytest

from archiver.model.findings import ExtractedPage
from archiver.tasks.extract.extract import extract
from archiver.tasks.extract.jobs import Unread
from tests.support.foreign_warcs import tweet_page

BLOG = "https://blog.example/"
HTTP = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
PICTURE = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n"
DAY_ONE, DAY_TWO = "2022-09-10T00:00:00Z", "2022-09-11T00:00:00Z"


def record(kind: str, url: str, block: bytes, *fields: str, name: str = "", date: str = DAY_ONE) -> bytes:
    head = [
        "WARC/1.1", f"WARC-Type: {kind}", f"WARC-Record-ID: <urn:uuid:{name or url + kind}>", f"WARC-Target-URI: {url}",
        f"WARC-Date: {date}", f"Content-Length: {len(block)}", *fields,
    ]  # fmt: skip
    return gzip.compress("\r\n".join(head).encode() + b"\r\n\r\n" + block + b"\r\n\r\n")


def read(*paths: Path | str, given: bytes = b"") -> tuple[list[ExtractedPage], list[Unread]]:
    found = list(extract(paths, standard_input=BytesIO(given)))
    return [one for one in found if isinstance(one, ExtractedPage)], [one for one in found if isinstance(one, Unread)]


REFERS = {
    "address and date": (f"WARC-Refers-To-Target-URI: {BLOG}1", f"WARC-Refers-To-Date: {DAY_ONE}"),
    "record": ("WARC-Refers-To: <urn:uuid:first>",),
    "digest": ("WARC-Payload-Digest: sha-256:ABCD",),
}


@pytest.fixture
def original(tmp_path: Path) -> Path:
    path = tmp_path / "one.warc.gz"
    digest = "WARC-Payload-Digest: sha256:abcd"
    path.write_bytes(record("response", f"{BLOG}1", HTTP + tweet_page(1), digest, name="first"))
    return path


@pytest.mark.parametrize("refers", REFERS.values(), ids=REFERS)
@pytest.mark.parametrize("head", [HTTP, b""])
def test_a_revisit_under_another_address_has_the_body_of_its_original(
    tmp_path: Path, original: Path, refers: tuple[str, ...], head: bytes
) -> None:
    """In whatever order the files are given, and in folders. It was passed over without a word."""
    later = tmp_path / "two.warc.gz"
    later.write_bytes(record("revisit", f"{BLOG}moved", head, *refers, date=DAY_TWO))

    for given in ((original, later), (later, original), (tmp_path,)):
        pages, unread = read(*given)
        assert [(page.source, page.url, len(page.embeds)) for page in pages] == [
            (f"{BLOG}1", f"{BLOG}1", 1), (f"{BLOG}moved", f"{BLOG}moved", 1),
        ]  # fmt: skip
        assert unread == []


def test_a_revisit_of_a_page_that_was_read_under_its_address_adds_nothing(tmp_path: Path, original: Path) -> None:
    later = tmp_path / "two.warc.gz"
    later.write_bytes(record("revisit", f"{BLOG}1", HTTP, date=DAY_TWO))
    pages, unread = read(later, original)
    assert ([page.source for page in pages], unread) == ([f"{BLOG}1"], [])


def test_a_revisit_whose_original_was_not_given_is_named(tmp_path: Path) -> None:
    later = tmp_path / "two.warc.gz"
    not_modified = b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n"
    later.write_bytes(
        record("revisit", f"{BLOG}1", HTTP, *REFERS["address and date"], date=DAY_TWO)
        + record("revisit", f"{BLOG}2", not_modified, *REFERS["record"], date=DAY_TWO)
        + record("revisit", f"{BLOG}p", PICTURE, *REFERS["digest"], date=DAY_TWO)
        + record("revisit", f"{BLOG}p.png", b"", *REFERS["digest"], date=DAY_TWO)
    )
    pages, unread = read(later)
    assert pages == []
    assert unread == [
        Unread(f"{BLOG}1", f"is a revisit of a record that is not in what was given ({BLOG}1 of {DAY_ONE})"),
        Unread(f"{BLOG}2", "is a revisit of a record that is not in what was given (<urn:uuid:first>)"),
    ]


def test_a_revisit_of_a_picture_is_no_page(tmp_path: Path) -> None:
    """Without a head only its original tells."""
    path = tmp_path / "one.warc.gz"
    path.write_bytes(
        record("response", f"{BLOG}picture", PICTURE + b"\x89PNG", name="first")
        + record("revisit", f"{BLOG}other", b"", *REFERS["record"], date=DAY_TWO)
    )
    assert read(path) == ([], [])


def segments(*blocks: bytes, last: bool = True) -> list[bytes]:
    """A response of several segments."""
    first = record("response", f"{BLOG}long", blocks[0], "WARC-Segment-Number: 1", name="origin")
    others = []
    for number, block in enumerate(blocks[1:], 2):
        total = [f"WARC-Segment-Total-Length: {sum(map(len, blocks))}"] if last and number == len(blocks) else []
        fields = ["WARC-Segment-Origin-ID: <urn:uuid:origin>", f"WARC-Segment-Number: {number}", *total]
        others.append(record("continuation", f"{BLOG}long", block, *fields, name=str(number)))
    return [first, *others]


def test_segments_are_put_together_across_files(tmp_path: Path) -> None:
    """The first one was read as the whole page, and the tweet at the end lost."""
    block = HTTP + b"<p>fog</p>" * 50 + tweet_page(1)
    one, two, three = segments(block[:300], block[300:500], block[500:])
    (tmp_path / "one.warc.gz").write_bytes(record("response", f"{BLOG}0", HTTP + tweet_page(0)) + one)
    (tmp_path / "two.warc.gz").write_bytes(two + record("response", f"{BLOG}2", HTTP + tweet_page(2)) + three)

    pages, unread = read(tmp_path)

    assert [(page.source, len(page.embeds)) for page in pages] == [(f"{BLOG}0", 1), (f"{BLOG}2", 1), (f"{BLOG}long", 1)]
    assert unread == []


def test_segments_that_are_not_all_there_are_read_and_named(tmp_path: Path) -> None:
    one, two, _ = segments(HTTP + tweet_page(1), b"<p>more", b"<p>end")
    (tmp_path / "one.warc.gz").write_bytes(one + two)

    (page,), (unread,) = read(tmp_path)

    assert (page.source, len(page.embeds)) == (f"{BLOG}long", 1)
    assert unread == Unread(f"{BLOG}long", "has further segments, which are not in what was given")


def test_a_response_that_is_no_http_is_read_as_the_page_that_it_is_or_named(tmp_path: Path) -> None:
    path = tmp_path / "one.warc.gz"
    path.write_bytes(
        record("response", f"{BLOG}old", tweet_page(1))
        + record("response", f"{BLOG}garbage", b"\0\1\2 no head")
        + record("response", f"{BLOG}empty", b"")
        + record("response", "dns:blog.example", b"20220910 192.0.2.7")
    )

    (page,), (unread,) = read(path)

    assert (page.source, len(page.embeds)) == (f"{BLOG}old", 1)
    assert unread == Unread(f"{BLOG}garbage", "its block is no HTTP response")


def test_further_segments_without_their_beginning_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "rest.warc.gz"
    fields = ("WARC-Segment-Origin-ID: <urn:uuid:nowhere>", "WARC-Segment-Number: 2")
    rest = [record("continuation", f"{BLOG}long", tweet_page(1), *fields, name=f"rest-{number}") for number in range(3)]
    path.write_bytes(b"".join((record("response", f"{BLOG}1", HTTP + tweet_page(1)), *rest)))

    pages, unread = read(path)

    assert [page.source for page in pages] == [f"{BLOG}1"]
    (told,) = unread
    assert told == Unread("rest.warc.gz", "has further segments of records whose first one was not given before them: 3")


def test_html_that_is_not_served_as_a_page_is_told_with_its_count(tmp_path: Path) -> None:
    """It was passed over without a word, and with exit code 0."""
    path = tmp_path / "odd.warc.gz"
    page = b"\xef\xbb\xbf\r\n<!DOCTYPE html>" + tweet_page(1)
    heads = [
        b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\n\r\n" % kind
        for kind in (b"text/plain", b"text/plain", b"application/octet-stream")
    ]
    missing, script = HTTP.replace(b"200 OK", b"404 Not Found"), b"HTTP/1.1 200 OK\r\nContent-Type: text/javascript\r\n\r\nvar a;"
    blocks = [head + page for head in heads] + [missing + page, script]
    records = [record("response", f"{BLOG}{number}", block) for number, block in enumerate(blocks)]
    path.write_bytes(b"".join((*records, record("conversion", f"{BLOG}c", page, "Content-Type: text/html"))))

    pages, told = read(path)

    assert pages == []
    (note,) = told
    assert not note.is_lost
    assert "(text/plain: 2, application/octet-stream: 1, conversion: 1)" in note.why
