"""Substack, Snapchat, Misskey and Imgur in 2026: their own JSON, in a reply of its own or in a page.

Substack: what its own pages ask for (`api/v1/posts/SLUG`, `api/v1/reader/comment/ID`; in public code until 2026-09). Snapchat: a
Spotlight's page has its story as `__NEXT_DATA__` (yt-dlp's snapchat.py). Misskey: the page for frames has the note in
`script#misskey_embedCtx` (its source, since 2024.9.0). Imgur gives readers of one country the same picture for every address,
"Content not viewable in your region", since 2025-09-30 (Quaver#4526, StarTube#61): here of posts that are `withheld`.
"""

import json
from collections.abc import Callable, Iterable
from functools import cache
from html import escape
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from PIL import Image, ImageDraw

from archiver.sampleweb import pictures
from archiver.sampleweb.embeds import frame_page, gone_page
from archiver.sampleweb.exchanges import Reply, Request
from archiver.sampleweb.others import OtherPost
from archiver.sampleweb.tweets import State

HTML_TYPE = "text/html; charset=utf-8"
IMGUR_SIZE = (800, 600)
REGION_WORDS = "Content not viewable in your region"


class Publishers:
    """Answers for their hosts from the table of posts."""

    def __init__(self, posts: Iterable[OtherPost]) -> None:
        names = ("substack", "substacknote", "snapchat", "misskey", "imgur")
        self._posts = [post for post in posts if post.network.name in names]

    @property
    def answers(self) -> dict[str, Callable[[Request, int], Reply | None]]:
        """By host name; None for what is told by the tables alone."""
        newsletters = {f"{post.handle}.substack.com": self._newsletter for post in self._of("substack")}
        return {
            "substack.com": self._notes,
            **newsletters,
            "www.snapchat.com": self._snapchat,
            "notes.shore.example": self._misskey,
            "i.imgur.com": self._imgur_picture,
            "imgur.com": self._imgur_page,
        }

    def _of(self, network: str) -> list[OtherPost]:
        return [post for post in self._posts if post.network.name == network]

    def _newsletter(self, request: Request, day: int) -> Reply | None:
        if not request.path.startswith("/api/v1/posts/"):
            return None if request.path.startswith("/embed/") else Reply(404, b"Not found", "text/plain")
        slug = request.path.removeprefix("/api/v1/posts/")
        own = [post for post in self._of("substack") if request.host == f"{post.handle}.substack.com"]
        post = next((post for post in own if post.id == slug), None)
        return _refused(own[0]) if post is None or post.state_on(day) is not State.LIVE else _json(_letter(post))

    def _notes(self, request: Request, day: int) -> Reply | None:
        path = request.path
        if path.startswith("/api/v1/reader/comment/"):
            post = next((post for post in self._of("substacknote") if post.id == path.split("/")[5]), None)
            live = post is not None and post.state_on(day) is State.LIVE
            return (
                _json({"item": {"comment": _note(post)}}) if post is not None and live else _refused(self._of("substacknote")[0])
            )
        if path.startswith("/api/v1/posts/by-id/"):
            post = next((post for post in self._of("substack") if post.more["number"] == path.split("/")[5]), None)
            live = post is not None and post.state_on(day) is State.LIVE
            return _json({"post": _letter(post)}) if post is not None and live else _refused(self._of("substack")[0])
        return None if path.startswith(("/embed/", "/embedjs/")) else Reply(404, b"Not found", "text/plain")

    def _snapchat(self, request: Request, day: int) -> Reply | None:
        if request.path == "/oembed":  # programs ask for one, and show no reply
            return Reply(404, b"", "text/plain")
        if not request.path.startswith("/spotlight/") or request.path.rstrip("/").endswith("/embed"):
            return None
        post = next((post for post in self._of("snapchat") if post.id == request.path.split("/")[2]), None)
        if post is None or post.state_on(day) is not State.LIVE:
            return _refused(self._of("snapchat")[0])
        inside = json.dumps({"props": {"pageProps": {"spotlightFeed": {"spotlightStories": [_spotlight(post)]}}}}).replace(
            "<", "\\u003c"
        )
        picture = escape(post.values["picture"])
        tags = f'<meta property="og:title" content="{escape(post.text)}"><meta property="og:image" content="{picture}">'
        page = (
            f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>Spotlight on Snapchat</title>{tags}</head><body>'
            f'<div id="__next"></div><script id="__NEXT_DATA__" type="application/json">{inside}</script></body></html>'
        )
        return Reply(200, page.encode(), HTML_TYPE, compress=True)

    def _misskey(self, request: Request, day: int) -> Reply | None:
        if not request.path.startswith("/embed/notes/"):
            return None
        post = next((post for post in self._of("misskey") if post.id == request.path.split("/")[3]), None)
        if post is None or post.state_on(day) is not State.LIVE:
            return None
        inside = json.dumps({"note": _misskey_note(post)}).replace("<", "\\u003c")
        return frame_page(post, f'<script type="application/json" id="misskey_embedCtx" data-generated-at="1">{inside}</script>')

    def _imgur_picture(self, request: Request, day: int) -> Reply | None:
        """A picture has its file under any ending, as Imgur's have."""
        post = next((post for post in self._of("imgur") if request.path.startswith(f"/{post.id}.")), None)
        if post is None or post.state_on(day) is not State.LIVE:
            return None
        if "withheld" in post.more:
            return Reply(200, region_picture(), "image/png")
        place = urlsplit(post.pictures[0].url)
        return Reply(200, pictures.picture(f"{place.hostname}{place.path}", *IMGUR_SIZE), "image/jpeg")

    def _imgur_page(self, request: Request, _day: int) -> Reply | None:
        withheld = [post for post in self._of("imgur") if "withheld" in post.more]
        post = next((post for post in withheld if request.path.startswith(f"/{post.id}")), None)
        return gone_page(post.network, REGION_WORDS, 200) if post is not None else None


def _letter(post: OtherPost) -> dict[str, Any]:
    """A newsletter's post."""
    made = post.posted_at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    author = {"id": 31415926, "name": post.name, "handle": post.handle, "photo_url": None, "bio": None}
    return {
        "id": int(post.more["number"]),
        "publication_id": 2718281,
        "title": post.text,
        "subtitle": post.more["subtitle"],
        "slug": post.id,
        "post_date": made,
        "audience": "everyone",
        "type": "newsletter",
        "canonical_url": post.url,
        "cover_image": post.values["picture"] or None,
        "description": post.more["subtitle"],
        "truncated_body_text": post.more["body"],
        "body_html": f"<p>{escape(post.more['body'])}</p>",
        "wordcount": len(post.more["body"].split()),
        "publishedBylines": [author],
        "reaction_count": 12,
        "comment_count": 2,
    }


def _note(post: OtherPost) -> dict[str, Any]:
    attached = [{"id": f"{number:08}", "type": "image", "imageUrl": each.url} for number, each in enumerate(post.pictures, 1)]
    return {
        "id": int(post.id),
        "body": post.text,
        "body_json": {"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": post.text}]}]},
        "user_id": 31415926,
        "name": post.name,
        "handle": post.handle,
        "date": post.posted_at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "type": "feed",
        "post_id": None,
        "publication_id": None,
        "attachments": attached,
        "reaction_count": 5,
        "children_count": 0,
    }


def _spotlight(post: OtherPost) -> dict[str, Any]:
    creator = {"username": post.handle, "name": post.name, "url": f"https://www.snapchat.com/@{post.handle}"}
    video = {
        "name": post.text,
        "description": post.text,
        "uploadDateMs": str(int(post.values["seconds"]) * 1000),
        "thumbnailUrl": post.values["picture"],
        "contentUrl": "",
        "durationMs": "9000",
        "width": 540,
        "height": 960,
        "creator": {"$case": "personCreator", "personCreator": creator},
    }
    story = {"storyId": {"value": post.id}, "snapList": []}
    return {
        "story": story,
        "metadata": {"videoMetadata": video, "description": post.text, "engagementStats": {"viewCount": "310"}},
    }


def _misskey_note(post: OtherPost) -> dict[str, Any]:
    files = [
        {
            "id": f"f{number}",
            "name": f"{number}.jpg",
            "type": "image/jpeg",
            "url": each.url,
            "thumbnailUrl": each.url,
            "comment": each.alt,
            "isSensitive": False,
            "properties": {"width": 800, "height": 600},
        }
        for number, each in enumerate(post.pictures, 1)
    ]
    return {
        "id": post.id,
        "createdAt": post.posted_at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "userId": "9bjv3n9376",
        "user": {"id": "9bjv3n9376", "name": post.name, "username": post.handle, "host": None, "avatarUrl": None},
        "text": post.text,
        "cw": None,
        "visibility": "public",
        "localOnly": False,
        "reactionCount": 3,
        "repliesCount": 0,
        "renoteCount": 1,
        "fileIds": [file["id"] for file in files],
        "files": files,
        "replyId": None,
        "renoteId": None,
    }


@cache
def region_picture() -> bytes:
    """The PNG that Imgur serves in place of each picture that it withholds."""
    image = Image.new("RGB", (600, 315), (20, 21, 24))
    ImageDraw.Draw(image).text((190, 150), REGION_WORDS, fill=(240, 240, 240))
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _refused(post: OtherPost) -> Reply:
    refusal = post.network.refusals["deleted"]
    return Reply(refusal.status, post.fill(refusal.body).encode(), refusal.type)


def _json(data: dict[str, Any]) -> Reply:
    return Reply(
        body=json.dumps(data, ensure_ascii=False).encode(), content_type="application/json; charset=utf-8", compress=True
    )
