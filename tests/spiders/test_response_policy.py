"""What becomes of a request by what came of it: how often it is tried, how long the waits are, where redirects end."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from archiver.errors import (
    AddressRefused,
    BadUrl,
    CertificateRefused,
    ConnectionFailed,
    HostNotFound,
    NetworkError,
    NotHttp,
    TooSlow,
)
from archiver.model.exchange import Truncated
from archiver.wire.http1 import ResponseHead, parse_head
from spiders.crawl_request import CrawlRequest, RequestKind
from spiders.response_policy import Action, Decision, decide, decide_error, retry_after

URL = "https://blog.example/post/"
NOW = datetime(2022, 9, 11, 12, 0, 0, tzinfo=UTC)
PAGE = CrawlRequest(URL, RequestKind.PAGE)
SMALLER = "https://blog.example/small.jpg"
PICTURE = CrawlRequest("https://blog.example/large.jpg", RequestKind.MEDIA, fallbacks=(SMALLER,))
DONE = Decision(Action.DONE)
FALLBACK = Decision(Action.FALLBACK)


def head(status: int, *headers: str) -> ResponseHead:
    return parse_head("\r\n".join([f"HTTP/1.1 {status} A reason", *headers, "", ""]).encode())


def decided(
    request: CrawlRequest, status: int, *headers: str, truncated: Truncated | None = None, target: str | None = None
) -> Decision:
    return decide(request, head(status, *headers), truncated, NOW, target)


# --- how often, and how long between --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [500, 502, 503, 599])
def test_an_overloaded_server_is_asked_three_times_after_two_and_after_eight_seconds(status: int) -> None:
    reason = f"answered {status}"
    assert [decided(replace(PAGE, tries=tries), status) for tries in range(4)] == [
        Decision(Action.RETRY, 2.0, reason),
        Decision(Action.RETRY, 8.0, reason),
        Decision(Action.FAILED, reason=reason),
        Decision(Action.FAILED, reason=reason),
    ]


def test_so_it_is_where_nothing_came() -> None:
    error = ConnectionFailed("the connection was reset")
    assert [decide_error(replace(PAGE, tries=tries), error) for tries in range(3)] == [
        Decision(Action.RETRY, 2.0, "the connection was reset"),
        Decision(Action.RETRY, 8.0, "the connection was reset"),
        Decision(Action.FAILED, reason="the connection was reset"),
    ]


@pytest.mark.parametrize("status", [200, 404, 499])
def test_what_was_cut_off_is_asked_for_as_often_and_then_kept_as_it_came(status: int) -> None:
    found = [decided(replace(PAGE, tries=tries), status, truncated=Truncated.DISCONNECT) for tries in range(3)]
    assert found == [
        Decision(Action.RETRY, 2.0, "was cut off"),
        Decision(Action.RETRY, 8.0, "was cut off"),
        Decision(Action.DONE, reason="was cut off"),
    ]


@pytest.mark.parametrize("truncated", [Truncated.LENGTH, Truncated.TIME])
def test_what_we_cut_ourselves_would_be_cut_again(truncated: Truncated) -> None:
    assert decided(PAGE, 200, truncated=truncated) == DONE


@pytest.mark.parametrize("error", [AddressRefused("no"), BadUrl("no"), CertificateRefused("no"), HostNotFound("no")])
def test_what_would_fail_in_the_same_way_is_not_tried_again(error: NetworkError) -> None:
    assert decide_error(PAGE, error) == Decision(Action.FAILED, reason="no")


@pytest.mark.parametrize("error", [TooSlow("no"), NotHttp("no"), NetworkError("no")])
def test_all_else_is(error: NetworkError) -> None:
    assert decide_error(PAGE, error) == Decision(Action.RETRY, 2.0, "no")


def test_a_host_that_asks_us_to_wait_is_asked_five_times() -> None:
    found = [decided(replace(PAGE, tries=tries), 429, "Retry-After: 7") for tries in range(6)]
    assert found[:4] == [Decision(Action.PAUSE_HOST, 7.0, "answered 429")] * 4
    assert found[4:] == [
        Decision(Action.FAILED, reason="answered 429 5 times"),
        Decision(Action.FAILED, reason="answered 429 6 times"),
    ]


def test_a_503_asks_us_to_wait_only_where_it_says_how_long() -> None:
    assert decided(PAGE, 503, "Retry-After: 1") == Decision(Action.PAUSE_HOST, 1.0, "answered 503")
    assert decided(PAGE, 503) == Decision(Action.RETRY, 2.0, "answered 503")
    assert decided(PAGE, 500, "Retry-After: 1") == Decision(Action.RETRY, 2.0, "answered 500")
    assert decided(PAGE, 429) == Decision(Action.PAUSE_HOST, 30.0, "answered 429")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("86399", 86_399.0),
        ("86400", 86_400.0),
        ("86401", 86_400.0),
        ("9" * 400, 86_400.0),
        ("-5", 30.0),
        ("1.5", 30.0),
        ("١٢", 30.0),
        ("soon", 30.0),
        ("Sun, 11 Sep 2022 12:01:30 GMT", 90.0),
        ("Sun, 11 Sep 2022 14:01:30 +0200", 90.0),
        ("Sun, 11 Sep 2022 12:00:00 GMT", 0.0),
        ("Sun, 11 Sep 2022 11:59:59 GMT", 0.0),
        ("Mon, 12 Sep 2022 11:59:59 GMT", 86_399.0),
        ("Mon, 12 Sep 2022 12:00:01 GMT", 86_400.0),
        ("Sun, 11 Sep 2022 12:01:30", 30.0),
        ("Sun, 31 Feb 2022 12:01:30 GMT", 30.0),
        ("Sun, 11 Sep 20222222222222222222 12:01:30 GMT", 30.0),
    ],
)
def test_how_long_a_retry_after_means(value: str, seconds: float) -> None:
    assert retry_after(head(429, f"Retry-After: {value}"), NOW) == seconds


# --- other addresses, redirects -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 403, 404, 410, 499])
def test_where_a_size_of_a_picture_is_not_there_the_next_is_asked_for_at_once(status: int) -> None:
    assert decided(PICTURE, status) == FALLBACK


def test_an_overloaded_server_is_asked_for_a_smaller_size_after_three_times() -> None:
    found = [decided(replace(PICTURE, tries=tries), 500) for tries in range(3)]
    assert found == [Decision(Action.RETRY, 2.0, "answered 500"), Decision(Action.RETRY, 8.0, "answered 500"), FALLBACK]
    assert decided(PICTURE, 399) == DONE


def test_a_seed_that_is_not_there_has_failed_and_a_reply_that_says_so_is_a_reply() -> None:
    assert decided(replace(PAGE, seed=True), 400) == Decision(Action.FAILED, reason="answered 400")
    assert decided(replace(PAGE, seed=True), 404) == Decision(Action.FAILED, reason="answered 404")
    assert decided(replace(PAGE, seed=True), 399) == DONE
    assert decided(PAGE, 404) == DONE
    assert decided(replace(PAGE, kind=RequestKind.ASK, seed=True), 404) == DONE


def test_the_eleventh_redirect_is_not_followed() -> None:
    hops = tuple(f"https://blog.example/{number}" for number in range(11))
    assert decided(replace(PAGE, via=hops[:9]), 302, target="https://blog.example/on") == DONE
    too_many = Decision(Action.FAILED, reason="redirects more than 10 times")
    assert decided(replace(PAGE, via=hops[:10]), 302, target="https://blog.example/on") == too_many
    assert decided(replace(PAGE, via=hops[:11]), 302, target="https://blog.example/on") == too_many


def test_a_circle_of_redirects_is_no_redirect_too_many() -> None:
    circle = Decision(Action.FAILED, reason="redirects in a circle")
    first = "https://blog.example/first"
    assert decided(PAGE, 302, target=URL) == circle
    assert decided(replace(PAGE, via=(first,)), 302, target=first) == circle
    assert decided(replace(PAGE, kind=RequestKind.MEDIA), 302, target=URL) == DONE, "whose redirects others follow"
