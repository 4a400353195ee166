"""Players and embed pages that refuse us a post that is there: never a good picture, never taken for gone; on a real browser."""

from collections.abc import Iterator

import pytest

from archiver.browser.traffic import BrowserRequest, BrowserResponse
from archiver.config.settings import NEUTRAL_REFERER
from archiver.model.findings import PostRef
from archiver.model.render import REFUSALS, Quality, RenderStatus, ScreenshotKind
from archiver.platforms import platform_named
from tests.browser.drawn import PAGE, Lane, Table, html, lane, shot

EMBED = ScreenshotKind.EMBED
TITLE = "Gulls over the harbour wall"
VIDEO = PostRef("youtube", "dQw4w9WgXcQ")
PLAYER = "https://www.youtube.com/embed/dQw4w9WgXcQ"
PHRASE = "Video player configuration error"
CODE = "ERROR_CODE_EMBEDDER_IDENTITY_MISSING_REFERRER"


@pytest.fixture(scope="module")
def browser() -> Iterator[Lane]:
    with lane() as running:
        yield running


def player(*lines: str, head: str = "") -> str:
    """A black box with lines of text in it, as players show their errors."""
    shown = "".join(f"<div>{line}</div>" for line in lines)
    return f'{head}<body style="margin:0;background:#000;color:#fff;height:320px;font:20px sans-serif">{shown}'


PLAYS = player(TITLE, "▶", "Watch on YouTube")
NO_REFERER = player("Error 153", PHRASE, "Watch video on YouTube")


def header(asked: BrowserRequest, name: str) -> str | None:
    return next((value for each, value in asked.headers if each.lower() == name), None)


def player_of(*sites: str) -> Table:
    """A player that plays in the pages of these sites; in those of any, where none is given."""

    async def answer(asked: BrowserRequest) -> BrowserResponse:
        referer = header(asked, "referer")
        return html(PLAYS if referer is not None and (not sites or referer in sites) else NO_REFERER)

    return Table({PLAYER: answer})


def referers(table: Table, url: str = PLAYER) -> list[str | None]:
    """Of all requests for the player, in order."""
    return [header(asked, "referer") for asked in table.asked if asked.url == url]


# Of a platform: the lines that its embed page shows, and the phrase that the reason has to name.
REFUSALS_SEEN = {
    "no referer": (VIDEO, ("Error 153", PHRASE, "Watch video on YouTube"), PHRASE),
    "embedding disabled": (
        VIDEO,
        (TITLE, "Video unavailable", "Playback on other websites has been disabled by the video owner", "Watch on YouTube"),
        "Playback on other websites has been disabled by the video owner",
    ),
    "taken for a program": (
        VIDEO,
        (TITLE, "Sign in to confirm you’re not a bot", "This helps protect our community."),
        "Sign in to confirm you're not a bot",
    ),
    "consent": (
        VIDEO,
        ("Before you continue to YouTube", *["We use cookies and data to deliver and maintain our services"] * 14, "Accept all"),
        "Before you continue to YouTube",
    ),
    "other sites only": (
        PostRef("vimeo", "115826198"),
        ("Sorry", "Because of its privacy settings, this video cannot be played here."),
        "Because of its privacy settings, this video cannot be played here",
    ),
    "no embedding": (
        PostRef("dailymotion", "x8abcd1"),
        (TITLE, "The owner of this video does not allow it to be embedded."),
        "The owner of this video does not allow it to be embedded",
    ),
    "another parent": (
        PostRef("twitch", "1234567890"),
        ("Whoops! This embed is misconfigured.", "(Developers: Please check your browser console for more information)"),
        "This embed is misconfigured",
    ),
    "an account": (
        PostRef("facebook", "harbour/10158000000000001"),
        ("facebook", "You must log in to continue.", "Log in"),
        "You must log in to continue",
    ),
    "the bare card": (
        PostRef("instagram", "CiVwJ2vMx1y"),
        ("View this post on Instagram", "A post shared by Harbour (@harbour)"),
        "View this post on Instagram",
    ),
    "this country": (
        PostRef("imgur", "aBcDe12"),
        ("imgur", "Content not viewable in your region"),
        "Content not viewable in your region",
    ),
    "a firewall": (
        PostRef("vimeo", "115826198"),
        ("player.vimeo.com", "Verify you are human by completing the action below."),
        "Verify you are human by completing the action below",
    ),
}


@pytest.mark.parametrize("kind", REFUSALS_SEEN)
def test_a_refusal_is_recognised_and_named(browser: Lane, kind: str) -> None:
    """Such pictures were judged good where no words were known, and players show a video's title beside the error."""
    post, lines, phrase = REFUSALS_SEEN[kind]
    platform = platform_named(post.platform)
    assert platform is not None
    url = platform.embed_page(post.post_id)
    assert url is not None
    words = TITLE if TITLE in lines else None

    render = browser.draw(Table({url: player(*lines)}), url, post=post, words=words, referer=NEUTRAL_REFERER)

    one = shot(render, EMBED)
    assert (render.ended, one.quality) == (RenderStatus.PARTIAL, Quality.REFUSED)
    assert one.reason == render.reason == f'the network refuses to show it here: "{phrase}"'
    assert render.notes[REFUSALS] == 1


def test_a_player_that_plays_for_who_comes_from_a_page_is_drawn_good(browser: Lane) -> None:
    table = player_of()
    render = browser.draw(table, PLAYER, post=VIDEO, words=TITLE, referer=PAGE)
    assert shot(render, EMBED).quality is Quality.GOOD
    assert (render.ended, render.notes[REFUSALS]) == (RenderStatus.WHOLE, 0)
    assert referers(table) == ["https://paper.example/"]  # the origin, as browsers tell it of a frame in that page


@pytest.mark.parametrize("before", [None, PAGE])
def test_a_player_that_refuses_is_tried_again_from_a_neutral_page(browser: Lane, before: str | None) -> None:
    table = player_of(NEUTRAL_REFERER)
    render = browser.draw(table, PLAYER, post=VIDEO, referer=before)
    assert shot(render, EMBED).quality is Quality.GOOD
    assert render.notes["retried"] == 1 and render.notes[REFUSALS] == 0
    assert referers(table) == ["https://paper.example/" if before else None, NEUTRAL_REFERER]


def test_a_player_that_refuses_the_neutral_page_too_is_kept_and_marked(browser: Lane) -> None:
    table = player_of("https://www.another.example/")
    render = browser.draw(table, PLAYER, post=VIDEO, referer=NEUTRAL_REFERER)
    assert shot(render, EMBED).quality is Quality.REFUSED
    assert PHRASE in (render.text or "")
    assert referers(table) == [NEUTRAL_REFERER]  # once: it would say the same again


@pytest.mark.parametrize(
    ("referer", "url", "told"),
    [
        ("https://reader:secret@paper.example:8443/story?of=mine#here", PLAYER, "https://paper.example:8443/"),
        ("http://paper.example/story", PLAYER, "http://paper.example/"),
        ("https://paper.example/story", PLAYER.replace("https", "http"), None),
        ("file:///home/reader/story.html", PLAYER, None),
        ("no address", PLAYER, None),
    ],
)
def test_no_more_is_told_of_a_page_than_browsers_tell_by_default(browser: Lane, referer: str, url: str, told: str | None) -> None:
    """Chromium applies no policy to a navigation of DevTools: the whole URL went out, to http as well."""
    table = Table({url: PLAYS})
    browser.draw(table, url, post=VIDEO, words=TITLE, referer=referer)
    assert referers(table, url) == [told]


def test_the_code_in_the_markup_is_enough_where_the_player_has_no_words_yet(browser: Lane) -> None:
    head = f'<script>const reply = {{"reason": "{CODE}"}}</script>'
    render = browser.draw(Table({PLAYER: player(TITLE, head=head)}), PLAYER, post=VIDEO, words=TITLE, referer=NEUTRAL_REFERER)
    assert shot(render, EMBED).quality is Quality.REFUSED
    assert CODE in (render.reason or "")


FRAME = f'<p>See this:</p><iframe {{policy}} width=560 height=320 style="border:0" src="{PLAYER}" title="{TITLE}"></iframe>'


@pytest.mark.parametrize(
    ("policy", "headers", "quality", "told"),
    [
        ("", (), Quality.GOOD, "https://paper.example/"),
        ("", (("Referrer-Policy", "strict-origin"),), Quality.GOOD, "https://paper.example/"),
        ('referrerpolicy="no-referrer"', (), Quality.REFUSED, None),
        ("", (("Referrer-Policy", "no-referrer"),), Quality.REFUSED, None),
        ("", (("Referrer-Policy", "same-origin"),), Quality.REFUSED, None),
        ('referrerpolicy="origin"', (("Referrer-Policy", "no-referrer"),), Quality.GOOD, "https://paper.example/"),
    ],
)
def test_a_frame_in_a_page_is_asked_for_as_the_pages_policy_says(
    browser: Lane, policy: str, headers: tuple[tuple[str, str], ...], quality: Quality, told: str | None
) -> None:
    """A page whose policy keeps its readers from seeing the video shows them the error: that is drawn as it is, and marked."""
    table = player_of()
    page = html(FRAME.format(policy=policy))
    table.served = {**table.served, PAGE: BrowserResponse(200, (*page.headers, *headers), page.body)}

    render = browser.draw(table)

    assert referers(table) == [told]
    assert shot(render, EMBED, 1).quality is quality
    assert shot(render, ScreenshotKind.FULL_PAGE).quality is Quality.GOOD
    assert (render.ended is RenderStatus.PARTIAL) == (quality is Quality.REFUSED)
    assert (PHRASE in (render.reason or "")) == (quality is Quality.REFUSED)
    assert render.notes[REFUSALS] == (quality is Quality.REFUSED)


def test_a_post_that_tells_of_such_an_error_is_no_refusal(browser: Lane) -> None:
    words = "Error 153, video player configuration error: what does it mean, and who can help me?"
    render = browser.draw(Table({PLAYER: player(words)}), PLAYER, post=VIDEO, words=words)
    assert shot(render, EMBED).quality is Quality.GOOD
