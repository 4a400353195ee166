"""What all parts of a repair share: the archive, what may be done to it, and what they find."""

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from archiver import __version__
from archiver.model.exchange import Crawl
from archiver.storage.backup.store import BackupStore
from archiver.storage.files.paths import ArchivePaths
from archiver.times import Clock, to_14_digits, to_warc_date, utc_now

JOB = "repair"
"""Of the WARC files in which a repair notes what it did."""

OnProgress = Callable[[int, int], None]
"""Is told how much was looked at, and how much there is."""
Progress = Callable[[str, str], AbstractContextManager[OnProgress]]
"""Begins a stretch of work: gets its name and its unit."""


@contextmanager
def in_silence(_name: str, _unit: str) -> Iterator[OnProgress]:
    yield lambda done, total: None


@dataclass(frozen=True, slots=True)
class Work:
    """One repair."""

    paths: ArchivePaths
    dry_run: bool = False
    """Nothing is written; what would be done is told."""
    store: BackupStore | None = None
    """A backup of this archive, from which files may come back."""
    progress: Progress = in_silence
    clock: Clock = utc_now

    def crawl(self) -> Crawl:
        """What a WARC file of this repair says of it."""
        settings = json.dumps({"job": JOB})
        return Crawl(str(uuid.uuid4()), JOB, to_warc_date(self.clock()), f"embed-archiver/{__version__}", settings)

    def aside(self, database: Path) -> Path:
        """A free name for a damaged database: `index.damaged-20261122030405.db`."""
        moment = self.clock()
        while True:
            name = database.with_name(f"{database.stem}.damaged-{to_14_digits(moment)}{database.suffix}")
            if not name.exists():
                return name
            moment += timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Lost:
    """What was recorded in a file, or behind some byte of it, that is not there any more."""

    captures: int = 0
    pages: tuple[str, ...] = ()
    """Addresses, MAX_PAGES at most."""
    pages_in_all: int = 0
    kept: int = 0
    """WebPs and thumbnails made of it that are still there."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be."""

    kind: str
    """manifest, timestamp, warc, index, state, torn, unindexed, unsealed, screenshots, thumbnails, error."""
    file: str | None
    """Relative to the data folder."""
    what: str
    done: str | None = None
    """What was done about it, or what would be, in a dry run; None where nothing can be."""
    remedy: str | None = None
    """What is left to do for whoever reads this; None where nothing is."""
    lost: Lost | None = None
