"""Pinterest: pins. Boards and profiles have embed codes too; these show what is on them today, and are no posts."""

import re
from typing import ClassVar

from selectolax.lexbor import LexborNode

from archiver.html.addresses import address_of, host_in
from archiver.html.embed_candidates import EmbedCandidate
from archiver.html.pattern import Pattern
from archiver.html.text import text_of
from archiver.model.findings import EmbedKind
from archiver.platforms.base import Door, Example
from archiver.platforms.declared import Declared, EmbedContent, Marker, MediaForm

# Domains of single countries; the same pin is under all of them. As gallery-dl and the company's own language list have them.
_ENDINGS = (
    *(
        "com",
        "ca",
        "co.uk",
        "de",
        "fr",
        "es",
        "it",
        "at",
        "co.at",
        "ch",
        "pt",
        "se",
        "dk",
        "nz",
        "co.nz",
        "ie",
        "jp",
        "co.kr",
        "kr",
    ),
    *(
        "com.au",
        "com.mx",
        "cl",
        "nl",
        "ru",
        "ph",
        "hu",
        "be",
        "no",
        "fi",
        "in",
        "co.in",
        "id",
        "th",
        "tw",
        "vn",
        "info",
        "com.pe",
    ),
    *("com.ec", "com.bo", "com.uy", "com.py", "com.vn", "engineering"),
)
_SITES = tuple(f"pinterest.{ending}" for ending in _ENDINGS)
_SITE = rf"(?:[\w-]+\.)?pinterest\.(?:{'|'.join(map(re.escape, sorted(_ENDINGS, key=len, reverse=True)))})"
# Numbers; since 2020 visitors without an account also get a long coded form, whose number only Pinterest knows.
_ID = r"(?P<id>\d{3,25}|A[\w-]{20,120}={0,2})(?![\w-])"
_NAME = r"(?P<name>[\w-]{3,40})"
_SHOWS_A_PIN = Pattern(r"^\s*embedPin\s*$", re.I)
_NOT_PEOPLE = frozenset(
    ("pin", "search", "ideas", "explore", "categories", "business", "today", "about", "login", "oembed", "source")
)


class Pinterest(Declared):
    """Ids are the numbers behind `/pin/`."""

    name = "pinterest"
    title = "Pinterest"
    doors = (
        Door("oembed", "2026", "iamcal/oembed; no change in public reports until 2026-09"),
        Door("embed_page", "2025", "embed codes in use; no change in public reports until 2026-09"),
    )
    hosts = (*_SITES, "pin.it", "pinimg.com")
    urls = (
        Pattern(rf"{_SITE}/(?:amp/)?pin/(?:[^/?#]*--)?{_ID}", re.I),
        Pattern(rf"{_SITE}/ext/embed\.html\?(?:[^#]*&)?id={_ID}", re.I),
    )
    canonical = "https://www.pinterest.com/pin/{id}/"
    embed = "https://assets.pinterest.com/ext/embed.html?id={id}"
    # The attribute says what to make of the link: an embed, or a button that saves something.
    markers = (Marker("[data-pin-do]", ("href",), requires=("data-pin-do", _SHOWS_A_PIN)),)
    short_urls = (Pattern(r"pin\.it/\w{5,20}"), Pattern(r"api\.pinterest\.com/url_shortener/\w{5,20}"))
    media_forms = (
        MediaForm(
            Pattern(
                r"(?P<at>[\w-]+\.pinimg\.com/(?:originals|\d+x\d*(?:_RS)?)/(?P<key>(?:[0-9a-f]{2}/){3}[0-9a-f]{32})\.(?P<type>jpe?g|png|gif|webp))"
            ),
            "i.pinimg.com/{key}",
            ("https://i.pinimg.com/originals/{key}.{type}", "https://i.pinimg.com/736x/{key}.{type}", "https://{at}"),
        ),
    )
    oembed = "https://www.pinterest.com/oembed.json?url={url}"
    paces: ClassVar[dict[str, float]] = {"www.pinterest.com": 1.0, "i.pinimg.com": 0.2}
    examples = (
        Example(
            '<a data-pin-do="embedPin" data-pin-width="medium" href="https://www.pinterest.com/pin/98765432101234567/"></a>',
            ("98765432101234567",),
        ),
        Example('<a href="//de.pinterest.com/pin/98765432101234567/" data-pin-do="embedPin">Rye</a>', ("98765432101234567",)),
        Example('<a data-pin-do="embedPin" href="https://pin.it/4AbCdEf"></a>', (None,), short_links=("pin.it/4AbCdEf",)),
        Example(
            '<iframe src="https://assets.pinterest.com/ext/embed.html?id=98765432101234567&src=oembed"></iframe>',
            ("98765432101234567",),
        ),
        Example(
            '<amp-pinterest data-do="embedPin" data-url="https://www.pinterest.co.uk/pin/987654321/"></amp-pinterest>',
            ("987654321",),
        ),
        Example(
            "<figure class='wp-block-embed'><div>\nhttps://www.pinterest.ca/pin/rye-bread--987654321/\n</div></figure>",
            ("987654321",),
        ),
        Example(
            '<p>See <a href="https://www.pinterest.com.au/pin/987654321/?nic_v3=1">this</a>, <a href="https://pin.it/4AbCdEf">that</a></p>',
            short_links=("pin.it/4AbCdEf",),
            links=("987654321",),
        ),
        Example('<a data-pin-do="embedUser" href="https://www.pinterest.com/mira_bakes"></a>'),
        Example('<a data-pin-do="embedBoard" href="https://www.pinterest.com/mira_bakes/rye-bread/"></a>'),
        Example(
            '<a data-pin-do="buttonPin" href="https://www.pinterest.com/pin/create/button/?url=https://blog.example/a"></a>'
            '<a data-pin-do="buttonBookmark" href="//www.pinterest.com/pin/create/button/"></a>'
        ),
        Example(
            '<amp-pinterest data-do="buttonPin" data-url="https://blog.example/a" data-media="https://blog.example/a.jpg"></amp-pinterest>'
        ),
        Example(
            '<a data-pin-do="buttonPin" href="https://www.pinterest.com/pin/987654321/repin/x/">Save</a>', links=("987654321",)
        ),
        Example('<script async src="//assets.pinterest.com/js/pinit.js"></script>'),
    )

    def parse_frame(self, candidate: EmbedCandidate) -> str | None:
        if (
            candidate.kind is EmbedKind.AMP
            and candidate.node.tag == "amp-pinterest"
            and not _SHOWS_A_PIN.search(candidate.node.attributes.get("data-do") or "")
        ):
            return None
        return super().parse_frame(candidate)

    def read_box(self, node: LexborNode) -> EmbedContent:
        words = text_of(node)[:4_000]
        return EmbedContent(text=words if words and "://" not in words else None)

    def author_in(self, url: str) -> str | None:
        address = address_of(url)
        found = re.fullmatch(rf"{_NAME}/?(?:[?#].*)?", address[len(host_in(address)) + 1 :])
        return found["name"] if found and found["name"] not in _NOT_PEOPLE else None
