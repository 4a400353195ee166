"""The control posts stand in one data file, and each is a post of its platform."""

import pytest

from archiver.config.settings import PlatformSettings
from archiver.platforms import platform_named
from archiver.platforms.control_posts import ControlPost, ControlPosts, control_posts
from archiver.platforms.doors import Doors

POSTS = [(name, post) for name, posts in control_posts().items() for post in (*posts.live, *posts.gone)]


@pytest.mark.parametrize(("name", "post"), POSTS, ids=[f"{name}-{post.id}" for name, post in POSTS])
def test_each_is_a_post_of_its_platform_with_a_reason_and_a_source(name: str, post: ControlPost) -> None:
    platform = platform_named(name)
    assert platform is not None
    assert platform.parse_url(platform.canonical_url(post.id)) == post.id
    assert post.why and post.source
    assert post.short_link is None or platform.short_link(post.short_link) is not None


def test_no_post_stands_there_twice() -> None:
    assert len({(name, post.id) for name, post in POSTS}) == len(POSTS)


def test_archiver_toml_names_others() -> None:
    twitter = platform_named("twitter")
    assert twitter is not None
    known = control_posts()["twitter"]
    assert Doors().control_posts(twitter) == known

    doors = Doors({"twitter": PlatformSettings(control=("https://x.com/jack/status/20", "1568605567890001920"))})

    first = next(post for post in known.live if post.id == "20")
    others = ControlPosts((first, ControlPost("1568605567890001920", "", "archiver.toml")), known.gone)
    assert doors.control_posts(twitter) == others
