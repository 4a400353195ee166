"""Keeps what embedded social-media posts showed, byte for byte, and finds it again by any scrap.

    from archiver import Archive, extract_html

    with Archive.open("archive") as archive:
        for result in archive.find("pic.twitter.com/uOWxLTTvGP"):
            print(result.url, result.text)

    extract_html(html, url="https://blog.example/post/").embeds

docs/python-api.md describes all that stands in `__all__`; whatever else is in this package may change with any version.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archiver.errors import ArchiverError, BadRecord, NewerFormat, PagesUnread, StorageError, UsageError
    from archiver.extraction.saved_page import extract_html
    from archiver.model.findings import Embed, ExtractedPage, PostLink
    from archiver.query.archive import Archive
    from archiver.query.content import ArchivedContent
    from archiver.query.find import FindResults
    from archiver.query.search import SearchResult
    from archiver.storage.index.results import (
        ArchivedCapture,
        ArchivedEmbed,
        ArchivedMedia,
        ArchivedPage,
        ArchivedPost,
        ArchivedStatement,
        EmbeddingPage,
        Result,
    )
    from archiver.storage.index.screenshots import ArchivedScreenshot

__version__ = "0.1.0"

__all__ = [
    "Archive",
    "ArchivedCapture",
    "ArchivedContent",
    "ArchivedEmbed",
    "ArchivedMedia",
    "ArchivedPage",
    "ArchivedPost",
    "ArchivedScreenshot",
    "ArchivedStatement",
    "ArchiverError",
    "BadRecord",
    "Embed",
    "EmbeddingPage",
    "ExtractedPage",
    "FindResults",
    "NewerFormat",
    "PagesUnread",
    "PostLink",
    "Result",
    "SearchResult",
    "StorageError",
    "UsageError",
    "__version__",
    "extract_html",
]

# Where each name is, imported when it is asked for (PEP 562): the command line imports this package first, and `archiver find`
# has 250 ms for all it does. The imports above are what editors and type checkers read; a test compares the two.
_HOMES = {
    "archiver.errors": ("ArchiverError", "BadRecord", "NewerFormat", "PagesUnread", "StorageError", "UsageError"),
    "archiver.extraction.saved_page": ("extract_html",),
    "archiver.model.findings": ("Embed", "ExtractedPage", "PostLink"),
    "archiver.query.archive": ("Archive",),
    "archiver.query.content": ("ArchivedContent",),
    "archiver.query.find": ("FindResults",),
    "archiver.query.search": ("SearchResult",),
    "archiver.storage.index.results": (
        "ArchivedCapture",
        "ArchivedEmbed",
        "ArchivedMedia",
        "ArchivedPage",
        "ArchivedPost",
        "ArchivedStatement",
        "EmbeddingPage",
        "Result",
    ),
    "archiver.storage.index.screenshots": ("ArchivedScreenshot",),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME_OF[name]), name)
    globals()[name] = value  # so that this is asked once
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
