"""The records of `extract`: pages to be read, which travel between processes, and what could not be read."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec


class SavedPage(msgspec.Struct, frozen=True, tag=True):
    """A file that holds a page; opened by whoever reads the page."""

    source: str
    """The path relative to the folder that was given, else the file's name."""
    path: Path

    @property
    def size(self) -> int:
        """Bytes that wait in memory for this page."""
        return 0


class GivenPage(msgspec.Struct, frozen=True, tag=True):
    """A page that can be read only once, from a pipe."""

    source: str
    body: bytes
    given_at: datetime

    @property
    def size(self) -> int:
        return len(self.body)


class RecordedPage(msgspec.Struct, frozen=True, tag=True):
    """A WARC record that may hold a page."""

    source: str
    """Its URL; where it has none, its place."""
    kind: str
    """`response` or `resource`."""
    headers: dict[str, str]
    """Names in lower case."""
    block: bytes

    @property
    def size(self) -> int:
        return len(self.block)


Job = SavedPage | GivenPage | RecordedPage


@dataclass(frozen=True, slots=True)
class Unread:
    """A page, a file or a part of one that was not read."""

    source: str
    why: str
    """Goes behind the name."""
    is_lost: bool = True
    """False for what was left aside on purpose: it is told, and is no failure."""
