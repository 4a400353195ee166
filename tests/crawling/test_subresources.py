"""What browsers are given, with a stand-in for the fetcher: whom it asks, how, and when it stops."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from archiver.browser.traffic import BrowserRequest, Refused
from archiver.crawling.response_cache import ResponseCache
from archiver.crawling.subresources import MAX_REPORTED, SILENT_ANSWERS, Subresources
from archiver.errors import ConnectionFailed
from archiver.model.exchange import Capture, Exchange, Purpose, ResourceType
from archiver.model.findings import Findings, PostState, Source, Statement
from archiver.model.render import RenderTarget
from archiver.network.fetcher import Fetched, FetchLimits
from archiver.recording.recorder import Recorded
from tests.support.exchanges import exchange

PAGE = "https://blog.example/a-post/"
REPLY = "https://cdn.syndication.twimg.com/tweet-result?id=1&lang=en&token=a"
CAPTURE = Capture("<urn:uuid:1>", "response", PAGE, "2022-09-11T12:00:00.250Z", 200, "text/html", None, "warc/a", 0, 1)
SAID = Findings(statements=(Statement("twitter", "1", Source.SYNDICATION, PostState.LIVE),))


@dataclass
class Fetching:
    """Records what it is asked for; `answers` by URL, a page for all others."""

    answers: dict[str, Exchange | Exception] = field(default_factory=dict)
    findings: Findings = field(default_factory=Findings)
    waits: asyncio.Event | None = None
    asked: list[tuple[str, dict[str, str], ResourceType]] = field(default_factory=list)
    logged_in: dict[str, bool] = field(default_factory=dict)
    """URL -> whether the user's cookies may go with the request."""
    ended: int = 0

    async def __call__(
        self, url: str, headers: list[tuple[str, str]], purpose: Purpose, _limits: FetchLimits
    ) -> Fetched[Recorded]:
        self.asked.append((url, dict(headers), purpose.resource_type))
        self.logged_in[url] = purpose.with_cookies
        if self.waits is not None:
            await self.waits.wait()
        answer = self.answers.get(url, exchange(url))
        if isinstance(answer, Exception):
            raise answer
        self.ended += 1
        return Fetched(answer, Recorded(replace(CAPTURE, url=url), answer.head, self.findings))


def asked(url: str, kind: str = "xhr", *, main: bool = False, **headers: str) -> BrowserRequest:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return BrowserRequest(url, "GET", named, kind, main, False)


def run(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(test())


def test_only_the_page_and_what_it_redirects_to_is_a_page() -> None:
    fetching = Fetching({PAGE: exchange(PAGE, status="301 Moved", headers=("Location: /new/",))})

    async def test() -> None:
        visit = Subresources(fetching, ResponseCache()).visit(RenderTarget(PAGE), "visit")
        for url in (PAGE, "https://blog.example/new/", "https://elsewhere.example/"):
            await visit.answer(asked(url, "document", main=True))
        await visit.answer(asked("https://blog.example/frame/", "document"))

    run(test)
    document, frame = ResourceType.DOCUMENT, ResourceType.FRAME
    assert [kind for _, _, kind in fetching.asked] == [document, document, frame, frame]


def test_the_users_cookies_go_with_the_page_itself_and_with_what_its_own_host_asks_for() -> None:
    """A request that does not say who asks may be another site's: a page can have its Referer left out."""
    own, evil = "https://blog.example/", "https://evil.example/"
    fetching = Fetching({PAGE: exchange(PAGE, status="302 Found", headers=("Location: /login/",))})
    wanted = {
        f"{own}same": (True, {"Referer": PAGE}),
        f"{own}same-origin": (True, {"Referer": PAGE, "Origin": own[:-1]}),
        f"{own}silent": (False, {}),
        f"{own}evil": (False, {"Referer": evil}),
        f"{own}evil-origin": (False, {"Referer": PAGE, "Origin": evil[:-1]}),
        f"{own}opaque": (False, {"Referer": PAGE, "Origin": "null"}),
        f"{evil}here": (False, {"Referer": PAGE}),
        f"{evil}framed": (False, {"Referer": evil}),  # within its own frame, in somebody else's page
    }

    async def test() -> None:
        visit = Subresources(fetching, ResponseCache()).visit(RenderTarget(PAGE), "visit")
        for url in (PAGE, f"{own}login/", f"{own}elsewhere/"):
            await visit.answer(asked(url, "document", main=True))
        for url, (_, headers) in wanted.items():
            await visit.answer(BrowserRequest(url, "GET", tuple(headers.items()), "xhr", False, False))

    run(test)
    assert [fetching.logged_in[url] for url in (PAGE, f"{own}login/", f"{own}elsewhere/")] == [True, True, False]
    assert {url: fetching.logged_in[url] for url in wanted} == {url: may for url, (may, _) in wanted.items()}


def test_a_platform_is_asked_as_anybody_would_whatever_a_page_adds() -> None:
    fetching = Fetching()

    async def test() -> None:
        visit = Subresources(fetching, ResponseCache()).visit(RenderTarget(PAGE), "visit")
        for url in (REPLY, "https://blog.example/data.json"):
            await visit.answer(asked(url, User_Agent="Chrome", Accept="text/odd", Cookie="a=1", Origin="https://blog.example"))

    run(test)
    assert fetching.asked[0][1] == {"User-Agent": "Chrome", "Origin": "https://blog.example"}
    assert fetching.asked[1][1].keys() == {"User-Agent", "Accept", "Cookie", "Origin"}


@pytest.mark.parametrize(("url", "at_once"), [(REPLY, False), ("https://pbs.twimg.com/media/A.jpg", True)])
def test_a_reply_that_is_asked_for_as_a_picture_keeps_the_platforms_pace(url: str, at_once: bool) -> None:
    turns: list[tuple[str, bool]] = []

    async def turn(host: str, requisite: bool) -> bool:
        turns.append((host, requisite))
        return True

    async def test() -> None:
        subresources = Subresources(Fetching(), ResponseCache())
        subresources.hooks.turn = turn
        await subresources.visit(RenderTarget(PAGE), "visit").answer(asked(url, "image"))

    run(test)
    assert turns == [(url.split("/")[2], at_once)]


def test_nothing_is_asked_for_whom_nobody_waits_any_more() -> None:
    fetching = Fetching(waits=asyncio.Event())

    async def test() -> None:
        subresources = Subresources(fetching, ResponseCache())
        visit = subresources.visit(RenderTarget(PAGE), "visit")
        waiting = [asyncio.create_task(visit.answer(asked("https://blog.example/a.js", "script"))) for _ in range(2)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        waiting[0].cancel()
        await asyncio.sleep(0)
        assert fetching.waits is not None
        await asyncio.sleep(0)
        waiting[1].cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        await asyncio.sleep(0)
        fetching.waits.set()
        assert (await visit.answer(asked("https://blog.example/a.js", "script"))).status == 200  # asked for anew

    run(test)
    assert (len(fetching.asked), fetching.ended) == (2, 1)


@pytest.mark.parametrize("host", ["twitframe.com", "www.twitframe.com"])
def test_a_host_that_shows_a_strangers_pages_instead_of_posts_is_never_loaded(host: str) -> None:
    """Frames of twitframe.com have led to a foreign football site since 2026-03 (4chan-x#3550)."""
    fetching = Fetching()

    async def test() -> None:
        visit = Subresources(fetching, ResponseCache()).visit(RenderTarget(PAGE), "visit")
        with pytest.raises(Refused, match="stranger"):
            await visit.answer(asked(f"https://{host}/show?url=https%3A%2F%2Ftwitter.com%2Fmira_k%2Fstatus%2F20", "document"))
        await visit.answer(asked("https://nottwitframe.com/", "document"))

    run(test)
    assert [url for url, _, _ in fetching.asked] == ["https://nottwitframe.com/"]


def test_a_host_that_does_not_answer_is_left_alone() -> None:
    dead = "https://widget.example/w.js?"
    fetching = Fetching({f"{dead}{number}": ConnectionFailed("nobody there") for number in range(9)})

    async def test() -> None:
        visit = Subresources(fetching, ResponseCache()).visit(RenderTarget(PAGE), "visit")
        for number in range(SILENT_ANSWERS):
            with pytest.raises(ConnectionFailed):
                await visit.answer(asked(f"{dead}{number}", "script"))
        with pytest.raises(Refused, match=r"widget\.example did not answer before"):
            await visit.answer(asked(f"{dead}8", "script"))
        assert (await visit.answer(asked("https://blog.example/own.js", "script"))).status == 200

    run(test)
    assert len(fetching.asked) == SILENT_ANSWERS + 1


def test_a_page_that_asks_for_thousands_of_posts_tells_the_crawl_of_some() -> None:
    heard: list[Recorded] = []

    async def test() -> None:
        subresources = Subresources(Fetching(findings=SAID), ResponseCache())
        subresources.hooks.recorded = heard.append
        visit = subresources.visit(RenderTarget(PAGE), "visit")
        for number in range(MAX_REPORTED + 20):
            await visit.answer(asked(f"{REPLY}{number}"))

    run(test)
    assert len(heard) == MAX_REPORTED


PLAYER = "https://www.youtube.com/embed/dQw4w9WgXcQ"


@pytest.mark.parametrize(
    ("url", "kind", "came_with", "referer", "requests"),
    [
        (PLAYER, "document", "https://blog.example/", "https://blog.example/", 0),
        (PLAYER, "document", "https://blog.example/", "https://other.example/", 1),
        (PLAYER, "document", None, "https://blog.example/", 1),
        (PLAYER, "document", "https://blog.example/", None, 1),
        (PLAYER, "document", None, None, 0),
        (PLAYER, "xhr", None, "https://blog.example/", 0),
        ("https://blog.example/frame/", "document", None, "https://blog.example/", 0),
    ],
)
def test_what_a_player_answered_to_one_site_is_not_given_to_another(
    url: str, kind: str, came_with: str | None, referer: str | None, requests: int
) -> None:
    """A player that refused the frame of one page was in memory, and its post by itself was drawn with that error."""
    fetching, cache = Fetching(), ResponseCache()
    kept = exchange(url)
    sent = f"Referer: {came_with}\r\n".encode() if came_with is not None else b""
    cache.keep(replace(kept, request=kept.request.removesuffix(b"\r\n") + sent + b"\r\n"))

    async def test() -> None:
        visit = Subresources(fetching, cache).visit(RenderTarget(PAGE), "visit")
        await visit.answer(asked(url, kind, **({"Referer": referer} if referer is not None else {})))

    run(test)
    assert len(fetching.asked) == requests


def test_a_player_is_asked_once_for_each_site_that_waits_for_it() -> None:
    fetching = Fetching(waits=asyncio.Event())
    sites = ("https://blog.example/", "https://blog.example/", "https://other.example/")

    async def test() -> None:
        visit = Subresources(fetching, ResponseCache()).visit(RenderTarget(PAGE), "visit")
        waiting = [asyncio.create_task(visit.answer(asked(PLAYER, "document", Referer=site))) for site in sites]
        await asyncio.sleep(0.05)
        assert fetching.waits is not None
        fetching.waits.set()
        await asyncio.gather(*waiting)

    run(test)
    assert [headers["Referer"] for _, headers, _ in fetching.asked] == ["https://blog.example/", "https://other.example/"]
