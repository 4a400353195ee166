"""Pages made to hurt a browser, drawn by the whole chain, among pages that are as they should be."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import pytest

from archiver.browser.traffic import MAX_REQUESTS
from archiver.crawling.session import Session
from archiver.crawling.subresources import REQUEST_LIMITS
from archiver.model.render import Quality, Render, RenderStatus
from archiver.query.archive import Archive
from archiver.sampleweb import MAGAZINE_URL, SampleWeb, running_sample_web
from tests.support.hostile_renders import OVER_SECONDS, TROUBLE, Drawn, all_paths, drawn, session_for
from tests.support.memory import Memory

SECONDS = 6.0
PATIENT_SECONDS = 60.0  # for pages that end by themselves, however busy the machine is
ENDLESS = frozenset(
    {"/loop", "/late-loop", "/endless", "/slow", "/memory", "/workers", "/canvas", "/huge-dom", "/pictures", "/deep"}
)
"""Pages that take all the time there is, and get little."""
WITHOUT_SCRIPTS = ("/loop", "/late-loop")
AGAIN_SECONDS = 30.0  # for these where a busy machine left no time to render them without scripts
BROWSERS = 3
HOSTILE_FOR_A_GOOD_ONE = 3  # more good pages would tell no more, and cost as much
MAX_MEMORY = 10_000_000_000  # bytes, of all three browsers, the sample web and this process
GOOD_TEXTS = {
    "low-water": "Do not park on it.",
    "three-boats": "The third one sails by habit.",
    "sound-and-picture": "Hulls, upside down",
}
# Of whom nothing may be asked, in whatever way a page writes it.
NEARBY = ("127.0.0.1", "localhost", "169.254.169.254", "[::1]", "0.0.0.0", "[::ffff:7f00:1]", "192.168.0.1")


@dataclass(frozen=True, slots=True)
class Gone:
    """How it went, and what it left."""

    hostile: dict[str, Drawn]
    good: list[Drawn]
    """All but the last two drawn while two hostile pages were."""
    tasks: int
    """In the event loop, at the end."""
    processes: set[int]
    """That there were."""
    most_memory: int
    asked: Counter[str]
    """By host."""
    archive: Path


@pytest.fixture(scope="module")
def gone(tmp_path_factory: pytest.TempPathFactory) -> Gone:
    folder = tmp_path_factory.mktemp("hostile")
    with running_sample_web(folder) as web, Memory() as memory:
        hostile, good, tasks = asyncio.run(draw_among_good_ones(web, folder))
        asked = Counter(request.host for request in web.requests)
    return Gone(hostile, good, tasks, memory.processes, memory.highest, asked, folder / "archive")


async def draw_among_good_ones(web: SampleWeb, folder: Path) -> tuple[dict[str, Drawn], list[Drawn], int]:
    """Two browsers draw the hostile pages, a third one good pages as long as those do; then these two draw good ones as well."""
    brief = session_for(web, folder / "brief", seconds=SECONDS, at_once=1)
    session = session_for(web, folder / "archive", seconds=PATIENT_SECONDS, at_once=1)
    calm = session_for(web, folder / "calm", seconds=PATIENT_SECONDS, at_once=1)
    waiting, hostile, good = list(all_paths()), dict[str, Drawn](), list[Drawn]()

    async def draw_hostile(session: Session, paths: list[str]) -> None:
        for path in paths:
            waiting.remove(path)
            hostile[path] = await drawn(session, TROUBLE + path)

    async def draw_good() -> None:
        for name in cycle(GOOD_TEXTS):
            left = len(waiting)
            good.append(await drawn(calm, MAGAZINE_URL + name))
            while len(waiting) > left - HOSTILE_FOR_A_GOOD_ONE:
                await asyncio.sleep(0.05)
                if not waiting:
                    return

    await asyncio.gather(
        draw_hostile(brief, [path for path in all_paths() if path in ENDLESS]),
        draw_hostile(session, [path for path in all_paths() if path not in ENDLESS]),
        draw_good(),
    )
    good += [await drawn(one, MAGAZINE_URL + name) for one, name in zip((brief, session), GOOD_TEXTS, strict=False)]
    again = session_for(web, folder / "again", seconds=AGAIN_SECONDS, at_once=1)
    for path in WITHOUT_SCRIPTS:
        if not hostile[path].render.screenshots:
            hostile[path] = await drawn(again, TROUBLE + path)
    for one in (brief, session, calm, again):
        await one.close()
    return hostile, good, len(asyncio.all_tasks())


def render(gone: Gone, path: str) -> Render:
    return gone.hostile[path].render


@pytest.mark.parametrize("path", all_paths())
def test_a_hostile_page_ends_in_time_with_a_screenshot_or_a_reason(gone: Gone, path: str) -> None:
    one = gone.hostile[path]
    cap = AGAIN_SECONDS if path in WITHOUT_SCRIPTS else SECONDS if path in ENDLESS else PATIENT_SECONDS
    assert one.seconds < cap + OVER_SECONDS
    assert one.render.screenshots or one.render.ended is RenderStatus.FAILED
    if one.render.ended is RenderStatus.WHOLE:
        assert {shot.quality for shot in one.render.screenshots} == {Quality.GOOD}
        return
    reason = one.render.reason or ""
    assert len(reason.split()) >= 4, reason
    assert "\n" not in reason
    assert not any(word in reason for word in ("Error", "Exception", "net::", "None")), reason


def test_good_pages_are_drawn_meanwhile_as_if_nothing_were(gone: Gone) -> None:
    assert len(gone.good) >= 5
    for one in gone.good:
        shots = [(shot.kind.value, shot.quality) for shot in one.render.screenshots]
        assert (one.render.ended, one.render.reason) == (RenderStatus.WHOLE, None), one.path
        assert shots == [("view", Quality.GOOD), ("fullPage", Quality.GOOD)], one.path
        assert GOOD_TEXTS[one.path.removeprefix(MAGAZINE_URL)] in (one.render.text or ""), one.path


def test_nothing_is_left_behind(gone: Gone) -> None:
    assert gone.tasks == 1
    assert len(gone.processes) > 3 * BROWSERS
    assert [pid for pid in gone.processes if is_running(pid)] == []


def is_running(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text(errors="replace").rpartition(")")[2].split()[0] not in "ZX"


def test_memory_stays_within_bounds(gone: Gone) -> None:
    assert gone.most_memory < MAX_MEMORY


@pytest.mark.parametrize("path", WITHOUT_SCRIPTS)
def test_a_script_without_end_costs_the_page_its_scripts(gone: Gone, path: str) -> None:
    assert {shot.quality for shot in render(gone, path).screenshots} == {Quality.UNSCRIPTED}
    assert "rendered without scripts" in (render(gone, path).reason or "")
    assert "A script without end" in (render(gone, path).text or "")


@pytest.mark.parametrize("path", ["/refresh", "/refresh/back", "/reload"])
def test_to_and_fro_ends(gone: Gone, path: str) -> None:
    assert "kept navigating" in (render(gone, path).reason or "")
    assert render(gone, path).screenshots


def test_a_tower_is_cut(gone: Gone) -> None:
    """On a machine that is busy time may be up before: then the reason says that."""
    reason = render(gone, "/tall").reason or ""
    assert reason == "cut at 16,384 of 100,140 pixels" or reason.endswith("rendered as far as it had come")


def test_neither_files_nor_private_addresses_are_asked(gone: Gone) -> None:
    files = render(gone, "/files")
    assert files.screenshots
    assert "root:" not in (files.text or "")
    assert files.notes["failed"] > 5
    assert not any(gone.asked[host] for host in NEARBY)
    refused = failures(gone, "AddressRefused")
    for host in ("127.0.0.1", "localhost", "169.254.169.254", "[::1]"):
        assert any(f"//{host}/" in url for url in refused), host
    assert not any(url.startswith(("file:", "chrome:", "view-source:")) for url in failures(gone, "%"))


def failures(gone: Gone, error: str) -> list[str]:
    """The addresses that a request failed for."""
    with Archive.open(gone.archive) as archive:
        return [url for (url,) in archive.index.execute("SELECT url FROM failures WHERE error LIKE ?", (error,))]


def test_a_stream_is_cut_where_requests_are(gone: Gone) -> None:
    assert "Four gigabytes" in (render(gone, "/stream").text or "")
    files = sum(path.stat().st_size for path in gone.archive.rglob("*.warc.gz"))
    assert files < 10 * REQUEST_LIMITS.max_bytes
    sql = (
        "SELECT c.url, w.path, c.offset, c.length FROM captures c JOIN warcs w ON w.id = c.warc"
        " WHERE c.url LIKE ? AND c.truncated = 'length' AND c.record_type = 'response'"
    )
    with Archive.open(gone.archive) as archive:
        cut = archive.index.execute(sql, (f"{TROUBLE}/stream/%",)).fetchall()
        kept = [archive.response_at(*place) for _, *place in cut]
    assert {url for url, *_ in cut} == {f"{TROUBLE}/stream/picture.png", f"{TROUBLE}/stream/body"}
    assert all(each is not None and len(each.payload) <= REQUEST_LIMITS.max_bytes for each in kept)


def test_pictures_without_end_have_one(gone: Gone) -> None:
    notes = render(gone, "/pictures").notes
    attempts = 2
    assert notes["requests"] - notes.get("over_cap", 0) <= attempts * MAX_REQUESTS
    assert gone.asked["trouble.example"] <= attempts * MAX_REQUESTS + 3_000  # what all other pages ask for
