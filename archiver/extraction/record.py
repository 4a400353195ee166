"""Reads one captured response: what it is, and everything it tells. The one function for live crawl, reindex and import."""

from dataclasses import replace
from hashlib import sha256

from archiver.extraction.decode import MAX_PAGE_BYTES, decode
from archiver.extraction.embeds import find_embeds
from archiver.extraction.feeds import is_feed, read_feed
from archiver.extraction.maintext import main_text_of
from archiver.extraction.page import read_page
from archiver.html.document import Document
from archiver.media.inspect import picture_of
from archiver.model.exchange import CapturedResponse, ResourceType
from archiver.model.findings import Findings, MediaFile
from archiver.platforms import KEYWORDS, platform_of_reply
from archiver.urls import absolute
from archiver.wire.content_coding import decode_content
from archiver.wire.http1 import content_codings
from archiver.wire.spool import Spool

MAX_REPLY_BYTES = 5 << 20  # a tweet's JSON has 2 to 20 KB
MAX_CODED_MEDIA_BYTES = 64 << 20  # pictures that come gzip-coded are decoded in memory; as they normally come they are streamed
SNIFF_BYTES = 512
MEDIA_TYPES = ("image/", "video/")
HTML_TYPES = ("text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml")


def findings_of(seen: CapturedResponse) -> Findings:
    """Everything that this response tells by itself. Pure; hostile bytes give fewer findings, never an exception."""
    try:
        return _findings_of(seen)
    except Exception as error:  # noqa: BLE001  a bug of ours costs what one page tells, not the crawl; it is told and indexed
        return Findings(unreadable=f"{type(error).__name__}: {error}")


def page_in(seen: CapturedResponse) -> Document | None:
    """The page that this response is, by the rules of `findings_of`; None where it is something else."""
    if seen.head.status != 200 or platform_of_reply(seen.url) is not None:
        return None
    start = _start(seen)
    return _document(seen) if not is_media(seen) and not is_feed(start, seen.content_type) and _is_page(seen, start) else None


def _findings_of(seen: CapturedResponse) -> Findings:
    location = seen.head.get("Location")
    if (reply := _platform_reply(seen, location)) is not None:
        return reply
    if 300 <= seen.head.status < 400:
        target = absolute(seen.url, location) if location else None
        return Findings(links=(target,) if target else ())
    if seen.head.status != 200:
        return Findings()
    start = _start(seen)
    if is_media(seen):
        return _media(seen)
    if is_feed(start, seen.content_type):
        return Findings(feed=read_feed(seen.decoded(MAX_PAGE_BYTES), seen.url, seen.content_type))
    if _is_page(seen, start):
        return _page(seen)
    return Findings()


def _platform_reply(seen: CapturedResponse, location: str | None) -> Findings | None:
    platform = platform_of_reply(seen.url)
    return platform.read_reply(seen.url, seen.head.status, location, seen.decoded(MAX_REPLY_BYTES)) if platform else None


def _start(seen: CapturedResponse) -> bytes:
    return decode_content(seen.payload.bytes(0, 4 * SNIFF_BYTES), content_codings(seen.head), SNIFF_BYTES)[0]


def is_media(seen: CapturedResponse) -> bool:
    """Whether it is read as a picture or video: it was asked for as one, or its Content-Type says so."""
    return seen.resource_type in (ResourceType.IMAGE, ResourceType.MEDIA) or seen.content_type.startswith(MEDIA_TYPES)


def _document(seen: CapturedResponse) -> Document:
    return Document(seen.url, decode(seen.decoded(MAX_PAGE_BYTES), seen.head.get("Content-Type")), KEYWORDS)


def _page(seen: CapturedResponse) -> Findings:
    document = _document(seen)
    page = replace(read_page(document, seen.captured_at), text=main_text_of(document))
    return Findings(page=page, embeds=find_embeds(document))


def _is_page(seen: CapturedResponse, start: bytes) -> bool:
    if seen.resource_type not in (None, ResourceType.DOCUMENT):
        return False
    if seen.content_type:
        return seen.content_type in HTML_TYPES
    return b"<" in start and b"\0" not in start


def _media(seen: CapturedResponse) -> Findings:
    """A picture or video counts only when it came whole."""
    if seen.truncated:
        return Findings()
    coded = content_codings(seen.head)
    if any(coding != "identity" for coding in coded):
        body, cut = decode_content(seen.payload.chunks(), coded, MAX_CODED_MEDIA_BYTES)
        if cut:
            return Findings()
        payload = Spool(body)
    else:
        payload = seen.payload
    picture = picture_of(payload)
    if picture is None:
        return Findings()
    state = sha256()
    for chunk in payload.chunks():
        state.update(chunk)
    size, hashes = (picture.width, picture.height), picture.hashes
    return Findings(
        media=MediaFile(state.hexdigest(), picture.mime, len(payload), *size, hashes.whole, hashes.trimmed, picture.exif)
    )
