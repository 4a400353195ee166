"""Embeds of last resort: what no other platform claims, and what WordPress's own endpoint says of a post."""

import json

import pytest

from archiver.extraction.embeds import find_embeds
from archiver.html.document import Document
from archiver.model.findings import PostState, Source
from archiver.platforms import platform_named, platform_of_reply, post_of_url
from archiver.platforms.oembed import OEmbed

POST = "blog.example/2020/a-post"
REPLY = {
    "version": "1.0",
    "provider_name": "A blog",
    "author_name": "Mira",
    "author_url": "https://blog.example/author/mira/",
    "title": "A post",
    "type": "rich",
    "html": '<blockquote class="wp-embedded-content"><a href="https://blog.example/2020/a-post/">A post</a></blockquote>',
    "thumbnail_url": "https://blog.example/wp-content/uploads/boat.jpg",
    "thumbnail_width": 600,
    "thumbnail_height": 337,
}
NO_SUCH_POST = {"code": "oembed_invalid_url", "message": "Not Found", "data": {"status": 404}}
NO_ENDPOINT = {"code": "rest_no_route", "message": "No route was found", "data": {"status": 404}}


def figure(inside: str, more: str = "") -> str:
    return f'<figure class="wp-block-embed {more}"><div class="wp-block-embed__wrapper">{inside}</div></figure>'


def found(html: str) -> list[tuple[str, str | None]]:
    document = Document("https://b.example/", f"<html><body><p>Before</p>{html}<p>After</p></body></html>")
    return [(embed.platform, embed.post_id) for embed in find_embeds(document).embeds]


def platform() -> OEmbed:
    known = platform_named("oembed")
    assert isinstance(known, OEmbed)
    return known


@pytest.mark.parametrize(
    "inside",
    [
        "https://youtu.be/dQw4w9WgXcQ",
        '<iframe src="https://www.youtube.com/embed/dQw4w9WgXcQ?feature=oembed"></iframe>',
        '<iframe src="about:blank" data-src="https://www.youtube.com/embed/dQw4w9WgXcQ"></iframe>',
        '<div data-frame="&lt;iframe src=&quot;https://www.youtube.com/embed/dQw4w9WgXcQ&quot;&gt;&lt;/iframe&gt;"></div>',
        '<noscript><iframe src="https://www.youtube.com/embed/dQw4w9WgXcQ"></iframe></noscript>',
    ],
)
def test_what_another_platform_finds_in_a_figure_is_its_own(inside: str) -> None:
    assert found(figure(inside)) == [("youtube", "dQw4w9WgXcQ")]


def test_the_frame_beside_another_platforms_box_is_not_named_twice() -> None:
    box = '<blockquote class="twitter-tweet"><a href="https://twitter.com/mira/status/1568656084437740674"></a></blockquote>'

    assert found(figure(f'{box}<iframe src="https://proxy.example/frame/1"></iframe>')) == [("twitter", "1568656084437740674")]


def test_a_figure_beside_another_platforms_post_keeps_its_own() -> None:
    frame = '<iframe src="https://player.boats.example/embed/77"></iframe>'
    video = figure("https://youtu.be/dQw4w9WgXcQ")

    assert found(figure(frame) + video + figure("https://boats.example/78")) == [
        ("oembed", "player.boats.example/embed/77"),
        ("youtube", "dQw4w9WgXcQ"),
        ("oembed", "boats.example/78"),
    ]


def test_what_a_platform_does_not_take_for_a_post_is_none_here() -> None:
    assert found(figure("https://twitter.com/mira")) == []
    assert (
        found(figure('<iframe src="https://www.youtube.com/embed/videoseries?list=PL4qTakKkQATKOyZPJG_cAMnRtF7f"></iframe>'))
        == []
    )


@pytest.mark.parametrize(
    ("html", "post_id"),
    [
        (figure('<a href="https://boats.example/77">https://boats.example/77</a>'), "boats.example/77"),
        (figure('<iframe data-lazy-src="//player.boats.example/77"></iframe>'), "player.boats.example/77"),
        (
            '<iframe class="wp-embedded-content" src="http://blog.example/?p=12&#038;embed=true#?secret=aB3"></iframe>',
            "blog.example?p=12",
        ),
        (
            '<iframe class="wp-embedded-content" src="https://blog.example/a/embed/#?secret=a#?secret=b"></iframe>',
            "blog.example/a",
        ),
        (
            figure('<iframe src="https://web.archive.org/web/20200102030405if_/https://boats.example/77"></iframe>'),
            "boats.example/77",
        ),
    ],
)
def test_it_is_named_by_the_address_of_its_own_page(html: str, post_id: str) -> None:
    assert found(html) == [("oembed", post_id)]


@pytest.mark.parametrize(
    "html",
    [
        figure('<a href="https://boats.example/77">A boat</a>'),
        figure('<iframe src="about:blank"></iframe>'),
        figure('<iframe src="https://%%%/"></iframe>'),
        figure('<iframe src="javascript:alert(1)//"></iframe>'),
        '<iframe class="wp-embedded-content" src="https://blog.example/a/"></iframe>',
        '<blockquote class="wp-embedded-content">Nothing</blockquote>',
        f'<blockquote class="wp-embedded-content"><a href="https://blog.example/{"a" * 3_000}">Long</a></blockquote>',
    ],
)
def test_what_has_no_address_is_nothing(html: str) -> None:
    assert found(html) == []


def test_a_quoted_post_says_its_title() -> None:
    html = '<blockquote class="wp-embedded-content"><p><a href="https://blog.example/2020/a-post/">A post</a></p></blockquote>'
    [embed] = find_embeds(Document("https://b.example/", html)).embeds

    assert (embed.text, embed.url) == ("A post", f"https://{POST}")


def test_no_address_is_a_post_by_itself() -> None:
    assert post_of_url(f"https://{POST}") is None
    assert list(platform().find_links(Document("https://b.example/", f'<a href="https://{POST}">A post</a>'))) == []


def test_wordpress_is_requested_and_its_reply_read() -> None:
    ask = platform().requests_about(POST)[0]
    read = platform().read_reply(ask.url, 200, None, json.dumps(REPLY).encode())

    assert ask.url == ("https://blog.example/wp-json/oembed/1.0/embed?format=json&url=https%3A%2F%2Fblog.example%2F2020%2Fa-post")
    assert platform_of_reply(ask.url) is platform()
    assert read is not None
    [statement] = read.statements
    assert (statement.post_id, statement.source, statement.state) == (POST, Source.OEMBED, PostState.LIVE)
    assert (statement.text, statement.author_name) == ("A post", "Mira")
    assert [ref.url for ref in statement.media] == ["https://blog.example/wp-content/uploads/boat.jpg"]


def states(status: int, body: bytes) -> list[PostState | None]:
    ask = platform().requests_about(POST)[0]
    read = platform().read_reply(ask.url, status, None, body)
    assert read is not None
    return [statement.state for statement in read.statements]


def test_only_wordpress_itself_can_say_that_a_post_is_gone() -> None:
    assert states(404, json.dumps(NO_SUCH_POST).encode()) == [PostState.GONE]


@pytest.mark.parametrize("status", [200, 401, 403, 404, 410, 429, 500])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Not found</html>",
        b"[]",
        b'"oembed_invalid_url"',
        b'{"code": ["oembed_invalid_url"]}',
        json.dumps(NO_ENDPOINT).encode(),
        b"[" * 100_000,
    ],
)
def test_any_other_answer_says_nothing(status: int, body: bytes) -> None:
    """Any site may be asked, so its 404 says only that it does not run WordPress."""
    assert states(status, body) == []


def test_words_of_wrong_types_are_left_out() -> None:
    body = json.dumps({"title": 7, "author_name": ["x"], "author_url": {}, "html": 1, "type": None, "thumbnail_url": 3}).encode()
    ask = platform().requests_about(POST)[0]
    read = platform().read_reply(ask.url, 200, None, body)

    assert read is not None
    assert [(statement.text, statement.author, statement.author_name, statement.media) for statement in read.statements] == [
        (None, None, None, ())
    ]


def test_a_site_speaks_for_its_own_posts_only() -> None:
    url = "https://other.example/wp-json/oembed/1.0/embed?format=json&url=https%3A%2F%2Fblog.example%2F2020%2Fa-post"
    read = platform().read_reply(url, 200, None, json.dumps(REPLY).encode())

    assert read is not None and read.statements == ()


@pytest.mark.parametrize(
    "url",
    [
        "https://blog.example/wp-json/oembed/1.0/embed?url=https%3A%2F%2Fblog.example%2F",  # what a page's own <link> leads to
        "https://blog.example/wp-json/wp/v2/posts",
        "https://blog.example/?u=https://x.example/wp-json/oembed/1.0/embed?format=json&url=a",
        "https://blog.example/2020/a-post/",
    ],
)
def test_no_other_address_is_a_reply(url: str) -> None:
    assert not platform().is_reply(url)
    assert platform().read_reply(url, 200, None, b"{}") is None


def test_boxes_that_hold_each_other_are_one() -> None:
    quote = '<blockquote class="wp-embedded-content"><a href="https://blog.example/a/">A</a>'

    assert found(quote * 300 + "<p>x</p>" * 5_000 + "</blockquote>" * 300) == [("oembed", "blog.example/a")]
    assert found('<figure class="wp-block-embed">' * 300 + "https://boats.example/77") == []
    assert found(figure("https://boats.example/77") * 2) == [("oembed", "boats.example/77")] * 2


def test_the_markup_of_boxes_that_hold_each_other_is_written_a_few_times_only() -> None:
    boxes = "".join(f"<div data-youtube-id=aB3dE5gH{number:03}>" for number in range(400)) + "<p>words</p>" * 20_000
    embeds = find_embeds(Document("https://b.example/", boxes)).embeds

    assert len(embeds) == 400
    assert sum(len(embed.html) > 0 for embed in embeds) < 30


@pytest.mark.parametrize(
    ("paragraph", "shown"),
    [
        ("<p> <a href='{0}'>{0}</a>\n</p>", True),
        ("<p><a href='{0}'>{0}</a> <a href='{0}'>{0}</a></p>", False),
        ("<p><a href='{0}'>{0}</a> is a boat</p>", False),
        ("<p>See <a href='{0}'>{0}</a></p>", False),
    ],
)
def test_a_link_stands_alone_where_its_block_shows_nothing_else(paragraph: str, shown: bool) -> None:
    assert bool(found(paragraph.format("https://youtu.be/dQw4w9WgXcQ"))) is shown


def test_a_page_with_links_alone_is_not_worth_asking() -> None:
    link = '<p><a href="https://boats.example/77">A boat</a></p>'

    assert not platform().may_be_in(Document("https://b.example/", link))
    assert platform().may_be_in(Document("https://b.example/", link + figure("https://boats.example/77")))
