"""Markup that the parser reads in time in proportion to its length: without what it takes the square of it for.

Three things do that, as measured with lexbor: 100,000 nested elements took 10 s, 100,000 attributes on one tag 32 s, and 2,000
different `<b>` that nobody closes, which HTML has the parser open anew in each paragraph, made two million elements. Real pages
have none of this, so no reader misses what is left out. A few counts show that most pages are harmless.
"""

import re
from collections import Counter
from collections.abc import Iterator

from archiver.html.raw_text import ScriptSpans

MAX_DEPTH = 512  # Chrome nests no deeper either
MAX_DEEP_EMBEDS = 500  # elements that embeds are made of are kept down there, so many of them
MAX_FORMATTING = 3  # elements like <b> that are open at one time, where there are more than a reader could tell apart
MAX_ATTRIBUTES = 300  # of one tag; the largest seen had 60
MAX_NAMES = 60_000  # different names of attributes; the largest page had 5,000, with the words of their values
MANY_CHARACTERS = 500_000  # of a page, from here on it is worth counting them
MANY_TAGS = 2_000  # from here on it is worth counting how deep they nest
VERY_MANY_TAGS = 3_000  # from here on, to count them by their names: a closing tag may close nothing
MAX_TAGS = 300_000  # of one page, which takes 1.5 s to read; the largest seen had 5,200
STRETCH = 16_384  # characters that are counted at a time
WINDOW = 1_000  # characters; 300 attributes take as many
LOOKED_TIMES = 4  # the page's own length, looked through in vain for tags of 300 attributes; behind that it is left out

_TAG = re.compile(r"<(/?)([a-z][a-z0-9-]*+)([^<>]*+)>", re.I)
_VOID = frozenset(("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"))
_EMBEDDING = frozenset(("a", "blockquote", "iframe", "amp-twitter", "figure", "noscript"))  # what embeds are made of
_CLOSED_BY_THE_NEXT = frozenset(("p", "li", "dt", "dd", "option", "tr", "td", "th"))
# What stands in these is text to the parser: without its closing tag it would swallow the page. Nor do they nest.
_TEXTS = frozenset(
    ("script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes", "plaintext", "html", "head", "body")
)
_UNPAIRED = _VOID | _CLOSED_BY_THE_NEXT | _TEXTS
_FORMATTING = frozenset(("b", "big", "code", "em", "font", "i", "s", "small", "strike", "strong", "tt", "u"))
_NAMES = re.compile(r"<(/?[a-z][a-z0-9-]*+)", re.I)
_NEVER_CLOSED = ("<!", "<br", "<img", "<meta", "<link", "<input", "<hr", "<source", "<path", "<use")
_SELDOM_CLOSED = ("p", "li")
_ATTRIBUTE = r"(?:[\s/]*+[^\s>/][^\s=>/]*+(?:\s*+=\s*+(?:\"[^\"]*+\"?|'[^']*+'?|[^\s>]*+))?)"
_SOME_ATTRIBUTES = re.compile(rf"<[a-z][^\s<>/]{{0,200}}+(?:(?P<many>{_ATTRIBUTE}{{{MAX_ATTRIBUTES}}}+)|{_ATTRIBUTE}*+)", re.I)
_OPENING = re.compile(rf"<[a-z][^\s>/]*+{_ATTRIBUTE}*+", re.I)
_NAMES_OF_ATTRIBUTES = re.compile(r"[^\s=>/\"']++")
_MORE_ATTRIBUTES = re.compile(rf"{_ATTRIBUTE}*+")


def bounded(html: str) -> str:
    """The markup without tags that nest too deep, formatting that is never closed, and attributes beyond the first 300.

    What lies behind the first 300,000 tags is left out.
    """
    html = _with_few_names(_with_few_attributes(html))
    tags = html.count("<")
    html = html if tags <= MAX_TAGS else _with_few_tags(html)
    return "".join(_with_shallow_nesting(html)) if _may_nest_deeply(html, tags) else html


def _with_few_tags(html: str) -> str:
    tags = 0
    for start in range(0, len(html), STRETCH):
        tags += html.count("<", start, start + STRETCH)
        if tags > MAX_TAGS:
            return html[:start]
    return html


def _with_few_names(html: str) -> str:
    """Leaves out what lies behind the 60,000th name of an attribute: lexbor looks through all of one hash (160,000 took 10 s)."""
    if len(html) < MANY_CHARACTERS:
        return html
    names: set[str] = set()
    for tag in _OPENING.finditer(html):
        names.update(_NAMES_OF_ATTRIBUTES.findall(tag.group()))  # values too: to tell them apart takes twice the time
        if len(names) > MAX_NAMES:
            return html[: tag.start()]
    return html


def _may_nest_deeply(html: str, tags: int) -> bool:
    """Counts opening and closing tags, a stretch at a time; what needs no closing tag only where that seems to be much."""
    if tags <= MANY_TAGS:
        return False
    if _depth_reaches(html, exactly=False) and _depth_reaches(html, exactly=True):
        return True
    return tags > VERY_MANY_TAGS and _is_unbalanced(html)


def _is_unbalanced(html: str) -> bool:
    """Whether many tags have no counterpart, wherever that would be, or some formatting is left open."""
    names = Counter(map(str.lower, _NAMES.findall(html)))
    opening = {name: count for name, count in names.items() if name[0] != "/" and name not in _UNPAIRED}
    closing = {name[1:]: count for name, count in names.items() if name[0] == "/" and name[1:] not in _UNPAIRED}
    if sum(max(0, count - closing.get(name, 0)) for name, count in opening.items() if name in _FORMATTING) > MAX_FORMATTING:
        return True
    return sum(abs(opening.get(name, 0) - closing.get(name, 0)) for name in opening | closing) >= MAX_DEPTH


def _depth_reaches(html: str, *, exactly: bool) -> bool:
    depth = 0
    for start in range(0, len(html), STRETCH):
        end = start + STRETCH
        depth += html.count("<", start, end) - 2 * html.count("</", start, end)
        if exactly:
            depth -= sum(html.count(tag, start, end) for tag in _NEVER_CLOSED)
            for name in _SELDOM_CLOSED:
                depth -= max(0, html.count(f"<{name}", start, end) - html.count(f"</{name}", start, end))
        depth = max(depth, 0)
        if depth >= MAX_DEPTH:
            return True
    return False


def _with_shallow_nesting(html: str) -> Iterator[str]:
    scripts = ScriptSpans(html)
    opened: Counter[str] = Counter()
    depth, formatting, spare, copied = 0, 0, MAX_DEEP_EMBEDS, 0
    for tag in _TAG.finditer(html):
        name = tag[2].lower()
        # `<div/>` is no empty element but an open one, except within drawings and formulas (HTML standard, 13.2.5.40).
        empty = tag[3].endswith("/") and (opened["svg"] or opened["math"])
        if name in _UNPAIRED or empty or scripts.contain(tag.start()):
            continue
        if tag[1]:
            dropped = opened[name] == 0  # closes nothing, and the parser looks through all that is open for it
            step = 0 if dropped else -1
        else:
            dropped = name in _FORMATTING and formatting >= MAX_FORMATTING
            if depth >= MAX_DEPTH and not dropped:
                dropped, spare = (False, spare - 1) if name in _EMBEDDING and spare > 0 else (True, spare)
            step = 0 if dropped or (name == "a" and opened[name]) else 1  # one link ends the other
        opened[name] += step
        depth += step
        formatting += step if name in _FORMATTING else 0
        if dropped:
            yield html[copied : tag.start()]
            copied = tag.end()
    yield html[copied:]


def _with_few_attributes(html: str) -> str:
    """Looks for windows without a `>`: in one with 300 attributes there is none, unless in quotation marks.

    What was looked through in vain is no reason to go on behind it: it may be within a comment, which the parser ends earlier.
    """
    if len(html) < 3 * WINDOW:
        return html
    kept: list[str] = []
    scripts = ScriptSpans(html)
    copied = looked = 0
    for start in range(0, len(html), WINDOW):
        if start < copied or html.find(">", start, start + WINDOW) >= 0:
            continue
        begin = html.rfind("<", max(copied, start - WINDOW), start + WINDOW)
        if begin < 0 or html.find(">", begin, start + 1) >= 0 or scripts.contain(begin):
            continue
        some = _SOME_ATTRIBUTES.match(html, begin)
        if some is not None and some["many"] is None:
            looked += some.end() - begin
            if looked > LOOKED_TIMES * len(html):
                return "".join((*kept, html[copied:begin]))
        elif some is not None:
            kept.append(html[copied : some.end()])
            more = _MORE_ATTRIBUTES.match(html, some.end())
            copied = more.end() if more is not None else some.end()
    return "".join((*kept, html[copied:])) if kept else html
