"""Plain words: a text as a page means it, on one line, safe to store."""

import html
import re

MAX_WORDS = 2_000  # characters of a title, a name, a description; what is longer is no such thing

# Controls (NUL too) and lone surrogates: JSON-LD may spell them as \u0000 or \ud800, and no UTF-8 text can hold the latter.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\u200b\u2060\ufeff\ud800-\udfff]")
_TAG = re.compile(r"<[a-zA-Z/!][^<>]*>")


def one_line(text: str | None, limit: int = MAX_WORDS) -> str | None:
    """White space collapsed, unprintable characters dropped, cut at `limit` characters; None where nothing is left."""
    if not text:
        return None
    # Four times the limit holds `limit` characters of content in all but absurdly indented markup, and bounds the work.
    text = text[: 4 * limit]
    if text.isprintable() and "  " not in text:  # the usual case, in a fifth of the time: the only white space is single blanks
        return text.strip()[:limit].rstrip() or None
    words = " ".join(_UNPRINTABLE.sub("", text).split())
    return words[:limit].rstrip() or None


def unescaped_line(text: str | None, limit: int = MAX_WORDS) -> str | None:
    """The same for text that may hold entities and tags: what content systems put into JSON-LD and feeds."""
    if text and ("&" in text or "<" in text):
        text = _TAG.sub(" ", html.unescape(text[: 4 * limit]))
    return one_line(text, limit)
