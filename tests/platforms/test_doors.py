"""Doors: each says how old what is known of it is, and `[platforms.NAME]` of archiver.toml can say otherwise."""

import re
from pathlib import Path

import pytest

from archiver.config.settings import Config, DoorSettings, PlatformSettings, load_config
from archiver.crawling.session import CrawlPlan
from archiver.errors import ConfigError
from archiver.model.findings import PostRef
from archiver.platforms import PLATFORMS
from archiver.platforms.base import Platform
from archiver.platforms.doors import EMBED_PAGE, Doors

TWEET = PostRef("twitter", "1568605567890001920")


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: platform.name)
def test_each_door_says_when_and_by_whom_it_was_last_reported(platform: Platform) -> None:
    assert platform.doors
    assert len({door.name for door in platform.doors}) == len(platform.doors)
    for door in platform.doors:
        assert re.fullmatch(r"20\d\d(-(0[1-9]|1[0-2]))?", door.as_of), door.name
        assert door.source, door.name
        assert door.on or door.why, door.name


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: platform.name)
def test_each_request_goes_through_a_door_that_is_declared(platform: Platform) -> None:
    names = {door.name for door in platform.doors}
    post_ids = [post_id for example in platform.examples for post_id in (*example.posts, *example.links) if post_id]
    assert {request.door for post_id in post_ids for request in platform.requests_about(post_id)} <= names
    if any(platform.embed_page(post_id, "mira") for post_id in post_ids):
        assert EMBED_PAGE in names


def doors_by(folder: Path, text: str) -> Doors:
    """As archiver.toml has them."""
    return Doors(config_of(folder, text).platforms)


def config_of(folder: Path, text: str) -> Config:
    (folder / "archiver.toml").write_text(text, encoding="utf-8")
    return load_config(folder / "archiver.toml")


def test_an_address_in_archiver_toml_takes_the_place_of_a_door_s_own(tmp_path: Path) -> None:
    doors = doors_by(
        tmp_path, '[platforms.twitter.doors.oembed]\naddress = ["https://a.example/?u={url}", "https://b.example/{id}"]'
    )

    [oembed] = [request for request in doors.requests_about(TWEET) if request.door == "oembed"]

    assert oembed.url == "https://a.example/?u=https%3A%2F%2Ftwitter.com%2Fi%2Fstatus%2F1568605567890001920"
    assert oembed.others == ("https://b.example/1568605567890001920",)
    asked = doors.question(TWEET, oembed.others[0])
    assert asked is not None and asked.door == "oembed"


def test_an_address_is_asked_as_it_is_sent(tmp_path: Path) -> None:
    """Else the reply's door would not be known by its URL."""
    text = "[platforms.twitter.doors.oembed]\naddress = ' HTTPS://Proxy.Example:443/{id}/a b'"
    doors, ref = doors_by(tmp_path, text), PostRef("twitter", "1568")

    asked = next(request.url for request in doors.requests_about(ref) if request.door == "oembed")

    assert asked == "https://proxy.example/1568/a%20b"
    assert doors.question(ref, asked) is not None


def test_order_and_switches_count(tmp_path: Path) -> None:
    by_itself = [request.door for request in Doors().requests_about(TWEET)]
    assert by_itself == ["syndication", "oembed"]

    assert [request.door for request in doors_by(tmp_path, '[platforms.twitter]\norder = ["oembed"]').requests_about(TWEET)] == [
        "oembed",
        "syndication",
    ]
    off = doors_by(
        tmp_path, "[platforms.twitter.doors.syndication]\non = false\n[platforms.twitter.doors.embed_page]\non = false"
    )
    assert [request.door for request in off.requests_about(TWEET)] == ["oembed"]
    assert off.embed_pages(TWEET) == () != Doors().embed_pages(TWEET)


def test_the_embed_page_may_be_elsewhere(tmp_path: Path) -> None:
    doors = doors_by(tmp_path, '[platforms.twitter.doors.embed_page]\naddress = "https://frames.x.example/Tweet.html?id={id}"')
    assert doors.embed_pages(TWEET) == ("https://frames.x.example/Tweet.html?id=1568605567890001920",)


def test_the_pace_of_a_door_is_that_of_its_host(tmp_path: Path) -> None:
    text = '[platforms.twitter.doors.oembed]\naddress = "https://a.example/?u={url}"\npace = "7s"'
    assert doors_by(tmp_path, text).paces()["a.example"] == 7


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[platforms.twiter]", r"`platforms\.twiter`: no platform has this name; there are .*twitter"),
        (
            "[platforms.twitter.doors.oembd]\non = false",
            r"`platforms\.twitter\.doors\.oembd`: Twitter / X has no such door; .*oembed",
        ),
        ('[platforms.twitter]\norder = ["api"]', r"`platforms\.twitter\.order`: Twitter / X has no door `api`"),
        ("[platforms.twitter]\nordr = []", r"`platforms\.twitter\.ordr`"),
        ("[platforms.twitter.doors.oembed]\nadress = 'https://a.example/{id}'", r"`platforms\.twitter\.doors\.oembed\.adress`"),
        ("[platforms.twitter.doors.oembed]\non = 'no'", r"`platforms\.twitter\.doors\.oembed\.on`"),
        ("[platforms.twitter.doors.oembed]\npace = 'soon'", r"`platforms\.twitter\.doors\.oembed\.pace`"),
        ("[platforms.twitter.doors.oembed]\naddress = []", r"oembed\.address`: is an empty list"),
        ("[platforms.twitter.doors.oembed]\naddress = 'https://a.example/'", r"oembed\.address`: names no post"),
        (
            "[platforms.twitter.doors.oembed]\naddress = 'https://a.example/{ID}'",
            r"oembed\.address`: has \{ID\}; known are \{id\}",
        ),
        ("[platforms.twitter.doors.oembed]\naddress = 'ftp://a.example/{id}'", r"oembed\.address`: is no URL"),
        ("[platforms.twitter.doors.oembed]\naddress = 'https://a.example:{id}/'", r"oembed\.address`: is no URL"),
        ("[platforms.twitter.doors.oembed]\naddress = 'https://a.example/#{id}'", r"oembed\.address`: names the post behind #"),
        ("[platforms.twitter.doors.oembed]\naddress = 'https://me:pw@a.example/{id}'", r"oembed\.address`: has a user name"),
        ("[platforms.twitter]\ncontrol = ['foo bar']", r"control`: foo bar names no post of Twitter / X"),
        ("[platforms.reddit]\ngone = ['../../x']", r"gone`: \.\./\.\./x names no post of Reddit"),
        (
            "[platforms.twitter]\ncontrol = ['https://blog.example/']",
            r"control`: https://blog\.example/ names no post of Twitter / X",
        ),
        ("[platforms.twitter]\ngone = ['']", r"gone`: has an empty text"),
        ("[platforms]\ntwitter = 7", r"`platforms\.twitter`"),
    ],
)
def test_a_wrong_key_or_value_is_named(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        doors_by(tmp_path, text)


def test_what_was_in_force_is_in_the_record_of_the_crawl(tmp_path: Path) -> None:
    settings = {"twitter": PlatformSettings(order=("oembed",), doors={"syndication": DoorSettings(on=False)})}
    assert '"platforms": {"twitter": {"doors": {"syndication": {"on": false}}, "order": ["oembed"]}}' in (
        CrawlPlan(tmp_path, (), platforms=settings).to_json()
    )
