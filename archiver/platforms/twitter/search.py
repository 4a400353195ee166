"""One search through a piece of a page for posts of Twitter / X: what to look at, and how a find becomes an embed."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import unescape
from itertools import islice

from selectolax.lexbor import LexborNode

from archiver.html.document import Document, Piece, Position
from archiver.model.findings import Embed, EmbedKind
from archiver.platforms.base import Appearance
from archiver.platforms.twitter.urls import NAME, STRAY, media_in, post_id_of, posted_at_of_id, short_links_in

MAX_EMBEDS = 10_000  # per form and piece; beyond that it is an attack or a data dump
MAX_HTML = 20_000  # characters of markup that are kept per embed

ID_ATTRIBUTES = ("data-tweet-id", "data-tweetid", "tweet-id", "tweetid", "data-tweet_id")
NUMBER_ATTRIBUTE = "data-tweet"  # of some themes; others keep in it the words of a share button
_NUMBER_ATTRIBUTES = (*ID_ATTRIBUTES, NUMBER_ATTRIBUTE)
EMBETTY = "embetty-tweet"
_NUMBERED = ("amp-twitter", EMBETTY)
_NUMBER_ENDS = ("data-tweet=", "etty-tweet ", "etty-tweet\n")
# Elements whose attributes name a post without showing it: share buttons, head matter, what people type into.
NO_EMBED_TAGS = frozenset(
    (
        *("a", "area", "button", "form", "input", "option", "textarea"),
        *("base", "body", "head", "html", "link", "meta", "script", "style"),
    )
)
LINKS = ("a", "area")
_FRAMES = ("iframe", "amp-iframe")

_TWEET, _STATUS, _VIDEO = "weet", "/status", "twitter-video"  # "weet": Tweet or tweet
_NAMED = ('witter"', "witterEmbed", "witter-embed", "witter_embed")
_ARTICLE = "/article"  # on most news sites in every address, so the host counts as well
_ARTICLE_HOST = re.compile(r"(?:twitter|\bx)\.com\\?/@?\w{1,20}\\?$", re.I)
_CODED = ("2Fstatus", "2fstatus", "2Farticle%2F")  # in addresses that hand on one
_BLACKBIRD = "bbpBox"  # Blackbird Pie, a plug-in of 2010 that Twitter made for WordPress
CREATE_CALL = "createTweet"  # in scripts that have the widget made
_VALUE = re.compile(r"\"[\w@./:-]{1,90}\"")
MAX_VALUE = 40  # characters before `tweet` in a value
_CLASSES = re.compile(r"[\w\s\\\"'“”-]{0,300}")
MAX_NAMED = 300  # offsets of one word that are looked at; icons and classes have the same name
_BLACKBIRD_ID = re.compile(rf"\b{_BLACKBIRD}_?(\d{{5,20}})\b")
_BOX_CLASS = re.compile(r"twitter-(?:tweet|video)")
KEYWORDS = (CREATE_CALL, _BLACKBIRD, _TWEET, _STATUS, _ARTICLE, _VIDEO, *_NAMED, *_CODED)


@dataclass(frozen=True, slots=True)
class MarkupHints:
    """What kinds of markup a piece may have, by its raw text: a pass over 100 KB costs 0.04 ms, a walk ten times that."""

    status: tuple[int, ...]
    """The offsets of `/status`, as in a post's URL, and of `/article` where the platform's host is before it."""
    linked: bool
    """One of these, be it percent-encoded."""
    box: bool
    """`twitter-tweet` or `twitter-video`."""
    number: bool
    """An attribute for a post's id, or the widget's own page."""
    made: bool
    """A call of the widget's script."""
    json: bool
    """A string of JSON with `tweet` or `twitter` in it."""


def hints_of(piece: Piece) -> MarkupHints:
    """The hints in a piece, computed once."""
    known = piece.cache.get(NAME)
    if not isinstance(known, MarkupHints):
        known = piece.cache[NAME] = _hints_in(piece)
    return known


@dataclass(frozen=True, slots=True)
class TweetElement:
    """An element that may embed a post, or lead to one."""

    node: LexborNode
    tag: str
    attributes: dict[str, str | None]


def is_box(element: TweetElement) -> bool:
    """Whether an element is the embed code's box: its class, in any quotation marks, or where loaders and banners keep it."""
    if element.tag in NO_EMBED_TAGS or element.tag == "iframe":
        return False
    names = element.attributes if element.tag == "blockquote" else ("class", "data-twitter")
    values = ((name, element.attributes.get(name) or "") for name in names)
    return any(_BOX_CLASS.search(value) and (name == "class" or _CLASSES.fullmatch(value)) for name, value in values)


def blackbird_id(attributes: dict[str, str | None]) -> str | None:
    """The id in `<div id="bbpBox_ID">`, or in such a class."""
    for name in ("id", "class"):
        value = attributes.get(name)
        if value and _BLACKBIRD in value and (found := _BLACKBIRD_ID.search(value)):
            return found[1]
    return None


def boxes_of(piece: Piece) -> frozenset[int]:
    """The boxes of a piece, by memory id."""
    if not hints_of(piece).box:
        return frozenset()
    return frozenset(element.node.mem_id for element in tweet_elements(piece) if is_box(element))


def tweet_elements(piece: Piece) -> list[TweetElement]:
    """All elements of a piece that may embed a post, in document order; found once."""
    key = f"{NAME} elements"
    known = piece.cache.get(key)
    if not isinstance(known, list):
        hints = hints_of(piece)
        known = piece.cache[key] = list(_find_elements(piece, hints))
    return known


def _find_elements(piece: Piece, hints: MarkupHints) -> Iterator[TweetElement]:
    has_blackbird = piece.contains(_BLACKBIRD)
    for node, tag, attributes in piece.elements:
        if (tag in LINKS and hints.linked and may_name_post(attributes.get("href") or "")) or (
            tag in _FRAMES
            or (
                hints.box
                and (tag == "blockquote" or "twitter-" in (attributes.get("class") or "") or "data-twitter" in attributes)
            )
            or (
                hints.number
                and (
                    tag in _NUMBERED
                    or not attributes.keys().isdisjoint(_NUMBER_ATTRIBUTES)
                    or (has_blackbird and blackbird_id(attributes))
                )
            )
        ):
            yield TweetElement(node, tag, attributes)


def may_name_post(text: str) -> bool:
    """Whether a text has the words of a post's URL: much quicker than to look for one."""
    return "status" in text or _ARTICLE in text or "2Farticle" in text


def _is_json_value(markup: str, at: int) -> bool:
    """Whether an offset is within a string without spaces that is the value of something: `"type": "tweet-embed"`."""
    begin = markup.rfind('"', max(0, at - MAX_VALUE), at)
    if begin < 0 or not markup[max(0, begin - 4) : begin].rstrip().endswith(":"):
        return False
    return _VALUE.match(markup, begin) is not None


def _hints_in(piece: Piece) -> MarkupHints:
    box = number = json = False
    for at in islice(piece.offsets(_TWEET), MAX_EMBEDS):
        around = piece.html[max(0, at - 9) : at + 7]
        after = around[-3:].lower()
        box = box or around.startswith("twitter-t")
        number = number or after in ("-id", "_id", ".ht") or after[:2] == "id" or around[:-2].endswith(_NUMBER_ENDS)
        json = json or _is_json_value(piece.html, at)
    status = tuple(islice(piece.offsets(_STATUS), MAX_EMBEDS))
    articles = [at for at in islice(piece.offsets(_ARTICLE), MAX_EMBEDS) if _ARTICLE_HOST.search(piece.html, max(0, at - 40), at)]
    status = tuple(sorted((*status, *articles))) if articles else status
    json = json or any(_is_json_value(piece.html, at) for word in _NAMED for at in islice(piece.offsets(word), MAX_NAMED))
    if status:
        box = box or piece.contains(_VIDEO)
    linked = bool(status) or any(map(piece.contains, _CODED))
    number = number or piece.contains(_BLACKBIRD)
    return MarkupHints(status, linked, box, number, piece.contains(CREATE_CALL), json)


@dataclass(frozen=True, slots=True)
class TweetSearch:
    """One search through one piece of a page."""

    document: Document
    piece: Piece

    def appearance(
        self,
        node: LexborNode,
        kind: EmbedKind,
        post_id: str | None,
        *,
        author: str | None = None,
        name: str | None = None,
        posted_at: str | None = None,
        text: str | None = None,
        html: str | None = None,
    ) -> Appearance:
        """A post that stands at a node, with what its attributes or words say; `html` where its markup is not the node's."""
        markup = (self.piece.markup_of(node) if html is None else html)[:MAX_HTML]
        embed = Embed(
            platform=NAME,
            post_id=post_id,
            url=None if post_id is None else canonical(post_id),
            kind=kind,
            position=0,
            author=author or None,
            author_name=name or None,
            posted_at=posted_at or (posted_at_of_id(post_id) if post_id else None),
            text=text or None,
            short_links=short_links_in(unescape(markup)),
            media=media_in(markup),
            html=markup,
        )
        holder = self.piece.holder or node
        return Appearance(embed, self.piece.start_of(node), self.piece.end_of(node), self.piece.origin_of(node), holder)

    def within(self, found: Appearance, offset: int) -> Appearance:
        """The appearance as one of several in its element, by where in the element's text it stands."""
        start = (found.start[0], found.start[1] + 1 + offset)
        return replace(found, start=start, end=start)

    def links(self, node: LexborNode, before: Position | None = None) -> list[tuple[LexborNode, str]]:
        """The anchors within a node (those before a position) that lead to posts, with the posts' ids."""
        anchors = _anchors_of(self.piece)
        if not anchors.starts:
            return []
        begin, end = self.piece.start_of(node), self.piece.end_of(node)
        first = bisect_left(anchors.starts, begin)
        if before is not None and before <= end:
            return anchors.links[first : bisect_left(anchors.starts, before)]
        return anchors.links[first : bisect_right(anchors.starts, end)]


@dataclass(frozen=True, slots=True)
class _Anchors:
    """The anchors of a piece that lead to posts, and where they stand."""

    starts: list[Position]
    links: list[tuple[LexborNode, str]]


def _anchors_of(piece: Piece) -> _Anchors:
    """The anchors of a piece, found once, and not for each box: boxes that are never closed hold each other's."""
    key = f"{NAME} anchors"
    known = piece.cache.get(key)
    if not isinstance(known, _Anchors):
        named = (
            (one.node, post_id)
            for one in tweet_elements(piece)
            if one.tag == "a" and (post_id := post_id_of(one.attributes.get("href") or ""))
        )
        links = list(named)
        known = piece.cache[key] = _Anchors([piece.start_of(node) for node, _ in links], links)
    return known


def canonical(post_id: str) -> str:
    """The post's URL in the form that needs no handle."""
    return f"https://twitter.com/i/status/{post_id}"


def id_of_value(value: str | None) -> str | None:
    """The id in an attribute's value: the id itself, or a post's URL; stray quotation marks of any style around it."""
    text = (value or "").strip(STRAY)
    return text if text.isascii() and text.isdecimal() and 2 <= len(text) <= 20 else post_id_of(text)
