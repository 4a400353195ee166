"""What servers of Mastodon's kind say of a post, by their API and by the page for frames; Truth Social and Gab among them."""

import json
from typing import Any

import pytest

from archiver.extraction.embeds import find_embeds
from archiver.html.document import Document
from archiver.model.findings import Findings, MediaKind, PostRef, PostState, Source
from archiver.platforms import platform_named, platform_of_reply

NUMBER = "111213356862010785"
OTHER = "111213000000000001"
FILES = "https://files.social.example/media_attachments/files/111/213/356"
SERVERS = {
    "mastodon": ("https://social.example", "social.example/"),
    "truthsocial": ("https://truthsocial.com", ""),
    "gab": ("https://gab.com", ""),
}


def status(number: str = NUMBER, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "created_at": "2023-10-10T23:39:13.289Z",
        "language": "en",
        "spoiler_text": "",
        "content": '<p>Look at <a href="https://a.example/long"><span class="invisible">https://</span><span>a.example/long</span></a>'
        "<br>now</p><p>Please</p>",
        "account": {"username": "lena", "acct": "lena", "display_name": "Lena K."},
        "media_attachments": [],
        "card": None,
        "in_reply_to_id": None,
        "reblog": None,
        **more,
    }


def ask(reply: object, code: int = 200, platform: str = "mastodon", number: str = NUMBER) -> Findings:
    asked = platform_named(platform)
    server, prefix = SERVERS[platform]
    assert asked is not None
    (request,) = asked.requests_about(f"{prefix}{number}")
    assert request.url == f"{server}/api/v1/statuses/{number}"
    assert platform_of_reply(request.url) is asked
    found = asked.read_reply(request.url, code, None, reply if isinstance(reply, bytes) else json.dumps(reply).encode())
    assert found is not None
    return found


@pytest.mark.parametrize("platform", SERVERS)
def test_a_post_that_is_up_tells_its_words_author_time_and_language(platform: str) -> None:
    (statement,) = ask(status(), platform=platform).statements
    assert (statement.platform, statement.post_id) == (platform, SERVERS[platform][1] + NUMBER)
    assert (statement.source, statement.state) == (Source.API, PostState.LIVE)
    assert (statement.author, statement.author_name) == ("lena", "Lena K.")
    assert statement.text == "Look at https://a.example/long\nnow\nPlease"
    assert (statement.posted_at, statement.language) == ("2023-10-10T23:39:13Z", "en")


@pytest.mark.parametrize("code", [404, 410])
@pytest.mark.parametrize("platform", SERVERS)
def test_a_post_that_is_not_found_is_gone(platform: str, code: int) -> None:
    (statement,) = ask({"error": "Record not found"}, code, platform).statements
    assert statement.state is PostState.GONE


@pytest.mark.parametrize(
    ("code", "reply"),
    [
        (401, {"error": "This API requires an authenticated user"}),
        (403, b"<html>Just a moment...</html>"),
        (404, b"<html>no such page</html>"),
        (404, {}),
        (422, {"error": "x"}),
        (429, {"error": "Too many requests"}),
        (503, b""),
        (200, b"<html></html>"),
        (200, b"[" * 50_000),
        (200, b"[]"),
        (200, {"id": OTHER, "account": {"acct": "x"}}),
        (200, {"id": NUMBER}),
    ],
)
def test_what_tells_nothing_of_the_post_says_nothing(code: int, reply: object) -> None:
    assert ask(reply, code) == Findings()


def test_a_warning_stands_before_the_words_and_the_link_to_a_quoted_post_is_left_out() -> None:
    (statement,) = ask(
        status(spoiler_text="Food", content='<p class="quote-inline">RE: https://b.example/1</p><p>Soup</p>')
    ).statements
    assert statement.text == "Food\n\nSoup"


def test_pictures_videos_and_cards_are_read() -> None:
    attachments = [
        {
            "type": "image",
            "url": f"{FILES}/original/ab.png",
            "preview_url": f"{FILES}/small/ab.png",
            "description": "A ship",
            "meta": {"original": {"width": 1200, "height": 800}},
        },
        {"type": "gifv", "url": f"{FILES}/original/cd.mp4", "preview_url": f"{FILES}/small/cd.png"},
        {"type": "unknown", "url": None, "remote_url": "https://far.example/e.jpg"},
        {"type": "image", "url": "javascript:alert(1)"},
    ]
    card = {"url": "https://a.example", "title": "News", "image": "https://files.social.example/cache/preview.png", "width": 400}
    (statement,) = ask(status(media_attachments=attachments, card=card)).statements
    assert [(one.url.rpartition("/")[2], one.kind) for one in statement.media] == [
        ("ab.png", MediaKind.PICTURE),
        ("cd.mp4", MediaKind.VIDEO),
        ("cd.png", MediaKind.POSTER),
        ("e.jpg", MediaKind.PICTURE),
        ("preview.png", MediaKind.PICTURE),
    ]
    assert (statement.media[0].alt, statement.media[0].width, statement.media[0].height) == ("A ship", 1200, 800)
    assert statement.media[0].key == "files.social.example/media_attachments/files/111/213/356/ab.png"
    assert statement.media[4].caption == "News"


@pytest.mark.parametrize(
    "quote",
    [
        {"quote": {"state": "accepted", "quoted_status": status(OTHER, content="<p>Older</p>")}},
        {"quote": status(OTHER, content="<p>Older</p>"), "quote_id": OTHER},
    ],
)
def test_a_quoted_post_is_named_and_has_a_statement_of_its_own(quote: dict[str, Any]) -> None:
    statement, quoted = ask(status(**quote)).statements
    assert statement.quotes == PostRef("mastodon", f"social.example/{OTHER}")
    assert (quoted.post_id, quoted.text) == (f"social.example/{OTHER}", "Older")


@pytest.mark.parametrize("quote", [{"quote": {"state": "accepted", "quoted_status_id": OTHER}}, {"quote_of_id": OTHER}])
def test_a_quoted_post_that_is_not_in_the_reply_is_named(quote: dict[str, Any]) -> None:
    (statement,) = ask(status(**quote), platform="gab").statements
    assert statement.quotes == PostRef("gab", OTHER)


@pytest.mark.parametrize(
    "state",
    ["pending", "rejected", "revoked", "deleted", "unauthorized", "blocked_account", "blocked_domain", "muted_account", "x"],
)
@pytest.mark.parametrize("quoted", [None, 7, [], {}])
def test_a_quote_of_version_45_that_is_not_shown_says_nothing_of_another_post(state: str, quoted: object) -> None:
    (statement,) = ask(status(quote={"state": state, "quoted_status": quoted})).statements
    assert (statement.state, statement.quotes) == (PostState.LIVE, None)


@pytest.mark.parametrize(
    ("state", "shown"), [("blocked_account", True), ("muted_account", True), ("revoked", False), ("x", False)]
)
def test_a_quote_whose_author_took_it_back_is_none_whatever_else_the_reply_has(state: str, shown: bool) -> None:
    first, *others = ask(status(quote={"state": state, "quoted_status": status(OTHER)})).statements
    assert (first.quotes is not None, len(others)) == (shown, shown)
    shallow = ask(status(quote={"state": state, "quoted_status_id": OTHER})).statements[0]
    assert (shallow.quotes is not None) is shown


def test_a_boost_has_no_words_of_its_own() -> None:
    boosted = status(OTHER, account={"acct": "ilya@far.example", "display_name": "Ilya"})
    statement, other = ask(status(reblog=boosted)).statements
    assert (statement.author, statement.text, statement.quotes) == ("lena", None, PostRef("mastodon", f"social.example/{OTHER}"))
    assert (other.author, other.text) == ("ilya@far.example", "Look at https://a.example/long\nnow\nPlease")


def test_an_answer_names_the_post_that_it_answers() -> None:
    (statement,) = ask(status(in_reply_to_id=OTHER)).statements
    assert statement.replies_to == PostRef("mastodon", f"social.example/{OTHER}")
    statement, above = ask(status(in_reply_to=status(OTHER)), platform="truthsocial").statements
    assert statement.replies_to == PostRef("truthsocial", above.post_id)


@pytest.mark.parametrize("wrong", [None, 7, -1, "", "x", [], [7], {}, {"id": []}, True, 1e300, "9" * 5_000])
def test_wrong_types_anywhere_are_no_news(wrong: object) -> None:
    for field in status(quote=None, quote_id=None, in_reply_to=None):
        ask(status(**{field: wrong}))
    for field in ("type", "url", "preview_url", "description", "meta"):
        ask(status(media_attachments=[{"url": "https://a.example/b.png", field: wrong}]))
    ask(status(account={"acct": wrong, "display_name": wrong}))


def test_quotes_within_quotes_come_to_an_end() -> None:
    nested = status(str(10**17))
    for number in range(1, 50):
        nested = status(str(10**17 + number), quote=nested)
    assert len(ask(nested, number=str(10**17 + 49)).statements) == 3


FRAME = """<!DOCTYPE html><html><body class='embed'><div class='activity-stream'><div class='entry'>
<div class='detailed-status detailed-status--flex'><div class='p-author h-card'><a class='detailed-status__display-name u-url'>
<span class='display-name'><bdi><strong class='display-name__html p-name emojify'>Lena K.</strong></bdi>
<span class='display-name__account'>@lena</span></span></a></div>
<div class='status__content emojify'><p><span class='p-summary'>Food </span></p>
<div class='e-content'><p>Soup<br>again</p></div></div>
<div data-component="MediaGallery" data-props='{"media":[{"type":"image","url":"FILES/original/ab.png"}]}'></div>
<div class='detailed-status__meta'><time class='formatted' datetime='2023-10-10T23:39:13Z'>Oct 10</time></div>
</div></div></div></body></html>"""


@pytest.mark.parametrize(
    ("platform", "url"),
    [
        ("mastodon", f"https://social.example/@lena/{NUMBER}/embed"),
        ("truthsocial", f"https://truthsocial.com/@lena/{NUMBER}/embed"),
        ("gab", f"https://gab.com/lena/posts/{NUMBER}/embed"),
    ],
)
def test_the_page_for_frames_is_read(platform: str, url: str) -> None:
    asked = platform_of_reply(url)
    assert asked is not None and asked.name == platform
    found = asked.read_reply(url, 200, None, FRAME.replace("FILES", FILES).encode())
    assert found is not None
    (statement,) = found.statements
    assert (statement.post_id, statement.source, statement.state) == (
        SERVERS[platform][1] + NUMBER,
        Source.EMBED_PAGE,
        PostState.LIVE,
    )
    assert (statement.author, statement.author_name, statement.text) == ("lena", "Lena K.", "Food\n\nSoup\nagain")
    assert statement.posted_at == "2023-10-10T23:39:13Z"
    assert [one.url for one in statement.media] == [f"{FILES}/original/ab.png"]
    gone = asked.read_reply(url, 404, None, b"")
    assert gone is not None and [one.state for one in gone.statements] == [PostState.GONE]
    for code, body in ((200, b""), (200, b"status__content"), (403, b"<html>"), (503, b"status__content")):
        assert asked.read_reply(url, code, None, body) == Findings()


def test_the_page_for_frames_of_an_account_by_number_is_read() -> None:
    mastodon = platform_named("mastodon")
    assert mastodon is not None
    url = f"https://social.example/ap/users/115004871935620400/statuses/{NUMBER}/embed"
    assert platform_of_reply(url) is mastodon
    found = mastodon.read_reply(url, 404, None, b"")
    assert found is not None
    assert [(one.post_id, one.source) for one in found.statements] == [(f"social.example/{NUMBER}", Source.EMBED_PAGE)]
    document = Document("https://blog.example/a", f'<iframe src="{url}"></iframe>')
    assert [embed.post_id for embed in find_embeds(document).embeds] == [f"social.example/{NUMBER}"]


@pytest.mark.parametrize(
    "url",
    [
        "https://social.example/api/v1/statuses",
        "https://social.example/api/v1/statuses/112/context",
        "https://social.example/api/v1/accounts/112",
        "https://social.example/@lena/embed",
        "https://social.example/@lena/112/embed/more",
        "https://social.example/embed.js",
        "https://blog.example/@lena",
    ],
)
def test_no_other_address_gives_a_reply(url: str) -> None:
    mastodon = platform_named("mastodon")
    assert mastodon is not None and not mastodon.is_reply(url)
