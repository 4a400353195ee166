"""The seeds and pages that a run could not capture, as its outcome lists them."""

from archiver.crawling.session import MAX_LISTED, CrawlOutcome
from spiders.frontier import Frontier


class FailureReport:
    """For one run. The first ones are named, the others are counted: a site may have a million."""

    def __init__(self, outcome: CrawlOutcome, frontier: Frontier) -> None:
        self._outcome, self._frontier = outcome, frontier
        self._unlisted = 0

    def add(self, url: str, reason: str) -> None:
        if len(self._outcome.failed) < MAX_LISTED:
            self._outcome.failed.append((url, reason))
        else:
            self._unlisted += 1

    def look_back(self, stopped: bool) -> None:
        """Call it once, when the run asks no more. What one that was stopped did not come to waits for the next."""
        self._outcome.waiting = self._frontier.requests.waiting()
        if not stopped:
            self._add_unmet()
        if self._unlisted:
            self._outcome.failed.append((f"{self._unlisted:,} more", "failed, or were not reached in this run"))

    def _add_unmet(self) -> None:
        count, unmet = self._frontier.requests.unmet_pages()
        for request in unmet:
            later = (
                "its host asked us to come back later" if self._frontier.paused(request.host) else "was not reached in this run"
            )
            self.add(request.url, self._outcome.notes.get(request.host, later))
        self._unlisted += count - len(unmet)
