"""Posts' own pages, which tell when a post was made where no other reply does: doors that are off until they are switched on."""

import json

import pytest

from archiver.config.settings import DoorSettings, PlatformSettings
from archiver.model.exchange import PostQuestion
from archiver.model.findings import Findings, MediaKind, PostRef, PostState, Source, Statement
from archiver.platforms import platform_named
from archiver.platforms.answers import read_answer
from archiver.platforms.doors import Doors

POSTS = {"youtube": "mB7_qLx2Zt4", "soundcloud": "mira/rye-song"}
PAGES = {"youtube": "https://www.youtube.com/watch?v=mB7_qLx2Zt4", "soundcloud": "https://soundcloud.com/mira/rye-song"}
# (id, the address that is asked, the page's own): their addresses are pages to a crawl that did not ask about a post.
OTHERS = {
    "flickr": (
        "51234567890",
        "https://www.flickr.com/photo.gne?id=51234567890",
        "https://www.flickr.com/photos/mira_k/51234567890/",
    ),
    "tumblr": (
        "mira-bakes/712345678901",
        "https://mira-bakes.tumblr.com/post/712345678901",
        "https://mira-bakes.tumblr.com/post/712345678901/rye",
    ),
    "imgur": ("Ab3dE7g", "https://imgur.com/Ab3dE7g", "https://imgur.com/Ab3dE7g"),
    "framed": (
        "applepodcast/id1234567890?i=1000123456789",
        "https://podcasts.apple.com/us/podcast/id1234567890?i=1000123456789",
        "https://podcasts.apple.com/us/podcast/rye/id1234567890?i=1000123456789",
    ),
    "oembed": ("blog.example/2020/a-post", "https://blog.example/2020/a-post", "https://www.blog.example/2020/a-post/"),
}
MICRODATA = (
    '<div itemscope itemtype="http://schema.org/VideoObject"><span itemprop="author" itemscope>'
    '<link itemprop="name" content="Mira B."></span><meta itemprop="datePublished" content="2017-05-25T13:00:00-07:00"></div>'
)
NOSCRIPT = "<noscript><article>published on <time pubdate>2017-05-25T20:00:00Z</time></article></noscript>"
JSON_LD = '<script type="application/ld+json">{"@graph": [7, {"datePublished": "2017-05-25T20:00:00Z"}]}</script>'


def answer(name: str, body: str, status: int = 200) -> Findings:
    platform = platform_named(name)
    assert platform is not None and platform.is_reply(PAGES[name])
    question = PostQuestion(name, "page", POSTS[name])
    found = read_answer(platform, question, PAGES[name], status, None, body.encode())
    assert found is not None
    return found


def head(name: str) -> str:
    return f'<html><head><meta property="og:url" content="{PAGES[name]}"><meta property="og:title" content="Bees"></head>'


@pytest.mark.parametrize("name", POSTS)
@pytest.mark.parametrize("markup", [MICRODATA, NOSCRIPT, JSON_LD])
def test_a_page_tells_when_a_post_was_made(name: str, markup: str) -> None:
    (stated,) = answer(name, f"{head(name)}<body>{markup}</body></html>").statements

    assert (stated.source, stated.state, stated.text) == (Source.EMBED_PAGE, PostState.LIVE, "Bees")
    assert stated.posted_at == "2017-05-25T20:00:00Z"
    assert stated.author_name == ("Mira B." if markup == MICRODATA else None)


@pytest.mark.parametrize("name", POSTS)
@pytest.mark.parametrize(
    "body",
    [
        MICRODATA,
        '<meta property="og:url" content="https://www.youtube.com/"><meta property="og:title" content="YouTube">' + MICRODATA,
        "<div>" * 20_000 + JSON_LD,
        '<script type="application/ld+json">' + "[" * 50_000,
        "<noscript>" * 5_000,
    ],
)
def test_a_page_that_is_not_the_posts_own_says_nothing(name: str, body: str) -> None:
    found = answer(name, body)

    assert found.statements == ()
    assert found.refusal


@pytest.mark.parametrize("name", POSTS)
def test_odd_times_are_none(name: str) -> None:
    json_ld = JSON_LD.replace('"2017-05-25T20:00:00Z"', "[1]")
    for odd in ('<meta itemprop="datePublished" content="soon">', "<time pubdate>x</time>", json_ld):
        (stated,) = answer(name, head(name) + odd).statements
        assert stated.posted_at is None


@pytest.mark.parametrize("name", POSTS)
def test_it_is_asked_only_where_it_is_switched_on(name: str) -> None:
    ref = PostRef(name, POSTS[name])
    on = Doors({name: PlatformSettings(doors={"page": DoorSettings(on=True)})})

    assert PAGES[name] not in [request.url for request in Doors().requests_about(ref)]
    assert PAGES[name] in [request.url for request in on.requests_about(ref)]


# --- of those whose addresses a crawl may meet as pages as well ----------------------------------------------


def other_answer(name: str, body: str, status: int = 200, url: str | None = None) -> Findings:
    post_id, _, own = OTHERS[name]
    platform = platform_named(name)
    assert platform is not None and not platform.is_reply(own)
    found = read_answer(platform, PostQuestion(name, "page", post_id), url or own, status, None, body.encode())
    assert found is not None
    return found


def other_page(name: str, markup: str, title: str = "Rye &amp; wheat", address: str | None = None) -> str:
    own = address or OTHERS[name][2]
    return (
        f'<html><head><link rel="canonical" href="{own}"><meta property="og:title" content="{title}">'
        f'<meta property="og:image" content="https://i.imgur.com/Ab3dE7gh.jpg?fb"></head><body>{markup}</body></html>'
    )


def json_ld(**fields: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(fields)}</script>'


def the_one(findings: Findings) -> Statement:
    (stated,) = findings.statements
    return stated


@pytest.mark.parametrize("name", OTHERS)
def test_a_page_has_what_its_json_ld_says(name: str) -> None:
    post = {"@type": ["BlogPosting"], "headline": "Rye &amp; wheat", "datePublished": "2017-05-25T13:00:00-07:00"}
    listed = [{"@type": "Organization", "name": "Bakery", "datePublished": "1999"}, {**post, "author": [{"name": "Mira B."}]}]
    for markup in (json_ld(**post, author="Mira B."), f'<script type="application/ld+json">{json.dumps(listed)}</script>'):
        stated = the_one(other_answer(name, other_page(name, markup)))

        assert (stated.source, stated.state) == (Source.EMBED_PAGE, PostState.LIVE)
        assert (stated.post_id, stated.text, stated.author_name) == (OTHERS[name][0], "Rye & wheat", "Mira B.")
        assert stated.posted_at == "2017-05-25T20:00:00Z"


@pytest.mark.parametrize("name", OTHERS)
def test_a_page_that_names_another_post_says_nothing(name: str) -> None:
    markup = json_ld(name="Rye", datePublished="2017-05-25T20:00:00Z")
    other = (
        OTHERS[name][2].replace("Ab3dE7g", "Zy9x8W7").replace("567890", "567891").replace("8901", "8902").replace("789", "780")
    )

    for address in (other.replace("a-post", "b-post"), "https://consent.example/"):
        found = other_answer(name, other_page(name, markup, address=address))
        assert found.statements == () and found.refusal

    both = other_page(name, markup) + f'<meta property="og:url" content="{other.replace("a-post", "b-post")}">'
    assert other_answer(name, both).statements == ()


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("status", [402, 403, 404, 429, 503])
def test_a_page_that_is_refused_makes_no_post_gone(name: str, status: int) -> None:
    found = other_answer(name, "<html><title>Oh</title></html>", status)

    assert [one.state for one in found.statements] == ([PostState.NOT_FOUND] if status == 404 else [])


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize(
    "markup",
    [
        '<script type="application/ld+json">' + "[" * 100_000,
        '<script type="application/ld+json">{"@type": {}, "author": [[]], "datePublished": {}, "headline": 7}</script>',
        json_ld(**{"@graph": [{"@graph": "x"}] * 10_000}),
        "<script>modelExport: " + '{"a":' * 50_000,
        "<script>modelExport: " + json.dumps({"photo": [[{"id": [], "datePosted": 5}]] * 60_000}),
        "<script>window.postDataJSON=" + json.dumps('{"a":' * 50_000),
        "<script>window.postDataJSON=" + json.dumps(json.dumps({"id": "Ab3dE7g", "title": 7, "media": {"url": 5}})),
        "<div>" * 20_000,
    ],
)
def test_hostile_pages_are_bounded_and_have_no_time(name: str, markup: str) -> None:
    for stated in other_answer(name, other_page(name, markup)).statements:
        assert stated.posted_at is None


def test_a_photo_of_flickrs_has_its_time_among_the_data_of_a_script() -> None:
    mine = {"data": {"dateTaken": "2020-01-01 10:00:00", "datePosted": "1495742400", "id": "51234567890"}}
    model = {"main": {"photo-stats-models": [{"data": {"datePosted": "1400000000", "id": "4123456789"}}, mine]}}
    markup = f"<script>var a = {{}}; Y.ClientApp.init({{x: 1, modelExport: {json.dumps(model)}, auth: b}});</script>"

    stated = the_one(other_answer("flickr", other_page("flickr", markup)))

    assert (stated.text, stated.posted_at) == ("Rye & wheat", "2017-05-25T20:00:00Z")
    assert [one.kind for one in stated.media] == [MediaKind.PICTURE]


def test_a_page_of_imgurs_has_a_time_and_all_pictures_in_the_text_of_a_script() -> None:
    media = [
        {"url": "https://i.imgur.com/Ab3dE7g.jpeg"},
        {"url": "https://i.imgur.com/Zy9x8W7.png"},
        {"url": "https://a.example/x"},
    ]
    post = {"id": "Ab3dE7g", "title": "Mira's rye", "created_at": "2017-05-25T20:00:00Z", "media": media}
    script = json.dumps(json.dumps(post)).replace("'", "\\'")

    stated = the_one(other_answer("imgur", other_page("imgur", f"<script>window.postDataJSON={script}</script>", "Rye - Imgur")))

    assert (stated.text, stated.posted_at) == ("Mira's rye", "2017-05-25T20:00:00Z")
    assert [one.key for one in stated.media] == ["i.imgur.com/Ab3dE7g", "i.imgur.com/Zy9x8W7"]


@pytest.mark.parametrize("name", ["tumblr", "oembed"])
def test_the_name_and_picture_of_a_site_are_not_taken_for_those_of_a_post(name: str) -> None:
    published = '<meta property="article:published_time" content="2017-05-25T20:00:00Z"><meta name="author" content="Mira B.">'

    stated = the_one(other_answer(name, other_page(name, published, "The Bakery")))

    assert (stated.text, stated.author_name, stated.media) == (None, "Mira B.", ())
    assert stated.posted_at == "2017-05-25T20:00:00Z"


@pytest.mark.parametrize("name", OTHERS)
def test_such_a_page_is_asked_only_where_it_is_switched_on(name: str) -> None:
    post_id, asked, _ = OTHERS[name]
    on = Doors({name: PlatformSettings(doors={"page": DoorSettings(on=True)})})

    assert asked not in [request.url for request in Doors().requests_about(PostRef(name, post_id))]
    assert asked in [request.url for request in on.requests_about(PostRef(name, post_id))]


@pytest.mark.parametrize(
    ("name", "post_id"),
    [
        ("flickr", "album/72157700012345678"),
        ("tumblr", "t:Ab3dEfGh1JkLmN0pQrStUv/712345678901"),
        ("soundcloud", "tracks/123456789"),
        ("framed", "applepodcasts/id1234567890"),
        ("framed", "datawrapper/Sp9wK"),
    ],
)
def test_of_some_posts_no_page_is_known(name: str, post_id: str) -> None:
    platform = platform_named(name)
    assert platform is not None and "page" not in [request.door for request in platform.requests_about(post_id)]
