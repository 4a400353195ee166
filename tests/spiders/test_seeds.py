"""From any kind of seed to the posts, and from each embedded tweet to all that its platform tells."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from archiver.platforms.twitter.platform import Twitter
from archiver.sampleweb import DIARY_URL, NOTEBOOK_URL, SAMPLE_POST, SampleWeb, Tweet, running_sample_web
from archiver.tasks.crawl.crawl import CrawlReport
from tests.support.crawling import crawl_of, rows

FEED = f"{NOTEBOOK_URL}feed/"
TWITTERS = {"cdn.syndication.twimg.com", "publish.x.com", "publish.twitter.com"}
"""The second of them answers 421 in 2022: the question then goes to the third."""
POSTS_SITEMAP = f"{NOTEBOOK_URL}wp-sitemap-posts-post-1.xml"


def asked_about(web: SampleWeb, tweet: Tweet) -> set[str]:
    """The platform's hosts that were asked about a tweet."""
    wanted = {url for ask in Twitter().requests_about(tweet.id) for url in (ask.url, *ask.others)}
    return {request.host for request in web.requests if request.url in wanted}


def posts_of(web: SampleWeb) -> set[str]:
    """The addresses of the notebook's posts, as its own sitemap gives them."""
    return {f"{NOTEBOOK_URL}{post.published:%Y/%m/%d}/" for post in web.posts if post.on(1)}


def pages_in(data_dir: Path) -> set[str]:
    return set(rows(data_dir, "SELECT url FROM pages"))


def test_a_page_is_captured_with_all_that_its_embeds_show(sample: SampleWeb, data_dir: Path) -> None:
    crawl_of(sample, data_dir, SAMPLE_POST)

    izyum = sample.tweet("izyum")
    assert pages_in(data_dir) == {SAMPLE_POST}
    assert asked_about(sample, izyum) == TWITTERS
    assert f"https://t.co/{izyum.code}" in {request.url for request in sample.seen("t.co")}
    original = f"https://pbs.twimg.com/media/{izyum.pictures[0].key}?format=jpg&name=orig"
    assert original in {each.url for each in sample.seen("pbs.twimg.com")}
    assert rows(data_dir, "SELECT author, text IS NOT NULL FROM posts WHERE post_id = ?", izyum.id) == [(izyum.handle, 1)]


def test_a_feed_leads_to_the_posts_of_all_its_pages(sample: SampleWeb, data_dir: Path) -> None:
    crawl_of(sample, data_dir, FEED)

    fed = [request.path for request in sample.seen("kharkiv-notebook.example") if "feed" in request.path]
    assert "/feed/?paged=2" in fed
    days = {f"{NOTEBOOK_URL}{url.removeprefix(NOTEBOOK_URL)[:11]}" for url in pages_in(data_dir)}
    assert days == posts_of(sample)


def test_a_sitemap_leads_to_its_pages_and_no_further(sample: SampleWeb, data_dir: Path) -> None:
    crawl_of(sample, data_dir, POSTS_SITEMAP)

    pages = pages_in(data_dir)
    assert len(pages) == sum(post.on(1) is not None for post in sample.posts)
    assert not any("/tag/" in url or "/page/" in url for url in pages)


def test_a_sitemap_index_leads_to_all_of_its_sitemaps(sample: SampleWeb, data_dir: Path) -> None:
    crawl_of(sample, data_dir, f"{NOTEBOOK_URL}wp-sitemap.xml")

    assert any("/tag/" in url for url in pages_in(data_dir))
    assert SAMPLE_POST in pages_in(data_dir)


@dataclass(frozen=True)
class Walked:
    """Both blogs of the sample web after one crawl."""

    web: SampleWeb
    data_dir: Path
    report: CrawlReport


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walked]:
    folder = tmp_path_factory.mktemp("walked")
    with running_sample_web(folder) as web:
        yield Walked(web, folder / "archive", crawl_of(web, folder / "archive", NOTEBOOK_URL, DIARY_URL))


def test_a_site_is_walked_by_its_links_feed_and_sitemap(walked: Walked) -> None:
    web = walked.web
    asked = {request.path for request in web.seen("kharkiv-notebook.example")}
    assert {"/robots.txt", "/feed/", "/wp-sitemap.xml", "/sitemap.xml"} <= asked
    pages = {each.page for each in web.embeddings(1)}
    embedded = {url for url in pages if url.startswith(NOTEBOOK_URL) and not url.endswith("/amp/")}
    assert embedded <= pages_in(walked.data_dir)
    assert walked.report.outcome.failed == []


def test_a_site_without_feed_or_sitemap_is_walked_by_its_links(walked: Walked) -> None:
    assert {each.page for each in walked.web.embeddings(1) if each.page.startswith(DIARY_URL)} <= pages_in(walked.data_dir)


def test_a_post_given_as_a_seed_is_asked_for_at_its_platform(sample: SampleWeb, data_dir: Path) -> None:
    izyum = sample.tweet("izyum")

    report = crawl_of(sample, data_dir, f"https://mobile.twitter.com/{izyum.handle}/statuses/{izyum.id}?s=20")

    assert asked_about(sample, izyum) == TWITTERS
    assert rows(data_dir, "SELECT author FROM posts WHERE post_id = ?", izyum.id) == [izyum.handle]
    assert rows(data_dir, "SELECT count(*) FROM media") == [len(izyum.pictures)]
    assert report.outcome.failed == []


def test_every_embed_of_a_site_is_found_and_every_tweet_is_asked_for(walked: Walked) -> None:
    pages = pages_in(walked.data_dir)
    shown = {each.tweet.id for each in walked.web.embeddings(1) if each.page in pages}
    assert shown <= set(rows(walked.data_dir, "SELECT post_id FROM posts"))
    for tweet in (tweet for tweet in walked.web.tweets if tweet.id in shown):
        assert "cdn.syndication.twimg.com" in asked_about(walked.web, tweet), tweet.key


def test_the_best_picture_and_the_best_video_of_every_tweet_are_kept(walked: Walked) -> None:
    kept = set(rows(walked.data_dir, "SELECT url FROM captures WHERE status = 200"))
    complete = (
        "SELECT p.post_id FROM posts p JOIN statements s ON s.post = p.id WHERE s.source = 'syndication' AND s.state = 'live'"
    )
    told = set(rows(walked.data_dir, complete))
    best = {url for tweet in walked.web.tweets if tweet.id in told for url in tweet.media_urls()}
    assert best <= kept
    worse = {url for tweet in walked.web.tweets if tweet.video for url in list(tweet.video.mp4_urls.values())[1:]}
    assert not worse & kept


def test_where_the_original_is_not_there_smaller_sizes_are_tried_in_order(sample: SampleWeb, data_dir: Path) -> None:
    tweet = next(tweet for tweet in sample.tweets if any(not picture.original for picture in tweet.pictures))
    picture = next(picture for picture in tweet.pictures if not picture.original)

    crawl_of(sample, data_dir, tweet.url)

    asked = [request.path.rpartition("name=")[2] for request in sample.seen("pbs.twimg.com") if picture.key in request.path]
    assert asked == ["orig", "4096x4096", "large"]


def test_the_id_of_a_tweet_that_stands_there_as_text_is_learned_from_its_code(sample: SampleWeb, data_dir: Path) -> None:
    izyum = sample.tweet("izyum")

    crawl_of(sample, data_dir, f"{DIARY_URL}copied-from-the-news.html")

    assert [request.path for request in sample.seen("t.co")] == [f"/{izyum.code}"]
    assert asked_about(sample, izyum) == TWITTERS
    assert rows(data_dir, "SELECT post_id FROM posts") == [izyum.id]
