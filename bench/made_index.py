"""An index for a look-up benchmark: made through the project's own storage, once, and again when what makes it has changed."""

import hashlib
import shutil
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from archiver.model.exchange import Capture
from archiver.model.findings import Findings
from archiver.storage.files.paths import ArchivePaths
from archiver.storage.index.database import migrations, open_index
from archiver.storage.index.writer import IndexWriter

CACHE_KIB = 2_000_000  # while it is made: rows come in hash order, so every insert hits another page of the file


@dataclass(frozen=True, slots=True)
class MadeIndex:
    """What it is made of, and what it then holds."""

    captures: Iterable[tuple[Capture, Findings]]
    captures_per_commit: int
    table: str
    """Of which the rows are counted in the end."""
    rows: int
    made_by: tuple[Path, ...]
    """The files on which its content depends, besides the migrations."""


def ensure_made(data_dir: Path, wanted: MadeIndex) -> None:
    """Takes some minutes the first time, and again after a new migration or an edit of `made_by`."""
    content = b"".join(path.read_bytes() for path in wanted.made_by) + repr(migrations()).encode()
    recipe = hashlib.sha256(content).hexdigest()
    stamp = data_dir / "recipe"
    if stamp.exists() and stamp.read_text() == recipe:
        return
    shutil.rmtree(data_dir, ignore_errors=True)
    data_dir.mkdir(parents=True)
    started = time.perf_counter()
    count = _make(data_dir, wanted)
    if count != wanted.rows:
        sys.exit(f"the index has {count} {wanted.table} instead of {wanted.rows}")
    stamp.write_text(recipe)
    print(f"made an index of {count:,} {wanted.table} in {time.perf_counter() - started:.0f} s", flush=True)


def _make(data_dir: Path, wanted: MadeIndex) -> int:
    """How many rows the counted table then has."""
    database = open_index(ArchivePaths(data_dir).index, safe=False)
    database.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    index = IndexWriter(database)
    for number, (capture, told) in enumerate(wanted.captures, 1):
        index.add(capture, told)
        index.reached(capture.warc, capture.crawl, capture.offset + capture.length)
        if number % wanted.captures_per_commit == 0:
            index.commit()
    index.commit()
    (count,) = database.execute(f"SELECT count(*) FROM {wanted.table}").fetchone()
    database.close()
    return int(count)
