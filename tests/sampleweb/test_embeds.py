"""What a browser draws of posts: the networks' pages for frames, the scripts that put them into pages, and what stands before."""

import re
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest

from archiver.platforms import platform_named
from archiver.sampleweb import SAMPLE_POST, OtherPost, SampleWeb, State
from archiver.sampleweb.others import other_posts
from tests.sampleweb.asking import Answer, ask, syndication_url

BLOG = "https://kharkiv-notebook.example"
BRIDGE = f"{BLOG}/2022/09/09/bridge-at-the-oskil/"
POSTS = other_posts()
# As the archive calls them, where that is more than the number in the table.
POST_IDS = {
    "bluesky": "$did/$id",
    "mastodon": "mastodon.shore.example/$id",
    "soundcloud": "tracks/$id",
    "facebook": "$handle/$id",
}
GONE = [post for post in POSTS if post.changed_on and post.network.name != "telegram"]
INSTAGRAM = "https://www.instagram.com/p/C6dlSn79Z61/embed/captioned/"


def embed_page(post: OtherPost) -> str:
    """Where a browser draws the post by itself."""
    name = post.network.name
    if name in ("wordpress", "datawrapper"):
        return f"https://{post.fill(post.network.frame.at[0])}"
    platform = platform_named(name)
    assert platform is not None
    post_id = post.fill(POST_IDS.get(name, "$id"))
    pages = (platform.embed_page(post_id, post.handle), *platform.other_embed_pages(post_id, post.handle))
    return next(page for page in pages if page is not None and "/player/v1/" not in page)  # TikTok has that since 2026


@pytest.mark.parametrize("post", POSTS, ids=lambda post: post.key)
def test_a_live_post_is_drawn_with_author_words_and_pictures(web: SampleWeb, post: OtherPost) -> None:
    answer = ask(web, embed_page(post))
    text = unescape(answer.text)

    assert answer.status == 200
    assert post.text in text and (post.name in text or post.handle in text)
    assert all(picture.url in text for picture in post.pictures)
    assert post.network.frame.colour in text and "offsetHeight" in text


@pytest.mark.parametrize("post", GONE, ids=lambda post: post.key)
def test_a_post_that_is_gone_is_refused_as_its_network_refuses(web: SampleWeb, post: OtherPost) -> None:
    web.day = 2
    answer = ask(web, embed_page(post))

    assert (answer.status, post.network.frame.gone in unescape(answer.text)) == (post.network.frame.status, True)
    assert post.text not in unescape(answer.text)


def test_some_say_so_with_404_and_some_with_200(web: SampleWeb) -> None:
    web.day = 2
    told = {post.network.name: ask(web, embed_page(post)).status for post in POSTS if post.state_on(2) is not State.LIVE}

    assert told == {"bluesky": 200, "mastodon": 404, "telegram": 200, "youtube": 200, "tiktok": 200}


def test_a_post_that_never_was_has_the_page_of_one_that_is_gone(web: SampleWeb) -> None:
    answer = ask(web, "https://player.vimeo.com/video/1")

    assert (answer.status, "does not exist" in answer.text) == (404, True)


def test_every_script_of_the_magazine_and_of_the_notebook_is_there(web: SampleWeb) -> None:
    pages = {page for page, _, _ in web.other_pages()} | {each.page for each in web.embeddings(1)}
    found = {
        urljoin(page, unescape(source))
        for page in pages
        for source in re.findall(r'<script[^>]* src="([^"]+)"', _again(web, page).body.decode("utf-8", "replace"))
    }

    assert len({urlsplit(url).hostname for url in found}) >= 8
    assert {(url, ask(web, url).status) for url in found} == {(url, 200) for url in found}


def test_a_script_makes_frames_of_its_own_networks_boxes(web: SampleWeb) -> None:
    bluesky = ask(web, "https://embed.bsky.app/static/embed.js").text
    mastodon = ask(web, "https://mastodon.shore.example/embed.js").text

    assert "blockquote.bluesky-embed" in bluesky and "'https://embed.bsky.app/embed/' + box.dataset.blueskyUri" in bluesky
    assert "iframe.mastodon-embed" in mastodon and "frame.src = null" in mastodon  # its box is a frame already


def test_one_network_sends_strangers_to_log_in_on_the_second_day(web: SampleWeb) -> None:
    assert ask(web, INSTAGRAM).status == 200
    web.day = 2
    walled = ask(web, INSTAGRAM)
    form = ask(web, (walled.get("location") or "").split("?")[0])
    web.day = 3

    assert walled.status == 302
    assert walled.get("location") == "https://www.instagram.com/accounts/login/?next=%2Fp%2FC6dlSn79Z61%2Fembed%2Fcaptioned%2F"
    assert form.status == 200 and '<input name="password" type="password"' in form.text
    assert ask(web, INSTAGRAM).status == 200


# --- pages that take some drawing ---------------------------------------------------------------------------------------------


def test_some_posts_have_a_banner_before_them(web: SampleWeb) -> None:
    banners = {post.banner: f"{BLOG}/{post.published:%Y/%m/%d}/{post.slug}/" for post in web.posts if post.banner}

    assert set(banners) == {"onetrust", "cookiebot", "own"}
    for url in banners.values():
        assert "position:fixed" in _again(web, url).text
    assert 'id="onetrust-accept-btn-handler"' in ask(web, BRIDGE).text
    assert "onetrust" not in ask(web, SAMPLE_POST).text + ask(web, f"{BLOG}/feed/").text


def test_pictures_far_below_get_their_address_when_a_reader_comes_near(web: SampleWeb) -> None:
    page = ask(web, BRIDGE).text
    later = re.findall(r'<img class="lazy" src="data:[^"]+" data-src="([^"]+)"', page)

    assert len(later) == 2
    assert {ask(web, url).body[:2] for url in later} == {b"\xff\xd8"}
    assert "IntersectionObserver" in ask(web, f"{BLOG}/wp-content/themes/notebook/lazy.js").text
    style = ask(web, f"{BLOG}/wp-content/themes/notebook/style.css").text
    assert "position: sticky" in style and ".is-later { margin-top: 1500px }" in style


def test_the_script_that_empties_deleted_tweets_asks_what_the_crawler_asks(web: SampleWeb) -> None:
    tweet = web.tweet("oskil-bridge")
    script = ask(web, "https://platform.twitter.com/widgets.js").text
    web.day = 2

    assert '"https://cdn.syndication.twimg.com/tweet-result?id=" + id + "&lang=en&token=" + token' in script
    assert 'box.textContent = ""' in script
    assert b'"__typename":"Tweet"' not in ask(web, syndication_url(tweet.id)).body
    assert tweet.text.split("https://")[0].strip()[:40] in unescape(re.sub(r"<[^>]+>", "", ask(web, BRIDGE).text))


def test_amp_pages_and_wrappers_show_their_tweets(web: SampleWeb) -> None:
    tweet = web.tweet("izyum")
    wrapped = ask(web, f"https://twitframe.com/show?url=https%3A%2F%2Ftwitter.com%2Fa%2Fstatus%2F{tweet.id}").text

    assert f"https://platform.twitter.com/embed/Tweet.html?dnt=true&id={tweet.id}" in wrapped
    assert "amp-twitter[data-tweetid]" in ask(web, "https://cdn.ampproject.org/v0/amp-twitter-0.1.js").text
    assert ask(web, "https://cdn.ampproject.org/v0.js").status == 200


def test_an_overload_may_be_read_by_the_scripts_of_other_hosts(web: SampleWeb) -> None:
    answer = ask(web, syndication_url(web.tweet("market").id))

    assert (answer.status, answer.get("access-control-allow-origin")) == (429, "*")


def _again(web: SampleWeb, url: str) -> Answer:
    """A page, asked for twice where it is meant to fail at first."""
    answer = ask(web, url)
    return ask(web, url) if answer.status in (429, 503) else answer
