"""What a third party's service says of a post, which is asked only where archiver.toml switches it on."""

import json
from pathlib import Path
from typing import Any

import pytest

from archiver.model.findings import SECOND_HAND, Findings, MediaKind, PostRef, PostState, Source
from archiver.platforms import PLATFORMS

TWITTER = PLATFORMS[0]
ID, QUOTED = "1571416243060506624", "1500000000000000001"
PAYLOAD = (Path(__file__).parent / "payloads" / "fxtwitter_status.json").read_bytes()


def answer(body: bytes, status: int = 200) -> Findings:
    found = TWITTER.read_reply(f"https://api.fxtwitter.com/2/status/{ID}", status, None, body)
    assert found is not None
    return found


def posted(**fields: Any) -> bytes:
    reply = json.loads(PAYLOAD)
    return json.dumps({**reply, "status": {**reply["status"], **fields}}).encode()


def test_text_author_time_media_and_quote_are_read_and_the_community_note_is_not() -> None:
    stated, quoted = answer(PAYLOAD).statements

    assert (stated.post_id, stated.source, stated.state) == (ID, Source.THIRD_PARTY, PostState.LIVE)
    assert (stated.author, stated.author_name, stated.language) == ("quay_log", "Quay Log", "en")
    assert stated.posted_at == "2022-09-18T08:30:02Z"
    assert stated.text == "Nine ropes, eight bollards. https://harbour-diary.example/log\n\n• Nine\n• Eight"
    assert stated.short_links == ("t.co/aB3dE5gH7j", "t.co/kL2mN4pQ6r")
    assert [medium.kind for medium in stated.media] == [MediaKind.PICTURE, MediaKind.POSTER, MediaKind.VIDEO]
    assert (stated.media[0].key, stated.media[0].alt) == ("pbs.twimg.com/media/FcQuayLogAAB1cD", "A quay at dawn")
    assert stated.replies_to == PostRef("twitter", "1500000000000000002")
    assert stated.quotes == PostRef("twitter", QUOTED)
    assert (quoted.post_id, quoted.author, quoted.text) == (QUOTED, "mira_k", "How many?")
    assert "ten ropes" not in f"{stated.text}{quoted.text}"


def test_it_is_no_word_of_the_platforms_own() -> None:
    order = list(Source)

    assert Source.THIRD_PARTY in SECOND_HAND
    assert all(order.index(own) < order.index(Source.THIRD_PARTY) for own in order if own not in SECOND_HAND)


def test_of_an_article_all_its_words_are_kept() -> None:
    content = {"blocks": [{"text": "Nine of the one."}, {"text": " "}, {"text": "Eight of the other."}, {"text": 5}, 6]}
    cover = {"media_info": {"original_img_url": "https://pbs.twimg.com/media/GcoVerAaAA1.jpg"}}
    article = {"title": "Ropes", "preview_text": "Nine", "cover_media": cover, "content": content}

    (stated, _) = answer(posted(text="", media={}, poll=None, article=article)).statements
    (opening, _) = answer(posted(text="", media={}, poll=None, article={**article, "content": None})).statements

    assert stated.text == "Ropes\n\nNine of the one.\n\nEight of the other."
    assert [picture.key for picture in stated.media] == ["pbs.twimg.com/media/GcoVerAaAA1"]
    assert opening.text == "Ropes\n\nNine"


@pytest.mark.parametrize(
    ("reason", "state"),
    [
        ("deleted", PostState.DELETED),
        ("suspended", PostState.SUSPENDED),
        ("private", PostState.PROTECTED),
        ("blocked", PostState.TOMBSTONE),
        ("unavailable", PostState.TOMBSTONE),
        ("of another kind", PostState.TOMBSTONE),
        (7, PostState.TOMBSTONE),
    ],
)
def test_tombstones_tell_why(reason: object, state: PostState) -> None:
    tombstone = {"type": "tombstone", "reason": reason, "message": "It is not here.", "id": ID}
    (stated,) = answer(json.dumps({"code": 200, "status": tombstone}).encode()).statements
    _, quoted = answer(posted(quote={**tombstone, "id": QUOTED})).statements

    assert (stated.post_id, stated.state, stated.source) == (ID, state, Source.THIRD_PARTY)
    assert (quoted.post_id, quoted.state) == (QUOTED, state)


@pytest.mark.parametrize(("status", "state"), [(401, PostState.PROTECTED), (404, PostState.GONE)])
def test_its_own_refusals_are_read_and_those_of_a_firewall_are_not(status: int, state: PostState) -> None:
    (stated,) = answer(json.dumps({"code": status, "message": "NOT_FOUND", "status": None}).encode(), status).statements

    assert stated.state is state
    assert answer(b"<html>not found</html>", status) == Findings()
    assert answer(b'{"error": "not found"}', status) == Findings()


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"[]", b"null", b"<html>", b'{"code": 200}', b'{"code": 500, "status": null}', b"[" * 100_000),
        *(b'{"status": 5}', b'{"status": {"id": 5}}', b'{"status": {"id": "1500000000000000001", "text": "another post"}}'),
    ],
)
def test_what_is_malformed_or_about_another_post_says_nothing(body: bytes) -> None:
    assert answer(body) == Findings()


def test_fields_of_another_type_are_nothing_and_media_elsewhere_are_not_asked_for() -> None:
    strange = dict.fromkeys(("text", "author", "media", "raw_text", "quote", "poll", "replying_to", "article", "card", "lang"), 5)
    (stated,) = answer(posted(**strange, created_timestamp="soon", created_at=None)).statements
    elsewhere = {
        "photos": [{"url": "https://evil.example/a.jpg"}],
        "videos": [{"url": "https://evil.example/video.twimg.com/tweet_video/a.mp4"}],
    }

    assert (stated.text, stated.author, stated.media, stated.posted_at) == (None, None, (), None)
    assert answer(posted(media=elsewhere)).statements[0].media == ()
