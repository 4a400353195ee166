"""What Reddit's replies say: its listings, its oEmbed, its share links."""

import json
from typing import Any

import pytest

from archiver.model.findings import Findings, MediaKind, PostRef, PostState, Source, Statement
from archiver.platforms import platform_named, platform_of_reply

REDDIT = platform_named("reddit")
OEMBED, LISTING = (request.url for request in REDDIT.requests_about("1ab2cde")) if REDDIT else ("", "")
COMMENT = REDDIT.requests_about("1ab2cde/kx12yz3")[1].url if REDDIT else ""
POST: dict[str, Any] = {
    "id": "1ab2cde",
    "title": "First loaf & a half",
    "selftext": "Rye, 80 % water.",
    "author": "mira_k",
    "created_utc": 1662811200.0,
    "removed_by_category": None,
    "url_overridden_by_dest": "https://i.redd.it/abcdefgh123.jpg",
    "preview": {
        "images": [{"source": {"url": "https://preview.redd.it/abcdefgh123.jpg?auto=webp&s=1f", "width": 1200, "height": 900}}]
    },
}
ANSWER = {
    "id": "kx12yz3",
    "body": "Looks done.",
    "author": "ann-o",
    "created_utc": 1662814800,
    "parent_id": "t1_kx00000",
}


def read(url: str, status: int, reply: object, location: str | None = None) -> Findings:
    assert REDDIT is not None
    assert platform_of_reply(url) is REDDIT
    body = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
    findings = REDDIT.read_reply(url, status, location, body)
    assert findings is not None
    return findings


def statement(url: str, status: int, reply: object) -> Statement:
    (stated,) = read(url, status, reply).statements
    return stated


def listings(*things: dict[str, Any]) -> list[Any]:
    return [{"kind": "Listing", "data": {"children": [{"kind": "t3", "data": thing}]}} for thing in things]


def test_a_listing_tells_words_time_author_and_picture() -> None:
    stated = statement(LISTING, 200, listings(POST))

    assert (stated.post_id, stated.source, stated.state) == ("1ab2cde", Source.API, PostState.LIVE)
    assert (stated.author, stated.posted_at) == ("mira_k", "2022-09-10T12:00:00Z")
    assert stated.text == "First loaf & a half\n\nRye, 80 % water."
    assert [(ref.url, ref.kind) for ref in stated.media] == [("https://i.redd.it/abcdefgh123.jpg", MediaKind.PICTURE)]


def test_a_comment_is_found_below_its_post() -> None:
    stated = statement(COMMENT, 200, listings(POST, ANSWER))

    assert (stated.post_id, stated.author, stated.text) == ("1ab2cde/kx12yz3", "ann-o", "Looks done.")
    assert stated.replies_to == PostRef("reddit", "1ab2cde/kx00000")


def test_galleries_videos_and_what_was_posted_elsewhere_first() -> None:
    stated = statement(
        LISTING,
        200,
        listings(
            {
                "id": "1ab2cde",
                "title": "Two",
                "crosspost_parent": "t3_9zz",
                "media_metadata": {"aa": {"s": {"u": "https://preview.redd.it/aaaaaaaa1.png?s=1", "x": 10, "y": 20}}, "bb": None},
                "media": {"reddit_video": {"fallback_url": "https://v.redd.it/abcdefgh123/DASH_720.mp4", "width": 1280}},
            }
        ),
    )

    assert stated.quotes == PostRef("reddit", "9zz")
    assert [(ref.key, ref.kind) for ref in stated.media] == [
        ("i.redd.it/aaaaaaaa1", MediaKind.PICTURE),
        ("v.redd.it/abcdefgh123/DASH_720.mp4", MediaKind.VIDEO),
    ]


@pytest.mark.parametrize(
    ("change", "state", "text"),
    [
        ({"selftext": "[deleted]", "author": "[deleted]"}, PostState.DELETED, "First loaf & a half"),
        ({"selftext": "[removed]"}, PostState.WITHHELD, "First loaf & a half"),
        ({"removed_by_category": "moderator", "selftext": ""}, PostState.WITHHELD, "First loaf & a half"),
        ({"removed_by_category": "deleted", "title": "[deleted by user]", "selftext": "[removed]"}, PostState.DELETED, None),
        ({"author": "[deleted]"}, PostState.LIVE, "First loaf & a half\n\nRye, 80 % water."),
    ],
)
def test_what_was_removed_differs_from_an_account_that_is_gone(
    change: dict[str, str], state: PostState, text: str | None
) -> None:
    stated = statement(LISTING, 200, listings(POST | change))

    assert (stated.state, stated.text) == (state, text)
    assert stated.author in ("mira_k", None)


@pytest.mark.parametrize(
    ("status", "reply", "state"),
    [
        (404, {"message": "Not Found", "error": 404}, PostState.GONE),
        (403, {"reason": "private", "message": "Forbidden", "error": 403}, PostState.PROTECTED),
        (404, {"reason": "banned", "message": "Not Found", "error": 404}, PostState.SUSPENDED),
    ],
)
def test_refusals_with_a_reason_are_states(status: int, reply: object, state: PostState) -> None:
    assert statement(LISTING, status, reply).state is state


@pytest.mark.parametrize(
    ("status", "reply"),
    [
        (403, b"<html><title>Blocked</title>whoa there, pardner!</html>"),
        (403, {"message": "Forbidden", "error": 403}),
        (404, b"<html>not found</html>"),
        (429, {"message": "Too Many Requests", "error": 429}),
        (503, b""),
        (200, b"<html>"),
        (200, b"[" * 100_000),
        (200, []),
        (200, {}),
        (200, "text"),
        (200, [1, None]),
        (200, [{"data": {"children": {"0": POST}}}]),
        (200, [{"data": {"children": [None, {"data": 3}]}}]),
        (200, listings({**POST, "id": "other"})),
    ],
)
def test_firewalls_overload_and_nonsense_say_nothing(status: int, reply: object) -> None:
    assert read(LISTING, status, reply) == Findings()


@pytest.mark.parametrize("nonsense", [None, 1, 1e300, True, "x", [], [[]], {}, {"s": 1}, {"images": [{"source": []}]}])
def test_wrong_types_in_a_listing_leave_fields_out(nonsense: object) -> None:
    stated = statement(
        LISTING,
        200,
        listings({**dict.fromkeys((*POST, "media", "media_metadata", "crosspost_parent"), nonsense), "id": "1ab2cde"}),
    )

    assert stated.media == ()
    assert stated.posted_at is None


def test_oembed_tells_the_handle_and_the_title() -> None:
    reply = {
        "author_name": "mira_k",
        "title": "First loaf",
        "provider_name": "reddit",
        "type": "rich",
        "html": "<blockquote></blockquote>",
    }
    stated = statement(OEMBED, 200, reply)

    assert (stated.author, stated.author_name, stated.text, stated.state) == ("mira_k", None, "First loaf", PostState.LIVE)
    assert statement(OEMBED, 404, b"").state is PostState.GONE
    assert read(OEMBED, 403, b"<html>blocked</html>") == Findings()
    assert read(OEMBED, 429, b"") == Findings()


def test_of_a_comment_oembed_has_the_title_of_the_discussion() -> None:
    assert REDDIT is not None
    stated = statement(
        REDDIT.requests_about("1ab2cde/kx12yz3")[0].url, 200, {"author_name": "[deleted]", "title": "First loaf", "html": "-"}
    )

    assert (stated.post_id, stated.author, stated.text) == ("1ab2cde/kx12yz3", None, None)


def test_a_share_link_leads_to_its_post() -> None:
    target = "https://www.reddit.com/r/bakery/comments/1ab2cde/first_loaf/?share_id=x"
    findings = read("https://www.reddit.com/r/bakery/s/aBcD3fGh1J", 301, b"", target)

    assert [(alias.key, alias.post) for alias in findings.aliases] == [
        ("reddit.com/r/bakery/s/aBcD3fGh1J", PostRef("reddit", "1ab2cde"))
    ]
    assert read("https://www.reddit.com/r/bakery/s/aBcD3fGh1J", 403, b"") == Findings()
