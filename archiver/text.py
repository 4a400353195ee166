"""Text from the web: safe to print, to store, and to read as JSON."""

import html
import json
import re
from typing import Any

# C0 but for tab and line feed, DEL, C1; bidi marks, embeddings, overrides and isolates; characters of no width that belong to no
# spelling, among them the tags that can hide a whole text (joiners, variation selectors and soft hyphens do belong to some);
# separators of lines that look like none; halves of characters, which cannot be printed at all. What Unicode calls "default
# ignorable" is all here but for those that belong to a spelling.
_HARMFUL = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
    "\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"
    "\u2028\u2029\ud800-\udfff"
)
# Three flags are written with tags (England, Scotland, Wales: UTS #51, annex C).
_FLAG_OR_HARMFUL = re.compile(f"(\U0001f3f4[\U000e0061-\U000e007a]{{2,6}}\U000e007f)|[{_HARMFUL}]")


def printable(text: str) -> str:
    """The text with each harmful character made visible as �."""
    return _FLAG_OR_HARMFUL.sub(lambda match: match[1] or "\ufffd", text)


def printable_line(text: str) -> str:
    """The text on one line, harmful characters made visible as �, so that it cannot pass for a line of our own output."""
    return printable(" ".join(text.split()))


def json_line(content: Any, **options: Any) -> str:
    """JSON on one line, in which nothing is lost: what is harmful is escaped. `options` are those of `json.dumps`."""
    line = json.dumps(content, ensure_ascii=False, separators=(", ", ": "), **options)
    return _FLAG_OR_HARMFUL.sub(lambda match: match[1] or json.dumps(match[0])[1:-1], line)


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
    """Text that may hold entities and tags, as JSON-LD and feeds do: entities resolved, tags dropped, then as `one_line`."""
    if text and ("&" in text or "<" in text):
        text = _TAG.sub(" ", html.unescape(text[: 4 * limit]))
    return one_line(text, limit)


def whole_characters(text: str) -> str:
    r"""Halves of characters (lone surrogates: `"\ud83d"`, or a byte of an argument that is no UTF-8) made into U+FFFD.

    Neither SQLite nor UTF-8 take them. Two halves that stand side by side become their character.
    """
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def json_loads(text: str | bytes) -> Any:
    r"""As `json.loads`, with halves of characters (`"\ud83d"`, an emoji cut in two) made into U+FFFD.

    Neither SQLite nor UTF-8 take them, and platforms do send them. Raises ValueError, for nesting beyond Python's limit as well.
    """
    try:
        value = json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    halves = (b"\\ud", b"\\uD") if isinstance(text, bytes) else ("\\ud", "\\uD")
    return _whole(value) if any(half in text for half in halves) else value  # type: ignore[operator]


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return whole_characters(value)
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if isinstance(value, dict):
        return {_whole(key): _whole(item) for key, item in value.items()}
    return value
