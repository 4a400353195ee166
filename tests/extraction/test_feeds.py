"""Feeds and sitemaps: all kinds, gzip'd, cut off, and hostile."""

import gzip
import socket
from pathlib import Path

import pytest

from archiver.extraction.feeds import is_feed, read_feed
from archiver.model.findings import Feed, FeedEntry

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<?xml-stylesheet type="text/xsl" href="/feed.xsl"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:atom="http://www.w3.org/2005/Atom"><channel>
<title>News</title><atom:link rel="next" href="https://news.test/feed/?paged=2"/>
<item><title>Ізюм &amp;amp; Балаклія</title><link>https://news.test/izium/</link>
<pubDate>Sun, 11 Sep 2022 09:00:00 +0300</pubDate>
<description>Short</description>
<content:encoded><![CDATA[<p>Long <script>x</script><a href="/rel">text</a></p>]]></content:encoded></item>
<item><title>No address</title></item>
<item><title>Relative</title><link>/two/</link><pubDate>soon</pubDate></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><link rel="next" href="/feed?page=2"/>
<entry><title>One</title>
<link href="/p/1"/><updated>2022-09-11T01:00:00+03:00</updated><published>2022-09-10T21:00:00Z</published>
<content type="html">&lt;p&gt;x&lt;/p&gt;</content></entry></feed>"""
SITEMAP = """<?xml version="1.0"?><!-- made by a plugin --><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc> https://news.test/izium/ </loc><lastmod>2022-09-11</lastmod>
<image:image><image:loc>https://news.test/i.jpg</image:loc><image:title>Picture</image:title></image:image>
<news:news><news:publication_date>2022-09-10T12:00:00+03:00</news:publication_date><news:title>Ізюм</news:title></news:news></url>
<url><loc>/two/?a=1&amp;b=2</loc></url><url><loc>https://news.test/izium/</loc></url><url><lastmod>2022</lastmod></url></urlset>"""
INDEX = """<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>https://news.test/a.xml.gz</loc></sitemap>
<sitemap><loc>https://news.test/b.xml</loc><lastmod>2022-09-11</lastmod></sitemap></sitemapindex>"""
URL = "https://news.test/feed/"


def test_rss_gives_entries_with_their_content_untouched() -> None:
    assert read_feed(RSS.encode(), URL, "application/rss+xml") == Feed(
        URL,
        entries=(
            FeedEntry(
                "https://news.test/izium/",
                title="Ізюм & Балаклія",
                published_at="2022-09-11T06:00:00Z",
                html='<p>Long <script>x</script><a href="/rel">text</a></p>',
            ),
            FeedEntry("https://news.test/two/", title="Relative"),
        ),
        next_url="https://news.test/feed/?paged=2",
    )


def test_atom_tells_publication_from_update() -> None:
    assert read_feed(ATOM.encode(), URL, "application/atom+xml") == Feed(
        URL,
        entries=(FeedEntry("https://news.test/p/1", "One", "2022-09-10T21:00:00Z", "2022-09-10T22:00:00Z", "<p>x</p>"),),
        next_url="https://news.test/feed?page=2",
    )


def test_a_sitemap_lists_pages_and_not_their_pictures() -> None:
    assert read_feed(SITEMAP.encode(), "https://news.test/sitemap.xml", "text/xml") == Feed(
        "https://news.test/sitemap.xml",
        entries=(
            FeedEntry("https://news.test/izium/", title="Ізюм", published_at="2022-09-10T09:00:00Z", modified_at="2022-09-11"),
            FeedEntry("https://news.test/two/?a=1&b=2"),
        ),
    )


def test_a_sitemap_index_names_further_sitemaps() -> None:
    feed = read_feed(INDEX.encode(), "https://news.test/sitemap_index.xml", None)
    assert feed is not None and feed.sitemaps == ("https://news.test/a.xml.gz", "https://news.test/b.xml") and not feed.entries


def test_a_gzip_file_is_read_like_what_it_holds() -> None:
    packed = gzip.compress(SITEMAP.encode())
    assert is_feed(packed[:512], "application/gzip")
    assert read_feed(packed, URL, "application/gzip") == read_feed(SITEMAP.encode(), URL, None)


def test_what_came_of_a_broken_off_feed_is_read() -> None:
    for body, kind in ((RSS, "text/xml"), (SITEMAP, "text/xml")):
        cut = body.encode()[: body.encode().index(b"two/")]
        feed = read_feed(cut, URL, kind)
        assert feed is not None and feed.entries[0].url == "https://news.test/izium/"
    assert read_feed(gzip.compress(SITEMAP.encode())[:-80], URL, None) is not None


@pytest.mark.parametrize(
    ("start", "content_type", "feed"),
    [
        ("\ufeff\n<?xml version='1.0'?><rss version='2.0'>", "text/html", True),
        ("<rdf:RDF xmlns='http://purl.org/rss/1.0/'>", None, True),
        ("<!DOCTYPE rss [<!ENTITY a 'b'>]><rss>", "text/plain", True),
        ("<sm:urlset xmlns:sm='x'>", "", True),
        ("<!doctype html><html><body>&lt;rss", "application/rss+xml", False),
        ("<html><rss>", "text/html", False),
        ("<svg xmlns='x'>", "image/svg+xml", False),
        ('{"version": "https://jsonfeed.org/version/1"}', "application/json", False),
        ("", None, False),
    ],
)
def test_a_feed_is_recognised_by_its_beginning(start: str, content_type: str | None, feed: bool) -> None:
    assert is_feed(start.encode(), content_type) is feed


def test_utf16_feeds_are_feeds() -> None:
    feed = read_feed(RSS.replace("UTF-8", "UTF-16").encode("utf-16"), URL, None)
    assert feed is not None and feed.entries[0].title == "Ізюм & Балаклія"


MANY = 50 << 20  # bytes, which must not be unpacked twice
BOMB = "<!DOCTYPE x [<!ENTITY a0 'ha'>" + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10)) + "]>"


@pytest.mark.parametrize(
    ("body", "urls"),
    [
        (
            f"{BOMB}<rss><channel><title>&a9;</title><item><link>https://a.test/</link></item></channel></rss>",
            ["https://a.test/"],
        ),
        (f"{BOMB}<urlset><url><loc>https://a.test/&a9;</loc></url></urlset>", []),
    ],
)
def test_an_entity_bomb_does_not_go_off(body: str, urls: list[str]) -> None:
    feed = read_feed(body.encode(), URL, None)
    assert feed is not None
    assert [entry.url for entry in feed.entries] == urls


def test_one_large_entity_many_times_does_not_go_off_either() -> None:
    large = f"<!DOCTYPE x [<!ENTITY a '{'x' * 100_000}'>]>"
    for body in (f"<rss><channel><item><title>{'&a;' * 20_000}</title><link>https://a.test/</link></item></channel></rss>",
                 f"<urlset>{'<url><loc>https://a.test/&a;</loc></url>' * 5_000}</urlset>"):  # fmt: skip
        assert read_feed(f"{large}{body}".encode(), URL, None) is None


def test_no_definition_of_another_host_is_requested(monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(*_: object) -> None:
        raise AssertionError("a feed had something asked for")

    monkeypatch.setattr(socket.socket, "connect", connect)
    remote = "<!DOCTYPE x [<!ENTITY % p SYSTEM 'http://127.0.0.1:9/x.dtd'> %p;]>"
    feed = read_feed(f"{remote}<rss><channel><item><link>https://a.test/</link></item></channel></rss>".encode(), URL, None)
    assert feed is not None and [entry.url for entry in feed.entries] == ["https://a.test/"]


def test_a_gzip_file_in_a_gzip_file_is_no_sitemap() -> None:
    assert read_feed(gzip.compress(gzip.compress(b"<urlset>" + b" " * MANY, 1)), URL, "application/gzip") is None


def test_no_file_is_opened_for_an_entity_or_for_a_body_that_is_a_name(tmp_path: Path) -> None:
    secret = tmp_path / "secret.xml"
    secret.write_text(RSS, "utf-8")
    assert read_feed(str(secret).encode(), URL, "application/rss+xml") is None
    entity = f"<!DOCTYPE x [<!ENTITY s SYSTEM '{secret.as_uri()}'>]>"
    for body in (f"{entity}<rss><channel><item><title>&s;</title><link>https://a.test/</link></item></channel></rss>",
                 f"{entity}<urlset><url><loc>https://a.test/&s;</loc></url></urlset>"):  # fmt: skip
        feed = read_feed(body.encode(), URL, None)
        assert feed is not None and [entry.url for entry in feed.entries] == ["https://a.test/"]
        assert "Балаклія" not in repr(feed)


def test_a_gzip_bomb_is_cut() -> None:
    packed = gzip.compress(b"<urlset>" + b" " * (200 << 20), 9)
    feed = read_feed(packed, URL, None)
    assert feed is not None and not feed.entries


@pytest.mark.parametrize(
    ("body", "feed"),
    [
        (b"<rss>" + b"<item>" * 200_000, Feed(URL)),
        (b"<rss" + b"<!--" * 100_000, Feed(URL)),
        (b"<!-- -->" * 500 + b"x", None),
        (b"<urlset>" + b"<url>" * 100_000, Feed(URL)),
        (b"\x1f\x8b\x08junk", None),
    ],
)
def test_hostile_bodies_give_less_and_never_an_error(body: bytes, feed: Feed | None) -> None:
    assert read_feed(body, URL, "application/rss+xml") == feed
