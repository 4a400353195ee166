"""What Bluesky's API says of a post: up, gone, kept from us, malformed, hostile; pictures, videos, quoted and answered posts."""

import json
from typing import Any

import pytest

from archiver.model.findings import Findings, MediaKind, PostRef, PostState, Source
from archiver.platforms import platform_named, platform_of_reply

DID = "did:plc:q3rvh6zmtu2xk5jwlc7ynbes"
OTHER = "did:plc:zz5yk2rvh6zmtu2xk5jwlc7y"
KEY = "3l4omssdl632g"
ASKED = f"{DID}/{KEY}"
CID = "bafkreihx2lq5k7wz3mvd6tnya4cjro"
PICTURE = f"https://cdn.bsky.app/img/feed_fullsize/plain/{DID}/{CID}@jpeg"


def uri(did: str = DID, key: str = KEY) -> str:
    return f"at://{did}/app.bsky.feed.post/{key}"


def post(**more: Any) -> dict[str, Any]:
    record = {"text": "The ferry is back.", "createdAt": "2024-09-21T17:43:28.100Z", "langs": ["en"], "facets": []}
    author = {"did": DID, "handle": "Lena.Example", "displayName": "Lena"}
    return {"uri": uri(), "cid": "c", "author": author, "record": record, "indexedAt": "2024-09-21T17:43:29Z", **more}


def thread(**more: Any) -> dict[str, Any]:
    return {"thread": {"$type": "app.bsky.feed.defs#threadViewPost", "post": post(), **more}}


def read(reply: object, asked: str = ASKED, status: int = 200) -> Findings:
    bluesky = platform_named("bluesky")
    assert bluesky is not None
    url = bluesky.requests_about(asked)[0].url
    assert platform_of_reply(url) is bluesky
    found = bluesky.read_reply(url, status, None, reply if isinstance(reply, bytes) else json.dumps(reply).encode())
    assert found is not None
    return found


def test_a_post_that_is_up_tells_its_words_author_time_and_language() -> None:
    (statement,) = read(thread()).statements
    assert (statement.post_id, statement.source, statement.state) == (ASKED, Source.API, PostState.LIVE)
    assert (statement.author, statement.author_name, statement.text) == ("lena.example", "Lena", "The ferry is back.")
    assert (statement.posted_at, statement.language) == ("2024-09-21T17:43:28Z", "en")


def test_a_post_requested_by_handle_has_a_statement_under_its_did_too() -> None:
    statements = read(thread(), asked=f"lena.example/{KEY}").statements
    assert [(one.post_id, one.text) for one in statements] == [
        (f"lena.example/{KEY}", statements[0].text),
        (ASKED, statements[0].text),
    ]


@pytest.mark.parametrize(
    ("status", "reply", "state"),
    [
        (200, {"thread": {"$type": "app.bsky.feed.defs#notFoundPost", "uri": uri(), "notFound": True}}, PostState.GONE),
        (200, {"thread": {"$type": "app.bsky.feed.defs#blockedPost", "uri": uri(), "blocked": True}}, PostState.PROTECTED),
        (400, {"error": "NotFound", "message": f"Post not found: {uri()}"}, PostState.GONE),
        (400, {"error": "AccountTakedown", "message": "Account has been suspended"}, PostState.SUSPENDED),
    ],
)
def test_a_post_that_is_not_shown_has_a_state_for_the_reason(status: int, reply: object, state: PostState) -> None:
    assert [(one.post_id, one.state) for one in read(reply, status=status).statements] == [(ASKED, state)]


@pytest.mark.parametrize(
    ("status", "reply"),
    [
        (400, {"error": "InvalidRequest", "message": "Unable to resolve handle"}),
        (404, b"<html>no such page</html>"),
        (429, {"error": "RateLimitExceeded"}),
        (502, {"error": "UpstreamFailure"}),
        (403, b"<html>Just a moment...</html>"),
        (200, b""),
        (200, b"[1, 2]"),
        (200, b'{"thread": ' + b"[" * 20_000),
        (200, {"thread": {"post": post(uri=uri(key="3l4omssdl632h"))}}),
        (200, {"thread": {"post": post(uri=uri(did=OTHER))}}),
    ],
)
def test_what_tells_nothing_of_the_post_says_nothing(status: int, reply: object) -> None:
    assert read(reply, status=status) == Findings()


def test_pictures_are_read_in_full_size_with_their_descriptions() -> None:
    images = [
        {"thumb": PICTURE.replace("fullsize", "thumbnail"), "fullsize": PICTURE, "alt": "A ship"},
        {"fullsize": "javascript:1"},
    ]
    (statement,) = read(thread(post=post(embed={"$type": "app.bsky.embed.images#view", "images": images}))).statements
    assert [(one.url, one.key, one.kind, one.alt) for one in statement.media] == [
        (PICTURE, f"cdn.bsky.app/{DID}/{CID}", MediaKind.PICTURE, "A ship")
    ]


@pytest.mark.parametrize("within", ["embed", "media"])
def test_the_pictures_of_a_gallery_are_read(within: str) -> None:
    items = [
        {
            "$type": "app.bsky.embed.gallery#viewImage",
            "thumbnail": PICTURE.replace("fullsize", "thumbnail"),
            "fullsize": PICTURE.replace("bafkreih", f"bafkreih{number}"),
            "alt": f"Ship {number}",
            "aspectRatio": {"width": 4, "height": 3},
        }
        for number in range(10)
    ]
    gallery = {"$type": "app.bsky.embed.gallery#view", "items": [*items, 7, {}, {"thumbnail": PICTURE}]}
    embed = gallery if within == "embed" else {"$type": "app.bsky.embed.recordWithMedia#view", "media": gallery}
    (statement,) = read(thread(post=post(embed=embed))).statements
    assert [one.alt for one in statement.media] == [*(f"Ship {number}" for number in range(10)), None]
    assert statement.media[0].url == items[0]["fullsize"] and statement.media[-1].url == PICTURE
    for wrong in (None, 7, "x", {}, [[]], [None]):
        assert read(thread(post=post(embed={"items": wrong}))).statements[0].media == ()


def test_a_video_is_read_with_its_poster_and_a_card_with_its_title() -> None:
    place = f"https://video.bsky.app/watch/{DID.replace(':', '%3A')}/{CID}"
    video = {"$type": "app.bsky.embed.video#view", "playlist": f"{place}/playlist.m3u8", "thumbnail": f"{place}/thumbnail.jpg"}
    (statement,) = read(thread(post=post(embed=video))).statements
    assert [one.kind for one in statement.media] == [MediaKind.VIDEO, MediaKind.POSTER]
    card = {"$type": "app.bsky.embed.external#view", "external": {"uri": "https://a.example", "title": "News", "thumb": PICTURE}}
    (statement,) = read(thread(post=post(embed=card))).statements
    assert [(one.url, one.caption) for one in statement.media] == [(PICTURE, "News")]


def test_a_quoted_post_is_named_and_has_a_statement_of_its_own() -> None:
    quoted = {
        "$type": "app.bsky.embed.record#viewRecord",
        "uri": uri(OTHER, "3l4ohhhhhhh2a"),
        "author": {"did": OTHER, "handle": "ilya.example"},
        "value": {"text": "It left.", "createdAt": "2024-09-20T10:00:00Z"},
        "embeds": [{"images": [{"fullsize": PICTURE}]}],
    }
    media = {"$type": "app.bsky.embed.images#view", "images": [{"fullsize": PICTURE.replace("bafkreih", "bafkreia")}]}
    for embed in ({"record": quoted}, {"record": {"record": quoted}, "media": media}):
        statement, other = read(thread(post=post(embed=embed))).statements
        assert statement.quotes == PostRef("bluesky", f"{OTHER}/3l4ohhhhhhh2a")
        assert (other.post_id, other.author, other.text) == (f"{OTHER}/3l4ohhhhhhh2a", "ilya.example", "It left.")
        assert [one.url for one in other.media] == [PICTURE]
        assert len(statement.media) == ("media" in embed)


@pytest.mark.parametrize(
    ("record", "states"),
    [
        ({"$type": "app.bsky.embed.record#viewRecord", "notFound": True}, [PostState.GONE]),
        ({"$type": "app.bsky.embed.record#viewNotFound", "notFound": True}, [PostState.GONE]),
        ({"$type": "app.bsky.embed.record#viewBlocked", "blocked": True}, []),
        ({"$type": "app.bsky.embed.record#viewDetached", "detached": True}, []),
    ],
)
def test_a_quoted_post_that_is_not_shown_is_named_all_the_same(record: dict[str, Any], states: list[PostState]) -> None:
    statement, *others = read(thread(post=post(embed={"record": {"uri": uri(OTHER), **record}}))).statements
    assert statement.quotes == PostRef("bluesky", f"{OTHER}/{KEY}")
    assert [one.state for one in others] == states


def test_the_answered_post_is_named_and_has_a_statement_of_its_own() -> None:
    record = {"text": "Yes.", "reply": {"parent": {"uri": uri(OTHER)}, "root": {"uri": uri(OTHER, "3l4oroot")}}}
    above = {"post": {"uri": uri(OTHER), "author": {"handle": "handle.invalid"}, "record": {"text": "Is it?"}}}
    statement, parent = read(thread(post=post(record=record), parent=above)).statements
    assert statement.replies_to == PostRef("bluesky", f"{OTHER}/{KEY}")
    assert (parent.post_id, parent.text, parent.author) == (f"{OTHER}/{KEY}", "Is it?", None)
    _, parent = read(thread(parent={"notFound": True, "uri": uri(OTHER)})).statements
    assert parent.state is PostState.GONE


@pytest.mark.parametrize("wrong", [None, 7, "x", [], [7], {}, {"record": 7}, [[]], True])
def test_wrong_types_anywhere_are_no_news(wrong: object) -> None:
    for field in ("author", "record", "embed", "embeds", "indexedAt", "uri"):
        read(thread(post=post(**{field: wrong})))
    for field in ("record", "media", "images", "external", "playlist"):
        read(thread(post=post(embed={field: wrong})))
    for field in ("text", "createdAt", "langs", "reply"):
        read(thread(post=post(record={field: wrong})))
    read(thread(parent=wrong))
    assert read({"thread": wrong}) == Findings()


def test_an_oembed_reply_that_was_captured_is_read() -> None:
    bluesky = platform_named("bluesky")
    assert bluesky is not None
    url = f"https://embed.bsky.app/oembed?url=https%3A%2F%2Fbsky.app%2Fprofile%2Flena.example%2Fpost%2F{KEY}"
    body = json.dumps({"html": "<blockquote>", "author_name": "Lena", "author_url": "https://bsky.app/profile/lena.example"})
    found = bluesky.read_reply(url, 200, None, body.encode())
    assert platform_of_reply(url) is bluesky and found is not None
    assert [(one.post_id, one.source, one.author) for one in found.statements] == [
        (f"lena.example/{KEY}", Source.OEMBED, "lena.example")
    ]
