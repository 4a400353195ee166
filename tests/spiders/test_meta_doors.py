"""A crawl and Meta's networks: the next door where one says nothing, a limit, and what an owner of an archive switches on."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from archiver.cli import cli
from archiver.config.settings import DoorSettings, PlatformSettings
from archiver.crawling.session import CrawlOutcome, CrawlPlan
from archiver.model.findings import Findings, MediaFile
from archiver.tasks.crawl.crawl import CrawlReport, crawl
from spiders.crawl_request import CrawlRequest, RequestKind
from spiders.platform_replies import PlatformReplies
from tests.support.crawling import plan_of, rows
from tests.support.webs import Web, page, redirect, reply

CODE = "CqVF8QTgAAA"
SITE = "www.instagram.com"
CARD = page(f'<a href="https://{SITE}/p/{CODE}/">View this post on Instagram</a>', title="")
TOKENLESS = ("graph.facebook.com", "/v25.0/instagram_oembed?url=https%3A%2F%2Fwww.instagram.com%2Fp%2FCqVF8QTgAAA%2F")


def crawled(web: Web, data_dir: Path, settings: PlatformSettings | None = None) -> CrawlReport:
    web["blog.example", "/a"] = page(f'<iframe src="https://{SITE}/p/{CODE}/embed/captioned/"></iframe>')
    plan = plan_of(web, data_dir, ["https://blog.example/a"], scope="page")
    platforms = {"instagram": settings or PlatformSettings()}
    return crawl(CrawlPlan(**{name: getattr(plan, name) for name in plan.__slots__} | {"platforms": platforms}))


def said(data_dir: Path) -> list[tuple[str, str, str | None]]:
    return rows(data_dir, "SELECT source, state, text FROM statements WHERE source != 'embed' ORDER BY said_at, id")


@pytest.fixture(autouse=True)
def _no_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archiver.platforms.instagram.Instagram.paces", {})


def test_an_author_who_switched_embeds_off_is_read_on_the_posts_own_page(web: Web, data_dir: Path) -> None:
    post = {"code": CODE, "user": {"username": "quay.log"}, "caption": {"text": "Nine ropes"}}
    data = json.dumps({"xig_polaris_media": {"code": CODE, "if_not_gated_logged_out": post}})
    web[SITE, f"/p/{CODE}/embed/captioned/"] = CARD
    web[SITE, f"/p/{CODE}/"] = page(f'<script type="application/json">{data}</script>')

    report = crawled(web, data_dir)

    assert said(data_dir) == [("embed_page", "tombstone", None), ("embed_page", "live", "Nine ropes")]
    assert rows(data_dir, "SELECT author, text FROM posts") == [("quay.log", "Nine ropes")]
    assert report.outcome.notes == {}


def test_a_limit_makes_no_post_gone_and_costs_one_note(web: Web, data_dir: Path) -> None:
    login = redirect(f"https://{SITE}/accounts/login/?next=%2Fp%2F{CODE}%2F", "302 Found")
    web[SITE, f"/p/{CODE}/embed/captioned/"] = web[SITE, f"/p/{CODE}/"] = login

    report = crawled(web, data_dir)

    assert said(data_dir) == []
    (note,) = report.outcome.notes.values()
    assert "login" in note and "its limit for readers without an account" in note


def test_metas_oembed_is_asked_where_it_is_switched_on_and_its_terms_are_told(web: Web, data_dir: Path) -> None:
    web[SITE, f"/p/{CODE}/embed/captioned/"] = CARD
    web[TOKENLESS] = reply(json.dumps({"html": "<blockquote>Nine ropes</blockquote>", "author_name": "Quay"}), "application/json")

    crawled(web, data_dir)
    assert not web.urls(TOKENLESS[0])
    report = crawled(web, data_dir, PlatformSettings(doors={"tokenless_oembed": DoorSettings(on=True)}))

    assert web.urls(TOKENLESS[0]) == [f"https://{TOKENLESS[0]}{TOKENLESS[1]}"]
    assert ("oembed", "live", None) in said(data_dir)
    assert rows(data_dir, "SELECT author_name, text FROM posts") == [(None, None)]
    terms = report.outcome.notes["Instagram, tokenless_oembed"]
    assert terms.startswith("asked since archiver.toml says so. A sign of life only. Meta's terms")


def test_the_command_names_the_platform_and_does_not_say_that_it_was_left_alone(web: Web, data_dir: Path) -> None:
    """A note on how a platform answered read as one on a host: "YouTube was left alone: www.youtube.com answered 403"."""
    web[SITE, f"/p/{CODE}/embed/captioned/"] = web[SITE, f"/p/{CODE}/"] = reply("<h1>no</h1>", status="403 Forbidden")
    web["blog.example", "/a"] = page(f'<iframe src="https://{SITE}/p/{CODE}/embed/captioned/"></iframe>')
    data_dir.mkdir(parents=True, exist_ok=True)
    (data_dir / "archiver.toml").write_text("[platforms.instagram.doors.tokenless_oembed]\non = true\n", encoding="utf-8")
    options = ["--archive", str(data_dir), "--delay", "0", "--screenshots", "none", "--cacert", str(web.cacert)]
    connect = [part for place in web.connect_to for part in ("--connect-to", place)]

    result = CliRunner().invoke(cli, ["crawl", "https://blog.example/a", "--scope", "page", *options, *connect])

    assert "note: Instagram: www.instagram.com answered 403 with a web page" in result.stderr
    assert "note: Instagram, tokenless_oembed: asked since archiver.toml says so" in result.stderr


# --- pictures that stand for others ---------------------------------------------------------------------------


def of_pictures(*pictures: tuple[str, Findings]) -> dict[str, str]:
    outcome = CrawlOutcome()
    replies = PlatformReplies(outcome)
    for url, findings in pictures:
        replies.add_picture(CrawlRequest(url, RequestKind.MEDIA), findings)
    replies.report()
    return outcome.notes


def test_pictures_that_imgur_serves_for_others_cost_one_note() -> None:
    withheld = Findings(refusal="serves a picture in place of one that is withheld")

    notes = of_pictures(*((f"https://i.imgur.com/Ab3dE7{letter}.png", withheld) for letter in "abc"))

    assert notes == {"Imgur": "i.imgur.com serves a picture in place of one that is withheld (3 pictures)"}


def test_one_picture_under_many_names_is_told_since_it_may_stand_for_others() -> None:
    """A notice that nobody has reported yet is noticed so; its digest is what to report."""
    same, other = (Findings(media=MediaFile(digit * 64, "image/png", 34_641)) for digit in "a0")
    pictures = [(f"https://i.imgur.com/Ab3dE7{letter}.png", same) for letter in "abcd"]

    notes = of_pictures(*pictures, ("https://i.imgur.com/Zy9x8W7.png", other))

    assert notes == {"Imgur": f"one picture (SHA-256 {'a' * 64}) was served for 4: perhaps it stands for what is withheld here"}
    assert of_pictures(*pictures[:3], pictures[0], pictures[0]) == {}
    elsewhere = [(f"https://pbs.twimg.com/media/{letter}.jpg", same) for letter in "abcdef"]
    assert of_pictures(*elsewhere) == {}
