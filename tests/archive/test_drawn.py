"""What it looked like: the sample web drawn on day 1, and what is left of that on day 2."""

import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from PIL import Image, ImageChops, ImageStat

from archiver.browser.wording import says
from archiver.platforms import platform_named
from archiver.sampleweb.markup import FORMS
from tests.archive.expecting import EXPECTED, TOLERANCE, distance, expected, small
from tests.archive.two_days import (
    BRIDGE_PAGE,
    GONE_OF_OTHERS,
    NOTEBOOK_URL,
    Looked,
    TwoDays,
    crawl_two_days,
    embeddings,
    other_ref,
    tweet_ref,
    vanished,
)
from tests.support.program import archiver

# What shows a reader's browser nothing of the post: no word of it, and no picture.
UNSEEN = {
    "bare_url": "an address that only the site's own software could make an embed of",
    "failed_embed": "a link",
    "short_line": "an address",
    "consent": "a button that nobody has pressed",
    "rendered": "a saved page's frame, whose file stayed with whoever saved it",
    "noscript": "only for browsers without scripts",
    "textarea": "a script's store, hidden",
    "template": "a script's store, hidden",
    "substack": "an empty element that another script would fill",
    "script_json": "data for a script",
    "twitframe": "a frame of a host that leads to a stranger today, and is never loaded",
}
# Of these not even the place can be seen.
WITHOUT_PLACE = {"noscript", "textarea", "template", "substack", "script_json"}
# A video's picture behind a button: it has no word of the video's title.
WORDLESS = {"facade"}
HAS_NO_EMBED_PAGE = {"soup": "a site's own page is asked about at the site"}
MALFORMED = "light-plan"  # on day 1 its reply ends in the middle, however often one asks
HEADER_BLUE = (39, 75, 116)
COLOURS_OF_A_PICTURE = 600  # of 4,096 dots; words on white have at most 532
FEW = 700  # the page of a saved frame says that there is nothing, in colours


@dataclass(frozen=True, slots=True)
class Shown:
    """A post in a page of the sample web, where the archive has it."""

    page: str
    position: int
    form: str
    ref: tuple[str, str]
    words: str


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> TwoDays:
    return crawl_two_days(tmp_path_factory.mktemp("two-days"))


@pytest.fixture(scope="module")
def shown(days: TwoDays) -> list[Shown]:
    """Every embedded post of day 1."""
    by_page: dict[str, list[tuple[str, tuple[str, str], str]]] = defaultdict(list)
    for each in embeddings(days.web):
        by_page[each.page].append((each.form, tweet_ref(each.tweet), each.tweet.text))
    for page, post, form in days.web.other_pages():
        by_page[page].append((form, other_ref(post.key), post.text))
    found = []
    for page, posts in by_page.items():
        positions = positions_in(days.first, page)
        assert len(positions) == len(posts), page
        found += [Shown(page, position, *post) for position, post in zip(positions, posts, strict=True)]
    return found


def positions_in(looked: Looked, page: str) -> list[int]:
    """Of the posts that a page embeds; maps are none."""
    sql = (
        "SELECT e.position FROM embeds e JOIN page_versions v ON v.id = e.version JOIN pages g ON g.id = v.page"
        " LEFT JOIN posts p ON p.id = e.post WHERE g.url = ? AND (p.post_id IS NULL OR p.post_id NOT LIKE '%maps/%'"
        " AND p.post_id NOT LIKE 'liveuamap/%') ORDER BY e.position"
    )
    index = sqlite3.connect(looked.data_dir / "index.db")
    try:
        return [position for (position,) in index.execute(sql, (page,))]
    finally:
        index.close()


def colours(picture: Image.Image) -> int:
    return len(picture.resize((64, 64), Image.Resampling.NEAREST).getcolors(64 * 64) or ())


# --- day 1 ------------------------------------------------------------------------------------------------------------------


def test_every_form_of_embed_and_every_network_is_looked_at(days: TwoDays, shown: list[Shown]) -> None:
    assert {one.form for one in shown} >= FORMS.keys() | UNSEEN.keys() | WORDLESS
    assert {one.ref[0] for one in shown} == {"twitter", *(other_ref(post.key)[0] for _, post, _ in days.web.other_pages())}


def test_every_embedded_post_has_its_own_screenshot(days: TwoDays, shown: list[Shown]) -> None:
    unlike = {tweet_ref(days.web.tweet(MALFORMED)), *map(other_ref, HAS_NO_EMBED_PAGE)}
    bad = {one.ref for one in shown if [shot.quality for shot in days.first.of_post(one.ref)] != ["good"]}
    assert bad == unlike


def test_a_post_whose_network_has_no_page_for_frames_has_none(days: TwoDays) -> None:
    for key in HAS_NO_EMBED_PAGE:
        name, post_id = other_ref(key)
        platform = platform_named(name)
        assert platform is not None
        assert platform.embed_page(post_id, days.web.other(key).handle) is None
        assert days.first.of_post((name, post_id)) == []


def test_one_that_could_not_be_read_is_marked_and_drawn_the_next_day(days: TwoDays) -> None:
    ref = tweet_ref(days.web.tweet(MALFORMED))
    assert [shot.quality for shot in days.first.of_post(ref)] == ["text_missing"]
    assert [shot.quality for shot in days.redrawn.of_post(ref)] == ["text_missing", "good"]
    (found,) = days.redrawn.found(ref[1])
    assert [shot.quality for shot in found.screenshots] == ["good", "text_missing"]


def test_its_picture_shows_the_post_s_words(days: TwoDays, shown: list[Shown]) -> None:
    for one in shown:
        for shot in days.first.of_post(one.ref):
            said = any(says(text, one.words) for text in days.first.texts[shot.url])
            assert said is (shot.quality == "good"), one


def test_every_embed_that_a_reader_sees_has_its_place_in_the_page(days: TwoDays, shown: list[Shown]) -> None:
    for one in shown:
        if one.form in UNSEEN:
            continue
        (shot,) = days.first.in_page(one.page)[one.position]
        assert (shot.quality, shot.reason) == ("good", None), one
        assert shot.post in (one.ref, None), one
        assert says(days.first.texts[one.page][0], one.words) is (one.form not in WORDLESS), one


@pytest.mark.parametrize("form", UNSEEN)
def test_what_a_reader_does_not_see_is_not_shown(days: TwoDays, shown: list[Shown], form: str) -> None:
    """Should one of them be drawn after all, the table is wrong."""
    of_form = [one for one in shown if one.form == form]
    assert of_form
    for one in of_form:
        assert says(days.first.texts[one.page][0], one.words) is False, one
        places = days.first.in_page(one.page).get(one.position, [])
        assert len(places) == (form not in WITHOUT_PLACE), one
        assert all(colours(days.first.picture(shot)) < FEW and shot.quality in ("good", "refused", "blank") for shot in places), (
            one
        )


def test_a_picture_behind_a_button_is_shown(days: TwoDays, shown: list[Shown]) -> None:
    (facade,) = [one for one in shown if one.form == "facade"]
    assert colours(days.first.picture(days.first.in_page(facade.page)[facade.position][0])) > COLOURS_OF_A_PICTURE


def test_every_page_with_embeds_is_drawn_once(days: TwoDays, shown: list[Shown]) -> None:
    for page in {one.page for one in shown}:
        kinds = [shot.kind for shot in days.first.shots if shot.url == page and shot.position is None]
        assert sorted(kinds) == ["fullPage", "view"], page
    assert all(shot.quality == "good" for shot in days.first.shots if shot.kind in ("view", "fullPage"))


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (BRIDGE_PAGE, "812 partners"),
        (f"{NOTEBOOK_URL}2022/08/24/plums-and-plywood/", "This website uses cookies"),
    ],
)
def test_banners_are_out_of_the_way(days: TwoDays, page: str, words: str) -> None:
    assert words not in days.first.texts[page][0]
    assert "Kharkiv Notebook" in days.first.texts[page][0]


def test_the_sticky_header_stands_once_above_the_page(days: TwoDays) -> None:
    """Its line is the only one of its colour that goes through the whole column."""
    for page in (BRIDGE_PAGE, f"{NOTEBOOK_URL}2022/09/11/kharkiv-counteroffensive-september/"):
        lines = header_lines(days.first.picture(days.first.of_page(page, "fullPage")))
        assert len(lines) == 1, page
        assert lines[0] < 120, page


def header_lines(picture: Image.Image) -> list[int]:
    """Where a line in the header's blue begins, in pixels from above."""
    column = picture.crop((400, 0, 880, picture.height)).resize((8, picture.height), Image.Resampling.NEAREST)
    far = ImageChops.difference(column, Image.new("RGB", column.size, HEADER_BLUE)).convert("L")
    blue = [y for y in range(picture.height) if far.crop((0, y, 8, y + 1)).getextrema()[1] < 30]  # WebP smears it a little
    return [y for y in blue if y - 1 not in blue]


# --- expected pictures --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXPECTED)
def test_a_screenshot_looks_as_expected(days: TwoDays, name: str) -> None:
    assert distance(EXPECTED[name](days), expected(name)) < TOLERANCE


@pytest.mark.parametrize("name", EXPECTED)
def test_another_post_a_blank_and_a_half_loaded_picture_do_not(days: TwoDays, name: str) -> None:
    picture = EXPECTED[name](days)
    for other in EXPECTED.keys() - {name}:
        assert distance(picture, expected(other).resize(small(picture).size)) > TOLERANCE, other
    assert distance(Image.new("RGB", picture.size, "white"), expected(name)) > TOLERANCE
    assert distance(half_loaded(picture), expected(name)) > TOLERANCE


def half_loaded(picture: Image.Image) -> Image.Image:
    """Without an eighth of it: the one that has most in it, of the lower half."""
    eighth = picture.height // 8
    light = {
        top: sum(ImageStat.Stat(picture.crop((0, top, picture.width, top + eighth))).mean)
        for top in range(4 * eighth, 8 * eighth, eighth)
    }
    spoilt, top = picture.copy(), min(light, key=lambda top: light[top])
    spoilt.paste("white", (0, top, picture.width, top + eighth))
    return spoilt


# --- day 2 ------------------------------------------------------------------------------------------------------------------


def gone(days: TwoDays) -> Iterator[tuple[tuple[str, str], str]]:
    """Each post that vanished on day 2, with its address."""
    for tweet in vanished(days.web):
        yield tweet_ref(tweet), tweet.url
    for key in GONE_OF_OTHERS:
        yield other_ref(key), days.web.other(key).url


def test_a_post_that_vanished_keeps_its_screenshots(days: TwoDays) -> None:
    assert len(list(gone(days))) > 10
    for ref, _ in gone(days):
        before = [shot for shot in days.first.shots if shot.post == ref]
        assert before, ref
        assert [shot for shot in days.second.shots if shot.post == ref] == before  # nor is it drawn again as "not found"
        for shot in before:
            assert shot.path is not None
            assert (days.second.data_dir / shot.path).read_bytes() == (days.first.data_dir / shot.path).read_bytes()


def test_the_archive_knows_that_it_vanished(days: TwoDays) -> None:
    """Else the test above would prove nothing."""
    for ref, url in gone(days):
        said = [each.state for one in days.second.found(url) for each in one.statements if each.state is not None]
        assert "live" in said and set(said) - {"live"}, ref


def test_nothing_later_ranks_before_them(days: TwoDays) -> None:
    """Three were drawn again on purpose: two were gone by then, and one was behind a login."""
    again = {"oskil-bridge": "text_missing", "boats": "text_missing", "net": "login_wall"}
    for key, quality in again.items():
        ref = tweet_ref(days.web.tweet(key)) if key == "oskil-bridge" else other_ref(key)
        url = days.web.tweet(key).url if key == "oskil-bridge" else days.web.other(key).url
        before, after = (looked.of_post(ref) for looked in (days.second, days.redrawn))
        assert [shot.quality for shot in after] == ["good", quality], key
        told = archiver("find", url, "--json", "--archive", days.redrawn.data_dir).out.splitlines()
        (ranked,) = [one["screenshots"] for one in map(json.loads, told) if one["post_id"] == ref[1]]
        assert ranked[0]["path"] == before[0].path, key
        assert ranked[-1]["quality"] == quality, key
        assert [each["taken_at"] for each in ranked if each["quality"] == "good"] < [ranked[-1]["taken_at"]], key
        assert all(each["path"] and (days.redrawn.data_dir / each["path"]).exists() for each in ranked), key


def test_a_wall_is_told_from_a_post(days: TwoDays) -> None:
    wall = days.redrawn.of_post(other_ref("net"))[-1]
    assert (wall.quality, wall.reason) == ("login_wall", "a login is asked for instead")
    assert "Password" in days.redrawn.texts[wall.url][-1]


def test_a_blanked_embed_loses_nothing(days: TwoDays) -> None:
    """In the spring of 2022 Twitter's script emptied the boxes of tweets that were gone, whatever words a page had in them."""
    tweet, words = days.web.tweet("oskil-bridge"), days.web.tweet("oskil-bridge").text
    before, after = days.first.texts[BRIDGE_PAGE][0], days.late.texts[BRIDGE_PAGE][0]
    assert says(before, words)
    assert says(after, words) is False
    assert tweet.account.name not in after
    assert days.late.in_page(BRIDGE_PAGE) == {}  # of an empty box there is nothing to be seen
    (found,) = days.late.found(f"pic.twitter.com/{tweet.code}")
    assert (found.post_id, found.author, found.author_name) == (tweet.id, tweet.handle, tweet.account.name)
    assert found.text is not None
    assert says(found.text, words)
    assert (found.posted_at or "").startswith(f"{tweet.posted_at:%Y-%m-%d}")
    assert f"pic.twitter.com/{tweet.code}" in found.short_links
    assert [page.url for page in found.pages] == [BRIDGE_PAGE]
    assert re.search("embed", " ".join(statement.source for statement in found.statements))
