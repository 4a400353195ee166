"""Cookies of the user's own: how their file is read, where they go, where never, and what is recorded of them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from archiver.config.settings import HostSettings
from archiver.errors import ConfigError
from archiver.model.exchange import Exchange, Purpose
from archiver.network.cookies import Cookies, read_cookie_file
from archiver.network.fetcher import ConnectTo, Fetcher
from tests.support.oddities import odd_server

HEAD = "# Netscape HTTP Cookie File\n"
NOW = datetime(2022, 9, 11, tzinfo=UTC)
LATER, BEFORE = "1900000000", "1600000000"
SECRET = "s3cr3t-of-the-user"


def line(
    name: str = "id", value: str = SECRET, *, domain: str = "blog.example", below: bool = False, path: str = "/",
    secure: bool = False, expires: str = LATER,
) -> str:  # fmt: skip
    return "\t".join((domain, str(below).upper(), path, str(secure).upper(), expires, name, value)) + "\n"


def file_of(folder: Path, *lines: str, mode: int = 0o600) -> Path:
    path = folder / "cookies.txt"
    path.write_text(HEAD + "".join(lines))
    path.chmod(mode)
    return path


def cookies_of(folder: Path, *lines: str, host: str = "blog.example", mode: int = 0o600) -> Cookies:
    return Cookies({host: HostSettings(cookies=file_of(folder, *lines, mode=mode))}, lambda: NOW)


# --- the file -----------------------------------------------------------------------------------------------------------------


def test_a_file_as_browsers_and_curl_write_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "cookies.txt"
    path.write_bytes(
        b"\xef\xbb\xbf# Netscape HTTP Cookie File\r\n# a comment\tof\tthree\r\n\r\n"
        b"#HttpOnly_.blog.example\tTRUE\t/\tTRUE\t0\tid\ta=b\xc3\xa9\r\n"
        b".blog.example\tTRUE\t/\tFALSE\t1900000000.25\tempty\r\n"
    )
    one, other = read_cookie_file(path)
    assert (one.domain, one.below, one.secure, one.expires) == ("blog.example", True, True, 0)
    assert (one.name, one.value.encode("latin-1")) == ("id", "a=bé".encode())
    assert (other.name, other.value, other.secure) == ("empty", "", False)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f'[{{"domain": "blog.example", "value": "{SECRET}"}}]', "line 1: this is no cookie file in Netscape's format"),
        (f"{HEAD}{line()}blog.example\t{SECRET}\n", "line 3: this is no cookie file in Netscape's format: seven fields"),
        (HEAD + line().replace("FALSE", "maybe", 1), "line 2: this is no cookie: domain, TRUE or FALSE"),
        (HEAD + line(path="anywhere"), "line 2: this is no cookie"),
        (HEAD + line(value=f"{SECRET}\x07"), "line 2: this is no cookie"),
        (HEAD + line(expires="tomorrow"), "line 2: the fifth field is to be when the cookie expires"),
        (HEAD, "holds no cookie: export it while you are logged in"),
    ],
)  # fmt: skip
def test_what_is_no_cookie_file_is_told_by_its_line_and_never_by_what_is_in_it(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "cookies.txt"
    path.write_text(text)
    with pytest.raises(ConfigError) as error:
        read_cookie_file(path)
    assert told in str(error.value) and str(path) in str(error.value)
    assert SECRET not in str(error.value)
    assert SECRET not in str(error.value.__cause__)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.txt cannot be read: No such file or directory"):
        read_cookie_file(tmp_path / "none.txt")


def test_the_user_hears_what_is_wrong_with_a_file_without_its_path(tmp_path: Path) -> None:
    assert cookies_of(tmp_path, line()).notes == {}
    [(host, note)] = cookies_of(tmp_path, line(), line(expires=BEFORE), mode=0o644).notes.items()
    assert host == "blog.example"
    assert "other users of this machine can read the cookie file; `chmod 600` it" in note
    assert "1 of 2 cookies have expired" in note
    assert str(tmp_path) not in note and SECRET not in note
    assert "no cookie in the file is for this host" in cookies_of(tmp_path, line(domain="else.example")).notes["blog.example"]
    assert cookies_of(tmp_path, line(domain="b.blog.example"), host=".blog.example").notes == {}


def test_a_cookie_does_not_show_its_value_when_it_is_printed(tmp_path: Path) -> None:
    assert SECRET not in repr(read_cookie_file(file_of(tmp_path, line())))


# --- where they go ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cookie", "url", "goes"),
    [
        (line(), "https://blog.example/a", True),
        (line(), "http://blog.example/a", True),
        (line(secure=True), "https://blog.example/a", True),
        (line(secure=True), "http://blog.example/a", False),
        (line(), "https://www.blog.example/", False),
        (line(), "https://evil-blog.example/", False),
        (line(), "https://blog.example.evil.example/", False),
        (line(domain=".example", below=True), "https://other.example/", False),  # [hosts] names blog.example only
        (line(domain=".example", below=True), "https://blog.example/", True),
        (line(domain="example"), "https://blog.example/", False),
        (line(path="/members"), "https://blog.example/members", True),
        (line(path="/members"), "https://blog.example/members/a?b", True),
        (line(path="/members"), "https://blog.example/membership", False),
        (line(path="/members/"), "https://blog.example/members", False),
        (line(expires=BEFORE), "https://blog.example/", False),
        (line(expires="0"), "https://blog.example/", True),
        (line(expires="-1"), "https://blog.example/", True),
    ],
)  # fmt: skip
def test_a_cookie_goes_where_it_belongs_and_nowhere_else(tmp_path: Path, cookie: str, url: str, goes: bool) -> None:
    assert cookies_of(tmp_path, cookie).header_for(url) == (f"id={SECRET}" if goes else None)


def test_a_name_with_a_dot_stands_for_all_hosts_below_it(tmp_path: Path) -> None:
    cookies = cookies_of(tmp_path, line(domain=".blog.example", below=True), host=".blog.example")
    assert cookies.header_for("https://ann.blog.example/") == f"id={SECRET}"
    assert cookies.header_for("https://blog.example/") is None


def test_longer_paths_come_first(tmp_path: Path) -> None:
    cookies = cookies_of(tmp_path, line("a", "1"), line("b", "2", path="/x/y"), line("c", "3", path="/x"))
    assert cookies.header_for("https://blog.example/x/y") == "b=2; c=3; a=1"


# --- what is sent, and what is recorded ---------------------------------------------------------------------------------------


async def fetched(
    cookies: Cookies,
    url: str,
    headers: tuple[tuple[str, str], ...] = (),
    purpose: Purpose = Purpose(),  # noqa: B008  frozen
) -> tuple[bytes, Exchange]:
    """The request as the server saw it, and the exchange."""

    async def as_it_is(exchange: Exchange) -> Exchange:
        return exchange

    async with odd_server() as server:
        route = ConnectTo.parse(f"::127.0.0.1:{server.port}")
        fetcher = Fetcher(as_it_is, user_agent="tests", connect_to=(route,), cookies=cookies)
        exchange = (await fetcher.fetch(url, headers=headers, purpose=purpose)).exchange
        await fetcher.close()
    return server.seen["/plain"][0].request, exchange


async def test_the_value_is_sent_and_not_recorded(tmp_path: Path) -> None:
    sent, exchange = await fetched(cookies_of(tmp_path, line()), "http://blog.example/plain")
    assert f"\r\nCookie: id={SECRET}\r\n".encode() in sent
    assert exchange.request == sent.replace(f"id={SECRET}".encode(), b"[blanked]")
    assert exchange.blanked == ("Cookie",)


async def test_where_nothing_is_sent_nothing_is_blanked(tmp_path: Path) -> None:
    cookies = cookies_of(tmp_path, line())
    for url, purpose in (("http://else.example/plain", Purpose()), ("http://blog.example/plain", Purpose(with_cookies=False))):
        sent, exchange = await fetched(cookies, url, (("Cookie", "set=by-server"),), purpose)
        assert exchange.request == sent and b"\r\nCookie: set=by-server\r\n" in sent
        assert exchange.blanked == ()


async def test_what_a_server_has_set_since_stays_and_is_blanked_with_the_rest(tmp_path: Path) -> None:
    cookies = cookies_of(tmp_path, line(), line("theme", "dark"))
    sent, exchange = await fetched(cookies, "http://blog.example/plain", (("Cookie", "id=rotated; seen=1"),))
    assert b"\r\nCookie: id=rotated; seen=1; theme=dark\r\n" in sent
    assert b"\r\nCookie: [blanked]\r\n" in exchange.request and b"rotated" not in exchange.request


async def test_with_cookies_nothing_is_asked_conditionally(tmp_path: Path) -> None:
    """What is held may be the wall before the login: a 304 would keep it for ever."""
    sent, _ = await fetched(
        cookies_of(tmp_path, line()), "http://blog.example/plain", (("If-None-Match", '"1"'), ("If-Modified-Since", "x"))
    )
    assert b"If-" not in sent
