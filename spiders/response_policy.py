"""Response policy: what a response, or none, means for the request: done, failed, tried again, or tried elsewhere. Pure."""

from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum

from archiver.errors import NetworkError
from archiver.model.exchange import Truncated
from archiver.wire.http1 import ResponseHead
from spiders.crawl_request import GATED, CrawlRequest, RequestKind

MAX_TRIES = 3
MAX_REDIRECTS = 10  # browsers stop at 20, curl at 50; a page that takes more is a loop
RETRY_SECONDS = 2.0  # before the second try; four times as long before the third
SLOW_DOWN_SECONDS = 30.0  # for a 429 that does not say how long
MAX_PAUSE_SECONDS = 86_400.0  # a Retry-After beyond a day is a mistake of the server


class Action(StrEnum):
    """What becomes of a request."""

    DONE = "done"
    RETRY = "retry"
    PAUSE_HOST = "pause_host"
    """The host asks us to slow down: nothing goes there for a while, then the request is tried again."""
    FALLBACK = "next_address"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Decision:
    action: Action
    seconds: float = 0.0
    """How long to wait, for RETRY and PAUSE_HOST."""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RequestResult:
    """What came of a request that the frontier handed out: the item that a callback yields behind the requests that follow."""

    seq: int
    """Row number of the request in the frontier."""
    request: CrawlRequest
    decision: Decision


def decide(
    request: CrawlRequest,
    head: ResponseHead,
    truncated: Truncated | None,
    now: datetime,
    target: str | None = None,
    *,
    silent: bool = False,
) -> Decision:
    """By the status, by whether the response was cut off, and by `target`, the URL that it redirects to.

    `silent`: a platform's reply says nothing of the post that it was asked about.
    """
    status = head.status
    if head.asks_to_wait:
        if request.tries + 1 >= MAX_TRIES + 2:
            if request.fallbacks:
                return Decision(Action.FALLBACK)
            return Decision(Action.FAILED, reason=f"answered {status} {request.tries + 1} times")
        return Decision(Action.PAUSE_HOST, retry_after(head, now), f"answered {status}")
    if status >= 500 or truncated is Truncated.DISCONNECT:
        reason = f"answered {status}" if status >= 500 else "was cut off"
        if request.tries + 1 < MAX_TRIES:
            return Decision(Action.RETRY, RETRY_SECONDS * 4**request.tries, reason)
        if request.fallbacks:
            return Decision(Action.FALLBACK)
        return Decision(Action.DONE if status < 500 else Action.FAILED, reason=reason)  # what came of it is kept
    if request.fallbacks and (silent if request.kind is RequestKind.ASK else status >= 400):
        return Decision(Action.FALLBACK)
    if status >= 400 and request.seed and request.kind is not RequestKind.ASK:  # a platform's 404 is an answer
        return Decision(Action.FAILED, reason=f"answered {status}")
    if request.kind in GATED and (why := endless(request, target)) is not None:
        return Decision(Action.FAILED, reason=why)
    return Decision(Action.DONE)


def endless(request: CrawlRequest, target: str | None) -> str | None:
    """Why a redirect to `target` is not followed: it was there before, or there were too many; None where it may be."""
    if target is None:
        return None
    if target in (request.url, *request.via):
        return "redirects in a circle"
    return f"redirects more than {MAX_REDIRECTS} times" if request.redirects >= MAX_REDIRECTS else None


def decide_error(request: CrawlRequest, error: NetworkError) -> Decision:
    """Where no response came."""
    if not error.final and request.tries + 1 < MAX_TRIES:
        return Decision(Action.RETRY, RETRY_SECONDS * 4**request.tries, str(error))
    if request.kind is RequestKind.ASK and request.fallbacks:
        return Decision(Action.FALLBACK)
    return Decision(Action.FAILED, reason=str(error))


def retry_after(head: ResponseHead, now: datetime) -> float:
    """Seconds, from a Retry-After that gives seconds or a date (RFC 9110, 10.2.3)."""
    value = head.get("Retry-After") or ""
    if value.isascii() and value.isdigit():
        return min(float(value[:9]), MAX_PAUSE_SECONDS)
    try:
        seconds = (parsedate_to_datetime(value) - now).total_seconds()
    except (ValueError, TypeError, OverflowError):  # no date, one without a zone, or in a year of twenty digits
        return SLOW_DOWN_SECONDS
    return min(max(seconds, 0.0), MAX_PAUSE_SECONDS)
