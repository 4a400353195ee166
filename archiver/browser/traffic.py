"""What passes between a browser and whoever fetches for it: what is asked, what is answered, and the account of one render."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from archiver.browser.headers import Headers

MAX_REQUESTS = 2_000
MAX_BYTES = 200_000_000
MAX_BODY_BYTES = 20_000_000  # a body goes to the browser in one message of the protocol, as base64 in JSON
MAX_SECONDS = 30.0  # for one answer
MAX_DOCUMENTS = 100  # of one page, one after the other


@dataclass(frozen=True, slots=True)
class Asked:
    """What the browser asks for."""

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
class Answered:
    """What it gets."""

    status: int
    """Redirects as they are: the next hop is asked for again."""
    headers: Headers
    """As they came, repeats included; latin-1 for bytes beyond ASCII."""
    body: bytes
    """Decoded of its content coding."""


class Refused(Exception):
    """This is not fetched; one line says why."""


Answer = Callable[[Asked], Awaitable[Answered]]
"""Raises `Refused`, or `NetworkError` where nothing came. What else it raises ends the render: see `Gateway.end`."""


@dataclass(frozen=True, slots=True)
class Caps:
    """Of one render."""

    requests: int = MAX_REQUESTS
    bytes: int = MAX_BYTES
    body_bytes: int = MAX_BODY_BYTES
    seconds: float = MAX_SECONDS


@dataclass(frozen=True, slots=True)
class Document:
    """What became of the page's own document, the last hop of it."""

    url: str
    status: int | None
    """None: there was no answer."""
    reason: str | None = None
    """Why it was not handed to the browser; one line."""


class Traffic:
    """What goes through in one render."""

    def __init__(self, answer: Answer, main_frame: str | None, fresh: bool = False) -> None:
        self.answer = answer
        self.main_frame = main_frame
        self.fresh = fresh
        self.notes: Counter[str] = Counter()
        """`requests` in all, and of these: `preflights` answered here, `not_sent`, `refused`, `failed`, `too_slow`, `too_large`,
        `over_cap`."""
        self.bytes = 0
        """Handed to the browser."""
        self.in_flight = 0
        self.last_activity = asyncio.get_running_loop().time()
        """By the loop's clock: when something was last asked or answered."""
        self.document: Document | None = None
        """The last one that was asked for."""
        self.documents: dict[str, Document] = {}
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

    def arrived(self, event: dict[str, Any], document: Document) -> None:
        """The page's own document was answered, or refused."""
        self.document = document
        if len(self.documents) < MAX_DOCUMENTS or event.get("networkId") in self.documents:
            self.documents[event.get("networkId", "")] = document


def _nothing() -> None:
    """Nobody wants to know."""
