"""A search through one piece of a page for posts of Twitter / X, and how what it finds is told."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import unescape
from itertools import islice

from selectolax.lexbor import LexborNode

from archiver.findings import Embed, EmbedKind
from archiver.platforms.base import Appearance
from archiver.platforms.document import Document, Piece
from archiver.platforms.twitter_urls import NAME, STRAY, media_in, places_of, post_id_of, posted_at_of_id, short_links_in

MAX_EMBEDS = 10_000  # per form and piece; beyond that it is an attack or a data dump
MAX_HTML = 20_000  # characters of markup that are kept per embed

LINKS = 'a[href*="/status"],a[href*="%2Fstatus"]'
ID_ATTRIBUTES = ("data-tweet-id", "data-tweetid", "tweet-id", "tweetid", "data-tweet_id")
# Elements whose attributes name a post without showing it: share buttons, head matter, what people type into.
NEVER = frozenset(
    (
        *("a", "area", "button", "form", "input", "option", "textarea"),
        *("base", "body", "head", "html", "link", "meta", "script", "style"),
    )
)
_FRAMES = ("iframe", "amp-iframe")

_TWEET = re.compile("weet")  # Tweet or tweet; half as long as `str.find` takes for so short a word

_ESCAPES = ("lt;", "quot;", "u003c", "u003C", "%3C", '\\"', "<!-- wp:", "<template", "<!--wp:")


@dataclass(frozen=True, slots=True)
class Signs:
    """What kinds of markup there may be, told from the raw text: a pass over 100 KB costs 0.04 ms, a walk ten times that."""

    status: tuple[int, ...]
    """Where `/status` stands, as in a post's URL."""
    box: bool
    """`twitter-tweet` or `twitter-video`."""
    number: bool
    """An attribute for a post's id, or the widget's own page."""
    json: bool
    """A string that ends in `tweet` or `twitter`."""
    hidden: bool
    """Any of these where it may be in hidden markup."""


def signs_of(piece: Piece) -> Signs:
    """The signs in a piece, told once."""
    known = piece.noted.get(NAME)
    if not isinstance(known, Signs):
        known = piece.noted[NAME] = signs_in(piece.html)
    return known


@dataclass(frozen=True, slots=True)
class Candidate:
    """An element that may carry a post, or lead to one."""

    node: LexborNode
    tag: str
    attributes: dict[str, str | None]


_BOX_CLASS = re.compile(r"twitter-(?:tweet|video)")


def is_box(candidate: Candidate) -> bool:
    """Whether an element is the embed code's box: its class, whatever the quotation marks, or as lazy loaders rename it."""
    if candidate.tag in NEVER or candidate.tag == "iframe":
        return False
    return any(_BOX_CLASS.search(candidate.attributes.get(name) or "") for name in ("class", "data-twitter"))


def boxes_of(piece: Piece) -> frozenset[int]:
    """The boxes of a piece, by memory id."""
    if not signs_of(piece).box:
        return frozenset()
    return frozenset(candidate.node.mem_id for candidate in candidates_of(piece) if is_box(candidate))


def candidates_of(piece: Piece) -> list[Candidate]:
    """All elements of a piece that may carry a post, in document order; walked through once."""
    key = f"{NAME} candidates"
    known = piece.noted.get(key)
    if not isinstance(known, list):
        signs = signs_of(piece)
        known = piece.noted[key] = [
            Candidate(node, tag, attributes) for node, tag, attributes in piece.elements if _may_carry(tag, attributes, signs)
        ]
    return known


def _may_carry(tag: str, attributes: dict[str, str | None], signs: Signs) -> bool:
    if tag == "a":
        href = (attributes.get("href") or "") if signs.status else ""
        return "/status" in href or "%2Fstatus" in href or (signs.box and "twitter-" in (attributes.get("class") or ""))
    if tag in _FRAMES:
        return True
    if signs.box and ("twitter-" in (attributes.get("class") or "") or "twitter-" in (attributes.get("data-twitter") or "")):
        return True
    return signs.number and (tag == "amp-twitter" or not attributes.keys().isdisjoint(ID_ATTRIBUTES))


def signs_in(markup: str) -> Signs:
    box = number = json = hidden = False
    for found in islice(_TWEET.finditer(markup), MAX_EMBEDS):
        at = found.start()
        around = markup[max(0, at - 9) : at + 7]
        after = around[-3:].lower()
        is_box, is_number = around.startswith("twitter-t"), after in ("-id", "_id", ".ht") or after[:2] == "id"
        box, number = box or is_box, number or is_number
        json = json or (after[0] == '"' and ":" in around)
        hidden = hidden or ((is_box or is_number) and not _in_plain_tag(markup, at))
    status = tuple(islice(places_of(markup, "/status"), MAX_EMBEDS))
    if status:
        json = json or 'witter"' in markup
        box = box or "twitter-video" in markup
        hidden = hidden or any(escaped in markup[max(0, at - 160) : at] for at in status for escaped in _ESCAPES)
    hidden = hidden or ((box or number) and "<template" in markup)
    return Signs(status, box, number, json, hidden)


def _in_plain_tag(markup: str, at: int) -> bool:
    """Whether a place is within a tag that the parser will see as one, and not in a string or in escaped markup."""
    begin = markup.rfind("<", max(0, at - 500), at)
    if begin < 0 or ">" in markup[begin:at]:
        return False
    return markup[begin + 1 : begin + 2].isalpha() and markup[begin - 1 : begin] not in ('"', "'", "`", "n", "t", "(", "=")


@dataclass(frozen=True, slots=True)
class Look:
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
        """A post that stands at a node, with what its attributes or words say; `html` where that is not the node's own."""
        markup = ((node.html or "") if html is None else html)[:MAX_HTML]
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
        return Appearance(embed, self.piece.spot(node), self.piece.end(node), self.piece.origin_of(node), holder)

    def within(self, found: Appearance, offset: int) -> Appearance:
        """The appearance as one of several in its element, by where in the element's text it stands."""
        spot = (found.spot[0], found.spot[1] + 1 + offset)
        return replace(found, spot=spot, end=spot)

    def links(self, node: LexborNode) -> Iterator[tuple[LexborNode, str]]:
        """The anchors within a node that lead to posts, with the posts' ids."""
        for a in node.css(LINKS):
            if post_id := post_id_of(a.attributes.get("href") or ""):
                yield a, post_id


def canonical(post_id: str) -> str:
    """The form that needs no handle."""
    return f"https://twitter.com/i/status/{post_id}"


def id_of_value(value: str | None) -> str | None:
    """The id in an attribute's value: the id itself, or a post's URL; stray quotation marks of any style around it."""
    text = (value or "").strip(STRAY)
    return text if text.isascii() and text.isdecimal() and 2 <= len(text) <= 20 else post_id_of(text)
