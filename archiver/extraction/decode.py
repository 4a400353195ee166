"""From a page's bytes to its text, in the order of the HTML standard, and wiser where a declaration is plainly wrong."""

import codecs
import re
from unicodedata import category

from resiliparse.parse.encoding import detect_encoding

MAX_PAGE_BYTES = 5_000_000  # of one page: read within 2 s whatever it is; the longest seen was 3 MB
META_WITHIN = 65_536  # bytes; the standard says 1,024 and browsers read to the head's end: templates put styles and scripts first
DETECT_WITHIN = 65_536  # bytes that are looked at to guess
# Of the bytes beyond ASCII: with fewer of them wrong a page is still UTF-8, with some bytes pasted in from elsewhere.
MOSTLY_WRONG = 0.2
# A declaration is overruled where it makes so many words odd, at least, and so large a share, and a guess far fewer. Each name,
# and each sentence's first word, is odd in the wrong one of two Cyrillic encodings, and a text in capitals is odd in neither.
MIN_ODD = 3
ODD_SHARE = 0.04
LESS_ODD = 0.25

_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.I)
_META = re.compile(rb"<meta\b[^>]{0,400}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.I)
_XML = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]+)", re.I)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_HIGH = re.compile(rb"[\x80-\xff]")
_WORDS_BEYOND_ASCII = re.compile(rb"(?<![\w\x80-\xff])[\x80-\xff]{3,}(?![\w\x80-\xff])")
_WORD = re.compile(r"[^\x00-\x7f\s«»„“”‘’–—…©®°•·]{2,}")
_C1 = re.compile(rb"[\x80-\x9f]")  # control characters in ISO 8859, dashes and curved quotation marks in Microsoft's code pages

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
    "cp936": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    "cp950": "big5hkscs",
    "koi8-r": "koi8-u",
    "utf-8-sig": "utf-8",
    "utf-16": "utf-16-le",
}
# The encodings that browsers know, by Python's names. Others are in no browser's pages, and some do harm: Python's "undefined",
# which scripts do write into a charset, decodes nothing, and in UTF-7 or EBCDIC markup is not what it seems.
_READ = frozenset(
    (
        *("utf-8", "utf-16-le", "utf-16-be", "koi8-u", "mac-roman", "mac-cyrillic", "cp866", "cp874"),
        *("gb18030", "big5hkscs", "euc_jp", "iso2022_jp", "cp932", "cp949"),
        *(f"cp{number}" for number in range(1250, 1259)),
        *(f"iso8859-{number}" for number in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)),
    )
)
_LABELS = {
    "koi": "koi8-u",
    "koi8": "koi8-u",
    "ks_c_5601-1989": "cp949",
    "iso-8859-8-i": "iso8859-8",
    "logical": "iso8859-8",
    "visual": "iso8859-8",
    "macintosh": "mac-roman",
    "mac": "mac-roman",
    "mac-ukrainian": "mac-cyrillic",
    "sjis": "cp932",
    "x-big5": "big5",
}
_CODE_PAGE = re.compile(r"(?:windows|win|cp|ms|dos|ibm)[-_]?(31j|\d{3,4})")  # in whatever spelling
_WINDOWS = {"iso8859-2": "cp1250", "iso8859-7": "cp1253", "iso8859-8": "cp1255", "iso8859-13": "cp1257", "iso8859-15": "cp1252"}
_SERVER_DEFAULTS = ("cp1252", "utf-8")  # what servers claim of pages that they know nothing about


def decode(body: bytes, content_type: str | None = None) -> str:
    """The text of a page, its first MAX_PAGE_BYTES: byte order mark, then HTTP's charset, then the page's own, then a guess.

    `content_type` is the header's whole value (`text/html; charset=windows-1251`) or None. Bytes that mean nothing in the
    encoding become U+FFFD; nothing is raised.
    """
    body = body[:MAX_PAGE_BYTES]
    for bom, encoding in _BOMS:
        if body.startswith(bom):
            return _with(body[len(bom) :], encoding)
    if body.isascii() and b"\x1b$" not in body and b"\0" not in body[:META_WITHIN]:
        return body.decode("ascii")
    if (wide := _wide(body)) is not None:
        return _with(body, wide)
    # Text in another encoding is hardly ever valid UTF-8 by accident, whatever is declared.
    text = None if body.isascii() else _utf8(body)
    return _clean(text) if text is not None else _with(body, _chosen(body, content_type))


def _chosen(body: bytes, content_type: str | None) -> str:
    """The encoding of bytes that are not UTF-8 throughout, or of those that ISO-2022-JP makes of Japanese."""
    declared = [encoding for encoding in (_of_header(content_type), _of_markup(body)) if encoding is not None]
    trusted = [encoding for encoding in dict.fromkeys(declared) if encoding not in _SERVER_DEFAULTS]
    guessed = _guessed(body)
    if guessed in trusted or (body.isascii() and guessed == "iso2022_jp"):
        return guessed
    if trusted:
        return guessed if _reads_better(body, guessed, trusted[0]) else trusted[0]
    if ("utf-8" in declared or not declared) and _share_wrong(body) < MOSTLY_WRONG:
        return "utf-8"
    return guessed


def _guessed(body: bytes) -> str:
    sample = _sample(body)
    label = detect_encoding(sample, html5_compatible=False)  # else it says UTF-8 of Korean and of all that it does not know
    encoding = _known(label or "")
    if encoding == "mac-cyrillic":  # the same small letters as windows-1251, which is a thousand times as frequent
        return min(("cp1251", "mac-cyrillic"), key=lambda one: _words_and_odd_ones(sample, one)[1])
    if encoding in (None, "utf-8"):
        cyrillic = 2 * sum(map(len, _WORDS_BEYOND_ASCII.findall(sample))) > len(_HIGH.findall(sample))
        return max(("cp1251", "koi8-u"), key=lambda one: _share_well(sample, one)) if cyrillic else "cp1252"
    return _WINDOWS[encoding] if encoding in _WINDOWS and _C1.search(sample) else str(encoding)


def _sample(body: bytes) -> bytes:
    """Up to DETECT_WITHIN bytes from where there are some beyond ASCII: long styles and scripts may come before the first."""
    if body.isascii():
        at = max(0, body.find(b"\x1b$"))
        return body[at : at + DETECT_WITHIN]
    parts: list[bytes] = []
    size = done = 0
    while size < DETECT_WITHIN and (high := _HIGH.search(body, done)):
        begin, done = max(done, high.start() - 64), high.start() + 2_048
        parts.append(body[begin:done])
        size += len(parts[-1])
    return b"".join(parts)


def _reads_better(body: bytes, guessed: str, declared: str) -> bool:
    """Whether what is declared makes nonsense of a text that a guess makes words of."""
    sample = _sample(body)
    words, odd = _words_and_odd_ones(sample, declared)
    if odd < MIN_ODD or odd < ODD_SHARE * words:
        return False
    words, less_odd = _words_and_odd_ones(sample, guessed)
    return less_odd < LESS_ODD * odd


def _words_and_odd_ones(sample: bytes, encoding: str) -> tuple[int, int]:
    """How many words beyond ASCII there are, and how many are none: `аРЕМР`, `р№Єр`, KOI8 and ISO read as windows-1251."""
    words = _WORD.findall(sample.decode(encoding, "replace"))
    return len(words), sum(not _is_word(word) for word in words)


def _is_word(word: str) -> bool:
    letters = "".join(letter for letter in word if not category(letter).startswith("M"))  # vowel signs, accents apart
    return letters.isalpha() and letters in (letters.lower(), letters.upper(), letters.capitalize())


def _share_well(sample: bytes, encoding: str) -> float:
    """The share of the characters beyond ASCII that are small letters, or letters of a script that has no capitals."""
    beyond = [character for character in sample.decode(encoding, "replace") if character > "\x7f"]
    return sum(character.isalpha() and not character.isupper() for character in beyond) / max(len(beyond), 1)


def _of_header(content_type: str | None) -> str | None:
    found = _CHARSET.search(content_type or "")
    return _narrow(_known(found[1])) if found else None


def _of_markup(body: bytes) -> str | None:
    head, *comments = body[:META_WITHIN].split(b"<!--")
    head += b"".join(comment.partition(b"-->")[2] for comment in comments)
    found = _XML.search(head[:400]) or _META.search(head)
    return _narrow(_known(found[1].decode("ascii", "replace"))) if found else None


def _narrow(encoding: str | None) -> str | None:
    """UTF-16 is seen by its zero bytes; who declares it of other bytes means UTF-8 (HTML standard, 13.2.3.2)."""
    return "utf-8" if encoding is not None and encoding.startswith("utf-16") else encoding


def _known(label: str) -> str | None:
    """Python's name for an encoding, as browsers understand the label; None for what is none."""
    name = label.strip().lower()
    name = name.removeprefix("x-")
    if page := _CODE_PAGE.fullmatch(name):
        name = "cp932" if page[1] == "31j" else f"cp{page[1]}"
    try:
        codec = codecs.lookup(_LABELS.get(name, name)).name
    except (LookupError, ValueError):
        return None
    encoding = _BROWSERS.get(codec, codec)
    return encoding if encoding in _READ else None


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
    """The share of the bytes beyond ASCII that are no UTF-8."""
    high = len(body) - len(body.translate(None, bytes(range(128, 256))))
    return body.decode("utf-8", "replace").count("\ufffd") / max(high, 1)


def _with(body: bytes, encoding: str) -> str:
    return _clean(body.decode(encoding, "replace"))


def _clean(text: str) -> str:
    return text.replace("\0", "\ufffd").removeprefix("\ufeff")
