"""The audit's requeue list in one crawl: asked for at its beginning, and struck off at its end where all of it was captured."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from archiver.storage.index.crawl_queries import CrawlIndex
from archiver.storage.state import requeue_list
from archiver.storage.state.requeue_list import Requeued
from spiders.crawl_request import CrawlRequest, RequestKind
from spiders.discovery import RenderPolicy, requests_of_requeued
from spiders.frontier import Frontier

CHUNK = 500  # items in memory; 100,000 of them would take some 50 MB


@dataclass(slots=True)
class AuditRequeue:
    """The requeue list in one crawl. Call `mark_seeds` and `enqueue` before anything is handed out, `review` when nothing is
    handed out any more, and `settle` when all is safe."""

    state: Path
    frontier: Frontier
    render_policy: RenderPolicy
    _newest: str = ""
    """When the last of the items was put on the list: one that comes later is for the next run."""
    _met: list[Requeued] = field(default_factory=list)
    _asked: list[Requeued] = field(default_factory=list)
    """Items of which all was captured but the render, as nothing is rendered."""

    def mark_seeds(self, seeds: Iterable[CrawlRequest]) -> list[CrawlRequest]:
        """The requests for the seeds; those on the list are made `again`."""
        keys = {request: Requeued(request.url, "", *(request.post or ())).key for request in seeds}
        waiting = requeue_list.among(self.state, keys.values())
        return [replace(request, again=key in waiting) for request, key in keys.items()]

    def enqueue(self, crawl_index: CrawlIndex) -> None:
        """Adds the requests for all items to the frontier. Raises `StorageError`."""
        for items in self._chunks():
            self._newest = max(self._newest, *(item.at for item in items))
            requests = list(requests_of_requeued(items, self.render_policy, crawl_index))
            self.frontier.add(requests)
            self.frontier.reopen(requests)

    def review(self, crawl_index: CrawlIndex) -> None:
        """Sees which items were captured, by the states of their requests. Raises `StorageError`."""
        for items in self._chunks():
            begun = [item for item in items if item.at <= self._newest and (self._draws or item.asks)]
            requests = {item.key: list(requests_of_requeued([item], self.render_policy, crawl_index)) for item in begun}
            drawn = [CrawlRequest(item.url, RequestKind.RENDER) for item in begun if item.post is None]
            states = self.frontier.requests.states([*drawn, *(request for each in requests.values() for request in each)])
            for item in begun:
                # The render of a page is requested when the page has come, and only where it embeds something then.
                page = (
                    states.get(CrawlRequest(item.url, RequestKind.RENDER).key, "done")
                    if item.post is None and self._draws
                    else "done"
                )
                if page == "done" and all(states.get(request.key) == "done" for request in requests[item.key]):
                    (self._asked if item.draws and not self._draws else self._met).append(item)

    def settle(self) -> None:
        """Strikes the captured items off the list. Raises `StorageError`."""
        if self._met or self._asked:
            requeue_list.settle(self.state, self._met, self._asked)

    @property
    def _draws(self) -> bool:
        return self.render_policy.screenshots != "none"

    def _chunks(self) -> Iterator[list[Requeued]]:
        left = requeue_list.pending(self.state)
        while items := list(islice(left, CHUNK)):
            yield items
