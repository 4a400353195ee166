"""A crawl and platforms that answer oddly: redirects, hosts that answer everybody alike, control posts, notes, archiver.toml."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from archiver.config.settings import DoorSettings, PlatformSettings
from archiver.crawling.session import CrawlPlan
from archiver.platforms.doors import Doors
from archiver.tasks.crawl.crawl import CrawlReport, crawl
from archiver.tasks.reindex import reindex
from tests.support.crawling import plan_of, records, rows
from tests.support.webs import Asked, Web, page, redirect, reply

PAGE = "https://blog.example/a"
FIRST, SECOND, CONTROL = "dQw4w9WgXcQ", "9bZkp7q19f0", "jNQXAC9IVRw"
FIREWALL = reply("<title>Attention Required!</title><h1>You have been blocked</h1>", status="403 Forbidden")
Host = Callable[[Asked], bytes]


def oembed(asked: Asked) -> bytes:
    return reply(
        json.dumps({"type": "video", "title": "The ferry", "author_name": "Mira", "html": "<iframe></iframe>"}),
        "application/json",
    )


def address(post_id: str, host: str = "www.youtube.com", before: str = "/oembed?format=json&url=") -> tuple[str, str]:
    return host, f"{before}https%3A%2F%2Fwww.youtube.com%2Fwatch%3Fv%3D{post_id}"


def blog(web: Web, *post_ids: str) -> None:
    frames = "".join(f'<iframe src="https://www.youtube.com/embed/{post_id}"></iframe>' for post_id in post_ids)
    web["blog.example", "/a"] = page(frames)


def crawled(web: Web, data_dir: Path, settings: PlatformSettings | None = None) -> CrawlReport:
    plan = plan_of(web, data_dir, [PAGE], scope="page")
    platforms = {"youtube": settings or PlatformSettings(control=(CONTROL,))}
    return crawl(CrawlPlan(**{name: getattr(plan, name) for name in plan.__slots__} | {"platforms": platforms}))


def states(data_dir: Path) -> dict[str, str | None]:
    sql = "SELECT p.post_id, s.state FROM statements s JOIN posts p ON p.id = s.post WHERE s.source = 'oembed'"
    return dict(rows(data_dir, sql))


def test_a_host_that_says_not_found_of_everything_makes_no_post_gone_and_costs_one_note(web: Web, data_dir: Path) -> None:
    blog(web, FIRST, SECOND)
    web["www.youtube.com", "/"] = page("Videos")

    report = crawled(web, data_dir)

    assert states(data_dir) == {FIRST: "not_found", SECOND: "not_found"}
    (note,) = report.outcome.notes.values()
    assert 'says "not found" of 2 posts' in note and "none of them counts as gone" in note
    asked = [url for url in web.urls("www.youtube.com") if "/oembed" in url]
    assert len(asked) == 3  # two posts, one control post
    assert rows(data_dir, "SELECT count(*) FROM posts WHERE post_id = ?", CONTROL) == [0]


def test_a_host_that_answers_for_the_control_post_is_believed(web: Web, data_dir: Path) -> None:
    blog(web, FIRST, SECOND)
    web[address(CONTROL)] = oembed

    report = crawled(web, data_dir)

    assert states(data_dir) == {FIRST: "gone", SECOND: "gone"}
    assert report.outcome.notes == {}
    assert rows(data_dir, "SELECT count(*) FROM posts WHERE post_id = ?", CONTROL) == [0]


def test_another_post_that_is_live_is_a_control_post_as_well(web: Web, data_dir: Path) -> None:
    blog(web, FIRST, SECOND)
    web[address(SECOND)] = oembed

    crawled(web, data_dir, PlatformSettings(control=(CONTROL,)))

    assert states(data_dir) == {FIRST: "gone", SECOND: "live"}


def test_a_reindex_comes_to_the_same(web: Web, data_dir: Path) -> None:
    blog(web, FIRST, SECOND)
    web[address(CONTROL)] = oembed
    crawled(web, data_dir)
    tables = {name: rows(data_dir, f"SELECT * FROM {name}") for name in ("statements", "posts", "answering_hosts")}

    reindex(data_dir)

    assert {name: rows(data_dir, f"SELECT * FROM {name}") for name in tables} == tables


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (FIREWALL, "answered 403 with a web page"),
        (reply("", status="402 Payment Required"), "answered 402"),
        (reply("<h1>no</h1>", status="404 Not Found"), 'says "not found"'),
        (reply('<form action="/login"><input type="password"></form>'), "with a login page"),
        (redirect("https://accounts.google.example/ServiceLogin"), "redirects to"),
        (redirect("https://consent.youtube.com/m?continue=x", "302 Found"), "login or consent page"),
        (reply("<title>Just a moment...</title>", status="503 Service Unavailable"), "answered 503"),
        (reply("<h1>520</h1>", status="520 Unknown"), "answered 520"),
        (reply("[]", "application/json"), "in a form that is not known"),
        (reply(""), "answered with nothing"),
    ],
)
def test_a_host_that_answers_everybody_alike_makes_no_post_gone_and_costs_one_note(
    web: Web, data_dir: Path, answer: bytes, words: str
) -> None:
    blog(web, FIRST, SECOND)
    for post_id in (FIRST, SECOND, CONTROL):
        web[address(post_id)] = answer

    report = crawled(web, data_dir)

    assert set(states(data_dir).values()) <= {"not_found"}
    (note,) = report.outcome.notes.values()
    assert words in note


def test_a_redirect_to_the_same_question_is_followed_and_each_hop_recorded(web: Web, data_dir: Path) -> None:
    blog(web, FIRST)
    host, path = address(FIRST)
    web[host, path] = redirect(f"https://m.youtube.com{path}")
    web["m.youtube.com", path] = oembed

    report = crawled(web, data_dir)

    assert states(data_dir) == {FIRST: "live"}
    assert report.outcome.notes == {}
    hops = [
        record.get("WARC-JSON-Metadata")
        for record in records(data_dir)
        if record.record_type == "response" and path in record.url
    ]
    assert [json.loads(hop or "")["asks"] for hop in hops] == [{"platform": "youtube", "door": "oembed", "post_id": FIRST}] * 2


def test_a_line_in_archiver_toml_mends_a_door(web: Web, data_dir: Path) -> None:
    blog(web, FIRST)
    web[address(FIRST)] = FIREWALL
    web["oembed.example", f"/y/{FIRST}"] = oembed
    door = DoorSettings(address="https://oembed.example/y/{id}")

    report = crawled(web, data_dir, PlatformSettings(doors={"oembed": door}))

    assert states(data_dir) == {FIRST: "live"}
    assert report.outcome.notes == {}
    (settings,) = rows(data_dir, "SELECT settings FROM crawls")
    assert json.loads(settings)["platforms"] == {"youtube": {"doors": {"oembed": {"address": "https://oembed.example/y/{id}"}}}}
    reindex(data_dir)
    assert states(data_dir) == {FIRST: "live"}  # which door was asked stands in the record


def test_of_several_addresses_the_next_is_tried_where_one_says_nothing(web: Web, data_dir: Path) -> None:
    blog(web, FIRST)
    web["one.example", f"/{FIRST}"] = FIREWALL
    web["two.example", f"/{FIRST}"] = oembed
    addresses = ("https://one.example/{id}", "https://two.example/{id}", "https://three.example/{id}")

    report = crawled(web, data_dir, PlatformSettings(doors={"oembed": DoorSettings(address=addresses)}))

    assert states(data_dir) == {FIRST: "live"}
    assert report.outcome.notes == {}
    assert not web.urls("three.example")


@pytest.mark.parametrize("others", [1, 0], ids=["another address", "none"])
def test_redirects_in_a_circle_are_told_and_the_next_address_is_tried(web: Web, data_dir: Path, others: int) -> None:
    blog(web, FIRST)
    addresses = tuple(f"https://{host}/oembed?url={{url}}" for host in ("www.youtube.com", "youtu.be")[: 1 + others])
    asked = f"/oembed?url=https%3A%2F%2Fwww.youtube.com%2Fwatch%3Fv%3D{FIRST}"
    web["www.youtube.com", asked] = redirect(f"https://youtube.com{asked}")
    web["youtube.com", asked] = redirect(f"https://www.youtube.com{asked}")
    web["youtu.be", asked] = oembed

    report = crawled(web, data_dir, PlatformSettings(doors={"oembed": DoorSettings(address=addresses)}))

    assert states(data_dir) == ({FIRST: "live"} if others else {})
    assert ["in a circle" in note for note in report.outcome.notes.values()] == ([] if others else [True])


def test_a_door_that_is_off_is_not_asked(web: Web, data_dir: Path) -> None:
    blog(web, FIRST)

    crawled(web, data_dir, PlatformSettings(doors={"oembed": DoorSettings(on=False)}))

    assert not [url for url in web.urls("www.youtube.com") if "oembed" in url]


def test_a_pace_counts_for_the_hosts_of_the_door() -> None:
    doors = Doors({"youtube": PlatformSettings(doors={"oembed": DoorSettings(pace=7)})})
    assert doors.paces()["www.youtube.com"] == 7
