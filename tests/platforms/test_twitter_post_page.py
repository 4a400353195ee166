"""The post's own page at x.com: its head has words and a picture for plain agents; all else says nothing."""

from html import escape

import pytest

from archiver.model.exchange import PostQuestion
from archiver.model.findings import Findings, MediaKind, PostState, Source, Statement
from archiver.platforms import PLATFORMS
from archiver.platforms.answers import read_answer

TWITTER = PLATFORMS[0]
ID = "1571416243060506624"
URL = f"https://x.com/i/status/{ID}"
QUESTION = PostQuestion("twitter", "page", ID, False)
FACTS = {
    "og:site_name": "X (formerly Twitter)",
    "og:title": "Quay Log (@quay_log) on X",
    "og:url": f"https://x.com/quay_log/status/{ID}",
    "og:description": "“Nine ropes, eight bollards. https://t.co/kL2mN4pQ6r”",
    "og:image": "https://pbs.twimg.com/media/FcQuayLogAAB1cD.jpg:large",
    "article:published_time": "2022-09-18T08:30:02.000Z",
}


def page(facts: dict[str, str], attribute: str = "property", title: str = "X") -> bytes:
    tags = "".join(f'<meta {attribute}="{name}" content="{escape(value)}">' for name, value in facts.items())
    return f"<!DOCTYPE html><html><head><title>{escape(title)}</title>{tags}</head><body></body></html>".encode()


def answer(body: bytes, status: int = 200, url: str = URL) -> Findings:
    found = read_answer(TWITTER, QUESTION, url, status, None, body)
    assert found is not None
    return found


@pytest.mark.parametrize("attribute", ["property", "name"])
@pytest.mark.parametrize("url", [URL, FACTS["og:url"]])
def test_the_head_of_the_page_tells_author_words_time_and_picture(attribute: str, url: str) -> None:
    (stated,) = answer(page(FACTS, attribute), url=url).statements

    (picture,) = stated.media
    assert picture.url == "https://pbs.twimg.com/media/FcQuayLogAAB1cD?format=jpg&name=orig"
    assert stated == Statement(
        platform="twitter",
        post_id=ID,
        source=Source.EMBED_PAGE,
        state=PostState.LIVE,
        author="quay_log",
        author_name="Quay Log",
        text="Nine ropes, eight bollards. https://t.co/kL2mN4pQ6r",
        posted_at="2022-09-18T08:30:02Z",
        short_links=("t.co/kL2mN4pQ6r",),
        media=(picture,),
    )


def test_without_a_description_the_title_has_the_words_and_the_id_has_the_time() -> None:
    facts = {name: FACTS[name] for name in ("og:title", "og:url")} | {"og:title": "Quay Log on Twitter"}

    (stated,) = answer(page(facts, title='Quay Log on X: "Nine ropes, "eight" bollards." / X')).statements

    assert (stated.text, stated.author, stated.author_name) == ('Nine ropes, "eight" bollards.', "quay_log", "Quay Log")
    assert stated.posted_at == "2022-09-18T08:30:02Z"


def test_a_videos_still_is_a_poster_and_a_face_is_no_picture_of_the_post() -> None:
    still = FACTS | {"og:image": "https://pbs.twimg.com/ext_tw_video_thumb/157/pu/img/KeY.jpg"}
    face = FACTS | {"og:image": "https://pbs.twimg.com/profile_images/1/face_normal.jpg"}

    assert [medium.kind for medium in answer(page(still)).statements[0].media] == [MediaKind.POSTER]
    assert answer(page(face)).statements[0].media == ()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe<",
        b"{}",
        b"<html><head><title>X</title></head><body><noscript>JavaScript is not available.</noscript></body></html>",
        page({"og:title": "Log in to X", "og:url": "https://x.com/i/flow/login"}),
        page({"og:title": "Quay Log (@quay_log) on X", "og:url": "https://x.com/quay_log"}),
        page(FACTS | {"og:url": "https://x.com/quay_log/status/1500000000000000001"}),
        page({name: value for name, value in FACTS.items() if name != "og:url"}),
        page({name: value for name, value in FACTS.items() if name != "og:title"}),
        b"<div>" * 100_000,
    ],
)
def test_a_shell_a_login_or_another_page_says_nothing(body: bytes) -> None:
    found = answer(body)

    assert found.statements == ()
    assert found.refusal is not None


def test_not_found_is_no_more_than_that() -> None:
    assert [stated.state for stated in answer(b"<html>Hmm</html>", 404).statements] == [PostState.NOT_FOUND]


def test_where_nobody_asked_about_a_post_its_page_is_a_page() -> None:
    assert read_answer(TWITTER, None, FACTS["og:url"], 200, None, page(FACTS)) is None


def test_a_redirect_to_the_login_is_not_followed_and_one_to_the_name_is() -> None:
    login = read_answer(TWITTER, QUESTION, URL, 302, "/i/flow/login?redirect_after_login=x", b"")
    named = read_answer(TWITTER, QUESTION, URL, 302, FACTS["og:url"], b"")

    assert login is not None
    assert (login.links, login.refusal is not None) == ((), True)
    assert named is not None
    assert named.links == (FACTS["og:url"],)
