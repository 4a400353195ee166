"""Pages that mean no good, or know no end: each render ends in time, with a reason, and harms no other."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.browser.renderer import RenderCaps, Renderer
from archiver.browser.traffic import BrowserRequest, BrowserResponse, GatewayCaps
from archiver.errors import ConnectionFailed
from archiver.extraction.embeds import find_embeds
from archiver.html.document import Document
from archiver.model.render import Quality, Render, RenderedEmbed, RenderStatus, RenderTarget, ScreenshotKind
from tests.browser.drawn import PAGE, TOKEN, Lane, Table, html, lane, picture, places, png, share, shot

WORDS = "<h1>Words that stand here</h1>"
OVER = 15.0  # seconds beyond the cap, at most, on a machine that does other things as well
CAPS = RenderCaps(seconds=12, max_height=4_000, max_screens=4, renders_per_browser=1_000, gateway=GatewayCaps(requests=200))


@pytest.fixture(scope="module")
def browser() -> Iterator[Lane]:
    with lane(CAPS) as running:
        yield running


def draw_in_time(browser: Lane, table: Table, *, then_another: bool = False) -> Render:
    began = time.monotonic()
    render = browser.draw(table)
    assert time.monotonic() - began < CAPS.seconds + OVER
    assert render.ended is not RenderStatus.FAILED or render.reason
    if then_another:
        after = browser.draw(Table({PAGE: "<p>The next page</p>"}))
        assert (after.ended, after.text) == (RenderStatus.WHOLE, "The next page")
    return render


@pytest.mark.parametrize(
    "script",
    [
        "for (;;) {}",
        "onload = () => setTimeout(() => { for (;;) {} }, 100)",
        "while (true) alert('again')",
        "function more() { Promise.resolve().then(more) } more()",
    ],
)
def test_a_page_that_never_answers_is_drawn_without_scripts(browser: Lane, script: str) -> None:
    render = draw_in_time(browser, Table({PAGE: f"{WORDS}<script>{script}</script>"}), then_another=True)
    assert render.reason == "its scripts never came to rest within 12 s; rendered without scripts"
    assert {one.quality for one in render.screenshots} == {Quality.UNSCRIPTED}
    assert (render.ended, render.text) == (RenderStatus.PARTIAL, "Words that stand here")


def test_a_storm_of_dialogs_and_windows_passes(browser: Lane) -> None:
    script = """for (let n = 0; n < 300; n += 1) { alert(n); confirm(n); prompt(n); print(); open("https://pop.example/" + n) }
      onbeforeunload = () => "Stay?"; const link = document.createElement("a");
      link.href = "https://pop.example/x"; link.target = "_blank"; link.click();
      const form = document.createElement("form"); form.target = "_blank"; document.body.append(form); form.submit();"""
    table = Table({PAGE: f"{WORDS}<script>{script}</script>"})
    render = draw_in_time(browser, table)
    assert (render.ended, render.text) == (RenderStatus.WHOLE, "Words that stand here")
    assert [asked.url for asked in table.asked] == [PAGE]


def test_a_page_that_keeps_going_elsewhere_is_drawn_where_it_is(browser: Lane) -> None:
    table = Table({PAGE: f'<meta http-equiv=refresh content="0;url={PAGE}">{WORDS}'})
    render = draw_in_time(browser, table)
    assert render.text == "Words that stand here"
    assert render.reason is not None
    assert "kept navigating" in render.reason
    assert table.times(PAGE) < 20


def test_a_page_that_reloads_itself_while_it_is_drawn_stays(browser: Lane) -> None:
    table = Table({PAGE: f"{WORDS}<script>setInterval(() => location.reload(), 50)</script>"})
    render = draw_in_time(browser, table)
    assert render.screenshots  # of whatever stood there between two loads, which may be nothing
    assert render.reason is not None
    assert table.times(PAGE) < 20


def test_a_tall_page_is_cut(browser: Lane) -> None:
    render = draw_in_time(browser, Table({PAGE: f'<body style="margin:0;height:100000px">{WORDS}'}))
    full = shot(render, ScreenshotKind.FULL_PAGE)
    assert (full.height, full.reason) == (4_000, "cut at 4,000 of 100,000 pixels")
    assert (render.ended, full.quality) == (RenderStatus.PARTIAL, Quality.GOOD)


def test_a_page_that_grows_without_end_is_followed_for_some_windows(browser: Lane) -> None:
    script = """let n = 0; const more = () => { const p = document.createElement("p"); p.style.height = "900px";
      p.textContent = "More " + n++; document.body.append(p) }; for (let i = 0; i < 5; i++) more();
      addEventListener("scroll", more); new IntersectionObserver(more).observe(document.body)"""
    render = draw_in_time(browser, Table({PAGE: f"<body>{WORDS}<script>{script}</script>"}))
    assert render.ended is RenderStatus.PARTIAL
    assert render.screenshots


def test_an_embed_below_the_cut_has_its_picture(browser: Lane) -> None:
    frame = "https://platform.twitter.com/embed/Tweet.html?id=111111"
    page = f'<body style="margin:0"><div style="height:7000px">{WORDS}</div><iframe src="{frame}" width=400 height=200></iframe>'
    table = Table({PAGE: page, frame: '<body style="background:#f00;margin:0">Gulls'})
    assert share(picture(shot(draw_in_time(browser, table), ScreenshotKind.EMBED, 1)), (255, 0, 0)) > 0.8


def test_a_picture_that_never_comes_is_missed(browser: Lane) -> None:
    async def never(_asked: BrowserRequest) -> BrowserResponse:
        await asyncio.sleep(3600)
        raise AssertionError

    render = draw_in_time(browser, Table({PAGE: f'{WORDS}<img src="/slow.png">', "https://paper.example/slow.png": never}))
    assert {one.quality for one in render.screenshots} == {Quality.HALF_LOADED}
    assert render.reason == "1 requests were still under way when time was up"


def test_a_server_that_sends_nothing_is_a_reason(browser: Lane) -> None:
    async def never(_asked: BrowserRequest) -> BrowserResponse:
        await asyncio.sleep(3600)
        raise AssertionError

    render = draw_in_time(browser, Table({PAGE: never}))
    assert (render.ended, render.reason) == (RenderStatus.FAILED, "there was no answer within 5 s")


def test_a_host_that_refuses_connections_is_a_reason(browser: Lane) -> None:
    async def closed(_asked: BrowserRequest) -> BrowserResponse:
        raise ConnectionFailed("nobody answers at paper.example:443")

    render = draw_in_time(browser, Table({PAGE: closed}))
    assert (render.ended, render.reason) == (RenderStatus.FAILED, "nobody answers at paper.example:443")


def test_a_download_is_a_reason(browser: Lane) -> None:
    headers = (("Content-Type", "application/zip"), ("Content-Disposition", "attachment; filename=a.zip"))
    render = draw_in_time(browser, Table({PAGE: BrowserResponse(200, headers, b"PK")}))
    assert (render.ended, render.reason) == (RenderStatus.FAILED, "it is a download, not a page")


def test_a_crash_of_the_page_is_survived(browser: Lane) -> None:
    # What ends a page's process can be simulated from within only by its own address.
    table = Table({PAGE: f'{WORDS}<script>setTimeout(() => {{ location = "chrome://crash" }}, 50)</script>'})
    assert draw_in_time(browser, table, then_another=True).text == "Words that stand here"


def test_a_browser_that_is_killed_is_replaced(browser: Lane) -> None:
    async def killing(_asked: BrowserRequest) -> BrowserResponse:
        running = browser.renderer.running
        assert running is not None
        if not killed:
            killed.append(running.pid)
            await running.kill()
        return html(WORDS)

    killed: list[int] = []
    render = draw_in_time(browser, Table({PAGE: killing}), then_another=True)
    assert render.text == "Words that stand here"
    assert render.reason == "its scripts brought the page down; rendered without scripts"


def test_a_page_that_spoils_everything_a_script_of_ours_might_use(browser: Lane) -> None:
    spoiled = """<form name="body"></form><img name="querySelectorAll"><form name="documentElement"></form><script>
      for (const type of [Array, Object, String, Element, Document, Node, HTMLElement, Map, Set, JSON, Promise])
        for (const name of Object.getOwnPropertyNames(type.prototype || type))
          try { (type.prototype || type)[name] = () => { throw new Error("spoiled") } } catch (_) {}
      window.getComputedStyle = null; window.scrollTo = null; Object.freeze(window)</script>"""
    render = draw_in_time(browser, Table({PAGE: f"{WORDS}{spoiled}"}), then_another=True)
    assert (render.text or "").strip() == "Words that stand here"
    assert len(render.screenshots) == 2


def test_thousands_of_pictures_end_with_the_caps(browser: Lane) -> None:
    page = WORDS + "".join(f'<img width=9 height=9 src="/{number}.png">' for number in range(400))

    async def red(_asked: BrowserRequest) -> BrowserResponse:
        return png("red", 9, 9)

    table = Table({PAGE: page, **{f"https://paper.example/{number}.png": red for number in range(400)}})
    render = draw_in_time(browser, table)
    assert len(render.screenshots) == 2
    assert len(table.asked) == 200
    assert (render.ended, render.reason) == (RenderStatus.PARTIAL, "it asked for more than is fetched for one page")


def test_a_browser_that_stalls_is_replaced(browser: Lane) -> None:
    browser.draw(Table({PAGE: WORDS}))
    running = browser.renderer.running
    assert running is not None
    for pid in running.processes():
        os.kill(pid, signal.SIGSTOP)
    render = draw_in_time(browser, Table({PAGE: WORDS}), then_another=True)
    assert (render.ended, render.text) == (RenderStatus.PARTIAL, "Words that stand here")


def test_what_was_drawn_before_time_was_up_is_not_the_whole() -> None:
    tweet = '<blockquote class="twitter-tweet"><a href="https://twitter.com/ann/status/1568656084437740674">date</a></blockquote>'
    page = f'<body style="height:9000px">{WORDS}{tweet}'
    asked: list[BrowserRequest] = []

    async def answer(one: BrowserRequest) -> BrowserResponse:
        asked.append(one)
        if len(asked) > 1:
            await asyncio.sleep(3600)
        return html(page)

    async def never(_url: str, _markup: str) -> tuple[RenderedEmbed, ...]:
        await asyncio.sleep(3600)
        return ()

    async def run() -> Render:
        renderer = Renderer(user_agent=TOKEN, find_embeds=never, caps=RenderCaps(seconds=12))
        embeds = find_embeds(Document(PAGE, page)).embeds
        try:
            return await renderer.render(RenderTarget(PAGE, embeds=embeds), answer)
        finally:
            await renderer.close()

    render = asyncio.run(run())
    assert [one.kind for one in render.screenshots] == [ScreenshotKind.VIEW]
    assert render.ended is RenderStatus.PARTIAL
    assert render.reason == "its scripts never came to rest within 12 s; rendered as far as it had come"
    assert "unscripted" not in render.notes


def test_embeds_that_lie_over_each_other_have_pictures_up_to_a_bound(browser: Lane) -> None:
    style = "position:absolute;left:0;top:0;width:1270px;height:3000px;margin:0"
    box = '<blockquote class="twitter-tweet" style="{}"><p>Gulls</p><a href="https://twitter.com/a/status/{}">x</a></blockquote>'
    page = f'<body style="margin:0">{WORDS}' + "".join(box.format(style, 10**18 + number) for number in range(30))
    render = draw_in_time(browser, Table({PAGE: page}))
    embeds = [one for one in render.screenshots if one.kind is ScreenshotKind.EMBED]
    full = shot(render, ScreenshotKind.FULL_PAGE)
    assert 0 < sum(one.width * one.height for one in embeds) <= 2 * full.width * full.height
    assert render.ended is RenderStatus.PARTIAL
    assert render.reason is not None
    assert render.reason.startswith(f"{30 - len(embeds)} of its embeds have no picture of their own")
    assert render.notes["embeds_not_drawn"] == 30 - len(embeds)


def test_a_flood_of_requests_is_ended_and_harms_no_other_lane() -> None:
    flood = "setInterval(() => { for (let n = 0; n < 3000; n += 1) fetch('/x?' + Math.random()).catch(() => 0) }, 0)"
    table = Table({PAGE: f"{WORDS}<script>{flood}</script>", "https://paper.example/calm": "<p>Calm words</p>"})

    async def run() -> tuple[Render, list[Render]]:
        flooding, calm = (Renderer(user_agent=TOKEN, find_embeds=places, caps=CAPS) for _ in range(2))
        render = asyncio.create_task(flooding.render(RenderTarget(PAGE), table.answer))
        beside = [await calm.render(RenderTarget("https://paper.example/calm"), table.answer)]
        while not render.done():
            beside.append(await calm.render(RenderTarget("https://paper.example/calm"), table.answer))
        await asyncio.gather(flooding.close(), calm.close())
        return await render, beside

    render, beside = asyncio.run(run())
    why = "its scripts asked for more than is fetched for one page, and went on; rendered without scripts"
    assert (render.ended, render.reason, render.text) == (RenderStatus.PARTIAL, why, "Words that stand here")
    assert "retried" not in render.notes
    assert {(one.ended, one.text) for one in beside} == {(RenderStatus.WHOLE, "Calm words")}


def test_a_page_that_asks_for_more_than_it_gets_stops_asking(browser: Lane) -> None:
    script = "setInterval(() => fetch('/more?' + Math.random()).catch(() => 0), 5)"
    render = draw_in_time(browser, Table({PAGE: f"{WORDS}<script>{script}</script>"}))
    assert (render.ended, render.reason) == (RenderStatus.PARTIAL, "it asked for more than is fetched for one page")
    assert len(render.screenshots) == 2
    assert render.notes["requests"] < 1_200  # one each 5 ms until time is up would be 2,400


def drivers() -> list[int]:
    """The ids of Playwright's processes that this one has started."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        parent = int(path.read_text(errors="replace").rpartition(")")[2].split()[1])
        if parent == os.getpid() and b"run-driver" in (path.parent / "cmdline").read_bytes():
            found.append(int(path.parent.name))
    return found


def test_lanes_go_on_when_playwright_dies() -> None:
    async def run() -> list[RenderStatus]:
        before = drivers()
        lanes = [Renderer(user_agent=TOKEN, find_embeds=places, caps=CAPS) for _ in range(2)]
        table = Table({PAGE: WORDS})
        for one in lanes:
            await one.render(RenderTarget(PAGE), table.answer)
        pids = set(drivers()) - set(before)
        assert len(pids) == len(lanes)
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        renders = [await one.render(RenderTarget(PAGE), table.answer) for _ in range(2) for one in lanes]
        for one in lanes:
            await one.close()
        return [render.ended for render in renders if render.screenshots]

    ended = asyncio.run(run())
    assert len(ended) == 4
    assert ended[2:] == [RenderStatus.WHOLE, RenderStatus.WHOLE]


def test_a_render_that_is_cancelled_leaves_nothing_under_way() -> None:
    async def never(_asked: BrowserRequest) -> BrowserResponse:
        await asyncio.sleep(3600)
        raise AssertionError

    async def run() -> tuple[RenderStatus, int]:
        renderer = Renderer(user_agent=TOKEN, find_embeds=places, caps=CAPS)
        table = Table({PAGE: WORDS, "https://paper.example/hang": never})
        rendering = asyncio.create_task(renderer.render(RenderTarget("https://paper.example/hang"), table.answer))
        while not table.asked:
            await asyncio.sleep(0.02)
        rendering.cancel()
        await asyncio.gather(rendering, return_exceptions=True)
        after = await renderer.render(RenderTarget(PAGE), table.answer)
        await renderer.close()
        return after.ended, len(asyncio.all_tasks())

    assert asyncio.run(run()) == (RenderStatus.WHOLE, 1)


def is_running(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text(errors="replace").rpartition(")")[2].split()[0] not in "ZX"


def test_nothing_is_left_behind() -> None:
    async def run() -> tuple[set[int], int, int]:
        renderer = Renderer(user_agent=TOKEN, find_embeds=places, caps=RenderCaps(seconds=20, renders_per_browser=2))
        table = Table({PAGE: f'{WORDS}<img src="/never.png">', "https://paper.example/hang": "<script>for (;;) {}</script>"})
        seen: set[int] = set()
        for url in (PAGE, PAGE, PAGE, "https://paper.example/hang"):
            await renderer.render(RenderTarget(url), table.answer)
            seen |= set(renderer.running.processes()) if renderer.running else set()
        browsers = renderer.browsers
        await renderer.close()
        return seen, browsers, len(asyncio.all_tasks())

    processes, browsers, tasks = asyncio.run(run())
    assert browsers == 3  # two renders each; the last one hung, and was drawn again in a browser of its own
    assert tasks == 1
    assert [pid for pid in processes if is_running(pid)] == []
