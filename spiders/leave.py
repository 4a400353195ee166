"""The leave to ask: what a robots.txt says, as it comes, goes into the rules, the pace and the wishes of a run."""

from collections.abc import Mapping

from archiver.config.settings import HostSettings, host_settings
from archiver.recording.recorder import Recorded
from archiver.urls import host_of
from spiders.crawl_request import CrawlRequest, RequestKind
from spiders.discovery import mark_third_party
from spiders.frontier import Frontier
from spiders.response_policy import Action, Decision
from spiders.robots import MAX_ROBOTS_REDIRECTS, Robots, origin_of
from spiders.scope import Scope


class RobotsGate:
    """For one run."""

    def __init__(
        self, robots: Robots, frontier: Frontier, scope: Scope, delay: float | None, hosts: Mapping[str, HostSettings]
    ) -> None:
        """`delay`: what the user wants between two requests, whatever a Crawl-delay says; `hosts`: the same for single hosts."""
        self._robots, self._frontier, self._scope, self._delay = robots, frontier, scope, delay
        self._hosts = hosts

    def require_robots(self, seq: int, request: CrawlRequest) -> None:
        """This wish waits until its origin's robots.txt is there."""
        self._frontier.put_back(seq, request)
        self._frontier.hold(request.host)
        self._frontier.add([CrawlRequest(f"{origin_of(request.url)}/robots.txt", RequestKind.ROBOTS, optional=True)])

    def learn(self, request: CrawlRequest, recorded: Recorded, body: bytes, decision: Decision) -> None:
        """From an answer, unless it is asked for again. A redirect is followed (RFC 9309, 2.3.1.2)."""
        if decision.turn in (Action.RETRY, Action.PAUSE_HOST):
            return
        target = next(iter(recorded.findings.links), None)
        via = (*request.via, request.url)
        if target is not None and target not in via and request.redirects < MAX_ROBOTS_REDIRECTS:
            origin = request.speaks_for or origin_of(request.url)
            if self._frontier.add([CrawlRequest(target, RequestKind.ROBOTS, via=via, optional=True, speaks_for=origin)]):
                return
        self.obey(request, recorded.capture.status, body)  # a redirect that leads nowhere is one like 404: RFC 9309, 2.3.1.2

    def obey(self, request: CrawlRequest, status: int | None, body: bytes, silence: str = "") -> None:
        """What a robots.txt says counts from now on, and the pages that waited for it may go. `silence`: why there is none."""
        origin = request.speaks_for or request.url
        self._robots.learn(origin, status, body, silence)
        delay = self._robots.crawl_delay(origin)
        if delay is not None and self._delay is None and host_settings(self._hosts, host_of(origin)).delay is None:
            self._frontier.slow_down(host_of(origin), delay)
        if self._scope.walks_sites:
            named = (url for url in self._robots.sitemaps(origin) if self._scope.covers(url))
            requests = (CrawlRequest(url, RequestKind.SITEMAP, optional=True) for url in named)
            self._frontier.add(mark_third_party(requests, request, self._hosts))
        self._frontier.release(host_of(origin))
