"""What Reddit's replies say: its listings, its oEmbed, its share links."""

import json
from html import escape
from typing import Any

import pytest

from archiver.config.settings import DoorSettings, PlatformSettings
from archiver.model.exchange import PostQuestion
from archiver.model.findings import Findings, MediaKind, PostRef, PostState, Source, Statement
from archiver.platforms import platform_named, platform_of_reply
from archiver.platforms.answers import read_answer
from archiver.platforms.doors import Doors

REDDIT = platform_named("reddit")
OEMBED, FEED, LISTING = (request.url for request in REDDIT.requests_about("1ab2cde")) if REDDIT else ("", "", "")
_, COMMENT_FEED, COMMENT = (request.url for request in REDDIT.requests_about("1ab2cde/kx12yz3")) if REDDIT else ("", "", "")
POST: dict[str, Any] = {
    "id": "1ab2cde",
    "title": "First loaf & a half",
    "selftext": "Rye, 80 % water.",
    "author": "mira_k",
    "created_utc": 1662811200.0,
    "removed_by_category": None,
    "url_overridden_by_dest": "https://i.redd.it/abcdefgh123.jpg",
    "preview": {
        "images": [{"source": {"url": "https://preview.redd.it/abcdefgh123.jpg?auto=webp&s=1f", "width": 1200, "height": 900}}]
    },
}
ANSWER = {
    "id": "kx12yz3",
    "body": "Looks done.",
    "author": "ann-o",
    "created_utc": 1662814800,
    "parent_id": "t1_kx00000",
}


def read(url: str, status: int, reply: object, location: str | None = None) -> Findings:
    assert REDDIT is not None
    assert platform_of_reply(url) is REDDIT
    body = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
    findings = REDDIT.read_reply(url, status, location, body)
    assert findings is not None
    return findings


def statement(url: str, status: int, reply: object) -> Statement:
    (stated,) = read(url, status, reply).statements
    return stated


def listings(*things: dict[str, Any]) -> list[Any]:
    return [{"kind": "Listing", "data": {"children": [{"kind": "t3", "data": thing}]}} for thing in things]


def test_a_listing_tells_words_time_author_and_picture() -> None:
    stated = statement(LISTING, 200, listings(POST))

    assert (stated.post_id, stated.source, stated.state) == ("1ab2cde", Source.API, PostState.LIVE)
    assert (stated.author, stated.posted_at) == ("mira_k", "2022-09-10T12:00:00Z")
    assert stated.text == "First loaf & a half\n\nRye, 80 % water."
    assert [(ref.url, ref.kind) for ref in stated.media] == [("https://i.redd.it/abcdefgh123.jpg", MediaKind.PICTURE)]


def test_a_comment_is_found_below_its_post() -> None:
    stated = statement(COMMENT, 200, listings(POST, ANSWER))

    assert (stated.post_id, stated.author, stated.text) == ("1ab2cde/kx12yz3", "ann-o", "Looks done.")
    assert stated.replies_to == PostRef("reddit", "1ab2cde/kx00000")


def test_galleries_videos_and_what_was_posted_elsewhere_first() -> None:
    stated = statement(
        LISTING,
        200,
        listings(
            {
                "id": "1ab2cde",
                "title": "Two",
                "crosspost_parent": "t3_9zz",
                "media_metadata": {"aa": {"s": {"u": "https://preview.redd.it/aaaaaaaa1.png?s=1", "x": 10, "y": 20}}, "bb": None},
                "media": {"reddit_video": {"fallback_url": "https://v.redd.it/abcdefgh123/DASH_720.mp4", "width": 1280}},
            }
        ),
    )

    assert stated.quotes == PostRef("reddit", "9zz")
    assert [(ref.key, ref.kind) for ref in stated.media] == [
        ("i.redd.it/aaaaaaaa1", MediaKind.PICTURE),
        ("v.redd.it/abcdefgh123/DASH_720.mp4", MediaKind.VIDEO),
    ]


@pytest.mark.parametrize(
    ("change", "state", "text"),
    [
        ({"selftext": "[deleted]", "author": "[deleted]"}, PostState.DELETED, "First loaf & a half"),
        ({"selftext": "[removed]"}, PostState.WITHHELD, "First loaf & a half"),
        ({"removed_by_category": "moderator", "selftext": ""}, PostState.WITHHELD, "First loaf & a half"),
        ({"removed_by_category": "deleted", "title": "[deleted by user]", "selftext": "[removed]"}, PostState.DELETED, None),
        ({"author": "[deleted]"}, PostState.LIVE, "First loaf & a half\n\nRye, 80 % water."),
    ],
)
def test_what_was_removed_differs_from_an_account_that_is_gone(
    change: dict[str, str], state: PostState, text: str | None
) -> None:
    stated = statement(LISTING, 200, listings(POST | change))

    assert (stated.state, stated.text) == (state, text)
    assert stated.author in ("mira_k", None)


@pytest.mark.parametrize(
    ("status", "reply", "state"),
    [
        (404, {"message": "Not Found", "error": 404}, PostState.GONE),
        (403, {"reason": "private", "message": "Forbidden", "error": 403}, PostState.PROTECTED),
        (404, {"reason": "banned", "message": "Not Found", "error": 404}, PostState.SUSPENDED),
    ],
)
def test_refusals_with_a_reason_are_states(status: int, reply: object, state: PostState) -> None:
    assert statement(LISTING, status, reply).state is state


@pytest.mark.parametrize(
    ("status", "reply"),
    [
        (403, b"<html><title>Blocked</title>whoa there, pardner!</html>"),
        (403, {"message": "Forbidden", "error": 403}),
        (404, b"<html>not found</html>"),
        (429, {"message": "Too Many Requests", "error": 429}),
        (503, b""),
        (200, b"<html>"),
        (200, b"[" * 100_000),
        (200, []),
        (200, {}),
        (200, "text"),
        (200, [1, None]),
        (200, [{"data": {"children": {"0": POST}}}]),
        (200, [{"data": {"children": [None, {"data": 3}]}}]),
        (200, listings({**POST, "id": "other"})),
    ],
)
def test_firewalls_overload_and_nonsense_say_nothing(status: int, reply: object) -> None:
    assert read(LISTING, status, reply) == Findings()


@pytest.mark.parametrize("nonsense", [None, 1, 1e300, True, "x", [], [[]], {}, {"s": 1}, {"images": [{"source": []}]}])
def test_wrong_types_in_a_listing_leave_fields_out(nonsense: object) -> None:
    stated = statement(
        LISTING,
        200,
        listings({**dict.fromkeys((*POST, "media", "media_metadata", "crosspost_parent"), nonsense), "id": "1ab2cde"}),
    )

    assert stated.media == ()
    assert stated.posted_at is None


def test_oembed_tells_the_handle_and_the_title() -> None:
    reply = {
        "author_name": "mira_k",
        "title": "First loaf",
        "provider_name": "reddit",
        "type": "rich",
        "html": "<blockquote></blockquote>",
    }
    stated = statement(OEMBED, 200, reply)

    assert (stated.author, stated.author_name, stated.text, stated.state) == ("mira_k", None, "First loaf", PostState.LIVE)
    assert statement(OEMBED, 404, b'{"error": 404}').state is PostState.NOT_FOUND  # it may be our address that it does not know
    assert read(OEMBED, 403, b"<html>blocked</html>") == Findings()
    assert read(OEMBED, 429, b"") == Findings()


def test_of_a_comment_oembed_has_the_title_of_the_discussion() -> None:
    assert REDDIT is not None
    stated = statement(
        REDDIT.requests_about("1ab2cde/kx12yz3")[0].url, 200, {"author_name": "[deleted]", "title": "First loaf", "html": "-"}
    )

    assert (stated.post_id, stated.author, stated.text) == ("1ab2cde/kx12yz3", None, None)


def test_a_share_link_leads_to_its_post() -> None:
    target = "https://www.reddit.com/r/bakery/comments/1ab2cde/first_loaf/?share_id=x"
    findings = read("https://www.reddit.com/r/bakery/s/aBcD3fGh1J", 301, b"", target)

    assert [(alias.key, alias.post) for alias in findings.aliases] == [
        ("reddit.com/r/bakery/s/aBcD3fGh1J", PostRef("reddit", "1ab2cde"))
    ]
    assert read("https://www.reddit.com/r/bakery/s/aBcD3fGh1J", 403, b"") == Findings()


# --- the thread's feed -------------------------------------------------------------------------------------------

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/">'
    "<title>First loaf : bakery</title>"
)
TAIL = '<br/> <span><a href="{link}">[link]</a></span> <span><a href="https://www.reddit.com/r/bakery/comments/1ab2cde/">[comments]</a></span>'


def entry(name: str, html: str, title: str = "First loaf", author: str = "/u/mira_k", more: str = "") -> str:
    return (
        f"<entry><author><name>{author}</name><uri>https://www.reddit.com/user/x</uri></author><id>{name}</id>"
        f'<content type="html">{escape(html)}</content><published>2022-09-10T12:00:00+00:00</published>'
        f"<title>{escape(title)}</title>{more}</entry>"
    )


def words(markup: str) -> str:
    return f'<!-- SC_OFF --><div class="md">{markup}</div><!-- SC_ON -->'


def feed(*entries: str) -> bytes:
    return f"{HEAD}{''.join(entries)}</feed>".encode()


def test_the_first_entry_of_a_feed_is_the_post_and_tells_all_of_it() -> None:
    html = (
        words("<p>Rye, 80&#37; water.</p>") + " submitted by /u/mira_k " + TAIL.format(link="https://i.redd.it/abcdefgh123.jpg")
    )
    stated = statement(
        FEED, 200, feed(entry("t3_1ab2cde", html, "First loaf & a half"), entry("t1_kx12yz3", words("<p>Done.</p>")))
    )

    assert (stated.post_id, stated.source, stated.state) == ("1ab2cde", Source.API, PostState.LIVE)
    assert (stated.author, stated.posted_at) == ("mira_k", "2022-09-10T12:00:00Z")
    assert stated.text == "First loaf & a half\n\nRye, 80% water."
    assert [(ref.url, ref.kind) for ref in stated.media] == [("https://i.redd.it/abcdefgh123.jpg", MediaKind.PICTURE)]


def test_a_comment_is_found_in_its_feed_and_one_that_is_not_there_proves_nothing() -> None:
    entries = (
        entry("t3_1ab2cde", words("<p>Rye</p>")),
        entry("t1_kx12yz3", words("<p>Looks done.</p>"), "/u/a on First", "/u/ann-o"),
    )
    stated = statement(COMMENT_FEED, 200, feed(*entries))
    assert (stated.post_id, stated.author, stated.text) == ("1ab2cde/kx12yz3", "ann-o", "Looks done.")
    assert stated.posted_at == "2022-09-10T12:00:00Z"
    assert read(COMMENT_FEED, 200, feed(entries[0])) == Findings()
    assert read(FEED, 200, feed(entry("t3_9zz", words("<p>Another</p>")))) == Findings()


def test_pictures_among_the_words_and_the_small_one_of_a_video() -> None:
    inline = "https://preview.redd.it/aaaaaaaa1.png?width=10&s=1"
    small = '<table><tr><td><img src="https://external-preview.redd.it/zz.jpg?s=2" /></td></tr></table>'
    html = small + words(f'<p>See <a href="{escape(inline)}">{escape(inline)}</a> <a href="https://blog.example/a.png">x</a></p>')
    html += TAIL.format(link="https://v.redd.it/abcdefgh123")
    thumbnail = '<media:thumbnail url="https://preview.redd.it/aaaaaaaa1.png?width=70" />'
    stated = statement(FEED, 200, feed(entry("t3_1ab2cde", html, more=thumbnail)))
    assert [(ref.url, ref.kind) for ref in stated.media] == [
        (inline, MediaKind.PICTURE),
        ("https://external-preview.redd.it/zz.jpg?s=2", MediaKind.POSTER),
    ]


@pytest.mark.parametrize(
    ("html", "title", "state", "text"),
    [
        (words("<p>[removed]</p>"), "First loaf", PostState.WITHHELD, "First loaf"),
        (words("<p>[deleted]</p>"), "First loaf", PostState.DELETED, "First loaf"),
        ("", "[deleted by user]", PostState.DELETED, None),
    ],
)
def test_what_was_removed_has_a_state_in_the_feed(html: str, title: str, state: PostState, text: str | None) -> None:
    stated = statement(FEED, 200, feed(entry("t3_1ab2cde", html, title, "/u/[deleted]")))
    assert (stated.state, stated.text, stated.author) == (state, text, None)


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE feed [<!ENTITY a "' + b"x" * 1_000 + b'">'
    + b"".join(b'<!ENTITY a%d "%s">' % (number, b"&a%d;" % (number - 1) * 10 if number else b"&a;" * 10) for number in range(8))
    + b'<!ENTITY f SYSTEM "file:///etc/passwd">]><feed><entry><id>t3_1ab2cde</id><title>&a7;&f;</title></entry></feed>'
)  # fmt: skip


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (200, b"<html><title>reddit.com: page not found</title></html>"),
        (200, b"<feed>" * 20_000),
        (200, b"<feed><entry><id>t3_1ab2cde"),
        (200, b"\xff\xfe<feed/>"),
        (200, b"[1]"),
        (200, feed(*(entry(f"t1_{number}", "") for number in range(2_000)), entry("t3_1ab2cde", ""))),
        (403, b"<html>" + b"x" * 190_000),
        (403, b'{"message": "Forbidden", "error": 403}'),
        (429, b"Too Many Requests"),
        (503, b""),
    ],
)
def test_a_feed_that_is_none_or_was_refused_says_nothing(status: int, body: bytes) -> None:
    assert read(FEED, status, body) == Findings()


def test_entities_of_a_feed_are_neither_expanded_nor_fetched() -> None:
    assert all(one.text is None for one in read(FEED, 200, BOMB).statements)


def test_a_feed_that_breaks_off_has_said_what_came_before() -> None:
    whole = feed(entry("t3_1ab2cde", words("<p>Rye &amp; oats</p>")), entry("t1_a1", words("<p>Yes &lt;3</p>")))
    assert statement(FEED, 200, whole[:-60]).text == "First loaf\n\nRye & oats"
    assert statement(FEED, 200, whole.replace(b"<title>", b"<title>\x0b\xff\xef\xbf\xbe", 1)).text == "First loaf\n\nRye & oats"
    assert statement(FEED, 200, whole.replace(b"t1_a1", b"&nope;")).text == "First loaf\n\nRye & oats"


def test_behind_a_mistake_the_parser_left_out_all_escaped_characters() -> None:
    """Words came out as `div class="md"p[removed]/p`, of a post that was live by that."""
    assert read(FEED, 200, feed("a & b", entry("t3_1ab2cde", words("<p>[removed]</p>")))) == Findings()


def test_a_closed_community_is_told_in_json_and_a_page_of_404_is_not_found_only() -> None:
    assert statement(FEED, 403, {"reason": "private", "error": 403}).state is PostState.PROTECTED
    assert statement(FEED, 404, {"reason": "banned", "error": 404}).state is PostState.SUSPENDED
    assert statement(FEED, 404, b"<html>").state is PostState.NOT_FOUND


def test_the_doors_are_oembed_and_the_feed_and_the_closed_one_only_where_the_settings_say_so() -> None:
    ref = PostRef("reddit", "1ab2cde")
    assert [request.url for request in Doors().requests_about(ref)] == [OEMBED, FEED]
    opened = Doors({"reddit": PlatformSettings(doors={"api": DoorSettings(on=True)})})
    assert [request.url for request in opened.requests_about(ref)] == [OEMBED, FEED, LISTING]


@pytest.mark.parametrize("target", ["https://old.reddit.com/login/?reason=lor2", "https://www.reddit.com/login/?dest=x"])
def test_a_login_page_is_no_answer(target: str) -> None:
    assert REDDIT is not None
    for door, url in (("oembed", OEMBED), ("rss", FEED), ("api", LISTING)):
        found = read_answer(REDDIT, PostQuestion("reddit", door, "1ab2cde"), url, 302, target, b"")
        assert found is not None and (found.links, found.statements) == ((), ())
        assert found.refusal is not None and "login" in found.refusal
