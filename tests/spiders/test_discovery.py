"""What is wished for after a capture where a run before was killed between a question and what follows from its answer."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from archiver.config.settings import HostSettings
from archiver.crawling.robots import Robots
from archiver.crawling.session import CrawlPlan
from archiver.model.findings import Embed, EmbedFindings, Findings, Page, PostRef, PostState
from archiver.platforms import media_urls_of
from archiver.platforms.doors import Doors
from archiver.storage.index.crawl_queries import CrawlIndex
from archiver.storage.index.database import open_index_to_read
from spiders.crawl_request import CrawlRequest, RequestKind
from spiders.discovery import mark_third_party, requests_after, requests_for_post
from spiders.robots import RobotsGate
from spiders.scope import scope_of
from tests.spiders.frontiers import Runs, taken
from tests.support.drawn import ORIGINAL, PAGE_URL, PICTURE, POST, RECORD_BYTES, SMALL, WARC, Made, made_in, picture_of, tweet

QUESTIONS = {request.url for request in requests_for_post(POST, Doors())}
FALLBACKS = {url for request in requests_for_post(POST, Doors()) for url in request.fallbacks}


@pytest.fixture
def made(data_dir: Path) -> Iterator[Made]:
    with made_in(data_dir) as opened:
        yield opened


def wanted(data_dir: Path, made: Made, embed: Embed | None = None) -> set[str]:
    """After the page that embeds the post was captured once more."""
    made.index.reached(WARC, None, (made.number + 1) * RECORD_BYTES)
    made.index.commit()
    database = open_index_to_read(data_dir / "index.db")
    try:
        findings = Findings(page=Page(PAGE_URL), embeds=EmbedFindings((embed or tweet(),)))
        scope = scope_of(CrawlPlan(data_dir, (PAGE_URL,), "page"))
        request, crawl_index = CrawlRequest(PAGE_URL, RequestKind.PAGE), CrawlIndex(database)
        return {each.url for each in requests_after(request, findings, scope, crawl_index, Doors())}
    finally:
        database.close()


def asked(made: Made, *, but: int = 0) -> None:
    """Its platform answered all questions about the post, `but` for so many."""
    made.says(PostState.LIVE, text="They forgot their tanks", media=picture_of())
    for url in sorted(QUESTIONS)[but:]:
        made.no_picture(url, 404)
    for url in FALLBACKS:
        made.no_picture(url, 404)


def test_pictures_of_a_post_whose_platform_was_asked_before_a_kill_were_never_fetched(data_dir: Path, made: Made) -> None:
    """Their wishes were lost with state.db, and the post was held, so nobody looked at what it shows."""
    asked(made)

    assert wanted(data_dir, made) == {ORIGINAL}


@pytest.mark.parametrize(
    ("kind", "url", "by", "goes"),
    [
        (RequestKind.MEDIA, "https://members.example/a.png", "https://members.example/", True),
        (RequestKind.MEDIA, "https://img.members.example/a.png", "https://members.example/", True),  # one cookie file: one site
        (RequestKind.MEDIA, "https://members.example/a.png", "https://evil.example/", False),
        (RequestKind.MEDIA, "https://members.example/a.png", "https://club.example/", False),  # has cookies of its own
        (RequestKind.SITEMAP, "https://members.example/x.xml", "https://evil.example/", False),
        (RequestKind.FEED, "https://members.example/x.xml", "https://evil.example/", False),
        (RequestKind.PAGE, "https://members.example/post/", "https://evil.example/", True),
        (RequestKind.ASK, "https://members.example/api/v1/statuses/1", "https://evil.example/", True),
        (RequestKind.LINK, "https://members.example/s/1", "https://members.example/", False),
        (RequestKind.ROBOTS, "https://members.example/robots.txt", "https://members.example/", False),
    ],
)
def test_the_users_cookies_go_with_pages_and_with_what_their_own_site_names(
    kind: RequestKind, url: str, by: str, goes: bool
) -> None:
    members, club = HostSettings(cookies=Path("/members.txt")), HostSettings(cookies=Path("/club.txt"))
    hosts = {"members.example": members, ".members.example": members, "club.example": club}
    [request] = mark_third_party([CrawlRequest(url, kind)], CrawlRequest(by, RequestKind.PAGE), hosts)
    assert request.purpose.with_cookies is goes
    assert (
        request.key == CrawlRequest(url, kind).key
    ) is not request.third_party  # else whoever names it first could keep them from it


def test_a_sitemap_that_another_sites_robots_txt_names_is_asked_for_without_them(data_dir: Path, runs: Runs) -> None:
    seeds = ("https://evil.example/", "https://members.example/")
    frontier = runs()
    hosts = {"members.example": HostSettings(cookies=Path("/members.txt"))}
    gate = RobotsGate(Robots("us"), frontier, scope_of(CrawlPlan(data_dir, seeds, "site")), None, hosts)
    for seed in seeds:
        gate.apply(CrawlRequest(f"{seed}robots.txt", RequestKind.ROBOTS), 200, b"Sitemap: https://members.example/map.xml")
    assert [taken(frontier)[1].third_party for _ in seeds] == [True, False]


def test_what_is_redirected_by_another_host_stays_without_cookies_also_on_the_way_back() -> None:
    hosts = {"members.example": HostSettings(cookies=Path("/members.txt"))}
    hop = CrawlRequest("https://evil.example/2", RequestKind.ASK, via=("https://evil.example/1",))
    [there] = mark_third_party([replace(hop, url="https://members.example/delete")], hop, hosts)
    [on] = mark_third_party([replace(there, url="https://members.example/more")], there, hosts)
    assert (there.third_party, on.third_party) == (True, True)


def test_a_picture_that_is_held_or_not_there_is_not_wanted_again(data_dir: Path, made: Made) -> None:
    asked(made)
    made.no_picture(media_urls_of(PICTURE)[-1], 404)

    assert wanted(data_dir, made) == set()
    made.picture(SMALL)
    assert wanted(data_dir, made) == set()


def test_of_two_questions_about_a_post_the_second_was_never_asked_after_a_kill_between_them(data_dir: Path, made: Made) -> None:
    """What the first one told made the post complete."""
    asked(made, but=1)
    made.picture(ORIGINAL)

    assert wanted(data_dir, made) == {sorted(QUESTIONS)[0]}


def test_a_post_that_is_known_by_a_short_link_alone_had_no_pictures_after_a_kill(data_dir: Path, made: Made) -> None:
    """Its code stood in a page as text, and where that leads was known: its platform had told of it, and nothing was fetched."""
    asked(made)
    made.says(PostState.LIVE, short_links=("https://t.co/uOWxLTTvGP",), media=picture_of())
    made.no_picture("https://t.co/uOWxLTTvGP", 301)

    assert wanted(data_dir, made, tweet(post_id=None, short_links=("https://t.co/uOWxLTTvGP",))) == {ORIGINAL}


def test_a_post_that_is_quoted_is_asked_for_where_nobody_did(data_dir: Path, made: Made) -> None:
    quoted = PostRef("twitter", "20")
    asked(made)
    made.says(PostState.LIVE, quotes=quoted)
    made.picture(ORIGINAL)

    assert wanted(data_dir, made) == {request.url for request in requests_for_post(quoted, Doors())}


def test_a_question_whose_first_address_said_nothing_goes_on_at_the_next_after_a_kill(data_dir: Path, made: Made) -> None:
    made.says(PostState.LIVE, text="They forgot their tanks")
    for url in QUESTIONS:
        made.no_picture(url, 403)

    assert wanted(data_dir, made) == FALLBACKS
