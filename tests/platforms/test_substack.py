"""Substack: whose an address is, what its boxes and cards show, and what the JSON of its pages says."""

import json
from html import escape
from typing import Any

import pytest

from archiver.extraction.embeds import find_embeds
from archiver.html.document import Document
from archiver.model.findings import Embed, Findings, PostRef, PostState, Source
from archiver.platforms import media_key_of, media_urls_of, platform_named, platform_of_reply, post_of_url
from archiver.urls import url_key
from tests.support.odd_values import ODD_VALUES

POST_URL = "https://quaylog.substack.com/api/v1/posts/nine-ropes"
OWN_URL = "https://letters.quay.example/api/v1/posts/nine-ropes"
NUMBER_URL = "https://substack.com/api/v1/posts/by-id/165095091"
NOTE_URL = "https://substack.com/api/v1/reader/comment/213540396"
POST: dict[str, Any] = {
    "id": 165095091,
    "publication_id": 4711,
    "slug": "nine-ropes",
    "title": "Nine ropes",
    "subtitle": "Counted on the quay",
    "canonical_url": "https://letters.quay.example/p/nine-ropes",
    "post_date": "2024-03-07T19:08:42.354Z",
    "publishedBylines": [{"name": "Mira K", "handle": "mirak"}],
    "cover_image": "https://substack-post-media.s3.amazonaws.com/public/images/5582b81e-dbe9-404f-8754-98d335acb326_1572x1162.png",
    "body_html": "<p>It began with <b>one</b>.</p><script>x()</script>",
    "truncated_body_text": "It began",
}
NOTE: dict[str, Any] = {
    "item": {
        "comment": {
            "id": 213540396,
            "body": "I counted ten.",
            "name": "Bo",
            "handle": "bo",
            "date": "2025-03-05T05:39:41.237Z",
            "attachments": [
                {"imageUrl": "https://substack-post-media.s3.amazonaws.com/public/images/2cf66aab-7219_1164x1552.jpeg"}
            ],
        }
    }
}


def read(url: str, status: int, reply: object) -> Findings:
    platform = platform_of_reply(url)
    assert platform is platform_named("substack")
    assert platform is not None
    findings = platform.read_reply(url, status, None, reply if isinstance(reply, bytes) else json.dumps(reply).encode())
    assert findings is not None
    return findings


def embeds_in(markup: str) -> tuple[Embed, ...]:
    return find_embeds(
        Document("https://blog.example/a", f"<html><body><p>Before.</p>{markup}<p>After.</p></body></html>")
    ).embeds


def card(attributes: object, kind: str = "embedded-post-wrap", component: str = "EmbeddedPostToDOM") -> str:
    return f'<div class="{kind}" data-attrs="{escape(json.dumps(attributes))}" data-component-name="{component}"></div>'


@pytest.mark.parametrize(
    ("url", "post_id"),
    [
        ("https://quaylog.substack.com/p/nine-ropes?utm_source=share", "quaylog/nine-ropes"),
        ("https://QuayLog.substack.com/p/Nine-Ropes/comments", "quaylog/nine-ropes"),
        ("https://quaylog.substack.com/embed/p/nine-ropes", "quaylog/nine-ropes"),
        ("https://open.substack.com/pub/quaylog/p/nine-ropes?r=1a", "quaylog/nine-ropes"),
        ("https://on.substack.com/p/notes", "on/notes"),
        ("https://substack.com/home/post/p-165095091?source=queue", "p-165095091"),
        ("https://substack.com/@mirak/p-165095091", "p-165095091"),
        ("https://substack.com/@mirak/note/c-213540396?r=1a", "c-213540396"),
        ("https://substack.com/profile/14807526-mira-k/note/c-213540396", "c-213540396"),
        ("https://substack.com/embed/c/213540396", "c-213540396"),
        (
            "https://letters.quay.example/p/nine-ropes?utm_source=substack&utm_campaign=post_embed",
            "letters.quay.example/nine-ropes",
        ),
        ("https://www.quay.example/embed/p/nine-ropes?utm_campaign=post_embed&utm_medium=web", "quay.example/nine-ropes"),
    ],
)
def test_a_url_of_any_form_names_its_post(url: str, post_id: str) -> None:
    assert post_of_url(url) == PostRef("substack", post_id)


@pytest.mark.parametrize(
    "url",
    [
        "https://quaylog.substack.com/",
        "https://quaylog.substack.com/embed",
        "https://quaylog.substack.com/p/nine-ropes/comment/4711",
        "https://open.substack.com/home",
        "https://open.substack.com/chat/posts/2c932b4f-f0a8-4db2-8dae-7e381ede1563",
        "https://substack.com/notes",
        "https://substack.com/@mirak",
        "https://substack.com/embedjs/embed.js",
        "https://letters.quay.example/p/nine-ropes",
        "https://shop.example/p/nine-ropes?utm_source=substack&utm_medium=email",  # a link in a newsletter, to anybody
        "https://notsubstack.com/p/nine-ropes",
    ],
)
def test_other_addresses_are_no_posts(url: str) -> None:
    assert post_of_url(url) is None


def test_the_box_has_title_author_and_the_first_words() -> None:
    (embed,) = embeds_in(
        '<div class="substack-post-embed"><p lang="en">Nine ropes by Mira K</p><p>Counted on the quay.</p><a data-post-link '
        'href="https://letters.quay.example/p/nine-ropes">Read on Substack</a></div>'
    )

    assert (embed.post_id, embed.author_name) == ("letters.quay.example/nine-ropes", "Mira K")
    assert embed.text == "Nine ropes\n\nCounted on the quay."
    assert embed.html.startswith('<div class="substack-post-embed">')


def test_a_title_without_author_keeps_its_words() -> None:
    (embed,) = embeds_in(
        '<div class="substack-post-embed"><p lang="en">Nine ropes</p><a data-post-link href="https://q.substack.com/p/n">R</a></div>'
    )

    assert (embed.author_name, embed.text) == (None, "Nine ropes")


def test_a_card_in_a_newsletter_says_all_in_its_json() -> None:
    (embed,) = embeds_in(
        card(
            {
                "url": "https://letters.quay.example/p/nine-ropes?utm_source=substack",
                "title": "Nine ropes",
                "truncated_body_text": "It began",
                "date": "2024-03-07T19:08:42.354Z",
                "bylines": [{"name": "Mira K", "handle": "mirak"}],
            }
        )
    )

    assert (embed.post_id, embed.author, embed.author_name) == ("letters.quay.example/nine-ropes", "mirak", "Mira K")
    assert (embed.text, embed.posted_at) == ("Nine ropes\n\nIt began", "2024-03-07T19:08:42Z")


def test_a_digest_and_a_quoted_note_are_cards_too() -> None:
    embeds = embeds_in(
        card({"canonical_url": "https://quaylog.substack.com/p/ten", "title": "Ten"}, "digest-post-embed", "DigestPostEmbed")
        + "<p>and</p>"
        + card({"commentId": 213540396, "comment": {"body": "I counted ten.", "name": "Bo"}}, "comment", "CommentPlaceholder")
        + "<script>substack</script>"
    )

    assert [(one.post_id, one.text) for one in embeds] == [("quaylog/ten", "Ten"), ("c-213540396", "I counted ten.")]


@pytest.mark.parametrize(
    "attributes", [None, [], 7, {"url": 7}, {"url": "javascript:1"}, {"commentId": True}, {"commentId": {}}, "{"]
)
def test_a_card_with_other_json_is_nothing(attributes: object) -> None:
    assert embeds_in(card(attributes) + "<p>substack</p>") == ()


def test_a_page_may_have_the_words_without_the_embed() -> None:
    assert (
        embeds_in(
            '<style>.substack-post-embed{margin:0}</style><div class="substack-post-embed"><a href="https://shop.example/">x</a></div>'
            '<a data-post-link="next" href="https://blog.example/p/nine-ropes">Next</a><p><a href="https://q.substack.com/p/n">n</a></p>'
        )
        == ()
    )


def test_a_picture_is_one_in_all_sizes() -> None:
    place = "substack-post-media.s3.amazonaws.com/public/images/5582b81e-dbe9-404f-8754-98d335acb326_1572x1162.png"
    small = "https://substackcdn.com/image/fetch/$s_!A8_F!,w_56,c_limit,f_auto/https%3A%2F%2F" + place.replace("/", "%2F")
    assert media_key_of(small) == media_key_of(f"https://{place}")
    assert media_urls_of(small) == (f"https://{place}",)


def test_a_post_is_told_whole_and_by_its_other_names() -> None:
    findings = read(POST_URL, 200, POST)
    (stated,) = findings.statements

    assert (stated.post_id, stated.source, stated.state) == ("quaylog/nine-ropes", Source.API, PostState.LIVE)
    assert (stated.author, stated.author_name, stated.posted_at) == ("mirak", "Mira K", "2024-03-07T19:08:42Z")
    assert stated.text == "Nine ropes\n\nCounted on the quay\n\nIt began with one."
    assert [one.url for one in stated.media] == [POST["cover_image"]]
    assert {(one.key, one.post.post_id) for one in findings.aliases} == {
        (url_key("https://letters.quay.example/p/nine-ropes"), "quaylog/nine-ropes"),
        (url_key("https://substack.com/home/post/p-165095091"), "quaylog/nine-ropes"),
    }


def test_a_post_at_a_host_of_its_own_is_found_by_its_plain_address() -> None:
    assert {one.key for one in read(OWN_URL, 200, POST).aliases} == {
        "letters.quay.example/p/nine-ropes",
        "substack.com/home/post/p-165095091",
    }
    here = {**POST, "canonical_url": "https://quaylog.substack.com/p/nine-ropes"}
    assert [one.key for one in read(POST_URL, 200, here).aliases] == ["substack.com/home/post/p-165095091"]


def test_a_post_by_its_number_stands_in_a_wrapper() -> None:
    (stated,) = read(NUMBER_URL, 200, {"post": POST, "publication": {}}).statements

    assert (stated.post_id, stated.text) == ("p-165095091", "Nine ropes\n\nCounted on the quay\n\nIt began with one.")


def test_a_post_for_subscribers_has_its_beginning() -> None:
    (stated,) = read(OWN_URL, 200, {**POST, "body_html": None}).statements

    assert stated.text == "Nine ropes\n\nCounted on the quay\n\nIt began"


def test_a_note_is_told_with_its_picture() -> None:
    (stated,) = read(NOTE_URL, 200, NOTE).statements

    assert (stated.post_id, stated.author, stated.author_name, stated.text) == ("c-213540396", "bo", "Bo", "I counted ten.")
    assert (stated.posted_at, len(stated.media)) == ("2025-03-05T05:39:41Z", 1)


def test_a_host_of_its_own_is_tried_with_and_without_www() -> None:
    substack = platform_named("substack")
    assert substack is not None
    (short,), (long,) = substack.requests_about("quay.example/ten"), substack.requests_about("letters.quay.example/ten")

    assert (short.url, short.others) == (
        "https://www.quay.example/api/v1/posts/ten",
        ("https://quay.example/api/v1/posts/ten",),
    )
    assert (long.url, long.others) == (
        "https://letters.quay.example/api/v1/posts/ten",
        ("https://www.letters.quay.example/api/v1/posts/ten",),
    )
    assert (
        read(short.url, 200, {**POST, "slug": "ten"}).statements == read(short.others[0], 200, {**POST, "slug": "ten"}).statements
    )


def test_a_newsletter_may_be_called_like_a_note() -> None:
    (stated,) = read("https://c-12345.substack.com/api/v1/posts/nine-ropes", 200, POST).statements

    assert stated.post_id == "c-12345/nine-ropes"


@pytest.mark.parametrize(
    ("url", "status", "reply", "states"),
    [
        (POST_URL, 404, {"error": "Not found"}, [PostState.GONE]),
        (NOTE_URL, 404, {"errors": [{"msg": "Not found"}]}, [PostState.GONE]),
        (OWN_URL, 404, {"error": "Not found"}, []),  # who knows what runs there
        (POST_URL, 404, b"<h1>404</h1>", []),
        (POST_URL, 403, {"error": "Forbidden"}, []),
        (POST_URL, 200, {**POST, "slug": "ten"}, []),
        (OWN_URL, 200, {**POST, "publication_id": None}, []),  # another program's post
        (NUMBER_URL, 200, {"post": {**POST, "id": 1}}, []),
        (NOTE_URL, 200, {"item": {"comment": {"id": 7, "body": "x"}}}, []),
    ],
)
def test_only_its_own_json_says_something(url: str, status: int, reply: object, states: list[PostState]) -> None:
    assert [one.state for one in read(url, status, reply).statements] == states


@pytest.mark.parametrize("odd", ODD_VALUES, ids=range(len(ODD_VALUES)))
@pytest.mark.parametrize("key", sorted({*POST, *NOTE["item"]["comment"]}))
def test_values_of_any_type_are_nothing_and_no_error(key: str, odd: object) -> None:
    read(POST_URL, 200, {**POST, key: odd})
    read(NUMBER_URL, 200, {"post": {**POST, key: odd}})
    read(NOTE_URL, 200, {"item": {"comment": {**NOTE["item"]["comment"], key: odd}}})
    embeds_in(card({"url": "https://quaylog.substack.com/p/ten", key: odd, "bylines": odd, "comment": odd, "date": odd}))
