"""`archiver extract` over WARC, ARC and WACZ files, ours and other people's, whole and damaged."""

import gzip
import zipfile
from io import BytesIO
from pathlib import Path

import brotli
import pytest
from backports import zstd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver.model.exchange import ResourceType
from archiver.model.findings import ExtractedPage
from archiver.storage.warc.reader import read_records
from archiver.tasks.extract.extract import extract
from archiver.tasks.extract.jobs import Unread
from tests.support.exchanges import PICTURE_URL, exchange
from tests.support.foreign_warcs import HTML, tweet_page, tweet_url, write_records, write_warc
from tests.support.warc_writers import files_in, writer_in

BLOG = "https://blog.example/"


def read(*paths: Path | str, given: bytes = b"") -> tuple[list[ExtractedPage], list[Unread]]:
    found = list(extract(paths, standard_input=BytesIO(given)))
    return [one for one in found if isinstance(one, ExtractedPage)], [one for one in found if isinstance(one, Unread)]


def sources(*paths: Path | str, given: bytes = b"") -> list[str]:
    """Of what is read without any complaint."""
    pages, unread = read(*paths, given=given)
    assert [one for one in unread if one.is_lost] == []
    return [page.source for page in pages]


@pytest.fixture
def warc(tmp_path: Path) -> Path:
    """Five pages."""
    return write_warc(tmp_path / "five.warc.gz", [(f"{BLOG}{number}", tweet_page(number)) for number in range(5)])


def test_each_page_of_a_crawl_gives_a_line_under_its_url(tmp_path: Path) -> None:
    writer = writer_in(tmp_path)
    for number in range(3):
        writer.exchange(exchange(f"{BLOG}{number}", tweet_page(number), chunked=number == 1), "sha256:0")
        writer.exchange(exchange(PICTURE_URL, b"\xff\xd8<html>", headers=("Content-Type: image/jpeg",)), "sha256:0")
    writer.exchange(exchange(f"{BLOG}gone", tweet_page(7), status="404 Not Found"), "sha256:0")
    writer.exchange(exchange(f"{BLOG}robots.txt", b"<p>", resource_type=ResourceType.FETCH), "sha256:0")
    writer.close()

    pages, unread = read(files_in(tmp_path)[0])

    assert unread == []
    assert [(page.source, page.url, page.title) for page in pages] == [
        (f"{BLOG}{number}", f"{BLOG}{number}", f"Page {number}") for number in range(3)
    ]
    assert [embed.post_id for page in pages for embed in page.embeds] == [
        tweet_url(number).rpartition("/")[2] for number in range(3)
    ]


@pytest.mark.parametrize("name", ["five.warc", "five.warc.gz"])
def test_a_warc_is_known_by_its_bytes_in_folders_and_pipes_as_well(tmp_path: Path, name: str) -> None:
    path = write_warc(tmp_path / name, [(f"{BLOG}{number}", tweet_page(number)) for number in range(5)])
    expected = [f"{BLOG}{number}" for number in range(5)]

    assert sources(path) == sources(tmp_path) == sources("-", given=path.read_bytes()) == expected
    assert sources(path.rename(tmp_path / "without-suffix")) == expected


def test_of_a_folder_pages_and_what_holds_pages_are_read_in_one_order(tmp_path: Path) -> None:
    write_warc(tmp_path / "b.warc.gz", [(f"{BLOG}b", tweet_page(1))])
    (tmp_path / "a.html").write_bytes(tweet_page(2))
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "page.html").write_bytes(tweet_page(3))
    with zipfile.ZipFile(tmp_path / "letter.docx", "w") as other:
        other.writestr("word/document.xml", "<html>no page</html>")

    assert sources(tmp_path) == ["a.html", f"{BLOG}b", "c/page.html"]


def test_resources_are_pages_and_revisits_conversions_and_other_files_are_none(tmp_path: Path) -> None:
    path = write_records(
        tmp_path / "kinds.warc.gz",
        [
            (f"{BLOG}resource", "resource", tweet_page(1), {"Content-Type": "text/html"}),
            ("file:///home/ann/saved.html", "resource", tweet_page(2), {"Content-Type": "text/html"}),
            ("urn:text:https://blog.example/", "resource", b"<p>words", {"Content-Type": "text/plain"}),
            (f"{BLOG}conversion", "conversion", tweet_page(3), {"Content-Type": "text/html"}),
            (f"{BLOG}untold", "revisit", b"", {"Content-Type": HTML}),
            (f"{BLOG}script.js", "response", tweet_page(4), {"Content-Type": "text/javascript"}),
            (f"{BLOG}untold", "response", tweet_page(5), {}),
            (f"{BLOG}feed", "response", b"<?xml version='1.0'?><rss><channel/></rss>", {"Content-Type": HTML}),
            ("dns:blog.example", "response", b"20220910 blog.example. A 192.0.2.7", {}),
        ],
    )

    assert sources(path) == [f"{BLOG}resource", "file:///home/ann/saved.html", f"{BLOG}untold"]
    (note,) = read(path)[1]
    assert "(conversion: 1, text/javascript: 1)" in note.why


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("br", brotli.compress(tweet_page(1))),
        ("zstd", zstd.compress(tweet_page(1))),
        ("gzip", gzip.compress(tweet_page(1))),
        ("br", tweet_page(1)),
    ],
)
def test_pages_come_out_of_all_content_codings(tmp_path: Path, coding: str, body: bytes) -> None:
    """Browsers record br and zstd; some recorders unpack the body and leave the header."""
    path = write_records(
        tmp_path / "coded.warc.gz", [(BLOG, "response", body, {"Content-Type": HTML, "Content-Encoding": coding})]
    )

    (page,), unread = read(path)

    assert (page.title, len(page.embeds), unread) == ("Page 1", 1, [])


def test_a_damaged_record_costs_itself_and_is_named_by_its_bytes(warc: Path) -> None:
    member = next(member for member in places_of(warc) if member[2] == f"{BLOG}2")
    data = bytearray(warc.read_bytes())
    data[member[0] + member[1] // 2] ^= 0xFF
    warc.write_bytes(data)

    pages, (unread,) = read(warc)

    assert [page.source for page in pages] == [f"{BLOG}{number}" for number in (0, 1, 3, 4)]
    assert unread.source == "five.warc.gz"
    assert unread.why.startswith(f"cannot be read from byte {member[0]:,} to byte ")


def places_of(path: Path) -> list[tuple[int, int, str]]:
    """Offset, length and URL of each response."""
    return [(one.offset, one.length, one.url) for one in read_records(path) if one.record_type == "response"]


def test_a_torn_end_costs_the_last_record_and_is_named(warc: Path) -> None:
    last = places_of(warc)[-1]
    with warc.open("rb+") as file:
        file.truncate(last[0] + last[1] - 10)

    pages, unread = read(warc)

    assert [page.source for page in pages] == [f"{BLOG}{number}" for number in range(4)]
    place = f"from byte {last[0]:,} to byte {last[0] + last[1] - 10:,}"
    assert [one.why for one in unread] == [f"cannot be read {place}: its gzip frame breaks off"]


def test_a_record_under_a_url_that_is_none_is_read_all_the_same(tmp_path: Path) -> None:
    """It was told as a bug of ours."""
    body = b'<link rel="canonical" href="http://[x"><a href="/y">y</a>' + tweet_page(1)
    write_records(tmp_path / "odd.warc.gz", [(url, "response", body, {"Content-Type": HTML}) for url in ("https://b]/", "")])
    (tmp_path / "saved.html").write_bytes(body)

    pages, unread = read(tmp_path)

    assert unread == []
    assert [(page.url, len(page.embeds)) for page in pages] == [(None, 1)] * 3
    assert [page.source for page in pages][::2] == ["https://b]/", "saved.html"]
    assert pages[1].source.startswith("odd.warc.gz, the record at byte ")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_damaged_files_give_pages_and_complaints_and_nothing_else(warc: Path, data: st.DataObject) -> None:
    content = bytearray(warc.read_bytes())
    if data.draw(st.booleans()):
        content = bytearray(gzip.decompress(content))
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    (warc.parent / "hurt.warc").write_bytes(content)

    pages, unread = read(warc.parent / "hurt.warc")

    assert len(pages) <= 5
    assert not [one for one in unread if "bug" in one.why]


def test_a_file_that_is_called_a_warc_and_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "crawl.warc.gz").write_bytes(b"nothing of the kind" * 100)
    (tmp_path / "crawl.arc").write_bytes(b"nothing of the kind" * 100)
    (tmp_path / "crawl.wacz").write_bytes(b"PK\x03\x04" + bytes(60))

    pages, unread = read(tmp_path)

    assert pages == []
    assert [one.source for one in unread] == ["crawl.arc", "crawl.wacz", "crawl.warc.gz"]


def test_records_that_are_cut_behind_the_limit_and_large_files_pass_by(tmp_path: Path) -> None:
    """A video of any size is not kept; a page of any size is read up to its limit."""
    writer = writer_in(tmp_path)
    writer.exchange(exchange(f"{BLOG}video", bytes(30 << 20), headers=("Content-Type: video/mp4",)), "sha256:0")
    writer.exchange(exchange(f"{BLOG}page", tweet_page(1) + b" " * (30 << 20)), "sha256:0")
    writer.exchange(exchange(f"{BLOG}after", tweet_page(2)), "sha256:0")
    writer.close()

    assert sources(files_in(tmp_path)[0]) == [f"{BLOG}page", f"{BLOG}after"]


def wacz_of(path: Path, compression: int, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", compression) as file:
        file.writestr("datapackage.json", "{}")
        for name, content in members.items():
            file.writestr(name, content)
    return path


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_all_warcs_of_a_wacz_are_read_in_place_or_unpacked(tmp_path: Path, warc: Path, compression: int) -> None:
    one = write_warc(tmp_path / "one.warc.gz", [(f"{BLOG}one", tweet_page(1))]).read_bytes()
    plain = write_warc(tmp_path / "plain.warc", [(f"{BLOG}plain", tweet_page(1))]).read_bytes()
    members = {"archive/deep/down/a.warc.gz": one, "archive/b.warc": plain, "archive/data.warc.gz": warc.read_bytes()}
    path = wacz_of(tmp_path / "collection.wacz", compression, **members)
    expected = [f"{BLOG}plain", *(f"{BLOG}{number}" for number in range(5)), f"{BLOG}one"]

    assert sources(path) == sources("-", given=path.read_bytes()) == expected


def test_names_that_lead_out_of_the_wacz_write_nothing_anywhere(tmp_path: Path, warc: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    members = {"../../escaped.warc.gz": warc.read_bytes(), "/tmp/absolute.warc.gz": warc.read_bytes()}
    path = wacz_of(folder / "hostile.wacz", zipfile.ZIP_DEFLATED, **members)
    before = sorted(tmp_path.rglob("*"))

    assert len(sources(path)) == 10
    assert sorted(tmp_path.rglob("*")) == before


def test_damage_in_a_wacz_is_named_by_the_warc_in_it(tmp_path: Path, warc: Path) -> None:
    data = bytearray(warc.read_bytes())
    place, length, _ = places_of(warc)[2]
    data[place + length // 2] ^= 0xFF
    path = wacz_of(tmp_path / "collection.wacz", zipfile.ZIP_STORED, **{"archive/data.warc.gz": bytes(data)})

    pages, (unread,) = read(path)

    assert len(pages) == 4
    assert unread.source == "collection.wacz#archive/data.warc.gz"
    assert unread.why.startswith(f"cannot be read from byte {place:,} to")


def test_a_zip_without_warcs_says_what_to_do(tmp_path: Path) -> None:
    other = wacz_of(tmp_path / "pages.zip", zipfile.ZIP_STORED, **{"page.html": tweet_page(1)})
    nested = wacz_of(tmp_path / "multi.wacz", zipfile.ZIP_STORED, **{"one.wacz": other.read_bytes()})

    why = "holds no WARC files, so it is no WACZ: unpack it, and give the folder"
    assert read(other)[1] == [Unread("pages.zip", why)]
    assert read(nested)[1] == [Unread("multi.wacz#one.wacz", why)]


@pytest.mark.parametrize("outer", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("inner", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_waczs_in_a_wacz_are_read(tmp_path: Path, warc: Path, outer: int, inner: int) -> None:
    """Browsertrix gives a collection as one (its multi-wacz-package): they were only named."""
    data = bytearray(warc.read_bytes())
    place, length, _ = places_of(warc)[2]
    data[place + length // 2] ^= 0xFF
    one = wacz_of(tmp_path / "one.wacz", inner, **{"archive/data.warc.gz": bytes(data)}).read_bytes()
    two = write_warc(tmp_path / "two.warc", [(f"{BLOG}two", tweet_page(1))]).read_bytes()
    two = wacz_of(tmp_path / "two.wacz", inner, **{"archive/data.warc": two}).read_bytes()
    path = wacz_of(tmp_path / "multi.wacz", outer, **{"crawls/one.wacz": one, "two.wacz": two})

    pages, (unread,) = read(path)

    assert [page.source for page in pages] == [f"{BLOG}{name}" for name in (0, 1, 3, 4, "two")]
    assert unread.source == "multi.wacz#crawls/one.wacz#archive/data.warc.gz"
    assert unread.why.startswith(f"cannot be read from byte {place:,} to")


def test_a_wacz_that_holds_itself_comes_to_an_end(tmp_path: Path) -> None:
    data = tweet_page(1)
    for depth in range(8):
        data = wacz_of(tmp_path / f"{depth}.wacz", zipfile.ZIP_STORED, **{"inner.wacz": data}).read_bytes()

    assert [one.why for one in read(tmp_path / "7.wacz")[1]] == [
        "lies too deep in other WACZ files: unpack it, and give the file"
    ]


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("lost", [3, 30, 150, 0])
def test_a_wacz_without_its_directory_is_read_and_told(
    tmp_path: Path, warc: Path, compression: int, streamed: bool, lost: int
) -> None:
    """A download that broke off. ArchiveWeb.page writes lengths behind the members (`streamed`): it knows none before."""
    members = {"archive/data.warc.gz": warc.read_bytes(), "indexes/index.cdx": b"cdx" * 50}
    stream = BytesIO()
    sink = _Unseekable(stream) if streamed else stream
    with zipfile.ZipFile(sink, "w", compression) as file:  # type: ignore[arg-type]
        for name, content in members.items():
            file.writestr(name, content)
    whole = stream.getvalue()
    (tmp_path / "torn.wacz").write_bytes(whole[: len(whole) - lost] if lost else whole[: whole.index(b"PK\x01\x02")])

    pages, unread = read(tmp_path / "torn.wacz")

    assert [page.source for page in pages] == [f"{BLOG}{number}" for number in range(5)]
    assert [one.source for one in unread] == ["torn.wacz"] and "has no directory at its end" in unread[0].why


def test_of_a_wacz_that_breaks_off_in_a_warc_what_is_there_is_read(tmp_path: Path, warc: Path) -> None:
    path = wacz_of(tmp_path / "torn.wacz", zipfile.ZIP_STORED, **{"archive/data.warc.gz": warc.read_bytes()})
    begin = path.read_bytes().index(warc.read_bytes()[:100])
    path.write_bytes(path.read_bytes()[: begin + places_of(warc)[3][0] + 50])

    pages, unread = read(path)

    assert [page.source for page in pages] == [f"{BLOG}{number}" for number in range(3)]
    assert [one.source for one in unread] == ["torn.wacz", "torn.wacz#archive/data.warc.gz"]


class _Unseekable:
    """A pipe, into which zipfile writes lengths behind the members."""

    def __init__(self, stream: BytesIO) -> None:
        self._stream = stream

    def write(self, data: bytes) -> int:
        return self._stream.write(data)

    def flush(self) -> None:
        pass


def test_a_dictionary_lies_in_a_warc_in_a_wacz(tmp_path: Path) -> None:
    pages = [write_warc(tmp_path / "one.warc", [(f"{BLOG}{number}", tweet_page(number))]).read_bytes() for number in range(9)]
    dictionary = zstd.train_dict(pages * 8, 1500)
    front = b"\x5d\x2a\x4d\x18" + len(dictionary.dict_content).to_bytes(4, "little") + dictionary.dict_content
    data = front + b"".join(zstd.compress(page, zstd_dict=dictionary) for page in pages)
    path = wacz_of(tmp_path / "collection.wacz", zipfile.ZIP_STORED, **{"archive/a.warc.zst": data})

    assert sources(path) == [f"{BLOG}{number}" for number in range(9)]


def test_an_arc_is_read_like_a_warc(tmp_path: Path) -> None:
    path = tmp_path / "old.arc.gz"
    records = [
        arc_record(f"{BLOG}{number}", b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + tweet_page(number))
        for number in range(3)
    ]
    path.write_bytes(b"".join(gzip.compress(record) for record in (ARC_HEAD, *records)))

    assert sources(path) == sources(tmp_path) == [f"{BLOG}{number}" for number in range(3)]

    path.write_bytes(path.read_bytes()[:-30])
    pages, (unread,) = read(path)
    assert len(pages) >= 2
    assert unread.source == "old.arc.gz"


ARC_VERSION = b"1 0 InternetArchive\nURL IP-address Archive-date Content-type Archive-length\n"
ARC_HEAD = b"filedesc://old.arc 0.0.0.0 20050101000000 text/plain %d\n%s\n" % (len(ARC_VERSION), ARC_VERSION)


def arc_record(url: str, block: bytes) -> bytes:
    return b"%s 192.0.2.7 20050102030405 text/html %d\n%s\n" % (url.encode(), len(block), block)


def test_a_body_that_was_unpacked_under_the_length_of_the_wire_is_read_to_its_end(tmp_path: Path) -> None:
    """All of CC-NEWS before May 2019 (commoncrawl/news-crawl#30): the page was cut, and its last tweet lost."""
    body = b"<p>fog</p>" * 400 + tweet_page(1)
    for coding in ("gzip", "br"):
        headers = {"Content-Type": HTML, "Content-Encoding": coding, "Content-Length": str(len(gzip.compress(body)))}
        path = write_records(tmp_path / f"{coding}.warc.gz", [(BLOG, "response", body, headers)])

        (page,), unread = read(path)

        assert (len(page.embeds), unread) == (1, [])


def test_old_arc_records_without_an_http_head_are_pages(tmp_path: Path) -> None:
    path = tmp_path / "old.arc"
    pages = [arc_record(f"{BLOG}{number}", tweet_page(number)).replace(b"text/html", b"no-type") for number in range(2)]
    path.write_bytes(
        b"".join([ARC_HEAD, *pages, arc_record("dns:blog.example", b"192.0.2.7").replace(b"text/html", b"text/dns")])
    )

    assert sources(path) == [f"{BLOG}0", f"{BLOG}1"]


@pytest.mark.parametrize(
    "media_type",
    ["text/html, text/html; charset=utf-8", "text/html charset=utf-8", '"text/html"', "html", "*/*, text/html", "TEXT/HTML;q=1"],
)
def test_a_type_is_what_browsers_take_it_for(tmp_path: Path, media_type: str) -> None:
    """Two headers joined by a proxy or a recorder (oduwsdl/ipwb#556), quoted, without a semicolon: the page was lost."""
    path = write_records(tmp_path / "one.warc.gz", [(BLOG, "response", tweet_page(1), {"Content-Type": media_type})])
    assert sources(path) == [BLOG]


@pytest.mark.parametrize("status", ["202 Accepted", "203 Other", "206 Partial", "226 IM Used"])
def test_all_that_browsers_show_as_what_was_asked_for_is_a_page(tmp_path: Path, status: str) -> None:
    """yasserg/crawler4j#75, GOVTNZ/cwac#136."""
    path = write_records(tmp_path / "one.warc.gz", [(BLOG, "response", tweet_page(1), {"Content-Type": HTML})], status)
    assert sources(path) == [BLOG]


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        ("206 Partial", {"Content-Range": "bytes 100-200/900"}),
        ("202 Accepted", {"x-amzn-waf-action": "challenge"}),
        ("204 No Content", {}),
        ("404 Not Found", {}),
        ("302 Found", {"Location": "/"}),
    ],
)
def test_parts_challenges_and_errors_are_no_pages(tmp_path: Path, status: str, headers: dict[str, str]) -> None:
    records = [(BLOG, "response", tweet_page(1), {"Content-Type": HTML, **headers})]
    assert sources(write_records(tmp_path / "one.warc.gz", records, status)) == []


def test_a_record_with_the_status_line_of_http_2_is_read(tmp_path: Path) -> None:
    """As some recorders make it up: there is none on the wire."""
    path = write_warc(tmp_path / "one.warc", [(BLOG, tweet_page(1))])
    path.write_bytes(path.read_bytes().replace(b"HTTP/1.1 200 OK\r\n", b"h2 200         \r\n"))
    assert sources(path) == [BLOG]


def test_a_file_of_records_that_is_empty_is_named(tmp_path: Path) -> None:
    (tmp_path / "crawl.warc.gz").write_bytes(b"")
    assert read(tmp_path) == ([], [Unread("crawl.warc.gz", "is empty")])
