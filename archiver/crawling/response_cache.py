"""The response cache: what a crawl has recorded and a browser may want again (scripts, pictures, replies), in memory."""

from collections import OrderedDict

from archiver.model.exchange import Exchange
from archiver.storage.index.resume_queries import LASTING

MAX_BYTES = 32 << 20  # in memory, over all exchanges
MAX_EXCHANGE_BYTES = 4 << 20  # a larger one would push out many small ones


class ResponseCache:
    """The most recently used exchanges, by URL. Only whole responses to GET requests, and none that cookies were sent for."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._exchanges: OrderedDict[str, Exchange] = OrderedDict()
        self._max_bytes = max_bytes
        self._bytes = 0

    def keep(self, exchange: Exchange) -> None:
        """Adds an exchange that may be given again, and drops the least recently used ones beyond the cache's size."""
        size = len(exchange.payload)
        whole = exchange.truncated is None and exchange.head.status in LASTING
        if exchange.method != "GET" or not whole or size > MAX_EXCHANGE_BYTES or exchange.payload.on_disk:
            return
        if b"\r\ncookie:" in exchange.request.lower() or exchange.withheld:  # a response to one visitor alone
            return
        self._drop(exchange.url)
        self._exchanges[exchange.url] = exchange
        self._bytes += _cost(exchange)
        while self._bytes > self._max_bytes:
            self._drop(next(iter(self._exchanges)))

    def get(self, url: str, origin: str = "") -> Exchange | None:
        """The exchange of `url`; None where there is none, or where a page of `origin` may not read it. `origin` is "" for a page
        that may read any."""
        exchange = self._exchanges.get(url)
        if exchange is None or (origin and not _readable(exchange, origin)):
            return None
        self._exchanges.move_to_end(url)
        return exchange

    def _drop(self, url: str) -> None:
        exchange = self._exchanges.pop(url, None)
        if exchange is not None:
            self._bytes -= _cost(exchange)


def _readable(exchange: Exchange, origin: str) -> bool:
    """Whether a page of `origin` may read the response (CORS): it names that origin, or was asked for in its name."""
    if exchange.head.get("Access-Control-Allow-Origin") in ("*", origin):
        return True
    return f"\r\norigin: {origin}\r\n".encode() in exchange.request.lower()


def _cost(exchange: Exchange) -> int:
    """Bytes of memory: where the body came in chunks, payload and wire share nothing."""
    return len(exchange.payload) + len(exchange.response) + len(exchange.request) + 1024
