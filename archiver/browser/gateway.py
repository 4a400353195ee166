"""The gateway: every request of the browser is held here, and answered with bytes that somebody else has fetched.

The browser-wide session of `Fetch.enable` holds documents and each of their redirect hops, frames, pictures, prefetches, workers
of all kinds and their imports, popups, beacons, preflights (Chromium 156, tried 2026-11). Websockets, WebRTC, WebTransport and
DNS do not come this way: flags and the network namespace cut them off.

Cookies need nothing of ours: Chromium stores those of the answers that it is given and sends them in its later requests' headers,
for as long as the context lives in which the page is drawn.
"""

import asyncio
import contextlib
from base64 import b64encode
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from archiver.browser.chromium import Devtools
from archiver.browser.headers import answer_to_preflight, asked_with, handed_on
from archiver.browser.traffic import Answer, Answered, Asked, Caps, Document, Refused, Traffic
from archiver.errors import AddressRefused, BrowserFailed, ConnectionFailed, HostNotFound, NetworkError, TooSlow

if TYPE_CHECKING:
    from playwright.async_api import Page

STAYING = (204, 205)  # answers that leave a page where it is (HTML standard, navigation)
# Beyond the cap of requests, until the page is brought down. Each costs this process, Playwright's and the browser about a
# millisecond even when it is refused at once: 3,000 a turn kept another lane's page, which takes one second, for 46.
MAX_OVER = 1_000
GOODBYE_SECONDS = 2.0  # for the browser to be told that what it still waits for will not come

_REASONS: tuple[tuple[type[NetworkError], str], ...] = (  # Network.ErrorReason of the protocol
    (HostNotFound, "NameNotResolved"),
    (AddressRefused, "AccessDenied"),
    (ConnectionFailed, "ConnectionFailed"),
    (TooSlow, "TimedOut"),
)


class Gateway:
    """Answers the requests of one browser, one render at a time; between renders it refuses all of them."""

    def __init__(self, devtools: Devtools, caps: Caps) -> None:
        self._devtools = devtools
        self._caps = caps
        self._traffic: Traffic | None = None
        self._tasks: dict[asyncio.Task[None], str] = {}  # what each of them will answer

    @classmethod
    async def open(cls, devtools: Devtools, caps: Caps | None = None) -> "Gateway":
        """From here on no request goes out by itself. Raises `BrowserFailed`."""
        gateway = cls(devtools, caps or Caps())
        devtools.on("Fetch.requestPaused", gateway._paused)
        await devtools.send("Fetch.enable", {"patterns": [{"urlPattern": "*"}]})
        return gateway

    def begin(self, answer: Answer, main_frame: str | None = None, *, fresh: bool = False) -> Traffic:
        """A render starts. `main_frame`: that of its page (`main_frame_of`). `fresh` is handed on in each `Asked`."""
        assert self._traffic is None, "a render is still under way"
        self._traffic = Traffic(answer, main_frame, fresh)
        return self._traffic

    async def end(self, *, tell: bool = True) -> None:
        """The render is over: what is still under way is cancelled, and the browser told so, unless it is gone. Raises what
        `answer` raised beyond its contract: a full disk, a bug."""
        traffic, self._traffic = self._traffic, None
        left = dict(self._tasks)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        if tell:
            with contextlib.suppress(TimeoutError):  # the browser hangs; whoever uses it will see that as well
                async with asyncio.timeout(GOODBYE_SECONDS):
                    await asyncio.gather(*(self._fail(request, "Aborted") for request in left.values()))
        if traffic is not None and traffic.trouble is not None:
            raise traffic.trouble

    def _paused(self, event: dict[str, Any]) -> None:
        request: str = event["requestId"]
        traffic = self._traffic
        if traffic is None:
            task = asyncio.create_task(self._fail(request, "BlockedByClient"))
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
        self._tasks[task] = request
        task.add_done_callback(self._tasks.pop)

    async def _serve(self, traffic: Traffic, event: dict[str, Any]) -> None:
        request, asked = event["requestId"], _asked(event, traffic)
        try:
            answered = await self._answered(traffic, asked, event)
            if asked.main and answered.status not in STAYING:
                traffic.arrived(event, Document(asked.url, answered.status))
            await self._fulfil(request, answered)
        except _NotHandedOn as not_handed_on:
            traffic.notes[not_handed_on.note] += 1
            if asked.main:
                traffic.arrived(event, Document(asked.url, not_handed_on.status, str(not_handed_on)))
            await self._fail(request, not_handed_on.error)
        except Exception as trouble:  # noqa: BLE001  nobody awaits this task: `end` raises it
            traffic.trouble = traffic.trouble or trouble
            await self._fail(request, "Failed")
        finally:
            traffic.in_flight -= 1
            traffic.last_activity = asyncio.get_running_loop().time()

    async def _answered(self, traffic: Traffic, asked: Asked, event: dict[str, Any]) -> Answered:
        """Raises `_NotHandedOn`."""
        if preflight := answer_to_preflight(event["request"]["method"], event["request"]["headers"]):
            traffic.notes["preflights"] += 1
            return Answered(204, preflight, b"")
        self._check(traffic, asked)
        try:
            async with asyncio.timeout(self._caps.seconds):
                answered = await traffic.answer(asked)
        except Refused as refused:
            raise _NotHandedOn("refused", str(refused), "BlockedByClient") from refused
        except NetworkError as error:
            reason = next((reason for kind, reason in _REASONS if isinstance(error, kind)), "Failed")
            raise _NotHandedOn("failed", str(error), reason) from error
        except TimeoutError as error:
            raise _NotHandedOn("too_slow", f"no answer within {self._caps.seconds:g} seconds", "TimedOut") from error
        return self._within_caps(traffic, answered)

    def _check(self, traffic: Traffic, asked: Asked) -> None:
        if urlsplit(asked.url).scheme not in ("http", "https"):
            raise _NotHandedOn("refused", f"{asked.url[:80]} is no web address", "AccessDenied")
        if asked.method not in ("GET", "HEAD"):
            raise _NotHandedOn("not_sent", f"{asked.method} would send something: an archiver reads", "BlockedByClient")
        if traffic.trouble is not None:
            raise _NotHandedOn("refused", "the render has come to an end", "Aborted")
        if traffic.notes["requests"] > self._caps.requests:
            raise _NotHandedOn("over_cap", f"more than {self._caps.requests:,} requests", "BlockedByClient")
        if traffic.bytes >= self._caps.bytes:
            traffic.is_full()
            raise _NotHandedOn("over_cap", f"more than {self._caps.bytes:,} bytes", "BlockedByClient")

    def _within_caps(self, traffic: Traffic, answered: Answered) -> Answered:
        size = len(answered.body)
        if size > self._caps.body_bytes:
            raise _NotHandedOn("too_large", f"{size:,} bytes; {self._caps.body_bytes:,} may be drawn", "Failed", answered.status)
        traffic.bytes += size
        if traffic.bytes > self._caps.bytes:
            raise _NotHandedOn("over_cap", f"more than {self._caps.bytes:,} bytes", "BlockedByClient", answered.status)
        return answered

    async def _fulfil(self, request: str, answered: Answered) -> None:
        params = {
            "requestId": request,
            "responseCode": answered.status if 200 <= answered.status <= 599 else 500,
            "binaryResponseHeaders": b64encode(handed_on(answered.headers)).decode("ascii"),
            "body": b64encode(answered.body).decode(
                "ascii"
            ),  # 1 ms a megabyte; a thread would hold the interpreter just the same
        }
        try:
            await self._devtools.send("Fetch.fulfillRequest", params)
        except BrowserFailed:
            await self._fail(request, "Failed")  # headers that it does not like; or the request is gone

    async def _fail(self, request: str, reason: str) -> None:
        with contextlib.suppress(BrowserFailed):  # the request is gone, with its page or with the browser
            await self._devtools.send("Fetch.failRequest", {"requestId": request, "errorReason": reason})


class _NotHandedOn(Exception):
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


def _asked(event: dict[str, Any], traffic: Traffic) -> Asked:
    main_frame = traffic.main_frame
    request = event["request"]
    kind: str = event["resourceType"].lower()
    return Asked(
        url=request["url"],
        method=request["method"],
        headers=asked_with(request["headers"]),
        kind=kind,
        main=kind == "document" and main_frame is not None and event.get("frameId") == main_frame,
        fresh=traffic.fresh,
    )
