"""The record of a post at its author's own server, to which three replies lead, each naming the next request.

A handle has a DID, the DID's document names the server, the server has the record that the author wrote: words, time, pictures
as they were uploaded. It shows that a post is there where Bluesky's own hosts answer nobody, and has the original of a video.
Replies are as the specifications have them (atproto.com/specs/did, com.atproto.repo.getRecord, 2025); nobody here has tried them.
"""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote, urlsplit

from archiver.html.pattern import Pattern
from archiver.model.findings import Findings, MediaKind, MediaRef, PostRef, PostState
from archiver.platforms.base import Platform
from archiver.platforms.bluesky.identity import DID, did_of_document_url, document_url, server_in
from archiver.platforms.bluesky.replies import ERRORS, aliases_of, post_ref_in, quoted_record, same_author, stated, statement_of
from archiver.platforms.replies import Json, distinct_media, media_ref, object_at, object_in, objects_at, text_at, value_at
from archiver.urls import query_value

COLLECTION = "app.bsky.feed.post"
_CID = Pattern(r"[a-zA-Z0-9]{20,120}")
_RECORD_PATH = "/xrpc/com.atproto.repo.getRecord"
_HANDLE_PATHS = ("/xrpc/com.atproto.identity.resolveHandle", "/.well-known/atproto-did")


def is_first_step(url: str) -> bool:
    """Whether it is such a request at a host of Bluesky's; at other people's hosts only the question tells that."""
    parts = urlsplit(url)
    return parts.hostname == "plc.directory" or (parts.hostname == "bsky.social" and parts.path == _HANDLE_PATHS[0])


def read_step(platform: Platform, post_id: str, url: str, status: int, body: bytes) -> Findings | None:
    """The next request on the way to the record of `post_id`, or what the record says; None for the replies to other requests."""
    path = urlsplit(url).path
    if path in _HANDLE_PATHS:
        return _read_handle(status, body)
    if path == _RECORD_PATH:
        return _read_record(platform, post_id, url, status, body)
    did = did_of_document_url(url)
    return _read_document(platform, post_id, did, status, body) if did is not None else None


def _read_handle(status: int, body: bytes) -> Findings:
    """`{"did": …}`, or the DID alone. A handle that leads nowhere says nothing: its owner may have another one now."""
    reply = object_in(body)
    did = text_at(reply, "did") if reply is not None else body[:300].decode("ascii", "replace").strip()
    address = document_url(did) if status == 200 and did else None
    return Findings(links=(address,)) if address is not None else Findings()


def _read_document(platform: Platform, post_id: str, did: str, status: int, body: bytes) -> Findings:
    reply = object_in(body)
    if reply is None:
        return Findings()
    if status == 410 and did in (text_at(reply, "message") or ""):  # its owner has ended it for good: "DID not available"
        return Findings(statements=(stated(platform, post_id, PostState.DELETED),))
    if status != 200 or reply.get("id") != did or not _is_of(post_id, did, reply):
        return Findings()
    endpoints = (
        server_in(text_at(service, "serviceEndpoint"))
        for service in objects_at(reply, "service")
        if (text_at(service, "id") or "").endswith("#atproto_pds")
    )
    server = next(filter(None, endpoints), None)
    if server is None:
        return Findings()
    key = quote(post_id.partition("/")[2], safe="~:")
    return Findings(links=(f"{server}{_RECORD_PATH}?repo={did}&collection={COLLECTION}&rkey={key}",))


def _is_of(post_id: str, did: str, document: Json) -> bool:
    """Whether a document is that of the post's author: anybody's handle may lead to it, only its own are in it."""
    actor = post_id.partition("/")[0]
    if actor.startswith("did:"):
        return actor == did
    names = value_at(document, "alsoKnownAs")
    return isinstance(names, list) and any(isinstance(name, str) and name.lower() == f"at://{actor}" for name in names)


def _read_record(platform: Platform, post_id: str, url: str, status: int, body: bytes) -> Findings:
    reply = object_in(body)
    if reply is None:
        return Findings()
    if status in (400, 404):
        state = ERRORS.get(text_at(reply, "error") or "")
        return Findings(statements=(stated(platform, post_id, state),)) if state else Findings()
    did, own, record = query_value(url, "repo") or "", post_ref_in(platform, reply), object_at(reply, "value")
    if status != 200 or own is None or not record or DID.fullmatch(did) is None:
        return Findings()
    if own.post_id.partition("/")[0] != did or not same_author(post_id, own.post_id):
        return Findings()
    actor = post_id.partition("/")[0]
    server = f"https://{urlsplit(url).netloc}"
    statement = replace(
        statement_of(platform, own.post_id, {}, record, []),
        author=None if actor.startswith("did:") else actor,
        media=distinct_media(_media(platform, server, did, record)),
        quotes=_quotes(platform, record),
    )
    statements = tuple(replace(statement, post_id=name) for name in dict.fromkeys((post_id, own.post_id)))
    return Findings(statements=statements, aliases=tuple(aliases_of(platform, statements)))


def _quotes(platform: Platform, record: Json) -> PostRef | None:
    return post_ref_in(platform, quoted_record(object_at(record, "embed")))


def _media(platform: Platform, server: str, did: str, record: Json) -> Iterator[MediaRef | None]:
    """What the record shows, each as the file that was uploaded. A record has no poster: players make it."""
    embed = object_at(record, "embed")
    for part in (embed, object_at(embed, "media")):
        for picture in (*objects_at(part, "images"), *objects_at(part, "items")):
            yield _blob(platform, server, did, object_at(picture, "image"), MediaKind.PICTURE, text_at(picture, "alt"))
        yield _blob(platform, server, did, object_at(part, "video"), MediaKind.VIDEO, text_at(part, "alt"))
        card = object_at(part, "external")
        picture_of_card = _blob(platform, server, did, object_at(card, "thumb"), MediaKind.PICTURE, None)
        yield replace(picture_of_card, caption=text_at(card, "title")) if picture_of_card is not None else None


def _blob(platform: Platform, server: str, did: str, blob: Json, kind: MediaKind, alt: str | None) -> MediaRef | None:
    cid = text_at(blob, "ref", "$link") or text_at(blob, "cid")  # the second as it was before 2023
    if cid is None or _CID.fullmatch(cid) is None:
        return None
    address = f"{server}/xrpc/com.atproto.sync.getBlob?did={did}&cid={cid}"
    return media_ref(server, address, platform.media_key(address), kind, alt=alt)
