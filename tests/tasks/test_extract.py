"""`archiver extract`: what saved pages embed, from files, folders and standard input."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archiver.errors import UsageError
from archiver.tasks.extract import extract, to_json

NOW = datetime(2024, 5, 1, tzinfo=UTC)
PAGE = """<!doctype html><html><head><title>Fog</title>{head}</head><body><h1>Fog</h1><blockquote class="twitter-tweet">
<p>No ferry <a href="https://t.co/Fog1Fog2Fo">pic.twitter.com/Fog1Fog2Fo</a></p>&mdash; Ferry (@ferry_office)
<a href="https://twitter.com/ferry_office/status/1568501234567890001">September 10, 2022</a></blockquote></body></html>"""
KEYS = ["source", "url", "title", "author", "published_at", "tags", "embeds", "links", "short_links", "media"]
EMBED_KEYS = [
    *("platform", "post_id", "url", "kind", "position", "author", "author_name", "posted_at", "text"),
    *("short_links", "media", "html"),
]


def test_a_page_gives_one_line_with_exactly_the_promised_keys(tmp_path: Path) -> None:
    file = tmp_path / "fog.html"
    file.write_text(PAGE.format(head='<link rel="canonical" href="https://quay-notes.example/fog/">'), encoding="utf-8")

    (line,) = (json.loads(json.dumps(to_json(page))) for page in extract([file]))

    assert list(line) == KEYS
    assert (line["source"], line["url"], line["title"]) == ("fog.html", "https://quay-notes.example/fog/", "Fog")
    (embed,) = line["embeds"]
    assert list(embed) == EMBED_KEYS
    assert (embed["post_id"], embed["kind"], embed["position"]) == ("1568501234567890001", "blockquote", 1)


def test_a_folder_is_read_through_in_order_and_only_for_pages(tmp_path: Path) -> None:
    (tmp_path / "b" / "c").mkdir(parents=True)
    for name in ("b/c/page.HTM", "a.html", "b/index"):
        (tmp_path / name).write_text(PAGE.format(head=""), encoding="utf-8")
    (tmp_path / "b" / "wide").write_bytes(PAGE.format(head="").encode("utf-16"))
    (tmp_path / "b" / "style.css").write_text(".twitter-tweet { margin: auto }", encoding="utf-8")
    (tmp_path / "b" / "picture.jpg").write_bytes(b"\xff\xd8\xff\xe0" + b"\0" * 2_000)

    pages = list(extract([tmp_path]))

    assert [page.source for page in pages] == ["a.html", "b/c/page.HTM", "b/index", "b/wide"]
    assert all(len(page.found.embeds) == 1 for page in pages)


def test_standard_input_is_a_page_too() -> None:
    (page,) = extract(["-"], standard_input=PAGE.format(head="").encode(), clock=lambda: NOW)
    assert (page.source, page.page.url, len(page.found.embeds)) == ("-", "-", 1)


def test_a_page_without_an_address_of_its_own_is_known_by_its_file_name(tmp_path: Path) -> None:
    file = tmp_path / "fog.html"
    head = '<link rel="canonical" href="/fog/"><meta property="og:url" content="ftp://x/">'
    file.write_text(PAGE.format(head=head), encoding="utf-8")
    (page,) = extract([file])
    assert page.page.url == "fog.html"


def test_a_path_that_cannot_be_read_says_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Give an HTML file"):
        list(extract([tmp_path / "none.html"]))


WARC = b"WARC/1.1\r\nWARC-Type: response\r\n\r\n<html><body>a page inside</body></html>"
ARCHIVES = {"crawl.warc": WARC, "crawl.warc.gz": gzip.compress(WARC), "crawl.wacz": b"PK\x03\x04" + bytes(60)}


@pytest.mark.parametrize("name", ARCHIVES)
def test_a_warc_or_wacz_is_refused_and_passed_over_in_a_folder(tmp_path: Path, name: str) -> None:
    """Its bytes were read as if they were a page, which gave one without title and embeds."""
    (tmp_path / name).write_bytes(ARCHIVES[name])

    with pytest.raises(UsageError, match="does not read yet"):
        list(extract([tmp_path / name]))
    with pytest.raises(UsageError, match="standard input is a WARC or WACZ"):
        list(extract(["-"], standard_input=ARCHIVES[name]))
    assert list(extract([tmp_path])) == []


def test_a_url_is_refused_with_what_to_do_instead() -> None:
    """It was said to be a file that is not there, under a name with one slash."""
    with pytest.raises(UsageError, match=r"https://blog\.example/ is a URL"):
        list(extract(["https://blog.example/"]))


def test_other_bytes_in_gzip_are_no_archive(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(b"\x1f\x8bnothing that can be unpacked")

    assert len(list(extract([tmp_path / "a.html"]))) == 1
