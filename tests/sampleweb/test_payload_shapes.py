"""Replies of the sample web have the keys and types of real ones (see tests/platforms/payloads/SOURCE.md)."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archiver.sampleweb import Denial, SampleWeb
from tests.sampleweb.asking import ask, oembed_url, syndication_url

PAYLOADS = Path(__file__).parent.parent / "platforms" / "payloads"
# Keys that real replies have only where they apply, and that the fixtures' tweets do not have.
REPLIES = {"parent", "in_reply_to_screen_name", "in_reply_to_status_id_str", "in_reply_to_user_id_str"}
SOMETIMES = {"quoted_tweet", "note_tweet", *REPLIES}
ONLY_WITH_MEDIA = {"/mediaDetails", "/photos", "/entities/media"}


def differences(ours: Any, real: Any, place: str = "") -> Iterator[str]:
    """Where keys or types differ. Members of a list are each compared with the member of the other list that is most like it."""
    if isinstance(ours, dict) and isinstance(real, dict):
        yield from (f"{place}/{key} is missing" for key in real.keys() - ours.keys())
        yield from (f"{place}/{key} is not in real replies" for key in ours.keys() - real.keys() - SOMETIMES)
        for key in ours.keys() & real.keys():
            yield from differences(ours[key], real[key], f"{place}/{key}")
    elif isinstance(ours, list) and isinstance(real, list):
        for member in ours if real else ():
            yield from min((list(differences(member, other, f"{place}[]")) for other in real), key=len)
    elif type(ours) is not type(real):
        yield f"{place} is {type(ours).__name__}, in real replies {type(real).__name__}"


def fixture(name: str) -> Any:
    return json.loads((PAYLOADS / f"{name}.json").read_text("utf-8"))


def reply(web: SampleWeb, url: str) -> Any:
    answer = ask(web, url)
    return ask(web, url).json if answer.status == 429 else answer.json


def test_tweets_with_pictures(web: SampleWeb) -> None:
    web.day = 2  # on the first day one reply is malformed on purpose
    tweets = [tweet for tweet in web.tweets if tweet.pictures and not tweet.changes]
    assert len(tweets) > 10
    for tweet in tweets:
        assert list(differences(reply(web, syndication_url(tweet.id)), fixture("syndication_tweet_photo"))) == [], tweet.key


def test_tweets_with_a_video(web: SampleWeb) -> None:
    tweets = [tweet for tweet in web.tweets if tweet.video and not tweet.video.gif]
    assert tweets
    for tweet in tweets:
        found = list(differences(reply(web, syndication_url(tweet.id)), fixture("syndication_tweet_video")))
        assert found == [], tweet.key


def test_tweets_without_media(web: SampleWeb) -> None:
    tweets = [tweet for tweet in web.tweets if not tweet.code]
    assert tweets
    for tweet in tweets:
        found = set(differences(reply(web, syndication_url(tweet.id)), fixture("syndication_tweet_photo")))
        assert found == {f"{place} is missing" for place in ONLY_WITH_MEDIA}, tweet.key


def test_quoted_tweets_and_parents_have_the_shape_of_tweets(web: SampleWeb) -> None:
    own = fixture("syndication_tweet_photo")
    quoting = reply(web, syndication_url(web.tweet("van-2").id))
    assert quoting["quoted_tweet"]["id_str"] == web.tweet("van-1").id
    answering = reply(web, syndication_url(web.tweet("walks-2").id))
    assert answering["parent"]["id_str"] == answering["in_reply_to_status_id_str"] == web.tweet("walks-1").id
    for inner in (quoting["quoted_tweet"], answering["parent"]):
        shared = {key: value for key, value in inner.items() if key in own and key != "mediaDetails"}
        assert shared.keys() >= {"lang", "created_at", "display_text_range", "entities", "id_str", "text", "user", "edit_control"}
        assert [each for each in differences(shared, own) if not each.endswith("is missing")] == []


@pytest.mark.parametrize(
    ("denial", "name"),
    [
        (Denial.TOMBSTONE, "syndication_tombstone_deleted"),
        (Denial.WORDLESS, "syndication_tombstone_wordless"),
        (Denial.BARE, "syndication_tombstone_bare"),
    ],
)
def test_tombstones(web: SampleWeb, denial: Denial, name: str) -> None:
    web.day = 2
    tweets = [tweet for tweet in web.tweets if tweet.changes and tweet.change_on(2).denial is denial]
    assert tweets
    for tweet in tweets:
        assert list(differences(reply(web, syndication_url(tweet.id)), fixture(name))) == [], tweet.key


def test_oembed_replies(web: SampleWeb) -> None:
    for tweet in web.tweets:
        assert list(differences(reply(web, oembed_url(tweet.id)), fixture("oembed"))) == [], tweet.key


def test_indices_in_a_reply_point_at_what_they_name(web: SampleWeb) -> None:
    for tweet in web.tweets:
        if tweet.key == "light-plan":  # malformed on purpose on the first day
            continue
        data = reply(web, syndication_url(tweet.id))
        entities = data["entities"]
        for link in (*entities["urls"], *entities.get("media", ())):
            start, end = link["indices"]
            assert data["text"][start:end] == link["url"]
        for tag in entities["hashtags"]:
            start, end = tag["indices"]
            assert data["text"][start:end] == f"#{tag['text']}"
