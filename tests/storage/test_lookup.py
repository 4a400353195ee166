"""By the digest or name of a file: what it is, and what it is not."""

from pathlib import Path

import pytest

from archiver.model.findings import EmbedKind, PostState, Source
from archiver.model.render import ScreenshotKind
from archiver.query.archive import Archive
from archiver.storage.index.lookup import EMPTY_SHA256, Hits, by_digest
from archiver.storage.index.results import ArchivedPage, Result
from tests.support.drawn import PAGE_URL, POST, made_in, tweet

WEBP = "ab" * 32
PATH = "screenshots/blog.example/a-post/20220911130000-1.webp"
CODE = "pic.twitter.com/uOWxLTTvGP"


def found(data_dir: Path, reference: str) -> list[str]:
    """What it leads to: the id of a post, the address of a page, the code of an embed whose post is not known."""
    with Archive.open(data_dir) as archive:
        return [_name(result) for result in archive.find(reference)]


def png_of(data_dir: Path) -> str:
    """The digest of the one screenshot, as the WARC file has it."""
    with Archive.open(data_dir) as archive:
        sql = "SELECT c.payload_digest FROM screenshots s JOIN captures c ON c.id = s.capture"
        return str(archive.index.execute(sql).fetchone()[0])


def _name(result: Result) -> str:
    if isinstance(result, ArchivedPage):
        return result.url
    return result.post_id or result.short_links[0]


def test_a_redirect_is_nothing_to_be_found_by(data_dir: Path) -> None:
    """Those of one host are alike, most of them even empty, and lead to posts that have nothing in common."""
    with made_in(data_dir) as made:
        made.says(PostState.LIVE, source=Source.SHORT_LINK)
        made.says(PostState.LIVE, source=Source.OEMBED)

    assert found(data_dir, f"{1:064x}") == []
    assert found(data_dir, f"{2:064x}") == [POST.post_id]


def test_what_is_empty_is_nothing_to_be_found_by(data_dir: Path) -> None:
    with made_in(data_dir) as made:
        made.says(PostState.LIVE)
    with Archive.open(data_dir) as archive:
        assert by_digest(archive.index, f"{1:064x}") != Hits()
        assert by_digest(archive.index, EMPTY_SHA256) == Hits()


@pytest.mark.parametrize("reference", ["webp", "png", PATH, f"./archive/{PATH}", f"/home/me/archive/{PATH}"])
@pytest.mark.parametrize(
    ("shown", "leads_to"), [("post", POST.post_id), ("in page", POST.post_id), ("page", PAGE_URL), ("silent embed", CODE)]
)
def test_a_screenshot_leads_to_what_it_shows(data_dir: Path, shown: str, leads_to: str, reference: str) -> None:
    silent = shown == "silent embed"
    with made_in(data_dir) as made:
        made.page(tweet(post_id=None, url=None, kind=EmbedKind.TEXT, short_links=(CODE,)) if silent else tweet())
        if shown == "post":
            made.alone(path=PATH, sha256=WEBP)
        elif shown == "page":
            made.of_page(ScreenshotKind.VIEW, path=PATH, sha256=WEBP)
        else:
            made.in_page(post=None if silent else POST, path=PATH, sha256=WEBP)

    asked = {"webp": WEBP, "png": png_of(data_dir)}.get(reference, reference)
    assert found(data_dir, asked) == [leads_to]


def test_another_file_s_name_does_not(data_dir: Path) -> None:
    with made_in(data_dir) as made:
        made.page(tweet())
        made.of_page(ScreenshotKind.VIEW, path=PATH, sha256=WEBP)

    for reference in (PATH.rsplit("/", 1)[1], PATH.replace("-1", "-2"), f"{PATH}.png", f"https://blog.example/{PATH}"):
        assert found(data_dir, reference) == []
