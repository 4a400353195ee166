"""The frontier's runs: what it remembers when one ends, is stopped, or is killed."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from archiver.crawling.session import CrawlPlan
from archiver.errors import StorageError
from spiders.crawl_request import CrawlRequest, RequestKind
from spiders.frontier_store import run_name
from tests.spiders.frontiers import BLOG, Runs, SetClock, all_taken, pages, soon, taken, taken_url

DAY = 86_400


def plan(*seeds: str) -> CrawlPlan:
    return CrawlPlan(Path("archive"), seeds)


def test_a_pause_outlives_the_run_whatever_the_next_one_asks_for(runs: Runs, clock: SetClock) -> None:
    first = runs("a crawl")
    first.pause(BLOG, 600)
    runs.close(first)

    other = runs("another crawl")
    other.add(pages(7))

    assert soon(other) is None
    clock.pass_(600)
    assert taken_url(other) == f"https://{BLOG}/7/"


def test_a_host_set_aside_gets_nothing_more_in_this_run_and_everything_in_the_next(runs: Runs) -> None:
    frontier = runs()
    frontier.add(pages(1, 2))
    seq, _ = taken(frontier)
    frontier.abandon_host(BLOG)
    frontier.failed(seq, "does not answer")
    assert soon(frontier) is None
    frontier.finish()
    runs.close(frontier)

    again = runs()

    assert not again.resumed
    assert {request.url for request in all_taken(again)} == {f"https://{BLOG}/1/", f"https://{BLOG}/2/"}


def test_an_unfinished_run_goes_on_where_it_was(runs: Runs) -> None:
    frontier = runs()
    frontier.add(pages(1, 2, 3))
    met, _ = taken(frontier)
    frontier.done(met)
    taken(frontier)  # under way when the run is killed
    runs.close(frontier)

    again = runs()

    assert again.resumed
    assert {request.url for request in all_taken(again)} == {f"https://{BLOG}/2/", f"https://{BLOG}/3/"}


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
    frontier.add([CrawlRequest(f"https://{BLOG}/robots.txt", RequestKind.ROBOTS), *pages(1)])
    frontier.done(taken(frontier)[0])
    runs.close(frontier)

    assert [request.kind for request in all_taken(runs())] == [RequestKind.ROBOTS, RequestKind.PAGE]


def test_a_new_run_asks_again_for_what_failed_as_if_for_the_first_time(runs: Runs) -> None:
    frontier = runs()
    frontier.add(pages(1, 2))
    seq, request = taken(frontier)
    frontier.postpone(seq, CrawlRequest(request.url, request.kind, tries=2), 0)
    frontier.failed(taken(frontier)[0], "answered 500")
    all_taken(frontier)
    frontier.finish()
    runs.close(frontier)

    again = runs()

    assert not again.resumed
    assert again.add(pages(1, 2)) == 1  # the second was met, so it is asked for anew; the first is there already
    assert sorted((request.url, request.tries) for request in all_taken(again)) == [
        (f"https://{BLOG}/1/", 0),
        (f"https://{BLOG}/2/", 0),
    ]


def test_a_run_of_other_seeds_is_another_run(runs: Runs) -> None:
    frontier = runs(run_name(plan("https://a.example/")))
    frontier.add(pages(1))
    runs.close(frontier)

    other = runs(run_name(plan("https://b.example/")))

    assert soon(other) is None


def test_the_order_of_the_seeds_makes_no_other_run() -> None:
    assert run_name(plan("https://a.example/", "https://b.example/")) == run_name(
        plan("https://b.example/", "https://a.example/")
    )


def test_other_pages_of_the_same_seeds_are_another_run() -> None:
    narrower = replace(plan("https://a.example/"), include=("/2022/",))
    assert run_name(narrower) != run_name(plan("https://a.example/"))


def test_what_was_put_off_by_a_run_that_was_killed_still_waits(runs: Runs, clock: SetClock) -> None:
    """What was to be tried again in an hour was asked for at once by the run that went on."""
    frontier = runs()
    frontier.add(pages(1))
    seq, request = taken(frontier)
    frontier.postpone(seq, replace(request, tries=1), 3600)
    runs.close(frontier)

    again = runs()

    assert soon(again) is None
    clock.pass_(3600)
    assert taken_url(again) == f"https://{BLOG}/1/"


def test_after_stop_nothing_is_handed_out_and_the_run_stays_unfinished(runs: Runs) -> None:
    frontier = runs()
    frontier.add(pages(1))
    frontier.stop()
    assert soon(frontier) is None
    runs.close(frontier)

    assert runs().resumed


def test_a_stop_wakes_whoever_waits(runs: Runs) -> None:
    frontier, woken = runs(), list[bool]()
    frontier.add(pages(1))
    taken(frontier)
    assert soon(frontier) == "waits"
    frontier.on_change = lambda: woken.append(frontier.pending())

    frontier.stop()

    assert woken == [False] and soon(frontier) is None


def test_whoever_waits_is_woken_by_new_requests_and_by_the_end_of_one(runs: Runs) -> None:
    frontier, woken = runs(concurrency=1), list[bool]()
    frontier.add(pages(1, 2))
    seq, _ = taken(frontier)
    frontier.on_change = lambda: woken.append(frontier.pending())

    frontier.add(pages(1))
    assert woken == [], "nothing was new"
    frontier.add(pages(3))
    frontier.done(seq)

    assert woken == [True, True]


def test_a_seed_that_never_got_its_turn_is_unmet_whatever_it_is(runs: Runs) -> None:
    frontier = runs()
    post = CrawlRequest("https://publish.twitter.com/oembed?url=1", RequestKind.ASK, seed=True)
    frontier.add([post, CrawlRequest("https://publish.twitter.com/oembed?url=2", RequestKind.ASK)])
    frontier.abandon_host(post.host)

    assert frontier.requests.unreached_pages() == (1, [post])


def question(number: int, *hosts: str) -> CrawlRequest:
    url, *others = (f"https://{host}/{number}" for host in hosts)
    return CrawlRequest(url, RequestKind.ASK, post=("twitter", str(number)), fallbacks=tuple(others))


def test_questions_behind_many_that_no_other_host_answers_move_all_the_same(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spiders.frontier.MAX_INSERTED", 2)
    frontier = runs()
    frontier.add(question(number, "a.example") for number in range(5))
    frontier.add(question(number, "a.example", "b.example") for number in range(5, 10))

    frontier.abandon_host("a.example")

    assert [request.url for request in all_taken(frontier)] == [f"https://b.example/{number}" for number in range(5, 10)]
    assert frontier.requests.waiting() == 5, "the others wait for the next crawl"


def test_where_all_hosts_of_a_question_are_abandoned_the_next_crawl_begins_with_the_first(runs: Runs) -> None:
    frontier = runs()
    frontier.abandon_host("b.example")
    frontier.add([question(1, "a.example", "b.example")])
    frontier.abandon_host("a.example")
    frontier.stop()
    runs.close(frontier)

    assert [request.url for request in all_taken(runs())] == ["https://a.example/1"]


def test_a_question_that_was_under_way_when_its_host_was_abandoned_goes_to_the_next(runs: Runs) -> None:
    frontier = runs()
    frontier.add([question(1, "a.example", "b.example")])
    seq, request = taken(frontier)
    frontier.abandon_host("a.example")
    frontier.postpone(seq, request, 60)

    assert [request.url for request in all_taken(frontier)] == ["https://b.example/1"]


def test_a_wish_comes_out_of_the_file_as_it_went_in() -> None:
    request = CrawlRequest(
        "https://pbs.twimg.com/media/Ы?name=orig",
        RequestKind.MEDIA,
        True,
        "visit",
        ("https://a.example/",),
        2,
        ("https://c.example/",),
        True,
        ("twitter", "1568656084437740674"),
        True,
        "https://b",
    )

    assert CrawlRequest.from_json(request.to_json()) == request


def test_the_next_address_begins_anew() -> None:
    request = CrawlRequest(
        "https://a.example/orig", RequestKind.MEDIA, fallbacks=("https://a.example/large", "https://a.example/small"), tries=2
    )

    following = request.fallback()

    assert following == CrawlRequest("https://a.example/large", RequestKind.MEDIA, fallbacks=("https://a.example/small",))
    assert CrawlRequest("https://a.example/small", RequestKind.MEDIA).fallback() is None


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


def test_of_a_million_unmet_pages_the_first_are_named_and_all_are_counted(runs: Runs) -> None:
    """Each of them was read into memory, and listed."""
    frontier = runs()
    frontier.add(pages(*range(1200)))

    count, named = frontier.requests.unreached_pages()

    assert (count, len(named)) == (1200, 1000)
    assert named[0].url == f"https://{BLOG}/0/"
    assert frontier.requests.unreached_pages(limit=2) == (1200, pages(0, 1))


@pytest.mark.parametrize("finished", [False, True])
def test_a_redirected_robots_txt_is_asked_for_from_its_beginning(runs: Runs, finished: bool) -> None:
    """The old hop was still there in the next run, so the redirect to it was no new wish, and looked like a circle."""
    frontier = runs()
    origin = f"https://{BLOG}"
    hop = CrawlRequest(
        "https://www.blog.example/rules.txt", RequestKind.ROBOTS, via=(f"{origin}/robots.txt",), robots_origin=origin
    )
    frontier.add([hop, *pages(1)])
    frontier.failed(taken(frontier)[0], "answered 500")
    if finished:
        frontier.finish()
    runs.close(frontier)

    assert runs().add([hop]) == 1


def test_a_run_to_which_nobody_came_back_for_a_month_begins_anew_with_what_it_left(runs: Runs, clock: SetClock) -> None:
    frontier = runs()
    frontier.add(pages(1, 2))
    frontier.done(taken(frontier)[0])
    runs.close(frontier)
    clock.pass_(31 * DAY)

    again = runs()

    assert not again.resumed
    assert again.add(pages(1)) == 1, "a page is looked at as it is now"
    assert [request.url for request in all_taken(again)] == [f"https://{BLOG}/2/", f"https://{BLOG}/1/"]


def test_what_an_earlier_run_left_is_not_forgotten_where_its_host_gets_new_wishes(runs: Runs, clock: SetClock) -> None:
    """The host was known by then, so nobody looked what waits for it."""
    frontier = runs()
    frontier.add(pages(1, 2))
    frontier.done(taken(frontier)[0])
    frontier.finish()
    runs.close(frontier)

    again = runs(delay=1)
    again.add(pages(1))
    again.done(taken(again)[0])
    assert soon(again) == "waits"
    clock.pass_(1)

    assert isinstance(soon(again), tuple)


def test_one_that_is_worked_on_now_and_then_goes_on_for_as_long_as_it_takes(runs: Runs, clock: SetClock) -> None:
    runs.close(runs())
    for _ in range(4):
        clock.pass_(20 * DAY)
        frontier = runs()
        assert frontier.resumed
        runs.close(frontier)


def test_where_something_is_lost_no_run_is_believed_to_have_it(runs: Runs) -> None:
    for name in ("one crawl", "another"):
        frontier = runs(name)
        frontier.add(pages(1))
        frontier.done(taken(frontier)[0])
        runs.close(frontier)
    runs.close(runs("one crawl", anew=True))

    assert runs("another").add(pages(1)) == 1


def test_a_clock_that_was_set_back_keeps_nobody_waiting_and_makes_nothing_old_count(runs: Runs, clock: SetClock) -> None:
    """The clock of a machine without a battery may be years ahead until it hears from another one."""
    frontier = runs()
    frontier.add_crawl("a crawl")
    frontier.add([*pages(1), *pages(1, host="other.example")])
    frontier.postpone(*taken(frontier), 2.0)
    frontier.pause("other.example", 600)
    runs.close(frontier)
    clock.pass_(-365 * DAY)

    again = runs()

    assert again.crawls == ()
    assert {request.host for request in all_taken(again)} == {BLOG, "other.example"}
