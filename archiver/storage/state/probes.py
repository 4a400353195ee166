"""What each door of a platform answered when it was last probed. A table of state.db; a loss of it costs one comparison.

The records of all probes are in the WARC files.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from archiver.storage.state.database import reading, writing

_SCHEMA = """
CREATE TABLE IF NOT EXISTS probes (
  platform TEXT NOT NULL,
  door TEXT NOT NULL,
  probed_at TEXT NOT NULL,        -- UTC, as in WARC-Date
  answer TEXT NOT NULL,           -- see archiver/tasks/probe/report.py
  reason TEXT,
  gone TEXT,                      -- what was answered about a post that is gone
  post_id TEXT,                   -- the control post by which it last answered
  fields TEXT NOT NULL,           -- JSON: what was read of that then
  PRIMARY KEY (platform, door)
) WITHOUT ROWID
"""


@dataclass(frozen=True, slots=True)
class LastProbe:
    """What one door answered."""

    platform: str
    door: str
    probed_at: str
    answer: str
    reason: str | None
    gone: str | None
    post_id: str | None
    """The control post by which the door last answered, then or earlier."""
    fields: tuple[str, ...]
    """What was read of that."""


def last_probes(state: Path) -> dict[tuple[str, str], LastProbe]:
    """By platform and door. Raises `StorageError`."""
    with reading(state, "probes") as database:
        if database is None:
            return {}
        rows = database.execute("SELECT platform, door, probed_at, answer, reason, gone, post_id, fields FROM probes").fetchall()
    return {(row[0], row[1]): _read(row) for row in rows}


def _read(row: tuple[str, ...]) -> LastProbe:
    platform, door, probed_at, answer, reason, gone, post_id, fields = row
    return LastProbe(platform, door, probed_at, answer, reason, gone, post_id, tuple(json.loads(fields)))


def keep(state: Path, probes: Iterable[LastProbe]) -> None:
    """Takes the place of what was known of these doors. Raises `StorageError`."""
    with writing(state, _SCHEMA) as database:
        database.executemany(
            "INSERT OR REPLACE INTO probes VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    *(each.platform, each.door, each.probed_at, each.answer, each.reason, each.gone, each.post_id),
                    json.dumps(each.fields),
                )
                for each in probes
            ],
        )


def paused_hosts(state: Path) -> dict[str, float]:
    """The hosts that asked a crawl to wait, and until when: seconds since 1970. Raises `StorageError`."""
    with reading(state, "hosts") as database:
        return dict(database.execute("SELECT host, paused_until FROM hosts").fetchall()) if database is not None else {}
