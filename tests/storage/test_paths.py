"""Where screenshots lie: under names that people can read, and that nobody on the web can lead elsewhere."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archiver.model.findings import PostRef
from archiver.model.render import Quality, ScreenshotKind, ScreenshotRecord
from archiver.storage.files.paths import ArchivePaths, page_name

MOMENT = datetime(2022, 11, 23, 12, 30, 45, tzinfo=UTC)
PATHS = ArchivePaths(Path("archive"))
PAGE = "https://blog.example/2022/09/a-post/"
LONGEST_NAME = 255  # bytes, on every file system that anybody uses


def where(
    kind: ScreenshotKind = ScreenshotKind.EMBED, *, post: str | None = None, position: int | None = None, url: str = PAGE,
    platform: str = "twitter",
) -> Path:  # fmt: skip
    ref = PostRef(platform, post) if post is not None else None
    return PATHS.screenshot(ScreenshotRecord(kind, url, 1, 1, Quality.GOOD, post=ref, position=position), MOMENT)


def test_a_post_by_itself_lies_under_its_platform_and_id() -> None:
    assert where(post="1568656084437740674") == Path("archive/screenshots/twitter/1568656084437740674/20221123123045.webp")


def test_its_place_in_a_page_lies_beside_it_and_names_the_page() -> None:
    alone, inside = where(post="1568656084437740674"), where(post="1568656084437740674", position=3)

    assert inside.parent == alone.parent
    assert inside.name.startswith("20221123123045-in-blog.example-") and inside.name.endswith("-3.webp")


def test_what_shows_no_post_lies_under_its_page() -> None:
    view, full, embed = where(ScreenshotKind.VIEW), where(ScreenshotKind.FULL_PAGE), where(position=2)

    names = ["20221123123045-view.webp", "20221123123045-fullPage.webp", "20221123123045-embed-2.webp"]
    assert [path.name for path in (view, full, embed)] == names
    assert view.parent == full.parent == embed.parent
    assert view.parent.parent == Path("archive/screenshots/pages")


@pytest.mark.parametrize(
    "post_id",
    ["../../../etc/passwd", "..", ".", "", "/etc/passwd", "a/../b", "a\0b", "a\nb", "x" * 5_000, "Ізюм", "\ud83d", "C:\\x",
     "~", "-rf", "\u202egnp"],
)  # fmt: skip
def test_no_id_leads_out_of_its_platforms_folder_or_makes_a_name_that_no_disk_takes(post_id: str, tmp_path: Path) -> None:
    paths = ArchivePaths(tmp_path)
    for position in (None, 1):
        drawn = ScreenshotRecord(
            ScreenshotKind.EMBED, PAGE, 1, 1, Quality.GOOD, post=PostRef("mastodon", post_id), position=position
        )
        path = paths.screenshot(drawn, MOMENT)

        assert path.parent.parent == tmp_path / "screenshots" / "mastodon"
        assert path.parent.name not in ("", ".", "..")
        assert all(len(part.encode()) <= LONGEST_NAME for part in path.parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
        assert path.resolve().is_relative_to(tmp_path / "screenshots" / "mastodon")


@pytest.mark.parametrize(
    "url", ["https://../x", "https://[::1]/", "https://x" + "a" * 300 + ".example/", "no url", "https://..%2f..%2f/"]
)
def test_no_host_leads_out_of_the_pages_folder(url: str) -> None:
    path = where(ScreenshotKind.VIEW, url=url)

    assert path.parent.parent == Path("archive/screenshots/pages")
    assert path.parent.name not in ("", ".", "..")
    assert len(path.parent.name) <= 130


def test_ids_that_look_alike_once_they_are_safe_keep_folders_of_their_own() -> None:
    ids = ("a/b", "a_b", "a\\b", "a//b", "a/b_", "x" * 100, "x" * 101)

    assert len({where(post=each).parent for each in ids}) == len(ids)


@pytest.mark.parametrize(
    ("url", "begins"),
    [
        (PAGE, "blog.example-2022-09-a-post-"),
        ("https://blog.example/", "blog.example-"),
        ("https://blog.example/?p=12#more", "blog.example-"),
        ("https://blog.example/%D0%86%D0%B7%D1%8E%D0%BC/../../etc/passwd", "blog.example-etc-passwd-"),
        ("https://blog.example/" + "a/" * 500 + "the-end.html", "blog.example-a-a-a-"),
        ("https://" + "h" * 300 + "/" + "p" * 300, "h" * 60 + "-" + "p" * 60 + "-"),
    ],
)
def test_a_pages_name_says_what_its_path_says_and_is_safe(url: str, begins: str) -> None:
    name = page_name(url)

    assert name.startswith(begins)
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,130}", name)
    assert re.fullmatch(r"[0-9a-f]{8}", name[-8:])
    assert where(ScreenshotKind.VIEW, url=url).parent.name == name


def test_two_pages_of_one_host_keep_folders_of_their_own() -> None:
    assert where(ScreenshotKind.VIEW).parent != where(ScreenshotKind.VIEW, url=f"{PAGE}2/").parent
