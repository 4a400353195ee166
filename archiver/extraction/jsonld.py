"""JSON-LD: the schema.org objects that a page carries in scripts."""

import json
import re
from collections.abc import Iterable, Iterator

import msgspec

from archiver.extraction.claims import Claims, distinct
from archiver.model.findings import Comment
from archiver.text import one_line, unescaped_line
from archiver.urls import url_key

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

    def claims(self) -> Claims:
        """What the page's article object says; without one, what its web page object says."""
        article = self._article
        if article is None:
            page = next((node for node in self._objects if _is(node, _PAGE)), {})
            return Claims(
                published=_strings(page.get("datePublished")),
                modified=_strings(page.get("dateModified")),
                language=_first(page.get("inLanguage")),
                site_name=self._site_name(page),
                is_listing=any(_is(node, _LISTING) for node in self._objects),
            )
        return Claims(
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
