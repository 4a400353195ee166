"""A wish: one address that a crawl wants, why, and what to try instead."""

import json
from dataclasses import dataclass, replace
from enum import StrEnum

from archiver.ids import natural_id
from archiver.model.exchange import Purpose, ResourceType
from archiver.urls import host_of


class RequestKind(StrEnum):
    """What is wanted, in the order in which one host's wishes are met."""

    ROBOTS = "robots"
    SITEMAP = "sitemap"
    FEED = "feed"
    ASK = "ask"
    """A platform's reply about a post."""
    LINK = "link"
    """A short link, to learn where it leads."""
    PAGE = "page"
    MEDIA = "media"
    RENDER = "render"
    """A page, or a post by itself, to be drawn by a browser."""


BROWSER = "(browser)"
"""Stands where a host would, for what is to be drawn: no host has such a name."""
PRIORITY = {kind: rank for rank, kind in enumerate(RequestKind)}
_TYPES = {
    RequestKind.PAGE: ResourceType.DOCUMENT,
    RequestKind.MEDIA: ResourceType.IMAGE,
}
_FOR_ANYBODY = frozenset({RequestKind.ROBOTS, RequestKind.LINK})  # no login is needed, and who may redirect them is anybody
GATED = frozenset({RequestKind.PAGE, RequestKind.FEED, RequestKind.SITEMAP})
"""What robots.txt always has a say in: pages, and the lists that lead to them."""


@dataclass(frozen=True, slots=True)
class CrawlRequest:
    """Plain data: it lives in state.db between runs."""

    url: str
    kind: RequestKind
    seed: bool = False
    page_visit: str | None = None
    """The visit to a page that wants this: WARC-Page-ID."""
    instead: tuple[str, ...] = ()
    """Addresses to try when this one is not there: smaller sizes of a picture."""
    tries: int = 0
    via: tuple[str, ...] = ()
    """The addresses that redirected here, first to last."""
    optional: bool = False
    """A guess (`/sitemap.xml`): that it is not there is no failure."""
    post: tuple[str, str] | None = None
    """Platform and id of the post that is asked about, or that is to be drawn by itself."""
    again: bool = False
    """What follows from it is to be drawn although it was drawn before."""
    speaks_for: str | None = None
    """Of a robots.txt that another one redirected to: the origin that it speaks for (RFC 9309, 2.3.1.2)."""
    foreign: bool = False
    """Another site named it: the user's cookies do not go with it. See `follow.mark_third_party`."""

    @property
    def redirects(self) -> int:
        return len(self.via)

    @property
    def host(self) -> str:
        return host_of(self.url) if self.kind is not RequestKind.RENDER else BROWSER

    @property
    def key(self) -> int:
        """Two wishes for one address and purpose are one wish; not where only one may be met with the user's cookies."""
        apart = [*([self.speaks_for] if self.speaks_for else []), *(["foreign"] if self.foreign else [])]
        return natural_id("wish", self.kind.value, self.url, *apart)

    @property
    def purpose(self) -> Purpose:
        with_cookies = not self.foreign and self.kind not in _FOR_ANYBODY
        return Purpose(_TYPES.get(self.kind, ResourceType.FETCH), self.page_visit, with_cookies)

    def next_address(self) -> "CrawlRequest | None":
        """The same wish at the next address, where there is one."""
        return replace(self, url=self.instead[0], instead=self.instead[1:], tries=0) if self.instead else None

    def to_json(self) -> str:
        return json.dumps({name: getattr(self, name) for name in CrawlRequest.__slots__}, separators=(",", ":"))


def crawl_request_from_json(text: str) -> CrawlRequest:
    fields = json.loads(text)
    tuples = {name: tuple(fields[name]) for name in ("instead", "via")}
    post = tuple(fields["post"]) if fields.get("post") else None
    return CrawlRequest(**{**fields, **tuples, "kind": RequestKind(fields["kind"]), "post": post})
