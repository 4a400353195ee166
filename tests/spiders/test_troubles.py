"""What goes wrong: hosts that ask for patience, answers that break off, redirects to where nobody should go."""

from pathlib import Path

import pytest

from archiver.crawling.session import CrawlPlan
from archiver.errors import UsageError
from archiver.sampleweb import NOTEBOOK_URL, SampleWeb
from archiver.tasks.crawl.crawl import crawl
from tests.support.crawling import captures, crawl_of, rows
from tests.support.webs import NOT_FOUND, Asked, Web, Writer, in_turn, page, redirect, reply, sitemap

BUSY = reply("slowly, please", status="429 Too Many Requests", retry_after="1")
UNAVAILABLE = reply("back soon", status="503 Service Unavailable", retry_after="1")
PAGES = [f"https://blog.example/{number}/" for number in range(4)]


async def cut(_: Asked, writer: Writer) -> None:
    """Promises a thousand bytes and hangs up after eleven."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000\r\n\r\n<p>only this")


@pytest.mark.parametrize("answer", [BUSY, UNAVAILABLE], ids=["429", "503"])
def test_nothing_goes_to_a_host_that_asks_for_patience_until_its_time_is_over(web: Web, data_dir: Path, answer: bytes) -> None:
    web["blog.example", "/sitemap.xml"] = sitemap(*PAGES)
    for number in range(4):
        web["blog.example", f"/{number}/"] = page("A post")
    web["blog.example", "/0/"] = in_turn(answer, page("A post"))

    report = crawl_of(web, data_dir, "https://blog.example/sitemap.xml", concurrency=1)

    refused_at, again_at = web.times(PAGES[0])
    assert not [each for each in web.asked if refused_at < each.at < refused_at + 1]
    assert again_at >= refused_at + 1
    assert set(rows(data_dir, "SELECT url FROM pages")) == set(PAGES)
    assert (PAGES[0], int(answer[9:12])) in captures(data_dir)
    assert report.outcome.failed == []
    assert report.stats.pages == len(PAGES)


def test_other_hosts_go_on_while_one_waits(web: Web, data_dir: Path) -> None:
    web["busy.example", "/post/"] = in_turn(BUSY, page("A post"))
    web["blog.example", "/post/"] = page("A post", "/next/")
    web["blog.example", "/next/"] = page("Another post")

    crawl_of(web, data_dir, "https://busy.example/post/", "https://blog.example/post/", "https://blog.example/next/")

    [_, again_at] = web.times("https://busy.example/post/")
    assert all(each.at < again_at for each in web.asked if each.host == "blog.example")


def test_a_long_wait_is_left_to_the_next_run_and_remembered_by_it(web: Web, data_dir: Path) -> None:
    # A crawl of other seeds once knew nothing of the pause, and asked at once.
    busy = reply(status="429 Too Many Requests", retry_after="3600")
    web["blog.example", "/post/"] = busy
    web["blog.example", "/other/"] = page("Another post")
    first = crawl_of(web, data_dir, "https://blog.example/post/")

    second = crawl_of(web, data_dir, "https://blog.example/other/")

    assert first.outcome.failed == [("https://blog.example/post/", "its host asked us to come back later")]
    assert first.outcome.waiting == 1
    assert web.urls() == ["https://blog.example/robots.txt", "https://blog.example/post/"]
    assert [url for url, _ in second.outcome.failed] == ["https://blog.example/other/"]


def test_a_host_that_never_stops_asking_for_patience_is_a_failure(web: Web, data_dir: Path) -> None:
    web["blog.example", "/post/"] = reply(status="429 Too Many Requests", retry_after="0")

    report = crawl_of(web, data_dir, "https://blog.example/post/")

    assert report.outcome.failed == [("https://blog.example/post/", "answered 429 5 times")]
    assert len(web.times("https://blog.example/post/")) == 5


@pytest.mark.usefixtures("impatient")
def test_an_answer_that_was_cut_off_is_tried_again_until_it_is_whole(web: Web, data_dir: Path) -> None:
    # "disconnect" was once compared with something that it never is, so nothing was tried again.
    answers = iter([True, False])

    async def cut_once(asked: Asked, writer: Writer) -> None:
        if next(answers):
            await cut(asked, writer)
        else:
            writer.write(page("The whole post"))

    web["blog.example", "/post/"] = cut_once

    report = crawl_of(web, data_dir, "https://blog.example/post/")

    assert rows(data_dir, "SELECT truncated FROM captures WHERE url LIKE '%/post/' ORDER BY captured_at") == ["disconnect", None]
    assert report.stats.pages == 1 and report.outcome.failed == []


@pytest.mark.usefixtures("impatient")
def test_an_answer_that_is_always_cut_off_is_kept_as_truncated(web: Web, data_dir: Path) -> None:
    web["blog.example", "/post/"] = cut

    report = crawl_of(web, data_dir, "https://blog.example/post/")

    assert rows(data_dir, "SELECT truncated FROM captures WHERE url LIKE '%/post/'") == ["disconnect"] * 3
    assert report.outcome.failed == []


@pytest.mark.usefixtures("impatient")
def test_a_server_error_is_tried_three_times_and_then_listed(web: Web, data_dir: Path) -> None:
    web["blog.example", "/post/"] = reply("oops", status="500 Internal Server Error")

    report = crawl_of(web, data_dir, "https://blog.example/post/")

    assert len(web.times("https://blog.example/post/")) == 3
    assert report.outcome.failed == [("https://blog.example/post/", "answered 500")]


def test_a_reply_that_is_no_json_is_a_note_and_nothing_else(sample: SampleWeb, data_dir: Path) -> None:
    tweet = sample.tweet("light-plan")
    seed = next(each.page for each in sample.embeddings(1) if each.tweet is tweet and each.says_id)

    report = crawl_of(sample, data_dir, seed)

    assert report.outcome.failed == []
    assert rows(data_dir, "SELECT count(*) FROM posts WHERE post_id = ?", tweet.id) == [1]


def test_every_hop_of_a_redirect_is_recorded(web: Web, data_dir: Path) -> None:
    web["old.example", "/post"] = redirect("https://old.example/post/", "302 Found")
    web["old.example", "/post/"] = redirect("https://new.example/post/", "308 Permanent Redirect")
    web["new.example", "/post/"] = page("A post that moved twice")

    report = crawl_of(web, data_dir, "http://old.example/post", max_pages=1)

    hops = {("http://old.example/post", 302), ("https://old.example/post/", 308), ("https://new.example/post/", 200)}
    assert hops <= captures(data_dir)
    assert report.outcome.failed == [] and report.stats.pages == 1


@pytest.mark.parametrize(
    "target",
    ["http://127.0.0.1:{port}/secret", "http://localhost:{port}/", "http://169.254.169.254/latest/", "http://[::1]:{port}/"],
)
def test_a_redirect_into_the_own_network_is_refused_on_any_hop(web: Web, data_dir: Path, target: str) -> None:
    web["blog.example", "/post/"] = redirect("/moved/")
    web["blog.example", "/moved/"] = redirect(target.format(port=web.http_port))

    report = crawl_of(web, data_dir, "https://blog.example/post/")

    [(_, reason)] = report.outcome.failed
    assert "not on the public internet" in reason
    assert {each.host for each in web.asked} == {"blog.example"}


def test_with_allow_private_the_own_network_may_be_asked(web: Web, data_dir: Path) -> None:
    url = f"http://127.0.0.1:{web.http_port}/"
    web["127.0.0.1", "/"] = page("A page in the own network")

    report = crawl_of(web, data_dir, url, connect_to=(), allow_private=True)

    assert rows(data_dir, "SELECT url FROM pages") == [url]
    assert report.outcome.failed == []


@pytest.mark.usefixtures("impatient")
def test_where_no_platform_answers_the_page_is_there_and_the_rest_are_notes(sample: SampleWeb, data_dir: Path) -> None:
    closed = "127.0.0.1:9"
    hosts = [f"{host}:443:{closed}" for host in ("cdn.syndication.twimg.com", "publish.twitter.com", "t.co", "pbs.twimg.com")]

    report = crawl_of(sample, data_dir, f"{NOTEBOOK_URL}feed/", connect_to=(*hosts, *sample.connect_to))

    assert report.outcome.failed == []
    assert {"cdn.syndication.twimg.com", "publish.twitter.com", "t.co", "pbs.twimg.com"} == set(report.outcome.notes)
    assert rows(data_dir, "SELECT count(*) > 0 FROM failures WHERE error = 'ConnectionFailed'") == [1]
    assert report.outcome.waiting > 0


def test_what_failed_is_asked_for_again_by_the_next_run(web: Web, data_dir: Path) -> None:
    web["blog.example", "/post/"] = in_turn(NOT_FOUND, page("It is back"))

    first = crawl_of(web, data_dir, "https://blog.example/post/")
    second = crawl_of(web, data_dir, "https://blog.example/post/")

    assert first.outcome.failed == [("https://blog.example/post/", "answered 404")]
    assert second.outcome.failed == []


def test_a_seed_whose_certificate_nobody_vouches_for_says_so(web: Web, data_dir: Path) -> None:
    # It was once reported as "robots.txt does not allow it".
    web["blog.example", "/post/"] = page("A post")

    report = crawl_of(web, data_dir, "https://blog.example/post/", cacert=None)

    [(_, reason)] = report.outcome.failed
    assert "certificate of blog.example is not trusted" in reason and "--cacert" in reason


def test_a_plan_without_any_seed_that_is_a_url_never_begins(data_dir: Path) -> None:
    with pytest.raises(UsageError, match="must begin with http"):
        crawl(CrawlPlan(data_dir, ("ftp://blog.example/", "nothing")))
    assert not data_dir.exists()


def test_only_a_host_that_asked_for_it_is_said_to_have_asked_for_patience(web: Web, data_dir: Path) -> None:
    """Whatever was not reached was said to wait since its host asked us to come back later."""
    web["blog.example", "/robots.txt"] = reply("User-agent: *\nCrawl-delay: 3600", "text/plain")
    web["blog.example", "/0/"] = page("A post")

    report = crawl_of(web, data_dir, *PAGES[:2], delay=None)

    assert [reason for _, reason in report.outcome.failed] == ["was not reached in this run"] * len(report.outcome.failed)
    assert report.outcome.failed


@pytest.mark.usefixtures("impatient")
def test_a_crawl_names_its_first_failures_and_counts_the_others(
    web: Web, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A site of a million pages that was set aside gave a million lines, all held in memory."""
    monkeypatch.setattr("spiders.posts.MAX_LISTED", 2)
    web["blog.example", "/robots.txt"] = reply("", "text/plain")

    report = crawl_of(web, data_dir, *PAGES)

    assert [reason for _, reason in report.outcome.failed[:-1]] == ["answered 404"] * 2
    assert report.outcome.failed[-1] == ("2 more", "failed, or were not reached in this run")
