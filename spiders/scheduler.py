"""The scheduler that Scrapy wants: it hands on at once what the frontier has let go."""

from collections import deque

from scrapy import Request
from scrapy.core.scheduler import BaseScheduler


class PassingScheduler(BaseScheduler):
    """First in, first out, nothing kept: the frontier is the queue."""

    def __init__(self) -> None:
        self._requests: deque[Request] = deque()

    def has_pending_requests(self) -> bool:
        return bool(self._requests)

    def enqueue_request(self, request: Request) -> bool:
        self._requests.append(request)
        return True

    def next_request(self) -> Request | None:
        return self._requests.popleft() if self._requests else None
