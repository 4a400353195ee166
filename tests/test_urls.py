"""URLs: which can be fetched, what they become, and when two are one."""

from time import process_time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archiver.errors import BadUrl
from archiver.urls import MAX_URL, absolute, checked, host_of, query_value, url_key, with_scheme, without_wayback


@pytest.mark.parametrize(
    ("given_url", "fetched"),
    [
        ("https://Blog.Example", "https://blog.example/"),
        ("HTTP://blog.example:80/Path", "http://blog.example/Path"),
        ("https://blog.example:443/", "https://blog.example/"),
        ("https://blog.example:8443/", "https://blog.example:8443/"),
        ("  https://blog.example/a\n", "https://blog.example/a"),
        ("https://blog.example/a b", "https://blog.example/a%20b"),
        ("https://blog.example/a%20b%2Fc", "https://blog.example/a%20b%2Fc"),
        ("https://blog.example/#part", "https://blog.example/"),
        ("https://blog.example/?", "https://blog.example/?"),
        ("https://blog.example/?a=б", "https://blog.example/?a=%D0%B1"),
        ("https://blog.example/Ізюм/", "https://blog.example/%D0%86%D0%B7%D1%8E%D0%BC/"),
        ("https://Bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://Straße.example/", "https://xn--strae-oqa.example/"),  # not strasse.example: that may be somebody else's
        ("https://βόλος.example/", "https://xn--nxasmm1c.example/"),
        ("https://نامه‌ای.example/", "https://xn--mgba3gch31f060k.example/"),
        ("https://💩.example/", "https://xn--ls8h.example/"),
        ("https://user:secret@blog.example/", "https://blog.example/"),
        ("https://[2001:DB8::1]:8080/x", "https://[2001:db8::1]:8080/x"),
        ("https://blog.example./", "https://blog.example/"),
        ("https://my_blog.example/", "https://my_blog.example/"),
    ],
)
def test_a_url_becomes_what_can_be_sent(given_url: str, fetched: str) -> None:
    assert checked(given_url) == fetched
    assert checked(fetched) == fetched


@pytest.mark.parametrize(
    "url",
    [
        "", "blog.example", "//blog.example/", "ftp://blog.example/", "javascript:alert(1)", "mailto:a@b.example", "https://", "https:///a",
        "https://./", "https://a b/", "https://a<b>/", "https://[::1/", "https://a:99999/", "https://a:b/", "data:text/html,x",
        "https://" + "ї" * 64 + ".example/", "https://blog.example/" + "a" * MAX_URL, "file:///etc/passwd",
        "https://a\xa0b/",
    ],
)  # fmt: skip
def test_what_cannot_be_fetched_is_refused_with_a_reason(url: str) -> None:
    with pytest.raises(BadUrl) as error:
        checked(url)
    assert len(str(error.value)) > len(url[:80])


@given(st.text(max_size=80) | st.text(alphabet="htps:/[]%@#?.a1 \\\t", max_size=40).map(lambda rest: "http://" + rest))
@example("http://[")
@example("http://a/%")
@example("http://\u2100.example/")
def test_anything_is_a_url_or_a_bad_one_and_a_good_one_stays_as_it_is(text: str) -> None:
    try:
        url = checked(text)
    except BadUrl:
        return
    assert url.isascii() and not any(letter.isspace() for letter in url)
    assert checked(url) == url
    assert url_key(url) == url_key(text)


@given(st.text(max_size=60))
def test_a_key_can_be_made_of_anything(text: str) -> None:
    assert isinstance(url_key(text), str) and isinstance(host_of(text), str)
    assert absolute("https://blog.example/", text) is None or absolute("https://blog.example/", text).startswith("http")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "other",
    [
        "http://blog.example/Post", "https://www.blog.example/Post/", "https://BLOG.example:443/Post#top", "http://blog.example:80/Post",
        "https://blog.example/Post?utm_source=x&fbclid=1", "https://blog.example/%50ost", "https://blog.example/Post/?",
    ],
)  # fmt: skip
def test_these_are_one_page(other: str) -> None:
    assert url_key(other) == url_key("https://blog.example/Post") == "blog.example/Post"


@pytest.mark.parametrize(
    "other",
    [
        "https://blog.example/post",
        "https://blog.example/Post?p=1",
        "https://blog.example:8080/Post",
        "https://m.blog.example/Post",
    ],
)
def test_these_are_other_pages(other: str) -> None:
    assert url_key(other) != url_key("https://blog.example/Post")


def test_case_in_path_and_query_stays_since_short_links_depend_on_it() -> None:
    assert url_key("https://t.co/AbC") == "t.co/AbC" != url_key("https://t.co/abc")


@pytest.mark.parametrize(
    ("reference", "target"),
    [
        ("b", "https://blog.example/a/b"), ("/b", "https://blog.example/b"), ("?x=1", "https://blog.example/a/?x=1"),
        ("//other.example/b", "https://other.example/b"), ("https://other.example", "https://other.example/"),
        ("../../../b", "https://blog.example/b"), ("#top", "https://blog.example/a/"), (" b ", "https://blog.example/a/b"),
        ("javascript:void(0)", None), ("mailto:a@b.example", None), ("http://[", None), ("tel:1", None),
    ],
)  # fmt: skip
def test_a_reference_is_read_as_on_its_page(reference: str, target: str | None) -> None:
    assert absolute("https://blog.example/a/", reference) == target


def test_what_a_web_archive_wrote_before_an_address_is_left_away() -> None:
    inside = "https://blog.example/a?b=http://c.example/"

    assert without_wayback(f"https://web.archive.org/web/20220910120000id_/{inside}") == inside
    assert without_wayback(f"http://web.archive.org/web/2022/{inside}") == inside
    assert without_wayback(inside) == inside


def test_a_parameter_is_read_decoded_and_the_first_counts() -> None:
    assert query_value("https://a.example/?x=1%202&x=3&y=", "x") == "1 2"
    assert query_value("https://a.example/?x=1&y=", "y") is None
    assert query_value("https://a.example/", "x") is None
    assert query_value("http://[", "x") is None


def test_an_address_may_have_sixteen_thousand_characters() -> None:
    longest = "https://blog.example/" + "a" * (MAX_URL - len("https://blog.example/"))
    assert MAX_URL == 16_000 and checked(f"  {longest}\n") == longest
    with pytest.raises(BadUrl, match=r"^https://blog\.example/a{59}… is longer than 16000 characters$"):
        checked(longest + "a")


def test_a_page_s_address_of_millions_of_slashes_takes_no_time() -> None:
    """Its message hides passwords, which once took hours: one link of that kind made `extract_html` hang."""
    started = process_time()
    for begin in ("https:", ""):
        with pytest.raises(BadUrl, match="is longer than 16000 characters"):
            checked(begin + "/" * 1_000_000)
    assert process_time() - started < 2


@pytest.mark.parametrize(("letters", "valid"), [(55, True), (56, False)])
def test_a_part_of_an_international_name_may_have_63_characters_as_it_is_sent(letters: int, valid: bool) -> None:
    url = f"https://{'a' * letters}é.example/"
    if valid:
        host = checked(url).split("/")[2]
        assert len(host.split(".")[0]) == 63 and host.startswith("xn--")
    else:
        with pytest.raises(BadUrl, match="no valid international name"):
            checked(url)


@pytest.mark.parametrize("url", ["http://", "http:///path", "http://.example/", "http://:80/"])
def test_an_address_without_a_host_says_so(url: str) -> None:
    with pytest.raises(BadUrl, match="has no host name"):
        checked(url)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("blog.example/post", "https://blog.example/post"),
        ("blog.example", "https://blog.example"),
        ("http://blog.example/post", "http://blog.example/post"),
        ("blog.example/?u=http://a.example", "blog.example/?u=http://a.example"),
        ("localhost/a.html", "localhost/a.html"),
        ("a sentence", "a sentence"),
    ],
)
def test_what_begins_with_a_host_name_gets_a_scheme(text: str, url: str) -> None:
    assert with_scheme(text) == url
