"""Crawls of pages with players that refuse who comes from nowhere: what the Referer on the wire is, and what is drawn again."""

import json
from pathlib import Path
from urllib.parse import quote

import pytest

from archiver.config.settings import NEUTRAL_REFERER
from archiver.query.archive import Archive
from archiver.tasks.audit.audit import audited, requeue
from tests.support.crawling import crawl_of, rows
from tests.support.mastodon_web import BLOG
from tests.support.webs import Asked, Web, reply

VIDEO = "dQw4w9WgXcQ"
WATCH = f"https://www.youtube.com/watch?v={VIDEO}"
PLAYER = f"https://www.youtube.com/embed/{VIDEO}"
PHRASE = "Video player configuration error"
STATED = {
    "type": "video",
    "version": "1.0",
    "title": "Gulls",
    "author_name": "Harbour",
    "author_url": "https://www.youtube.com/@h",
}
BOX = '<body style="margin:0;background:#000;color:#fff;height:320px;font:20px sans-serif">'
FRAME = f'<title>Gulls</title><p>See this:</p><iframe width=560 height=320 src="{PLAYER}"></iframe>'
PLAYS = reply(f"{BOX}<div>Gulls</div><div>Watch on YouTube</div>")
REFUSES = reply(f"{BOX}<div>Error 153</div><div>{PHRASE}</div>")
SHOTS = "SELECT position IS NULL, quality, reason FROM screenshots WHERE kind = 'embed' ORDER BY taken_at, id"


@pytest.fixture
def tube(web: Web) -> Web:
    """A page with a video, whose player shows an error to who has no Referer, and a reply about it."""

    def player(asked: Asked) -> bytes:
        return PLAYS if asked.headers.get("referer") else REFUSES

    web["blog.example", "/video/"] = reply(FRAME)
    web["www.youtube.com", f"/embed/{VIDEO}"] = player
    web["www.youtube.com", f"/oembed?format=json&url={quote(WATCH, safe='')}"] = reply(json.dumps(STATED), "application/json")
    return web


def referers(web: Web) -> list[str | None]:
    """With which the player was asked for, in order."""
    return [asked.headers.get("referer") for asked in web.asked if asked.url == PLAYER]


def test_the_page_that_embeds_a_post_is_told_to_its_player_and_one_response_serves_both(tube: Web, data_dir: Path) -> None:
    crawl_of(tube, data_dir, f"{BLOG}/video/", screenshots="posts")
    assert referers(tube) == [f"{BLOG}/"]
    assert sorted(rows(data_dir, SHOTS)) == [(0, "good", None), (1, "good", None)]


def test_a_post_that_no_page_embeds_is_navigated_to_from_a_neutral_page(tube: Web, data_dir: Path) -> None:
    crawl_of(tube, data_dir, WATCH, screenshots="posts")
    assert referers(tube) == [NEUTRAL_REFERER]
    assert rows(data_dir, SHOTS) == [(1, "good", None)]


def test_what_a_page_without_a_referer_was_shown_does_not_stand_for_the_post_by_itself(tube: Web, data_dir: Path) -> None:
    """The error that the page's frame got was in memory, and the post by itself was drawn with it."""
    tube["blog.example", "/video/"] = reply(FRAME, referrer_policy="no-referrer")
    crawl_of(tube, data_dir, f"{BLOG}/video/", screenshots="posts")
    assert set(referers(tube)) == {None, f"{BLOG}/"}
    refused = (0, "refused", f'the network refuses to show it here: "{PHRASE}"')
    assert sorted(rows(data_dir, SHOTS)) == [refused, (1, "good", None)]
    assert rows(data_dir, "SELECT DISTINCT state FROM statements WHERE state IS NOT NULL") == ["live"]


def test_a_refused_post_is_listed_and_drawn_again(tube: Web, data_dir: Path) -> None:
    tube["www.youtube.com", f"/embed/{VIDEO}"] = REFUSES
    crawl_of(tube, data_dir, f"{BLOG}/video/", screenshots="posts")
    assert referers(tube) == [f"{BLOG}/", NEUTRAL_REFERER]
    with Archive.open(data_dir) as archive, audited(archive) as found:
        reasons = {one.url: one.reasons for one in found.bad()}
        waiting = requeue(archive, found)
    assert f'its screenshot shows an error (the network refuses to show it here: "{PHRASE}")' in reasons[WATCH]
    assert waiting.posts == 1

    tube["www.youtube.com", f"/embed/{VIDEO}"] = PLAYS
    crawl_of(tube, data_dir, f"{BLOG}/video/", screenshots="posts")

    assert (1, "good", None) in rows(data_dir, SHOTS)
    with Archive.open(data_dir) as archive, audited(archive) as found:
        assert not [one for one in found.bad() if one.url == WATCH and one.draws]
