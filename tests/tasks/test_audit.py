"""`archiver audit`: what is judged good, what bad and why, and what is put back to be done again."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archiver.model.findings import EmbedKind, PostRef, PostState, Source
from archiver.model.render import Quality, RenderStatus, ScreenshotKind
from archiver.query.archive import Archive
from archiver.storage.files.paths import ArchivePaths
from archiver.storage.index import audit_queries
from archiver.storage.state.requeue_list import RequeueCounts, pending
from archiver.tasks.audit import page as audit_page
from archiver.tasks.audit import post as audit_post
from archiver.tasks.audit.audit import Audit, audited, requeue
from archiver.tasks.audit.reasons import Assessment
from tests.support.drawn import ORIGINAL, PAGE_URL, PICTURE, POST, POST_URL, SMALL, Made, made_in, picture_of, tweet, whole

Judge = Callable[..., dict[str, Assessment]]


@pytest.fixture
def judged(data_dir: Path) -> Judge:
    """All posts and pages of what was made, good ones too, by address."""

    def judge(*references: str) -> dict[str, Assessment]:
        with Archive.open(data_dir) as archive, audited(archive, references, minimum=1.1) as found:
            return {one.url: one for one in found.bad()}

    return judge


@pytest.mark.parametrize("url", [PAGE_URL, POST_URL])
def test_what_was_captured_whole_has_the_full_figure(data_dir: Path, judged: Judge, url: str) -> None:
    with made_in(data_dir) as made:
        whole(made)

    assert (judged()[url].figure, judged()[url].reasons, judged()[url].mendable) == (1.0, (), False)


@pytest.mark.parametrize("weights", [audit_post.WEIGHTS, audit_page.WEIGHTS])
def test_the_weights_add_up_to_one(weights: dict[str, float]) -> None:
    assert sum(weights.values()) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("lacks", "url", "reason"),
    [
        ("told", POST_URL, "its platform has sent no reply about it yet"),
        ("told", PAGE_URL, f"embed 1 (twitter {POST.post_id}): its platform has sent no reply about it yet"),
        ("picture", POST_URL, f"picture was not captured: {PICTURE}"),
        ("alone", POST_URL, "it was never rendered by itself"),
        ("page", PAGE_URL, "it was never rendered"),
    ],
)
def test_what_lacks_something_that_can_be_had_says_so(data_dir: Path, judged: Judge, lacks: str, url: str, reason: str) -> None:
    with made_in(data_dir) as made:
        whole(made, but=[lacks])

    assert reason in judged()[url].reasons
    assert judged()[url].mendable and judged()[url].figure < 1


# --- pictures -----------------------------------------------------------------------------------------------------------------


def test_a_smaller_picture_is_not_the_original(data_dir: Path, judged: Judge) -> None:
    with made_in(data_dir) as made:
        whole(made, but=["picture"])
        made.picture(SMALL, 680, 453)

    assert judged()[POST_URL].parts["pictures"] == audit_post.SMALLER
    assert judged()[POST_URL].reasons == (f"picture is smaller than its original: {PICTURE}",)


def test_a_picture_as_large_as_its_platform_says_is_the_original_under_any_address(data_dir: Path, judged: Judge) -> None:
    with made_in(data_dir) as made:
        whole(made, but=["told", "picture"])
        made.says(PostState.LIVE, media=picture_of(680, 453))
        made.picture(SMALL, 680, 453)

    assert judged()[POST_URL].figure == 1.0


def test_where_the_original_is_not_there_any_more_the_smaller_picture_is_all_that_can_be_had(
    data_dir: Path, judged: Judge
) -> None:
    with made_in(data_dir) as made:
        whole(made, but=["picture"])
        made.no_picture(ORIGINAL, 404)
        made.picture(SMALL, 680, 453)

    assert judged()[POST_URL].figure == 1.0


def test_a_picture_that_is_not_there_any_more_is_told_and_cannot_be_mended(data_dir: Path, judged: Judge) -> None:
    with made_in(data_dir) as made:
        whole(made, but=["picture"])
        made.no_picture(ORIGINAL, 404)
        made.no_picture(SMALL, 404)

    post = judged()[POST_URL]
    assert post.reasons == (f"picture is not there any more: {PICTURE}",)
    assert post.parts["pictures"] is None and not post.mendable


@pytest.mark.parametrize("status", [403, 429, 503])
def test_a_refusal_does_not_mean_that_a_picture_is_gone(data_dir: Path, judged: Judge, status: int) -> None:
    with made_in(data_dir) as made:
        whole(made, but=["picture"])
        made.no_picture(ORIGINAL, status)

    assert judged()[POST_URL].reasons == (f"picture was not captured (answered {status}): {PICTURE}",)
    assert judged()[POST_URL].mendable


def test_a_page_that_came_instead_of_a_picture_is_none(data_dir: Path, judged: Judge) -> None:
    with made_in(data_dir) as made:
        whole(made, but=["picture"])
        made.no_picture(ORIGINAL, 200)

    assert judged()[POST_URL].parts["pictures"] == 0.0


def test_a_picture_that_was_cut_off_is_held_in_part(data_dir: Path, judged: Judge) -> None:
    with made_in(data_dir) as made:
        whole(made, but=["picture"])
        made.picture(ORIGINAL, truncated="length")

    assert judged()[POST_URL].reasons == (f"picture was captured in part only: {PICTURE}",)


# --- words --------------------------------------------------------------------------------------------------------------------


def test_a_post_without_words_lacks_none(data_dir: Path, judged: Judge) -> None:
    with made_in(data_dir) as made:
        made.page(tweet(text=None))
        made.says(PostState.LIVE, author="witness", media=picture_of())
        made.picture(ORIGINAL)
        made.alone()

    assert judged()[POST_URL].parts["text"] is None and judged()[POST_URL].figure == 1.0


def test_words_that_a_page_quotes_under_the_posts_code_are_its_words(data_dir: Path, judged: Judge) -> None:
    code = ("pic.twitter.com/uOWxLTTvGP",)
    quoted = tweet(kind=EmbedKind.TEXT, short_links=code)
    with made_in(data_dir) as made:
        made.page(tweet(text=None, short_links=code))
        made.page(replace(quoted, post_id=None, url=None), url="https://diary.example/")
        made.says(PostState.DELETED)

    assert judged()[POST_URL].parts["text"] == 1.0


def test_words_of_another_author_under_the_same_code_are_not(data_dir: Path, judged: Judge) -> None:
    code = ("pic.twitter.com/uOWxLTTvGP",)
    quoted = tweet(kind=EmbedKind.TEXT, short_links=code, author="somebody_else")
    with made_in(data_dir) as made:
        made.page(tweet(text=None, short_links=code))
        made.page(replace(quoted, post_id=None, url=None), url="https://diary.example/")
        made.says(PostState.DELETED)

    assert judged()[POST_URL].parts["text"] == 0.0


# --- gone ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [PostState.GONE, PostState.DELETED, PostState.SUSPENDED, PostState.PROTECTED])
def test_a_post_that_was_gone_when_first_asked_is_judged_by_what_the_page_says(
    data_dir: Path, judged: Judge, state: PostState
) -> None:
    with made_in(data_dir) as made:
        made.page(tweet())
        made.says(state)

    post = judged()[POST_URL]
    assert post.figure == 1.0
    assert post.reasons == ("gone before it was rendered",) and not post.mendable


def test_the_words_of_a_gone_post_that_nobody_kept_are_a_loss_that_nothing_mends(data_dir: Path, judged: Judge) -> None:
    with made_in(data_dir) as made:
        made.page(tweet(text=None, author=None, posted_at=None))
        made.says(PostState.GONE)

    post = judged()[POST_URL]
    assert post.figure == 0.0 and not post.mendable
    assert post.reasons == ("gone before its text was kept", "gone before it was rendered")


def test_a_post_that_came_back_can_be_drawn(data_dir: Path, judged: Judge) -> None:
    with made_in(data_dir) as made:
        made.page(tweet())
        made.says(PostState.PROTECTED)
        made.says(PostState.LIVE, text="They forgot their tanks")

    assert "it was never rendered by itself" in judged()[POST_URL].reasons


def test_a_vanished_post_keeps_its_good_picture_whatever_is_drawn_later(data_dir: Path, judged: Judge) -> None:
    with made_in(data_dir) as made:
        whole(made)
        made.says(PostState.DELETED, source=Source.OEMBED)
        made.alone(Quality.REFUSED, day=12)
        made.in_page(Quality.BLANK, day=12)

    assert judged()[POST_URL].figure == judged()[PAGE_URL].figure == 1.0


# --- screenshots --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quality", "said"),
    [(Quality.BLANK, "is blank"), (Quality.LOGIN_WALL, "shows a login wall"), (Quality.REFUSED, "shows an error")],
)
def test_a_picture_that_shows_nothing_counts_for_nothing(data_dir: Path, judged: Judge, quality: Quality, said: str) -> None:
    with made_in(data_dir) as made:
        whole(made, but=["alone", "place"])
        made.alone(quality, reason="one colour all over")

    assert judged()[POST_URL].parts["screenshot"] == 0.0
    assert judged()[POST_URL].reasons == (f"its screenshot {said} (one colour all over)",)


def test_a_place_in_a_page_is_worth_less_than_a_picture_of_its_own(data_dir: Path, judged: Judge) -> None:
    with made_in(data_dir) as made:
        whole(made, but=["alone"])

    assert judged()[POST_URL].parts["screenshot"] == audit_post.IN_A_PAGE_ONLY


def test_a_render_that_failed_says_why(data_dir: Path, judged: Judge) -> None:
    with made_in(data_dir) as made:
        whole(made, but=["alone", "page", "place"])
        made.rendered("https://platform.twitter.com/embed/Tweet.html", RenderStatus.FAILED, "took longer than 45 s", POST)
        made.rendered(PAGE_URL, RenderStatus.FAILED, "the browser crashed")

    assert judged()[POST_URL].reasons == ("it could not be rendered: took longer than 45 s",)
    assert judged()[PAGE_URL].reasons == ("it could not be rendered: the browser crashed",)


def test_a_post_that_is_only_quoted_is_drawn_within_the_other(data_dir: Path, judged: Judge) -> None:
    quoted = PostRef("twitter", "1568000000000000000")
    with made_in(data_dir) as made:
        whole(made)
        made.says(PostState.LIVE, quotes=quoted, text="They forgot their tanks")
        made.says(PostState.LIVE, quoted, text="Look", author="other", posted_at="2022-09-09")

    assert judged()["https://twitter.com/i/status/1568000000000000000"].figure == 1.0


# --- pages --------------------------------------------------------------------------------------------------------------------


def test_an_embed_that_was_not_to_be_seen_lowers_its_page_and_is_not_drawn_again(data_dir: Path, judged: Judge) -> None:
    with made_in(data_dir) as made:
        whole(made, but=["place"])

    page = judged()[PAGE_URL]
    assert page.reasons == (f"embed 1 (twitter {POST.post_id}) is not to be seen in the rendered page",)
    assert page.parts["places"] == 0.0 and not page.mendable


@pytest.mark.parametrize(("ended", "shown_by_itself"), [(RenderStatus.WHOLE, True), (RenderStatus.PARTIAL, False)])
def test_an_embed_that_the_page_itself_does_not_show_is_no_fault(
    data_dir: Path, judged: Judge, ended: RenderStatus, shown_by_itself: bool
) -> None:
    with made_in(data_dir) as made:
        whole(made, but=["place"])
        made.rendered(PAGE_URL, ended, day=12, embeds_not_drawn=1)

    assert (judged()[PAGE_URL].figure == 1.0) is shown_by_itself
    assert ("is not shown by the page itself" in judged()[PAGE_URL].reasons[0]) is shown_by_itself


def test_a_render_that_missed_fewer_than_have_no_picture_does_not_excuse_them(data_dir: Path, judged: Judge) -> None:
    other = tweet(2, post_id="1570000000000000000", url=POST_URL)
    with made_in(data_dir) as made:
        made.page(tweet(), other)
        made.of_page()
        made.rendered(PAGE_URL, RenderStatus.WHOLE, embeds_not_drawn=1)

    assert judged()[PAGE_URL].parts["places"] == 0.0


@pytest.mark.parametrize("kind", [EmbedKind.PLACEHOLDER, EmbedKind.SCRIPT])
def test_what_waits_for_a_click_or_a_script_is_no_fault_of_a_partial_render_either(
    data_dir: Path, judged: Judge, kind: EmbedKind
) -> None:
    with made_in(data_dir) as made:
        made.page(tweet(kind=kind))
        made.of_page()
        made.rendered(PAGE_URL, RenderStatus.PARTIAL, "took too long")

    assert judged()[PAGE_URL].parts["places"] is None


def refused(made: Made, day: int, reason: str = "the server answered 404") -> None:
    """A render of the page, and one of the post by itself."""
    made.of_page(quality=Quality.REFUSED, reason=reason, day=day)
    made.in_page(Quality.REFUSED, reason=reason, day=day)
    made.alone(Quality.REFUSED, reason=reason, day=day)


def test_what_two_renders_showed_alike_is_not_drawn_a_third_time(data_dir: Path, judged: Judge) -> None:
    with made_in(data_dir) as made:
        whole(made, but=["alone", "place", "page"])
        refused(made, 11)
    assert judged()[POST_URL].mendable and judged()[PAGE_URL].mendable
    with made_in(data_dir) as made:
        refused(made, 12, "the server answered 503")
    assert judged()[POST_URL].mendable and judged()[PAGE_URL].mendable
    with made_in(data_dir) as made:
        refused(made, 13)

    said = "shows an error (the server answered 404), and rendering it again did not make it better"
    assert judged()[POST_URL].reasons == (f"its screenshot {said}",)
    assert f"its view {said}" in judged()[PAGE_URL].reasons
    assert not judged()[POST_URL].mendable and not judged()[PAGE_URL].mendable


def test_a_post_that_a_page_has_twice_was_drawn_once(data_dir: Path, judged: Judge) -> None:
    moment = "2022-09-11T14:00:00.000Z"
    with made_in(data_dir) as made:
        whole(made, but=["place"])
        for position in (1, 2):
            made.in_page(Quality.BLANK, position=position, taken_at=moment)

    assert judged()[PAGE_URL].mendable


def test_a_page_that_was_changed_since_is_to_be_drawn_again(data_dir: Path, judged: Judge) -> None:
    other = PostRef("twitter", "1570000000000000000")
    with made_in(data_dir) as made:
        whole(made)
        made.says(PostState.LIVE, other)
        second = tweet(2, post_id=other.post_id, url="https://twitter.com/i/status/1570000000000000000")
        made.page(tweet(), second, captured_at="2022-09-14T12:00:00.000Z")

    page = judged()[PAGE_URL]
    assert page.reasons == ("it was changed since it was last rendered",)
    assert page.parts["places"] == page.parts["view"] == page.parts["full_page"] == 0.0 and page.mendable


def test_an_embed_whose_post_is_not_known_is_found_by_its_place(data_dir: Path, judged: Judge) -> None:
    with made_in(data_dir) as made:
        made.page(tweet(kind=EmbedKind.TEXT, post_id=None, url=None))
        made.of_page()
        made.rendered(PAGE_URL, RenderStatus.WHOLE)
        made.in_page(post=None)

    assert judged()[PAGE_URL].figure == 1.0
    assert judged()[PAGE_URL].parts["posts"] is None


def test_a_front_page_of_excerpts_that_was_drawn_badly_is_not_drawn_again(data_dir: Path, judged: Judge) -> None:
    """A crawl that draws what embeds posts would ask for it and pass it over, each time it is put back."""
    with made_in(data_dir) as made:
        made.page(tweet(kind=EmbedKind.TEXT, post_id=None, url=None), listing=True)
        made.of_page(quality=Quality.BLANK)
        made.rendered(PAGE_URL, RenderStatus.FAILED, "the browser crashed", day=12)

    assert judged()[PAGE_URL].figure == 1.0 and not judged()[PAGE_URL].mendable


def test_a_front_page_of_excerpts_is_not_to_be_drawn(data_dir: Path, judged: Judge) -> None:
    with made_in(data_dir) as made:
        made.page(tweet(kind=EmbedKind.TEXT, post_id=None, url=None), listing=True)

    assert judged()[PAGE_URL].figure == 1.0 and not judged()[PAGE_URL].mendable


def test_a_page_is_judged_by_its_best_picture_of_each_kind(data_dir: Path, judged: Judge) -> None:
    with made_in(data_dir) as made:
        whole(made, but=["page"])
        made.of_page(ScreenshotKind.VIEW, quality=Quality.BLANK)
        made.of_page(ScreenshotKind.VIEW, quality=Quality.HALF_LOADED, day=12)
        made.of_page(ScreenshotKind.FULL_PAGE, day=12)

    assert judged()[PAGE_URL].reasons == ("its view is half loaded",)
    assert judged()[PAGE_URL].parts["view"] == 0.5


def test_of_very_many_reasons_the_first_are_told(data_dir: Path, judged: Judge) -> None:
    with made_in(data_dir) as made:
        made.page(*(tweet(number, post_id=str(1568656084437740674 + number), url=POST_URL) for number in range(1, 100)))

    assert len(judged()[PAGE_URL].reasons) == 13
    assert judged()[PAGE_URL].reasons[-1] == "and 88 more"


def test_a_page_that_embeds_nothing_is_not_judged(data_dir: Path, judged: Judge) -> None:
    with made_in(data_dir) as made:
        made.page()

    assert judged() == {}


# --- all of it ----------------------------------------------------------------------------------------------------------------


def several(made: Made) -> None:
    """Page and post whole; a page that was never drawn; a post that was never asked about; one that is gone."""
    whole(made)
    made.page(tweet(), url="https://blog.example/second/")
    made.page(tweet(post_id="1570000000000000001", url=POST_URL, text=None, author=None), url="https://blog.example/third/")
    made.page(tweet(post_id="1570000000000000002", url=POST_URL, text=None, author=None), url="https://blog.example/fourth/")
    made.says(PostState.GONE, PostRef("twitter", "1570000000000000002"))


def test_the_bad_ones_come_worst_first(data_dir: Path) -> None:
    with made_in(data_dir) as made:
        several(made)

    with Archive.open(data_dir) as archive, audited(archive) as found:
        figures = [one.figure for one in found.bad()]
    assert figures == sorted(figures) and len(figures) == found.posts.bad + found.pages.bad
    assert (found.posts.count, found.pages.count) == (3, 4)
    assert (found.posts.bad, found.posts.mendable) == (2, 1)
    assert (found.pages.bad, found.pages.mendable) == (3, 3)
    assert 0 < (found.posts.mean or 0) < 1


def test_chunks_change_nothing(data_dir: Path, judged: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    with made_in(data_dir) as made:
        several(made)
    at_once = judged()

    monkeypatch.setattr(audit_queries, "CHUNK", 1)

    assert judged() == at_once and len(at_once) == 7


def test_a_reference_narrows_it_down(data_dir: Path, judged: Judge) -> None:
    with made_in(data_dir) as made:
        several(made)

    assert set(judged(PAGE_URL)) == {PAGE_URL, POST_URL}
    assert set(judged(POST.post_id)) == {POST_URL}
    with Archive.open(data_dir) as archive, audited(archive, ["@nobody", "@witness"]) as found:
        assert found.unknown == ("@nobody",)


def test_only_what_can_be_mended_is_put_back(data_dir: Path) -> None:
    with made_in(data_dir) as made:
        several(made)
    moment = datetime(2022, 9, 20, 8, tzinfo=UTC)

    def put_back(found: Audit) -> RequeueCounts:
        return requeue(archive, found, clock=lambda: moment)

    with Archive.open(data_dir) as archive, audited(archive) as found:
        assert put_back(found) == RequeueCounts(posts=1, pages=3)
        assert put_back(found) == RequeueCounts(posts=1, pages=3)  # once more is not more

    items = list(pending(ArchivePaths(data_dir).state))
    assert {item.post for item in items if item.post} == {PostRef("twitter", "1570000000000000001")}
    assert {item.url for item in items if not item.post} == {
        f"https://blog.example/{name}/" for name in ("second", "third", "fourth")
    }
    assert {item.at for item in items} == {"2022-09-20T08:00:00.000Z"}
    assert {(item.kind, item.asks, item.draws) for item in items} == {
        ("post", True, True), ("page", True, True), ("page", False, True),
    }  # fmt: skip
