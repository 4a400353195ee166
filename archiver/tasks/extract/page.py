"""Reads one page for `extract`: the function, and the process that does nothing else."""

from datetime import UTC, datetime
from pathlib import Path

from archiver.extraction.decode import MAX_PAGE_BYTES, decode
from archiver.extraction.embeds import find_embeds
from archiver.extraction.page import read_page
from archiver.extraction.record import page_in
from archiver.html.document import Document
from archiver.platforms import KEYWORDS
from archiver.recording.warc_responses import read_resource, read_response
from archiver.storage.warc.reader import StoredRecord
from archiver.tasks.extract.jobs import ExtractedPage, GivenPage, Job, RecordedPage, SavedPage, Unread
from archiver.urls import absolute
from archiver.wire.content_coding import decode_content
from archiver.wire.spool import Spool
from archiver.workers.serve import serve


def extracted(job: Job) -> ExtractedPage | Unread | None:
    """What a page embeds; None for a record that is no page. Hostile bytes tell less, and never end in an exception."""
    try:
        if isinstance(job, RecordedPage):
            return _of_record(job)
        return _of_file(job)
    except OSError as error:
        return Unread(job.source, f"cannot be read ({error.strerror or error})")
    except Exception as error:  # noqa: BLE001  a bug of ours costs what one page tells, and not the run; it is told
        return Unread(job.source, f"this is a bug of ours: {type(error).__name__}: {error}")


def _of_record(job: RecordedPage) -> ExtractedPage | None:
    record = StoredRecord(job.kind, "", job.headers, Spool(job.block), 0, 0)
    seen = read_resource(record) if job.kind == "resource" else read_response(record)
    document = page_in(seen) if seen is not None else None
    if seen is None or document is None:
        return None
    if absolute("", seen.url) is None:  # a file, or a urn, as resource records may be called
        document.url = _own_address(document) or ""
    return _extracted(job.source, document, seen.captured_at)


def _of_file(job: SavedPage | GivenPage) -> ExtractedPage:
    if isinstance(job, SavedPage):
        body, moment = _read(job.path)
    else:
        body, moment = job.body, job.given_at
    body = decode_content(body, ("gzip",), MAX_PAGE_BYTES)[0]  # page.html.gz, as some programs save it
    document = Document("", decode(body), KEYWORDS)
    document.url = _own_address(document) or job.source
    return _extracted(job.source, document, moment)


def _read(path: Path) -> tuple[bytes, datetime]:
    """The bytes, and when they were written: dates in the page that lie beyond that are none of publication."""
    with path.open("rb") as file:
        return file.read(MAX_PAGE_BYTES), datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _extracted(source: str, document: Document, captured_at: datetime) -> ExtractedPage:
    page, found = read_page(document, captured_at), find_embeds(document)
    url = page.url if "://" in page.url else None
    return ExtractedPage(source, url, page.title, page.author, page.published_at, page.tags, found)


def _own_address(document: Document) -> str | None:
    """The page's canonical or Open Graph address; a saved file does not know where it came from otherwise."""
    for selector, attribute in (('link[rel~="canonical"]', "href"), ('meta[property="og:url"]', "content")):
        node = document.tree.css_first(selector)
        reference = (node.attributes.get(attribute) or "").strip() if node is not None else ""
        if absolute("", reference) is not None:
            return reference
    return None


if __name__ == "__main__":
    serve(extracted)
