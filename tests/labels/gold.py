"""The gold text of a labelled page, rebuilt from the page itself and the spans of its label."""

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

_HIDDEN = frozenset(("script", "style", "noscript", "template", "head", "svg", "iframe", "textarea", "select"))
_INLINE = frozenset(
    ("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em", "font", "i", "ins", "kbd", "mark", "q",
     "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "tt", "u", "var")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a page's text by its first and last words, white space normalised."""

    first: str
    last: str


class LabelMismatch(ValueError):
    """A label's words do not stand in the page: the label is wrong, or the page is another version."""


def page_blocks(html: str) -> list[str]:
    """The text of the page, one string a block of the layout, in document order; scripts and the like left out."""
    blocks: list[list[str]] = [[]]
    body = LexborHTMLParser(html).body
    waiting: list[LexborNode | None] = [body] if body is not None else []
    while waiting:  # None stands for the end of a block
        node = waiting.pop()
        if node is None:
            blocks.append([])
        elif node.is_text_node:
            blocks[-1].append(node.text())
        elif node.is_element_node and node.tag not in _HIDDEN:
            children: list[LexborNode | None] = list(node.iter(include_text=True))
            if node.tag in _INLINE:
                waiting.extend(reversed(children))
            else:
                blocks.append([])
                waiting.extend([None, *reversed(children)])
    return [text for block in blocks if (text := " ".join("".join(block).split()))]


def page_text(html: str) -> str:
    """All blocks, joined by single spaces."""
    return " ".join(page_blocks(html))


def gold_text(text: str, spans: list[Span], excluded: list[Span]) -> str:
    """The stretches of `text` that are the article, without those within them that are not.

    Spans stand in document order and each is looked for after the one before it; the same holds for the excluded ones, from the
    beginning of the first span. Raises LabelMismatch where words are not found.
    """
    holes: list[tuple[int, int]] = []
    kept: list[tuple[int, int]] = []
    position = 0
    for span in spans:
        kept.append(_find(text, span, position))
        position = kept[-1][1]
    position = kept[0][0] if kept else 0
    for span in excluded:
        holes.append(_find(text, span, position))
        position = holes[-1][1]
    pieces = []
    for start, end in kept:
        for hole_start, hole_end in holes:
            if start <= hole_start < end:
                pieces.append(text[start:hole_start])
                start = hole_end
        pieces.append(text[start:end])
    return " ".join(" ".join(pieces).split())


def words(text: str) -> list[str]:
    """What is counted for F1: runs of letters and digits, lower case; each ideograph and kana is a word of its own."""
    return re.findall(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+", text.lower())


def _find(text: str, span: Span, start: int) -> tuple[int, int]:
    begin = text.find(span.first, start)
    end = text.find(span.last, begin) if begin >= 0 else -1
    if begin < 0 or end < 0:
        raise LabelMismatch(f"not in the page after character {start}: {span.first if begin < 0 else span.last!r}")
    return begin, end + len(span.last)
