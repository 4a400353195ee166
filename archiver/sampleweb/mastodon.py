"""A Mastodon server's public API: one status as JSON, with keys and types as docs.joinmastodon.org has them (Status).

In 2026 the server is of version 4.5: a status says what it quotes, and in which state that is; where it is not shown,
`quoted_status` is null (docs.joinmastodon.org, Quote: pending, accepted, rejected, revoked, deleted, unauthorized,
blocked_account, ...).
"""

import json
from collections.abc import Mapping
from html import escape
from typing import Any

from archiver.sampleweb.exchanges import Reply, Request
from archiver.sampleweb.others import OtherPost
from archiver.sampleweb.tweets import State

_META = {"width": 800, "height": 600, "size": "800x600", "aspect": 1.3333333333333333}


def status_of(post: OtherPost) -> dict[str, Any]:
    """A live status."""
    host = post.network.hosts[0]
    return {
        "id": post.id,
        "created_at": post.posted_at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "sensitive": False,
        "spoiler_text": "",
        "visibility": "public",
        "language": "en",
        "uri": f"https://{host}/users/{post.handle}/statuses/{post.id}",
        "url": post.url,
        "replies_count": 4,
        "reblogs_count": 9,
        "favourites_count": 40,
        "edited_at": None,
        "content": f"<p>{escape(post.text)}</p>",
        "reblog": None,
        "account": _account(post, host),
        "media_attachments": [_attachment(number, each.url, each.alt) for number, each in enumerate(post.pictures, 1)],
        "mentions": [],
        "tags": [],
        "emojis": [],
        "card": None,
        "poll": None,
    }


def quoting_status(post: OtherPost, quoted: OtherPost | None, day: int) -> dict[str, Any]:
    """A live status as version 4.5 has it."""
    status = status_of(post)
    approval = {"automatic": ["public"], "manual": [], "current_user": "denied"}
    status |= {"quotes_count": 0, "quote": None, "quote_approval": approval, "filtered": [], "application": None}
    if state := post.more.get("quote_state"):
        status["quote"] = {"state": state, "quoted_status": None}
    elif quoted is not None and quoted.state_on(day) is State.LIVE:
        status["quote"] = {"state": "accepted", "quoted_status": status_of(quoted) | {"quote": None}}
    elif quoted is not None:
        status["quote"] = {"state": "deleted", "quoted_status": None}
    return status


def mastodon_2026(posts: Mapping[str, OtherPost], request: Request, day: int) -> Reply | None:
    """`GET /api/v1/statuses/ID` of a live status; None for all else. `posts` by key."""
    named = request.path.removeprefix("/api/v1/statuses/")
    post = next((post for post in posts.values() if post.network.name == "mastodon" and post.id == named), None)
    if post is None or named == request.path or post.state_on(day) is not State.LIVE:
        return None
    status = quoting_status(post, posts[post.quotes] if post.quotes else None, day)
    return Reply(body=json.dumps(status).encode(), content_type="application/json; charset=utf-8", compress=True)


def _account(post: OtherPost, host: str) -> dict[str, Any]:
    return {
        "id": "108207014812345678",
        "username": post.handle,
        "acct": post.handle,
        "display_name": post.name,
        "locked": False,
        "bot": False,
        "created_at": "2022-04-28T00:00:00.000Z",
        "url": f"https://{host}/@{post.handle}",
        "uri": f"https://{host}/users/{post.handle}",
        "avatar": f"https://files.shore.example/accounts/avatars/{post.handle}.png",
        "followers_count": 120,
        "statuses_count": 640,
        "emojis": [],
        "fields": [],
    }


def _attachment(number: int, url: str, alt: str) -> dict[str, Any]:
    return {
        "id": f"11238962800000000{number}",
        "type": "image",
        "url": url,
        "preview_url": url.replace("/original/", "/small/"),
        "remote_url": None,
        "meta": {"original": _META, "small": _META},
        "description": alt or None,
        "blurhash": "UBL_:rOpGG-oBUNG,qRj2so|=eE1w^n4S5NH",
    }
