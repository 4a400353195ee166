"""Posts of Twitter / X that a page names by their id alone: the widget's own DOM, AMP, and calls of the widget's script."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import islice
from operator import itemgetter

from selectolax.lexbor import LexborNode

from archiver.html.document import Spot
from archiver.html.pattern import Pattern
from archiver.html.script_players import ScriptPlayer, played_in
from archiver.html.text import text_of
from archiver.model.findings import EmbedKind
from archiver.platforms.base import Appearance
from archiver.platforms.twitter.look import (
    CREATED,
    EMBETTY,
    ID_ATTRIBUTES,
    MAX_EMBEDS,
    NEVER,
    NUMBER,
    Candidate,
    Look,
    candidates_of,
    id_of_value,
    pie_of,
)

MAX_STEPS = 12  # up from an element to what holds it
_NUMBER = re.compile(r"\d{5,20}")
_NOT_ITS_OWN = re.compile(r"QuoteTweet|timeline-Tweet")
_TEXT_CLASS = re.compile(r"(?:^|\s)(?:tweet-text|js-tweet-text|Tweet-text)(?:$|\s)")
_PLAYERS = (ScriptPlayer(CREATED, Pattern(rf"(?P<call>{CREATED}(?:Embed)?\(\s{{0,30}}[\"'](?P<id>\d{{5,20}})[\"'])", re.I)),)


# `data-tweetid` is AMP's; sites use it for things of their own, so it counts on AMP's element and on frames only.
WIDGET_IDS = tuple(name for name in ID_ATTRIBUTES if name != "data-tweetid")


def by_id(look: Look) -> Iterator[Appearance]:
    """Elements that bear a post's id: the rendered widget, AMP, twitter.com's own pages."""
    told: dict[int, str] = {}
    texts: list[tuple[Spot, LexborNode]] | None = None
    for candidate in candidates_of(look.piece)[:MAX_EMBEDS]:
        node, tag, attributes = candidate.node, candidate.tag, candidate.attributes
        post_id = None if tag in NEVER else _id_borne(candidate)
        if post_id is None:
            continue
        told[node.mem_id] = post_id
        if _is_quoted(node, attributes, post_id, told):
            continue
        if texts is None and tag == "div":
            texts = _texts_of_posts(look)
        words = _first_within(look, node, texts) if tag == "div" and texts else None
        yield look.appearance(
            node,
            _kind_of_tag(tag),
            post_id,
            author=attributes.get("data-screen-name"),
            name=attributes.get("data-name"),
            text=text_of(words) if words is not None else None,
        )


def _id_borne(candidate: Candidate) -> str | None:
    tag, attributes = candidate.tag, candidate.attributes
    names = ID_ATTRIBUTES if tag in ("amp-twitter", "iframe") else WIDGET_IDS
    for name in (*names, "status") if tag == EMBETTY else names:
        if name in attributes and (found := id_of_value(attributes[name])):
            return found
    number = (attributes.get(NUMBER) or "").strip()
    return number if _NUMBER.fullmatch(number) else pie_of(attributes)


def _is_quoted(node: LexborNode, attributes: dict[str, str | None], post_id: str, told: dict[int, str]) -> bool:
    """Whether an element is a post within another, or one of a timeline: the page embeds neither."""
    if _NOT_ITS_OWN.search(attributes.get("class") or ""):
        return True
    above = node.parent
    for _ in range(MAX_STEPS):
        if above is None:
            return False
        if told.get(above.mem_id, post_id) != post_id or _NOT_ITS_OWN.search(above.attributes.get("class") or ""):
            return True
        above = above.parent
    return False


def _texts_of_posts(look: Look) -> list[tuple[Spot, LexborNode]]:
    """The elements with the words of a post in the widget's DOM; asked for once, as those with ids may hold each other."""
    classed = ((node, value) for node, _, told in look.piece.elements if "weet-text" in (value := told.get("class") or ""))
    texts = (node for node, value in classed if _TEXT_CLASS.search(value))
    return [(look.piece.spot(node), node) for node in islice(texts, MAX_EMBEDS)]


def _first_within(look: Look, node: LexborNode, texts: list[tuple[Spot, LexborNode]]) -> LexborNode | None:
    number = bisect_right(texts, look.piece.spot(node), key=itemgetter(0))
    return texts[number][1] if number < len(texts) and texts[number][0] <= look.piece.end(node) else None


def made_by_script(look: Look) -> Iterator[Appearance]:
    """`twttr.widgets.createTweet("ID", element)`."""
    for number, (node, call) in enumerate(islice(played_in(look.piece, _PLAYERS), MAX_EMBEDS)):
        found = look.appearance(node, EmbedKind.SCRIPT, call["id"], html=call["call"] or "")
        yield look.within(found, number)


def _kind_of_tag(tag: str) -> EmbedKind:
    if tag.startswith("amp-"):
        return EmbedKind.AMP
    if tag in ("iframe", "twitterwidget", "twitter-widget"):
        return EmbedKind.IFRAME
    return EmbedKind.STATIC if tag in ("div", "li", "article", "section") else EmbedKind.PLACEHOLDER
