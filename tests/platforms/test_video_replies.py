"""What the video sites' public replies say, and what they do not say."""

import json
from typing import Any

import pytest

from archiver.model.findings import Findings, MediaKind, MediaRef, PostState, Source, Statement
from archiver.platforms import media_key_of, media_urls_of, platform_named, platform_of_reply

SITES = {
    "youtube": "mB7_qLx2Zt4",
    "vimeo": "271828182",
    "dailymotion": "x7bee42",
    "streamable": "b33hv2",
    "rumble": "embed/v2bee42",
    "odysee": "@mira:1/bees:2",
    "vine": "hBeeHive42x",
}
ASKS = [(name, number) for name, count in zip(SITES, (1, 2, 2, 2, 2, 1, 1), strict=True) for number in range(count)]
KEYS = (
    *(
        "title",
        "author_name",
        "author_url",
        "thumbnail_url",
        "html",
        "created",
        "created_time",
        "pubDate",
        "upload_date",
        "author",
    ),
    *("ua", "files", "status", "i", "username", "videoUrl", "error", "domain_status_code", "owner.username", "description"),
)
ODD: tuple[Any, ...] = (None, True, 7, 1e400, "", [[]], {"mp4": {"٣": [], "480": 3}, "url": {}, "name": 2}, ["x"] * 3)
HOSTILE = [
    b"",
    b"null",
    b"[]",
    b'"x"',
    b"{}",
    b"\xff\xfe{",
    b"[" * 50_000,
    b"<!doctype html><title>Just a moment...</title>",
    *(json.dumps(dict.fromkeys(KEYS, value)).encode() for value in ODD),
]


def reply(name: str, number: int, status: int, body: Any) -> Findings:
    platform = platform_named(name)
    assert platform is not None
    url = platform.requests_about(SITES[name])[number].url
    assert platform_of_reply(url) is platform
    found = platform.read_reply(url, status, None, body if isinstance(body, bytes) else json.dumps(body).encode())
    assert found is not None
    return found


def states(found: Findings) -> list[PostState | None]:
    return [statement.state for statement in found.statements]


@pytest.mark.parametrize(("name", "number"), ASKS)
@pytest.mark.parametrize("body", HOSTILE, ids=lambda body: repr(body[:40]))
def test_malformed_and_hostile_replies_break_nothing_and_name_no_other_video(name: str, number: int, body: bytes) -> None:
    found = reply(name, number, 200, body)

    assert {statement.post_id for statement in found.statements} <= {SITES[name]}
    assert all(statement.text is None or isinstance(statement.text, str) for statement in found.statements)


@pytest.mark.parametrize(("name", "number"), ASKS)
@pytest.mark.parametrize("status", [400, 403, 429, 500, 503])
def test_an_overload_and_a_firewall_say_nothing_of_a_video(name: str, number: int, status: int) -> None:
    assert reply(name, number, status, b"<html><title>Attention Required!</title></html>") == Findings()


@pytest.mark.parametrize(
    ("name", "status", "body", "state"),
    [
        ("youtube", 401, b"Unauthorized", PostState.TOMBSTONE),  # not embeddable: it is there
        ("youtube", 403, b"Forbidden", PostState.PROTECTED),
        ("youtube", 404, b"Not Found", PostState.GONE),
        ("vimeo", 403, b"{}", PostState.PROTECTED),
        ("vimeo", 404, b"404 Not Found", PostState.TOMBSTONE),
        ("vimeo", 200, b'{"type": "video", "video_id": 271828182, "domain_status_code": 403}', PostState.PROTECTED),
        ("dailymotion", 404, b'{"error": {"code": 404, "type": "not_found"}}', PostState.GONE),
        ("dailymotion", 403, b'{"error": {"code": 403, "type": "access_forbidden"}}', PostState.PROTECTED),
        ("streamable", 404, b"", PostState.GONE),
        ("rumble", 404, b"Media not found with that url", PostState.GONE),
        ("odysee", 404, b"", PostState.GONE),
        ("vine", 404, b"", PostState.GONE),
    ],
)
def test_what_a_site_says_of_a_video_that_it_does_not_show(name: str, status: int, body: bytes, state: PostState) -> None:
    assert states(reply(name, 0, status, body)) == [state]


def test_a_youtube_reply_gives_title_channel_and_poster() -> None:
    found = reply(
        "youtube",
        0,
        200,
        {
            "title": "Bees at work",
            "author_name": "Mira",
            "author_url": "https://www.youtube.com/@mira-bees",
            "type": "video",
            "thumbnail_url": "https://i.ytimg.com/vi/mB7_qLx2Zt4/hqdefault.jpg",
            "thumbnail_width": 480,
            "thumbnail_height": 360,
            "html": "<iframe></iframe>",
        },
    )

    poster = "https://i.ytimg.com/vi/mB7_qLx2Zt4/hqdefault.jpg"
    assert found.statements == (
        Statement(
            platform="youtube",
            post_id="mB7_qLx2Zt4",
            source=Source.OEMBED,
            state=PostState.LIVE,
            author="mira-bees",
            author_name="Mira",
            text="Bees at work",
            media=(MediaRef(poster, "i.ytimg.com/vi/mB7_qLx2Zt4", MediaKind.POSTER, width=480, height=360),),
        ),
    )
    assert media_urls_of(poster)[0] == "https://i.ytimg.com/vi/mB7_qLx2Zt4/maxresdefault.jpg"
    assert media_key_of("http://img.youtube.com/vi/mB7_qLx2Zt4/0.jpg") == media_key_of(
        "https://i3.ytimg.com/vi_webp/mB7_qLx2Zt4/sddefault.webp"
    )


def test_a_youtube_reply_that_only_says_forbidden_says_nothing() -> None:
    assert reply("youtube", 0, 200, b"Forbidden") == Findings()


def test_a_vimeo_reply_gives_the_description_and_the_day() -> None:
    [stated] = reply(
        "vimeo",
        0,
        200,
        {
            "type": "video",
            "title": "Bees",
            "description": "At work.\nIn May.",
            "author_name": "Mira B.",
            "author_url": "https://vimeo.com/mira",
            "upload_date": "2017-05-25 22:08:17",
            "thumbnail_url": "https://i.vimeocdn.com/video/659221704-0a1b2c3d4e5f60718293-d_640",
            "video_id": 271828182,
        },
    ).statements

    assert (stated.state, stated.author, stated.author_name, stated.posted_at) == (
        PostState.LIVE,
        "mira",
        "Mira B.",
        "2017-05-25",
    )
    assert stated.text == "Bees\n\nAt work.\nIn May."
    assert [ref.key for ref in stated.media] == ["i.vimeocdn.com/video/659221704-0a1b2c3d4e5f60718293-d"]


def test_the_link_of_an_unlisted_vimeo_video_is_requested_with_its_hash() -> None:
    vimeo = platform_named("vimeo")

    assert vimeo is not None
    assert [request.url for request in vimeo.requests_about("271828182/1a2b3c4d5e")] == [
        "https://vimeo.com/api/oembed.json?url=https%3A%2F%2Fvimeo.com%2F271828182%2F1a2b3c4d5e",
        "https://player.vimeo.com/video/271828182/config?h=1a2b3c4d5e",
    ]
    assert len(vimeo.requests_about("event/314159")) == 1


def test_the_players_settings_of_vimeo_tell_title_owner_and_poster() -> None:
    video = {
        "id": 271828182,
        "title": "Bees",
        "owner": {"name": "Mira B.", "url": "https://vimeo.com/mira"},
        "thumbs": {"640": "https://i.vimeocdn.com/video/659221704-0a1b2c3d4e5f60718293-d_640", "base": "https://i.vimeocdn.com/video/659221704-0a1b2c3d4e5f60718293-d"},
    }  # fmt: skip
    [stated] = reply("vimeo", 1, 200, {"video": video, "request": {"files": {}}}).statements

    assert (stated.source, stated.state, stated.text) == (Source.API, PostState.LIVE, "Bees")
    assert (stated.author, stated.author_name) == ("mira", "Mira B.")
    assert [ref.key for ref in stated.media] == ["i.vimeocdn.com/video/659221704-0a1b2c3d4e5f60718293-d"]


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (403, {"title": "Sorry", "message": "Because of its privacy settings, this video cannot be played here."}, "protected"),
        (404, {"title": "Sorry", "message": "This video does not exist."}, "tombstone"),
        (403, {"error": "blocked", "ray": "8f"}, None),
        (403, b"<!doctype html><title>Just a moment...</title>", None),
        (200, {"video": {"title": 7}}, None),
    ],
)
def test_the_players_settings_of_vimeo_tell_why_a_video_is_not_played(status: int, body: Any, expected: str | None) -> None:
    assert states(reply("vimeo", 1, status, body)) == ([PostState(expected)] if expected else [])


def test_dailymotion_tells_owner_and_time_by_its_api_and_less_by_oembed() -> None:
    [stated] = reply(
        "dailymotion",
        0,
        200,
        {
            "title": "Bees",
            "description": "",
            "created_time": 1495750097,
            "language": "fr",
            "owner.username": "mira",
            "owner.screenname": "Mira B.",
            "thumbnail_url": "https://s1.dmcdn.net/v/BeeHive42/x240",
        },
    ).statements
    [less] = reply(
        "dailymotion", 1, 200, {"type": "video", "title": "Bees", "author_url": "https://www.dailymotion.com/mira"}
    ).statements

    assert (stated.source, stated.author, stated.author_name, stated.language) == (Source.API, "mira", "Mira B.", "fr")
    assert (stated.text, stated.posted_at) == ("Bees", "2017-05-25T22:08:17Z")
    assert [(ref.key, ref.kind) for ref in stated.media] == [("dmcdn.net/v/BeeHive42", MediaKind.POSTER)]
    assert (less.source, less.author, less.text) == (Source.OEMBED, "mira", "Bees")


def test_streamable_names_its_file_by_addresses_that_change_under_one_key() -> None:
    body = {
        "status": 2,
        "title": "Goal",
        "thumbnail_url": "//cdn-cf-east.streamable.com/image/b33hv2.jpg?Expires=1",
        "files": {
            "mp4": {
                "url": "//cdn-cf-east.streamable.com/video/mp4/b33hv2.mp4?Expires=1&Signature=x",
                "width": 1280,
                "height": 720,
            }
        },
    }
    [stated] = reply("streamable", 0, 200, body).statements

    assert (stated.state, stated.text) == (PostState.LIVE, "Goal")
    assert [(ref.key, ref.kind, ref.width) for ref in stated.media] == [
        ("streamable.com/video/b33hv2", MediaKind.VIDEO, 1280),
        ("streamable.com/image/b33hv2", MediaKind.POSTER, None),
    ]
    assert reply("streamable", 0, 200, {**body, "status": 1}) == Findings()


def test_rumbles_player_knows_the_time_and_the_largest_file() -> None:
    [stated] = reply(
        "rumble",
        1,
        200,
        {
            "title": "Bees",
            "author": {"name": "Mira B.", "url": "https://rumble.com/c/MirasBees"},
            "pubDate": "2021-02-06T19:13:19-05:00",
            "i": "https://sp.example/s8/bees.jpg",
            "ua": {"mp4": {"480": {"url": "https://sp.example/480.mp4"}, "1080": {"url": "https://sp.example/1080.mp4"}, "x": 3}},
        },
    ).statements

    assert (stated.post_id, stated.author, stated.author_name) == ("embed/v2bee42", "MirasBees", "Mira B.")
    assert stated.posted_at == "2021-02-07T00:13:19Z"
    assert [(ref.url, ref.kind) for ref in stated.media] == [
        ("https://sp.example/1080.mp4", MediaKind.VIDEO),
        ("https://sp.example/s8/bees.jpg", MediaKind.POSTER),
    ]


def test_rumble_is_requested_by_the_address_of_the_page() -> None:
    rumble = platform_named("rumble")

    assert rumble is not None
    [ask] = rumble.requests_about("v3hive7")
    found = rumble.read_reply(ask.url, 200, None, b'{"title": "Bees", "author_url": "https://rumble.com/user/mira"}')
    assert found is not None
    assert [(stated.post_id, stated.author, stated.text) for stated in found.statements] == [("v3hive7", "mira", "Bees")]


def test_odysee_names_the_channel() -> None:
    [stated] = reply(
        "odysee", 0, 200, {"title": "Bees", "author_name": "Mira", "author_url": "https://odysee.com/@mira:1"}
    ).statements

    assert (stated.post_id, stated.author, stated.author_name, stated.text) == ("@mira:1/bees:2", "mira", "Mira", "Bees")


def test_the_archive_of_vine_gives_words_time_and_film() -> None:
    [stated] = reply(
        "vine",
        0,
        200,
        {
            "username": "Mira B.",
            "userIdStr": "906345798374133760",
            "description": "Bees #work",
            "created": "2013-05-19T21:12:31.000000",
            "thumbnailUrl": "http://v.example/t/bees.jpg?versionId=x",
            "videoUrl": "http://v.example/v/bees.mp4?versionId=x",
            "videoLowURL": "http://v.example/low/bees.mp4",
        },
    ).statements

    assert (stated.author, stated.author_name, stated.text) == (None, "Mira B.", "Bees #work")
    assert stated.posted_at == "2013-05-19T21:12:31Z"
    assert [(ref.kind, ref.url) for ref in stated.media] == [
        (MediaKind.VIDEO, "http://v.example/v/bees.mp4?versionId=x"),
        (MediaKind.POSTER, "http://v.example/t/bees.jpg?versionId=x"),
    ]


def test_twitch_has_no_requests() -> None:
    twitch = platform_named("twitch")

    assert twitch is not None
    assert twitch.requests_about("271828182") == ()
