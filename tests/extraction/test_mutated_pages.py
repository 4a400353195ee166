"""Damaged pages, replies and addresses: nothing raises, and what is found in them is consistent."""

import json
import os
from dataclasses import asdict
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver.errors import BadUrl
from archiver.extraction.record import extract
from archiver.model.exchange import CapturedResponse, PostQuestion, ResourceType
from archiver.model.findings import Embed, EmbedFindings, ExtractedPage, Findings, PostLink, PostRef
from archiver.platforms import PLATFORMS, media_key_of, platform_named, post_of_url, short_link_of
from archiver.platforms.answers import read_answer
from archiver.platforms.base import Platform
from archiver.tasks.extract.jobs import GivenPage
from archiver.tasks.extract.page import extracted
from archiver.urls import checked
from archiver.wire.http1 import parse_head
from archiver.wire.spool import Spool
from tests.extraction.mutations import EXAMPLES, addresses, nested, page_bytes, pages, replies

NOON = datetime(2022, 9, 12, 12, tzinfo=UTC)
# The same examples each time, and few of them, unless more are asked for: `ARCHIVER_FUZZ_EXAMPLES=20000 pytest …`.
ASKED = os.environ.get("ARCHIVER_FUZZ_EXAMPLES")
MANY = int(ASKED or 200)
CONTENT_TYPES = (
    *(
        "text/html",
        "text/html; charset=utf-8",
        "text/html; charset=windows-1251",
        "text/html; charset=undefined",
        "text/html; charset=utf-16",
    ),
    *("application/xhtml+xml", "", "application/rss+xml", "application/atom+xml", "text/xml", "image/jpeg", "application/json"),
)


def fuzzed(share: float = 1.0) -> settings:
    slow = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)
    return settings(max_examples=max(1, int(MANY * share)), derandomize=ASKED is None, deadline=None, suppress_health_check=slow)


def captured(
    body: bytes, content_type: str, status: int = 200, url: str = "https://blog.example/a/", location: str = ""
) -> Findings:
    lines = [f"HTTP/1.1 {status} OK", f"Content-Type: {content_type}", *([f"Location: {location}"] if location else [])]
    head = parse_head("\r\n".join((*lines, "", "")).encode("utf-8", "replace"))
    return extract(CapturedResponse(url, NOON, head, Spool(body), ResourceType.DOCUMENT))


def assert_sound(findings: Findings) -> None:
    assert findings.unreadable is None
    json.dumps(asdict(findings), ensure_ascii=False).encode("utf-8")
    for url in findings.links:
        assert checked(url)
    for statement in findings.statements:
        assert_names_a_post(statement.platform, statement.post_id)
    if findings.page is not None:
        for url in (*findings.page.links, *findings.page.feeds, *(picture.url for picture in findings.page.pictures)):
            assert checked(url) == url
    if findings.embeds is not None:
        assert_consistent(findings.embeds)


def assert_consistent(found: EmbedFindings) -> None:
    assert [embed.position for embed in found.embeds] == list(range(1, len(found.embeds) + 1))
    for embed in found.embeds:
        assert platform_named(embed.platform) is not None
        assert (embed.post_id is None) == (embed.url is None)
        if embed.post_id is not None:
            assert_leads_back(embed)
    embedded = {(embed.platform, embed.post_id) for embed in found.embeds}
    for link in found.links:
        assert_leads_back(link)
        assert (link.platform, link.post_id) not in embedded
    assert len(set(found.links)) == len(found.links)
    assert all(short_link_of(short_link) for short_link in found.short_links)
    assert all(checked(url) for url in found.media)


def assert_leads_back(one: Embed | PostLink) -> None:
    assert one.post_id is not None and one.url is not None
    assert_names_a_post(one.platform, one.post_id)
    platform = platform_named(one.platform)
    assert platform is not None and one.url == platform.canonical_url(one.post_id)


def assert_names_a_post(name: str, post_id: str) -> None:
    platform = platform_named(name)
    assert platform is not None
    url = platform.canonical_url(post_id)
    assert checked(url)
    known = post_of_url(url)
    assert known == PostRef(name, post_id) or (known is None and platform.last_resort)  # of which no URL tells


@fuzzed()
@given(pages())
def test_a_damaged_page_is_read(page: str) -> None:
    body = page.encode("utf-8", "surrogatepass")

    assert_sound(captured(body, "text/html; charset=utf-8"))


@fuzzed(0.5)
@given(page_bytes(), st.sampled_from(CONTENT_TYPES), st.sampled_from((200, 200, 200, 404, 301)), addresses())
def test_damaged_bytes_under_any_name_are_read(body: bytes, content_type: str, status: int, location: str) -> None:
    assert_sound(captured(body, content_type, status, location=location.replace("\r", "").replace("\n", "")))


@fuzzed(0.5)
@given(page_bytes())
def test_a_damaged_file_is_extracted_and_printed_as_json(body: bytes) -> None:
    found = extracted(GivenPage("a.html", body, NOON))

    assert isinstance(found, ExtractedPage)
    json.dumps(found.to_json(), ensure_ascii=False).encode("utf-8")
    assert_consistent(found)


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_cut_anywhere_is_read(example: str) -> None:
    """Connections break off; at every thirteenth place, so that it ends quickly."""
    for end in range(0, len(example), 13):
        assert_sound(captured(example[:end].encode(), "text/html; charset=utf-8"))


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: platform.name)
def test_an_embed_that_is_nested_hundreds_of_times_is_read(platform: Platform) -> None:
    """Code that looks at all within each box would look at every word 200 times."""
    example = platform.examples[0]
    findings = captured(nested(example.html).encode(), "text/html; charset=utf-8")

    assert_sound(findings)
    assert findings.embeds is not None
    assert {(platform.name, post) for post in example.posts} <= {(one.platform, one.post_id) for one in findings.embeds.embeds}


@fuzzed()
@given(addresses())
def test_an_address_of_any_kind_names_one_post_or_none(url: str) -> None:
    media_key_of(url).encode("utf-8", "surrogatepass")
    short_link_of(url)
    for platform in PLATFORMS:
        platform.short_link(url), platform.media_key(url)
        for medium in platform.media_urls(url):
            assert fetchable(medium)
        if (post_id := platform.parse_url(url)) is not None:
            post_id.encode("utf-8")
            assert platform.parse_url(platform.canonical_url(post_id)) == post_id
    if (post := post_of_url(url)) is not None:
        assert_names_a_post(post.platform, post.post_id)


def fetchable(url: str) -> bool:
    try:
        return bool(checked(url))
    except BadUrl:
        return False


ASKED_OF = list(
    dict.fromkeys(
        (platform, post, request.door, request.url)
        for platform in PLATFORMS
        for example in platform.examples
        for post in example.posts
        if post is not None
        for request in platform.requests_about(post)
    )
)
"""Platform, post, door and URL."""


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: platform.name)
def test_a_platform_reads_its_own_replies_only(platform: Platform) -> None:
    """Also those whose posts are on any host: they know their own software's endpoints, and no other's. The page of a post may be
    one like any other: some platforms read it only where a crawl asked for it."""
    assert [(other.name, url) for other, _, _, url in ASKED_OF if other is not platform and platform.is_reply(url)] == []
    own = [(door, url) for other, _, door, url in ASKED_OF if other is platform and door != "page"]
    assert [url for _, url in own if not platform.is_reply(url)] == []


@fuzzed()
@given(
    st.sampled_from(ASKED_OF),
    replies(),
    st.sampled_from((200, 200, 200, 200, 301, 302, 401, 403, 404, 410, 429, 500, 503, 999)),
    st.one_of(st.none(), addresses()),
)
def test_a_damaged_reply_is_read(asked: tuple[Platform, str, str, str], body: bytes, status: int, location: str | None) -> None:
    platform, post, door, url = asked
    findings = read_answer(platform, PostQuestion(platform.name, door, post), url, status, location, body)

    assert findings is not None
    assert_sound(findings)


@fuzzed(0.5)
@given(addresses(), replies(), st.sampled_from((200, 301, 404)), st.one_of(st.none(), addresses()))
def test_a_reply_under_a_damaged_address_is_read(url: str, body: bytes, status: int, location: str | None) -> None:
    for platform in PLATFORMS:
        findings = platform.read_reply(url, status, location, body)
        assert findings is not None or not platform.is_reply(url)
        if findings is not None:
            assert_sound(findings)
