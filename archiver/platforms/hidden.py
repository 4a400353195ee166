"""Markup that a page carries and does not show yet: in templates, textareas, attributes, scripts, comments, escaped text.

Lazy loaders, consent banners and content systems put embeds there until a reader scrolls or agrees. It is dug out here, once,
so that a platform's file only has to know its own markup.
"""

import base64
import binascii
import html
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser, LexborNode

MAX_HIDDEN_BYTES = 2_000_000  # characters of hidden markup that are looked at per page: more is an application's data
MAX_HIDDEN_PIECES = 1_000  # of one page; each is parsed by itself, and a parsed one takes some 60 KB
MAX_LAYERS = 3  # how often one thing may be escaped; twice is seen in feeds of feeds

_TAGS = ("blockquote", "iframe", "amp-twitter")
_OPENING = re.compile(rf"<(?:{'|'.join(_TAGS)}|figure)\b", re.I)
_ESCAPED = re.compile(rf"(?:&(?:amp;)*(?:lt|#0*60|#x0*3c);|\\u003c|\\x3c|%(?:25)?3C)(?:{'|'.join(_TAGS)}|figure)\b", re.I)
# <blockquote, <iframe, <figure in base64. All begin with two plain letters, so that the search is quick.
_BASE64 = re.compile(r"PG(?:Jsb2NrcXVvdG|lmcmFtZ|ZpZ3VyZ)[A-Za-z0-9+/\s]{40,}={0,2}")
_JS_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([nrtbf])|(.))", re.S)
_JS_OPENING = re.compile(r"\\(?:u003[cC]|x3[cC])")
_WP_COMMENT = "<!-- wp:"
_TEMPLATE = "<template"
_CODED = ("PGJsb2NrcXVvdG", "PGlmcmFtZ", "PGZpZ3VyZ")  # how <blockquote, <iframe and <figure begin in base64
WORDS = (*_TAGS[:2], _WP_COMMENT, _TEMPLATE, *_CODED)
"""All that hidden markup is known by in a page's raw text."""
_MAX_STRETCH = 20_000  # characters of one element in a script's string


class Origin(StrEnum):
    """Where in the page a stretch of markup was."""

    PAGE = "page"
    NOSCRIPT = "noscript"
    TEMPLATE = "template"
    ESCAPED = "escaped"
    """Escaped in an attribute, a textarea, or as text that readers saw as `<blockquote …`."""
    SCRIPT = "script"
    COMMENT = "comment"


class Scripts:
    """Where the scripts of a page are in its raw text; found when first asked for."""

    def __init__(self, markup: str) -> None:
        self._markup = markup
        self._starts: list[int] | None = None
        self._ends: list[int] = []

    def hold(self, at: int) -> bool:
        """Whether a place is within a script."""
        if self._starts is None:
            self._starts = []
            begin = self._markup.find("<script")
            while begin >= 0:
                end = self._markup.find("</script", begin)
                self._starts.append(begin)
                self._ends.append(end if end >= 0 else len(self._markup))
                begin = self._markup.find("<script", end) if end >= 0 else -1
        index = bisect_right(self._starts, at) - 1
        return index >= 0 and at < self._ends[index]


@dataclass(frozen=True, slots=True)
class _Places:
    """Where markup may be hidden, told from the raw text."""

    scripts: bool
    elsewhere: bool
    """In attributes, in text or in comments: these need a walk over all nodes."""
    templates: bool


def _places(markup: str, places: Callable[[str], Iterable[int]]) -> _Places:
    scripts, elsewhere = False, any(_first(places(word)) is not None for word in (_WP_COMMENT, *_CODED))
    spans = Scripts(markup)
    for word in _TAGS[:2]:
        for at in places(word):
            before = markup[max(0, at - 10) : at]
            escaped = before.endswith((";", "3c", "3C"))
            if escaped or (before.endswith("<") and before[-2:-1] in ("'", '"', "`", "(", "n", "t", ">")):
                in_script = spans.hold(at)
                scripts = scripts or in_script
                elsewhere = elsewhere or (not in_script and before[-2:-1] != ">")
                if scripts and elsewhere:
                    break
    return _Places(scripts, elsewhere, _first(places(_TEMPLATE)) is not None)


def _first(places: Iterable[int]) -> int | None:
    return next(iter(places), None)


def hidden_markup(
    tree: LexborHTMLParser, markup: str, places: Callable[[str], Iterable[int]]
) -> Iterator[tuple[LexborNode, Origin, str]]:
    """The nodes that hide markup, each with the markup itself, unescaped; at most MAX_HIDDEN_BYTES of it.

    `places` tells where in the raw text one of WORDS stands.
    """
    left, pieces = MAX_HIDDEN_BYTES, 0
    for found in _all_hidden(tree, _places(markup, places)):
        node, origin, shown = found
        yield node, origin, shown[:left]
        left, pieces = left - len(shown), pieces + 1
        if left <= 0 or pieces >= MAX_HIDDEN_PIECES:
            return


def _all_hidden(tree: LexborHTMLParser, places: _Places) -> Iterator[tuple[LexborNode, Origin, str]]:
    if places.templates:
        for node in tree.css("template"):
            yield node, Origin.TEMPLATE, re.sub(r"^<template[^>]*>|</template>$", "", node.html or "", flags=re.I)
    if places.scripts or places.elsewhere:
        for node in tree.css("script"):
            if shown := _from_script(node.text(deep=True) or ""):
                yield node, Origin.SCRIPT, shown
    if places.elsewhere and tree.root is not None:
        for node in tree.root.traverse(include_text=True):
            yield from ((node, origin, shown) for origin, shown in _hidden_in(node))


def _hidden_in(node: LexborNode) -> Iterator[tuple[Origin, str]]:
    tag = node.tag
    if tag == "-text":
        text = node.text_content or ""
        if len(text) > 20 and (node.parent is None or node.parent.tag not in ("script", "style")) and (shown := unhidden(text)):
            yield Origin.ESCAPED, shown
    elif tag == "-comment":
        content = node.comment_content or ""
        if content.lstrip().startswith("wp:"):
            yield Origin.COMMENT, content
    else:
        for value in node.attributes.values():
            if value and len(value) > 40 and (shown := unhidden(value)):
                yield Origin.ESCAPED, shown


def unhidden(text: str) -> str | None:
    """The markup in a text that holds some, whatever it was escaped with; None where it holds none."""
    text = text[:MAX_HIDDEN_BYTES]
    for _ in range(MAX_LAYERS):
        if _OPENING.search(text):
            return _without_backslashes(text) if '=\\"' in text or "\\/" in text else text
        if _ESCAPED.search(text) is None:
            coded = _BASE64.search(text)
            if coded is None:
                return None
            text = _from_base64(coded.group())
        elif "%3C" in text or "%3c" in text or "%253C" in text:
            text = unquote(text)
        elif "\\u003" in text or "\\x3" in text:
            text = _without_backslashes(text)
        else:
            text = html.unescape(text)
    return text if _OPENING.search(text) else None


def _from_script(text: str) -> str | None:
    """The blockquotes and frames in a script's strings, in JSON or in a text template."""
    text = text[: 2 * MAX_HIDDEN_BYTES]
    plain = _JS_OPENING.sub("<", text) if "\\u003" in text or "\\x3" in text else text
    if "<blockquote" not in plain and "<iframe" not in plain:
        if _ESCAPED.search(plain) is None and _BASE64.search(plain) is None:
            return None
        plain = unhidden(plain) or ""
    stretches = []
    for tag in _TAGS:
        begin = plain.find(f"<{tag}")
        while begin >= 0:
            end = plain.find(f"/{tag}", begin, begin + _MAX_STRETCH)  # `<\/blockquote>` in JSON
            stretch = plain[begin : end if end > 0 else begin + 1_000].rstrip("<\\")
            stretches.append(f"{_without_backslashes(stretch)}</{tag}>")
            begin = plain.find(f"<{tag}", end if end > 0 else begin + 1_000)
    return "\n".join(stretches) or None


def _from_base64(text: str) -> str:
    letters = re.sub(r"[\s=]", "", text)
    try:
        return base64.b64decode(letters + "=" * (-len(letters) % 4)).decode("utf-8", "replace")
    except binascii.Error:
        return ""


def _without_backslashes(text: str) -> str:
    def plain(found: re.Match[str]) -> str:
        if code := found[1] or found[2]:
            return chr(int(code, 16))
        return " " if found[3] else str(found[4])

    shown = _JS_ESCAPE.sub(plain, text)
    # JSON writes what lies beyond 16 bits as two halves.
    return shown.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
