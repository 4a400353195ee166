"""Reads one page that was saved somewhere: what it says of itself, and what it embeds. Without an archive and without network."""

from datetime import datetime

from archiver.errors import PagesUnread, UsageError
from archiver.extraction.decode import MAX_PAGE_BYTES, decode
from archiver.extraction.embeds import find_embeds
from archiver.extraction.page import read_page
from archiver.html.document import Document
from archiver.model.findings import ExtractedPage
from archiver.platforms import KEYWORDS
from archiver.text import whole_characters
from archiver.times import utc_now
from archiver.urls import absolute
from archiver.wire.content_coding import decode_content


def extract_html(html: str | bytes, url: str | None = None) -> ExtractedPage:
    """What a page embeds, and its title, author, date and tags.

    `url` is where the page came from, for relative addresses; without it the page's own canonical address is taken. Bytes may be
    in any encoding, declared in the page or not, and gzipped. Of a page the first MAX_PAGE_BYTES (5 MB; of a text as many
    characters) are read. Hostile markup gives fewer embeds and takes 2 s at most. It is parsed in this process: who reads pages
    of strangers by the million uses `archiver extract`, whose processes may crash.

    Raises `UsageError` for a `url` that is no absolute http(s) URL, `PagesUnread` where a bug of ours kept it from being read.
    """
    address = absolute("", url) if url is not None else None
    if url is not None and address is None:
        raise UsageError(f"{url!r} is no absolute http(s) URL: give the page's own, as https://blog.example/post/, or none")
    try:
        document = document_of(html)
        document.url = address or own_address(document) or ""
        return read_saved_page(url or "-", document, utc_now())
    except Exception as error:
        raise PagesUnread(f"this is a bug of ours: {type(error).__name__}: {error}") from error


def document_of(html: str | bytes) -> Document:
    """The page, decoded; of bytes that are gzipped, as some programs save pages, what is in them."""
    if isinstance(html, bytes):
        html = decode(decode_content(html, ("gzip",), MAX_PAGE_BYTES)[0])
    else:
        html = whole_characters(html[:MAX_PAGE_BYTES])
    return Document("", html, KEYWORDS)


def read_saved_page(source: str, document: Document, captured_at: datetime) -> ExtractedPage:
    """What the page tells. `source` is what it is called; dates that lie beyond `captured_at` are none of publication."""
    page, found = read_page(document, captured_at), find_embeds(document)
    return ExtractedPage(
        source,
        page.url if "://" in page.url else None,
        page.title,
        page.author,
        page.published_at,
        page.tags,
        found.embeds,
        found.links,
        found.short_links,
        found.media,
    )


def own_address(document: Document) -> str | None:
    """The page's canonical or Open Graph address: what a saved file knows of where it came from."""
    for selector, attribute in (('link[rel~="canonical"]', "href"), ('meta[property="og:url"]', "content")):
        node = document.tree.css_first(selector)
        reference = (node.attributes.get(attribute) or "").strip() if node is not None else ""
        if absolute("", reference) is not None:
            return reference
    return None
