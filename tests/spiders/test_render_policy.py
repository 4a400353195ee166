"""What a capture makes a crawl want to see drawn: pure decisions, on real captures in a real archive."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from archiver.crawling.session import CrawlPlan
from archiver.model.exchange import ResourceType
from archiver.model.findings import Findings, MediaRef, PostRef, PostState, Source, Statement
from archiver.model.render import Quality, Render, RenderStatus, RenderTarget, Screenshot, ScreenshotKind, ScreenshotRecord
from archiver.platforms import media_urls_of
from archiver.platforms.doors import Doors
from archiver.recording.recorder import Recorded, Recorder
from archiver.storage.state.requeue_list import Requeued
from spiders.crawl_request import CrawlRequest, RequestKind
from spiders.discovery import RenderPolicy, requests_after, requests_of_requeued, requests_to_render
from spiders.scope import scope_of
from tests.support.exchanges import MOMENT, PAGE_URL, exchange
from tests.support.mastodon_web import NUMBERS, api, embed_page, embedding, post_id, status
from tests.support.recorded import a_page, a_reply, body, kept
from tests.support.recording import recording
from tests.support.webs import page

FIRST, SECOND = NUMBERS[:2]
POSTS, PAGES, ALL, NONE = (RenderPolicy(what, again=False) for what in ("posts", "pages", "all", "none"))
VISIT = "visit-1"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
NAMED = f'<iframe class="mastodon-embed" src="{embed_page(FIRST)}"></iframe>'
TEXT_ONLY = '<blockquote class="twitter-tweet"><p>No ferry pic.twitter.com/uOWxLTTvGP</p>&mdash; Ferry (@ferry)</blockquote>'


@pytest.fixture
def recorder(tmp_path: Path) -> Iterator[Recorder]:
    with recording(tmp_path) as open_recorder:
        yield open_recorder


def a_gone_post(recorder: Recorder, number: str) -> Recorded:
    url, said = f"https://social.example{api(number)}", b'{"error":"Record not found"}'
    types = ("Content-Type: application/json",)
    return kept(recorder, exchange(url, said, status="404 Not Found", headers=types, resource_type=ResourceType.FETCH))


def requests(render_policy: RenderPolicy, recorder: Recorder, recorded: Recorded, *, again: bool = False) -> list[str]:
    """The addresses that are to be drawn."""
    url = recorded.capture.url
    request = CrawlRequest(url, RequestKind.PAGE if url == PAGE_URL else RequestKind.ASK, page_visit=VISIT, again=again)
    found = list(render_policy.requests_after(request, recorded, recorder.crawl_index))
    assert all(each.kind is RequestKind.RENDER for each in found)
    return [each.url for each in found]


def draw(recorder: Recorder, url: str, ref: PostRef | None = None, seconds: float = 0) -> None:
    """As if a browser had drawn it."""
    kind = ScreenshotKind.EMBED if ref is not None else ScreenshotKind.FULL_PAGE
    shot = Screenshot(kind, b"\x89PNG", 1, 1, Quality.GOOD, post=ref)
    moment = MOMENT + timedelta(seconds=seconds)
    render = Render(RenderTarget(url, ref), moment, RenderStatus.WHOLE, screenshots=(shot,))
    recorder.keep_render(render, [(shot, ScreenshotRecord(kind, url, 1, 1, Quality.GOOD, post=ref))], VISIT)
    recorder.commit()


# --- pages --------------------------------------------------------------------------------------------------------------------


def test_a_page_that_embeds_something_is_drawn_in_the_visit_that_captured_it(recorder: Recorder) -> None:
    recorded = a_page(recorder, embedding(FIRST))
    [request] = POSTS.requests_after(CrawlRequest(PAGE_URL, RequestKind.PAGE, page_visit=VISIT), recorded, recorder.crawl_index)

    assert (request.url, request.kind, request.page_visit, request.post) == (PAGE_URL, RequestKind.RENDER, VISIT, None)


@pytest.mark.parametrize(("render_policy", "drawn"), [(POSTS, False), (PAGES, True), (ALL, True), (NONE, False)])
def test_a_page_without_embeds_is_drawn_where_all_pages_are(recorder: Recorder, render_policy: RenderPolicy, drawn: bool) -> None:
    assert requests(render_policy, recorder, a_page(recorder, page("Words"))) == [PAGE_URL] * drawn


@pytest.mark.parametrize(("render_policy", "drawn"), [(POSTS, True), (PAGES, True), (ALL, True), (NONE, False)])
def test_a_page_with_embeds_is_drawn_unless_nothing_is(recorder: Recorder, render_policy: RenderPolicy, drawn: bool) -> None:
    assert requests(render_policy, recorder, a_page(recorder, embedding(FIRST))) == [PAGE_URL] * drawn


@pytest.mark.parametrize(("markup", "listed", "alone"), [(NAMED, True, True), (TEXT_ONLY, False, True)])
def test_a_list_of_pages_is_drawn_only_where_it_embeds_posts_that_are_known(
    recorder: Recorder, markup: str, listed: bool, alone: bool
) -> None:
    """What it shows as text alone it quotes from the pages that it lists, and they are drawn."""
    recorded = kept(recorder, exchange(PAGE_URL, f"<title>A page</title>{markup}".encode()))
    page_of_it = recorded.findings.page
    assert page_of_it is not None and recorded.findings.embeds is not None and recorded.findings.embeds.embeds
    as_list = replace(recorded, findings=replace(recorded.findings, page=replace(page_of_it, is_listing=True)))

    assert requests(POSTS, recorder, as_list) == [PAGE_URL] * listed
    assert requests(POSTS, recorder, recorded) == [PAGE_URL] * alone


def test_an_unchanged_page_is_not_drawn_again_and_a_changed_one_is(recorder: Recorder) -> None:
    a_page(recorder, embedding(FIRST))
    draw(recorder, PAGE_URL, seconds=5)

    assert requests(POSTS, recorder, a_page(recorder, embedding(FIRST), seconds=60)) == []
    assert requests(POSTS, recorder, a_page(recorder, embedding(FIRST, SECOND), seconds=120)) == [PAGE_URL]


def test_a_page_too_short_for_a_revisit_was_drawn_anew_in_every_crawl(recorder: Recorder) -> None:
    short = b'<iframe class="mastodon-embed" src="%s"></iframe>' % embed_page(FIRST).encode()
    kept(recorder, exchange(PAGE_URL, short))
    draw(recorder, PAGE_URL, seconds=5)

    again = kept(recorder, exchange(PAGE_URL, short, seconds=60))

    assert again.capture.record_type == "response"
    assert requests(POSTS, recorder, again) == []


def test_what_was_drawn_before_is_drawn_again_where_that_is_asked_for(recorder: Recorder) -> None:
    recorded = a_page(recorder, embedding(FIRST))
    draw(recorder, PAGE_URL, seconds=5)

    assert requests(RenderPolicy("posts", again=True), recorder, recorded) == [PAGE_URL]
    assert requests(POSTS, recorder, recorded, again=True) == [PAGE_URL]


# --- posts --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("render_policy", "drawn"), [(POSTS, True), (PAGES, False), (ALL, True), (NONE, False)])
def test_a_post_that_its_platform_shows_is_drawn_by_itself(recorder: Recorder, render_policy: RenderPolicy, drawn: bool) -> None:
    """Mastodon shows the page for frames under its author's name only: the name is in the same reply."""
    assert requests(render_policy, recorder, a_reply(recorder, FIRST)) == [embed_page(FIRST)] * drawn


def test_a_post_that_was_drawn_is_not_drawn_again_unless_asked_for(recorder: Recorder) -> None:
    recorded = a_reply(recorder, FIRST)
    draw(recorder, embed_page(FIRST), PostRef("mastodon", post_id(FIRST)))

    assert requests(POSTS, recorder, recorded) == []
    assert requests(POSTS, recorder, recorded, again=True) == [embed_page(FIRST)]


def test_a_post_that_is_gone_is_not_drawn(recorder: Recorder) -> None:
    recorded = a_gone_post(recorder, FIRST)

    assert [said.state for said in recorded.findings.statements]
    assert requests(POSTS, recorder, recorded) == []


def test_a_post_that_another_one_only_quotes_is_not_drawn_by_itself(recorder: Recorder) -> None:
    inner = json.loads(body(status(SECOND)))

    recorded = a_reply(recorder, FIRST, quote={"state": "accepted", "quoted_status": inner})

    assert {said.post_id for said in recorded.findings.statements} == {post_id(FIRST), post_id(SECOND)}
    assert requests(POSTS, recorder, recorded) == [embed_page(FIRST)]


def test_a_post_whose_platform_cannot_be_asked_is_drawn_as_soon_as_a_page_embeds_it(recorder: Recorder) -> None:
    frame = b'<p>x</p><iframe src="https://player.twitch.tv/?video=v1234567890&parent=blog.example"></iframe>'
    recorded = kept(recorder, exchange(PAGE_URL, frame))

    drawn = requests(POSTS, recorder, recorded)

    assert drawn[0] == PAGE_URL
    assert [url for url in drawn[1:] if "player.twitch.tv" in url], drawn


# --- what no seed leads to ----------------------------------------------------------------------------------------------------


def test_what_an_audit_put_back_is_asked_for_and_drawn_once_more(recorder: Recorder) -> None:
    ref = PostRef("mastodon", post_id(FIRST))
    a_reply(recorder, FIRST)
    draw(recorder, embed_page(FIRST), ref)
    items = [Requeued("https://x.example/", "2026", ref.platform, ref.post_id), Requeued(PAGE_URL, "2026")]

    found = list(requests_of_requeued(items, POSTS, recorder.crawl_index))

    assert [(request.kind, request.url) for request in found] == [
        (RequestKind.ASK, f"https://social.example{api(FIRST)}"),
        (RequestKind.RENDER, embed_page(FIRST)),
        (RequestKind.PAGE, PAGE_URL),
    ]
    assert found[0].again and found[2].again
    without = list(requests_of_requeued(items, NONE, recorder.crawl_index))
    assert [request.kind for request in without] == [RequestKind.ASK, RequestKind.PAGE]


def test_a_smaller_picture_is_asked_for_in_its_original_size_where_an_audit_put_its_post_back(recorder: Recorder) -> None:
    key = "https://pbs.twimg.com/media/FcSbF8eXwAAyV3q?format=jpg&name="
    said = Statement("twitter", "1568", Source.SYNDICATION, PostState.LIVE, media=(MediaRef(key + "orig", "a-key"),))
    sizes = media_urls_of(key + "orig")
    kept(recorder, exchange(sizes[-1], PNG, headers=("Content-Type: image/png",), resource_type=ResourceType.IMAGE))

    def wished(*, again: bool) -> list[str]:
        request = CrawlRequest("https://cdn.example/1568", RequestKind.ASK, again=again)
        return [each.url for each in requests_after(request, Findings(statements=(said,)), scope, recorder.crawl_index, Doors())]

    scope = scope_of(CrawlPlan(recorder.paths.data_dir, ()))
    assert (wished(again=False), wished(again=True)) == ([], [sizes[0]])
    kept(recorder, exchange(sizes[0], b"", status="404 Not Found", resource_type=ResourceType.IMAGE))
    assert wished(again=True) == []


def test_a_list_of_pages_that_no_crawl_draws_is_not_missing(recorder: Recorder, tmp_path: Path) -> None:
    """`render --missing` asked for it each time, and drew nothing."""
    kept(recorder, exchange(PAGE_URL, f"<title>A list</title>{TEXT_ONLY}".encode()))
    plan = CrawlPlan(tmp_path, (), missing=True)
    assert [request.url for request in requests_to_render(plan, POSTS, recorder.crawl_index)] == [PAGE_URL]

    with closing(sqlite3.connect(recorder.paths.index)) as index, index:
        index.execute("UPDATE page_versions SET is_listing = 1")

    assert list(requests_to_render(plan, POSTS, recorder.crawl_index)) == []


def test_whatever_was_never_drawn_is_drawn_but_for_what_is_gone(recorder: Recorder, tmp_path: Path) -> None:
    a_page(recorder, embedding(FIRST, SECOND))
    a_reply(recorder, FIRST)
    a_gone_post(recorder, SECOND)
    plan = CrawlPlan(tmp_path, (), missing=True)

    missing = [(request.kind, request.url) for request in requests_to_render(plan, POSTS, recorder.crawl_index)]
    draw(recorder, PAGE_URL, seconds=5)
    draw(recorder, embed_page(FIRST), PostRef("mastodon", post_id(FIRST)))

    assert missing == [(RequestKind.RENDER, embed_page(FIRST)), (RequestKind.PAGE, PAGE_URL)]
    assert list(requests_to_render(plan, POSTS, recorder.crawl_index)) == []


# --- the page that a post is navigated to from --------------------------------------------------------------------------------


def test_the_page_that_embeds_a_post_is_the_newest_and_one_under_https_comes_first(recorder: Recorder) -> None:
    def embeds(url: str, seconds: float, number: str = FIRST) -> None:
        kept(recorder, exchange(url, body(embedding(number)), seconds=seconds))

    def found(number: str = FIRST) -> str | None:
        recorder.commit()
        return recorder.crawl_index.page_embedding(PostRef("mastodon", post_id(number)))

    assert found() is None
    embeds("http://plain.example/", 3)
    assert found() == "http://plain.example/"
    embeds("https://blog.example/old/", 1)
    assert found() == "https://blog.example/old/"
    embeds("https://blog.example/new/", 2)
    assert found() == "https://blog.example/new/"
    embeds("https://blog.example/new/", 4, SECOND)  # which no longer embeds the first
    assert found() == "https://blog.example/old/"
    assert found(SECOND) == "https://blog.example/new/"
