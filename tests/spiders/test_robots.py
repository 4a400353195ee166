"""robots.txt: it is kept, it is obeyed for pages, and whoever does not obey it has a reason that stands in the archive."""

import gzip
import json
from pathlib import Path

import pytest

from archiver.crawling.robots import Robots
from archiver.sampleweb import DISALLOWED, NOTEBOOK_URL, SampleWeb
from tests.support.crawling import captures, crawl_of, records, rows
from tests.support.webs import Web, in_turn, page, redirect, reply, sitemap

NO_DRAFTS = "User-agent: *\nDisallow: /drafts/\n"


def test_a_forbidden_page_is_linked_everywhere_and_never_fetched(sample: SampleWeb, data_dir: Path) -> None:
    crawl_of(sample, data_dir, NOTEBOOK_URL, max_pages=12)

    assert not [request for request in sample.requests if request.path.startswith(DISALLOWED)]
    assert (f"{NOTEBOOK_URL}robots.txt", 200) in captures(data_dir)


def test_a_forbidden_seed_is_a_failure_that_names_the_way_out(sample: SampleWeb, data_dir: Path) -> None:
    seed = NOTEBOOK_URL[:-1] + DISALLOWED

    report = crawl_of(sample, data_dir, seed)

    [(url, reason)] = report.outcome.failed
    assert url == seed
    assert "--ignore-robots" in reason


def test_the_reason_for_not_obeying_is_recorded_in_warc_and_index(sample: SampleWeb, data_dir: Path) -> None:
    reason = "the author of the blog asked us to"

    crawl_of(sample, data_dir, NOTEBOOK_URL[:-1] + DISALLOWED, ignore_robots=reason)

    assert next(request.path for request in sample.seen("kharkiv-notebook.example")) == DISALLOWED
    warcinfo = next(record for record in records(data_dir) if record.record_type == "warcinfo")
    assert reason in warcinfo.block.bytes().decode()
    [settings] = rows(data_dir, "SELECT settings FROM crawls")
    assert json.loads(settings)["ignore_robots"] == reason


def test_a_redirected_robots_txt_counts_for_the_host_that_redirected(web: Web, data_dir: Path) -> None:
    # A redirect was once taken for "there is none", so everything was allowed.
    web["blog.example", "/robots.txt"] = redirect("https://www.blog.example/rules.txt")
    web["www.blog.example", "/rules.txt"] = reply(NO_DRAFTS, "text/plain")
    web["blog.example", "/post/"] = page("A post")
    web["blog.example", "/drafts/"] = page("A draft")

    report = crawl_of(web, data_dir, "https://blog.example/post/", "https://blog.example/drafts/")

    assert [url for url, _ in report.outcome.failed] == ["https://blog.example/drafts/"]
    assert ("https://www.blog.example/rules.txt", 200) in captures(data_dir)
    assert "https://blog.example/post/" in web.urls()


def test_a_compressed_robots_txt_is_understood(web: Web, data_dir: Path) -> None:
    web["blog.example", "/robots.txt"] = reply(gzip.compress(NO_DRAFTS.encode()), "text/plain", content_encoding="gzip")
    web["blog.example", "/drafts/"] = page("A draft")

    crawl_of(web, data_dir, "https://blog.example/drafts/")

    assert web.urls() == ["https://blog.example/robots.txt"]


@pytest.mark.usefixtures("impatient")
def test_where_robots_txt_cannot_be_read_the_failure_says_so(web: Web, data_dir: Path) -> None:
    # It was once reported as "robots.txt does not allow it".
    web["blog.example", "/robots.txt"] = reply("broken", status="500 Internal Server Error")
    web["blog.example", "/post/"] = page("A post")

    report = crawl_of(web, data_dir, "https://blog.example/post/")

    assert report.outcome.failed == [("https://blog.example/post/", "its robots.txt answered 500, so nothing may be asked now")]
    assert "https://blog.example/post/" not in web.urls()


def test_sitemaps_that_robots_txt_names_are_read_where_a_site_is_wanted(web: Web, data_dir: Path) -> None:
    web["blog.example", "/robots.txt"] = reply("Sitemap: https://blog.example/list.xml", "text/plain")
    web["blog.example", "/list.xml"] = sitemap("https://blog.example/hidden/")
    web["blog.example", "/"] = page("A front page without links")
    web["blog.example", "/hidden/"] = page("A page that nothing links to")

    crawl_of(web, data_dir, "https://blog.example/")

    assert "https://blog.example/hidden/" in rows(data_dir, "SELECT url FROM pages")


def test_http_and_https_have_a_robots_txt_each() -> None:
    robots = Robots("embed-archiver")
    robots.learn("https://blog.example/robots.txt", 200, b"User-agent: *\nDisallow: /")

    assert not robots.allows("https://blog.example/post/")
    assert not robots.knows("http://blog.example/post/")


@pytest.mark.parametrize(("status", "allowed"), [(404, True), (403, True), (410, True), (500, False), (None, False)])
def test_no_robots_txt_allows_everything_and_a_broken_one_nothing(status: int | None, allowed: bool) -> None:
    robots = Robots("embed-archiver")
    robots.learn("https://blog.example/robots.txt", status, b"")

    assert robots.allows("https://blog.example/post/") is allowed


def test_a_group_for_us_counts_more_than_the_one_for_everybody() -> None:
    robots = Robots("embed-archiver/0.1.0 (+https://archive.example/; mail@archive.example)")
    ours = b"User-agent: embed-archiver\nAllow: /\nCrawl-delay: 3"
    robots.learn("https://blog.example/robots.txt", 200, b"User-agent: *\nDisallow: /\n\n" + ours)

    assert robots.allows("https://blog.example/post/")
    assert robots.crawl_delay("https://blog.example/") == 3


@pytest.mark.parametrize("targets", [("/robots.txt",), ("/a.txt", "/b.txt", "/robots.txt")], ids=["itself", "in a circle"])
def test_a_robots_txt_that_redirects_in_a_circle_counts_as_not_there(web: Web, data_dir: Path, targets: tuple[str, ...]) -> None:
    """The second hop was no new wish, so nobody let the pages go that waited for it: the site was never crawled."""
    for place, target in zip(("/robots.txt", *targets), targets, strict=False):
        web["blog.example", place] = redirect(target)
    web["blog.example", "/post/"] = page("A post")

    report = crawl_of(web, data_dir, "https://blog.example/post/")

    assert report.outcome.failed == []
    assert ("https://blog.example/post/", 200) in captures(data_dir)


def test_a_robots_txt_too_large_for_memory_is_obeyed(web: Web, data_dir: Path) -> None:
    """Nothing of a body on disk was given to the spider, so a robots.txt over 4 MB allowed everything."""
    web["blog.example", "/robots.txt"] = reply(NO_DRAFTS + "# padding\n" * 500_000, "text/plain")
    web["blog.example", "/drafts/"] = page("A draft")

    report = crawl_of(web, data_dir, "https://blog.example/drafts/")

    assert [url for url, _ in report.outcome.failed] == ["https://blog.example/drafts/"]
    assert web.urls() == ["https://blog.example/robots.txt"]


def test_a_robots_txt_that_asks_for_patience_to_the_end_allows_nothing_in_this_run(web: Web, data_dir: Path) -> None:
    """A 429 was taken for "there are no rules", as other 4xx are."""
    busy = reply(status="429 Too Many Requests", retry_after="0")
    web["blog.example", "/robots.txt"] = in_turn(*[busy] * 5, reply(NO_DRAFTS, "text/plain"))
    web["blog.example", "/post/"] = page("A post")

    first = crawl_of(web, data_dir, "https://blog.example/post/")
    asked = web.urls()
    second = crawl_of(web, data_dir, "https://blog.example/post/")

    assert first.outcome.failed == [("https://blog.example/post/", "its robots.txt answered 429, so nothing may be asked now")]
    assert asked == ["https://blog.example/robots.txt"] * 5
    assert second.outcome.failed == [] and ("https://blog.example/post/", 200) in captures(data_dir)


def test_another_site_is_asked_about_its_post_only_where_its_robots_txt_allows_it(web: Web, data_dir: Path) -> None:
    quoted = '<blockquote class="wp-embedded-content"><a href="https://{}/bread/">Bread</a></blockquote>'
    web["blog.example", "/post/"] = page("A post", quoted.format("closed.example") + quoted.format("open.example"))
    web["closed.example", "/robots.txt"] = reply("User-agent: *\nDisallow: /wp-json/\n", "text/plain")
    web["open.example", "/robots.txt"] = reply("User-agent: *\nDisallow: /drafts/\n", "text/plain")

    crawl_of(web, data_dir, "https://blog.example/post/")

    asked = [url for url in web.urls() if "/wp-json/" in url]
    assert len(asked) == 1 and asked[0].startswith("https://open.example/wp-json/oembed/1.0/embed?")
    assert "https://closed.example/robots.txt" in web.urls()
