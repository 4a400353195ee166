"""The frontier: what it hands out, in which order, and when."""

import pytest

from archiver.config.settings import HostSettings
from spiders.crawl_request import CrawlRequest, RequestKind
from spiders.frontier import WINDOW
from tests.spiders.frontiers import BLOG, Runs, SetClock, all_taken, pages, soon, taken, taken_url


def test_a_wish_is_taken_once(runs: Runs) -> None:
    frontier = runs()

    assert frontier.add([*pages(1, 2), *pages(1)]) == 2
    assert frontier.add(pages(1)) == 0
    assert all_taken(frontier) == pages(1, 2)


def test_an_address_may_be_wanted_for_two_purposes(runs: Runs) -> None:
    url = f"https://{BLOG}/1/"

    assert runs().add([CrawlRequest(url, RequestKind.PAGE), CrawlRequest(url, RequestKind.MEDIA)]) == 2


def test_lists_go_before_replies_before_pages_before_pictures(runs: Runs) -> None:
    frontier = runs()
    kinds = [kind for kind in RequestKind if kind is not RequestKind.RENDER]  # that has a lane of its own

    frontier.add(CrawlRequest(f"https://{BLOG}/{kind}", kind) for kind in reversed(kinds))

    assert [request.kind for request in all_taken(frontier)] == kinds


def test_thousands_of_wishes_of_one_host_come_out_each_once_and_in_order(runs: Runs) -> None:
    frontier = runs()
    wanted = pages(*range(4 * WINDOW + 7))
    frontier.add(wanted)

    assert all_taken(frontier) == wanted
    assert frontier.requests.waiting() == 0


def test_only_a_window_of_a_host_is_in_memory(runs: Runs) -> None:
    frontier = runs()
    frontier.add(pages(*range(5 * WINDOW)))

    assert len(frontier._hosts[BLOG].queue) == WINDOW


def test_wishes_that_come_while_a_window_is_worked_through_are_not_lost(runs: Runs) -> None:
    frontier = runs()
    frontier.add(pages(*range(WINDOW + 1)))
    met = []
    while isinstance(found := soon(frontier), tuple):
        seq, request = found
        met.append(request.url)
        if len(met) <= 2 * WINDOW:
            frontier.add(pages(10_000 + len(met)))
        frontier.done(seq)

    assert len(met) == len(set(met)) == WINDOW + 1 + 2 * WINDOW


def test_wishes_under_way_and_put_off_are_not_handed_out_twice_by_a_refill(runs: Runs, clock: SetClock) -> None:
    frontier = runs(concurrency=3 * WINDOW)
    frontier.add(pages(*range(2 * WINDOW)))
    held = [taken(frontier) for _ in range(WINDOW)]
    for seq, request in held[: WINDOW // 2]:
        frontier.postpone(seq, request, 1)

    rest = [request.url for request in all_taken(frontier)]
    clock.pass_(2)
    again = [request.url for request in all_taken(frontier)]

    assert len(rest) == WINDOW and not set(rest) & {request.url for _, request in held}
    assert sorted(again) == sorted(request.url for _, request in held[: WINDOW // 2])


def test_a_host_is_asked_at_its_own_pace_while_others_go_on(runs: Runs, clock: SetClock) -> None:
    frontier = runs(delay=None, slow_example=10, quick_example=1)
    frontier.add([*pages(1, 2, host="slow.example"), *pages(1, 2, host="quick.example")])

    first = {taken_url(frontier), taken_url(frontier)}
    assert soon(frontier) == "waits"
    clock.pass_(1)
    second = taken_url(frontier)
    assert soon(frontier) == "waits"
    clock.pass_(9)

    assert first == {"https://slow.example/1/", "https://quick.example/1/"}
    assert second == "https://quick.example/2/"
    assert taken_url(frontier) == "https://slow.example/2/"


def test_a_host_that_says_nothing_is_asked_once_a_second(runs: Runs, clock: SetClock) -> None:
    frontier = runs(delay=None)
    frontier.add(pages(1, 2))

    taken(frontier)
    clock.pass_(0.9)
    assert soon(frontier) == "waits"
    clock.pass_(0.1)
    assert taken_url(frontier) == f"https://{BLOG}/2/"


def test_a_slow_answer_does_not_stop_its_host_but_a_third_request_waits(runs: Runs, clock: SetClock) -> None:
    frontier = runs(delay=1)
    frontier.add(pages(1, 2, 3))
    first, _ = taken(frontier)
    clock.pass_(1)
    taken(frontier)
    clock.pass_(1)

    assert soon(frontier) == "waits"
    frontier.done(first)
    assert taken_url(frontier) == f"https://{BLOG}/3/"


def test_no_more_are_under_way_than_allowed(runs: Runs) -> None:
    frontier = runs(concurrency=2)
    frontier.add([*pages(1, host="a.example"), *pages(1, host="b.example"), *pages(1, host="c.example")])
    first, _ = taken(frontier)
    taken(frontier)

    assert soon(frontier) == "waits"
    frontier.done(first)
    assert taken_url(frontier) == "https://c.example/1/"


def test_a_crawl_delay_slows_down_and_never_speeds_up(runs: Runs, clock: SetClock) -> None:
    frontier = runs(delay=None, blog_example=5)
    frontier.slow_down(BLOG, 2)
    frontier.add(pages(1, 2))
    taken(frontier)
    clock.pass_(2)
    assert soon(frontier) == "waits"
    frontier.slow_down(BLOG, 60)
    clock.pass_(3)
    taken(frontier)
    assert frontier._hosts[BLOG].delay == 60


def test_a_paused_host_gets_nothing_until_its_time_is_over(runs: Runs, clock: SetClock) -> None:
    frontier = runs()
    frontier.add([*pages(1, 2), *pages(1, host="other.example")])
    seq, request = taken(frontier)
    frontier.pause(BLOG, 30)
    frontier.postpone(seq, request, 30)

    assert [each.host for each in all_taken(frontier)] == ["other.example"]
    clock.pass_(30)
    assert {each.url for each in all_taken(frontier)} == {f"https://{BLOG}/1/", f"https://{BLOG}/2/"}


def test_when_nothing_can_be_asked_for_longer_than_a_minute_the_run_ends(runs: Runs) -> None:
    frontier = runs()
    frontier.add(pages(1, 2))
    frontier.pause(BLOG, 61)

    assert soon(frontier) is None
    assert frontier.requests.waiting() == 2
    assert [request.url for request in frontier.requests.unreached_pages()[1]] == [f"https://{BLOG}/1/", f"https://{BLOG}/2/"]


def test_where_all_slots_are_taken_it_waits_for_one_and_not_for_a_time(runs: Runs) -> None:
    """The engine was woken without a pause, since other hosts were ready: a whole core for as long as an answer took."""
    frontier = runs(concurrency=2)
    frontier.add([*pages(1, 2, 3), *pages(1, host="other.example")])
    first, _ = taken(frontier)
    taken(frontier)
    woken: list[float | None] = []
    frontier.on_change = lambda: woken.append(frontier.wait)

    assert soon(frontier) == "waits"
    assert frontier.wait is None
    frontier.done(first)
    assert woken == [None]
    taken(frontier)


def test_one_that_was_stopped_waits_for_nothing(runs: Runs) -> None:
    """A wait from before had Scrapy's engine woken without a pause for as long as anything was under way after Ctrl-C."""
    frontier = runs(concurrency=1)
    frontier.add(pages(1, 2))
    taken(frontier)
    assert soon(frontier) == "waits"
    frontier.stop()

    assert soon(frontier) is None
    assert frontier.wait is None


def test_a_held_host_gives_nothing_but_robots_txt_until_it_is_released(runs: Runs) -> None:
    frontier = runs()
    frontier.add(pages(1))
    seq, request = taken(frontier)
    frontier.requeue(seq, request)
    frontier.block_host(BLOG)
    frontier.add([CrawlRequest(f"https://{BLOG}/robots.txt", RequestKind.ROBOTS)])

    robots, first = taken(frontier)
    assert first.kind is RequestKind.ROBOTS
    assert soon(frontier) == "waits"
    frontier.done(robots)
    frontier.unblock_host(BLOG)
    assert taken_url(frontier) == f"https://{BLOG}/1/"


def test_robots_txt_comes_first_even_where_thousands_wait(runs: Runs) -> None:
    frontier = runs()
    frontier.add(pages(*range(3 * WINDOW)))
    frontier.block_host(BLOG)

    frontier.add([CrawlRequest(f"https://{BLOG}/robots.txt", RequestKind.ROBOTS)])

    assert taken(frontier)[1].kind is RequestKind.ROBOTS


def test_what_was_not_asked_for_after_all_costs_its_host_no_time(runs: Runs) -> None:
    frontier = runs(delay=3_600)
    frontier.add(pages(1, 2))
    seq, request = taken(frontier)
    frontier.requeue(seq, request)
    seq, _ = taken(frontier)
    frontier.cancel_delay(seq)
    frontier.done(seq)

    assert taken_url(frontier) == f"https://{BLOG}/2/"


def test_a_host_that_the_user_names_has_its_own_pace_whatever_else_is_said(runs: Runs, clock: SetClock) -> None:
    hosts = {BLOG: HostSettings(delay=30), ".quick.example": HostSettings(delay=0)}
    for delay in (None, 3_600):
        frontier = runs(str(delay), delay=delay, hosts=hosts, blog_example=5, quick_example=7)
        frontier.add([*pages(1, 2), *pages(3, 4, host="a.quick.example")])

        assert len(all_taken(frontier)) == 3
        clock.pass_(30)
        assert taken_url(frontier) == f"https://{BLOG}/2/"
        runs.close(frontier)


def test_of_many_hosts_only_some_wishes_are_in_memory_and_each_gets_its_turn(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    """A million addresses on 200,000 hosts were all held in memory, and all hosts were looked through for each request."""
    for name, number in (("MAX_LOADED", 50), ("MAX_HOSTS", 20), ("MANY_HOSTS", 7)):
        monkeypatch.setattr(f"spiders.frontier.{name}", number)
    frontier = runs(concurrency=1)
    hosts = [f"blog-{number}.example" for number in range(300)]
    requests = [request for host in hosts for request in pages(*range(3), host=host)]
    frontier.add(requests)
    assert sum(len(host.queue) for host in frontier._hosts.crawled.values()) <= 50
    assert len(frontier._hosts.crawled) <= 21
    met = all_taken(frontier)
    assert {request.url for request in met} == {request.url for request in requests} and len(met) == len(requests)
    assert len(frontier._hosts.crawled) < 10, "what it is done with is forgotten"


def test_a_host_that_asked_for_a_pace_keeps_it_when_it_is_wanted_again(runs: Runs, clock: SetClock) -> None:
    frontier = runs()
    frontier.add(pages(1))
    frontier.slow_down(BLOG, 60)
    frontier.done(taken(frontier)[0])
    clock.pass_(61)
    frontier.add(pages(2, 3))
    frontier.done(taken(frontier)[0])
    assert soon(frontier) == "waits"


@pytest.mark.parametrize("resumed", [False, True])
def test_hosts_that_are_left_alone_or_held_back_keep_no_other_from_its_turn(
    runs: Runs, monkeypatch: pytest.MonkeyPatch, resumed: bool
) -> None:
    for name, number in (("MAX_HOSTS", 4), ("MANY_HOSTS", 3)):
        monkeypatch.setattr(f"spiders.frontier.{name}", number)
    frontier = runs()
    hosts = [f"blog-{number:03}.example" for number in range(60)]
    frontier.add(request for host in hosts for request in pages(1, 2, host=host))
    if resumed:
        frontier.stop()
        runs.close(frontier)
        frontier = runs()
    for number, host in enumerate(hosts):
        if number % 3 == 0:
            frontier.abandon_host(host)
        elif number % 3 == 1:
            frontier.pause(host, 3600)
    met = [request.host for request in all_taken(frontier)]
    assert sorted(met) == sorted(2 * hosts[2::3])
    assert frontier.requests.waiting() == 2 * 40


def test_a_request_that_came_a_moment_ago_is_known_without_a_look_into_the_file(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spiders.frontier.MAX_RECENT", 2)
    frontier = runs()
    assert frontier.add(pages(1, 2, 3)) == 3

    assert [frontier.added_recently(request) for request in pages(1, 2, 3, 4)] == [False, True, True, False]
    assert frontier.add(pages(1, 2, 3)) == 0, "the file knows what memory has forgotten"
