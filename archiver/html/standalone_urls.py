"""Addresses that stand by themselves: what a reader sees where an embed could not be fetched, or what an editor noted."""

import re

from selectolax.lexbor import LexborNode

from archiver.html.addresses import address_of
from archiver.html.document import Piece
from archiver.html.embed_candidates import Line
from archiver.html.text import UNREAD, block_of
from archiver.model.findings import EmbedKind

MAX_LOOKED = 200  # nodes of a block that are looked at to tell whether it shows nothing but a link
MAX_NODES = 100  # in which one and the same address stands alone

_LINES, _COMMENT = "lines", "comment"  # notes on a piece
_WP_EMBED = re.compile(
    r"\s*wp:(?:core-)?(?:embed|video|audio)\S*\s[^{]{0,40}\{.{0,400}?\"(?:url|src)\"\s*:\s*\"(?P<url>[^\"]+)\"", re.S
)


def nodes_of_line(piece: Piece, line: Line) -> list[tuple[LexborNode, EmbedKind]]:
    """The elements whose text a line is: no link within a sentence, no entry of a list of links."""
    nodes = piece.noted.get(_LINES)
    if not isinstance(nodes, dict):
        nodes = piece.noted[_LINES] = _alone(piece)
    return nodes.get(line.url, [])[:MAX_NODES]


def _alone(piece: Piece) -> dict[str, list[tuple[LexborNode, EmbedKind]]]:
    nodes: dict[str, list[tuple[LexborNode, EmbedKind]]] = {}
    body = piece.tree.body
    for node in body.traverse(include_text=True) if body is not None else ():
        parent = node.parent
        if node.tag != "-text" or parent is None or parent.tag in UNREAD:
            continue
        text = (node.text_content or "").strip()
        if "://" not in text or len(text) > 2_100:
            continue
        shown = re.search(r"(?:https?|httpv[hp]?d?)://[^\s<\[\]\"']+", text, re.I)
        element = _standing(parent, text)
        if shown is not None and element is not None:
            kind = EmbedKind.OEMBED if _in_embed(element) else EmbedKind.LINK_CARD
            nodes.setdefault(shown.group(), []).append((element, kind))
    return nodes


def _standing(parent: LexborNode, text: str) -> LexborNode | None:
    """The element that shows nothing but this text; for a link the block around it."""
    if parent.tag != "a":
        return parent
    block = block_of(parent)
    alone = block.tag in ("p", "div", "figure") and _shows_only(block, text)
    return block if alone and address_of(parent.attributes.get("href") or "") == address_of(text) else None


def _shows_only(block: LexborNode, text: str) -> bool:
    """Whether a block has no text but this; reads no further than that: a block may have a million links."""
    shown = ""
    for looked, node in enumerate(block.traverse(include_text=True)):
        if looked >= MAX_LOOKED:
            return False
        if node.tag == "-text":
            shown = (shown + (node.text_content or "")).lstrip()
            if not text.startswith(shown.rstrip()):
                return False
    return shown.rstrip() == text


def _in_embed(node: LexborNode) -> bool:
    above = node.parent
    return any("embed" in (one.attributes.get("class") or "") for one in (node, above) if one is not None)


def url_in_comment(comment: str) -> str:
    """The URL in `<!-- wp:embed {"url":"…"} -->`, which WordPress's editor writes around an embed; "" without one."""
    found = _WP_EMBED.match(comment)
    return found["url"].replace("\\/", "/").replace("\\u0026", "&") if found else ""


def address_in_comment(piece: Piece) -> str:
    """The same of a piece that is a comment, as an address."""
    address = piece.noted.setdefault(_COMMENT, address_of(url_in_comment(piece.html)))
    return address if isinstance(address, str) else ""
