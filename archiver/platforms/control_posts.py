"""The control posts: official posts that have been up for years, and posts that are known to be gone. Data: `control_posts.toml`.

`archiver platforms --probe` asks for them, and a crawl asks for a live one where a host says "not found" of a post.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class ControlPost:
    """One post, and how we know what a platform should answer about it."""

    id: str
    """As the platform's own `parse_url` gives it."""
    why: str
    """What it is, and why it lasts; of a gone one, how it is known to be gone."""
    source: str
    """Who names it, and when."""
    author: str | None = None
    """The handle, where the address of an embed page wants it."""
    short_link: str | None = None
    """A short link that leads to it."""
    picture: str | None = None
    """The address of a picture of it, where no reply names one."""


@dataclass(frozen=True, slots=True)
class ControlPosts:
    """Those of one platform, the first to ask for first."""

    live: tuple[ControlPost, ...] = ()
    gone: tuple[ControlPost, ...] = ()


NONE = ControlPosts()


@cache
def control_posts() -> Mapping[str, ControlPosts]:
    """By name of the platform. Read when it is first asked for: most commands need none of it."""
    text = files("archiver.platforms").joinpath("control_posts.toml").read_text(encoding="utf-8")
    return {
        name: ControlPosts(*(tuple(ControlPost(**post) for post in posts.get(kind, ())) for kind in ("live", "gone")))
        for name, posts in tomllib.loads(text).items()
    }
