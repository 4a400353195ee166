"""Lists the platforms that are recognised, and what an archive has of each."""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from archiver.errors import UsageError
from archiver.html.addresses import domains_of
from archiver.html.embed_candidates import ANYWHERE
from archiver.model.findings import SECOND_HAND, PostState
from archiver.platforms import PLATFORMS
from archiver.platforms.base import Platform
from archiver.query.archive import Archive
from archiver.urls import host_of

OWN_HOST = "the post's own host"
# The platform's last answer for each post: SQLite takes the other columns from the row that has the maximum
# (https://www.sqlite.org/lang_select.html#bareagg). The page's own embed does not tell whether the post is still up.
_COUNTS = """
WITH own AS (
  SELECT s.post, s.state, max(s.said_at) FROM statements s
  WHERE s.source NOT IN (:embed, :third_party, :short_link) AND s.state IS NOT NULL GROUP BY s.post
)
SELECT p.platform, count(*), count(own.post), count(*) FILTER (WHERE own.state IN (:gone, :deleted, :suspended))
FROM posts p LEFT JOIN own ON own.post = p.id GROUP BY p.platform
"""
_BOUND = {
    **{source.value: source.value for source in SECOND_HAND},
    "gone": PostState.GONE.value,
    "deleted": PostState.DELETED.value,
    "suspended": PostState.SUSPENDED.value,
}


@dataclass(frozen=True, slots=True)
class PlatformCounts:
    """What an archive has of one platform."""

    embeds: int = 0
    """Appearances in versions of pages."""
    posts: int = 0
    """Different ones, linked ones included."""
    answered: int = 0
    """Posts for which the platform itself answered; `told` in JSON."""
    gone: int = 0
    """Posts of which the platform's last answer was that they are not there (deleted and suspended ones as well)."""


@dataclass(frozen=True, slots=True)
class Supported:
    """One platform, as its file declares it."""

    name: str
    title: str
    hosts: tuple[str, ...]
    any_host: bool
    """Whether its posts are on other hosts as well."""
    markup: tuple[str, ...]
    """What its own embed codes are known by, as CSS writes it."""
    example: str
    """The canonical URL of a made-up post."""
    asked: tuple[str, ...]
    """The hosts that are asked for more of a post where archiver.toml says nothing else, OWN_HOST for the host that the post is
    on; empty: nobody is asked."""
    counts: PlatformCounts | None
    """None without an archive."""


def platforms(archive: Archive | None) -> Iterator[Supported]:
    """All that are recognised, in the order in which they are asked."""
    counts = _counts(archive.index) if archive is not None else None
    for platform in PLATFORMS:
        yield supported(platform, counts.get(platform.name, PlatformCounts()) if counts is not None else None)


def named(names: Iterable[str]) -> frozenset[str]:
    """The platforms of these names, all where there is none. Raises `UsageError` for a name that no platform has."""
    known, wanted = frozenset(platform.name for platform in PLATFORMS), frozenset(names)
    for name in sorted(wanted - known):
        raise UsageError(f"no platform is called {name!r}; there are {', '.join(sorted(known))}")
    return wanted or known


def supported(platform: Platform, counts: PlatformCounts | None = None) -> Supported:
    """A platform's declarations; its examples stand for its posts."""
    post_ids = [post_id for example in platform.examples for post_id in (*example.posts, *example.links) if post_id]
    used = {door.name for door in platform.doors if door.on}
    return Supported(
        name=platform.name,
        title=platform.title,
        hosts=tuple(host for host in platform.hosts if host != ANYWHERE),
        any_host=ANYWHERE in platform.hosts,
        markup=platform.own_markup(),
        example=platform.canonical_url(post_ids[0]),
        asked=tuple(
            dict.fromkeys(
                _asked(platform, url)
                for post_id in post_ids
                for request in platform.requests_about(post_id)
                if request.door in used
                for url in (request.url, *request.others)
            )
        ),
        counts=counts,
    )


def _asked(platform: Platform, url: str) -> str:
    host = host_of(url)
    return host if any(domain in platform.hosts for domain in domains_of(host)) else OWN_HOST


def _counts(index: sqlite3.Connection) -> dict[str, PlatformCounts]:
    embeds = dict(index.execute("SELECT platform, count(*) FROM embeds GROUP BY platform").fetchall())
    posts = {platform: counts for platform, *counts in index.execute(_COUNTS, _BOUND)}
    return {name: PlatformCounts(embeds.get(name, 0), *posts.get(name, (0, 0, 0))) for name in {*embeds, *posts}}
