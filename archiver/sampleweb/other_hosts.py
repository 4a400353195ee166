"""The hosts of other networks: replies about their posts, pages for frames, short links, pictures.

What most have in common stands here, and was so in 2022. What is different in 2026 is asked for first: `answers_2026`.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from urllib.parse import unquote, urlsplit

from archiver.sampleweb import pictures
from archiver.sampleweb.bluesky import BlueskyHosts, thread_of
from archiver.sampleweb.embeds import EmbedPages
from archiver.sampleweb.exchanges import Reply, Request
from archiver.sampleweb.mastodon import mastodon_2026, status_of
from archiver.sampleweb.meta import Meta
from archiver.sampleweb.others import OtherPost, oembed_of, page_of
from archiver.sampleweb.players import Players
from archiver.sampleweb.public_pages import PublicPages
from archiver.sampleweb.publishers import Publishers
from archiver.sampleweb.reddit import Reddit
from archiver.sampleweb.tweets import State

JSON_TYPE = "application/json; charset=utf-8"
PICTURE_SIZE = (800, 600)
_KEPT = datetime(2024, 5, 1, tzinfo=UTC)  # Last-Modified of all pictures
_WALL = b"<!DOCTYPE html><html><head><title>Log in</title></head><body><noscript>JavaScript is off.</noscript></body></html>"


class OtherHosts:
    """Answers for all of them from the table of posts."""

    def __init__(self, posts: Iterable[OtherPost], age: int = 2022) -> None:
        self._posts = {post.key: post for post in posts}
        self._embeds = EmbedPages(self._posts.values())
        addresses = (url for post in self._posts.values() for url in (*(each.url for each in post.pictures), *post.also))
        self._pictures = {(urlsplit(url).hostname or "", urlsplit(url).path) for url in addresses}
        self._of_2026 = answers_2026(self._posts) if age >= 2026 else {}

    @property
    def answers(self) -> dict[str, Callable[[Request, int], Reply]]:
        """By host name."""
        hosts = {host for post in self._posts.values() for host in (*post.network.hosts, post.network.short_host or "")}
        hosts |= {*self._embeds.hosts, *self._of_2026, *(host for host, _ in self._pictures)} - {""}
        return dict.fromkeys(sorted(hosts - {""}), self.answer)

    def answer(self, request: Request, day: int) -> Reply:
        of_2026 = self._of_2026.get(request.host)
        if of_2026 is not None and (reply := of_2026(request, day)) is not None:
            return reply
        if (request.host, request.path) in self._pictures:
            data = pictures.picture(f"{request.host}{request.path}", *PICTURE_SIZE)
            return Reply(body=data, content_type="image/jpeg", modified=_KEPT)
        if (framed := self._embeds.answer(request, day)) is not None:
            return framed
        own = [post for post in self._posts.values() if request.host in post.network.hosts]
        if not own:
            return self._short_link(request)
        asked = unquote(request.target)
        post = next((post for post in own if any(name in asked for name in post.names)), None)
        if not request.path.startswith((post or own[0]).fill(own[0].network.asked)):
            return _elsewhere(request)
        if post is None:
            return _refused(own[0], "unknown")
        state = post.state_on(day)
        return self._shown(post, day) if state is State.LIVE else _refused(post, state)

    def _shown(self, post: OtherPost, day: int) -> Reply:
        network = post.network
        if network.page is not None:
            return Reply(body=page_of(post).encode(), content_type="text/html; charset=utf-8", compress=True)
        if network.oembed:
            body = oembed_of(post)
        elif network.name == "mastodon":
            body = json.dumps(status_of(post))
        else:
            body = json.dumps(thread_of(post, self._quoted(post), day))
        return Reply(body=body.encode(), content_type=JSON_TYPE, compress=True)

    def _quoted(self, post: OtherPost) -> OtherPost | None:
        return self._posts[post.quotes] if post.quotes else None

    def _short_link(self, request: Request) -> Reply:
        code = request.path.strip("/")
        targets = (post for post in self._posts.values() if post.network.short_host == request.host)
        found = next((post for post in targets if code and post.more.get("short") == code), None)
        if found is None:
            return Reply(404, content_type="text/plain")
        return Reply(301, headers=(("Location", f"{found.url}?_r=1&_t=8mJ2kQ"),))


def _elsewhere(request: Request) -> Reply:
    """Strangers see no more than a wall; nobody forbids anything to robots."""
    return Reply(404, b"", "text/plain") if request.path == "/robots.txt" else Reply(403, _WALL)


def _refused(post: OtherPost, state: str) -> Reply:
    refusals = post.network.refusals
    refusal = refusals.get(state) or refusals["deleted"]
    return Reply(refusal.status, post.fill(refusal.body).encode(), refusal.type)


# --- 2026 ----------------------------------------------------------------------------------------------------

Answer = Callable[[Request, int], Reply | None]


def answers_2026(posts: Mapping[str, OtherPost]) -> dict[str, Answer]:
    """By host name; a function gives None where the host answers as it did. `posts` by key."""
    found: dict[str, list[Answer]] = {"mastodon.shore.example": [partial(mastodon_2026, posts)]}
    for network in (BlueskyHosts, Reddit, Meta, Players, Publishers, PublicPages):
        for host, answer in network(posts.values()).answers.items():
            found.setdefault(host, []).append(answer)
    return {host: partial(_first, answers) for host, answers in found.items()}


def _first(answers: list[Answer], request: Request, day: int) -> Reply | None:
    return next((reply for answer in answers if (reply := answer(request, day)) is not None), None)
