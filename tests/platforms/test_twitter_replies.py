"""What the public replies of Twitter / X say about a post, and what they do not say."""

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from archiver.config.settings import DoorSettings, PlatformSettings
from archiver.model.findings import Alias, Findings, MediaKind, PostRef, PostState, Source, Statement
from archiver.platforms import PLATFORMS, post_of_url
from archiver.platforms.answers import read_answer
from archiver.platforms.doors import Doors
from archiver.platforms.twitter.syndication import token_of

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


def test_without_a_word_in_archiver_toml_x_is_asked_by_its_own_two_doors_and_no_front_end_at_all() -> None:
    """Most front ends were taken down in 2026 (nitter#1442); whatever host a page names, the post is asked for at X."""
    for url in (
        f"https://nitter.net/quay_log/status/{PHOTO}",
        f"https://xcancel.com/quay_log/status/{PHOTO}",
        f"https://fxtwitter.com/i/status/{PHOTO}",
    ):
        post = post_of_url(url)
        assert post == PostRef("twitter", PHOTO)
        asked = [each for request in Doors().requests_about(post) for each in (request.url, *request.others)]
        shown = Doors().embed_pages(post)
        hosts = {urlsplit(each).hostname for each in (*asked, *shown)}
        assert hosts == {
            "cdn.syndication.twimg.com",
            "publish.x.com",
            "publish.twitter.com",
            "platform.x.com",
            "platform.twitter.com",
        }


def test_the_other_two_doors_are_asked_where_the_first_say_nothing_once_they_are_switched_on() -> None:
    on = {name: DoorSettings(on=True) for name in ("page", "fxtwitter")}
    first, second = Doors({"twitter": PlatformSettings(doors=on)}).requests_about(PostRef("twitter", PHOTO))

    assert first.others == ()
    assert second.others[1:] == (f"https://x.com/i/status/{PHOTO}", f"https://api.fxtwitter.com/2/status/{PHOTO}")


def test_the_requests_name_the_post_and_carry_the_token() -> None:
    asked = [request.url for request in TWITTER.requests_about(PHOTO)]

    assert asked == [
        f"https://cdn.syndication.twimg.com/tweet-result?id={PHOTO}&lang=en&token={token_of(PHOTO)}",
        f"https://publish.x.com/oembed?url=https%3A%2F%2Fx.com%2Fi%2Fstatus%2F{PHOTO}&omit_script=1&dnt=1",
        f"https://x.com/i/status/{PHOTO}",
        f"https://api.fxtwitter.com/2/status/{PHOTO}",
    ]
    (old_host,) = TWITTER.requests_about(PHOTO)[1].others
    assert (
        old_host == f"https://publish.twitter.com/oembed?url=https%3A%2F%2Ftwitter.com%2Fi%2Fstatus%2F{PHOTO}&omit_script=1&dnt=1"
    )
    assert all(TWITTER.is_reply(url) for url in (*asked, "https://t.co/uOWxLTTvGP", "https://pic.twitter.com/uOWxLTTvGP"))
    assert not TWITTER.is_reply("https://blog.example/oembed?url=x")
    assert not TWITTER.is_reply(f"https://x.com/quay_log/status/{PHOTO}")  # a page, unless it was asked as a question
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

    newest, asked = syndication("1571416000000000000", 200, json.dumps(tweet).encode()).statements
    assert (newest.post_id, asked.post_id) == (PHOTO, "1571416000000000000")
    assert (asked.state, asked.text) == (PostState.LIVE, newest.text)  # else the post that the page embeds had no answer
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
        ("Dieser Post ist nicht verfügbar.", PostState.TOMBSTONE),
        # Of the age estimates of 2026 (gallery-dl#9647, 2026-07-12).
        (
            "Due to local laws, we are temporarily restricting access to this content until X estimates your age.",
            PostState.AGE_RESTRICTED,
        ),
        ("This Post is not shown until X estimates your age. Learn more", PostState.AGE_RESTRICTED),
    ],
)
def test_a_tombstones_words_tell_the_reason(words: str, state: PostState) -> None:
    body = json.dumps({"__typename": "TweetTombstone", "tombstone": {"text": {"text": words}}})

    assert states(syndication(PHOTO, 200, body.encode())) == [state]


@pytest.mark.parametrize("reason", ["NsfwLoggedOut", "NsfwViewerHasNoStatedAge"])
def test_a_tombstones_reason_tells_it_too(reason: str) -> None:
    for tombstone in ({"reason": reason}, {"reason": reason, "text": {"text": "Post unavailable"}}, {"text": reason}):
        body = json.dumps({"__typename": "TweetTombstone", "tombstone": tombstone}).encode()
        assert states(syndication(PHOTO, 200, body)) == [PostState.AGE_RESTRICTED]


@pytest.mark.parametrize("name", ["syndication_tombstone_bare", "syndication_tombstone_wordless"])
def test_a_tombstone_without_words_is_no_proof_of_deletion(name: str) -> None:
    assert states(syndication(PHOTO, 200, payload(name))) == [PostState.TOMBSTONE]


def test_not_found_is_gone_without_a_reason() -> None:
    assert states(syndication(PHOTO, 404, b"<html>")) == [PostState.GONE]
    assert states(syndication(PHOTO, 200, b"{}")) == [PostState.GONE]
    assert states(oembed(PHOTO, 404, b"<html>not JSON")) == [PostState.GONE]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 302, 400, 401, 402, 520])
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
        # Words of a firewall's page once read as the endpoint's own.
        (b"<html><h1>You are not authorized to view this page</h1></html>", []),
        (b"<html>Your account has been suspended</html>", []),
        (b"You are not authorized", []),
    ],
)
def test_oembeds_refusals_are_distinguished(body: bytes, expected: list[PostState]) -> None:
    assert states(oembed(PHOTO, 403, body)) == expected


# --- what hangs on a post ---------------------------------------------------------------------------------------

BARE = "https://t.co/Ar7icLe0Aa"
COVER = {
    "media_info": {
        "original_img_url": "https://pbs.twimg.com/media/GcoVerAaAA1.jpg",
        "original_img_width": 1500,
        "original_img_height": 600,
    }
}


def posted(**fields: object) -> Statement:
    """What is read of a post without words, links or pictures but for these fields."""
    tweet = {"__typename": "Tweet", "id_str": PHOTO, "text": BARE, **fields}
    return syndication(PHOTO, 200, json.dumps(tweet).encode()).statements[0]


def test_of_an_article_title_opening_and_cover_are_kept() -> None:
    """Such posts kept a short link and nothing else."""
    stated = posted(article={"title": "Ropes &amp; bollards", "preview_text": "Nine of the one,", "cover_media": COVER})

    assert stated.text == f"{BARE}\n\nRopes & bollards\n\nNine of the one,"
    (cover,) = stated.media
    assert cover.url == "https://pbs.twimg.com/media/GcoVerAaAA1?format=jpg&name=orig"
    assert (cover.key, cover.width, cover.height) == ("pbs.twimg.com/media/GcoVerAaAA1", 1500, 600)


CARD = {
    "title": {"string_value": "The quay at night", "type": "STRING"},
    "description": {"string_value": "A log.", "type": "STRING"},
    "thumbnail_image_original": {"image_value": {"url": "https://pbs.twimg.com/card_img/1571/Sma11?format=jpg&name=orig"}},
    "photo_image_full_size_original": {
        "image_value": {"url": "https://pbs.twimg.com/card_img/1571/Larg3?format=png&name=orig", "width": 800, "height": 418}
    },
}


@pytest.mark.parametrize("values", [CARD, [{"key": name, "value": value} for name, value in CARD.items()]])
def test_a_post_that_is_nothing_but_a_link_has_the_words_of_its_card(values: object) -> None:
    stated = posted(card={"name": "summary_large_image", "binding_values": values})

    assert stated.text == f"{BARE}\n\nThe quay at night\n\nA log."
    assert [picture.key for picture in stated.media] == ["pbs.twimg.com/card_img/1571/Larg3"]
    assert stated.media[0].url == "https://pbs.twimg.com/card_img/1571/Larg3?format=png&name=orig"


def test_a_post_with_words_keeps_those_and_has_the_cards_picture() -> None:
    stated = posted(text=f"Look. {BARE}", card={"binding_values": CARD})

    assert stated.text == f"Look. {BARE}"
    assert len(stated.media) == 1


def test_the_choices_of_a_poll_are_kept() -> None:
    choices = {f"choice{number}_label": {"string_value": label} for number, label in ((1, "Nine"), (2, "Eight"))}
    counts = {"choice1_count": {"string_value": "12"}}

    assert posted(
        text="How many ropes?", card={"name": "poll2choice_text_only", "binding_values": {**counts, **choices}}
    ).text == ("How many ropes?\n\n• Nine\n• Eight")


@pytest.mark.parametrize(
    "fields",
    [
        # Empty lists are left out since 2026-05-22, and `entities` may be a list (react-tweet#218, #219).
        *({"entities": []}, {"entities": {}}, {"entities": {"urls": None}}, {"entities": None}, {}),
        *({"card": []}, {"card": {"binding_values": [1, {"key": 2}, {"value": 3}]}}, {"card": {"binding_values": {"title": 1}}}),
        *(
            {"article": []},
            {"article": {"title": 5, "cover_media": {"media_info": []}}},
            {"article": {"cover_media": {"media_info": {}}}},
        ),
        {"article": {"cover_media": {"media_info": {"original_img_url": "https://evil.example/a.jpg"}}}},
        {"card": {"binding_values": {"thumbnail_image": {"image_value": {"url": "https://evil.example/a.jpg"}}}}},
    ],
)
def test_what_is_missing_or_of_another_shape_is_nothing(fields: dict[str, object]) -> None:
    stated = posted(**fields)

    assert (stated.state, stated.text, stated.media) == (PostState.LIVE, BARE, ())


# --- hosts that answer for somebody else -----------------------------------------------------------------------


@pytest.mark.parametrize("number", [0, 1, 2, 3])
@pytest.mark.parametrize(
    ("status", "body"),
    [
        *(
            (status, b"<html><title>x.com | 520</title>authorized suspended deleted</html>")
            for status in (402, 403, 429, 520, 503, 200)
        ),
        *((status, b"") for status in (402, 403, 429, 520, 503, 200)),
    ],
)
def test_a_firewall_makes_no_post_gone_at_any_door(number: int, status: int, body: bytes) -> None:
    url = TWITTER.requests_about(PHOTO)[number].url
    found = read_answer(TWITTER, None, url, status, None, body)

    assert found is not None
    assert (found.statements, found.refusal is not None) == ((), True)


@pytest.mark.parametrize("number", [0, 1, 2, 3])
def test_a_bare_404_is_not_found_and_no_more(number: int) -> None:
    found = read_answer(TWITTER, None, TWITTER.requests_about(PHOTO)[number].url, 404, None, b"<html>not here</html>")

    assert found is not None
    assert states(found) in ([PostState.NOT_FOUND], [])
    assert found.statements or found.refusal


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
