"""Surroundings: whether an element stands in the page's own article or in what lies around it."""

import re

from selectolax.lexbor import LexborNode

MAX_DEPTH = 60  # ancestors looked at; deeper nesting is an accident or an attack
MAX_NAMES = 1_000  # characters of an element's classes; the same element is looked at from each within it

_ASIDE_TAGS = frozenset(("nav", "aside"))
# Words of class names and ids for teasers, menus and boxes. Whole words only, and never "content-sidebar-wrap", "has-sidebar"
# and the like, which themes put around everything.
_ASIDE_WORDS = re.compile(
    r"(?:^|[\s_-])(?:comments?|commentlist|respond|related|recommend\w*|teasers?|promo|sidebar|widgets?|menu|nav|navigation|navbar|"
    r"footer|popular|trending|latest|most-?read|more-?stories|read-?more|read-?next|newsletter|breaking|ticker|carousel|feed-item|"
    r"(?:story|media)-?cards?|outbrain|taboola|rail|modal|popup)(?:[\s_-]|s?$)",
    re.I,
)
_WRAPPER = re.compile(
    r"content-sidebar|sidebar-content|(?:has|with|no|right|left|both)-?sidebars?|wrap|container|layout|page", re.I
)


def is_aside(node: LexborNode) -> bool:
    """Whether one of the elements around it is a menu, a teaser, a comment or another box beside the article."""
    current: LexborNode | None = node
    in_footer = False
    for _ in range(MAX_DEPTH):
        if current is None or current.tag in ("body", "html", "main"):
            return in_footer and (current is None or current.tag != "main")
        if current.tag in _ASIDE_TAGS:
            return True
        if current.tag == "footer":  # an article's own footer may hold its date and author
            in_footer = True
        elif current.tag == "article":
            return False
        attributes = current.attributes
        names = f"{(attributes.get('class') or '')[:MAX_NAMES]} {(attributes.get('id') or '')[:MAX_NAMES]}"
        if len(names) > 1 and _ASIDE_WORDS.search(names) and not _WRAPPER.search(names):
            return True
        current = current.parent
    return False


def ancestor(node: LexborNode, tag: str, within: int) -> LexborNode | None:
    """The nearest element of this name around it, at most `within` levels up."""
    current = node.parent
    for _ in range(within):
        if current is None:
            return None
        if current.tag == tag:
            return current
        current = current.parent
    return None
