"""Which records may hold a page, by their headers and the beginning of their block."""

import re
from collections.abc import Mapping

from archiver.errors import NotHttp
from archiver.wire.http1 import ResponseHead, parse_head
from archiver.wire.presentation import media_type_of, shows_body

_HEAD_END = re.compile(rb"\n\r?\n")
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.I)
_BEFORE_HTML = b"\xef\xbb\xbf \t\r\n"  # a BOM, and blanks
LOOKED_AT_BYTES = 1_000  # of a block, for the beginning of HTML
_WEB = ("http:", "https:")


def may_be_page(headers: Mapping[str, str], start: bytes) -> bool:
    """Whether a record is worth a closer look: HTML that browsers show, or of no type. Whoever reads it decides.

    So is a response from the web that is no HTTP: its block may be a page without a head, and else it is told.
    """
    kind = headers.get("warc-type")
    if kind == "resource":
        return _may_be_html(headers.get("content-type"))
    if kind != "response":
        return False
    try:
        head = http_head(start)
    except NotHttp:
        return bool(start) and headers.get("warc-target-uri", "").strip("<").lower().startswith(_WEB)
    return is_page_head(head)


def hidden_html(headers: Mapping[str, str], start: bytes) -> str | None:
    """What a record is served as that `may_be_page` leaves aside though its block looks like HTML: `text/plain`, `conversion`.

    None for all others. A browser shows it as text or offers it as a file, so it is no page; but somebody may look for it.
    """
    kind, block, label = headers.get("warc-type"), start, media_type_of(headers.get("content-type"))
    if kind == "response":
        try:
            head = http_head(start)
        except NotHttp:
            return None
        if not shows_body(head):
            return None
        end = _HEAD_END.search(start)
        block, label = start[end.end() :] if end else b"", media_type_of(head.get("Content-Type"))
    elif kind == "conversion":
        label = "conversion"
    elif kind != "resource":
        return None
    return label if _HTML.match(block[:LOOKED_AT_BYTES].lstrip(_BEFORE_HTML)) else None


def http_head(start: bytes) -> ResponseHead:
    """The first head of a block. Raises `NotHttp`."""
    end = _HEAD_END.search(start)
    return parse_head(start[: end.start() if end else len(start)].lstrip(b"\r\n"))


def is_page_head(head: ResponseHead) -> bool:
    """Whether a response with this head may be a page, or another head comes behind it (1xx)."""
    if 100 <= head.status < 200:
        return True
    return shows_body(head) and _may_be_html(head.get("Content-Type"))


def _may_be_html(media_type: str | None) -> bool:
    kind = media_type_of(media_type)
    return not kind or "html" in kind
