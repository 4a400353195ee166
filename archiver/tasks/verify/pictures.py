"""What people browse against the WARC files: the WebPs of screenshots by their hashes, thumbnails by decoding them."""

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from archiver.errors import StorageError
from archiver.model.render import Preview
from archiver.storage.files.paths import ArchivePaths
from archiver.storage.warc.manifests import hash_of
from archiver.tasks.previews import noted_hashes
from archiver.tasks.thumbnails import make_thumbnails, undecodable
from archiver.tasks.verify.problems import REPAIR, Problem


class PreviewFiles:
    """The WebPs that records name. There may be a million: a file of SQLite's without a name holds them, and goes by itself."""

    def __init__(self) -> None:
        self.count = 0
        """Files that were looked for."""
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("CREATE TABLE named (path TEXT, sha256 TEXT, of TEXT, warc TEXT, offset INTEGER)")

    def add(self, warc: str, previews: Iterable[tuple[Preview, int]]) -> None:
        """What the records of one file name, each with the record's offset."""
        rows = ((preview.path, preview.sha256, preview.of, warc, offset) for preview, offset in previews)
        self._database.execute("BEGIN")
        self._database.executemany("INSERT INTO named VALUES (?, ?, ?, ?, ?)", rows)
        self._database.execute("COMMIT")

    def problems(self, paths: ArchivePaths, unread: Collection[Path]) -> Iterator[Problem]:
        """`unread`: the WARC files that were not looked at. One of them may tell that a picture was made anew."""
        if not paths.screenshots.is_dir():  # docs/operations.md says that it may be deleted
            (self.count,) = self._database.execute("SELECT count(DISTINCT path) FROM named").fetchone()
            if self.count:
                yield Problem("picture", "screenshots", None, None, f"is not there, with {self.count:,} files", REPAIR)
            return
        noted: Mapping[str, set[str]] | None = None
        rows = self._database.execute("SELECT path, sha256, of, warc, offset FROM named ORDER BY path, warc, offset")
        for path, group in groupby(rows, itemgetter(0)):
            self.count += 1
            named = list(group)
            found = _sha256_or_why_not(paths.data_dir / path)
            if found in {sha256 for _, sha256, *_ in named}:
                continue
            if len(found) == SHA256_DIGITS and unread:
                noted = noted if noted is not None else noted_hashes(unread)
                if found in noted.get(path, ()):
                    continue
            _, _, of, warc, offset = named[0]
            what = "is not the file that was made of its screenshot" if len(found) == SHA256_DIGITS else found
            yield Problem("picture", path, None, of, f"{what} ({warc}, byte {offset:,}, tells of it)", REPAIR)

    def close(self) -> None:
        self._database.close()


SHA256_DIGITS = 64
MAX_WEBP_BYTES = 256 << 20  # ours have a few MB; in a foreign archive a file may be all holes, and hashed for years


def _sha256_or_why_not(path: Path) -> str:
    try:
        if path.is_file() and path.stat().st_size > MAX_WEBP_BYTES:
            return "is larger than any screenshot"
        size, digest = hash_of(path)
    except StorageError as error:
        return f"cannot be read: {error}" if path.exists() else "is not there"
    return digest if size else "is empty"


def thumbnail_problems(paths: ArchivePaths, *, indexed: bool) -> Iterator[Problem]:
    """Thumbnails that cannot be decoded, and how many are missing, which only the index knows. They have no hashes.

    Runs an event loop of its own.
    """
    folder = paths.data_dir / "thumbnails"
    if not folder.is_dir():  # a crawl without screenshots makes none
        return
    for path in undecodable(sorted(folder.rglob("*.webp"))):
        yield Problem("picture", paths.relative(path), None, None, "cannot be decoded", REPAIR)
    missing = make_thumbnails(paths.data_dir, keep=False).made if indexed else 0
    if missing:
        many = f"{missing:,} thumbnails are missing" if missing > 1 else "a thumbnail is missing"
        yield Problem("picture", "thumbnails", None, None, many, REPAIR)
