"""Hosts that are broken on purpose: each way looks like what it stands for, the whole host is in it, and other hosts are not."""

import ssl
from http.client import RemoteDisconnected

import pytest

from archiver.sampleweb import Broken, SampleWeb
from tests.sampleweb.asking import Answer, ask, oembed_url, syndication_url

HOST = "cdn.syndication.twimg.com"


def asked(web: SampleWeb, mode: Broken) -> Answer:
    web.broken[HOST] = mode
    return ask(web, syndication_url(web.tweet("izyum").id))


def test_there_are_more_than_ten_ways_and_each_has_its_own_look(web: SampleWeb) -> None:
    looks = set()
    for mode in Broken:
        try:
            answer = asked(web, mode)
            looks.add((answer.status, answer.get("location"), answer.body))
        except (RemoteDisconnected, ssl.SSLError) as error:
            looks.add((0, None, type(error).__name__.encode()))
    assert len(looks) == len(Broken) == 16


@pytest.mark.parametrize(
    ("mode", "status", "words"),
    [
        (Broken.LOGIN, 200, 'type="password"'),
        (Broken.CONSENT, 200, "Before you continue"),
        (Broken.NOT_FOUND_PAGE, 404, "<h1>404 Not Found</h1>"),
        (Broken.NOT_FOUND_EMPTY, 404, "404 page not found"),
        (Broken.PAYMENT, 402, "Payment Required"),
        (Broken.FIREWALL, 403, "not authorized"),
        (Broken.UNKNOWN_ERROR, 520, "Error 520"),
        (Broken.CHALLENGE, 200, "document.cookie"),
        (Broken.APP_SHELL, 200, '<div id="root">'),
        (Broken.OTHER_JSON, 200, '"payload"'),
        (Broken.EMPTY, 200, ""),
    ],
)
def test_a_broken_host_answers_as_its_mode_says(web: SampleWeb, mode: Broken, status: int, words: str) -> None:
    answer = asked(web, mode)
    assert answer.status == status
    assert words in answer.text
    assert "Russian troops" not in answer.text


def test_a_redirect_leads_to_a_stranger_or_to_a_form_that_is_there(web: SampleWeb) -> None:
    away = asked(web, Broken.ELSEWHERE).get("location") or ""
    assert away == "https://parked-name.example/"
    assert "may be for sale" in ask(web, away).text
    login = asked(web, Broken.TO_LOGIN).get("location") or ""
    assert login.startswith(f"https://{HOST}/login/?reason=lor2&next=%2Ftweet-result")
    assert 'type="password"' in ask(web, login).text


def test_too_many_requests_never_end(web: SampleWeb) -> None:
    answers = [asked(web, Broken.TOO_MANY) for _ in range(3)]
    assert {(answer.status, answer.get("retry-after")) for answer in answers} == {(429, "1")}


def test_a_host_hangs_up_or_refuses_tls(web: SampleWeb) -> None:
    with pytest.raises(RemoteDisconnected):
        asked(web, Broken.CLOSED)
    assert [request.status for request in web.seen(HOST)] == [0]
    with pytest.raises(ssl.SSLError):
        asked(web, Broken.NO_TLS)


def test_only_that_host_is_broken_and_it_can_be_mended(web: SampleWeb) -> None:
    assert asked(web, Broken.FIREWALL).status == 403
    assert ask(web, oembed_url(web.tweet("izyum").id)).status == 200
    assert ask(web, f"https://{HOST}/robots.txt").status == 404  # nothing is forbidden to robots all the while
    web.broken.clear()
    assert ask(web, syndication_url(web.tweet("izyum").id)).json["__typename"] == "Tweet"
