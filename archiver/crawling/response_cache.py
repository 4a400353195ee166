"""What this run has recorded and a browser may want again: scripts, pictures, replies. It is asked for once."""

from collections import OrderedDict

from archiver.model.exchange import Exchange
from archiver.storage.index.resume_queries import LASTING

MAX_BYTES = 32 << 20  # in memory, over all exchanges
MAX_EXCHANGE_BYTES = 4 << 20  # a larger one would push out many small ones


class Served:
    """The most recently used exchanges, by URL. Only GET requests, and none with cookies."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._exchanges: OrderedDict[str, Exchange] = OrderedDict()
        self._max_bytes = max_bytes
        self._bytes = 0

    def keep(self, exchange: Exchange) -> None:
        size = len(exchange.payload)
        whole = exchange.truncated is None and exchange.head.status in LASTING
        if exchange.method != "GET" or not whole or size > MAX_EXCHANGE_BYTES or exchange.payload.on_disk:
            return
        if b"\r\ncookie:" in exchange.request.lower() or exchange.withheld:  # answered to one visit, and nobody else
            return
        self._drop(exchange.url)
        self._exchanges[exchange.url] = exchange
        self._bytes += _cost(exchange)
        while self._bytes > self._max_bytes:
            self._drop(next(iter(self._exchanges)))

    def get(self, url: str, origin: str = "") -> Exchange | None:
        """`origin`: of a page that may read only what names it; None where this has to be asked for in its name."""
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
    """Servers name the origin that asks, and none where nobody does. What was asked for in its name is as it is."""
    if exchange.head.get("Access-Control-Allow-Origin") in ("*", origin):
        return True
    return f"\r\norigin: {origin}\r\n".encode() in exchange.request.lower()


def _cost(exchange: Exchange) -> int:
    """Payload and wire share nothing where the body came in chunks."""
    return len(exchange.payload) + len(exchange.response) + len(exchange.request) + 1024
