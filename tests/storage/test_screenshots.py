"""Which screenshots belong to a post, an embed or a page, and which of them is the best."""

from dataclasses import replace
from pathlib import Path

from archiver.model.findings import EmbedKind
from archiver.model.render import Quality, ScreenshotKind
from archiver.query.archive import Archive
from archiver.storage.index.results import Result
from tests.support.drawn import DRAWN_URL, PAGE_URL, POST, WARC, made_in, tweet

CODE = "pic.twitter.com/uOWxLTTvGP"


def found(data_dir: Path, reference: str) -> tuple[Result, ...]:
    with Archive.open(data_dir) as archive:
        return archive.find(reference).results


def test_a_screenshot_is_told_with_all_that_is_known_of_it(data_dir: Path) -> None:
    with made_in(data_dir) as made:
        made.page(tweet())
        made.in_page(Quality.TEXT_MISSING, reason="no word of it", path="screenshots/twitter/1568/a.webp", sha256="ab" * 32)

    [post] = found(data_dir, POST.post_id)
    [shot] = post.to_json()["screenshots"]
    assert shot == {
        "path": "screenshots/twitter/1568/a.webp",
        "taken_at": "2022-09-11T13:00:02.000Z",
        "warc": WARC,
        "offset": 200,
        "length": 100,
        "kind": "embed",
        "url": PAGE_URL,
        "position": 1,
        "width": 550,
        "height": 600,
        "quality": "text_missing",
        "reason": "no word of it",
        "sha256": "ab" * 32,
        "with_cookies": False,
    }


def test_a_later_picture_of_an_error_never_stands_before_the_post(data_dir: Path) -> None:
    with made_in(data_dir) as made:
        made.page(tweet())
        for quality in Quality:
            made.alone(quality, day=20 - list(Quality).index(quality))  # the worse, the earlier
        made.in_page()

    [post] = found(data_dir, POST.post_id)
    assert [(shot.quality, shot.position) for shot in post.screenshots[:3]] == [("good", None), ("good", 1), ("unscripted", None)]
    assert post.screenshots[-1].quality == "refused"


def test_the_post_cut_to_its_size_stands_before_the_window_that_shows_it(data_dir: Path) -> None:
    with made_in(data_dir) as made:
        made.page(tweet())
        made.shot(ScreenshotKind.VIEW, DRAWN_URL, post=POST)
        made.alone()
        made.in_page()

    [post] = found(data_dir, POST.post_id)
    assert [(shot.kind, shot.position) for shot in post.screenshots] == [("embed", None), ("view", None), ("embed", 1)]


def test_of_equals_the_earliest_is_the_best(data_dir: Path) -> None:
    with made_in(data_dir) as made:
        made.page(tweet())
        made.alone(day=13)
        made.alone(day=12)

    [post] = found(data_dir, POST.post_id)
    assert [shot.taken_at[:10] for shot in post.screenshots] == ["2022-09-12", "2022-09-13"]
    assert {shot.url for shot in post.screenshots} == {DRAWN_URL}


def test_a_page_has_its_view_and_the_whole_of_it_and_its_posts_have_their_places(data_dir: Path) -> None:
    with made_in(data_dir) as made:
        made.page(tweet())
        made.in_page()
        made.of_page(ScreenshotKind.FULL_PAGE, ScreenshotKind.VIEW)

    page, post = found(data_dir, PAGE_URL)
    assert [shot.kind for shot in page.screenshots] == ["view", "fullPage"]
    assert [shot.kind for shot in post.screenshots] == ["embed"]


def test_an_embed_whose_post_is_not_known_has_its_place(data_dir: Path) -> None:
    text = replace(tweet(kind=EmbedKind.TEXT, short_links=(CODE,)), post_id=None, url=None)
    with made_in(data_dir) as made:
        made.page(text, replace(text, position=2, short_links=()))
        made.in_page(post=None)
        made.in_page(post=None, position=2)

    [embed] = found(data_dir, CODE)
    assert [shot.position for shot in embed.screenshots] == [1]


def test_a_place_in_another_version_of_the_page_is_not_taken_for_it(data_dir: Path) -> None:
    first = replace(tweet(kind=EmbedKind.TEXT, short_links=(CODE,)), post_id=None, url=None)
    second = replace(first, short_links=("pic.twitter.com/Other12345",))
    with made_in(data_dir) as made:
        made.page(first)
        made.in_page(post=None, day=11)
        made.page(second, captured_at="2022-09-12T12:00:00.000Z")
        made.in_page(post=None, day=12)

    for code, day in ((CODE, "2022-09-11"), ("pic.twitter.com/Other12345", "2022-09-12")):
        [embed] = found(data_dir, code)
        assert [shot.taken_at[:10] for shot in embed.screenshots] == [day]


def test_the_place_of_a_code_is_a_picture_of_the_post_that_it_leads_to(data_dir: Path) -> None:
    text = replace(tweet(kind=EmbedKind.TEXT, short_links=(CODE,)), post_id=None, url=None)
    with made_in(data_dir) as made:
        made.page(tweet(short_links=(CODE,)), url="https://blog.example/another/")
        made.page(text)
        made.in_page(post=None)

    [post] = found(data_dir, POST.post_id)
    assert [(shot.url, shot.position) for shot in post.screenshots] == [(PAGE_URL, 1)]
