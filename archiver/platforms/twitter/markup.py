"""The markup in which pages carry posts of Twitter / X: its embed code, and frames."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from urllib.parse import unquote

from selectolax.lexbor import LexborNode

from archiver.html.deferred_markup import Origin
from archiver.html.document import Document, Spot
from archiver.html.text import text_of
from archiver.model.findings import EmbedKind
from archiver.platforms.base import Appearance
from archiver.platforms.twitter.addresses import WORDS as SHORTCODES
from archiver.platforms.twitter.addresses import bare_urls, in_comment, in_json, placeholders
from archiver.platforms.twitter.dates import first_date
from archiver.platforms.twitter.ids import by_id, made_by_script
from archiver.platforms.twitter.look import (
    ID_ATTRIBUTES,
    LINKS,
    MAX_EMBEDS,
    Look,
    candidates_of,
    id_of_value,
    is_box,
    signs_of,
)
from archiver.platforms.twitter.text import MARK_END, MARK_START, Attribution, attributions, plain, without_marks
from archiver.platforms.twitter.urls import POST_URL, handle_of, post_id_of, short_links_in
from archiver.platforms.twitter.words import in_words

_FRAMED = re.compile(r"twit|x\.com|embedly|iframe|fixupx", re.I)
MAX_APPEARANCES = 12_000  # of one page, in all forms; so many are an attack or a data dump
MAX_LINK_TEXT = 300  # characters of a link that may say when the post was made
MAX_FRAME_ADDRESS = 8_000  # characters of an attribute of a frame; what is longer is a document
MAX_BOX_TEXT = 4_000  # characters; a box with more was never closed and swallowed what follows

_S9E = re.compile(r"(?:https?:)?//[^/?#]{1,100}/(?:[\w.-]{1,50}/){0,5}twitter(?:\.min)?\.html#(?P<id>\d{5,20})\b", re.I)


def find(document: Document) -> Iterator[Appearance]:
    """Every appearance of a post, form by form and not in order; one that two forms show comes twice."""
    return islice(chain.from_iterable(_in_piece(Look(document, piece)) for piece in document.pieces), MAX_APPEARANCES)


def _in_piece(look: Look) -> Iterator[Appearance]:
    origin, signs = look.piece.origin, signs_of(look.piece)
    if origin is Origin.COMMENT:
        yield from in_comment(look)
        return
    if signs.box:
        yield from _boxes(look)
    if signs.number:
        yield from by_id(look)
    yield from _frames(look)
    if signs.made:
        yield from made_by_script(look)
    if signs.status:
        yield from placeholders(look)
    if signs.status or any(map(look.piece.tells, SHORTCODES)):
        yield from bare_urls(look)
    if signs.json and origin is Origin.PAGE:
        yield from in_json(look)
    if origin is not Origin.SCRIPT:
        yield from in_words(look)


def linked(document: Document) -> Iterator[str]:
    """The posts that the page's anchors lead to, in document order."""
    if not signs_of(document.page).linked:
        return
    on_platform = POST_URL.match(document.url + "/i/status/10") is not None
    for piece in document.pieces:
        if piece.origin is Origin.SCRIPT or not signs_of(piece).linked:
            continue
        for candidate in candidates_of(piece):
            href = (candidate.attributes.get("href") or "") if candidate.tag in LINKS else ""
            if post_id := post_id_of(href) or (post_id_of(document.absolute(href) or "") if on_platform else None):
                yield post_id


# --- the embed code -----------------------------------------------------------------------------------------


def _boxes(look: Look) -> Iterator[Appearance]:
    """`blockquote.twitter-tweet` with whatever quotation marks, and other elements that took its class."""
    boxes = [candidate.node for candidate in candidates_of(look.piece) if is_box(candidate)][:MAX_EMBEDS]
    others = frozenset(box.mem_id for box in boxes)
    loaders = (
        [look.piece.spot(node) for node, tag, told in look.piece.elements if tag == "script" and _loads(told)] if boxes else []
    )
    for number, box in enumerate(boxes):
        found = _read_box(look, box, boxes[number + 1] if number + 1 < len(boxes) else None, others, loaders)
        if found is not None:
            yield found


def _loads(attributes: dict[str, str | None]) -> bool:
    return "widgets.js" in (attributes.get("src") or "")


def _read_box(
    look: Look, box: LexborNode, following: LexborNode | None, others: frozenset[int], loaders: Sequence[Spot]
) -> Appearance | None:
    # A box that was never closed holds the next one; what stands in there is not its own.
    limit = look.piece.spot(following) if following is not None else None
    links, ended = _own_links(look, box, limit, loaders)
    marks = {a.mem_id: f"{MARK_START}{post_id}{MARK_END}" for a, post_id in links}
    marked = plain(text_of(box, marks, without=others))
    named = list(attributions(marked))
    attribution = _own_attribution(named, closed=not ended and len(marked) <= MAX_BOX_TEXT)
    post_id = attribution.post_id if attribution else None
    if post_id is None and links and len(marked) <= MAX_BOX_TEXT:
        post_id = links[-1][1]
    if post_id is None:
        post_id = _id_in_attributes(box) or _url_in_text(marked)
    own = next((a for a, linked in reversed(links) if linked == post_id), None)
    bare = own if attribution is None and len(marked) < MAX_BOX_TEXT else None
    text = _box_text(marked, attribution, text_of(bare, without=others) if bare is not None else None)
    if post_id is None and attribution is None and not short_links_in(text or ""):
        return None
    dated = attribution is not None and attribution.post_id == post_id and attribution.posted_at is not None
    date = first_date(_first_words(own)) if own is not None and not dated else None
    return look.appearance(
        box,
        EmbedKind.BLOCKQUOTE if post_id else EmbedKind.TEXT,
        post_id,
        author=(attribution.handle if attribution else None) or (handle_of(own.attributes.get("href") or "") if own else None),
        name=attribution.name if attribution else None,
        posted_at=date[0] if date else (attribution.posted_at if attribution else None),
        text=text,
    )


def _own_links(
    look: Look, box: LexborNode, limit: Spot | None, loaders: Sequence[Spot]
) -> tuple[list[tuple[LexborNode, str]], bool]:
    """The links to posts in a box, and whether the embed code's script, which follows the box, ended it before its element."""
    links = look.links(box, before=limit)
    number = bisect_right(loaders, look.piece.spot(links[0][0])) if links and loaders else len(loaders)
    if number == len(loaders) or loaders[number] > look.piece.spot(links[-1][0]):
        return links, False
    return look.links(box, before=loaders[number]), True


def _own_attribution(named: list[Attribution], *, closed: bool) -> Attribution | None:
    """The last one, as the post's own link is the last; in a box that was never closed the first one that links to a post."""
    if not closed:
        return next((attribution for attribution in named if attribution.post_id), None)
    return named[-1] if named else None


def _box_text(marked: str, attribution: Attribution | None, link: str | None) -> str | None:
    """`link` is the text of the box's own link."""
    text = without_marks(marked[: attribution.start] if attribution else marked).strip()
    if attribution is None and text == link:
        return None  # nothing but the link: a date, or "Tweet may have been deleted"
    return text[:MAX_BOX_TEXT] or None


def _first_words(link: LexborNode) -> str:
    """What a link says; one that was never closed holds the rest of the page."""
    words = ""
    for node in link.traverse(include_text=True):
        if node.tag == "-text":
            words += (node.text_content or "")[:MAX_LINK_TEXT]
            if len(words) >= MAX_LINK_TEXT:
                break
    return words


def _url_in_text(text: str) -> str | None:
    found = POST_URL.search(text[:MAX_BOX_TEXT]) if "/status" in text else None
    return post_id_of(found.group()) if found else None


def _id_in_attributes(node: LexborNode) -> str | None:
    attributes = node.attributes
    for name in ID_ATTRIBUTES:
        if post_id := id_of_value(attributes.get(name)):
            return post_id
    return next((post_id for value in attributes.values() if (post_id := post_id_of(value or ""))), None)


# --- frames ----------------------------------------------------------------------


def _frames(look: Look) -> Iterator[Appearance]:
    """iframes of the widget, of old video players, and of services that show a post by its address."""
    for candidate in candidates_of(look.piece)[:MAX_EMBEDS]:
        if candidate.tag not in ("iframe", "amp-iframe"):
            continue
        for name, value in candidate.attributes.items():
            if (
                value
                and "/" in value
                and len(value) <= MAX_FRAME_ADDRESS
                and name not in ("srcdoc", "style", "title")
                and (post_id := _post_of_frame(value))
            ):
                yield look.appearance(candidate.node, EmbedKind.IFRAME, post_id, author=handle_of(unquote(value)))
                break


def _post_of_frame(value: str) -> str | None:
    text = value.strip()
    if "widget_iframe" in text or "twitter.com/widgets/" in text or _FRAMED.search(text) is None:
        return None
    if direct := post_id_of(text):
        return direct
    if forum := _S9E.match(text):  # the page that XenForo's and phpBB's media extension frames
        return forum["id"]
    inner = POST_URL.search(unquote(unquote(text)))
    return (inner["id"] or inner["frame_id"]) if inner else None
