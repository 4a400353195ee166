"""The page that a platform makes for frames: which one it is, for every post of every example."""

import re
from urllib.parse import urlsplit

import pytest

from archiver.model.findings import PostRef
from archiver.platforms import PLATFORMS, platform_named, post_of_url
from archiver.platforms.base import Platform

AUTHOR = "ferrydesk"  # what a page or a reply said; some addresses want it
# Of these some or all posts have none that could be known from the id.
WITHOUT = {"dailymotion", "tumblr", "vk", "rumble", "flickr", "twitch", "telegram", "oembed"}
# What stands behind an unlisted video's number its player has in the query, where it is not read: since 2021 Vimeo writes one
# for public videos too, whose links have none.
UNLISTED = re.compile(r"(?P<number>\d+)/[0-9a-f]+")


def posts_of(platform: Platform) -> list[str]:
    return list(
        dict.fromkeys(post_id for example in platform.examples for post_id in (*example.posts, *example.links) if post_id)
    )


POSTS = [
    pytest.param(platform, post_id, id=f"{platform.name}-{post_id}") for platform in PLATFORMS for post_id in posts_of(platform)
]


@pytest.mark.parametrize(("platform", "post_id"), POSTS)
def test_the_page_for_frames_shows_the_same_post(platform: Platform, post_id: str) -> None:
    page = platform.embed_page(post_id, AUTHOR)
    if page is None:
        assert platform.name in WITHOUT
        return
    parts = urlsplit(page)
    assert parts.scheme == "https" and parts.hostname and page.isascii() and not re.search(r'[\s"<>{}]', page)
    unlisted = UNLISTED.fullmatch(post_id) if platform.name == "vimeo" else None
    shown = post_id.partition("/comments/")[0] if platform.name == "facebook" else post_id  # a comment is shown with its post
    assert post_of_url(page) == PostRef(platform.name, unlisted["number"] if unlisted else shown)
    for other in platform.other_embed_pages(post_id, AUTHOR):
        assert other != page
        assert post_of_url(other) == PostRef(platform.name, post_id)


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: platform.name)
def test_every_platform_that_can_be_framed_has_such_a_page_for_some_of_its_posts(platform: Platform) -> None:
    pages = [platform.embed_page(post_id, AUTHOR) for post_id in posts_of(platform)]

    assert any(pages) or platform.name == "oembed"  # which stands for what nobody knows
    assert all(pages) == (platform.name not in WITHOUT)


def page(name: str, post_id: str, author: str | None = None) -> str | None:
    platform = platform_named(name)
    assert platform is not None
    return platform.embed_page(post_id, author)


def others(name: str, post_id: str) -> tuple[str, ...]:
    platform = platform_named(name)
    assert platform is not None
    return platform.other_embed_pages(post_id)


def test_some_pages_by_name() -> None:
    assert page("twitter", "1568") == "https://platform.x.com/embed/Tweet.html?dnt=true&id=1568"
    assert page("telegram", "quaylog/157") == "https://t.me/quaylog/157?embed=1"
    assert page("vimeo", "271828182/1a2b3c4d5e") == "https://player.vimeo.com/video/271828182?h=1a2b3c4d5e"
    assert page("bluesky", "mira.example/3lbw5") == "https://embed.bsky.app/embed/mira.example/app.bsky.feed.post/3lbw5"
    assert page("soundcloud", "mira/rye") == "https://w.soundcloud.com/player/?url=https%3A%2F%2Fsoundcloud.com%2Fmira%2Frye"
    assert page("twitch", "271828") == "https://player.twitch.tv/?video=271828&parent=www.twitch.tv&autoplay=false"
    assert page("vk", "video-1_2") == "https://vk.com/video_ext.php?oid=-1&id=2"
    assert (
        page("tiktok", "7210000000000000123") == "https://www.tiktok.com/player/v1/7210000000000000123?description=1&music_info=1"
    )


def test_pages_to_try_after_it() -> None:
    assert others("vk", "video-1_2") == tuple(f"https://{host}/video_ext.php?oid=-1&id=2" for host in ("vk.ru", "vkvideo.ru"))
    assert others("vk", "wall-1_2") == ()
    assert others("tiktok", "7210000000000000123") == ("https://www.tiktok.com/embed/v2/7210000000000000123",)
    assert others("instagram", "CuAbC12dEfG") == ("https://www.instagram.com/p/CuAbC12dEfG/",)  # where embeds are switched off
    assert others("youtube", "dQw4w9WgXcQ") == ("https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ",)


def test_a_comment_of_facebook_is_shown_with_the_post_it_is_under() -> None:
    """`plugins/comment_embed.php` ended in 2021-09: each such render was an empty page."""
    post, comment = (page("facebook", f"quaylog/10200000000000123{rest}") for rest in ("", "/comments/777000"))

    assert post == comment


def test_a_post_in_a_private_channel_or_of_a_wall_has_none() -> None:
    assert page("telegram", "c/1234/5") is None
    assert page("vk", "wall-1_2") is None
    assert page("rumble", "v2bee42") is None


def test_servers_of_mastodons_kind_want_the_name_of_an_account_of_their_own() -> None:
    post = "tukkie.example/109302436954721982"

    assert page("mastodon", post, "ann") == "https://tukkie.example/@ann/109302436954721982/embed"
    assert (
        page("mastodon", post)
        == page("mastodon", post, "bo@far.example")
        == "https://tukkie.example/web/statuses/109302436954721982"
    )
    assert page("truthsocial", "111904583920174866", "ann") == "https://truthsocial.com/@ann/111904583920174866/embed"
    assert page("gab", "107345820917364420", "ann") == "https://gab.com/ann/posts/107345820917364420/embed"
    assert page("truthsocial", "111904583920174866") is page("gab", "107345820917364420") is None


def test_a_name_that_would_lead_elsewhere_is_none() -> None:
    for name in ("../admin", "ann/1?x=", "a#b", "", "ann\n", "ann?"):
        assert page("truthsocial", "111904583920174866", name) is None
