"""What a page states about itself: JSON-LD (schema.org objects in scripts), and meta tags (OpenGraph, Dublin Core, analytics).

Each source gives one `PageMetadata`; `page.py` decides between them and what the page shows.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import msgspec

from archiver.model.findings import Comment
from archiver.text import one_line, unescaped_line
from archiver.urls import url_key


@dataclass(frozen=True, slots=True)
class PageMetadata:
    """What one source (JSON-LD or meta tags) states of the page; dates are as written there, text is on one line."""

    title: str | None = None
    authors: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    """Authors that are organisations: given where no person is named."""
    published: tuple[str, ...] = ()
    """Candidates, the most trusted first."""
    modified: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    language: str | None = None
    site_name: str | None = None
    description: str | None = None
    canonical: str | None = None
    is_article: bool = False
    """The source calls this page an article, or a post."""
    is_listing: bool = False


def distinct(words: Iterable[str]) -> tuple[str, ...]:
    """Each word once, whatever its case, in the order of first appearance."""
    seen: dict[str, str] = {}
    for word in words:
        seen.setdefault(word.casefold(), word)
    return tuple(seen.values())


# --- JSON-LD -------------------------------------------------------------------------------------------------

MAX_SCRIPT = 1 << 20  # characters; real ones stay under 100,000 (seen over 156 pages)
MAX_OBJECTS = 2_000  # objects looked at in one page
MAX_COMMENT = 20_000  # characters of one comment

Json = dict[str, object]

# schema.org/Article and what is below it, as of version 28, that stands for a whole page; and the review types of fact checkers.
_ARTICLE = re.compile(r"(?:Article|BlogPosting|Report|DiscussionForumPosting|SocialMediaPosting|Review)$")
_LISTING = re.compile(r"(?:CollectionPage|SearchResultsPage|Blog)$")
_PAGE = re.compile(r"WebPage$")
_SITE = re.compile(r"WebSite$")
_ORGANISATION = re.compile(r"Organization$|Corporation$")
_COMMENT = re.compile(r"(?:^|/)(?:User)?Comments?$")
# Whole-document objects nest articles under these; under `itemListElement` or `isRelatedTo` they are other pages' articles.
_INSIDE = ("@graph", "mainEntity", "mainEntityOfPage", "hasPart", "comment", "author", "publisher")
# A script may be wrapped in an HTML comment or a CDATA section, in either case sometimes commented out by `//`.
_BEFORE = re.compile(r"\s*(?://\s*)?(?:<!\[CDATA\[|<!--)")
_AFTER = ("]]>", "-->", "//", ";")


class JsonLd:
    """All objects of a page's JSON-LD scripts, and what they say of the page at `url`."""

    def __init__(self, scripts: Iterable[str], url: str) -> None:
        self._objects: list[Json] = []
        for script in scripts:
            self._collect(_parsed(script))
        self._by_id = {str(node["@id"]): node for node in reversed(self._objects) if "@id" in node and len(node) > 1}
        self._article = self._choose(url)

    def metadata(self) -> PageMetadata:
        """What the page's article object says; without one, what its web page object says."""
        article = self._article
        if article is None:
            page = next((node for node in self._objects if _is(node, _PAGE)), {})
            return PageMetadata(
                published=_strings(page.get("datePublished")),
                modified=_strings(page.get("dateModified")),
                language=_first(page.get("inLanguage")),
                site_name=self._site_name(page),
                is_listing=any(_is(node, _LISTING) for node in self._objects),
            )
        return PageMetadata(
            title=unescaped_line(_first(article.get("headline")) or _first(article.get("name"))),
            authors=distinct(self._names(article.get("author") or article.get("creator"), persons=True)),
            organisations=distinct(self._names(article.get("author") or article.get("creator"))),
            published=(*_strings(article.get("datePublished")), *_strings(article.get("dateCreated"))),
            modified=_strings(article.get("dateModified")),
            tags=_keywords(article.get("keywords")),
            language=_first(article.get("inLanguage")),
            site_name=self._site_name(article),
            description=unescaped_line(_first(article.get("description"))),
            is_article=True,
        )

    def article_body(self) -> str | None:
        """schema.org/articleBody: the text of the article as its publisher gives it to search engines, cut or whole."""
        body = self._article.get("articleBody") if self._article else None
        return body if isinstance(body, str) else None

    def comments(self) -> tuple[Comment, ...]:
        """schema.org/Comment objects of the article."""
        found = (node for node in self._objects if _is(node, _COMMENT))
        comments = (self._comment(node) for node in found)
        return tuple(comment for comment in comments if comment.text)

    def _comment(self, node: Json) -> Comment:
        text = unescaped_line(
            _first(node.get("text")) or _first(node.get("commentText")) or _first(node.get("description")), MAX_COMMENT
        )
        when = (*_strings(node.get("dateCreated")), *_strings(node.get("datePublished")), *_strings(node.get("commentTime")))
        names = tuple(self._names(node.get("author") or node.get("creator")))
        return Comment(", ".join(names) or None, next(iter(when), None), text or "")

    def _collect(self, found: object) -> None:
        waiting = [found]
        while waiting and len(self._objects) < MAX_OBJECTS:
            node = waiting.pop(0)
            if isinstance(node, list):
                waiting[:0] = node[:MAX_OBJECTS]
            elif isinstance(node, dict):
                self._objects.append(node)
                waiting.extend(node[key] for key in _INSIDE if isinstance(node.get(key), dict | list))

    def _choose(self, url: str) -> Json | None:
        """The article that says it is this page; else the first one that has a headline and a date; else the first one."""
        articles = [node for node in self._objects if _is(node, _ARTICLE)]
        if len(articles) <= 1:
            return next(iter(articles), None)
        key = url_key(url)
        return max(articles, key=lambda node: 4 * _names_page(node, key) + 2 * ("headline" in node) + ("datePublished" in node))

    def _names(self, value: object, depth: int = 0, persons: bool = False) -> Iterator[str]:
        if isinstance(value, list):
            for item in value[:20]:
                yield from self._names(item, depth, persons)
        elif isinstance(value, str):
            if (name := unescaped_line(value, 300)) and not name.startswith("http"):
                yield name
        elif isinstance(value, dict) and depth < 3 and not (persons and _is(value, _ORGANISATION)):
            name = value.get("name") or value.get("byline") or value.get("alternateName")
            known = self._by_id.get(str(value.get("@id")))
            if name:
                yield from self._names(name, depth + 1, persons)
            elif known is not None and known is not value:
                yield from self._names(known, depth + 1, persons)

    def _site_name(self, node: Json) -> str | None:
        sites = (name for site in self._objects if _is(site, _SITE) for name in self._names(site.get("name")))
        return next(sites, None) or next(self._names(node.get("publisher")), None)


def _parsed(script: str) -> object:
    """The script's JSON; None where it is none, or too much. Raw line breaks within strings are common, so not strict."""
    if len(script) > MAX_SCRIPT:
        return None
    text = script.strip()
    if not text.startswith(("{", "[")):
        wrapping = _BEFORE.match(text)
        text = text[wrapping.end() :].strip() if wrapping else text
    while text.endswith(_AFTER):
        text = text[: -len(next(end for end in _AFTER if text.endswith(end)))].rstrip()
    try:
        return msgspec.json.decode(text)  # five times as fast as json, and strict
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        pass
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _is(node: Json, kind: re.Pattern[str]) -> bool:
    return any(kind.search(name) for name in _strings(node.get("@type")))


def _names_page(node: Json, key: str) -> bool:
    page = node.get("mainEntityOfPage")
    urls = (
        *_strings(node.get("url")),
        *_strings(page.get("@id") if isinstance(page, dict) else page),
        *_strings(node.get("@id")),
    )
    return any(url_key(url) == key for url in urls if url.startswith("http"))


def _strings(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return (str(value),)
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def _first(value: object) -> str | None:
    if isinstance(value, dict):  # {"@value": …, "@language": …}, or {"@type": "Language", "alternateName": "uk"}
        value = value.get("@value") or value.get("alternateName")
    return next((text for item in _strings(value) if (text := one_line(item, MAX_COMMENT))), None)


def _keywords(value: object) -> tuple[str, ...]:
    """Words divided by commas, or a list of them, in which a comma belongs to the word ("Haley, Nikki R")."""
    items = _strings(value)
    return distinct(
        word for item in (items if len(items) > 1 else ",".join(items).split(",")) if (word := unescaped_line(item, 200))
    )


# --- meta tags -----------------------------------------------------------------------------------------------

# The names seen on news sites and blogs, most trusted first. Lower case; `og:article:…` and underscores are made uniform before.
_PUBLISHED = (
    "article:published:time", "article:published", "datepublished", "parsely-pub-date", "dc.date.issued", "dcterms.issued",
    "dcterms.created", "dc.date.created", "dcterms.date", "dc.date", "sailthru.date", "publish:date", "publish-date",
    "publishdate", "publisheddate", "published:at", "pubdate", "pdate", "date.created", "citation:publication:date",
    "citation:date", "ptime", "article.published", "article:post:date", "originalpublicationdate", "cxenseparse:recs:publishtime",
    "dcsext.articlefirstpublished", "date",
)  # fmt: skip
_MODIFIED = (
    "article:modified:time", "article:modified", "datemodified", "og:updated:time", "dcterms.modified", "dc.date.modified",
    "date.modified", "last:updated:date", "lastmod", "last-modified", "revised", "utime",
)  # fmt: skip
_AUTHOR_FIELDS = (
    "article:author", "author", "og:author", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "byl",
    "cxenseparse:author", "citation:author", "dcsext.author", "qc:author", "article:author:name", "twitter:creator:name",
)  # fmt: skip
_TAGS = ("article:tag", "og:article:tag", "sailthru.tags", "parsely-tags", "news:keywords", "keywords")
_ARTICLE_TYPE = re.compile(r"article|blog|news|post", re.I)


class MetaTags:
    """The `meta` elements of one page: added one by one, then read."""

    def __init__(self) -> None:
        self._values: dict[str, list[str]] = {}

    def add(self, attributes: dict[str, str | None]) -> None:
        """One `meta` element. Some saved pages have `value` in place of `content`."""
        name = attributes.get("property") or attributes.get("name") or attributes.get("itemprop") or attributes.get("http-equiv")
        content = attributes.get("content") or attributes.get("value")
        if name and content:
            key = name.strip().lower().removeprefix("og:article:") if name[:11].lower() == "og:article:" else name.strip().lower()
            if name[:11].lower() == "og:article:":
                key = "article:" + key
            self._values.setdefault(key.replace("_", ":") if "_" in key else key, []).append(content)

    def get(self, *names: str) -> str | None:
        """The first of these that has words, on one line."""
        return next((words for name in names for value in self._values.get(name, ()) if (words := unescaped_line(value))), None)

    def metadata(self) -> PageMetadata:
        """What the meta tags state of the page."""
        kind = self.get("og:type") or ""
        return PageMetadata(
            title=self.get("og:title", "twitter:title", "title", "dc.title"),
            authors=self._authors(),
            published=self._all(_PUBLISHED),
            modified=self._all(_MODIFIED),
            tags=self._tags(),
            language=self.get("og:locale", "content-language", "language", "dc.language"),
            site_name=self.get("og:site:name", "application-name", "dc.publisher"),
            description=self.get("og:description", "description", "twitter:description", "dc.description"),
            canonical=self.get("og:url"),
            is_article=bool(_ARTICLE_TYPE.search(kind)) or "article:published:time" in self._values,
        )

    def headlines(self) -> tuple[str, ...]:
        """All titles that the meta tags give: where one agrees with a visible heading, that heading is the page's."""
        titles = (
            self.get(name) for name in ("og:title", "twitter:title", "title", "headline", "parsely-title", "sailthru.title")
        )
        return distinct(title for title in titles if title)

    def _all(self, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(value for name in names if name in self._values for value in self._values[name])

    def _authors(self) -> tuple[str, ...]:
        """The first field that names somebody: `article:author` often holds the address of a profile instead."""
        for name in filter(self._values.__contains__, _AUTHOR_FIELDS):
            names = [words for value in self._values[name] if (words := unescaped_line(value, 300)) and "://" not in words]
            if names:
                return distinct(names)
        return ()

    def _tags(self) -> tuple[str, ...]:
        for name in _TAGS:
            values = self._values.get(name, [])
            items = (
                values if len(values) > 1 else [item for value in values for item in value.split(",")]
            )  # "Haley, Nikki R" is one
            words = [word for item in items if (word := unescaped_line(item, 200))]
            if words:
                return distinct(words)
        return ()
