"""Snapchat, Loops and Parler: the forms of their addresses, what is no post there, and what their replies say."""

import json
from typing import Any

import pytest

from archiver.extraction.embeds import find_embeds
from archiver.html.document import Document
from archiver.model.findings import Embed, Findings, MediaKind, PostRef, PostState, Source
from archiver.platforms import platform_named, platform_of_reply, post_of_url
from tests.support.odd_values import ODD_VALUES

SPOTLIGHT = "W7_EDlXWTBiXAEEniNoMPwAAYYWtidGhudGZpAX1TKn0JAX1TKnXJAAAAAA"  # as yt-dlp's tests have one
SPOTLIGHT_URL = f"https://www.snapchat.com/spotlight/{SPOTLIGHT}"
LENS = "1d4141109bda4a8ea049b457074b4af9"
STORY = "a4350e19-bb91-44e1-8758-49e4021db3c5"
LOOP_URL = "https://loops.video/v/60Sa-5oVYT"
PARLER_POST = "01kvqsje5b1fhwcv7s02hfx16k"
PARLER_URL = f"https://app.parler.com/oembed?url=https%3A%2F%2Fapp.parler.com%2Fpost%2F{PARLER_POST}"


def read(url: str, status: int, body: object, location: str | None = None) -> Findings:
    platform = platform_of_reply(url)
    assert platform is not None
    findings = platform.read_reply(url, status, location, body if isinstance(body, bytes) else json.dumps(body).encode())
    assert findings is not None
    return findings


def embeds_in(markup: str) -> tuple[Embed, ...]:
    return find_embeds(
        Document("https://blog.example/a", f"<html><body><p>Before.</p>{markup}<p>After.</p></body></html>")
    ).embeds


@pytest.mark.parametrize(
    ("url", "post_id"),
    [
        (SPOTLIGHT_URL, f"snapchat spotlight/{SPOTLIGHT}"),
        (f"https://snapchat.com/@quaylog/spotlight/{SPOTLIGHT}?share_id=1", f"snapchat spotlight/{SPOTLIGHT}"),
        (f"https://www.snapchat.com/embed/spotlight/{SPOTLIGHT}", f"snapchat spotlight/{SPOTLIGHT}"),
        (f"https://www.snapchat.com/spotlight/{SPOTLIGHT}/embed", f"snapchat spotlight/{SPOTLIGHT}"),
        (f"https://www.snapchat.com/lens/{LENS}/embed", f"snapchat lens/{LENS}"),
        (f"https://www.snapchat.com/unlock/?type=SNAPCODE&uuid={LENS}&metadata=01", f"snapchat lens/{LENS}"),
        (f"https://www.snapchat.com/@Quaylog/highlight/{STORY}", f"snapchat add/quaylog/highlight/{STORY}"),
        (f"https://story.snapchat.com/p/{STORY}/2599453165191168", f"snapchat p/{STORY}/2599453165191168"),
        ("https://www.loops.video/v/60Sa-5oVYT?t=4", "loops 60Sa-5oVYT"),
        ("https://loops.video/embed/60Sa-5oVYT", "loops 60Sa-5oVYT"),
        (f"https://app.parler.com/post/{PARLER_POST}", f"parler {PARLER_POST}"),
        ("https://app.parler.com/b/01kvv92fk5xzn20azxg0z297cf?x", "parler b/01kvv92fk5xzn20azxg0z297cf"),
    ],
)
def test_a_url_of_any_form_names_its_post(url: str, post_id: str) -> None:
    assert post_of_url(url) == PostRef(*post_id.split(" "))


@pytest.mark.parametrize(
    "url",
    [
        "https://www.snapchat.com/add/quaylog/embed",
        "https://www.snapchat.com/@quaylog",
        "https://www.snapchat.com/spotlight/trending",
        "https://map.snapchat.com/embed/@47.37,8.54,12.63z",
        "https://www.snapchat.com/scan?attachmentUrl=https%3A%2F%2Fblog.example",
        "https://www.snapchat.com/lens/not-a-lens",
        "https://loops.video/@quaylog",
        "https://loops.video/v/60Sa-5oVYT-and-something-more",
        "https://elsewhere.example/v/60Sa-5oVYT",
        "https://app.parler.com/quaylog",
        "https://parler.com/post/8c1c6a0b3f4e4d0e9b0b1a2c3d4e5f60",  # of the network of 2018 to 2021
    ],
)
def test_other_addresses_are_no_posts(url: str) -> None:
    assert post_of_url(url) is None


def test_a_snapchat_box_has_a_title_and_whose_it_is() -> None:
    (embed,) = embeds_in(
        f'<blockquote class="snapchat-embed" data-snapchat-embed-url="https://www.snapchat.com/add/quaylog/highlight/{STORY}/embed"'
        ' data-snapchat-embed-title="Nine ropes"><div>View more on Snapchat</div></blockquote>'
    )

    assert (embed.post_id, embed.author, embed.text) == (f"add/quaylog/highlight/{STORY}", "quaylog", "Nine ropes")


def test_a_short_link_of_snapchat_leads_to_a_post() -> None:
    findings = read("https://t.snapchat.com/Ab12Cd34", 302, b"", SPOTLIGHT_URL)

    assert [one.post.post_id for one in findings.aliases] == [f"spotlight/{SPOTLIGHT}"]


# --- replies -------------------------------------------------------------------------------------------------

VIDEO: dict[str, Any] = {
    "name": "Spotlight Snap",
    "uploadDateMs": "1722720291307",
    "contentUrl": "https://cf-st.sc-cdn.net/d/a.27.IRZXSOY",
    "thumbnailUrl": "https://cf-st.sc-cdn.net/i/a.256.IRZXSOY",
    "width": "540",
    "height": "960",
    "creator": {"personCreator": {"username": "quaylog", "name": "Quay log", "url": "https://www.snapchat.com/add/quaylog"}},
}


def spotlight_page(*stories: object) -> bytes:
    props = {"props": {"pageProps": {"spotlightFeed": {"spotlightStories": list(stories)}}}}
    return f'<html><body><script id="__NEXT_DATA__" type="application/json">{json.dumps(props)}</script></body></html>'.encode()


def story(video: object, number: object = SPOTLIGHT, description: object = "Nine ropes #quay") -> dict[str, object]:
    return {"story": {"storyId": {"value": number}}, "metadata": {"videoMetadata": video, "description": description}}


def test_the_page_of_a_spotlight_tells_its_own_video_among_others() -> None:
    (stated,) = read(SPOTLIGHT_URL, 200, spotlight_page(story(VIDEO, "W7_other"), story(VIDEO))).statements

    assert (stated.post_id, stated.source, stated.state) == (f"spotlight/{SPOTLIGHT}", Source.EMBED_PAGE, PostState.LIVE)
    assert (stated.author, stated.author_name, stated.text) == ("quaylog", "Quay log", "Nine ropes #quay")
    assert (stated.posted_at, [one.kind for one in stated.media]) == ("2024-08-03T21:24:51Z", [MediaKind.VIDEO, MediaKind.POSTER])
    assert stated.media[0].width == 540


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, b"<h1>Not found</h1>"),
        (200, b"<html>an application</html>"),
        (200, spotlight_page()),
        (200, spotlight_page(story(VIDEO, "W7_other"))),
        (200, b'<script id="__NEXT_DATA__">' + b"[" * 100_000 + b"</script>"),
        (302, b""),
    ],
)
def test_a_page_of_something_else_says_nothing(status: int, body: bytes) -> None:
    assert read(SPOTLIGHT_URL, status, body) == Findings()


def test_the_page_of_a_loop_says_in_its_head_what_it_shows() -> None:
    head = (
        '<meta property="article:author" content="https://loops.video/@quaylog"><meta property="og:url" content="https://loops.video/'
        'v/60Sa-5oVYT"><meta property="og:description" content="Nine ropes • 4 likes · 1 comments"><meta property="og:image" '
        'content="https://loopsusercontent.com/videos/1/a.jpg"><meta property="og:video" content="https://loopsusercontent.com/'
        'videos/1/a.720p.mp4"><meta property="video:release_date" content="2025-11-10T10:00:00+00:00">'
    )
    (stated,) = read(LOOP_URL, 200, f"<html><head>{head}</head></html>".encode()).statements

    assert (stated.post_id, stated.author, stated.text) == ("60Sa-5oVYT", "quaylog", "Nine ropes")
    assert (stated.posted_at, [one.kind for one in stated.media]) == ("2025-11-10T10:00:00Z", [MediaKind.VIDEO, MediaKind.POSTER])
    assert read(LOOP_URL, 200, f"<html><head>{head.replace('60Sa', '61Sa')}</head></html>".encode()) == Findings()
    assert read(LOOP_URL, 200, b"<html><title>Loops</title></html>") == Findings()


def test_parlers_oembed_is_read_as_others_are() -> None:
    (stated,) = read(
        PARLER_URL, 200, {"type": "rich", "title": "Nine ropes", "author_name": "Mira K", "html": "<iframe>"}
    ).statements

    assert (stated.post_id, stated.state, stated.text, stated.author_name) == (
        PARLER_POST,
        PostState.LIVE,
        "Nine ropes",
        "Mira K",
    )
    parler = platform_named("parler")
    assert parler is not None and (parler.posted_at(PARLER_POST) or "")[:10] == "2026-06-22"


@pytest.mark.parametrize("odd", ODD_VALUES, ids=range(len(ODD_VALUES)))
@pytest.mark.parametrize("key", sorted(VIDEO))
def test_values_of_any_type_are_nothing_and_no_error(key: str, odd: object) -> None:
    read(SPOTLIGHT_URL, 200, spotlight_page(odd, story(odd), story({**VIDEO, key: odd}, SPOTLIGHT, odd), story(VIDEO, odd)))
    read(PARLER_URL, 200, {"title": odd, "author_url": odd, "thumbnail_url": odd, "url": odd, "type": odd})
