"""public.api.bsky.app: a post's thread as JSON, with pictures and the post that it quotes.

Keys and types are those of real replies seen in public code (`app.bsky.feed.getPostThread`).
"""

from datetime import timedelta
from typing import Any

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
        "labels": [],
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
    images = {"$type": "app.bsky.embed.images", "images": blobs} if blobs else None
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
    images = {"$type": "app.bsky.embed.images#view", "images": views} if views else None
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
