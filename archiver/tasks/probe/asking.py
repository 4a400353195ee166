"""Asks the addresses of a probe as a crawl asks platforms: recorded, each host at its pace, robots.txt where it applies."""

import asyncio
from dataclasses import dataclass, field, replace

from archiver.config.settings import NEUTRAL_REFERER, delay_at
from archiver.crawling.robots import MAX_ROBOTS_BYTES, Robots, origin_of
from archiver.crawling.session import Session
from archiver.errors import NetworkError
from archiver.model.exchange import Exchange, PostQuestion, Purpose, ResourceType
from archiver.model.findings import Findings
from archiver.network.connection import FetchLimits
from archiver.platforms.base import Platform
from archiver.urls import host_of
from archiver.wire.content_coding import decode_content
from archiver.wire.http1 import content_codings

SHORT_LINK, PICTURE = "short_link", "picture"
"""What is probed beside the doors."""
MAX_HOPS = 10
TRIES = 2  # a connection that fails, or a server's error, is tried once more; nothing else is
RETRY_SECONDS = 2.0
LIMITS = FetchLimits(max_bytes=20_000_000, max_seconds=60)
READ_BYTES = 5 << 20  # of a reply


@dataclass(frozen=True, slots=True)
class Reply:
    """What came in the end, and all that was sent and received until then."""

    findings: Findings
    exchange: Exchange | None
    """The last; None where none came."""
    exchanges: tuple[Exchange, ...]
    trouble: str | None = None
    """Why none came."""
    wait: str | None = None
    """Nothing was sent: the host has refused or asked us to wait in this probe."""

    def body(self) -> bytes:
        """Of the last response, decoded of its content coding."""
        assert self.exchange is not None
        return decode_content(self.exchange.payload.chunks(), content_codings(self.exchange.head), READ_BYTES)[0]


@dataclass(slots=True)
class Asker:
    """Asks for one probe. No cookies are sent: what a platform shows to a stranger is what crawls live from."""

    session: Session
    waits: dict[str, str] = field(default_factory=dict)
    """Hosts that are not asked, as they have asked us to wait: what is told of each."""
    _paces: dict[str, float] = field(init=False)
    _next_at: dict[str, float] = field(default_factory=dict)
    _robots: Robots = field(init=False)

    def __post_init__(self) -> None:
        self._paces = self.session.doors.paces()
        self._robots = Robots(self.session.plan.settings.user_agent)

    async def ask(self, platform: Platform, question: PostQuestion, url: str, *, framed: bool = False) -> Reply:
        """A question, with the redirects that lead to its answer. `framed`: as a browser asks for a frame's page.

        Raises `StorageError`.
        """
        purpose = Purpose(ResourceType.FETCH, with_cookies=False, question=replace(question, control=True))
        headers = [("Referer", NEUTRAL_REFERER)] if framed else []  # without one YouTube's player refuses
        exchanges: list[Exchange] = []
        seen: set[str] = set()
        while True:
            seen.add(url)
            try:
                reply = await self._ask_once(platform, url, purpose, headers)
            except NetworkError as error:
                return Reply(Findings(), None, tuple(exchanges), trouble=str(error))
            if isinstance(reply, str):
                return Reply(Findings(), None, tuple(exchanges), wait=reply)
            exchange, findings = reply
            exchanges.append(exchange)
            target = next(iter(findings.links), None)
            answered = findings.statements or findings.aliases
            arrived = question.door == SHORT_LINK and target is not None and platform.parse_url(target) == question.post_id
            if target is None or answered or arrived or target in seen or len(seen) > MAX_HOPS:
                return Reply(findings, exchange, tuple(exchanges))
            url = target

    async def _ask_once(
        self, platform: Platform, url: str, purpose: Purpose, headers: list[tuple[str, str]]
    ) -> tuple[Exchange, Findings] | str:
        """One request, tried again where that may help; or why it is not made."""
        host = host_of(url)
        if platform.asks_any_host and not await self._robots_allow(url):
            return self._robots.unread(url) or "its robots.txt does not allow it"
        for left in reversed(range(TRIES)):
            if host in self.waits:
                return self.waits[host]
            await self._turn(host)
            try:
                fetched = await self.session.fetch(url, headers, purpose, LIMITS)
            except NetworkError as error:
                if error.final or not left:
                    raise
            else:
                head = fetched.exchange.head
                if head.asks_to_wait:
                    self.waits[host] = f"was not asked again: it answered {head.status} before"
                    break
                if head.status < 500 or not left:
                    break
            await asyncio.sleep(RETRY_SECONDS)
        self.session.stats.posts_asked += 1
        if self.session.on_progress is not None:
            self.session.on_progress(self.session.stats, url)
        return fetched.exchange, fetched.kept.findings

    async def _turn(self, host: str) -> None:
        """Waits until the host may be asked."""
        plan = self.session.plan
        delay = delay_at(host, plan.hosts, plan.settings.delay, self._paces)
        now = asyncio.get_running_loop().time()
        at = max(now, self._next_at.get(host, 0.0))
        self._next_at[host] = at + delay
        if at > now:
            await asyncio.sleep(at - now)

    async def _robots_allow(self, url: str) -> bool:
        if self.session.plan.settings.ignore_robots is not None:
            return True
        if not self._robots.knows(url):
            await self._read_robots(f"{origin_of(url)}/robots.txt")
        return self._robots.allows(url)

    async def _read_robots(self, url: str) -> None:
        await self._turn(host_of(url))
        try:
            exchange = (await self.session.fetch(url, [], Purpose(ResourceType.FETCH, with_cookies=False), LIMITS)).exchange
        except NetworkError as error:
            self._robots.learn(url, None, b"", str(error))
            return
        body = decode_content(exchange.payload.chunks(), content_codings(exchange.head), MAX_ROBOTS_BYTES)[0]
        self._robots.learn(url, exchange.head.status, body)
