"""Scrapy's download handler: it hands requests to the archiver's fetcher, so all that Scrapy sees is recorded."""

from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Response

from archiver.crawling.session import Session
from archiver.model.exchange import Exchange, Purpose
from archiver.recording.replay import replay
from archiver.scrapy.handler import header_pairs, scrapy_response
from archiver.storage.index.resume_queries import EarlierAnswer

RECORDED = "archiver_recorded"
"""Key of `request.meta`: what the archive kept of the answer, with its findings."""
START_BYTES = 1 << 20
"""What Scrapy gets of a body too large for memory, such as a video: no callback needs more, and robots.txt is read from it."""
EARLIER = "archiver_earlier"
"""Key of `request.meta`: where the answer lies, where an interrupted crawl of the same run has recorded it."""
PURPOSE = "archiver_purpose"
"""Key of `request.meta`: why this is asked, for the WARC record's headers."""


class ArchiveHandler(BaseDownloadHandler):
    """For http and https. The session is the spider's: it opened it, and it closes it."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._session: Session = crawler.spider.session  # type: ignore[union-attr]  # PostsSpider.from_crawler sets it

    async def download_request(self, request: Request) -> Response:
        """Raises `archiver.errors.NetworkError` where no response came, `StorageError` where it could not be kept."""
        earlier: EarlierAnswer | None = request.meta.get(EARLIER)
        replayed = await replay(self._session.recorder, earlier) if earlier is not None else None
        if replayed is not None:
            request.meta[RECORDED] = replayed.recorded
            return _response(request, replayed.exchange)
        fetched = await self._session.fetch(request.url, header_pairs(request), request.meta.get(PURPOSE, Purpose()))
        request.meta[RECORDED] = fetched.kept
        return _response(request, fetched.exchange)


def _response(request: Request, exchange: Exchange) -> Response:
    cut = exchange.payload.on_disk and exchange.payload.size > START_BYTES
    body = exchange.payload.bytes(0, START_BYTES) if cut else exchange.payload.bytes()
    return scrapy_response(request, exchange, body, ["partial"] if cut else [])  # Scrapy's own word for it
