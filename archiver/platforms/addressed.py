"""A platform whose addresses are told in data: those of its posts, short links and pictures, and what is asked at them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import quote

from archiver.html.addresses import address_of
from archiver.html.pattern import Pattern
from archiver.model.findings import Alias, Findings, PostRef, PostState, Source, Statement
from archiver.platforms import oembed_replies
from archiver.platforms.base import Ask, Platform
from archiver.urls import absolute

REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True)
class MediaForm:
    """The addresses under which a platform keeps one picture in several sizes."""

    pattern: Pattern
    """Matched against an address as `address_of` gives it."""
    key: str
    """One for all sizes, from the pattern's groups."""
    sizes: tuple[str, ...] = ()
    """URLs to try, the original first; empty: only the address that was found."""


class Addressed(Platform):
    """Override what data cannot say: `id_of` for odd ids, `posted_at` where they hold a time, `asks` for other replies."""

    urls: ClassVar[tuple[Pattern, ...]]
    """Shapes of a post's address, matched from the start of what `address_of` gives; their groups make the id."""
    post_id: ClassVar[str] = "{id}"
    canonical: ClassVar[str]
    """The canonical URL, `{id}` being the whole id."""
    embed: ClassVar[str | None] = None
    """The page that it makes for frames, `{id}` being the whole id; see `embed_page`."""
    short_urls: ClassVar[tuple[Pattern, ...]] = ()
    """Addresses that lead to a post and do not tell which one (`vm.tiktok.com/CODE`)."""
    media_forms: ClassVar[tuple[MediaForm, ...]] = ()
    oembed: ClassVar[str | None] = None
    """The oEmbed endpoint (https://oembed.com), with `{url}` for the post's canonical URL, quoted."""
    oembed_states: ClassVar[Mapping[int, PostState]] = oembed_replies.STATES

    # --- addresses ------------------------------------------------------------------------------------------

    def parse_url(self, url: str) -> str | None:
        address = address_of(url)
        return self.parse_address(address) if address else None

    def parse_address(self, address: str) -> str | None:
        """The post id that an address names."""
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
        """`short_link` of what `address_of` gave."""
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

    def asks(self, post_id: str) -> tuple[Ask, ...]:
        return (Ask(self._oembed_url(post_id)),) if self.oembed is not None else ()

    def asks_frame(self, post_id: str) -> tuple[Ask, ...]:
        """For `asks` of platforms whose page for frames is all that they tell without an account."""
        page = self.embed_page(post_id)
        return (Ask(page),) if page is not None else ()

    def _oembed_url(self, post_id: str) -> str:
        return (self.oembed or "").format(url=quote(self.canonical_url(post_id), safe=""))

    def is_reply(self, url: str) -> bool:
        return self._is_oembed(url) or (bool(self.short_urls) and self.short_link(url) is not None)

    def _is_oembed(self, url: str) -> bool:
        return self.oembed is not None and url.startswith(self.oembed.partition("?")[0] + "?")

    def read_reply(self, url: str, status: int, location: str | None, body: bytes) -> Findings | None:
        if self._is_oembed(url):
            return oembed_replies.read(self, url, status, body, self.oembed_states)
        if self.short_urls and (key := self.short_link(url)) is not None:
            return self._read_short_link(key, status, location)
        return None

    def author_in(self, url: str) -> str | None:
        """The handle in the URL of an author's page; None where it has none."""
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
        said = Statement(self.name, post_id, Source.SHORT_LINK, short_links=(key,))
        return Findings(statements=(said,), aliases=(Alias(key, post),), links=(target,))
