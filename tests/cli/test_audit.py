"""`archiver audit` on the command line: what people read, and what scripts rely on."""

from pathlib import Path

import pytest

from archiver.model.findings import PostRef
from archiver.model.render import Quality
from archiver.storage.files.paths import ArchivePaths
from archiver.storage.state.requeue_list import pending
from tests.support.drawn import PAGE_URL, POST, POST_URL, made_in, tweet, whole
from tests.support.program import archiver

KEYS = {"kind", "platform", "post_id", "url", "figure", "mendable", "reasons", "parts"}
SUMMARY = {"kind", "minimum", "posts", "pages", "requeued"}
OTHER_PAGE = "https://blog.example/another/"


@pytest.fixture
def audited(data_dir: Path) -> Path:
    """A post with all that can be had, in one page that has it too and in one that was never drawn."""
    with made_in(data_dir) as made:
        whole(made)
        made.page(tweet(), url=OTHER_PAGE)
    return data_dir


def test_people_read_figure_and_reasons_and_a_summary(audited: Path) -> None:
    ended = archiver("audit", "--archive", audited)

    assert ended.code == 0, ended
    assert ended.out.splitlines() == [
        f"0.40  page {OTHER_PAGE}",
        "      it was never rendered",
        "1 post with 1.00 on average, 0 listed, 0 can be improved; 2 pages with 0.70 on average, 1 listed, 1 can be improved",
        "what can be improved is done again by the next crawl or `archiver render` after `archiver audit --requeue`",
    ]


def test_a_line_for_each_bad_one_and_one_for_the_summary(audited: Path) -> None:
    *bad, summary = archiver("audit", "--json", "--archive", audited).lines

    [page] = bad
    assert set(page) == KEYS and set(summary) == SUMMARY
    assert (page["kind"], page["platform"], page["url"], page["mendable"]) == ("page", None, OTHER_PAGE, True)
    assert page["parts"] == {"title": 1.0, "view": 0.0, "full_page": 0.0, "places": 0.0, "posts": 1.0}
    assert summary["posts"] == {"count": 1, "mean": 1.0, "bad": 0, "mendable": 0}
    assert summary["requeued"] is None


def test_a_higher_minimum_lists_more(audited: Path) -> None:
    with made_in(audited) as made:
        made.page(tweet(), url="https://blog.example/untitled/", title=None)

    lines = archiver("audit", "--min", "0", "--json", "--archive", audited).lines
    assert {line["kind"] for line in lines} == {"page", "summary"}
    assert archiver("audit", "--min", "1.5", "--archive", audited).code == 2


def test_what_is_put_back_is_told_and_waits(audited: Path) -> None:
    ended = archiver("audit", "--requeue", "--archive", audited)

    assert ended.out.splitlines()[-1] == "1 page waits for the next crawl or `archiver render`"
    [item] = pending(ArchivePaths(audited).state)
    assert (item.kind, item.url, item.asks, item.draws) == ("page", OTHER_PAGE, False, True)
    assert "  1 page waits for the next crawl or `archiver render`" in archiver("status", "--archive", audited).out.splitlines()


def test_what_is_put_back_is_counted_for_scripts(audited: Path) -> None:
    *_, summary = archiver("audit", "--requeue", "--json", "--archive", audited).lines

    assert summary["requeued"] == {"posts": 0, "pages": 1}
    status = archiver("status", "--json", "--archive", audited).lines[0]
    assert status["requeued"] == {"posts": 0, "pages": 1} and status["waiting"] == 0


def test_nothing_to_put_back_is_told_too(audited: Path) -> None:
    ended = archiver("audit", POST.post_id, "--requeue", "--archive", audited)

    assert ended.out.splitlines()[-1] == "nothing waits to be done again"


def test_a_reference_narrows_it_down(audited: Path) -> None:
    *bad, summary = archiver("audit", PAGE_URL, "--json", "--archive", audited).lines

    assert bad == [] and (summary["posts"]["count"], summary["pages"]["count"]) == (1, 1)


def test_an_unknown_reference_is_told(audited: Path) -> None:
    ended = archiver("audit", "@nobody", "--archive", audited)
    assert (ended.code, ended.out) == (5, "")
    assert ended.complaints == [f"archiver: `@nobody`: not known to the archive in {audited}"]

    ended = archiver("audit", "@nobody", POST_URL, "--archive", audited)
    assert ended.code == 0
    assert ended.complaints == ["archiver: @nobody is not known to this archive"]


def test_references_come_from_standard_input_too(audited: Path) -> None:
    *_, summary = archiver("audit", "-", "--json", "--archive", audited, given=f"{PAGE_URL}\n\n").lines

    assert (summary["posts"]["count"], summary["pages"]["count"]) == (1, 1)
    assert archiver("audit", "@nobody", "@nobody", "--archive", audited).code == 5


@pytest.mark.parametrize("word", ["", " ", "-"])
def test_an_empty_reference_does_not_stand_for_everything(audited: Path, word: str) -> None:
    ended = archiver("audit", word, "--requeue", "--archive", audited, given="\n")

    assert (ended.code, ended.out) == (2, "")
    assert list(pending(ArchivePaths(audited).state)) == []


def test_a_reason_from_the_web_cannot_pass_for_a_line_of_ours(audited: Path) -> None:
    with made_in(audited) as made:
        made.page(tweet(post_id="1570000000000000001"), url="https://blog.example/third/")
        made.alone(Quality.BLANK, reason="\x1b[2Jnothing\n1.00  page", post=PostRef("twitter", "1570000000000000001"))

    assert "\x1b[2J" not in archiver("audit", "--archive", audited).out


def test_screenshots_stand_on_the_card_of_a_post(audited: Path) -> None:
    with made_in(audited) as made:
        made.alone(path="screenshots/twitter/1568/20220910.webp", day=10)

    out = " ".join(archiver("show", POST.post_id, "--archive", audited).out.split())

    assert "shot screenshots/twitter/1568/20220910.webp (by itself, 2022-09-10)" in out
    assert f"(in {PAGE_URL}, 2022-09-11)" in out


def test_status_counts_screenshots(audited: Path) -> None:
    line = next(line for line in archiver("status", "--archive", audited).out.splitlines() if line.endswith("screenshots"))

    assert line == "  4 good screenshots"
