"""The gate that holds a crawl's pages back until the robots.txt of their origin is read (RFC 9309)."""

from collections.abc import Mapping

from archiver.config.settings import HostSettings, host_settings
from archiver.crawling.robots import Robots, origin_of
from archiver.platforms import platform_of_reply
from archiver.recording.recorder import Recorded
from archiver.urls import host_of
from spiders.crawl_request import GATED, CrawlRequest, RequestKind
from spiders.discovery import mark_third_party
from spiders.frontier import Frontier
from spiders.response_policy import Action, Decision
from spiders.scope import Scope

MAX_ROBOTS_REDIRECTS = 5  # RFC 9309, 2.3.1.2: at least five are to be followed; a robots.txt behind more counts as not there
FORBIDDEN = "robots.txt does not allow it; `--ignore-robots REASON` asks all the same"


def robots_apply(request: CrawlRequest) -> bool:
    """Whether robots.txt applies: to pages, to the lists that lead to them, and to platform requests to other people's sites.

    It does not to the public endpoints of the large networks: they are there to be asked, and their robots.txt is written for
    search engines.
    """
    if request.kind is not RequestKind.ASK:
        return request.kind in GATED
    platform = platform_of_reply(request.url)
    return platform is not None and platform.asks_any_host


class RobotsGate:
    """Holds a crawl's requests back until the robots.txt of their origin is read, and applies what it says to pace and scope."""

    def __init__(
        self, robots: Robots, frontier: Frontier, scope: Scope, delay: float | None, hosts: Mapping[str, HostSettings]
    ) -> None:
        """`delay`: the seconds between two requests that the user set, which override a Crawl-delay; `hosts`: settings of single
        hosts, which may set one of their own."""
        self._robots, self._frontier, self._scope, self._delay = robots, frontier, scope, delay
        self._hosts = hosts

    def require_robots(self, seq: int, request: CrawlRequest) -> None:
        """Gives a request that was handed out back to the frontier, to wait for its origin's robots.txt, and asks for that."""
        self._frontier.requeue(seq, request)
        self._frontier.block_host(request.host)
        self._frontier.add([CrawlRequest(f"{origin_of(request.url)}/robots.txt", RequestKind.ROBOTS, optional=True)])

    def handle_response(self, request: CrawlRequest, recorded: Recorded, body: bytes, decision: Decision) -> None:
        """Applies the response to a robots.txt, unless it is asked for again, or redirects (RFC 9309, 2.3.1.2)."""
        if decision.action in (Action.RETRY, Action.PAUSE_HOST):
            return
        target = next(iter(recorded.findings.links), None)
        via = (*request.via, request.url)
        if target is not None and target not in via and request.redirects < MAX_ROBOTS_REDIRECTS:
            origin = request.robots_origin or origin_of(request.url)
            if self._frontier.add([CrawlRequest(target, RequestKind.ROBOTS, via=via, optional=True, robots_origin=origin)]):
                return
        self.apply(request, recorded.capture.status, body)  # a redirect that leads nowhere is one like 404: RFC 9309, 2.3.1.2

    def apply(self, request: CrawlRequest, status: int | None, body: bytes, silence: str = "") -> None:
        """Applies a robots.txt from now on, and lets the requests go that wait for it. `status` is None, with the reason in
        `silence`, where no response came."""
        origin = request.robots_origin or request.url
        self._robots.learn(origin, status, body, silence)
        delay = self._robots.crawl_delay(origin)
        if delay is not None and self._delay is None and host_settings(self._hosts, host_of(origin)).delay is None:
            self._frontier.slow_down(host_of(origin), delay)
        if self._scope.walks_sites:
            named = (url for url in self._robots.sitemaps(origin) if self._scope.covers(url))
            requests = (CrawlRequest(url, RequestKind.SITEMAP, optional=True) for url in named)
            self._frontier.add(mark_third_party(requests, request, self._hosts))
        self._frontier.unblock_host(host_of(origin))
