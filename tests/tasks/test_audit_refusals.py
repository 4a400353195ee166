"""`archiver audit` of renders made before players' refusals were looked for: found in their texts, listed, and done again."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from archiver.model.findings import PostRef
from archiver.model.render import REFUSALS, Quality, Render, RenderStatus, RenderTarget, Screenshot, ScreenshotKind
from archiver.query.archive import Archive
from archiver.recording.recorder import Recorder
from archiver.storage.state.requeue_list import pending
from archiver.tasks.audit.audit import audited, requeue
from archiver.tasks.audit.reasons import Assessment
from archiver.tasks.reindex import reindex
from tests.support.exchanges import MOMENT, PAGE_URL, exchange
from tests.support.photos import page_of_text, saved
from tests.support.recording import CRAWL, NEXT_CRAWL, keep, recording
from tests.support.renders import keep_render

VIDEO = PostRef("youtube", "dQw4w9WgXcQ")
WATCH = f"https://www.youtube.com/watch?v={VIDEO.post_id}"
PLAYER = f"https://www.youtube.com/embed/{VIDEO.post_id}"
PAGE = f'<title>A page</title><p>See this:</p><iframe src="{PLAYER}" title="Gulls over the harbour"></iframe>'.encode()
PHRASE = "Video player configuration error"
REFUSED = f"Gulls over the harbour\nError 153\n{PHRASE}\nWatch video on YouTube"
PLAYS = "Gulls over the harbour\nWatch on YouTube"
OF_POST = f'its screenshot shows an error (the network refuses to show it here: "{PHRASE}")'
OF_PLACE = f'embed 1 (youtube {VIDEO.post_id}) shows an error (its page shows "{PHRASE}", here or at another embed)'
BEFORE: dict[str, int] = {"requests": 7}
TODAY = {"requests": 7, REFUSALS: 0}
PICTURE = saved(page_of_text(3, (300, 200)), "PNG")

Judge = Callable[[], dict[str, Assessment]]


def shot(kind: ScreenshotKind, post: PostRef | None = None, position: int | None = None) -> Screenshot:
    return Screenshot(kind, PICTURE, 300, 200, Quality.GOOD, None, post, position)


def of_post(text: str, notes: dict[str, int], seconds: float = 5) -> Render:
    shots = (shot(ScreenshotKind.EMBED, VIDEO),)
    moment = MOMENT + timedelta(seconds=seconds)
    return Render(RenderTarget(PLAYER, VIDEO), moment, RenderStatus.WHOLE, None, shots, text, notes)


def of_page(text: str, notes: dict[str, int], seconds: float = 9) -> Render:
    shots = (shot(ScreenshotKind.VIEW), shot(ScreenshotKind.FULL_PAGE), shot(ScreenshotKind.EMBED, VIDEO, 1))
    return Render(RenderTarget(PAGE_URL), MOMENT + timedelta(seconds=seconds), RenderStatus.WHOLE, None, shots, text, notes)


@pytest.fixture
def judged(data_dir: Path) -> Judge:
    """All posts and pages, by URL."""

    def judge() -> dict[str, Assessment]:
        with Archive.open(data_dir) as archive, audited(archive, minimum=1.1) as found:
            return {one.url: one for one in found.bad()}

    return judge


def made(data_dir: Path, *renders: Render) -> None:
    with recording(data_dir, replace(CRAWL, job="first")) as recorder:
        keep(recorder, exchange(body=PAGE))
        kept(recorder, *renders)


def kept(recorder: Recorder, *renders: Render) -> None:
    for render in renders:
        keep_render(recorder, render)


@pytest.mark.parametrize("anew", [False, True])
def test_a_post_whose_text_is_a_refusal_is_listed_and_put_back(data_dir: Path, judged: Judge, anew: bool) -> None:
    """The players of all videos drawn by themselves since 2025-10 showed "Error 153", and were judged good."""
    made(data_dir, of_post(REFUSED, BEFORE))
    if anew:
        reindex(data_dir)

    assert OF_POST in judged()[WATCH].reasons
    assert judged()[WATCH].parts["screenshot"] == 0.0 and judged()[WATCH].draws
    with Archive.open(data_dir) as archive, audited(archive) as found:
        requeue(archive, found)
        waiting = {(one.platform, one.post_id): one.draws for one in pending(archive.paths.state)}
    assert waiting[VIDEO.platform, VIDEO.post_id]


def test_where_it_was_rendered_twice_with_the_error_it_is_done_again_all_the_same(data_dir: Path, judged: Judge) -> None:
    made(data_dir, of_post(REFUSED, BEFORE), of_post(REFUSED, BEFORE, 50))
    assert judged()[WATCH].draws


@pytest.mark.parametrize(
    "render",
    [
        of_post(PLAYS, BEFORE),
        of_post(PLAYS + "\nError 153, they said, " * 30, BEFORE),
        of_post(REFUSED, TODAY),  # it was looked for: the words are the post's own
    ],
    ids=["it plays", "it says more than that", "made today"],
)
def test_other_renders_stay_good(data_dir: Path, judged: Judge, render: Render) -> None:
    made(data_dir, render)
    assert judged()[WATCH].parts["screenshot"] == 1.0


def test_once_it_is_drawn_well_nothing_is_said_of_the_first_one(data_dir: Path, judged: Judge) -> None:
    made(data_dir, of_post(REFUSED, BEFORE))
    with recording(data_dir, replace(NEXT_CRAWL, job="second")) as recorder:
        kept(recorder, of_post(PLAYS, TODAY, 90))
    assert judged()[WATCH].parts["screenshot"] == 1.0


def test_once_it_is_drawn_again_and_refused_again_it_is_not_put_back(data_dir: Path, judged: Judge) -> None:
    made(data_dir, of_post(REFUSED, BEFORE))
    again = of_post(REFUSED, {**TODAY, REFUSALS: 1}, 90)
    reason = f'the network refuses to show it here: "{PHRASE}"'
    [one] = again.screenshots
    with recording(data_dir, replace(NEXT_CRAWL, job="second")) as recorder:
        kept(recorder, replace(again, screenshots=(replace(one, quality=Quality.REFUSED, reason=reason),)))
    assert not judged()[WATCH].draws
    assert f"{OF_POST}, and rendering it again did not make it better" in judged()[WATCH].reasons


def test_a_page_with_the_refusal_as_a_line_is_listed_with_its_embeds(data_dir: Path, judged: Judge) -> None:
    article = "\n".join(f"Words of the article, line {number}." for number in range(100))
    made(data_dir, of_page(f"{article}\n{REFUSED}\n{article}", BEFORE))
    assert OF_PLACE in judged()[PAGE_URL].reasons
    assert judged()[PAGE_URL].draws and judged()[PAGE_URL].parts["view"] == 1.0


@pytest.mark.parametrize(
    ("line", "notes"),
    [(f"What does “{PHRASE}” mean, and why do so many readers see it on our pages?", BEFORE), (PHRASE, TODAY), (PLAYS, BEFORE)],
    ids=["words of the article", "made today", "it plays"],
)
def test_other_pages_stay_good(data_dir: Path, judged: Judge, line: str, notes: dict[str, int]) -> None:
    made(data_dir, of_page(f"A page\n{line}", notes))
    assert judged()[PAGE_URL].parts["places"] == 1.0


def test_a_text_that_cannot_be_read_says_nothing(data_dir: Path, judged: Judge) -> None:
    made(data_dir, of_post(REFUSED, BEFORE), of_page(REFUSED, BEFORE))
    for path in data_dir.glob("warc/*/*.warc.gz"):
        path.unlink()
    assert judged()[WATCH].parts["screenshot"] == 1.0
