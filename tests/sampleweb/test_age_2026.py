"""The platforms as they are in late 2026: hosts that moved, doors that closed, new shapes of replies."""

from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import quote

import pytest

from archiver.sampleweb import SampleWeb, State, running_sample_web
from tests.sampleweb.asking import ask, syndication_url

BLOG = "https://kharkiv-notebook.example"
PLAIN, MOZILLA = {"user_agent": "archiver/1.0"}, {"user_agent": "Mozilla/5.0 (X11; Linux x86_64)"}


@pytest.fixture
def web(tmp_path: Path) -> Iterator[SampleWeb]:
    with running_sample_web(tmp_path, age=2026) as running:
        yield running


def test_other_years_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="2023 is none of the years 2022, 2026"):
        SampleWeb(tmp_path, age=2023)


# --- X ------------------------------------------------------------------------------------------------------------------------


def oembed(host: str, tweet_id: str) -> str:
    return f"https://{host}/oembed?url=https://x.com/i/status/{tweet_id}&omit_script=1&dnt=1"


@pytest.mark.parametrize(
    "url",
    [
        "https://publish.twitter.com/oembed?url=https://twitter.com/i/status/1&dnt=1",
        "https://platform.twitter.com/widgets.js",
        "https://platform.twitter.com/embed/Tweet.html?id=1",
        "https://twitter.com/a/status/1",
    ],
)
def test_the_old_hosts_redirect_to_the_same_address_at_the_new(web: SampleWeb, url: str) -> None:
    answer = ask(web, url)
    assert (answer.status, answer.get("location")) == (301, url.replace("twitter.com", "x.com", 1))


def test_oembed_replies_speak_of_x(web: SampleWeb) -> None:
    for key in ("izyum", "ferry-lamps"):
        tweet = web.tweet(key)
        reply = ask(web, oembed("publish.x.com", tweet.id)).json
        assert reply["url"] == f"https://x.com/{tweet.handle}/status/{tweet.id}"
        assert reply["author_url"] == f"https://x.com/{tweet.handle}"
        assert f"pic.x.com/{tweet.code}" in reply["html"]
        assert "twitter.com" not in str(reply)
        assert 'class="twitter-tweet"' in reply["html"]


def test_what_is_gone_is_told_by_the_new_host_as_by_the_old(web: SampleWeb) -> None:
    web.day = 3
    assert ask(web, oembed("publish.x.com", web.tweet("izyum").id)).status == 404
    assert ask(web, oembed("publish.x.com", web.tweet("ferry-late").id)).status == 404
    assert "not authorized" in ask(web, oembed("publish.x.com", web.tweet("ferry-lamps").id)).text


def test_tweet_result_leaves_empty_lists_out(web: SampleWeb) -> None:
    izyum = ask(web, syndication_url(web.tweet("izyum").id)).json
    assert set(izyum["entities"]) == {"media"}
    assert izyum["entities"]["media"][0]["display_url"] == "pic.x.com/uOWxLTTvGP"
    assert all(found["entities"] == [] or all(found["entities"].values()) for found in payloads(web))
    assert any(found["entities"] == [] for found in payloads(web))


def payloads(web: SampleWeb) -> list[dict[str, object]]:
    skipped = ("market", "light-plan")  # one is refused at first, one cut off
    return [ask(web, syndication_url(tweet.id)).json for tweet in web.tweets if tweet.key not in skipped]


def test_an_article_and_a_card_are_told(web: SampleWeb) -> None:
    mud = ask(web, syndication_url(web.tweet("mud-article").id)).json
    assert mud["text"] == "https://t.co/Rk3mWq80Za"
    assert mud["article"]["title"] == "Four autumns of one field road"
    assert mud["article"]["preview_text"].startswith("The road behind the grain elevator")
    cover = mud["article"]["cover_media"]["media_info"]["original_img_url"]
    assert ask(web, cover).body.startswith(b"\xff\xd8")
    card = ask(web, syndication_url(web.tweet("gull-card").id)).json["card"]
    assert card["binding_values"]["title"]["string_value"] == "An hour of causeway"
    assert ask(web, card["binding_values"]["thumbnail_image_original"]["image_value"]["url"]).status == 200
    quote_post = ask(web, syndication_url(web.tweet("rail-quote").id)).json
    assert quote_post["quoted_tweet"]["id_str"] == web.tweet("gull-card").id


def test_the_age_estimate_is_no_deletion(web: SampleWeb) -> None:
    tweet = web.tweet("ferry-lamps")
    web.day = 2
    assert tweet.state_on(2) is State.AGE_RESTRICTED
    words = ask(web, syndication_url(tweet.id)).json["tombstone"]["text"]["text"]
    assert words.startswith("Due to local laws") and "until X estimates your age" in words


def test_a_post_s_own_page_tells_plain_agents_and_is_404_when_it_is_deleted(web: SampleWeb) -> None:
    tweet = web.tweet("ferry-late")
    page = ask(web, tweet.url, **PLAIN)
    assert 'property="og:title" content="Night Ferry (@night_ferry) on X"' in page.text
    assert tweet.text in unescape(page.text) and tweet.pictures[0].key in page.text
    assert "og:title" not in ask(web, tweet.url, **MOZILLA).text
    web.day = 2
    assert ask(web, tweet.url, **PLAIN).status == 404


def test_short_links_want_tls(web: SampleWeb) -> None:
    assert ask(web, "http://t.co/uOWxLTTvGP", **MOZILLA).status == 520
    shown = ask(web, "https://t.co/uOWxLTTvGP", **MOZILLA)
    assert (shown.status, 'http-equiv="refresh"' in shown.text) == (200, True)
    assert ask(web, "https://t.co/uOWxLTTvGP", **PLAIN).status == 301


def test_a_wrapper_of_tweets_leads_to_a_stranger(web: SampleWeb) -> None:
    answer = ask(web, f"https://twitframe.com/show?url={quote(web.tweet('izyum').url, safe='')}")
    assert answer.status == 302
    assert "twitter" not in ask(web, answer.get("location") or "").text


def test_scripts_and_frames_stand_at_the_new_host(web: SampleWeb) -> None:
    assert "https://platform.x.com/embed/Tweet.html" in ask(web, "https://platform.x.com/widgets.js").text
    assert "tweet.article.preview_text" in ask(web, "https://platform.x.com/embed/Tweet.html?id=1").text


def test_the_notebook_has_articles_and_share_buttons(web: SampleWeb) -> None:
    article, gull = web.tweet("mud-article"), web.tweet("gull-card")
    page = ask(web, f"{BLOG}/2026/10/08/the-road-that-moves/").text
    assert f'href="https://x.com/Maps_of_Mud/article/{article.id}"' in page
    assert "platform.x.com/widgets/tweet_button" in page and quote(article.url, safe="") in page
    other = ask(web, f"{BLOG}/2026/10/09/page-four/").text
    assert "platform.twitter.com/widgets/tweet_button" in other and quote(gull.url, safe="") in other
    new = {tweet.key for tweet in web.tweets if tweet.domain == "x.com"}
    assert len(new) == 5 and new <= {each.tweet.key for each in web.embeddings()}


def test_in_2022_nothing_of_this_is_there(tmp_path: Path) -> None:
    with running_sample_web(tmp_path) as old:
        assert old.age == 2022
        assert "publish.x.com" not in old.host_names
        assert not [tweet.key for tweet in old.tweets if tweet.domain != "twitter.com"]
        assert ask(old, f"{BLOG}/2026/10/09/page-four/").status == 404


def test_a_third_party_tells_what_x_shows(web: SampleWeb) -> None:
    tweet = web.tweet("ferry-lamps")
    url = f"https://api.fxtwitter.com/2/status/{tweet.id}"
    status = ask(web, url).json["status"]
    assert (status["id"], status["text"], status["author"]["screen_name"]) == (tweet.id, tweet.text, tweet.handle)
    assert len(status["media"]["photos"]) == 2
    web.day = 2
    assert ask(web, url).json["status"]["type"] == "tombstone"
    assert ask(web, f"https://api.fxtwitter.com/2/status/{web.tweet('ferry-late').id}").status == 404
