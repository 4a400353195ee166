"""Pings: a service that watches is asked for an address of the user's, and tells when nobody asked. Nothing of it is recorded."""

import asyncio

from archiver.config.settings import CrawlSettings
from archiver.errors import ArchiverError, ConnectionFailed, TooSlow
from archiver.network.fetcher import FetchLimits, plain_fetcher

PING_SECONDS = 10.0  # a run is not held up by who watches it
TRIES = 2  # one lost packet is no reason for an alarm
MAX_PING_BYTES = 10_000


def ping(url: str | None, what: str, settings: CrawlSettings) -> str | None:
    """Asks for it, where there is one. Returns why that came to nothing, without the address: it is a secret, as is all of it.

    `what`: which ping this is, for the words.
    """
    if url is None:
        return None
    for left in reversed(range(TRIES)):
        try:
            status = asyncio.run(_status(url, settings))
        except (ConnectionFailed, TooSlow) as error:
            if left:
                continue
            return f"the ping on {what} came to nothing: {type(error).__name__}"
        except ArchiverError as error:
            return f"the ping on {what} came to nothing: {type(error).__name__}"
        return None if 200 <= status < 300 else f"the ping on {what} was answered with {status}"
    return None


async def _status(url: str, settings: CrawlSettings) -> int:
    fetcher = plain_fetcher(settings, limits=FetchLimits(max_bytes=MAX_PING_BYTES, max_seconds=PING_SECONDS))
    try:
        return (await fetcher.fetch(url)).exchange.head.status
    finally:
        await fetcher.close()
