"""robots.txt (RFC 9309): what each site lets us fetch, read by protego."""

from urllib.parse import urlsplit

from protego import Protego

MAX_ROBOTS_BYTES = 512_000  # RFC 9309, 2.5: at least 500 KiB must be read


def origin_of(url: str) -> str:
    """Scheme, host and port: the URLs that one robots.txt applies to."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


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
