"""What the hosts of other networks answer in 2026 and did not in 2022: one function a host, put together from all networks."""

from collections.abc import Callable, Mapping
from functools import partial

from archiver.sampleweb.bluesky import BlueskyHosts
from archiver.sampleweb.exchanges import Reply, Request
from archiver.sampleweb.mastodon import mastodon_2026
from archiver.sampleweb.meta import Meta
from archiver.sampleweb.others import OtherPost
from archiver.sampleweb.players import Players
from archiver.sampleweb.public_pages import PublicPages
from archiver.sampleweb.publishers import Publishers
from archiver.sampleweb.reddit import Reddit

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
