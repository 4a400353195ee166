"""`archiver extract`: what saved pages embed, from files, folders and standard input."""

import gzip
import json
import os
import threading
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest

from archiver.errors import UsageError
from archiver.model.findings import ExtractedPage
from archiver.tasks.extract.extract import extract
from archiver.tasks.extract.jobs import Unread

NOW = datetime(2024, 5, 1, tzinfo=UTC)
PAGE = """<!doctype html><html><head><title>Fog</title>{head}</head><body><h1>Fog</h1><blockquote class="twitter-tweet">
<p>No ferry <a href="https://t.co/Fog1Fog2Fo">pic.twitter.com/Fog1Fog2Fo</a></p>&mdash; Ferry (@ferry_office)
<a href="https://twitter.com/ferry_office/status/1568501234567890001">September 10, 2022</a></blockquote></body></html>"""
KEYS = ["source", "url", "title", "author", "published_at", "tags", "embeds", "links", "short_links", "media"]
EMBED_KEYS = [
    *("platform", "post_id", "url", "kind", "position", "author", "author_name", "posted_at", "text"),
    *("short_links", "media", "html"),
]


def pages_of(*paths: Path | str) -> list[ExtractedPage]:
    """All of them; nothing may be unread."""
    found = list(extract(paths))
    assert not [each for each in found if isinstance(each, Unread)]
    return [each for each in found if isinstance(each, ExtractedPage)]


def test_a_page_gives_one_line_with_exactly_the_promised_keys(tmp_path: Path) -> None:
    file = tmp_path / "fog.html"
    file.write_text(PAGE.format(head='<link rel="canonical" href="https://quay-notes.example/fog/">'), encoding="utf-8")

    (line,) = (json.loads(json.dumps(page.to_json())) for page in pages_of(file))

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

    pages = pages_of(tmp_path)

    assert [page.source for page in pages] == ["a.html", "b/c/page.HTM", "b/index", "b/wide"]
    assert all(len(page.embeds) == 1 for page in pages)


def test_standard_input_is_a_page_too() -> None:
    (page,) = extract(["-"], standard_input=BytesIO(PAGE.format(head="").encode()), clock=lambda: NOW)
    assert isinstance(page, ExtractedPage)
    assert (page.source, page.url, len(page.embeds)) == ("-", None, 1)


def test_a_page_without_an_address_of_its_own_is_known_by_its_file_name(tmp_path: Path) -> None:
    file = tmp_path / "fog.html"
    head = '<link rel="canonical" href="/fog/"><meta property="og:url" content="ftp://x/">'
    file.write_text(PAGE.format(head=head), encoding="utf-8")
    (page,) = pages_of(file)
    assert (page.source, page.url) == ("fog.html", None)


def test_a_path_that_cannot_be_read_says_what_to_give_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(PAGE.format(head=""), encoding="utf-8")
    for name in ("none.html", "n" * 300):
        with pytest.raises(UsageError, match="Give an HTML, WARC or WACZ file"):
            extract([tmp_path / "a.html", tmp_path / name])


def test_a_url_is_refused_with_what_to_do_instead() -> None:
    """It was said to be a file that is not there, under a name with one slash."""
    with pytest.raises(UsageError, match=r"https://blog\.example/ is a URL"):
        extract(["https://blog.example/"])


def test_other_bytes_in_gzip_are_no_archive(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(b"\x1f\x8bnothing that can be unpacked")

    assert len(pages_of(tmp_path / "a.html")) == 1


def test_a_page_in_gzip_is_a_page(tmp_path: Path) -> None:
    (tmp_path / "fog.html.gz").write_bytes(gzip.compress(PAGE.format(head="").encode()))

    (page,) = pages_of(tmp_path)

    assert (page.source, page.title, len(page.embeds)) == ("fog.html.gz", "Fog", 1)


def test_a_pipe_with_a_name_is_read_once(tmp_path: Path) -> None:
    """As the shell makes one: archiver extract <(curl ...)"""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writing = threading.Thread(target=lambda: pipe.write_text(PAGE.format(head=""), encoding="utf-8"))
    writing.start()

    (page,) = pages_of(pipe)

    writing.join()
    assert (page.source, len(page.embeds)) == ("pipe", 1)


def test_a_file_that_goes_away_meanwhile_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    for name in ("a.html", "b.html", "c.html"):
        (tmp_path / name).write_text(PAGE.format(head=""), encoding="utf-8")
    found = extract([tmp_path / "a.html", tmp_path / "b.html", tmp_path / "c.html"])
    (tmp_path / "b.html").unlink()

    first, second, third = found

    assert isinstance(first, ExtractedPage) and isinstance(third, ExtractedPage)
    assert second == Unread(str(tmp_path / "b.html"), "cannot be read (No such file or directory)")


def test_links_that_go_round_and_names_that_are_no_text_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "round").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "nowhere.html").symlink_to(tmp_path / "none")
    with open(os.fsencode(tmp_path) + b"/caf\xe9.html", "wb") as file:  # noqa: PTH123  a Path would not show what is meant
        file.write(PAGE.format(head="").encode())

    (page,) = pages_of(tmp_path)

    assert page.source == "caf\ufffd.html"


NO_PAGES = {
    "picture.png": (b"\x89PNG\r\n\x1a\n" + bytes(40), "a PNG picture"),
    "index.db": (b"SQLite format 3\0" + bytes(90), "an SQLite database"),
    "paper.pdf": (b"%PDF-1.7\n", "a PDF document"),
    "data.bin": (bytes(range(256)) * 4, "bytes that are no text"),
    "files.tar.gz": (gzip.compress(b"page.html" + bytes(500)), "bytes that are no text"),
}


@pytest.mark.parametrize("name", NO_PAGES)
def test_a_file_that_is_no_page_is_refused_and_in_folders_passed_over(tmp_path: Path, name: str) -> None:
    """It was parsed as a page without a title, with exit code 0."""
    content, what = NO_PAGES[name]
    (tmp_path / name).write_bytes(content)

    with pytest.raises(UsageError, match=f"{name} is no page, but {what}"):
        extract([tmp_path / name])
    assert list(extract([tmp_path])) == []
    assert list(extract(["-"], standard_input=BytesIO(content))) == [Unread("-", f"is no page, but {what}")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "windows-1251", "shift-jis"])
def test_text_in_any_encoding_is_no_binary(tmp_path: Path, encoding: str) -> None:
    text = "Море, туман и чайки над портом. " * 40
    (tmp_path / "note").write_bytes(text.encode(encoding))
    (tmp_path / "page").write_bytes(f"<title>Quay</title><p>{text}".encode(encoding))
    assert not [one for one in extract([tmp_path / "note", tmp_path / "page"]) if isinstance(one, Unread)]
