"""`archiver render`, and the options of `archiver crawl` that say what is drawn: the program, a real browser, a small web."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from archiver.browser.chromium import REMEDY
from archiver.cli.crawl import counts, summary
from archiver.crawling.session import CrawlOutcome, CrawlStats
from archiver.tasks.crawl.crawl import CrawlReport
from tests.support.mastodon_web import BLOG, NUMBERS, add_post, drawn, drawn_at, embed_page, embedding, shown
from tests.support.program import Ended, archiver, pointed_at
from tests.support.webs import Asked, Web, Writer, running_web

FIRST, SECOND, UNKNOWN = NUMBERS[:3]
PAGE = f"{BLOG}/a-post/"
PLAIN = f"{BLOG}/plain/"
ALBUM = '<iframe src="https://www.flickr.com/slideShow/index.gne?user_id=1@N0&amp;set_id=72157600012345"></iframe>'
NOWHERE = {"ARCHIVER_BROWSER": "/nonexistent"}
BROKEN = {"ARCHIVER_BROWSER": "/bin/false"}


@dataclass(frozen=True)
class Undrawn:
    """An archive of a page with two posts, of which nothing was drawn; its web goes on answering."""

    data_dir: Path
    web: Web

    def render(self, *words: str, given: str = "", env: dict[str, str] | None = None) -> Ended:
        return archiver("render", *words, "--archive", self.data_dir, *drawn_at(self.web), given=given, env=env)


@pytest.fixture
def undrawn(web: Web, data_dir: Path) -> Undrawn:
    add_post(web, FIRST)
    add_post(web, SECOND)
    web["blog.example", "/a-post/"] = embedding(FIRST, SECOND)
    ended = archiver("crawl", PAGE, "--archive", data_dir, *pointed_at(web))
    assert ended.code == 0, ended
    assert drawn(data_dir) == []
    return Undrawn(data_dir, web)


@pytest.fixture(scope="module")
def anything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Undrawn]:
    """For commands that draw nothing."""
    folder = tmp_path_factory.mktemp("undrawn")
    with running_web(folder) as web:
        add_post(web, FIRST)
        web["blog.example", "/a-post/"] = embedding(FIRST, more=ALBUM)
        web["www.flickr.com", "/"] = shown("")  # it is asked for the album here, and does not know it
        assert archiver("crawl", PAGE, "--archive", folder / "archive", *pointed_at(web)).code == 0
        yield Undrawn(folder / "archive", web)


def test_a_post_is_drawn_by_itself_then_whatever_is_missing_then_nothing(undrawn: Undrawn) -> None:
    one = undrawn.render(f"https://social.example/@lena/{FIRST}", "--json")
    assert (one.code, one.err) == (0, ""), one
    [told] = one.lines
    assert told["renders_wanted"] == 1 and told["written"] > told["bytes"]
    assert (told["renders"], told["undrawn"], told["no_browser"], told["ended"]) == (1, [], False, "finished")
    assert drawn(undrawn.data_dir) == [embed_page(FIRST)]

    rest = undrawn.render("--missing")
    assert rest.code == 0, rest
    assert "2 pages and posts rendered" in rest.out and f"in {undrawn.data_dir}" in rest.out
    assert drawn(undrawn.data_dir) == sorted([PAGE, embed_page(FIRST), embed_page(SECOND)])

    nothing = undrawn.render("--missing", "--json")
    assert (nothing.code, nothing.lines[0]["renders"]) == (0, 0)
    assert undrawn.render("--missing").out == f"nothing is missing, in {undrawn.data_dir}\n"


def test_references_come_from_standard_input_too_and_what_was_drawn_is_drawn_again(undrawn: Undrawn) -> None:
    for _ in range(2):
        ended = undrawn.render("-", given=f"https://social.example/@lena/{FIRST}\n\n")
        assert ended.code == 0, ended

    assert drawn(undrawn.data_dir) == [embed_page(FIRST)] * 2


def test_what_cannot_be_drawn_is_named_and_ends_with_4(undrawn: Undrawn) -> None:
    async def cut_off(_: Asked, __: Writer) -> None:
        """Answers nothing."""

    undrawn.web["social.example", f"/@lena/{FIRST}/embed"] = cut_off

    ended = undrawn.render(f"https://social.example/@lena/{FIRST}")

    assert ended.code == 4, ended
    [note, last] = ended.complaints
    assert note.startswith(f"note: {embed_page(FIRST)} could not be rendered: ")
    assert note.endswith("What came of it is kept; the same command tries again")
    assert last.endswith("1 seed or page failed; the same command tries it again")


def test_a_reference_that_nobody_knows_ends_with_5(anything: Undrawn) -> None:
    ended = anything.render(f"https://social.example/@lena/{UNKNOWN}")

    assert ended.code == 5
    assert UNKNOWN in ended.err and "is not known to the archive" in ended.err


def test_what_is_known_is_drawn_beside_a_reference_that_nobody_knows(undrawn: Undrawn) -> None:
    ended = undrawn.render("@nobody", f"https://social.example/@lena/{FIRST}")

    assert ended.code == 0, ended
    assert ended.complaints == ["archiver: @nobody is not known to this archive"]
    assert drawn(undrawn.data_dir) == [embed_page(FIRST)]
    assert undrawn.render("@nobody", "@nobody-else").code == 5


def test_a_post_that_has_no_page_of_its_own_is_named_with_what_to_do(anything: Undrawn) -> None:
    """It said that nothing was drawn, and ended well."""
    ended = anything.render("https://www.flickr.com/photos/1@N0/albums/72157600012345")

    assert ended.code == 4, ended
    assert "could not be rendered: no page is known that shows it by itself: name one that embeds it" in ended.err


@pytest.mark.parametrize("words", [[], ["--missing", PAGE], ["-"]], ids=["neither", "both", "nothing given"])
def test_what_to_draw_is_named_or_missing_and_not_both(anything: Undrawn, words: list[str]) -> None:
    ended = anything.render(*words)

    assert ended.code == 2
    assert "give what to render, or --missing" in ended.err


def test_without_a_browser_it_says_how_to_get_one(anything: Undrawn) -> None:
    ended = anything.render(PAGE, env=NOWHERE)

    assert ended.code == 2
    assert "ARCHIVER_BROWSER=/nonexistent is no program" in ended.err and REMEDY in ended.err
    assert drawn(anything.data_dir) == []


def test_a_browser_that_does_not_start_has_drawn_nothing_and_that_is_no_success(
    undrawn: Undrawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archiver.browser.chromium.LAUNCH_PAUSE", 0)
    ended = undrawn.render(PAGE, env=BROKEN)

    assert ended.code == 4, ended
    assert "note: no more screenshots are taken in this run: /bin/false does not start" in ended.err
    again = undrawn.render(PAGE, "--json")
    assert again.code == 0
    assert drawn(undrawn.data_dir) == sorted([PAGE, embed_page(FIRST), embed_page(SECOND)])  # a page with all that it embeds


# --- crawl --------------------------------------------------------------------------------------------------------------------


def test_a_crawl_without_a_browser_succeeds_with_a_note(anything: Undrawn, tmp_path: Path) -> None:
    words = ["crawl", PAGE, *drawn_at(anything.web)]
    said = archiver(*words, "--archive", tmp_path / "said", env=NOWHERE)
    told = archiver(*words, "--archive", tmp_path / "told", "--json", env=NOWHERE)
    unwanted = archiver(*words, "--archive", tmp_path / "unwanted", "--no-screenshots", env=NOWHERE)

    assert (said.code, told.code, unwanted.code) == (0, 0, 0), said
    assert (
        "note: ARCHIVER_BROWSER=/nonexistent is no program, so there are no screenshots" in said.err
        and "archiver doctor" in said.err
    )
    assert told.lines[0]["no_browser"] is True
    assert "screenshots" not in unwanted.err


@pytest.mark.parametrize("words", [["--screenshots", "none"], ["--no-screenshots"]])
def test_nothing_is_drawn_where_nobody_wants_it(anything: Undrawn, tmp_path: Path, words: list[str]) -> None:
    ended = archiver("crawl", PAGE, "--archive", tmp_path / "archive", *drawn_at(anything.web), *words)

    assert ended.code == 0, ended
    assert drawn(tmp_path / "archive") == []
    assert " drawn, in " not in ended.out


def test_pages_without_embeds_are_drawn_where_all_pages_are_wanted(web: Web, data_dir: Path) -> None:
    web["blog.example", "/plain/"] = shown("<p>Words alone</p>")
    words = ["crawl", PLAIN, "--scope", "page", "--archive", data_dir, *drawn_at(web)]
    by_default = archiver(*words)
    pages = archiver(*words, "--screenshots", "pages")

    assert (by_default.code, pages.code) == (0, 0), pages
    assert " drawn, in " not in by_default.out
    assert "1 page or post rendered" in pages.out
    assert drawn(data_dir) == [PLAIN]


def test_another_word_for_what_to_draw_is_refused(anything: Undrawn, tmp_path: Path) -> None:
    ended = archiver("crawl", PAGE, "--archive", tmp_path / "archive", "--screenshots", "some")

    assert ended.code == 2
    assert "'none', 'posts', 'pages', 'all'" in ended.err


def test_the_progress_line_counts_what_was_drawn_once_something_was() -> None:
    assert counts(CrawlStats(pages=2, renders=1_234, renders_wanted=5_000)).endswith("rendered 1,234 of 5,000")
    assert "drawn" not in counts(CrawlStats(pages=2))
    assert summary(CrawlReport(CrawlStats(renders=3), CrawlOutcome())).endswith("3 pages and posts rendered")


def test_one_of_a_thing_is_not_called_many() -> None:
    one = CrawlReport(CrawlStats(pages=1, embeds=1, posts_asked=1, media=1, renders=1, bytes=1), CrawlOutcome(), written=2)
    said = "1 page with 1 embed, 1 platform reply, 1 picture or video, 1 byte received, 2 written, 1 page or post rendered"
    assert summary(one) == said
