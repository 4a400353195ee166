"""Feeds: the pages that a site announces, by RSS and Atom (read by feedparser) or in a sitemap (sitemaps.org, Google News)."""

import io
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from lxml import etree

from archiver.extraction.dates import read_date
from archiver.extraction.references import READY
from archiver.model.findings import Feed, FeedEntry
from archiver.text import unescaped_line
from archiver.urls import absolute

MAX_FEED_BYTES = 50 << 20  # sitemaps.org allows 50 MB uncompressed
MAX_RSS_BYTES = 8 << 20  # RSS and Atom hold some dozen posts
MAX_RSS_TAGS = 60_000  # feedparser's lenient half takes 15 µs a tag, in the crawl's own loop
MAX_ENTRIES = 50_000  # of one feed or sitemap, as sitemaps.org has it
MAX_ENTRY_HTML = 2 << 20  # characters
SNIFFED = 4096  # bytes of the beginning that `is_feed` looks at

_GZIP = b"\x1f\x8b"
# The root element, after nothing but a byte order mark, white space, the XML declaration, comments, style sheets and a doctype.
# The group of these is atomic: else 100 comments before no root element could be divided in 2**100 ways.
_ROOT = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?>(?:<\?.*?\?>\s*|<!--.*?-->\s*|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>\s*)*)"
    rb"<(?:[\w-]+:)?(rss|feed|rdf|urlset|sitemapindex)[\s>/]",
    re.I | re.S,
)
_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/rdf+xml")
_NO_BOUND = datetime(9998, 1, 1, tzinfo=UTC)  # feeds announce what is to come, news sitemaps name a time just ahead


def is_feed(body_prefix: bytes, content_type: str | None) -> bool:
    """Whether a body that begins like this is a feed or a sitemap, gzip'd or not. The content type alone decides nothing but
    where the beginning holds no root element: servers label feeds text/html, and pages application/rss+xml."""
    start = _plain(body_prefix[:SNIFFED], SNIFFED)
    if _ROOT.match(_narrow(start)):
        return True
    kind = (content_type or "").split(";")[0].strip().lower()
    return kind in _FEED_TYPES and b"<html" not in start.lower() and start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def read_feed(body: bytes, url: str, content_type: str | None) -> Feed | None:
    """The entries of a feed or sitemap; None where `body` (free of content coding) is neither.

    Addresses are absolute; entries without one are left out. Dates are ISO 8601 as in `Page`. Truncated and malformed bodies give
    what could be read. Nothing is fetched: no DTD, no entity, no style sheet.
    """
    if not is_feed(body[:SNIFFED], content_type):
        return None
    plain = _plain(body, MAX_FEED_BYTES)
    root = _ROOT.match(_narrow(plain[:SNIFFED]))
    if root is not None and root[1].lower() in (b"urlset", b"sitemapindex"):
        return _read_sitemap(plain, url, MAX_ENTRIES)
    return _read_rss(_bounded(plain[:MAX_RSS_BYTES]), url)


def _read_rss(body: bytes, url: str) -> Feed | None:
    import feedparser  # noqa: PLC0415  40 ms, so only where a feed is read

    # Handed bytes, feedparser would first try them as the name of a file; a stream it just reads.
    parsed = feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
    if not parsed.get("version") and not parsed.entries:
        return None
    entries = (_entry(entry, url) for entry in parsed.entries[:MAX_ENTRIES])
    links: Sequence[Mapping[str, Any]] = parsed.feed.get("links", ())
    following = next((link["href"] for link in links if link.get("rel") == "next" and link.get("href")), None)
    return Feed(
        url, tuple(entry for entry in entries if entry is not None), next_url=absolute(url, following) if following else None
    )


def _entry(entry: Mapping[str, Any], url: str) -> FeedEntry | None:
    target = absolute(url, str(entry.get("link") or ""))
    if not entry.get("link") or target is None:
        return None
    contents: Sequence[Mapping[str, Any]] = entry.get("content") or ()
    html = max((str(content.get("value") or "") for content in contents), key=len, default="") or str(entry.get("summary") or "")
    return FeedEntry(
        target,
        title=unescaped_line(entry.get("title")),
        # From the words, not from feedparser's reading of them: that completes partial dates with today's.
        published_at=read_date(entry.get("published"), _NO_BOUND),
        modified_at=read_date(entry.get("updated"), _NO_BOUND) if "updated" in entry else None,
        html=html[:MAX_ENTRY_HTML] or None,
    )


def _bounded(body: bytes) -> bytes:
    """The body up to its MAX_RSS_TAGS-th tag."""
    if body.count(b"<") <= MAX_RSS_TAGS:
        return body
    place = -1
    for _ in range(MAX_RSS_TAGS):
        place = body.find(b"<", place + 1)
    return body[:place]


def _plain(body: bytes, limit: int) -> bytes:
    """The body, or what its gzip members hold, up to `limit` bytes; a member that breaks off gives what came."""
    if not body.startswith(_GZIP):
        return body[:limit]
    parts: list[bytes] = []
    size, rest = 0, body
    while rest.startswith(_GZIP) and size < limit:
        member = zlib.decompressobj(wbits=31)
        try:
            parts.append(member.decompress(rest, limit - size))
        except zlib.error:
            break
        size += len(parts[-1])
        rest = member.unused_data
    return b"".join(parts)


def _narrow(start: bytes) -> bytes:
    """A beginning in UTF-16 as ASCII, so that one pattern finds the root element."""
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return start.decode("utf-16", "ignore").encode("ascii", "ignore")
    return start


# --- sitemaps -------------------------------------------------------------------------------------------------


def _read_sitemap(body: bytes, url: str, max_entries: int) -> Feed:
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
