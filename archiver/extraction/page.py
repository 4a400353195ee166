"""A page: what it says of itself, read in one walk over its tree. Pure, and quick enough for the crawl's own loop."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import urlsplit

from selectolax.lexbor import LexborNode

from archiver.extraction.comments import COMMENT_TAGS, find_comments
from archiver.extraction.dates import date_in_url, read_date
from archiver.extraction.layout import is_listing
from archiver.extraction.metadata import JsonLd, MetaTags, PageMetadata, distinct
from archiver.extraction.page_pictures import find_pictures, shown_addresses
from archiver.extraction.references import ReferenceResolver
from archiver.extraction.visible import (
    author_in_header,
    author_name,
    byline,
    headline,
    is_site,
    stated_times,
    visible_date,
    without_site,
)
from archiver.html.document import Document
from archiver.model.findings import Comment, Page
from archiver.text import one_line

MAX_TAGS = 100  # of one page
MAX_LINKS = 10_000  # of one page

_TAGS_OF_PARTS = frozenset(("title", "h1", "time", "script", "article"))
_COMMENT_TYPES = ("/Comment", "/UserComments")
_FEED_TYPES = frozenset(
    ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml", "text/xml")
)
_DATE_AT_END = re.compile(r"[|–—-]\s*(\d{1,2}[./]\d{1,2}[./]\d{4})\s*$")
_SLUG = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)+")  # `chuck-ross` where another source has the name
_NO_TAG = re.compile(r"[0-9a-f-]{32,36}|[\w ]+:\s.*", re.I)  # identifiers and `Page Type: Article` of analytics
_DAY_FIRST_DOMAINS = frozenset(
    ["uk", "au", "nz", "ie", "in", "za", "sg", "my", "ng", "ke", "pk", "eu", "de", "fr", "es", "it", "ua"]
)


@dataclass(slots=True)
class _Parts:
    """The elements that the walk has met, sorted by what they are for."""

    metas: MetaTags = field(default_factory=MetaTags)
    titles: list[LexborNode] = field(default_factory=list)
    headings: list[LexborNode] = field(default_factory=list)
    headlines: list[LexborNode] = field(default_factory=list)
    links: list[dict[str, str | None]] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)
    times: list[LexborNode] = field(default_factory=list)
    images: list[LexborNode] = field(default_factory=list)
    anchors: list[LexborNode] = field(default_factory=list)
    hrefs: list[str] = field(default_factory=list)
    tag_words: list[str] = field(default_factory=list)
    bylines: list[LexborNode] = field(default_factory=list)
    articles: list[LexborNode] = field(default_factory=list)
    comments: list[LexborNode] = field(default_factory=list)
    order: dict[int, int] = field(default_factory=dict)
    """Where headings and times stand among all elements met, by memory id."""


def read_page(document: Document, captured_at: datetime) -> Page:
    """What the page says of itself; fields it is silent on are None or empty. Never raises for odd markup.

    `captured_at` bounds the dates. Titles and names are on one line; dates are ISO 8601 in UTC, or a day where the page says no
    more; where sources disagree, JSON-LD goes before meta tags, these before microdata and visible words; the visible headline
    goes before both where it agrees with either.
    """
    parts = _walk(document)
    references = ReferenceResolver(document)
    json_ld = JsonLd(parts.scripts, document.url)
    stated, meta = json_ld.metadata(), parts.metas.metadata()
    site_name = meta.site_name or stated.site_name
    window = one_line(parts.titles[0].text()) if parts.titles else None
    language = _language(document, stated, meta)
    title, heading = _title(document, parts, stated, window, site_name)
    dates = _Dates(document, parts, captured_at, _month_first(language, document.url), heading)
    canonical = references.absolute(next((link.get("href") for link in parts.links if _has(link, "rel", "canonical")), None))
    canonical = canonical or references.absolute(meta.canonical)
    pictures = find_pictures(parts.images, references)
    return Page(
        url=document.url,
        canonical_url=canonical,
        title=title,
        author=_author(stated, meta, parts, site_name, heading),
        published_at=dates.published(stated, meta, canonical, window),
        modified_at=dates.modified(stated, meta),
        language=language,
        site_name=site_name,
        description=meta.description or stated.description,
        tags=_tags(stated, meta, parts),
        pictures=pictures,
        shown=shown_addresses(parts.images, references, pictures),
        comments=_comments(document, json_ld, parts, captured_at),
        links=_links(parts, references),
        feeds=_feeds(parts, references),
        is_listing=is_listing(document, stated, meta, parts.articles, parts.links),
    )


def _walk(document: Document) -> _Parts:
    parts = _Parts()
    for place, (node, tag, attributes) in enumerate(document.page.elements):
        if tag == "a":
            if href := attributes.get("href"):
                parts.hrefs.append(href)
            if len(attributes) > 1:
                _take_anchor(node, attributes, parts)
        elif tag == "img":
            parts.images.append(node)
        elif tag == "meta":
            parts.metas.add(attributes)
        elif tag == "link":
            parts.links.append(attributes)
        elif (
            tag in _TAGS_OF_PARTS
            or "itemprop" in attributes
            or "itemtype" in attributes
            or (
                (names := attributes.get("class"))
                and ("yline" in names or "uthor" in names or "fn" in names or "hentry" in names or "omment" in names)
            )
        ):
            _take_other(node, tag, attributes, place, parts)
    return parts


def _take_anchor(node: LexborNode, attributes: dict[str, str | None], parts: _Parts) -> None:
    """What a link says beside its address."""
    relation, names = attributes.get("rel") or "", attributes.get("class") or ""
    if "tag" in relation.split():
        parts.tag_words.append(node.text())
    if (
        "author" in relation
        or "yline" in names
        or "uthor" in names
        or "author" in (attributes.get("itemprop") or "")
        or "fn" in names.split()
    ):
        parts.bylines.append(node)


def _take_other(node: LexborNode, tag: str, attributes: dict[str, str | None], place: int, parts: _Parts) -> None:
    if tag == "script":
        if "ld+json" in (attributes.get("type") or ""):
            parts.scripts.append(node.text())
        return
    if tag == "title":
        parts.titles.append(node)
    elif tag == "time":
        parts.times.append(node)
        parts.order[node.mem_id] = place
    elif tag == "h1":
        parts.headings.append(node)
        parts.order[node.mem_id] = place
    else:
        _take_classed(node, tag, attributes.get("class") or "", attributes, parts)


def _take_classed(node: LexborNode, tag: str, names: str, attributes: dict[str, str | None], parts: _Parts) -> None:
    """Headlines, articles, bylines and comments, by class or microdata."""
    kind = attributes.get("itemprop") or ""
    if kind == "headline":
        parts.headlines.append(node)
    elif tag == "article" or ("hentry" in names and "hentry" in names.split()):
        parts.articles.append(node)
    elif "yline" in names or "uthor" in names or "author" in kind or ("fn" in names and "fn" in names.split()):
        parts.bylines.append(node)
    if tag in COMMENT_TAGS and (
        ("comment" in names and "comment" in names.split()) or (attributes.get("itemtype") or "").endswith(_COMMENT_TYPES)
    ):
        parts.comments.append(node)


def _title(
    document: Document, parts: _Parts, stated: PageMetadata, window: str | None, site_name: str | None
) -> tuple[str | None, LexborNode | None]:
    """The title, and the heading that shows it."""
    headings = [(one_line(node.text()), node) for node in (*parts.headings[:20], *parts.headlines[:5])]
    words = [text for text, _ in headings if text]
    titles = [title for title in (stated.title, *parts.metas.headlines()) if title]
    if all(is_site(text, site_name, window) for text in words):  # some themes give the h1 to the logo, and an h2 to the headline
        below = [(one_line(node.text()), node) for node in document.tree.css("h2,.entry-title,.post-title")[:20]]
        headings += [(text, node) for text, node in below if text in titles or "-title" in (node.attributes.get("class") or "")]
        words = [text for text, _ in headings if text]
    # A window title that repeats none of the headings still tells the site's name from the headline.
    found = headline(words, titles, window and without_site(window, site_name), site_name)
    return found, next((node for text, node in headings if text == found), None)


def _author(
    stated: PageMetadata, meta: PageMetadata, parts: _Parts, site_name: str | None, heading: LexborNode | None
) -> str | None:
    site = (site_name or "").casefold()
    for names in (stated.authors, meta.authors):
        cleaned = [
            name for text in names if (name := author_name(text)) and name.casefold() != site and not _SLUG.fullmatch(name)
        ]
        if cleaned:
            return ", ".join(distinct(cleaned))
    shown = byline(parts.bylines, site_name)
    if not shown and (named := author_in_header(heading)):
        shown = (named,)
    return ", ".join(shown or stated.authors or stated.organisations or meta.authors) or None


def _tags(stated: PageMetadata, meta: PageMetadata, parts: _Parts) -> tuple[str, ...]:
    shown = [word for text in parts.tag_words if (word := one_line(text, 200))]
    words = (*shown, *stated.tags) or meta.tags
    return tuple(word for word in distinct(word.strip("#, ") for word in words) if len(word) > 1 and not _NO_TAG.fullmatch(word))[
        :MAX_TAGS
    ]


@dataclass(frozen=True, slots=True)
class _Dates:
    """Dates of one page, decided from all sources in their order of trust."""

    document: Document
    parts: _Parts
    captured_at: datetime
    month_first: bool
    heading: LexborNode | None

    def published(self, stated: PageMetadata, meta: PageMetadata, canonical: str | None, window: str | None) -> str | None:
        written = self._first(stated.published) or self._first(meta.published) or self._first(self._times()[0])
        if written:
            return written
        for url in (self.document.url, canonical):
            if url and (found := date_in_url(url, self.captured_at)):
                return found
        at_end = _DATE_AT_END.search(window) if window else None
        if at_end and (found := self._read(at_end[1])):
            return found
        return visible_date(self.document.tree, self.heading, self.captured_at, self.month_first)

    def modified(self, stated: PageMetadata, meta: PageMetadata) -> str | None:
        return self._first(stated.modified) or self._first(meta.modified) or self._first(self._times()[1])

    def _times(self) -> tuple[list[str], list[str]]:
        after = self.parts.order.get(self.heading.mem_id, 0) if self.heading is not None else 0
        return stated_times(self.parts.times, after, self.parts.order)

    def _first(self, candidates: tuple[str, ...] | list[str]) -> str | None:
        return next((found for text in candidates if (found := self._read(text))), None)

    def _read(self, text: str) -> str | None:
        return read_date(text, self.captured_at, month_first=self.month_first)


def _month_first(language: str | None, url: str) -> bool:
    """Whether 9/10/2022 is in September: in American English, which `en` alone means unless the address says otherwise."""
    domain = (urlsplit(url).hostname or "").rpartition(".")[2]
    return (language or "en") in ("en", "en-us") and domain not in _DAY_FIRST_DOMAINS


def _language(document: Document, stated: PageMetadata, meta: PageMetadata) -> str | None:
    root = document.tree.root
    attributes = root.attributes if root is not None else {}
    stated_language = attributes.get("lang") or attributes.get("xml:lang") or stated.language or meta.language or ""
    code = stated_language.split(",")[0].strip().replace("_", "-").lower()
    return code if re.fullmatch(r"[a-z]{2,3}(?:-[a-z0-9]{2,8}){0,3}", code) else None


def _comments(document: Document, json_ld: JsonLd, parts: _Parts, captured_at: datetime) -> tuple[Comment, ...]:
    shown = find_comments(parts.comments, captured_at)
    if shown:
        return shown
    return tuple(replace(comment, posted_at=read_date(comment.posted_at, captured_at)) for comment in json_ld.comments())


def _links(parts: _Parts, references: ReferenceResolver) -> tuple[str, ...]:
    found = map(references.absolute, dict.fromkeys(parts.hrefs))
    return tuple(dict.fromkeys(filter(None, found)))[:MAX_LINKS]


def _feeds(parts: _Parts, references: ReferenceResolver) -> tuple[str, ...]:
    kinds = (
        link for link in parts.links if _has(link, "rel", "alternate") and (link.get("type") or "").strip().lower() in _FEED_TYPES
    )
    return tuple(dict.fromkeys(url for link in kinds if (url := references.absolute(link.get("href"))) is not None))


def _has(attributes: dict[str, str | None], name: str, word: str) -> bool:
    return word in (attributes.get(name) or "").lower().split()
