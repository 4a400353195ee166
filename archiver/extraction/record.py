"""Reads one captured response: what it is, and all that it says. One function for the live crawl, the reindex and imports."""

from dataclasses import replace
from hashlib import sha256

from archiver.extraction.decode import MAX_PAGE_BYTES, decode
from archiver.extraction.embeds import find_embeds
from archiver.extraction.feeds import is_feed, read_feed
from archiver.extraction.maintext import main_text_of
from archiver.extraction.page import read_page
from archiver.html.document import Document
from archiver.media.inspect import picture_of
from archiver.model.exchange import CapturedResponse, PostQuestion, ResourceType
from archiver.model.findings import Findings, MediaFile
from archiver.platforms import KEYWORDS, platform_named, platform_of_reply, stand_in
from archiver.platforms.answers import can_be_asked, read_answer
from archiver.urls import absolute
from archiver.wire.content_coding import decode_content
from archiver.wire.http1 import content_codings
from archiver.wire.presentation import shows_body
from archiver.wire.spool import Spool

MAX_REPLY_BYTES = 5 << 20  # a tweet's JSON has 2 to 20 KB
MAX_CODED_MEDIA_BYTES = 64 << 20  # pictures that come gzip-coded are decoded in memory; as they normally come they are streamed
SNIFF_BYTES = 512
MEDIA_TYPES = ("image/", "video/")
HTML_TYPES = ("text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml")


def extract(response: CapturedResponse) -> Findings:
    """All that this response says by itself. Pure; hostile bytes give fewer findings, never an exception."""
    try:
        return _extract(response)
    except Exception as error:  # noqa: BLE001  a bug of ours costs one page's findings, not the crawl; it is indexed as unreadable
        return Findings(unreadable=f"{type(error).__name__}: {error}")


def page_in(response: CapturedResponse) -> Document | None:
    """The page that this response is, by the rules of `extract`; None where it is something else."""
    if not shows_body(response.head) or _question(response) is not None or platform_of_reply(response.url) is not None:
        return None
    start = _start(response)
    return (
        _document(response)
        if not is_media(response) and not is_feed(start, response.content_type) and _is_page(response, start)
        else None
    )


def _extract(response: CapturedResponse) -> Findings:
    location = response.head.get("Location")
    if (reply := _platform_reply(response, location)) is not None:
        return reply
    if 300 <= response.head.status < 400:
        target = absolute(response.url, location) if location else None
        return Findings(links=(target,) if target else ())
    if not shows_body(response.head):
        return Findings()
    start = _start(response)
    if is_media(response):
        return _media(response) if response.head.status != 206 else Findings()
    if is_feed(start, response.content_type):
        return Findings(feed=read_feed(response.decoded(MAX_PAGE_BYTES), response.url, response.content_type))
    if _is_page(response, start):
        return _page(response)
    return Findings()


def _platform_reply(response: CapturedResponse, location: str | None) -> Findings | None:
    question = _question(response)
    platform = platform_named(question.platform) if question is not None else platform_of_reply(response.url)
    if platform is None:
        return None
    return read_answer(platform, question, response.url, response.head.status, location, response.decoded(MAX_REPLY_BYTES))


def _question(response: CapturedResponse) -> PostQuestion | None:
    """What was asked; None where another program's record names a platform or post that nobody can ask about."""
    question = response.question
    return question if question is not None and can_be_asked(question) else None


def _start(response: CapturedResponse) -> bytes:
    return decode_content(response.payload.bytes(0, 4 * SNIFF_BYTES), content_codings(response.head), SNIFF_BYTES)[0]


def is_media(response: CapturedResponse) -> bool:
    """Whether it is read as a picture or video: it was requested as one, or its Content-Type says so."""
    return response.resource_type in (ResourceType.IMAGE, ResourceType.MEDIA) or response.content_type.startswith(MEDIA_TYPES)


def _document(response: CapturedResponse) -> Document:
    return Document(response.url, decode(response.decoded(MAX_PAGE_BYTES), response.head.get("Content-Type")), KEYWORDS)


def _page(response: CapturedResponse) -> Findings:
    document = _document(response)
    page = replace(read_page(document, response.captured_at), text=main_text_of(document))
    return Findings(page=page, embeds=find_embeds(document))


def _is_page(response: CapturedResponse, start: bytes) -> bool:
    if response.resource_type not in (None, ResourceType.DOCUMENT):
        return False
    if response.content_type:
        return response.content_type in HTML_TYPES
    return b"<" in start and b"\0" not in start


def _media(response: CapturedResponse) -> Findings:
    """A picture or video counts only when it came whole."""
    if response.truncated:
        return Findings()
    coded = content_codings(response.head)
    if any(coding != "identity" for coding in coded):
        body, cut = decode_content(response.payload.chunks(), coded, MAX_CODED_MEDIA_BYTES)
        if cut:
            return Findings()
        payload = Spool(body)
    else:
        payload = response.payload
    picture = picture_of(payload)
    if picture is None:
        return Findings()
    state = sha256()
    for chunk in payload.chunks():
        state.update(chunk)
    if (stands_for := stand_in(response.url, state.hexdigest())) is not None:
        return Findings(refusal=f"serves a picture in place of one that is {stands_for.value}")
    size, hashes = (picture.width, picture.height), picture.hashes
    return Findings(
        media=MediaFile(state.hexdigest(), picture.mime, len(payload), *size, hashes.whole, hashes.trimmed, picture.exif)
    )
