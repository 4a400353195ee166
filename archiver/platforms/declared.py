"""Platforms that are data (the shapes of their addresses, their markup, their endpoints), and how posts are found by it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import ClassVar
from urllib.parse import quote

from selectolax.lexbor import LexborNode

from archiver.html.addresses import address_of
from archiver.html.deferred_markup import MarkupOrigin
from archiver.html.document import Document, Piece
from archiver.html.embed_candidates import EmbedCandidate
from archiver.html.embed_forms import ScriptPlayer, address_in_comment, nodes_of_url, played_in
from archiver.html.pattern import Pattern
from archiver.html.text import text_of
from archiver.model.findings import Alias, Embed, EmbedKind, Findings, PostRef, PostState, Source, Statement
from archiver.platforms.base import Appearance, Platform, PostRequest
from archiver.platforms.replies import OEMBED_STATES, read_oembed
from archiver.urls import absolute

REDIRECTS = (301, 302, 303, 307, 308)
MAX_HTML = 20_000  # characters of markup that are kept per embed
MAX_EMBEDS = 5_000  # of one platform and form in one piece of a page; the most seen were some hundred
MAX_APPEARANCES = 10_000  # of one platform in one page, in all forms
MAX_TEXT = 4_000  # characters of a box; one with more was never closed and swallowed what follows
MAX_READ = 4 * MAX_TEXT  # with the white space between them
MAX_LINKS = 50  # of one box
MAX_MEDIA = 1_000  # addresses of one platform's pictures in one page


@dataclass(frozen=True, slots=True)
class Marker:
    """Markup that only this platform's embed code has."""

    key: str
    """A custom tag (`lite-youtube`), a class (`.imgur-embed-pub`) or a data attribute (`[data-telegram-post]`)."""
    attributes: tuple[str, ...] = ()
    """Attributes that name the post, best first: by a URL, or by what `value` matches."""
    kind: EmbedKind = EmbedKind.BLOCKQUOTE
    value: Pattern | None = None
    """Searched for in a value that is no URL; its groups make the post id, as `id_of` does it."""
    links: bool = False
    """Whether the first anchor within that leads to a post names it where the attributes do not."""
    requires: tuple[str, Pattern] | None = None
    """An attribute and what must be in it, where the key is anybody's: `data-id` on a class with "youtube" in it."""


@dataclass(frozen=True, slots=True)
class MediaForm:
    """The addresses under which a platform keeps one picture in several sizes."""

    pattern: Pattern
    """Matched against an address as `address_of` gives it."""
    key: str
    """The key of all sizes, made from the pattern's groups."""
    sizes: tuple[str, ...] = ()
    """URLs to try, the original first; empty: only the address that was found."""


@dataclass(frozen=True, slots=True)
class EmbedContent:
    """What an embed's own markup says of its post. `posted_at` is ISO 8601; `media` are absolute URLs."""

    author: str | None = None
    author_name: str | None = None
    text: str | None = None
    posted_at: str | None = None
    media: tuple[str, ...] = ()


class Declared(Platform):
    """A platform that is data: the shapes of its addresses, its markup, its endpoints.

    Override what data cannot say: `id_of` for odd ids, `posted_at` where they hold a time, `read_box` for what an embed code
    shows, `requests_about` and `read_reply` for other replies than oEmbed's.
    """

    urls: ClassVar[tuple[Pattern, ...]]
    """Shapes of a post's address, matched from the start of what `address_of` gives; their groups make the id."""
    post_id: ClassVar[str] = "{id}"
    canonical: ClassVar[str]
    """The canonical URL, `{id}` being the whole id."""
    embed: ClassVar[str | None] = None
    """The page that it makes for frames, `{id}` being the whole id; see `embed_page`."""
    short_urls: ClassVar[tuple[Pattern, ...]] = ()
    """Addresses that redirect to a post and do not name it (`vm.tiktok.com/CODE`)."""
    media_forms: ClassVar[tuple[MediaForm, ...]] = ()
    """Where it keeps pictures and videos, and in which sizes."""
    oembed: ClassVar[str | None] = None
    """The oEmbed endpoint (https://oembed.com), with `{url}` for the post's canonical URL, quoted."""
    oembed_states: ClassVar[Mapping[int, PostState]] = OEMBED_STATES
    """What an HTTP status of the oEmbed endpoint says of the post; other statuses say nothing."""
    markers: ClassVar[tuple[Marker, ...]] = ()
    """The markup of its embed codes. Frames and placeholders with one of `urls` are found without any."""
    own_keywords: ClassVar[tuple[str, ...]] = ()
    """Further keywords: words of the raw text without which a page has none of the markup that a subclass looks for."""
    players: ClassVar[tuple[ScriptPlayer, ...]] = ()
    """Calls by which a page's own script makes the platform's player."""

    # --- addresses ------------------------------------------------------------------------------------------

    def parse_url(self, url: str) -> str | None:
        address = address_of(url)
        return self.parse_address(address) if address else None

    def parse_address(self, address: str) -> str | None:
        """The post id that an address (as `address_of` gives it) names; else None."""
        for shape in self.urls:
            if (found := shape.match(address)) is not None:
                return self.id_of(found.groupdict())
        return None

    def id_of(self, groups: Mapping[str, str | None]) -> str | None:
        """The post id from the groups that matched; None where they are of no post."""
        return self.post_id.format_map(groups)

    def canonical_url(self, post_id: str) -> str:
        return self.canonical.format(id=post_id)

    def embed_page(self, post_id: str, author: str | None = None) -> str | None:
        return self.embed.format(id=post_id) if self.embed is not None else None

    def short_link(self, reference: str) -> str | None:
        address = address_of(reference if "//" in reference else f"https://{reference}")
        return self.short_key(address)

    def short_key(self, address: str) -> str | None:
        """The key of a short link, from what `address_of` gave; None for other addresses."""
        found = next((found for shape in self.short_urls if (found := shape.match(address))), None)
        return found.group() if found else None

    # --- pictures and videos --------------------------------------------------------------------------------

    def media_key(self, url: str) -> str | None:
        found = self._media_form(url)
        return found[0].key.format_map(found[1].groupdict()) if found else None

    def media_urls(self, url: str) -> tuple[str, ...]:
        found = self._media_form(url)
        return tuple(size.format_map(found[1].groupdict()) for size in found[0].sizes) if found else ()

    def _media_form(self, url: str) -> tuple[MediaForm, re.Match[str]] | None:
        address = address_of(url)
        return next(((form, found) for form in self.media_forms if (found := form.pattern.match(address))), None)

    # --- replies --------------------------------------------------------------------------------------------

    def requests_about(self, post_id: str) -> tuple[PostRequest, ...]:
        return (PostRequest(self._oembed_url(post_id), "oembed"),) if self.oembed is not None else ()

    def requests_embed_page(self, post_id: str) -> tuple[PostRequest, ...]:
        """The embed page alone, for `requests_about` of platforms that show nothing more without an account."""
        page = self.embed_page(post_id)
        return (PostRequest(page, "embed_page"),) if page is not None else ()

    def _oembed_url(self, post_id: str) -> str:
        return (self.oembed or "").format(url=quote(self.canonical_url(post_id), safe=""))

    def is_reply(self, url: str) -> bool:
        return self._is_oembed(url) or (bool(self.short_urls) and self.short_link(url) is not None)

    def _is_oembed(self, url: str) -> bool:
        return self.oembed is not None and url.startswith(self.oembed.partition("?")[0] + "?")

    def read_reply(self, url: str, status: int, location: str | None, body: bytes) -> Findings | None:
        if self._is_oembed(url):
            return read_oembed(self, url, status, body, self.oembed_states)
        if self.short_urls and (key := self.short_link(url)) is not None:
            return self._read_short_link(key, status, location)
        return None

    def author_in(self, url: str) -> str | None:
        """The handle in `host/@handle`; None for other URLs."""
        found = re.match(r"[^/?#]+/@(?P<handle>[\w.-]+)", address_of(url))
        return found["handle"] if found else None

    def _read_short_link(self, key: str, status: int, location: str | None) -> Findings:
        target = absolute(f"https://{key}", location) if status in REDIRECTS and location else None
        if target is None:
            return Findings()
        post_id = self.parse_url(target)
        if post_id is None:
            return Findings(links=(target,))
        post = PostRef(self.name, post_id)
        statement = Statement(self.name, post_id, Source.SHORT_LINK, short_links=(key,))
        return Findings(statements=(statement,), aliases=(Alias(key, post),), links=(target,))

    # --- markup ---------------------------------------------------------------------------------------------

    def may_be_in(self, document: Document) -> bool:
        return any(self._may_be_in(piece) for piece in document.pieces)

    def _may_be_in(self, piece: Piece) -> bool:
        if piece.origin is MarkupOrigin.COMMENT:
            return True
        candidates = piece.candidates
        if not candidates.domains.isdisjoint(self.hosts) or not candidates.keys.isdisjoint(self._keys):
            return True
        return any(map(piece.contains, self.keywords()))

    @cached_property
    def _keys(self) -> frozenset[str]:
        return frozenset(marker.key for marker in self.markers)

    def find_embeds(self, document: Document) -> Iterator[Appearance]:
        return islice(self._appearances(document), MAX_APPEARANCES)

    def _appearances(self, document: Document) -> Iterator[Appearance]:
        for piece in document.pieces:
            if piece.origin is MarkupOrigin.COMMENT:
                yield from self._in_comment(document, piece)
                continue
            yield from self._marked(piece)
            if self.players:
                yield from self._played(piece)
            if not piece.candidates.domains.isdisjoint(self.hosts):
                yield from self._framed(piece)
                yield from self._alone(piece)

    def own_markup(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(marker.key for marker in self.markers))

    def keywords(self) -> tuple[str, ...]:
        return (*self.own_keywords, *(player.keyword for player in self.players))

    def _marked(self, piece: Piece) -> Iterator[Appearance]:
        for marker in self.markers:
            for node in piece.candidates.elements(marker.key)[:MAX_EMBEDS]:
                post_id = self._named_by(piece, marker, node)
                if post_id is not None:
                    kind = EmbedKind.IFRAME if node.tag == "iframe" else marker.kind
                    yield self.appearance(piece, node, kind, post_id, self._content_of(piece, node))
                elif key := self._short_key_in(piece, marker, node):
                    yield self._unresolved(piece, node, key)

    def _short_key_in(self, piece: Piece, marker: Marker, node: LexborNode) -> str | None:
        """The short link of a box whose anchor names the post; `_framed` finds those in other attributes."""
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
        for candidate in piece.candidates.frames.at(self.hosts)[:MAX_EMBEDS]:
            if (post_id := self.parse_frame(candidate)) is not None:
                content = (
                    self._content_of(piece, candidate.node)
                    if candidate.kind is EmbedKind.BLOCKQUOTE
                    else self.read_frame(candidate)
                )
                yield self.appearance(piece, candidate.node, candidate.kind, post_id, content)
            elif key := self.short_key(candidate.address):
                yield self._unresolved(piece, candidate.node, key)

    def _content_of(self, piece: Piece, node: LexborNode) -> EmbedContent:
        """`read_box`; empty where boxes nest without end."""
        return EmbedContent() if piece.exhausted else self.read_box(node)

    def parse_frame(self, candidate: EmbedCandidate) -> str | None:
        """The id of the post that a frame or placeholder shows."""
        return self.parse_address(candidate.address)

    def read_frame(self, candidate: EmbedCandidate) -> EmbedContent:
        """What a frame or placeholder says of its post before it is loaded: a video's title, in its `title` attribute."""
        return EmbedContent()

    def _played(self, piece: Piece) -> Iterator[Appearance]:
        for node, groups in played_in(piece, self.players):
            if (post_id := self.id_of(groups)) is not None:
                yield self.appearance(piece, node, EmbedKind.SCRIPT, post_id, EmbedContent())

    def _alone(self, piece: Piece) -> Iterator[Appearance]:
        seen: set[str] = set()
        for standalone in piece.candidates.standalone_urls.at(self.hosts):
            if standalone.url in seen:
                continue
            seen.add(standalone.url)
            post_id, key = self.parse_address(standalone.address), self.short_key(standalone.address)
            if post_id is None and key is None:
                continue
            for node, kind in nodes_of_url(piece, standalone):
                if post_id is not None:
                    yield self.appearance(piece, node, kind, post_id, EmbedContent())
                elif key is not None:
                    yield self._unresolved(piece, node, key)

    def _in_comment(self, document: Document, piece: Piece) -> Iterator[Appearance]:
        holder, address = piece.holder, address_in_comment(piece)
        post_id = self.parse_address(address) if address else None
        if post_id is not None and holder is not None:
            embed = self._embed(post_id, EmbedKind.OEMBED, EmbedContent(), piece.html)
            start = document.page.start_of(holder)
            yield Appearance(embed, start, start, MarkupOrigin.COMMENT, holder)

    def _unresolved(self, piece: Piece, node: LexborNode, key: str) -> Appearance:
        """An embed by a short link, without an id: its redirect, once captured, names the post."""
        embed = Embed(self.name, None, None, EmbedKind.TEXT, 0, short_links=(key,), html=piece.markup_of(node)[:MAX_HTML])
        return Appearance(embed, piece.start_of(node), piece.end_of(node), piece.origin_of(node), piece.holder or node)

    def appearance(self, piece: Piece, node: LexborNode, kind: EmbedKind, post_id: str, content: EmbedContent) -> Appearance:
        """A post that stands at a node of a piece."""
        embed = self._embed(post_id, kind, content, piece.markup_of(node))
        return Appearance(embed, piece.start_of(node), piece.end_of(node), piece.origin_of(node), piece.holder or node)

    def _embed(self, post_id: str, kind: EmbedKind, content: EmbedContent, html: str) -> Embed:
        return Embed(
            platform=self.name,
            post_id=post_id,
            url=self.canonical_url(post_id),
            kind=kind,
            position=0,
            author=content.author,
            author_name=content.author_name,
            posted_at=content.posted_at or self.posted_at(post_id),
            text=content.text,
            media=content.media,
            html=html[:MAX_HTML],
        )

    def read_box(self, node: LexborNode) -> EmbedContent:
        """What the platform's embed code shows before its script has run; all its text where nothing more is known of it."""
        if node.tag in ("script", "iframe", "amp-iframe", "object", "embed"):
            return EmbedContent()
        return EmbedContent(text=text_of(node, most=MAX_READ)[:MAX_TEXT] or None)

    def find_links(self, document: Document) -> Iterator[str]:
        for piece in document.pieces:
            if piece.origin in (MarkupOrigin.SCRIPT, MarkupOrigin.COMMENT) or piece.candidates.domains.isdisjoint(self.hosts):
                continue
            for address in piece.candidates.links_to(self.hosts):
                if (post_id := self.parse_address(address)) is not None:
                    yield post_id

    def find_short_links(self, document: Document) -> tuple[str, ...]:
        if not self.short_urls:
            return ()
        found: dict[str, None] = {}
        for piece in document.pieces:
            candidates = piece.candidates
            framed = (candidate.address for candidate in candidates.frames.at(self.hosts))
            alone = (standalone.address for standalone in candidates.standalone_urls.at(self.hosts))
            for address in (*candidates.links_to(self.hosts), *framed, *alone):
                if key := self.short_key(address):
                    found[key] = None
        return tuple(found)

    def find_media(self, document: Document) -> tuple[str, ...]:
        """The pictures that the page shows or leads to; what else stands in it is no medium of its own."""
        if not self.media_forms:
            return ()
        found: dict[str, None] = {}
        for piece in document.pieces:
            candidates = piece.candidates
            for reference in (*candidates.pictures.at(self.hosts), *candidates.links.at(self.hosts)):
                if self.media_key(reference) is not None and (url := document.absolute(reference)):
                    found[url] = None
        return tuple(found)[:MAX_MEDIA]


def _meets(marker: Marker, node: LexborNode) -> bool:
    return marker.requires is None or marker.requires[1].search(node.attributes.get(marker.requires[0]) or "") is not None
