"""The blogs: what a crawler can find on them, and what it must leave alone."""

import re
import urllib.robotparser
from html import unescape
from urllib.parse import urlsplit
from xml.etree import ElementTree

from archiver.sampleweb import SAMPLE_POST, SampleWeb
from archiver.sampleweb.markup import FORMS, plain_text
from tests.sampleweb.asking import ask

BLOG = "https://kharkiv-notebook.example"
DIARY = "https://harbour-diary.example"


def page(web: SampleWeb, url: str) -> str:
    """A page's text; asked twice where it is meant to fail at first."""
    answer = ask(web, url)
    if answer.status in (429, 503):
        answer = ask(web, url)
    assert answer.status == 200, url
    return answer.body.decode("windows-1251" if b"windows-1251" in answer.body[:200] else "utf-8")


def sitemap_urls(web: SampleWeb, url: str) -> list[str]:
    tree = ElementTree.fromstring(ask(web, url).body)
    return [place.text or "" for place in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]


def test_forty_posts_in_three_languages_and_one_more_on_the_second_day(web: SampleWeb) -> None:
    posts = sitemap_urls(web, f"{BLOG}/wp-sitemap-posts-post-1.xml")
    assert len(posts) == 40
    assert {re.search(r'<html lang="(\w+)"', page(web, url))[1] for url in posts} == {"en", "uk", "ru"}  # type: ignore[index]
    web.day = 2
    later = sitemap_urls(web, f"{BLOG}/wp-sitemap-posts-post-1.xml")
    assert set(later) - set(posts) == {f"{BLOG}/2022/11/18/clutch-moves-in/"}


def test_sitemap_feed_and_archive_pages_list_the_same_posts(web: SampleWeb) -> None:
    (posts, _tags) = sitemap_urls(web, f"{BLOG}/wp-sitemap.xml")
    mapped = set(sitemap_urls(web, posts))
    fed: set[str] = set()
    listed: set[str] = set()
    for number in range(1, 5):
        first = number == 1
        feed = ElementTree.fromstring(ask(web, f"{BLOG}/feed/" if first else f"{BLOG}/feed/?paged={number}").body)
        fed |= {link.text or "" for link in feed.findall("./channel/item/link")}
        html = page(web, f"{BLOG}/" if first else f"{BLOG}/page/{number}/")
        listed |= set(re.findall(r'<a href="([^"]+)" rel="bookmark">', html))
    assert fed == listed == mapped
    assert ask(web, f"{BLOG}/feed/?paged=5").status == 404
    assert ask(web, f"{BLOG}/page/5/").status == 404


def test_the_feed_carries_whole_posts(web: SampleWeb) -> None:
    feeds = "".join(ask(web, f"{BLOG}/feed/?paged={number}" if number > 1 else f"{BLOG}/feed/").text for number in range(1, 5))
    assert "https://t.co/uOWxLTTvGP" in feeds
    assert feeds.count("<content:encoded>") == 40


def test_robots_may_go_everywhere_but_to_the_drafts_that_every_page_links_to(web: SampleWeb) -> None:
    robots = urllib.robotparser.RobotFileParser()
    robots.parse(ask(web, f"{BLOG}/robots.txt").text.splitlines())
    assert robots.can_fetch("archiver", SAMPLE_POST)
    assert not robots.can_fetch("archiver", f"{BLOG}/private/")
    assert robots.crawl_delay("archiver") is None
    assert f'href="{BLOG}/private/"' in page(web, SAMPLE_POST)
    assert f"{BLOG}/private/" not in sitemap_urls(web, f"{BLOG}/wp-sitemap-posts-post-1.xml")


def test_the_sample_post_has_tweet_map_pictures_and_comments(web: SampleWeb) -> None:
    html = page(web, SAMPLE_POST)
    tweet = web.tweet("izyum")
    assert 'only in Izyum <a href="https://t.co/uOWxLTTvGP">pic.twitter.com/uOWxLTTvGP</a></p>&mdash; Anonymous' in html
    assert f'(@AnonymousUK2022) <a href="{tweet.url}?ref_src=twsrc%5Etfw">September 10, 2022</a></blockquote>' in html
    frame = re.search(r'<iframe src="(https://liveuamap[^"]+)"', html)
    assert frame is not None
    pictures = re.findall(r'<img[^>]* src="([^"]+)"', html)
    assert {urlsplit(url).hostname for url in pictures} == {"kharkiv-notebook.example", "pbs.twimg.com"}
    for url in (unescape(frame[1]), *pictures):
        assert ask(web, url).status == 200
    assert html.count('class="comment-content"') == 3


def test_every_form_of_markup_is_on_some_page(web: SampleWeb) -> None:
    shown = web.embeddings(2)
    assert {each.form for each in shown} == set(FORMS)
    assert {each.tweet.key for each in shown} == {tweet.key for tweet in web.tweets}


def test_pages_show_what_the_table_of_embeddings_says(web: SampleWeb) -> None:
    web.day = 2
    for each in web.embeddings():
        html = page(web, each.page)
        assert (each.tweet.id in html or each.tweet.id in unescape(html)) or not each.says_id, each


def test_tag_pages_show_the_words_of_a_tweet_without_any_markup(web: SampleWeb) -> None:
    html = unescape(page(web, f"{BLOG}/tag/izium/"))
    assert plain_text(web.tweet("izyum")) in html
    assert "only in Izyum pic.twitter.com/uOWxLTTvGP — Anonymous (@AnonymousUK2022) September 10, 2022" in html
    assert web.tweet("izyum").id not in html


def test_the_diary_has_neither_feed_nor_sitemap_and_is_reached_by_links_alone(web: SampleWeb) -> None:
    assert {ask(web, f"{DIARY}/{path}").status for path in ("feed/", "sitemap.xml", "wp-sitemap.xml", "robots.txt")} == {404}
    waiting, seen = ["index.html"], set[str]()
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += re.findall(r'<a href="([\w-]+\.html)"', page(web, f"{DIARY}/{name}"))
    assert len([name for name in seen if not name.startswith("index")]) == 8
    assert {f"{DIARY}/{name}" for name in seen} >= {each.page for each in web.embeddings() if each.page.startswith(DIARY)}


def test_one_page_of_the_diary_is_in_windows_1251_and_only_the_page_says_so(web: SampleWeb) -> None:
    answer = ask(web, f"{DIARY}/grain-ship.html")
    assert answer.get("content-type") == "text/html"
    assert "Капитан" in answer.body.decode("windows-1251")


def test_the_diary_keeps_the_september_tweet_as_plain_text(web: SampleWeb) -> None:
    html = page(web, f"{DIARY}/copied-from-the-news.html")
    assert plain_text(web.tweet("izyum")) in html
    assert "twitter-tweet" not in html
    assert "href" not in html.split("</h1>")[1].split("All entries")[0].replace('<a href="index.html">', "")
