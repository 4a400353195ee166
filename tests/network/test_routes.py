"""Routes: what --connect-to and --proxy mean."""

import pytest

from archiver.errors import UsageError
from archiver.network.routes import ConnectTo, Proxy, Target, target_for


@pytest.mark.parametrize(
    ("text", "route"),
    [
        ("::127.0.0.1:8443", ConnectTo("", None, "127.0.0.1", 8443)),
        ("Example.org:443:localhost:8443", ConnectTo("example.org", 443, "localhost", 8443)),
        ("example.org:443::8443", ConnectTo("example.org", 443, "", 8443)),
        ("example.org::10.0.0.1:", ConnectTo("example.org", None, "10.0.0.1", None)),
        ("[2001:db8::1]:80:[::1]:8080", ConnectTo("2001:db8::1", 80, "::1", 8080)),
        (":::", ConnectTo()),
    ],
)
def test_connect_to_is_read_as_curl_reads_it(text: str, route: ConnectTo) -> None:
    assert ConnectTo.parse(text) == route


@pytest.mark.parametrize(
    "text", ["", "127.0.0.1:8443", "a:b:c:d", "a:1:b", "a:1:::1:80", "a:1:b:99999", "a:0:b:1", "[::1:80:a:1", "a:1:b:2:c"]
)
def test_a_connect_to_that_is_none_tells_the_form(text: str) -> None:
    with pytest.raises(UsageError, match=r"HOST:PORT:ADDRESS:PORT|from 1 to 65535"):
        ConnectTo.parse(text)


def test_the_first_route_that_matches_counts() -> None:
    routes = [ConnectTo.parse("example.org:443:127.0.0.1:1"), ConnectTo.parse(":443::2"), ConnectTo.parse("::127.0.0.1:3")]
    assert target_for("example.org", 443, routes) == Target("127.0.0.1", 1, chosen_by_user=True)
    assert target_for("other.example", 443, routes) == Target("other.example", 2)
    assert target_for("other.example", 80, routes) == Target("127.0.0.1", 3, chosen_by_user=True)
    assert target_for("other.example", 80, routes[:2]) is None


def test_a_proxy_is_read_with_its_password() -> None:
    assert Proxy.parse("http://proxy.example:3128") == Proxy("proxy.example", 3128)
    assert Proxy.parse("proxy.example") == Proxy("proxy.example", 80)
    with_password = Proxy.parse("http://ann:p%40ss@[::1]:8080/")
    assert with_password == Proxy("::1", 8080, "Basic YW5uOnBAc3M=") and "YW5u" not in repr(with_password)


@pytest.mark.parametrize(
    "text", ["socks5://ann:secret@proxy:1080", "http://", "http://ann:secret@proxy:port", "https://secret@p"]
)
def test_a_proxy_that_cannot_be_used_tells_the_form_and_no_password(text: str) -> None:
    with pytest.raises(UsageError, match="http://HOST:PORT") as caught:
        Proxy.parse(text)
    assert "secret" not in str(caught.value)
