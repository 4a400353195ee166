"""Framed things that are worth their render: maps, charts, documents, slides, and players without a file of their own."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import ClassVar
from urllib.parse import quote, unquote

from selectolax.lexbor import LexborNode

from archiver.html.addresses import address_of, domains_of
from archiver.html.deferred_markup import MarkupOrigin
from archiver.html.document import Document, Piece
from archiver.html.embed_candidates import EmbedCandidate
from archiver.html.pattern import Pattern
from archiver.model.findings import EmbedKind, Findings
from archiver.platforms.base import Appearance, Door, Example, PostRequest
from archiver.platforms.declared import MAX_EMBEDS, MAX_TEXT, Declared, EmbedContent, Marker
from archiver.platforms.framed_forms import FORMS, Form
from archiver.platforms.public_pages import page_door, page_request, read_public_page
from archiver.platforms.replies import read_oembed_of
from archiver.urls import query_value

MAX_ID = 1_500  # characters; a Google map with many stops on its way has some hundred
MAX_SCRIPT = 20_000  # characters of a script that are searched for what it loads

_FORMS = {form.kind: form for form in FORMS}
_BY_DOMAIN: dict[str, tuple[Form, ...]] = {}
for _form in FORMS:
    for _domain in _form.domains:
        _BY_DOMAIN[_domain] = (*_BY_DOMAIN.get(_domain, ()), _form)
_ENDPOINTS = tuple(form.oembed.partition("?")[0] + "?" for form in FORMS if form.oembed)


@dataclass(frozen=True, slots=True)
class _Loader:
    """A script that puts a frame where it stands."""

    keyword: str
    """Stands in the raw text of every page that has one."""
    selector: str
    attribute: str
    """Which holds the address or id; "" for the script's own text."""
    value: Pattern
    """Its one group is called after the kind."""


_LOADERS = (
    # Infogram until 2018, and DocumentCloud, Storify and Tableau (which still does) put a script where others put a frame.
    _Loader("infogram_", 'script[id^="infogram_"]', "id", Pattern(r"^infogram_\d+_(?P<infogram>[\w-]+)$")),
    _Loader("tableauViz", 'object.tableauViz param[name="name"]', "value", Pattern(r"(?P<tableau>[\w.-]+(?:/|&#47;)[\w.-]+)")),
    _Loader(
        "dwcdn.net/",
        'script[src*="dwcdn.net/"]',
        "src",
        Pattern(r"//datawrapper\.dwcdn\.net/(?P<datawrapper>\w{5})/embed\.js"),
    ),
    _Loader(
        "storify.com/",
        'script[src*="storify.com/"]',
        "src",
        Pattern(r"//(?:www\.)?storify\.com/(?P<storify>[\w-]+/[\w-]+)\.js"),
    ),
    _Loader(
        "documentcloud.org/documents/",
        "script:not([src])",
        "",
        Pattern(r"(?:DV|dc\.embed)\.load\(\s*['\"][^'\"]*documentcloud\.org/documents/(?P<documentcloud>\d+)"),
    ),
    _Loader(
        "dc.embed.loadNote",
        "script:not([src])",
        "",
        Pattern(r"loadNote\(\s*['\"][^'\"]*/documents/(?P<documentcloudnote>\d+[^/'\"]*/annotations/\d+)"),
    ),
)


class Framed(Declared):
    """Ids are `kind/id`: `datawrapper/aBc12`, `scribd/123456`. Canonical is the address that shows nothing else."""

    name = "framed"
    title = "Maps, charts, documents"
    doors = (
        Door("oembed", "2026", "https://oembed.com/providers.json; Apple Podcasts: public programs since 2026-03"),
        page_door("2025", "of an episode of Apple Podcasts alone; public programs: JSON-LD of a PodcastEpisode"),
        Door("embed_page", "2026", "the services' own embed codes in saved pages; no report that one changed until 2026-09"),
    )
    shows_words = False
    own_keywords = tuple(loader.keyword for loader in _LOADERS)
    hosts = tuple(_BY_DOMAIN)
    whole_hosts = False  # an article at archive.org or a page of Bandcamp is somebody's post as well
    urls = ()  # `parse_address` looks into the forms
    markers = (
        Marker(".infogram-embed", ("data-id",), EmbedKind.PLACEHOLDER, Pattern(r"^\s*(?P<infogram>(?:_/)?[\w-]{5,})\s*$")),
        Marker(
            ".flourish-embed", ("data-src",), EmbedKind.PLACEHOLDER, Pattern(r"^\s*(?P<flourish>(?:visualisation|story)/\d+)")
        ),
        Marker(".issuuembed", ("data-configid",), EmbedKind.PLACEHOLDER, Pattern(r"^\s*(?P<issuu2013>\d+/\d+)\s*$")),
        Marker(".speakerdeck-embed", ("data-id",), EmbedKind.SCRIPT, Pattern(r"^\s*(?P<speakerdeck>[0-9a-f]{24,32})\s*$")),
    )
    paces: ClassVar[dict[str, float]] = {}
    examples = (
        Example('<iframe src="https://datawrapper.dwcdn.net/aBc12/3/" height="400"></iframe>', ("datawrapper/aBc12",)),
        Example(
            '<iframe src="https://embed.podcasts.apple.com/us/podcast/rye/id123456789?i=1000123456789&amp;itscg=30200"></iframe>',
            ("applepodcast/id123456789?i=1000123456789",),
        ),
        Example(
            '<div id="datawrapper-vis-aBc12"><script src="https://datawrapper.dwcdn.net/aBc12/embed.js"></script>'
            '<noscript><img src="https://datawrapper.dwcdn.net/aBc12/full.png" alt=""></noscript></div>',
            ("datawrapper/aBc12",),
        ),
        Example(
            '<iframe src="https://e.infogram.com/12345678-abcd-4bcd-8bcd-1234567890ab?src=embed"></iframe>',
            ("infogram/12345678-abcd-4bcd-8bcd-1234567890ab",),
        ),
        Example(
            '<div class="infogram-embed" data-id="_/aB3dE6gH9jK2mN5pQ8rS" data-type="interactive"></div>',
            ("infogram/_/aB3dE6gH9jK2mN5pQ8rS",),
        ),
        Example(
            '<script id="infogram_0_boats-by-year" src="//e.infogr.am/js/embed.js" type="text/javascript"></script>',
            ("infogram/boats-by-year",),
        ),
        Example('<div class="flourish-embed" data-src="visualisation/1234567"></div>', ("flourish/visualisation/1234567",)),
        Example('<iframe src="https://flo.uri.sh/story/654321/embed"></iframe>', ("flourish/story/654321",)),
        Example(
            "<div class='tableauPlaceholder'><object class='tableauViz' style='display:none;'><param name='host_url'"
            " value='https%3A%2F%2Fpublic.tableau.com%2F' /><param name='name' value='HarbourBoats/Boats' /></object></div>"
            "<script src='https://public.tableau.com/javascripts/api/viz_v1.js'></script>",
            ("tableau/HarbourBoats/Boats",),
        ),
        Example('<iframe src="https://liveuamap.com/frame?lang=en"></iframe>', ("liveuamap/liveuamap.com/frame",)),
        Example('<iframe data-src="https://syria.liveuamap.com/"></iframe>', ("liveuamap/syria.liveuamap.com",)),
        Example(
            '<iframe src="https://www.google.com/maps/embed?pb=!1m18!2d30.5!3d50.4!2sThe%20Harbour!4v1408036268071"></iframe>',
            ("googlemaps/!1m18!2d30.5!3d50.4!2sThe%20Harbour!4v1408036268071",),
        ),
        Example(
            '<iframe src="https://www.google.com/maps/embed/v1/place?q=Old%20Harbour,%20Kyiv&amp;key=none"></iframe>',
            ("googleplace/Old%20Harbour,%20Kyiv",),
        ),
        Example(
            '<iframe src="http://maps.google.de/maps?f=q&amp;hl=de&amp;q=Old+Harbour,+Kyiv&amp;z=14&amp;output=embed"></iframe>',
            ("googleplace/Old%20Harbour,%20Kyiv",),
        ),
        Example('<iframe src="https://www.google.com/maps/d/u/0/embed?mid=1aB_cD3"></iframe>', ("mymaps/1aB_cD3",)),
        Example(
            '<iframe src="https://www.documentcloud.org/documents/1234567-The-harbour-report.html?sidebar=false"></iframe>',
            ("documentcloud/1234567",),
        ),
        Example(
            '<iframe src="https://embed.documentcloud.org/documents/1234567-report/annotations/99/?embed=1"></iframe>',
            ("documentcloudnote/1234567/annotations/99",),
        ),
        Example(
            '<div id="DV-viewer-1234567-report" class="DV-container"></div><script>DV.load("//www.documentcloud.org/documents/'
            '1234567-report.js", {width: 600, container: "#DV-viewer-1234567-report"});</script>',
            ("documentcloud/1234567",),
        ),
        Example('<iframe src="https://www.scribd.com/embeds/12345678/content?start_page=1"></iframe>', ("scribd/12345678",)),
        Example('<iframe src="https://storify.com/mira/the-harbour/embed?header=false"></iframe>', ("storify/mira/the-harbour",)),
        Example(
            '<script src="//storify.com/mira/the-harbour.js?border=false"></script>'
            '<noscript>[<a href="//storify.com/mira/the-harbour" target="_blank">View the story</a>]</noscript>',
            ("storify/mira/the-harbour",),
        ),
        Example('<p><a href="https://www.scribd.com/doc/12345678/A-report">The report</a></p>', links=("scribd/12345678",)),
        Example('<p>Its <a href="https://datawrapper.dwcdn.net/aBc12/">chart</a></p>', links=("datawrapper/aBc12",)),
        Example('<p>We work with <a href="https://www.datawrapper.de/blog/">Datawrapper</a>, <a href="https://infogram.com/pricing">'
                'Infogram</a>, <a href="https://www.google.com/maps/place/Kyiv/">maps</a></p>'),
        Example('<script src="https://e.infogram.com/js/dist/embed-loader-min.js"></script>'),
        Example('<iframe src="https://www.google.com/recaptcha/api2/aframe"></iframe><div id="maps.google.com"></div>'),
        Example('<p><a href="https://storify.com/mira">My stories</a></p>'),
    )  # fmt: skip

    def parse_address(self, address: str) -> str | None:
        for domain in domains_of(address):
            for form in _BY_DOMAIN.get(domain, ()):
                for shape in _shapes_of(form.kind):
                    if (found := shape.match(address)) is not None:
                        return _named(form, found.groupdict())
        return None

    def id_of(self, groups: Mapping[str, str | None]) -> str | None:
        """The id in a marker's value; the pattern's group has the name of the kind."""
        kind, value = next(((kind, value) for kind, value in groups.items() if value), ("", ""))
        return f"{kind}/{value}" if kind and value.isascii() else None

    def canonical_url(self, post_id: str) -> str:
        kind, _, within = post_id.partition("/")
        return _FORMS[kind].canonical.format(id=within)

    def embed_page(self, post_id: str, author: str | None = None) -> str | None:
        return self.canonical_url(post_id)

    def find_embeds(self, document: Document) -> Iterator[Appearance]:
        yield from super().find_embeds(document)
        for piece in document.pieces:
            if piece.origin is not MarkupOrigin.COMMENT:
                yield from self._loaded(piece)

    def _loaded(self, piece: Piece) -> Iterator[Appearance]:
        for loader in _LOADERS:
            if not piece.contains(loader.keyword):
                continue
            for node in piece.tree.css(loader.selector)[:MAX_EMBEDS]:
                found = loader.value.search(_loader_text(node, loader.attribute))
                address = self.canonical_url(post_id) if found and (post_id := self.id_of(found.groupdict())) else ""
                if post_id := self.parse_url(address):
                    yield self.appearance(piece, node, EmbedKind.SCRIPT, post_id, EmbedContent())

    def own_markup(self) -> tuple[str, ...]:
        return (*super().own_markup(), *(loader.selector for loader in _LOADERS if "not(" not in loader.selector))

    def read_frame(self, candidate: EmbedCandidate) -> EmbedContent:
        return EmbedContent(text=(candidate.node.attributes.get("title") or "").strip()[:MAX_TEXT] or None)

    def requests_about(self, post_id: str) -> tuple[PostRequest, ...]:
        kind, _, within = post_id.partition("/")
        endpoint, page = _FORMS[kind].oembed, _FORMS[kind].page
        asked = (PostRequest(endpoint.format(id=quote(within, safe="")), "oembed"),) if endpoint else ()
        return (*asked, page_request(page.format(id=within))) if page else asked

    def is_reply(self, url: str) -> bool:
        return url.startswith(_ENDPOINTS)

    def read_step(self, post_id: str, url: str, status: int, body: bytes) -> Findings | None:
        """The page of what has one. Its picture is the show's, which the oEmbed reply has as well."""
        if self.is_reply(url) or self.parse_url(url) != post_id or not _FORMS[post_id.partition("/")[0]].page:
            return None
        return read_public_page(self, post_id, url, status, body, picture=None)

    def read_reply(self, url: str, status: int, location: str | None, body: bytes) -> Findings | None:
        if not self.is_reply(url):
            return None
        asked = query_value(url, "url") or ""
        # The endpoint of Apple's podcasts takes the address of the page alone, which is no embed where it is of a whole show.
        post_id = self.parse_url(asked) or self.parse_url(asked.replace("//podcasts.apple.", "//embed.podcasts.apple.", 1))
        return read_oembed_of(self, post_id, url, status, body) if post_id is not None else Findings()


@cache
def _shapes_of(kind: str) -> tuple[Pattern, ...]:
    """The shapes of one kind, made once."""
    return tuple(map(Pattern, _FORMS[kind].shapes))


def _named(form: Form, groups: Mapping[str, str]) -> str | None:
    """The id, in one spelling of what may be percent-encoded."""
    plain = {name: quote(unquote(value.replace("+", " ")), safe="/?=&!$,;:@~*'()") for name, value in groups.items()}
    name = f"{form.kind}/{form.made_of.format_map(plain)}"
    return name if len(name) <= MAX_ID and ("%" not in name or _leads_back(form, name)) else None


def _leads_back(form: Form, name: str) -> bool:
    """Whether an id's address is read as one: where only letters may stand, those of other scripts become percent signs."""
    address = address_of(form.canonical.format(id=name.partition("/")[2]))
    return any(shape.match(address) is not None for shape in _shapes_of(form.kind))


def _loader_text(node: LexborNode, attribute: str) -> str:
    text = node.attributes.get(attribute) if attribute else node.text(deep=True)
    return (text or "")[:MAX_SCRIPT]
