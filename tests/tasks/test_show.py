"""`archiver show --save`: screenshots are written out of the WARC as they were taken."""

import asyncio
import json
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from archiver.cli import run
from archiver.errors import BadRecord
from archiver.model.exchange import Crawl
from archiver.model.findings import PostRef
from archiver.model.render import Quality, Render, RenderStatus, RenderTarget, Screenshot, ScreenshotKind, ScreenshotRecord
from archiver.query.archive import Archive
from archiver.recording.recorder import Recorder
from archiver.storage.files.paths import page_name
from archiver.storage.index.results import Result
from tests.support.crawled import index_of
from tests.support.drawn import ORIGINAL, made_in, whole
from tests.support.exchanges import MOMENT, PAGE_URL, exchange

CRAWL = Crawl("6b0f1d3e-0000-4000-8000-000000000001", "job", "2022-09-11T12:00:00.000Z", "tests/1", "{}")
POST = PostRef("twitter", "1568656084437740674")
PAGE = (
    b'<title>A post</title><blockquote class="twitter-tweet"><p>They forgot their tanks</p>'
    b'<a href="https://twitter.com/witness/status/1568656084437740674">September 10, 2022</a></blockquote>'
)
IN_PAGE = f"screenshot-{{}}-in-{page_name(PAGE_URL)}.png"
VIEW, BLANK, PLACE = (b"\x89PNG\r\n\x1a\n" + word * 500 for word in (b"view", b"blank", b"place"))


def shot(kind: ScreenshotKind, png: bytes, quality: Quality = Quality.GOOD, position: int | None = None) -> Screenshot:
    post = POST if kind is ScreenshotKind.EMBED else None
    return Screenshot(kind, png, 550, 600, quality, post=post, position=position)


@pytest.fixture
def drawn(data_dir: Path) -> Path:
    """The archive of a page that embeds a tweet, with its view, a blank picture of the tweet, and then a good one."""
    recorder = Recorder(data_dir, CRAWL, clock=lambda: MOMENT)
    try:
        asyncio.run(_keep_page(recorder))
        shots = [
            shot(ScreenshotKind.VIEW, VIEW),
            shot(ScreenshotKind.EMBED, BLANK, Quality.BLANK, 1),
            shot(ScreenshotKind.EMBED, PLACE, position=1),
        ]
        moment = MOMENT + timedelta(seconds=5)
        told = [ScreenshotRecord(one.kind, PAGE_URL, 550, 600, one.quality, None, one.post, one.position) for one in shots]
        render = Render(
            RenderTarget(PAGE_URL), moment, RenderStatus.WHOLE, screenshots=tuple(shots), text="They forgot their tanks"
        )
        recorder.keep_render(render, zip(shots, told, strict=True), "visit-1")
    finally:
        recorder.close()
    return data_dir


async def _keep_page(recorder: Recorder) -> None:
    await recorder.record(exchange(PAGE_URL, PAGE))


def saved(data_dir: Path, folder: Path) -> tuple[Result, dict[str, Path]]:
    with Archive.open(data_dir) as archive:
        [found] = archive.find(POST.post_id)
        return found, {path.name: path for path in archive.save(found, folder)}


def test_the_pictures_of_a_post_are_written_best_first(drawn: Path, tmp_path: Path) -> None:
    _, files = saved(drawn, tmp_path / "found")

    assert files[IN_PAGE.format(1)].read_bytes() == PLACE
    assert files[IN_PAGE.format(2)].read_bytes() == BLANK
    assert not any("view" in name for name in files)  # that is the page's


def test_the_record_says_which_file_is_which(drawn: Path, tmp_path: Path) -> None:
    found, files = saved(drawn, tmp_path / "found")

    told = json.loads(files["post.json"].read_text())["screenshots"]
    assert [(shot["file"], shot["quality"]) for shot in told] == [
        (IN_PAGE.format(1), "good"),
        (IN_PAGE.format(2), "blank"),
    ]
    assert [shot["warc"] for shot in told] == [shot.warc for shot in found.screenshots]


def test_the_page_is_saved_with_its_view(drawn: Path, tmp_path: Path) -> None:
    with Archive.open(drawn) as archive:
        page, _ = archive.find(PAGE_URL)
        files = {path.name: path for path in archive.save(page, tmp_path / "found")}

    assert sha256(files["screenshot-1-view.png"].read_bytes()).digest() == sha256(VIEW).digest()


def test_what_the_camera_wrote_is_told(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with made_in(data_dir) as made:
        whole(made)
    with index_of(data_dir) as database:
        database.execute("UPDATE media SET exif = ?", ['{"GPSLatitude":49.99,"Make":"Kodiak"}'])
        database.commit()

    run(["show", POST.post_id, "--archive", str(data_dir)])
    assert f"{ORIGINAL}: GPSLatitude: 49.99, Make: Kodiak" in " ".join(capsys.readouterr().out.split())
    run(["find", POST.post_id, "--json", "--archive", str(data_dir)])
    assert json.loads(capsys.readouterr().out)["media"][0]["exif"] == {"GPSLatitude": 49.99, "Make": "Kodiak"}


def test_a_response_in_the_place_of_a_screenshot_is_a_broken_index(drawn: Path) -> None:
    with Archive.open(drawn) as archive:
        page, post = archive.find(PAGE_URL)
        [response] = [capture for capture in page.captures if capture.status == 200]

        assert archive.resource_at(response.warc, response.offset) is None
        assert archive.response_at(post.screenshots[0].warc, post.screenshots[0].offset) is None
        with pytest.raises(BadRecord, match="no readable record"):
            archive.resource_at(response.warc, response.offset + 1)
