"""Load tracking: the statuses of a page's documents, what is still under way, and how often the page navigates by itself."""

import asyncio
from collections import Counter
from collections.abc import Callable

from archiver.browser.traffic import BrowserRequest, BrowserResponse, Refused, RequestHandler
from archiver.platforms import PLATFORMS

MAX_NAVIGATIONS = 4  # of one page, by itself: consent walls and language choosers go on once or twice
MAX_KEPT = 500  # documents whose status is kept
# What a page is not whole without. Others (beacons, event streams, videos) may never come to an end.
ESSENTIAL = frozenset(("document", "stylesheet", "script", "image", "font"))
REFUSAL_CODES = tuple(code for platform in PLATFORMS for code in platform.embed_refused_codes)
_STAY = BrowserResponse(204, (), b"")  # "No Content" leaves a page where it is (HTML standard, navigation)


class LoadTracker:
    """Stands between the gateway and a request handler: the gateway calls `answer`, which calls that handler."""

    def __init__(self, answer: RequestHandler) -> None:
        self._answer = answer
        self._pending: Counter[str] = Counter()
        self._navigations = 0
        self._now: Callable[[], float] = asyncio.get_running_loop().time
        self.statuses: dict[str, int] = {}
        """HTTP status of each document, frames included, by its address without fragment."""
        self.refusals: dict[str, tuple[str, ...]] = {}
        """By the same, the codes in its markup by which a platform refuses a post; documents without any are left out."""
        self.last_essential = self._now()
        """By the loop's clock: when something that matters was last asked for or answered."""
        self.notes: Counter[str] = Counter()
        self.stays = False
        """From here on the page may not navigate: it is being captured."""
        self.closed = False
        """Time was up: what is asked for from here on would come too late."""

    async def answer(self, request: BrowserRequest) -> BrowserResponse:
        if self.closed:
            raise Refused("time was up")
        if request.main and (self.stays or self._navigations > MAX_NAVIGATIONS):
            self.notes["navigations_stopped"] += 1
            return _STAY
        essential = request.kind in ESSENTIAL
        self._pending[request.kind] += 1
        try:
            response = await self._answer(request)
        finally:
            self._pending[request.kind] -= 1
            if essential:
                self.last_essential = self._now()
        if request.kind == "document":
            self._note(request, response)
        return response

    def _note(self, request: BrowserRequest, response: BrowserResponse) -> None:
        if request.main and not 300 <= response.status < 400:
            self._navigations += 1
        if len(self.statuses) < MAX_KEPT:
            self.statuses[request.url] = response.status
            if codes := tuple(code for code in REFUSAL_CODES if code.encode() in response.body):
                self.refusals[request.url] = codes
            else:  # it was reloaded
                self.refusals.pop(request.url, None)

    @property
    def pending(self) -> int:
        """How many essential requests are not answered yet."""
        return sum(count for kind, count in self._pending.items() if kind in ESSENTIAL)

    @property
    def navigated(self) -> int:
        """How many documents the page itself has had."""
        return self._navigations
