"""`archiver platforms`: what is recognised, and what an archive holds of it."""

import json
from pathlib import Path

import pytest

from archiver.model.exchange import Exchange, ResourceType
from archiver.platforms import PLATFORMS, platform_named
from archiver.query.archive import Archive
from archiver.tasks.platforms import OWN_HOST, PlatformCounts, Supported, platforms
from tests.support.exchanges import exchange
from tests.support.recording import keep, recording

UP, GONE, BACK, SILENT = "aaaaaaaaaa1", "aaaaaaaaaa2", "aaaaaaaaaa3", "aaaaaaaaaa4"


def reply(post_id: str, status: str, seconds: float) -> Exchange:
    youtube = platform_named("youtube")
    assert youtube is not None
    url = youtube.requests_about(post_id)[0].url
    body = json.dumps({"type": "video", "title": "Boats", "author_name": "Mira", "html": "<iframe></iframe>"}).encode()
    headers = ("Content-Type: application/json",)
    return exchange(url, body, status=status, headers=headers, resource_type=ResourceType.FETCH, seconds=seconds)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A page with one video twice and two others, a link to a fourth, and what YouTube said of three of them."""
    frames = [f'<iframe src="https://www.youtube.com/embed/{video}"></iframe><p>and</p>' for video in (UP, GONE, BACK, UP)]
    link = f'<p>Seen <a href="https://youtu.be/{SILENT}">here</a></p>'
    with recording(tmp_path) as recorder:
        keep(recorder, exchange(body=("".join(frames) + link).encode()))
        for answer in (
            reply(UP, "200 OK", 1),
            reply(GONE, "200 OK", 2),
            reply(GONE, "404 Not Found", 3),
            reply(BACK, "404 Not Found", 4),
            reply(BACK, "200 OK", 5),
            reply(BACK, "503 Service Unavailable", 6),
        ):
            keep(recorder, answer)
    return tmp_path


def listed(data_dir: Path | None) -> dict[str, Supported]:
    if data_dir is None:
        return {one.name: one for one in platforms(None)}
    with Archive.open(data_dir) as archive:
        return {one.name: one for one in platforms(archive)}


def test_the_last_word_of_the_platform_counts(archive: Path) -> None:
    assert listed(archive)["youtube"].counts == PlatformCounts(embeds=4, posts=4, answered=3, gone=1)


def test_what_is_not_in_the_archive_counts_nothing(archive: Path) -> None:
    assert listed(archive)["vk"].counts == PlatformCounts()


def test_without_an_archive_there_are_no_counts() -> None:
    assert {one.counts for one in listed(None).values()} == {None}


def test_all_platforms_are_listed_in_their_order() -> None:
    assert list(listed(None)) == [platform.name for platform in PLATFORMS]


def test_each_says_where_it_is_where_it_is_asked_and_what_a_post_looks_like() -> None:
    supported = listed(None)

    assert supported["youtube"].hosts[:2] == ("youtube.com", "youtube-nocookie.com")
    assert supported["youtube"].asked == ("www.youtube.com",)
    assert "lite-youtube" in supported["youtube"].markup
    assert supported["oembed"].any_host and supported["oembed"].asked == (OWN_HOST,)
    assert all(one.hosts or one.any_host for one in supported.values())
    assert all(one.example.startswith("https://") for one in supported.values())
