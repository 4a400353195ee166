"""From a page's bytes to its text, in the order of the HTML standard, and wiser where a declaration is plainly wrong."""

import codecs
import re

from resiliparse.parse.encoding import detect_encoding

MAX_PAGE_BYTES = 10_000_000  # of one page; the longest seen was 3 MB, and what is beyond this is an application's data
META_WITHIN = 4_096  # bytes; the standard says 1,024, but templates put comments and scripts first
DETECT_WITHIN = 65_536  # bytes that are looked at to guess
# Of the bytes beyond ASCII: with fewer of them wrong a page is still UTF-8, with some bytes pasted in from elsewhere.
MOSTLY_WRONG = 0.2

_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.I)
_META = re.compile(rb"<meta\b[^>]{0,400}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.I)
_XML = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]+)", re.I)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))

# What browsers understand by these names (WHATWG Encoding Standard, section 4.2), where Python means something narrower.
# KOI8-U has the letters of KOI8-R and the Ukrainian ones in the place of lines for drawing boxes, which web pages do not draw.
_BROWSERS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    "koi8-r": "koi8-u",
}
_LABELS = {"x-sjis": "cp932", "windows-31j": "cp932", "ks_c_5601-1987": "cp949", "x-cp1251": "cp1251", "koi8": "koi8-u"}
_SERVER_DEFAULTS = ("cp1252",)  # what servers claim of pages that they know nothing about


def decode(body: bytes, content_type: str | None = None) -> str:
    """The text of a page, its first MAX_PAGE_BYTES: byte order mark, then HTTP's charset, then the page's own, then a guess.

    `content_type` is the header's whole value (`text/html; charset=windows-1251`) or None. Bytes that mean nothing in the
    encoding become U+FFFD; nothing is raised.
    """
    body = body[:MAX_PAGE_BYTES]
    for bom, encoding in _BOMS:
        if body.startswith(bom):
            return _with(body[len(bom) :], encoding)
    if (wide := _wide(body)) is not None:
        return _with(body, wide)
    declared = [encoding for encoding in (_of_header(content_type), _of_markup(body)) if encoding is not None]
    if not body.isascii() and (text := _utf8(body)) is not None:
        # Text in another encoding is hardly ever valid UTF-8 by accident, whatever is declared.
        return _clean(text)
    return _with(body, _chosen(body, declared))


def _chosen(body: bytes, declared: list[str]) -> str:
    """The encoding of bytes that are not UTF-8 throughout."""
    if body.isascii():
        return declared[0] if declared else "utf-8"  # ISO-2022-JP is ASCII to the eye
    trusted = [encoding for encoding in declared if encoding not in (*_SERVER_DEFAULTS, "utf-8")]
    if trusted:
        return trusted[0]
    if ("utf-8" in declared or not declared) and _share_wrong(body) < MOSTLY_WRONG:
        return "utf-8"
    return _guessed(body)


def _guessed(body: bytes) -> str:
    encoding = _known(detect_encoding(body[:DETECT_WITHIN]) or "")
    return "cp1252" if encoding in (None, "utf-8") else str(encoding)


def _of_header(content_type: str | None) -> str | None:
    found = _CHARSET.search(content_type or "")
    return _known(found[1]) if found else None


def _of_markup(body: bytes) -> str | None:
    found = _XML.search(body[:400]) or _META.search(body[:META_WITHIN])
    encoding = _known(found[1].decode("ascii", "replace")) if found else None
    # Whoever could read that declaration byte by byte was not reading UTF-16 (HTML standard, 13.2.3.2).
    return "utf-8" if encoding is not None and encoding.startswith("utf-16") else encoding


def _known(label: str) -> str | None:
    """Python's name for an encoding, as browsers understand the label; None for what is none."""
    name = label.strip().lower()
    if name in _LABELS:
        return _LABELS[name]
    try:
        codec = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    if not codec._is_text_encoding:  # "hex", "rot13", "zip" are codecs too
        return None
    if codec.name in ("idna", "punycode", "unicode_escape", "raw_unicode_escape"):
        return None
    return _BROWSERS.get(codec.name, codec.name)


def _wide(body: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of its markup is NUL."""
    start = body[:200]
    if len(start) < 4 or start.count(0) < len(start) // 8 or b"<" not in start:
        return None
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if min(even, odd) * 4 > max(even, odd):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _utf8(body: bytes) -> str | None:
    """The text, if it is UTF-8 throughout; the cap may have cut its last character in two."""
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(body)
    except UnicodeDecodeError:
        return None


def _share_wrong(body: bytes) -> float:
    """Of the bytes beyond ASCII, how many are no UTF-8."""
    high = len(body) - len(body.translate(None, bytes(range(128, 256))))
    return body.decode("utf-8", "replace").count("\ufffd") / max(high, 1)


def _with(body: bytes, encoding: str) -> str:
    return _clean(body.decode(encoding, "replace"))


def _clean(text: str) -> str:
    return text.replace("\0", "\ufffd").removeprefix("\ufeff")
