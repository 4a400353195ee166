"""WebPs of screenshots that were lost are made anew from the PNGs; names from elsewhere are not obeyed."""

import json
import shutil
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image

from archiver.errors import ArchiveHeld, StorageError
from archiver.model.findings import PostRef
from archiver.model.render import Quality, Render, RenderStatus, RenderTarget, Screenshot, ScreenshotKind, ScreenshotRecord
from archiver.recording.render_records import parse_previews
from archiver.storage.files.paths import ArchivePaths, warc_files
from archiver.tasks import previews
from archiver.tasks.previews import PreviewReport, remake_previews
from archiver.tasks.reindex import reindex
from tests.support.exchanges import MOMENT, PAGE_URL, exchange
from tests.support.photos import landscape, saved
from tests.support.program import archiver
from tests.support.recording import keep, recording
from tests.support.renders import keep_render, page_render
from tests.support.tables import tables_of
from tests.support.warc_members import records_of

POST = PostRef("twitter", "1568656084437740674")


def drawn_archive(data_dir: Path, *, png: bytes | None = None, path: str | None = None) -> list[Path]:
    """The archive of a page with a view and one place, whose WebPs are not there. Gives their paths, as the records name them."""
    picture = png if png is not None else saved(landscape(), "PNG")
    shots = [
        Screenshot(ScreenshotKind.VIEW, picture, 1200, 800, Quality.GOOD),
        Screenshot(ScreenshotKind.EMBED, picture, 1200, 800, Quality.GOOD, post=POST, position=1),
    ]
    told, paths = [], []
    for shot in shots:
        drawn = ScreenshotRecord(shot.kind, PAGE_URL, shot.width, shot.height, shot.quality, None, shot.post, shot.position)
        file = ArchivePaths(data_dir).screenshot(drawn, MOMENT)
        told.append(replace(drawn, path=path or file.relative_to(data_dir).as_posix(), sha256="0" * 64))
        paths.append(file)
    with recording(data_dir) as recorder:
        keep(recorder, exchange())
        render = Render(RenderTarget(PAGE_URL), MOMENT, RenderStatus.WHOLE, screenshots=tuple(shots))
        recorder.keep_render(render, zip(shots, told, strict=True), "visit-1")
    return paths


def test_what_is_missing_is_made_and_the_rest_is_left_alone(data_dir: Path) -> None:
    view, place = drawn_archive(data_dir)
    place.parent.mkdir(parents=True)
    place.write_bytes(b"as it was")
    told: list[tuple[int, int]] = []

    assert remake_previews(data_dir, lambda done, total: told.append((done, total))) == PreviewReport(made=1)

    assert told == [(1, 1)] and place.read_bytes() == b"as it was"
    with Image.open(view) as image:
        assert (image.format, image.size) == ("WEBP", landscape().size)
    assert remake_previews(data_dir) == PreviewReport()
    view.write_bytes(b"")  # what a power cut may leave
    assert remake_previews(data_dir) == PreviewReport(made=1)


def test_the_hash_of_one_that_comes_out_otherwise_is_in_the_warc(data_dir: Path) -> None:
    """The first encoder was another one, says the header: without a record of the new hash the file would count as damaged."""
    paths = drawn_archive(data_dir)

    assert remake_previews(data_dir) == PreviewReport(made=2)

    noted = [record for record in records_of(data_dir) if record.url == f"urn:preview:{PAGE_URL}"]
    pngs = {record.get("WARC-Record-ID") for record in records_of(data_dir) if record.get("Content-Type") == "image/png"}
    (view, place) = (parse_previews(record.block) for record in noted)
    assert [one.path for one in (*view, *place)] == [path.relative_to(data_dir).as_posix() for path in paths]
    assert [one.sha256 for one in (*view, *place)] == [sha256(path.read_bytes()).hexdigest() for path in paths]
    assert {one.of for one in (*view, *place)} == pngs
    before = tables_of(data_dir)
    reindex(data_dir)
    assert tables_of(data_dir) == before


def test_where_all_come_out_as_they_were_nothing_is_written_and_no_lock_is_needed(data_dir: Path) -> None:
    with recording(data_dir) as recorder:
        keep(recorder, exchange())
        keep_render(recorder, page_render())
        shutil.rmtree(data_dir / "screenshots")
        recorder.commit()

        assert remake_previews(data_dir) == PreviewReport(made=4)

    assert len(warc_files(ArchivePaths(data_dir))) == 1


def test_a_crawl_that_runs_keeps_hashes_from_being_written_and_the_next_run_makes_the_file(data_dir: Path) -> None:
    view, _ = drawn_archive(data_dir)
    with recording(data_dir), pytest.raises(ArchiveHeld):
        remake_previews(data_dir)
    assert not view.exists()
    assert remake_previews(data_dir) == PreviewReport(made=2)


def test_reindex_brings_back_what_people_browse(data_dir: Path) -> None:
    paths = drawn_archive(data_dir)

    ended = archiver("reindex", "--archive", data_dir)

    assert ended.code == 0 and ended.out.endswith("2 missing files made in screenshots/\n"), ended
    assert all(path.stat().st_size for path in paths)
    shutil.rmtree(data_dir / "screenshots")
    told = json.loads(archiver("reindex", "--json", "--archive", data_dir).out)
    assert (told["screenshots_made"], told["screenshots_skipped"]) == (2, 0)


@pytest.mark.parametrize(
    "path", ["screenshots/archiver.toml", "screenshots/a/b.sh", "screenshots/a/\u202eb.webp", f"screenshots/a/{'x' * 300}.webp"]
)
def test_a_name_that_is_none_of_ours_is_not_written(data_dir: Path, path: str) -> None:
    drawn_archive(data_dir, path=path)

    reindex(data_dir)

    assert remake_previews(data_dir) == PreviewReport()
    assert not (data_dir / "screenshots").exists()


def test_what_is_no_picture_is_passed_over(data_dir: Path) -> None:
    drawn_archive(data_dir, png=b"\x89PNG\r\n\x1a\n and nothing else")

    assert remake_previews(data_dir) == PreviewReport(skipped=2)


def test_where_no_process_starts_all_is_left_for_another_time(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn_archive(data_dir)
    monkeypatch.setattr(previews, "MODULE", "tests.no_such_module")

    assert remake_previews(data_dir) == PreviewReport(skipped=2)


def test_a_folder_that_cannot_be_written_is_told(data_dir: Path) -> None:
    drawn_archive(data_dir)
    (data_dir / "screenshots").write_bytes(b"a file where the folder should be")

    with pytest.raises(StorageError, match="cannot write"):
        remake_previews(data_dir)
