"""The guard's list on every path: a web offers all of it in each form in which a crawl meets addresses, and nobody is called."""

import asyncio
import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

import archiver.crawling.subresources
import spiders.posts
from archiver.crawling.session import open_session
from archiver.errors import ConnectionFailed
from archiver.model.render import RenderTarget
from archiver.network import dialing
from archiver.network.connection import Connection
from archiver.tasks.crawl.crawl import CrawlReport, crawl
from archiver.urls import checked
from tests.support.crawling import plan_of, rows
from tests.support.hostile_addresses import HOSTS, NAMES, NOT_HTTP, name_server, urls
from tests.support.sockets import listening
from tests.support.webs import Web, page, redirect, reply, running_web, sitemap

BLOG = "blog.example"
SOCIAL = "social.example"
NUMBER = "111213356862010785"
FORMS = ("seed", "redirect", "feed", "next", "sitemap", "index", "picture", "reply")
"""The form in which an address is met; it stands in the address's path."""
UNHURRIED = 1 << 30  # answers that a host may owe: else it is left alone after a few, and its other addresses are not tried


@dataclass
class Called:
    """What was refused, and who was called all the same."""

    refused: dict[str, tuple[str, str]] = field(default_factory=dict)
    """URL -> class and reason of the failure that the index has."""
    dialled: set[tuple[str, int]] = field(default_factory=set)
    heard: list[str] = field(default_factory=list)
    report: CrawlReport | None = None

    def of(self, form: str) -> set[int]:
        """The numbers of the addresses that were refused in a form."""
        return {int(url.rpartition("/")[2]) for url in self.refused if f"/{form}/" in url}


@pytest.fixture(scope="module")
def monkey() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        name_server(patch)
        patch.setattr(spiders.posts, "SILENT_ANSWERS", UNHURRIED)
        patch.setattr(archiver.crawling.subresources, "SILENT_ANSWERS", UNHURRIED)
        yield patch


def feed_of(port: int) -> bytes:
    items = "".join(f"<item><link>{escaped(url)}</link></item>" for url in (*urls("feed", port), *NOT_HTTP))
    following = f'<link xmlns="http://www.w3.org/2005/Atom" rel="next" href="http://127.0.0.1:{port}/next/0"/>'
    return reply(f'<rss version="2.0"><channel>{following}{items}</channel></rss>', "application/rss+xml")


def sitemap_index(port: int) -> bytes:
    entries = "".join(f"<sitemap><loc>{escaped(url)}</loc></sitemap>" for url in urls("index", port))
    return reply(f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</sitemapindex>', "application/xml")


def escaped(url: str) -> str:
    return url.replace("\t", "&#9;").replace("\n", "&#10;").replace("<", "&lt;").replace('"', "&quot;")


def in_a_header(url: str) -> str:
    """ASCII on one line, as a Location is (RFC 9110, 5.5)."""
    return quote(re.sub(r"[\t\n]", "", url), safe=":/@[]%")


def status_of(port: int) -> bytes:
    """A Mastodon server's word on a post whose pictures lie at all these addresses."""
    pictures = [{"id": "1", "type": "image", "url": url, "preview_url": url} for url in urls("reply", port)]
    account = {"username": "lena", "acct": "lena", "display_name": "Lena"}
    said = {"id": NUMBER, "created_at": "2023-10-10T23:39:13.289Z", "content": "<p>x</p>", "account": account}
    return reply(json.dumps({**said, "media_attachments": pictures}), "application/json")


def page_of(port: int) -> bytes:
    """Its pictures, links, and all that a page may name as belonging to it."""
    pictures = "".join(f'<figure><img src="{escaped(url)}" alt="x"></figure>' for url in urls("picture", port))
    links = "".join(f'<a href="{escaped(url)}">x</a>' for url in urls("link", port))
    heads = "".join(
        f'<link rel="{relation}" type="{kind}" href="{escaped(url)}">'
        for relation, kind in (("canonical", ""), ("alternate", "application/json+oembed"), ("alternate", "application/rss+xml"))
        for url in urls("head", port)
    )
    post = f'<iframe class="mastodon-embed" src="https://{SOCIAL}/@lena/{NUMBER}/embed"></iframe>'
    asked = "".join(f'<iframe class="mastodon-embed" src="https://{host}/@lena/{NUMBER}/embed"></iframe>' for host in NAMES)
    return reply(f"<html><head><title>T</title>{heads}</head><body><article><p>Words</p>{pictures}{links}{post}{asked}")


def furnish(web: Web, port: int) -> list[str]:
    """Gives the seeds."""
    web[BLOG, "/feed.xml"] = feed_of(port)
    web[BLOG, "/sitemap.xml"] = sitemap(*map(escaped, (*urls("sitemap", port), *NOT_HTTP)))
    web[BLOG, "/index.xml"] = sitemap_index(port)
    web[BLOG, "/post/"] = page_of(port)
    web[SOCIAL, f"/api/v1/statuses/{NUMBER}"] = status_of(port)
    for number, url in enumerate(urls("redirect", port)):
        web[BLOG, f"/to/{number}"] = redirect(in_a_header(url))
    for number, url in enumerate(NOT_HTTP):
        web[BLOG, f"/away/{number}"] = redirect(url)
    hops = [*(f"/to/{number}" for number in range(len(HOSTS))), *(f"/away/{number}" for number in range(len(NOT_HTTP)))]
    return [f"https://{BLOG}{path}" for path in ("/feed.xml", "/sitemap.xml", "/index.xml", "/post/", *hops)]


def watched(monkey: pytest.MonkeyPatch, called: Called) -> None:
    """Notes whom the fetcher connects to."""
    really = dialing._open

    async def opened(address: str, port: int, *more: Any) -> Connection:
        called.dialled.add((address, port))
        if address != "127.0.0.1":
            raise ConnectionFailed(f"a test must not call {address}")
        return await really(address, port, *more)

    monkey.setattr(dialing, "_open", opened)


@pytest.fixture(scope="module")
def called(tmp_path_factory: pytest.TempPathFactory, monkey: pytest.MonkeyPatch) -> Called:
    """One crawl that meets them all, in every form."""
    folder, called = tmp_path_factory.mktemp("hostile"), Called()
    with running_web(folder) as web, listening() as ears, monkey.context() as patch:
        watched(patch, called)
        seeds = [*furnish(web, ears.tcp_port), *urls("seed", ears.tcp_port)]
        called.report = crawl(plan_of(web, folder / "archive", seeds, ignore_robots="a test", concurrency=32))
        called.dialled -= {("127.0.0.1", web.http_port), ("127.0.0.1", web.https_port)}
        called.heard = ears.heard()
    failures = rows(folder / "archive", "SELECT url, error, reason FROM failures")
    called.refused = {url: (error, reason) for url, error, reason in failures}
    return called


@pytest.mark.parametrize("form", FORMS)
def test_no_address_of_the_list_is_called_however_it_is_met(called: Called, form: str) -> None:
    assert called.of(form) == (set(range(len(HOSTS))) if form != "next" else {0})
    assert {error for url, (error, _) in called.refused.items() if f"/{form}/" in url} == {"AddressRefused"}


def test_nobody_was_called_and_nobody_heard_anything(called: Called) -> None:
    assert (called.dialled, called.heard) == (set(), [])


def test_platforms_that_run_anywhere_are_not_asked_at_names_that_lead_here(called: Called) -> None:
    asked = {url for url, (error, _) in called.refused.items() if "/api/v1/statuses/" in url and error == "AddressRefused"}
    assert {f"https://{host}/api/v1/statuses/{NUMBER}" for host in NAMES if not host.endswith(".nip.example")} <= asked


def test_each_refusal_names_the_host_and_what_lets_it_through(called: Called) -> None:
    for url, (error, reason) in called.refused.items():
        if error == "AddressRefused":
            assert (urlsplit(url).hostname or "") in reason and reason.endswith("--allow-private lets it through"), url


def test_what_is_no_web_address_is_not_asked_for_and_fails_nothing(called: Called) -> None:
    others = {url: error for url, (error, _) in called.refused.items() if error != "AddressRefused"}
    assert set(others.values()) <= {"BadUrl"} and set(others) <= set(NOT_HTTP)
    assert called.report is not None and called.report.outcome.trouble is None


def test_a_robots_txt_and_what_it_names_lead_nowhere_either(web: Web, data_dir: Path, monkey: pytest.MonkeyPatch) -> None:
    """Robots are obeyed here: before a page its host's robots.txt is asked for, and that is refused by the same guard."""
    called = Called()
    with listening() as ears, monkey.context() as patch:
        watched(patch, called)
        lines = "".join(f"Sitemap: {url}\n" for url in urls("sitemap", ears.tcp_port) if "\n" not in url)
        web[BLOG, "/robots.txt"] = reply(f"User-agent: *\nDisallow:\n{lines}", "text/plain")
        web[BLOG, "/"] = page("A site")
        web["moved.example", "/robots.txt"] = redirect(f"http://127.0.0.1:{ears.tcp_port}/robots.txt")
        web["moved.example", "/post/"] = page("A post")
        seeds = [f"https://{BLOG}/", "https://moved.example/post/", *urls("seed", ears.tcp_port)]
        report = crawl(plan_of(web, data_dir, seeds, concurrency=32))
        heard = ears.heard()
        called.dialled -= {("127.0.0.1", web.http_port), ("127.0.0.1", web.https_port)}
    assert (called.dialled, heard) == (set(), [])
    failed = {url for url, _ in report.outcome.failed}
    assert {checked(url) for url in urls("seed", ears.tcp_port)} <= failed
    refused = set(rows(data_dir, "SELECT url FROM failures WHERE error = 'AddressRefused'"))
    assert {f"{url.rpartition('/seed/')[0]}/robots.txt" for url in failed if "/seed/" in url} <= refused


def test_a_browser_reaches_none_of_them(web: Web, data_dir: Path, monkey: pytest.MonkeyPatch) -> None:
    """As pictures, frames and what scripts ask for, and where its own addresses redirect to."""
    called = Called()

    async def draw(port: int) -> None:
        session = open_session(plan_of(web, data_dir, (), screenshots="pages", render_time=30))
        assert session.rendering is not None
        try:
            await session.rendering.render(RenderTarget(f"http://{BLOG}/drawn/"), str(uuid.uuid4()))
        finally:
            await session.close()

    with listening() as ears, monkey.context() as patch:
        watched(patch, called)
        pictures = "".join(f'<img src="{escaped(url)}">' for url in urls("image", ears.tcp_port))
        frames = "".join(f'<iframe src="{escaped(url)}"></iframe>' for url in urls("frame", ears.tcp_port)[::8])
        hops = "".join(f'<img src="/hop/{number}">' for number in range(len(HOSTS)))
        script = f"for (const url of {json.dumps(urls('script', ears.tcp_port))}) fetch(url, {{mode: 'no-cors'}}).catch(() => 0)"
        web[BLOG, "/drawn/"] = reply(f"<title>T</title><h1>Words</h1>{pictures}{frames}{hops}<script>{script}</script>")
        for number, url in enumerate(urls("hopped", ears.tcp_port)):
            web[BLOG, f"/hop/{number}"] = redirect(in_a_header(url), "302 Found")
        asyncio.run(draw(ears.tcp_port))
        heard = ears.heard()
        called.dialled -= {("127.0.0.1", web.http_port), ("127.0.0.1", web.https_port)}
    assert (called.dialled, heard) == (set(), [])
    called.refused = {url: (error, "") for url, error in rows(data_dir, "SELECT url, error FROM failures")}
    assert {error for error, _ in called.refused.values()} == {"AddressRefused"}
    for form, least in (("image", 70), ("script", 70), ("hopped", 60), ("frame", 8)):  # some no browser takes for addresses
        assert len(called.of(form)) >= least, form
