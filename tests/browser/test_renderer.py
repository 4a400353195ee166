"""What a render brings: pictures of the window, the page and its embeds, text, quality; each on a real browser."""

import asyncio
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from archiver.browser.renderer import RenderCaps
from archiver.browser.traffic import BrowserRequest, BrowserResponse
from archiver.model.findings import PostRef
from archiver.model.render import Quality, RenderedEmbed, RenderStatus, ScreenshotKind
from archiver.sampleweb.exchanges import Request
from archiver.sampleweb.hosts import SAMPLE_POST, Hosts
from archiver.sampleweb.tweets import all_tweets
from tests.browser.drawn import PAGE, TOKEN, Lane, Table, html, lane, picture, places, png, share, shot

VIEW, FULL, EMBED = ScreenshotKind.VIEW, ScreenshotKind.FULL_PAGE, ScreenshotKind.EMBED
POST = PostRef("twitter", "1568656084437740674")
LOREM = "<p>Some words that stand in a paragraph of the page.</p>"
BOX = '<blockquote class="twitter-tweet"><p>{words}</p><a href="https://twitter.com/ann/status/{id}">date</a></blockquote>'


@pytest.fixture(scope="module")
def browser() -> Iterator[Lane]:
    with lane() as running:
        yield running


SHOWN_IN_FRAMES = """<script>document.querySelectorAll("blockquote").forEach((box) => {
  const frame = document.createElement("iframe");
  frame.src = "https://platform.twitter.com/embed/Tweet.html?id=" + box.querySelector("a").href.split("/").pop();
  frame.style.cssText = "width:400px;height:300px;border:0;display:block"; box.replaceWith(frame) })</script>"""
FRAME = "https://platform.twitter.com/embed/Tweet.html?id="


def widget(color: str, words: str) -> str:
    return f'<body style="margin:0;background:{color};height:300px">{words}</body>'


def test_a_page_is_drawn_as_its_window_and_as_a_whole(browser: Lane) -> None:
    render = browser.draw(Table({PAGE: f'<body style="margin:0">{LOREM}<div style="height:3000px"></div><p>The end.'}))
    assert (render.ended, render.reason) == (RenderStatus.WHOLE, None)
    assert next((one.kind, one.width, one.height) for one in render.screenshots) == (VIEW, 1280, 1024)
    full = shot(render, FULL)
    assert full.width == 1280
    assert full.height > 3000
    assert render.text is not None
    assert render.text.splitlines()[-1] == "The end."


def test_the_browser_says_that_it_is_chrome_and_ours(browser: Lane) -> None:
    table = Table({PAGE: LOREM})
    browser.draw(table)
    agent = dict(table.asked[0].headers)["User-Agent"]
    assert agent.endswith(TOKEN)
    assert "Chrome/" in agent
    assert "Headless" not in str(table.asked[0].headers)


def test_pictures_that_load_when_they_come_into_view_are_there(browser: Lane) -> None:
    observed = """<script>
      new IntersectionObserver(seen => seen.forEach(one => { if (one.isIntersecting) one.target.src = one.target.dataset.src }))
        .observe(document.querySelector("img[data-src]"));
    </script>"""
    page = f"""<body style="margin:0"><div style="height:6000px">{LOREM}</div>
      <img width=40 height=40 loading=lazy src="/lazy.png"><div style="height:3000px"></div>
      <img width=40 height=40 data-src="/observed.png">{observed}"""
    table = Table({PAGE: page, "https://paper.example/lazy.png": png("red"), "https://paper.example/observed.png": png("blue")})
    full = picture(shot(browser.draw(table), FULL))
    assert share(full.crop((0, 6000, 40, 6040)), (255, 0, 0)) == 1
    assert share(full.crop((0, full.height - 44, 40, full.height - 4)), (0, 0, 255)) > 0.8


def test_what_scripts_bring_after_the_load_event_is_waited_for(browser: Lane) -> None:
    page = """<p id=place aria-busy=true>Wait</p><script>
      onload = () => setTimeout(() => fetch("/words").then(reply => reply.text()).then(words => {
        place.textContent = words; place.removeAttribute("aria-busy") }), 700)</script>"""

    async def slow(_asked: BrowserRequest) -> BrowserResponse:
        await asyncio.sleep(0.3)
        return BrowserResponse(200, (("Content-Type", "text/plain"),), b"Here they are")

    render = browser.draw(Table({PAGE: page, "https://paper.example/words": slow}))
    assert render.text == "Here they are"
    assert render.ended is RenderStatus.WHOLE


def test_a_cookie_banner_is_hidden_and_never_clicked(browser: Lane) -> None:
    page = f"""<html style="overflow:hidden"><body style="margin:0;overflow:hidden">{LOREM}<div style="height:2000px"></div>
      <img loading=lazy width=40 height=40 src="/far.png">
      <div id="shade" style="position:fixed;inset:0;background:rgba(0,0,0,.5);z-index:8"></div>
      <div class="acme-cookie-bar" style="position:fixed;bottom:0;width:100%;height:300px;background:lime;z-index:9">
        We value your privacy. <button onclick="fetch('/agreed')">Accept all</button></div>"""
    table = Table({PAGE: page, "https://paper.example/far.png": png("red")})
    render = browser.draw(table)
    view = picture(shot(render, VIEW))
    assert share(view, (255, 255, 255)) > 0.98  # neither banner nor shade
    assert "privacy" not in (render.text or "")
    assert table.times("https://paper.example/agreed") == 0
    assert table.times("https://paper.example/far.png") == 1  # the page could be scrolled again
    assert render.notes["banners_hidden"] == 1


def test_an_article_about_cookies_stays(browser: Lane) -> None:
    page = f'<body class="cookie-consent-open"><main class="cmp-container consent">{LOREM * 20}</main>'
    render = browser.draw(Table({PAGE: page}))
    assert "banners_hidden" not in render.notes
    assert (render.text or "").count("Some words") == 20


def test_a_header_that_sticks_is_in_the_window_and_once_in_the_whole_page(browser: Lane) -> None:
    page = f"""<body style="margin:0"><header style="position:fixed;top:0;left:0;width:100%;height:80px;background:red"></header>
      <nav style="position:sticky;top:80px;height:30px;background:blue"></nav>{LOREM * 100}
      <aside style="position:fixed;bottom:0;right:0;width:200px;height:200px;background:lime"></aside>"""
    render = browser.draw(Table({PAGE: page}))
    view, full = picture(shot(render, VIEW)), picture(shot(render, FULL))
    assert share(view.crop((0, 0, 1280, 80)), (255, 0, 0)) == 1
    assert share(view.crop((1080, 824, 1280, 1024)), (0, 255, 0)) == 1
    assert share(full.crop((0, 0, 1280, 80)), (255, 0, 0)) == 1
    assert share(full.crop((0, 200, 1280, full.height)), (255, 0, 0)) == 0
    assert share(full, (0, 255, 0)) == 0


def test_each_embed_has_its_own_picture_where_it_stands(browser: Lane) -> None:
    script = """<script>document.querySelectorAll("blockquote").forEach((box, number) => {
      const frame = document.createElement("iframe");
      frame.src = "https://platform.twitter.com/embed/Tweet.html?id=" + (number ? 222222 : 111111);
      frame.style.cssText = "width:400px;height:300px;border:0;display:block"; box.replaceWith(frame) })</script>"""
    boxes = [BOX.format(words="Gulls over the harbour wall", id=111111), BOX.format(words="Boats come home", id=222222)]
    page = f'<body style="margin:0">{LOREM}{boxes[0]}<div style="height:2500px"></div>{boxes[1]}{LOREM}{script}'
    frame = "https://platform.twitter.com/embed/Tweet.html?id="
    table = Table(
        {
            PAGE: page,
            f"{frame}111111": widget("#ff0000", "Gulls over the harbour wall"),
            f"{frame}222222": widget("#0000ff", "Not found"),
        }
    )
    render = browser.draw(table)
    one, two = shot(render, EMBED, 1), shot(render, EMBED, 2)
    assert (one.width, one.height, one.quality, one.post) == (400, 300, Quality.GOOD, PostRef("twitter", "111111"))
    assert share(picture(one), (255, 0, 0)) > 0.9
    assert share(picture(two), (0, 0, 255)) > 0.9  # far below the window, where frames are not painted by themselves
    assert (two.quality, two.post) == (Quality.TEXT_MISSING, PostRef("twitter", "222222"))
    assert (render.text or "").index("Gulls") < (render.text or "").index("Not found")
    assert table.times(PAGE) == 1  # the frame answered: it would say the same once more


def many_tweets(count: int) -> dict[str, str | bytes | BrowserResponse]:
    """A page of them, each in its frame."""
    words = {10**18 + number: f"These are the words of the post number {number}" for number in range(count)}
    boxes = "".join(BOX.format(words=said, id=each) for each, said in words.items())
    return {PAGE: f"{LOREM}{boxes}{SHOWN_IN_FRAMES}", **{f"{FRAME}{each}": widget("#eee", said) for each, said in words.items()}}


def test_a_page_of_many_tweets_is_read_to_its_end() -> None:
    with lane(RenderCaps()) as browser:  # with the time that a crawl gives it: on a busy machine it takes ten seconds
        render = browser.draw(Table(many_tweets(75)))
    assert [one.quality for one in render.screenshots if one.kind is EMBED] == [Quality.GOOD] * 75


def test_words_in_frames_that_were_not_read_are_not_missed(browser: Lane, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archiver.browser.page.MAX_FRAMES", 2)
    assert {one.quality for one in browser.draw(Table(many_tweets(3))).screenshots} == {Quality.GOOD}


def test_embeds_beyond_the_bound_are_told_of(browser: Lane, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archiver.browser.capture.MAX_EMBEDS", 2)
    render = browser.draw(Table(many_tweets(3)))
    assert [one.position for one in render.screenshots if one.kind is EMBED] == [1, 2]
    assert render.ended is RenderStatus.PARTIAL
    assert (render.reason or "").startswith("1 of its embeds have no picture of their own")


def test_frames_keep_their_words_when_another_goes_away(browser: Lane) -> None:
    removed = asyncio.Event()
    # The header is unstuck when the page is about to be read; the advertisement goes after that, and the others move up.
    script = """<script>new MutationObserver(() => setTimeout(() => { document.getElementById("ad").remove();
      new Image().src = "/removed" }, 1000)).observe(document.querySelector("header"), { attributes: true })</script>"""
    page = f"""<iframe id=ad src="https://ads.example/" width=300 height=200></iframe>
      <header style="position:sticky;top:0">Paper</header>{many_tweets(2)[PAGE]!s}{script}"""

    async def told(_asked: BrowserRequest) -> BrowserResponse:
        removed.set()
        return png("red")

    async def find_late(url: str, markup: str) -> tuple[RenderedEmbed, ...]:
        await asyncio.wait_for(removed.wait(), 60)
        return await places(url, markup)

    table = Table({**many_tweets(2), PAGE: page, "https://ads.example/": "BUY NOW", "https://paper.example/removed": told})
    browser.renderer._find_embeds = find_late
    try:
        render = browser.draw(table)
    finally:
        browser.renderer._find_embeds = places
    assert [(one.position, one.quality) for one in render.screenshots if one.kind is EMBED] == [
        (1, Quality.GOOD),
        (2, Quality.GOOD),
    ]


def test_an_embed_that_is_cut_says_so(browser: Lane) -> None:
    page = f'{LOREM}<iframe src="{FRAME}111111" style="width:400px;height:7000px"></iframe>'
    one = shot(browser.draw(Table({PAGE: page, f"{FRAME}111111": widget("#eee", "Gulls")})), EMBED, 1)
    assert (one.height, one.quality) == (6000, Quality.GOOD)
    assert (one.reason or "").startswith("cut at 6,000 of 7,00")


def test_a_post_that_is_cut_says_so(browser: Lane) -> None:
    page = '<body style="margin:0;background:red"><p style="height:20000px;margin:0;border:9px solid">Gulls, gulls, gulls'
    (alone,) = browser.draw(Table({PAGE: page}), post=POST, words="Gulls, gulls, gulls").screenshots
    assert (alone.reason or "").startswith("cut at 16,384 of 20,0")


def test_a_page_that_leads_elsewhere_by_itself_is_not_called_good(browser: Lane) -> None:
    wall = "https://elsewhere.example/consent"
    table = Table({PAGE: f"{LOREM}<script>location = '{wall}'</script>", wall: "<h1>Agree to what we do</h1>"})
    render = browser.draw(table)
    assert {one.quality for one in render.screenshots} == {Quality.HALF_LOADED}
    assert (render.ended, render.reason) == (RenderStatus.PARTIAL, f"by itself it led to {wall}")
    assert table.times(PAGE) == 1


def test_redirects_of_the_server_and_another_spelling_of_the_address_are_the_page(browser: Lane) -> None:
    moved, end = BrowserResponse(301, (("Location", "https://www.paper.example/new"),), b""), "https://www.paper.example/new"
    script = "<script>if (!location.search) location = 'https://paper.example/new/?x'; else history.pushState(0, '', '/other')"
    render = browser.draw(Table({PAGE: moved, end: f"{LOREM}{script}</script>", "https://paper.example/new/?x": LOREM}))
    assert (render.ended, render.reason) == (RenderStatus.WHOLE, None)


def test_an_error_page_that_changes_its_address_is_called_so_all_the_same(browser: Lane) -> None:
    page = html("<h1>Page not found</h1><script>history.replaceState(null, '', '/x/y')</script>", 404)
    render = browser.draw(Table({PAGE: page}))
    assert {one.quality for one in render.screenshots} == {Quality.REFUSED}
    assert render.reason == "the server answered 404"


def test_an_embed_that_a_script_emptied_or_removed_is_told_of(browser: Lane) -> None:
    boxes = "".join(BOX.format(words="These words were shown once", id=number) for number in (111111, 222222))
    script = '<script>const all = document.querySelectorAll("blockquote"); all[0].remove(); all[1].textContent = ""</script>'
    render = browser.draw(Table({PAGE: f"{LOREM}{boxes}{script}"}))
    assert render.notes["embeds_not_drawn"] == 2
    assert [one for one in render.screenshots if one.kind is EMBED] == []


def test_a_frame_that_the_server_refuses_is_called_so(browser: Lane) -> None:
    frame = "https://platform.twitter.com/embed/Tweet.html?id=111111"
    page = f'{LOREM}<iframe src="{frame}" width=400 height=200></iframe>'
    render = browser.draw(Table({PAGE: page, frame: html("<h1>403</h1>", 403)}))
    assert shot(render, EMBED, 1).quality is Quality.REFUSED
    assert render.ended is RenderStatus.PARTIAL


def test_a_post_by_itself_is_cut_to_what_it_shows(browser: Lane) -> None:
    page = '<body style="margin:0"><article style="background:red;width:300px;height:900px;margin:50px">Gulls, gulls, gulls'
    render = browser.draw(Table({PAGE: page}), post=POST, words="Gulls, gulls, gulls https://t.co/abc")
    assert render.ended is RenderStatus.WHOLE
    (alone,) = render.screenshots
    assert (alone.kind, alone.width, alone.height, alone.post, alone.position) == (EMBED, 316, 916, POST, None)


@pytest.mark.parametrize(
    ("page", "quality"),
    [
        ("<p>Not found</p>", Quality.TEXT_MISSING),
        ('<form>Log in<input type="password"></form>', Quality.LOGIN_WALL),
        ("<body></body>", Quality.BLANK),
    ],
)
def test_a_bad_picture_of_a_post_is_tried_once_more_and_kept(browser: Lane, page: str, quality: Quality) -> None:
    table = Table({PAGE: page})
    render = browser.draw(table, post=POST, words="Gulls over the harbour wall")
    assert {one.quality for one in render.screenshots} == {quality}
    assert render.ended is RenderStatus.PARTIAL
    assert render.reason
    assert [asked.fresh for asked in table.asked] == [False, True]
    assert render.notes["retried"] == 1


def test_the_better_of_two_tries_is_kept(browser: Lane) -> None:
    async def answer(asked: BrowserRequest) -> BrowserResponse:
        return html("<p>Gulls over the harbour wall</p>" if asked.fresh else "<p>Try again later</p>")

    render = browser.draw(Table({PAGE: answer}), post=POST, words="Gulls over the harbour wall")
    assert (render.ended, render.text) == (RenderStatus.WHOLE, "Gulls over the harbour wall")


def test_an_error_page_is_drawn_and_called_so(browser: Lane) -> None:
    table = Table({PAGE: html("<h1>Gone for good</h1>", 410)})
    render = browser.draw(table)
    assert {one.quality for one in render.screenshots} == {Quality.REFUSED}
    assert render.reason == "the server answered 410"
    assert table.times(PAGE) == 1  # an answer is an answer


def test_a_page_of_the_sample_web_with_its_embeds(browser: Lane) -> None:
    hosts = Hosts(all_tweets())

    async def answer(asked: BrowserRequest) -> BrowserResponse:
        parts = urlsplit(asked.url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        reply = hosts.answer(Request(asked.method, parts.hostname or "", target, {}, parts.scheme == "https"), 1)
        return BrowserResponse(reply.status, (("Content-Type", reply.content_type), *reply.headers), reply.body)

    raw = browser.runner.run(answer(BrowserRequest(SAMPLE_POST, "GET", (), "document", True)))
    table = Table({SAMPLE_POST: raw})
    table.answer = answer  # type: ignore[method-assign]
    render = browser.draw(table, SAMPLE_POST)
    assert (render.ended, render.reason) == (RenderStatus.WHOLE, None)
    assert [one.position for one in render.screenshots if one.kind is EMBED] == [1, 2, 3]
    assert all(one.quality is Quality.GOOD for one in render.screenshots)
