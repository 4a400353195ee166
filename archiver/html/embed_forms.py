"""Embeds that are no element of their own: URLs that stand alone, players made by scripts, pictures that link to their page."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from selectolax.lexbor import LexborNode

from archiver.html.addresses import address_of
from archiver.html.deferred_markup import MarkupOrigin
from archiver.html.document import Piece
from archiver.html.embed_candidates import StandaloneUrl
from archiver.html.pattern import Pattern
from archiver.html.raw_text import offsets_of
from archiver.html.text import UNREAD, block_of
from archiver.model.findings import EmbedKind

MAX_READ = 200  # nodes of a block that are read to know whether it shows nothing but a link
MAX_NODES = 100  # in which one and the same URL stands alone
MAX_SCRIPT = 2_000_000  # characters of one script; more is a bundled application
MAX_CALLS = 1_000  # of one kind in one script
MAX_PICTURES = 5_000  # within links, of one piece
MAX_STEPS_UP = 5  # from a picture to the link around it: `<a><figure><picture><img>` has three

_STANDALONE, _COMMENT = "standalone", "comment"  # keys of a piece's cache
_WP_EMBED = re.compile(
    r"\s*wp:(?:core-)?(?:embed|video|audio)\S*\s[^{]{0,40}\{.{0,400}?\"(?:url|src)\"\s*:\s*\"(?P<url>[^\"]+)\"", re.S
)

# --- URLs that stand alone -----------------------------------------------------------------------------------


def nodes_of_url(piece: Piece, standalone: StandaloneUrl) -> list[tuple[LexborNode, EmbedKind]]:
    """The elements whose whole text is this URL: no link within a sentence, no entry of a list of links; at most MAX_NODES."""
    nodes = piece.cache.get(_STANDALONE)
    if not isinstance(nodes, dict):
        nodes = piece.cache[_STANDALONE] = _alone(piece)
    return nodes.get(standalone.url, [])[:MAX_NODES]


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
    alone = block.tag in ("p", "div", "figure") and shows_only(block, text)
    return block if alone and address_of(parent.attributes.get("href") or "") == address_of(text) else None


def shows_only(block: LexborNode, text: str) -> bool:
    """Whether a block has no text but this; reads MAX_READ nodes at most, as a block may have a million links."""
    shown = ""
    for number, node in enumerate(block.traverse(include_text=True)):
        if number >= MAX_READ:
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
    """The address of the URL that `url_in_comment` finds in a piece that is a comment; "" without one."""
    address = piece.cache.setdefault(_COMMENT, address_of(url_in_comment(piece.html)))
    return address if isinstance(address, str) else ""


# --- players made by scripts ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ScriptPlayer:
    """A call by which a page's script makes a player: `new YT.Player("box", {videoId: "…"})`, with no address in the markup."""

    keyword: str
    """Stands in every such call; a page without it costs one search for this."""
    call: Pattern
    """Matched from the keyword on; its groups make the id. Quantifiers have bounds: scripts are long."""


def played_in(piece: Piece, players: Sequence[ScriptPlayer]) -> Iterator[tuple[LexborNode, Mapping[str, str | None]]]:
    """The scripts of a piece that make one of these players, each with the groups of the call."""
    if piece.origin is MarkupOrigin.SCRIPT:
        return
    used = [player for player in players if piece.contains(player.keyword)]
    for node in piece.tree.css("script") if used else ():
        text = (node.text(deep=True) or "")[:MAX_SCRIPT]
        for player in used:
            for at in islice(offsets_of(text, player.keyword), MAX_CALLS):
                if (call := player.call.match(text, at)) is not None:
                    yield node, call.groupdict()


# --- pictures that link to their page ------------------------------------------------------------------------


def linked_pictures(
    piece: Piece, hosts: Iterable[str], files: Pattern, named_by: Callable[[str], str | None]
) -> Iterator[tuple[LexborNode, str]]:
    """Links to a picture's page around that very picture, each with the post's id: what picture hosts gave before frames.

    `files` matches the addresses of a platform's picture files, `named_by` gives the id in those and in its pages' addresses.
    A picture within a link to its own file is none: editors make such links of any picture.
    """
    if next(iter(piece.candidates.links_to(hosts)), None) is None:
        return
    for picture in piece.tree.css("a[href] img")[:MAX_PICTURES]:
        shown = _id_of_file(picture, files, named_by)
        link = _link_around(picture) if shown is not None else None
        if shown is None or link is None:
            continue
        leads_to = address_of(link.attributes.get("href") or "")
        if leads_to and files.match(leads_to) is None and named_by(leads_to) == shown:
            yield link, shown


def _id_of_file(picture: LexborNode, files: Pattern, named_by: Callable[[str], str | None]) -> str | None:
    # Lazy loaders move the address from `src` to attributes of any name.
    for value in picture.attributes.values():
        address = address_of(value) if value and "//" in value else ""
        if address and files.match(address) is not None and (post_id := named_by(address)) is not None:
            return post_id
    return None


def _link_around(picture: LexborNode) -> LexborNode | None:
    node = picture.parent
    for _ in range(MAX_STEPS_UP):
        if node is None or node.tag == "a":
            return node
        node = node.parent
    return None
