"""Renders in the WARC files: their names and headers, what other programs say of them, and what records of others do to us."""

import json
from collections.abc import Mapping
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from warcio.warcwriter import WARCWriter

from archiver.model.render import Render
from archiver.query.archive import Archive
from archiver.recording.render_records import (
    RENDER,
    parse_render_end,
    parse_screenshot_header,
    render_end_content,
    screenshot_header,
    screenshot_urn,
)
from archiver.storage.files.paths import ArchivePaths, warc_files
from archiver.tasks.audit.audit import audited
from archiver.tasks.reindex import reindex
from tests.support.crawled import index_of
from tests.support.exchanges import PAGE_URL, exchange
from tests.support.judges import assert_all_accept, cdx_lines
from tests.support.recording import keep, recording
from tests.support.renders import PAGE, TWEET_PAGE, VISIT, failed_render, keep_render, page_render, post_render
from tests.support.tables import tables_of
from tests.support.warc_members import Member, records_of


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A page that was drawn, a post that was, and once was not."""
    data_dir = tmp_path / "archive"
    with recording(data_dir) as recorder:
        keep(recorder, exchange(body=PAGE))
        for render in (page_render(), post_render(), failed_render()):
            keep_render(recorder, render)
    return data_dir


def of_renders(data_dir: Path) -> list[Member]:
    return [record for record in records_of(data_dir) if record.url.startswith("urn:") and record.kind != "warcinfo"]


def figures(data_dir: Path) -> tuple[Any, ...]:
    with Archive.open(data_dir) as archive, audited(archive) as audit:
        return audit.posts, audit.pages


# --- what is written ----------------------------------------------------------------------------------------------------------


def test_the_index_made_anew_knows_all_screenshots_and_renders(archive: Path) -> None:
    live = tables_of(archive)
    assert (len(live["screenshots"]), len(live["renders"])) == (6, 3)

    (archive / "index.db").unlink()
    reindex(archive)

    assert tables_of(archive) == live


def test_each_record_has_the_name_that_its_readers_know(archive: Path) -> None:
    assert [record.url for record in of_renders(archive)] == [
        f"urn:view:{PAGE_URL}", f"urn:fullPage:{PAGE_URL}", f"urn:embed:{PAGE_URL}#1", f"urn:embed:{PAGE_URL}#2",
        f"urn:text:{PAGE_URL}", f"urn:render:{PAGE_URL}",
        f"urn:embed:{TWEET_PAGE}", f"urn:view:{TWEET_PAGE}", f"urn:text:{TWEET_PAGE}", f"urn:render:{TWEET_PAGE}",
        f"urn:render:{TWEET_PAGE}",
    ]  # fmt: skip
    assert screenshot_urn(page_render().screenshots[3], PAGE_URL) == f"urn:embed:{PAGE_URL}#2"


def test_all_records_of_a_render_name_its_visit_which_is_that_of_its_page(archive: Path) -> None:
    [page] = [record for record in records_of(archive) if record.kind == "response"]

    assert page.get("WARC-Page-ID") == VISIT
    assert {record.get("WARC-Page-ID") for record in of_renders(archive)} == {VISIT}


def test_a_screenshot_is_its_records_block_and_its_digest_that_of_the_record(archive: Path) -> None:
    drawn = [one for render in (page_render(), post_render()) for one in render.screenshots]
    records = [record for record in of_renders(archive) if record.get("Content-Type") == "image/png"]

    assert [record.block for record in records] == [one.png for one in drawn]
    for record in records:
        assert record.kind == "resource"
        assert (
            record.get("WARC-Payload-Digest") == record.get("WARC-Block-Digest") == f"sha256:{sha256(record.block).hexdigest()}"
        )


def test_the_text_of_a_page_is_kept_as_it_was_read(archive: Path) -> None:
    [text] = [record for record in of_renders(archive) if record.url == f"urn:text:{PAGE_URL}"]

    assert (text.get("Content-Type"), text.block.decode()) == ("text/plain; charset=utf-8", "Слова\nwords")


def test_the_header_is_one_line_of_ascii_and_tells_the_webp_and_its_digest(archive: Path) -> None:
    for record in of_renders(archive):
        if (header := record.get("WARC-JSON-Metadata")) is None:
            continue
        told = json.loads(header)
        assert header.isascii() and "\n" not in header
        assert sha256((archive / told["path"]).read_bytes()).hexdigest() == told["sha256"]
        assert (told["width"], told["height"]) == (300, 200)


def test_other_programs_find_nothing_wrong_with_it(archive: Path) -> None:
    files = warc_files(ArchivePaths(archive))

    assert_all_accept(files, revisits=True)
    assert cdx_lines(files)


def test_where_the_webp_files_are_gone_all_else_is_as_it_was(archive: Path) -> None:
    before, judged = tables_of(archive), figures(archive)
    for path in (archive / "screenshots").rglob("*.webp"):
        path.unlink()

    reindex(archive)

    assert tables_of(archive) == before
    assert figures(archive) == judged


@pytest.mark.parametrize("render", [page_render(), post_render(), failed_render()])
def test_how_it_ended_is_read_back(render: Render) -> None:
    end = parse_render_end(render_end_content(render), "2022-09-11T12:00:05.250Z")

    assert end is not None
    assert (end.url, end.ended, end.reason, end.post) == (render.target.url, render.ended, render.reason, render.target.post)
    assert dict(end.notes) == dict(render.notes)


# --- what others write --------------------------------------------------------------------------------------------------------

GOOD: dict[str, Any] = {
    "kind": "view", "url": "https://a.example/", "width": 10, "height": 20, "quality": "good", "platform": "twitter",
    "post_id": "20", "position": 1, "path": "screenshots/a.webp", "sha256": "0" * 64, "reason": "x",
}  # fmt: skip
NESTED = "[" * 100_000
WRONG: list[object] = [
    None, True, [], {}, "", "x", -1, 2**63, 10**30, 1e400, float("nan"), 1.5, "\ud83d", "x" * 20_000, [[]], {"a": 1}, "../../x",
    "/etc/passwd", "\0",
]  # fmt: skip


def test_what_we_write_is_read_back() -> None:
    drawn = parse_screenshot_header(json.dumps(GOOD))

    assert drawn is not None
    assert parse_screenshot_header(screenshot_header(drawn)[1]) == drawn


@pytest.mark.parametrize(
    "header", [None, "", "x", "null", "[]", "3", '"x"', "{}", NESTED, '{"kind": "view"}', "\x00", '{"url":' * 50]
)
def test_a_header_of_another_program_is_none_of_ours(header: str | None) -> None:
    assert parse_screenshot_header(header) is None


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../x.webp", "screenshots/../../x.webp", "warc/x", "screenshots/a\0b", "", "~/x"]
)
def test_a_path_that_leads_out_of_the_screenshots_is_not_believed(path: str) -> None:
    drawn = parse_screenshot_header(json.dumps({**GOOD, "path": path}))

    assert drawn is not None and drawn.path is None


@pytest.mark.parametrize(
    ("platform", "post_id"), [("flickr", "x"), ("framed", "x"), ("twitter", "x"), ("facebook", ""), ("nobody", "1")]
)
def test_a_post_that_its_platform_cannot_have_is_not_believed(platform: str, post_id: str) -> None:
    """Asked for its canonical address, a platform raised, and nothing could be indexed any more."""
    drawn = parse_screenshot_header(json.dumps({**GOOD, "platform": platform, "post_id": post_id}))

    assert drawn is not None and drawn.post is None


def foreign(folder: Path, records: list[tuple[str, str, bytes, str, Mapping[str, str]]]) -> Path:
    """An archive with a file of another program: URL, type, block, media type, WARC headers."""
    with recording(folder / "archive"):
        pass  # a folder with a warc/ alone is no archive
    path = folder / "archive" / "warc" / "other.warc.gz"
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for url, kind, block, media_type, headers in records:
            record = writer.create_warc_record(url, kind, BytesIO(block), len(block), media_type, warc_headers_dict=dict(headers))
            writer.write_record(record)
    return folder / "archive"


def test_hostile_screenshots_in_files_of_others_cost_nothing_but_themselves(tmp_path: Path) -> None:
    contents: list[object] = [{**GOOD, name: value} for name in GOOD for value in WRONG]
    contents += [{name: value for name, value in GOOD.items() if name != without} for without in GOOD]
    headers = [json.dumps(content) for content in contents] + ["", "x", "[]", NESTED[:5_000]]
    records = [
        (f"urn:view:https://a.example/{number}", "resource", b"no picture", "image/png", {"WARC-JSON-Metadata": header})
        for number, header in enumerate(headers)
    ]
    data_dir = foreign(tmp_path, [*records, ("urn:view:https://good.example/", "resource", b"", "image/png", {})])

    reindex(data_dir)

    with index_of(data_dir) as index:
        assert index.execute("SELECT count(*) FROM captures").fetchone() == (len(records) + 1,)
        assert 0 < index.execute("SELECT count(*) FROM screenshots").fetchone()[0] < len(records)
        outside = "SELECT count(*) FROM screenshots WHERE path NOT LIKE 'screenshots/%' OR path LIKE '%..%'"
        assert index.execute(outside).fetchone() == (0,)


def test_hostile_ends_of_renders_in_files_of_others_cost_nothing_but_themselves(tmp_path: Path) -> None:
    good = {
        "kind": RENDER,
        "url": "https://a.example/",
        "ended": "whole",
        "platform": "twitter",
        "post_id": "20",
        "notes": {"a": 1},
    }
    contents: list[object] = [{**good, name: value} for name in good for value in WRONG if name != "kind"]
    contents += [{**good, "notes": {"requests": value}} for value in WRONG] + [good]
    blocks = [json.dumps(content).encode() for content in contents] + [b"", b"\xff", NESTED.encode()]
    records = [(f"urn:render:{number}", "metadata", block, "application/json", {}) for number, block in enumerate(blocks)]
    data_dir = foreign(tmp_path, records)

    reindex(data_dir)

    with index_of(data_dir) as index:
        assert index.execute("SELECT count(*) FROM renders WHERE url = 'https://a.example/'").fetchone()[0] >= 1


def test_a_crawl_that_comes_after_such_files_goes_on(tmp_path: Path) -> None:
    header = json.dumps({**GOOD, "platform": "flickr", "post_id": "x", "width": 2**70})
    data_dir = foreign(tmp_path, [("urn:view:https://a.example/", "resource", b"", "image/png", {"WARC-JSON-Metadata": header})])

    with recording(data_dir) as recorder:
        assert recorder.catch_up() == 1
        keep(recorder, exchange())

    with index_of(data_dir) as index:
        assert index.execute("SELECT count(*) FROM pages").fetchone() == (1,)
