"""What each site's robots.txt lets us fetch, by RFC 9309, read by protego."""

from urllib.parse import urlsplit

from protego import Protego

from archiver.platforms import platform_of_reply
from spiders.crawl_request import GATED, CrawlRequest, RequestKind

MAX_ROBOTS_BYTES = 512_000  # RFC 9309, 2.5: at least 500 KiB must be read
MAX_ROBOTS_REDIRECTS = 5  # RFC 9309, 2.3.1.2: at least five are to be followed; what lies behind more counts as not there
FORBIDDEN = "robots.txt does not allow it; `--ignore-robots REASON` asks all the same"


def origin_of(url: str) -> str:
    """Scheme, host and port: what one robots.txt speaks for."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def robots_apply(request: CrawlRequest) -> bool:
    """Whether robots.txt has a say: of pages, of the lists that lead to them, and of what is asked of other people's sites.

    The public endpoints of the large networks are there to be asked, though their robots.txt is written for search engines.
    """
    if request.kind is not RequestKind.ASK:
        return request.kind in GATED
    platform = platform_of_reply(request.url)
    return platform is not None and platform.asks_any_host


class Robots:
    """Learns robots.txt files as they come, and answers for the origins it knows."""

    def __init__(self, user_agent: str) -> None:
        self._user_agent = user_agent
        self._rules: dict[str, Protego] = {}
        self._unread: dict[str, str] = {}
        self._texts: dict[str, Protego] = {}

    def knows(self, url: str) -> bool:
        return origin_of(url) in self._rules

    def learn(self, url: str, status: int | None, body: bytes, silence: str = "") -> None:
        """From the answer to /robots.txt. RFC 9309, 2.3.1: 4xx allows everything, 5xx and silence (with its reason) nothing.

        A 429 says that we ask too much, not that there are no rules: it counts like 5xx.
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
        """Many hosts have the same robots.txt, or none: it is held once."""
        rules = self._texts.get(text)
        if rules is None:
            rules = self._texts[text] = Protego.parse(text)
        return rules

    def allows(self, url: str) -> bool:
        rules = self._rules.get(origin_of(url))
        return rules is None or rules.can_fetch(url, self._user_agent)

    def unread(self, url: str) -> str | None:
        """Why the robots.txt that speaks for this URL could not be read; None where it was."""
        return self._unread.get(origin_of(url))

    def crawl_delay(self, url: str) -> float | None:
        """Seconds between two requests that the site asks for; None where it does not."""
        rules = self._rules.get(origin_of(url))
        return rules.crawl_delay(self._user_agent) if rules is not None else None

    def sitemaps(self, url: str) -> tuple[str, ...]:
        rules = self._rules.get(origin_of(url))
        return tuple(rules.sitemaps) if rules is not None else ()
