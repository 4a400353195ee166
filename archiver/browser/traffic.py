"""Requests and responses between a browser and the fetcher: their records, their headers, and the account of one render."""

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Headers = tuple[tuple[str, str], ...]
"""Names and values in the order of the message."""

MAX_REQUESTS = 2_000
MAX_BYTES = 200_000_000
MAX_BODY_BYTES = 20_000_000  # a body goes to the browser in one message of the protocol, as base64 in JSON
MAX_SECONDS = 30.0  # for one answer
MAX_DOCUMENTS = 100  # of one page, one after the other
# What a reader's browser says of itself. A page's scripts may add any other header: some make servers answer what they tell no
# reader (X-HTTP-Method-Override, Authorization), ranges and conditions give parts, and client hints name HeadlessChrome.
_SENT_NAMES = frozenset(["accept", "accept-language", "cookie", "origin", "referer", "upgrade-insecure-requests", "user-agent"])
_SENT_PREFIX = "sec-fetch-"
# What the fetcher has dealt with (RFC 9110, 7.6.1; codings), and what would make the browser talk to others or ask in another
# way: reports, other services, HSTS (each address is asked for as it is written), client hints.
_NOT_DELIVERED = frozenset(
    (
        "connection",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "content-encoding",
        "content-length",
        "accept-ch",
        "critical-ch",
        "alt-svc",
        "nel",
        "report-to",
        "reporting-endpoints",
        "strict-transport-security",
    )
)
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # a token (RFC 9110, 5.6.2): Chromium takes no answer with another name in it
_NOT_IN_VALUES = str.maketrans("\r\n\0", "   ")


@dataclass(frozen=True, slots=True)
class BrowserRequest:
    """A request of the browser."""

    url: str
    """Without a fragment."""
    method: str
    """GET or HEAD."""
    headers: Headers
    """Cookies included; no Host, no Accept-Encoding, no ranges and conditions."""
    kind: str
    """`Network.ResourceType` of the protocol in lower case: document, image, script, xhr, fetch, …"""
    main: bool
    """The document of the page itself, not of a frame within it."""
    fresh: bool = False
    """A second try: not to be answered with what came the first time."""


@dataclass(frozen=True, slots=True)
class BrowserResponse:
    """The response that the browser gets."""

    status: int
    """Redirects as they are: the next hop is asked for again."""
    headers: Headers
    """As they came, repeats included; latin-1 for bytes beyond ASCII."""
    body: bytes
    """Decoded of its content coding."""


class Refused(Exception):
    """This request is not made; one line says why."""


RequestHandler = Callable[[BrowserRequest], Awaitable[BrowserResponse]]
"""Answers one request of the browser. Raises `Refused`, or `NetworkError` where nothing came; what else it raises ends the render
(`Gateway.end`)."""


@dataclass(frozen=True, slots=True)
class GatewayCaps:
    """Upper bounds of one render."""

    requests: int = MAX_REQUESTS
    bytes: int = MAX_BYTES
    body_bytes: int = MAX_BODY_BYTES
    seconds: float = MAX_SECONDS


@dataclass(frozen=True, slots=True)
class MainDocument:
    """What became of the page's own document: its last hop."""

    url: str
    status: int | None
    """None: there was no answer."""
    reason: str | None = None
    """Why it was not handed to the browser; one line."""


class Traffic:
    """The account of one render: what was asked for, what was delivered."""

    def __init__(self, answer: RequestHandler, main_frame: str | None, fresh: bool = False) -> None:
        self.answer = answer
        self.main_frame = main_frame
        self.fresh = fresh
        self.notes: Counter[str] = Counter()
        """`requests` in all, and of these: `preflights` answered here, `not_sent`, `refused`, `failed`, `too_slow`, `too_large`,
        `over_cap`."""
        self.bytes = 0
        """Bytes of response bodies that the browser was given."""
        self.in_flight = 0
        self.last_activity = asyncio.get_running_loop().time()
        """By the loop's clock: when something was last asked or answered."""
        self.document: MainDocument | None = None
        """The last one that was asked for."""
        self.documents: dict[str, MainDocument] = {}
        """By the id of their way through the network, which is that of the loader of the page's frame (Chromium 156)."""
        self.on_full: Callable[[], None] = _nothing
        """Called once, when more was asked for than is fetched for one page."""
        self.on_flood: Callable[[], None] = _nothing
        """Called when the page goes on asking all the same: nobody answers it any more, and it is to be ended."""
        self.trouble: BaseException | None = None
        """An error of ours, or of the disk: `Gateway.end` raises it."""
        self._full = False

    def is_full(self) -> None:
        if not self._full:
            self._full = True
            self.on_full()

    def arrived(self, event: dict[str, Any], document: MainDocument) -> None:
        """The page's own document was answered, or refused."""
        self.document = document
        if len(self.documents) < MAX_DOCUMENTS or event.get("networkId") in self.documents:
            self.documents[event.get("networkId", "")] = document


def _nothing() -> None:
    """Nobody wants to know."""


def request_headers(headers: Mapping[str, str]) -> Headers:
    """A request's headers, without what a reader's browser would not send."""
    return tuple(
        (name, value) for name, value in headers.items() if name.lower() in _SENT_NAMES or name.lower().startswith(_SENT_PREFIX)
    )


def response_header_block(headers: Iterable[tuple[str, str]]) -> bytes:
    """`name: value`, a NUL between them: the form of a response's headers in the DevTools protocol where they may be no UTF-8."""
    kept = (
        (name, value.translate(_NOT_IN_VALUES))
        for name, value in headers
        if _TOKEN.fullmatch(name) and name.lower() not in _NOT_DELIVERED
    )
    return b"\0".join(f"{name}: {value}".encode("latin-1", "replace") for name, value in kept)


def preflight_response(method: str, headers: Mapping[str, str]) -> Headers | None:
    """Yes to all that a preflight asks (Fetch standard, CORS-preflight fetch): it is the answer to the request itself that says
    whether the page may read it. None: this is no preflight."""
    asked = {name.lower(): value for name, value in headers.items()}
    wanted = asked.get("access-control-request-method")
    if method != "OPTIONS" or wanted is None:
        return None
    names = asked.get("access-control-request-headers")
    return (
        ("Access-Control-Allow-Origin", asked.get("origin", "*")),
        ("Access-Control-Allow-Credentials", "true"),
        ("Access-Control-Allow-Methods", wanted),
        ("Access-Control-Allow-Private-Network", "true"),
        *((("Access-Control-Allow-Headers", names),) if names else ()),
    )
