"""Markup that a page carries and does not show yet: in templates, textareas, attributes, scripts, escaped or in base64.

Of comments only the block editor's and those in a lazy loader's box count: any other holds what an editor took out.

Lazy loaders, consent banners and content systems put embeds there until a reader scrolls or agrees. It is dug out here, once,
so that a platform's file only has to know its own markup.
"""

import base64
import binascii
import html
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser, LexborNode

from archiver.html.raw_text import ScriptSpans
from archiver.text import whole_characters

MAX_DEFERRED_CHARACTERS = 2_000_000  # that are looked at per page; more is an application's data
MAX_DEFERRED_PIECES = 1_000  # of one page; each is parsed by itself, and a parsed one takes some 60 KB
MAX_LAYERS = 3  # how often one thing may be escaped; twice is seen in feeds of feeds

_TAGS = ("blockquote", "iframe", "amp-twitter")
_OPENING = re.compile(rf"<({'|'.join(_TAGS)}|figure)\b", re.I)
_ESCAPED = re.compile(rf"(?:&(?:amp;)*(?:lt|#0*60|#x0*3c);|\\u003c|\\x3c|%(?:25)?3C)(?:{'|'.join(_TAGS)}|figure)\b", re.I)
# Boxes, players and Flash objects: the names of these tags are anybody's, so something in them has to tell that they embed.
_BOX_TAGS = ("object", "embed", "script", "div", "amp-", "lite-")
_SIGN = (
    r"(?:embed|player|widget|fb-(?:post|video)|-post|instagram|telegram|twitter|tweet|tiktok|bluesky|mastodon|reddit|imgur|giphy|youtu"
    r"|vimeo|dailymotion|soundcloud|spotify|shockwave|data-(?:href|pin-do|video|service|provider))"
)
_BOX = re.compile(
    rf"<(?P<tag>object|embed|(?:amp|lite)-[a-z-]+|(?:div|script|a|span|section|video|source)(?=\s[^<>]{{0,600}}?{_SIGN}))(?=[\s>/])",
    re.I,
)
_ESCAPED_BOX = re.compile(
    r"(?:&(?:amp;)*(?:lt|#0*60|#x0*3c);|\\u003c|\\x3c|%(?:25)?3C)(?:object|embed|script|div|a\b|span|section|video|source|(?:amp|lite)-)",
    re.I,
)
_NEAR = re.compile(_SIGN, re.I)
_REACH = 400  # characters behind an opening tag in which it is looked for
_BOX_KEYWORDS = (
    *(f"{before}{tag}" for before in ("&lt;", "\\u003c", "%3C", "%3c") for tag in _BOX_TAGS),
    *(f"{quote}<{tag}" for quote in "\"'" for tag in ("object", "embed", "div class", "amp-", "lite-")),
)
_SCRIPT_TEMPLATES = ("text/template", "text/x-template", 'type="text/html', "text/x-handlebars", "text/x-tmpl", "x-jquery-tmpl")
# How markup begins that is encoded whole: with what is looked for, or with white space or a box around it.
_BEGINNINGS = (
    *(f"{space}<{tag}" for tag in ("blockquote", "iframe", "figure", "div") for space in ("", " ", "\n", "\r\n")),
    *("<script", "<object", "<embed", "<span "),
    *("<p>", "<p ", " <p>", "\n<p>", "%3Cblockquote", "%3Ciframe", "%3Cfigure", "%3Cdiv", "%3Cp", "&lt;blockquote", "&lt;iframe"),
)
_CODED = tuple(base64.b64encode(text.encode())[: len(text) * 8 // 6].decode() for text in _BEGINNINGS)  # letters that are sure
_BASE64 = re.compile(rf"(?:{'|'.join(map(re.escape, _CODED))})[A-Za-z0-9+/\s]{{40,}}={{0,2}}")
_JS_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([nrtbf])|(.))", re.S)
_JS_OPENING = re.compile(r"\\(?:u003[cC]|x3[cC])")
_WP_COMMENT = "<!-- wp:"
_TEMPLATES = ("<template", "<TEMPLATE")
_TELLING_TAGS = ("blockquote", "iframe", "BLOCKQUOTE", "IFRAME")
CDATA = "<![CDATA["  # which the parser takes for a comment up to the next `>`, with the tag behind it
KEYWORDS = (*_TELLING_TAGS, *_TEMPLATES, _WP_COMMENT, CDATA, *_CODED, *_BOX_KEYWORDS, *_SCRIPT_TEMPLATES)
"""What deferred markup is known by in a page's raw text."""
_MAX_STRETCH = 20_000  # characters of one element in a script's string
_MAX_CODED = 20  # stretches of base64 in one text that are decoded
_MAX_HINTS = 50  # places of one keyword at which a box is looked for
_END_OF_OBJECT = re.compile("/object", re.I)
_CLOSINGS = {tag: re.compile(f"/{tag}", re.I) for tag in _TAGS}


class MarkupOrigin(StrEnum):
    """Where in the page a stretch of markup was."""

    PAGE = "page"
    NOSCRIPT = "noscript"
    TEMPLATE = "template"
    ESCAPED = "escaped"
    """Escaped in an attribute, a textarea, or as text that readers saw as `<blockquote …`."""
    SCRIPT = "script"
    COMMENT = "comment"


def without_cdata(markup: str) -> str:
    """The markup of a feed that was saved as a page, with the tags that CDATA would hide; scripts keep theirs."""
    spans = ScriptSpans(markup)
    return re.sub(re.escape(CDATA), lambda found: found.group() if spans.contain(found.start()) else "", markup)


@dataclass(frozen=True, slots=True)
class _Hints:
    """Where markup may be deferred, by what the raw text contains."""

    scripts: bool
    anywhere: bool
    """In attributes, in text or in comments: these need a walk over all nodes."""
    templates: bool
    coded: tuple[str, ...]
    """The beginnings of base64 that are there."""


def _hints_in(tree: LexborHTMLParser, markup: str, offsets: Callable[[str], Iterable[int]]) -> _Hints:
    """An opening tag outside of scripts that is no element of the tree is text, or in an attribute or a comment."""
    coded = tuple(word for word in _CODED if _first(offsets(word)) is not None)
    templates = any(_first(offsets(word)) is not None for word in _TEMPLATES)
    plain, escaped = [], []
    for word in _TELLING_TAGS:
        for at in offsets(word):
            before = markup[max(0, at - 3) : at]
            if before.endswith("<"):
                plain.append(at)
            elif before.endswith((";", "3c", "3C")):
                escaped.append(at)
    elements = len(tree.tags("blockquote")) + len(tree.tags("iframe")) if plain else 0
    scripts, anywhere = False, bool(coded) or _first(offsets(_WP_COMMENT)) is not None
    if escaped or len(plain) > elements:
        spans = ScriptSpans(markup)
        outside = [at for at in plain if not spans.contain(at)]
        scripts = len(outside) < len(plain) or any(map(spans.contain, escaped))
        anywhere = anywhere or len(outside) > elements or not all(map(spans.contain, escaped))
    if not (scripts and anywhere):
        boxes = [
            at for word in _BOX_KEYWORDS for at in islice(offsets(word), _MAX_HINTS) if _NEAR.search(markup, at, at + _REACH)
        ]
        if boxes:
            spans = ScriptSpans(markup)
            within = sum(map(spans.contain, boxes))
            scripts, anywhere = scripts or within > 0, anywhere or within < len(boxes)
    scripts = scripts or any(_first(offsets(word)) is not None for word in _SCRIPT_TEMPLATES)
    return _Hints(scripts, anywhere, templates, coded)


def _first(offsets: Iterable[int]) -> int | None:
    return next(iter(offsets), None)


def find_deferred(
    tree: LexborHTMLParser, markup: str, offsets: Callable[[str], Iterable[int]]
) -> Iterator[tuple[LexborNode, MarkupOrigin, str]]:
    """The nodes that hold deferred markup, where it was, and the markup, unescaped; at most MAX_DEFERRED_CHARACTERS of it.

    `offsets` gives where in the raw text one of KEYWORDS begins.
    """
    left, pieces = MAX_DEFERRED_CHARACTERS, 0
    for found in _find_all(tree, _hints_in(tree, markup, offsets)):
        node, origin, shown = found
        yield node, origin, shown[:left]
        left, pieces = left - len(shown), pieces + 1
        if left <= 0 or pieces >= MAX_DEFERRED_PIECES:
            return


def _find_all(tree: LexborHTMLParser, hints: _Hints) -> Iterator[tuple[LexborNode, MarkupOrigin, str]]:
    if hints.templates:
        for node in tree.css("template"):
            yield node, MarkupOrigin.TEMPLATE, re.sub(r"^<template[^>]*>|</template>$", "", node.html or "", flags=re.I)
    if hints.scripts or hints.anywhere:
        for node in tree.css("script"):
            if shown := _from_script(node.text(deep=True) or "", coded=hints.coded):
                yield node, MarkupOrigin.SCRIPT, shown
    if hints.anywhere and tree.root is not None:
        for node in tree.root.traverse(include_text=True):
            yield from ((node, origin, shown) for origin, shown in _deferred_in(node, coded=hints.coded))


def _deferred_in(node: LexborNode, *, coded: Collection[str]) -> Iterator[tuple[MarkupOrigin, str]]:
    tag = node.tag
    if tag == "-text":
        text = node.text_content or ""
        if (
            len(text) > 20
            and (node.parent is None or node.parent.tag not in ("script", "style"))
            # What readers see as text is an embed that was escaped twice, or a lesson: only frames and quotations count there.
            and (shown := _unescaped(text, coded=coded, boxes=node.parent is not None and node.parent.tag == "textarea"))
        ):
            yield MarkupOrigin.ESCAPED, shown
    elif tag == "-comment":
        content = node.comment_content or ""
        if content.lstrip().startswith("wp:"):
            yield MarkupOrigin.COMMENT, content
        elif _OPENING.search(content) and _is_lazy(node.parent):
            yield MarkupOrigin.TEMPLATE, content
    else:
        for value in node.attributes.values():
            if value and len(value) > 40 and (shown := _unescaped(value, coded=coded, boxes=True)):
                yield MarkupOrigin.ESCAPED, shown


def _is_lazy(box: LexborNode | None) -> bool:
    """Lazyload Any (emn178/jquery-lazyload-any) keeps what it will show in a comment."""
    return box is not None and re.search(r"(?:^|[\s_-])lazy", box.attributes.get("class") or "", re.I) is not None


def _holds(text: str, *, boxes: bool) -> bool:
    return _OPENING.search(text) is not None or (boxes and _BOX.search(text) is not None)


def _unescaped(text: str, *, coded: Collection[str], boxes: bool = False) -> str | None:
    """The markup in a text that holds some, whatever it was escaped with; None where it holds none.

    With `boxes`, that of boxes and Flash objects as well, not only of frames and quotations.
    """
    text = text[:MAX_DEFERRED_CHARACTERS]
    for _ in range(MAX_LAYERS):
        if _holds(text, boxes=boxes):
            return _unslashed(text) if '=\\"' in text or "\\/" in text else text
        if _ESCAPED.search(text) is None and not (boxes and _ESCAPED_BOX.search(text)):
            decoded = _from_base64(text) if any(word in text for word in coded) else None
            if decoded is None:
                return None
            text, boxes = decoded, True  # nobody encodes what readers are to see
        elif "%3C" in text or "%3c" in text or "%253C" in text:
            text = unquote(text)
        elif "\\u003" in text or "\\x3" in text:
            text = _without_backslashes(text)
        else:
            text = html.unescape(text)
    return text if _holds(text, boxes=boxes) else None


def _from_script(text: str, *, coded: Collection[str]) -> str | None:
    """The blockquotes and frames in a script's strings, in JSON or in a text template."""
    text = text[: 2 * MAX_DEFERRED_CHARACTERS]
    plain = _JS_OPENING.sub("<", text) if "\\u003" in text or "\\x3" in text else text
    if not _holds(plain, boxes=True):
        plain = _unescaped(plain, coded=coded, boxes=True) or ""
    stretches = []
    ends = dict.fromkeys(_TAGS, 0)
    for opening in _OPENING.finditer(plain):
        tag, begin = opening[1].lower(), opening.start()
        if begin < ends.get(tag, len(plain)):
            continue
        closing = _CLOSINGS[tag].search(plain, begin, begin + _MAX_STRETCH)  # `<\/blockquote>` in JSON
        ends[tag] = closing.start() if closing is not None else begin + 1_000
        stretches.append(f"{_unslashed(plain[begin : ends[tag]].rstrip('<' + chr(92)))}</{tag}>")
    stretches.extend(_boxes_in_script(plain))
    return "\n".join(stretches) or None


def _boxes_in_script(plain: str) -> Iterator[str]:
    """The opening tags of boxes in a script's strings, which name their posts; of Flash objects all that is within."""
    behind = 0
    for opening in _BOX.finditer(plain):
        tag, begin = opening["tag"].lower(), opening.start()
        if begin < behind:
            continue
        if tag == "object":
            closing = _END_OF_OBJECT.search(plain, begin, begin + _MAX_STRETCH)
            behind = closing.start() if closing is not None else begin + 1_000
            yield f"{_unslashed(plain[begin:behind].rstrip('<' + chr(92)))}</object>"
        elif (end := plain.find(">", begin, begin + 2_000)) > 0:
            behind = end + 1
            yield f"{_unslashed(plain[begin:behind])}</{tag}>"


def _from_base64(text: str) -> str | None:
    """The first stretch of base64 that holds markup of embeds, decoded."""
    for found in islice(_BASE64.finditer(text), _MAX_CODED):
        letters = re.sub(r"[\s=]", "", found.group())
        try:
            decoded = base64.b64decode(letters + "=" * (-len(letters) % 4)).decode("utf-8", "replace")
        except binascii.Error:
            continue
        if _holds(decoded, boxes=True) or _ESCAPED.search(decoded) or _ESCAPED_BOX.search(decoded):
            return decoded
    return None


def _unslashed(text: str) -> str:
    """The text of a script's string without its backslashes, and those of strings within it: JSON in JSON has two layers."""
    for _ in range(MAX_LAYERS):
        text = _without_backslashes(text)
        if '=\\"' not in text and "=\\'" not in text and "=\\\\" not in text:
            break
    return text


def _without_backslashes(text: str) -> str:
    def plain(found: re.Match[str]) -> str:
        if code := found[1] or found[2]:
            return chr(int(code, 16))
        return " " if found[3] else str(found[4])

    shown = _JS_ESCAPE.sub(plain, text)
    # JSON writes what lies beyond 16 bits as two halves.
    return whole_characters(shown)
