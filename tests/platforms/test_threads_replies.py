"""What the page of a post on Threads says: its data, its words for previews, and what says nothing."""

import json
from typing import Any

import pytest

from archiver.model.exchange import PostQuestion
from archiver.model.findings import Findings, MediaKind, PostRef, PostState, Source
from archiver.platforms import platform_named, platform_of_reply
from archiver.platforms.answers import read_answer

CODE, OTHER = "C5xQmTzoR8a", "C5wAaBbCcDd"
URL = f"https://www.threads.com/@lena.k/post/{CODE}"
PICTURES = "https://scontent-ams2-1.cdninstagram.com/v/t51.82787-15/"


def post(code: str = CODE, **more: Any) -> dict[str, Any]:
    return {
        "pk": "1",
        "code": code,
        "user": {"username": "lena.k", "full_name": "Lena K."},
        "caption": {"text": "The ferry is back."},
        "taken_at": 1_700_000_000,
        "text_post_app_info": {"is_reply": False},
        **more,
    }


def page(*posts: dict[str, Any], head: str = "") -> bytes:
    data = {
        "require": [["x", None, {"__bbox": {"data": {"edges": [{"node": {"thread_items": [{"post": one} for one in posts]}}]}}}]]
    }
    script = json.dumps(data).replace("<", "\\u003c")
    return f'<html><head>{head}</head><body><script type="application/json" data-sjs>{script}</script></body></html>'.encode()


def read(body: bytes, status: int = 200, url: str = URL, location: str | None = None) -> Findings:
    threads = platform_named("threads")
    assert threads is not None and platform_of_reply(url) is threads
    found = threads.read_reply(url, status, location, body)
    assert found is not None
    return found


def test_a_post_that_is_up_tells_its_words_author_and_time() -> None:
    (statement,) = read(page(post())).statements
    assert (statement.post_id, statement.source, statement.state) == (CODE, Source.EMBED_PAGE, PostState.LIVE)
    assert (statement.author, statement.author_name, statement.text) == ("lena.k", "Lena K.", "The ferry is back.")
    assert statement.posted_at == "2023-11-14T22:13:20Z"


def test_the_largest_pictures_and_videos_are_read() -> None:
    def pictures(name: str) -> dict[str, Any]:
        sizes = [{"url": f"{PICTURES}{name}_n.jpg?stp=s{width}&oh=1", "width": width, "height": 9} for width in (320, 1440, 640)]
        return {"image_versions2": {"candidates": sizes}, "accessibility_caption": "A ship"}

    videos = {"video_versions": [{"type": 101, "url": "https://scontent-ams2-1.cdninstagram.com/o1/v/t16/f2/m69/x.mp4?sig=1"}]}
    carousel = [pictures("11111_22222_33333"), {**pictures("44444_55555_66666"), **videos}]
    (statement,) = read(page(post(carousel_media=carousel))).statements
    assert [one.kind for one in statement.media] == [MediaKind.PICTURE, MediaKind.VIDEO, MediaKind.POSTER]
    assert (statement.media[0].key, statement.media[0].width, statement.media[0].alt) == (
        "cdninstagram.com/11111_22222_33333_n",
        1440,
        "A ship",
    )


def test_quoted_and_answered_posts_are_named_and_have_statements_of_their_own() -> None:
    quoted = post(OTHER, caption={"text": "It left."})
    statement, other = read(page(post(text_post_app_info={"share_info": {"quoted_post": quoted}}))).statements
    assert statement.quotes == PostRef("threads", OTHER)
    assert (other.post_id, other.text) == (OTHER, "It left.")
    statement, above = read(page(post(OTHER, caption=None), post())).statements
    assert statement.replies_to == PostRef("threads", OTHER)
    assert (above.post_id, above.text) == (OTHER, None)


def test_a_page_without_data_tells_what_it_tells_previews() -> None:
    head = (
        f'<meta property="og:url" content="https://www.threads.com/@lena.k/post/{CODE}">'
        '<meta property="og:title" content="Lena K. (@lena.k) on Threads">'
        '<meta property="og:description" content="The ferry is back.">'
    )
    (statement,) = read(page(head=head)).statements
    assert (statement.state, statement.author, statement.author_name, statement.text) == (
        PostState.LIVE,
        "lena.k",
        "Lena K.",
        "The ferry is back.",
    )
    assert statement.media == ()


def test_the_short_form_leads_to_the_one_with_the_authors_name() -> None:
    threads = platform_named("threads")
    assert threads is not None
    (ask, sign_of_life) = threads.requests_about(CODE)
    assert sign_of_life.door == "tokenless_oembed"
    found = read_answer(threads, PostQuestion("threads", ask.door, CODE), ask.url, 301, URL, b"")
    assert found is not None
    assert found.links == (URL,)
    assert [(one.post_id, one.author, one.state) for one in found.statements] == [(CODE, "lena.k", None)]


def test_a_share_link_leads_to_its_post() -> None:
    found = read(b"", 302, "https://www.threads.com/share/_kR7qPzLm2a/", URL)
    assert [(one.key, one.post) for one in found.aliases] == [("threads.com/share/_kR7qPzLm2a", PostRef("threads", CODE))]


def test_a_page_that_is_not_there_is_gone() -> None:
    assert [one.state for one in read(b"", 404).statements] == [PostState.GONE]


@pytest.mark.parametrize(
    ("status", "location", "body"),
    [
        (302, "https://www.threads.com/login?next=x", b""),
        (302, None, b""),
        (302, f"https://www.threads.com/@lena.k/post/{OTHER}", b""),
        (429, None, b""),
        (503, None, page(post())),
        (200, None, b""),
        (200, None, b'<meta property="og:title" content="Threads"><p>Log in to see C5xQmTzoR8a</p>'),
        (200, None, page(post(OTHER))),
        (200, None, f'<script type="application/json">{"[" * 50_000}"{CODE}"</script>'.encode()),
        (200, None, f'<script type="application/json">"{CODE}"</script>'.encode()),
    ],
)
def test_what_tells_nothing_of_the_post_says_nothing(status: int, location: str | None, body: bytes) -> None:
    assert read(body, status, location=location) == Findings()


@pytest.mark.parametrize("wrong", [None, 7, -1, "x", [], [7], {}, {"code": []}, True, 1e300])
def test_wrong_types_anywhere_are_no_news(wrong: object) -> None:
    for field in ("user", "caption", "taken_at", "text_post_app_info", "carousel_media", "image_versions2", "video_versions"):
        read(page(post(**{field: wrong})))
    for field in ("share_info", "linked_inline_media"):
        read(page(post(text_post_app_info={field: wrong})))
    read(page(post(text_post_app_info={"share_info": {"quoted_post": wrong}}, image_versions2={"candidates": wrong})))
