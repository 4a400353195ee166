"""The frontier by itself: what it hands out, when, and what it remembers."""

import asyncio
import sqlite3
from collections.abc import Coroutine, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from archiver.errors import StorageError
from spiders.frontier import WINDOW, Frontier, run_name
from spiders.wishes import Wish, WishKind, wish_from_json

BLOG = "blog.example"


class SetClock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = datetime(2022, 11, 22, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


class Runs:
    """Opens frontiers on one file; all are closed in the end."""

    def __init__(self, path: Path, clock: SetClock) -> None:
        self.path, self._clock, self._open = path, clock, list[Frontier]()

    def __call__(self, what: str = "a crawl", *, delay: float | None = 0, concurrency: int = 4, **paces: float) -> Frontier:
        named = {name.replace("_", "."): pace for name, pace in paces.items()}
        frontier = Frontier(self.path, what, delay=delay, paces=named, concurrency=concurrency, clock=self._clock)
        self._open.append(frontier)
        return frontier

    def close(self, frontier: Frontier) -> None:
        self._open.remove(frontier)
        frontier.close()

    def close_all(self) -> None:
        for frontier in list(self._open):
            self.close(frontier)


@pytest.fixture
def runs(tmp_path: Path, clock: SetClock) -> Iterator[Runs]:
    opened = Runs(tmp_path / "state.db", clock)
    yield opened
    opened.close_all()


def pages(*numbers: int, host: str = BLOG) -> list[Wish]:
    return [Wish(f"https://{host}/{number}/", WishKind.PAGE) for number in numbers]


RUNNERS: list[asyncio.Runner] = []  # one event loop a test: a frontier belongs to the loop in which it first waits


@pytest.fixture(autouse=True)
def runner() -> Iterator[None]:
    with asyncio.Runner() as fresh:
        RUNNERS.append(fresh)
        yield
        RUNNERS.remove(fresh)


def soon(waiting: Coroutine[Any, Any, tuple[int, Wish] | None]) -> tuple[int, Wish] | str | None:
    """What `next` gives at once; "waits" where it would wait."""

    async def at_once() -> tuple[int, Wish] | str | None:
        try:
            async with asyncio.timeout(0.01):
                return await waiting
        except TimeoutError:
            return "waits"

    return RUNNERS[-1].run(at_once())


def taken(frontier: Frontier) -> tuple[int, Wish]:
    found = soon(frontier.next())
    assert isinstance(found, tuple), found
    return found


def taken_url(frontier: Frontier) -> str:
    return taken(frontier)[1].url


def all_taken(frontier: Frontier) -> list[Wish]:
    """Everything that can be had now, each met at once."""
    wishes = []
    while isinstance(found := soon(frontier.next()), tuple):
        wishes.append(found[1])
        frontier.done(found[0])
    return wishes


def test_a_wish_is_taken_once(runs: Runs) -> None:
    frontier = runs()

    assert frontier.add([*pages(1, 2), *pages(1)]) == 2
    assert frontier.add(pages(1)) == 0
    assert all_taken(frontier) == pages(1, 2)


def test_an_address_may_be_wanted_for_two_purposes(runs: Runs) -> None:
    url = f"https://{BLOG}/1/"

    assert runs().add([Wish(url, WishKind.PAGE), Wish(url, WishKind.MEDIA)]) == 2


def test_lists_go_before_replies_before_pages_before_pictures(runs: Runs) -> None:
    frontier = runs()
    kinds = list(WishKind)

    frontier.add(Wish(f"https://{BLOG}/{kind}", kind) for kind in reversed(kinds))

    assert [wish.kind for wish in all_taken(frontier)] == kinds


def test_thousands_of_wishes_of_one_host_come_out_each_once_and_in_order(runs: Runs) -> None:
    frontier = runs()
    wanted = pages(*range(4 * WINDOW + 7))
    frontier.add(wanted)

    assert all_taken(frontier) == wanted
    assert frontier.waiting() == 0


def test_only_a_window_of_a_host_is_in_memory(runs: Runs) -> None:
    frontier = runs()
    frontier.add(pages(*range(5 * WINDOW)))

    assert len(frontier._hosts[BLOG].queue) == WINDOW


def test_wishes_that_come_while_a_window_is_worked_through_are_not_lost(runs: Runs) -> None:
    frontier = runs()
    frontier.add(pages(*range(WINDOW + 1)))
    met = []
    while isinstance(found := soon(frontier.next()), tuple):
        seq, wish = found
        met.append(wish.url)
        if len(met) <= 2 * WINDOW:
            frontier.add(pages(10_000 + len(met)))
        frontier.done(seq)

    assert len(met) == len(set(met)) == WINDOW + 1 + 2 * WINDOW


def test_wishes_under_way_and_put_off_are_not_handed_out_twice_by_a_refill(runs: Runs, clock: SetClock) -> None:
    frontier = runs(concurrency=3 * WINDOW)
    frontier.add(pages(*range(2 * WINDOW)))
    held = [taken(frontier) for _ in range(WINDOW)]
    for seq, wish in held[: WINDOW // 2]:
        frontier.later(seq, wish, 1)

    rest = [wish.url for wish in all_taken(frontier)]
    clock.pass_(2)
    again = [wish.url for wish in all_taken(frontier)]

    assert len(rest) == WINDOW and not set(rest) & {wish.url for _, wish in held}
    assert sorted(again) == sorted(wish.url for _, wish in held[: WINDOW // 2])


def test_a_host_is_asked_at_its_own_pace_while_others_go_on(runs: Runs, clock: SetClock) -> None:
    frontier = runs(delay=None, slow_example=10, quick_example=1)
    frontier.add([*pages(1, 2, host="slow.example"), *pages(1, 2, host="quick.example")])

    first = {taken_url(frontier), taken_url(frontier)}
    assert soon(frontier.next()) == "waits"
    clock.pass_(1)
    second = taken_url(frontier)
    assert soon(frontier.next()) == "waits"
    clock.pass_(9)

    assert first == {"https://slow.example/1/", "https://quick.example/1/"}
    assert second == "https://quick.example/2/"
    assert taken_url(frontier) == "https://slow.example/2/"


def test_a_host_that_says_nothing_is_asked_once_a_second(runs: Runs, clock: SetClock) -> None:
    frontier = runs(delay=None)
    frontier.add(pages(1, 2))

    taken(frontier)
    clock.pass_(0.9)
    assert soon(frontier.next()) == "waits"
    clock.pass_(0.1)
    assert taken_url(frontier) == f"https://{BLOG}/2/"


def test_a_slow_answer_does_not_stop_its_host_but_a_third_request_waits(runs: Runs, clock: SetClock) -> None:
    frontier = runs(delay=1)
    frontier.add(pages(1, 2, 3))
    first, _ = taken(frontier)
    clock.pass_(1)
    taken(frontier)
    clock.pass_(1)

    assert soon(frontier.next()) == "waits"
    frontier.done(first)
    assert taken_url(frontier) == f"https://{BLOG}/3/"


def test_no_more_are_under_way_than_allowed(runs: Runs) -> None:
    frontier = runs(concurrency=2)
    frontier.add([*pages(1, host="a.example"), *pages(1, host="b.example"), *pages(1, host="c.example")])
    first, _ = taken(frontier)
    taken(frontier)

    assert soon(frontier.next()) == "waits"
    frontier.done(first)
    assert taken_url(frontier) == "https://c.example/1/"


def test_a_crawl_delay_slows_down_and_never_speeds_up(runs: Runs, clock: SetClock) -> None:
    frontier = runs(delay=None, blog_example=5)
    frontier.slow_down(BLOG, 2)
    frontier.add(pages(1, 2))
    taken(frontier)
    clock.pass_(2)
    assert soon(frontier.next()) == "waits"
    frontier.slow_down(BLOG, 60)
    clock.pass_(3)
    taken(frontier)
    assert frontier._hosts[BLOG].delay == 60


def test_a_paused_host_gets_nothing_until_its_time_is_over(runs: Runs, clock: SetClock) -> None:
    frontier = runs()
    frontier.add([*pages(1, 2), *pages(1, host="other.example")])
    seq, wish = taken(frontier)
    frontier.pause(BLOG, 30)
    frontier.later(seq, wish, 30)

    assert [each.host for each in all_taken(frontier)] == ["other.example"]
    clock.pass_(30)
    assert {each.url for each in all_taken(frontier)} == {f"https://{BLOG}/1/", f"https://{BLOG}/2/"}


def test_when_nothing_can_be_asked_for_longer_than_a_minute_the_run_ends(runs: Runs) -> None:
    frontier = runs()
    frontier.add(pages(1, 2))
    frontier.pause(BLOG, 61)

    assert soon(frontier.next()) is None
    assert frontier.waiting() == 2
    assert [wish.url for wish in frontier.unmet_pages()] == [f"https://{BLOG}/1/", f"https://{BLOG}/2/"]


def test_a_pause_outlives_the_run_whatever_the_next_one_asks_for(runs: Runs, clock: SetClock) -> None:
    first = runs("a crawl")
    first.pause(BLOG, 600)
    runs.close(first)

    other = runs("another crawl")
    other.add(pages(7))

    assert soon(other.next()) is None
    clock.pass_(600)
    assert taken_url(other) == f"https://{BLOG}/7/"


def test_a_host_set_aside_gets_nothing_more_in_this_run_and_everything_in_the_next(runs: Runs) -> None:
    frontier = runs()
    frontier.add(pages(1, 2))
    seq, _ = taken(frontier)
    frontier.set_aside(BLOG)
    frontier.failed(seq, "does not answer")
    assert soon(frontier.next()) is None
    frontier.finish()
    runs.close(frontier)

    again = runs()

    assert not again.resumed
    assert {wish.url for wish in all_taken(again)} == {f"https://{BLOG}/1/", f"https://{BLOG}/2/"}


def test_a_held_host_gives_nothing_but_robots_txt_until_it_is_released(runs: Runs) -> None:
    frontier = runs()
    frontier.add(pages(1))
    seq, wish = taken(frontier)
    frontier.put_back(seq, wish)
    frontier.hold(BLOG)
    frontier.add([Wish(f"https://{BLOG}/robots.txt", WishKind.ROBOTS)])

    robots, first = taken(frontier)
    assert first.kind is WishKind.ROBOTS
    assert soon(frontier.next()) == "waits"
    frontier.done(robots)
    frontier.release(BLOG)
    assert taken_url(frontier) == f"https://{BLOG}/1/"


def test_robots_txt_comes_first_even_where_thousands_wait(runs: Runs) -> None:
    frontier = runs()
    frontier.add(pages(*range(3 * WINDOW)))
    frontier.hold(BLOG)

    frontier.add([Wish(f"https://{BLOG}/robots.txt", WishKind.ROBOTS)])

    assert taken(frontier)[1].kind is WishKind.ROBOTS


def test_what_was_not_asked_for_after_all_costs_its_host_no_time(runs: Runs) -> None:
    frontier = runs(delay=3_600)
    frontier.add(pages(1, 2))
    seq, wish = taken(frontier)
    frontier.put_back(seq, wish)
    seq, _ = taken(frontier)
    frontier.pass_over(seq)
    frontier.done(seq)

    assert taken_url(frontier) == f"https://{BLOG}/2/"


def test_an_unfinished_run_goes_on_where_it_was(runs: Runs) -> None:
    frontier = runs()
    frontier.add(pages(1, 2, 3))
    met, _ = taken(frontier)
    frontier.done(met)
    taken(frontier)  # under way when the run is killed
    runs.close(frontier)

    again = runs()

    assert again.resumed
    assert {wish.url for wish in all_taken(again)} == {f"https://{BLOG}/2/", f"https://{BLOG}/3/"}


def test_what_was_not_committed_is_as_it_was_before(runs: Runs) -> None:
    frontier = runs()
    frontier.add(pages(1, 2))
    frontier.commit()
    frontier.done(taken(frontier)[0])
    frontier._database.execute("ROLLBACK")  # what SQLite does after a kill
    frontier._database.execute("BEGIN")
    runs.close(frontier)

    assert len(all_taken(runs())) == 2


def test_a_run_that_goes_on_asks_for_robots_txt_again(runs: Runs) -> None:
    frontier = runs()
    frontier.add([Wish(f"https://{BLOG}/robots.txt", WishKind.ROBOTS), *pages(1)])
    frontier.done(taken(frontier)[0])
    runs.close(frontier)

    assert [wish.kind for wish in all_taken(runs())] == [WishKind.ROBOTS, WishKind.PAGE]


def test_a_new_run_asks_again_for_what_failed_as_if_for_the_first_time(runs: Runs) -> None:
    frontier = runs()
    frontier.add(pages(1, 2))
    seq, wish = taken(frontier)
    frontier.later(seq, Wish(wish.url, wish.kind, tries=2), 0)
    frontier.failed(taken(frontier)[0], "answered 500")
    all_taken(frontier)
    frontier.finish()
    runs.close(frontier)

    again = runs()

    assert not again.resumed
    assert again.add(pages(1, 2)) == 1  # the second was met, so it is asked for anew; the first is there already
    assert sorted((wish.url, wish.tries) for wish in all_taken(again)) == [(f"https://{BLOG}/1/", 0), (f"https://{BLOG}/2/", 0)]


def test_a_run_of_other_seeds_is_another_run(runs: Runs) -> None:
    frontier = runs(run_name("crawl", ["https://a.example/"], None))
    frontier.add(pages(1))
    runs.close(frontier)

    other = runs(run_name("crawl", ["https://b.example/"], None))

    assert soon(other.next()) is None


def test_the_order_of_the_seeds_makes_no_other_run() -> None:
    assert run_name("crawl", ["https://a.example/", "https://b.example/"], None) == run_name(
        "crawl", ["https://b.example/", "https://a.example/"], None
    )


def test_after_stop_nothing_is_handed_out_and_the_run_stays_unfinished(runs: Runs) -> None:
    frontier = runs()
    frontier.add(pages(1))
    frontier.stop()
    assert soon(frontier.next()) is None
    runs.close(frontier)

    assert runs().resumed


def test_a_stop_wakes_whoever_waits(runs: Runs) -> None:
    frontier = runs()
    frontier.add(pages(1))
    taken(frontier)

    async def stopped_while_waiting() -> tuple[int, Wish] | None:
        waiting = asyncio.create_task(frontier.next())
        await asyncio.sleep(0)
        frontier.stop()
        return await waiting

    assert RUNNERS[-1].run(stopped_while_waiting()) is None


def test_a_seed_that_never_got_its_turn_is_unmet_whatever_it_is(runs: Runs) -> None:
    frontier = runs()
    post = Wish("https://publish.twitter.com/oembed?url=1", WishKind.ASK, seed=True)
    frontier.add([post, Wish("https://publish.twitter.com/oembed?url=2", WishKind.ASK)])
    frontier.set_aside(post.host)

    assert frontier.unmet_pages() == [post]


def test_a_wish_comes_out_of_the_file_as_it_went_in() -> None:
    wish = Wish(
        "https://pbs.twimg.com/media/Ы?name=orig",
        WishKind.MEDIA,
        True,
        "visit",
        ("https://a.example/",),
        2,
        ("https://c.example/",),
        True,
        "https://b",
    )

    assert wish_from_json(wish.to_json()) == wish


def test_the_next_address_begins_anew() -> None:
    wish = Wish("https://a.example/orig", WishKind.MEDIA, instead=("https://a.example/large", "https://a.example/small"), tries=2)

    following = wish.next_address()

    assert following == Wish("https://a.example/large", WishKind.MEDIA, instead=("https://a.example/small",))
    assert Wish("https://a.example/small", WishKind.MEDIA).next_address() is None


def test_a_damaged_file_is_named_and_may_be_moved_away(runs: Runs) -> None:
    runs.path.write_bytes(b"this is no database, but it is long enough to be looked at" * 100)

    with pytest.raises(StorageError, match="moving it away is safe"):
        runs()


def test_readers_of_the_file_are_not_disturbed(runs: Runs) -> None:
    frontier = runs()
    frontier.add(pages(1))
    frontier.commit()
    frontier.add(pages(2))

    with closing(sqlite3.connect(f"file:{runs.path}?mode=ro", uri=True)) as reader:
        assert reader.execute("SELECT count(*) FROM wishes").fetchone() == (1,)
