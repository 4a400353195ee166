"""The frontier and the browsers: how many pages are drawn at once, and when a browser's own requests may go."""

import asyncio

import pytest

from spiders.crawl_request import BROWSER, CrawlRequest, RequestKind
from spiders.frontier import Frontier
from spiders.politeness import MAX_TURN_SECONDS
from tests.spiders.frontiers import BLOG, RUNNERS, Runs, SetClock, all_taken, pages, soon, taken

MANY_TRIES = 200  # turns of the event loop


def to_draw(*numbers: int) -> list[CrawlRequest]:
    return [CrawlRequest(f"https://{BLOG}/{number}/", RequestKind.RENDER) for number in numbers]


def turn(frontier: Frontier, host: str = BLOG, *, requisite: bool = False) -> bool | str:
    """What it says at once; "waits" where it would wait."""

    async def at_once() -> bool | str:
        asking = asyncio.ensure_future(frontier.wait_for_turn(host, requisite=requisite))
        for _ in range(MANY_TRIES):
            await asyncio.sleep(0)
        if asking.done():
            return asking.result()
        asking.cancel()
        return "waits"

    return RUNNERS[-1].run(at_once())


def test_as_many_pages_are_drawn_at_once_as_there_are_browsers(runs: Runs) -> None:
    frontier = runs(renders=2)
    frontier.add(to_draw(1, 2, 3))
    first, _ = taken(frontier)
    taken(frontier)

    assert soon(frontier) == "waits"
    frontier.done(first)
    assert taken(frontier)[1].url == f"https://{BLOG}/3/"


def test_it_is_known_how_many_renders_are_wanted_those_of_an_earlier_run_included(runs: Runs) -> None:
    frontier = runs(renders=2)
    frontier.add(to_draw(1, 2, 3))
    frontier.add(to_draw(3))
    assert frontier.renders_wanted == 3
    frontier.add(pages(1))
    assert frontier.renders_wanted == 3
    while isinstance(found := soon(frontier), tuple):
        if found[1] == to_draw(1)[0]:
            frontier.done(found[0])
    runs.close(frontier)

    again = runs(renders=2)
    again.add(to_draw(1, 4))

    assert again.renders_wanted == 3


def test_drawing_and_asking_do_not_hinder_one_another(runs: Runs) -> None:
    frontier = runs(renders=1, concurrency=1)
    frontier.add([*pages(1, 2), *to_draw(1, 2)])

    kinds = {taken(frontier)[1].kind, taken(frontier)[1].kind}

    assert kinds == {RequestKind.PAGE, RequestKind.RENDER}
    assert soon(frontier) == "waits"


def test_a_page_and_its_picture_are_two_wishes_and_hosts_pace_knows_nothing_of_drawing(runs: Runs) -> None:
    frontier = runs(renders=2, delay=3_600)

    assert frontier.add([*pages(1), *to_draw(1, 2)]) == 3
    assert len({taken(frontier)[1].key for _ in range(3)}) == 3


def test_where_nothing_can_be_drawn_the_wishes_wait_for_a_run_that_can(runs: Runs) -> None:
    without = runs(renders=0)
    without.add([*pages(1), *to_draw(1)])
    assert [request.kind for request in all_taken(without)] == [RequestKind.PAGE]
    assert soon(without) is None
    assert without.requests.waiting() == 1 and without.requests.unreached_pages() == (0, [])
    without.finish()
    runs.close(without)

    assert [request.kind for request in all_taken(runs(renders=1))] == [RequestKind.RENDER]


def test_browsers_that_are_set_aside_leave_their_wishes_to_the_next_run(runs: Runs) -> None:
    frontier = runs(renders=1)
    frontier.add(to_draw(1, 2))
    seq, _ = taken(frontier)
    frontier.abandon_host(BROWSER)
    frontier.failed(seq, "it does not start")

    assert soon(frontier) is None
    frontier.finish()
    runs.close(frontier)
    assert len(all_taken(runs(renders=1))) == 2


# --- the browser's own requests -----------------------------------------------------------------------------------------------


def test_documents_keep_their_hosts_pace(runs: Runs, clock: SetClock) -> None:
    frontier = runs(delay=10)

    assert turn(frontier) is True
    assert turn(frontier) == "waits"
    clock.pass_(10)
    assert turn(frontier) is True


def test_what_a_page_is_made_of_comes_at_once_and_the_hosts_rest_is_counted_from_it(runs: Runs, clock: SetClock) -> None:
    frontier = runs(delay=10)
    frontier.add(pages(1))

    assert [turn(frontier, requisite=True) for _ in range(3)] == [True] * 3
    assert soon(frontier) == "waits"
    clock.pass_(10)
    assert isinstance(soon(frontier), tuple)


@pytest.mark.parametrize("requisite", [True, False])
def test_a_host_that_has_asked_us_to_wait_is_waited_for_or_done_without(runs: Runs, clock: SetClock, requisite: bool) -> None:
    frontier = runs()
    frontier.pause(BLOG, MAX_TURN_SECONDS + 5)

    assert turn(frontier, requisite=requisite) is False
    clock.pass_(6)
    assert turn(frontier, requisite=requisite) == "waits"
    clock.pass_(MAX_TURN_SECONDS)
    assert turn(frontier, requisite=requisite) is True


def test_nothing_is_asked_of_a_host_that_is_left_alone_nor_after_the_end(runs: Runs) -> None:
    frontier = runs()
    frontier.abandon_host("silent.example")

    assert turn(frontier, "silent.example", requisite=True) is False
    assert turn(frontier) is True
    frontier.stop()
    assert turn(frontier, requisite=True) is False
