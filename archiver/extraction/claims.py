"""What one source within a page (its JSON-LD, its meta tags, its visible words) claims of it."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Claims:
    """One source's word; dates are still as written, text is on one line. `page.py` decides between the sources."""

    title: str | None = None
    authors: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    """Authors that are called organisations: named where no person is."""
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
    """Each once, whatever its case, in the order of first appearance."""
    seen: dict[str, str] = {}
    for word in words:
        seen.setdefault(word.casefold(), word)
    return tuple(seen.values())
