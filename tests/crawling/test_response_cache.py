"""What this run recorded, to be served again: bounded, the newest first to stay, and only what says something about the thing."""

from dataclasses import replace

import pytest

from archiver.crawling.response_cache import MAX_EXCHANGE_BYTES, ResponseCache
from archiver.model.exchange import Exchange, Truncated
from tests.support.exchanges import exchange

BODY = b"x" * 10_000
URL = "https://cdn.example/{}.js"


def asked(number: int, body: bytes = BODY, **more: object) -> Exchange:
    return exchange(URL.format(number), body, **more)  # type: ignore[arg-type]


def held(cache: ResponseCache, *numbers: int) -> list[int]:
    return [number for number in numbers if cache.get(URL.format(number)) is not None]


def test_what_was_recorded_is_served_again() -> None:
    cache, one = ResponseCache(), asked(1)
    cache.keep(one)

    assert cache.get(one.url) is one
    assert cache.get(URL.format(2)) is None


def test_memory_is_bounded_and_what_was_used_last_stays() -> None:
    cache = ResponseCache(max_bytes=70_000)  # three of these: the wire holds each body once more
    for number in (1, 2, 3):
        cache.keep(asked(number))
    cache.get(URL.format(1))

    cache.keep(asked(4))

    assert held(cache, 1, 2, 3, 4) == [1, 3, 4]


def test_what_the_wire_carried_counts_as_well_as_what_it_meant() -> None:
    """In chunks of a byte each, an answer is six times as long as its payload."""
    one = replace(asked(1), response=asked(1, b"1\r\nx\r\n" * 10_000).response)
    cache = ResponseCache(max_bytes=60_000)

    cache.keep(one)

    assert held(cache, 1) == []


def test_hundreds_of_megabytes_that_pass_through_leave_no_more_than_the_bound() -> None:
    cache = ResponseCache(max_bytes=1 << 20)
    for number in range(300):
        cache.keep(asked(number, BODY * 3))

    left = held(cache, *range(300))

    assert left == list(range(300 - len(left), 300))
    assert 10 < len(left) <= (1 << 20) // 60_000


def test_a_newer_answer_takes_the_place_of_the_older() -> None:
    cache = ResponseCache(max_bytes=50_000)
    for _ in range(20):
        cache.keep(asked(1))
    newest = asked(1, b"new")
    cache.keep(newest)
    cache.keep(asked(2))

    assert cache.get(newest.url) is newest
    assert held(cache, 1, 2) == [1, 2]


@pytest.mark.parametrize("status", ["429 Too Many Requests", "500 Oh", "503 Busy", "403 Forbidden", "304 Not Modified"])
def test_what_says_nothing_about_the_thing_is_asked_for_again(status: str) -> None:
    cache = ResponseCache()
    cache.keep(asked(1, status=status))

    assert held(cache, 1) == []


@pytest.mark.parametrize("status", ["404 Not Found", "410 Gone", "301 Moved", "204 No Content"])
def test_that_something_is_not_there_or_elsewhere_holds_for_a_run(status: str) -> None:
    cache = ResponseCache()
    cache.keep(asked(1, status=status))

    assert held(cache, 1) == [1]


def test_what_is_cut_off_or_was_sent_somewhere_or_is_very_large_is_not_kept() -> None:
    cache = ResponseCache()
    cache.keep(asked(1, truncated=Truncated.LENGTH))
    cache.keep(replace(asked(2), method="POST"))
    cache.keep(asked(3, b"x" * (MAX_EXCHANGE_BYTES + 1)))

    assert held(cache, 1, 2, 3) == []


# --- for a page of another origin ---------------------------------------------------------------------------------------------

PAPER, OTHER = "https://paper.example", "https://other.example"


@pytest.mark.parametrize(
    ("allowed", "served_to"), [("*", [PAPER, OTHER, ""]), (PAPER, [PAPER, ""]), (OTHER, [OTHER, ""]), (None, [""])]
)
def test_a_page_gets_only_what_it_may_read(allowed: str | None, served_to: list[str]) -> None:
    """A font that one site was given is asked for again by another: its server names whoever asks."""
    cache = ResponseCache()
    cache.keep(asked(1, headers=(f"Access-Control-Allow-Origin: {allowed}",) if allowed else ()))

    assert [origin for origin in (PAPER, OTHER, "") if cache.get(URL.format(1), origin) is not None] == served_to


def test_what_was_refused_to_an_origin_is_not_asked_for_in_its_name_again() -> None:
    one = asked(1)
    cache = ResponseCache()
    cache.keep(replace(one, request=one.request.replace(b"\r\n\r\n", b"\r\nOrigin: https://paper.example\r\n\r\n")))

    assert cache.get(one.url, PAPER) is not None
    assert cache.get(one.url, OTHER) is None


def test_what_was_asked_for_with_a_cookie_is_nobody_elses() -> None:
    cache, plain = ResponseCache(), asked(1)
    cache.keep(replace(plain, request=plain.request.replace(b"Host:", b"Cookie: session=1\r\nHost:")))

    assert held(cache, 1) == []


def test_where_the_users_cookies_were_held_back_another_page_may_be_answered_otherwise() -> None:
    cache = ResponseCache()

    cache.keep(replace(asked(1), withheld=True))

    assert held(cache, 1) == []
