"""Players that a script makes, and what players say of a video before they are loaded."""

import pytest

from archiver.extraction.embeds import find_embeds
from archiver.html.document import Document
from archiver.model.findings import Embed


def embeds(html: str) -> list[Embed]:
    return list(find_embeds(Document("https://blog.example/a", f"<body>{html}</body>")).embeds)


def test_scripts_of_the_flash_years_load_players_into_a_page() -> None:
    found = embeds(
        '<script>var so = new SWFObject("http://www.youtube.com/v/mB7_qLx2Zt4&hl=en", "m", "9"); so.write("x");</script>'
        "<script>swfobject.embedSWF('http://vimeo.com/moogaloop.swf?clip_id=2718281', 'v', '400');</script>"
        '<script>swfobject.embedSWF("/player.swf", "v"); var link = "http://www.youtube.com/v/aaaaaaaaaa1";</script>'
    )

    assert [(embed.platform, embed.post_id, embed.kind) for embed in found] == [
        ("youtube", "mB7_qLx2Zt4", "script"),
        ("vimeo", "2718281", "script"),
    ]


def test_each_player_of_a_script_is_an_embed_and_lists_and_channels_are_none() -> None:
    found = embeds(
        "<script>function onYouTubeIframeAPIReady() { a = new YT.Player('a', {videoId: 'mB7_qLx2Zt4', events: {}});"
        " b = new YT.Player('b', {'videoId': 'aB7_qLx2Zt5'}); c = new YT.Player('c', {playerVars: {list: 'PLabc'}}); }</script>"
        '<script>new Twitch.Player("t", {channel: "mira"}); dailymotion.createPlayer("d", {video: "x7bee42"});</script>'
    )

    assert [embed.post_id for embed in found] == ["mB7_qLx2Zt4", "aB7_qLx2Zt5", "x7bee42"]


def test_a_facade_and_the_frame_in_its_noscript_are_one_embed() -> None:
    found = embeds(
        '<div class="rll-youtube-player" data-id="mB7_qLx2Zt4" data-src="https://www.youtube.com/embed/mB7_qLx2Zt4"'
        ' data-alt="Bees"></div>'
        '<noscript><iframe src="https://www.youtube.com/embed/mB7_qLx2Zt4"></iframe></noscript>'
    )

    assert [(embed.post_id, embed.text) for embed in found] == [("mB7_qLx2Zt4", "Bees")]


@pytest.mark.parametrize(
    "markup",
    [
        '<div class="youtube-gallery" data-id="27182818284"></div>',
        '<div class="yt-button" data-id="subscribers"></div>',
        '<div class="carousel" data-id="mB7_qLx2Zt4"></div>',
        '<div class="vimeo-list" data-id="3"></div>',
        '<div data-plyr-provider="html5" data-plyr-embed-id="mB7_qLx2Zt4"></div>',
        '<script src="https://cdn.example/x.js" data-video="x7bee42"></script>',
    ],
)
def test_other_values_in_the_same_attributes_are_no_videos(markup: str) -> None:
    assert embeds(markup) == []


@pytest.mark.parametrize(
    ("attributes", "title"),
    [
        ('title="Bees at work"', "Bees at work"),
        ('title="YouTube video player"', None),
        ('title="Dailymotion Video Player"', None),
        ('title=""', None),
        ('title="Embedded video for Bees"', "Bees"),
        (f'title="{"b" * 900}"', "b" * 500),
    ],
)
def test_the_title_of_a_frame_is_the_text_unless_it_is_the_name_of_the_player(attributes: str, title: str | None) -> None:
    [found] = embeds(f'<iframe src="https://www.youtube.com/embed/mB7_qLx2Zt4" {attributes}></iframe>')

    assert found.text == title
    assert [embed.text for embed in embeds('<lite-youtube videoid="mB7_qLx2Zt4" playlabel="Play: Bees"></lite-youtube>')] == [
        "Bees"
    ]
