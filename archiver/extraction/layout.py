"""The layout of a page: whether it lists posts rather than being one, and what lies around its article."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from selectolax.lexbor import LexborNode

from archiver.extraction.metadata import PageMetadata
from archiver.html.document import Document

SEVERAL = 3  # article blocks: one post often has one or two more as teasers

# `/page/2/`, `/tag/x/`, `/category/x/`, `/author/x/`, `/2022/`, `/2022/09/`: WordPress, Ghost, Jekyll, Drupal.
_LISTING_PATH = re.compile(
    r"(?:^|/)(?:page|tag|tags|category|categories|author|authors|topic|topics|archive|archives|label|search)(?:/[^/]+)*/?$|"
    r"(?:^|/)(?:19|20)\d\d(?:/\d\d){0,2}/?(?:index\.html?)?$|/page/\d+/?$",
    re.I,
)
_LISTING_QUERY = re.compile(r"(?:^|&)(?:paged?|cat|tag|author|m|s)=", re.I)
# WordPress puts the kind of page on the body.
_LISTING_BODY = frozenset(("archive", "blog", "home", "category", "tag", "author", "search-results", "paged", "date"))
_POST_BODY = frozenset(("single", "single-post", "page", "postid", "node-type-article", "node-type-blog"))


def is_listing(
    document: Document,
    stated: PageMetadata,
    meta: PageMetadata,
    articles: Sequence[LexborNode],
    links: Sequence[dict[str, str | None]],
) -> bool:
    """Whether the page is a front, tag or archive page rather than a post.

    Judged by what content systems write on `body`, by JSON-LD (`stated`) and meta tags, the address, then repeated articles.
    """
    body = document.tree.body
    names = frozenset((body.attributes.get("class") or "").split()) if body is not None else frozenset()
    if names & _POST_BODY and not names & {"home", "blog", "archive"}:
        return False
    if names & _LISTING_BODY and names & {"archive", "blog", "home", "paged", "search-results"}:
        return True
    if stated.is_article or meta.is_article:
        return False
    parts = urlsplit(document.url)  # a saved copy's address is that of a file, and says nothing of this
    if stated.is_listing or parts.path in ("", "/") or _LISTING_PATH.search(parts.path) or _LISTING_QUERY.search(parts.query):
        return True
    if stated.published or meta.published:
        return False
    return len({article.mem_id for article in articles if not _nested(article)}) >= (2 if _has_next(links) else SEVERAL)


def _has_next(links: Sequence[dict[str, str | None]]) -> bool:
    return any("next" in (link.get("rel") or "").lower().split() for link in links)


def _nested(article: LexborNode) -> bool:
    """Comments are `article` elements too, within the post's own."""
    current = article.parent
    for _ in range(40):
        if current is None or current.tag == "body":
            return False
        if current.tag == "article" or "comment" in (current.attributes.get("class") or ""):
            return True
        current = current.parent
    return False


# --- surroundings of an element --------------------------------------------------------------------------------

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
