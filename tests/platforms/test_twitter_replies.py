"""What the public replies of Twitter / X say about a post, and what they do not say."""

import json
from pathlib import Path

import pytest

from archiver.model.findings import Alias, Findings, MediaKind, PostRef, PostState, Source, Statement
from archiver.platforms import PLATFORMS
from archiver.platforms.twitter.replies import token_of

TWITTER = PLATFORMS[0]
PAYLOADS = Path(__file__).parent / "payloads"
PHOTO, VIDEO = "1571416243060506624", "1577342840012800000"


def reply_to(post_id: str, number: int, status: int, body: bytes) -> Findings:
    found = TWITTER.read_reply(TWITTER.requests_about(post_id)[number].url, status, None, body)
    assert found is not None
    return found


def syndication(post_id: str, status: int, body: bytes) -> Findings:
    return reply_to(post_id, 0, status, body)


def oembed(post_id: str, status: int, body: bytes) -> Findings:
    return reply_to(post_id, 1, status, body)


def payload(name: str) -> bytes:
    return (PAYLOADS / f"{name}.json").read_bytes()


def states(found: Findings) -> list[PostState | None]:
    return [statement.state for statement in found.statements]


def test_the_requests_name_the_post_and_carry_the_token() -> None:
    asked = [request.url for request in TWITTER.requests_about(PHOTO)]

    assert asked == [
        f"https://cdn.syndication.twimg.com/tweet-result?id={PHOTO}&lang=en&token={token_of(PHOTO)}",
        f"https://publish.x.com/oembed?url=https%3A%2F%2Ftwitter.com%2Fi%2Fstatus%2F{PHOTO}&omit_script=1&dnt=1",
    ]
    assert all(TWITTER.is_reply(url) for url in (*asked, "https://t.co/uOWxLTTvGP", "https://pic.twitter.com/uOWxLTTvGP"))
    assert not TWITTER.is_reply("https://blog.example/oembed?url=x")
    assert TWITTER.read_reply("https://blog.example/", 200, None, b"{}") is None


@pytest.mark.parametrize(
    ("post_id", "token"),
    [
        # Computed with Node.js 18: ((Number(id) / 1e15) * Math.PI).toString(36).replace(/(0+|\.)/g, "")
        ("1", "bhi2ay3f28n"),
        ("20", "6dq1a2xwd93"),
        ("1234567", "8fxoypd82b5"),
        ("1692818329", "8xkg1bcw4uo"),
        ("29700859247", "4cpz7ioa439"),
        ("70563860423245824", "65ol1n11cji"),
        ("436461658601713664", "1236nf8no4li"),
        ("999999999999999999", "2f9lc2ug9mm"),
        ("1000000000000000000", "2f9lc2ug9mm"),
        ("1568000000000000000", "3sume95mvf"),
        ("1568567890123456789", "3svsuk9j1nw"),
        ("1580661436132757506", "3txslhgbjje"),
        ("1641086480675225601", "3z7miaszni8"),
        ("2023205364368351634", "4wk34w6chwu"),
        ("18446744073709551615", "18ps5lqos4lc"),
    ],
)
def test_the_token_is_what_javascript_computes(post_id: str, token: str) -> None:
    assert token_of(post_id) == token


def test_a_post_with_a_photo_is_read_whole() -> None:
    found = syndication(PHOTO, 200, payload("syndication_tweet_photo"))

    (stated,) = found.statements
    assert (stated.post_id, stated.source, stated.state) == (PHOTO, Source.SYNDICATION, PostState.LIVE)
    assert (stated.author, stated.author_name, stated.language) == ("quay_log", "Quay Log", "en")
    assert stated.posted_at == "2022-09-18T08:30:02Z"
    assert stated.text is not None
    assert stated.text.startswith("Nine ropes, eight bollards.")
    assert stated.short_links == ("t.co/aB3dE5gH7j", "pic.twitter.com/kL2mN4pQ6r")
    (photo,) = stated.media
    assert photo.url == "https://pbs.twimg.com/media/FcQuayLogAAB1cD?format=jpg&name=orig"
    assert (photo.key, photo.kind) == ("pbs.twimg.com/media/FcQuayLogAAB1cD", MediaKind.PICTURE)
    assert (photo.width, photo.height) == (1600, 900)
    assert found.aliases == (Alias("t.co/kL2mN4pQ6r", PostRef("twitter", PHOTO)),)


def test_of_a_video_the_poster_and_the_best_rendition_are_named() -> None:
    (stated,) = syndication(VIDEO, 200, payload("syndication_tweet_video")).statements

    details = json.loads(payload("syndication_tweet_video"))["mediaDetails"][0]["video_info"]["variants"]
    best = max((variant for variant in details if variant["content_type"] == "video/mp4"), key=lambda variant: variant["bitrate"])
    assert [medium.kind for medium in stated.media] == [MediaKind.POSTER, MediaKind.VIDEO]
    assert stated.media[1].url == best["url"]


def test_quoted_and_answered_posts_are_statements_of_their_own() -> None:
    tweet = json.loads(payload("syndication_tweet_photo"))
    quoted = {**tweet, "id_str": "1500000000000000001", "text": "quoted &amp; kept", "mediaDetails": [], "entities": {}}
    parent = {**quoted, "id_str": "1500000000000000002", "text": "parent"}
    body = json.dumps({**tweet, "quoted_tweet": quoted, "parent": parent, "in_reply_to_status_id_str": "1500000000000000002"})

    found = syndication(PHOTO, 200, body.encode())

    assert [stated.post_id for stated in found.statements] == [PHOTO, "1500000000000000001", "1500000000000000002"]
    assert found.statements[0].quotes == PostRef("twitter", "1500000000000000001")
    assert found.statements[0].replies_to == PostRef("twitter", "1500000000000000002")
    assert found.statements[1].text == "quoted & kept"


def test_a_long_posts_whole_text_is_taken_where_the_reply_has_it() -> None:
    tweet = json.loads(payload("syndication_tweet_photo"))
    cut = syndication(PHOTO, 200, json.dumps({**tweet, "note_tweet": {"id": "Tm90ZQ=="}}).encode())
    whole = syndication(PHOTO, 200, json.dumps({**tweet, "note_tweet": {"text": "All of it."}}).encode())

    assert cut.statements[0].text == tweet["text"]
    assert whole.statements[0].text == "All of it."


def test_a_question_for_an_old_edit_is_answered_with_the_newest() -> None:
    tweet = json.loads(payload("syndication_tweet_photo"))
    tweet["edit_control"]["edit_tweet_ids"] = ["1571416000000000000", PHOTO]

    assert syndication("1571416000000000000", 200, json.dumps(tweet).encode()).statements[0].post_id == PHOTO
    assert syndication("1500000000000000001", 200, json.dumps(tweet).encode()) == Findings()


@pytest.mark.parametrize(
    ("words", "state"),
    [
        ("This Post was deleted by the Post author. Learn more", PostState.DELETED),
        ("This Post is from a suspended account. Learn more", PostState.SUSPENDED),
        ("You’re unable to view this Post because this account owner limits who can view their Posts.", PostState.PROTECTED),
        ("Age-restricted adult content. This content might not be appropriate", PostState.AGE_RESTRICTED),
        ("This Post from @quay_log has been withheld in Germany based on local law(s).", PostState.WITHHELD),
        ("This Post is from an account that no longer exists.", PostState.GONE),
        ("This Post is unavailable.", PostState.TOMBSTONE),
    ],
)
def test_a_tombstones_words_tell_the_reason(words: str, state: PostState) -> None:
    body = json.dumps({"__typename": "TweetTombstone", "tombstone": {"text": {"text": words}}})

    assert states(syndication(PHOTO, 200, body.encode())) == [state]


@pytest.mark.parametrize("name", ["syndication_tombstone_bare", "syndication_tombstone_wordless"])
def test_a_tombstone_without_words_is_no_proof_of_deletion(name: str) -> None:
    assert states(syndication(PHOTO, 200, payload(name))) == [PostState.TOMBSTONE]


def test_not_found_is_gone_without_a_reason() -> None:
    assert states(syndication(PHOTO, 404, b"<html>")) == [PostState.GONE]
    assert states(syndication(PHOTO, 200, b"{}")) == [PostState.GONE]
    assert states(oembed(PHOTO, 404, b"<html>not JSON")) == [PostState.GONE]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 302, 400, 401])
def test_a_host_that_does_not_answer_the_question_says_nothing(status: int) -> None:
    assert syndication(PHOTO, status, payload("syndication_tweet_photo")) == Findings()
    assert oembed(PHOTO, status, payload("oembed")) == Findings()


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"[" * 100_000),
        *(b'{"__typename": "Tweet"}', b'{"id_str": 5}', b'{"html": 5}'),
        b'{"id_str": "1571416243060506624", "user": [], "entities": {"media": [1]}, "mediaDetails": {}, "created_at": "soon"}',
    ],
)
def test_malformed_replies_say_nothing_of_a_post_and_raise_nothing(body: bytes) -> None:
    assert all(stated.text is None and stated.posted_at is None for stated in syndication(PHOTO, 200, body).statements)
    assert oembed(PHOTO, 200, body) == Findings()


def test_oembed_tells_author_text_and_day() -> None:
    (stated,) = oembed(PHOTO, 200, payload("oembed")).statements

    assert stated == Statement(
        platform="twitter",
        post_id=PHOTO,
        source=Source.OEMBED,
        state=PostState.LIVE,
        author="quay_log",
        author_name="Quay Log",
        text="Nine ropes, eight bollards. pic.twitter.com/kL2mN4pQ6r",
        posted_at="2022-09-18",
        language="en",
        short_links=("pic.twitter.com/kL2mN4pQ6r",),
    )


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"error":"Sorry, you are not authorized to see this status.","request":"/oembed"}', [PostState.PROTECTED]),
        (b'{"errors":[{"message":"User has been suspended."}]}', [PostState.SUSPENDED]),
        (b'{"error":"Forbidden."}', [PostState.SUSPENDED]),
        (b"<html>blocked</html>", []),
    ],
)
def test_oembeds_refusals_are_distinguished(body: bytes, expected: list[PostState]) -> None:
    assert states(oembed(PHOTO, 403, body)) == expected


TARGET = f"https://twitter.com/quay_log/status/{PHOTO}/photo/1"


@pytest.mark.parametrize(
    ("status", "location", "body"),
    [
        (301, TARGET, b""),
        (200, None, f'<head><noscript><META http-equiv="refresh" content="0;URL={TARGET}"></noscript></head>'.encode()),
        (200, None, f'<script>location.replace("{TARGET.replace("/", chr(92) + "/")}")</script>'.encode()),
    ],
)
def test_a_short_link_leads_to_its_post(status: int, location: str | None, body: bytes) -> None:
    found = TWITTER.read_reply("https://t.co/kL2mN4pQ6r", status, location, body)

    assert found is not None
    assert found.aliases == (Alias("t.co/kL2mN4pQ6r", PostRef("twitter", PHOTO)),)
    assert found.links == (TARGET,)


def test_a_short_link_to_a_page_is_a_link_and_no_alias() -> None:
    found = TWITTER.read_reply("https://t.co/aB3dE5gH7j", 301, "https://harbour-diary.example/log", b"")

    assert found == Findings(links=("https://harbour-diary.example/log",))


@pytest.mark.parametrize("status", [404, 429, 500])
def test_a_short_link_that_leads_nowhere_says_nothing(status: int) -> None:
    assert TWITTER.read_reply("https://t.co/aB3dE5gH7j", status, None, b"") == Findings()
