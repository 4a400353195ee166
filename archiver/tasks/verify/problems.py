"""The findings of a verification: problems, and notes on what is no damage."""

from dataclasses import dataclass
from typing import Protocol

FROM_BACKUP = "fetch the file back from a backup: archiver repair --from BACKUP"
REINDEX = "make the index anew: archiver reindex"
REPAIR = "make it anew: archiver repair"

MAX_TEXT = 2_000  # characters of what files say of themselves: an address may have a million, in each of a million records


def shortened(text: str) -> str:
    """Text for a problem or a note, cut at MAX_TEXT characters: they stay in memory until a file is read to its end."""
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}…"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it was recorded."""

    kind: str
    """`warc`, `manifest`, `timestamp`, `index`, `picture`, `missing` (a WARC file), `state`."""
    file: str
    """Path relative to the data folder."""
    offset: int | None
    """Byte of that file at which the record begins; None where it is about all of the file."""
    record_id: str | None
    what: str
    """In words."""
    remedy: str
    """What to do about it."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something to know that is no damage: a crawl that runs, or one that was killed, leaves such traces."""

    file: str
    what: str


class Listener(Protocol):
    """Receives each problem and each note as it is found."""

    def problem(self, problem: Problem, /) -> None: ...

    def note(self, note: Note, /) -> None: ...
