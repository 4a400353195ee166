"""The gateway: what the browser asks for, what it gets, and what never goes out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Error

from archiver.browser.chromium import Chromium, Driver
from archiver.browser.gateway import Gateway
from archiver.browser.traffic import BrowserResponse, GatewayCaps, MainDocument, Refused
from archiver.errors import HostNotFound, StorageError
from tests.browser.sites import ANYBODY, SCRIPT, Site, drawing, page, redirect

pytestmark = pytest.mark.asyncio(loop_scope="session")

BLOG = "https://blog.example/"


class Drawn:
    """One browser and its gateway."""

    def __init__(self, chromium: Chromium, gateway: Gateway) -> None:
        self.chromium = chromium
        self.gateway = gateway


@asynccontextmanager
async def started(driver: Driver, executable: Path, caps: GatewayCaps) -> AsyncIterator[Drawn]:
    chromium = await Chromium.launch(driver, executable)
    try:
        yield Drawn(chromium, await Gateway.open(chromium.devtools, caps))
    finally:
        await chromium.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def drawn(driver: Driver, executable: Path) -> AsyncIterator[Drawn]:
    """One browser for all tests of this file: what one render leaves behind would show in the next."""
    async with started(driver, executable, GatewayCaps()) as one:
        yield one


async def test_each_hop_of_a_redirect_comes_through_and_cookies_go_along(drawn: Drawn) -> None:
    site = Site(
        {
            BLOG: redirect("https://other.example/caf\xc3\xa9", ("Set-Cookie", "lost=1")),
            "https://other.example/caf%C3%A9": redirect("/end", ("Set-Cookie", "one=1"), ("Set-Cookie", "two=2; HttpOnly")),
            "https://other.example/end": page("<title>end</title>"),
        }
    )
    async with drawing(drawn.chromium, drawn.gateway, site) as (tab, traffic):
        response = await tab.goto(BLOG)
        assert response is not None
        assert (response.url, response.status, await tab.title()) == ("https://other.example/end", 200, "end")
        assert await tab.evaluate("document.cookie") == "one=1"
    assert [(asked.url, asked.main, asked.kind) for asked in site.asked] == [
        (BLOG, True, "document"),
        ("https://other.example/caf%C3%A9", True, "document"),
        ("https://other.example/end", True, "document"),
    ]
    assert dict(site.asked[2].headers)["Cookie"] == "one=1; two=2"
    assert traffic.document == MainDocument("https://other.example/end", 200)
    assert (traffic.notes, traffic.in_flight) == ({"requests": 3}, 0)


async def test_no_cookie_survives_a_render(drawn: Drawn) -> None:
    site = Site({BLOG: page("", ("Set-Cookie", "seen=1; Max-Age=9999"))})
    for _ in range(2):
        async with drawing(drawn.chromium, drawn.gateway, site) as (tab, _traffic):
            await tab.goto(BLOG)
    assert not [value for asked in site.asked for name, value in asked.headers if name.lower() == "cookie"]


async def test_frames_of_other_hosts_are_asked_for_here_and_are_not_the_page(drawn: Drawn) -> None:
    site = Site(
        {
            BLOG: page('<iframe src="https://widget.example/a"></iframe><iframe src="file:///etc/passwd"></iframe>'),
            "https://widget.example/a": redirect("https://inner.example/b"),
            "https://inner.example/b": page("the post"),
        }
    )
    async with drawing(drawn.chromium, drawn.gateway, site) as (tab, _):
        await tab.goto(BLOG)
        assert await tab.frames[1].inner_text("body") == "the post"
        assert tab.frames[2].url != "file:///etc/passwd"
    assert [asked.url for asked in site.asked if asked.main] == [BLOG]
    assert {"https://widget.example/a", "https://inner.example/b"} < set(site.urls)
    assert all(url.startswith("https://") for url in site.urls)


async def test_what_would_send_something_is_refused_and_counted(drawn: Drawn) -> None:
    site = Site({BLOG: page("<form method=post target=f action=/form></form><iframe name=f></iframe>")})
    async with drawing(drawn.chromium, drawn.gateway, site) as (tab, traffic):
        await tab.goto(BLOG)
        failed = await tab.evaluate(
            """async () => {
                navigator.sendBeacon('/beacon', 'x');
                const hidden = document.forms[0].submit();
                const answers = [];
                for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
                    answers.push(await fetch('https://api.example/', {method}).then(() => 'sent', () => method));
                return answers;
            }"""
        )
    assert failed == ["POST", "PUT", "DELETE", "OPTIONS"]
    assert traffic.notes["not_sent"] == 6
    assert traffic.notes["preflights"] == 3  # PUT, DELETE and OPTIONS ask first
    assert {asked.method for asked in site.asked} == {"GET"}


async def test_a_preflight_is_answered_and_the_request_itself_goes_out(drawn: Drawn) -> None:
    credentials = (("Access-Control-Allow-Origin", "https://blog.example"), ("Access-Control-Allow-Credentials", "true"))
    site = Site({BLOG: page(""), "https://api.example/post": BrowserResponse(200, credentials, b"the post")})
    async with drawing(drawn.chromium, drawn.gateway, site) as (tab, traffic):
        await tab.goto(BLOG)
        asking = "fetch('https://api.example/post', {credentials: 'include', headers: {'X-Token': '1'}}).then(r => r.text())"
        assert await tab.evaluate(asking) == "the post"
    assert traffic.notes["preflights"] == 1
    assert "x-token" not in {name.lower() for name, _ in site.of("https://api.example/post").headers}  # no reader says that


async def test_a_page_may_read_only_what_the_other_host_lets_it(drawn: Drawn) -> None:
    site = Site({BLOG: page(""), "https://api.example/": BrowserResponse(200, (), b"secret")})
    async with drawing(drawn.chromium, drawn.gateway, site) as (tab, _):
        await tab.goto(BLOG)
        assert await tab.evaluate("fetch('https://api.example/').then(r => r.text(), () => 'kept')") == "kept"


async def test_the_whole_body_is_asked_for(drawn: Drawn) -> None:
    site = Site({BLOG: page(""), f"{BLOG}a": page("all of it")})
    async with drawing(drawn.chromium, drawn.gateway, site) as (tab, _):
        await tab.goto(BLOG)
        headers = "{'Range': 'bytes=2-3', 'If-None-Match': '\"x\"', 'If-Modified-Since': 'Sat, 10 Sep 2022 12:00:00 GMT'}"
        assert await tab.evaluate(f"fetch('/a', {{headers: {headers}}}).then(r => r.text())") == "all of it"
    assert not {name.lower() for name, _ in site.of(f"{BLOG}a").headers} & {"range", "if-none-match", "if-modified-since"}


async def test_headers_of_the_wire_do_not_confuse_the_browser(drawn: Drawn) -> None:
    odd = (
        *(("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked"), ("Content-Length", "3"), ("Connection", "close")),
        *(("bad name", "x"), ("", "x"), ("näme", "x"), ("X-Value", "a\r\nX-Smuggled: 1\0b"), ("X-Latin", "caf\xe9")),
    )
    site = Site({BLOG: page("plain text", *odd)})
    async with drawing(drawn.chromium, drawn.gateway, site) as (tab, _):
        response = await tab.goto(BLOG)
        assert response is not None
        assert await tab.inner_text("body") == "plain text"
        assert {name.lower() for name in await response.all_headers()} == {"content-type", "x-value", "x-latin"}


@pytest.mark.parametrize(("status", "shown"), [(401, 401), (407, 407), (404, 404), (503, 503), (999, 500), (0, 500)])
async def test_whatever_the_status_the_page_is_drawn(drawn: Drawn, status: int, shown: int) -> None:
    asks = (("WWW-Authenticate", "Basic realm=x"), ("Proxy-Authenticate", "Basic realm=x"))
    site = Site({BLOG: page("who are you?", *asks, status=status)})
    async with drawing(drawn.chromium, drawn.gateway, site) as (tab, traffic):
        response = await tab.goto(BLOG)
        assert response is not None
        assert (response.status, await tab.inner_text("body")) == (shown, "who are you?")
    assert traffic.document == MainDocument(BLOG, status)


@pytest.mark.parametrize(
    ("error", "shown", "note"),
    [
        (Refused("not again"), "ERR_BLOCKED_BY_CLIENT", "refused"),
        (HostNotFound("no such host"), "ERR_NAME_NOT_RESOLVED", "failed"),
    ],
)
async def test_a_document_that_does_not_come_leaves_its_reason(drawn: Drawn, error: Exception, shown: str, note: str) -> None:
    async with drawing(drawn.chromium, drawn.gateway, Site({BLOG: error})) as (tab, traffic):
        with pytest.raises(Error, match=shown):
            await tab.goto(BLOG)
    assert traffic.document == MainDocument(BLOG, None, str(error))
    assert traffic.notes[note] == 1


async def test_a_redirect_loop_ends(drawn: Drawn) -> None:
    async with drawing(drawn.chromium, drawn.gateway, Site({BLOG: redirect(BLOG)})) as (tab, traffic):
        with pytest.raises(Error, match="ERR_TOO_MANY_REDIRECTS"):
            await tab.goto(BLOG)
    assert traffic.notes["requests"] < 30


async def test_a_slow_answer_holds_up_nobody_else(drawn: Drawn) -> None:
    site = Site({BLOG: page('<img src="/slow.png"><img src="/quick.png">')})
    site.held[f"{BLOG}slow.png"] = asyncio.Event()
    async with drawing(drawn.chromium, drawn.gateway, site) as (tab, traffic):
        await tab.goto(BLOG, wait_until="commit")
        await tab.wait_for_function("performance.getEntriesByName(location.origin + '/quick.png').length == 1")
        assert traffic.in_flight == 1
        site.held[f"{BLOG}slow.png"].set()
        await tab.wait_for_load_state("load")
        assert traffic.in_flight == 0


async def test_the_end_of_a_render_cancels_what_is_late(drawn: Drawn) -> None:
    late = f"{BLOG}late.png"
    site = Site({BLOG: page('<img src="/late.png">')})
    site.held[late] = asyncio.Event()
    tasks = asyncio.all_tasks()
    async with drawing(drawn.chromium, drawn.gateway, site) as (tab, traffic):
        await tab.goto(BLOG, wait_until="commit")
        while late not in site.urls:
            await asyncio.sleep(0.01)
        await drawn.gateway.end()
        assert site.cancelled == [late]
        assert traffic.in_flight == 0
        await tab.wait_for_load_state("load")  # the browser was told
    assert {task for task in asyncio.all_tasks() - tasks if "Gateway" in repr(task)} == set()


async def test_between_renders_everything_is_refused(drawn: Drawn) -> None:
    site = Site({BLOG: page("")})
    async with drawing(drawn.chromium, drawn.gateway, site) as (tab, traffic):
        await tab.goto(BLOG)
        await drawn.gateway.end()
        with pytest.raises(Error, match="ERR_BLOCKED_BY_CLIENT"):
            await tab.goto(BLOG)
    assert site.urls == [BLOG]
    assert traffic.notes["requests"] == 1


async def test_an_error_of_ours_ends_the_render_and_is_told(drawn: Drawn) -> None:
    site = Site({BLOG: page('<img src="/full.png">'), f"{BLOG}full.png": StorageError("the disk is full")})
    with pytest.raises(StorageError):
        async with drawing(drawn.chromium, drawn.gateway, site) as (tab, traffic):
            await tab.goto(BLOG)
            assert await tab.evaluate("fetch('/more').catch(() => 'no more')") == "no more"
    assert f"{BLOG}more" not in site.urls
    assert traffic.notes["refused"] == 1


async def test_workers_of_all_kinds_are_served_here(drawn: Drawn) -> None:
    work = BrowserResponse(200, (SCRIPT, ANYBODY), b"importScripts('/imported.js'); fetch('/from-worker')")
    site = Site(
        {BLOG: page(""), f"{BLOG}w.js": work, f"{BLOG}s.js": work, f"{BLOG}imported.js": BrowserResponse(200, (SCRIPT,), b"")}
    )
    async with drawing(drawn.chromium, drawn.gateway, site) as (tab, _):
        await tab.goto(BLOG)
        await tab.evaluate("new Worker('/w.js'), new SharedWorker('/s.js'), 0")
        while site.urls.count(f"{BLOG}from-worker") < 2:
            await asyncio.sleep(0.01)
    assert {f"{BLOG}w.js", f"{BLOG}s.js", f"{BLOG}imported.js"} < set(site.urls)


async def test_a_flood_is_told_of_and_then_not_answered(
    driver: Driver, executable: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archiver.browser.gateway.MAX_OVER", 5)
    many = "".join(f'<img src="/{number}.png">' for number in range(30))
    async with started(driver, executable, GatewayCaps(requests=10)) as drawn:
        async with drawing(drawn.chromium, drawn.gateway, Site({BLOG: page(many)})) as (tab, traffic):
            told: list[str] = []
            flooded = asyncio.Event()
            traffic.on_full = lambda: told.append(f"full at {traffic.notes['requests']}")
            traffic.on_flood = flooded.set
            await tab.goto(BLOG, wait_until="commit")
            await flooded.wait()
        assert told == ["full at 11"]


async def test_what_leaves_a_page_where_it_is_is_not_its_document(drawn: Drawn) -> None:
    site = Site({BLOG: page("<p>here"), f"{BLOG}nothing": BrowserResponse(204, (), b"")})
    async with drawing(drawn.chromium, drawn.gateway, site) as (tab, traffic):
        await tab.goto(BLOG)
        await tab.evaluate("location = '/nothing'")
        while traffic.notes["requests"] < 2 or traffic.in_flight:
            await asyncio.sleep(0.01)
        assert traffic.document == MainDocument(BLOG, 200)
        assert list(traffic.documents.values()) == [MainDocument(BLOG, 200)]


async def test_what_is_too_much_is_not_drawn(driver: Driver, executable: Path) -> None:
    many = "".join(f'<img src="/{number}.png">' for number in range(20))
    site = Site({BLOG: page(many), f"{BLOG}big": page("x" * 5000), f"{BLOG}0.png": page("x" * 900)})
    async with started(driver, executable, GatewayCaps(requests=10, bytes=8000, body_bytes=4000, seconds=0.2)) as drawn:
        async with drawing(drawn.chromium, drawn.gateway, site) as (tab, traffic):
            await tab.goto(BLOG)
        assert (len(site.asked), traffic.notes["over_cap"], traffic.notes["requests"]) == (10, 11, 21)
        async with drawing(drawn.chromium, drawn.gateway, site) as (tab, traffic):
            with pytest.raises(Error, match="ERR_FAILED"):
                await tab.goto(f"{BLOG}big")
        assert traffic.document == MainDocument(f"{BLOG}big", 200, "5,000 bytes; 4,000 may be rendered")
        site.answers[BLOG] = page("x" * 3000)
        async with drawing(drawn.chromium, drawn.gateway, site) as (tab, traffic):
            await tab.goto(BLOG)
            lengths = await tab.evaluate(
                """(async () => {
                    const got = [], ask = () => fetch('/', {cache: 'no-store'}).then(r => r.text());
                    for (let i = 0; i < 3; i++) got.push(await ask().then(text => text.length, () => 'none'));
                    return got;
                })()"""
            )
        assert lengths == [3000, "none", "none"]
        site.held[BLOG] = asyncio.Event()
        async with drawing(drawn.chromium, drawn.gateway, site) as (tab, traffic):
            with pytest.raises(Error, match="ERR_TIMED_OUT"):
                await tab.goto(BLOG)
        assert traffic.document == MainDocument(BLOG, None, "no answer within 0.2 seconds")
        assert site.cancelled == [BLOG]
