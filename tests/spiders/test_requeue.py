"""What an audit put back stays on the list until a run has done all of it that can be done."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from archiver.recording.recorder import Recorder
from archiver.storage.files.paths import ArchivePaths
from archiver.storage.state.requeue_list import Requeued, pending, put
from spiders.crawl_request import CrawlRequest, RequestKind
from spiders.discovery import RenderPolicy
from spiders.frontier import Frontier
from spiders.requeue import AuditRequeue
from tests.support.crawling import crawl_of
from tests.support.exchanges import PAGE_URL
from tests.support.mastodon_web import BLOG, NUMBERS, SERVER, add_post, api, embedding, post_id
from tests.support.recorded import a_reply
from tests.support.recording import recording
from tests.support.webs import Web, page

FIRST = NUMBERS[0]
DRAWS, DRAWS_NOT = RenderPolicy("posts", again=False), RenderPolicy("none", again=False)
AT = "2022-09-20T08:00:00.000Z"
POST = Requeued(f"https://{SERVER}/@lena/{FIRST}", AT, "mastodon", post_id(FIRST))
PAGE = Requeued(PAGE_URL, AT)
NEVER_DRAWN = replace(PAGE, asks=False)
IS_PAGE = Requeued(f"{BLOG}/1/", AT)


@pytest.fixture
def recorder(tmp_path: Path) -> Iterator[Recorder]:
    with recording(tmp_path) as open_recorder:
        a_reply(open_recorder, FIRST)
        yield open_recorder


class Run:
    """One run's own part: all wishes are handed out, and those of `fails` fail."""

    def __init__(self, state: Path, recorder: Recorder, render_policy: RenderPolicy, name: str = "a run") -> None:
        self.state, self.held = state, recorder.crawl_index
        self.frontier = Frontier(state, name, delay=0, paces={}, concurrency=9, renders=1)
        self.part = AuditRequeue(state, self.frontier, render_policy)
        self.met: list[CrawlRequest] = []

    def begin(self) -> "Run":
        self.part.enqueue(self.held)
        return self

    def meet(self, *fails: RequestKind) -> "Run":
        while (found := self.frontier.next_request()) is not None:
            seq, request = found
            self.met.append(request)
            if request.kind in fails:
                self.frontier.failed(seq, "no answer")
            else:
                self.frontier.done(seq)
        return self

    def end(self, *, finished: bool = True) -> list[Requeued]:
        """What still waits."""
        self.part.review(self.held)
        if finished:
            self.frontier.finish()
        self.frontier.close()
        self.part.settle()
        return list(pending(self.state))


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


def test_what_was_met_is_settled_and_what_was_not_stays(state: Path, recorder: Recorder) -> None:
    put(state, [POST, PAGE])

    assert Run(state, recorder, DRAWS).begin().meet(RequestKind.PAGE).end() == [PAGE]


def test_a_post_whose_picture_could_not_be_drawn_stays(state: Path, recorder: Recorder) -> None:
    put(state, [POST])

    assert Run(state, recorder, DRAWS).begin().meet(RequestKind.RENDER).end() == [POST]


@pytest.mark.parametrize(("fails", "left"), [((), []), ((RequestKind.RENDER,), [PAGE])])
def test_a_page_is_settled_when_it_is_drawn_where_it_is_to_be(
    state: Path, recorder: Recorder, fails: tuple[RequestKind, ...], left: list[Requeued]
) -> None:
    put(state, [PAGE])
    run = Run(state, recorder, DRAWS).begin()
    run.frontier.add([CrawlRequest(PAGE_URL, RequestKind.RENDER)])

    assert run.meet(*fails).end() == left


def test_where_nothing_is_drawn_what_only_drawing_mends_is_not_asked_for(state: Path, recorder: Recorder) -> None:
    put(state, [NEVER_DRAWN])
    run = Run(state, recorder, DRAWS_NOT).begin().meet()

    assert run.met == [] and run.end() == [NEVER_DRAWN]


def test_where_nothing_is_drawn_drawing_is_left(state: Path, recorder: Recorder) -> None:
    never_asked = replace(PAGE, draws=False)
    put(state, [POST, never_asked])

    assert Run(state, recorder, DRAWS_NOT).begin().meet().end() == [replace(POST, asks=False)]


def test_what_was_put_back_while_a_run_goes_on_is_for_the_next_one(state: Path, recorder: Recorder) -> None:
    put(state, [POST])
    run = Run(state, recorder, DRAWS).begin().meet()
    run.frontier.add([CrawlRequest(PAGE_URL, RequestKind.PAGE)])
    run.meet()
    run.frontier.commit()
    later = replace(PAGE, at="2022-09-20T08:00:00.001Z")
    put(state, [later])

    assert run.end() == [later]


def test_a_run_that_goes_on_does_again_what_it_did_before_it_was_put_back(state: Path, recorder: Recorder) -> None:
    before = Run(state, recorder, DRAWS)
    before.frontier.add([CrawlRequest(PAGE_URL, RequestKind.PAGE, seed=True)])
    assert before.meet().end(finished=False) == []
    put(state, [PAGE])

    run = Run(state, recorder, DRAWS).begin().meet()

    assert [(request.url, request.again, request.seed) for request in run.met] == [(PAGE_URL, True, True)]
    assert run.end() == []


def test_a_run_that_was_stopped_settles_what_it_met_and_goes_on_with_the_rest(state: Path, recorder: Recorder) -> None:
    put(state, [POST, PAGE])
    stopped = Run(state, recorder, DRAWS).begin().meet()
    stopped.frontier.add([CrawlRequest(PAGE_URL, RequestKind.RENDER, again=True)])

    assert stopped.end(finished=False) == [PAGE]
    run = Run(state, recorder, DRAWS).begin().meet()
    assert [request.kind for request in run.met] == [RequestKind.RENDER] and run.end() == []


def test_seeds_that_were_put_back_are_marked(state: Path, recorder: Recorder) -> None:
    put(state, [PAGE, POST])
    seeds = [CrawlRequest(PAGE_URL, RequestKind.PAGE, seed=True), CrawlRequest(f"{BLOG}/2/", RequestKind.PAGE, seed=True)]
    ask = CrawlRequest(f"https://{SERVER}{api(FIRST)}", RequestKind.ASK, seed=True, post=("mastodon", post_id(FIRST)))
    run = Run(state, recorder, DRAWS)

    assert [request.again for request in run.part.mark_seeds([*seeds, ask])] == [True, False, True]
    run.end()


# --- whole crawls -------------------------------------------------------------------------------------------------------------


def left(data_dir: Path) -> list[Requeued]:
    return list(pending(ArchivePaths(data_dir).state))


def test_a_crawl_without_drawing_leaves_what_is_to_be_drawn(web: Web, data_dir: Path) -> None:
    add_post(web, FIRST)
    web["blog.example", "/1/"] = embedding(FIRST)
    crawl_of(web, data_dir, f"{BLOG}/1/")
    put(ArchivePaths(data_dir).state, [replace(IS_PAGE, asks=False), POST])

    crawl_of(web, data_dir, f"{BLOG}/1/")

    assert set(left(data_dir)) == {replace(IS_PAGE, asks=False), replace(POST, asks=False)}


def test_a_host_that_is_not_reached_leaves_its_pages_on_the_list(web: Web, data_dir: Path) -> None:
    web["blog.example", "/2/"] = page("Words")
    crawl_of(web, data_dir, f"{BLOG}/2/")
    item = Requeued("https://nowhere.invalid/1/", AT, draws=False)
    put(ArchivePaths(data_dir).state, [item, replace(IS_PAGE, url=f"{BLOG}/2/", draws=False)])

    crawl_of(web, data_dir, f"{BLOG}/2/")

    assert left(data_dir) == [item]


def test_pages_beyond_the_limit_stay_on_the_list(web: Web, data_dir: Path) -> None:
    items = [replace(IS_PAGE, url=f"{BLOG}/{number}/", draws=False) for number in (1, 2, 3)]
    for number in (1, 2, 3):
        web["blog.example", f"/{number}/"] = page("Words")
    crawl_of(web, data_dir, f"{BLOG}/1/")
    put(ArchivePaths(data_dir).state, items)

    crawl_of(web, data_dir, f"{BLOG}/1/", max_pages=2)

    assert len(left(data_dir)) == 1
