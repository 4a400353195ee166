"""The vocabulary of `extract`: pages to be read, and what could not be read. Frozen; travels between processes."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SavedPage:
    """A file that holds a page; opened by whoever reads the page."""

    source: str
    """The path relative to the folder that was given, else the file's name."""
    path: Path

    @property
    def size(self) -> int:
        """Bytes that wait in memory for this page."""
        return 0


@dataclass(frozen=True, slots=True)
class GivenPage:
    """A page that can be read only once, from a pipe."""

    source: str
    body: bytes = field(repr=False)
    given_at: datetime

    @property
    def size(self) -> int:
        return len(self.body)


@dataclass(frozen=True, slots=True)
class RecordedPage:
    """A WARC record that may hold a page."""

    source: str
    """Its URL; where it has none, its place."""
    kind: str
    """`response` or `resource`."""
    headers: dict[str, str] = field(repr=False)
    """Names in lower case."""
    block: bytes = field(repr=False)

    @property
    def size(self) -> int:
        return len(self.block)


Job = SavedPage | GivenPage | RecordedPage


@dataclass(frozen=True, slots=True)
class Unread:
    """A page, a file or a part of one that could not be read."""

    source: str
    why: str
    """Goes behind the name."""
