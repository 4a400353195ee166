"""Where Bluesky's own hosts are silent: its API's other host, the author's own server, oEmbed; hostile replies on the way."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from archiver.config.settings import DoorSettings, PlatformSettings
from archiver.model.exchange import PostQuestion
from archiver.model.findings import Alias, Findings, MediaKind, PostRef, PostState, Source
from archiver.platforms import media_key_of, media_urls_of, platform_named, platform_of_reply
from archiver.platforms.answers import read_answer
from archiver.platforms.bluesky.identity import document_url, server_in
from archiver.platforms.bluesky.platform import Bluesky
from archiver.platforms.doors import Doors

BLUESKY = Bluesky()
DID = "did:plc:q3rvh6zmtu2xk5jwlc7ynbes"
OTHER = "did:plc:zz5yk2rvh6zmtu2xk5jwlc7y"
KEY = "3l4omssdl632g"
BY_DID, BY_HANDLE = f"{DID}/{KEY}", f"lena.example/{KEY}"
CID, CID_2 = "bafkreihx2lq5k7wz3mvd6tnya4cjro", "bafkreiaaaaq5k7wz3mvd6tnya4cjro"
SERVER = "https://pds.lena.example"
DOCUMENT_URL = f"https://plc.directory/{DID}"
RECORD_URL = f"{SERVER}/xrpc/com.atproto.repo.getRecord?repo={DID}&collection=app.bsky.feed.post&rkey={KEY}"
DOCUMENT = {
    "id": DID,
    "alsoKnownAs": ["at://Lena.Example"],
    "service": [
        {"id": "#bsky_notif", "serviceEndpoint": "https://notif.example"},
        {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": SERVER},
    ],
}


def uri(did: str = DID, key: str = KEY) -> str:
    return f"at://{did}/app.bsky.feed.post/{key}"


def record(**more: Any) -> dict[str, Any]:
    value = {"$type": "app.bsky.feed.post", "text": "The ferry is back.", "createdAt": "2024-09-21T17:43:28.100Z", **more}
    return {"uri": uri(), "cid": "bafyreib", "value": value}


def blob(cid: str) -> dict[str, Any]:
    return {"$type": "blob", "ref": {"$link": cid}, "mimeType": "image/jpeg", "size": 9}


def ask(url: str, reply: object, post_id: str = BY_DID, status: int = 200, door: str = "own_server") -> Findings:
    body = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
    found = read_answer(BLUESKY, PostQuestion("bluesky", door, post_id), url, status, None, body)
    assert found is not None
    return found


def states(findings: Findings) -> list[PostState | None]:
    return [one.state for one in findings.statements]


def test_the_doors_stand_in_the_order_in_which_they_are_asked_and_the_spare_ones_only_after_silence() -> None:
    (request,) = Doors().requests_about(PostRef("bluesky", BY_DID))
    hosts = [urlsplit(url).hostname for url in (request.url, *request.others)]
    assert hosts == ["public.api.bsky.app", "api.bsky.app", "plc.directory", "embed.bsky.app"]

    (request,) = Doors().requests_about(PostRef("bluesky", BY_HANDLE))
    hosts = [urlsplit(url).hostname for url in (request.url, *request.others)]
    assert hosts == ["public.api.bsky.app", "api.bsky.app", "bsky.social", "lena.example", "embed.bsky.app"]


def test_a_door_that_is_off_is_not_gone_through_either_where_a_reply_leads_there() -> None:
    ref = PostRef("bluesky", BY_DID)
    closed = Doors({"bluesky": PlatformSettings(doors={"own_server": DoorSettings(on=False)})})
    assert closed.is_off(ref, DOCUMENT_URL) and not Doors().is_off(ref, DOCUMENT_URL)
    assert not closed.is_off(ref, RECORD_URL) and not closed.is_off(ref, BLUESKY.requests_about(BY_DID)[0].url)


def test_the_reply_of_the_other_api_host_is_read_whoever_asked_for_it() -> None:
    other = Doors().requests_about(PostRef("bluesky", BY_DID))[0].others[0]
    view = {"uri": uri(), "author": {"handle": "lena.example"}, "record": {"text": "Back."}}
    assert [one.text for one in ask(other, {"thread": {"post": view}}, door="api").statements] == ["Back."]
    assert platform_of_reply(other) is platform_named("bluesky")


def test_a_did_leads_to_its_document_and_that_to_the_authors_server() -> None:
    assert BLUESKY.requests_about(BY_DID)[1].url == DOCUMENT_URL
    assert ask(DOCUMENT_URL, DOCUMENT) == Findings(links=(RECORD_URL,))
    web = f"did:web:lena.example/{KEY}"
    document = "https://lena.example/.well-known/did.json"
    assert BLUESKY.requests_about(web)[1].url == document
    (link,) = ask(document, {**DOCUMENT, "id": "did:web:lena.example"}, web).links
    assert dict(parse_qsl(urlsplit(link).query))["repo"] == "did:web:lena.example"


def test_a_handle_leads_to_a_did_and_counts_only_where_the_document_has_it_too() -> None:
    by_bluesky, by_host = (BLUESKY.requests_about(BY_HANDLE)[1].url, *BLUESKY.requests_about(BY_HANDLE)[1].others)
    assert ask(by_bluesky, {"did": DID}, BY_HANDLE).links == (DOCUMENT_URL,)
    assert ask(by_host, f"{DID}\n".encode(), BY_HANDLE).links == (DOCUMENT_URL,)
    assert ask(DOCUMENT_URL, DOCUMENT, BY_HANDLE).links == (RECORD_URL,)
    foreign = ask(DOCUMENT_URL, {**DOCUMENT, "alsoKnownAs": ["at://mallory.example", 7, None]}, BY_HANDLE)
    assert (foreign.links, foreign.statements) == ((), ())
    assert foreign.refusal


@pytest.mark.parametrize("post_id", [BY_DID, BY_HANDLE])
def test_a_record_has_words_time_and_pictures_as_they_were_uploaded(post_id: str) -> None:
    pictures = {"$type": "app.bsky.embed.gallery", "items": [{"image": blob(CID), "alt": "A ship"}, {"image": blob(CID_2)}]}
    quoting = {"media": pictures, "record": {"record": {"uri": uri(OTHER), "cid": "c"}}}
    found = ask(RECORD_URL, record(langs=["en"], embed=quoting), post_id)
    first, *others = found.statements
    assert (first.post_id, first.source, first.state) == (post_id, Source.API, PostState.LIVE)
    assert (first.text, first.posted_at, first.language) == ("The ferry is back.", "2024-09-21T17:43:28Z", "en")
    assert first.quotes == PostRef("bluesky", f"{OTHER}/{KEY}")
    assert [(one.url, one.kind, one.alt) for one in first.media] == [
        (f"{SERVER}/xrpc/com.atproto.sync.getBlob?did={DID}&cid={CID}", MediaKind.PICTURE, "A ship"),
        (f"{SERVER}/xrpc/com.atproto.sync.getBlob?did={DID}&cid={CID_2}", MediaKind.PICTURE, None),
    ]
    assert [one.post_id for one in others] == ([BY_DID] if post_id == BY_HANDLE else [])
    alias = Alias(f"at://lena.example/app.bsky.feed.post/{KEY}", PostRef("bluesky", BY_DID))
    assert found.aliases == ((alias,) if others else ())


def test_a_blob_at_anybodys_server_is_the_picture_of_the_cdn_and_falls_back_on_it() -> None:
    address = f"{SERVER}/xrpc/com.atproto.sync.getBlob?did={DID}&cid={CID}"
    picture = f"https://cdn.bsky.app/img/feed_fullsize/plain/{DID}/{CID}@jpeg"
    assert media_key_of(address) == media_key_of(picture) == f"cdn.bsky.app/{DID}/{CID}"
    assert media_urls_of(address) == (address, picture)
    assert media_key_of("https://pds.lena.example/a.jpg") == "pds.lena.example/a.jpg"


def test_the_uploaded_file_of_a_video_is_looked_for_at_the_authors_server() -> None:
    place = f"https://video.bsky.app/watch/{DID.replace(':', '%3A')}/{CID}"
    view = {"uri": uri(), "record": {"text": "Back."}, "embed": {"playlist": f"{place}/playlist.m3u8"}}
    api = BLUESKY.requests_about(BY_DID)[0].url
    assert ask(api, {"thread": {"post": view}}, door="api").links == (DOCUMENT_URL,)
    assert ask(DOCUMENT_URL, DOCUMENT, door="api").links == (RECORD_URL,)
    (statement,) = ask(RECORD_URL, record(embed={"video": blob(CID)}), door="api").statements
    assert [(one.url, one.key, one.kind) for one in statement.media] == [
        (f"{SERVER}/xrpc/com.atproto.sync.getBlob?did={DID}&cid={CID}", f"cdn.bsky.app/{DID}/{CID}", MediaKind.VIDEO)
    ]
    # Where a browser asked for the thread nobody would read the replies that follow.
    unasked = read_answer(BLUESKY, None, api, 200, None, json.dumps({"thread": {"post": view}}).encode())
    assert unasked is not None and unasked.statements and unasked.links == ()


@pytest.mark.parametrize(
    ("url", "status", "reply", "state"),
    [
        (RECORD_URL, 400, {"error": "RecordNotFound", "message": f"Could not locate record: {uri()}"}, PostState.GONE),
        (RECORD_URL, 400, {"error": "RepoNotFound"}, PostState.GONE),
        (RECORD_URL, 400, {"error": "RepoTakendown"}, PostState.SUSPENDED),
        (RECORD_URL, 400, {"error": "RepoDeactivated"}, PostState.PROTECTED),
        (DOCUMENT_URL, 410, {"message": f"DID not available: {DID}"}, PostState.DELETED),
    ],
)
def test_taken_down_deactivated_and_deleted_accounts_are_told_apart(
    url: str, status: int, reply: object, state: PostState
) -> None:
    assert states(ask(url, reply, status=status)) == [state]


@pytest.mark.parametrize(
    ("status", "reply"),
    [
        (400, {"error": "NotFound"}),
        (200, {"thread": {"$type": "app.bsky.feed.defs#notFoundPost", "uri": uri(), "notFound": True}}),
    ],
)
def test_of_a_post_that_the_api_does_not_find_the_authors_server_tells_why(status: int, reply: object) -> None:
    """Of accounts that were taken down the API may say no more than that."""
    found = ask(BLUESKY.requests_about(BY_DID)[0].url, reply, status=status, door="api")
    assert (states(found), found.links) == ([PostState.GONE], (DOCUMENT_URL,))
    assert ask(DOCUMENT_URL, DOCUMENT, door="api").links == (RECORD_URL,)
    assert states(ask(RECORD_URL, {"error": "RepoTakendown"}, status=400, door="api")) == [PostState.SUSPENDED]


def test_who_opted_out_of_being_shown_has_posts_that_are_there() -> None:
    labels = [{"src": DID, "uri": f"at://{DID}/app.bsky.actor.profile/self", "val": "!no-unauthenticated"}]
    view = {"uri": uri(), "author": {"handle": "lena.example", "labels": labels}, "record": {"text": "Back."}}
    assert states(ask(BLUESKY.requests_about(BY_DID)[0].url, {"thread": {"post": view}}, door="api")) == [PostState.LIVE]
    assert not any("external sites" in words for words in BLUESKY.embed_gone)
    assert any("external sites" in words for words in BLUESKY.embed_refused)


@pytest.mark.parametrize(
    ("url", "status", "reply"),
    [
        (DOCUMENT_URL, 404, {"message": f"DID not registered: {DID}"}),
        (DOCUMENT_URL, 410, b"<html>Gone</html>"),
        (DOCUMENT_URL, 410, {"message": f"DID not available: {OTHER}"}),
        (DOCUMENT_URL, 200, {**DOCUMENT, "id": OTHER}),
        (DOCUMENT_URL, 200, {**DOCUMENT, "service": []}),
        (DOCUMENT_URL, 200, b'{"service": ' + b"[" * 20_000),
        (f"https://plc.directory/{OTHER}", 200, {**DOCUMENT, "id": OTHER}),
        (RECORD_URL, 200, {**record(), "uri": uri(OTHER)}),
        (RECORD_URL, 200, {**record(), "uri": uri(key="3l4omssdl632h")}),
        (RECORD_URL, 200, {**record(), "uri": uri().replace("app.bsky", "community.blacksky")}),
        (RECORD_URL.replace(DID, OTHER), 200, record()),
        (RECORD_URL, 400, {"error": "InvalidRequest", "message": f"Could not find repo: {DID}"}),
        (RECORD_URL, 400, b"<html>"),
        (RECORD_URL, 200, b"[]"),
        (RECORD_URL, 502, {"error": "UpstreamFailure"}),
        (BLUESKY.requests_about(BY_HANDLE)[1].url, 400, {"error": "InvalidRequest", "message": "Unable to resolve handle"}),
        (BLUESKY.requests_about(BY_HANDLE)[1].url, 200, {"did": "did:plc:../../x"}),
        (BLUESKY.requests_about(BY_HANDLE)[1].url, 200, b"<html>" * 9_000),
    ],
)
def test_what_leads_nowhere_on_the_way_says_nothing(url: str, status: int, reply: object) -> None:
    found = ask(url, reply, status=status)
    assert (found.statements, found.links) == ((), ())
    assert found.refusal


@pytest.mark.parametrize(
    "endpoint",
    [
        None, "", "x", "http://pds.example", "https://", "https://localhost", "https://10.0.0.1", "https://[::1]", "https://a_b.example",
        "https://pds.example/path", "https://u:p@pds.example", "https://pds.example?x=1", "https://pds.example#x", "ftp://pds.example",
        "https://pds.example\r\nHost: x", f"https://{'a.' * 400}example", "javascript:1",
    ],
)  # fmt: skip
def test_a_server_is_a_host_and_nothing_else(endpoint: str | None) -> None:
    assert server_in(endpoint) is None
    assert ask(DOCUMENT_URL, {**DOCUMENT, "service": [{"id": "#atproto_pds", "serviceEndpoint": endpoint}]}).links == ()


@pytest.mark.parametrize(
    "did",
    [
        "",
        "did:plc:",
        "did:plc:a/b",
        "did:web:",
        "did:web:localhost",
        "did:web:a.example:80",
        "did:web:a.example%3A80",
        "did:key:z6Mk",
    ],
)
def test_a_did_of_another_kind_has_no_document(did: str) -> None:
    assert document_url(did) is None


@pytest.mark.parametrize("wrong", [None, 7, "x", [], [7], {}, {"record": 7}, [[]], True])
def test_wrong_types_anywhere_are_no_news(wrong: object) -> None:
    for field in ("id", "alsoKnownAs", "service"):
        ask(DOCUMENT_URL, {**DOCUMENT, field: wrong}, BY_HANDLE)
    for field in ("uri", "value"):
        ask(RECORD_URL, {**record(), field: wrong})
    for field in ("text", "createdAt", "langs", "reply", "embed"):
        ask(RECORD_URL, record(**{field: wrong}))
    for field in ("images", "items", "video", "external", "media", "record"):
        ask(RECORD_URL, record(embed={field: wrong}))
    for value in (wrong, {"$link": wrong}):
        ask(RECORD_URL, record(embed={"images": [{"image": {"ref": value, "cid": wrong}}]}))
    ask(BLUESKY.requests_about(BY_HANDLE)[1].url, {"did": wrong}, BY_HANDLE)


def test_oembed_tells_words_and_the_did_of_a_handle() -> None:
    code = (
        f'<blockquote class="bluesky-embed" data-bluesky-uri="{uri()}"><p lang="en">The ferry is back.</p>&mdash; Lena '
        f'(<a href="https://bsky.app/profile/{DID}">@lena.example</a>) <a href="https://bsky.app/profile/{DID}/post/{KEY}">x</a>'
        "</blockquote><script></script>"
    )
    url = BLUESKY.requests_about(BY_HANDLE)[2].url
    found = ask(
        url,
        {"html": code, "author_name": "Lena", "author_url": "https://bsky.app/profile/lena.example"},
        BY_HANDLE,
        door="oembed",
    )
    assert [(one.post_id, one.author, one.text, one.source) for one in found.statements] == [
        (name, "lena.example", "The ferry is back.", Source.OEMBED) for name in (BY_HANDLE, BY_DID)
    ]
    assert [alias.post for alias in found.aliases] == [PostRef("bluesky", BY_DID)]
    foreign: Mapping[str, object] = {"html": code.replace(f'{KEY}"', '3l4omssdl632h"'), "author_name": "Lena"}
    assert [one.post_id for one in ask(url, foreign, BY_HANDLE, door="oembed").statements] == [BY_HANDLE]
    for wrong in (7, "", "<blockquote>", "<blockquote data-bluesky-uri='at://x'>" * 5_000):
        ask(url, {"html": wrong, "author_name": "L"}, BY_HANDLE, door="oembed")


def test_the_embed_page_is_asked_by_did_once_that_is_known_and_by_handle_last() -> None:
    ref = PostRef("bluesky", BY_HANDLE)
    by_handle = f"https://embed.bsky.app/embed/lena.example/app.bsky.feed.post/{KEY}"
    assert Doors().embed_pages(ref) == (by_handle,)
    first, last = Doors().embed_pages(ref, other_id=BY_DID)
    assert first.partition("?")[0] == f"https://embed.bsky.app/embed/{DID}/app.bsky.feed.post/{KEY}"
    assert last == by_handle
    assert BLUESKY.parse_url(first) == BY_DID
    assert Doors().embed_pages(PostRef("bluesky", BY_DID), other_id=BY_HANDLE) == (
        f"https://embed.bsky.app/embed/{DID}/app.bsky.feed.post/{KEY}",
    )


def test_front_ends_and_communities_that_bluesky_cannot_serve() -> None:
    assert BLUESKY.parse_url(f"https://mu.social/profile/lena.example/post/{KEY}") == BY_HANDLE
    assert BLUESKY.parse_url(uri().replace("app.bsky.feed.post", "community.blacksky.feed.post")) is None
    quoted = {"uri": uri(OTHER).replace("app.bsky", "community.blacksky"), "notFound": True}
    view = {"uri": uri(), "record": {"text": "See"}, "embed": {"record": quoted}}
    found = ask(BLUESKY.requests_about(BY_DID)[0].url, {"thread": {"post": view}}, door="api")
    assert [(one.post_id, one.state, one.quotes) for one in found.statements] == [(BY_DID, PostState.LIVE, None)]
