"""A crawl request: one URL that a crawl is to ask for, why, and what to try where it is not there. It is kept in state.db."""

import json
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

from archiver.ids import natural_id
from archiver.model.exchange import Purpose, ResourceType
from archiver.urls import host_of


class RequestKind(StrEnum):
    """What is asked for, in the order in which the requests to one host go out."""

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
    """A page, or a post by itself, that a browser renders."""


CRAWL_REQUEST = "archiver_crawl_request"
"""Key of a Scrapy request's `meta`: the `CrawlRequest` that it stands for."""
SEQ = "archiver_seq"
"""Key of a Scrapy request's `meta`: its row number in the frontier, once the scheduler has handed it out."""
BROWSER = "(browser)"
"""Stands in place of the host of a render: no host has such a name."""
PRIORITY = {kind: rank for rank, kind in enumerate(RequestKind)}
GATED = frozenset({RequestKind.PAGE, RequestKind.FEED, RequestKind.SITEMAP})
"""The kinds that robots.txt always applies to: pages, and the lists that lead to them."""
_TYPES = {
    RequestKind.PAGE: ResourceType.DOCUMENT,
    RequestKind.MEDIA: ResourceType.IMAGE,
}
# Sent without the user's cookies: no login is needed, and anybody may redirect them anywhere.
_WITHOUT_COOKIES = frozenset({RequestKind.ROBOTS, RequestKind.LINK})
# The fields whose names in state.db are older than their names here: a run that an earlier version began is resumed.
_JSON_NAMES = {"fallbacks": "instead", "robots_origin": "speaks_for", "third_party": "foreign"}


@dataclass(frozen=True, slots=True)
class CrawlRequest:
    """One URL to ask for, and for what."""

    url: str
    kind: RequestKind
    seed: bool = False
    page_visit: str | None = None
    """UUID of the visit to the page that needs this (WARC-Page-ID)."""
    fallbacks: tuple[str, ...] = ()
    """URLs to try, in this order, where this one is not there: smaller sizes of a picture."""
    tries: int = 0
    """How often it was asked for in vain."""
    via: tuple[str, ...] = ()
    """The URLs that redirected here, first to last."""
    optional: bool = False
    """A guess (`/sitemap.xml`): that it is not there is no failure."""
    post: tuple[str, str] | None = None
    """Platform and id of the post that is asked about, or that is rendered by itself."""
    again: bool = False
    """Requeued by an audit: asked for, and what follows from it rendered, although an earlier crawl has it."""
    robots_origin: str | None = None
    """Of a robots.txt that was redirected: the origin whose rules it states (RFC 9309, 2.3.1.2)."""
    control: bool = False
    """The post is known to be live: its platform is asked whether it answers at all."""
    third_party: bool = False
    """Another site named this URL, so the user's cookies are not sent: see `discovery.mark_third_party`."""

    @property
    def redirects(self) -> int:
        return len(self.via)

    @property
    def host(self) -> str:
        """The host whose pace counts; `BROWSER` for a render."""
        return host_of(self.url) if self.kind is not RequestKind.RENDER else BROWSER

    @property
    def key(self) -> int:
        """Equal for two requests of one kind for one URL: a run asks once. A third-party request has a key of its own, since
        it may not stand for the one that is sent with cookies."""
        apart = [*([self.robots_origin] if self.robots_origin else []), *(["foreign"] if self.third_party else [])]
        apart += ["control"] if self.control else []
        return natural_id("wish", self.kind.value, self.url, *apart)

    @property
    def purpose(self) -> Purpose:
        with_cookies = not self.third_party and self.kind not in _WITHOUT_COOKIES
        return Purpose(_TYPES.get(self.kind, ResourceType.FETCH), self.page_visit, with_cookies)

    def fallback(self) -> "CrawlRequest | None":
        """A request for the first of the fallbacks; None where there is none."""
        return replace(self, url=self.fallbacks[0], fallbacks=self.fallbacks[1:], tries=0, via=()) if self.fallbacks else None

    def to_json(self) -> str:
        return json.dumps({key: getattr(self, name) for name, key in _STORED}, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Self:
        stored = json.loads(text)
        fields = {name: stored[key] for name, key in _STORED if key in stored}
        fields |= {name: tuple(fields[name]) for name in ("fallbacks", "via")}
        fields |= {"kind": RequestKind(fields["kind"]), "post": tuple(fields["post"]) if fields.get("post") else None}
        return cls(**fields)


_STORED = tuple((name, _JSON_NAMES.get(name, name)) for name in CrawlRequest.__slots__)
