"""Which addresses belong to a crawl."""

from pathlib import Path

import pytest

from archiver.crawling.session import CrawlPlan
from archiver.errors import UsageError
from archiver.model.findings import Feed, FeedEntry, Page
from archiver.sampleweb import NOTEBOOK_URL, SampleWeb
from spiders.scope import Scope, scope_of
from tests.support.crawling import crawl_of, rows
from tests.support.webs import Web, page, redirect, reply, sitemap

SITE = "https://blog.example/"


def scope(*seeds: str, **options: object) -> Scope:
    return scope_of(CrawlPlan(Path("archive"), seeds, **options))  # type: ignore[arg-type]


def pages_in(data_dir: Path) -> set[str]:
    return {url.removeprefix(SITE) for url in rows(data_dir, "SELECT url FROM pages")}


@pytest.fixture
def blog(web: Web) -> Web:
    """A front page, two posts of one year, one of another, a page of another site."""
    web["blog.example", "/"] = page("/2022/one/", "/2022/two/", "/2023/three/", "https://other.example/")
    web["blog.example", "/2022/"] = page("/2022/one/", "/2022/two/", "/2023/three/")
    for path in ("/2022/one/", "/2022/two/", "/2023/three/"):
        web["blog.example", path] = page("/", "/2022/one/", "/2023/three/", title=path)
    web["other.example", "/"] = page("Another site")
    return web


def test_a_bare_host_is_walked_and_never_left(blog: Web, data_dir: Path) -> None:
    crawl_of(blog, data_dir, SITE)

    assert pages_in(data_dir) == {"", "2022/one/", "2022/two/", "2023/three/"}


def test_any_other_address_is_one_page(blog: Web, data_dir: Path) -> None:
    crawl_of(blog, data_dir, f"{SITE}2022/one/")

    assert pages_in(data_dir) == {"2022/one/"}


def test_a_host_may_be_asked_for_as_one_page(blog: Web, data_dir: Path) -> None:
    crawl_of(blog, data_dir, SITE, scope="page")

    assert pages_in(data_dir) == {""}


def test_a_prefix_is_what_lies_below_it(blog: Web, data_dir: Path) -> None:
    crawl_of(blog, data_dir, f"{SITE}2022/", scope="prefix")

    assert pages_in(data_dir) == {"2022/", "2022/one/", "2022/two/"}


def test_a_site_is_walked_from_any_of_its_pages(blog: Web, data_dir: Path) -> None:
    crawl_of(blog, data_dir, f"{SITE}2023/three/", scope="site")

    assert pages_in(data_dir) == {"", "2022/one/", "2022/two/", "2023/three/"}


def test_included_and_excluded_are_pages_by_their_address(blog: Web, data_dir: Path) -> None:
    crawl_of(blog, data_dir, SITE, include=(r"/20\d\d/",), exclude=("two",))

    assert pages_in(data_dir) == {"", "2022/one/", "2023/three/"}  # a seed is always asked for


def test_only_what_feeds_and_sitemaps_date_since_then_is_wanted(sample: SampleWeb, data_dir: Path) -> None:
    crawl_of(sample, data_dir, f"{NOTEBOOK_URL}feed/", since="2022-10-20")

    posts = [post for post in sample.posts if post.on(1) and f"{post.modified:%Y-%m-%d}" >= "2022-10-20"]
    wanted = {f"{post.published:%Y/%m/%d}" for post in posts}
    asked = {url.removeprefix(NOTEBOOK_URL)[:10] for url in rows(data_dir, "SELECT url FROM pages")}
    assert asked == wanted != set()


def test_a_crawl_stops_after_so_many_pages(blog: Web, data_dir: Path) -> None:
    report = crawl_of(blog, data_dir, SITE, max_pages=2)

    assert report.stats.pages == len(pages_in(data_dir)) == 2
    assert report.outcome.waiting == 0


def test_what_is_over_the_limit_costs_no_time(web: Web, data_dir: Path) -> None:
    # Each page that was turned away once took its host's delay: here that would be an hour.
    urls = [f"{SITE}{number}/" for number in range(60)]
    web["blog.example", "/sitemap.xml"] = sitemap(*urls)
    web["blog.example", "/robots.txt"] = reply("", "text/plain")
    web["blog.example", "/0/"] = page("The only one")

    report = crawl_of(web, data_dir, urls[0], *urls[1:], delay=0.3, max_pages=1)

    assert web.urls() == [f"{SITE}robots.txt", urls[0]]
    assert report.outcome.failed == []


def test_a_redirect_is_no_second_page_of_the_limit(web: Web, data_dir: Path) -> None:
    # The page behind a redirect was once one too many.
    web["blog.example", "/old"] = reply(status="301 Moved", location="/new/")
    web["blog.example", "/new/"] = page("A page that moved")

    report = crawl_of(web, data_dir, f"{SITE}old", max_pages=1)

    assert report.stats.pages == 1 and pages_in(data_dir) == {"new/"}


@pytest.mark.parametrize(
    "address",
    [
        "wp-login.php", "wp-admin/post.php", "xmlrpc.php", "post/?replytocom=7", "post/?share=twitter", "feed/", "post/feed/",
        "a.jpg", "a.PDF", "trackback/", "login", "a/b/a/b/a/b/a/b/", "x" * 600,
    ],
)  # fmt: skip
def test_a_site_is_not_walked_into_forms_files_and_endless_paths(address: str) -> None:
    assert not scope(SITE).follows(SITE + address)


@pytest.mark.parametrize("address", ["2022/09/11/a-post/", "?p=12", "tag/maps/", "a-page.html", "logging-in-the-carpathians/"])
def test_posts_and_lists_are_followed(address: str) -> None:
    assert scope(SITE).follows(SITE + address)


def test_www_makes_no_other_site() -> None:
    assert scope("https://www.blog.example/").follows("http://blog.example/post/")


def test_a_name_that_ends_alike_is_another_site() -> None:
    assert not scope(SITE).follows("https://my-blog.example/")
    assert not scope(SITE).follows("https://blog.example.evil.example/")


def test_of_several_seeds_each_has_its_own_scope() -> None:
    both = scope(SITE, "https://other.example/one-page/")

    assert both.follows(f"{SITE}post/")
    assert not both.follows("https://other.example/another/")


def test_entries_of_a_feed_go_by_date_and_pattern() -> None:
    entries = (
        FeedEntry(f"{SITE}old/", published_at="2022-01-01T00:00:00Z"),
        FeedEntry(f"{SITE}old-and-edited/", published_at="2022-01-01", modified_at="2022-12-01"),
        FeedEntry(f"{SITE}without-a-date/"),
        FeedEntry(f"{SITE}new-but-private/", published_at="2023-01-01"),
    )

    wanted = scope(f"{SITE}feed/", since="2022-06-01", exclude=("private",)).entries_of(Feed(f"{SITE}feed/", entries))

    assert wanted == (f"{SITE}old-and-edited/", f"{SITE}without-a-date/")


def test_links_of_a_single_page_lead_nowhere() -> None:
    assert scope(f"{SITE}post/").pages_of(Page(f"{SITE}post/", links=(f"{SITE}other/",))) == ()


def test_what_is_no_regular_expression_is_named() -> None:
    with pytest.raises(UsageError, match=r"`\(` is no regular expression"):
        scope(SITE, include=("(",))


def test_a_scope_that_does_not_exist_is_named() -> None:
    with pytest.raises(UsageError, match="no scope `everything`: page, feed, prefix or site"):
        scope(SITE, scope="everything")


def test_an_excluded_page_stays_so_when_another_address_leads_to_it(web: Web, data_dir: Path) -> None:
    """--exclude looked at links only, so a redirect led to the page all the same."""
    web["blog.example", "/"] = page("/short", "/moved")
    web["blog.example", "/short"] = redirect("/private/diary/")
    web["blog.example", "/moved"] = redirect("/new/")
    web["blog.example", "/private/diary/"] = page("A diary")
    web["blog.example", "/new/"] = page("A page that moved")

    crawl_of(web, data_dir, SITE, exclude=("private",))

    assert pages_in(data_dir) == {"", "new/"}


def test_a_seed_is_asked_for_wherever_it_redirects_to(web: Web, data_dir: Path) -> None:
    web["blog.example", "/short"] = redirect("/private/diary/")
    web["blog.example", "/private/diary/"] = page("A diary")

    crawl_of(web, data_dir, f"{SITE}short", exclude=("private",))

    assert pages_in(data_dir) == {"private/diary/"}
