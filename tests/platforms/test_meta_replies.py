"""Instagram's page of a post, where its embed page says nothing, and Meta's oEmbed without a token, read as a sign of life."""

import json
from typing import Any

import pytest

from archiver.config.settings import DoorSettings, PlatformSettings
from archiver.model.exchange import PostQuestion
from archiver.model.findings import Alias, Findings, MediaKind, PostRef, PostState, Source, Statement
from archiver.platforms import PLATFORMS, platform_named, platform_of_reply
from archiver.platforms.answers import read_answer
from archiver.platforms.base import Platform
from archiver.platforms.doors import Doors

CODE = "CqVF8QTgAAA"
PICTURES = "https://scontent-ams2-1.cdninstagram.com/v/t51.82787-15/"
POSTS = {
    "instagram": (CODE, "https://graph.facebook.com/v25.0/instagram_oembed?url=https%3A%2F%2Fwww.instagram.com%2Fp%2FCqVF8QTgAAA%2F"),
    "facebook": (
        "quaylog/10200000000000123",
        "https://graph.facebook.com/v25.0/oembed_post?url=https%3A%2F%2Fwww.facebook.com%2Fquaylog%2Fposts%2F10200000000000123",
    ),
    "threads": ("C9kVtRqMx2e", "https://graph.threads.com/oembed?url=https%3A%2F%2Fwww.threads.com%2Ft%2FC9kVtRqMx2e"),
}  # fmt: skip
DISABLED = {"error": {"message": "The requested resource does not exist", "type": "OAuthException", "code": 24}}


def platform(name: str) -> Platform:
    found = platform_named(name)
    assert found is not None
    return found


def answer(name: str, door: str, status: int, body: Any, location: str | None = None, post_id: str | None = None) -> Findings:
    asked = post_id or POSTS[name][0]
    url = next(request.url for request in platform(name).requests_about(asked) if request.door == door)
    assert platform(name).is_reply(url)
    written = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    found = read_answer(platform(name), PostQuestion(name, door, asked), url, status, location, written)
    assert found is not None
    return found


# --- Instagram: the post's own page ---------------------------------------------------------------------------


def polaris(post: dict[str, Any] | None, code: str = CODE, *others: dict[str, Any], head: str = "") -> str:
    """The post deep in the page's prefetched requests; posts by the same author stand in another list."""
    media = {"code": code, "gating_ruling": None, "if_not_gated_logged_out": post, "comments_connection": {"edges": []}}
    result = {"data": {"xig_polaris_media": media, "more": {"edges": [{"node": other} for other in others]}}}
    call = {"require": [["ScheduledServerJS", "handle", None, [{"__bbox": {"result": result}}]]]}
    return f'<html><head>{head}</head><body><script type="application/json" data-sjs>{json.dumps(call)}</script></body></html>'


def picture(name: str, width: int = 1080) -> dict[str, Any]:
    sizes = [{"url": f"{PICTURES}{name}_n.jpg?stp=s{wide}", "width": wide, "height": 9} for wide in (320, width, 640)]
    return {"media_type": 1, "image_versions2": {"candidates": sizes}, "accessibility_caption": "Ropes"}


def post(**more: Any) -> dict[str, Any]:
    return {
        "code": CODE,
        "taken_at": 1_680_000_000,
        "user": {"username": "quay.log", "full_name": "Quay Log"},
        "caption": {"text": "Nine ropes"},
        **picture("1234567_222222_333333"),
        **more,
    }


def test_the_page_is_asked_only_where_the_embed_page_said_nothing() -> None:
    (request,) = Doors().requests_about(PostRef("instagram", CODE))

    assert request.url == f"https://www.instagram.com/p/{CODE}/embed/captioned/"
    assert request.others == (f"https://www.instagram.com/p/{CODE}/",)


def test_instagrams_page_tells_words_author_time_and_the_largest_picture() -> None:
    other = post(code="CqVF8QTgAAB", caption={"text": "Of another day"})
    (stated,) = answer("instagram", "page", 200, polaris(post(), CODE, other)).statements

    assert (stated.source, stated.state, stated.post_id) == (Source.EMBED_PAGE, PostState.LIVE, CODE)
    assert (stated.author, stated.author_name, stated.text) == ("quay.log", "Quay Log", "Nine ropes")
    assert stated.posted_at == "2023-03-28T10:40:00Z"
    assert [(one.key, one.width, one.alt) for one in stated.media] == [
        ("cdninstagram.com/1234567_222222_333333_n", 1080, "Ropes")
    ]


def test_instagrams_page_tells_all_of_a_carousel() -> None:
    video = {
        **picture("1234567_222222_555555"),
        "video_versions": [{"type": 101, "url": "https://scontent.cdninstagram.com/o1/film.mp4"}],
    }
    uri = {
        "media_type": 1,
        "display_uri": f"{PICTURES}1234567_222222_666666_n.jpg",
        "original_width": 1440,
        "original_height": 1800,
    }
    (stated,) = answer("instagram", "page", 200, polaris(post(carousel_media=[video, uri]))).statements

    assert [(one.kind, one.width) for one in stated.media] == [
        (MediaKind.VIDEO, None), (MediaKind.POSTER, 1080), (MediaKind.PICTURE, 1440),
    ]  # fmt: skip


def test_a_gated_post_is_told_from_a_limit() -> None:
    gated = answer("instagram", "page", 200, polaris(None))
    assert [one.state for one in gated.statements] == [PostState.TOMBSTONE]  # there is such a post
    assert gated.refusal == "shows the post only to readers with an account (gated)"

    limited = answer("instagram", "page", 302, b"", f"https://www.instagram.com/accounts/login/?next=%2Fp%2F{CODE}%2F")
    assert limited.statements == limited.links == ()
    assert "login" in (limited.refusal or "") and "limit" in (limited.refusal or "")

    for shell in ("<html><body><div id=mount></div></body></html>", polaris(None, "CqVF8QTgAAB")):
        assert answer("instagram", "page", 200, shell) == Findings(refusal="answered with a web page")


def test_what_instagrams_page_says_for_previews_is_the_last_resort() -> None:
    head = (
        f'<meta property="og:url" content="https://www.instagram.com/quay.log/p/{CODE}/">'
        '<meta property="og:title" content="Quay Log on Instagram: &quot;Nine ropes,\neight &quot;good&quot; bollards&quot;">'
        '<meta property="og:description" content="12 likes, 3 comments - quay.log on March 28, 2023: &quot;Nine ropes&quot;">'
        f'<meta property="og:image" content="{PICTURES}1234567_222222_333333_n.jpg?stp=c0.1.2.3a_s640x640">'
    )
    (stated,) = answer("instagram", "page", 200, polaris(None, head=head)).statements

    assert (stated.state, stated.author, stated.author_name) == (PostState.LIVE, "quay.log", "Quay Log")
    assert stated.text == 'Nine ropes,\neight "good" bollards'
    assert [one.key for one in stated.media] == ["cdninstagram.com/1234567_222222_333333_n"]
    assert not answer("instagram", "page", 200, polaris(None, "x", head=head.replace(CODE, "CqVF8QTgAAB"))).statements
    plain = head.replace("Quay Log on Instagram", "Instagram")
    assert not answer("instagram", "page", 200, f"<html><head>{plain}</head></html>").statements


@pytest.mark.parametrize(
    "body",
    [
        polaris({"code": CODE}),
        polaris(post(user=[], owner=7)),
        polaris([post()]).replace('"username"', '"user"'),  # type: ignore[arg-type]
        '<script type="application/json">{"xig_polaris_media": "' + CODE,
        '<script type="application/json">' + '{"xig_polaris_media":["' + CODE + '",' + "[" * 100_000,
        '<script type="application/json">{"a":' * 500 + f'"xig_polaris_media {CODE}"',
        "\0" * 1000,
        b"\xff\xfe" + CODE.encode(),
    ],
)
def test_malformed_pages_of_instagram_say_nothing_and_raise_nothing(body: Any) -> None:
    found = answer("instagram", "page", 200, body)

    assert not any(one.state is PostState.LIVE for one in found.statements)
    assert found.refusal


def test_odd_values_in_a_post_of_instagram_are_left_out() -> None:
    odd = post(
        taken_at=1e400, caption={"text": []}, image_versions2={"candidates": [{"url": 7}, 5, {"width": "x"}]}, carousel_media={}
    )
    odd["user"]["full_name"] = {"a": 1}
    (stated,) = answer("instagram", "page", 200, polaris(odd)).statements

    assert (stated.state, stated.text, stated.author_name, stated.media) == (PostState.LIVE, None, None, ())


def test_a_bare_card_is_no_deletion_and_the_next_door_is_asked() -> None:
    """Authors who switch embeds off leave a card with nothing but a link; it read as a page that says nothing."""
    link = f'<a href="https://www.instagram.com/p/{CODE}/">View this post on Instagram</a>'
    for body in (f"<body><div>{link}</div></body>", '<div class="EmbedBrokenMedia"><p>The link may be broken</p></div>'):
        found = answer("instagram", "embed_page", 200, f"<html>{body}</html>")
        assert [one.state for one in found.statements] == [PostState.TOMBSTONE]
        assert found.refusal  # so that the spare door is tried
    named = f'<body><span class="UsernameText">quay.log</span>{link}</body>'
    assert [one.state for one in answer("instagram", "embed_page", 200, named).statements] == [PostState.LIVE]


# --- oEmbed without a token -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", POSTS)
def test_metas_oembed_is_off_until_it_is_switched_on(name: str) -> None:
    post_id, url = POSTS[name]
    ref = PostRef(name, post_id)

    def asked(doors: Doors) -> list[str]:
        return [address for request in doors.requests_about(ref) for address in (request.url, *request.others)]

    switched_on = Doors({name: PlatformSettings(doors={"tokenless_oembed": DoorSettings(on=True)})})
    assert url not in asked(Doors())
    assert asked(switched_on) == [*asked(Doors()), url]
    assert platform_of_reply(url) is platform(name)
    (door,) = (door for door in platform(name).doors if door.name == "tokenless_oembed")
    assert "forbid" in door.why


@pytest.mark.parametrize("name", POSTS)
def test_nothing_of_metas_oembed_is_kept_but_that_the_post_is_there(name: str) -> None:
    body = {
        "version": "1.0",
        "type": "rich",
        "author_name": "Quay Log",
        "author_url": "https://www.instagram.com/quay.log/",
        "title": "Nine ropes",
        "thumbnail_url": f"{PICTURES}1234567_222222_333333_n.jpg",
        "html": '<blockquote class="instagram-media">Nine ropes</blockquote>',
        "provider_name": "Meta",
    }
    found = answer(name, "tokenless_oembed", 200, body)

    assert found.statements == (Statement(name, POSTS[name][0], Source.OEMBED, PostState.LIVE),)


@pytest.mark.parametrize("name", POSTS)
@pytest.mark.parametrize(
    ("status", "body", "state"),
    [
        (400, DISABLED, PostState.TOMBSTONE),
        (400, {"error": {"code": 100, "message": "Invalid URL"}}, None),
        (400, {"error": {"code": 4}}, None),
        (400, {"error": {"code": "24"}}, None),
        (400, {"error": {"code": [24]}}, None),
        (400, {"error": 24}, None),
        (400, b"<html>24</html>", None),
        (403, DISABLED, None),
        (404, {"error": {"code": 100}}, None),
        (404, b"Not Found", None),
        (200, {"html": ["x"], "author_name": "Quay Log"}, None),
        (200, {"html": ""}, None),
    ],
)
def test_metas_errors_say_nothing_but_code_24_which_is_no_deletion(
    name: str, status: int, body: Any, state: PostState | None
) -> None:
    found = answer(name, "tokenless_oembed", status, body)

    assert [one.state for one in found.statements] == ([state] if state else [])
    assert found.statements or found.refusal


def test_a_sign_of_life_does_not_end_the_asking() -> None:
    assert all(Source.OEMBED not in platform(name).sufficient_sources for name in POSTS)


def test_facebooks_videos_have_an_endpoint_of_their_own_and_comments_none() -> None:
    asked = {
        post_id: [request.url.partition("?")[0] for request in platform("facebook").requests_about(post_id)][1:]
        for post_id in (
            "10200000000000123",
            "photo/10200000000000123",
            "quaylog/10200000000000123/comments/777000",
            "set/a.1020000",
        )
    }

    graph = "https://graph.facebook.com/v25.0/"
    assert list(asked.values()) == [[f"{graph}oembed_video"], [f"{graph}oembed_post"], [], []]


def test_a_comment_of_facebook_says_what_the_page_says_of_the_post_above_it() -> None:
    page = '<abbr data-utime="1644220800"></abbr><div data-testid="post_message">Nine ropes</div>'
    (stated,) = answer("facebook", "embed_page", 200, page, post_id="quaylog/10200000000000123/comments/777000").statements

    assert (stated.post_id, stated.text) == ("quaylog/10200000000000123", "Nine ropes")


# --- Threads --------------------------------------------------------------------------------------------------


def test_a_share_link_of_threads_leads_to_its_post() -> None:
    link, target = "https://www.threads.com/share/_kR7qPzLm2a/", "https://www.threads.com/@ferry.desk/post/C9kVtRqMx2e?xmt=AQGz"
    found = read_answer(platform("threads"), None, link, 302, target, b"")

    assert found is not None
    assert found.aliases == (Alias("threads.com/share/_kR7qPzLm2a", PostRef("threads", "C9kVtRqMx2e")),)


# --- what is known of the doors -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [one.name for one in PLATFORMS])
def test_each_door_says_when_it_was_last_reported_to_answer_and_by_whom(name: str) -> None:
    doors = platform(name).doors

    assert all(door.as_of and door.source and (door.why or (door.on and not door.spare)) for door in doors)
