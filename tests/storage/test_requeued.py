"""What an audit put back: it stays until it is settled, in whatever state.db a crawl has left."""

import threading
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest

from archiver.errors import StorageError
from archiver.storage.state.requeue_list import RequeueCounts, Requeued, among, count, pending, put, settle
from spiders.crawl_request import CrawlRequest, RequestKind
from spiders.frontier import Frontier

POST = Requeued("https://twitter.com/i/status/1568", "2022-09-20T08:00:00.000Z", "twitter", "1568")
PAGE = Requeued("https://blog.example/a-post/", "2022-09-20T08:00:00.000Z", asks=False)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


def test_what_is_put_back_is_read_as_it_was_until_it_is_settled(state: Path) -> None:
    assert put(state, [POST, PAGE]) == 2

    assert set(pending(state)) == set(pending(state)) == {POST, PAGE}
    settle(state, [POST])
    assert list(pending(state)) == [PAGE]


def test_the_oldest_comes_first(state: Path) -> None:
    older = replace(PAGE, at="2022-09-19T08:00:00.000Z")
    put(state, [POST])
    put(state, [older])

    assert list(pending(state)) == [older, POST]


def test_posts_and_pages_are_counted_apart(state: Path) -> None:
    put(state, [POST, PAGE, replace(PAGE, url="https://blog.example/another/")])

    assert count(state) == RequeueCounts(posts=1, pages=2)


def test_each_waits_once_with_the_newest_remedies(state: Path) -> None:
    again = replace(POST, at="2022-09-21T08:00:00.000Z", draws=False)
    put(state, [POST])
    put(state, [again])

    assert list(pending(state)) == [again]


def test_addresses_of_one_page_are_one_page(state: Path) -> None:
    put(state, [PAGE, replace(PAGE, url="http://www.blog.example/a-post?utm_source=feed")])

    assert count(state) == RequeueCounts(pages=1)


def test_what_was_put_back_once_more_in_the_meantime_is_not_settled(state: Path) -> None:
    put(state, [POST])
    [begun] = pending(state)
    again = replace(POST, at="2022-09-21T08:00:00.000Z")
    put(state, [again])

    settle(state, [begun], [begun])

    assert list(pending(state)) == [again]


def test_of_what_was_asked_about_only_drawing_is_left(state: Path) -> None:
    put(state, [POST, PAGE])

    settle(state, [PAGE], [POST])

    assert list(pending(state)) == [replace(POST, asks=False)]


def test_of_many_keys_those_that_wait_are_known(state: Path) -> None:
    assert among(state, [POST.key]) == set()
    put(state, [POST])

    assert among(state, [POST.key, PAGE.key]) == {POST.key}


def test_very_many_are_not_read_at_once(state: Path) -> None:
    put(state, (replace(PAGE, url=f"https://blog.example/{number}/") for number in range(20_000)))

    tracemalloc.start()
    read = sum(1 for _ in pending(state))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert read == 20_000 and most < 1_000_000


def test_where_nothing_was_put_back_nothing_waits_and_no_file_is_made(state: Path) -> None:
    assert list(pending(state)) == [] and count(state) == RequeueCounts()
    assert not state.exists()


def test_it_lives_beside_a_frontier_that_is_open(state: Path) -> None:
    frontier = Frontier(state, "a crawl", delay=0, paces={}, concurrency=1)
    try:
        frontier.add([CrawlRequest("https://blog.example/", RequestKind.PAGE)])
        frontier.commit()
        assert count(state) == RequeueCounts()
        put(state, [POST])
        frontier.add([CrawlRequest("https://blog.example/2/", RequestKind.PAGE)])
        frontier.commit()
        assert frontier.requests.waiting() == 2
    finally:
        frontier.close()
    assert list(pending(state)) == [POST]


def test_several_may_put_back_at_once(state: Path) -> None:
    items = [replace(PAGE, url=f"https://blog.example/{number}/") for number in range(40)]
    threads = [threading.Thread(target=put, args=(state, items[start::4])) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert count(state) == RequeueCounts(pages=40)


def test_a_transaction_that_fails_leaves_nothing_behind(state: Path) -> None:
    def interrupted() -> object:
        yield POST
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        put(state, interrupted())  # type: ignore[arg-type]

    assert list(pending(state)) == []


@pytest.mark.parametrize(
    "question", [lambda state: list(pending(state)), count, lambda state: put(state, [POST]), lambda state: settle(state, [POST])]
)
def test_a_damaged_file_is_told_with_what_to_do(state: Path, question: object) -> None:
    state.write_bytes(b"this is no database " * 1000)

    with pytest.raises(StorageError, match="moving it away is safe"):
        question(state)  # type: ignore[operator]
