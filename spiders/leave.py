"""The leave to ask: what a robots.txt says, as it comes, goes into the rules, the pace and the wishes of a run."""

from collections.abc import Mapping

from archiver.config.settings import HostSettings, host_settings
from archiver.recording.recorder import Recorded
from archiver.urls import host_of
from spiders.crawl_request import Wish, WishKind
from spiders.discovery import told_apart
from spiders.frontier import Frontier
from spiders.response_policy import Judgement, Turn
from spiders.robots import MAX_ROBOTS_REDIRECTS, Robots, origin_of
from spiders.scope import Scope


class Leave:
    """For one run."""

    def __init__(
        self, robots: Robots, frontier: Frontier, scope: Scope, delay: float | None, hosts: Mapping[str, HostSettings]
    ) -> None:
        """`delay`: what the user wants between two requests, whatever a Crawl-delay says; `hosts`: the same for single hosts."""
        self._robots, self._frontier, self._scope, self._delay = robots, frontier, scope, delay
        self._hosts = hosts

    def ask_first(self, seq: int, wish: Wish) -> None:
        """This wish waits until its origin's robots.txt is there."""
        self._frontier.put_back(seq, wish)
        self._frontier.hold(wish.host)
        self._frontier.add([Wish(f"{origin_of(wish.url)}/robots.txt", WishKind.ROBOTS, optional=True)])

    def learn(self, wish: Wish, recorded: Recorded, body: bytes, judgement: Judgement) -> None:
        """From an answer, unless it is asked for again. A redirect is followed (RFC 9309, 2.3.1.2)."""
        if judgement.turn in (Turn.RETRY, Turn.PAUSE_HOST):
            return
        target = next(iter(recorded.findings.links), None)
        via = (*wish.via, wish.url)
        if target is not None and target not in via and wish.redirects < MAX_ROBOTS_REDIRECTS:
            origin = wish.speaks_for or origin_of(wish.url)
            if self._frontier.add([Wish(target, WishKind.ROBOTS, via=via, optional=True, speaks_for=origin)]):
                return
        self.obey(wish, recorded.capture.status, body)  # a redirect that leads nowhere is one like 404: RFC 9309, 2.3.1.2

    def obey(self, wish: Wish, status: int | None, body: bytes, silence: str = "") -> None:
        """What a robots.txt says counts from now on, and the pages that waited for it may go. `silence`: why there is none."""
        origin = wish.speaks_for or wish.url
        self._robots.learn(origin, status, body, silence)
        delay = self._robots.crawl_delay(origin)
        if delay is not None and self._delay is None and host_settings(self._hosts, host_of(origin)).delay is None:
            self._frontier.slow_down(host_of(origin), delay)
        if self._scope.walks_sites:
            named = (url for url in self._robots.sitemaps(origin) if self._scope.covers(url))
            wishes = (Wish(url, WishKind.SITEMAP, optional=True) for url in named)
            self._frontier.add(told_apart(wishes, wish, self._hosts))
        self._frontier.release(host_of(origin))
