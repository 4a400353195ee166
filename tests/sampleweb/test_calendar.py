"""The calendar: what each host says of each tweet on each day follows from the table."""

import re
from datetime import UTC, datetime

import pytest

from archiver.sampleweb import Denial, SampleWeb, State, Tweet
from tests.sampleweb.asking import ask, oembed_url, syndication_url

REFUSALS = {Denial.NOT_FOUND: 404, Denial.EMPTY: 200, Denial.TOMBSTONE: 200, Denial.WORDLESS: 200, Denial.BARE: 200}


def syndicated(web: SampleWeb, tweet: Tweet) -> tuple[int, bytes]:
    """The reply once what goes wrong on purpose is over."""
    answers = [ask(web, syndication_url(tweet.id)) for _ in range(2)]
    return answers[-1].status, answers[-1].body


def test_an_id_tells_when_the_tweet_was_written(web: SampleWeb) -> None:
    for tweet in web.tweets:
        seconds = ((int(tweet.id) >> 22) + 1288834974657) // 1000
        assert datetime.fromtimestamp(seconds, UTC) == tweet.posted_at


def test_keys_ids_and_codes_are_each_used_once(web: SampleWeb) -> None:
    names = [name for tweet in web.tweets for name in (tweet.key, tweet.id, *tweet.short_links)]
    pictures = [url for tweet in web.tweets for url in tweet.media_urls()]
    assert len(set(names)) == len(names)
    assert len(set(pictures)) == len(pictures)


def test_on_the_first_day_everything_is_up(web: SampleWeb) -> None:
    assert {tweet.state_on(1) for tweet in web.tweets} == {State.LIVE}


def test_from_the_second_day_posts_vanish_in_every_way(web: SampleWeb) -> None:
    assert {tweet.state_on(2) for tweet in web.tweets} == set(State)
    gone = [tweet for tweet in web.tweets if tweet.state_on(2) is not State.LIVE]
    assert {tweet.change_on(2).denial for tweet in gone} == set(Denial) - {Denial.NOT_FOUND}  # which is the third day's


@pytest.mark.parametrize("day", [2, 3, 4])
def test_the_platforms_say_what_the_table_says(web: SampleWeb, day: int) -> None:
    web.day = day
    changed = [tweet for tweet in web.tweets if tweet.changes and tweet.changes[0].day <= day]
    for tweet in changed:
        status, body = syndicated(web, tweet)
        embedded = ask(web, oembed_url(tweet.id))
        match tweet.state_on(day):
            case State.LIVE:
                assert (status, embedded.status) == (200, 200)
                assert tweet.id.encode() in body
            case State.DELETED:
                assert (status, embedded.status) == (REFUSALS[tweet.change_on(day).denial], 404)
            case State.SUSPENDED:
                assert (embedded.status, embedded.json["errors"][0]["code"]) == (403, 63)
            case State.PROTECTED | State.AGE_RESTRICTED:
                assert embedded.status == 403
                assert "not authorized" in embedded.text


def test_the_september_tweet_is_gone_everywhere_on_the_third_day_except_its_short_link(web: SampleWeb) -> None:
    tweet = web.tweet("izyum")
    assert tweet.handle == "AnonymousUK2022"
    assert tweet.text.endswith("only in Izyum")
    assert tweet.short_links == ("pic.twitter.com/uOWxLTTvGP",)
    (picture,) = tweet.media_urls()
    asked = (syndication_url(tweet.id), oembed_url(tweet.id), picture, picture.replace("name=orig", "name=small"))
    for day, status in ((1, 200), (2, 200), (3, 404), (4, 404)):
        web.day = day
        assert {ask(web, url).status for url in asked} == {status}
        assert ask(web, "https://t.co/uOWxLTTvGP").get("location") == f"{tweet.url}/photo/1"


def test_one_protected_tweet_is_back_on_the_fourth_day(web: SampleWeb) -> None:
    orchard = web.tweet("orchard")
    assert [orchard.state_on(day) for day in (1, 2, 3, 4)] == [State.LIVE, State.PROTECTED, State.PROTECTED, State.LIVE]


def test_an_edited_tweet_has_other_words_from_the_second_day_while_pages_keep_the_old_ones(web: SampleWeb) -> None:
    tweet = web.tweet("tea-recipe")
    url = syndication_url(tweet.id)
    before = ask(web, url).json
    web.day = 2
    after = ask(web, url).json
    assert (before["text"], before["isEdited"]) == (tweet.text, False)
    assert (after["text"], after["isEdited"]) == (tweet.edited_text, True)
    assert tweet.text in ask(web, "https://kharkiv-notebook.example/2022/10/13/tea-without-electricity/").text


def test_media_of_a_deleted_tweet_may_outlive_it_or_not(web: SampleWeb) -> None:
    web.day = 2
    stays, goes = web.tweet("oskil-bridge"), web.tweet("tea-window")
    assert stays.state_on(2) is goes.state_on(2) is State.DELETED
    assert {ask(web, url).status for url in stays.media_urls()} == {200}
    assert {ask(web, url).status for url in goes.media_urls()} == {404}


def test_some_pictures_have_no_original_and_are_there_in_large(web: SampleWeb) -> None:
    without = [picture for tweet in web.tweets for picture in tweet.pictures if not picture.original]
    assert without
    for picture in without:
        base = f"https://pbs.twimg.com/media/{picture.key}?format={picture.extension}&name="
        assert [ask(web, base + size).status for size in ("orig", "4096x4096", "large")] == [404, 404, 200]


def test_one_picture_has_many_addresses_and_each_size_its_own_bytes(web: SampleWeb) -> None:
    picture = web.tweet("izyum").pictures[0]
    base = f"https://pbs.twimg.com/media/{picture.key}"
    assert ask(web, f"{base}.jpg:large").body == ask(web, f"{base}?format=jpg&name=large").body
    sizes = {size: ask(web, f"{base}?format=jpg&name={size}").body for size in ("orig", "4096x4096", "large", "small", "thumb")}
    assert len(set(sizes.values())) == len(sizes)
    assert all(body.startswith(b"\xff\xd8") for body in sizes.values())


def test_a_short_link_shows_a_page_to_browsers(web: SampleWeb) -> None:
    answer = ask(web, "https://t.co/uOWxLTTvGP", user_agent="Mozilla/5.0 (X11; Linux x86_64)")
    assert answer.status == 200
    found = re.search(r'content="0;URL=([^"]+)"', answer.text)
    assert found is not None
    assert found[1] == f"{web.tweet('izyum').url}/photo/1"
