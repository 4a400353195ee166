"""What platforms have in common that run on anybody's server: only the shape of an address tells them, not the host's name."""

import re
from collections.abc import Iterator, Mapping
from typing import ClassVar

from archiver.html.addresses import address_of, domains_of, host_in
from archiver.html.deferred_markup import MarkupOrigin
from archiver.html.document import Document, Piece
from archiver.html.embed_candidates import ANYWHERE
from archiver.html.pattern import Pattern
from archiver.platforms.base import Appearance
from archiver.platforms.declared import Declared

HOST = r"(?P<host>[\w-]+(?:\.[\w-]+)+)"
"""The beginning of an address, for `urls`."""
SLASH = r"(?:\\{0,3}/|%2F)"
"""A slash in the raw text of a page, also where a script or an attribute has escaped it; for `signs`."""

# Networks that run software of their own under addresses of like shapes: `snapchat.com/p/UUID/NUMBER` (seen in pages of 2025),
# `note.com/embed/notes/…`.
_OTHERS = frozenset(
    (
        *("snapchat.com", "note.com", "instagram.com", "facebook.com", "twitter.com", "x.com", "threads.net", "threads.com"),
        *("tiktok.com", "youtube.com", "vimeo.com", "dailymotion.com", "reddit.com", "tumblr.com", "medium.com", "linkedin.com"),
        *("pinterest.com", "flickr.com", "bsky.app", "truthsocial.com", "gab.com", "vk.com", "vk.ru", "xiaohongshu.com"),
    )
)
_TOP_DOMAIN = re.compile(r"\.[^\W\d_][\w-]*$")  # an address of numbers is nobody's community


class AnyHost(Declared):
    """Ids begin with the host. Pages without a sign of it cost no more than the search for a word.

    An address in one of `urls` is an embed where a frame or a placeholder has it, and on a line by itself. One in `link_urls`
    names a post for who asks by it, and is never more than a link in a page: other people's sites have such addresses too.
    """

    hosts: ClassVar[tuple[str, ...]] = (ANYWHERE,)
    asks_any_host = True
    signs: ClassVar[tuple[tuple[str, Pattern], ...]]
    """Only where a text has one of these is it worth looking at its addresses; each with the letters that it begins with."""
    link_urls: ClassVar[tuple[Pattern, ...]] = ()

    def keywords(self) -> tuple[str, ...]:
        return (*super().keywords(), *(letters for letters, _ in self.signs))

    # --- addresses ------------------------------------------------------------------------------------------

    def parse_url(self, url: str) -> str | None:
        address = address_of(url)
        return (self.parse_address(address) or self._parse_link(address)) if address else None

    def parse_address(self, address: str) -> str | None:
        return super().parse_address(address) if _may_run_it(address) else None

    def _parse_link(self, address: str) -> str | None:
        found = next((found for shape in self.link_urls if (found := shape.match(address))), None)
        return self.id_of(found.groupdict()) if found and _may_run_it(address) else None

    def address_values(self, post_id: str) -> Mapping[str, str]:
        """Besides, `{host}`, and `{local}` for what follows it in the id."""
        host, _, local = post_id.partition("/")
        return {**super().address_values(post_id), "host": host, "local": local}

    # --- markup ---------------------------------------------------------------------------------------------

    def may_be_in(self, document: Document) -> bool:
        return any(self._may_lead_here(piece) for piece in document.pieces)

    def _may_lead_here(self, piece: Piece) -> bool:
        noted = piece.cache.get(self.name)
        if not isinstance(noted, bool):
            noted = any(sign.match(piece.html, at) for letters, sign in self.signs for at in piece.offsets(letters))
            piece.cache[self.name] = noted
        return noted

    def find_embeds(self, document: Document) -> Iterator[Appearance]:
        return super().find_embeds(document) if self.may_be_in(document) else iter(())

    def find_links(self, document: Document) -> Iterator[str]:
        if not self.may_be_in(document):
            return
        for piece in document.pieces:
            if piece.origin not in (MarkupOrigin.SCRIPT, MarkupOrigin.COMMENT):
                for address in piece.candidates.links_to(self.hosts):
                    if (post_id := self.parse_address(address) or self._parse_link(address)) is not None:
                        yield post_id

    def find_media(self, document: Document) -> tuple[str, ...]:
        return super().find_media(document) if self.may_be_in(document) else ()


def _may_run_it(address: str) -> bool:
    """Whether the host is a name with a top-level domain, and not one of another network."""
    return _TOP_DOMAIN.search(host_in(address)) is not None and _OTHERS.isdisjoint(domains_of(address))
