"""Sitemaps and sitemap indexes, as sitemaps.org and Google News describe them."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime

from lxml import etree

from archiver.extraction.addresses import READY
from archiver.extraction.dates import read_date
from archiver.model.findings import Feed, FeedEntry
from archiver.text import unescaped_line
from archiver.urls import absolute

_NO_BOUND = datetime(9998, 1, 1, tzinfo=UTC)  # a news sitemap may name a time just ahead


def read_sitemap(body: bytes, url: str, max_entries: int) -> Feed:
    """The pages that a sitemap lists, or the sitemaps that an index names, in document order, each address once.

    Entities are not expanded, nothing is fetched, and elements are dropped as soon as they are read: 50 MB take a few MB.
    """
    entries: dict[str, FeedEntry] = {}
    sitemaps: dict[str, None] = {}
    for kind, fields in _records(body):
        place = fields.get("loc") or ""
        target = place if READY.fullmatch(place) else absolute(url, place) if place else None
        if target is None:
            continue
        if kind == "sitemap":
            sitemaps[target] = None
        elif target not in entries:
            entries[target] = FeedEntry(
                target,
                title=unescaped_line(fields.get("title")),
                published_at=read_date(fields.get("publication_date"), _NO_BOUND),
                modified_at=read_date(fields.get("lastmod"), _NO_BOUND),
            )
        if len(entries) + len(sitemaps) >= max_entries:
            break
    return Feed(url, tuple(entries.values()), tuple(sitemaps))


def _records(body: bytes) -> Iterator[tuple[str, dict[str, str]]]:
    """("url" or "sitemap", its fields by local name) for each; the fields of pictures and videos within are left out."""
    fields: dict[str, str] = {}
    elements = etree.iterparse(
        io.BytesIO(body), events=("end",), resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, recover=True
    )
    try:
        for _, element in elements:
            name = etree.QName(element).localname.lower() if isinstance(element.tag, str) else ""
            if name in ("url", "sitemap"):
                yield name, fields
                fields = {}
                element.clear()
                while element.getprevious() is not None:  # what was read before it
                    del element.getparent()[0]
            elif name in ("loc", "lastmod", "title", "publication_date"):
                holder = element.getparent()
                inside = etree.QName(holder).localname.lower() if holder is not None and isinstance(holder.tag, str) else ""
                if inside in ("url", "sitemap", "news"):
                    fields.setdefault(name, (element.text or "").strip())
    except etree.XMLSyntaxError:
        return  # broken off or not XML any more: what came before stands
