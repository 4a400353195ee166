"""WARC files that are missing or too short: a crawl does not see the captures in them, and asks again. No row is removed."""

import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path

from archiver.storage.files.paths import ArchivePaths

# Over the tables of the same names, for this connection alone; the rows stay, because a lost file may come back from a backup.
_WITHOUT_LOST = """
CREATE TEMP VIEW captures AS SELECT * FROM main.captures WHERE NOT EXISTS (
  SELECT 1 FROM temp.lost WHERE lost.warc = main.captures.warc AND main.captures.offset + main.captures.length > lost.size);
CREATE TEMP VIEW statements AS SELECT * FROM main.statements WHERE NOT EXISTS (
  SELECT 1 FROM main.captures c JOIN temp.lost ON lost.warc = c.warc
  WHERE c.id = main.statements.capture AND c.offset + c.length > lost.size);
CREATE TEMP VIEW screenshots AS SELECT * FROM main.screenshots WHERE NOT EXISTS (
  SELECT 1 FROM main.captures c JOIN temp.lost ON lost.warc = c.warc
  WHERE c.id = main.screenshots.capture AND c.offset + c.length > lost.size);
"""


def hide_lost(index: sqlite3.Connection, data_dir: Path) -> dict[str, int]:
    """Lets this connection see no capture, statement or screenshot whose bytes are gone: of files that are missing or too short.

    Returns how many captures each of these files has lost, by its path relative to the data folder; {} where none has.
    """
    index.execute("PRAGMA temp_store = MEMORY")
    index.execute("CREATE TEMP TABLE lost (warc INTEGER PRIMARY KEY, size INTEGER NOT NULL, path TEXT NOT NULL)")
    for warc, path, end in index.execute("SELECT id, path, indexed_to FROM warcs").fetchall():
        size = _size(data_dir / path)
        if size < end:
            index.execute("INSERT INTO temp.lost VALUES (?, ?, ?)", (warc, size, path))
    behind = "temp.lost JOIN captures c ON c.warc = lost.warc AND c.offset + c.length > lost.size"
    captures = dict(index.execute(f"SELECT path, count(*) FROM {behind} GROUP BY path").fetchall())
    if captures:
        index.executescript(_WITHOUT_LOST)
    return captures


def shortened_files(paths: ArchivePaths, known_to: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    """The WARC files that are shorter than the index knows them (`known_to`), each with its size.

    Where no manifest covers one, its disk reported bytes as safe that a power cut then took.
    """
    for warc, end in sorted(known_to.items()):
        path = paths.data_dir / warc
        if path.is_file() and path.stat().st_size < end:
            yield warc, path.stat().st_size


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # missing, or on a disk that does not answer
        return 0
