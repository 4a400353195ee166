"""Whether a picture shows something, and whether the words of a post are in the rendered page."""

from dataclasses import replace

import pytest
from PIL import Image, ImageDraw

from archiver.browser.quality import ShownFacts, assess, content_box, is_blank, is_login
from archiver.browser.wording import letters_only, phrase_on_a_line, refusal, says
from archiver.model.render import Quality
from archiver.platforms import PLATFORMS, platform_named
from archiver.platforms.base import Platform

SIZE = (550, 400)


def paper(color: str = "white") -> tuple[Image.Image, ImageDraw.ImageDraw]:
    picture = Image.new("RGB", SIZE, color)
    return picture, ImageDraw.Draw(picture)


@pytest.mark.parametrize("color", ["white", "black", "#15202b"])
def test_one_colour_is_blank(color: str) -> None:
    assert is_blank(paper(color)[0])


def test_a_gradient_that_nobody_sees_is_blank() -> None:
    picture, draw = paper()
    for row in range(SIZE[1]):
        draw.line((0, row, SIZE[0], row), fill=(255 - row // 40,) * 3)
    assert is_blank(picture)


@pytest.mark.parametrize("at", [0, 1, 10, 30])
def test_a_frame_around_nothing_is_blank(at: int) -> None:
    picture, draw = paper()
    draw.rounded_rectangle((at, at, SIZE[0] - 1 - at, SIZE[1] - 1 - at), radius=12, outline="#cfd9de", width=2)
    assert is_blank(picture)


def test_a_frame_around_words_is_not_blank() -> None:
    picture, draw = paper()
    draw.rounded_rectangle((4, 4, 540, 390), radius=12, outline="#cfd9de", width=2)
    draw.text((30, 30), "Gulls over the harbour wall", fill="black")
    assert not is_blank(picture, has_text=True)


def test_one_short_line_in_a_window_is_not_blank() -> None:
    picture = Image.new("RGB", (1280, 1024), "white")
    ImageDraw.Draw(picture).text((10, 10), "Not found", fill="#333333")
    assert not is_blank(picture, has_text=True)


def test_a_spinner_and_nothing_else_is_blank_where_there_are_no_words() -> None:
    picture, draw = paper()
    draw.arc((260, 180, 290, 210), 0, 270, fill="#1d9bf0", width=3)
    assert is_blank(picture, has_text=False)
    assert not is_blank(picture, has_text=True)


def test_a_picture_is_not_blank() -> None:
    assert not is_blank(Image.effect_noise(SIZE, 80).convert("RGB"))


def test_what_is_not_background_is_cut_out_with_a_margin() -> None:
    picture, draw = paper("#eeeeee")
    draw.rectangle((100, 50, 299, 149), fill="black")
    assert content_box(picture, 8) == (92, 42, 308, 158)
    assert content_box(paper()[0], 8) is None


@pytest.mark.parametrize(
    ("drawn", "words"),
    [
        ("Ann\n@ann\nGulls over the\nharbour wall, again", "Gulls over the harbour wall, again"),
        ("Gulls over the harbour wall", "GULLS over the harbour wall https://t.co/AbCdEf pic.twitter.com/AbCdEf"),
        ("Gulls over the harbour wall", "Gulls 🐦 over the 🌊 harbour wall 🇺🇦"),
        (
            "Gulls over the harbour wall and all that … Show more",
            "Gulls over the harbour wall and all that they have left behind",
        ),
        ("Gulls over the harbour wall", "Gulls over the harbour wa…"),
        ("Чайки над стіною гавані", "чайки над стіною гавані"),
        ("港の壁の上のカモメたちがまた鳴いている", "港の壁の上のカモメたちがまた鳴いている。"),
        ("今天天气很好，我们去公园玩吧", "今天天气很好，我们去公园玩吧…"),
        ("看，港口的船都回来了", "看https://t.co/AbCdEf，港口的船都回来了"),
        ("Gulls over the wall", "Gulls over the wall paper.example/2022/gulls-over-th…"),
        (
            "Gulls over the harbour wall have come back once more, and the cats with them … more",
            "Gulls over the harbour wall have"
            " come back once more, and the cats with them. " + "The rest of it stands behind a button. " * 20,
        ),
        ("Shore Sounds\nFoghorn, two miles off", "Foghorn, two miles off by Shore Sounds"),
        ("Boats!", "Boats!"),
        ("cafe\u0301 at the harbour", "café at the harbour"),
    ],
)
def test_words_are_found_however_they_are_drawn(drawn: str, words: str) -> None:
    assert says(drawn, words) is True


@pytest.mark.parametrize("drawn", ["", "Not found", "This post is unavailable. Gulls."])
def test_other_words_are_not_these(drawn: str) -> None:
    assert says(drawn, "Gulls over the harbour wall, again") is False


def test_what_all_posts_of_a_channel_end_with_does_not_make_them_one() -> None:
    signed = "{} Follow our channel for more news"
    assert says(signed.format("Something else entirely."), signed.format("Explosion at the station.")) is False
    tagged = "{} #StandWithTheHarbour"
    drawn = tagged.format("An entirely different post of the same author")
    assert says(drawn, tagged.format("Low tide at the harbour, details follow")) is False


def test_a_chinese_post_that_ends_in_an_ellipsis_is_looked_for() -> None:
    """An ellipsis took what stood before it up to the last space, so the whole post: nothing was left to compare."""
    assert says("页面不存在", "今天天气很好，我们去公园玩吧…") is False


@pytest.mark.parametrize("piece", ["a", ".", "…", "t.co/", "a."])
def test_words_of_any_length_are_told_by_their_beginning(piece: str) -> None:
    """Each letter was a place to begin a word that might end in an ellipsis: 150,000 took minutes, ten million never ended."""
    gulls = "Gulls over the harbour wall, again and again until the boats come home in the evening"
    assert says(gulls, f"{gulls} {piece * 10_000_000}") is True


@pytest.mark.parametrize("words", ["", "🐦🐦", "https://t.co/AbCdEf"])
def test_a_post_without_words_says_nothing_either_way(words: str) -> None:
    assert says("anything", words) is None


def test_a_login_is_a_field_for_a_password_or_a_way_to_one() -> None:
    post = "https://www.instagram.com/p/AbC/embed/"
    assert is_login(post, post, passwords=1)
    assert is_login("https://www.instagram.com/accounts/login/?next=%2Fp%2FAbC", post, passwords=0)
    assert not is_login("https://paper.example/blog-in-may/", "https://paper.example/blog", passwords=0)
    assert not is_login("https://paper.example/login", "https://paper.example/login", passwords=0)


STORY = "https://paper.example/story"


@pytest.mark.parametrize(
    ("facts", "quality"),
    [
        (ShownFacts(text="Words of an article. " * 40, passwords=1, page=True), Quality.GOOD),
        (ShownFacts(text="See this:", passwords=1, page=True, embeds_found=1), Quality.GOOD),
        (ShownFacts(text="Members, log in", passwords=1, page=True), Quality.LOGIN_WALL),
        (
            ShownFacts(
                text="Terms of service. " * 40, passwords=1, page=True, url="https://paper.example/login", asked_url=STORY
            ),
            Quality.LOGIN_WALL,
        ),
        (ShownFacts(text="A post's frame that asks. " * 40, passwords=1), Quality.LOGIN_WALL),
    ],
)
def test_a_login_box_beside_an_article_is_no_wall(facts: ShownFacts, quality: Quality) -> None:
    assert assess(drawn_words(), facts)[0] is quality


GONE = ("Not found", "This post is no longer available")


@pytest.mark.parametrize(
    ("text", "words", "quality"),
    [
        ("Network\nNot found", None, Quality.REFUSED),
        ("Network\nThis post is no longer available. It may have been removed.", None, Quality.REFUSED),
        ("My keys were not found, has anybody seen them?", None, Quality.GOOD),
        ("This post is no longer available, they told me" + ", and told me again" * 40, None, Quality.GOOD),
        ("Not found", "Not found", Quality.GOOD),
        ("Not found", "Gulls over the harbour wall", Quality.TEXT_MISSING),
    ],
)
def test_what_a_network_says_instead_of_a_post_is_no_post(text: str, words: str | None, quality: Quality) -> None:
    assert assess(drawn_words(), ShownFacts(text=text, words=words, status=200, gone=GONE))[0] is quality


def test_the_reason_quotes_what_the_network_says() -> None:
    assert assess(drawn_words(), ShownFacts(text="NOT FOUND", gone=GONE))[1] == 'the network says "Not found"'
    missing = assess(drawn_words(), ShownFacts(text="Not found.", words="Gulls over the harbour wall", gone=GONE))[1]
    assert missing == 'the words of the post are not in the rendered page, which says "Not found"'


def drawn_words() -> Image.Image:
    picture, draw = paper()
    draw.text((30, 30), "Words that are drawn here", fill="black")
    return picture


@pytest.mark.parametrize(
    ("facts", "quality"),
    [
        (ShownFacts(text="Gulls over the wall", words="Gulls over the wall", status=200), Quality.GOOD),
        (ShownFacts(text="Gulls over the wall", words="Gulls over the wall", passwords=1), Quality.GOOD),
        (ShownFacts(text="Log in", words="Gulls over the wall", passwords=1), Quality.LOGIN_WALL),
        (ShownFacts(text="Log in", passwords=1), Quality.LOGIN_WALL),
        (ShownFacts(text="Gone", words="Gulls over the wall", status=404), Quality.REFUSED),
        (ShownFacts(text="Gone", words="Gulls over the wall", status=200), Quality.TEXT_MISSING),
        (ShownFacts(text="Gulls", lacking="1 of its pictures did not come"), Quality.HALF_LOADED),
        (ShownFacts(text="Gulls", unscripted=True), Quality.UNSCRIPTED),
    ],
)
def test_facts_decide_where_the_picture_does_not(facts: ShownFacts, quality: Quality) -> None:
    judgement, reason = assess(drawn_words(), facts)
    assert judgement is quality
    assert (reason is None) == (quality in (Quality.GOOD, Quality.UNSCRIPTED))


def test_nothing_drawn_is_blank_whatever_the_text_says() -> None:
    assert assess(paper()[0], ShownFacts(text="Gulls over the wall", words="Gulls over the wall"))[0] is Quality.BLANK


# --- refusals -----------------------------------------------------------------------------------------------------------------

ERROR = "Video player configuration error"


@pytest.mark.parametrize(
    ("name", "text", "words", "phrase"),
    [
        ("youtube", f"Error 153\n{ERROR}", None, ERROR),
        ("youtube", f"Gulls\nError 153\n{ERROR}", "Gulls", ERROR),  # a title stands beside the error too
        ("youtube", f"{ERROR} explained\nWatch on YouTube", f"{ERROR} explained", None),  # the title says it
        ("youtube", "Error 153: what now?", None, None),
        ("youtube", f"{ERROR}\n" + "Accept or reject our cookies. " * 60, None, ERROR),  # a line of its own in a wall
        ("youtube", f"They say {ERROR} to all who come here, and nobody knows why. " * 30, None, None),
        ("instagram", "View this post on Instagram\nA post shared by Ann", None, "View this post on Instagram"),
        ("instagram", "Gulls over the harbour wall\nView this post on Instagram", "Gulls over the harbour wall", None),
        ("twitter", f"{ERROR}\nError 153", None, None),  # another network's words
        ("twitter", "x.com\nEnable JavaScript and cookies to continue", None, "Enable JavaScript and cookies to continue"),
    ],
)
def test_a_network_refuses_by_words_of_its_own(name: str, text: str, words: str | None, phrase: str | None) -> None:
    platform = platform_named(name)
    assert platform is not None
    assert refusal(text, words, platform) == phrase


@pytest.mark.parametrize("piece", ["a", "\n", "configuration\n", "configuration ", "Video player configuration error "])
def test_a_refusal_is_looked_for_in_texts_of_any_length(piece: str) -> None:
    platform = platform_named("youtube")
    assert platform is not None
    assert refusal(piece * 1_000_000, piece, platform) is None
    assert phrase_on_a_line(piece * 100_000, platform.embed_refused) is None


def test_a_refusal_explains_more_than_what_is_missing_but_less_than_the_servers_error() -> None:
    facts = ShownFacts(text=ERROR, words="Gulls over the harbour wall", lacking="1 of its pictures did not come", refusal=ERROR)
    assert assess(drawn_words(), facts) == (Quality.REFUSED, f'the network refuses to show it here: "{ERROR}"')
    assert assess(drawn_words(), replace(facts, status=403)) == (
        Quality.REFUSED,
        f'the server answered 403, which says "{ERROR}"',
    )


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: platform.name)
def test_what_a_platform_declares_as_refusals_is_no_word_for_gone(platform: Platform) -> None:
    """What is refused may be there: a phrase of both lists would make it gone for some and refused for others."""
    refused = set(map(letters_only, platform.embed_refused))
    assert not refused & set(map(letters_only, platform.embed_gone))
    assert all(len(letters) >= 12 for letters in refused)
