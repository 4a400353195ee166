"""A crawl that gets a post of Bluesky from its author's own server, and draws a post that a page names by handle."""

import json
from pathlib import Path
from urllib.parse import quote

from archiver.sampleweb import pictures
from archiver.tasks.reindex import reindex
from tests.support.crawling import crawl_of, rows
from tests.support.webs import Asked, Web, page, reply

PAGE = "https://blog.example/a"
DID, KEY = "did:plc:q3rvh6zmtu2xk5jwlc7ynbes", "3l4omssdl632g"
CID = "bafkreihx2lq5k7wz3mvd6tnya4cjro"
URI = f"at://{DID}/app.bsky.feed.post/{KEY}"
FIREWALL = reply("<title>Attention Required!</title><h1>You have been blocked</h1>", status="403 Forbidden")
POSTS = "SELECT p.post_id, s.source, s.state, s.text FROM statements s JOIN posts p ON p.id = s.post WHERE s.source <> 'embed'"


def as_json(value: object, status: str = "200 OK") -> bytes:
    return reply(json.dumps(value), "application/json", status)


def thread_path(actor: str) -> str:
    return f"/xrpc/app.bsky.feed.getPostThread?uri=at://{actor}/app.bsky.feed.post/{KEY}&depth=0&parentHeight=1"


def test_a_post_and_its_picture_come_from_its_authors_server_where_bluesky_refuses(web: Web, data_dir: Path) -> None:
    web["blog.example", "/a"] = page(f'<blockquote class="bluesky-embed" data-bluesky-uri="{URI}"><p>Back</p></blockquote>')
    for host in ("public.api.bsky.app", "api.bsky.app"):
        web[host, thread_path(DID)] = FIREWALL
    server = {"id": "#atproto_pds", "serviceEndpoint": "https://pds.lena.example"}
    web["plc.directory", f"/{DID}"] = as_json({"id": DID, "service": [server]})
    picture = {"image": {"$type": "blob", "ref": {"$link": CID}}, "alt": "A ship"}
    value = {"text": "The ferry is back.", "createdAt": "2024-09-21T17:43:28Z", "embed": {"items": [picture]}}
    place = f"/xrpc/com.atproto.repo.getRecord?repo={DID}&collection=app.bsky.feed.post&rkey={KEY}"
    web["pds.lena.example", place] = as_json({"uri": URI, "value": value})
    blob = f"/xrpc/com.atproto.sync.getBlob?did={DID}&cid={CID}"
    web["pds.lena.example", blob] = reply(pictures.picture("ship", 800, 600), "image/jpeg")

    crawl_of(web, data_dir, PAGE, scope="page")

    said = [(f"{DID}/{KEY}", "api", "live", "The ferry is back.")]
    assert rows(data_dir, POSTS) == said
    assert not [url for url in web.urls("embed.bsky.app") if "/oembed" in url]
    kept = "SELECT media_key FROM captures WHERE url LIKE '%getBlob%' AND status = 200"
    assert rows(data_dir, kept) == [f"cdn.bsky.app/{DID}/{CID}"]
    reindex(data_dir)
    assert rows(data_dir, POSTS) == said


def test_a_post_that_a_page_names_by_handle_is_drawn_by_its_did(web: Web, data_dir: Path) -> None:
    """The page for frames says 400 to a handle: such posts were drawn as refused."""
    web["blog.example", "/a"] = page(f"<div class='wp-block-embed'>\nhttps://bsky.app/profile/lena.example/post/{KEY}\n</div>")
    author = {"did": DID, "handle": "lena.example", "displayName": "Lena"}
    view = {"uri": URI, "author": author, "record": {"text": "The ferry is back.", "createdAt": "2024-09-21T17:43:28Z"}}

    def frame(asked: Asked) -> bytes:
        return reply("<body style='height:200px'><p>Lena</p><p>The ferry is back.</p>")

    web["public.api.bsky.app", thread_path("lena.example")] = as_json({"thread": {"post": view}})
    by_did = f"/embed/{DID}/app.bsky.feed.post/{KEY}"
    by_handle = quote(f"https://bsky.app/profile/lena.example/post/{KEY}", safe="")
    web["embed.bsky.app", by_did] = frame
    web["embed.bsky.app", f"{by_did}?ref_url={by_handle}"] = frame

    crawl_of(web, data_dir, PAGE, scope="page", screenshots="posts")

    drawn = "SELECT p.post_id, s.quality FROM screenshots s JOIN posts p ON p.id = s.post WHERE s.position IS NULL"
    assert sorted(rows(data_dir, drawn)) == [(f"{DID}/{KEY}", "good"), (f"lena.example/{KEY}", "good")]
    assert [url for url in web.urls("embed.bsky.app") if "/embed/lena.example" in url] == []
    assert len(web.urls("public.api.bsky.app")) == 1
