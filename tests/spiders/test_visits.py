"""The second visit: pages are asked for only if they changed, tweets and pictures that are complete not at all."""

import base64
from pathlib import Path

import pytest

from archiver.sampleweb import NOTEBOOK_URL, SAMPLE_POST, SampleWeb
from tests.support.crawling import crawl_of, records, rows
from tests.support.webs import Web, in_turn, page, redirect, reply

PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==")


def test_a_complete_tweet_and_its_pictures_are_not_asked_for_again(sample: SampleWeb, data_dir: Path) -> None:
    crawl_of(sample, data_dir, SAMPLE_POST)
    sample.requests.clear()

    report = crawl_of(sample, data_dir, SAMPLE_POST)

    assert [request.path for request in sample.requests] == ["/robots.txt", SAMPLE_POST.removeprefix(NOTEBOOK_URL[:-1])]
    assert report.stats.unchanged == report.stats.pages == 1


def test_the_second_visit_is_conditional_and_a_304_becomes_a_revisit(sample: SampleWeb, data_dir: Path) -> None:
    crawl_of(sample, data_dir, SAMPLE_POST)
    crawl_of(sample, data_dir, SAMPLE_POST)

    first, second = [request for request in sample.requests if request.url == SAMPLE_POST]
    assert not first.conditional
    assert second.conditional and second.status == 304
    answers = [each for each in records(data_dir) if each.url == SAMPLE_POST and each.record_type in ("response", "revisit")]
    original, revisit = answers
    assert (revisit.get("WARC-Profile") or "").endswith("server-not-modified")
    assert revisit.get("WARC-Refers-To") == original.record_id


def test_what_lay_in_a_lost_file_is_asked_for_again_while_it_is_still_up(sample: SampleWeb, data_dir: Path) -> None:
    """A post and its pictures counted as held though their bytes were gone: nobody asked for them before they were deleted."""
    crawl_of(sample, data_dir, SAMPLE_POST, job="first")
    answered = (
        "SELECT url FROM captures WHERE record_type = 'response' AND crawl = (SELECT id FROM crawls WHERE job = ?) ORDER BY 1"
    )
    (lost,) = (data_dir / "warc").rglob("*.warc.gz")
    lost.unlink()

    report = crawl_of(sample, data_dir, SAMPLE_POST, job="second")

    assert rows(data_dir, answered, "second") == rows(data_dir, answered, "first")
    assert report.outcome.notes.keys() == {lost.relative_to(data_dir).as_posix()}


def test_an_unchanged_page_still_leads_on(web: Web, data_dir: Path) -> None:
    front = page("/old/", "/new/").replace(b"\r\n\r\n", b'\r\nETag: "one"\r\n\r\n', 1)
    unchanged = b'HTTP/1.1 304 Not Modified\r\nETag: "one"\r\n\r\n'
    web["blog.example", "/"] = lambda asked: unchanged if "if-none-match" in asked.headers else front
    web["blog.example", "/old/"] = page("An old post")
    web["blog.example", "/new/"] = in_turn(reply("not yet", status="404 Not Found"), page("A new post"))
    crawl_of(web, data_dir, "https://blog.example/")

    crawl_of(web, data_dir, "https://blog.example/")

    assert rows(data_dir, "SELECT count(*) FROM captures WHERE url = 'https://blog.example/' AND record_type = 'revisit'") == [1]
    assert "https://blog.example/new/" in rows(data_dir, "SELECT url FROM pages")


def test_what_changed_is_a_new_version_of_the_page(web: Web, data_dir: Path) -> None:
    web["blog.example", "/post/"] = in_turn(page("As it was"), page("As it is now"))

    crawl_of(web, data_dir, "https://blog.example/post/")
    crawl_of(web, data_dir, "https://blog.example/post/")

    assert rows(data_dir, "SELECT count(*) FROM page_versions") == [2]


def test_a_tweet_whose_reply_was_malformed_is_asked_for_again(sample: SampleWeb, data_dir: Path) -> None:
    tweet = sample.tweet("light-plan")  # malformed on day 1, well on day 2
    seed = next(each.page for each in sample.embeddings(1) if each.tweet is tweet and each.says_id)
    crawl_of(sample, data_dir, seed)
    assert rows(data_dir, "SELECT count(*) FROM statements WHERE source = 'syndication' AND state = 'live'"
                          " AND post = (SELECT id FROM posts WHERE post_id = ?)", tweet.id) == [0]  # fmt: skip
    sample.day = 2
    sample.requests.clear()

    crawl_of(sample, data_dir, seed)

    assert any(f"id={tweet.id}&" in request.path for request in sample.seen("cdn.syndication.twimg.com"))


def test_a_post_that_its_platform_said_is_gone_is_not_asked_for_again(sample: SampleWeb, data_dir: Path) -> None:
    sample.day = 3
    izyum = sample.tweet("izyum")
    crawl_of(sample, data_dir, SAMPLE_POST)
    sample.requests.clear()

    crawl_of(sample, data_dir, SAMPLE_POST)

    assert not any(izyum.id in request.path for request in sample.requests)


def test_a_picture_behind_a_redirect_is_held_only_when_it_came(web: Web, data_dir: Path) -> None:
    """The redirect counted as the picture, so a picture that did not come the first time was never asked for again."""
    web["blog.example", "/post/"] = page('<img src="/picture.png" width="600" height="400">')
    web["blog.example", "/picture.png"] = redirect("/real.png", "302 Found")
    web["blog.example", "/real.png"] = in_turn(reply("not yet", status="404 Not Found"), reply(PNG, "image/png"))
    for _ in range(3):
        crawl_of(web, data_dir, "https://blog.example/post/")

    assert rows(data_dir, "SELECT status FROM captures WHERE url LIKE '%/real.png' ORDER BY captured_at") == [404, 200]


@pytest.mark.parametrize("status", ["301 Moved Permanently", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"])
def test_a_short_link_that_led_somewhere_is_not_asked_again(web: Web, data_dir: Path, status: str) -> None:
    """Only 301 and 302 counted, so links that answered 303, 307 or 308 were asked for in every crawl."""
    embed = '<blockquote class="twitter-tweet"><p>Fog <a href="https://t.co/Fog1Fog2Fo">pic.twitter.com/Fog1Fog2Fo</a></p>'
    web["blog.example", "/post/"] = page(f"{embed}&mdash; Ferry (@ferry_office)</blockquote>")
    web["t.co", "/Fog1Fog2Fo"] = redirect("https://blog.example/elsewhere", status)
    for _ in range(2):
        crawl_of(web, data_dir, "https://blog.example/post/")

    assert web.urls("t.co") == ["https://t.co/Fog1Fog2Fo"]
