"""A platform whose markup is told in data too: how its posts are found in a page."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import ClassVar

from selectolax.lexbor import LexborNode

from archiver.html.addresses import address_of
from archiver.html.deferred_markup import Origin
from archiver.html.document import Document, Piece
from archiver.html.embed_candidates import Carrier
from archiver.html.pattern import Pattern
from archiver.html.script_players import ScriptPlayer, played_in
from archiver.html.standalone_urls import address_in_comment, nodes_of_line
from archiver.html.text import text_of
from archiver.model.findings import Embed, EmbedKind
from archiver.platforms.addressed import Addressed
from archiver.platforms.base import Appearance

MAX_HTML = 20_000  # characters of markup that are kept per embed
MAX_EMBEDS = 5_000  # of one platform and form in one piece of a page; the most seen were some hundred
MAX_APPEARANCES = 10_000  # of one platform in one page, in all forms
MAX_TEXT = 4_000  # characters of a box; one with more was never closed and swallowed what follows
MAX_LOOKED = 4 * MAX_TEXT  # with the white space between them
MAX_LINKS = 50  # of one box
MAX_MEDIA = 1_000  # addresses of one platform's pictures in one page


@dataclass(frozen=True, slots=True)
class Marker:
    """Markup that only this platform's embed code has."""

    key: str
    """A custom tag (`lite-youtube`), a class (`.imgur-embed-pub`) or a data attribute (`[data-telegram-post]`)."""
    attributes: tuple[str, ...] = ()
    """Which say what post it is, best first: a URL, or what `value` matches."""
    kind: EmbedKind = EmbedKind.BLOCKQUOTE
    value: Pattern | None = None
    """What a value is that is no URL, with the groups that `post_id` is made from; searched for."""
    links: bool = False
    """The first anchor within that leads to a post tells where the attributes do not."""
    requires: tuple[str, Pattern] | None = None
    """An attribute and what must be in it, where the key is anybody's: `data-id` on a class with "youtube" in it."""


@dataclass(frozen=True, slots=True)
class Said:
    """What an embed's own markup says of its post."""

    author: str | None = None
    author_name: str | None = None
    text: str | None = None
    posted_at: str | None = None
    media: tuple[str, ...] = ()


class Declared(Addressed):
    """Override what data cannot say: `id_of` for odd ids, `read_box` for what an embed code shows, `asks` for other replies."""

    markers: ClassVar[tuple[Marker, ...]] = ()
    signs: ClassVar[tuple[str, ...]] = ()
    """Words without which there is none of the markup that it looks for by itself."""
    players: ClassVar[tuple[ScriptPlayer, ...]] = ()
    """Calls by which a page's own script makes the platform's player."""

    def may_be_in(self, document: Document) -> bool:
        return any(self._may_be_in(piece) for piece in document.pieces)

    def _may_be_in(self, piece: Piece) -> bool:
        if piece.origin is Origin.COMMENT:
            return True
        carriers = piece.carriers
        return not (carriers.domains.isdisjoint(self.hosts) and carriers.keys.isdisjoint(self._keys)) or any(
            map(piece.tells, self.words())
        )

    @cached_property
    def _keys(self) -> frozenset[str]:
        return frozenset(marker.key for marker in self.markers)

    def find_embeds(self, document: Document) -> Iterator[Appearance]:
        return islice(self._appearances(document), MAX_APPEARANCES)

    def _appearances(self, document: Document) -> Iterator[Appearance]:
        for piece in document.pieces:
            if piece.origin is Origin.COMMENT:
                yield from self._in_comment(document, piece)
                continue
            yield from self._marked(piece)
            if self.players:
                yield from self._played(piece)
            if not piece.carriers.domains.isdisjoint(self.hosts):
                yield from self._framed(piece)
                yield from self._alone(piece)

    def own_markup(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(marker.key for marker in self.markers))

    def words(self) -> tuple[str, ...]:
        return (*self.signs, *(player.sign for player in self.players))

    def _marked(self, piece: Piece) -> Iterator[Appearance]:
        for marker in self.markers:
            for node in piece.carriers.elements(marker.key)[:MAX_EMBEDS]:
                post_id = self._named_by(piece, marker, node)
                if post_id is not None:
                    kind = EmbedKind.IFRAME if node.tag == "iframe" else marker.kind
                    yield self.appearance(piece, node, kind, post_id, self._said_by(piece, node))
                elif key := self._short_key_in(piece, marker, node):
                    yield self._unresolved(piece, node, key)

    def _short_key_in(self, piece: Piece, marker: Marker, node: LexborNode) -> str | None:
        """The short link of a box whose anchor says what it shows; those in other attributes `_framed` finds."""
        if not self.short_urls or not (marker.links or node.tag == "a") or not _meets(marker, node):
            return None
        hrefs = [node.attributes.get("href") or ""] if node.tag == "a" else piece.links_in(node, MAX_LINKS)
        keys = (self.short_key(address_of(href)) for href in hrefs)
        return next((key for key in keys if key), None)

    def _named_by(self, piece: Piece, marker: Marker, node: LexborNode) -> str | None:
        attributes = node.attributes
        if not _meets(marker, node):
            return None
        for name in marker.attributes:
            value = attributes.get(name)
            if not value:
                continue
            found = marker.value.search(value) if marker.value is not None else None
            if (post_id := self.id_of(found.groupdict()) if found else self.parse_url(value)) is not None:
                return post_id
        if not marker.links:
            return None
        hrefs = piece.links_in(node, MAX_LINKS)
        return next((post_id for href in hrefs if (post_id := self.parse_url(href)) is not None), None)

    def _framed(self, piece: Piece) -> Iterator[Appearance]:
        for carrier in piece.carriers.frames.at(self.hosts)[:MAX_EMBEDS]:
            if (post_id := self.parse_frame(carrier)) is not None:
                said = self._said_by(piece, carrier.node) if carrier.kind is EmbedKind.BLOCKQUOTE else self.read_frame(carrier)
                yield self.appearance(piece, carrier.node, carrier.kind, post_id, said)
            elif key := self.short_key(carrier.address):
                yield self._unresolved(piece, carrier.node, key)

    def _said_by(self, piece: Piece, node: LexborNode) -> Said:
        """Nothing where boxes hold each other without end."""
        return Said() if piece.spent else self.read_box(node)

    def parse_frame(self, carrier: Carrier) -> str | None:
        """The id of the post that a frame or placeholder shows."""
        return self.parse_address(carrier.address)

    def read_frame(self, carrier: Carrier) -> Said:
        """What a frame or placeholder says of its post before it is loaded: a video's title, in its `title`."""
        return Said()

    def _played(self, piece: Piece) -> Iterator[Appearance]:
        for node, groups in played_in(piece, self.players):
            if (post_id := self.id_of(groups)) is not None:
                yield self.appearance(piece, node, EmbedKind.SCRIPT, post_id, Said())

    def _alone(self, piece: Piece) -> Iterator[Appearance]:
        seen: set[str] = set()
        for line in piece.carriers.lines.at(self.hosts):
            if line.url in seen:
                continue
            seen.add(line.url)
            post_id, key = self.parse_address(line.address), self.short_key(line.address)
            if post_id is None and key is None:
                continue
            for node, kind in nodes_of_line(piece, line):
                if post_id is not None:
                    yield self.appearance(piece, node, kind, post_id, Said())
                elif key is not None:
                    yield self._unresolved(piece, node, key)

    def _in_comment(self, document: Document, piece: Piece) -> Iterator[Appearance]:
        holder, address = piece.holder, address_in_comment(piece)
        post_id = self.parse_address(address) if address else None
        if post_id is not None and holder is not None:
            embed = self._embed(post_id, EmbedKind.OEMBED, Said(), piece.html)
            spot = document.page.spot(holder)
            yield Appearance(embed, spot, spot, Origin.COMMENT, holder)

    def _unresolved(self, piece: Piece, node: LexborNode, key: str) -> Appearance:
        """An embed by a short link: which post it is, its redirect will tell."""
        embed = Embed(self.name, None, None, EmbedKind.TEXT, 0, short_links=(key,), html=piece.markup_of(node)[:MAX_HTML])
        return Appearance(embed, piece.spot(node), piece.end(node), piece.origin_of(node), piece.holder or node)

    def appearance(self, piece: Piece, node: LexborNode, kind: EmbedKind, post_id: str, said: Said) -> Appearance:
        """A post that stands at a node of a piece."""
        embed = self._embed(post_id, kind, said, piece.markup_of(node))
        return Appearance(embed, piece.spot(node), piece.end(node), piece.origin_of(node), piece.holder or node)

    def _embed(self, post_id: str, kind: EmbedKind, said: Said, html: str) -> Embed:
        return Embed(
            platform=self.name,
            post_id=post_id,
            url=self.canonical_url(post_id),
            kind=kind,
            position=0,
            author=said.author,
            author_name=said.author_name,
            posted_at=said.posted_at or self.posted_at(post_id),
            text=said.text,
            media=said.media,
            html=html[:MAX_HTML],
        )

    def read_box(self, node: LexborNode) -> Said:
        """What the platform's embed code shows before its script has run; all its text where nothing more is known of it."""
        if node.tag in ("script", "iframe", "amp-iframe", "object", "embed"):
            return Said()
        return Said(text=text_of(node, most=MAX_LOOKED)[:MAX_TEXT] or None)

    def find_links(self, document: Document) -> Iterator[str]:
        for piece in document.pieces:
            if piece.origin not in (Origin.SCRIPT, Origin.COMMENT) and not piece.carriers.domains.isdisjoint(self.hosts):
                for address in piece.carriers.links_to(self.hosts):
                    if (post_id := self.parse_address(address)) is not None:
                        yield post_id

    def find_short_links(self, document: Document) -> tuple[str, ...]:
        if not self.short_urls:
            return ()
        found: dict[str, None] = {}
        for piece in document.pieces:
            carriers = piece.carriers
            framed = (carrier.address for carrier in carriers.frames.at(self.hosts))
            alone = (line.address for line in carriers.lines.at(self.hosts))
            for address in (*carriers.links_to(self.hosts), *framed, *alone):
                if key := self.short_key(address):
                    found[key] = None
        return tuple(found)

    def find_media(self, document: Document) -> tuple[str, ...]:
        """The pictures that the page shows or leads to; what else stands in it is no medium of its own."""
        if not self.media_forms:
            return ()
        found: dict[str, None] = {}
        for piece in document.pieces:
            carriers = piece.carriers
            for reference in (*carriers.pictures.at(self.hosts), *carriers.links.at(self.hosts)):
                if self.media_key(reference) is not None and (url := document.absolute(reference)):
                    found[url] = None
        return tuple(found)[:MAX_MEDIA]


def _meets(marker: Marker, node: LexborNode) -> bool:
    return marker.requires is None or marker.requires[1].search(node.attributes.get(marker.requires[0]) or "") is not None
