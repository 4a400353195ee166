"""Posts' own pages, which tell when a post was made where no other reply does: doors that are off until they are switched on."""

import pytest

from archiver.config.settings import DoorSettings, PlatformSettings
from archiver.model.exchange import PostQuestion
from archiver.model.findings import Findings, PostRef, PostState, Source
from archiver.platforms import platform_named
from archiver.platforms.answers import read_answer
from archiver.platforms.doors import Doors

POSTS = {"youtube": "mB7_qLx2Zt4", "soundcloud": "mira/rye-song"}
PAGES = {"youtube": "https://www.youtube.com/watch?v=mB7_qLx2Zt4", "soundcloud": "https://soundcloud.com/mira/rye-song"}
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
