"""The comments of readers under a page: WordPress lists, microdata, and what resembles them."""

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import datetime

from selectolax.lexbor import LexborNode

from archiver.extraction.dates import read_date
from archiver.model.findings import Comment
from archiver.text import one_line

MAX_COMMENTS = 5_000  # of one page
MAX_COMMENT = 20_000  # characters
MAX_DEPTH = 40  # elements between a comment's box and its words

# The box of one comment: `li.comment` in WordPress, `article.comment` in Drupal, or schema.org microdata.
COMMENT_TAGS = frozenset(("li", "article", "div"))
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
# Whatever may be a part, to be judged by `_roles`: to ask for each of the names is ten times as slow (0.12 ms for 40 KB).
_PARTS = "[class],[itemprop],[itemtype],time[datetime],cite"
_NOT_WORDS = frozenset(("children", "comment", "reply", "comment-author", "comment-meta", "comment-metadata", "commentmetadata"))
_SAYS = re.compile(r"\s*(?:\b(?:says|said|schrieb|meint|dice|dit|пише|говорит)\b)?\s*:?$", re.I)

_Parts = dict[int, tuple[int, LexborNode]]


def find_comments(boxes: Sequence[LexborNode], captured_at: datetime) -> tuple[Comment, ...]:
    """The comments in these boxes (elements of COMMENT_TAGS with one of those marks, in document order).

    A reply is a comment of its own. Each element is looked at once, however deeply comments nest.
    """
    found: dict[int, _Parts] = {box.mem_id: {} for box in boxes}
    for node in _in_boxes(boxes[:MAX_COMMENTS]):
        if (roles := _roles(node)) and (box := _box_of(node, found)):
            parts = found[box]
            for role, rank in roles:
                if role not in parts or rank < parts[role][0]:
                    parts[role] = rank, node
    comments = (_comment(parts, captured_at) for parts in list(found.values())[:MAX_COMMENTS])
    return tuple(dict.fromkeys(comment for comment in comments if comment is not None))


def _in_boxes(boxes: Iterable[LexborNode]) -> Iterator[LexborNode]:
    """The elements in the boxes that may be parts of comments; those in a box within a box are met in the outer one alone."""
    met: set[int] = set()
    for box in boxes:
        if box.mem_id not in met:
            for node in box.css(_PARTS):
                met.add(node.mem_id)
                yield node


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


def _roles(node: LexborNode) -> Sequence[tuple[int, int]]:
    """(role, rank) pairs: what this element may hold of a comment."""
    attributes = node.attributes
    names = (attributes.get("class") or "").split()
    if properties := attributes.get("itemprop"):
        names += properties.split()
    roles = [_ROLES[name] for name in names if name in _ROLES]
    tag = node.tag
    if tag == "time" and (roles or "datetime" in attributes):
        return ((2, 0),)
    return ((1, 3),) if tag == "cite" else roles


def _box_of(node: LexborNode, boxes: Container[int]) -> int:
    """The nearest of the boxes around an element; 0 where there is none."""
    current = node.parent
    for _ in range(MAX_DEPTH):
        if current is None:
            return 0
        if (key := current.mem_id) in boxes:
            return key
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
