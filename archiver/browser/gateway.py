"""The gateway: every request of the browser is paused here, and answered with bytes that the fetcher has recorded.

The browser-wide session of `Fetch.enable` holds documents and each of their redirect hops, frames, pictures, prefetches, workers
of all kinds and their imports, popups, beacons, preflights (Chromium 156, tried 2026-11). Websockets, WebRTC, WebTransport and
DNS do not come this way: flags and the network namespace cut them off.

Cookies need nothing of ours: Chromium stores those of the answers that it is given and sends them in its later requests' headers,
for as long as the context lives in which the page is rendered.
"""

import asyncio
import contextlib
from base64 import b64encode
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from archiver.browser.chromium import Devtools
from archiver.browser.traffic import (
    BrowserRequest,
    BrowserResponse,
    GatewayCaps,
    MainDocument,
    Refused,
    RequestHandler,
    Traffic,
    preflight_response,
    request_headers,
    response_header_block,
)
from archiver.errors import AddressRefused, BrowserFailed, ConnectionFailed, HostNotFound, NetworkError, TooSlow

if TYPE_CHECKING:
    from playwright.async_api import Page

STAYING = (204, 205)  # answers that leave a page where it is (HTML standard, navigation)
# Beyond the cap of requests, until the page is brought down. Each costs this process, Playwright's and the browser about a
# millisecond even when it is refused at once: 3,000 a turn kept another lane's page, which takes one second, for 46.
MAX_OVER = 1_000
ABORT_SECONDS = 2.0  # for the browser to learn that what it still waits for will not come

_ERROR_REASONS: tuple[tuple[type[NetworkError], str], ...] = (  # Network.ErrorReason of the protocol
    (HostNotFound, "NameNotResolved"),
    (AddressRefused, "AccessDenied"),
    (ConnectionFailed, "ConnectionFailed"),
    (TooSlow, "TimedOut"),
)


class Gateway:
    """Answers the requests of one browser, one render at a time; between renders it refuses all of them."""

    def __init__(self, devtools: Devtools, caps: GatewayCaps) -> None:
        self._devtools = devtools
        self._caps = caps
        self._traffic: Traffic | None = None
        self._tasks: dict[asyncio.Task[None], str] = {}  # what each of them will answer

    @classmethod
    async def open(cls, devtools: Devtools, caps: GatewayCaps | None = None) -> "Gateway":
        """Pauses every request of the browser from here on: none goes out by itself. Raises `BrowserFailed`."""
        gateway = cls(devtools, caps or GatewayCaps())
        devtools.on("Fetch.requestPaused", gateway._paused)
        await devtools.send("Fetch.enable", {"patterns": [{"urlPattern": "*"}]})
        return gateway

    def begin(self, answer: RequestHandler, main_frame: str | None = None, *, fresh: bool = False) -> Traffic:
        """A render starts. `main_frame`: the id of its page's own frame (`main_frame_of`). `fresh` goes into each
        `BrowserRequest`."""
        assert self._traffic is None, "a render is still under way"
        self._traffic = Traffic(answer, main_frame, fresh)
        return self._traffic

    async def end(self, *, tell: bool = True) -> None:
        """The render is over: what is still under way is cancelled, and the browser informed, unless it is gone. Raises what
        `answer` raised beyond its contract: a full disk, a bug."""
        traffic, self._traffic = self._traffic, None
        left = dict(self._tasks)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        if tell:
            with contextlib.suppress(TimeoutError):  # the browser hangs; whoever uses it will see that as well
                async with asyncio.timeout(ABORT_SECONDS):
                    await asyncio.gather(*(self._fail(request_id, "Aborted") for request_id in left.values()))
        if traffic is not None and traffic.trouble is not None:
            raise traffic.trouble

    def _paused(self, event: dict[str, Any]) -> None:
        request_id: str = event["requestId"]
        traffic = self._traffic
        if traffic is None:
            task = asyncio.create_task(self._fail(request_id, "BlockedByClient"))
        else:
            traffic.notes["requests"] += 1
            if traffic.notes["requests"] > self._caps.requests:
                traffic.is_full()
            if traffic.notes["requests"] > self._caps.requests + MAX_OVER:
                traffic.notes["over_cap"] += 1
                traffic.on_flood()
                return
            traffic.in_flight += 1
            traffic.last_activity = asyncio.get_running_loop().time()
            task = asyncio.create_task(self._serve(traffic, event))
        self._tasks[task] = request_id
        task.add_done_callback(self._tasks.pop)

    async def _serve(self, traffic: Traffic, event: dict[str, Any]) -> None:
        request_id, request = event["requestId"], _browser_request(event, traffic)
        try:
            response = await self._response(traffic, request, event)
            if request.main and response.status not in STAYING:
                traffic.arrived(event, MainDocument(request.url, response.status))
            await self._fulfil(request_id, response)
        except _NotDelivered as failure:
            traffic.notes[failure.note] += 1
            if request.main:
                traffic.arrived(event, MainDocument(request.url, failure.status, str(failure)))
            await self._fail(request_id, failure.error)
        except Exception as trouble:  # noqa: BLE001  nobody awaits this task: `end` raises it
            traffic.trouble = traffic.trouble or trouble
            await self._fail(request_id, "Failed")
        finally:
            traffic.in_flight -= 1
            traffic.last_activity = asyncio.get_running_loop().time()

    async def _response(self, traffic: Traffic, request: BrowserRequest, event: dict[str, Any]) -> BrowserResponse:
        """Raises `_NotDelivered`."""
        if preflight := preflight_response(event["request"]["method"], event["request"]["headers"]):
            traffic.notes["preflights"] += 1
            return BrowserResponse(204, preflight, b"")
        self._check(traffic, request)
        try:
            async with asyncio.timeout(self._caps.seconds):
                response = await traffic.answer(request)
        except Refused as refused:
            raise _NotDelivered("refused", str(refused), "BlockedByClient") from refused
        except NetworkError as error:
            reason = next((reason for kind, reason in _ERROR_REASONS if isinstance(error, kind)), "Failed")
            raise _NotDelivered("failed", str(error), reason) from error
        except TimeoutError as error:
            raise _NotDelivered("too_slow", f"no answer within {self._caps.seconds:g} seconds", "TimedOut") from error
        return self._within_caps(traffic, response)

    def _check(self, traffic: Traffic, request: BrowserRequest) -> None:
        if urlsplit(request.url).scheme not in ("http", "https"):
            raise _NotDelivered("refused", f"{request.url[:80]} is no web address", "AccessDenied")
        if request.method not in ("GET", "HEAD"):
            raise _NotDelivered("not_sent", f"{request.method} would send something: an archiver reads", "BlockedByClient")
        if traffic.trouble is not None:
            raise _NotDelivered("refused", "the render has come to an end", "Aborted")
        if traffic.notes["requests"] > self._caps.requests:
            raise _NotDelivered("over_cap", f"more than {self._caps.requests:,} requests", "BlockedByClient")
        if traffic.bytes >= self._caps.bytes:
            traffic.is_full()
            raise _NotDelivered("over_cap", f"more than {self._caps.bytes:,} bytes", "BlockedByClient")

    def _within_caps(self, traffic: Traffic, response: BrowserResponse) -> BrowserResponse:
        size = len(response.body)
        if size > self._caps.body_bytes:
            raise _NotDelivered(
                "too_large", f"{size:,} bytes; {self._caps.body_bytes:,} may be rendered", "Failed", response.status
            )
        traffic.bytes += size
        if traffic.bytes > self._caps.bytes:
            raise _NotDelivered("over_cap", f"more than {self._caps.bytes:,} bytes", "BlockedByClient", response.status)
        return response

    async def _fulfil(self, request_id: str, response: BrowserResponse) -> None:
        params = {
            "requestId": request_id,
            "responseCode": response.status if 200 <= response.status <= 599 else 500,
            "binaryResponseHeaders": b64encode(response_header_block(response.headers)).decode("ascii"),
            "body": b64encode(response.body).decode(
                "ascii"
            ),  # 1 ms a megabyte; a thread would hold the interpreter just the same
        }
        try:
            await self._devtools.send("Fetch.fulfillRequest", params)
        except BrowserFailed:
            await self._fail(request_id, "Failed")  # headers that it does not like; or the request is gone

    async def _fail(self, request_id: str, reason: str) -> None:
        with contextlib.suppress(BrowserFailed):  # the request is gone, with its page or with the browser
            await self._devtools.send("Fetch.failRequest", {"requestId": request_id, "errorReason": reason})


class _NotDelivered(Exception):
    """The browser gets an error instead of an answer."""

    def __init__(self, note: str, reason: str, error: str, status: int | None = None) -> None:
        super().__init__(reason)
        self.note = note
        self.error = error
        self.status = status


async def main_frame_of(page: "Page") -> str:
    """The id by which the protocol calls a page's own frame; it stays the same wherever the page goes."""
    session = await page.context.new_cdp_session(page)
    tree = await session.send("Page.getFrameTree")
    await session.detach()
    frame: str = tree["frameTree"]["frame"]["id"]
    return frame


def _browser_request(event: dict[str, Any], traffic: Traffic) -> BrowserRequest:
    main_frame = traffic.main_frame
    request = event["request"]
    kind: str = event["resourceType"].lower()
    return BrowserRequest(
        url=request["url"],
        method=request["method"],
        headers=request_headers(request["headers"]),
        kind=kind,
        main=kind == "document" and main_frame is not None and event.get("frameId") == main_frame,
        fresh=traffic.fresh,
    )
