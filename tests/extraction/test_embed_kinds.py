"""Kinds of markup that pages embed posts with, whatever the platform, and kinds that look alike and embed nothing."""

from base64 import b64encode
from html import escape

import pytest

from archiver.extraction.embeds import find_embeds
from archiver.html.document import Document
from archiver.platforms import KEYWORDS, platform_named, post_of_url

VIDEO = "nB4-xTq8RkE"
TWEET = "1571111222233344455"
BEHIND = f'&mdash; H (@harbour) <a href="https://twitter.com/harbour/status/{TWEET}">September 17, 2022</a></blockquote>'
FACEBOOK = '<div class="fb-post" data-href="https://www.facebook.com/harbourlog/posts/10200000000000456/"></div>'
TELEGRAM = '<script async src="https://telegram.org/js/telegram-widget.js" data-telegram-post="harbourlog/21"></script>'
FLASH = f'<object width="4"><param name="movie" value="http://www.youtube.com/v/{VIDEO}"></object>'


def embedded(markup: str) -> list[tuple[str, str | None]]:
    document = Document(
        "https://blog.example/harbour", f"<html><body><p>Before.</p>{markup}<p>After.</p></body></html>", KEYWORDS
    )
    return [(embed.platform, embed.post_id) for embed in find_embeds(document).embeds]


@pytest.mark.parametrize(
    ("markup", "post"),
    [
        (f'<div data-html="{escape(FACEBOOK)}"></div>', ("facebook", "harbourlog/10200000000000456")),
        (f"<script data-html='{FACEBOOK}'></script>", ("facebook", "harbourlog/10200000000000456")),
        (f"<textarea>{escape(TELEGRAM)}</textarea>", ("telegram", "harbourlog/21")),
        (f'<div data-content="{b64encode(TELEGRAM.encode()).decode()}"></div>', ("telegram", "harbourlog/21")),
        (f'<img alt="" onload="box.innerHTML = &quot;{escape(FLASH)}&quot;">', ("youtube", VIDEO)),
        (f"<script>document.write('{FLASH}')</script>", ("youtube", VIDEO)),
        (f'<script type="text/template">{FACEBOOK}</script>', ("facebook", "harbourlog/10200000000000456")),
    ],
)
def test_hidden_markup_counts_whatever_it_holds(markup: str, post: tuple[str, str]) -> None:
    assert embedded(markup) == [post]


@pytest.mark.parametrize(
    ("markup", "post"),
    [
        (f'<video controls><source type="video/youtube" src="https://youtu.be/{VIDEO}?_=2"></video>', ("youtube", VIDEO)),
        ('<video src="https://vimeo.com/161803398"></video>', ("vimeo", "161803398")),
        ('<div data-service="vimeo" data-id="161803398"></div>', ("vimeo", "161803398")),
        (f'<div data-provider="YouTube" data-video-id="{VIDEO}"></div>', ("youtube", VIDEO)),
        (f'<div data-media-site-id="twitter" data-media-key="{TWEET}"></div>', ("twitter", TWEET)),
        (f'<div class="twitterembed-canvas" data-tweetid="{TWEET}"></div>', ("twitter", TWEET)),
        (
            '<div class="spotify_player" spotify_id="album/7aBcDeFgHiJkLmNoPqRsTu"></div>',
            ("spotify", "album/7aBcDeFgHiJkLmNoPqRsTu"),
        ),
        (f'<iframe src="https://l.lj-toys.com/?auth_token=x&amp;source=youtube&amp;vid={VIDEO}"></iframe>', ("youtube", VIDEO)),
        (f'<iframe src="/embed/youtube?url=https%3A%2F%2Fwww.youtube.com%2Fwatch%3Fv%3D{VIDEO}"></iframe>', ("youtube", VIDEO)),
        ('<a class="embedly-card" href="https://www.reddit.com/r/boats/comments/1cd3efg/tar/">Card</a>', ("reddit", "1cd3efg")),
        (
            f'<div><a href="https://twitter.com/harbour/status/{TWEET}" data-iframely-url="//cdn.iframe.ly/x"></a></div>',
            ("twitter", TWEET),
        ),
        ('<iframe src="https://odysee.com/$/embed/@harbour:1/Boat\'s-Day:4"></iframe>', ("odysee", "@harbour:1/Boat's-Day:4")),
    ],
)
def test_players_without_an_address_of_their_own(markup: str, post: tuple[str, str]) -> None:
    assert embedded(markup) == [post]


@pytest.mark.parametrize(
    "markup",
    [
        '<video src="/uploads/quay.mp4"></video>',
        '<div data-type="post" data-id="161803398"></div>',
        '<div data-type="vimeo" data-post-id="161803398"></div>',  # the site's own number
        '<div data-type="youtube" data-id="information"></div>',
        f'<div class="share-bar" data-service="youtube" data-id="{VIDEO}"></div>',
        f"<pre>{escape(FACEBOOK)}</pre>",  # a lesson
        f'<p data-rich-links=\'{{"u":"https://www.youtube.com/watch?v={VIDEO}"}}\'>x</p>',
        '<div data-show=\'{"spotify":"https://open.spotify.com/show/7aBcDeFgHiJkLmNoPqRsTu","overcast":"https://overcast.fm/x"}\'></div>',
        f'<p><a href="https://go.example/?url=https%3A%2F%2Fyoutu.be%2F{VIDEO}">The film</a></p>',
    ],
)
def test_what_embeds_nothing(markup: str) -> None:
    assert embedded(markup) == []


@pytest.mark.parametrize(
    "url",
    [
        f"https://go.shop.example/?id=1X2&url=https://twitter.com/harbour/status/{TWEET}?ref_src=x&xcust=1",
        f"https://click.example/deep?murl=https%3A%2F%2Ftwitter.com%2Fharbour%2Fstatus%2F{TWEET}&mid=4",
        f"https://click.example/r?u=https%253A%252F%252Ftwitter.com%252Fharbour%252Fstatus%252F{TWEET}",
        f"%E2%80%9Chttps://twitter.com/harbour/status/{TWEET}%E2%80%9D",
        f"https://twitter.com/i/topics/tweet/{TWEET}",
    ],
)
def test_an_address_within_another_leads_to_the_post(url: str) -> None:
    found = post_of_url(url)
    assert found is not None
    assert (found.platform, found.post_id) == ("twitter", TWEET)


def test_a_consent_page_of_youtube_leads_to_the_video() -> None:
    found = post_of_url(f"https://consent.youtube.com/m?continue=https%3A%2F%2Fwww.youtube.com%2Fwatch%3Fv%3D{VIDEO}&gl=DE")
    assert found is not None
    assert found.post_id == VIDEO


def test_two_short_links_that_were_glued_together_are_two() -> None:
    markup = f'<blockquote class="twitter-tweet"><p>Tar https://t.co/aBcDeFgHi1pic.twitter.com/kLmNoPqRs2</p>{BEHIND}'
    links = find_embeds(Document("https://blog.example/harbour", markup, KEYWORDS)).short_links
    assert set(links) == {"t.co/aBcDeFgHi1", "pic.twitter.com/kLmNoPqRs2"}


def test_joiners_are_letters_and_stay_in_a_tweet() -> None:
    markup = f'<blockquote class="twitter-tweet"><p>نمی\u200cدانم 👩\u200d🔧</p>{BEHIND}'
    found = find_embeds(Document("https://blog.example/harbour", markup, KEYWORDS)).embeds
    assert [embed.text for embed in found] == ["نمی\u200cدانم 👩\u200d🔧"]


@pytest.mark.parametrize(
    ("url", "post_id"),
    [
        ("https://www.facebook.com/photo.php?v=10200000000000456", "10200000000000456"),
        ("https://www.facebook.com/groups/harbour.boats/posts/ropes/1234567890123456/", "groups/harbour.boats/1234567890123456"),
        (
            "https://docs.google.com/spreadsheet/pub?key=0AbCdEfGhIjKlMnOpQrStUvWx&output=html",
            "googlesheet2009/0AbCdEfGhIjKlMnOpQrStUvWx",
        ),
        (
            "https://docs.google.com/forms/d/e/1FAIpQLSabcdefghijklmnopqrst/viewform",
            "googleforms/d/e/1FAIpQLSabcdefghijklmnopqrst",
        ),
        ("https://www.mixcloud.com/harbour/nine-ropes/", "mixcloud/harbour/nine-ropes"),
        ("https://www.slideshare.net/slideshow/nine-ropes/12345678", "slideshare/12345678"),
        ("https://podcasts.apple.com/us/podcast/harbour/id1206165808", "applepodcasts/id1206165808"),
        ("https://html5-player.libsyn.com/embed/episode/id/12345678/height/90", "libsyn/12345678"),
        (
            "https://player.simplecast.com/1234abcd-12ab-34cd-56ef-1234567890ab?dark=false",
            "simplecast/1234abcd-12ab-34cd-56ef-1234567890ab",
        ),
        ("https://playlist.megaphone.fm/?e=ABC1234567890", "megaphone/ABC1234567890"),
        ("https://embed.acast.com/harbour/nine-ropes", "acast/harbour/nine-ropes"),
        ("https://www.blogger.com/video.g?token=AD6v5dwabcdefghij", "blogger/AD6v5dwabcdefghij"),
        ("https://embed.music.apple.com/us/album/quay/1234567890", "applemusic/album/1234567890"),
        ("https://widget.deezer.com/widget/dark/track/1234567", "deezer/track/1234567"),
        ("https://coub.com/embed/1a2b3c?muted=false", "coub/1a2b3c"),
        ("https://tenor.com/embed/12345678", "tenor/12345678"),
        ("https://yandex.ru/map-widget/v1/?um=constructor%3Aabcdef0123", "yandexmap/constructor:abcdef0123"),
    ],
)
def test_further_forms_of_addresses(url: str, post_id: str) -> None:
    found = post_of_url(url)
    assert found is not None
    assert found.post_id == post_id
    assert post_of_url(platform_named(found.platform).canonical_url(post_id)) == found  # type: ignore[union-attr]
