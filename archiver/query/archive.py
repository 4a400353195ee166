"""One archive, for readers: what is in it, and the bytes behind what is found."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

from archiver.errors import StorageError, UsageError
from archiver.query import find, search
from archiver.query.find import FindResults
from archiver.query.search import SearchResult
from archiver.storage.files.paths import ArchivePaths
from archiver.storage.index.database import open_index_to_read
from archiver.storage.index.search import Query

if TYPE_CHECKING:
    from archiver.model.exchange import CapturedResponse

Item = TypeVar("Item")
DAMAGE = (sqlite3.DatabaseError, sqlite3.OperationalError)
"""Exactly these classes tell of a damaged or unreadable file; those below them tell of mistakes in our SQL."""


class Archive:
    """An archive that is open for reading; a crawl may write to it meanwhile. Make one with `Archive.open`.

    Use it in a `with` block, or call `close`. An index that turns out to be damaged raises `StorageError`. As a connection of
    sqlite3, it belongs to the thread that opened it.
    """

    def __init__(self, paths: ArchivePaths, index: sqlite3.Connection) -> None:
        self.paths = paths
        self.index = index

    @classmethod
    def open(cls, folder: str | os.PathLike[str] = "archive") -> Self:
        """The archive in this folder. Nothing is ever written to it, so it may lie on a read-only disk.

        Raises `UsageError` where there is no archive, `StorageError` where it cannot be read, `NewerFormat` where a newer
        version of this program made the index.
        """
        data_dir = Path(folder)
        paths = ArchivePaths(data_dir)
        try:
            has_index, has_warcs = paths.index.exists(), paths.warc_dir.is_dir()
        except OSError as error:  # a folder that may not be looked into, or a name that is too long
            raise StorageError(
                f"cannot look into {data_dir}: {error.strerror}. Choose another folder with --archive DIR"
            ) from error
        if not has_index:
            if has_warcs:
                raise StorageError(f"{data_dir} has WARC files and no index: run `archiver reindex --archive {data_dir}`")
            raise UsageError(f"there is no archive in {data_dir}: begin one with `archiver crawl URL --archive {data_dir}`")
        return cls(paths, open_index_to_read(paths.index))

    def close(self) -> None:
        self.index.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        self.close()
        if error is not None and type(error) in DAMAGE:
            raise self._damaged(error) from error

    def __repr__(self) -> str:
        return f"<Archive {str(self.paths.data_dir)!r}>"

    # --- finding ----------------------------------------------------------------------------------------------------------

    def find(self, scrap: str) -> FindResults:
        """Posts, pages and embeds by whatever is left of them; empty where the archive does not know it.

        `scrap` is a short link (`pic.twitter.com/x`, `t.co/x`), a post's URL in any form, an id, `@handle`, the address or key of
        a picture, a page's URL, or a sha256. It is looked up in the index alone: no file is looked for, whatever it looks like.
        """
        with self._reading():
            return find.find(self.index, scrap)

    def find_file(self, path: str | os.PathLike[str]) -> FindResults:
        """What showed the file at `path`; of a picture also what showed pictures that look like it (`distance` at their media).

        Raises `UsageError` where there is no such file or it cannot be read.
        """
        with self._reading():
            return find.find_file(self.index, Path(path))

    def search(
        self, words: str, *, platform: str | None = None, author: str | None = None, site: str | None = None,
        since: str | None = None, until: str | None = None, limit: int = 20,
    ) -> Iterator[SearchResult]:  # fmt: skip
        """Full text over posts, embeds and pages, best first.

        All words must occur; `"a phrase"`, `-not`, `prefix*`. `site` is the host of the page, or of a page that embeds the post.
        `since` and `until` are days (`2022-09-10`) or times, both included: of posts by when they were posted, of pages by when
        they were published; what has no date is left out then. Raises `UsageError` for words or dates that say nothing.
        """
        with self._reading():
            results = search.search(self.index, Query(words, platform, author, site, since, until, limit))
        return self._iterated(results)

    # --- reading bytes ----------------------------------------------------------------------------------------------------

    def response_at(self, warc: str, offset: int, length: int | None = None) -> "CapturedResponse | None":
        """The response in the record at this place; None where it is no HTTP response. Raises `BadRecord`."""
        from archiver.recording.warc_responses import read_response  # 0.1 s, which `find` does without  # noqa: PLC0415
        from archiver.storage.warc.reader import read_record  # noqa: PLC0415

        return read_response(read_record(self.paths.data_dir / warc, offset, length))

    def resource_at(self, warc: str, offset: int, length: int | None = None) -> "CapturedResponse | None":
        """The file in the resource record at this place (a screenshot); None where it is another kind of record.

        Raises `BadRecord`.
        """
        from archiver.recording.warc_responses import read_resource  # 0.1 s, which `find` does without  # noqa: PLC0415
        from archiver.storage.warc.reader import read_record  # noqa: PLC0415

        record = read_record(self.paths.data_dir / warc, offset, length)
        return read_resource(record) if record.record_type == "resource" else None

    # --- damage -----------------------------------------------------------------------------------------------------------

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Damage of the index that comes to light inside is a `StorageError`."""
        try:
            yield
        except DAMAGE as error:
            if type(error) in DAMAGE:
                raise self._damaged(error) from error
            raise

    def _damaged(self, error: BaseException) -> StorageError:
        return StorageError(f"{self.paths.index} cannot be read ({error}): `archiver reindex` makes it anew")

    def _iterated(self, items: Iterator[Item]) -> Iterator[Item]:
        with self._reading():
            yield from items
