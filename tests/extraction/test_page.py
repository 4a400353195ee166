"""What a page says of itself: from each source alone, and where sources disagree."""

import tracemalloc
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.extraction.dates import date_in_url, read_date
from archiver.extraction.page import read_page
from archiver.extraction.references import ReferenceResolver, key_of
from archiver.html.document import Document
from archiver.model.findings import Comment, MediaRef, Page
from archiver.urls import url_key

CAPTURED_AT = datetime(2022, 9, 12, 8, tzinfo=UTC)
URL = "https://www.news.test/2022/09/11/kharkiv/"


def read(html: str, url: str = URL) -> Page:
    return read_page(Document(url, html), CAPTURED_AT)


WORDPRESS = """<!doctype html><html lang="uk-UA"><head>
<title>Контрнаступ під Харковом &#8211; Наші Новини</title>
<link rel="canonical" href="https://www.news.test/kharkiv/">
<link rel="alternate" type="application/rss+xml" href="/feed/">
<meta property="og:type" content="article"><meta property="og:title" content="Контрнаступ під Харковом - Наші Новини">
<meta property="og:site_name" content="Наші Новини"><meta name="description" content="Що сталося за тиждень.">
<meta property="article:published_time" content="2022-09-11T00:30:00+03:00">
<meta property="article:modified_time" content="2022-09-11T09:00:00+00:00">
</head><body class="single single-post">
<header><h1 class="site-title"><a href="/">Наші Новини</a></h1></header>
<article class="hentry"><h1 class="entry-title">Контрнаступ під <em>Харковом</em></h1>
<p class="byline">Автор: <span class="author vcard">
<a class="url fn n" rel="author" href="/author/olena/">Олена Коваль</a></span></p>
<p>Текст. <a href="../../../tag/izium/" rel="tag">Ізюм</a> <a href="?share=1#top" rel="tag">Харків</a></p>
<figure><a href="/wp-content/uploads/map.jpg"><img src="/wp-content/uploads/map-300x200.jpg" width="300" height="200" alt="Мапа">
</a><figcaption>Мапа <b>фронту</b></figcaption></figure>
<img src="data:image/gif;base64,R0" data-src="https://cdn.test/lazy.jpg"><img src="/pixel.gif" width="1" height="1">
<img src="/s.jpg" srcset="/s-400.jpg 400w, /s-1600.jpg 1600w, /s-800.jpg 800w">
</article>
<ol class="comment-list"><li class="comment"><article class="comment-body"><footer class="comment-meta">
<div class="comment-author vcard"><b class="fn">Іван</b> <span class="says">пише:</span></div>
<time datetime="2022-09-11T10:00:00+03:00">11.09.2022</time></footer><div class="comment-content"><p>Слава!</p></div>
<div class="reply"><a href="#respond">Відповісти</a></div></article>
<ol class="children"><li class="comment"><article class="comment-body"><b class="fn">Марія</b>
<div class="comment-content"><p>Героям слава!</p></div></article></li></ol></li></ol>
</body></html>"""


def test_a_wordpress_post_is_read_whole() -> None:
    page = read(WORDPRESS)
    assert page.title == "Контрнаступ під Харковом"
    assert page.author == "Олена Коваль"
    assert page.published_at == "2022-09-10T21:30:00Z"
    assert page.modified_at == "2022-09-11T09:00:00Z"
    assert page.language == "uk-ua"
    assert page.site_name == "Наші Новини"
    assert page.description == "Що сталося за тиждень."
    assert page.canonical_url == "https://www.news.test/kharkiv/"
    assert page.tags == ("Ізюм", "Харків")
    assert page.feeds == ("https://www.news.test/feed/",)
    assert not page.is_listing


def test_pictures_come_in_their_largest_form_with_their_words() -> None:
    assert read(WORDPRESS).pictures == (
        MediaRef(
            "https://www.news.test/wp-content/uploads/map.jpg",
            "news.test/wp-content/uploads/map.jpg",
            alt="Мапа",
            caption="Мапа фронту",
        ),
        MediaRef("https://cdn.test/lazy.jpg", "cdn.test/lazy.jpg"),
        MediaRef("https://www.news.test/s-1600.jpg", "news.test/s-1600.jpg"),
    )


def test_a_thumbnail_that_links_elsewhere_stays_itself() -> None:
    page = read('<a href="/other.jpg"><img src="/map-300x200.jpg" width="300" height="200"></a>')
    assert page.pictures == (
        MediaRef("https://www.news.test/map-300x200.jpg", "news.test/map-300x200.jpg", width=300, height=200),
    )


def test_a_reply_is_a_comment_of_its_own() -> None:
    assert read(WORDPRESS).comments == (
        Comment("Іван", "2022-09-11T07:00:00Z", "Слава!"),
        Comment("Марія", None, "Героям слава!"),
    )


def test_comments_of_json_ld_and_of_microdata_are_read() -> None:
    json_ld = """<script type="application/ld+json">{"@type":"BlogPosting","headline":"H","comment":[{"@type":"Comment",
    "author":{"@type":"Person","name":"Ann"},"dateCreated":"2022-09-11","text":"Well &amp; good"}]}</script>"""
    microdata = """<div itemprop="comment" itemscope itemtype="https://schema.org/Comment"><span itemprop="author">Ann</span>
    <time itemprop="dateCreated" datetime="2022-09-11">Sunday</time><p itemprop="text">Well &amp; good</p></div>"""
    assert read(json_ld).comments == read(microdata).comments == (Comment("Ann", "2022-09-11", "Well & good"),)


def test_links_are_absolute_and_each_once() -> None:
    page = read(
        '<base href="https://b.test/x/"><a href="a">1</a><a href="a#top">2</a><a href="tel:1">3</a><a href="//c.test">4</a>'
    )
    assert page.links == ("https://b.test/x/a", "https://c.test/")


def test_the_visible_headline_goes_before_the_one_for_search_engines() -> None:
    page = read(
        """<title>Storm hits coast, what to know | The Daily</title>
        <meta property="og:title" content="Storm hits the northern coast">
        <script type="application/ld+json">{"@type":"NewsArticle","headline":"Storm: all you must know now"}</script>
        <h1>Storm hits the northern coast at night</h1>"""
    )
    assert page.title == "Storm hits the northern coast at night"


def test_a_heading_that_is_the_site_is_no_title() -> None:
    page = read("<title>The Map of Izium | The Daily</title><h1>The Daily</h1><h2 class='entry-title'>The Map of Izium</h2>")
    assert page.title == "The Map of Izium"


@pytest.mark.parametrize(
    ("window", "title"),
    [
        ("The map of Izium and what it shows - The Daily", "The map of Izium and what it shows"),
        ("The map of Izium | News | The Daily", "The map of Izium"),
        ("Izium - a city and its people", "Izium - a city and its people"),
        ("Plain words", "Plain words"),
    ],
)
def test_a_window_title_loses_the_site(window: str, title: str) -> None:
    assert read(f'<title>{window}</title><meta property="og:site_name" content="The Daily">').title == title


def test_json_ld_is_read_in_its_wrappings() -> None:
    article = """{"@context":"https://schema.org","@graph":[{"@type":"Person","@id":"#p","name":"Olha Bondar"},
    {"@type":"Organization","@id":"#o","name":"The Daily"},{"@type":["Article","NewsArticle"],"headline":"It&#8217;s here\n",
    "datePublished":"2022-09-11 12:00","author":[{"@id":"#p"},{"@id":"#o"}],"keywords":["war","Haley, Nikki R"]}]}"""
    for script in (article, f"//<![CDATA[\n{article}\n//]]>", f"<!--\n{article}\n-->", article + ";"):
        page = read(f"<script type='application/ld+json'>{script}</script>")
        assert (page.title, page.author, page.published_at) == ("It’s here", "Olha Bondar", "2022-09-11")
        assert page.tags == ("war", "Haley, Nikki R")


def test_the_article_that_names_this_page_is_the_pages() -> None:
    page = read(
        f"""<script type="application/ld+json">[{{"@type":"NewsArticle","headline":"Another","url":"https://news.test/x"}},
        {{"@type":"NewsArticle","headline":"This one","mainEntityOfPage":{{"@id":"{URL}"}}}}]</script>"""
    )
    assert page.title == "This one"


@pytest.mark.parametrize(
    "byline",
    [
        '<div class="byline">By Jane Q. Doe | September 11, 2022</div>',
        '<span class="post-author">by Jane Q. Doe September 11, 2022</span>',
        '<a rel="author" href="/jane">Jane Q. Doe</a>',
        '<div itemprop="author" itemscope><meta itemprop="name" content="Jane Q. Doe"></div>',
        "<div><span>By </span><a href='/profile/1'>Jane Q. Doe</a></div>",
        '<meta name="author" content="jane-doe"><p class="author-name">Jane Q. Doe</p>',
    ],
)
def test_the_author_is_found_in_bylines_of_all_shapes(byline: str) -> None:
    assert read(f"<header><h1>A headline of some words</h1>{byline}</header><p>Text</p>").author == "Jane Q. Doe"


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2022-09-10T12:00:00+0300", "2022-09-10T09:00:00Z"),
        ("2022-09-10T21:33+0100", "2022-09-10T20:33:00Z"),
        ("2022-09-10 14:02:09 +01:00", "2022-09-10T13:02:09Z"),
        ("2022-09-10 05:00:00", "2022-09-10"),
        ("2022-09-10T00:00:00+03:00", "2022-09-10"),
        ("Sat, 10 Sep 2022 22:33:06 +0000", "2022-09-10T22:33:06Z"),
        ("September 10, 2022 at 5 pm", "2022-09-10"),
        ("Sept. 10th 2022", "2022-09-10"),
        ("10 вересня 2022", "2022-09-10"),
        ("10 сентября 2022 г.", "2022-09-10"),
        ("10. September 2022, 12:26", "2022-09-10"),
        ("10 de septiembre de 2022", "2022-09-10"),
        ("2022年9月10日", "2022-09-10"),
        ("10.09.2022", "2022-09-10"),
        ("1662804000", "2022-09-10T10:00:00Z"),
        ("1970-01-01T00:00:00Z", None),
        ("2031-01-01", None),
        ("2022-13-45", None),
        ("a week ago", None),
    ],
)
def test_dates_are_read_as_they_are_written(text: str, iso: str | None) -> None:
    assert read_date(text, CAPTURED_AT) == iso


@pytest.mark.parametrize(("day", "published_at"), [("12", "2022-09-12"), ("13", "2022-09-13"), ("14", None), ("15", None)])
def test_a_page_may_be_published_one_day_after_its_capture_and_no_later(day: str, published_at: str | None) -> None:
    """Captured on the 12th, while it was the 13th further east. What lies beyond that is an event, or a wrong clock."""
    html = f'<meta property="article:published_time" content="2022-09-{day}"><h1>Words</h1>'
    assert read(html, "https://www.news.test/kharkiv/").published_at == published_at


def test_the_order_of_day_and_month_follows_the_country() -> None:
    assert read('<html lang="en-US"><span class="date">9/10/2022</span>', "https://a.test/x").published_at == "2022-09-10"
    assert read('<html lang="en"><span class="date">9/10/2021</span>', "https://a.co.uk/x").published_at == "2021-10-09"


def test_a_date_in_the_address_serves_where_the_page_has_none() -> None:
    assert read("<h1>Words</h1>").published_at == "2022-09-11"
    assert date_in_url("https://a.test/news/20220302-tax/", CAPTURED_AT) == "2022-03-02"
    assert date_in_url("https://a.test/2022/09/", CAPTURED_AT) is None
    assert date_in_url("https://a.test/2031/01/01/", CAPTURED_AT) is None


def test_a_teasers_time_is_not_the_pages() -> None:
    page = read(
        """<nav><time datetime="2022-09-09T10:00:00Z">9 Sept</time></nav><article><h1>Our long headline</h1>
        <time datetime="2022-09-08T10:00:00Z">8 Sept</time><p>Text</p></article>
        <div class="related-posts"><time class="published" datetime="2022-09-07T10:00:00Z">7 Sept</time></div>""",
        "https://a.test/x",
    )
    assert page.published_at == "2022-09-08T10:00:00Z"


@pytest.mark.parametrize(
    ("url", "html", "listing"),
    [
        ("https://a.test/", "<p>Front</p>", True),
        ("https://a.test/tag/war/", "<p>Tag</p>", True),
        ("https://a.test/page/2/", "<p>Older</p>", True),
        ("https://a.test/x", "<article>1</article><article>2</article><article>3</article>", True),
        ("https://a.test/x", "<link rel=next href=/page/2/><article>1</article><article>2</article>", True),
        (
            "https://a.test/x",
            "<article><p>Post</p><article class=comment>1</article><article class=comment>2</article></article>",
            False,
        ),
        ("https://a.test/", '<meta property="og:type" content="article"><p>Post</p>', False),
        ("https://a.test/x", '<body class="archive tag"><article>1</article>', True),
    ],
)
def test_listings_differ_from_posts(url: str, html: str, listing: bool) -> None:
    assert read(html, url).is_listing is listing


def test_what_cannot_be_stored_as_utf8_does_not_come_out() -> None:
    page = read(
        '<script type="application/ld+json">{"@type":"Article","headline":"A\\ud800B\\u0000C","author":"D\\udfff"}</script>'
    )
    assert (page.title, page.author) == ("ABC", "D")


@pytest.mark.parametrize(
    ("srcset", "largest"),
    [
        ("/a.jpg 1x,/b.jpg 2x", "/b.jpg"),
        ("/a.jpg, /b.jpg 2x", "/b.jpg"),
        ("/w_200,c_fill/a.jpg 200w, /w_900,c_fill/a.jpg 900w, /w_500,c_fill/a.jpg 500w", "/w_900,c_fill/a.jpg"),
        ("/only.jpg", "/only.jpg"),
        ("/a.jpg 1.5x , data:image/gif;base64,R0 3x", "/a.jpg"),
    ],
)
def test_the_largest_of_a_set_of_pictures_is_taken(srcset: str, largest: str) -> None:
    assert [picture.url for picture in read(f'<img src="/s.jpg" srcset="{srcset}">').pictures] == [
        "https://www.news.test" + largest
    ]


@pytest.mark.parametrize(
    "html",
    [
        "",
        "\0",
        "<html",
        "<meta><meta name=author><time><img><a><link><h1>",
        '<script type="application/ld+json">' + "[" * 100_000 + "</script>",
        '<script type="application/ld+json">{"@type":"Article","author":{"@id":"a"},"@id":"a","datePublished":1e999}</script>',
        '<base href="http://[">' + '<a href="http://[::1">x</a>' * 10,
        "<li class=comment>" * 3_000 + "<p class=comment-content>x",
        "<img srcset='" + "a, " * 50_000 + "'>",
        "<img srcset='" + "a" * 30_000 + " x'>",
        "<title>" + "- A" * 50_000 + "</title>",
        "<h1>x</h1>" + "<div class=date>" * 400 + "12 " * 50_000,
        "<span class=byline>" + "By " * 50_000,
        "<time>" + "1" * 100_000,
        "<p>" + "<b>" * 20_000,
    ],
)
def test_hostile_markup_gives_less_and_never_an_error(html: str) -> None:
    assert read(html).url == URL


def test_a_page_of_many_links_takes_little_memory() -> None:
    document = Document(URL, "".join(f'<a href="/p/{n}">x</a>' for n in range(50_000)))
    assert document.tree is not None
    tracemalloc.start()
    page = read_page(document, CAPTURED_AT)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(page.links) == 10_000
    assert peak < 100 << 20


STEPS = [
    "..",
    ".",
    "a",
    "b.html",
    "x y",
    "%20",
    "",
    "?q=1",
    "#f",
    "q=/../",
    "é",
    "~u",
    "c:d",
    "[x]",
    "//h.test",
    "/",
    "?",
    ";p",
    ":80",
]
STEPS += ["https://k.test/p", "mailto:a@b.test", "HTTP://K.test", "a&b"]


@given(
    st.sampled_from(
        [
            "https://a.test/",
            "https://a.test/x/y/z.html",
            "http://a-b.test:8080/x/?q=1",
            "https://a.test/a/../b/c",
            "https://A.test",
        ]
    ),
    st.lists(st.sampled_from(STEPS), max_size=6),
    st.sampled_from(["/", ""]),
)
def test_the_short_way_to_an_address_ends_where_the_long_one_does(base: str, steps: list[str], glue: str) -> None:
    reference = glue.join(steps)
    document = Document(base, "<p>")
    url = ReferenceResolver(document).absolute(reference)
    assert url == document.absolute(reference)
    assert url is None or key_of(url) == url_key(url)
