"""What the hosts of other networks answer in 2026 and did not in 2022: one function a host, put together from all networks."""

from collections.abc import Callable, Mapping
from functools import partial

from archiver.sampleweb.bluesky import BlueskyHosts
from archiver.sampleweb.exchanges import Reply, Request
from archiver.sampleweb.mastodon import mastodon_2026
from archiver.sampleweb.meta import Meta
from archiver.sampleweb.others import OtherPost
from archiver.sampleweb.players import Players
from archiver.sampleweb.publishers import Publishers
from archiver.sampleweb.reddit import Reddit


def answers_2026(posts: Mapping[str, OtherPost]) -> dict[str, Callable[[Request, int], Reply | None]]:
    """By host name; a function gives None where the host answers as it did. `posts` by key."""
    of_all = [network(posts.values()).answers for network in (BlueskyHosts, Reddit, Meta, Players, Publishers)]
    return {host: answer for answers in of_all for host, answer in answers.items()} | {
        "mastodon.shore.example": partial(mastodon_2026, posts)
    }
