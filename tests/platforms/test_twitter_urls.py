"""Addresses of posts, short links and media of Twitter / X, in the forms that real pages have."""

import pytest

from archiver.model.findings import PostRef
from archiver.platforms import PLATFORMS, media_key_of, post_of_url, short_link_of
from archiver.platforms.twitter.urls import media_in, posted_at_of_id, short_links_in

ID = "1568605567890001920"
CODED = f"https%3A%2F%2Ftwitter.com%2Fmira_k%2Fstatus%2F{ID}"
TWITTER = PLATFORMS[0]


@pytest.mark.parametrize(
    "url",
    [
        f"https://twitter.com/mira_k/status/{ID}",
        f"http://www.twitter.com/mira_k/statuses/{ID}",
        f"//mobile.twitter.com/mira_k/status/{ID}?s=20",
        f"https://m.twitter.com/mira_k/status/{ID}/photo/1",
        f"https://x.com/mira_k/status/{ID}/video/1",
        f"https://twitter.com/i/status/{ID}",
        f"https://twitter.com/i/web/status/{ID}",
        f"https://twitter.com/statuses/{ID}",
        f"https://twitter.com/#!/mira_k/status/{ID}",
        f"https://twitter.com/%23!/mira_k/status/{ID}",
        f"https://twitter.com/mira_k/status/{ID}).",
        f"https://twitter.com/mira_k/status/{ID}%E2%80%9D",
        f"”https://twitter.com/mira_k/status/{ID}”",
        f"https://TWITTER.com/mira_k/Status/{ID}",
        f"https://web.archive.org/web/20220911181541if_/https://twitter.com/mira_k/status/{ID}",
        f"https://web.archive.org/web/2022/http://x.com/mira_k/status/{ID}",
        f"https://nitter.net/mira_k/status/{ID}#m",
        f"https://nitter.poast.example/mira_k/status/{ID}",
        f"https://fxtwitter.com/mira_k/status/{ID}",
        f"https://vxtwitter.com/mira_k/status/{ID}",
        f"https://fixupx.com/mira_k/status/{ID}",
        f"https://twitframe.com/show?url=https%3A%2F%2Ftwitter.com%2Fmira_k%2Fstatus%2F{ID}",
        f"https://platform.twitter.com/embed/Tweet.html?dnt=true&id={ID}",
        f"https://l.facebook.com/l.php?u={CODED}&h=AT0",
        f"https://eur01.safelinks.protection.outlook.com/?url={CODED}&data=05",
        f"https://t.umblr.com/redirect?z={CODED}&t=Nm",
        f"https://archive.is/2022.05.01-101010/https://twitter.com/mira_k/status/{ID}",
        f"https://archive.ph/https://twitter.com/mira_k/status/{ID}",
        f"http://web.archive.org:80/web/20220501000000/https://twitter.com/mira_k/status/{ID}",
        f"//web.archive.org/web/20220501000000/https://twitter.com/mira_k/status/{ID}",
        f"http://wayback.archive.org/web/20220501000000/https://twitter.com/mira_k/status/{ID}",
        f"https://web.archive.org/web/*/https://twitter.com/mira_k/status/{ID}",
        f"https://web.archive.org/save/https://twitter.com/mira_k/status/{ID}",
        f"https://arquivo.pt/wayback/20220501000000/https://twitter.com/mira_k/status/{ID}",
        f"https://twitter.com./mira_k/status/{ID}",
        f"https://user@twitter.com/mira_k/status/{ID}",
        f"https://d.fxtwitter.com/mira_k/status/{ID}",
        f"https://c.vxtwitter.com/mira_k/status/{ID}",
        f"http://https://twitter.com/mira_k/status/{ID}",
        f"https://twitter.com/i/user/status/{ID}",
        f"https://twitter.com/status/{ID}",
        f"https://twitter.com/mira_k/status//{ID}",
        f'\\"https://twitter.com/mira_k/status/{ID}\\"',
        f"https://platform.x.com/embed/Tweet.html?dnt=true&id={ID}",
        f"https://publish.x.com/oembed?url=https%3A%2F%2Fx.com%2Fmira_k%2Fstatus%2F{ID}&omit_script=1",
        f"https://x.com/mira_k/article/{ID}",
        f"https://twitter.com/mira_k/article/{ID}?s=20",
        f"https://l.facebook.com/l.php?u=https%3A%2F%2Fx.com%2Fmira_k%2Farticle%2F{ID}&h=AT0",
        f"https://xcancel.com/mira_k/status/{ID}#m",
    ],
)
def test_every_form_of_a_posts_url_names_it(url: str) -> None:
    assert post_of_url(url) == PostRef("twitter", ID)


@pytest.mark.parametrize(
    "url",
    [
        "https://twitter.com/mira_k",
        "https://twitter.com/mira_k/status/",
        f"https://twitter.com/intent/tweet?url=https://twitter.com/mira_k/status/{ID}",
        f"https://twitter.com/share?url=https://twitter.com/mira_k/status/{ID}",
        f"https://blog.example/?next=https://twitter.com/mira_k/status/{ID}",
        f"https://l.facebook.com/l.php?u=https%3A%2F%2Ftwitter.com%2Fintent%2Ftweet%3Furl%3D{CODED}",
        f"https://nottwitter.com/mira_k/status/{ID}",
        f"https://netflix.com/mira_k/status/{ID}",
        "https://twitter.com/search?q=status/123",
        f"https://x.com/i/article/{ID}",  # the number is the article's own
        f"https://x.com/article/{ID}",
        f"https://platform.x.com/widgets/tweet_button.html?url={CODED}",
        f"https://platform.twitter.com/widgets/tweet_button.html#url={CODED}",
        "",
        "https://[",
    ],
)
def test_other_urls_name_no_post(url: str) -> None:
    assert post_of_url(url) is None


@pytest.mark.parametrize("early", ["20", "1692818329", "29700859246"])
def test_posts_of_the_first_years_have_short_ids_without_a_time(early: str) -> None:
    assert post_of_url(f"https://twitter.com/mira_k/status/{early}") == PostRef("twitter", early)
    assert posted_at_of_id(early) is None


def test_a_later_id_holds_the_time() -> None:
    assert posted_at_of_id("1641086480675225601") == "2023-03-29T14:34:41Z"
    assert posted_at_of_id("not an id") is None
    assert posted_at_of_id("9" * 20) is None


@pytest.mark.parametrize(
    "reference",
    ["pic.twitter.com/uOWxLTTvGP", "https://pic.twitter.com/uOWxLTTvGP", "pic.x.com/uOWxLTTvGP", "t.co/uOWxLTTvGP",
     "http://t.co/uOWxLTTvGP?s=1", "https://www.t.co/uOWxLTTvGP/", " Pic.Twitter.com/uOWxLTTvGP "],
)  # fmt: skip
def test_a_short_link_has_one_key_in_all_spellings(reference: str) -> None:
    assert short_link_of(reference) == "t.co/uOWxLTTvGP"


@pytest.mark.parametrize(
    "reference", ["t.co/", "t.co/i/app/x", "https://pinterest.co/abcdefgh", "uOWxLTTvGP", f"https://x.com/a/status/{ID}"]
)
def test_other_references_are_no_short_links(reference: str) -> None:
    assert short_link_of(reference) is None


def test_the_case_of_a_code_counts() -> None:
    assert short_link_of("t.co/abcdefgh") != short_link_of("t.co/ABCDEFGH")


def test_short_links_of_a_text_come_once_each_and_as_readers_saw_them() -> None:
    text = (
        '<a href="https://t.co/AbCdEf1234">pic.twitter.com/AbCdEf1234</a> http:\\/\\/t.co\\/Zz9Zz9Zz9 '
        "the rangepic.x.com/Qq1Qq1Qq1 pic.twitter.com/cut1… comment.co/abcdefgh https://www.reddit.com/abcdefgh t.co/AbCdEf1234"
    )
    assert short_links_in(text) == ("pic.twitter.com/AbCdEf1234", "t.co/Zz9Zz9Zz9", "pic.x.com/Qq1Qq1Qq1")


@pytest.mark.parametrize(
    "url",
    [
        "https://pbs.twimg.com/media/FcTkQpXWIAAdTq1.jpg",
        "http://pbs.twimg.com/media/FcTkQpXWIAAdTq1.jpg:large",
        "https://pbs.twimg.com/media/FcTkQpXWIAAdTq1?format=jpg&name=small",
        "https://i1.wp.com/pbs.twimg.com/media/FcTkQpXWIAAdTq1.jpg?w=696&ssl=1",
        "https://web.archive.org/web/2022im_/https://pbs.twimg.com/media/FcTkQpXWIAAdTq1.jpg",
    ],
)
def test_all_addresses_of_a_picture_share_a_key_and_lead_to_the_original(url: str) -> None:
    assert media_key_of(url) == "pbs.twimg.com/media/FcTkQpXWIAAdTq1"
    sizes = ("orig", "4096x4096", "large", "medium", "small")
    picture = "https://pbs.twimg.com/media/FcTkQpXWIAAdTq1"
    assert TWITTER.media_urls(url)[: len(sizes)] == tuple(f"{picture}?format=jpg&name={size}" for size in sizes)


@pytest.mark.parametrize("folder", ["ext_tw_video_thumb/1568/pu/img", "amplify_video_thumb/1568/img", "tweet_video_thumb"])
def test_posters_of_videos_are_pictures(folder: str) -> None:
    assert media_key_of(f"https://pbs.twimg.com/{folder}/KeY_1-x.jpg:small") == f"pbs.twimg.com/{folder}/KeY_1-x"
    assert (
        TWITTER.media_urls(f"https://pbs.twimg.com/{folder}/KeY_1-x.png")[0]
        == f"https://pbs.twimg.com/{folder}/KeY_1-x?format=png&name=orig"
    )


def test_all_renditions_of_a_video_share_a_key() -> None:
    small = "https://video.twimg.com/ext_tw_video/1568/pu/vid/320x180/aaa.mp4?tag=12"
    large = "https://video.twimg.com/ext_tw_video/1568/pu/vid/1280x720/bbb.mp4"
    assert media_key_of(small) == media_key_of(large) == "video.twimg.com/ext_tw_video/1568"
    assert TWITTER.media_urls(small) == (small,)


def test_other_pictures_are_keyed_by_their_address() -> None:
    assert media_key_of("https://blog.example/a.jpg?utm_source=x") == "blog.example/a.jpg"
    assert TWITTER.media_urls("https://blog.example/a.jpg") == ()


def test_media_of_a_page_are_found_in_markup_and_in_json() -> None:
    page = (
        '<img src="//pbs.twimg.com/media/AAA.jpg:large"> '
        '{"u":"https:\\/\\/pbs.twimg.com\\/media\\/BBB?format=png\\u0026name=small"}'
    )
    assert media_in(page) == (
        "https://pbs.twimg.com/media/AAA.jpg:large",
        "https://pbs.twimg.com/media/BBB?format=png&name=small",
    )
