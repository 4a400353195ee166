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
  fields TEXT NOT NULL,           -- JSON: what was read when it last answered
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
    fields: tuple[str, ...]
    """What was read of the post when the door last answered, then or earlier."""


def last_probes(state: Path) -> dict[tuple[str, str], LastProbe]:
    """By platform and door. Raises `StorageError`."""
    with reading(state, "probes") as database:
        if database is None:
            return {}
        rows = database.execute("SELECT platform, door, probed_at, answer, reason, gone, fields FROM probes").fetchall()
    return {
        (row[0], row[1]): LastProbe(row[0], row[1], row[2], row[3], row[4], row[5], tuple(json.loads(row[6]))) for row in rows
    }


def keep(state: Path, probes: Iterable[LastProbe]) -> None:
    """Takes the place of what was known of these doors. Raises `StorageError`."""
    with writing(state, _SCHEMA) as database:
        database.executemany(
            "INSERT OR REPLACE INTO probes VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (each.platform, each.door, each.probed_at, each.answer, each.reason, each.gone, json.dumps(each.fields))
                for each in probes
            ],
        )
