"""The words of a page, as a reader sees them: of one element, of the block around it, and before and after it."""

import re
from collections.abc import Set as AbstractSet
from itertools import islice

from selectolax.lexbor import LexborNode

MAX_TEXT = 200_000  # characters, and nodes, that `text_of` collects from one node by default
CONTEXT_CHARACTERS = 160  # before an embed, and as many after it
CONTEXT_STEPS = 12  # neighbouring nodes that are looked at for them, each way

BLOCKS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "body", "center", "details", "div", "fieldset", "figcaption", "figure"),
        *("footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "html", "main", "nav", "noscript", "p", "pre"),
        *("section", "summary"),
        *("dd", "dl", "dt", "li", "ol", "ul", "table", "tbody", "td", "th", "tr", "template", "amp-twitter"),
    )
)
UNREAD = frozenset(("script", "style", "head", "title", "template", "textarea", "iframe", "object", "svg", "select", "-comment"))

_BLANK_LINES = re.compile(r"\n[^\S\n]*+\n\s*+")


def text_of(
    node: LexborNode,
    marks: dict[int, str] | None = None,
    *,
    own: bool = False,
    without: AbstractSet[int] = frozenset(),
    most: int = MAX_TEXT,
) -> str:
    """A node's text as a reader sees it: lines where `<br>` and blocks break them, a blank line where the source has one.

    `marks` holds text to put behind the content of some elements, by their `mem_id`. With `own` the blocks within are left out,
    and with `without` those elements. `most` characters are looked at, and as many nodes.
    """
    parts: list[str] = []
    size = 0
    stack: list[tuple[LexborNode | None, str]] = [(node, "")]
    while stack and size < most:
        current, closing = stack.pop()
        size += 1
        if current is None:
            parts.append(closing)
            continue
        tag = current.tag or ""
        if tag == "-text":
            text = (current.text_content or "")[: most - size + 1]
            size += len(text)
            parts.append(_BLANK_LINES.sub("\n\n", text) if "\n" in text else text)
            continue
        if tag in UNREAD or (current.mem_id in without and current.mem_id != node.mem_id):
            continue
        if tag == "br":
            parts.append("\x0b")
            continue
        if mark := marks.get(current.mem_id) if marks else None:
            stack.append((None, mark))
        if tag in BLOCKS:
            if own and current is not node and current.mem_id != node.mem_id:
                parts.append("\n\n")
                continue
            parts.append("\x0b")
            stack.append((None, "\x0b"))
        stack.extend((child, "") for child in reversed(list(islice(current.iter(include_text=True), most))))
    return _tidy("".join(parts))


def _tidy(text: str) -> str:
    """\\x0b is a line break that the markup makes; a single one of the source is a space."""
    text = re.sub(r"(?<!\n)\n(?!\n)", " ", text)
    text = re.sub(r"[^\S\n\x0b]+", " ", text)
    if "\n" in text:
        text = re.sub(r" ?[\n\x0b]++ ?", lambda found: "\n\n" if "\n" in found.group() else found.group(), text)
    return re.sub(r" ?\x0b[\x0b ]*", "\n", text).strip()


def block_of(node: LexborNode) -> LexborNode:
    """The nearest block around a node (a paragraph, a cell, a box), at most a dozen steps up; else the node's parent."""
    current = node.parent or node
    for _ in range(12):
        if current.tag in BLOCKS or current.parent is None:
            break
        current = current.parent
    return current


def words_around(node: LexborNode) -> str:
    """Some words of the page before and after a node, ` … ` between them."""
    before, after = _neighbours(node, forward=False), _neighbours(node, forward=True)
    return f"{before} … {after}".strip() if before or after else ""


def _neighbours(node: LexborNode, *, forward: bool) -> str:
    words, current = "", node
    for _ in range(CONTEXT_STEPS):
        following = current.next if forward else current.prev
        if following is None:
            if current.parent is None or current.parent.tag in ("body", "html"):
                break
            current = current.parent
            continue
        current = following
        if current.tag not in UNREAD:
            piece = " ".join((current.text(deep=True) or "")[: 4 * CONTEXT_CHARACTERS].split())
            words = f"{words} {piece}".strip() if forward else f"{piece} {words}".strip()
        if len(words) >= CONTEXT_CHARACTERS:
            break
    if len(words) <= CONTEXT_CHARACTERS:
        return words
    if forward:
        return words[:CONTEXT_CHARACTERS].rsplit(" ", 1)[0]
    return words[-CONTEXT_CHARACTERS:].split(" ", 1)[-1]
