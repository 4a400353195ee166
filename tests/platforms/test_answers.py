"""What counts as a platform's word on a post: redirects that ask the same, replies by the door, and refusals that say nothing."""

import json

import pytest

from archiver.model.exchange import PostQuestion
from archiver.model.findings import Findings, PostState
from archiver.platforms import PLATFORMS, platform_named
from archiver.platforms.answers import can_be_asked, read_answer

LIVE = json.dumps({"html": "<p>x</p>", "title": "The ferry", "author_name": "Mira", "url": "https://e.example/"}).encode()
FIREWALL = b"<!doctype html><title>Attention Required!</title><h1>Sorry, you have been blocked</h1>"
LOGIN = b'<html><form action="/login"><input type="password" name="p"></form></html>'
CHALLENGE = b'<html><script src="/cdn-cgi/challenge-platform/h/b/orchestrate"></script>Just a moment...</html>'
ASKED = [
    (platform.name, request.door, post_id)
    for platform in PLATFORMS
    for post_id in [next((each for example in platform.examples for each in example.posts if each), "")]
    for request in platform.requests_about(post_id)
]


def answered(name: str, door: str, post_id: str, status: int, body: bytes, location: str | None = None) -> Findings:
    platform = platform_named(name)
    assert platform is not None
    url = next(request.url for request in platform.requests_about(post_id) if request.door == door)
    findings = read_answer(platform, PostQuestion(name, door, post_id), url, status, location, body)
    assert findings is not None
    return findings


def states(findings: Findings) -> set[PostState | None]:
    return {one.state for one in findings.statements}


@pytest.mark.parametrize(("name", "door", "post_id"), ASKED)
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""), (200, LOGIN), (200, CHALLENGE), (200, b"[1, 2]"), (200, b"{"), (401, LOGIN), (402, FIREWALL), (402, b""),
        (403, FIREWALL), (403, CHALLENGE), (429, b"slow down"), (500, FIREWALL), (503, b""), (520, FIREWALL), (302, b""),
        (451, FIREWALL),
    ],
)  # fmt: skip
def test_a_refusal_says_nothing_of_a_post_and_has_words(name: str, door: str, post_id: str, status: int, body: bytes) -> None:
    findings = answered(name, door, post_id, status, body)

    assert states(findings) <= {None}
    assert findings.refusal


@pytest.mark.parametrize(("name", "door", "post_id"), ASKED)
@pytest.mark.parametrize("status", [404, 410])
@pytest.mark.parametrize("body", [b"", FIREWALL, b"404 page not found"])
def test_a_bare_status_is_not_found_and_never_gone(name: str, door: str, post_id: str, status: int, body: bytes) -> None:
    findings = answered(name, door, post_id, status, body)

    assert states(findings) <= {None, PostState.NOT_FOUND}
    assert findings.statements or findings.refusal


@pytest.mark.parametrize(("name", "door", "post_id"), ASKED)
@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("https://elsewhere.example/?url=x", "no host of the platform"),
        ("https://{host}/login?next=%2Fpost", "login or consent"),
        ("https://{host}/accounts/login/?next=/p/1/", "login or consent"),
        ("https://consent.{host}/m?continue=1", "login or consent"),
        ("https://{host}/", "another page"),
        ("", "nowhere"),
    ],
)
def test_a_redirect_that_asks_something_else_is_not_followed(name: str, door: str, post_id: str, target: str, words: str) -> None:
    platform = platform_named(name)
    assert platform is not None
    url = next(request.url for request in platform.requests_about(post_id) if request.door == door)
    host = url.split("/")[2]

    findings = answered(name, door, post_id, 302, b"", target.format(host=host))

    assert findings.links == ()
    assert words in (findings.refusal or "")
    assert not findings.statements


@pytest.mark.parametrize(("name", "door", "post_id"), ASKED)
def test_a_redirect_to_the_same_question_is_followed(name: str, door: str, post_id: str) -> None:
    platform = platform_named(name)
    assert platform is not None
    url = next(request.url for request in platform.requests_about(post_id) if request.door == door)

    for target in (url.replace("https://", "https://www.", 1) if "//www." not in url else url.replace("//www.", "//"),):
        assert answered(name, door, post_id, 301, b"", target).links == (target,)


def test_the_old_host_of_x_leads_to_the_new_one_and_its_reply_is_read_there() -> None:
    platform = platform_named("twitter")
    assert platform is not None
    question = PostQuestion("twitter", "oembed", "1568")
    old = "https://publish.twitter.com/oembed?url=https%3A%2F%2Ftwitter.com%2Fi%2Fstatus%2F1568&omit_script=1&dnt=1"
    new = old.replace("twitter.com/oembed", "x.com/oembed")

    redirect = read_answer(platform, question, old, 301, new, b"")
    assert redirect == Findings(links=(new,))
    reply = {"html": "<p>Izyum</p>&mdash; A (@a) September 10, 2022", "url": "https://x.com/a/status/1568", "author_name": "A"}
    elsewhere = read_answer(platform, question, "https://oembed.x.com/anything", 200, None, json.dumps(reply).encode())
    assert elsewhere is not None
    assert [(one.post_id, one.text, one.state) for one in elsewhere.statements] == [("1568", "Izyum", PostState.LIVE)]


@pytest.mark.parametrize("body", [b'{"errors":[{"code":144}]}', b'{"error":"not found"}'])
def test_what_the_endpoint_words_as_json_counts(body: bytes) -> None:
    assert states(answered("twitter", "oembed", "1568", 404, body)) == {PostState.GONE}
    assert states(answered("youtube", "oembed", "dQw4w9WgXcQ", 404, body)) == {PostState.GONE}


def test_a_control_post_says_nothing_of_posts() -> None:
    platform = platform_named("youtube")
    assert platform is not None
    question = PostQuestion("youtube", "oembed", "dQw4w9WgXcQ", control=True)
    url = platform.requests_about("dQw4w9WgXcQ")[0].url

    findings = read_answer(platform, question, url, 200, None, LIVE)

    assert findings is not None
    assert findings.control


@pytest.mark.parametrize("path", ["%6Cogin", "%256Cogin", "i/%66low/login", "login%2F", "login;a=1", "x/..%2flogin", "login%00"])
def test_a_login_page_is_known_however_its_path_is_written(path: str) -> None:
    """Though its query names the post, as that of an open redirect does."""
    target = f"https://x.com/{path}?url=https%3A%2F%2Ftwitter.com%2Fi%2Fstatus%2F1568"
    findings = answered("twitter", "oembed", "1568", 302, b"", target)

    assert findings.links == ()
    assert "login or consent" in (findings.refusal or "")


@pytest.mark.parametrize("post_id", ["", "-1", "\ud800", "photos", "9" * 5_000, "../../x"])
@pytest.mark.parametrize("name", [platform.name for platform in PLATFORMS])
def test_what_another_program_claims_was_asked_is_checked(name: str, post_id: str) -> None:
    """It takes no time, and no exception; what has no address cannot have been asked."""
    possible = can_be_asked(PostQuestion(name, "oembed", post_id))

    assert not (possible and (post_id == "\ud800" or (name in ("twitter", "flickr") and post_id in ("", "photos"))))
    assert not can_be_asked(PostQuestion("no such platform", "oembed", post_id))


@pytest.mark.parametrize(
    ("name", "post_id", "target", "author"),
    [
        ("threads", "C9kVtRqMx2e", "https://www.threads.com/@ferry.desk/post/C9kVtRqMx2e", "ferry.desk"),
        ("tiktok", "7210000000000000123", "https://www.tiktok.com/@ferry.desk/video/7210000000000000123", "ferry.desk"),
        ("threads", "C9kVtRqMx2e", "https://www.threads.com/t/C9kVtRqMx2e/", None),
    ],
)
def test_a_redirect_to_the_address_with_the_authors_name_names_the_author(
    name: str, post_id: str, target: str, author: str | None
) -> None:
    platform = platform_named(name)
    assert platform is not None
    door = platform.requests_about(post_id)[0].door

    findings = answered(name, door, post_id, 301, b"", target)

    assert findings.links == (target,)
    assert [(one.post_id, one.author, one.state) for one in findings.statements] == ([(post_id, author, None)] if author else [])
