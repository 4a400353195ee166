"""Scrapy's download handler for http and https: requests go to the fetcher, what came goes to the archive, then to the spider."""

import ipaddress
import logging
import time
from base64 import b64decode
from urllib.parse import quote, urlsplit

from scrapy import Request, signals
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    NotSupported,
    ResponseDataLossError,
    StopDownload,
)
from scrapy.http import Headers, Response
from scrapy.http.request import NO_CALLBACK
from scrapy.responsetypes import responsetypes
from twisted.python.failure import Failure

from archiver.errors import (
    ArchiverError,
    ConnectionFailed,
    HostNotFound,
    NetworkError,
    NotHttp,
    ProxyFailed,
    StorageError,
    TooSlow,
    UsageError,
)
from archiver.model.exchange import Exchange, ResourceType, Truncated
from archiver.network.connection import FetchLimits
from archiver.scrapy.extension import ArchiveExtension
from archiver.scrapy.options import in_settings_words
from archiver.scrapy.recording import CONNECT_SECONDS, OutgoingRequest, Recording, Route

HEAD_ROOM = 65_536  # bytes of head and chunk framing that a response may have beside a body of DOWNLOAD_MAXSIZE
NO_LIMIT = 1 << 50
# What Scrapy's RETRY_EXCEPTIONS know. All others, such as a refused certificate or address, would fail again.
_AS_SCRAPY_NAMES_IT: dict[type[NetworkError], type[Exception]] = {
    HostNotFound: CannotResolveHostError,
    ConnectionFailed: DownloadFailedError,
    TooSlow: DownloadTimeoutError,
    NotHttp: DownloadFailedError,
    ProxyFailed: DownloadConnectionRefusedError,
}

logger = logging.getLogger(__name__)


class RecordingHandler(BaseDownloadHandler):
    """For http and https. The add-on's extension opens and closes the archive; this only uses it."""

    lazy = True

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        extension = crawler.get_extension(ArchiveExtension)
        if extension is None:
            raise RuntimeError("the archive's extension is switched off: leave it in EXTENSIONS, or set ARCHIVE_ENABLED = False")
        self._recording: Recording = extension.recording
        self._commits = extension.interactive
        settings = crawler.settings
        self._timeout = settings.getfloat("DOWNLOAD_TIMEOUT")
        self._maxsize, self._warnsize = settings.getint("DOWNLOAD_MAXSIZE"), settings.getint("DOWNLOAD_WARNSIZE")
        self._fail_on_dataloss = settings.getbool("DOWNLOAD_FAIL_ON_DATALOSS")
        self._bind_address = settings.get("DOWNLOAD_BIND_ADDRESS")
        self._proxy_encoding = settings.get("HTTPPROXY_AUTH_ENCODING") or "latin-1"

    async def download_request(self, request: Request) -> Response:
        """The recorded response. Raises what Scrapy's own handlers raise, so that its retries and a spider's errbacks go by it;
        `NotSupported` for what cannot be done, and this package's errors with what to set, where asking again would not help."""
        if self._recording.closed:
            raise NotSupported(f"{request.url} was not asked for: the archive is closed")
        began = time.monotonic()
        outgoing = self._outgoing(request)
        try:
            fetched = await self._recording.fetch(outgoing)
            if self._commits:
                self._recording.commit()
        except StorageError as error:
            self._recording.trouble(error)
            raise
        except ArchiverError as error:
            raise _as_scrapy_names_it(error) from error
        except ValueError as error:
            raise NotSupported(f"{request.url} cannot be asked for: {error}") from error
        request.meta["download_latency"] = time.monotonic() - began
        return self._response(request, fetched.exchange)

    # --- the request ------------------------------------------------------------------------------------------------------

    def _outgoing(self, request: Request) -> OutgoingRequest:
        timeout = float(request.meta.get("download_timeout", self._timeout)) or self._timeout
        maxsize = int(request.meta.get("download_maxsize", self._maxsize))
        limits = FetchLimits(
            max_bytes=maxsize + HEAD_ROOM if maxsize else NO_LIMIT,
            max_seconds=timeout,
            connect_seconds=min(CONNECT_SECONDS, timeout),
            head_seconds=timeout,
        )
        method = request.method.upper()
        kind = ResourceType.DOCUMENT
        if method not in ("GET", "HEAD"):
            kind = ResourceType.XHR
        elif request.callback is NO_CALLBACK:  # Scrapy's robots.txt middleware, and its pipelines for files and images
            kind = ResourceType.FETCH if urlsplit(request.url).path == "/robots.txt" else ResourceType.MEDIA
        headers = header_pairs(request)
        return OutgoingRequest(request.url, method, headers, request.body, kind, limits, self._route(request))

    def _route(self, request: Request) -> Route:
        bind = request.meta.get("bindaddress") or self._bind_address
        local = (bind, 0) if isinstance(bind, str) else (bind[0], int(bind[1])) if bind else None
        proxy = request.meta.get("proxy")
        if not proxy:
            return Route(None, local)
        proxy = proxy if "://" in proxy else f"http://{proxy}"
        credentials = (request.headers.get("Proxy-Authorization") or b"").decode("latin-1")
        if credentials:
            scheme, _, token = credentials.partition(" ")
            if scheme.lower() != "basic":
                raise NotSupported(
                    "a proxy is told who asks by Basic authentication only: Proxy-Authorization has another scheme"
                )
            user, _, password = b64decode(token).decode(self._proxy_encoding).partition(":")
            scheme, _, place = proxy.partition("://")
            proxy = f"{scheme}://{quote(user, safe='')}:{quote(password, safe='')}@{place.rpartition('@')[2]}"
        return Route(proxy, local)

    # --- the response -----------------------------------------------------------------------------------------------------

    def _response(self, request: Request, exchange: Exchange) -> Response:
        size, flags = len(exchange.payload), []
        maxsize = int(request.meta.get("download_maxsize", self._maxsize))
        warnsize = int(request.meta.get("download_warnsize", self._warnsize))
        if exchange.truncated is Truncated.LENGTH or (maxsize and size > maxsize):
            told = f"{request.url} has more than the {maxsize:,} bytes of DOWNLOAD_MAXSIZE: what came is in the archive, cut off"
            logger.warning("%s", told)
            raise DownloadCancelledError(told)
        if exchange.truncated is Truncated.TIME:
            raise DownloadTimeoutError(f"{request.url} took longer than its timeout: what came is in the archive, cut off")
        if warnsize and size > warnsize:
            logger.warning("%s has %s bytes, more than DOWNLOAD_WARNSIZE", request.url, f"{size:,}")
        if exchange.truncated is Truncated.DISCONNECT:
            if request.meta.get("download_fail_on_dataloss", self._fail_on_dataloss):
                raise ResponseDataLossError(f"{request.url} broke off: what came is in the archive, cut off")
            flags.append("dataloss")
        body = exchange.payload.bytes()
        stop = self._stopped_by(signals.headers_received, request, exchange, body_length=size)
        if stop is not None:
            body = b""
        elif body:
            stop = self._stopped_by(signals.bytes_received, request, exchange, data=body)
        if stop is None:
            return scrapy_response(request, exchange, body, flags)
        response = scrapy_response(request, exchange, body, [*flags, "download_stopped"])
        if stop.fail:
            stop.response = response
            raise stop
        return response

    def _stopped_by(self, signal: object, request: Request, exchange: Exchange, **told: object) -> StopDownload | None:
        """Scrapy's signals of a download under way are sent when it is over and recorded: a spider that stops it sees no more
        than it wanted, the archive has it whole."""
        if signal is signals.headers_received:
            told["headers"] = Headers(list(exchange.head.headers))
        results = self.crawler.signals.send_catch_log(signal=signal, request=request, spider=self.crawler.spider, **told)
        failures = [result.value for _, result in results if isinstance(result, Failure)]
        return next((error for error in failures if isinstance(error, StopDownload)), None)


def header_pairs(request: Request) -> list[tuple[str, str]]:
    """The headers of a request as the fetcher takes them."""
    pairs = [(name, value) for name, values in request.headers.items() for value in values]
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in pairs]


def scrapy_response(request: Request, exchange: Exchange, body: bytes, flags: list[str]) -> Response:
    """What came as Scrapy's own handlers give it: the body without chunk framing, its content coding kept."""
    headers = Headers(list(exchange.head.headers))
    kind = responsetypes.from_args(headers=headers, url=request.url, body=body)
    return kind(
        url=request.url,
        status=exchange.head.status,
        headers=headers,
        body=body,
        flags=flags,
        request=request,
        ip_address=ipaddress.ip_address(exchange.ip.partition("%")[0]) if exchange.ip else None,
        protocol=exchange.head.version,
    )


def _as_scrapy_names_it(error: ArchiverError) -> Exception:
    told = in_settings_words(str(error))
    if isinstance(error, UsageError):
        return NotSupported(told)
    name = next((name for kind, name in _AS_SCRAPY_NAMES_IT.items() if isinstance(error, kind)), None)
    return name(told) if name is not None else type(error)(told)
