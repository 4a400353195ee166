"""The comments of readers under a page: WordPress lists, microdata, and what resembles them."""

import re
from collections.abc import Iterable
from datetime import datetime

from selectolax.lexbor import LexborHTMLParser, LexborNode

from archiver.extraction.dates import read_date
from archiver.extraction.plain import one_line
from archiver.records import Comment

MAX_COMMENTS = 5_000  # of one page
MAX_COMMENT = 20_000  # characters
MAX_DEPTH = 40  # elements between a comment's box and its words

# One comment in WordPress (`li.comment`, or `article.comment-body` in it), Drupal and schema.org microdata.
COMMENT_SELECTOR = "li.comment,article.comment,div.comment,[itemtype$='/Comment'],[itemtype$='/UserComments']"
# Class names and item properties that hold a comment's parts, best first: one look at the page finds them all.
_TEXT = ("comment-content", "commentText", "text", "comment-text", "comment_text", "comment-entry", "comment-body", "content")
_AUTHOR = ("fn", "comment-author", "comment_author", "author", "creator", "username")
_WHEN = (
    "dateCreated",
    "datePublished",
    "commentTime",
    "comment-metadata",
    "comment-meta",
    "commentmetadata",
    "comment-date",
    "date",
)
_ROLES = {name: (role, rank) for role, names in enumerate((_TEXT, _AUTHOR, _WHEN)) for rank, name in enumerate(names, 1)}
_PARTS = ",".join(f".{name},[itemprop={name}]" for name in _ROLES) + ",time[datetime],cite"
_NOT_WORDS = frozenset(("children", "comment", "reply", "comment-author", "comment-meta", "comment-metadata", "commentmetadata"))
_SAYS = re.compile(r"\s*(?:\b(?:says|said|schrieb|meint|dice|dit|пише|говорит)\b)?\s*:?$", re.I)
_IS_COMMENT = re.compile(r"(?:^|\s)comment(?:\s|$)")

_Parts = dict[int, tuple[int, LexborNode]]


def find_comments(tree: LexborHTMLParser, captured_at: datetime) -> tuple[Comment, ...]:
    """All comments in document order; a reply is a comment of its own. Each element is looked at once, however deeply nested."""
    boxes: dict[int, _Parts] = {node.mem_id: {} for node in tree.css(COMMENT_SELECTOR)[:MAX_COMMENTS]}
    if not boxes:
        return ()
    for node in tree.css(_PARTS):
        parts = boxes.get(_box_of(node))
        for role, rank in _roles(node) if parts is not None else ():
            if parts is not None and (role not in parts or rank < parts[role][0]):
                parts[role] = rank, node
    found = (_comment(parts, captured_at) for parts in boxes.values())
    return tuple(dict.fromkeys(comment for comment in found if comment is not None))


def _comment(parts: _Parts, captured_at: datetime) -> Comment | None:
    text = _words(parts[0][1]) if 0 in parts else None
    if not text:
        return None
    name = one_line(parts[1][1].text(separator=" "), 200) if 1 in parts else None
    return Comment((_SAYS.sub("", name) or None) if name else None, _when(parts[2][1], captured_at) if 2 in parts else None, text)


def _when(node: LexborNode, captured_at: datetime) -> str | None:
    attributes = node.attributes
    stated = attributes.get("datetime") or attributes.get("content")
    return read_date(stated, captured_at) or read_date(one_line(node.text(separator=" ")), captured_at)


def _roles(node: LexborNode) -> Iterable[tuple[int, int]]:
    """(role, rank) pairs: what this element may hold of a comment."""
    attributes = node.attributes
    if node.tag == "time":
        return ((2, 0),)
    if node.tag == "cite":
        return ((1, 3),)
    names = (*(attributes.get("class") or "").split(), *(attributes.get("itemprop") or "").split())
    return tuple(_ROLES[name] for name in names if name in _ROLES)


def _box_of(node: LexborNode) -> int:
    """The nearest comment around an element; 0 where there is none."""
    current = node.parent
    for _ in range(MAX_DEPTH):
        if current is None or current.tag == "body":
            return 0
        if current.tag in ("li", "article", "div"):
            attributes = current.attributes
            kind = attributes.get("itemtype") or ""
            if _IS_COMMENT.search(attributes.get("class") or "") or kind.endswith(("/Comment", "/UserComments")):
                return current.mem_id
        current = current.parent
    return 0


def _words(body: LexborNode) -> str | None:
    """The text of a comment without replies nested in it, its byline and the form's buttons."""
    parts = []
    for child in body.iter(include_text=True):
        names = (child.attributes.get("class") or "").split() if child.is_element_node else ()
        if child.tag not in ("script", "style") and _NOT_WORDS.isdisjoint(names):
            parts.append(child.text(separator=" ")[:MAX_COMMENT])
    return one_line(" ".join(parts), MAX_COMMENT)
