"""What carried a picture that looks like a file: no more of it than anybody reads."""

from pathlib import Path

from archiver.media.inspect import picture_of
from archiver.model.exchange import Capture
from archiver.model.findings import Findings, MediaFile, MediaRef, Page
from archiver.platforms import media_key_of
from archiver.query.archive import Archive
from archiver.query.similar_pictures import MAX_PAGES
from archiver.wire.spool import Spool
from tests.support.drawn import WARC, made_in
from tests.support.photos import fitted, landscape, saved

LOGO_URL = "https://blog.example/logo.jpg"
SHA256 = "cd" * 32


def test_a_picture_that_is_on_all_pages_leads_to_some_of_them_and_says_so(data_dir: Path, tmp_path: Path) -> None:
    seen = picture_of(Spool(saved(landscape())))
    assert seen is not None
    logo = MediaFile(SHA256, "image/jpeg", 1_000, seen.width, seen.height, seen.hashes.whole)
    with made_in(data_dir) as made:
        made.index.add(capture(0, LOGO_URL, "image"), Findings(media=logo))
        for number in range(1, MAX_PAGES + 8):
            url = f"https://blog.example/{number}/"
            page = Page(url, pictures=(MediaRef(LOGO_URL, media_key_of(LOGO_URL)),))
            made.index.add(capture(number, url, "document"), Findings(page=page))
    copy = tmp_path / "copy.jpg"
    copy.write_bytes(saved(fitted(landscape(), 300)))

    with Archive.open(data_dir) as archive:
        results = archive.find_file(copy)
        all_of_them = archive.find(SHA256)

    assert len(results) == MAX_PAGES and len(all_of_them) == MAX_PAGES + 7
    assert results.note == f"7 more pages have a similar picture: `archiver find {SHA256}` gives all"


def capture(number: int, url: str, kind: str) -> Capture:
    return Capture(
        f"<urn:uuid:{number}>", "response", url, "2022-09-11T12:00:00.000Z", 200, None, f"sha256:{number:064x}", WARC,
        number * 100, 100, kind,
    )  # fmt: skip
