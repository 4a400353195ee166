"""Bluesky: a post's thread as JSON, with pictures and the post that it quotes; in 2026 the hosts around it as well.

Keys and types are those of real replies seen in public code (`app.bsky.feed.getPostThread`).

In 2026: galleries of more than four pictures (atproto#4827, social-app#10818, 2026-06-08). The public host refuses some
addresses with 403 where api.bsky.app answers (last30days-skill#398, 2026-05). The embed page takes DIDs alone, else 400
"Invalid DID" (social-app, `bskyweb/cmd/embedr/handlers.go`; #9073, 2025-09); its oEmbed resolves names. A DID's document is at
plc.directory or, of `did:web`, at the host that it names; the server in it has the record and the files as they were uploaded,
while bsky.social knows no accounts of other servers (gallery-dl#6406; VixBluesky#32, 2025-09). Of a
post that is deleted, and of one whose account was taken down or deactivated, the public host says no more than "NotFound" (its
source, `getPostThread.ts`); the account's own server names the reason (`com.atproto.sync.getRepoStatus`).
"""

import json
import re
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

from archiver.sampleweb import pictures
from archiver.sampleweb.embeds import frame_page, gone_page
from archiver.sampleweb.exchanges import Reply, Request
from archiver.sampleweb.others import OtherPost
from archiver.sampleweb.tweets import State

_SIZE = {"width": 800, "height": 600}
_INDEXED_AFTER = timedelta(seconds=1)


def uri_of(post: OtherPost) -> str:
    return post.fill("at://$did/app.bsky.feed.post/$id")


def thread_of(post: OtherPost, quoted: OtherPost | None, day: int) -> dict[str, Any]:
    """A live post's thread, without replies."""
    view = _base(post) | {"record": _record(post, quoted), "replyCount": 0, "repostCount": 2, "likeCount": 31, "quoteCount": 1}
    if (shown := _embed(post, quoted, day)) is not None:
        view["embed"] = shown
    return {"thread": {"$type": "app.bsky.feed.defs#threadViewPost", "post": view, "replies": [], "threadContext": {}}}


def _base(post: OtherPost) -> dict[str, Any]:
    author = {
        "did": post.more["did"],
        "handle": post.handle,
        "displayName": post.name,
        "avatar": post.fill("https://cdn.bsky.app/img/avatar/plain/$did/$cid@jpeg"),
        "associated": {"chat": {"allowIncoming": "following"}},
        "labels": [_opted_out(post)] if post.more.get("account") == "opted_out" else [],
        "createdAt": "2023-07-02T10:00:00.000Z",
    }
    indexed = (post.posted_at + _INDEXED_AFTER).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
    return {"uri": uri_of(post), "cid": post.more["cid"], "author": author, "indexedAt": indexed, "labels": []}


def _record(post: OtherPost, quoted: OtherPost | None) -> dict[str, Any]:
    """What the author's own repository holds: pictures by content id, the quoted post by its URI."""
    made = post.posted_at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
    record: dict[str, Any] = {"$type": "app.bsky.feed.post", "createdAt": made, "langs": ["en"], "text": post.text}
    blobs = [
        {"alt": each.alt, "aspectRatio": _SIZE, "image": _blob(each.url)}
        for each in post.pictures
    ]  # fmt: skip
    images: dict[str, Any] | None = {"$type": "app.bsky.embed.images", "images": blobs} if blobs else None
    if post.more.get("gallery"):
        items = [{"$type": "app.bsky.embed.gallery#image", **blob} for blob in blobs]
        images = {"$type": "app.bsky.embed.gallery", "items": items}
    quote = {"$type": "app.bsky.embed.record", "record": {"cid": quoted.more["cid"], "uri": uri_of(quoted)}} if quoted else None
    if images and quote:
        record["embed"] = {"$type": "app.bsky.embed.recordWithMedia", "media": images, "record": quote}
    elif images or quote:
        record["embed"] = images or quote
    return record


def _blob(url: str) -> dict[str, Any]:
    link = url.rsplit("/", 1)[1].split("@")[0]
    return {"$type": "blob", "ref": {"$link": link}, "mimeType": "image/jpeg", "size": 412_000}


def _embed(post: OtherPost, quoted: OtherPost | None, day: int) -> dict[str, Any] | None:
    """The embed as an app shows it: pictures by address, the quoted post in full; None where the post has none."""
    views = [
        {
            "thumb": each.url.replace("feed_fullsize", "feed_thumbnail"),
            "fullsize": each.url,
            "alt": each.alt,
            "aspectRatio": _SIZE,
        }
        for each in post.pictures
    ]
    images: dict[str, Any] | None = {"$type": "app.bsky.embed.images#view", "images": views} if views else None
    if post.more.get("gallery"):
        images = {"$type": "app.bsky.embed.gallery#view", "items": [_in_gallery(view) for view in views]}
    quote = {"record": _quoted(quoted, day)} if quoted else None
    if images and quote:
        return {"$type": "app.bsky.embed.recordWithMedia#view", "media": images, "record": quote}
    return images or ({"$type": "app.bsky.embed.record#view", **quote} if quote else None)


def _quoted(post: OtherPost, day: int) -> dict[str, Any]:
    if post.state_on(day) is not State.LIVE:
        return {"$type": "app.bsky.embed.record#viewNotFound", "uri": uri_of(post), "notFound": True}
    counts = {"replyCount": 1, "repostCount": 0, "likeCount": 12, "quoteCount": 1}
    view = {"$type": "app.bsky.embed.record#viewRecord", **_base(post), "value": _record(post, None), "embeds": []}
    return view | counts


def _in_gallery(view: dict[str, Any]) -> dict[str, Any]:
    """A picture of a gallery; what others call `thumb` it calls `thumbnail`."""
    renamed = {"thumbnail" if name == "thumb" else name: value for name, value in view.items()}
    return {"$type": "app.bsky.embed.gallery#viewImage", **renamed}


def _opted_out(post: OtherPost) -> dict[str, Any]:
    """The label by which an account asks not to be shown to readers without one."""
    profile = post.fill("at://$did/app.bsky.actor.profile/self")
    return {
        "src": post.more["did"],
        "uri": profile,
        "cid": post.more["cid"],
        "val": "!no-unauthenticated",
        "cts": "2026-01-01T00:00:00Z",
    }


# --- the hosts of 2026 -------------------------------------------------------------------------------------------

PUBLIC, API, EMBED, PLC, ENTRYWAY = "public.api.bsky.app", "api.bsky.app", "embed.bsky.app", "plc.directory", "bsky.social"
OWN_SERVER = "pds.shore.example"
"""The server of most accounts here."""
BLUESKY_SERVER = "morel.us-east.host.bsky.network"
"""One of Bluesky's own servers, for names below bsky.social."""
HIDDEN = "The author of this post has requested their posts not be displayed on external sites."
BLOB_SIZE = (1600, 1200)
_AT_URI = re.compile(r"at://(?P<actor>[^/]+)/app\.bsky\.feed\.post/(?P<key>\w+)")
_WEB_URL = re.compile(r"https://bsky\.app/profile/(?P<actor>[^/]+)/post/(?P<key>\w+)")
_EMBED_PAGE = re.compile(r"/embed/(?P<actor>[^/]+)/app\.bsky\.feed\.post/(?P<key>\w+)")
_FIREWALL = b"<html><head><title>403 Forbidden</title></head><body><center><h1>403 Forbidden</h1></center></body></html>"
_OPEN = (("access-control-allow-origin", "*"),)


class BlueskyHosts:
    """Answers for them from the table of posts."""

    def __init__(self, posts: Iterable[OtherPost]) -> None:
        self._by_key = {post.key: post for post in posts}
        self._posts = [post for post in self._by_key.values() if post.network.name == "bluesky"]
        self._dids = {post.more["did"]: post for post in self._posts}

    @property
    def answers(self) -> dict[str, Callable[[Request, int], Reply | None]]:
        """By host name; None for what is as it was in 2022."""
        servers = dict.fromkeys((OWN_SERVER, BLUESKY_SERVER, ENTRYWAY), self._server)
        web = {did.removeprefix("did:web:"): self._own_document for did in self._dids if did.startswith("did:web:")}
        return {PUBLIC: self._view, API: self._view, EMBED: self._embed, PLC: self._directory, **servers, **web}

    def _post(self, actor: str, key: str) -> OtherPost | None:
        return next((post for post in self._posts if post.id == key and actor in (post.more["did"], post.handle)), None)

    # --- what readers see -------------------------------------------------------------------------------------

    def _view(self, request: Request, day: int) -> Reply | None:
        method = request.path.removeprefix("/xrpc/")
        if method == "app.bsky.feed.searchPosts":
            return Reply(403, _FIREWALL)
        if method == "com.atproto.identity.resolveHandle":
            return self._handle(request)
        if method == "app.bsky.actor.getProfile":
            return self._profile(request.query("actor") or "", day)
        if method != "app.bsky.feed.getPostThread":
            return _error("MethodNotImplemented", "Method Not Implemented", 501) if request.path.startswith("/xrpc/") else None
        found = _AT_URI.fullmatch(request.query("uri") or "")
        post = self._post(found["actor"], found["key"]) if found else None
        if post is None:
            return _error("NotFound", f"Post not found: {request.query('uri')}")
        if post.more.get("refuses") == request.host:
            return Reply(403, _FIREWALL, headers=_OPEN)
        if post.state_on(day) is State.LIVE:
            quoted = self._by_key[post.quotes] if post.quotes else None
            return _json(thread_of(post, quoted, day))
        return _error("NotFound", f"Post not found: {uri_of(post)}")

    def _handle(self, request: Request) -> Reply:
        did = next((did for did, post in self._dids.items() if post.handle == request.query("handle")), None)
        return _json({"did": did}) if did else _error("InvalidRequest", "Unable to resolve handle")

    def _profile(self, actor: str, day: int) -> Reply:
        post = next((post for post in self._posts if actor in (post.more["did"], post.handle)), None)
        if post is None:
            return _error("InvalidRequest", "Profile not found")
        match _account(post, day):
            case "taken_down":
                return _error("AccountTakedown", "Account has been suspended")
            case "deactivated":
                return _error("AccountDeactivated", "Account is deactivated")
        return _json(_base(post)["author"] | {"followersCount": 12, "followsCount": 9, "postsCount": 240})

    def _embed(self, request: Request, day: int) -> Reply | None:
        if request.path == "/oembed":
            return self._oembed(request.query("url") or "", day)
        found = _EMBED_PAGE.match(unquote(request.path))
        if found is None:
            return None
        if not found["actor"].startswith("did:"):
            return Reply(400, b"Invalid DID", "text/plain; charset=UTF-8")
        post = self._post(found["actor"], found["key"])
        if post is not None and _account(post, day) == "opted_out":
            return gone_page(post.network, HIDDEN)
        if post is None or post.state_on(day) is not State.LIVE:
            return gone_page((post or self._posts[0]).network)
        return frame_page(post)

    def _oembed(self, url: str, day: int) -> Reply:
        found = _WEB_URL.match(url) or _AT_URI.match(url)
        post = self._post(found["actor"], found["key"]) if found else None
        if post is None or post.state_on(day) is not State.LIVE:
            return Reply(404, b'{"message":"Post not found"}\n', "application/json")
        if _account(post, day) == "opted_out":
            return Reply(403, b'{"message":"Post not public"}\n', "application/json")
        data = {
            "type": "rich",
            "version": "1.0",
            "author_name": f"{post.name} (@{post.handle})",
            "author_url": f"https://bsky.app/profile/{post.handle}",
            "provider_name": "Bluesky Social",
            "provider_url": "https://bsky.app",
            "cache_age": 86400,
            "width": 600,
            "height": None,
            "html": post.html("code"),
        }
        return _json(data)

    # --- whose server it is, and what lies there --------------------------------------------------------------

    def _directory(self, request: Request, _day: int) -> Reply:
        did = unquote(request.path).strip("/")
        if did not in self._dids or not did.startswith("did:plc:"):
            return Reply(404, json.dumps({"message": f"DID not registered: {did}"}).encode(), "application/json")
        return _json(_document(self._dids[did]), "application/did+ld+json; charset=utf-8")

    def _own_document(self, request: Request, _day: int) -> Reply | None:
        if request.path != "/.well-known/did.json":
            return Reply(404, b"", "text/plain")
        return _json(_document(self._dids[f"did:web:{request.host}"]))

    def _server(self, request: Request, day: int) -> Reply | None:
        did = request.query("did") or request.query("repo") or ""
        post = self._dids.get(did) or next((post for post in self._posts if post.handle == did), None)
        server = _server_of(post) if post else None
        method = request.path.removeprefix("/xrpc/")
        if request.host == ENTRYWAY and method == "com.atproto.identity.resolveHandle":
            return self._handle(request)
        if method not in ("com.atproto.repo.getRecord", "com.atproto.sync.getBlob", "com.atproto.sync.getRepoStatus"):
            return Reply(404, b"", "text/plain")
        if request.host == ENTRYWAY and server == BLUESKY_SERVER:
            return Reply(302, headers=(("location", f"https://{BLUESKY_SERVER}{request.target}"), *_OPEN))
        if post is None or server != request.host:
            return _error("InvalidRequest", f"Could not find repo for DID: {did}")
        account = _account(post, day)
        if method.endswith("getRepoStatus"):
            status = {"taken_down": "takendown", "deactivated": "deactivated"}.get(account)
            return _json({"did": did, "active": status is None} | ({"status": status} if status else {"rev": post.id}))
        if account == "taken_down":
            return _error("RepoTakendown", f"Repo has been taken down: {did}")
        if account == "deactivated":
            return _error("RepoDeactivated", f"Repo has been deactivated: {did}")
        return self._record(request, day) if method.endswith("getRecord") else self._blob(request, did)

    def _record(self, request: Request, day: int) -> Reply:
        post = self._post(request.query("repo") or "", request.query("rkey") or "")
        if post is None or post.state_on(day) is not State.LIVE or request.query("collection") != "app.bsky.feed.post":
            return _error("RecordNotFound", f"Could not locate record: at://{request.query('repo')}/{request.query('rkey')}")
        quoted = self._by_key[post.quotes] if post.quotes else None
        return _json({"uri": uri_of(post), "cid": post.more["cid"], "value": _record(post, quoted)})

    def _blob(self, request: Request, did: str) -> Reply:
        cid = request.query("cid") or ""
        uploaded = [each.url for post in self._posts if post.more["did"] == did for each in post.pictures]
        if not any(urlsplit(url).path.rsplit("/", 1)[1].split("@")[0] == cid for url in uploaded):
            return _error("BlobNotFound", "Blob not found")
        data = pictures.picture(f"blob {did} {cid}", *BLOB_SIZE)
        return Reply(200, data, "image/jpeg", (("content-security-policy", "default-src 'none'; sandbox"), *_OPEN))


def _account(post: OtherPost, day: int) -> str:
    """What is the matter with its author's account; two of the states begin with the post's own."""
    account = post.more.get("account", "")
    return account if account == "opted_out" or post.state_on(day) is not State.LIVE else ""


def _server_of(post: OtherPost) -> str:
    return BLUESKY_SERVER if post.handle.endswith(".bsky.social") else OWN_SERVER


def _document(post: OtherPost) -> dict[str, Any]:
    """A DID document (www.w3.org/TR/did-core, atproto.com/specs/did)."""
    did = post.more["did"]
    server = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": f"https://{_server_of(post)}"}
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": did,
        "alsoKnownAs": [f"at://{post.handle}"],
        "verificationMethod": [
            {"id": f"{did}#atproto", "type": "Multikey", "controller": did, "publicKeyMultibase": "zQ3shmadeUpForTheSampleWeb"}
        ],
        "service": [server],
    }


def _json(data: dict[str, Any], kind: str = "application/json; charset=utf-8") -> Reply:
    return Reply(200, json.dumps(data, ensure_ascii=False).encode(), kind, _OPEN, compress=True)


def _error(name: str, message: str, status: int = 400) -> Reply:
    body = json.dumps({"error": name, "message": message}).encode()
    return Reply(status, body, "application/json; charset=utf-8", _OPEN)
