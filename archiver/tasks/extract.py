"""Says what saved pages embed, without an archive."""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from archiver.errors import UsageError
from archiver.extraction.decode import MAX_PAGE_BYTES, decode
from archiver.extraction.embeds import find_embeds
from archiver.extraction.page import read_page
from archiver.findings import Embed, EmbedFindings, Page
from archiver.platforms.document import Document
from archiver.times import Clock, utc_now

STANDARD_INPUT = "-"
PAGE_SUFFIXES = frozenset((".html", ".htm", ".xhtml"))
SNIFF_BYTES = 1_024  # of a file with another name, to see whether it is a page

_PAGE_STARTS = (b"<!doctype html", b"<html", b"<head", b"<body", b"<!-- saved from", b"<article", b"<blockquote", b"<div", b"<p")

_WARC, _GZIP, _ZIP = b"WARC/1", b"\x1f\x8b", b"PK\x03\x04"

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class ExtractedPage:
    """One page, and what it embeds."""

    source: str
    """The path relative to the folder that was given, else the file's name; `-` for standard input."""
    page: Page
    found: EmbedFindings


def extract(paths: Iterable[Path | str], *, standard_input: bytes = b"", clock: Clock = utc_now) -> Iterator[ExtractedPage]:
    """What each page embeds: of files, of all pages in folders, of the bytes from standard input for `-`.

    Folders are read through, in sorted order, for `.html`, `.htm` and whatever begins like HTML. Raises `UsageError` for a path
    that cannot be read, a URL, and a file that is a WARC or WACZ; in folders such files are passed over.
    """
    for path in paths:
        if str(path) == STANDARD_INPUT:
            _refuse_archive(standard_input, "standard input")
            yield extract_page(STANDARD_INPUT, standard_input, clock())
            continue
        if "://" in str(path):
            raise UsageError(f"{path} is a URL, and extract asks no network: save the page first, or `archiver crawl` it")
        root = Path(path)
        if root.is_dir():
            for file in _pages_in(root):
                yield extract_page(file.relative_to(root).as_posix(), _read(file), _saved_at(file))
        else:
            body = _read(root)
            _refuse_archive(body, str(root))
            yield extract_page(root.name, body, _saved_at(root))


def extract_page(source: str, body: bytes, captured_at: datetime) -> ExtractedPage:
    """One page from its bytes. It is known by the address that it gives itself, else by `source`."""
    document = Document("", decode(body))
    document = _at_its_address(document, source)
    return ExtractedPage(source, read_page(document, captured_at), find_embeds(document))


def to_json(extracted: ExtractedPage) -> Json:
    """One line of `archiver extract --json`, as docs/cli.md has it."""
    page, found = extracted.page, extracted.found
    return {
        "source": extracted.source,
        "url": page.url if "://" in page.url else None,
        "title": page.title,
        "author": page.author,
        "published_at": page.published_at,
        "tags": list(page.tags),
        "embeds": [embed_to_json(embed) for embed in found.embeds],
        "links": [{"platform": link.platform, "post_id": link.post_id, "url": link.url} for link in found.links],
        "short_links": list(found.short_links),
        "media": list(found.media),
    }


def embed_to_json(embed: Embed) -> Json:
    """One embed of a page; `position` counts from 1 in document order."""
    return {
        "platform": embed.platform,
        "post_id": embed.post_id,
        "url": embed.url,
        "kind": embed.kind.value,
        "position": embed.position,
        "author": embed.author,
        "author_name": embed.author_name,
        "posted_at": embed.posted_at,
        "text": embed.text,
        "short_links": list(embed.short_links),
        "media": list(embed.media),
        "html": embed.html,
    }


def _at_its_address(document: Document, source: str) -> Document:
    """The document under its canonical or Open Graph address; a saved file does not know where it came from otherwise."""
    for selector, attribute in (('link[rel~="canonical"]', "href"), ('meta[property="og:url"]', "content")):
        node = document.tree.css_first(selector)
        reference = (node.attributes.get(attribute) or "").strip() if node is not None else ""
        if reference.lower().startswith(("http://", "https://")):
            document.url = reference
            return document
    document.url = source
    return document


def _pages_in(root: Path) -> Iterator[Path]:
    for path in sorted(root.rglob("*")):
        if path.is_file() and (path.suffix.lower() in PAGE_SUFFIXES or _looks_like_a_page(path)):
            yield path


def _looks_like_a_page(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            start = file.read(SNIFF_BYTES)
    except OSError:
        return False
    if _is_archive(start):
        return False
    plain = start.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()  # UTF-16 has a NUL beside each letter
    return plain.startswith(_PAGE_STARTS) or b"<html" in plain


def _refuse_archive(body: bytes, name: str) -> None:
    if _is_archive(body):
        raise UsageError(
            f"{name} is a WARC or WACZ file, which extract does not read yet. Give an HTML file, or a folder of them"
        )


def _is_archive(start: bytes) -> bool:
    """By its first bytes: a WARC, as it is or in gzip, or a zip file, which a WACZ is."""
    if start.startswith(_GZIP):
        try:
            start = zlib.decompressobj(wbits=31).decompress(start[:SNIFF_BYTES], len(_WARC))
        except zlib.error:
            return False
    return start.startswith((_WARC, _ZIP))


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_PAGE_BYTES)
    except OSError as error:
        why = f"{path} cannot be read ({error.strerror}). Give an HTML file, a folder of them, or - for standard input."
        raise UsageError(why) from None


def _saved_at(path: Path) -> datetime:
    """When the file was last written: dates in the page that lie beyond this are none of publication."""
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
