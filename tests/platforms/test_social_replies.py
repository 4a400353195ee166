"""What Telegram, Instagram, Facebook, VK, TikTok and LinkedIn answer when asked about a post, and what that does not say."""

import json
from typing import Any

import pytest

from archiver.model.exchange import PostQuestion
from archiver.model.findings import Alias, Findings, MediaKind, PostRef, PostState, Source, Statement
from archiver.platforms import platform_named, platform_of_reply
from archiver.platforms.answers import read_answer
from archiver.platforms.base import Platform
from archiver.urls import host_of

POSTS = {
    "telegram": "quaylog/157",
    "instagram": "CqVF8QTgAAA",
    "facebook": "quaylog/10200000000000123",
    "vk": "video-21000123_456239001",
    "tiktok": "7210000000000000123",
    "linkedin": "activity:7241234567890123456",
}


def platform(name: str) -> Platform:
    found = platform_named(name)
    assert found is not None
    return found


def reply(name: str, status: int, body: str, post_id: str | None = None) -> Findings:
    url = platform(name).requests_about(post_id or POSTS[name])[0].url
    assert platform_of_reply(url) is platform(name)
    found = platform(name).read_reply(url, status, None, body.encode())
    assert found is not None
    return found


def stated(name: str, body: str, post_id: str | None = None) -> Statement:
    (statement,) = reply(name, 200, body, post_id).statements
    assert statement.post_id == (post_id or POSTS[name])
    return statement


def state(name: str, status: int, body: str, post_id: str | None = None) -> PostState | None:
    statements = reply(name, status, body, post_id).statements
    return statements[0].state if statements else None


def test_the_requests_name_the_post() -> None:
    asked = {name: [request.url for request in platform(name).requests_about(post_id)] for name, post_id in POSTS.items()}

    assert asked == {
        "telegram": ["https://t.me/quaylog/157?embed=1"],
        "instagram": [
            "https://www.instagram.com/p/CqVF8QTgAAA/embed/captioned/",
            "https://www.instagram.com/p/CqVF8QTgAAA/",
            "https://graph.facebook.com/v25.0/instagram_oembed?url=https%3A%2F%2Fwww.instagram.com%2Fp%2FCqVF8QTgAAA%2F",
        ],
        "facebook": [
            "https://www.facebook.com/plugins/post.php?href=https%3A%2F%2Fwww.facebook.com%2Fquaylog%2Fposts%2F10200000000000123"
            "&locale=en_US",
            "https://graph.facebook.com/v25.0/oembed_post?url=https%3A%2F%2Fwww.facebook.com%2Fquaylog%2Fposts%2F10200000000000123",
        ],
        "vk": ["https://vk.com/video_ext.php?oid=-21000123&id=456239001"],
        "tiktok": ["https://www.tiktok.com/oembed?url=https%3A%2F%2Fwww.tiktok.com%2F%40_%2Fvideo%2F7210000000000000123"],
        "linkedin": ["https://www.linkedin.com/embed/feed/update/urn:li:activity:7241234567890123456"],
    }
    assert platform("telegram").requests_about("c/1234567890/55") == ()


@pytest.mark.parametrize("name", POSTS)
@pytest.mark.parametrize("status", [200, 302, 401, 403, 429, 500, 503, 999])
def test_login_pages_overload_and_firewalls_say_nothing(name: str, status: int) -> None:
    page = "<html><head><title>Just a moment</title></head><body><form action='/login'>Log in to continue</form></body></html>"

    assert reply(name, status, page) == Findings()


@pytest.mark.parametrize("name", POSTS)
@pytest.mark.parametrize(
    "body",
    [
        "",
        "\0\0\0",
        "[]",
        "null",
        '{"html": 5, "author_name": [], "title": {}}',
        '<div class="tgme_widget_message" data-post="5"></div><div class="tgme_widget_message_text" data-post>',
        '<script>"contextJSON":"{\\"gql_data\\":{\\"shortcode_media\\":7}}"</script>',
        '<script>x("contextJSON":"{\\"gql_data\\":[[[",shortcode_media)</script>',
        "<script>window.__additionalDataLoaded('extra',{\"shortcode_media\":" + "[" * 5_000 + ");</script>",
        '<abbr data-utime="99999999999999999999"></abbr><script>{"hd_src":"\\ud800"}</script>',
        '<script>{"md_title":"","date":99999999999,"jpg":7,"url720":"\\x"}</script>',
        '<video data-sources="[1,{}]" data-poster-url="javascript:x"></video>',
        "<div>" * 20_000,
    ],
)
def test_malformed_replies_never_raise_and_claim_no_words(name: str, body: str) -> None:
    for statement in reply(name, 200, body).statements:
        assert (statement.text, statement.author, statement.media) == (None, None, ())


@pytest.mark.parametrize("name", POSTS)
def test_other_addresses_are_no_replies(name: str) -> None:
    for url in ("https://blog.example/oembed?url=x", platform(name).canonical_url(POSTS[name]) + "x"):
        assert not platform(name).is_reply(url)
        assert platform(name).read_reply(url, 200, None, b"{}") is None


# --- Telegram -----------------------------------------------------------------------------------------------

TELEGRAM = """
<div class="tgme_widget_message js-widget_message" data-post="QuayLog/157">
 <div class="tgme_widget_message_user"><i class="tgme_widget_message_user_photo"><img src="https://cdn4.telesco.pe/file/portrait.jpg"></i></div>
 <div class="tgme_widget_message_author"><a class="tgme_widget_message_owner_name" href="https://t.me/quaylog"><span>Quay Log</span></a></div>
 <div class="tgme_widget_message_forwarded_from">Forwarded from <a class="tgme_widget_message_forwarded_from_name"
   href="https://t.me/Pier_Seven/55"><span>Pier Seven</span></a></div>
 <a class="tgme_widget_message_reply" href="https://t.me/quaylog/150"><i style="background-image:url('https://cdn4.telesco.pe/file/small.jpg')"></i>
   <div class="tgme_widget_message_text js-message_reply_text">Earlier</div></a>
 <a class="tgme_widget_message_photo_wrap 1" style="width:800px;background-image:url('https://cdn4.telesco.pe/file/photo.jpg')"></a>
 <a class="tgme_widget_message_video_player"><i class="tgme_widget_message_video_thumb" style="background-image:url('//cdn4.telesco.pe/file/still.jpg')">
   </i><video src="https://cdn4.telesco.pe/file/film.mp4?token=x" class="tgme_widget_message_video"></video></a>
 <div class="tgme_widget_message_text js-message_text" dir="auto">Nine ropes <i class="emoji" style="background-image:url('//telegram.org/img/1.png')">
   <b>⚓</b></i><br/>eight bollards</div>
 <a class="tgme_widget_message_date" href="https://t.me/quaylog/157"><time datetime="2022-03-01T12:00:00+02:00" class="datetime">12:00</time></a>
</div>"""  # noqa: E501


def test_telegrams_message_is_read_whole() -> None:
    statement = stated("telegram", TELEGRAM)

    assert (statement.source, statement.state) == (Source.EMBED_PAGE, PostState.LIVE)
    assert (statement.author, statement.author_name, statement.posted_at) == ("QuayLog", "Quay Log", "2022-03-01T10:00:00Z")
    assert statement.text == "Nine ropes ⚓\neight bollards"
    assert [(medium.key, medium.kind) for medium in statement.media] == [
        ("telesco.pe/file/photo.jpg", MediaKind.PICTURE),
        ("telesco.pe/file/still.jpg", MediaKind.POSTER),
        ("telesco.pe/file/film.mp4", MediaKind.VIDEO),
    ]
    assert (statement.quotes, statement.replies_to) == (PostRef("telegram", "pier_seven/55"), PostRef("telegram", "quaylog/150"))


def test_telegrams_errors_tell_gone_from_private_and_restricted() -> None:
    told = {
        "Post not found": PostState.GONE,
        "Channel with username <b>@quaylog</b> not found": PostState.GONE,
        "Channel is private": PostState.PROTECTED,
        "This channel can’t be displayed because it violated local laws.": PostState.WITHHELD,
        "Nanu?": PostState.TOMBSTONE,
    }

    for words, expected in told.items():
        assert state("telegram", 200, f'<div class="tgme_widget_message_error">{words}</div>') is expected
    assert reply("telegram", 200, TELEGRAM.replace("/157", "/158")) == Findings()


# --- Instagram ----------------------------------------------------------------------------------------------


def instagram_page(media: Any) -> str:
    context = json.dumps({"context": {"shortcode": "CqVF8QTgAAA"}, "gql_data": {"shortcode_media": media}})
    call = json.dumps({"require": [["PolarisEmbedSimple", "init", [], [{"contextJSON": context}]]]})
    return f"<html><body><script>s.handle({call});</script>"


VIDEO = {
    "is_video": True,
    "video_url": "https://scontent.cdninstagram.com/o1/v/film.mp4?oe=1",
    "display_url": "https://scontent.cdninstagram.com/v/t51.2885-15/1234567_222222_333333_n.jpg?oe=1",
    "display_resources": [
        {"src": "https://scontent.cdninstagram.com/v/t51.2885-15/1234567_222222_333333_n.jpg?big", "config_width": 1080}
    ],
    "dimensions": {"width": 720, "height": 1280},
}
PICTURE = {
    "display_url": "https://scontent.cdninstagram.com/v/t51.2885-15/1234567_222222_444444_n.jpg",
    "accessibility_caption": "Ropes",
}
ALBUM = {
    "shortcode": "CqVF8QTgAAA",
    "owner": {"username": "quay.log", "full_name": None},
    "edge_media_to_caption": {"edges": [{"node": {"text": "Nine ropes ⚓\n\n“eight” bollards"}}]},
    "edge_sidecar_to_children": {"edges": [{"node": VIDEO}, {"node": PICTURE}]},
}


def test_instagrams_script_tells_all_of_an_album() -> None:
    statement = stated("instagram", instagram_page(ALBUM))

    assert (statement.source, statement.state, statement.author) == (Source.EMBED_PAGE, PostState.LIVE, "quay.log")
    assert (statement.text, statement.posted_at) == ("Nine ropes ⚓\n\n“eight” bollards", "2023-03-28T10:40:00Z")
    assert [(medium.kind, medium.width) for medium in statement.media] == [
        (MediaKind.POSTER, 720),
        (MediaKind.VIDEO, 720),
        (MediaKind.PICTURE, None),
    ]
    assert statement.media[0].url.endswith("?big")
    assert (statement.media[2].key, statement.media[2].alt) == ("cdninstagram.com/1234567_222222_444444_n", "Ropes")


def test_instagrams_older_script_is_read_and_another_posts_is_not() -> None:
    old = {"shortcode_media": {**ALBUM, "taken_at_timestamp": 1_650_000_000}}
    page = f"<script>window.__additionalDataLoaded('extra',{json.dumps(old)});</script>"

    assert stated("instagram", page).posted_at == "2022-04-15T05:20:00Z"
    assert reply("instagram", 200, instagram_page({**ALBUM, "shortcode": "CqVF8QTgAAB"})) == Findings()


def test_instagrams_markup_tells_what_its_script_leaves_out() -> None:
    statement = stated(
        "instagram",
        '<script>{"contextJSON":null}</script><div class="Embed"><a class="Username"><span class="UsernameText">'
        'quay.log</span></a><img class="EmbeddedMediaImage" alt="Ropes" src="https://scontent.cdninstagram.com/v/t51.2885-15/'
        '1234567_222222_333333_n.jpg?stp=x&amp;oe=1"><div class="Caption"><a class="CaptionUsername">quay.log</a><br><br>'
        'Nine ropes<br>#quay<div class="CaptionComments"><a href="#">View all 7 comments</a></div></div></div>',
    )

    assert (statement.author, statement.text) == ("quay.log", "Nine ropes\n#quay")
    assert [(medium.key, medium.alt) for medium in statement.media] == [("cdninstagram.com/1234567_222222_333333_n", "Ropes")]


def test_instagrams_broken_embed_is_a_tombstone_since_it_is_shown_for_public_posts_too() -> None:
    assert (
        state("instagram", 200, '<div class="EmbedBrokenMedia"><div class="ebmMessage">The link may be broken</div></div>')
        is PostState.TOMBSTONE
    )
    assert state("instagram", 404, "") is PostState.GONE


# --- Facebook -----------------------------------------------------------------------------------------------

FACEBOOK = """
<div><a href="https://www.facebook.com/QuayLog?ref=embed_post" title="Quay Log"><img aria-label="Quay Log"
  src="https://scontent.xx.fbcdn.net/v/t39.30808-6/1234567_999999_999999_n.jpg?stp=s40x40"></a>
<abbr data-utime="1644220800" title="Monday">7 February 2022</abbr>
<div data-testid="post_message">
<p>Nine ropes<span class="text_exposed_hide">...</span><span class="text_exposed_show">, eight bollards.</span></p>
<p>One gull.</p><span class="text_exposed_hide"> <span class="text_exposed_link"><a>See more</a></span></span></div>
<img class="_1" caption="Ropes" src="https://scontent.xx.fbcdn.net/v/t39.30808-6/1234567_222222_333333_n.jpg?oe=1">
<img src="https://static.xx.fbcdn.net/rsrc.php/like.png"></div>"""


def test_facebooks_post_is_read_whole() -> None:
    statement = stated("facebook", FACEBOOK)

    assert (statement.source, statement.state) == (Source.EMBED_PAGE, PostState.LIVE)
    assert (statement.author, statement.author_name, statement.posted_at) == ("QuayLog", "Quay Log", "2022-02-07T08:00:00Z")
    assert statement.text == "Nine ropes, eight bollards.\nOne gull."
    assert [(medium.key, medium.alt) for medium in statement.media] == [("fbcdn.net/1234567_222222_333333_n", "Ropes")]


def test_facebooks_video_is_in_a_script_in_two_qualities() -> None:
    folder = r"https:\/\/video.xx.fbcdn.net\/v"
    script = rf'<script>{{"sd_src":"{folder}\/sd.mp4?a=1","hd_src":"{folder}\/hd.mp4?a=1"}}</script>'

    statement = stated("facebook", FACEBOOK + script)

    assert [medium.kind for medium in statement.media] == [MediaKind.POSTER, MediaKind.VIDEO]
    assert statement.media[1].url == "https://video.xx.fbcdn.net/v/hd.mp4?a=1"


def test_facebooks_regret_is_a_tombstone_since_public_posts_get_it_too() -> None:
    page = (
        "<div>This Facebook post is no longer available. It may have been removed or the privacy settings may have changed.</div>"
    )

    assert state("facebook", 200, page) is PostState.TOMBSTONE


def test_a_short_link_of_facebooks_leads_to_its_post_and_not_to_the_login_page() -> None:
    link = "https://www.facebook.com/share/p/1AbCdEfGhI/"
    target = "https://www.facebook.com/permalink.php?story_fbid=10200000000000123&id=4455667788&rdid=x"
    login = "https://www.facebook.com/login/?next=https%3A%2F%2Fwww.facebook.com%2Fshare%2Fp%2F1AbCdEfGhI%2F"
    facebook = platform("facebook")

    found = facebook.read_reply(link, 302, target, b"")

    assert found is not None
    assert found.aliases == (Alias("facebook.com/share/p/1AbCdEfGhI", PostRef("facebook", "4455667788/10200000000000123")),)
    assert facebook.read_reply(link, 302, login, b"") == Findings()


# --- VK -----------------------------------------------------------------------------------------------------


def test_vks_player_tells_title_author_and_time_in_its_own_encoding() -> None:
    page = (
        '<meta http-equiv="content-type" content="text/html; charset=windows-1251"><script>var playerParams = '
        '{"params":[{"md_title":"Дев’ять","md_author":"Причал","date":1644220800,"jpg":"https:\\/\\/sun9-1.userapi.com\\/impg\\/Qua-y7_log\\/nInE.jpg?size=1x1",'
        '"url240":"https:\\/\\/vkvd1.mycdn.me\\/240.mp4","url720":"https:\\/\\/vkvd1.mycdn.me\\/720.mp4"}]};</script>'
    )
    url = platform("vk").requests_about(POSTS["vk"])[0].url

    found = platform("vk").read_reply(url, 200, None, page.encode("cp1251"))

    assert found is not None
    (statement,) = found.statements
    assert (statement.text, statement.author_name, statement.posted_at) == ("Дев’ять", "Причал", "2022-02-07T08:00:00Z")
    assert [(medium.kind, medium.url[-7:]) for medium in statement.media] == [
        (MediaKind.POSTER, "ize=1x1"),
        (MediaKind.VIDEO, "720.mp4"),
    ]


def test_vks_post_is_read_from_its_page() -> None:
    page = (
        '<meta property="og:url" content="https://vk.com/wall-21000123_99"><meta property="og:image" '
        'content="https://sun9-1.userapi.com/impg/Qua-y7_log/nInE.jpg?size=1x1"><a class="PostHeaderTitle__authorName">Причал</a>'
        '<div class="wall_post_text">Девять<br>канатов</div>'
    )
    statement = stated("vk", page, "wall-21000123_99")

    assert (statement.text, statement.author_name) == ("Девять\nканатов", "Причал")
    assert [medium.key for medium in statement.media] == ["userapi.com/Qua-y7_log/nInE"]


def test_vks_refusals_tell_why() -> None:
    told = {
        "Видеозапись удалена": PostState.GONE,
        "Access denied": PostState.PROTECTED,
        "This video is not available in your region": PostState.WITHHELD,
        "Видео изъято в связи с обращением правообладателя": PostState.WITHHELD,
        "Nanu?": PostState.TOMBSTONE,
    }

    for words, expected in told.items():
        assert state("vk", 200, f'<div id="video_ext_msg">{words}</div>') is expected


@pytest.mark.parametrize("host", ["vk.com", "m.vk.com", "vk.ru", "vkvideo.ru"])
def test_vks_player_is_read_at_each_of_its_domains(host: str) -> None:
    """Replies from vkvideo.ru, where videos are since 2023, were nobody's."""
    url = f"https://{host}/video_ext.php?oid=-21000123&id=456239001"
    assert platform_of_reply(url) is platform("vk")

    found = platform("vk").read_reply(url, 200, None, b'<script>var p = {"md_title":"Ropes","md_author":"Quay"};</script>')

    assert found is not None
    assert [(one.post_id, one.text) for one in found.statements] == [(POSTS["vk"], "Ropes")]


def test_vk_is_asked_at_its_other_domains_where_one_says_nothing() -> None:
    (player,) = platform("vk").requests_about(POSTS["vk"])
    (wall,) = platform("vk").requests_about("wall-21000123_99")

    assert (player.door, [host_of(url) for url in player.others]) == ("embed_page", ["vk.ru", "vkvideo.ru"])
    assert (wall.door, wall.url, wall.others) == ("page", "https://vk.com/wall-21000123_99", ("https://vk.ru/wall-21000123_99",))


@pytest.mark.parametrize(
    ("status", "location", "body"),
    [
        (302, "/challenge.html?hash429=0a1b&redirect429=%2Fvideo_ext.php", b""),
        (302, "https://vk.ru/challenge.html?hash429=0a1b", b""),
        (302, "https://vk.com/429.html?hash429=0a1b", b""),
        (200, None, b"<html><script>location = '/challenge.html?hash429=0a1b'</script></html>"),
        (200, None, b"<html><title>VK</title><script>var hash429 = '0a1b', salt = 7;</script></html>"),
    ],
)
def test_vks_challenge_says_that_a_browser_gets_on_and_nothing_of_the_post(
    status: int, location: str | None, body: bytes
) -> None:
    for post_id in (POSTS["vk"], "wall-21000123_99"):
        (request,) = platform("vk").requests_about(post_id)
        found = read_answer(platform("vk"), PostQuestion("vk", request.door, post_id), request.url, status, location, body)

        assert found is not None
        assert found.statements == found.links == ()
        assert "challenge for browsers" in (found.refusal or "")
        assert found.needs_browser


# --- TikTok -------------------------------------------------------------------------------------------------


def test_tiktoks_oembed_tells_words_author_and_still() -> None:
    body = {
        "version": "1.0",
        "type": "video",
        "title": "Nine ropes #quay",
        "author_url": "https://www.tiktok.com/@quay.log",
        "author_name": "Quay Log",
        "width": "100%",
        "thumbnail_width": 576,
        "thumbnail_height": 1024,
        "thumbnail_url": "https://p16-sign-va.tiktokcdn.com/obj/tos-maliva-p-0068/0123456789abcdef0123?x-expires=1",
        "embed_product_id": "7210000000000000123",
    }

    statement = stated("tiktok", json.dumps(body))

    assert (statement.source, statement.state, statement.text) == (Source.OEMBED, PostState.LIVE, "Nine ropes #quay")
    assert (statement.author, statement.author_name, statement.posted_at) == ("quay.log", "Quay Log", "2023-03-13T12:02:20Z")
    assert [(medium.key, medium.kind, medium.width) for medium in statement.media] == [
        ("tiktokcdn.com/tos-maliva-p-0068/0123456789abcdef0123", MediaKind.POSTER, 576)
    ]


def test_tiktok_says_400_of_what_is_gone() -> None:
    assert state("tiktok", 400, '{"code":400,"message":"Something went wrong"}') is PostState.GONE
    assert state("tiktok", 400, "<html>Bad Request</html>") is None


def test_a_short_link_of_tiktoks_leads_to_its_video() -> None:
    found = platform("tiktok").read_reply(
        "https://vm.tiktok.com/ZMabc12De/", 301, "https://www.tiktok.com/@quay.log/video/7210000000000000123?_t=x", b""
    )

    assert found is not None
    assert found.aliases == (Alias("vm.tiktok.com/ZMabc12De", PostRef("tiktok", "7210000000000000123")),)


# --- LinkedIn -----------------------------------------------------------------------------------------------

ACTOR = '<a href="https://www.linkedin.com/in/{0}?trk=x" data-tracking-control-name="public_post_embed_feed-actor-name"> {1} </a>'
COMMENTARY = '<p data-test-id="main-feed-activity-embed-card__commentary">{0}</p>'
RESHARED = (
    '<div data-test-id="feed-reshare-content"><a href="https://www.linkedin.com/feed/update/'
    'urn:li:activity:7239876543210987654">see</a>'
    f"{ACTOR.format('mira', 'Mira')}{COMMENTARY.format('Of another')}</div>"
)


def test_linkedins_post_is_read_whole() -> None:
    sources = json.dumps(
        [{"src": "https://dms.licdn.com/a.mp4", "data-bitrate": 1}, {"src": "https://dms.licdn.com/b.mp4", "data-bitrate": 2}]
    )
    statement = stated(
        "linkedin",
        f"{ACTOR.format('quaylog', 'Quay Log')}{COMMENTARY.format('Nine ropes<br>#quay')}<ul data-test-id='feed-images-content'>"
        "<li><img alt='Ropes' "
        "data-delayed-url='https://media.licdn.com/dms/image/v2/D4D22AQquay7log/feedshare-shrink_800/0/1?e=2'></li></ul>"
        f"<video data-poster-url='https://media.licdn.com/still.jpg' data-sources='{sources}'></video>",
    )

    assert (statement.source, statement.state) == (Source.EMBED_PAGE, PostState.LIVE)
    assert (statement.author, statement.author_name, statement.text) == ("quaylog", "Quay Log", "Nine ropes\n#quay")
    assert statement.posted_at == "2024-09-16T00:00:56Z"
    assert [medium.kind for medium in statement.media] == [MediaKind.PICTURE, MediaKind.POSTER, MediaKind.VIDEO]
    assert (statement.media[0].key, statement.media[2].url) == ("media.licdn.com/D4D22AQquay7log", "https://dms.licdn.com/b.mp4")


def test_linkedins_post_that_passes_another_on_has_no_words_of_the_other() -> None:
    statement = stated("linkedin", f"{ACTOR.format('quaylog', 'Quay Log')}{RESHARED}")

    assert (statement.author, statement.text) == ("quaylog", None)
    assert statement.quotes == PostRef("linkedin", "activity:7239876543210987654")


def test_linkedins_missing_posts() -> None:
    assert state("linkedin", 404, "") is PostState.GONE
    assert state("linkedin", 200, "<body><p>This post cannot be displayed.</p></body>") is PostState.TOMBSTONE
