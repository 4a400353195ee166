"""A web page, decoded and parsed once, as platforms and the page reader look at it."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

from archiver.html.bounded_markup import bounded
from archiver.html.deferred_markup import CDATA, MarkupOrigin, find_deferred, without_cdata
from archiver.html.embed_candidates import Element, EmbedCandidates, candidates_in
from archiver.html.raw_text import MAX_OFFSETS, KeywordIndex, offsets_of
from archiver.urls import absolute

MAX_KEPT_ELEMENTS = 100_000  # of one piece, some 50 MB; a page of 100 KB has 500
MAX_WRITTEN = 50_000_000  # characters of markup written out for one piece
WRITTEN_TIMES = 20  # the piece's own length: embeds hold no more together, unless they nest without end
MIN_WRITTEN = 200_000

Position = tuple[int, int]
"""A place in a page: the number of an element in document order, and of an element in the markup that it defers."""

_SILENT = frozenset(  # elements whose attributes nobody looks at: shapes and rules, lists and tables, and stress within words
    (
        *("path", "g", "use", "rect", "circle", "polygon", "symbol", "line", "defs", "stop", "br", "hr", "wbr", "col"),
        *("b", "i", "em", "strong", "sup", "sub", "option", "ul", "ol", "tbody", "thead", "tr", "picture", "track"),
    )
)
_KEPT_BARE = frozenset(("title", "h1", "time", "article", "blockquote", "script"))  # elements that count without attributes


class Piece:
    """A stretch of markup: the page itself, or deferred markup in it. Parsed at the first look into its tree."""

    def __init__(
        self,
        html: str,
        origin: MarkupOrigin,
        holder: LexborNode | None = None,
        start: int = 0,
        keywords: KeywordIndex | None = None,
    ) -> None:
        self.html = html
        self.origin = origin
        self.holder = holder
        """The page's node that holds this deferred markup; None for the page itself."""
        self._start = start
        self._keywords = keywords
        self.cache: dict[str, object] = {}
        """What platforms found out of this piece, by keys of their own, so that each computes it once."""
        self._unwritten = min(MAX_WRITTEN, MIN_WRITTEN + WRITTEN_TIMES * len(html))
        self._ends: dict[int, int] = {}

    @cached_property
    def tree(self) -> LexborHTMLParser:
        """lexbor's HTML5 tree of the piece, whose size and depth `bounded_markup` bounds."""
        return LexborHTMLParser(bounded(without_cdata(self.html) if self.contains(CDATA) else self.html))

    def contains(self, word: str) -> bool:
        """Whether a word stands in the raw text, case and all: a quick way to know that something is not there."""
        return word in self._words if self._keywords is not None and self._keywords.knows(word) else word in self.html

    def offsets(self, word: str) -> Iterable[int]:
        """Where a word begins in the raw text, ascending; the first MAX_OFFSETS places."""
        if self._keywords is not None and self._keywords.knows(word):
            return self._words.get(word, ())
        return islice(offsets_of(self.html, word), MAX_OFFSETS)

    @cached_property
    def _words(self) -> Mapping[str, list[int]]:
        return self._keywords.offsets_in(self.html) if self._keywords is not None else {}

    @property
    def elements(self) -> Iterable[Element]:
        """All elements with attributes, and titles, headings and the like without, in document order; the tree is walked once.

        A walk costs 0.2 ms for a page of 100 KB, a CSS query 0.1 ms and more with each selector.
        """
        return _walk(self.tree) if self._kept is None else self._kept

    @cached_property
    def _kept(self) -> list[Element] | None:
        """The elements; None where there are so many that the tree is better walked each time."""
        kept = list(islice(_walk(self.tree), MAX_KEPT_ELEMENTS + 1))
        return kept if len(kept) <= MAX_KEPT_ELEMENTS else None

    @cached_property
    def candidates(self) -> EmbedCandidates:
        """The elements and URLs in here that may embed a post, for all platforms."""
        return candidates_in(self.elements, self.html, self.offsets)

    @cached_property
    def _orders(self) -> dict[int, int]:
        return {node.mem_id: order for order, node in enumerate(self.tree.css("*"))}

    def start_of(self, node: LexborNode) -> Position:
        """Where an element (or the parent of a text node) stands in the page. Positions sort in document order."""
        element = node.parent if node.tag == "-text" and node.parent is not None else node
        order = self._orders.get(element.mem_id, 0)
        return (order, 0) if self.holder is None else (self._start, order + 1)

    def end_of(self, node: LexborNode) -> Position:
        """The position of the last thing inside an element: what lies between `start_of` and `end_of` belongs to it."""
        last = self._last(node)
        return (last, 1 << 30) if self.holder is None else (self._start, last + 1)

    def _last(self, node: LexborNode) -> int:
        """The number of the last element in a node; computed once for each, as thousands of embeds may share 500 ancestors."""
        below: list[int] = []
        following: LexborNode | None = node
        last: int | None = None
        while following is not None:
            if (last := self._ends.get(following.mem_id)) is not None:
                break
            below.append(following.mem_id)
            if (after := _next_element(following)) is not None:
                last = self._orders.get(after.mem_id, 0) - 1
                break
            following = following.parent
        end = len(self._orders) if last is None else last
        self._ends.update(dict.fromkeys(below, end))
        return end

    def markup_of(self, node: LexborNode) -> str:
        """A node's markup, serialized; "" once nodes that hold each other have given WRITTEN_TIMES the piece's length."""
        if self.exhausted:
            return ""
        html = node.html or ""
        self._unwritten -= len(html)
        return html

    @property
    def exhausted(self) -> bool:
        """Whether so much markup was serialized that of further elements only the attributes should be read."""
        return self._unwritten <= 0

    def links_in(self, node: LexborNode, most: int) -> list[str]:
        """The `href` of the first `most` anchors within a node (or itself), as they stand in the page."""
        starts, hrefs = self._anchors
        first = bisect_left(starts, self.start_of(node))
        return hrefs[first : min(first + most, bisect_right(starts, self.end_of(node)))]

    @cached_property
    def _anchors(self) -> tuple[list[Position], list[str]]:
        found = [
            (self.start_of(node), attributes["href"] or "")
            for node, tag, attributes in self.elements
            if tag == "a" and "href" in attributes and node.mem_id in self._orders
        ]
        return [start for start, _ in found], [href for _, href in found]

    def origin_of(self, node: LexborNode) -> MarkupOrigin:
        """`origin`, or NOSCRIPT for what stands in a `<noscript>` (whose content the parser gives as elements)."""
        if self.origin is MarkupOrigin.PAGE:
            ancestor = node.parent
            for _ in range(8):
                if ancestor is None:
                    break
                if ancestor.tag == "noscript":
                    return MarkupOrigin.NOSCRIPT
                ancestor = ancestor.parent
        return self.origin


class Document:
    """A web page: its URL, its decoded text (`html`), its tree, and the markup that it defers."""

    def __init__(self, url: str, html: str, keywords: KeywordIndex | None = None) -> None:
        """`keywords`: words that will be searched for in the page itself, found in one pass; others are found one by one."""
        self.url = url
        self.html = html
        self._keywords = keywords

    @cached_property
    def page(self) -> Piece:
        """The page itself, as the first of `pieces`."""
        return Piece(self.html, MarkupOrigin.PAGE, keywords=self._keywords)

    @property
    def tree(self) -> LexborHTMLParser:
        """lexbor's HTML5 tree of the page itself."""
        return self.page.tree

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """The page, then all markup that it defers: platforms look for their posts in each."""
        return (self.page, *self._deferred())

    def _deferred(self) -> Iterator[Piece]:
        """The pieces of deferred markup. They get no keyword index: they are short, and few words are searched for in them."""
        for node, origin, markup in find_deferred(self.tree, self.html, self.page.offsets):
            yield Piece(markup, origin, node, self.page.start_of(node)[0])

    @cached_property
    def base(self) -> str:
        """What relative references refer to: the page's `<base>`, else its URL."""
        node = self.tree.css_first("base[href]")
        reference = node.attributes.get("href") if node is not None else None
        return (absolute(self.url, reference) if reference else None) or self.url

    def absolute(self, reference: str | None) -> str | None:
        """A reference as it stands in the page, ready to fetch; None where it is no http(s) URL."""
        return absolute(self.base, reference) if reference else None


def _walk(tree: LexborHTMLParser) -> Iterator[Element]:
    root = tree.root
    for node in root.traverse() if root is not None else ():
        tag = node.tag or ""
        if tag in _SILENT:
            continue
        attributes = node.attributes
        if attributes or tag in _KEPT_BARE:
            yield node, tag, attributes


def _next_element(node: LexborNode) -> LexborNode | None:
    current = node.next
    while current is not None and (current.tag or "-").startswith("-"):
        current = current.next
    return current
