"""Small pictures of what posts carried: once each, whole or not at all, and no hostile picture stops the others."""

import io
from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image

from archiver.errors import StorageError
from archiver.media.webp import THUMBNAIL_SIDE, thumbnail_of
from archiver.model.exchange import ResourceType
from archiver.storage.files.paths import ArchivePaths
from archiver.tasks import thumbnails as task
from archiver.tasks.thumbnails import ThumbnailReport, make_thumbnails
from tests.support.crawled import Crawled, index_of
from tests.support.exchanges import exchange
from tests.support.photos import landscape, saved
from tests.support.recording import keep, recording


def archive_of(folder: Path, *pictures: bytes) -> ArchivePaths:
    """An archive of one page, whose tweets carry these pictures."""
    urls = [f"https://pbs.twimg.com/media/Picture{number:08d}.jpg" for number in range(len(pictures))]
    page = "".join(
        f'<blockquote class="twitter-tweet"><p>Words <a href="{url}"><img src="{url}"></a></p>'
        f'<a href="https://twitter.com/someone/status/15686560844377406{number:02d}">then</a></blockquote>'
        for number, url in enumerate(urls)
    )
    with recording(folder) as recorder:
        keep(recorder, exchange(body=page.encode()))
        for url, data in zip(urls, pictures, strict=True):
            keep(recorder, exchange(url, data, headers=("Content-Type: image/jpeg",), resource_type=ResourceType.IMAGE))
    return ArchivePaths(folder)


def test_each_picture_of_a_post_gets_one(crawled: Crawled, tmp_path: Path) -> None:
    paths = ArchivePaths(crawled.copy(tmp_path))
    report = make_thumbnails(paths.data_dir)
    with index_of(paths.data_dir) as index:
        held = {row[0] for row in index.execute(
            "SELECT m.sha256 FROM post_media pm JOIN captures c ON c.media_key = pm.media_key JOIN media_payloads p"
            " ON p.payload_digest = c.payload_digest JOIN media m ON m.id = p.media WHERE m.mime LIKE 'image/%'"
        )}  # fmt: skip
    files = sorted((paths.data_dir / "thumbnails").rglob("*.*"))
    assert report == ThumbnailReport(made=len(files)) and len(files) > 10
    assert {file.stem for file in files} <= held
    for file in files:
        assert file == paths.thumbnail(file.stem)
        with Image.open(file) as image:
            assert image.format == "WEBP" and max(image.size) <= THUMBNAIL_SIDE


def test_a_second_run_does_nothing_and_an_interrupted_one_goes_on(tmp_path: Path) -> None:
    paths = archive_of(tmp_path, *(saved(landscape(f"number {number}")) for number in range(3)))
    assert make_thumbnails(tmp_path) == ThumbnailReport(made=3)
    first, second, third = sorted((tmp_path / "thumbnails").rglob("*.webp"))
    second.unlink()
    third.write_bytes(b"")  # what a power cut may leave
    before = first.stat().st_mtime_ns
    assert make_thumbnails(tmp_path) == ThumbnailReport(made=2)
    assert first.stat().st_mtime_ns == before and third.stat().st_size > 0
    assert make_thumbnails(tmp_path) == ThumbnailReport()
    assert paths.thumbnail(first.stem) == first


def test_what_cannot_be_decoded_is_passed_over(tmp_path: Path) -> None:
    good = saved(landscape("good"))
    paths = archive_of(tmp_path, saved(landscape("cut short"))[:20_000], good)
    assert make_thumbnails(tmp_path) == ThumbnailReport(made=1, skipped=1)
    assert paths.thumbnail(sha256(good).hexdigest()).exists()
    assert make_thumbnails(tmp_path) == ThumbnailReport(skipped=1)


def test_a_picture_that_brings_the_process_down_harms_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive_of(tmp_path, *(saved(landscape(f"number {number}")) for number in range(3)))
    monkeypatch.setattr(task, "MODULE", "tests.archive.fragile_thumbnail")
    assert make_thumbnails(tmp_path) == ThumbnailReport(made=2, skipped=1)
    assert not list((tmp_path / "thumbnails").rglob("*.part"))


def test_a_folder_that_cannot_be_written_is_told_in_words(tmp_path: Path) -> None:
    archive_of(tmp_path, saved(landscape("good")))
    (tmp_path / "thumbnails").write_bytes(b"a file where the folder should be")
    with pytest.raises(StorageError, match=r"cannot write .*\. Is the folder writable, is there room\?"):
        make_thumbnails(tmp_path)


def test_it_is_upright_on_white_and_says_nothing_else() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Kodiak"
    small = thumbnail_of(saved(landscape(width=960, height=640), exif=exif.tobytes(), icc_profile=b"not one"))
    assert small is not None and b"EXIF" not in small and b"ICCP" not in small and b"Kodiak" not in small
    with Image.open(io.BytesIO(small)) as image:
        assert image.size == (213, 320)
    clear = thumbnail_of(saved(Image.new("RGBA", (40, 20), (0, 0, 0, 0)), "PNG"))
    assert clear is not None
    with Image.open(io.BytesIO(clear)) as image:
        assert (image.size, image.convert("RGB").getpixel((20, 10))) == ((40, 20), (255, 255, 255)), "and never enlarged"
    assert thumbnail_of(b"no picture") is None
