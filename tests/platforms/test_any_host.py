"""PeerTube, Misskey and Pixelfed: the forms of their addresses on any host, what is none of theirs, what their replies say."""

import json
from typing import Any

import pytest

from archiver.extraction.embeds import find_embeds
from archiver.html.document import Document
from archiver.model.findings import Findings, MediaKind, PostRef, PostState, Source
from archiver.platforms import media_key_of, media_urls_of, platform_named, platform_of_reply, post_of_url
from archiver.platforms.base import Platform
from archiver.platforms.peertube import uuid_of
from tests.support.odd_values import ODD_VALUES

UUID = "9c9de5e8-0a1e-484a-b099-e80766180a6d"
SHORT = "kkGMgK9ZtnKfYAgnEtQxbv"  # the same, as Framasoft's server writes it
NOTE = "9tht7ungi81f0005"
PICTURE = "807049239164366849"
VIDEO_URL = f"https://tube.example/api/v1/videos/{UUID}"
VIDEO_OEMBED = f"https://tube.example/services/oembed?format=json&url=https%3A%2F%2Ftube.example%2Fvideos%2Fwatch%2F{UUID}"
NOTE_URL = f"https://notes.example/embed/notes/{NOTE}"
PICTURE_URL = f"https://pics.example/p/mira/{PICTURE}/embed?caption=true&likes=false&layout=full"


def named(name: str) -> Platform:
    platform = platform_named(name)
    assert platform is not None
    return platform


def read(url: str, status: int, reply: object) -> Findings:
    platform = platform_of_reply(url)
    assert platform is not None
    findings = platform.read_reply(url, status, None, reply if isinstance(reply, bytes) else json.dumps(reply).encode())
    assert findings is not None
    return findings


def found_in(markup: str) -> tuple[list[str], list[str]]:
    """The posts that a page embeds, and those that it links to."""
    found = find_embeds(Document("https://blog.example/a", f"<html><body><p>Before.</p>{markup}<p>After.</p></body></html>"))
    embeds = [f"{embed.platform} {embed.post_id}" for embed in found.embeds]
    return embeds, [f"{link.platform} {link.post_id}" for link in found.links]


# --- addresses -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "post_id"),
    [
        (f"https://tube.example/videos/watch/{UUID}", f"peertube tube.example/{UUID}"),
        (f"https://tube.example/videos/embed/{UUID.upper()}?start=4s", f"peertube tube.example/{UUID}"),
        (f"https://tube.example/w/{SHORT};threadId=12", f"peertube tube.example/{UUID}"),
        (f"https://tube.example/w/{UUID}", f"peertube tube.example/{UUID}"),
        (f"https://www.tube.example/videos/embed/{SHORT}/", f"peertube tube.example/{UUID}"),
        (f"https://web.archive.org/web/20240301000000/https://tube.example/w/{SHORT}", f"peertube tube.example/{UUID}"),
        (f"https://notes.example/embed/notes/{NOTE}?rounded=false", f"misskey notes.example/{NOTE}"),
        (f"https://notes.example/notes/{NOTE}", f"misskey notes.example/{NOTE}"),
        ("https://notes.example/notes/a6ym2hqylv", "misskey notes.example/a6ym2hqylv"),
        ("https://notes.example/embed/notes/accounting", "misskey notes.example/accounting"),
        ("https://notes.example/embed/notes/507f1f77bcf86cd799439011", "misskey notes.example/507f1f77bcf86cd799439011"),
        (f"https://pics.example/p/mira.k/{PICTURE}", f"pixelfed pics.example/mira.k/{PICTURE}"),
        (f"https://pics.example/p/mira/{PICTURE}/embed?caption=true", f"pixelfed pics.example/mira/{PICTURE}"),
    ],
)
def test_a_url_of_any_form_names_its_post(url: str, post_id: str) -> None:
    assert post_of_url(url) == PostRef(*post_id.split(" "))


@pytest.mark.parametrize(
    "url",
    [
        "https://tube.example/videos/watch/48213",
        "https://tube.example/videos/watch/playlist/" + UUID,
        "https://tube.example/w/p/" + SHORT,
        "https://tube.example/video-playlists/embed/" + UUID,
        "https://tube.example/videos/embed/9c9de5e8-0a1e-184a-b099-e80766180a6d",  # made from the time and a network card
        "https://tube.example/w/" + SHORT[:-1],
        "https://tube.example/w/" + SHORT + ".html",
        "https://tube.example/w/zzzzzzzzzzzzzzzzzzzzzz",  # a number of another version
        "https://tube.example/w/ZZZZZZZZZZZZZZZZZZZZZZ",  # more than 128 bits
        f"https://192.0.2.7/videos/embed/{UUID}",
        f"https://tube/videos/embed/{UUID}",
        "https://blog.example/notes/accounting",
        "https://blog.example/notes/javascript",
        "https://blog.example/notes/2024-03-01",
        "https://blog.example/notes/507f1f77bcf86cd799439011",
        "https://note.com/embed/notes/n1c372c70af6f",
        "https://note.com/embed/notes/" + NOTE,
        "https://notes.example/embed/notes/" + "a" * 64,
        "https://notes.example/embed/clips/" + NOTE,
        "https://shop.example/p/shoes/48213",
        "https://shop.example/p/shoes/48213/embed",
        "https://snapchat.com/p/6100652f-14d5-44d1-a1f1-4e373a1e2404/2599453165191168/embed",
        f"https://news.example/p/6100652f-14d5-44d1-a1f1-4e373a1e2404/{PICTURE}",
        "https://pics.example/p/mira/9999999999999999999",  # of the year 2094
        f"https://pics.example/p/mira/{PICTURE}.json",
        "https://www.instagram.com/p/Cq1w2e3r4t5/embed",
    ],
)
def test_what_other_sites_have_too_is_no_post(url: str) -> None:
    found = post_of_url(url)

    assert found is None or found.platform not in ("peertube", "misskey", "pixelfed")


def test_the_two_ids_of_a_video_are_one() -> None:
    assert uuid_of(SHORT) == uuid_of(UUID.upper()) == UUID
    assert found_in(
        f'<iframe src="https://tube.example/videos/embed/{UUID}"></iframe><p>Later</p>'
        f'<iframe src="https://tube.example/videos/embed/{SHORT}"></iframe>'
    ) == ([f"peertube tube.example/{UUID}"] * 2, [])


@pytest.mark.parametrize(
    "short",
    [
        *("wx2iLhD3pTipbKFJKLyx5t", "dmhvQNzwBnrWy1iYzVv5g7", "pAQiVCgv2CsLg79KKXUoMw", "cQECfDkuLGR9eUQquUEo4K"),
        *("7Bux8qi7gh4bu8iJokmQPQ", "2sxbKKHV8QWL8p5EACGn8T", "xAC6urYo6WR5wDzcxyzJVS", "6BddEiwBqRMHSbC9qBLBz9"),
    ],
)
def test_short_ids_of_public_pages_are_of_random_uuids(short: str) -> None:
    """Of 32 that stood in public repositories in 2026, 30 were; the others stood in tests, where somebody made them up."""
    assert uuid_of(short) is not None


def test_links_of_an_ordinary_page_are_no_embeds() -> None:
    embeds, links = found_in(
        f'<p><a href="https://tube.example/w/{SHORT}">a</a> <a href="https://notes.example/notes/{NOTE}">b</a> '
        f'<a href="https://pics.example/p/mira/{PICTURE}">c</a> <a href="https://blog.example/notes/algorithms">d</a> '
        '<a href="https://shop.example/p/shoes/123456">e</a> <a href="https://wiki.example/w/index.php?title=Eel">f</a></p>'
        f"<p>https://notes.example/notes/{NOTE}</p><p>https://pics.example/p/mira/{PICTURE}</p>"
    )

    assert embeds == []
    assert set(links) == {
        f"peertube tube.example/{UUID}",
        f"misskey notes.example/{NOTE}",
        f"pixelfed pics.example/mira/{PICTURE}",
    }


def test_an_escaped_frame_in_a_script_or_an_attribute_is_found() -> None:
    frame = f'<iframe src="https://tube.example/videos/embed/{UUID}"></iframe>'
    assert found_in(f"<script>var player = {json.dumps(frame).replace('/', chr(92) + '/')};</script>")[0]
    assert found_in(f"<textarea>{frame.replace('<', '&lt;')}</textarea>")[0]
    assert found_in(f'<div data-embed-url="https://notes.example/embed/notes/{NOTE}"></div>') == (
        [f"misskey notes.example/{NOTE}"],
        [],
    )


@pytest.mark.parametrize(
    "figure",
    [
        f'<figure class="wp-block-embed"><div><iframe src="https://tube.example/videos/embed/{UUID}"></iframe></div></figure>',
        f'<figure class="wp-block-embed"><div class="wp-block-embed__wrapper">\nhttps://tube.example/w/{SHORT}\n</div></figure>',
        f'<!-- wp:embed {{"url":"https://tube.example/w/{SHORT}"}} --><figure class="wp-block-embed"><div>'
        f'<iframe src="https://tube.example/videos/embed/{SHORT}"></iframe></div></figure><!-- /wp:embed -->',
        f'<figure class="kg-embed-card"><iframe data-src="https://tube.example/videos/embed/{SHORT}?title=0"></iframe></figure>',
    ],
)
def test_what_an_editor_wrapped_is_one_embed_and_of_its_platform(figure: str) -> None:
    assert found_in(figure) == ([f"peertube tube.example/{UUID}"], [])


def test_ids_tell_the_time() -> None:
    assert named("misskey").posted_at(f"notes.example/{NOTE}") == "2024-05-20T00:46:04Z"
    assert named("misskey").posted_at("notes.example/01ARZ3NDEKTSV4RRFFQ69G5FAV") == "2016-07-30T23:54:10Z"
    assert named("misskey").posted_at("notes.example/507f1f77bcf86cd799439011") is None
    assert (named("pixelfed").posted_at(f"pics.example/mira/{PICTURE}") or "")[:10] == "2025-03-17"
    assert named("peertube").posted_at(f"tube.example/{UUID}") is None


def test_the_note_of_an_id_that_is_a_word_has_a_url_that_only_frames_have() -> None:
    assert named("misskey").canonical_url(f"notes.example/{NOTE}") == f"https://notes.example/notes/{NOTE}"
    assert named("misskey").canonical_url("notes.example/accounting") == "https://notes.example/embed/notes/accounting"


def test_the_sizes_of_a_picture_have_one_key() -> None:
    place = "https://pics.example/storage/m/_v2/76204/1a2b3c-4d5e/AbCdEf012345/xYz0987654321"
    assert media_key_of(f"{place}_thumb.jpg") == media_key_of(f"{place}.jpg?v=2")
    assert media_urls_of(f"{place}_thumb.jpg") == (f"{place}.jpg", f"{place}_thumb.jpg")
    preview = f"https://tube.example/lazy-static/previews/{UUID}.jpg"
    assert media_key_of(preview) == media_key_of(f"https://tube.example/static/previews/{UUID}.jpg")


# --- PeerTube's replies --------------------------------------------------------------------------------------

VIDEO: dict[str, Any] = {
    "uuid": UUID,
    "shortUUID": SHORT,
    "name": "Nine ropes",
    "description": "Counted on the quay.",
    "account": {"name": "mira", "displayName": "Mira K", "host": "tube.example"},
    "channel": {"name": "quay_log", "displayName": "Quay log"},
    "publishedAt": "2024-03-07T19:08:42.354Z",
    "language": {"id": "en", "label": "English"},
    "previewPath": f"/lazy-static/previews/{UUID}.jpg",
    "thumbnailPath": "/lazy-static/thumbnails/x.jpg",
    "files": [],
    "streamingPlaylists": [
        {
            "files": [
                {"resolution": {"id": 480}, "fileUrl": "https://tube.example/static/hls/a-480.mp4"},
                {
                    "resolution": {"id": 1080},
                    "width": 1920,
                    "height": 1080,
                    "fileUrl": "https://tube.example/static/hls/a-1080.mp4",
                },
            ]
        }
    ],
}


def test_a_server_tells_all_of_its_video() -> None:
    (stated,) = read(VIDEO_URL, 200, VIDEO).statements

    assert (stated.post_id, stated.source, stated.state) == (f"tube.example/{UUID}", Source.API, PostState.LIVE)
    assert (stated.author, stated.author_name) == ("mira", "Mira K")
    assert (stated.text, stated.posted_at) == ("Nine ropes\n\nCounted on the quay.", "2024-03-07T19:08:42Z")
    assert [(one.kind, one.url) for one in stated.media] == [
        (MediaKind.VIDEO, "https://tube.example/static/hls/a-1080.mp4"),
        (MediaKind.POSTER, f"https://tube.example/lazy-static/previews/{UUID}.jpg"),
    ]


def test_another_servers_account_has_its_host_behind_it() -> None:
    (stated,) = read(VIDEO_URL, 200, {**VIDEO, "account": {"name": "bo", "host": "far.example"}}).statements

    assert stated.author == "bo@far.example"


def test_oembed_has_the_title_and_the_channel_which_is_no_account() -> None:
    reply = {
        "type": "video",
        "title": "Nine ropes",
        "author_name": "Quay log",
        "author_url": "https://tube.example/video-channels/quay_log",
        "thumbnail_url": f"https://tube.example/lazy-static/previews/{UUID}.jpg",
        "html": "<iframe></iframe>",
    }
    (stated,) = read(VIDEO_OEMBED, 200, reply).statements

    assert (stated.source, stated.text, stated.author, stated.author_name) == (Source.OEMBED, "Nine ropes", None, "Quay log")


@pytest.mark.parametrize("url", [VIDEO_URL, VIDEO_OEMBED])
@pytest.mark.parametrize(
    ("status", "reply", "state"),
    [
        (404, {"type": "about:blank", "title": "Not Found", "detail": "Video not found", "status": 404}, PostState.GONE),
        (404, {"error": "Video not found"}, PostState.GONE),
        (404, {"error": "Not found"}, None),  # any program's
        (404, b"<h1>404</h1>", None),
        (403, {"type": "about:blank", "detail": "Video is not publicly available", "status": 403}, PostState.PROTECTED),
        (401, {"detail": "Token is invalid", "status": 401}, PostState.PROTECTED),
        (
            403,
            {
                "type": "https://docs.joinpeertube.org/api/rest-reference.html#section/Errors/does_not_respect_follow_constraints",
                "detail": "Cannot get this video regarding follow constraints",
                "status": 403,
            },
            None,
        ),
        (403, {"message": "blocked by a firewall"}, None),
        (403, b"<!doctype html><title>Attention</title>", None),
        (429, {"status": 429, "detail": "Too many requests"}, None),
    ],
)
def test_only_peertubes_own_words_say_what_has_become_of_a_video(
    url: str, status: int, reply: object, state: PostState | None
) -> None:
    assert [one.state for one in read(url, status, reply).statements] == ([state] if state else [])


def test_a_server_speaks_for_its_own_videos_only() -> None:
    other = f"https://evil.example/services/oembed?format=json&url=https%3A%2F%2Ftube.example%2Fvideos%2Fwatch%2F{UUID}"
    assert platform_of_reply(other) is not named("peertube")
    assert read(VIDEO_URL, 200, {**VIDEO, "uuid": "7c1f0e0a-52b4-4c0e-9d6b-3f2a8e5d7b11"}).statements == ()


# --- Misskey's page for frames -------------------------------------------------------------------------------

NOTE_JSON: dict[str, Any] = {
    "id": NOTE,
    "createdAt": "2024-05-20T00:46:04.780Z",
    "text": "Nine ropes </script> counted",
    "cw": "ropes",
    "user": {"username": "mira", "name": "Mira K", "host": None},
    "renoteId": "9tht7ungi81f0001",
    "files": [
        {
            "type": "image/webp",
            "url": "https://files.notes.example/a.webp",
            "comment": "A rope",
            "properties": {"width": 800, "height": 600},
        },
        {"type": "video/mp4", "url": "https://files.notes.example/b.mp4", "thumbnailUrl": "https://files.notes.example/b.webp"},
    ],
}


def note_page(context: object) -> bytes:
    written = (context if isinstance(context, str) else json.dumps(context)).replace("<", "\\u003c")
    return (
        '<!DOCTYPE html><html class="embed"><head><script type="application/json" id="misskey_meta">{}</script>'
        f'<script type="application/json" id="misskey_embedCtx" data-generated-at="1">{written}</script>'
        "</head><body></body></html>"
    ).encode()


def test_the_page_for_frames_has_the_note_as_json() -> None:
    (stated,) = read(NOTE_URL, 200, note_page({"note": NOTE_JSON})).statements

    assert (stated.post_id, stated.source, stated.state) == (f"notes.example/{NOTE}", Source.EMBED_PAGE, PostState.LIVE)
    assert (stated.author, stated.author_name, stated.text) == ("mira", "Mira K", "ropes\n\nNine ropes </script> counted")
    assert [(one.kind, one.url.rpartition("/")[2]) for one in stated.media] == [
        (MediaKind.PICTURE, "a.webp"),
        (MediaKind.VIDEO, "b.mp4"),
        (MediaKind.POSTER, "b.webp"),
    ]
    assert stated.media[0].alt == "A rope" and stated.media[0].width == 800
    assert stated.quotes == PostRef("misskey", "notes.example/9tht7ungi81f0001")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html><body>Not found</body></html>"),
        (404, b"not found"),
        (200, note_page({"user": {}})),
        (200, note_page({"note": {**NOTE_JSON, "id": "9tht7ungi81f0009"}})),
        (200, note_page("{")),
        (200, note_page("[" * 50_000)),
        (200, note_page({"note": [1]})),
    ],
)
def test_a_page_without_the_note_says_nothing_of_it(status: int, body: bytes) -> None:
    assert read(NOTE_URL, status, body) == Findings()


# --- Pixelfed's page for frames ------------------------------------------------------------------------------

PICTURE_PAGE = (
    '<!DOCTYPE html><html><body><div class="embed-card"><div class="card status-card-embed border">'
    '<div class="card-header"><img src="https://pics.example/storage/avatars/1.jpg" class="avatar">'
    '<a class="username font-weight-bold" href="https://pics.example/mira">mira</a></div>'
    f'<a href="https://pics.example/p/mira/{PICTURE}"><div>'
    '<img src="https://pics.example/storage/m/_v2/76204/1a2b3c-4d5e/AbCdEf01/xYz098_thumb.jpg" width="100%"></div></a>'
    '<div class="card-body"><div class="caption"><span class="caption-container">Nine ropes</span></div></div>'
    '<div class="card-footer"><p><a>1 year ago</a></p><img src="/img/pixelfed-icon-color.svg"></div></div></div>'
)


def test_the_page_for_frames_has_words_and_picture() -> None:
    (stated,) = read(PICTURE_URL, 200, PICTURE_PAGE.encode()).statements

    assert (stated.post_id, stated.author, stated.text) == (f"pics.example/mira/{PICTURE}", "mira", "Nine ropes")
    assert [one.url for one in stated.media] == ["https://pics.example/storage/m/_v2/76204/1a2b3c-4d5e/AbCdEf01/xYz098.jpg"]


@pytest.mark.parametrize("status", [200, 404])
def test_what_it_says_of_a_post_that_it_does_not_show_has_many_reasons(status: int) -> None:
    words = "The link to this photo or video may be broken, or the post may have been removed."
    body = f'<div class="card status-card-embed"><p>{words}</p>'.encode()
    assert [one.state for one in read(PICTURE_URL, status, body).statements] == [PostState.TOMBSTONE]


@pytest.mark.parametrize(
    ("status", "body"), [(200, b""), (404, b"<h1>404</h1>"), (200, b"<div class='status-card-embed'></div>")]
)
def test_a_page_of_something_else_says_nothing(status: int, body: bytes) -> None:
    assert read(PICTURE_URL, status, body) == Findings()


# --- hostile replies -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("odd", ODD_VALUES, ids=range(len(ODD_VALUES)))
@pytest.mark.parametrize("key", sorted({*VIDEO, *NOTE_JSON}))
def test_values_of_any_type_are_nothing_and_no_error(key: str, odd: object) -> None:
    for status in (200, 403, 404):
        read(VIDEO_URL, status, {**VIDEO, "status": status, key: odd})
        read(VIDEO_OEMBED, status, {"title": "x", "detail": odd, "status": status, key: odd})
    read(NOTE_URL, 200, note_page({"note": {**NOTE_JSON, key: odd}}))
    for nested in ("account", "files", "streamingPlaylists", "thumbnails"):
        read(VIDEO_URL, 200, {**VIDEO, nested: [{key: odd, "files": [{"resolution": odd, "width": odd, "fileUrl": odd}]}]})
