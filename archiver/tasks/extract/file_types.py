"""What a file is, by its first bytes, and by its name where those tell nothing."""

from archiver.storage.warc.record_heads import begins_record
from archiver.storage.warc.unpacking import unpacked_start
from archiver.storage.warc.wacz import WARC_SUFFIXES

PAGE_SUFFIXES = (".html", ".htm", ".xhtml", ".html.gz", ".htm.gz")
SNIFF_BYTES = 1_024  # of a file, to see what it is

_PAGE_STARTS = (b"<!doctype html", b"<html", b"<head", b"<body", b"<!-- saved from", b"<article", b"<blockquote", b"<div", b"<p")
_ZIP = b"PK\x03\x04"
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_SIGNATURES = (
    (b"\x89PNG", "a PNG picture"), (b"GIF8", "a GIF picture"), (b"\xff\xd8\xff", "a JPEG picture"),
    (b"RIFF", "a picture or sound"), (b"%PDF-", "a PDF document"),
    (b"SQLite format 3", "an SQLite database"), (b"\x7fELF", "a program"),
)  # fmt: skip
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\f\r\x1b\0"))
MOST_CONTROLS = 0.05  # of a text's bytes: no text is known that has any
UTF_16 = 0.08  # of every second byte are NUL in UTF-16 of any alphabet: spaces and markup; of the others none are
NO_TEXT = "bytes that are no text"


def kind_of(name: str, start: bytes) -> str | None:
    """warc (or arc), zip, page, or None. `start`: its first SNIFF_BYTES."""
    text = unpacked_start(start)
    if begins_record(text):
        return "warc"
    if start.startswith(_ZIP):
        return "zip"
    if name.lower().endswith(WARC_SUFFIXES):  # with a damaged beginning, or packed in a way that shows nothing so soon
        return "warc"
    if name.lower().endswith(".wacz"):
        return "zip"
    if name.lower().endswith(PAGE_SUFFIXES):
        return "page"
    letters = text.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()  # UTF-16 has a NUL beside each letter
    return "page" if letters.startswith(_PAGE_STARTS) or b"<html" in letters else None


def no_text(start: bytes) -> str | None:
    """What a file holds that is no page in whatever encoding; None for text."""
    text = unpacked_start(start)
    known = next((what for signature, what in _SIGNATURES if text.startswith(signature)), None)
    if known is not None:
        return known
    if text.startswith(_BOMS):
        return None
    if b"\0" in text:
        fewer, more = sorted(text[half::2].count(0) for half in (0, 1))
        return None if fewer == 0 and more > UTF_16 * len(text) / 2 else NO_TEXT
    controls = len(text) - len(text.translate(None, _CONTROLS))
    return NO_TEXT if controls > MOST_CONTROLS * len(text) else None
