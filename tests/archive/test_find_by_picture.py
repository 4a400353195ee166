"""Found by a file that somebody saved: scaled, compressed again, with a border, from a crawled sample web."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from archiver.cli import run
from archiver.query.archive import Archive
from archiver.query.find import FindResults
from archiver.storage.index.lookup import EMPTY_SHA256
from archiver.storage.index.results import ArchivedPost
from tests.support.crawled import Crawled, index_of
from tests.support.photos import cut, fitted, landscape, letterboxed, saved

ID = "1568656084437740674"
KEY = "FcT8ZZ_dlEiDePQ"


@pytest.fixture(scope="module")
def archive(crawled: Crawled) -> Iterator[Archive]:
    with Archive.open(crawled.data_dir) as opened:
        yield opened


@pytest.fixture(scope="module")
def original(archive: Archive) -> Image.Image:
    post = archive.find(KEY)[0]
    medium = post.media[0]
    assert medium.warc is not None and medium.offset is not None
    seen = archive.response_at(medium.warc, medium.offset, medium.length)
    assert seen is not None
    return Image.open(io.BytesIO(seen.decoded(1 << 24))).convert("RGB")


def answer_to(archive: Archive, folder: Path, data: bytes, name: str = "photo.jpg") -> FindResults:
    path = folder / name
    path.write_bytes(data)
    return archive.find_file(path)


@pytest.mark.parametrize("change", ["smaller", "thumb", "poor", "webp", "letterbox", "cut"])
def test_a_copy_leads_to_the_post_and_says_how_far_it_is(
    archive: Archive, original: Image.Image, tmp_path: Path, change: str
) -> None:
    data = {
        "smaller": saved(fitted(original, 480)),
        "thumb": saved(fitted(original, 150), quality=70),
        "poor": saved(original, quality=30),
        "webp": saved(fitted(original, 700), "WEBP", quality=70),
        "letterbox": saved(letterboxed(original)),
        "cut": saved(cut(original, 0.02)),
    }[change]
    answer = answer_to(archive, tmp_path, data)
    post = next(one for one in answer if isinstance(one, ArchivedPost) and one.post_id == ID)
    distances = [medium.distance for medium in post.media]
    assert len(distances) == 1 and distances[0] is not None and distances[0] <= 31
    tweets = [one.post_id for one in answer if isinstance(one, ArchivedPost) and one.platform == "twitter"]
    assert set(tweets) == {ID}, "and to no other"


def test_the_nearest_comes_first(archive: Archive, original: Image.Image, tmp_path: Path) -> None:
    found = answer_to(archive, tmp_path, saved(fitted(original, 300)))
    nearest = [min(medium.distance for medium in one.media if medium.distance is not None) for one in found]
    assert nearest == sorted(nearest)


def test_the_very_file_is_not_called_similar(archive: Archive, original: Image.Image, tmp_path: Path) -> None:
    post = archive.find(KEY)[0]
    medium = post.media[0]
    assert medium.warc is not None and medium.offset is not None
    seen = archive.response_at(medium.warc, medium.offset, medium.length)
    assert seen is not None
    found = answer_to(archive, tmp_path, seen.decoded(1 << 24))
    post = next(one for one in found if isinstance(one, ArchivedPost) and one.post_id == ID)
    assert [each.distance for each in post.media] == [None]
    assert len({(type(one), one.url) for one in found}) == len(found), "each once"


def test_another_picture_leads_nowhere(archive: Archive, tmp_path: Path) -> None:
    assert answer_to(archive, tmp_path, saved(landscape("of which nobody has heard"))).results == ()


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "it is SVG, which is not compared"),
        ("film.mp4", b"\x00\x00\x00\x18ftypmp42" + bytes(100), "it is a video, which is not compared"),
        ("poster.png", saved(Image.new("1", (7_350, 5_000)), "PNG"), "it has 36,750,000 pixels, more than are decoded here"),
        ("notes.txt", b"what I remember of it", "it is no picture that can be decoded"),
        ("half.jpg", saved(landscape())[:9_000], "it is no picture that can be decoded"),
        ("blank.png", saved(Image.new("RGB", (400, 300), "white"), "PNG"), "it shows nothing to be told from other pictures by"),
        ("huge.jpg", saved(landscape()) + bytes(17 << 20), "it is larger than 16 MB"),
    ],
)
def test_a_file_that_cannot_be_compared_says_why(
    crawled: Crawled, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, data: bytes, why: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert run(["find", str(path), "--archive", str(crawled.data_dir)]) == 5
    assert f"only its sha256 was looked up, {why}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("nothing.jpg", "the file is empty"),
        ("nosuch.jpg", "there is no file nosuch.jpg"),
        ("./pics/nosuch.JPEG", "there is no file ./pics/nosuch.JPEG"),
        ("folder.d", "it is a folder: give a file in it"),
        (".", "it is a folder: give a file in it"),
        (EMPTY_SHA256, "it is the sha256 of nothing at all"),
    ],
)
@pytest.mark.parametrize("command", ["find", "show"])
def test_what_is_no_file_to_look_for_is_told(
    crawled: Crawled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    command: str, name: str, why: str,
) -> None:  # fmt: skip
    """The empty file was found: in all posts whose short link's redirect has an empty body."""
    monkeypatch.chdir(tmp_path)
    Path("nothing.jpg").touch()
    Path("folder.d").mkdir()
    assert run([command, name, "--archive", str(crawled.data_dir)]) == 5
    assert f"({why})" in capsys.readouterr().err


@pytest.mark.parametrize("reference", ["pbs.twimg.com/media/Nosuch.jpg", "https://a.example/nosuch.jpg"])
def test_an_address_is_not_taken_for_a_file(archive: Archive, reference: str) -> None:
    results = archive.find(reference)
    assert (results.results, results.note) == ((), None)


@pytest.mark.parametrize("command", ["find", "show"])
def test_pictures_without_a_hash_are_no_secret(
    crawled: Crawled, original: Image.Image, tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    data_dir, path = crawled.copy(tmp_path), tmp_path / "photo.jpg"
    path.write_bytes(saved(fitted(original, 480)))
    with index_of(data_dir) as database:
        database.executescript("UPDATE made_by SET extractor = '2'; UPDATE media SET pdq = NULL WHERE pdq_trimmed IS NOT NULL")
        (count,) = database.execute("SELECT count(*) FROM media WHERE pdq IS NULL AND width >= 32 AND height >= 32").fetchone()
    assert count
    run([command, str(path), "--archive", str(data_dir)])
    assert f"have no hash to compare yet: {count}, `archiver reindex` makes them" in capsys.readouterr().err
    run(["status", "--archive", str(data_dir)])
    assert "no hash to be found by yet: `archiver reindex` makes them" in capsys.readouterr().out


def test_the_card_says_that_the_picture_is_a_similar_one(
    crawled: Crawled, original: Image.Image, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(saved(fitted(original, 480)))
    assert run(["find", str(path), "--archive", str(crawled.data_dir)]) == 0
    printed = capsys.readouterr().out
    assert "similar picture (distance " in printed and " of 256)" in printed
