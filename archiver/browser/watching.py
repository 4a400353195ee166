"""Watches what a page asks for: the answers to its documents, what is still to come, and how often it goes elsewhere."""

import asyncio
from collections import Counter
from collections.abc import Callable

from archiver.browser.traffic import Answer, Answered, Asked, Refused

MAX_NAVIGATIONS = 4  # of one page, by itself: consent walls and language choosers go on once or twice
MAX_KEPT = 500  # documents whose status is kept
# What a page is not whole without. Others (beacons, event streams, videos) may never come to an end.
ESSENTIAL = frozenset(("document", "stylesheet", "script", "image", "font"))
_STAY = Answered(204, (), b"")  # "No Content" leaves a page where it is (HTML standard, navigation)


class Watch:
    """Stands between the gateway and whoever answers. `answer` is what the gateway is to ask."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._pending: Counter[str] = Counter()
        self._navigations = 0
        self._now: Callable[[], float] = asyncio.get_running_loop().time
        self.statuses: dict[str, int] = {}
        """HTTP status of each document, frames included, by its address without fragment."""
        self.last_essential = self._now()
        """By the loop's clock: when something that matters was last asked for or answered."""
        self.notes: Counter[str] = Counter()
        self.stays = False
        """From here on the page may not go elsewhere: it is being looked at."""

        self.closed = False
        """Time was up: what is asked for from here on would come too late."""

    async def answer(self, asked: Asked) -> Answered:
        if self.closed:
            raise Refused("time was up")
        if asked.main and (self.stays or self._navigations > MAX_NAVIGATIONS):
            self.notes["navigations_stopped"] += 1
            return _STAY
        essential = asked.kind in ESSENTIAL
        self._pending[asked.kind] += 1
        try:
            answered = await self._answer(asked)
        finally:
            self._pending[asked.kind] -= 1
            if essential:
                self.last_essential = self._now()
        if asked.kind == "document":
            self._note(asked, answered.status)
        return answered

    def _note(self, asked: Asked, status: int) -> None:
        if asked.main and not 300 <= status < 400:
            self._navigations += 1
        if len(self.statuses) < MAX_KEPT:
            self.statuses[asked.url] = status

    @property
    def pending(self) -> int:
        """What matters and has been asked for, and is not answered yet."""
        return sum(count for kind, count in self._pending.items() if kind in ESSENTIAL)

    @property
    def navigated(self) -> int:
        """How many documents the page itself has had."""
        return self._navigations
