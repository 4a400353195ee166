"""Harmless text: what comes from the web, without what commands a terminal, turns the direction of text, or hides in it."""

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


def one_line(text: str) -> str:
    """The same on one line, so that no text from the web can pass for a line of ours."""
    return printable(" ".join(text.split()))


def json_line(content: Any, **options: Any) -> str:
    """JSON on one line, in which nothing is lost: what is harmful is escaped. `options` are those of `json.dumps`."""
    line = json.dumps(content, ensure_ascii=False, separators=(", ", ": "), **options)
    return _FLAG_OR_HARMFUL.sub(lambda match: match[1] or json.dumps(match[0])[1:-1], line)
