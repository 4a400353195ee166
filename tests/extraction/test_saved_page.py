"""`extract_html`: what a page embeds, from a text or bytes, without an archive."""

import json

import pytest

from archiver.errors import PagesUnread, UsageError
from archiver.extraction import saved_page
from archiver.extraction.saved_page import extract_html

POST_URL = "https://twitter.com/AnonymousUK2022/status/1568656084437740674"
TWEET = (
    '<blockquote class="twitter-tweet"><p lang="uk">Вони забули свої танки pic.twitter.com/uOWxLTTvGP</p>&mdash; Anonymous'
    f' (@AnonymousUK2022) <a href="{POST_URL}">September 10, 2022</a></blockquote>'
)
PAGE = f'<title>A post</title><link rel="canonical" href="https://blog.example/a/">{TWEET}<img src="/p.jpg">'


@pytest.mark.parametrize("html", [PAGE, PAGE.encode(), f'<meta charset="windows-1251">{PAGE}'.encode("cp1251")])
def test_a_page_is_read_from_text_and_from_bytes_of_any_encoding(html: str | bytes) -> None:
    page = extract_html(html)

    assert (page.url, page.title) == ("https://blog.example/a/", "A post")
    [embed] = page.embeds
    assert (embed.platform, embed.post_id, embed.author) == ("twitter", "1568656084437740674", "AnonymousUK2022")
    assert embed.text is not None and embed.text.startswith("Вони забули свої танки")
    assert page.short_links == ("pic.twitter.com/uOWxLTTvGP",)


def test_the_url_that_is_given_counts_before_the_page_s_own_and_resolves_its_references() -> None:
    page = extract_html('<a href="//twitter.com/a/status/1568656084437740674">x</a>' + PAGE, url="https://copy.example/2022/")

    assert (page.source, page.url) == ("https://copy.example/2022/", "https://copy.example/2022/")
    assert "https://twitter.com/i/status/1568656084437740674" in {embed.url for embed in page.embeds}


def test_its_json_is_the_line_of_archiver_extract() -> None:
    line = extract_html(PAGE).to_json()

    assert json.loads(json.dumps(line)) == line
    assert set(line) == {"source", "url", "title", "author", "published_at", "tags", "embeds", "links", "short_links", "media"}
    assert line["source"] == "-"
    assert line["embeds"] == [extract_html(PAGE).embeds[0].to_json()]


@pytest.mark.parametrize(
    "html",
    [
        "",
        b"",
        b"\x00" * 1_000,
        b"\xff\xfe" + b"\xd8\x00" * 500,
        "\ud83d half a character " + TWEET,
        "<div>" * 100_000,
        "<![CDATA[" * 50_000,
        b"\x1f\x8b\x08 no gzip at all",
        "&" * 1_000_000,
    ],
)
def test_hostile_markup_gives_no_error(html: str | bytes) -> None:
    json.dumps(extract_html(html).to_json(), ensure_ascii=False).encode("utf-8")


@pytest.mark.parametrize("url", ["blog.example/a", "ftp://blog.example/", "javascript:alert(1)", "", "https://"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match=r"is no absolute http\(s\) URL"):
        extract_html(PAGE, url=url)


def test_a_bug_of_ours_is_one_error_that_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_document: object) -> None:
        raise RecursionError("too deep")

    monkeypatch.setattr(saved_page, "find_embeds", fail)
    with pytest.raises(PagesUnread, match="this is a bug of ours: RecursionError: too deep"):
        extract_html(PAGE)
