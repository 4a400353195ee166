"""A WARC writer whose clock stands still and whose ids count, so that whole files can be compared."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

from archiver.storage.files.paths import ArchivePaths
from archiver.storage.warc.writer import WarcWriter
from tests.support.exchanges import MOMENT

INFO = {"software": "embed-archiver/1", "isPartOf": "job", "settings": '{"seeds": ["Ізюм"]}'}


def ids() -> Iterator[str]:
    return (f"<urn:uuid:00000000-0000-4000-8000-{number:012d}>" for number in count(1))


def writer_in(data_dir: Path, **options: int) -> WarcWriter:
    """With a clock that stands still and ids that count."""
    numbers = ids()
    return WarcWriter(ArchivePaths(data_dir), "job", INFO, clock=lambda: MOMENT, new_id=lambda: next(numbers), **options)


def files_in(data_dir: Path) -> list[Path]:
    return sorted(data_dir.rglob("*.warc.gz"))
