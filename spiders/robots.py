"""robots.txt (RFC 9309): what each site lets us fetch, read by protego, and the gate that holds pages back until it is known."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from protego import Protego

from archiver.config.settings import HostSettings, host_settings
from archiver.platforms import platform_of_reply
from archiver.recording.recorder import Recorded
from archiver.urls import host_of
from spiders.crawl_request import GATED, CrawlRequest, RequestKind
from spiders.discovery import mark_third_party
from spiders.frontier import Frontier
from spiders.response_policy import Action, Decision
from spiders.scope import Scope

MAX_ROBOTS_BYTES = 512_000  # RFC 9309, 2.5: at least 500 KiB must be read
MAX_ROBOTS_REDIRECTS = 5  # RFC 9309, 2.3.1.2: at least five are to be followed; a robots.txt behind more counts as not there
FORBIDDEN = "robots.txt does not allow it; `--ignore-robots REASON` asks all the same"


def origin_of(url: str) -> str:
    """Scheme, host and port: the URLs that one robots.txt applies to."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def robots_apply(request: CrawlRequest) -> bool:
    """Whether robots.txt applies: to pages, to the lists that lead to them, and to platform requests to other people's sites.

    It does not to the public endpoints of the large networks: they are there to be asked, and their robots.txt is written for
    search engines.
    """
    if request.kind is not RequestKind.ASK:
        return request.kind in GATED
    platform = platform_of_reply(request.url)
    return platform is not None and platform.asks_any_host


class Robots:
    """The rules of all robots.txt files that a crawl has read, by origin."""

    def __init__(self, user_agent: str) -> None:
        self._user_agent = user_agent
        self._rules: dict[str, Protego] = {}
        self._unread: dict[str, str] = {}
        self._texts: dict[str, Protego] = {}

    def knows(self, url: str) -> bool:
        return origin_of(url) in self._rules

    def learn(self, url: str, status: int | None, body: bytes, silence: str = "") -> None:
        """Reads the response to the robots.txt of `url`; `status` is None where none came, and `silence` says why.

        RFC 9309, 2.3.1: 4xx allows everything, 5xx and no response nothing. A 429 says that we ask too often, not that there are
        no rules: it counts like 5xx.
        """
        if status is not None and 200 <= status < 300:
            text = body[:MAX_ROBOTS_BYTES].decode("utf-8", "replace")
        elif status is not None and status < 500 and status != 429:
            text = ""
        else:
            text = "User-agent: *\nDisallow: /"
            self._unread[origin_of(url)] = silence or f"its robots.txt answered {status}, so nothing may be asked now"
        self._rules[origin_of(url)] = self._parsed(text)

    def _parsed(self, text: str) -> Protego:
        # Many hosts have the same robots.txt, or none: it is parsed and kept once.
        rules = self._texts.get(text)
        if rules is None:
            rules = self._texts[text] = Protego.parse(text)
        return rules

    def allows(self, url: str) -> bool:
        rules = self._rules.get(origin_of(url))
        return rules is None or rules.can_fetch(url, self._user_agent)

    def unread(self, url: str) -> str | None:
        """Why the robots.txt that applies to this URL could not be read; None where it was."""
        return self._unread.get(origin_of(url))

    def crawl_delay(self, url: str) -> float | None:
        """Seconds between two requests that the site asks for; None where it does not."""
        rules = self._rules.get(origin_of(url))
        return rules.crawl_delay(self._user_agent) if rules is not None else None

    def sitemaps(self, url: str) -> tuple[str, ...]:
        rules = self._rules.get(origin_of(url))
        return tuple(rules.sitemaps) if rules is not None else ()


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
