"""What scripts rely on: the keys of every JSON line, exactly those that the reference of the command line promises."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from archiver.sampleweb import DIARY_URL, SAMPLE_POST
from tests.cli.conftest import Crawled
from tests.support.program import Ended, archiver, pointed_at

CODE = "pic.twitter.com/uOWxLTTvGP"
POST = {
    "platform", "post_id", "url", "author", "author_name", "posted_at", "text", "verdict", "verdict_since", "short_links",
    "pages", "media", "screenshots", "captures",
}  # fmt: skip
PAGE = {"url", "title", "captured_at"}
MEDIUM = {"url", "sha256", "mime", "size", "width", "height", "warc", "offset", "length", "distance", "exif"}
CAPTURE = {"url", "captured_at", "status", "warc", "offset", "length", "digest", "with_cookies"}
EXTRACTED = {"source", "url", "title", "author", "published_at", "tags", "embeds", "links", "short_links", "media"}
EMBED = {
    "platform", "post_id", "url", "kind", "position", "author", "author_name", "posted_at", "text", "short_links", "media",
    "html",
}  # fmt: skip


def one(ended: Ended) -> dict[str, Any]:
    assert ended.code == 0, ended
    [line] = ended.lines
    assert isinstance(line, dict)
    return line


def test_find_gives_one_line_with_all_that_is_promised(crawled: Crawled) -> None:
    found = one(archiver("find", CODE, "--json", "--archive", crawled.data_dir))

    assert set(found) == POST
    assert (found["platform"], found["author"], found["verdict"]) == ("twitter", "AnonymousUK2022", None)
    assert found["post_id"] == crawled.web.tweet("izyum").id
    assert CODE in found["short_links"]
    assert found["verdict_since"] == [None, None]
    assert found["screenshots"] == []
    assert {page["url"] for page in found["pages"]} == {SAMPLE_POST, f"{DIARY_URL}copied-from-the-news.html"}
    assert all(set(page) == PAGE for page in found["pages"])
    assert all(set(medium) == MEDIUM for medium in found["media"])
    assert all(set(capture) == CAPTURE for capture in found["captures"])


def test_every_place_that_find_names_is_in_a_warc_file(crawled: Crawled) -> None:
    found = one(archiver("find", CODE, "--json", "--archive", crawled.data_dir))

    for place in (*found["media"], *found["captures"]):
        file = crawled.data_dir / place["warc"]
        assert file.is_relative_to(crawled.data_dir)
        assert place["offset"] + place["length"] <= file.stat().st_size
    assert all(capture["digest"].startswith("sha256:") for capture in found["captures"])


def test_a_page_is_a_line_of_the_same_shape_and_its_posts_follow(crawled: Crawled) -> None:
    found, *posts = archiver("find", SAMPLE_POST, "--json", "--archive", crawled.data_dir).lines

    assert set(found) == POST | {"title"}
    assert found["platform"] is None and found["post_id"] is None
    assert found["title"] and found["text"]
    assert all(set(post) == POST for post in posts)


def test_search_adds_snippet_and_rank(crawled: Crawled) -> None:
    ended = archiver("search", "forgot", "their", "tanks", "--json", "--archive", crawled.data_dir)

    assert ended.code == 0
    assert all(POST | {"snippet", "rank"} <= set(line) <= POST | {"snippet", "rank", "title"} for line in ended.lines)
    assert crawled.web.tweet("izyum").id in {line["post_id"] for line in ended.lines}
    assert [line["rank"] for line in ended.lines] == sorted(line["rank"] for line in ended.lines)


def test_show_adds_statements_and_checks(crawled: Crawled) -> None:
    shown = one(archiver("show", CODE, "--json", "--archive", crawled.data_dir))

    assert set(shown) == POST | {"statements", "checks"}
    assert {said["source"] for said in shown["statements"]} >= {"syndication", "oembed", "embed"}
    assert all(set(said["capture"]) == CAPTURE for said in shown["statements"])
    assert shown["checks"] == []


def test_show_saves_the_picture_byte_for_byte(crawled: Crawled, tmp_path: Path) -> None:
    shown = one(archiver("show", CODE, "--json", "--archive", crawled.data_dir, "--save", tmp_path / "found"))

    [folder] = (tmp_path / "found").iterdir()
    [picture] = folder.glob("media-*")
    assert sha256(picture.read_bytes()).hexdigest() == shown["media"][0]["sha256"]
    assert json.loads((folder / "post.json").read_text())["post_id"] == shown["post_id"]


def test_extract_gives_one_line_a_page_with_all_that_is_promised(tmp_path: Path) -> None:
    (tmp_path / "saved.html").write_text(
        '<title>Saved</title><blockquote class="twitter-tweet"><p>Words pic.twitter.com/uOWxLTTvGP</p>&mdash; A (@A2022) '
        '<a href="https://twitter.com/AnonymousUK2022/status/1568656084437740674">September 10, 2022</a></blockquote>'
    )

    page = one(archiver("extract", tmp_path / "saved.html", "--json"))

    assert set(page) == EXTRACTED
    [embed] = page["embeds"]
    assert set(embed) == EMBED
    assert (embed["post_id"], embed["kind"], embed["position"]) == ("1568656084437740674", "blockquote", 1)
    assert page["source"] == "saved.html"


def test_status_and_doctor_speak_json_too(crawled: Crawled) -> None:
    status = one(archiver("status", "--json", "--archive", crawled.data_dir))
    assert status["pages"] == 2 and status["waiting"] == 0

    findings = archiver("doctor", "--json", "--archive", crawled.data_dir).lines
    assert all(set(finding) == {"what", "good", "says", "remedy", "needed"} for finding in findings)


def test_a_crawl_tells_its_counts_and_how_it_ended(crawled: Crawled, data_dir: Path) -> None:
    told = one(archiver("crawl", SAMPLE_POST, "--json", "--archive", data_dir, *pointed_at(crawled.web)))

    assert told["pages"] == 1 and told["embeds"] == 3 and told["ended"] == "finished"
    assert told["failed"] == [] and told["waiting"] == 0


def test_all_references_of_standard_input_are_answered_and_each_post_once(crawled: Crawled) -> None:
    izyum = crawled.web.tweet("izyum")

    references = f"{CODE}\n\n  nothing/known \n@{izyum.handle}\n{izyum.id}\n"

    ended = archiver("find", "-", "--json", "--archive", crawled.data_dir, given=references)

    assert ended.code == 0
    assert [line["post_id"] for line in ended.lines] == [izyum.id]
    assert ended.complaints == ["archiver: nothing/known is not known to this archive"]


def test_a_file_name_with_spaces_is_one_reference(crawled: Crawled, tmp_path: Path) -> None:
    # References from standard input were once split at every space.
    archiver("show", CODE, "--archive", crawled.data_dir, "--save", tmp_path / "found")
    picture = next((tmp_path / "found").rglob("media-*")).rename(tmp_path / "a picture of mine.jpg")

    ended = archiver("find", "-", "--json", "--archive", crawled.data_dir, given=f"{picture}\n")

    assert one(ended)["post_id"] == crawled.web.tweet("izyum").id


@pytest.mark.parametrize("command", [("find", CODE), ("search", "tanks"), ("show", CODE), ("status",)])
def test_the_archive_may_come_from_the_environment(crawled: Crawled, command: tuple[str, ...]) -> None:
    assert archiver(*command, "--json", env={"ARCHIVER_DIR": str(crawled.data_dir)}).code == 0


def test_without_any_word_the_archive_lies_in_the_current_folder(crawled: Crawled) -> None:
    assert archiver("find", CODE, "--json", cwd=crawled.data_dir.parent).code == 0
