"""Addresses come out of whatever hands them on, in the one form that platforms compare."""

import pytest

from archiver.html.addresses import address_of, domains_of, host_in, host_of_link, value_in

VIDEO = "youtube.com/watch?v=dQw4w9WgXcQ"
ENCODED = "https%3A%2F%2Fwww.youtube.com%2Fwatch%3Fv%3DdQw4w9WgXcQ"


@pytest.mark.parametrize(
    "url",
    [
        "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
        "http://m.youtube.com:80/watch?v=dQw4w9WgXcQ",
        "//WWW.YouTube.com/watch?v=dQw4w9WgXcQ",
        " “https://www.youtube.com/watch?v=dQw4w9WgXcQ” ",
        "https:\\/\\/www.youtube.com\\/watch?v=dQw4w9WgXcQ",
        "https://reader@www.youtube.com./watch?v=dQw4w9WgXcQ",
        "https://web.archive.org/web/20220910123456/https://www.youtube.com/watch?v=dQw4w9WgXcQ",
        "https://web.archive.org/web/20220910123456if_/http:/www.youtube.com/watch?v=dQw4w9WgXcQ",
        "https://archive.ph/2022.09.10-123456/https://www.youtube.com/watch?v=dQw4w9WgXcQ",
        "https://wayback.archive-it.org/4821/20220910123456/https://www.youtube.com/watch?v=dQw4w9WgXcQ",
        f"https://www.google.com/url?sa=t&url={ENCODED}&usg=x",
        f"https://l.facebook.com/l.php?u={ENCODED}&h=AT0",
        f"https://cdn.embedly.com/widgets/media.html?src=https%3A%2F%2Fwww.youtube.com%2Fembed%2FdQw4w9WgXcQ&url={ENCODED}&key=1",
        f"https://cdn.iframe.ly/api/iframe?url={ENCODED}&key=1",
        f"https://t.umblr.com/redirect?z={ENCODED}&t=1",
        f"https://vk.com/away.php?to={ENCODED}",
        "https://href.li/?https://www.youtube.com/watch?v=dQw4w9WgXcQ",
        f"https://web.archive.org/web/2022/https://l.facebook.com/l.php?u={ENCODED}",
        "/web/20220901000000/https://www.youtube.com/watch?v=dQw4w9WgXcQ",
        "/web/20220901000000if_/https:/www.youtube.com/watch?v=dQw4w9WgXcQ",
        "http://localhost:8080/coll/20220901000000mp_/https://www.youtube.com/watch?v=dQw4w9WgXcQ",
        "https://archive.uni.example/coll/mp_/https://www.youtube.com/watch?v=dQw4w9WgXcQ",
        "https://web.archive.org/web/2020*/https://www.youtube.com/watch?v=dQw4w9WgXcQ",
        "https://web.archive.org/web/*/https://www.youtube.com/watch?v=dQw4w9WgXcQ",
        "http://web.archive.org:80/web/20220910123456/https://www.youtube.com/watch?v=dQw4w9WgXcQ",
        "http://wayback.archive.org/web/20220910123456/https://www.youtube.com/watch?v=dQw4w9WgXcQ",
        "https://archive.is/2022.05.01-101010/https://www.youtube.com/watch?v=dQw4w9WgXcQ",
        '\\"https://www.youtube.com/watch?v=dQw4w9WgXcQ\\"',
        "https://www.google.com/url?q=https://www.youtube.com/watch?v=dQw4w9WgXcQ",
        "http://https://www.youtube.com/watch?v=dQw4w9WgXcQ",
        "http://http//www.youtube.com/watch?v=dQw4w9WgXcQ",
        "httpv://www.youtube.com/watch?v=dQw4w9WgXcQ",
    ],
)
def test_an_address_is_the_same_however_it_is_written_and_whoever_hands_it_on(url: str) -> None:
    assert address_of(url) == VIDEO
    assert host_of_link(url.strip(" “”")) in ("youtube.com", "")  # a scheme's escaped slashes are no link of a page


@pytest.mark.parametrize(
    "url",
    [
        "/media/oembed?url=https%3A//www.youtube.com/watch%3Fv%3DdQw4w9WgXcQ&max_width=0&hash=aB3",
        "https://drupal.example/uk/media/oembed?max_width=0&amp;url=https%3A//www.youtube.com/watch%3Fv%3DdQw4w9WgXcQ",
    ],
)
def test_drupals_page_around_an_embed_hands_on_whatever_the_host(url: str) -> None:
    assert address_of(url) == VIDEO


@pytest.mark.parametrize(
    "url", ["", "mailto:a@b.example", "/watch?v=1", "javascript:void(0)", "https://localhost/x", "https://", "//"]
)
def test_what_is_no_absolute_address_of_the_web_is_none(url: str) -> None:
    assert address_of(url) == ""


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://blog.example/2022/05/https-is-everywhere", "blog.example"),
        ("https://blog.example/share?u=https://youtu.be/dQw4w9WgXcQ", "blog.example"),
        ("https://blog.example/tags/http://youtu.be/dQw4w9WgXcQ", "blog.example"),
        ("https://https.example/", "https.example"),
        ("/share/https://youtu.be/dQw4w9WgXcQ", ""),
    ],
)
def test_an_address_with_another_in_its_path_is_no_archives_copy_unless_a_date_says_so(url: str, host: str) -> None:
    assert host_in(address_of(url)) == host_of_link(url) == host


def test_a_forums_frame_around_another_sites_script_is_that_sites_post() -> None:
    frame = "https://s9e.github.io/iframe/2/{}.min.html#{}"

    assert address_of(frame.format("telegram", "quaylog/12")) == "t.me/quaylog/12"
    assert address_of(frame.format("twitter", "1568605567890001920#theme=dark")) == "twitter.com/i/status/1568605567890001920"
    assert address_of(frame.format("unheardof", "12")) == "s9e.github.io/12"


def test_archives_within_archives_end() -> None:
    nested = "https://web.archive.org/web/2022/" * 50 + "https://a.example/x"

    assert address_of(nested).startswith("web.archive.org/web/2022/")
    assert address_of("https://a.example/" + "x" * 10_000) == ""


def test_a_host_is_found_under_each_domain_above_it_but_for_the_top_one() -> None:
    assert list(domains_of("player.vimeo.com/video/1?h=2")) == ["player.vimeo.com", "vimeo.com"]
    assert len(list(domains_of("a." * 60 + "example/x"))) == 5
    assert host_in("vimeo.com?x=1") == "vimeo.com"
    assert host_in("vimeo.com#x/y") == "vimeo.com"
    assert host_in("") == ""


def test_a_parameter_is_read_from_query_and_fragment_and_decoded() -> None:
    assert value_in("a.example/x?one=1&two=a%20b+c#three=%D0%96", "two") == "a b c"
    assert value_in("a.example/x?one=1#three=%D0%96", "three") == "Ж"
    assert value_in("a.example/x?empty=&one=1", "empty") is None
    assert value_in("a.example/one=1", "one") is None
