"""Crawls that draw, with a real browser on small webs: what is asked for, what is kept, and what goes wrong."""

import asyncio
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from archiver.errors import StorageError
from archiver.tasks.crawl.crawl import CrawlReport
from tests.support.crawling import captures, crawl_of, records, rows
from tests.support.full_disk import files_limited_to
from tests.support.mastodon_web import (
    BLOG,
    FILES,
    NUMBERS,
    SERVER,
    add_post,
    api,
    assert_ended,
    drawn,
    drawn_at,
    embed_page,
    embedding,
    picture_of,
    post_id,
    shown,
    started_by,
    status,
)
from tests.support.program import begin, environment
from tests.support.waiting import until
from tests.support.webs import Answer, Asked, Web, Writer, reply, running_web

FIRST, SECOND, THIRD, FOURTH = NUMBERS
PAGES = (f"{BLOG}/1/", f"{BLOG}/2/")
CHANGED_PAGE = PAGES[1]
WIDGET = '<script src="https://widgets.example/widget.js"></script>'
PICTURE = b"\x89PNG\r\n\x1a\n" + b"no picture, but nobody here minds" * 40


def script(text: str) -> bytes:
    return reply(text, "text/javascript", access_control_allow_origin="*")


def waiting_for(happened: "threading.Event", response: bytes) -> Answer:
    """Answers when something has happened elsewhere, or after a while."""

    async def answer(_: Asked, writer: Writer) -> None:
        for _ in range(400):
            if happened.is_set():
                break
            await asyncio.sleep(0.02)
        writer.write(response)

    return answer


# --- one crawl, and two more of the same pages --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Drawn:
    """A crawl of two pages that want one script and embed three posts, and the same twice more."""

    data_dir: Path
    first: CrawlReport
    asked: tuple[str, ...]
    """In the first crawl, in order."""
    unchanged: CrawlReport
    changed: CrawlReport
    """The second page embeds one post more."""


@pytest.fixture(scope="module")
def crawls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drawn]:
    folder = tmp_path_factory.mktemp("drawn")
    with running_web(folder) as web:
        for number in NUMBERS:
            add_post(web, number)

        async def slow_script(_: Asked, writer: Writer) -> None:
            await asyncio.sleep(0.5)  # both pages want it meanwhile
            writer.write(script("document.title = 'drawn'"))

        web["widgets.example", "/widget.js"] = slow_script
        web["blog.example", "/1/"] = embedding(FIRST, more='<img src="http://10.1.2.3/inside.png">', head=WIDGET)
        web["blog.example", "/2/"] = embedding(SECOND, THIRD, head=WIDGET)
        first = crawl_of(web, folder / "archive", *PAGES, screenshots="posts", renders=2)
        asked = tuple(web.urls())
        unchanged = crawl_of(web, folder / "archive", *PAGES, screenshots="posts")
        web["blog.example", "/2/"] = embedding(SECOND, THIRD, FOURTH, head=WIDGET)
        changed = crawl_of(web, folder / "archive", *PAGES, screenshots="posts")
        yield Drawn(folder / "archive", first, asked, unchanged, changed)


def test_pages_and_posts_are_drawn_once_each_and_only_what_changed_again(crawls: Drawn) -> None:
    assert (crawls.first.stats.renders, crawls.unchanged.stats.renders, crawls.changed.stats.renders) == (5, 0, 2)
    pages = [*PAGES, CHANGED_PAGE]
    assert drawn(crawls.data_dir) == sorted([*pages, *map(embed_page, NUMBERS)])
    assert crawls.first.outcome.undrawn == [] and crawls.first.outcome.waiting == 0


def test_each_post_has_a_screenshot_by_itself_and_its_place_in_its_page(crawls: Drawn) -> None:
    shots = rows(
        crawls.data_dir,
        "SELECT p.post_id, s.position, s.quality FROM screenshots s JOIN posts p ON p.id = s.post"
        " WHERE s.kind = 'embed' AND s.url <> ? ORDER BY 1, 2",
        CHANGED_PAGE,
    )
    alone = [(post_id(number), None, "good") for number in NUMBERS]
    assert shots == sorted([*alone, (post_id(FIRST), 1, "good")], key=lambda shot: (shot[0], shot[1] or 0))
    kinds = rows(crawls.data_dir, "SELECT kind FROM screenshots WHERE url = ? ORDER BY kind", PAGES[0])
    assert kinds == ["embed", "fullPage", "view"]


def test_every_screenshot_lies_in_the_folder_for_people_too(crawls: Drawn) -> None:
    paths = rows(crawls.data_dir, "SELECT path FROM screenshots")

    assert len(set(paths)) == len(paths) > 8
    assert {path.split("/")[0] for path in paths} == {"screenshots"}
    assert {path.relative_to(crawls.data_dir).as_posix() for path in crawls.data_dir.rglob("*.webp")} == set(paths)


def test_one_script_of_two_pages_that_are_drawn_at_one_time_is_asked_for_once(crawls: Drawn) -> None:
    assert crawls.asked.count("https://widgets.example/widget.js") == 1


def test_nothing_that_the_crawl_has_recorded_is_asked_for_again_by_a_browser(crawls: Drawn) -> None:
    assert sorted(crawls.asked) == sorted(set(crawls.asked))


def test_a_pages_document_belongs_to_the_visit_that_its_screenshots_name(crawls: Drawn) -> None:
    visit = rows(crawls.data_dir, "SELECT page_visit FROM captures WHERE url = ? ORDER BY captured_at", PAGES[0])[0]
    of_shots = "SELECT DISTINCT c.page_visit FROM screenshots s JOIN captures c ON c.id = s.capture WHERE s.url = ?"
    assert visit is not None
    assert rows(crawls.data_dir, of_shots, PAGES[0]) == [visit]


def test_a_private_address_in_a_page_is_refused_and_noted(crawls: Drawn) -> None:
    assert rows(crawls.data_dir, "SELECT error FROM failures WHERE url = 'http://10.1.2.3/inside.png'")[:1] == ["AddressRefused"]
    [notes] = rows(crawls.data_dir, "SELECT notes FROM renders WHERE url = ?", PAGES[0])
    assert json.loads(notes)["failed"] >= 1


def test_a_crawl_that_has_nothing_to_draw_loads_no_browser(data_dir: Path, web: Web) -> None:
    """Playwright takes a tenth of a second and its process 100 MB."""
    web["blog.example", "/"] = shown("<p>Words alone</p>")
    code = (
        "import sys; from archiver.cli import main\n"
        "try: main()\n"
        "finally: print(sorted(name for name in sys.modules if name.startswith('playwright')), file=sys.stderr)"
    )
    words = ["crawl", f"{BLOG}/", "--scope", "page", "--archive", str(data_dir), *drawn_at(web)]

    ended = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, env=environment(), check=False)

    assert ended.returncode == 0, ended.stderr
    assert ended.stderr.splitlines()[-1] == "[]"


# --- what a browser asks for leads on -----------------------------------------------------------------------------------------


def test_what_a_drawn_page_learns_of_a_post_leads_to_its_picture_and_is_not_asked_again(web: Web, data_dir: Path) -> None:
    """Nothing in the bytes of the first page names the post: its script does. The second page, which comes later, embeds it."""
    told = threading.Event()

    def by_api(_: Asked) -> bytes:
        told.set()
        return status(FIRST, **picture_of(FIRST))

    add_post(web, FIRST, by_api)
    add_post(web, SECOND)
    original = f"https://{FILES}{picture_of(FIRST)['media_attachments'][0]['url'].split(FILES)[1]}"
    web[FILES, original.split(FILES)[1]] = reply(PICTURE, "image/png")
    web["blog.example", "/app.js"] = script(f"fetch('https://{SERVER}{api(FIRST)}')")
    web["blog.example", "/1/"] = embedding(SECOND, more='<script src="/app.js"></script>')
    web["blog.example", "/2/"] = waiting_for(told, embedding(FIRST))

    report = crawl_of(web, data_dir, *PAGES, screenshots="posts")

    assert told.is_set()
    assert web.urls(SERVER).count(f"https://{SERVER}{api(FIRST)}") == 1
    assert (original, 200) in captures(data_dir)
    assert drawn(data_dir).count(embed_page(FIRST)) == 1
    assert report.outcome.undrawn == []


def test_a_server_that_names_the_page_that_asks_is_asked_in_its_name(web: Web, data_dir: Path) -> None:
    """What the crawl was told in nobody's name could not be read by the page: CORS."""

    def by_api(asked: Asked) -> bytes:
        plain = status(FIRST).replace(b"Access-Control-Allow-Origin: *\r\n", b"")
        origin = asked.headers.get("origin")
        return plain.replace(b"\r\n\r\n", f"\r\nAccess-Control-Allow-Origin: {origin}\r\n\r\n".encode(), 1) if origin else plain

    add_post(web, FIRST, by_api)
    reads = f"fetch('https://{SERVER}{api(FIRST)}').then(r => r.json()).then(s => {{ document.body.append('READ ' + s.id) }})"
    web["blog.example", "/1/"] = embedding(FIRST, more=f"<script>{reads}</script>")

    crawl_of(web, data_dir, PAGES[0], screenshots="pages")

    texts = [text for text in _texts(data_dir) if "harbour says" in text]
    assert f"READ {FIRST}" in texts[0]
    assert web.urls(SERVER).count(f"https://{SERVER}{api(FIRST)}") == 2


def _texts(data_dir: Path) -> list[str]:
    return [record.block.bytes().decode() for record in records(data_dir) if record.url.startswith("urn:text:")]


def test_a_429_to_a_browser_pauses_its_host(web: Web, data_dir: Path) -> None:
    web["busy.example", "/a.js"] = reply("slow down", status="429 Too Many Requests", retry_after="300")
    web["busy.example", "/b.js"] = script("")
    add = "const s = document.createElement('script'); s.src = 'https://busy.example/b.js'; document.body.append(s)"
    later = f"setTimeout(() => {{ {add} }}, 300)"
    web["blog.example", "/1/"] = shown('<script src="https://busy.example/a.js"></script>', f"<script>{later}</script>")

    crawl_of(web, data_dir, PAGES[0], screenshots="pages")

    assert web.urls("busy.example") == ["https://busy.example/a.js"]
    [notes] = rows(data_dir, "SELECT notes FROM renders")
    assert json.loads(notes)["refused"] == 1


# --- what goes wrong ----------------------------------------------------------------------------------------------------------


def test_without_a_browser_a_crawl_does_all_the_rest(web: Web, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARCHIVER_BROWSER", "/nonexistent")
    add_post(web, FIRST)
    web["blog.example", "/1/"] = embedding(FIRST)

    report = crawl_of(web, data_dir, PAGES[0], screenshots="posts")

    assert report.outcome.no_browser and report.outcome.to_json()["no_browser"]
    assert (f"https://{SERVER}{api(FIRST)}", 200) in captures(data_dir)
    assert (report.outcome.failed, report.outcome.waiting, drawn(data_dir)) == ([], 0, [])


def test_where_the_browser_does_not_start_its_pages_wait_for_the_next_run(
    web: Web, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_post(web, FIRST)
    web["blog.example", "/1/"] = embedding(FIRST)
    with monkeypatch.context() as broken:
        broken.setenv("ARCHIVER_BROWSER", "/bin/false")
        broken.setattr("archiver.browser.chromium.LAUNCH_PAUSE", 0)
        report = crawl_of(web, data_dir, PAGES[0], screenshots="posts", renders=1)

    assert "/bin/false does not start" in report.outcome.notes["the browser"]
    assert report.outcome.trouble is None and report.outcome.failed == []
    assert [url for url, _ in report.outcome.undrawn] == [PAGES[0]]
    assert report.outcome.waiting == 1
    assert (f"https://{SERVER}{api(FIRST)}", 200) in captures(data_dir)
    assert drawn(data_dir) == []
    crawl_of(web, data_dir, PAGES[0], screenshots="posts", renders=1)
    assert drawn(data_dir) == sorted([PAGES[0], embed_page(FIRST)])


def test_a_disk_that_is_full_in_the_middle_of_a_render_ends_the_crawl(web: Web, data_dir: Path) -> None:
    with ExitStack() as full:

        def fills_the_disk(_: Asked) -> bytes:
            full.enter_context(files_limited_to(8_000))
            return script("")

        web["blog.example", "/app.js"] = fills_the_disk
        web["blog.example", "/1/"] = shown("<p>Words</p>", head='<script src="/app.js"></script>')
        report = crawl_of(web, data_dir, PAGES[0], screenshots="pages", renders=1)
    assert isinstance(report.outcome.trouble, StorageError)
    assert report.outcome.trouble.exit_code == 6

    web["blog.example", "/app.js"] = script("")
    crawl_of(web, data_dir, PAGES[0], screenshots="pages", renders=1)
    assert drawn(data_dir) == [PAGES[0]]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_crawl_draws_the_rest_and_nothing_twice(web: Web, data_dir: Path, how: signal.Signals) -> None:
    go_on = threading.Event()

    async def silent(_: Asked, writer: Writer) -> None:
        while not go_on.is_set():
            await asyncio.sleep(0.01)
        writer.write(reply(PICTURE, "image/png"))

    pages = [f"{BLOG}/{number}/" for number in range(4)]
    for number in range(4):
        frame = f'<iframe src="/frame{number}"></iframe>'
        web["blog.example", f"/{number}/"] = shown(f"<p>Page {number}</p>", frame if number == 2 else "")
    web["blog.example", "/frame2"] = silent
    words = [*pages, "--scope", "page", "--archive", data_dir, "--screenshots", "pages", *drawn_at(web)]
    process = begin("crawl", *words)
    until(lambda: f"{BLOG}/frame2" in web.urls() and _is_safe(data_dir, 2), process)
    family = started_by(process.pid)
    process.send_signal(how)
    _, err = process.communicate(timeout=60)

    assert process.returncode == (130 if how is signal.SIGINT else -9), err
    assert len(family) > 4  # Playwright's process, a browser and its children, a reader
    assert_ended(family)
    before = drawn(data_dir)
    assert f"{BLOG}/2/" not in before
    go_on.set()
    report = crawl_of(web, data_dir, *pages, scope="page", screenshots="pages")

    assert report.outcome.waiting == 0
    # A kill may come after a render's rows and before its wish counts as met: then that one is drawn once more.
    twice = report.stats.renders - (4 - len(before))
    assert 0 <= twice <= (how is signal.SIGKILL)
    assert sorted(set(drawn(data_dir))) == pages
    assert len(drawn(data_dir)) == 4 + twice
    assert set(rows(data_dir, "SELECT ended FROM renders")) == {"whole"}


def _is_safe(data_dir: Path, renders: int) -> bool:
    """So many are in the index, and so in the files; and their wishes count as met, in the same second."""
    if not (data_dir / "index.db").exists() or len(drawn(data_dir)) < renders:
        return False
    time.sleep(1.2)
    return True
