"""Posts of other networks: what their hosts say on which day, and the magazine that embeds them."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import quote, urljoin
from xml.etree import ElementTree

import pytest

from archiver.sampleweb import MAGAZINE_URL, OtherPost, SampleWeb, State
from archiver.sampleweb.others import other_posts
from tests.sampleweb.asking import Answer, ask

TID = "234567abcdefghijklmnopqrstuvwxyz"  # atproto.com/specs/tid
SHORTCODE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
POSTS = other_posts()


def asked(web: SampleWeb, post: OtherPost) -> Answer:
    """The request that tells of a post: each network's own."""
    host = post.network.hosts[0]
    path = post.fill(post.network.asked)
    match post.network.name:
        case "bluesky":
            return ask(web, post.fill(f"https://{host}{path}?uri=at://$did/app.bsky.feed.post/$id"))
        case "mastodon":
            return ask(web, f"https://{host}{path}{post.id}")
        case "telegram":
            return ask(web, f"https://{host}{path}?embed=1")
        case "facebook":
            return ask(web, f"https://{host}{path}?href={quote(post.url, safe='')}")
        case "instagram":
            return ask(web, f"https://{host}{path}/captioned/")
        case _:
            return ask(web, f"https://{host}{path}?url={quote(post.url, safe='')}&format=json")


def test_keys_ids_and_pictures_are_each_used_once() -> None:
    names = [name for post in POSTS for name in (post.key, post.id)]
    shown = [url for post in POSTS for url in (*(each.url for each in post.pictures), *post.also)]
    assert len(set(names)) == len(names)
    assert len(set(shown)) == len(shown)


@pytest.mark.parametrize("post", POSTS, ids=lambda post: post.key)
def test_a_live_post_is_told_with_its_words_and_its_picture(web: SampleWeb, post: OtherPost) -> None:
    answer = asked(web, post)
    text = unescape(answer.text)
    assert answer.status == 200
    assert post.text in text
    assert (post.name in text) or (post.handle in text) or post.network.name == "datawrapper"
    for picture in post.pictures:
        assert picture.url in text
        assert ask(web, picture.url).body.startswith(b"\xff\xd8")


@pytest.mark.parametrize("post", [post for post in POSTS if post.changed_on], ids=lambda post: post.key)
def test_from_the_second_day_it_is_refused_as_its_network_does_and_its_pictures_stay(web: SampleWeb, post: OtherPost) -> None:
    assert post.state_on(1) is State.LIVE
    web.day = post.changed_on or 0
    answer = asked(web, post)
    refusal = post.network.refusals[post.state_on(2)]
    assert (answer.status, answer.body.decode()) == (refusal.status, post.fill(refusal.body))
    assert post.text not in answer.text
    assert {ask(web, picture.url).status for picture in post.pictures} <= {200}


def test_in_every_way_that_was_wanted() -> None:
    gone = {(post.network.name, post.state_on(2)) for post in POSTS} - {(post.network.name, State.LIVE) for post in POSTS}
    assert gone == {
        *((name, State.DELETED) for name in ("bluesky", "mastodon", "telegram", "tiktok")),
        ("youtube", State.PROTECTED),
    }


def test_a_post_that_never_was_is_not_found(web: SampleWeb) -> None:
    thread = (
        "https://public.api.bsky.app/xrpc/app.bsky.feed.getPostThread?uri=at://nobody.example/app.bsky.feed.post/3aaaaaaaaaaaa"
    )
    assert ask(web, thread).json["error"] == "NotFound"
    assert ask(web, "https://www.youtube.com/oembed?url=https%3A%2F%2Fyoutu.be%2Faaaaaaaaaaa").status == 404
    assert ask(web, "https://mastodon.shore.example/api/v1/statuses/1").status == 404


def test_strangers_meet_a_wall_and_robots_nothing(web: SampleWeb) -> None:
    assert ask(web, "https://www.reddit.com/comments/1ckq7x2.json").status == 403
    assert ask(web, "https://www.facebook.com/robots.txt").status == 404


def test_a_short_link_leads_to_its_video_on_all_days(web: SampleWeb) -> None:
    crab = web.other("crab")
    for day in (1, 3):
        web.day = day
        answer = ask(web, "https://vm.tiktok.com/ZMrCr4b9k/")
        assert (answer.status, (answer.get("location") or "").split("?")[0]) == (301, crab.url)
    assert ask(web, "https://vm.tiktok.com/nosuch").status == 404


def test_a_thread_shows_the_quoted_post_in_full(web: SampleWeb) -> None:
    shown = asked(web, web.other("boats")).json["thread"]["post"]["embed"]
    assert shown["record"]["record"]["value"]["text"] == web.other("lamp").text
    assert len(shown["media"]["images"]) == 2


def test_an_id_tells_when_the_post_was_made() -> None:
    told = {
        "bluesky": lambda name: (_number(name, TID) >> 10) / 1e6,
        "mastodon": lambda name: (int(name) >> 16) / 1e3,
        "tiktok": lambda name: int(name) >> 32,
        "instagram": lambda name: ((_number(name, SHORTCODE) >> 23) + 1_314_220_021_721) / 1e3,
    }
    dated = [post for post in POSTS if post.network.name in told]
    assert len(dated) == 7
    for post in dated:
        made = datetime.fromtimestamp(told[post.network.name](post.id), UTC)
        assert abs(made - post.posted_at) < timedelta(seconds=1), post.key


def _number(name: str, digits: str) -> int:
    number = 0
    for digit in name:
        number = number * len(digits) + digits.index(digit)
    return number


# --- the magazine -------------------------------------------------------------------------------------------------------------


def test_every_form_of_every_network_is_on_some_page_but_what_only_replies_have(web: SampleWeb) -> None:
    forms = {(post.network.name, form) for post in POSTS for form in post.network.forms}
    assert forms - {(post.network.name, form) for _, post, form in web.other_pages()} == {("youtube", "code"), ("vimeo", "code")}


def test_pages_show_what_the_table_says(web: SampleWeb) -> None:
    for page, post, form in web.other_pages():
        assert post.html(form) in ask(web, page).text


def test_index_and_feed_list_the_same_pages_newest_first(web: SampleWeb) -> None:
    index = ask(web, MAGAZINE_URL).text
    listed = [urljoin(MAGAZINE_URL, path) for path in re.findall(r'<li><a href="([^"]+)"', index)]
    feed = ElementTree.fromstring(ask(web, f"{MAGAZINE_URL}feed.atom").body)
    atom = "{http://www.w3.org/2005/Atom}"
    assert [link.attrib["href"] for link in feed.findall(f"{atom}entry/{atom}link")] == listed
    assert {page for page, _, _ in web.other_pages()} == set(listed)
    dates = [each.text or "" for each in feed.findall(f"{atom}entry/{atom}published")]
    assert dates == sorted(dates, reverse=True)


def test_the_notebook_and_the_diary_do_not_lead_there(web: SampleWeb) -> None:
    """The demo and many tests count what they lead to."""
    for url in ("https://kharkiv-notebook.example/", "https://harbour-diary.example/"):
        assert "tideline" not in ask(web, url).text
