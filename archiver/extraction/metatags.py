"""Meta tags: OpenGraph, Dublin Core, and the fields of analytics services, from a page's head."""

import re

from archiver.extraction.claims import Claims, distinct
from archiver.text import unescaped_line

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
_AUTHOR = (
    "article:author", "author", "og:author", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "byl",
    "cxenseparse:author", "citation:author", "dcsext.author", "qc:author", "article:author:name", "twitter:creator:name",
)  # fmt: skip
_TAGS = ("article:tag", "og:article:tag", "sailthru.tags", "parsely-tags", "news:keywords", "keywords")
_ARTICLE = re.compile(r"article|blog|news|post", re.I)


class MetaTags:
    """The `meta` elements of one page: added one by one, then asked."""

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

    def claims(self) -> Claims:
        kind = self.get("og:type") or ""
        return Claims(
            title=self.get("og:title", "twitter:title", "title", "dc.title"),
            authors=self._authors(),
            published=self._all(_PUBLISHED),
            modified=self._all(_MODIFIED),
            tags=self._tags(),
            language=self.get("og:locale", "content-language", "language", "dc.language"),
            site_name=self.get("og:site:name", "application-name", "dc.publisher"),
            description=self.get("og:description", "description", "twitter:description", "dc.description"),
            canonical=self.get("og:url"),
            is_article=bool(_ARTICLE.search(kind)) or "article:published:time" in self._values,
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
        for name in filter(self._values.__contains__, _AUTHOR):
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
