"""What is hidden before a page is looked at, and what never is; which frame beside an empty box is its post."""

from collections.abc import Iterator

import pytest

from archiver.model.findings import PostRef
from archiver.model.render import Quality, ScreenshotKind
from tests.browser.drawn import PAGE, Lane, Table, lane, picture, share, shot

FULL, EMBED = ScreenshotKind.FULL_PAGE, ScreenshotKind.EMBED
LOREM = "<p>Some words that stand in a paragraph of the page.</p>"
BOX = '<blockquote class="twitter-tweet" {look}><a href="https://twitter.com/ann/status/111111">date</a></blockquote>'
AD = '<iframe src="https://ads.example/" width=300 height=250></iframe>'
ADS = {"https://ads.example/": '<body style="background:orange">BUY NOW'}
FRAME = "https://platform.twitter.com/embed/Tweet.html?id=111111"


@pytest.fixture(scope="module")
def browser() -> Iterator[Lane]:
    with lane() as running:
        yield running


def test_an_application_with_a_link_to_its_cookies_is_not_their_dialog(browser: Lane) -> None:
    page = f"""<body style="margin:0"><div id="root" style="position:fixed;inset:0;overflow:auto">
      <section>{LOREM * 5}</section><div class="footer"><a class="cookie-link" href="/c">Cookies</a></div></div>"""
    render = browser.draw(Table({PAGE: page}))
    assert "banners_hidden" not in render.notes
    assert (render.text or "").count("Some words") == 5
    assert shot(render, FULL).quality is Quality.GOOD


def test_a_bar_with_a_link_to_its_cookies_stays_in_the_page(browser: Lane) -> None:
    page = f"""{LOREM * 9}<div style="position:fixed;bottom:0">The news at noon, in two minutes, for those in a hurry.
      <a class="cookie-link" href="/c">Cookies</a></div>"""
    assert "banners_hidden" not in browser.draw(Table({PAGE: page})).notes


@pytest.mark.parametrize("article", [LOREM, LOREM * 30])
def test_a_dialog_is_hidden_on_long_pages_and_on_short_ones(browser: Lane, article: str) -> None:
    asked = "We use cookies. Accept cookies? " + "So we ask. " * 9
    page = f"""{article}<div class="cookie-bar" style="position:fixed;bottom:0">{asked}</div>
      <div style="position:fixed;inset:0"><div class="consent-box">Cookies, again: accept?</div></div>"""
    render = browser.draw(Table({PAGE: page}))
    assert render.notes["banners_hidden"] == 2
    assert "ookies" not in (render.text or "")


def test_a_player_that_fills_the_window_stays(browser: Lane) -> None:
    """The source of its script counted as the page's words, so it was hidden as something that sticks."""
    script = f'<script>const settings = "{"some configuration " * 99}"</script>'
    page = f"""<body style="margin:0;background:white"><div style="position:fixed;inset:0;background:red">
      <video style="width:100%;height:90%"></video><b>Title</b></div>{script}"""
    render = browser.draw(Table({PAGE: page}), post=PostRef("vimeo", "1"))
    assert "Title" in (render.text or "")
    assert share(picture(render.screenshots[0]), (255, 0, 0)) > 0.5


def test_a_dialog_that_fills_the_window_lets_go_of_the_page(browser: Lane) -> None:
    page = f'{LOREM * 9}<div style="position:fixed;inset:0;background:red">Our letter, weekly</div>'
    full = picture(shot(browser.draw(Table({PAGE: page})), FULL))
    assert share(full, (255, 0, 0)) == 0


HIDDEN = BOX.format(look='style="display:none"')


@pytest.mark.parametrize("beside", [f"<div>{AD}</div>", f"<p>The story goes on.</p>{AD}", f"<hr>{AD}"])
def test_an_advertisement_does_not_become_the_post_that_is_not_there(browser: Lane, beside: str) -> None:
    render = browser.draw(Table({PAGE: LOREM + HIDDEN + beside, **ADS}))
    assert [one for one in render.screenshots if one.kind is EMBED] == []


def test_the_frame_of_the_platform_beside_an_empty_box_is_the_post(browser: Lane) -> None:
    script = f"""<script>const frame = document.createElement("iframe"); frame.src = "{FRAME}&dnt=true"; frame.width = 400;
      const around = document.createElement("div"); around.append(frame);
      document.querySelector("hr").after(around)</script>"""
    page = f"{LOREM}{HIDDEN}<hr>{AD}{script}"
    render = browser.draw(Table({PAGE: page, **ADS, f"{FRAME}&dnt=true": '<body style="background:blue">Gulls'}))
    assert picture(shot(render, EMBED, 1)).getpixel((5, 5)) == (0, 0, 255)


def test_what_a_network_says_of_a_post_that_it_does_not_show_is_refused(browser: Lane) -> None:
    page = f'{LOREM}<iframe src="{FRAME}" width=400 height=200></iframe>'
    render = browser.draw(Table({PAGE: page, FRAME: "<p>Not found</p>"}))
    one = shot(render, EMBED, 1)
    assert (one.quality, one.reason) == (Quality.REFUSED, 'the network says "Not found"')
    (alone,) = browser.draw(Table({FRAME: "<p>Not found</p>"}), FRAME, post=PostRef("twitter", "111111")).screenshots
    assert alone.quality is Quality.REFUSED


def test_a_forum_with_a_login_in_its_header_is_no_wall(browser: Lane) -> None:
    page = f"<form><input name=u><input type=password></form>{LOREM * 20}"
    assert shot(browser.draw(Table({PAGE: page})), FULL).quality is Quality.GOOD
