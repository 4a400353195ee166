"""Giphy: animations, with or without sound."""

import re
from collections.abc import Iterator
from typing import ClassVar

from archiver.html.addresses import address_of
from archiver.html.deferred_markup import MarkupOrigin
from archiver.html.document import Document
from archiver.html.embed_candidates import EmbedCandidate
from archiver.html.embed_forms import linked_pictures
from archiver.html.pattern import Pattern
from archiver.model.findings import EmbedKind
from archiver.platforms.base import Appearance, Door, Example
from archiver.platforms.declared import Declared, EmbedContent, MediaForm

# Ids are made of all letters and digits; what has neither capital nor digit is a word of a title.
_ID = r"(?P<id>(?=[a-z]*[A-Z0-9])[A-Za-z0-9]{8,40})(?![\w-])"
# Before the id there may be a code that says who shows it (`v1.Y2lk…`, since 2023).
_FILE = rf"(?:media\d*|i|thumbs)\.giphy\.com/(?:media/)?(?:v1\.[\w=-]+/)?{_ID}"
_FILES = Pattern(_FILE)


class Giphy(Declared):
    """Ids have some 9 to 20 characters; case counts."""

    name = "giphy"
    title = "Giphy"
    doors = (
        Door("oembed", "2026", "Giphy's documentation; no report that it changed until 2026-09"),
        Door("embed_page", "2026", "Giphy's documentation; no report that it changed until 2026-09"),
    )
    hosts = ("giphy.com", "gph.is")
    urls = (
        Pattern(rf"giphy\.com/(?:embed|gifs|stickers|clips|videos)/(?:[\w%.-]*-)?{_ID}"),
        Pattern(rf"giphy\.com/media/{_ID}"),
        Pattern(_FILE),
    )
    canonical = "https://giphy.com/gifs/{id}"
    embed = "https://giphy.com/embed/{id}"
    short_urls = (Pattern(r"gph\.is/(?:[gstv]/|st/|1)?[A-Za-z0-9]{5,12}"),)
    media_forms = (
        MediaForm(
            Pattern(rf"(?P<at>{_FILE}(?:/[\w.-]+)?\.?(?:gif|webp|mp4|jpe?g|png)?)"),
            "media.giphy.com/{id}",
            ("https://media.giphy.com/media/{id}/giphy.gif", "https://i.giphy.com/{id}.gif", "https://{at}"),
        ),
    )
    oembed = "https://giphy.com/services/oembed?url={url}"
    paces: ClassVar[dict[str, float]] = {"giphy.com": 1.0, "media.giphy.com": 0.2, "i.giphy.com": 0.2}
    examples = (
        Example(
            '<iframe src="https://giphy.com/embed/l0aBcDeFgHiJkLmNo" class="giphy-embed" allowfullscreen></iframe>',
            ("l0aBcDeFgHiJkLmNo",),
        ),
        Example(
            '<iframe src="//giphy.com/embed/l0aBcDeFgHiJkLmNo/video" width="480"></iframe><p><a href="https://giphy.com/gifs/'
            'bread-rye-l0aBcDeFgHiJkLmNo">via GIPHY</a></p>',
            ("l0aBcDeFgHiJkLmNo",),
        ),
        Example('<iframe src="https://media.giphy.com/media/l0aBcDeFgHiJkLmNo/giphy.mp4"></iframe>', ("l0aBcDeFgHiJkLmNo",)),
        Example(
            '<a href="https://giphy.com/gifs/bread-l0aBcDeFgHiJkLmNo"><img src="https://media2.giphy.com/media/v1.Y2lkPTc5/l0aBcDeFgHiJkLmNo/'
            '200.gif"></a>',
            ("l0aBcDeFgHiJkLmNo",),
        ),
        Example(
            "<figure class='wp-block-embed'><div>\nhttps://giphy.com/gifs/l0aBcDeFgHiJkLmNo\n</div></figure>",
            ("l0aBcDeFgHiJkLmNo",),
        ),
        Example(
            '<p><a href="https://giphy.com/stickers/bread-Zy9xWvUtSrQpO">One</a>, '
            '<a href="https://i.giphy.com/Ab3dEfGh1JkLm.gif">two</a>, '
            '<a href="http://gph.is/2aBcDeF">three</a></p>',
            short_links=("gph.is/2aBcDeF",),
            links=("Zy9xWvUtSrQpO", "Ab3dEfGh1JkLm"),
        ),
        Example('<p><a href="https://giphy.com/channel/mira">Mira</a> <a href="https://giphy.com/search/rye-bread">rye</a></p>'),
        Example('<p><a href="https://giphy.com/mira_bakes">Mira</a> <a href="https://giphy.com/explore/bread">bread</a></p>'),
        Example('<img src="https://media.giphy.com/media/l0aBcDeFgHiJkLmNo/giphy.gif">'),
        Example('<figure data-bg="https://media.giphy.com/media/l0aBcDeFgHiJkLmNo/giphy.gif"></figure>'),
    )

    def find_embeds(self, document: Document) -> Iterator[Appearance]:
        yield from super().find_embeds(document)
        for piece in document.pieces:
            if piece.origin is not MarkupOrigin.COMMENT:
                for node, post_id in linked_pictures(piece, self.hosts, _FILES, self.parse_address):
                    yield self.appearance(piece, node, EmbedKind.STATIC, post_id, EmbedContent())

    def parse_frame(self, candidate: EmbedCandidate) -> str | None:
        # A file in an attribute is a picture that some script shows, not a post.
        return (
            None
            if candidate.kind is EmbedKind.PLACEHOLDER and _FILES.match(candidate.address)
            else super().parse_frame(candidate)
        )

    def author_in(self, url: str) -> str | None:
        found = re.fullmatch(r"giphy\.com/(?:channel/)?(?P<name>[\w-]+)/?", address_of(url))
        return found["name"] if found else None
